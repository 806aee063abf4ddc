"""The C text for enumerations: whether a class is a plain one, its members, and what these stand for."""

ENUMS_C = r"""
/* Whether a class is an enumeration whose members are just themselves, or ints (``whole``) as well. */
static int sf_is_enum(PyObject *cls, int whole) {
    static PyObject *meta = NULL;
    PyTypeObject *t = (PyTypeObject *)cls;
    if (!meta) {
        PyObject *module = PyImport_ImportModule("enum");
        meta = module ? PyObject_GetAttrString(module, "EnumType") : NULL;
        Py_XDECREF(module);
        if (!meta) { PyErr_Clear(); return 0; }
    }
    if (!PyType_Check(cls) || (PyObject *)Py_TYPE(cls) != meta || t->tp_getattro != PyObject_GenericGetAttr)
        return 0;
    return whole ? PyType_IsSubtype(t, &PyLong_Type) && t->tp_richcompare == PyLong_Type.tp_richcompare
            && !memcmp(t->tp_as_number, PyLong_Type.tp_as_number, sizeof(PyNumberMethods))
        : t->tp_richcompare == PyBaseObject_Type.tp_richcompare
            && !(t->tp_as_number && t->tp_as_number->nb_bool)
            && !(t->tp_as_sequence && t->tp_as_sequence->sq_length)
            && !(t->tp_as_mapping && t->tp_as_mapping->mp_length);
}
static PyObject *sf_enum_part(PyObject *cls, const char *name) {
    PyObject *dict = sf_attr(cls, "__dict__"), *key = PyUnicode_InternFromString(name);
    PyObject *found = dict && key ? PyObject_GetItem(dict, key) : NULL;
    Py_XDECREF(dict); Py_XDECREF(key);
    return found;
}
static PyObject *sf_member(PyObject *cls, PyObject *name) {
    PyObject *map = sf_enum_part(cls, "_member_map_"), *found = NULL;
    if (map && PyDict_CheckExact(map)) found = PyDict_GetItemWithError(map, name);
    if (found && (PyObject *)Py_TYPE(found) != cls) found = NULL;
    Py_XINCREF(found);
    Py_XDECREF(map);
    if (!found) sf_deopt();
    return found;
}
/* The members in order, without those that are called by another name as well. */
static PyObject *sf_members(PyObject *cls) {
    PyObject *names = sf_enum_part(cls, "_member_names_"), *found = NULL;
    Py_ssize_t i;
    if (names && PyList_CheckExact(names) && (found = PyTuple_New(PyList_GET_SIZE(names))))
        for (i = 0; i < PyTuple_GET_SIZE(found); i++) {
            PyObject *one = sf_member(cls, PyList_GET_ITEM(names, i));
            if (!one) { Py_CLEAR(found); break; }
            PyTuple_SET_ITEM(found, i, one);
        }
    Py_XDECREF(names);
    if (!found) sf_deopt();
    return found;
}
static PyObject *sf_member_of(PyObject *cls, PyObject *value) {
    PyObject *map = sf_enum_part(cls, "_value2member_map_"), *found = NULL;
    if (map && PyDict_CheckExact(map)) found = PyDict_GetItemWithError(map, value);
    if (found && (PyObject *)Py_TYPE(found) != cls) found = NULL;
    Py_XINCREF(found);
    Py_XDECREF(map);
    if (!found) sf_deopt();
    return found;
}
static PyObject *sf_of_member(PyObject *o, PyObject *name) { return PyObject_GenericGetAttr(o, name); }
static long long sf_member_int(PyObject *o) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow) { sf_deopt(); return -2; }
    return v;
}
"""
