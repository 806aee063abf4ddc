"""The C helpers for lists: flat buffers with Python's aliasing, bounds and growth.

A buffer counts its references, so that ``prev = cur`` is an alias as it is in Python. All buffers
of a call belong to its pool, which the wrapper empties on every way out: no error path can leak,
and a list made anew in each iteration takes the storage of the last one.
"""

_COMMON = r"""
typedef struct sf_list {
    struct sf_list *prev, *next;
    Py_ssize_t refs, n, room;
    int rows, seen;
    void *d;
} sf_list;
typedef struct { sf_list *live, *spare; } sf_pool;

static inline void sf_open(sf_pool *p) { p->live = p->spare = NULL; }
static void sf_free_chain(sf_list *l) {
    while (l) { sf_list *next = l->next; PyMem_RawFree(l->d); PyMem_RawFree(l); l = next; }
}
static inline void sf_close(sf_pool *p) { sf_free_chain(p->live); sf_free_chain(p->spare); }

static sf_list *sf_new(sf_pool *p, long long n, size_t size, int rows) {
    sf_list *l = p->spare;
    size_t room;
    if (n > (long long)(PY_SSIZE_T_MAX / 32)) { sf_deopt(); return NULL; }
    room = (size_t)(n > 4 ? n : 4) * size;
    if (l) p->spare = l->next;
    else {
        l = (sf_list *)PyMem_RawCalloc(1, sizeof(sf_list));
        if (!l) { sf_deopt(); return NULL; }
    }
    l->refs = 1; l->n = 0; l->rows = rows; l->seen = 0; l->prev = NULL; l->next = p->live;
    if (p->live) p->live->prev = l;
    p->live = l;
    if ((size_t)l->room < room) {
        void *d = PyMem_RawRealloc(l->d, room);
        if (!d) { sf_deopt(); return NULL; }
        l->d = d; l->room = (Py_ssize_t)room;
    }
    return l;
}
static void sf_drop(sf_pool *p, sf_list *l) {
    if (!l || --l->refs) return;
    if (l->rows) {
        Py_ssize_t i;
        for (i = 0; i < l->n; i++) sf_drop(p, ((sf_list **)l->d)[i]);
    }
    if (l->prev) l->prev->next = l->next; else p->live = l->next;
    if (l->next) l->next->prev = l->prev;
    l->prev = NULL; l->next = p->spare; p->spare = l;
}
static inline sf_list *sf_ref(sf_list *l) { l->refs++; return l; }
/* Takes over the reference to ``value``. */
static inline void sf_set(sf_pool *p, sf_list **target, sf_list *value) {
    sf_list *old = *target;
    *target = value;
    if (old) sf_drop(p, old);
}
static Py_NO_INLINE int sf_grow(sf_list *l, size_t size) {
    size_t room = (size_t)l->room + ((size_t)l->room >> 1) + 4 * size;
    void *d = PyMem_RawRealloc(l->d, room);
    if (!d) return sf_deopt();
    l->d = d; l->room = (Py_ssize_t)room;
    return 0;
}
static inline long long sf_len(sf_list *l) { return l->n; }
static inline long long sf_seq_len(PyObject *o) { return PySequence_Fast_GET_SIZE(o); }
static inline PyObject *sf_seq_item(PyObject *o, long long i) {
    long long n = PySequence_Fast_GET_SIZE(o);
    if (i < 0) i += n;
    if (i < 0 || i >= n) { sf_deopt(); return NULL; }
    return PySequence_Fast_GET_ITEM(o, i);
}
static inline long long sf_seq_int(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i); return x ? sf_exact_int(x) : SF_BAD;
}
static inline double sf_seq_float(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i); return x ? sf_exact_float(x) : SF_BAD_F;
}
static inline int sf_seq_bool(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i); return x ? sf_exact_bool(x) : -1;
}
static inline PyObject *sf_seq_word(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i);
    if (!x) return NULL;
    if (!PyUnicode_CheckExact(x)) { sf_deopt(); return NULL; }
    Py_INCREF(x);
    return x;
}
static inline int sf_word_eq(PyObject *a, PyObject *b) {
    if (a == b) return 1;
    return PyUnicode_GET_LENGTH(a) == PyUnicode_GET_LENGTH(b)
        && PyUnicode_KIND(a) == PyUnicode_KIND(b)
        && memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b),
                  (size_t)PyUnicode_GET_LENGTH(a) * PyUnicode_KIND(a)) == 0;
}
static inline PyObject *sf_seq_row(PyObject *o, long long i, PyObject *kind) {
    PyObject *x = sf_seq_item(o, i);
    if (!x) return NULL;
    if ((PyObject *)Py_TYPE(x) != kind) { sf_deopt(); return NULL; }
    Py_INCREF(x);
    return x;
}
"""

_FAMILY = r"""
static inline @R@ sf_@L@_read(sf_list *l, long long i) { return ((@T@ *)l->d)[i]; }
static inline @R@ sf_@L@_at(sf_list *l, long long i) {
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) { sf_deopt(); return @BAD@; }
    return ((@T@ *)l->d)[i];
}
static inline int sf_@L@_append(sf_list *l, @T@ v) {
    size_t needed = (size_t)(l->n + 1) * sizeof(@T@);
    if (needed > (size_t)l->room && sf_grow(l, sizeof(@T@)) < 0) return -1;
    ((@T@ *)l->d)[l->n++] = v;
    return 0;
}
static inline @R@ sf_@L@_pop(sf_list *l) {
    if (l->n == 0) { sf_deopt(); return @BAD@; }
    return ((@T@ *)l->d)[--l->n];
}
static inline sf_list *sf_@L@_new(sf_pool *p) { return sf_new(p, 0, sizeof(@T@), @ROWS@); }
"""

_SCALARS = r"""
static inline int sf_@L@_put(sf_list *l, long long i, @T@ v) {
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return sf_deopt();
    ((@T@ *)l->d)[i] = v;
    return 0;
}
static inline int sf_@L@_has(sf_list *l, @T@ v) {
    Py_ssize_t i;
    for (i = 0; i < l->n; i++) if (((@T@ *)l->d)[i] == v) return 1;
    return 0;
}
static sf_list *sf_@L@_repeat(sf_pool *p, sf_list *a, long long times) {
    sf_list *l;
    long long i, n;
    if (!a) return NULL;
    n = times > 0 ? a->n : 0;
    if (n && times > (PY_SSIZE_T_MAX / 32) / n) { sf_deopt(); return NULL; }
    l = sf_new(p, n ? n * times : 0, sizeof(@T@), 0);
    if (l && n == 1) {
        @T@ v = ((@T@ *)a->d)[0];
        for (i = 0; i < times; i++) ((@T@ *)l->d)[i] = v;
    } else if (l && n) {
        for (i = 0; i < n * times; i++) ((@T@ *)l->d)[i] = ((@T@ *)a->d)[i % n];
    }
    if (l) l->n = n ? n * times : 0;
    sf_drop(p, a);
    return l;
}
static sf_list *sf_@L@_concat(sf_pool *p, sf_list *a, sf_list *b) {
    sf_list *l;
    if (!a || !b) return NULL;
    l = sf_new(p, (long long)a->n + b->n, sizeof(@T@), 0);
    if (l) {
        memcpy(l->d, a->d, (size_t)a->n * sizeof(@T@));
        memcpy((@T@ *)l->d + a->n, b->d, (size_t)b->n * sizeof(@T@));
        l->n = a->n + b->n;
    }
    sf_drop(p, a); sf_drop(p, b);
    return l;
}
static sf_list *sf_@L@_one(sf_pool *p, @T@ v) {
    sf_list *l = sf_new(p, 1, sizeof(@T@), 0);
    if (l) { ((@T@ *)l->d)[0] = v; l->n = 1; }
    return l;
}
static PyObject *sf_@L@_box(sf_list *l) {
    Py_ssize_t i;
    PyObject *r = PyList_New(l->n);
    for (i = 0; r && i < l->n; i++) {
        PyObject *x = @BOX@(((@T@ *)l->d)[i]);
        if (!x) { Py_CLEAR(r); break; }
        PyList_SET_ITEM(r, i, x);
    }
    return r;
}
"""

_COPY_IN = r"""
static sf_list *sf_@L@_in(sf_pool *p, PyObject *o) {
    Py_ssize_t i, n = PySequence_Fast_GET_SIZE(o);
    sf_list *l = sf_new(p, n, sizeof(@T@), 0);
    for (i = 0; l && i < n; i++) {
        PyObject *x = PySequence_Fast_GET_ITEM(o, i);
        @R@ v = @UNBOX@(x);
        if (v == @BAD@ && PyErr_Occurred()) return NULL;
        ((@T@ *)l->d)[l->n++] = v;
    }
    return l;
}
static sf_list *sf_@L@_rows_in(sf_pool *p, PyObject *o, PyObject *kind) {
    Py_ssize_t i, n = PySequence_Fast_GET_SIZE(o);
    sf_list *l = sf_new(p, n, sizeof(sf_list *), 1);
    for (i = 0; l && i < n; i++) {
        PyObject *x = PySequence_Fast_GET_ITEM(o, i);
        sf_list *row;
        if ((PyObject *)Py_TYPE(x) != kind) { sf_deopt(); return NULL; }
        row = sf_@L@_in(p, x);
        if (!row) return NULL;
        ((sf_list **)l->d)[l->n++] = row;
    }
    return l;
}
/* A row held twice would come out as two lists, so it is left to Python. */
static PyObject *sf_@L@_rows_box(sf_list *l) {
    Py_ssize_t i;
    PyObject *r = PyList_New(l->n);
    for (i = 0; r && i < l->n; i++) {
        sf_list *row = ((sf_list **)l->d)[i];
        PyObject *x;
        if (row->seen++) { sf_deopt(); Py_CLEAR(r); break; }
        x = sf_@L@_box(row);
        if (!x) { Py_CLEAR(r); break; }
        PyList_SET_ITEM(r, i, x);
    }
    return r;
}
"""

_TOTALS = r"""
static inline long long sf_ints_sum(sf_list *l) {
    long long r = 0; Py_ssize_t i;
    for (i = 0; i < l->n; i++)
        if (__builtin_add_overflow(r, ((long long *)l->d)[i], &r)) return sf_bad();
    return r;
}
#define SF_BEST(NAME, T, BADV, OP) static inline T NAME(sf_list *l) { \
    Py_ssize_t i; T r; if (!l->n) { sf_deopt(); return BADV; } r = ((T *)l->d)[0]; \
    for (i = 1; i < l->n; i++) if (((T *)l->d)[i] OP r) r = ((T *)l->d)[i]; return r; }
SF_BEST(sf_ints_min, long long, SF_BAD, <) SF_BEST(sf_ints_max, long long, SF_BAD, >)
SF_BEST(sf_floats_min, double, SF_BAD_F, <) SF_BEST(sf_floats_max, double, SF_BAD_F, >)
static PyObject *sf_box_char(Py_UCS4 c) {
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, &c, 1);
}
/* The number that stands for a string: equal strings, equal numbers. */
static long long sf_token(PyObject *numbers, PyObject *o) {
    PyObject *fresh, *old;
    long long r;
    if (!PyUnicode_CheckExact(o)) return sf_bad();
    fresh = PyLong_FromSsize_t(PyDict_GET_SIZE(numbers));
    if (!fresh) return SF_BAD;
    old = PyDict_SetDefault(numbers, o, fresh);
    r = old ? PyLong_AsLongLong(old) : SF_BAD;
    Py_DECREF(fresh);
    return r;
}
static sf_list *sf_tokens_in(sf_pool *p, PyObject *o, PyObject *numbers) {
    Py_ssize_t i, n = PySequence_Fast_GET_SIZE(o);
    sf_list *l = sf_new(p, n, sizeof(long long), 0);
    for (i = 0; l && i < n; i++) {
        long long v = sf_token(numbers, PySequence_Fast_GET_ITEM(o, i));
        if (v == SF_BAD) return NULL;
        ((long long *)l->d)[l->n++] = v;
    }
    return l;
}
static inline int sf_rows_push(sf_pool *p, sf_list *l, sf_list *row) {
    if (!row) return -1;
    if (sf_rows_append(l, row) < 0) { sf_drop(p, row); return -1; }
    return 0;
}
static inline int sf_rows_store(sf_pool *p, sf_list *l, long long i, sf_list *row) {
    if (!row) return -1;
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) { sf_drop(p, row); return sf_deopt(); }
    sf_set(p, &((sf_list **)l->d)[i], row);
    return 0;
}
"""

# Family, C type, C type when read, value on error, from C to Python, from Python to C.
FAMILIES = (
    ("ints", "long long", "long long", "SF_BAD", "PyLong_FromLongLong", "sf_exact_int"),
    ("floats", "double", "double", "SF_BAD_F", "PyFloat_FromDouble", "sf_exact_float"),
    ("bools", "_Bool", "int", "-1", "PyBool_FromLong", "sf_exact_bool"),
    ("chars", "Py_UCS4", "Py_UCS4", "SF_BAD_C", "sf_box_char", ""),
)


def _fill(text: str, family: tuple[str, ...], rows: str = "0") -> str:
    for mark, value in zip(("L", "T", "R", "BAD", "BOX", "UNBOX"), family, strict=True):
        text = text.replace(f"@{mark}@", value)
    return text.replace("@ROWS@", rows)


def sequences_c() -> str:
    """The C text of all list helpers."""
    parts = [_COMMON, "static PyObject *sf_box_char(Py_UCS4 c);\n"]
    for family in FAMILIES:
        parts.append(_fill(_FAMILY + _SCALARS, family))
    for family in FAMILIES[:3]:
        parts.append(_fill(_COPY_IN, family))
    rows = ("rows", "sf_list *", "sf_list *", "NULL", "", "")
    parts.append(_fill(_FAMILY, rows, "1"))
    parts.append(_TOTALS)
    return "".join(parts)
