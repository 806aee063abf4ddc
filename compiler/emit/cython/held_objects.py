"""The C text for Python objects that were made in the call, and for ``array.array`` arguments."""

OBJECTS = r"""
static inline int sf_objects_cell(sf_list *l, PyObject *v) {
    if (!l->n) return sf_objects_append(l, v);
    Py_INCREF(v);
    Py_SETREF(((PyObject **)l->d)[0], v);
    return 0;
}
static inline int sf_objects_put(sf_list *l, long long i, PyObject *v) {
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return sf_deopt();
    Py_INCREF(v);
    Py_SETREF(((PyObject **)l->d)[i], v);
    return 0;
}
static PyObject *sf_objects_fresh(sf_list *l, PyObject *old) {
    Py_ssize_t i;
    PyObject *r = PyList_New(l->n);
    for (i = 0; r && i < l->n; i++) PyList_SET_ITEM(r, i, sf_kept(((PyObject **)l->d)[i]));
    return r;
}
static PyObject *sf_objects_box(sf_list *l) {
    if (!l->origin) l->origin = sf_objects_fresh(l, NULL);
    Py_XINCREF(l->origin);
    return l->origin;
}
static PyObject *sf_objects_rows_box(sf_list *l) {
    Py_ssize_t i;
    if (!l->origin) {
        PyObject *r = PyList_New(l->n);
        for (i = 0; r && i < l->n; i++) {
            PyObject *x = sf_objects_box(((sf_list **)l->d)[i]);
            if (!x) { Py_CLEAR(r); break; }
            PyList_SET_ITEM(r, i, x);
        }
        l->origin = r;
    }
    Py_XINCREF(l->origin);
    return l->origin;
}
static PyObject *sf_objects_join(PyObject *between, sf_list *l) {
    PyObject *all = sf_objects_fresh(l, NULL), *r;
    if (!all) return NULL;
    r = PyUnicode_Join(between, all);
    Py_DECREF(all);
    return r;
}
static PyObject *sf_chars_join(PyObject *between, sf_list *l) {
    PyObject *all, *r;
    if (!PyUnicode_GET_LENGTH(between))
        return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, l->d, l->n);
    all = sf_chars_fresh(l, NULL);
    if (!all) return NULL;
    r = PyUnicode_Join(between, all);
    Py_DECREF(all);
    return r;
}
/* A part of a text by the rules of slices. */
static PyObject *sf_text_slice(sf_text t, long long from, long long to, long long by) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, n;
    if (by != 1) { sf_deopt(); return NULL; }
    n = PySlice_AdjustIndices(t.n, &start, &stop, 1);
    return PyUnicode_Substring(t.object, start, start + n);
}
static inline PyObject *sf_text_repeat(PyObject *t, long long times) {
    if (sf_failed || times > (1 << 28)) { sf_deopt(); return NULL; }
    return PySequence_Repeat(t, (Py_ssize_t)times);
}
/* Dictionaries and sets that were made in the call; what is missing is left to Python. */
static inline PyObject *sf_dict_object(PyObject *d, PyObject *k) {
    PyObject *v = PyDict_GetItemWithError(d, k);
    if (!v) { if (!PyErr_Occurred()) sf_deopt(); return NULL; }
    return sf_kept(v);
}
static inline PyObject *sf_dict_object_or(PyObject *d, PyObject *k, PyObject *other) {
    PyObject *v = PyDict_GetItemWithError(d, k);
    if (!v && PyErr_Occurred()) return NULL;
    return sf_kept(v ? v : other);
}
static inline PyObject *sf_tuple_object(PyObject *t, long long i) {
    return sf_kept(PyTuple_GET_ITEM(t, i));
}
static inline PyObject *sf_seq_object(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i);
    if (!x) { sf_deopt(); return NULL; }
    return sf_kept(x);
}
static inline PyObject *sf_dict_look(PyObject *d, PyObject *k) {
    PyObject *v = PyDict_GetItemWithError(d, k);
    if (!v && PyErr_Occurred()) { PyErr_Clear(); sf_bad(); }
    return v;
}
#define SF_READ(W, T) \
static inline T sf_dict_##W(PyObject *d, PyObject *k) { \
    PyObject *v = sf_dict_look(d, k); \
    return v ? sf_exact_##W(v) : (T)sf_bad(); \
} \
static inline T sf_dict_##W##_or(PyObject *d, PyObject *k, T other) { \
    PyObject *v = sf_dict_look(d, k); \
    return v ? sf_exact_##W(v) : other; \
} \
static inline T sf_tuple_##W(PyObject *t, long long i) { \
    return sf_exact_##W(PyTuple_GET_ITEM(t, i)); \
}
SF_READ(int, long long) SF_READ(float, double) SF_READ(bool, int)
static inline int sf_dict_put(PyObject *d, PyObject *k, PyObject *v) {
    return PyDict_SetItem(d, k, v);
}
static inline int sf_dict_drop(PyObject *d, PyObject *k) { return PyDict_DelItem(d, k); }
static inline int sf_dict_has(PyObject *d, PyObject *k) { return PyDict_Contains(d, k); }
static inline long long sf_dict_len(PyObject *d) { return PyDict_GET_SIZE(d); }
static inline int sf_set_put(PyObject *s, PyObject *k) { return PySet_Add(s, k); }
static inline int sf_set_drop(PyObject *s, PyObject *k) { return PySet_Discard(s, k) < 0 ? -1 : 0; }
static inline int sf_set_has(PyObject *s, PyObject *k) { return PySet_Contains(s, k); }
static inline long long sf_set_len(PyObject *s) { return PySet_GET_SIZE(s); }
static inline PyObject *sf_dict_keys(PyObject *d) { return PyDict_Keys(d); }
static inline PyObject *sf_dict_values(PyObject *d) { return PyDict_Values(d); }
static inline PyObject *sf_dict_items(PyObject *d) { return PyDict_Items(d); }
static inline PyObject *sf_set_keys(PyObject *s) { return PySequence_List(s); }
"""

ARRAYS = r"""
static sf_list *sf_array_new(sf_pool *p, PyObject *o, int code, size_t size, sf_maker box) {
    Py_buffer view;
    Py_ssize_t i, n;
    sf_list *l;
    if (p->track && p->slots && (l = p->table[sf_slot(p, o)])) {
        if (l->code != code) { sf_deopt(); return NULL; }
        l->refs++;
        return l;
    }
    if (PyObject_GetBuffer(o, &view, PyBUF_FORMAT) < 0) return NULL;
    n = view.len / view.itemsize;
    l = view.format && view.format[0] == code && !view.format[1] ? sf_new(p, n, size, 0) : NULL;
    if (!l) sf_deopt();
    else if (code == 'd') memcpy(l->d, view.buf, (size_t)view.len);
    else for (i = 0; i < n; i++) sf_array_item(view.buf, i, code, (long long *)l->d + i, 0);
    PyBuffer_Release(&view);
    if (!l) return NULL;
    l->n = n; l->code = code;
    if (p->track && sf_give(p, l, o, box) < 0) return NULL;
    return l;
}
static sf_list *sf_ints_array_in(sf_pool *p, PyObject *o, int code) {
    return sf_array_new(p, o, code, sizeof(long long), sf_ints_fresh);
}
static sf_list *sf_floats_array_in(sf_pool *p, PyObject *o, int code) {
    return sf_array_new(p, o, code, sizeof(double), sf_floats_fresh);
}
"""
