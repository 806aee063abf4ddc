"""The C text for lists, dicts and sets in place. ``p`` is NULL where the object was made in the call."""

CONTAINERS_C = r"""
/* A number that may be an int or a float, as a double and whether Python has an int. */
static inline double sf_wide(PyObject *o, int *is_int) {
    *is_int = PyLong_CheckExact(o);
    if (*is_int) return sf_exact(sf_int_of(o));
    return sf_exact_float(o);
}
/* What two numbers give where both may be ints: exact while it stays small, and no -0. */
/* ``a // b`` and ``a % b`` of an int or a float each; ints as they come are below 2**53. */
static inline double sf_wide_floordiv(double a, int a_int, double b, int b_int) {
    if (a_int && b_int) return (double)sf_floordiv((long long)a, (long long)b);
    return sf_ffloordiv(a, b);
}
static inline double sf_wide_mod(double a, int a_int, double b, int b_int) {
    if (a_int && b_int) return (double)sf_mod((long long)a, (long long)b);
    return sf_fmod(a, b);
}
static inline double sf_wide_of(double r, int is_int) {
    if (!is_int) return r;
    return fabs(r) < 9007199254740992.0 ? r + 0.0 : sf_badf();
}
/* Classes of the module collections: exactly one, and a new one of what it is given. */
#define SF_COLLECTION(NAME) \
static PyObject *sf_##NAME##_type(void) { \
    static PyObject *type = NULL; \
    if (!type) { \
        PyObject *module = PyImport_ImportModule("collections"); \
        if (module) { type = PyObject_GetAttrString(module, #NAME); Py_DECREF(module); } \
    } \
    return type; \
} \
static int sf_is_##NAME(PyObject *o) { \
    PyObject *type = sf_##NAME##_type(); \
    return type ? (PyObject *)Py_TYPE(o) == type : -1; \
}
SF_COLLECTION(deque) SF_COLLECTION(Counter) SF_COLLECTION(defaultdict)
static PyObject *sf_new_deque(PyObject *given, PyObject *longest) {
    PyObject *type = sf_deque_type();
    return type ? PyObject_CallFunctionObjArgs(type, given, longest, NULL) : NULL;
}
static PyObject *sf_new_defaultdict(PyObject *given) {
    PyObject *type = sf_defaultdict_type();
    return type ? PyObject_CallOneArg(type, given) : NULL;
}
static inline int sf_list_append(sf_pool *p, PyObject *o, PyObject *v) {
    return p ? sf_seq_append_object(p, o, v) : PyList_Append(o, v);
}
static inline int sf_list_put(sf_pool *p, PyObject *o, long long i, PyObject *v) {
    long long n = PyList_GET_SIZE(o);
    PyObject *old;
    if (p) return sf_seq_put_object(p, o, i, v);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return sf_deopt();
    old = PyList_GET_ITEM(o, i);
    Py_INCREF(v);
    PyList_SET_ITEM(o, i, v);
    Py_DECREF(old);
    return 0;
}
static inline int sf_list_put_float(sf_pool *p, PyObject *o, long long i, double v) {
    long long n = PyList_GET_SIZE(o), at = i < 0 ? i + n : i;
    PyObject *old, *x;
    int r;
    if (at < 0 || at >= n || v != v) return sf_deopt();  /* NaN is told by its identity */
    old = PyList_GET_ITEM(o, at);
    if (sf_ours(p, o, (void *)(size_t)at, old)) { ((PyFloatObject *)old)->ob_fval = v; return 0; }
    x = PyFloat_FromDouble(v);
    r = x ? sf_list_put(p, o, at, x) : -1;
    Py_XDECREF(x);
    return r;
}
static PyObject *sf_list_pop(sf_pool *p, PyObject *o) {
    Py_ssize_t n = PyList_GET_SIZE(o);
    PyObject *old;
    if (p) return sf_seq_pop_object(p, o);
    if (!n) { sf_deopt(); return NULL; }
    old = sf_kept(PyList_GET_ITEM(o, n - 1));
    if (PyList_SetSlice(o, n - 1, n, NULL) < 0) Py_CLEAR(old);
    return old;
}
static PyObject *sf_list_pop_at(sf_pool *p, PyObject *o, long long i) {
    Py_ssize_t n = PyList_GET_SIZE(o);
    PyObject *old;
    if (i < 0) i += n;
    if (i < 0 || i >= n) { sf_deopt(); return NULL; }
    if (p && sf_note_all(p, o) < 0) return NULL;
    old = sf_kept(PyList_GET_ITEM(o, i));
    if (PyList_SetSlice(o, i, i + 1, NULL) < 0) Py_CLEAR(old);
    return old;
}
static int sf_list_insert(sf_pool *p, PyObject *o, long long i, PyObject *v) {
    if (p && sf_note_all(p, o) < 0) return -1;
    return PyList_Insert(o, (Py_ssize_t)i, v);
}
static int sf_list_reverse(sf_pool *p, PyObject *o) {
    if (p && sf_note_all(p, o) < 0) return -1;
    return PyList_Reverse(o);
}
static int sf_list_splice(sf_pool *p, PyObject *o, long long from, long long to, PyObject *v) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to;
    if (p && sf_note_all(p, o) < 0) return -1;
    PySlice_AdjustIndices(PyList_GET_SIZE(o), &start, &stop, 1);
    return PyList_SetSlice(o, start, stop < start ? start : stop, v);
}
/* The items at every by-th place, as many as there are in ``v``; by may be 1, where a list may grow. */
static int sf_list_stride(sf_pool *p, PyObject *o, long long from, long long to, long long by, PyObject *v) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, n, i;
    if (by == 1) return sf_list_splice(p, o, from, to, v);
    n = PySlice_AdjustIndices(PyList_GET_SIZE(o), &start, &stop, (Py_ssize_t)by);
    if (v == o || PySequence_Fast_GET_SIZE(v) != n) return sf_deopt();
    if (p && sf_note_all(p, o) < 0) return -1;
    for (i = 0; i < n; i++) {
        PyObject *old = PyList_GET_ITEM(o, start + i * by), *x = PySequence_Fast_GET_ITEM(v, i);
        PyList_SET_ITEM(o, start + i * by, sf_kept(x));
        Py_DECREF(old);
    }
    return 0;
}
static PyObject *sf_slice(long long from, long long to, long long by) {
    PyObject *start = PyLong_FromLongLong(from), *stop = PyLong_FromLongLong(to);
    PyObject *step = PyLong_FromLongLong(by), *made = NULL;
    if (start && stop && step) made = PySlice_New(start, stop, step);
    Py_XDECREF(start); Py_XDECREF(stop); Py_XDECREF(step);
    return made;
}
/* A part of a bytearray that was made in the call gets other bytes. */
static int sf_bytes_splice(PyObject *o, long long from, long long to, long long by, PyObject *v) {
    PyObject *slice = sf_failed ? NULL : sf_slice(from, to, by);
    int r = slice ? PyObject_SetItem(o, slice, v) : sf_deopt();
    Py_XDECREF(slice);
    return r;
}
/* Every by-th letter of a text, or byte of bytes: n of them. */
static PyObject *sf_letters(PyObject *o, Py_ssize_t start, Py_ssize_t n, Py_ssize_t by) {
    int text = PyUnicode_CheckExact(o);
    int size = text ? (int)PyUnicode_KIND(o) : 1;
    const char *from = text ? (const char *)PyUnicode_DATA(o) : PyBytes_AS_STRING(o);
    char *to;
    PyObject *r;
    Py_ssize_t i;
    if (n <= 0) return text ? PyUnicode_FromStringAndSize(NULL, 0) : PyBytes_FromStringAndSize(NULL, 0);
    to = (char *)PyMem_Malloc(n * size);
    if (!to) return PyErr_NoMemory();
    for (i = 0; i < n; i++) memcpy(to + i * size, from + (start + i * by) * size, size);
    r = text ? PyUnicode_FromKindAndData(size, to, n) : PyBytes_FromStringAndSize(to, n);
    PyMem_Free(to);
    return r;
}
/* A part of an exact list, tuple, str or bytes. */
static PyObject *sf_part(PyObject *o, long long from, long long to, long long by) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, n, i;
    PyObject *r;
    if (PyByteArray_CheckExact(o) || Py_TYPE(o) == sf_array_type) {
        PyObject *slice = sf_slice(from, to, by);
        r = slice ? PyObject_GetItem(o, slice) : NULL;
        Py_XDECREF(slice);
        return r;
    }
    n = PySlice_AdjustIndices(PyUnicode_CheckExact(o) ? PyUnicode_GET_LENGTH(o) : Py_SIZE(o), &start, &stop,
                              (Py_ssize_t)by);
    if (by == 1) {
        if (PyUnicode_CheckExact(o)) return PyUnicode_Substring(o, start, start + n);
        if (PyList_CheckExact(o)) return PyList_GetSlice(o, start, start + n);
        return PySequence_GetSlice(o, start, start + n);
    }
    if (PyUnicode_CheckExact(o) || PyBytes_CheckExact(o)) return sf_letters(o, start, n, by);
    if (!PyList_CheckExact(o) && !PyTuple_CheckExact(o)) { sf_deopt(); return NULL; }
    r = PyList_CheckExact(o) ? PyList_New(n) : PyTuple_New(n);
    for (i = 0; r && i < n; i++) {
        PyObject *x = sf_kept(PySequence_Fast_GET_ITEM(o, start + i * by));
        if (PyList_CheckExact(o)) PyList_SET_ITEM(r, i, x); else PyTuple_SET_ITEM(r, i, x);
    }
    return r;
}
/* What a loop goes through, of which no type was seen: a list or a tuple, or the numbers of a short range. */
static PyObject *sf_row_of(PyObject *o) {
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) return sf_kept(o);
    if (PyRange_Check(o)) {
        Py_ssize_t n = PyObject_Length(o);
        PyObject *row = 0 <= n && n <= 4096 ? PySequence_Tuple(o) : NULL;
        if (row) return row;
        PyErr_Clear();
    }
    sf_deopt();
    return NULL;
}
static PyObject *sf_list_times(PyObject *o, long long n) {
    if (sf_failed || n > (1 << 28)) { sf_deopt(); return NULL; }
    return PySequence_Repeat(o, (Py_ssize_t)n);
}
static inline PyObject *sf_letter(PyObject *o, long long i) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(o);
    Py_UCS4 c;
    if (i < 0) i += n;
    if (i < 0 || i >= n) { sf_deopt(); return NULL; }
    c = PyUnicode_READ_CHAR(o, i);
    return PyUnicode_FromOrdinal((int)c);
}
static inline long long sf_ord_of(PyObject *o) {
    return PyUnicode_GET_LENGTH(o) == 1 ? (long long)PyUnicode_READ_CHAR(o, 0) : sf_bad();
}

/* Whether a text holds another, mostly one letter. */
static int sf_text_in(PyObject *t, PyObject *c) {
    Py_ssize_t at;
    if (PyUnicode_GET_LENGTH(c) != 1) return PyUnicode_Contains(t, c);
    at = PyUnicode_FindChar(t, PyUnicode_READ_CHAR(c, 0), 0, PyUnicode_GET_LENGTH(t), 1);
    return at == -2 ? -1 : at >= 0;
}
#define SF_TEST(NAME) static int sf_text_##NAME(PyObject *t) { \
    static PyObject *name = NULL; \
    PyObject *r; \
    int found; \
    if (PyUnicode_GET_LENGTH(t) == 1) return sf_##NAME(PyUnicode_READ_CHAR(t, 0)); \
    if (!name && !(name = PyUnicode_InternFromString(#NAME))) return -1; \
    r = PyObject_CallMethodNoArgs(t, name); \
    found = r ? r == Py_True : -1; \
    Py_XDECREF(r); \
    return found; }
SF_TEST(isdigit) SF_TEST(isalpha) SF_TEST(isalnum) SF_TEST(isspace) SF_TEST(isupper) SF_TEST(islower)
/* Whether a text is a number. What is mostly asked is told without making one. */
static int sf_reads(PyObject *t, PyObject *(*make)(PyObject *)) {
    PyObject *found = make(t);
    if (!found && !PyErr_ExceptionMatches(PyExc_ValueError)) return -1;
    if (!found) PyErr_Clear();
    Py_XDECREF(found);
    return found != NULL;
}
static PyObject *sf_int_from(PyObject *t) { return PyLong_FromUnicodeObject(t, 10); }
static int sf_reads_int(PyObject *t) {
    Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(t);
    if (n && n < 19 && PyUnicode_IS_ASCII(t)) {
        const char *c = (const char *)PyUnicode_1BYTE_DATA(t);
        while (i < n && c[i] >= '0' && c[i] <= '9') i++;
        if (i == n) return 1;
    }
    return sf_reads(t, sf_int_from);
}
static int sf_reads_float(PyObject *t) { return sf_reads(t, PyFloat_FromString); }
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
/* A deque's own methods in C, without the search for them. */
static PyObject *sf_deque_take(PyObject *o, int left) {
    static PyCFunction take[2] = {NULL, NULL};
    const char *name = left ? "popleft" : "pop";
    if (!take[left] && !(take[left] = sf_method_in_c(Py_TYPE(o), name, METH_NOARGS)))
        return PyObject_CallMethod(o, name, NULL);
    return take[left](o, NULL);
}
static int sf_deque_give(PyObject *o, PyObject *v, int left) {
    static PyCFunction give[2] = {NULL, NULL};
    const char *name = left ? "appendleft" : "append";
    PyObject *none;
    if (!give[left] && !(give[left] = sf_method_in_c(Py_TYPE(o), name, METH_O)))
        none = PyObject_CallMethod(o, name, "O", v);
    else none = give[left](o, v);
    Py_XDECREF(none);
    return none ? 0 : -1;
}
static PyObject *sf_deque_item(PyObject *o, long long i) {
    if (i < -Py_SIZE(o) || i >= Py_SIZE(o)) { sf_deopt(); return NULL; }
    return PySequence_GetItem(o, i);
}
static inline long long sf_deque_len(PyObject *o) { return Py_SIZE(o); }
/* Bytes, and a bytearray that was made in the call. */
static inline long long sf_byte_len(PyObject *o) {
    return PyBytes_CheckExact(o) ? PyBytes_GET_SIZE(o) : PyByteArray_GET_SIZE(o);
}
static inline long long sf_byte_at(PyObject *o, long long i) {
    long long n = sf_byte_len(o);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return sf_bad();
    return (unsigned char)(PyBytes_CheckExact(o) ? PyBytes_AS_STRING(o) : PyByteArray_AS_STRING(o))[i];
}
static inline int sf_byte_put(PyObject *o, long long i, long long v) {
    long long n = PyByteArray_GET_SIZE(o);
    if (i < 0) i += n;
    if (i < 0 || i >= n || v < 0 || v > 255) return sf_deopt();
    PyByteArray_AS_STRING(o)[i] = (char)v;
    return 0;
}

/* Dicts and sets; their keys are numbers, text or tuples of them, or instances told by identity. */
static int sf_entry_put(sf_pool *p, PyObject *d, PyObject *k, PyObject *v) {
    if (p) {
        PyObject *old = PyDict_GetItemWithError(d, k);
        if (!old && PyErr_Occurred()) return -1;
        if (sf_note_part(p, d, SF_ENTRY, k, old) < 0) return -1;
    }
    return PyDict_SetItem(d, k, v);
}
/* The namespace of the function in Python that made the call. */
static int sf_home(sf_pool *p) {
    p->names = PyEval_GetGlobals();
    return p->names && PyDict_Check(p->names) ? 0 : sf_deopt();
}
static PyObject *sf_live(sf_pool *p, PyObject *name) {
    PyObject *found = PyDict_GetItemWithError(p->names, name);
    if (!found) { if (!PyErr_Occurred()) sf_deopt(); return NULL; }
    return sf_kept(found);
}
static int sf_live_put(sf_pool *p, PyObject *name, PyObject *v) { return sf_entry_put(p, p->names, name, v); }
static int sf_entry_put_float(sf_pool *p, PyObject *d, PyObject *k, double v) {
    PyObject *old = PyDict_GetItemWithError(d, k), *x;
    int r;
    if (!old && PyErr_Occurred()) return -1;
    if (v != v) return sf_deopt();
    if (sf_ours(p, d, k, old)) { ((PyFloatObject *)old)->ob_fval = v; return 0; }
    x = PyFloat_FromDouble(v);
    r = x ? sf_entry_put(p, d, k, x) : -1;
    Py_XDECREF(x);
    return r;
}
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
        name = PyObject_GetAttrString(found, "__module__");
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
/* A dict of keys in a list that all stand for one value. */
static PyObject *sf_from_keys(PyObject *keys, PyObject *value) {
    PyObject *made = PyDict_New();
    Py_ssize_t i;
    for (i = 0; made && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i);
        if (!sf_is_key(key)) { sf_deopt(); Py_CLEAR(made); }
        else if (PyDict_SetItem(made, key, value) < 0) Py_CLEAR(made);
    }
    return made;
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
static int sf_member_put(sf_pool *p, PyObject *s, PyObject *k) {
    if (p) {
        int r = PySet_Contains(s, k);
        if (r) return r < 0 ? -1 : 0;
        Py_ssize_t fill = sf_set_fill(s);
        if (sf_note_item(p, s, k) < 0 || PySet_Add(s, k) < 0) return -1;
        if (sf_set_fill(s) == fill && !p->steps[p->done - 1].old)  /* a marked place was taken */
            p->steps[p->done - 1].old = Py_NewRef(Py_None);
        return 0;
    }
    return PySet_Add(s, k);
}
static int sf_entry_drop(sf_pool *p, PyObject *d, PyObject *k) {
    if (p && sf_note_whole(p, d) < 0) return -1;
    return PyDict_DelItem(d, k);
}
static int sf_member_drop(sf_pool *p, PyObject *s, PyObject *k) {
    int there = p ? PySet_Contains(s, k) : 1;
    if (there <= 0) return there;
    if (p && sf_note_whole(p, s) < 0) return -1;
    return PySet_Discard(s, k) < 0 ? -1 : 0;
}
/* Keep a dict, set or deque that came in, before what is not noted step by step. */
static int sf_keep_whole(sf_pool *p, PyObject *o) { return p ? sf_note_whole(p, o) : 0; }
/* Going through a dict: where the entry at a place is, whether there is one, what is behind it. */
static inline int sf_dict_more(PyObject *d, long long n, Py_ssize_t at, long long done) {
    PyObject *k, *v;
    if (PyDict_GET_SIZE(d) != n) return sf_deopt();
    if (!PyDict_Next(d, &at, &k, &v)) return 0;
    return done < n ? 1 : sf_deopt();  /* other keys than there were */
}
static inline PyObject *sf_dict_key_at(PyObject *d, Py_ssize_t at) {
    PyObject *k, *v;
    if (!PyDict_Next(d, &at, &k, &v)) { sf_deopt(); return NULL; }
    return sf_kept(k);
}
static inline PyObject *sf_dict_value_at(PyObject *d, Py_ssize_t at) {
    PyObject *k, *v;
    if (!PyDict_Next(d, &at, &k, &v)) { sf_deopt(); return NULL; }
    return sf_kept(v);
}
static inline Py_ssize_t sf_dict_after(PyObject *d, Py_ssize_t at) {
    PyObject *k, *v;
    PyDict_Next(d, &at, &k, &v);
    return at;
}
"""

CHAR_TESTS = ("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower")
