"""The C text for what ``random.Random`` draws: its own C methods, and what the library makes of those in Python.

The state is kept before the first draw of a call, and put back where the call is taken back.
"""

RANDOM_C = r"""
/* The state of a generator: an int and 624 words, behind the head of the object. */
#define SF_STATE (4 + 624 * 4)
static PyTypeObject *sf_random = NULL;
static PyCFunction sf_draws = NULL, sf_draws_bits = NULL;

static PyObject *sf_module_random(void) {
    static PyObject *module = NULL;
    if (!module) module = PyImport_ImportModule("random");
    return module;
}
static PyCFunction sf_method_in_c(PyTypeObject *base, const char *name, int flags) {
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *found = text ? _PyType_Lookup(base, text) : NULL;
    PyMethodDef *method = found && Py_TYPE(found) == &PyMethodDescr_Type
        ? ((PyMethodDescrObject *)found)->d_method : NULL;
    Py_XDECREF(text);
    return method && method->ml_flags == flags ? method->ml_meth : NULL;
}
/* Whether the class draws as the library has it: all of these methods are those of its text. */
static int sf_draws_plainly(void) {
    static const char *made[][2] = {
        {"uniform", "uniform"}, {"expovariate", "expovariate"}, {"randint", "randint"},
        {"randrange", "randrange"}, {"choice", "choice"}, {"shuffle", "shuffle"},
        {"_randbelow", "_randbelow_with_getrandbits"}, {"__init__", "__init__"}, {"seed", "seed"},
        {"sample", "sample"}, {"choices", "choices"}, {"normalvariate", "normalvariate"},
    };
    static unsigned int looked_at = 0;
    PyObject *module = sf_module_random(), *cls, *space, *found, *text, *code;
    PyTypeObject *base;
    size_t i;
    int wrong = 0;
    if (!module) return -1;
    if (sf_random && looked_at && sf_random->tp_version_tag == looked_at) return 0;
    cls = sf_random ? Py_NewRef((PyObject *)sf_random) : PyObject_GetAttrString(module, "Random");
    if (!cls) return -1;
    base = PyType_Check(cls) ? ((PyTypeObject *)cls)->tp_base : NULL;
    if (!base || strcmp(base->tp_name, "_random.Random")
            || base->tp_basicsize < (Py_ssize_t)(sizeof(PyObject) + SF_STATE)
            || base->tp_basicsize > (Py_ssize_t)(sizeof(PyObject) + SF_STATE + 8)) {
        Py_DECREF(cls);
        return sf_deopt();
    }
    sf_draws = sf_method_in_c(base, "random", METH_NOARGS);
    sf_draws_bits = sf_method_in_c(base, "getrandbits", METH_O);
    wrong = !sf_draws || !sf_draws_bits
        || sf_method_in_c((PyTypeObject *)cls, "random", METH_NOARGS) != sf_draws
        || sf_method_in_c((PyTypeObject *)cls, "getrandbits", METH_O) != sf_draws_bits;
    space = PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
    for (i = 0; !wrong && i < sizeof(made) / sizeof(*made); i++) {
        text = PyUnicode_InternFromString(made[i][0]);
        found = text ? _PyType_Lookup((PyTypeObject *)cls, text) : NULL;
        Py_XDECREF(text);
        wrong = !found || !PyFunction_Check(found) || PyFunction_GetGlobals(found) != space;
        if (wrong) break;
        code = ((PyCodeObject *)PyFunction_GetCode(found))->co_name;
        wrong = PyUnicode_CompareWithASCIIString(code, made[i][1]) != 0;
    }
    PyErr_Clear();
    if (wrong) { Py_DECREF(cls); return sf_deopt(); }
    looked_at = ((PyTypeObject *)cls)->tp_version_tag;
    if (sf_random) Py_DECREF(cls); else sf_random = (PyTypeObject *)cls;
    return 0;
}
/* Sees to it that a generator is one of exactly that class without methods of its own, and keeps its state. */
static int sf_drawing(sf_pool *p, PyObject *o) {
    int known = sf_marked(p, o, (void *)-8);
    PyObject *own, *state, *next;
    int plain;
    if (known) return known < 0 ? -1 : 0;
    if (sf_draws_plainly() < 0) return -1;
    if (Py_TYPE(o) != sf_random || !(own = PyObject_GenericGetDict(o, NULL))) return sf_deopt();
    next = PyUnicode_InternFromString("gauss_next");
    plain = next && PyDict_CheckExact(own) && PyDict_GET_SIZE(own) == 1 && PyDict_Contains(own, next) == 1;
    Py_XDECREF(next); Py_DECREF(own);
    if (!plain) return sf_deopt();
    state = PyBytes_FromStringAndSize((char *)o + sizeof(PyObject), SF_STATE);
    if (!state) return -1;
    if (sf_note(p, o, SF_DRAWN, state) < 0) { Py_DECREF(state); return -1; }
    return 0;
}
/* The generator behind the functions of the module, where the one of that name is still its method. */
static PyObject *sf_shared_random(PyObject *name) {
    PyObject *module = sf_module_random(), *found, *self = NULL;
    if (!module || sf_draws_plainly() < 0) return NULL;
    found = PyDict_GetItemWithError(PyModule_GetDict(module), name);
    if (found && PyCFunction_Check(found)) {
        PyCFunction does = PyCFunction_GET_FUNCTION(found);
        if (does == sf_draws || does == sf_draws_bits) self = PyCFunction_GET_SELF(found);
    } else if (found && PyMethod_Check(found)) {
        if (PyMethod_GET_FUNCTION(found) == _PyType_Lookup(sf_random, name)) self = PyMethod_GET_SELF(found);
    }
    if (!self) { if (!PyErr_Occurred()) sf_deopt(); return NULL; }
    return Py_NewRef(self);
}
/* A generator of the class that the module names. */
static PyObject *sf_new_random(PyObject *seed) {
    PyObject *module = sf_module_random();
    if (!module || sf_draws_plainly() < 0) return NULL;
    if (PyDict_GetItemString(PyModule_GetDict(module), "Random") == (PyObject *)sf_random)
        return PyObject_CallOneArg((PyObject *)sf_random, seed);
    sf_deopt();
    return NULL;
}
/* A method that is called as it is: it changes nothing but the state. */
static PyObject *sf_drawn_by(sf_pool *p, PyObject *o, PyObject *name, PyObject *given, PyObject *named) {
    PyObject *method, *made;
    if (sf_drawing(p, o) < 0 || !(method = PyObject_GetAttr(o, name))) return NULL;
    made = PyObject_Call(method, given, named);
    Py_DECREF(method);
    return made;
}
/* Begins anew. The second half of a normal pair that is left over would not come back. */
static int sf_seeded(sf_pool *p, PyObject *o, PyObject *seed) {
    static PyObject *next = NULL, *name = NULL;
    PyObject *left, *done;
    if (!next && !(next = PyUnicode_InternFromString("gauss_next"))) return -1;
    if (!name && !(name = PyUnicode_InternFromString("seed"))) return -1;
    if (sf_drawing(p, o) < 0 || !(left = PyObject_GetAttr(o, next))) return -1;
    Py_DECREF(left);
    if (left != Py_None) return sf_deopt();
    if (!(done = PyObject_CallMethodOneArg(o, name, seed))) return -1;
    Py_DECREF(done);
    return 0;
}
static double sf_drawn(sf_pool *p, PyObject *o) {
    PyObject *made;
    double r;
    if (sf_drawing(p, o) < 0 || !(made = sf_draws(o, NULL))) return -1.0;
    r = PyFloat_AS_DOUBLE(made);
    Py_DECREF(made);
    return r;
}
/* ``k`` bits, of 1 to 64. */
static int sf_bits(PyObject *o, long long k, unsigned long long *r) {
    PyObject *many = PyLong_FromLongLong(k), *made = many ? sf_draws_bits(o, many) : NULL;
    Py_XDECREF(many);
    if (!made) return -1;
    *r = PyLong_AsUnsignedLongLong(made);
    Py_DECREF(made);
    return 0;
}
static long long sf_drawn_bits(sf_pool *p, PyObject *o, long long k) {
    unsigned long long r;
    if (k < 1 || k > 62) return sf_deopt();
    if (sf_drawing(p, o) < 0 || sf_bits(o, k, &r) < 0) return -1;
    return (long long)r;
}
/* A whole number below ``n``. */
static long long sf_drawn_below(sf_pool *p, PyObject *o, long long n) {
    unsigned long long r;
    long long k = 0;
    if (n <= 0) return sf_deopt();
    if (sf_drawing(p, o) < 0) return -1;
    while (n >> k) k++;
    do if (sf_bits(o, k, &r) < 0) return -1; while (r >= (unsigned long long)n);
    return (long long)r;
}
static int sf_shuffled(sf_pool *p, PyObject *o, PyObject *list, int fresh) {
    Py_ssize_t i;
    if (!fresh && sf_note_all(p, list) < 0) return -1;
    for (i = PyList_GET_SIZE(list) - 1; i > 0; i--) {
        long long j = sf_drawn_below(p, o, i + 1);
        PyObject *x = PyList_GET_ITEM(list, i);
        if (j < 0) return -1;
        PyList_SET_ITEM(list, i, PyList_GET_ITEM(list, j));
        PyList_SET_ITEM(list, j, x);
    }
    return 0;
}
"""
