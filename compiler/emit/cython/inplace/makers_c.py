"""The C text for what a defaultdict's lambda gives, made without running it."""

MAKERS_C = r"""
/* What lambdas that make entries give, by their code: a letter, and what it is made of. */
static PyObject *sf_recipes(void) {
    static PyObject *known = NULL;
    return known ? known : (known = PyDict_New());
}
/* The function itself, whose code has a recipe from now on. */
static PyObject *sf_own_maker(PyObject *function, PyObject *recipe) {
    PyObject *code, *key, *held;
    int done = -1;
    if (!PyFunction_Check(function) || !sf_recipes()) { sf_deopt(); return NULL; }
    code = PyFunction_GET_CODE(function);
    key = PyLong_FromVoidPtr(code);
    held = key ? PyTuple_Pack(3, code, PyFunction_GET_GLOBALS(function), recipe) : NULL;
    if (held) done = PyDict_GetItemWithError(sf_recipes(), key) ? 0 : PyErr_Occurred() ? -1
        : PyDict_SetItem(sf_recipes(), key, held);
    Py_XDECREF(key);
    Py_XDECREF(held);
    return done < 0 ? NULL : sf_kept(function);
}
/* The recipe of what makes a defaultdict's entries, lent; NULL where it has none. */
static PyObject *sf_recipe_of(PyObject *d) {
    PyObject *made = sf_factory_of(d), *key, *held = NULL;
    if (made && PyFunction_Check(made) && sf_recipes()) {
        key = PyLong_FromVoidPtr(PyFunction_GET_CODE(made));
        held = key ? PyDict_GetItemWithError(sf_recipes(), key) : NULL;
        if (held && PyTuple_GET_ITEM(held, 1) != PyFunction_GET_GLOBALS(made)) held = NULL;
        Py_XDECREF(key);
    }
    Py_XDECREF(made);
    PyErr_Clear();
    return held ? PyTuple_GET_ITEM(held, 2) : NULL;
}
static PyObject *sf_by_recipe(PyObject *recipe) {
    Py_ssize_t i, n = PyTuple_GET_SIZE(recipe) - 1;
    PyObject *made, *type;
    switch (PyUnicode_READ_CHAR(PyTuple_GET_ITEM(recipe, 0), 0)) {
    case 'c': return sf_kept(PyTuple_GET_ITEM(recipe, 1));
    case 'd': return PyDict_New();
    case 's': return PySet_New(NULL);
    case 'n': return sf_new_counts();
    case 'q': return (type = sf_deque_type()) ? PyObject_CallNoArgs(type) : NULL;
    case 'f': return sf_new_defaultdict(PyTuple_GET_ITEM(recipe, 1));
    }
    made = PyUnicode_READ_CHAR(PyTuple_GET_ITEM(recipe, 0), 0) == 'l' ? PyList_New(n) : PyTuple_New(n);
    for (i = 0; made && i < n; i++) {
        PyObject *item = sf_by_recipe(PyTuple_GET_ITEM(recipe, i + 1));
        if (!item) { Py_DECREF(made); return NULL; }
        if (PyList_Check(made)) PyList_SET_ITEM(made, i, item); else PyTuple_SET_ITEM(made, i, item);
    }
    return made;
}
"""
