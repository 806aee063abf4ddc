# cython: language_level=3, binding=False
"""What the agent needs of CPython that Python cannot reach. ``backend.py`` says what stands in."""

from types import FunctionType

cdef extern from *:
    """
    #include <errno.h>
    #include <sys/socket.h>
    #include <sys/stat.h>

    /* Assigns the code where it still is what is expected: 1 done, 0 it is another, -1 an error. */
    static int ss_swap(PyObject *function, PyObject *expected, PyObject *code) {
        PyFunctionObject *f = (PyFunctionObject *)function;
        if (f->func_code != expected) return 0;
    #if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
        int specialisable = f->func_version != 0;
    #endif
        if (PyObject_SetAttrString(function, "__code__", code) < 0) return -1;
    #if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
        /* 3.13 sets the version to 0 for good, and the function is never specialised again. */
        if (specialisable && f->func_code == code)
            f->func_version = ((PyCodeObject *)code)->co_version;
    #endif
        return 1;
    }

    static int ss_hooks(void) {
        int found = 0;
        PyThreadState *t = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        for (; t != NULL; t = PyThreadState_Next(t)) {
            if (t->c_tracefunc != NULL) found |= 1;
            if (t->c_profilefunc != NULL) found |= 2;
        }
        return found;
    }

    static PyObject *ss_threads(void) {
        PyObject *found = PyDict_New();
        PyThreadState *t = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        for (; found != NULL && t != NULL; t = PyThreadState_Next(t)) {
            PyObject *key = PyLong_FromUnsignedLong(t->thread_id);
            PyObject *value = PyLong_FromUnsignedLong(t->native_thread_id);
            if (!key || !value || PyDict_SetItem(found, key, value) < 0) Py_CLEAR(found);
            Py_XDECREF(key);
            Py_XDECREF(value);
        }
        return found;
    }

    /* sys._current_frames also makes objects for the threads of subinterpreters, which from 3.12 on
       corrupts the heap: theirs is another one. */
    static PyObject *ss_frames(void) {
        PyObject *found = PyDict_New();
        PyThreadState *t = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        for (; found != NULL && t != NULL; t = PyThreadState_Next(t)) {
            PyObject *frame = (PyObject *)PyThreadState_GetFrame(t);
            if (frame == NULL) continue;
            PyObject *key = PyLong_FromUnsignedLong(t->thread_id);
            if (!key || PyDict_SetItem(found, key, frame) < 0) Py_CLEAR(found);
            Py_XDECREF(key);
            Py_DECREF(frame);
        }
        return found;
    }

    /* Without giving the interpreter up: getting it back from a busy program takes 5 ms. */
    static int ss_ready(int fd, unsigned long long inode) {
        struct stat status;
        char byte;
        if (fstat(fd, &status) < 0 || (unsigned long long)status.st_ino != inode) return -1;
        ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }

    /* What an instance keeps itself, as a new dict; None where it has a dict, or none that is known.
       The layouts of pycore_dict.h and pycore_object.h, which other versions may change. */
    static PyObject *ss_attributes(PyObject *o) {
    #if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
        typedef struct {
            Py_ssize_t refcnt;
            uint8_t log2_size, log2_index_bytes, kind;
            uint32_t version;
            Py_ssize_t usable, entries;
            char indices[];
        } keys_t;
        typedef struct { PyObject *key, *value; } entry_t;
        PyTypeObject *type = Py_TYPE(o);
        PyObject *found, **values;
        uint8_t *order;
        Py_ssize_t i, size, step;
        if (!(type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) Py_RETURN_NONE;
        found = PyDict_New();  /* first: in 3.11 this may collect, and so run anything */
        if (found == NULL) return NULL;
    #if PY_VERSION_HEX >= 0x030D0000
        uint8_t *held = (uint8_t *)o + sizeof(PyObject);  /* capacity, size, embedded, valid */
        if (!(type->tp_flags & Py_TPFLAGS_INLINE_VALUES) || !held[3] || ((PyObject **)o)[-3])
            goto none;
        values = (PyObject **)(held + sizeof(PyObject *));
        order = (uint8_t *)&values[held[0]];
        size = held[1];
        step = 1;
    #else
    #if PY_VERSION_HEX >= 0x030C0000
        char *held = ((char **)o)[-3];  /* values are told from a dict by the lowest bit */
        if (!((size_t)held & 1)) goto none;
        values = (PyObject **)(held + 1);
    #else
        values = ((PyObject ***)o)[-4];
        if (values == NULL) goto none;
    #endif
        size = ((uint8_t *)values)[-2];
        order = (uint8_t *)values - 3;
        step = -1;
    #endif
        keys_t *keys = (keys_t *)((PyHeapTypeObject *)type)->ht_cached_keys;
        entry_t *entries = (entry_t *)(keys->indices + ((size_t)1 << keys->log2_index_bytes));
        for (i = 0; i < size; i++) {
            uint8_t at = order[i * step];
            if (values[at] == NULL) continue;
            if (PyDict_SetItem(found, entries[at].key, values[at]) < 0) {
                Py_DECREF(found);
                return NULL;
            }
        }
        return found;
    none:
        Py_DECREF(found);
    #endif
        Py_RETURN_NONE;
    }

    static int ss_call(void *callback) {
        PyObject *result = PyObject_CallNoArgs((PyObject *)callback);
        Py_DECREF((PyObject *)callback);
        if (result == NULL) PyErr_WriteUnraisable(NULL);
        Py_XDECREF(result);
        return 0;
    }

    static int ss_call_soon(PyObject *callback) {
        Py_INCREF(callback);
        if (Py_AddPendingCall(ss_call, (void *)callback) == 0) return 1;
        Py_DECREF(callback);
        return 0;
    }
    """
    int ss_swap(object function, object expected, object code) except -1
    int ss_hooks()
    object ss_threads()
    object ss_frames()
    int ss_ready(int fd, unsigned long long inode)
    int ss_call_soon(object callback)
    object ss_attributes(object value)


def swap(function, expected, code):
    """Give a function another code object if it still has the expected one; whether it had."""
    if type(function) is not FunctionType:
        raise TypeError("only a function has a code object that can be exchanged")
    return ss_swap(function, expected, code) == 1


def hooks():
    """1 where some thread is traced (``sys.settrace``), 2 where one is profiled, 3 both, 0 none."""
    return ss_hooks()


def threads():
    """The kernel's number of every Python thread, by its ``_thread.get_ident``."""
    return ss_threads()


def frames():
    """The innermost frame of every thread of this interpreter, by its ``_thread.get_ident``."""
    return ss_frames()


def ready(fd, inode):
    """1 where a socket has something to read or has ended, 0 where not, -1 if it is another file."""
    return ss_ready(fd, inode)


def call_soon(callback):
    """Have the main thread call it between two of its instructions; False where that is full."""
    return ss_call_soon(callback) == 1


def attributes(value):
    """The attributes that an instance keeps itself, in the order in which they came; else None.

    Its ``__dict__`` would be made by reading it, and attributes be twice as slow from then on.
    """
    return ss_attributes(value)
