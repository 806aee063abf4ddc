"""The C text for attributes of instances of plain classes, read and stored where they are.

An attribute is an index into the values that an instance keeps in the order of its class's shared
keys, or the offset of a slot; where the interpreter's headers do not say, or an instance has a dict
of its own, the interpreter is asked. No code of the user's runs for any of them.
"""

PLACES_C = r"""
#include <structmember.h>
#ifndef Py_T_OBJECT_EX
#define Py_T_OBJECT_EX T_OBJECT_EX
#define Py_READONLY READONLY
#endif

/* A class that instances are taken for. ``names``: of its methods that are called, which no instance
   may have itself; ``methods``: what they are; ``frozen``: that of a dataclass, which only lets its own
   ``__init__`` store. */
typedef struct {
    PyTypeObject *type;
    int frozen;
    unsigned int version;
    Py_ssize_t keys;
    PyObject *names, *methods;
    uint64_t hashes;  /* a bit for each of the names */
} sf_class;
/* An attribute: an index of the values, an offset into the instance, or its name alone; and where it was
   among the entries of the last dict of its own that an instance had. */
enum { SF_BY_NAME, SF_BY_INDEX, SF_BY_OFFSET };
typedef struct { PyTypeObject *type; PyObject *name; Py_ssize_t at, entry; int how; } sf_place;
#define SF_MOST_ENTRIES 32

#ifdef SF_VALUES
static inline sf_keys *sf_shared(PyTypeObject *type) {
    return (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
        ? (sf_keys *)((PyHeapTypeObject *)type)->ht_cached_keys : NULL;
}
static Py_ssize_t sf_keys_of(PyTypeObject *type) {
    sf_keys *keys = sf_shared(type);
    return keys ? keys->entries : 0;
}
static Py_ssize_t sf_key_index(PyTypeObject *type, PyObject *name) {
    Py_ssize_t i, n = sf_keys_of(type);
    sf_keys *keys = sf_shared(type);
    for (i = 0; i < n; i++) {
        sf_key *entries = (sf_key *)(keys->indices + ((size_t)1 << keys->log2_index_bytes));
        if (entries[i].key == name) return i;
    }
    return -1;
}
/* The values that an instance keeps itself; NULL where it has none, or has a dict. */
static inline sf_held *sf_values(PyObject *o) {
#if PY_VERSION_HEX >= 0x030D0000
    sf_held *v = (sf_held *)((char *)o + sizeof(PyObject));
    if (!(Py_TYPE(o)->tp_flags & Py_TPFLAGS_INLINE_VALUES)) return NULL;
    return v->valid && !((PyObject **)o)[-3] ? v : NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    char *held = ((char **)o)[-3];  /* values are told from a dict by the lowest bit */
    return ((size_t)held & 1) ? (sf_held *)(held + 1) : NULL;
#else
    return ((sf_held **)o)[-4];
#endif
}
/* Note that the value at an index is the next of the instance's attributes. */
static inline void sf_in_order(sf_held *v, Py_ssize_t i) {
#if PY_VERSION_HEX >= 0x030D0000
    ((uint8_t *)&v->values[v->capacity])[v->size++] = (uint8_t)i;
#else
    uint8_t *size = (uint8_t *)v - 2;
    ++*size;
    size[-(int)*size] = (uint8_t)i;
#endif
}
/* The dict that an instance has; NULL where it has none (yet). */
static inline PyObject *sf_own_dict(PyObject *o) {
    PyObject *held;
    if (!(Py_TYPE(o)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) return NULL;
    held = ((PyObject **)o)[-3];
#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030D0000
    if ((size_t)held & 1) return NULL;
#endif
    return held;
}
/* The entries of a dict that shares its keys with no other, all of which are text; NULL of other dicts. */
static inline sf_key *sf_entries(PyObject *held, Py_ssize_t *n) {
    sf_keys *keys = (sf_keys *)((PyDictObject *)held)->ma_keys;
    if (((PyDictObject *)held)->ma_values || keys->kind != 1) return NULL;
    *n = keys->entries;
    return (sf_key *)(keys->indices + ((size_t)1 << keys->log2_index_bytes));
}
/* What a dict has at the entry where another one had it; NULL where that is something else. */
static inline PyObject *sf_at_entry(PyObject *held, sf_place *at) {
    Py_ssize_t n;
    sf_key *entries = sf_entries(held, &n);
    return entries && at->entry < n && entries[at->entry].key == at->name ? entries[at->entry].value : NULL;
}
static void sf_find_entry(PyObject *held, sf_place *at) {
    Py_ssize_t i, n;
    sf_key *entries = sf_entries(held, &n);
    for (i = 0; entries && i < n && i < SF_MOST_ENTRIES; i++)
        if (entries[i].key == at->name) at->entry = i;
}
/* Whether a dict has none of a class's names as far as hashes tell. */
static int sf_has_none(PyObject *held, sf_class *c) {
    Py_ssize_t i, j, n;
    sf_key *entries = sf_entries(held, &n);
    if (!entries)  /* those of its class, which have none as long as there are no more of them */
        return ((PyDictObject *)held)->ma_values && c->keys == sf_keys_of(c->type)
            && (sf_keys *)((PyDictObject *)held)->ma_keys == sf_shared(c->type);
    if (n > SF_MOST_ENTRIES) return 0;
    for (i = 0; i < n; i++) {
        Py_hash_t hash = entries[i].key ? ((PyASCIIObject *)entries[i].key)->hash : -1;
        if (hash == -1 || !(c->hashes >> (hash & 63) & 1)) continue;
        for (j = 0; j < PyTuple_GET_SIZE(c->names); j++)
            if (((PyASCIIObject *)PyTuple_GET_ITEM(c->names, j))->hash == hash) return 0;
    }
    return 1;
}
#else
static Py_ssize_t sf_keys_of(PyTypeObject *type) { (void)type; return 0; }
static Py_ssize_t sf_key_index(PyTypeObject *type, PyObject *name) {
    (void)type; (void)name; return -1;
}
#endif

/* Whether a class is one of ABCMeta, which has no say but in what an instance of it is. */
static int sf_is_abc(PyObject *cls) {
    static PyObject *meta = NULL;
    if (!meta) {
        PyObject *module = PyImport_ImportModule("abc");
        if (module) { meta = PyObject_GetAttrString(module, "ABCMeta"); Py_DECREF(module); }
        PyErr_Clear();
    }
    return (PyObject *)Py_TYPE(cls) == meta;
}
static PyObject *sf_none_stored(void) {
    static PyObject *none = NULL;
    if (!none) none = PyLong_FromLong(0);
    return none;
}
/* Whether it is the function of the text, by its name and first line. */
static int sf_is_written(PyObject *o, PyObject *name, long line) {
    PyCodeObject *code = PyFunction_Check(o) ? (PyCodeObject *)PyFunction_GET_CODE(o) : NULL;
    return code && code->co_firstlineno == line && !PyUnicode_Compare(code->co_qualname, name);
}
/* The function of a method, property, static or class method; NULL, perhaps with an exception, of anything else. */
static PyObject *sf_function_of(PyObject *found) {
    if (PyFunction_Check(found)) return Py_NewRef(found);
    if (Py_TYPE(found) == &PyProperty_Type) return sf_attr(found, "fget");
    if (Py_TYPE(found) == &PyStaticMethod_Type || Py_TYPE(found) == &PyClassMethod_Type)
        return sf_attr(found, "__func__");
    return NULL;
}
/* Whether a method, property or static method is the function of the text: its name and first line, and
   that of what stores to a property, which is 0 where nothing is stored to it. Without a name, one that
   dataclass wrote. */
static int sf_of_text(PyObject *found, PyObject *name, PyObject *line, PyObject *stores) {
    PyObject *function = sf_function_of(found);
    PyCodeObject *code;
    int same = 0;
    if (function && PyFunction_Check(function)) {
        code = (PyCodeObject *)PyFunction_GET_CODE(function);
        same = PyUnicode_GET_LENGTH(name)
            ? sf_is_written(function, name, PyLong_AsLong(line))
            : !PyUnicode_CompareWithASCIIString(code->co_filename, "<string>");
    }
    Py_XDECREF(function);
    if (same && PyLong_AsLong(stores)) {
        function = sf_attr(found, "fset");
        same = function && sf_of_text(function, name, stores, sf_none_stored());
        Py_XDECREF(function);
    }
    PyErr_Clear();
    return same;
}
/* What stands in a class itself under a name; borrowed, NULL without an exception. */
static PyObject *sf_in_class(PyObject *cls, PyObject *which) {
    PyObject *dict = PyType_Check(cls) ? ((PyTypeObject *)cls)->tp_dict : NULL;
    PyObject *found = dict ? PyDict_GetItemWithError(dict, which) : NULL;
    PyErr_Clear();
    return found;
}
/* Whether a class has the method, or property, of the text itself. */
static int sf_has_written(PyObject *cls, PyObject *which, PyObject *name, PyObject *line, int property) {
    PyObject *found = sf_in_class(cls, which);
    return found && Py_TYPE(found) == (property ? &PyProperty_Type : &PyFunction_Type)
        && sf_of_text(found, name, line, sf_none_stored());
}
/* Whether the class is as it was when it was looked at: 1; 0 where it was looked at anew and the
   places have to be as well. ``names`` is a tuple of interned names, and ``text`` says of each the
   qualified name and the lines that it has in the source, and which of the types. */
static int sf_class_of(sf_class *c, PyObject *cls, PyObject *names, PyObject *text) {
    PyTypeObject *t = (PyTypeObject *)cls;
    PyTypeObject *types[] = {&PyFunction_Type, &PyProperty_Type, &PyStaticMethod_Type, &PyClassMethod_Type};
    PyObject *methods;
    Py_ssize_t i, n = PyTuple_GET_SIZE(names);
    if (Py_TYPE(cls) != &PyType_Type && !sf_is_abc(cls)) return sf_deopt();
    if (c->type == t && c->version && c->version == t->tp_version_tag && c->keys == sf_keys_of(t))
        return 1;
    if (!(t->tp_flags & Py_TPFLAGS_HEAPTYPE) || t->tp_getattro != PyObject_GenericGetAttr
            || (t->tp_setattro != PyObject_GenericSetAttr && !c->frozen)
            || t->tp_new != PyBaseObject_Type.tp_new
            || t->tp_finalize || t->tp_dictoffset > 0)
        return sf_deopt();
    methods = PyTuple_New(n);
    for (i = 0; methods && i < n; i++) {
        PyObject *found = _PyType_Lookup(t, PyTuple_GET_ITEM(names, i));
        PyObject *own = PyTuple_GET_ITEM(text, i);
        int method = found && Py_TYPE(found) == types[PyLong_AsLong(PyTuple_GET_ITEM(own, 3))];
        if (method)
            method = sf_of_text(found, PyTuple_GET_ITEM(own, 0), PyTuple_GET_ITEM(own, 1),
                PyTuple_GET_ITEM(own, 2));
        if (!method || sf_key_index(t, PyTuple_GET_ITEM(names, i)) >= 0
                || (c->type == t && PyTuple_GET_ITEM(c->methods, i) != found)) {
            Py_DECREF(methods);
            return sf_deopt();
        }
        PyTuple_SET_ITEM(methods, i, sf_kept(found));
    }
    if (!methods) return -1;
    c->hashes = 0;
    for (i = 0; i < n; i++) c->hashes |= (uint64_t)1 << (PyObject_Hash(PyTuple_GET_ITEM(names, i)) & 63);
    if (!n) _PyType_Lookup(t, PyUnicode_InternFromString("__init__"));
    Py_INCREF(t);  /* for good: another class never gets its address */
    Py_INCREF(names);
    Py_XSETREF(c->names, names);
    Py_XSETREF(c->methods, methods);
    c->type = t; c->version = t->tp_version_tag; c->keys = sf_keys_of(t);
    return 0;
}
static int sf_place_of(sf_place *at, PyObject *cls, PyObject *name) {
    PyTypeObject *t = (PyTypeObject *)cls;
    PyObject *found = _PyType_Lookup(t, name);
    Py_INCREF(name);
    Py_XSETREF(at->name, name);
    at->type = t; at->how = SF_BY_NAME; at->at = -1; at->entry = PY_SSIZE_T_MAX;
    if (found && Py_TYPE(found) == &PyMemberDescr_Type) {
        struct PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        if (member->type != Py_T_OBJECT_EX || (member->flags & Py_READONLY)) return sf_deopt();
        at->how = SF_BY_OFFSET; at->at = member->offset;
        return 0;
    }
    if (found && Py_TYPE(found)->tp_descr_set) return sf_deopt();
    at->at = sf_key_index(t, name);
    if (at->at >= 0) at->how = SF_BY_INDEX;
    return 0;
}
/* That an instance is of exactly this class, and has no method of its own. */
static int sf_own(PyObject *o, sf_class *c) {
    Py_ssize_t i;
    PyObject *held;
    if (Py_TYPE(o) != c->type) return sf_deopt();
#ifdef SF_VALUES
    held = sf_own_dict(o);
    if (!held || sf_has_none(held, c)) return 0;
    Py_INCREF(held);
#else
    if (!c->type->tp_dictoffset && !(c->type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) return 0;
    held = PyObject_GenericGetDict(o, NULL);
    if (!held) return -1;
#endif
    for (i = 0; i < PyTuple_GET_SIZE(c->names); i++)
        if (PyDict_Contains(held, PyTuple_GET_ITEM(c->names, i))) {
            Py_DECREF(held);
            return sf_deopt();
        }
    Py_DECREF(held);
    return 0;
}
/* Namespaces come in as their method ``get``. */
static inline PyObject *sf_names(PyObject *get) {
    return PyCFunction_Check(get) ? PyCFunction_GET_SELF(get) : NULL;
}
/* What a namespace has by a name; None where it has nothing. */
static PyObject *sf_global(PyObject *get, PyObject *name) {
    PyObject *names = sf_names(get), *found = NULL;
    if (names && PyDict_Check(names)) found = PyDict_GetItemWithError(names, name);
    if (!found && PyErr_Occurred()) return NULL;
    return sf_kept(found ? found : Py_None);
}
static inline int sf_is_module(PyObject *o, PyObject *get) {
    return PyModule_CheckExact(o) && PyModule_GetDict(o) == sf_names(get);
}
/* Whether a class is a named tuple's with just these fields, made and read as ``namedtuple`` makes it. */
static int sf_is_named(PyObject *cls, PyObject *fields) {
    PyTypeObject *t = (PyTypeObject *)cls;
    static struct { PyTypeObject *type; unsigned int version; PyObject *fields; } known[8];
    static const char *said[] = {"__bool__", "__len__", "__iter__", "__getitem__", "__eq__", "__ne__",
        "__lt__", "__hash__", NULL};
    static int turn = 0;
    PyObject *dict, *own, *made, *home;
    Py_ssize_t i;
    int same;
    for (i = 0; i < 8; i++)
        if (known[i].type == t && known[i].version && known[i].version == t->tp_version_tag
                && known[i].fields == fields)
            return 1;
    if (!PyType_Check(cls) || Py_TYPE(cls) != &PyType_Type || t->tp_base != &PyTuple_Type
            || t->tp_getattro != PyObject_GenericGetAttr || t->tp_itemsize != PyTuple_Type.tp_itemsize
            || t->tp_dictoffset || t->tp_init != PyTuple_Type.tp_init || t->tp_finalize)
        return 0;
    dict = t->tp_dict;  /* its own: a heap type's */
    /* Nor does it say itself how long it is, what is in it, what it equals, or whether it is true. */
    for (i = 0; dict && said[i]; i++) if (PyDict_GetItemString(dict, said[i])) return 0;
    own = dict ? PyDict_GetItemString(dict, "_fields") : NULL;
    made = dict ? PyDict_GetItemString(dict, "__new__") : NULL;
    if (!own || !PyTuple_CheckExact(own) || !made) return 0;
    same = PyObject_RichCompareBool(own, fields, Py_EQ);
    if (same != 1) { PyErr_Clear(); return 0; }
    made = sf_function_of(made);
    /* Its own __new__ is a function whose globals are called namedtuple_ and the class's name. */
    home = made && PyFunction_Check(made)
        ? PyDict_GetItemString(PyFunction_GET_GLOBALS(made), "__name__") : NULL;
    same = home && PyUnicode_Check(home) && PyUnicode_AsUTF8(home)
        && !strncmp(PyUnicode_AsUTF8(home), "namedtuple_", 11);
    Py_XDECREF(made);
    for (i = 0; same && i < PyTuple_GET_SIZE(fields); i++) {
        PyObject *found = PyDict_GetItem(dict, PyTuple_GET_ITEM(fields, i)), *told, *at;
        same = found && strstr(Py_TYPE(found)->tp_name, "_tuplegetter");
        told = same ? sf_by_name(found, "__reduce__", NULL) : NULL;
        at = told && PyTuple_Check(told) ? PyTuple_GetItem(told, 1) : NULL;
        at = at && PyTuple_Check(at) ? PyTuple_GetItem(at, 0) : NULL;
        same = at && PyLong_Check(at) && PyLong_AsSsize_t(at) == i;
        Py_XDECREF(told);
    }
    PyErr_Clear();
    if (!same) return 0;
    _PyType_Lookup(t, PyTuple_GET_ITEM(fields, 0));  /* which gives it a version */
    Py_INCREF(t);  /* for good: no other gets its address */
    Py_INCREF(fields);
    known[turn].type = t; known[turn].version = t->tp_version_tag;
    Py_XSETREF(known[turn].fields, fields);
    turn = (turn + 1) % 8;
    return 1;
}
/* The code of a method or class method; NULL without an exception. */
static PyObject *sf_code_of(PyObject *found) {
    PyObject *function = sf_function_of(found);
    PyObject *code = function && PyFunction_Check(function) ? PyFunction_GET_CODE(function) : NULL;
    Py_XDECREF(function);
    PyErr_Clear();
    return code;
}
/* Whether a named tuple's class makes an instance with just these values for what is not given. */
static int sf_has_defaults(PyObject *cls, PyObject *values) {
    PyObject *made = PyType_Check(cls) ? PyDict_GetItemString(((PyTypeObject *)cls)->tp_dict, "__new__") : NULL;
    PyObject *own;
    Py_ssize_t i;
    int same = 0;
    made = made ? sf_function_of(made) : NULL;
    own = made && PyFunction_Check(made) ? PyFunction_GET_DEFAULTS(made) : NULL;
    if (own && PyTuple_GET_SIZE(own) == PyTuple_GET_SIZE(values)) {
        same = PyObject_RichCompareBool(own, values, Py_EQ) == 1;
        for (i = 0; same && i < PyTuple_GET_SIZE(own); i++)
            same = Py_TYPE(PyTuple_GET_ITEM(own, i)) == Py_TYPE(PyTuple_GET_ITEM(values, i));
    }
    Py_XDECREF(made);
    PyErr_Clear();
    return same;
}
/* Whether a named tuple's class has a method as ``namedtuple`` gives it to every class. */
static int sf_is_named_own(PyObject *cls, PyObject *which) {
    static PyObject *plain = NULL;
    PyObject *found = sf_in_class(cls, which), *every;
    if (!plain) {
        PyObject *module = PyImport_ImportModule("collections");
        plain = module ? PyObject_CallMethod(module, "namedtuple", "ss", "plain", "field") : NULL;
        Py_XDECREF(module);
        PyErr_Clear();
    }
    every = plain ? sf_in_class(plain, which) : NULL;
    return found && every && Py_TYPE(found) == Py_TYPE(every) && sf_code_of(found)
        && sf_code_of(found) == sf_code_of(every);
}
/* Whether it is a key that is found by what it holds: NaN is not. */
static int sf_named_key(PyObject *o);
static int sf_frozen_key(PyObject *o) {
    PyObject *items = PySequence_Tuple(o);
    int told = items && sf_named_key(items);
    Py_XDECREF(items);
    PyErr_Clear();
    return told;
}
static int sf_named_key(PyObject *o) {
    Py_ssize_t i;
    for (i = 0; i < PyTuple_GET_SIZE(o); i++) {
        PyObject *item = PyTuple_GET_ITEM(o, i);
        if (PyFloat_CheckExact(item) ? PyFloat_AS_DOUBLE(item) != PyFloat_AS_DOUBLE(item)
                : !(PyLong_CheckExact(item) || PyUnicode_CheckExact(item) || PyBool_Check(item)
                    || item == Py_None || (PyTuple_CheckExact(item) && sf_named_key(item))
                    || (PyFrozenSet_CheckExact(item) && sf_frozen_key(item))))
            return 0;
    }
    return 1;
}
static PyObject *sf_new_named(PyObject *cls, PyObject *items) {
    PyObject *given = PyTuple_Pack(1, items), *made;
    if (!given) return NULL;
    made = PyTuple_Type.tp_new((PyTypeObject *)cls, given, NULL);
    Py_DECREF(given);
    return made;
}
static inline int sf_derives(PyObject *cls, PyObject *base) {
    return PyType_Check(cls) && PyType_Check(base)
        && PyType_IsSubtype((PyTypeObject *)cls, (PyTypeObject *)base);
}
static inline int sf_is_of(PyObject *o, sf_class *c) { return Py_TYPE(o) == c->type; }
/* Whether ``o`` is an instance and not None; for nothing else. */
static inline int sf_there(PyObject *o, sf_class *c) {
    if (o == Py_None) return 0;
    return Py_TYPE(o) == c->type ? 1 : sf_deopt();
}
/* What a class itself has by a name, as it is. */
static PyObject *sf_of_class(sf_class *c, PyObject *name) {
    PyObject *found = _PyType_Lookup(c->type, name);
    if (!found || Py_TYPE(found)->tp_descr_get) { sf_deopt(); return NULL; }
    return sf_kept(found);
}
static PyObject *sf_name_of(sf_class *c) {
    static PyObject *name = NULL;
    if (!name && !(name = PyUnicode_InternFromString("__name__"))) return NULL;
    return PyObject_GetAttr((PyObject *)c->type, name);
}
static PyObject *sf_make(sf_class *c) {
    static PyObject *nothing = NULL;
    if (!nothing && !(nothing = PyTuple_New(0))) return NULL;
    return c->type->tp_new(c->type, nothing, NULL);
}

/* What is there, without a reference; NULL where the interpreter has to be asked. */
static inline PyObject *sf_peek(PyObject *o, sf_place *at) {
    if (Py_TYPE(o) != at->type) return NULL;
    if (at->how == SF_BY_OFFSET) return *(PyObject **)((char *)o + at->at);
#ifdef SF_VALUES
    PyDictObject *held;
    if (at->how == SF_BY_INDEX) {
        sf_held *values = sf_values(o);
        if (values) return values->values[at->at];
        held = (PyDictObject *)sf_own_dict(o);
        if (held && held->ma_values && (sf_keys *)held->ma_keys == sf_shared(at->type))
            return ((sf_held *)held->ma_values)->values[at->at];
    } else held = (PyDictObject *)sf_own_dict(o);
    if (held) return sf_at_entry((PyObject *)held, at);
#endif
    return NULL;
}
/* Whether what the class has by that name would run code of its own when it is read. */
static int sf_asks(sf_place *at) {
    PyObject *own = at->how == SF_BY_OFFSET ? NULL : _PyType_Lookup(at->type, at->name);
    return own && Py_TYPE(own)->tp_descr_get;
}
static Py_NO_INLINE PyObject *sf_ask(PyObject *o, sf_place *at) {
    if (Py_TYPE(o) != at->type) { sf_deopt(); return NULL; }
    if (at->how == SF_BY_NAME && (at->at = sf_key_index(at->type, at->name)) >= 0)
        at->how = SF_BY_INDEX;
    if (sf_asks(at)) { sf_deopt(); return NULL; }
#ifdef SF_VALUES
    if (at->how != SF_BY_OFFSET && sf_own_dict(o)) sf_find_entry(sf_own_dict(o), at);
#endif
    return PyObject_GetAttr(o, at->name);
}
static inline PyObject *sf_get_object(PyObject *o, sf_place *at) {
    PyObject *x = sf_peek(o, at);
    return x ? sf_kept(x) : sf_ask(o, at);
}
/* What was stored to an instance itself; what its class has by the name is none of that. */
static Py_NO_INLINE PyObject *sf_ask_own(PyObject *o, sf_place *at) {
    if (at->how != SF_BY_OFFSET && _PyType_Lookup(at->type, at->name)) { sf_deopt(); return NULL; }
    return sf_ask(o, at);
}
static inline PyObject *sf_get_own(PyObject *o, sf_place *at) {
    PyObject *x = sf_peek(o, at);
    return x ? sf_kept(x) : sf_ask_own(o, at);
}
#define SF_GET(W, T) \
static Py_NO_INLINE T sf_ask_##W(PyObject *o, sf_place *at) { \
    PyObject *x = sf_ask(o, at); \
    T r; \
    if (!x) { PyErr_Clear(); return (T)sf_bad(); } \
    r = sf_exact_##W(x); \
    Py_DECREF(x); \
    return r; \
} \
static inline T sf_get_##W(PyObject *o, sf_place *at) { \
    PyObject *x = sf_peek(o, at); \
    return x ? sf_exact_##W(x) : sf_ask_##W(o, at); \
}
SF_GET(int, long long) SF_GET(float, double) SF_GET(bool, int)

/* Whether a float is held by nothing but the place that it is in, whose first value was noted: then it
   may be given another value, as nobody can tell. Looks, and marks nothing. */
static inline int sf_ours(sf_pool *p, PyObject *o, void *part, PyObject *x) {
    size_t i;
    if (!x || !PyFloat_CheckExact(x) || Py_REFCNT(x) != 1) return 0;
    if (!p) return 1;
    if (!p->marking) return 0;
    for (i = SF_MARK(o, part) & (p->marking - 1); p->marks[i].object; i = (i + 1) & (p->marking - 1))
        if (p->marks[i].object == (void *)o && p->marks[i].part == part) return 1;
    return 0;
}

/* ``o.name = v``. Takes over the reference to ``v``. ``p`` is NULL for what is being made. */
static int sf_put(sf_pool *p, PyObject *o, sf_place *at, PyObject *v) {
    PyObject **where = NULL, *old = NULL;
    int r;
    if (!v) return -1;
    if (Py_TYPE(o) != at->type) { Py_DECREF(v); return sf_deopt(); }
    if (at->how == SF_BY_OFFSET) where = (PyObject **)((char *)o + at->at);
#ifdef SF_VALUES
    else if (at->how == SF_BY_INDEX) {
        sf_held *values = sf_values(o);
        if (values) {
            where = &values->values[at->at];
            if (!*where) {
                if (p && sf_note_part(p, o, SF_FIELD, at->name, NULL) < 0) { Py_DECREF(v); return -1; }
                sf_in_order(values, at->at);
                *where = v;
                return 0;
            }
        }
    }
#endif
    if (where) {
        old = *where;
        if (p && sf_note_part(p, o, SF_FIELD, at->name, old) < 0) { Py_DECREF(v); return -1; }
        *where = v;
        Py_XDECREF(old);
        return 0;
    }
    if (at->how == SF_BY_NAME && (at->at = sf_key_index(at->type, at->name)) >= 0) {
        at->how = SF_BY_INDEX;
        return sf_put(p, o, at, v);
    }
    if (p) {
        old = sf_peek(o, at);
        if (old) Py_INCREF(old);
        else if (sf_asks(at)) { Py_DECREF(v); return sf_deopt(); }
        else if (!(old = PyObject_GetAttr(o, at->name))) {
            if (!PyErr_ExceptionMatches(PyExc_AttributeError)) { Py_DECREF(v); return -1; }
            PyErr_Clear();
        } else {
            /* The class's own value is no attribute of the instance. */
            PyObject *own = _PyType_Lookup(at->type, at->name);
#ifdef SF_VALUES
            if (own) {
                PyObject *held = sf_own_dict(o);  /* without one it has only what its class's keys name */
                PyObject *there = held ? PyDict_GetItemWithError(held, at->name) : NULL;
                Py_XINCREF(there);
                Py_XSETREF(old, there);
            }
#else
            if (own) { Py_DECREF(old); Py_DECREF(v); return sf_deopt(); }
#endif
        }
        r = sf_note_part(p, o, SF_FIELD, at->name, old);
        Py_XDECREF(old);
        if (r < 0) { Py_DECREF(v); return -1; }
    }
#ifdef SF_VALUES
    if (at->how != SF_BY_OFFSET && sf_own_dict(o)) r = PyDict_SetItem(sf_own_dict(o), at->name, v);
    else
#endif
    r = PyObject_GenericSetAttr(o, at->name, v);  /* as the class stores, or the __init__ of a frozen one */
    Py_DECREF(v);
    return r;
}
static inline int sf_put_object(sf_pool *p, PyObject *o, sf_place *at, PyObject *v) {
    return sf_put(p, o, at, sf_kept(v));
}
static inline int sf_put_int(sf_pool *p, PyObject *o, sf_place *at, long long v) {
    return sf_put(p, o, at, PyLong_FromLongLong(v));
}
static inline int sf_put_float(sf_pool *p, PyObject *o, sf_place *at, double v) {
    PyObject *old;
    if (v != v) return sf_deopt();  /* NaN is told by its identity */
    old = sf_peek(o, at);
    if (sf_ours(p, o, at->name, old)) { ((PyFloatObject *)old)->ob_fval = v; return 0; }
    return sf_put(p, o, at, PyFloat_FromDouble(v));
}
static inline int sf_put_bool(sf_pool *p, PyObject *o, sf_place *at, int v) {
    return sf_put(p, o, at, PyBool_FromLong(v));
}
"""
