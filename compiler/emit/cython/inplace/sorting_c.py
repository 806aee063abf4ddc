"""The C text that sorts what Python sorts without code of the user's."""

SORTING_C = r"""
/* The items at the places that stand beside their keys. */
static PyObject *sf_by_keys(PyObject *items, PyObject *keys) {
    Py_ssize_t i, n = PyList_GET_SIZE(keys);
    PyObject *r = PyList_New(n);
    for (i = 0; r && i < n; i++) {
        long long at = sf_int_of(PyTuple_GET_ITEM(PyList_GET_ITEM(keys, i), 1));
        PyList_SET_ITEM(r, i, sf_kept(PyList_GET_ITEM(items, at < 0 ? -at : at)));
    }
    return r;
}
/* Whether sorting runs no code of the user's. */
static int sf_orderly(PyObject *o, int deep) {
    Py_ssize_t i;
    if (PyFloat_CheckExact(o)) return !isnan(PyFloat_AS_DOUBLE(o));
    if (PyLong_CheckExact(o) || PyUnicode_CheckExact(o) || PyBool_Check(o)) return 1;
    if (!sf_is_row(o) || !deep) return 0;
    for (i = 0; i < PyTuple_GET_SIZE(o); i++)
        if (!sf_orderly(PyTuple_GET_ITEM(o, i), deep - 1)) return 0;
    return 1;
}
/* Sorts tuples by their first ``n`` items, where no two have the same: what is behind is never looked at. */
static int sf_sort_by_first(sf_pool *p, PyObject *o, Py_ssize_t n, int backwards) {
    PyObject *keys = PyList_New(0), *sorted = NULL;
    Py_ssize_t i;
    int r = -1;
    for (i = 0; keys && i < PyList_GET_SIZE(o); i++) {
        PyObject *first = PyTuple_GetSlice(PyList_GET_ITEM(o, i), 0, n);
        PyObject *key = first ? Py_BuildValue("(Nn)", first, i) : NULL;
        if (!key || PyList_Append(keys, key) < 0) { Py_XDECREF(key); goto end; }
        Py_DECREF(key);
    }
    if (!keys || PyList_Sort(keys) < 0) goto end;
    for (i = 1; i < PyList_GET_SIZE(keys); i++) {
        PyObject *a = PyList_GET_ITEM(keys, i - 1), *b = PyList_GET_ITEM(keys, i);
        int same = sf_same(PyTuple_GET_ITEM(a, 0), PyTuple_GET_ITEM(b, 0));
        if (same) { if (same > 0) sf_deopt(); goto end; }
    }
    sorted = sf_by_keys(o, keys);
    if (!sorted || (backwards && PyList_Reverse(sorted) < 0)) goto end;
    if (p && sf_note_all(p, o) < 0) goto end;
    r = PyList_SetSlice(o, 0, PyList_GET_SIZE(o), sorted);
end:
    Py_XDECREF(keys);
    Py_XDECREF(sorted);
    return r;
}
static int sf_list_sort(sf_pool *p, PyObject *o, int backwards) {
    Py_ssize_t i, n = PY_SSIZE_T_MAX;
    for (i = 0; i < PyList_GET_SIZE(o); i++) {
        PyObject *item = PyList_GET_ITEM(o, i);
        Py_ssize_t first = 0;
        if (sf_orderly(item, 4)) continue;
        if (!sf_is_row(item)) return sf_deopt();
        while (sf_orderly(PyTuple_GET_ITEM(item, first), 3)) first++;  /* some item is not */
        if (first < n) n = first;
    }
    if (n != PY_SSIZE_T_MAX) {
        for (i = 0; n && i < PyList_GET_SIZE(o); i++) {
            PyObject *item = PyList_GET_ITEM(o, i);
            if (!sf_is_row(item) || PyTuple_GET_SIZE(item) < n) n = 0;
        }
        return n ? sf_sort_by_first(p, o, n, backwards) : sf_deopt();
    }
    if (p && sf_note_all(p, o) < 0) return -1;
    if (backwards && PyList_Reverse(o) < 0) return -1;
    if (PyList_Sort(o) < 0) return -1;
    return backwards ? PyList_Reverse(o) : 0;
}
/* Where bisect puts ``x`` in a list, behind its equals (``right``) or before them. */
static long long sf_bisect(PyObject *o, PyObject *x, int right) {
    Py_ssize_t low = 0, high = PyList_GET_SIZE(o);
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        PyObject *held = PyList_GET_ITEM(o, middle);
        int before = right ? sf_before(x, held) : sf_before(held, x);
        if (before < 0) return -2;
        if (before != right) low = middle + 1; else high = middle;
    }
    return low;
}
"""
