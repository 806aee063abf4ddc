"""The C text for lists as flat buffers, with Python's aliasing, bounds and growth.

A buffer counts its references, so that ``prev = cur`` is an alias as it is in Python. All buffers
of a call belong to its pool, which the wrapper empties on every way out: no error path can leak,
and a list made anew in each iteration takes the storage of the last one.

Where arguments are written to, a buffer knows the list that it stands for (``origin``) and whether
it was written (``dirty``): the lists themselves change at the end of the call, all of them or none.
"""

BUFFERS_C = r"""
typedef struct sf_list {
    struct sf_list *prev, *next, *given;
    Py_ssize_t refs, n, room;
    int rows, dirty, code;
    void *d;
    PyObject *holder, *attribute;
    PyObject *origin, *(*box)(struct sf_list *, PyObject *);
} sf_list;
typedef struct { PyObject *list, *old; Py_ssize_t at; PyObject *name; } sf_step;
typedef struct { void *object, *part; } sf_mark;
#define SF_MARK(o, x) ((((size_t)(o) >> 4) * 31 + (size_t)(x)) * 0x9E3779B97F4A7C15ULL >> 24)
/* ``given``: the buffers of arguments, ``table`` finds them by their list. ``steps``: what was
   done to objects in place, to be taken back when the call is declined; ``marks``: the places whose
   first value is among them. */
typedef struct sf_pool {
    sf_list *live, *spare, *given;
    sf_list **table;
    size_t slots, held;
    sf_step *steps;
    Py_ssize_t done, room;
    sf_mark *marks;
    size_t marked, marking;
    PyObject *array;  /* the last that was stored to, and in which part */
    size_t part;
    PyObject *interrupted;  /* what a signal handler raised, where a handler of the text has caught it */
    PyObject *names, *file;  /* of the module whose function was called */
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
    for (i = 0; i < p->done; i++) {
        Py_XDECREF(p->steps[i].old); Py_DECREF(p->steps[i].list); Py_XDECREF(p->steps[i].name);
    }
    sf_free_chain(p->live); sf_free_chain(p->spare);
    PyMem_RawFree(p->table); PyMem_RawFree(p->steps); PyMem_RawFree(p->marks);
    Py_XDECREF(p->interrupted);
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
    else if (l->code == 'd' && put > 0) memcpy(view.buf, l->d, (size_t)view.len);
    /* An array shows which NaN it holds: the one that Python computes may be another. */
    else if (l->code == 'd') for (i = 0; i < l->n && !r; i++) r = isnan(((double *)l->d)[i]);
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
/* What was done in place, one step each: an item of a list put, added to the end, or taken from it;
   all of a list, as it was; bytes of an array, at their offset; an entry of a dict, an item of a set or an attribute, by its name; all
   of a set, dict or deque, as it was; the state of a generator of random numbers. */
enum { SF_ADDED = -1, SF_TAKEN = -2, SF_ALL = -3, SF_ENTRY = -4, SF_ITEM_OF_SET = -5, SF_FIELD = -6,
       SF_ALL_OF_SET = -7, SF_DRAWN = -8, SF_ALL_OF_DICT = -9, SF_ALL_OF_DEQUE = -10 };
static int sf_note(sf_pool *p, PyObject *list, Py_ssize_t at, PyObject *old) {
    if (p->done == p->room) {
        Py_ssize_t room = p->room ? p->room * 2 : 64;
        sf_step *steps = room > (1 << 22) ? NULL
            : (sf_step *)PyMem_RawRealloc(p->steps, (size_t)room * sizeof(sf_step));
        if (!steps) return sf_deopt();
        p->steps = steps; p->room = room;
    }
    Py_INCREF(list);
    p->steps[p->done++] = (sf_step){list, old, at, NULL};
    return 0;
}
/* Take back what was done, the last first. */
static void sf_undo(sf_pool *p) {
    while (p->done) {
        sf_step s = p->steps[--p->done];
        Py_ssize_t n = PyList_Check(s.list) ? PyList_GET_SIZE(s.list) : 0;
        if (s.at >= 0 && !PyList_Check(s.list)) sf_array_back(s.list, s.at, s.old);
        else if (s.at >= 0) { PyList_SetItem(s.list, s.at, s.old); s.old = NULL; }
        else if (s.at == SF_ADDED) PyList_SetSlice(s.list, n - 1, n, NULL);
        else if (s.at == SF_TAKEN) PyList_Append(s.list, s.old);
        else if (s.at == SF_ALL) PyList_SetSlice(s.list, 0, n, s.old);
        else if (s.at == SF_ITEM_OF_SET && s.old) PySet_Discard(s.list, s.name);
        else if (s.at == SF_ITEM_OF_SET) sf_set_free(s.list, s.name);
        else if (s.at == SF_ALL_OF_SET) sf_set_back(s.list, s.old);
        else if (s.at == SF_ALL_OF_DICT) sf_dict_back(s.list, s.old);
        else if (s.at == SF_ALL_OF_DEQUE) sf_deque_back(s.list, s.old);
        else if (s.at == SF_DRAWN)
            memcpy((char *)s.list + sizeof(PyObject), PyBytes_AS_STRING(s.old), PyBytes_GET_SIZE(s.old));
        else if (s.at == SF_FIELD) PyObject_GenericSetAttr(s.list, s.name, s.old);
        else if (s.old) PyDict_SetItem(s.list, s.name, s.old);
        else PyDict_DelItem(s.list, s.name);
        PyErr_Clear();
        Py_XDECREF(s.old); Py_DECREF(s.list); Py_XDECREF(s.name);
    }
    PyErr_Clear();
}
#define SF_FEW 256  /* so many steps are noted without a look at what was noted before */
/* Whether the place was marked before; it is then. -1 where memory is short. */
static int sf_marked(sf_pool *p, void *object, void *part) {
    size_t i, slots = p->marking;
    sf_mark *m;
    if (p->marked * 2 >= slots) {
        size_t more = slots ? slots * 4 : 64;
        sf_mark *wider = more > (1u << 25) ? NULL : (sf_mark *)PyMem_RawCalloc(more, sizeof(sf_mark));
        if (!wider) return sf_deopt();
        for (m = p->marks; m < p->marks + slots; m++) if (m->object) {
            i = SF_MARK(m->object, m->part) & (more - 1);
            while (wider[i].object) i = (i + 1) & (more - 1);
            wider[i] = *m;
        }
        PyMem_RawFree(p->marks);
        p->marks = wider; p->marking = slots = more;
    }
    for (i = SF_MARK(object, part) & (slots - 1); (m = &p->marks[i])->object; i = (i + 1) & (slots - 1))
        if (m->object == object && m->part == part) return 1;
    m->object = object; m->part = part; p->marked++;
    return 0;
}
/* Whether the last reference to a value may go while others can still be taken back. */
static inline int sf_light(PyObject *o) {
    return !o || Py_REFCNT(o) > 1 || PyFloat_CheckExact(o) || PyLong_CheckExact(o)
        || PyUnicode_CheckExact(o);
}
static int sf_seq_put_object(sf_pool *p, PyObject *o, long long i, PyObject *v) {
    long long n = PyList_GET_SIZE(o);
    PyObject *old;
    int known;
    if (i < 0) i += n;
    if (i < 0 || i >= n) return sf_deopt();
    old = PyList_GET_ITEM(o, i);
    known = p->done < SF_FEW ? 0 : sf_marked(p, o, (void *)(size_t)i);
    if (known < 0) return -1;
    if (!known || !sf_light(old)) {
        if (sf_note(p, o, (Py_ssize_t)i, old) < 0) return -1;
        Py_INCREF(old);
    }
    Py_INCREF(v);
    PyList_SET_ITEM(o, i, v);
    Py_DECREF(old);
    return 0;
}
/* An entry, an item of a set or an attribute, with what was there before or NULL. */
static int sf_note_part(sf_pool *p, PyObject *o, Py_ssize_t what, PyObject *name, PyObject *old) {
    /* Equal names that are not one object are noted one by one. */
    int known = p->done < SF_FEW || !PyUnicode_CheckExact(name) ? 0 : sf_marked(p, o, name);
    if (known < 0) return -1;
    if (known && sf_light(old)) return 0;
    if (sf_note(p, o, what, old) < 0) return -1;
    Py_XINCREF(old); Py_INCREF(name);
    p->steps[p->done - 1].name = name;
    return 0;
}
/* An item that a set does not hold yet. */
static int sf_note_item(sf_pool *p, PyObject *o, PyObject *k) {
    int full = sf_set_full(o);
    PyObject *table = full ? sf_set_table(o) : NULL, *name = full ? PySequence_Tuple(o) : Py_NewRef(k);
    if (!name || (full && !table)
            || sf_note(p, o, full ? SF_ALL_OF_SET : SF_ITEM_OF_SET, table) < 0) {
        Py_XDECREF(table); Py_XDECREF(name);
        return -1;
    }
    p->steps[p->done - 1].name = name;
    return 0;
}
/* All of a list, once. */
static int sf_note_all(sf_pool *p, PyObject *o) {
    int known = sf_marked(p, o, (void *)-1);
    PyObject *copy;
    if (known) return known < 0 ? -1 : 0;
    copy = PyList_GetSlice(o, 0, PY_SSIZE_T_MAX);
    if (!copy) return -1;
    if (sf_note(p, o, SF_ALL, copy) < 0) { Py_DECREF(copy); return -1; }
    return 0;
}
/* All of a dict, set or deque, once. */
static int sf_note_whole(sf_pool *p, PyObject *o) {
    int known = sf_marked(p, o, (void *)-1), set = PyAnySet_Check(o), dict = PyDict_Check(o);
    PyObject *kept, *name;
    if (known) return known < 0 ? -1 : 0;
    kept = set ? sf_set_table(o) : dict ? sf_dict_kept(o) : PySequence_List(o);
    name = set ? PySequence_Tuple(o) : Py_NewRef(Py_None);  /* so that all items stay alive */
    if (!kept && !PyErr_Occurred()) sf_deopt();
    if (!kept || !name || sf_note(p, o, set ? SF_ALL_OF_SET : dict ? SF_ALL_OF_DICT : SF_ALL_OF_DEQUE, kept) < 0) {
        Py_XDECREF(kept); Py_XDECREF(name);
        return -1;
    }
    p->steps[p->done - 1].name = name;
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
/* A name that is not set yet is NULL: what is looked up before a loop may be that. */
static inline long long sf_len(sf_list *l) { return l ? l->n : 0; }
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
