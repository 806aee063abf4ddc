"""The C text of lists by what they hold: the same helpers for each family, filled in by ``sequences``.

``@L@`` stands for the family's name, ``@T@`` for the C type of an item, ``@R@`` for that of one that is
read, ``@FAIL@`` for what a failed read gives, ``@BOX@`` and ``@UNBOX@`` for the way to Python and back.
"""

SAME = r"""
/* What a list holds: numbers, other lists (a reference each), or Python objects. */
enum { SF_PLAIN, SF_ROWS, SF_OBJECTS };
static inline PyObject *sf_kept(PyObject *x) { Py_INCREF(x); return x; }
#define SF_PLAIN_KEEP(x) (x)
#define SF_PLAIN_SHARE(x) ((void)0)
#define SF_PLAIN_LOSE(p, x) ((void)0)
#define SF_ROWS_KEEP(x) (x)
#define SF_ROWS_SHARE(x) ((x)->refs++)
#define SF_ROWS_LOSE(p, x) sf_drop(p, x)
#define SF_OBJECTS_KEEP(x) sf_kept(x)
#define SF_OBJECTS_SHARE(x) Py_INCREF(x)
#define SF_OBJECTS_LOSE(p, x) Py_DECREF(x)
static PyObject *sf_box_char(Py_UCS4 c);
static inline int sf_ints_is(PyObject *x, long long v) {
    int overflow;
    return PyLong_CheckExact(x) && PyLong_AsLongLongAndOverflow(x, &overflow) == v && !overflow;
}
static inline int sf_floats_is(PyObject *x, double v) {
    double d;
    if (!PyFloat_CheckExact(x)) return 0;
    d = PyFloat_AS_DOUBLE(x);
    return memcmp(&d, &v, sizeof d) == 0;
}
static inline int sf_bools_is(PyObject *x, int v) { return x == (v ? Py_True : Py_False); }
static inline int sf_chars_is(PyObject *x, Py_UCS4 v) { (void)x; (void)v; return 0; }
"""

FAMILY = r"""
static inline @R@ sf_@L@_read(sf_list *l, long long i) { return @KEEP@(((@T@ *)l->d)[i]); }
static inline @R@ sf_@L@_at(sf_list *l, long long i) {
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return @FAIL@;
    return @KEEP@(((@T@ *)l->d)[i]);
}
static inline int sf_@L@_append(sf_list *l, @T@ v) {
    size_t needed = (size_t)(l->n + 1) * sizeof(@T@);
    if (needed > (size_t)l->room && sf_grow(l, sizeof(@T@), needed) < 0) return -1;
    ((@T@ *)l->d)[l->n++] = @KEEP@(v);
    l->dirty = 1;
    return 0;
}
static inline @R@ sf_@L@_pop(sf_list *l) {
    if (l->n == 0) return @FAIL@;
    l->dirty = 1;
    return ((@T@ *)l->d)[--l->n];
}
static inline @R@ sf_@L@_pop_at(sf_list *l, long long i) {
    @T@ v;
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return @FAIL@;
    v = ((@T@ *)l->d)[i];
    memmove((@T@ *)l->d + i, (@T@ *)l->d + i + 1, (size_t)(--l->n - i) * sizeof(@T@));
    l->dirty = 1;
    return v;
}
static inline int sf_@L@_insert(sf_list *l, long long i, @T@ v) {
    if (i < 0) i = i + l->n < 0 ? 0 : i + l->n;
    if (i > l->n) i = l->n;
    if (sf_@L@_append(l, v) < 0) return -1;
    memmove((@T@ *)l->d + i + 1, (@T@ *)l->d + i, (size_t)(l->n - 1 - i) * sizeof(@T@));
    ((@T@ *)l->d)[i] = v;
    return 0;
}
static inline int sf_@L@_reverse(sf_list *l) {
    Py_ssize_t i, j;
    for (i = 0, j = l->n - 1; i < j; i++, j--) {
        @T@ v = ((@T@ *)l->d)[i];
        ((@T@ *)l->d)[i] = ((@T@ *)l->d)[j];
        ((@T@ *)l->d)[j] = v;
    }
    l->dirty = 1;
    return 0;
}
static inline sf_list *sf_@L@_new(sf_pool *p) { return sf_new(p, 0, sizeof(@T@), @ROWS@); }
static sf_list *sf_@L@_slice(sf_pool *p, sf_list *a, long long from, long long to, long long by) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, i, n;
    sf_list *l;
    n = PySlice_AdjustIndices(a->n, &start, &stop, (Py_ssize_t)by);
    l = sf_new(p, n, sizeof(@T@), @ROWS@);
    for (i = 0; l && i < n; i++) {
        ((@T@ *)l->d)[i] = ((@T@ *)a->d)[start + i * by];
        @SHARE@(((@T@ *)l->d)[i]);
    }
    if (l) l->n = n;
    return l;
}
/* ``a[from:to] = b``. Takes over the reference to ``b``, which may be ``a``. */
static int sf_@L@_splice(sf_pool *p, sf_list *a, long long from, long long to, sf_list *b) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, i, n, after;
    if (!b) return -1;
    if (b == a) {
        b = sf_@L@_slice(p, a, 0, PY_SSIZE_T_MAX, 1);
        sf_drop(p, a);
        if (!b) return -1;
    }
    PySlice_AdjustIndices(a->n, &start, &stop, 1);
    if (stop < start) stop = start;
    n = a->n - (stop - start) + b->n; after = a->n - stop;
    if (n * sizeof(@T@) > (size_t)a->room && sf_grow(a, sizeof(@T@), n * sizeof(@T@)) < 0) return -1;
    for (i = 0; i < b->n; i++) @SHARE@(((@T@ *)b->d)[i]);
    for (i = start; i < stop; i++) @LOSE@(p, ((@T@ *)a->d)[i]);
    memmove((@T@ *)a->d + start + b->n, (@T@ *)a->d + stop, (size_t)after * sizeof(@T@));
    memcpy((@T@ *)a->d + start, b->d, (size_t)b->n * sizeof(@T@));
    a->n = n; a->dirty = 1;
    sf_drop(p, b);
    return 0;
}
"""

SCALARS = r"""
static inline int sf_@L@_put(sf_list *l, long long i, @T@ v) {
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return sf_deopt();
    ((@T@ *)l->d)[i] = v;
    l->dirty = 1;
    return 0;
}
static inline int sf_@L@_cell(sf_list *l, @T@ v) {
    if (!l->n) return sf_@L@_append(l, v);
    ((@T@ *)l->d)[0] = v;
    l->dirty = 1;
    return 0;
}
static inline void sf_@L@_set(sf_list *l, long long i, @T@ v) { ((@T@ *)l->d)[i] = v; }
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
/* A new list of Python objects: those of ``old`` where they have the same value. */
static PyObject *sf_@L@_fresh(sf_list *l, PyObject *old) {
    Py_ssize_t i, same = old ? PyList_GET_SIZE(old) : 0;
    PyObject *r = PyList_New(l->n);
    for (i = 0; r && i < l->n; i++) {
        @T@ v = ((@T@ *)l->d)[i];
        PyObject *x = i < same ? PyList_GET_ITEM(old, i) : NULL;
        if (x && sf_@L@_is(x, v)) Py_INCREF(x);
        else x = @BOX@(v);
        if (!x) { Py_CLEAR(r); break; }
        PyList_SET_ITEM(r, i, x);
    }
    return r;
}
/* The list that the buffer stands for: the argument's own, or one that is made now. */
static PyObject *sf_@L@_box(sf_list *l) {
    if (!l->origin) l->origin = sf_@L@_fresh(l, NULL);
    Py_XINCREF(l->origin);
    return l->origin;
}
"""

COPY_IN = r"""
/* An attribute's value, to be stored at the end if it has changed. */
static sf_list *sf_@L@_cell_in(sf_pool *p, PyObject *holder, PyObject *attribute, @R@ v) {
    sf_list *l = sf_new(p, 1, sizeof(@T@), 0);
    if (!l) return NULL;
    ((@T@ *)l->d)[0] = v;
    l->n = 1; l->box = sf_@L@_fresh; l->refs++; l->given = p->given; p->given = l;
    l->holder = sf_kept(holder); l->attribute = sf_kept(attribute);
    return l;
}
static PyObject *sf_@L@_rows_fresh(sf_list *l, PyObject *old) {
    Py_ssize_t i;
    PyObject *r = PyList_New(l->n);
    for (i = 0; r && i < l->n; i++) {
        PyObject *x = sf_@L@_box(((sf_list **)l->d)[i]);
        if (!x) { Py_CLEAR(r); break; }
        PyList_SET_ITEM(r, i, x);
    }
    return r;
}
static PyObject *sf_@L@_rows_box(sf_list *l) {
    if (!l->origin) l->origin = sf_@L@_rows_fresh(l, NULL);
    Py_XINCREF(l->origin);
    return l->origin;
}
static sf_list *sf_@L@_in(sf_pool *p, PyObject *o) {
    Py_ssize_t i, n = PySequence_Fast_GET_SIZE(o);
    int fails;
    sf_list *l = p->track ? sf_known(p, o, sf_@L@_fresh, &fails) : NULL;
    if (l) { if (fails) { sf_deopt(); return NULL; } return l; }
    l = sf_new(p, n, sizeof(@T@), 0);
    for (i = 0; l && i < n; i++) {
        PyObject *x = PySequence_Fast_GET_ITEM(o, i);
        ((@T@ *)l->d)[l->n++] = @UNBOX@(x);
    }
    if (sf_sound() < 0) return NULL;
    if (l && p->track && sf_give(p, l, o, sf_@L@_fresh) < 0) return NULL;
    return l;
}
static sf_list *sf_@L@_rows_in(sf_pool *p, PyObject *o, PyObject *kind) {
    Py_ssize_t i, n = PySequence_Fast_GET_SIZE(o);
    int fails;
    sf_list *l = p->track ? sf_known(p, o, sf_@L@_rows_fresh, &fails) : NULL;
    if (l) { if (fails) { sf_deopt(); return NULL; } return l; }
    l = sf_new(p, n, sizeof(sf_list *), 1);
    for (i = 0; l && i < n; i++) {
        PyObject *x = PySequence_Fast_GET_ITEM(o, i);
        sf_list *row;
        if ((PyObject *)Py_TYPE(x) != kind) { sf_deopt(); return NULL; }
        row = sf_@L@_in(p, x);
        if (!row) return NULL;
        ((sf_list **)l->d)[l->n++] = row;
    }
    if (l && p->track && sf_give(p, l, o, sf_@L@_rows_fresh) < 0) return NULL;
    return l;
}
"""

IN_PLACE = r"""
static inline int sf_seq_put_@W@(sf_pool *p, PyObject *o, long long i, @R@ v) {
    PyObject *x = @BOX@(v);
    int r = x ? sf_seq_put_object(p, o, i, x) : -1;
    Py_XDECREF(x);
    return r;
}
static inline int sf_seq_append_@W@(sf_pool *p, PyObject *o, @R@ v) {
    PyObject *x = @BOX@(v);
    int r = x ? sf_seq_append_object(p, o, x) : -1;
    Py_XDECREF(x);
    return r;
}
static inline @R@ sf_seq_pop_@W@(sf_pool *p, PyObject *o) {
    PyObject *x = PyList_GET_SIZE(o) ? sf_seq_pop_object(p, o) : NULL;
    @R@ v;
    if (PyErr_Occurred()) PyErr_Clear();
    v = x ? @UNBOX@(x) : @FAIL@;
    Py_XDECREF(x);
    return v;
}
"""

TOTALS = r"""
/* Sorted as Python sorts: equal ones keep their order. ``by`` is -1 for the largest first. */
#define SF_SORT(L, T, ODD) \
static int sf_##L##_merge(T *d, T *s, Py_ssize_t n, int by) { \
    Py_ssize_t h = n / 2, i = 0, j = h, k; \
    if (n < 9) { \
        for (k = 1; k < n; k++) { \
            T v = d[k]; \
            for (i = k; i && (by > 0 ? v < d[i - 1] : d[i - 1] < v); i--) d[i] = d[i - 1]; \
            d[i] = v; \
        } \
        return 0; \
    } \
    sf_##L##_merge(d, s, h, by); sf_##L##_merge(d + h, s, n - h, by); \
    memcpy(s, d, (size_t)n * sizeof(T)); \
    for (k = 0; k < n; k++) { \
        int right = i >= h || (j < n && (by > 0 ? s[j] < s[i] : s[i] < s[j])); \
        d[k] = right ? s[j++] : s[i++]; \
    } \
    return 0; \
} \
static int sf_##L##_sort(sf_list *l, long long by) { \
    T *d = (T *)l->d, *s; \
    Py_ssize_t i; \
    for (i = 0; i < l->n; i++) if (ODD) return sf_deopt(); \
    s = (T *)PyMem_RawMalloc((size_t)(l->n ? l->n : 1) * sizeof(T)); \
    if (!s) return sf_deopt(); \
    sf_##L##_merge(d, s, l->n, (int)by); \
    PyMem_RawFree(s); \
    l->dirty = 1; \
    return 0; \
}
SF_SORT(ints, long long, 0)
SF_SORT(floats, double, d[i] != d[i])
static inline long long sf_ints_sum(sf_list *l) {
    long long r = 0; Py_ssize_t i;
    for (i = 0; i < l->n; i++)
        if (__builtin_add_overflow(r, ((long long *)l->d)[i], &r)) return sf_bad();
    return r;
}
#define SF_BEST(NAME, T, OP) static inline T NAME(sf_list *l) { \
    Py_ssize_t i; T r; if (!l->n) return (T)sf_bad(); r = ((T *)l->d)[0]; \
    for (i = 1; i < l->n; i++) if (((T *)l->d)[i] OP r) r = ((T *)l->d)[i]; return r; }
SF_BEST(sf_ints_min, long long, <) SF_BEST(sf_ints_max, long long, >)
SF_BEST(sf_floats_min, double, <) SF_BEST(sf_floats_max, double, >)
static PyObject *sf_box_char(Py_UCS4 c) {
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, &c, 1);
}
/* The number that stands for a string: equal strings, equal numbers. */
static long long sf_token(PyObject *numbers, PyObject *o) {
    PyObject *fresh, *old;
    long long r;
    if (!PyUnicode_CheckExact(o)) return sf_bad();
    fresh = PyLong_FromSsize_t(PyDict_GET_SIZE(numbers));
    if (!fresh) return sf_bad();
    old = PyDict_SetDefault(numbers, o, fresh);
    r = old ? PyLong_AsLongLong(old) : sf_bad();
    Py_DECREF(fresh);
    return r;
}
static sf_list *sf_tokens_in(sf_pool *p, PyObject *o, PyObject *numbers) {
    Py_ssize_t i, n = PySequence_Fast_GET_SIZE(o);
    sf_list *l = sf_new(p, n, sizeof(long long), 0);
    for (i = 0; l && i < n; i++) {
        ((long long *)l->d)[l->n++] = sf_token(numbers, PySequence_Fast_GET_ITEM(o, i));
    }
    if (!l || PyErr_Occurred() || sf_sound() < 0) return NULL;
    return l;
}
/* The row, or an empty one: reading of that declines when the row itself would be read. */
static inline sf_list *sf_rows_peek(sf_list *l, long long i) {
    static sf_list nothing;
    if (!l) return &nothing;
    if (i < 0) i += l->n;
    return (i < 0 || i >= l->n) ? &nothing : ((sf_list **)l->d)[i];
}
static inline int sf_rows_push(sf_pool *p, sf_list *l, sf_list *row) {
    if (!row) return -1;
    if (sf_rows_append(l, row) < 0) { sf_drop(p, row); return -1; }
    return 0;
}
static inline int sf_rows_store(sf_pool *p, sf_list *l, long long i, sf_list *row);
static inline int sf_rows_cell(sf_pool *p, sf_list *l, sf_list *row) {
    return l->n ? sf_rows_store(p, l, 0, row) : sf_rows_push(p, l, row);
}
static inline int sf_rows_store(sf_pool *p, sf_list *l, long long i, sf_list *row) {
    if (!row) return -1;
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) { sf_drop(p, row); return sf_deopt(); }
    l->dirty = 1;
    sf_set(p, &((sf_list **)l->d)[i], row);
    return 0;
}
"""
