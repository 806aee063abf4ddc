# cython: language_level=3, binding=False
"""What the agent needs of CPython that Python cannot reach. ``backend.py`` says what stands in."""

from cpython.exc cimport PyErr_SetFromErrno
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from types import FunctionType

from selfsame.runtime.agent.handlers import raised_by_program

cdef extern from *:
    """
    #include <dirent.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/socket.h>
    #include <sys/stat.h>
    #include <unistd.h>

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
        PyThreadState *own = PyThreadState_Get();
        PyThreadState *t = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        for (; found != NULL && t != NULL; t = PyThreadState_Next(t)) {
            /* The caller keeps what it is given: with its own frame in it that would be a cycle, and
               keep what all those frames hold until garbage is collected. */
            PyObject *frame = t == own ? NULL : (PyObject *)PyThreadState_GetFrame(t);
            if (frame == NULL) continue;
            PyObject *key = PyLong_FromUnsignedLong(t->thread_id);
            if (!key || PyDict_SetItem(found, key, frame) < 0) Py_CLEAR(found);
            Py_XDECREF(key);
            Py_DECREF(frame);
        }
        return found;
    }

    /* Those below do not give the interpreter up: a program that is busy has it back for 5 ms,
       and where it gives the interpreter up often itself, whoever waits for it is passed over and
       begins to wait anew. None of them waits. */

    /* 1 where the descriptor is still that socket; else 0, with errno. */
    static int ss_same(int fd, unsigned long long inode) {
        struct stat status;
        if (fstat(fd, &status) < 0) return 0;
        errno = EBADF;
        return (unsigned long long)status.st_ino == inode;
    }

    /* A new socket that has a high number from the start: who closes its standard input and opens
       another file counts on the lowest one. -1 with errno. */
    static int ss_socket(int least) {
        int low = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), high = -1;
        for (; low >= 0 && high < 0 && least > 2; least /= 4)
            high = fcntl(low, F_DUPFD_CLOEXEC, least);  /* a limit may be lower */
        if (high < 0) return low;
        close(low);
        return high;
    }

    /* Never unmapped: whoever reads it may do so to the end. */
    static PyObject *ss_mapped(int fd, size_t size) {
        struct stat status;
        void *at;
        if (fstat(fd, &status) < 0) return PyErr_SetFromErrno(PyExc_OSError);
        errno = EINVAL;
        if ((size_t)status.st_size < size) return PyErr_SetFromErrno(PyExc_OSError);
        at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED) return PyErr_SetFromErrno(PyExc_OSError);
        return PyMemoryView_FromMemory((char *)at, (Py_ssize_t)size, PyBUF_READ);
    }

    static int ss_later(void) {
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    }

    static PyObject *ss_receive(int fd, unsigned long long inode) {
        static char buffer[1 << 16];  /* the interpreter is held: nobody else is here */
        if (!ss_same(fd, inode)) return PyErr_SetFromErrno(PyExc_OSError);
        ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got >= 0) return PyBytes_FromStringAndSize(buffer, got);
        if (ss_later()) Py_RETURN_NONE;
        return PyErr_SetFromErrno(PyExc_OSError);
    }

    static PyObject *ss_send(int fd, unsigned long long inode, PyObject *data) {
        Py_buffer view;
        if (!ss_same(fd, inode)) return PyErr_SetFromErrno(PyExc_OSError);
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) return NULL;
        ssize_t sent = send(fd, view.buf, view.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        int later = sent < 0 && ss_later();
        PyBuffer_Release(&view);
        if (sent < 0 && !later) return PyErr_SetFromErrno(PyExc_OSError);
        return PyLong_FromSsize_t(later ? 0 : sent);
    }

    /* Nanoseconds that threads of this process ran, and waited for a processor. */
    static PyObject *ss_waited(int most) {
        unsigned long long ran = 0, waited = 0;
        struct dirent *entry;
        char path[64], text[128], *rest;
        DIR *threads = opendir("/proc/self/task");
        if (threads == NULL) return PyErr_SetFromErrno(PyExc_OSError);
        while (most > 0 && (entry = readdir(threads)) != NULL) {
            if (entry->d_name[0] == '.') continue;
            most--;
            snprintf(path, sizeof path, "/proc/self/task/%.20s/schedstat", entry->d_name);
            int file = open(path, O_RDONLY | O_CLOEXEC);
            ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
            if (file >= 0) close(file);
            if (got <= 0) goto failed;  /* a thread ended, or the kernel does not count */
            text[got] = 0;
            ran += strtoull(text, &rest, 10);
            waited += strtoull(rest, NULL, 10);
        }
        closedir(threads);
        return Py_BuildValue("KK", ran, waited);
    failed:
        closedir(threads);
        return Py_BuildValue("KK", 0ULL, 0ULL);
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

    /* Set attributes where the type keeps them, without its dict being made and without asking the
       class; 0, and nothing is set, where a descriptor of the class would be asked. */
    static int ss_hold(PyObject *o, PyObject *own) {
        PyTypeObject *type = Py_TYPE(o);
        PyObject *key, *value;
        Py_ssize_t pos = 0;
        while (PyDict_Next(own, &pos, &key, &value)) {
            PyObject *found;
            if (!PyUnicode_CheckExact(key)) return 0;
            Py_INCREF(key);
            PyUnicode_InternInPlace(&key);  /* the cache of look-ups keeps every name that it meets */
            found = _PyType_Lookup(type, key);
            Py_DECREF(key);
            if (found != NULL && Py_TYPE(found)->tp_descr_set != NULL) return 0;
        }
        pos = 0;
        while (PyDict_Next(own, &pos, &key, &value)) {
            int failed;
            Py_INCREF(key);
            PyUnicode_InternInPlace(&key);
            failed = PyObject_GenericSetAttr(o, key, value);
            Py_DECREF(key);
            if (failed) return -1;
        }
        return 1;
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
    int ss_socket(int least)
    int close(int fd)
    object ss_mapped(int fd, size_t size)
    object ss_receive(int fd, unsigned long long inode)
    object ss_send(int fd, unsigned long long inode, object data)
    object ss_waited(int most)
    int ss_call_soon(object callback)
    object ss_attributes(object value)
    int ss_hold(object value, dict own) except -1


cdef extern from "aside.h":
    int ss_aside_begin() except -1
    Py_ssize_t ss_aside_end()


def aside_begin():
    """What is made from here on is set aside by ``aside_end``; nothing is collected until then."""
    ss_aside_begin()


def aside_end():
    """Have the collector leave alone what was made since ``aside_begin``; how many objects."""
    return ss_aside_end()


cdef extern from "entry.h":
    int ss_entry(object choose) except -1


def enter(choose):
    """Have ``choose(code)`` say which code ``__main__`` begins with; whether it will be asked."""
    return ss_entry(choose)


cdef extern from "handover.h":
    ctypedef struct ss_pause:
        pass
    ss_pause *ss_pause_new()
    void ss_pause_free(ss_pause *pause)
    int ss_pause_for(ss_pause *pause, double seconds)
    void ss_pause_end(ss_pause *pause)
    void ss_pause_forget(ss_pause *pause)
    int ss_give(double seconds)
    void ss_handed_back()


cdef class Pause:
    """The pauses of a thread, which has the interpreter handed over to it at their end."""

    cdef ss_pause *pause

    def __cinit__(self):
        self.pause = ss_pause_new()
        if self.pause == NULL:
            raise MemoryError

    def __dealloc__(self):
        ss_pause_free(self.pause)

    def wait(self, seconds):
        """Until so much time has passed or ``end``; True where a thread that ran Python handed over."""
        return ss_pause_for(self.pause, seconds) == 1

    def end(self):
        """End the pause, or else the next one."""
        ss_pause_end(self.pause)

    def forget(self):
        """After a fork nobody waits in the child."""
        ss_pause_forget(self.pause)


def give(seconds):
    """Let who wants the interpreter have it for so long; whether anybody did."""
    return ss_give(seconds) == 1


include "forks.pxi"


cdef extern from *:
    """
    #include <time.h>

    static long long ss_now(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000000000LL + t.tv_nsec;
    }
    """
    long long ss_now()


cdef class Parts:
    """The parts of a range in their order, each as long as takes some milliseconds; anything else in one.

    Once a part took so long the size is kept, however fast a rewrite is then: times of parts can be
    compared. Only what takes less than 0.1 ms grows on, or takes more than 8 ms becomes smaller.
    """

    cdef object items
    cdef long long at, size, count, began
    cdef bint settled

    def __cinit__(self, items):
        self.items, self.at, self.size, self.began, self.settled = items, 0, 1, 0, False
        self.count = -1
        if type(items) is range and items.step == 1 and 0 <= items.stop - items.start < 1 << 60:
            self.count = items.stop - items.start

    def __iter__(self):
        return self

    def __next__(self):
        cdef long long now = ss_now(), took = now - self.began
        if self.items is None:
            raise StopIteration
        if self.count < 0:
            items, self.items = self.items, None
            return items
        if self.at >= self.count:
            self.items = None
            raise StopIteration
        if self.began:
            if took > 8000000 and self.size > 1:
                self.size //= 2
            if took >= 2000000:
                self.settled = True
            elif not self.settled or took < 100000:
                self.size = min(self.size * 2, 1 << 40)
        part = self.items[self.at : self.at + self.size]
        self.at += self.size
        self.began = ss_now()
        return part


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
    """The innermost frame of every other thread of this interpreter, by its ``_thread.get_ident``."""
    return ss_frames()


def new_socket(least):
    """The descriptor of a new socket of the host's (AF_UNIX), never a low number in between.

    From ``least`` on, or from a part of it where the program may have fewer. Raises OSError.
    """
    cdef int fd = ss_socket(least)
    if fd < 0:
        PyErr_SetFromErrno(OSError)
    return fd


def make_room(least):
    """Have the kernel make a table that has room for that descriptor, where it may.

    While other threads run, it waits for all processors to have seen the new one: some 10 ms.
    """
    cdef int fd = ss_socket(least)
    if fd >= 0:
        close(fd)


def mapped(fd, size):
    """The first ``size`` bytes of an open file, mapped to be read, without a descriptor. Raises OSError."""
    return ss_mapped(fd, size)


def receive(fd, inode):
    """Up to 64 KiB that have come at a socket; None where nothing has, empty where it has ended.

    Raises OSError where it is broken, or the descriptor is another file by now.
    """
    return ss_receive(fd, inode)


def send(fd, inode, data):
    """How many bytes of ``data`` a socket took at once. Raises OSError as ``receive`` does."""
    return ss_send(fd, inode, data)


def waited(most):
    """Nanoseconds that ``most`` threads of this process ran, and waited for a processor, together.

    0 and 0 where the kernel does not count, or a thread ended meanwhile.
    """
    return ss_waited(most)


def call_soon(callback):
    """Have the main thread call it between two of its instructions; False where that is full."""
    return ss_call_soon(callback) == 1


def attributes(value):
    """The attributes that an instance keeps itself, in the order in which they came; else None.

    Its ``__dict__`` would be made by reading it, and attributes be twice as slow from then on.
    """
    return ss_attributes(value)


def hold(value, dict own):
    """Set the attributes of an instance where its type keeps them, in their order; whether that was done.

    False where the class has a descriptor that takes one of them. Its ``__dict__`` is not made.
    """
    return ss_hold(value, own) == 1
