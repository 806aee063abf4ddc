"""The C text for exceptions that the text raises: classes of the module's own, instances, and what they hold."""

ERRORS_C = r"""
/* What the text raises, a class or an instance, is on its way from here on. */
static Py_NO_INLINE int sf_raise(PyObject *what) {
    Py_INCREF(what);
    Py_XSETREF(sf_raised, what);
    return sf_deopt();
}
/* What a handler that looks at it has caught last. */
static PyObject *sf_seen = NULL;
static PyObject *sf_taken(void) {
    PyObject *what = sf_seen;
    sf_seen = NULL;
    return what;
}
/* Whether what is on its way is of one of these classes, and all went well before. It is so no more. What a
   signal handler has raised is caught as well; as it comes only once, it is kept for the case that the call is
   given up. */
static int sf_caught(sf_pool *p, PyObject *classes, int looks) {
    PyObject *type, *value, *traceback, *what;
    if (sf_failed) return 0;
    if (sf_signal) {
        PyErr_GetExcInfo(&type, &value, &traceback);
        what = value && PyErr_GivenExceptionMatches(value, classes) ? Py_NewRef(value) : NULL;
        Py_XDECREF(type); Py_XDECREF(value); Py_XDECREF(traceback);
        if (!what) return 0;
        sf_signal = 0;
        Py_XSETREF(p->interrupted, Py_NewRef(what));
    } else {
        what = sf_raised;
        if (!what || !PyErr_GivenExceptionMatches(what, classes)) return 0;
        sf_raised = NULL;
    }
    if (looks) Py_XSETREF(sf_seen, what);
    else Py_DECREF(what);
    return 1;
}
/* ``raise`` of what was caught. */
static int sf_raise_again(sf_pool *p, PyObject *what) {
    if (what != p->interrupted) return sf_raise(what);
    sf_signal = 1;
    PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(what)), Py_NewRef(what), PyException_GetTraceback(what));
    return -1;
}
/* What a signal handler raised, where it was caught; None where nothing was. */
static PyObject *sf_late(sf_pool *p) {
    PyObject *what = p->interrupted;
    p->interrupted = NULL;
    return what ? what : Py_NewRef(Py_None);
}
/* That is raised where the call is given up: as if the signal had come before anything was done. */
static int sf_come(PyObject *late) {
    if (late == Py_None) return 0;
    PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(late)), Py_NewRef(late), PyException_GetTraceback(late));
    return -1;
}
/* Whether a class is an exception's that derives from this base alone and has just the ``__init__`` of the
   text (its qualified name and first line), or none of its own. */
static int sf_is_error(PyObject *cls, PyObject *base, PyObject *text) {
    static struct { PyTypeObject *type; unsigned int version; PyObject *base; } known[8];
    static int turn = 0;
    PyTypeObject *t = (PyTypeObject *)cls, *b = (PyTypeObject *)base;
    PyObject *init;
    int i;
    for (i = 0; i < 8; i++)
        if (known[i].type == t && known[i].version && known[i].version == t->tp_version_tag
                && known[i].base == base)
            return 1;
    if (!PyType_Check(cls) || Py_TYPE(cls) != &PyType_Type || !PyExceptionClass_Check(cls)
            || !(t->tp_flags & Py_TPFLAGS_HEAPTYPE) || t->tp_base != b || PyTuple_GET_SIZE(t->tp_bases) != 1
            || t->tp_new != ((PyTypeObject *)PyExc_BaseException)->tp_new || t->tp_finalize || t->tp_del
            || t->tp_getattro != PyObject_GenericGetAttr || t->tp_setattro != PyObject_GenericSetAttr)
        return 0;
    init = PyDict_GetItemString(t->tp_dict, "__init__");
    if (PyTuple_GET_SIZE(text) == 0 ? init != NULL
            : !init || !PyFunction_Check(init)
                || !sf_of_text(init, PyTuple_GET_ITEM(text, 0), PyTuple_GET_ITEM(text, 1), sf_none_stored()))
        return 0;
    _PyType_Lookup(t, PyUnicode_InternFromString("__init__"));  /* which gives it a version */
    Py_INCREF(t);  /* for good: no other gets its address */
    Py_INCREF(base);
    known[turn].type = t; known[turn].version = t->tp_version_tag;
    Py_XSETREF(known[turn].base, base);
    turn = (turn + 1) % 8;
    return 1;
}
/* What ``cls(*given)`` is before its ``__init__`` has run. */
static PyObject *sf_new_error(PyObject *cls, PyObject *given) {
    return ((PyTypeObject *)cls)->tp_new((PyTypeObject *)cls, given, NULL);
}
/* The ``__init__`` of a builtin exception. */
static int sf_init_error(PyObject *o, PyObject *cls, PyObject *given) {
    return ((PyTypeObject *)cls)->tp_init(o, given, NULL);
}
static PyObject *sf_error_args(PyObject *o) {
    return sf_kept(((PyBaseExceptionObject *)o)->args);
}
/* What an exception has by a name, where no code runs to tell. */
static PyObject *sf_error_get(PyObject *o, PyObject *name) {
    PyObject *own = _PyType_Lookup(Py_TYPE(o), name), *held = ((PyBaseExceptionObject *)o)->dict, *found;
    if ((own && Py_TYPE(own)->tp_descr_set) || Py_TYPE(o)->tp_getattro != PyObject_GenericGetAttr) {
        sf_deopt();
        return NULL;
    }
    found = held ? PyDict_GetItemWithError(held, name) : NULL;
    if (!found && own && !Py_TYPE(own)->tp_descr_get) found = own;
    if (!found) { sf_deopt(); return NULL; }
    return sf_kept(found);
}
static int sf_error_put(sf_pool *p, PyObject *o, PyObject *name, PyObject *v) {
    PyObject *own = _PyType_Lookup(Py_TYPE(o), name);
    if (o == p->interrupted || (own && Py_TYPE(own)->tp_descr_set)) return sf_deopt();
    return PyObject_GenericSetAttr(o, name, v);
}
/* ``str(o)``, where that runs no code of the user's. */
static PyObject *sf_error_text(PyObject *o) {
    PyTypeObject *t = Py_TYPE(o);
    while (t->tp_flags & Py_TPFLAGS_HEAPTYPE) t = t->tp_base;
    if (Py_TYPE(o)->tp_str != t->tp_str
            || (t->tp_str != ((PyTypeObject *)PyExc_Exception)->tp_str
                && t->tp_str != ((PyTypeObject *)PyExc_KeyError)->tp_str)
            || !sf_tells(((PyBaseExceptionObject *)o)->args)) {
        sf_deopt();
        return NULL;
    }
    return PyObject_Str(o);
}
"""
