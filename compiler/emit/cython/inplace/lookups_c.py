"""The C text for ranges looked into, frozensets, groups of what stands side by side, and tables of text."""

LOOKUPS_C = r"""
/* ``x in range(...)``, which has so many items. */
static int sf_in_range(long long x, long long count, long long start, long long step) {
    __int128 at = (__int128)x - start;
    if (!step || at % step) return step ? 0 : sf_deopt();
    at /= step;
    return at >= 0 && at < count;
}
/* Whether it equals others by what it holds, and is no NaN. */
static int sf_told(PyObject *o) {
    PyObject *only;
    int told;
    if (PyTuple_CheckExact(o)) return sf_named_key(o);
    only = PyTuple_Pack(1, o);
    told = only && sf_named_key(only);
    Py_XDECREF(only);
    PyErr_Clear();
    return told;
}
/* A new frozenset, or the one that is given, where no code of the user's is asked for it. */
static PyObject *sf_frozen_of(PyObject *o) {
    Py_ssize_t at = 0;
    PyObject *key;
    if (PyFrozenSet_CheckExact(o)) return sf_kept(o);
    if (PyDict_Check(o))
        while (PyDict_Next(o, &at, &key, NULL)) if (!sf_plain(key)) { sf_deopt(); return NULL; }
    if (PyList_CheckExact(o))
        for (at = 0; at < PyList_GET_SIZE(o); at++)
            if (!sf_told(PyList_GET_ITEM(o, at))) { sf_deopt(); return NULL; }
    return PyFrozenSet_New(o);
}
static PyObject *sf_sure_told(PyObject *self, PyObject *o) { return sf_sure(o, sf_told(o)); }
/* What is compared with its neighbour as it is gone over. */
static PyObject *sf_told_by_told(PyObject *o) {
    static PyMethodDef sure = {"sf_sure_told", sf_sure_told, METH_O, NULL};
    return sf_one_by_one(&sure, o);
}
static PyObject *sf_sure_item(PyObject *key, PyObject *o) {
    PyObject *found = sf_item_of(o, key);
    if (found && !sf_told(found)) { Py_CLEAR(found); sf_deopt(); }
    return found;
}
/* What gives the item of a list, tuple, text or dict. */
static PyObject *sf_item_giver(PyObject *key) {
    static PyMethodDef sure = {"sf_sure_item", sf_sure_item, METH_O, NULL};
    return PyCFunction_New(&sure, key);
}
/* ``text.translate(table)``. */
static PyObject *sf_translated(PyObject *text, PyObject *table) {
    Py_ssize_t at = 0;
    PyObject *key, *value;
    if (!PyUnicode_CheckExact(text) || !PyDict_CheckExact(table)) { sf_deopt(); return NULL; }
    while (PyDict_Next(table, &at, &key, &value))
        if (!PyLong_CheckExact(key) || !(PyLong_CheckExact(value) || PyUnicode_CheckExact(value) || value == Py_None)) {
            sf_deopt();
            return NULL;
        }
    return PyUnicode_Translate(text, table, "ignore");
}
"""
