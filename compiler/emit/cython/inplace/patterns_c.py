"""The C text for regular expressions: compiled patterns of text and their matches, asked as Python asks them."""

PATTERNS_C = r"""
static PyTypeObject *sf_re_class(int match) {
    static PyTypeObject *types[2] = {NULL, NULL};
    if (!types[match]) {
        PyObject *module = PyImport_ImportModule("re");
        if (module) types[match] = (PyTypeObject *)PyObject_GetAttrString(module, match ? "Match" : "Pattern");
        Py_XDECREF(module);
    }
    return types[match];
}
static int sf_is_match(PyObject *o) {
    PyTypeObject *type = sf_re_class(1);
    return type ? Py_TYPE(o) == type : -1;
}
/* What is raised while a pattern looks through a text is a signal handler's, but for these. */
static void sf_looked_through(void) {
    if (!PyErr_ExceptionMatches(PyExc_RuntimeError) && !PyErr_ExceptionMatches(PyExc_MemoryError)
            && !PyErr_ExceptionMatches(PyExc_OverflowError))
        sf_signal = 1;
}
/* Whether it is a pattern of text. The last ones are remembered, and kept. */
static int sf_is_pattern(PyObject *o) {
    static PyObject *known[8];
    static int turn = 0;
    PyTypeObject *type = sf_re_class(0);
    PyObject *text;
    int i, plain;
    for (i = 0; i < 8; i++) if (known[i] == o) return 1;
    if (!type || Py_TYPE(o) != type) return type ? 0 : -1;
    text = sf_attr(o, "pattern");
    plain = text && PyUnicode_CheckExact(text);
    Py_XDECREF(text);
    if (!plain) return 0;
    Py_INCREF(o);
    Py_XSETREF(known[turn], o);
    turn = (turn + 1) % 8;
    return 1;
}
/* ``o.name(*given)`` of what is as it is ``known`` to be. */
static PyObject *sf_asked(int known, PyObject *o, PyObject *name, PyObject *given) {
    PyObject *stack[5];
    Py_ssize_t i, n = PyTuple_GET_SIZE(given);
    if (known != 1 || n > 4 || sf_failed) { sf_deopt(); return NULL; }
    stack[0] = o;
    for (i = 0; i < n; i++) stack[i + 1] = PyTuple_GET_ITEM(given, i);
    return PyObject_VectorcallMethod(name, stack, (size_t)n + 1, NULL);
}
/* ``o.name(*given)`` of a pattern of text. */
static PyObject *sf_of_pattern(PyObject *o, PyObject *name, PyObject *given) {
    PyObject *found = sf_asked(sf_is_pattern(o), o, name, given);
    if (!found) sf_looked_through();
    return found;
}
/* A replacement that stands for itself: others are read by code in Python. */
static int sf_is_literal(PyObject *o) {
    return PyUnicode_FindChar(o, '\\', 0, PyUnicode_GET_LENGTH(o), 1) == -1;
}
/* The next match into a list of one; whether there is one. */
static int sf_next_match(PyObject *o, PyObject *box) {
    int r = sf_next_into(o, box);
    if (r < 0) sf_looked_through();
    return r;
}
/* ``o.name(*given)`` of a match. */
static PyObject *sf_of_match(PyObject *o, PyObject *name, PyObject *given) {
    return sf_asked(sf_is_match(o), o, name, given);
}
/* ``o.group(of)`` and ``o[of]``. */
static PyObject *sf_group(PyObject *o, PyObject *of) {
    if (sf_is_match(o) != 1 || sf_failed) { sf_deopt(); return NULL; }
    return PyObject_GetItem(o, of);
}
static PyObject *sf_at_match(PyObject *o, PyObject *name) {
    if (sf_is_match(o) != 1) { sf_deopt(); return NULL; }
    return PyObject_GetAttr(o, name);
}
"""
