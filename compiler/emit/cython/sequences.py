"""The C helpers for lists: flat buffers with Python's aliasing, bounds and growth.

A buffer counts its references, so that ``prev = cur`` is an alias as it is in Python. All buffers
of a call belong to its pool, which the wrapper empties on every way out: no error path can leak,
and a list made anew in each iteration takes the storage of the last one.

Where arguments are written to, a buffer knows the list that it stands for (``origin``) and whether
it was written (``dirty``): the lists themselves change at the end of the call, all of them or none.
"""

_COMMON = r"""
typedef struct sf_list {
    struct sf_list *prev, *next, *given;
    Py_ssize_t refs, n, room;
    int rows, dirty, code;
    void *d;
    PyObject *holder, *attribute;
    PyObject *origin, *(*box)(struct sf_list *, PyObject *);
} sf_list;
typedef struct { PyObject *list, *old; Py_ssize_t at; } sf_step;
/* ``given``: the buffers of arguments, ``table`` finds them by their list. ``steps``: what was
   done to lists in place, to be taken back when the call is declined. */
typedef struct sf_pool {
    sf_list *live, *spare, *given;
    sf_list **table;
    size_t slots, held;
    sf_step *steps;
    Py_ssize_t done, room;
    int track;
} sf_pool;

static inline void sf_open(sf_pool *p, int track) {
    memset(p, 0, sizeof *p);
    p->track = track;
}
static void sf_free_chain(sf_list *l) {
    while (l) {
        sf_list *next = l->next;
        Py_ssize_t i;
        for (i = 0; l->rows == 2 && i < l->n; i++) Py_DECREF(((PyObject **)l->d)[i]);
        Py_XDECREF(l->origin); Py_XDECREF(l->holder); Py_XDECREF(l->attribute);
        PyMem_RawFree(l->d); PyMem_RawFree(l);
        l = next;
    }
}
static inline void sf_close(sf_pool *p) {
    Py_ssize_t i;
    for (i = 0; i < p->done; i++) { Py_XDECREF(p->steps[i].old); Py_DECREF(p->steps[i].list); }
    sf_free_chain(p->live); sf_free_chain(p->spare);
    PyMem_RawFree(p->table); PyMem_RawFree(p->steps);
}

typedef PyObject *(*sf_maker)(sf_list *, PyObject *);
static size_t sf_slot(sf_pool *p, PyObject *o) {
    size_t i = ((size_t)o >> 4) * 0x9E3779B97F4A7C15ULL >> 20 & (p->slots - 1);
    while (p->table[i] && p->table[i]->origin != o) i = (i + 1) & (p->slots - 1);
    return i;
}
/* The buffer of a list that came in before: one list is one buffer. */
static sf_list *sf_known(sf_pool *p, PyObject *o, sf_maker box, int *fails) {
    sf_list *l = p->slots ? p->table[sf_slot(p, o)] : NULL;
    *fails = l && (l->box != box || l->code);
    if (l) l->refs++;
    return l;
}
static int sf_give(sf_pool *p, sf_list *l, PyObject *o, sf_maker box) {
    if (p->held * 2 >= p->slots) {
        size_t slots = p->slots ? p->slots * 4 : 16;
        sf_list **table = (sf_list **)PyMem_RawCalloc(slots, sizeof(sf_list *)), *each;
        if (!table) return sf_deopt();
        PyMem_RawFree(p->table);
        p->table = table; p->slots = slots;
        for (each = p->given; each; each = each->given)
            if (each->origin) table[sf_slot(p, each->origin)] = each;
    }
    Py_INCREF(o);
    l->origin = o; l->box = box; l->refs++; l->given = p->given; p->given = l;
    p->table[sf_slot(p, o)] = l; p->held++;
    return 0;
}
/* A number of an ``array.array``, read (``put`` is 0) or written; -1 where it does not fit. */
#define SF_ITEM(T) do { \
    if (!put) *v = ((T *)data)[i]; \
    else if ((long long)(T)*v != *v) return -1; \
    else if (put > 0) ((T *)data)[i] = (T)*v; } while (0)
static int sf_array_item(void *data, Py_ssize_t i, int code, long long *v, int put) {
    switch (code) {
    case 'b': SF_ITEM(signed char); break;
    case 'B': SF_ITEM(unsigned char); break;
    case 'h': SF_ITEM(short); break;
    case 'H': SF_ITEM(unsigned short); break;
    case 'i': SF_ITEM(int); break;
    case 'I': SF_ITEM(unsigned int); break;
    case 'l': SF_ITEM(long); break;
    default: SF_ITEM(long long);
    }
    return 0;
}
/* Write the buffer to its array; with ``put`` -1, only see whether that could be done. */
static int sf_array_out(sf_list *l, int put) {
    Py_buffer view;
    Py_ssize_t i;
    int r = 0;
    if (PyObject_GetBuffer(l->origin, &view, PyBUF_FORMAT | PyBUF_WRITABLE) < 0) return -1;
    if (view.len != l->n * view.itemsize) r = sf_deopt();
    else if (l->code == 'd') { if (put > 0) memcpy(view.buf, l->d, (size_t)view.len); }
    else for (i = 0; i < l->n && !r; i++)
        r = sf_array_item(view.buf, i, l->code, (long long *)l->d + i, put);
    PyBuffer_Release(&view);
    return r ? sf_deopt() : 0;
}
/* All that was written goes to the lists: made first, so that what can fail changes nothing. */
static int sf_commit(sf_pool *p) {
    sf_list *l;
    PyObject *fresh = PyList_New(0);
    int r = fresh ? 0 : -1;
    for (l = p->given; l && !r; l = l->given)
        if (l->dirty && l->code) r = sf_array_out(l, -1);
        else if (l->dirty) {
            PyObject *made = l->box(l, l->origin);
            r = made ? PyList_Append(fresh, made) : -1;
            Py_XDECREF(made);
        }
    if (!r) {
        Py_ssize_t i = 0;
        for (l = p->given; l; l = l->given)
            if (l->dirty && l->code) {
                l->dirty = 0;
                if (sf_array_out(l, 1) < 0) { sf_signal = r = 1; }
            } else if (l->dirty) {
                PyObject *made = PyList_GET_ITEM(fresh, i++);
                l->dirty = 0;
                if (l->holder
                        ? PyObject_SetAttr(l->holder, l->attribute, PyList_GET_ITEM(made, 0)) < 0
                        : PyList_SetSlice(l->origin, 0, PY_SSIZE_T_MAX, made) < 0)
                    sf_signal = r = 1;
            }
    }
    Py_XDECREF(fresh);
    return r ? -1 : 0;
}
/* What was done to lists in place, one step each: an item put, added to the end, or taken from it. */
enum { SF_ADDED = -1, SF_TAKEN = -2 };
static int sf_note(sf_pool *p, PyObject *list, Py_ssize_t at, PyObject *old) {
    if (p->done == p->room) {
        Py_ssize_t room = p->room ? p->room * 2 : 64;
        sf_step *steps = room > (1 << 22) ? NULL
            : (sf_step *)PyMem_RawRealloc(p->steps, (size_t)room * sizeof(sf_step));
        if (!steps) return sf_deopt();
        p->steps = steps; p->room = room;
    }
    Py_INCREF(list);
    p->steps[p->done++] = (sf_step){list, old, at};
    return 0;
}
/* Take back what was done, the last first. */
static void sf_undo(sf_pool *p) {
    while (p->done) {
        sf_step s = p->steps[--p->done];
        Py_ssize_t n = PyList_GET_SIZE(s.list);
        if (s.at >= 0) PyList_SetItem(s.list, s.at, s.old);
        else if (s.at == SF_ADDED) PyList_SetSlice(s.list, n - 1, n, NULL);
        else { PyList_Append(s.list, s.old); Py_DECREF(s.old); }
        Py_DECREF(s.list);
    }
    PyErr_Clear();
}
static int sf_seq_put_object(sf_pool *p, PyObject *o, long long i, PyObject *v) {
    long long n = PyList_GET_SIZE(o);
    PyObject *old;
    if (i < 0) i += n;
    if (i < 0 || i >= n) return sf_deopt();
    old = PyList_GET_ITEM(o, i);
    if (sf_note(p, o, (Py_ssize_t)i, old) < 0) return -1;
    Py_INCREF(v);
    PyList_SET_ITEM(o, i, v);
    return 0;
}
static int sf_seq_append_object(sf_pool *p, PyObject *o, PyObject *v) {
    if (sf_note(p, o, SF_ADDED, NULL) < 0) return -1;
    if (PyList_Append(o, v) < 0) { p->done--; Py_DECREF(o); return -1; }
    return 0;
}
static PyObject *sf_seq_pop_object(sf_pool *p, PyObject *o) {
    Py_ssize_t n = PyList_GET_SIZE(o);
    PyObject *old;
    if (!n) { sf_deopt(); return NULL; }
    old = PyList_GET_ITEM(o, n - 1);
    Py_INCREF(old);
    if (sf_note(p, o, SF_TAKEN, old) < 0) { Py_DECREF(old); return NULL; }
    if (PyList_SetSlice(o, n - 1, n, NULL) < 0) return NULL;
    Py_INCREF(old);
    return old;
}

static sf_list *sf_new(sf_pool *p, long long n, size_t size, int rows) {
    sf_list *l = p->spare;
    size_t room;
    if (sf_failed || n > (long long)(PY_SSIZE_T_MAX / 32)) { sf_deopt(); return NULL; }
    room = (size_t)(n > 4 ? n : 4) * size;
    if (l) p->spare = l->next;
    else {
        l = (sf_list *)PyMem_RawCalloc(1, sizeof(sf_list));
        if (!l) { sf_deopt(); return NULL; }
    }
    l->refs = 1; l->n = 0; l->rows = rows; l->dirty = l->code = 0; l->box = NULL; l->given = NULL; l->prev = NULL;
    Py_CLEAR(l->origin); l->next = p->live;
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
        for (i = 0; i < l->n; i++) {
            if (l->rows == 1) sf_drop(p, ((sf_list **)l->d)[i]);
            else Py_DECREF(((PyObject **)l->d)[i]);
        }
    }
    l->n = 0;
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
static Py_NO_INLINE int sf_grow(sf_list *l, size_t size, size_t needed) {
    size_t room = (size_t)l->room + ((size_t)l->room >> 1) + 4 * size;
    void *d;
    if (room < needed) room = needed;
    d = needed > (size_t)PY_SSIZE_T_MAX / 4 ? NULL : PyMem_RawRealloc(l->d, room);
    if (!d) return sf_deopt();
    l->d = d; l->room = (Py_ssize_t)room;
    return 0;
}
static inline void sf_touch(sf_list *l) { l->dirty = 1; }
/* Whether what goes steadily from one index to another stays inside. */
static inline int sf_fits(long long first, long long last, long long n) {
    return first >= 0 && last >= 0 && first < n && last < n;
}
static inline long long sf_len(sf_list *l) { return l->n; }
static inline long long sf_seq_len(PyObject *o) { return PySequence_Fast_GET_SIZE(o); }
static inline PyObject *sf_seq_item(PyObject *o, long long i) {
    long long n = PySequence_Fast_GET_SIZE(o);
    if (i < 0) i += n;
    return (i < 0 || i >= n) ? NULL : PySequence_Fast_GET_ITEM(o, i);
}
static inline long long sf_seq_int(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i); return x ? sf_exact_int(x) : sf_bad();
}
static inline double sf_seq_float(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i); return x ? sf_exact_float(x) : sf_badf();
}
static inline int sf_seq_bool(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i); return x ? sf_exact_bool(x) : sf_bad();
}
static inline PyObject *sf_seq_word(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i);
    if (!x || !PyUnicode_CheckExact(x)) { sf_deopt(); return NULL; }
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
    if (!x || (PyObject *)Py_TYPE(x) != kind) { sf_deopt(); return NULL; }
    Py_INCREF(x);
    return x;
}
"""

_FAMILY = r"""
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

_SCALARS = r"""
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

_OBJECTS = r"""
static inline int sf_objects_cell(sf_list *l, PyObject *v) {
    if (!l->n) return sf_objects_append(l, v);
    Py_INCREF(v);
    Py_SETREF(((PyObject **)l->d)[0], v);
    return 0;
}
static inline int sf_objects_put(sf_list *l, long long i, PyObject *v) {
    if (i < 0) i += l->n;
    if (i < 0 || i >= l->n) return sf_deopt();
    Py_INCREF(v);
    Py_SETREF(((PyObject **)l->d)[i], v);
    return 0;
}
static PyObject *sf_objects_fresh(sf_list *l, PyObject *old) {
    Py_ssize_t i;
    PyObject *r = PyList_New(l->n);
    for (i = 0; r && i < l->n; i++) PyList_SET_ITEM(r, i, sf_kept(((PyObject **)l->d)[i]));
    return r;
}
static PyObject *sf_objects_box(sf_list *l) {
    if (!l->origin) l->origin = sf_objects_fresh(l, NULL);
    Py_XINCREF(l->origin);
    return l->origin;
}
static PyObject *sf_objects_rows_box(sf_list *l) {
    Py_ssize_t i;
    if (!l->origin) {
        PyObject *r = PyList_New(l->n);
        for (i = 0; r && i < l->n; i++) {
            PyObject *x = sf_objects_box(((sf_list **)l->d)[i]);
            if (!x) { Py_CLEAR(r); break; }
            PyList_SET_ITEM(r, i, x);
        }
        l->origin = r;
    }
    Py_XINCREF(l->origin);
    return l->origin;
}
static PyObject *sf_objects_join(PyObject *between, sf_list *l) {
    PyObject *all = sf_objects_fresh(l, NULL), *r;
    if (!all) return NULL;
    r = PyUnicode_Join(between, all);
    Py_DECREF(all);
    return r;
}
static PyObject *sf_chars_join(PyObject *between, sf_list *l) {
    PyObject *all, *r;
    if (!PyUnicode_GET_LENGTH(between))
        return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, l->d, l->n);
    all = sf_chars_fresh(l, NULL);
    if (!all) return NULL;
    r = PyUnicode_Join(between, all);
    Py_DECREF(all);
    return r;
}
/* A part of a text by the rules of slices. */
static PyObject *sf_text_slice(sf_text t, long long from, long long to, long long by) {
    Py_ssize_t start = (Py_ssize_t)from, stop = (Py_ssize_t)to, n;
    if (by != 1) { sf_deopt(); return NULL; }
    n = PySlice_AdjustIndices(t.n, &start, &stop, 1);
    return PyUnicode_Substring(t.object, start, start + n);
}
static inline PyObject *sf_text_repeat(PyObject *t, long long times) {
    if (sf_failed || times > (1 << 28)) { sf_deopt(); return NULL; }
    return PySequence_Repeat(t, (Py_ssize_t)times);
}
/* Dictionaries and sets that were made in the call; what is missing is left to Python. */
static inline PyObject *sf_dict_object(PyObject *d, PyObject *k) {
    PyObject *v = PyDict_GetItemWithError(d, k);
    if (!v) { if (!PyErr_Occurred()) sf_deopt(); return NULL; }
    return sf_kept(v);
}
static inline PyObject *sf_dict_object_or(PyObject *d, PyObject *k, PyObject *other) {
    PyObject *v = PyDict_GetItemWithError(d, k);
    if (!v && PyErr_Occurred()) return NULL;
    return sf_kept(v ? v : other);
}
static inline PyObject *sf_tuple_object(PyObject *t, long long i) {
    return sf_kept(PyTuple_GET_ITEM(t, i));
}
static inline PyObject *sf_seq_object(PyObject *o, long long i) {
    PyObject *x = sf_seq_item(o, i);
    if (!x) { sf_deopt(); return NULL; }
    return sf_kept(x);
}
#define SF_READ(W, T) \
static inline T sf_dict_##W(PyObject *d, PyObject *k) { \
    PyObject *v = PyDict_GetItem(d, k); \
    return v ? sf_exact_##W(v) : (T)sf_bad(); \
} \
static inline T sf_dict_##W##_or(PyObject *d, PyObject *k, T other) { \
    PyObject *v = PyDict_GetItem(d, k); \
    return v ? sf_exact_##W(v) : other; \
} \
static inline T sf_tuple_##W(PyObject *t, long long i) { \
    return sf_exact_##W(PyTuple_GET_ITEM(t, i)); \
}
SF_READ(int, long long) SF_READ(float, double) SF_READ(bool, int)
static inline int sf_dict_put(PyObject *d, PyObject *k, PyObject *v) {
    return PyDict_SetItem(d, k, v);
}
static inline int sf_dict_drop(PyObject *d, PyObject *k) { return PyDict_DelItem(d, k); }
static inline int sf_dict_has(PyObject *d, PyObject *k) { return PyDict_Contains(d, k); }
static inline long long sf_dict_len(PyObject *d) { return PyDict_GET_SIZE(d); }
static inline int sf_set_put(PyObject *s, PyObject *k) { return PySet_Add(s, k); }
static inline int sf_set_drop(PyObject *s, PyObject *k) { return PySet_Discard(s, k) < 0 ? -1 : 0; }
static inline int sf_set_has(PyObject *s, PyObject *k) { return PySet_Contains(s, k); }
static inline long long sf_set_len(PyObject *s) { return PySet_GET_SIZE(s); }
static inline PyObject *sf_dict_keys(PyObject *d) { return PyDict_Keys(d); }
static inline PyObject *sf_dict_values(PyObject *d) { return PyDict_Values(d); }
static inline PyObject *sf_dict_items(PyObject *d) { return PyDict_Items(d); }
static inline PyObject *sf_set_keys(PyObject *s) { return PySequence_List(s); }
"""

_COPY_IN = r"""
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

_ARRAYS = r"""
static sf_list *sf_array_new(sf_pool *p, PyObject *o, int code, size_t size, sf_maker box) {
    Py_buffer view;
    Py_ssize_t i, n;
    sf_list *l;
    if (p->track && p->slots && (l = p->table[sf_slot(p, o)])) {
        if (l->code != code) { sf_deopt(); return NULL; }
        l->refs++;
        return l;
    }
    if (PyObject_GetBuffer(o, &view, PyBUF_FORMAT) < 0) return NULL;
    n = view.len / view.itemsize;
    l = view.format && view.format[0] == code && !view.format[1] ? sf_new(p, n, size, 0) : NULL;
    if (!l) sf_deopt();
    else if (code == 'd') memcpy(l->d, view.buf, (size_t)view.len);
    else for (i = 0; i < n; i++) sf_array_item(view.buf, i, code, (long long *)l->d + i, 0);
    PyBuffer_Release(&view);
    if (!l) return NULL;
    l->n = n; l->code = code;
    if (p->track && sf_give(p, l, o, box) < 0) return NULL;
    return l;
}
static sf_list *sf_ints_array_in(sf_pool *p, PyObject *o, int code) {
    return sf_array_new(p, o, code, sizeof(long long), sf_ints_fresh);
}
static sf_list *sf_floats_array_in(sf_pool *p, PyObject *o, int code) {
    return sf_array_new(p, o, code, sizeof(double), sf_floats_fresh);
}
"""

_IN_PLACE = r"""
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

_TOTALS = r"""
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

_SAME = r"""
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

# Family, C type, C type when read, what a failed read gives, from C to Python, from Python to C.
FAMILIES = (
    ("ints", "long long", "long long", "sf_bad()", "PyLong_FromLongLong", "sf_exact_int"),
    ("floats", "double", "double", "sf_badf()", "PyFloat_FromDouble", "sf_exact_float"),
    ("bools", "_Bool", "int", "sf_bad()", "PyBool_FromLong", "sf_exact_bool"),
    ("chars", "Py_UCS4", "Py_UCS4", "(Py_UCS4)sf_bad()", "sf_box_char", ""),
)


def _fill(text: str, family: tuple[str, ...], held: str = "PLAIN") -> str:
    for mark, value in zip(("L", "T", "R", "FAIL", "BOX", "UNBOX"), family, strict=True):
        text = text.replace(f"@{mark}@", value)
    for mark in ("KEEP", "SHARE", "LOSE"):
        text = text.replace(f"@{mark}@", f"SF_{held}_{mark}")
    return text.replace("@ROWS@", f"SF_{held}")


def sequences_c() -> str:
    """The C text of all list helpers."""
    parts = [_COMMON, _SAME]
    for family in FAMILIES:
        parts.append(_fill(_FAMILY + _SCALARS, family))
    for family in FAMILIES[:3]:
        parts.append(_fill(_COPY_IN, family))
        parts.append(_fill(_IN_PLACE.replace("@W@", family[0][:-1]), family))
    rows = ("rows", "sf_list *", "sf_list *", "(sf_deopt(), NULL)", "", "")
    parts.append(_fill(_FAMILY, rows, "ROWS"))
    objects = ("objects", "PyObject *", "PyObject *", "(sf_deopt(), NULL)", "sf_kept", "")
    parts.append(_fill(_FAMILY + _OBJECTS, objects, "OBJECTS"))
    parts += [_ARRAYS, _TOTALS]
    return "".join(parts)
