"""The C text for lists in place. ``p`` is NULL where the list was made in the call."""

LISTS_C = r"""
static inline int sf_list_append(sf_pool *p, PyObject *o, PyObject *v) {
    return p ? sf_seq_append_object(p, o, v) : PyList_Append(o, v);
}
static inline int sf_list_put(sf_pool *p, PyObject *o, long long i, PyObject *v) {
    long long n = PyList_GET_SIZE(o);
    PyObject *old;
    if (p) return sf_seq_put_object(p, o, i, v);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return sf_deopt();
    old = PyList_GET_ITEM(o, i);
    Py_INCREF(v);
    PyList_SET_ITEM(o, i, v);
    Py_DECREF(old);
    return 0;
}
static inline int sf_list_put_float(sf_pool *p, PyObject *o, long long i, double v) {
    long long n = PyList_GET_SIZE(o), at = i < 0 ? i + n : i;
    PyObject *old, *x;
    int r;
    if (at < 0 || at >= n || v != v) return sf_deopt();  /* NaN is told by its identity */
    old = PyList_GET_ITEM(o, at);
    if (sf_ours(p, o, (void *)(size_t)at, old)) { ((PyFloatObject *)old)->ob_fval = v; return 0; }
    x = PyFloat_FromDouble(v);
    r = x ? sf_list_put(p, o, at, x) : -1;
    Py_XDECREF(x);
    return r;
}
static PyObject *sf_list_pop(sf_pool *p, PyObject *o) {
    Py_ssize_t n = PyList_GET_SIZE(o);
    PyObject *old;
    if (p) return sf_seq_pop_object(p, o);
    if (!n) { sf_deopt(); return NULL; }
    old = sf_kept(PyList_GET_ITEM(o, n - 1));
    if (PyList_SetSlice(o, n - 1, n, NULL) < 0) Py_CLEAR(old);
    return old;
}
static PyObject *sf_list_pop_at(sf_pool *p, PyObject *o, long long i) {
    Py_ssize_t n = PyList_GET_SIZE(o);
    PyObject *old;
    if (i < 0) i += n;
    if (i < 0 || i >= n) { sf_deopt(); return NULL; }
    if (p && sf_note_all(p, o) < 0) return NULL;
    old = sf_kept(PyList_GET_ITEM(o, i));
    if (PyList_SetSlice(o, i, i + 1, NULL) < 0) Py_CLEAR(old);
    return old;
}
static int sf_list_insert(sf_pool *p, PyObject *o, long long i, PyObject *v) {
    if (p && sf_note_all(p, o) < 0) return -1;
    return PyList_Insert(o, (Py_ssize_t)i, v);
}
static int sf_list_reverse(sf_pool *p, PyObject *o) {
    if (p && sf_note_all(p, o) < 0) return -1;
    return PyList_Reverse(o);
}
static int sf_list_splice(sf_pool *p, PyObject *o, long long from, long long to, PyObject *v) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to;
    if (p && sf_note_all(p, o) < 0) return -1;
    PySlice_AdjustIndices(PyList_GET_SIZE(o), &start, &stop, 1);
    return PyList_SetSlice(o, start, stop < start ? start : stop, v);
}
/* The items at every by-th place, as many as there are in ``v``; by may be 1, where a list may grow. */
static int sf_list_stride(sf_pool *p, PyObject *o, long long from, long long to, long long by, PyObject *v) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, n, i;
    if (by == 1) return sf_list_splice(p, o, from, to, v);
    n = PySlice_AdjustIndices(PyList_GET_SIZE(o), &start, &stop, (Py_ssize_t)by);
    if (v == o || PySequence_Fast_GET_SIZE(v) != n) return sf_deopt();
    if (p && sf_note_all(p, o) < 0) return -1;
    for (i = 0; i < n; i++) {
        PyObject *old = PyList_GET_ITEM(o, start + i * by), *x = PySequence_Fast_GET_ITEM(v, i);
        PyList_SET_ITEM(o, start + i * by, sf_kept(x));
        Py_DECREF(old);
    }
    return 0;
}
/* What a loop goes through, of which no type was seen: a list or a tuple, or the numbers of a short range. */
static PyObject *sf_row_of(PyObject *o) {
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) return sf_kept(o);
    if (PyRange_Check(o)) {
        Py_ssize_t n = PyObject_Length(o);
        PyObject *row = 0 <= n && n <= 4096 ? PySequence_Tuple(o) : NULL;
        if (row) return row;
        PyErr_Clear();
    }
    sf_deopt();
    return NULL;
}
static PyObject *sf_list_times(PyObject *o, long long n) {
    if (sf_failed || n > (1 << 28)) { sf_deopt(); return NULL; }
    return PySequence_Repeat(o, (Py_ssize_t)n);
}
"""
