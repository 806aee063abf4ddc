"""The C text for dicts and sets in place. ``p`` is NULL where the object was made in the call."""

ENTRIES_C = r"""
/* Keys are numbers, text or tuples of them, or instances told by identity. */
static int sf_entry_put(sf_pool *p, PyObject *d, PyObject *k, PyObject *v) {
    if (p) {
        PyObject *old = PyDict_GetItemWithError(d, k);
        if (!old && PyErr_Occurred()) return -1;
        if (sf_note_part(p, d, SF_ENTRY, k, old) < 0) return -1;
    }
    return PyDict_SetItem(d, k, v);
}
/* The namespace of the function in Python that made the call. */
static int sf_home(sf_pool *p) {
    p->names = PyEval_GetGlobals();
    p->file = NULL;  /* until it is asked for */
    return p->names && PyDict_Check(p->names) ? 0 : sf_deopt();
}
static PyObject *sf_file(sf_pool *p) {
    if (!p->file) {
        PyFrameObject *frame = PyEval_GetFrame();
        PyCodeObject *code = frame ? PyFrame_GetCode(frame) : NULL;
        p->file = code ? code->co_filename : Py_None;
        Py_XDECREF(code);  /* which runs meanwhile */
    }
    return p->file;
}
/* Whether it is the one lambda of a line of that module's top level, which holds nothing and takes so many. */
static int sf_is_lambda(sf_pool *p, PyObject *o, long line, long taken) {
    PyCodeObject *code;
    if (!PyFunction_Check(o) || PyFunction_GET_GLOBALS(o) != p->names || PyFunction_GET_CLOSURE(o)
            || PyFunction_GET_DEFAULTS(o) || PyFunction_GET_KW_DEFAULTS(o))
        return 0;
    code = (PyCodeObject *)PyFunction_GET_CODE(o);
    return code->co_firstlineno == line && code->co_argcount == taken && !code->co_kwonlyargcount
        && !(code->co_flags & (CO_VARARGS | CO_VARKEYWORDS | CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR))
        && !PyUnicode_CompareWithASCIIString(code->co_qualname, "<lambda>")
        && PyUnicode_Check(sf_file(p)) && !PyUnicode_Compare(code->co_filename, sf_file(p));
}
static PyObject *sf_live(sf_pool *p, PyObject *name) {
    PyObject *found = PyDict_GetItemWithError(p->names, name);
    if (!found) { if (!PyErr_Occurred()) sf_deopt(); return NULL; }
    return sf_kept(found);
}
static int sf_live_put(sf_pool *p, PyObject *name, PyObject *v) { return sf_entry_put(p, p->names, name, v); }
static int sf_entry_put_float(sf_pool *p, PyObject *d, PyObject *k, double v) {
    PyObject *old = PyDict_GetItemWithError(d, k), *x;
    int r;
    if (!old && PyErr_Occurred()) return -1;
    if (v != v) return sf_deopt();
    if (sf_ours(p, d, k, old)) { ((PyFloatObject *)old)->ob_fval = v; return 0; }
    x = PyFloat_FromDouble(v);
    r = x ? sf_entry_put(p, d, k, x) : -1;
    Py_XDECREF(x);
    return r;
}
/* A dict of keys in a list that all stand for one value. */
static PyObject *sf_from_keys(PyObject *keys, PyObject *value) {
    PyObject *made = PyDict_New();
    Py_ssize_t i;
    for (i = 0; made && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i);
        if (!sf_is_key(key)) { sf_deopt(); Py_CLEAR(made); }
        else if (PyDict_SetItem(made, key, value) < 0) Py_CLEAR(made);
    }
    return made;
}
static int sf_member_put(sf_pool *p, PyObject *s, PyObject *k) {
    if (p) {
        int r = PySet_Contains(s, k);
        if (r) return r < 0 ? -1 : 0;
        Py_ssize_t fill = sf_set_fill(s);
        if (sf_note_item(p, s, k) < 0 || PySet_Add(s, k) < 0) return -1;
        if (sf_set_fill(s) == fill && !p->steps[p->done - 1].old)  /* a marked place was taken */
            p->steps[p->done - 1].old = Py_NewRef(Py_None);
        return 0;
    }
    return PySet_Add(s, k);
}
static int sf_entry_drop(sf_pool *p, PyObject *d, PyObject *k) {
    if (p && sf_note_whole(p, d) < 0) return -1;
    return PyDict_DelItem(d, k);
}
static int sf_member_drop(sf_pool *p, PyObject *s, PyObject *k) {
    int there = p ? PySet_Contains(s, k) : 1;
    if (there <= 0) return there;
    if (p && sf_note_whole(p, s) < 0) return -1;
    return PySet_Discard(s, k) < 0 ? -1 : 0;
}
/* Keep a dict, set or deque that came in, before what is not noted step by step. */
static int sf_keep_whole(sf_pool *p, PyObject *o) { return p ? sf_note_whole(p, o) : 0; }
/* Going through a dict: where the entry at a place is, whether there is one, what is behind it. */
static inline int sf_dict_more(PyObject *d, long long n, Py_ssize_t at, long long done) {
    PyObject *k, *v;
    if (PyDict_GET_SIZE(d) != n) return sf_deopt();
    if (!PyDict_Next(d, &at, &k, &v)) return 0;
    return done < n ? 1 : sf_deopt();  /* other keys than there were */
}
static inline PyObject *sf_dict_key_at(PyObject *d, Py_ssize_t at) {
    PyObject *k, *v;
    if (!PyDict_Next(d, &at, &k, &v)) { sf_deopt(); return NULL; }
    return sf_kept(k);
}
static inline PyObject *sf_dict_value_at(PyObject *d, Py_ssize_t at) {
    PyObject *k, *v;
    if (!PyDict_Next(d, &at, &k, &v)) { sf_deopt(); return NULL; }
    return sf_kept(v);
}
static inline Py_ssize_t sf_dict_after(PyObject *d, Py_ssize_t at) {
    PyObject *k, *v;
    PyDict_Next(d, &at, &k, &v);
    return at;
}
"""
