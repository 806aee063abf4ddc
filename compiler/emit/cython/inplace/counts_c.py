"""The C text for what defaultdicts and Counters make of a key that is missing."""

COUNTS_C = r"""
/* What makes a defaultdict's entries. The interpreter's cache of look-ups keeps each name that it meets: so it is one. */
static PyObject *sf_factory_of(PyObject *d) {
    static PyObject *name = NULL;
    if (!name && !(name = PyUnicode_InternFromString("default_factory"))) return NULL;
    return PyObject_GetAttr(d, name);
}
/* Whether what makes a defaultdict's entries runs no code of the user's. */
static int sf_makes_plainly(PyObject *d) {
    PyObject *made = sf_factory_of(d);
    PyTypeObject *type = (PyTypeObject *)made;
    if (!made) return -1;
    Py_DECREF(made);
    return type == &PyList_Type || type == &PyDict_Type || type == &PySet_Type
        || type == &PyLong_Type || type == &PyFloat_Type || type == &PyUnicode_Type
        || type == &PyBool_Type || type == &PyTuple_Type || made == sf_deque_type();
}
/* What a Counter has for a missing key, while its class is the one of the library. */
static PyObject *sf_counts_none(void) {
    static PyObject *own = NULL, *missing = NULL;
    PyTypeObject *type = (PyTypeObject *)sf_Counter_type();
    PyObject *found, *name;
    if (!type || (!missing && !(missing = PyUnicode_InternFromString("__missing__")))) return NULL;
    found = _PyType_Lookup(type, missing);
    if (!own && found && PyFunction_Check(found)) {
        name = sf_attr(found, "__module__");
        if (name && PyUnicode_Check(name) && !PyUnicode_CompareWithASCIIString(name, "collections"))
            own = Py_NewRef(found);
        Py_XDECREF(name);
    }
    if (!found || found != own) { sf_deopt(); return NULL; }
    return PyLong_FromLong(0);
}
/* A Counter of nothing, without the code in Python that counts. */
static PyObject *sf_new_counts(void) {
    PyTypeObject *type = (PyTypeObject *)sf_Counter_type();
    PyObject *nothing = type ? PyTuple_New(0) : NULL, *made;
    if (!nothing) return NULL;
    made = type->tp_new(type, nothing, NULL);
    Py_DECREF(nothing);
    return made;
}
/* defaultdicts of classes of collections, and whether one makes Counters. */
static PyObject *sf_default_Counter(void) { return sf_new_defaultdict(sf_Counter_type()); }
static PyObject *sf_default_deque(void) { return sf_new_defaultdict(sf_deque_type()); }
static int sf_makes_counts(PyObject *d) {
    PyObject *made = sf_factory_of(d);
    Py_XDECREF(made);
    return made && made == sf_Counter_type();
}
static PyObject *sf_recipe_of(PyObject *d);
static PyObject *sf_by_recipe(PyObject *recipe);
/* ``d[k]`` of a Counter or defaultdict: what is missing is asked for as Python does, and noted. */
static PyObject *sf_entry_or_made(sf_pool *p, PyObject *d, PyObject *k) {
    PyObject *v = PyDict_GetItemWithError(d, k);
    int makes;
    if (v) return sf_kept(v);
    if (PyErr_Occurred() || (makes = sf_is_defaultdict(d)) < 0) return NULL;
    if (makes && (v = sf_recipe_of(d))) {
        v = sf_by_recipe(v);
        if (v && sf_entry_put(p, d, k, v) < 0) Py_CLEAR(v);
        return v;
    }
    if (makes && sf_makes_counts(d)) {
        PyObject *none = sf_counts_none(), *counts = none ? sf_new_counts() : NULL;
        Py_XDECREF(none);
        if (counts && sf_entry_put(p, d, k, counts) < 0) Py_CLEAR(counts);
        return counts;
    }
    if (makes) {
        makes = sf_makes_plainly(d);
        if (!makes) sf_deopt();
        if (makes <= 0 || (p && sf_note_part(p, d, SF_ENTRY, k, NULL) < 0)) return NULL;
    }
    /* No code in Python runs for it: a signal could be looked for in that. */
    return makes ? PyObject_GetItem(d, k) : sf_counts_none();
}
/* One more of a key in a Counter. */
static int sf_counted(PyObject *d, PyObject *k) {
    PyObject *old = PyDict_GetItemWithError(d, k), *one, *v;
    int r;
    if (old && !PyLong_CheckExact(old)) return sf_deopt();
    if ((!old && PyErr_Occurred()) || !(one = PyLong_FromLong(1))) return -1;
    v = old ? PyNumber_Add(old, one) : Py_NewRef(one);
    r = v ? PyDict_SetItem(d, k, v) : -1;
    Py_DECREF(one);
    Py_XDECREF(v);
    return r;
}
"""
