"""The C text for classes of the module ``collections``, and for deques in place."""

COLLECTIONS_C = r"""
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
/* A deque's own methods in C, without the search for them. */
static PyObject *sf_deque_take(PyObject *o, int left) {
    static PyCFunction take[2] = {NULL, NULL};
    const char *name = left ? "popleft" : "pop";
    if (!take[left] && !(take[left] = sf_method_in_c(Py_TYPE(o), name, METH_NOARGS)))
        return sf_by_name(o, name, NULL);
    return take[left](o, NULL);
}
static int sf_deque_give(PyObject *o, PyObject *v, int left) {
    static PyCFunction give[2] = {NULL, NULL};
    const char *name = left ? "appendleft" : "append";
    PyObject *none;
    if (!give[left] && !(give[left] = sf_method_in_c(Py_TYPE(o), name, METH_O)))
        none = sf_by_name(o, name, v);
    else none = give[left](o, v);
    Py_XDECREF(none);
    return none ? 0 : -1;
}
static PyObject *sf_deque_item(PyObject *o, long long i) {
    if (i < -Py_SIZE(o) || i >= Py_SIZE(o)) { sf_deopt(); return NULL; }
    return PySequence_GetItem(o, i);
}
static inline long long sf_deque_len(PyObject *o) { return Py_SIZE(o); }
"""
