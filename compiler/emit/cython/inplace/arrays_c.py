"""The C text for ``array.array`` in place: its items are read and stored where the array keeps them.

The interpreter's headers do not tell how an array is laid out. That is learned from the first that is met:
what is taken for its fields has to be what the buffer protocol says of it, else no array is known.
"""

# By type code: the type in C, and the family of what it gives.
CODES = {
    "b": ("signed char", "int"),
    "B": ("unsigned char", "int"),
    "h": ("short", "int"),
    "H": ("unsigned short", "int"),
    "i": ("int", "int"),
    "I": ("unsigned int", "int"),
    "l": ("long", "int"),
    "L": ("unsigned long", "int"),
    "q": ("long long", "int"),
    "Q": ("unsigned long long", "int"),
    "f": ("float", "float"),
    "d": ("double", "float"),
}

ARRAY_LAYOUT_C = r"""
typedef struct { PyObject_VAR_HEAD char *items; Py_ssize_t room; const void *code; } sf_array;
#define SF_ITEMS(o) (((sf_array *)(o))->items)
/* Bytes of an array as they were, at an offset. */
static void sf_array_back(PyObject *o, Py_ssize_t at, PyObject *old) {
    Py_buffer view;
    if (PyObject_GetBuffer(o, &view, PyBUF_SIMPLE) < 0) return;
    if (at + PyBytes_GET_SIZE(old) <= view.len)
        memcpy((char *)view.buf + at, PyBytes_AS_STRING(old), (size_t)PyBytes_GET_SIZE(old));
    PyBuffer_Release(&view);
}
"""

_COMMON = r"""
/* The class, and by type code what an array of it points to. */
static PyTypeObject *sf_array_type = NULL;
static const void *sf_array_codes[128];
static Py_ssize_t sf_array_size(int code) {
    switch (code) {
@SIZES@
    }
    return 0;
}
/* Whether ``o`` is an array whose layout is the one above; then all of its type code are. */
static int sf_array_learn(PyObject *o) {
    PyTypeObject *type = Py_TYPE(o);
    sf_array *a = (sf_array *)o;
    Py_buffer view;
    int i, code, fits;
    if (strcmp(type->tp_name, "array.array") || type->tp_base != &PyBaseObject_Type
            || type->tp_basicsize < (Py_ssize_t)sizeof(sf_array) || (sf_array_type && sf_array_type != type)
            || !Py_SIZE(o))
        return 0;
    if (PyObject_GetBuffer(o, &view, PyBUF_FORMAT) < 0) { PyErr_Clear(); return 0; }
    code = view.format ? view.format[0] & 127 : 0;
    fits = code && !view.format[1] && view.buf == a->items && view.itemsize == sf_array_size(code)
        && view.len == Py_SIZE(o) * view.itemsize && a->room >= Py_SIZE(o) && a->code;
    for (i = 0; i < 128; i++) fits = fits && (sf_array_codes[i] == a->code) <= (i == code);
    PyBuffer_Release(&view);
    if (!fits || (sf_array_codes[code] && sf_array_codes[code] != a->code)) return 0;
    if (!sf_array_type) { Py_INCREF(type); sf_array_type = type; }
    sf_array_codes[code] = a->code;
    return 1;
}
static Py_NO_INLINE int sf_array_asked(PyObject *o, int code) {
    if (sf_array_codes[code] || !sf_array_learn(o)) return 0;
    return ((sf_array *)o)->code == sf_array_codes[code];
}
static inline long long sf_array_len(PyObject *o) { return Py_SIZE(o); }

/* Keep a part of an array that came in, once, before something is stored to it. */
#define SF_PART 8  /* 256 bytes */
static Py_NO_INLINE int sf_array_noted(sf_pool *p, PyObject *o, size_t part, Py_ssize_t size) {
    int known = sf_marked(p, o, (void *)part);
    if (known < 0) return -1;
    if (!known) {
        Py_ssize_t from = (Py_ssize_t)part << SF_PART, left = Py_SIZE(o) * size - from;
        PyObject *old = PyBytes_FromStringAndSize(SF_ITEMS(o) + from, left < 1 << SF_PART ? left : 1 << SF_PART);
        if (!old) return -1;
        if (sf_note(p, o, from, old) < 0) { Py_DECREF(old); return -1; }
    }
    p->array = o; p->part = part;
    return 0;
}
static Py_NO_INLINE int sf_array_grown(PyObject *o, PyObject *v) {
    static PyObject *name = NULL;
    PyObject *none = NULL;
    if (v && (name || (name = PyUnicode_InternFromString("append"))))
        none = PyObject_CallMethodOneArg(o, name, v);
    Py_XDECREF(v);
    Py_XDECREF(none);
    return none ? 0 : -1;
}
#define SF_ARRAY(C, T, R, BOX, FITS, GIVES, BAD) \
static inline int sf_is_array_##C(PyObject *o) { \
    const void *code = sf_array_codes[#C[0]]; \
    if (Py_TYPE(o) == sf_array_type && ((sf_array *)o)->code == code) return 1; \
    return sf_array_asked(o, #C[0]); \
} \
static inline R sf_array_at_##C(PyObject *o, long long i) { \
    long long n = Py_SIZE(o); \
    T v; \
    if (i < 0) i += n; \
    if (i < 0 || i >= n) return BAD(); \
    v = ((T *)SF_ITEMS(o))[i]; \
    return GIVES ? (R)v : BAD(); \
} \
static inline int sf_array_put_##C(sf_pool *p, PyObject *o, long long i, R v) { \
    long long n = Py_SIZE(o); \
    if (i < 0) i += n; \
    if (i < 0 || i >= n || !(FITS)) return sf_deopt(); \
    if (p) { \
        size_t part = ((size_t)i * sizeof(T)) >> SF_PART; \
        if ((p->array != o || p->part != part) && sf_array_noted(p, o, part, sizeof(T)) < 0) return -1; \
    } \
    ((T *)SF_ITEMS(o))[i] = (T)v; \
    return 0; \
} \
/* At the end of one that was made in the call, so that nothing else looks at it. */ \
static inline int sf_array_append_##C(PyObject *o, R v) { \
    long long n = Py_SIZE(o); \
    if (!(FITS)) return sf_deopt(); \
    if (n >= ((sf_array *)o)->room) return sf_array_grown(o, BOX(v)); \
    ((T *)SF_ITEMS(o))[n] = (T)v; \
    Py_SET_SIZE(o, n + 1); \
    return 0; \
}
#define SF_ARRAY_INT(C, T) SF_ARRAY(C, T, long long, PyLong_FromLongLong, (long long)(T)v == v && ((T)-1 < 0 || v >= 0), \
    sizeof(T) < 8 || (T)-1 < 0 || v <= (T)LLONG_MAX, sf_bad)
/* An array shows which NaN it holds: the one that Python computes may be another. */
#define SF_ARRAY_FLOAT(C, T) SF_ARRAY(C, T, double, PyFloat_FromDouble, v == v, 1, sf_badf)
@FAMILIES@

/* A new array of numbers in a list or tuple, of bytes or of another array. */
static PyObject *sf_new_array(int code, PyObject *given) {
    PyObject *module = NULL, *type = NULL, *made = NULL;
    Py_ssize_t i;
    if (PyList_CheckExact(given) || PyTuple_CheckExact(given)) {
        for (i = 0; i < PySequence_Fast_GET_SIZE(given); i++) {
            PyObject *x = PySequence_Fast_GET_ITEM(given, i);
            if (!sf_is_number(x) || (PyFloat_CheckExact(x) && isnan(PyFloat_AS_DOUBLE(x)))) return sf_declined();
        }
    } else if (!PyBytes_CheckExact(given) && !PyByteArray_CheckExact(given)
            && (!sf_array_type || Py_TYPE(given) != sf_array_type))
        return sf_declined();
    if (sf_array_type) type = Py_NewRef((PyObject *)sf_array_type);
    else {
        module = PyImport_ImportModule("array");
        if (module) type = PyObject_GetAttrString(module, "array");
        Py_XDECREF(module);
    }
    if (type && !sf_array_codes[code]) {
        PyObject *one = PyObject_CallFunction(type, "C(i)", code, 1);
        if (one && !sf_array_learn(one)) sf_deopt();
        Py_XDECREF(one);
    }
    if (type && !PyErr_Occurred()) made = PyObject_CallFunction(type, "CO", code, given);
    Py_XDECREF(type);
    return made;
}
"""


def arrays_c() -> str:
    """The C text, one family of helpers for each type code."""
    sizes = "\n".join(f"    case '{code}': return sizeof({c});" for code, (c, _) in CODES.items())
    families = "\n".join(f"SF_ARRAY_{k.upper()}({code}, {c})" for code, (c, k) in CODES.items())
    return _COMMON.replace("@SIZES@", sizes).replace("@FAMILIES@", families)
