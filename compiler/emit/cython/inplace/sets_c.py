"""The C text that puts a set back as it was, its order too."""

SETS_C = r"""
/* The order of a set comes from its table, where what was taken out leaves a mark: so the place of
   the item that was added last is made free or marked again, as it was, and of what makes the table
   anew all is kept. */
#if PY_VERSION_HEX < 0x030F0000 && !defined(Py_GIL_DISABLED) && !defined(PYPY_VERSION)
static Py_ssize_t sf_set_fill(PyObject *o) { return ((PySetObject *)o)->fill; }
static int sf_set_full(PyObject *o) {
    PySetObject *s = (PySetObject *)o;
    return (s->fill + 1) * 5 >= s->mask * 3;
}
static PyObject *sf_set_table(PyObject *o) {
    PySetObject *s = (PySetObject *)o;
    size_t size = ((size_t)s->mask + 1) * sizeof(setentry);
    PyObject *r = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(sizeof *s + size));
    if (!r) return NULL;
    memcpy(PyBytes_AS_STRING(r), s, sizeof *s);
    memcpy(PyBytes_AS_STRING(r) + sizeof *s, s->table, size);
    return r;
}
/* All items of ``kept`` are alive. */
static void sf_set_back(PyObject *o, PyObject *kept) {
    PySetObject *s = (PySetObject *)o, was;
    setentry *table = s->smalltable, *now;
    Py_ssize_t i, n = s->mask;
    PyObject *held = PySequence_Tuple(o);  /* what is there now goes at the end */
    if (!held) return;
    memcpy(&was, PyBytes_AS_STRING(kept), sizeof was);
    if (was.mask >= PySet_MINSIZE)
        table = (setentry *)PyMem_Malloc(((size_t)was.mask + 1) * sizeof(setentry));
    if (!table) { Py_DECREF(held); return; }
    now = s->table;
    for (i = 0; i <= n; i++) if (now[i].key && now[i].hash != -1) Py_DECREF(now[i].key);
    if (now != s->smalltable) PyMem_Free(now);
    memcpy(table, PyBytes_AS_STRING(kept) + sizeof was, ((size_t)was.mask + 1) * sizeof(setentry));
    for (i = 0; i <= was.mask; i++) if (table[i].key && table[i].hash != -1) Py_INCREF(table[i].key);
    s->table = table; s->mask = was.mask; s->fill = was.fill; s->used = was.used;
    s->finger = was.finger;
    Py_DECREF(held);
}
static void sf_set_free(PyObject *o, PyObject *k) {
    PySetObject *s = (PySetObject *)o;
    Py_ssize_t i, at = PyObject_Hash(k);
    for (i = 0; i <= s->mask; i++) {
        setentry *e = &s->table[((size_t)at + (size_t)i) & (size_t)s->mask];
        if (e->key != k || e->hash == -1) continue;
        e->key = NULL; e->hash = 0; s->fill--; s->used--;
        Py_DECREF(k);
        return;
    }
}
#else
static Py_ssize_t sf_set_fill(PyObject *o) { (void)o; return 0; }
static int sf_set_full(PyObject *o) { (void)o; return 0; }
static PyObject *sf_set_table(PyObject *o) { (void)o; return NULL; }
static void sf_set_back(PyObject *o, PyObject *kept) { (void)o; (void)kept; }
static void sf_set_free(PyObject *o, PyObject *k) { PySet_Discard(o, k); }
#endif
"""
