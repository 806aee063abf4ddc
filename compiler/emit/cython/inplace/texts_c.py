"""The C text for letters and tests of texts, and for single bytes."""

CHAR_TESTS = ("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower")

TEXTS_C = r"""
static inline PyObject *sf_letter(PyObject *o, long long i) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(o);
    Py_UCS4 c;
    if (i < 0) i += n;
    if (i < 0 || i >= n) { sf_deopt(); return NULL; }
    c = PyUnicode_READ_CHAR(o, i);
    return PyUnicode_FromOrdinal((int)c);
}
static inline long long sf_ord_of(PyObject *o) {
    return PyUnicode_GET_LENGTH(o) == 1 ? (long long)PyUnicode_READ_CHAR(o, 0) : sf_bad();
}
/* Whether a text holds another, mostly one letter. */
static int sf_text_in(PyObject *t, PyObject *c) {
    Py_ssize_t at;
    if (PyUnicode_GET_LENGTH(c) != 1) return PyUnicode_Contains(t, c);
    at = PyUnicode_FindChar(t, PyUnicode_READ_CHAR(c, 0), 0, PyUnicode_GET_LENGTH(t), 1);
    return at == -2 ? -1 : at >= 0;
}
#define SF_TEST(NAME) static int sf_text_##NAME(PyObject *t) { \
    static PyObject *name = NULL; \
    PyObject *r; \
    int found; \
    if (PyUnicode_GET_LENGTH(t) == 1) return sf_##NAME(PyUnicode_READ_CHAR(t, 0)); \
    if (!name && !(name = PyUnicode_InternFromString(#NAME))) return -1; \
    r = PyObject_CallMethodNoArgs(t, name); \
    found = r ? r == Py_True : -1; \
    Py_XDECREF(r); \
    return found; }
SF_TEST(isdigit) SF_TEST(isalpha) SF_TEST(isalnum) SF_TEST(isspace) SF_TEST(isupper) SF_TEST(islower)
/* Whether a text is a number. What is mostly asked is told without making one. */
static int sf_reads(PyObject *t, PyObject *(*make)(PyObject *)) {
    PyObject *found = make(t);
    if (!found && !PyErr_ExceptionMatches(PyExc_ValueError)) return -1;
    if (!found) PyErr_Clear();
    Py_XDECREF(found);
    return found != NULL;
}
static PyObject *sf_int_from(PyObject *t) { return PyLong_FromUnicodeObject(t, 10); }
static int sf_reads_int(PyObject *t) {
    Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(t);
    if (n && n < 19 && PyUnicode_IS_ASCII(t)) {
        const char *c = (const char *)PyUnicode_1BYTE_DATA(t);
        while (i < n && c[i] >= '0' && c[i] <= '9') i++;
        if (i == n) return 1;
    }
    return sf_reads(t, sf_int_from);
}
static int sf_reads_float(PyObject *t) { return sf_reads(t, PyFloat_FromString); }
/* Bytes, and a bytearray that was made in the call. */
static inline long long sf_byte_len(PyObject *o) {
    return PyBytes_CheckExact(o) ? PyBytes_GET_SIZE(o) : PyByteArray_GET_SIZE(o);
}
static inline long long sf_byte_at(PyObject *o, long long i) {
    long long n = sf_byte_len(o);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return sf_bad();
    return (unsigned char)(PyBytes_CheckExact(o) ? PyBytes_AS_STRING(o) : PyByteArray_AS_STRING(o))[i];
}
static inline int sf_byte_put(PyObject *o, long long i, long long v) {
    long long n = PyByteArray_GET_SIZE(o);
    if (i < 0) i += n;
    if (i < 0 || i >= n || v < 0 || v > 255) return sf_deopt();
    PyByteArray_AS_STRING(o)[i] = (char)v;
    return 0;
}
"""
