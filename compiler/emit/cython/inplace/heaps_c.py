"""The C text for heaps in lists."""

HEAPS_C = r"""
/* heapq's own steps, so that equal items end up in the same places. */
static int sf_heap_down(PyObject *o, Py_ssize_t start, Py_ssize_t at) {
    PyObject **items = ((PyListObject *)o)->ob_item;
    while (at > start) {
        Py_ssize_t up = (at - 1) >> 1;
        PyObject *x = items[at];
        int r = sf_before(x, items[up]);
        if (r < 0) return r;
        if (!r) break;
        items[at] = items[up]; items[up] = x;
        at = up;
    }
    return 0;
}
static int sf_heap_up(PyObject *o, Py_ssize_t at) {
    PyObject **items = ((PyListObject *)o)->ob_item;
    Py_ssize_t start = at, end = PyList_GET_SIZE(o), limit = end >> 1;
    while (at < limit) {
        Py_ssize_t child = 2 * at + 1;
        PyObject *x;
        if (child + 1 < end) {
            int r = sf_before(items[child], items[child + 1]);
            if (r < 0) return r;
            child += !r;
        }
        x = items[child]; items[child] = items[at]; items[at] = x;
        at = child;
    }
    return sf_heap_down(o, start, at);
}
/* The same steps one by one, for instances that say themselves what comes first. */
static int sf_heap_add(sf_pool *p, PyObject *o, PyObject *v) {
    if (p && sf_note_all(p, o) < 0) return -1;
    return PyList_Append(o, v);
}
static inline void sf_heap_swap(PyObject *o, long long i, long long j) {
    PyObject **items = ((PyListObject *)o)->ob_item, *x = items[i];
    items[i] = items[j]; items[j] = x;
}
/* The first item, with the last in its place. */
static PyObject *sf_heap_first(sf_pool *p, PyObject *o) {
    Py_ssize_t n = PyList_GET_SIZE(o);
    PyObject *last, *first;
    if (!n) { sf_deopt(); return NULL; }
    if (p && sf_note_all(p, o) < 0) return NULL;
    last = sf_kept(PyList_GET_ITEM(o, n - 1));
    if (PyList_SetSlice(o, n - 1, n, NULL) < 0) { Py_DECREF(last); return NULL; }
    if (n == 1) return last;
    first = PyList_GET_ITEM(o, 0);
    PyList_SET_ITEM(o, 0, last);
    return first;
}
static int sf_heap_push(sf_pool *p, PyObject *o, PyObject *v) {
    if (p && sf_note_all(p, o) < 0) return -1;
    if (PyList_Append(o, v) < 0) return -1;
    return sf_heap_down(o, 0, PyList_GET_SIZE(o) - 1);
}
static PyObject *sf_heap_pop(sf_pool *p, PyObject *o) {
    PyObject *first = sf_heap_first(p, o);
    if (first && PyList_GET_SIZE(o) > 1 && sf_heap_up(o, 0) < 0) Py_CLEAR(first);
    return first;
}
static PyObject *sf_heap_pushpop(sf_pool *p, PyObject *o, PyObject *v, int replace) {
    PyObject *first;
    int r;
    if (!PyList_GET_SIZE(o)) { if (replace) { sf_deopt(); return NULL; } return sf_kept(v); }
    if (p && sf_note_all(p, o) < 0) return NULL;
    first = PyList_GET_ITEM(o, 0);
    r = replace ? 1 : sf_before(first, v);
    if (r < 0) return NULL;
    if (!r) return sf_kept(v);
    PyList_SET_ITEM(o, 0, sf_kept(v));
    if (sf_heap_up(o, 0) < 0) { Py_DECREF(first); return NULL; }
    return first;
}
static int sf_heapify(sf_pool *p, PyObject *o) {
    Py_ssize_t i, n = PyList_GET_SIZE(o);
    if (n > 2500) return sf_deopt();  /* there heapq goes another way */
    if (p && sf_note_all(p, o) < 0) return -1;
    for (i = (n >> 1) - 1; i >= 0; i--) if (sf_heap_up(o, i) < 0) return -1;
    return 0;
}
"""
