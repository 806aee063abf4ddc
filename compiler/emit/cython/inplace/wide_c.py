"""The C text for numbers that may be ints or floats, as a double and whether Python has an int."""

WIDE_C = r"""
static inline double sf_wide(PyObject *o, int *is_int) {
    *is_int = PyLong_CheckExact(o);
    if (*is_int) return sf_exact(sf_int_of(o));
    return sf_exact_float(o);
}
/* ``a // b`` and ``a % b`` of an int or a float each; ints as they come are below 2**53. */
static inline double sf_wide_floordiv(double a, int a_int, double b, int b_int) {
    if (a_int && b_int) return (double)sf_floordiv((long long)a, (long long)b);
    return sf_ffloordiv(a, b);
}
static inline double sf_wide_mod(double a, int a_int, double b, int b_int) {
    if (a_int && b_int) return (double)sf_mod((long long)a, (long long)b);
    return sf_fmod(a, b);
}
/* What two numbers give where both may be ints: exact while it stays small, and no -0. */
static inline double sf_wide_of(double r, int is_int) {
    if (!is_int) return r;
    return fabs(r) < 9007199254740992.0 ? r + 0.0 : sf_badf();
}
"""
