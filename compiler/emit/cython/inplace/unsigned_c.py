"""The C text for ints from 0 to 2**64 - 1: what leaves that range is left to the original."""

WHOLE = "long long"
UNSIGNED = "unsigned long long"

UNSIGNED_C = r"""
static Py_NO_INLINE unsigned long long sf_unsigned_of(PyObject *o) {
    unsigned long long r = PyLong_AsUnsignedLongLong(o);
    if (r == (unsigned long long)-1 && PyErr_Occurred()) { PyErr_Clear(); return sf_bad(); }
    return r;
}
static inline unsigned long long sf_exact_unsigned(PyObject *o) {
    return PyLong_CheckExact(o) ? sf_unsigned_of(o) : (unsigned long long)sf_bad();
}
static inline long long sf_signed(unsigned long long a) {
    return a > LLONG_MAX ? sf_bad() : (long long)a;
}
static inline unsigned long long sf_unsigned(long long a) { return a < 0 ? sf_bad() : a; }
/* The builtins compute with any number of bits, and say whether the range holds what comes out. */
#define SF_UNSIGNED(NAME) \
static inline unsigned long long sf_u_##NAME(unsigned long long a, unsigned long long b) { \
    unsigned long long r; return __builtin_##NAME##_overflow(a, b, &r) ? sf_bad() : r; \
} \
static inline unsigned long long sf_ui_##NAME(unsigned long long a, long long b) { \
    unsigned long long r; return __builtin_##NAME##_overflow(a, b, &r) ? sf_bad() : r; \
}
SF_UNSIGNED(add) SF_UNSIGNED(sub) SF_UNSIGNED(mul)
static inline unsigned long long sf_u_floordiv(unsigned long long a, unsigned long long b) {
    return b ? a / b : (unsigned long long)sf_bad();
}
static inline unsigned long long sf_u_mod(unsigned long long a, unsigned long long b) {
    return b ? a % b : (unsigned long long)sf_bad();
}
static inline unsigned long long sf_u_shl(unsigned long long a, long long s) {
    if (s < 0) return sf_bad();
    if (a == 0) return 0;
    return s > 63 || a > (ULLONG_MAX >> s) ? (unsigned long long)sf_bad() : a << s;
}
static inline unsigned long long sf_u_shr(unsigned long long a, long long s) {
    if (s < 0) return sf_bad();
    return s > 63 ? 0 : a >> s;
}
/* Rounded once: the quotient has 63 bits or more, and its last one says whether there is a rest. */
static double sf_u_truediv(unsigned long long a, unsigned long long b) {
    unsigned __int128 up, q;
    int zeros;
    if (!b) return sf_badf();
    if (!a) return 0.0;
    zeros = __builtin_clzll(a);
    up = (unsigned __int128)(a << zeros) << 64;
    q = up / b;
    q |= up % b != 0;
    return ldexp((double)q, -64 - zeros);
}
/* Less than 0, 0, or more, as ``a`` is less than ``b``, equal to it, or more. */
static inline int sf_ui_order(unsigned long long a, long long b) {
    if (b < 0) return 1;
    return (a > (unsigned long long)b) - (a < (unsigned long long)b);
}
"""


def unsigned_declarations() -> dict[str, str]:
    """The helpers' Cython declarations."""
    found = {
        "exact_unsigned": f"{UNSIGNED} sf_exact_unsigned(object)",
        "signed": f"{WHOLE} sf_signed({UNSIGNED})",
        "unsigned": f"{UNSIGNED} sf_unsigned({WHOLE})",
        "u_truediv": f"double sf_u_truediv({UNSIGNED}, {UNSIGNED})",
        "ui_order": f"int sf_ui_order({UNSIGNED}, {WHOLE})",
    }
    for name in ("add", "sub", "mul", "floordiv", "mod"):
        found[f"u_{name}"] = f"{UNSIGNED} sf_u_{name}({UNSIGNED}, {UNSIGNED})"
    for name in ("add", "sub", "mul"):
        found[f"ui_{name}"] = f"{UNSIGNED} sf_ui_{name}({UNSIGNED}, {WHOLE})"
    for name in ("shl", "shr"):
        found[f"u_{name}"] = f"{UNSIGNED} sf_u_{name}({UNSIGNED}, {WHOLE})"
    return {f"sf_{name}": text for name, text in found.items()}
