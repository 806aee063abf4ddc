"""The C helpers for complex numbers, by CPython's formulas; its errors are left to it."""

import ast

COMPLEX_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "sf_complex_add",
    ast.Sub: "sf_complex_sub",
    ast.Mult: "sf_complex_mul",
    ast.Div: "sf_complex_div",
}

COMPLEX_C = r"""
typedef struct { double real, imag; } sf_complex;
static inline sf_complex sf_complex_of(double real, double imag) {
    sf_complex z; z.real = real; z.imag = imag; return z;
}
static inline PyObject *sf_complex_box(sf_complex z) {
    return PyComplex_FromDoubles(z.real, z.imag);
}
static inline sf_complex sf_complex_in(PyObject *o) {
    return sf_complex_of(PyComplex_RealAsDouble(o), PyComplex_ImagAsDouble(o));
}
static inline sf_complex sf_complex_add(sf_complex a, sf_complex b) {
    return sf_complex_of(a.real + b.real, a.imag + b.imag);
}
static inline sf_complex sf_complex_sub(sf_complex a, sf_complex b) {
    return sf_complex_of(a.real - b.real, a.imag - b.imag);
}
static inline sf_complex sf_complex_neg(sf_complex a) { return sf_complex_of(-a.real, -a.imag); }
static inline sf_complex sf_complex_mul(sf_complex a, sf_complex b) {
    return sf_complex_of(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real);
}
/* By the larger part of the divisor, as _Py_c_quot does. */
static inline sf_complex sf_complex_div(sf_complex a, sf_complex b) {
    double ratio, by;
    if (!isfinite(b.real) || !isfinite(b.imag) || (b.real == 0.0 && b.imag == 0.0)) {
        sf_bad();
        return a;
    }
    if (fabs(b.real) >= fabs(b.imag)) {
        ratio = b.imag / b.real;
        by = b.real + b.imag * ratio;
        return sf_complex_of((a.real + a.imag * ratio) / by, (a.imag - a.real * ratio) / by);
    }
    ratio = b.real / b.imag;
    by = b.real * ratio + b.imag;
    return sf_complex_of((a.real * ratio + a.imag) / by, (a.imag * ratio - a.real) / by);
}
/* By squaring, as c_powu does; an overflow is an error there. */
static inline sf_complex sf_complex_pow(sf_complex a, long long n) {
    sf_complex r = sf_complex_of(1.0, 0.0);
    long long mask = 1;
    for (; mask <= n; mask <<= 1) {
        if (n & mask) r = sf_complex_mul(r, a);
        a = sf_complex_mul(a, a);
    }
    if (!isfinite(r.real) || !isfinite(r.imag)) sf_bad();
    return r;
}
static inline double sf_complex_abs(sf_complex a) {
    double r;
    if (!isfinite(a.real) || !isfinite(a.imag)) return sf_badf();
    r = hypot(a.real, a.imag);
    return isfinite(r) ? r : sf_badf();
}
static inline double sf_complex_real(sf_complex a) { return a.real; }
static inline double sf_complex_imag(sf_complex a) { return a.imag; }
static inline int sf_complex_eq(sf_complex a, sf_complex b) {
    return a.real == b.real && a.imag == b.imag;
}
static inline sf_complex sf_need_complex(sf_complex a, int is_zero) {
    if (is_zero) sf_bad();
    return a;
}
static inline sf_complex sf_complex_zero(long long a) {
    if (a) sf_bad();
    return sf_complex_of(0.0, 0.0);
}
"""


def complex_declarations() -> dict[str, str]:
    """The helpers as Cython declares them."""
    z, two = "sf_complex", "sf_complex, sf_complex"
    given = {
        "complex_of": (z, "double, double"),
        "complex_box": ("object", z),
        "complex_in": (z, "object"),
        "complex_neg": (z, z),
        "complex_pow": (z, "sf_complex, long long"),
        "complex_abs": ("double", z),
        "complex_real": ("double", z),
        "complex_imag": ("double", z),
        "complex_eq": ("bint", two),
        "need_complex": (z, "sf_complex, bint"),
        "complex_zero": (z, "long long"),
    }
    given |= {helper[3:]: (z, two) for helper in COMPLEX_OPERATORS.values()}
    return {f"sf_{which}": f"{r} sf_{which}({a})" for which, (r, a) in given.items()}
