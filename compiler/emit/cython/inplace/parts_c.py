"""The C text for slices of lists, tuples, texts and bytes."""

PARTS_C = r"""
static PyObject *sf_slice(long long from, long long to, long long by) {
    PyObject *start = PyLong_FromLongLong(from), *stop = PyLong_FromLongLong(to);
    PyObject *step = PyLong_FromLongLong(by), *made = NULL;
    if (start && stop && step) made = PySlice_New(start, stop, step);
    Py_XDECREF(start); Py_XDECREF(stop); Py_XDECREF(step);
    return made;
}
/* A part of a bytearray that was made in the call gets other bytes. */
static int sf_bytes_splice(PyObject *o, long long from, long long to, long long by, PyObject *v) {
    PyObject *slice = sf_failed ? NULL : sf_slice(from, to, by);
    int r = slice ? PyObject_SetItem(o, slice, v) : sf_deopt();
    Py_XDECREF(slice);
    return r;
}
/* Every by-th letter of a text, or byte of bytes: n of them. */
static PyObject *sf_letters(PyObject *o, Py_ssize_t start, Py_ssize_t n, Py_ssize_t by) {
    int text = PyUnicode_CheckExact(o);
    int size = text ? (int)PyUnicode_KIND(o) : 1;
    const char *from = text ? (const char *)PyUnicode_DATA(o) : PyBytes_AS_STRING(o);
    char *to;
    PyObject *r;
    Py_ssize_t i;
    if (n <= 0) return text ? PyUnicode_FromStringAndSize(NULL, 0) : PyBytes_FromStringAndSize(NULL, 0);
    to = (char *)PyMem_Malloc(n * size);
    if (!to) return PyErr_NoMemory();
    for (i = 0; i < n; i++) memcpy(to + i * size, from + (start + i * by) * size, size);
    r = text ? PyUnicode_FromKindAndData(size, to, n) : PyBytes_FromStringAndSize(to, n);
    PyMem_Free(to);
    return r;
}
/* A part of an exact list, tuple, str or bytes. */
static PyObject *sf_range_list(long long n, long long start, long long step) {
    PyObject *r = PyList_New(n);
    long long i;
    for (i = 0; r && i < n; i++) {
        PyObject *item = PyLong_FromLongLong(start + i * step);
        if (!item) Py_CLEAR(r); else PyList_SET_ITEM(r, i, item);
    }
    return r;
}
static PyObject *sf_part(PyObject *o, long long from, long long to, long long by) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, n, i;
    PyObject *r;
    if (PyByteArray_CheckExact(o) || Py_TYPE(o) == sf_array_type) {
        PyObject *slice = sf_slice(from, to, by);
        r = slice ? PyObject_GetItem(o, slice) : NULL;
        Py_XDECREF(slice);
        return r;
    }
    n = PySlice_AdjustIndices(PyUnicode_CheckExact(o) ? PyUnicode_GET_LENGTH(o) : Py_SIZE(o), &start, &stop,
                              (Py_ssize_t)by);
    if (by == 1) {
        if (PyUnicode_CheckExact(o)) return PyUnicode_Substring(o, start, start + n);
        if (PyList_CheckExact(o)) return PyList_GetSlice(o, start, start + n);
        return PySequence_GetSlice(o, start, start + n);
    }
    if (PyUnicode_CheckExact(o) || PyBytes_CheckExact(o)) return sf_letters(o, start, n, by);
    if (!PyList_CheckExact(o) && !PyTuple_CheckExact(o)) { sf_deopt(); return NULL; }
    r = PyList_CheckExact(o) ? PyList_New(n) : PyTuple_New(n);
    for (i = 0; r && i < n; i++) {
        PyObject *x = sf_kept(PySequence_Fast_GET_ITEM(o, start + i * by));
        if (PyList_CheckExact(o)) PyList_SET_ITEM(r, i, x); else PyTuple_SET_ITEM(r, i, x);
    }
    return r;
}
"""
