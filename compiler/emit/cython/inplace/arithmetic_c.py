"""The C text for operators on numbers of unknown type: the objects that Python gives, or a deopt.

Ints may have any number of bits; texts are added, too. No code of the user's runs, nor a signal handler:
Python looks for signals where it multiplies or divides by long ints, so products of more than 128 bits
and quotients of more than 64 are left to the original.
"""

ARITHMETIC = ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift")

ARITHMETIC_C = r"""
static Py_NO_INLINE PyObject *sf_declined(void) { sf_deopt(); return NULL; }
static inline int sf_is_int(PyObject *o) { return PyLong_CheckExact(o) || PyBool_Check(o); }
static inline int sf_is_number(PyObject *o) { return PyFloat_CheckExact(o) || sf_is_int(o); }
/* An int or bool that has at most 64 bits. */
static inline int sf_short(PyObject *o, long long *v) {
    int overflow;
    *v = PyLong_AsLongLongAndOverflow(o, &overflow);
    return !overflow;
}
static PyObject *sf_product(long long x, long long y) {
    unsigned char bytes[16];
    __int128 r = (__int128)x * y;
    int i;
    for (i = 0; i < 16; i++) bytes[i] = (unsigned char)(r >> (8 * i));
    return _PyLong_FromByteArray(bytes, 16, 1, 1);
}
#define SF_ARITHMETIC(NAME, SIGN, LONG, OTHER) \
static PyObject *sf_any_##NAME(PyObject *a, PyObject *b) { \
    long long x, y, r; \
    if (PyFloat_CheckExact(a) && PyFloat_CheckExact(b)) \
        return PyFloat_FromDouble(PyFloat_AS_DOUBLE(a) SIGN PyFloat_AS_DOUBLE(b)); \
    if (sf_is_int(a) && sf_is_int(b)) { \
        if (!sf_short(a, &x) || !sf_short(b, &y)) return LONG(a, b); \
        if (!__builtin_##NAME##_overflow(x, y, &r)) return PyLong_FromLongLong(r); \
        return OTHER; \
    } \
    if (sf_is_number(a) && sf_is_number(b)) { \
        double d = PyFloat_AsDouble(a), e = PyFloat_AsDouble(b); \
        return PyErr_Occurred() ? NULL : PyFloat_FromDouble(d SIGN e); \
    } \
    return sf_text_##NAME(a, b); \
}
#define sf_text_sub(a, b) sf_declined()
#define sf_text_mul(a, b) sf_declined()
#define sf_long_mul(a, b) sf_declined()
static PyObject *sf_text_add(PyObject *a, PyObject *b) {
    if (PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b)) return PyUnicode_Concat(a, b);
    return sf_declined();
}
SF_ARITHMETIC(add, +, PyNumber_Add, PyNumber_Add(a, b))
SF_ARITHMETIC(sub, -, PyNumber_Subtract, PyNumber_Subtract(a, b))
SF_ARITHMETIC(mul, *, sf_long_mul, sf_product(x, y))

#define SF_DIVISION(NAME, WHOLE, REAL) \
static PyObject *sf_any_##NAME(PyObject *a, PyObject *b) { \
    long long x, y; \
    double d, e; \
    if (sf_is_int(a) && sf_is_int(b)) { \
        if (!sf_short(a, &x) || !sf_short(b, &y)) return sf_declined(); \
        if (!y || (y == -1 && x == LLONG_MIN)) return sf_declined(); \
        return PyLong_FromLongLong(WHOLE(x, y)); \
    } \
    if (!sf_is_number(a) || !sf_is_number(b)) return sf_declined(); \
    d = PyFloat_AsDouble(a); e = PyFloat_AsDouble(b); \
    if (PyErr_Occurred()) return NULL; \
    if (e == 0.0) return sf_declined(); \
    return PyFloat_FromDouble(REAL(d, e)); \
}
SF_DIVISION(floordiv, sf_floordiv, sf_ffloordiv)
SF_DIVISION(mod, sf_mod, sf_fmod)

#define SF_BITS(NAME, WHAT) \
static PyObject *sf_any_##NAME(PyObject *a, PyObject *b) { \
    return sf_is_int(a) && sf_is_int(b) ? PyNumber_##WHAT(a, b) : sf_declined(); \
}
SF_BITS(and, And) SF_BITS(or, Or) SF_BITS(xor, Xor)
#define SF_SHIFT(NAME, WHAT) \
static PyObject *sf_any_##NAME(PyObject *a, PyObject *b) { \
    long long by; \
    if (!sf_is_int(a) || !sf_is_int(b) || !sf_short(b, &by) || by < 0 || by > 4096) \
        return sf_declined(); \
    return PyNumber_##WHAT(a, b); \
}
SF_SHIFT(lshift, Lshift) SF_SHIFT(rshift, Rshift)
static PyObject *sf_any_neg(PyObject *o) {
    return sf_is_number(o) ? PyNumber_Negative(o) : sf_declined();
}
static PyObject *sf_any_invert(PyObject *o) {
    return PyLong_CheckExact(o) ? PyNumber_Invert(o) : sf_declined();  /* of a bool, Python warns */
}
/* ``a < b`` and the like of two numbers, two texts, or what holds such. */
static int sf_any_order(PyObject *a, PyObject *b, int op) {
    if (PyFloat_CheckExact(a) && PyFloat_CheckExact(b)) {
        double d = PyFloat_AS_DOUBLE(a), e = PyFloat_AS_DOUBLE(b);
        return op == Py_LT ? d < e : op == Py_LE ? d <= e : op == Py_GT ? d > e : d >= e;
    }
    if ((sf_is_number(a) && sf_is_number(b)) || (PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b)))
        return PyObject_RichCompareBool(a, b, op);
    {
        int found = op == Py_LT || op == Py_GE ? sf_before(a, b) : sf_before(b, a);
        return found < 0 || op == Py_LT || op == Py_GT ? found : !found;
    }
}
"""
