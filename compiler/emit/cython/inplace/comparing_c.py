"""The C text for what values are, equal, hold and come before, without code of the user's."""

COMPARING_C = r"""
/* What Python's own comparisons decide without code of the user's. */
static int sf_same(PyObject *a, PyObject *b);
static int sf_before(PyObject *a, PyObject *b);
static inline int sf_number(PyObject *o, double *d) {
    int overflow;
    long long v;
    if (PyFloat_CheckExact(o)) { *d = PyFloat_AS_DOUBLE(o); return 1; }
    if (!PyLong_CheckExact(o)) return 0;
    v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow || v > SF_2_53 || v < -SF_2_53) return 0;
    *d = (double)v;
    return 1;
}
/* A tuple, or one of a class that leaves it to tuples what is equal and what comes first: named ones. */
static inline int sf_is_row(PyObject *o) {
    return PyTuple_CheckExact(o)
        || (PyTuple_Check(o) && Py_TYPE(o)->tp_richcompare == PyTuple_Type.tp_richcompare);
}
static inline int sf_is_text(PyObject *o) { return PyUnicode_CheckExact(o); }
static int sf_scalar(PyObject *o) {
    return PyLong_CheckExact(o) || PyFloat_CheckExact(o) || PyUnicode_CheckExact(o)
        || PyBool_Check(o) || PyBytes_CheckExact(o) || o == Py_None;
}
/* ``a == b``; -1 where that is not for us to say. */
static int sf_same(PyObject *a, PyObject *b) {
    double x, y;
    if (sf_number(a, &x) && sf_number(b, &y)) {
        if (x != x && y != y) return sf_deopt();  /* within a container NaN equals itself */
        return x == y;
    }
    if (sf_is_row(a) && sf_is_row(b)) {
        Py_ssize_t i, n = PyTuple_GET_SIZE(a);
        if (n != PyTuple_GET_SIZE(b)) return 0;
        for (i = 0; i < n; i++) {
            PyObject *p = PyTuple_GET_ITEM(a, i), *q = PyTuple_GET_ITEM(b, i);
            int r = p == q ? 1 : sf_same(p, q);
            if (r != 1) return r;
        }
        return 1;
    }
    if (PyList_CheckExact(a) && PyList_CheckExact(b)) {
        Py_ssize_t i, n = PyList_GET_SIZE(a);
        int r;
        if (n != PyList_GET_SIZE(b)) return 0;
        if (Py_EnterRecursiveCall(" in comparison")) return -1;
        for (i = 0, r = 1; r == 1 && i < n; i++) {
            PyObject *p = PyList_GET_ITEM(a, i), *q = PyList_GET_ITEM(b, i);
            r = p == q ? 1 : sf_same(p, q);
        }
        Py_LeaveRecursiveCall();
        return r;
    }
    if (sf_scalar(a) && sf_scalar(b)) return PyObject_RichCompareBool(a, b, Py_EQ);
    return sf_deopt();
}
/* ``a < b``; -1 where that is not for us to say. */
static int sf_before(PyObject *a, PyObject *b) {
    double x, y;
    if (sf_number(a, &x) && sf_number(b, &y)) {
        if (x != x || y != y) return sf_deopt();  /* neither before the other, nor after it */
        return x < y;
    }
    if (sf_is_row(a) && sf_is_row(b)) {
        Py_ssize_t i, n = PyTuple_GET_SIZE(a), m = PyTuple_GET_SIZE(b);
        for (i = 0; i < n && i < m; i++) {
            PyObject *p = PyTuple_GET_ITEM(a, i), *q = PyTuple_GET_ITEM(b, i);
            int r = p == q ? 1 : sf_same(p, q);
            if (r < 0) return r;
            if (!r) return sf_before(p, q);
        }
        return n < m;
    }
    if ((PyLong_CheckExact(a) && PyLong_CheckExact(b)) || (sf_is_text(a) && sf_is_text(b)))
        return PyObject_RichCompareBool(a, b, Py_LT);
    return sf_deopt();
}
/* Whether an object finds by its hash what it equals, and says neither by code of the user's. */
static int sf_plain(PyObject *o) {
    Py_ssize_t i;
    if (!PyTuple_CheckExact(o)) return sf_scalar(o) && !PyBytes_CheckExact(o);
    for (i = 0; i < PyTuple_GET_SIZE(o); i++)
        if (!sf_plain(PyTuple_GET_ITEM(o, i))) return 0;
    return 1;
}
/* Whether a key is found without code of the user's. */
static int sf_is_key(PyObject *o) {
    return sf_plain(o) || (Py_TYPE(o)->tp_hash == PyBaseObject_Type.tp_hash
        && Py_TYPE(o)->tp_richcompare == PyBaseObject_Type.tp_richcompare);
}
/* The same of all items of a set, list or tuple. */
static int sf_are_keys(PyObject *o) {
    PyObject *each, *item;
    Py_ssize_t i;
    int keys = 1;
    if (PyAnySet_Check(o)) {
        each = PyObject_GetIter(o);
        while (each && keys && (item = PyIter_Next(each))) {
            keys = sf_is_key(item);
            Py_DECREF(item);
        }
        if (!each) PyErr_Clear();
        Py_XDECREF(each);
        return keys && each;
    }
    for (i = 0; i < PySequence_Fast_GET_SIZE(o); i++)
        if (!sf_is_key(PySequence_Fast_GET_ITEM(o, i))) return 0;
    return 1;
}
/* Whether what an instance holds by some names is compared and hashed without code of the user's. */
static int sf_fields_are_keys(PyObject *o, PyObject *names) {
    Py_ssize_t i;
    for (i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *held = PyObject_GenericGetAttr(o, PyTuple_GET_ITEM(names, i));
        int plain = held && sf_plain(held);
        Py_XDECREF(held);
        PyErr_Clear();
        if (!plain) return 0;
    }
    return 1;
}
/* A new set, in the order that Python gives it. */
static PyObject *sf_set_of(PyObject *o) {
    Py_ssize_t at = 0;
    PyObject *key;
    if (PyDict_Check(o))
        while (PyDict_Next(o, &at, &key, NULL)) if (!sf_plain(key)) { sf_deopt(); return NULL; }
    return PySet_New(o);
}
/* Whether the text of an object is made without code of the user's. */
static int sf_shows(PyObject *o, int depth) {
    PyObject *key, *value;
    Py_ssize_t i;
    if (sf_scalar(o)) return !PyBytes_CheckExact(o);
    if (!depth) return 0;
    if (PyDict_CheckExact(o)) {
        for (i = 0; PyDict_Next(o, &i, &key, &value); )
            if (!sf_shows(key, depth - 1) || !sf_shows(value, depth - 1)) return 0;
        return 1;
    }
    if (!PyList_CheckExact(o) && !PyTuple_CheckExact(o)) return 0;
    for (i = 0; i < PySequence_Fast_GET_SIZE(o); i++)
        if (!sf_shows(PySequence_Fast_GET_ITEM(o, i), depth - 1)) return 0;
    return 1;
}
static int sf_tells(PyObject *o) { return sf_shows(o, 8); }
/* ``{value:width.precisionf}``; a width below zero is that of what stands at the left. */
static PyObject *sf_fixed(double value, int width, int precision) {
    int left = width < 0;
    Py_ssize_t room = left ? -width : width, n;
    char *text = PyOS_double_to_string(value, 'f', precision, 0, NULL), *to;
    PyObject *made;
    if (!text) return NULL;
    n = (Py_ssize_t)strlen(text);
    made = PyUnicode_New(n < room ? room : n, 127);
    if (made) {
        to = (char *)PyUnicode_1BYTE_DATA(made);
        if (n < room) memset(to, ' ', (size_t)room);
        memcpy(n < room && !left ? to + (room - n) : to, text, (size_t)n);
    }
    PyMem_Free(text);
    return made;
}
/* ``text % given``, of which all is told. */
static PyObject *sf_filled(PyObject *text, PyObject *given) {
    if (sf_failed) { sf_deopt(); return NULL; }
    return PyUnicode_Format(text, given);
}
/* ``o[k]`` of a list, tuple, text or dict. */
static PyObject *sf_item_of(PyObject *o, PyObject *k) {
    if (PyDict_CheckExact(o) && sf_plain(k)) {
        PyObject *found = PyDict_GetItemWithError(o, k);
        if (!found && !PyErr_Occurred()) sf_deopt();
        Py_XINCREF(found);
        return found;
    }
    if (PyLong_CheckExact(k) && (PyList_CheckExact(o) || PyTuple_CheckExact(o) || PyUnicode_CheckExact(o)))
        return PyObject_GetItem(o, k);
    sf_deopt();
    return NULL;
}
/* ``o[i]`` of a list or tuple, where that is what it is. */
static inline PyObject *sf_item_at(PyObject *o, long long i) {
    if (PyTuple_CheckExact(o) || PyList_CheckExact(o)) {
        Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
        if (i < 0) i += n;
        if (i < 0 || i >= n) { sf_deopt(); return NULL; }
        return sf_kept(PySequence_Fast_GET_ITEM(o, i));
    }
    {
        PyObject *at = PyLong_FromLongLong(i), *found = at ? sf_item_of(o, at) : NULL;
        Py_XDECREF(at);
        return found;
    }
}
/* ``o == word``. */
static inline int sf_is_word(PyObject *o, PyObject *word) {
    return PyUnicode_CheckExact(o) ? sf_word_eq(o, word) : sf_same(o, word);
}
/* Whether it is a function that the call has made, by what stands first in it. */
static int sf_is_made(PyObject *o, PyObject *mark) {
    return PyTuple_CheckExact(o) && PyTuple_GET_SIZE(o) && PyTuple_GET_ITEM(o, 0) == mark;
}
static int sf_builtin(PyObject *o) {
    return sf_scalar(o) || PyList_CheckExact(o) || PyTuple_CheckExact(o) || PyDict_CheckExact(o)
        || PyAnySet_CheckExact(o);
}
/* Whether a builtin value is of one of some classes: the bits of ``wanted``. */
static int sf_is_one(PyObject *o, int wanted) {
    int own = PyBool_Check(o) ? 1 | 8 : PyLong_CheckExact(o) ? 1 : PyFloat_CheckExact(o) ? 2
        : PyUnicode_CheckExact(o) ? 4 : PyList_CheckExact(o) ? 16 : PyTuple_CheckExact(o) ? 32
        : PyDict_CheckExact(o) ? 64 : 0;
    return sf_builtin(o) ? (own & wanted) != 0 : sf_deopt();
}
static int sf_truth_of(PyObject *o) { return sf_builtin(o) ? PyObject_IsTrue(o) : sf_deopt(); }
static long long sf_length_of(PyObject *o) {
    Py_ssize_t n;
    if (!sf_builtin(o)) { sf_deopt(); return -2; }
    n = PyObject_Size(o);
    return n < 0 ? -2 : n;
}
/* ``x in list(d)``. */
static int sf_keys_have(PyObject *d, PyObject *x) {
    Py_ssize_t at = 0;
    PyObject *key;
    while (PyDict_Next(d, &at, &key, NULL)) if (!sf_plain(key)) return sf_deopt();
    return PyDict_Contains(d, x);
}
/* ``x in items`` of a list or tuple. */
static int sf_among(PyObject *items, PyObject *x) {
    Py_ssize_t i;
    for (i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *held = PySequence_Fast_GET_ITEM(items, i);
        int r = held == x ? 1 : sf_same(held, x);
        if (r) return r;
    }
    return 0;
}
/* Where the first item stands that equals ``x``, of a list or tuple; -1 where none does, -2 where that
   is not for us to say. */
static long long sf_index_of(PyObject *items, PyObject *x) {
    Py_ssize_t i;
    for (i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *held = PySequence_Fast_GET_ITEM(items, i);
        int r = held == x ? 1 : sf_same(held, x);
        if (r) return r < 0 ? -2 : i;
    }
    return -1;
}
/* The same for an instance of a class whose instances equal nothing but themselves. */
static long long sf_own_index_of(PyObject *items, PyObject *x, sf_class *c) {
    Py_ssize_t i;
    if (c->type->tp_richcompare != PyBaseObject_Type.tp_richcompare) { sf_deopt(); return -2; }
    for (i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *held = PySequence_Fast_GET_ITEM(items, i);
        if (held == x) return i;
        if (Py_TYPE(held) != c->type) { sf_deopt(); return -2; }
    }
    return -1;
}
/* That what compares with an object asks nothing of it but whether it is the same; so it is of None. */
static inline int sf_equals_itself(PyObject *o) {
    int same = o == Py_None || Py_TYPE(o)->tp_richcompare == PyBaseObject_Type.tp_richcompare;
    return same ? 0 : sf_deopt();
}
static long long sf_self_index_of(PyObject *items, PyObject *x) {
    Py_ssize_t i;
    if (sf_equals_itself(x) < 0) return -2;
    for (i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *held = PySequence_Fast_GET_ITEM(items, i);
        if (held == x) return i;
        if (sf_equals_itself(held) < 0) return -2;
    }
    return -1;
}
static long long sf_count_of(PyObject *items, PyObject *x) {
    Py_ssize_t i, n = 0;
    for (i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *held = PySequence_Fast_GET_ITEM(items, i);
        int r = held == x ? 1 : sf_same(held, x);
        if (r < 0) return -2;
        n += r;
    }
    return n;
}
static PyObject *sf_dict_copy(PyObject *d) { return PyDict_Copy(d); }
/* The entries of another dict, whose keys may be compared. */
static int sf_dict_spread(PyObject *d, PyObject *other) {
    Py_ssize_t at = 0;
    PyObject *key;
    while (PyDict_Next(other, &at, &key, NULL)) if (!sf_plain(key)) return sf_deopt();
    return PyDict_Update(d, other);
}
/* Whether ``x`` is in a builtin container of unknown type. */
static int sf_holds(PyObject *o, PyObject *x) {
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) return sf_among(o, x);
    if (!sf_plain(x)) return sf_deopt();
    if (PyDict_CheckExact(o)) return PyDict_Contains(o, x);
    if (PyAnySet_CheckExact(o)) return PySet_Contains(o, x);
    if (PyUnicode_CheckExact(o) && PyUnicode_CheckExact(x)) return PyUnicode_Contains(o, x);
    return sf_deopt();
}
"""
