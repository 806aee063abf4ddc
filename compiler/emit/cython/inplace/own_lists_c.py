"""The C text for lists of a class of the module."""

OWN_LISTS_C = r"""
/* Whether a class is a list's that changes nothing of what a list does: all that it has is its own and a list's. */
static int sf_is_list_class(PyObject *cls) {
    static struct { PyTypeObject *type; unsigned int version; } known[8];
    static const char *said[] = {"append", "clear", "copy", "count", "extend", "index", "insert", "pop",
        "remove", "reverse", "sort", "__add__", "__bool__", "__class__", "__contains__", "__del__",
        "__delattr__", "__delitem__", "__eq__", "__ge__", "__getattr__", "__getattribute__", "__getitem__",
        "__gt__", "__iadd__", "__imul__", "__init__", "__iter__", "__le__", "__len__", "__lt__", "__mul__",
        "__ne__", "__new__", "__next__", "__radd__", "__reversed__", "__rmul__", "__setattr__",
        "__setitem__", NULL};
    static int turn = 0;
    PyTypeObject *t = (PyTypeObject *)cls;
    Py_ssize_t i;
    for (i = 0; i < 8; i++)
        if (known[i].type == t && known[i].version && known[i].version == t->tp_version_tag) return 1;
    if (!PyType_Check(cls) || Py_TYPE(cls) != &PyType_Type || !(t->tp_flags & Py_TPFLAGS_HEAPTYPE)
            || t->tp_base != &PyList_Type || !t->tp_bases || PyTuple_GET_SIZE(t->tp_bases) != 1
            || t->tp_finalize || t->tp_del || t->tp_itemsize != PyList_Type.tp_itemsize || !t->tp_dict)
        return 0;
    for (i = 0; said[i]; i++) if (PyDict_GetItemString(t->tp_dict, said[i])) return 0;
    _PyType_Lookup(t, PyUnicode_InternFromString("append"));  /* which gives it a version */
    Py_INCREF(t);  /* for good: no other gets its address */
    known[turn].type = t; known[turn].version = t->tp_version_tag;
    turn = (turn + 1) % 8;
    return 1;
}
/* Whether such a list has no attributes of its own; where that is not known it has. */
static int sf_no_attributes(PyObject *o) {
    PyTypeObject *t = Py_TYPE(o);
    PyObject *held;
    if (t->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
#ifdef SF_VALUES
        if (sf_keys_of(t)) return 0;
        held = sf_own_dict(o);
#else
        return 0;
#endif
    } else {
        if (t->tp_dictoffset <= 0) return !t->tp_dictoffset;
        held = *(PyObject **)((char *)o + t->tp_dictoffset);
    }
    return !held || (PyDict_CheckExact(held) && !PyDict_GET_SIZE(held));
}
static inline int sf_bare_list(PyObject *o, PyObject *cls) {
    return (PyObject *)Py_TYPE(o) == cls && sf_no_attributes(o) ? 0 : sf_deopt();
}
static PyObject *sf_new_list(PyObject *cls, PyObject *given) { return PyObject_Call(cls, given, NULL); }
"""
