"""The C text that puts a dict or deque back as it was, in its order."""

DICTS_C = r"""
/* How dicts and instances keep their values: the layouts of CPython's pycore_dict.h and pycore_object.h,
   which other versions may change. */
#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED) \
    && !defined(PYPY_VERSION)
#define SF_VALUES 1
typedef struct {
    Py_ssize_t refcnt;
    uint8_t log2_size, log2_index_bytes, kind;
    uint32_t version;
    Py_ssize_t usable, entries;
    char indices[];
} sf_keys;
typedef struct { PyObject *key, *value; } sf_key;
#if PY_VERSION_HEX >= 0x030D0000
typedef struct { uint8_t capacity, size, embedded, valid; PyObject *values[1]; } sf_held;
#else
typedef struct { PyObject *values[1]; } sf_held;
#endif
#endif

#ifdef SF_VALUES
static inline sf_keys *sf_keys_in(PyObject *d) { return (sf_keys *)((PyDictObject *)d)->ma_keys; }
/* Whether two dicts have their entries at the same places, and place for as many more. */
static int sf_laid_out_alike(PyObject *a, PyObject *b) {
    sf_keys *x = sf_keys_in(a), *y = sf_keys_in(b);
    return x->log2_size == y->log2_size && x->usable == y->usable && x->entries == y->entries;
}
/* A copy of a dict, where entries were taken out too: a dict is gone through by places. */
static PyObject *sf_dict_kept(PyObject *d) {
    sf_keys *keys = sf_keys_in(d);
    PyObject *kept, *key, *value, *filled;
    Py_ssize_t at = 0, place = 0, i, n = keys->entries;
    int r = 0;
    if (((PyDictObject *)d)->ma_values) return NULL;
    kept = PyDict_Copy(d);
    if (!kept || sf_laid_out_alike(kept, d)) return kept;
    Py_DECREF(kept);
    kept = _PyDict_NewPresized(((Py_ssize_t)2 << keys->log2_size) / 3);
    filled = PyList_New(0);
    while (kept && filled && !r && place < n) {
        int more = PyDict_Next(d, &at, &key, &value);
        Py_ssize_t until = more ? at - 1 : n;
        for (; !r && place < until; place++) {
            PyObject *free = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
            r = !free || PyList_Append(filled, free) || PyDict_SetItem(kept, free, Py_None);
            Py_XDECREF(free);
        }
        if (more) { r = r || PyDict_SetItem(kept, key, value); place = at; }
    }
    for (i = 0; kept && filled && !r && i < PyList_GET_SIZE(filled); i++)
        r = PyDict_DelItem(kept, PyList_GET_ITEM(filled, i));
    if (r || !filled || (kept && !sf_laid_out_alike(kept, d))) Py_CLEAR(kept);
    Py_XDECREF(filled);
    return kept;
}
/* What is there now goes with the copy. */
static void sf_dict_back(PyObject *o, PyObject *copy) {
    PyDictObject *d = (PyDictObject *)o, *kept = (PyDictObject *)copy;
    PyDictKeysObject *keys = d->ma_keys;
    Py_ssize_t used = d->ma_used;
    if (d->ma_values) return;
    d->ma_keys = kept->ma_keys; d->ma_used = kept->ma_used;
    kept->ma_keys = keys; kept->ma_used = used;
    if (!PyObject_GC_IsTracked(o)) PyObject_GC_Track(o);
    if (!PyObject_GC_IsTracked(copy)) PyObject_GC_Track(copy);
}
#else
static PyObject *sf_dict_kept(PyObject *d) { (void)d; return NULL; }
static void sf_dict_back(PyObject *d, PyObject *kept) { (void)d; (void)kept; }
#endif
static void sf_deque_back(PyObject *o, PyObject *kept) {
    PyObject *held = PySequence_List(o);
    Py_XDECREF(sf_by_name(o, "clear", NULL));
    Py_XDECREF(sf_by_name(o, "extend", kept));
    Py_XDECREF(held);
}
"""
