"""The C text for what is gone through item by item or line by line."""

ROWS_C = r"""
/* The next item of an iterator of Python's own that gives tuples; None where there is none. */
static PyObject *sf_next(PyObject *o) {
    PyObject *found = Py_TYPE(o)->tp_iternext(o);
    if (!found && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return NULL;
        PyErr_Clear();
    }
    return found ? found : sf_kept(Py_None);
}
/* The next item of such an iterator into a list of one; whether there is one. */
static int sf_next_into(PyObject *o, PyObject *box) {
    PyObject *found = Py_TYPE(o)->tp_iternext(o);
    if (found) return PyList_SetItem(box, 0, found) < 0 ? -1 : 1;
    if (!PyErr_Occurred()) return 0;
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return -1;
    PyErr_Clear();
    return 0;
}
static int sf_is_line(PyObject *o) {
    return PyList_CheckExact(o) || PyTuple_CheckExact(o) || PyUnicode_CheckExact(o);
}
static PyObject *sf_sure(PyObject *o, int sure) {
    if (sure) return sf_kept(o);
    sf_deopt();
    return NULL;
}
static PyObject *sf_sure_line(PyObject *self, PyObject *o) { return sf_sure(o, sf_is_line(o)); }
static PyObject *sf_sure_number(PyObject *self, PyObject *o) {
    return sf_sure(o, PyLong_CheckExact(o) || PyFloat_CheckExact(o));
}
static PyObject *sf_one_by_one(PyMethodDef *sure, PyObject *o) {
    PyObject *asked = PyCFunction_New(sure, NULL), *found = NULL;
    if (asked) found = PyObject_CallFunctionObjArgs((PyObject *)&PyMap_Type, asked, o, NULL);
    Py_XDECREF(asked);
    return found;
}
/* Lists, tuples or texts one after the other: of something else, as an iterator, no item is taken. */
static PyObject *sf_line_by_line(PyObject *o) {
    static PyMethodDef sure = {"sf_sure_line", sf_sure_line, METH_O, NULL};
    return sf_one_by_one(&sure, o);
}
/* Numbers one after the other: what has an addition of its own is not added. */
static PyObject *sf_number_by_number(PyObject *o) {
    static PyMethodDef sure = {"sf_sure_number", sf_sure_number, METH_O, NULL};
    return sf_one_by_one(&sure, o);
}
/* Lists, tuples or texts side by side; without any there is no column. */
static PyObject *sf_lines(PyObject *o) {
    PyObject *held = PySequence_Tuple(o);
    Py_ssize_t i;
    for (i = 0; held && i < PyTuple_GET_SIZE(held); i++) {
        if (!sf_is_line(PyTuple_GET_ITEM(held, i))) {
            Py_DECREF(held);
            sf_deopt();
            return NULL;
        }
    }
    return held;
}
static int sf_all_have(PyObject *lines, long long at) {
    Py_ssize_t i, n = PyTuple_GET_SIZE(lines);
    for (i = 0; i < n; i++) {
        PyObject *line = PyTuple_GET_ITEM(lines, i);
        if (at >= (PyUnicode_Check(line) ? PyUnicode_GET_LENGTH(line) : Py_SIZE(line))) return 0;
    }
    return n > 0;
}
static PyObject *sf_column(PyObject *lines, long long at) {
    Py_ssize_t i, n = PyTuple_GET_SIZE(lines);
    PyObject *made = PyTuple_New(n);
    for (i = 0; made && i < n; i++) {
        PyObject *line = PyTuple_GET_ITEM(lines, i);
        PyObject *item = PyUnicode_Check(line) ? PyUnicode_Substring(line, (Py_ssize_t)at, (Py_ssize_t)at + 1)
            : sf_kept(PySequence_Fast_GET_ITEM(line, (Py_ssize_t)at));
        if (!item) { Py_DECREF(made); return NULL; }
        PyTuple_SET_ITEM(made, i, item);
    }
    return made;
}
"""
