# cython: language_level=3, binding=False
"""What the agent needs of CPython that Python cannot reach. ``backend.py`` says what stands in."""

from cpython.exc cimport PyErr_SetFromErrno
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from types import FunctionType

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


cdef extern from "resting.h":
    ctypedef struct ss_rest:
        pass
    ss_rest *ss_rest_new()
    void ss_rest_free(ss_rest *rest)
    int ss_rest_begin(ss_rest *rest, double seconds, object body)
    int ss_rest_end(ss_rest *rest) nogil
    int ss_rest_hold(ss_rest *rest)
    void ss_rest_release(ss_rest *rest)
    void ss_rest_forget(ss_rest *rest)
    int ss_rest_before_fork(ss_rest *rest, int stays)
    int ss_rest_after_fork(ss_rest *rest, double longest)
    int ss_rest_forks(ss_rest *rest)
    int ss_rest_again(ss_rest *rest)
    int ss_rest_is_there(ss_rest *rest)
    void ss_rest_over(ss_rest *rest)
    int ss_rest_in_child(ss_rest *rest, double seconds)
    int ss_rest_due(ss_rest *rest)
    void ss_rest_grown(ss_rest *rest)
    long long ss_rest_children(ss_rest *rest)


cdef class Resting:
    """A thread that calls something after a time, and needs nothing of the interpreter until then."""

    cdef ss_rest *rest

    def __cinit__(self):
        self.rest = ss_rest_new()
        if self.rest == NULL:
            raise MemoryError

    def __dealloc__(self):
        ss_rest_free(self.rest)

    def begin(self, seconds, body):
        """Call ``body()`` in a new thread in so many seconds. RuntimeError where there can be none."""
        error = ss_rest_begin(self.rest, seconds, body)
        if error:
            raise RuntimeError(f"no thread can be started: {error}")

    def end(self):
        """True where it was still resting, and is gone; False where its call has begun."""
        cdef int ended
        with nogil:
            ended = ss_rest_end(self.rest)
        return ended == 1

    def hold(self):
        """True where it is resting, and stays so until ``release``."""
        return ss_rest_hold(self.rest) == 1

    def release(self):
        """Let it go on."""
        ss_rest_release(self.rest)

    @property
    def is_there(self):
        """Whether it rests, is away for a fork, or has called and was not told that this is over."""
        return ss_rest_is_there(self.rest) == 1

    def over(self):
        """What it calls has nothing left to do, and another may begin."""
        ss_rest_over(self.rest)

    def forget(self):
        """After a fork the child has no such thread."""
        ss_rest_forget(self.rest)

    def grown(self):
        """In a child that has lived a moment: not all of them die young."""
        ss_rest_grown(self.rest)

    @property
    def children(self):
        """How many forks lie between this process and the first that `Forks` went through without Python."""
        return ss_rest_children(self.rest)


cdef extern from "Python.h":
    ctypedef struct PyFrameObject:
        pass
    PyFrameObject *PyEval_GetFrame()
    PyObject *PyFrame_GetBack(PyFrameObject *frame)
    int PyFrame_GetLasti(PyFrameObject *frame)
    int Py_AddPendingCall(int (*function)(void *) noexcept, void *of)
    void PyErr_SetObject(object kind, object value)


cdef extern from "<unistd.h>":
    int getpid()


cdef extern from *:
    """
    #include <sys/syscall.h>
    #include <unistd.h>
    static int ss_gettid(void) { return (int)syscall(SYS_gettid); }
    """
    int ss_gettid()


cdef list _left = []


def pass_on(error):
    """Keep what a hook was left by: our own errors end here; what a handler of a signal of the program's
    raised meanwhile is raised once the hooks are over, where ``os.fork`` would print it. Whether it was that.
    """
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    module = str(at.tb_frame.f_globals.get("__name__")) if at is not None else ""
    if isinstance(error, Exception) and module.startswith("selfsame."):
        return False
    _left.append(error)
    return True


cdef void _hook(hook) noexcept:
    # Caught here: a handler may also raise before a function of Python has begun its first line. What it
    # cut short is done again.
    for _ in range(3):
        try:
            hook()
            return
        except BaseException as error:
            if not pass_on(error):
                return


cdef void _hooks_are_over() noexcept:
    while len(_left):
        error = _left.pop(0)
        Py_INCREF(error)
        if Py_AddPendingCall(_raise, <void *>error):
            Py_DECREF(error)  # too many calls are waiting


cdef int _raise(void *of) noexcept:
    error = <object>of
    PyErr_SetObject(type(error), error)
    Py_DECREF(error)
    return -1


cdef class Forks:
    """What is done around forks: all in C where the thread rests and nothing else is to be done.

    Each page that either side touches after a fork is copied, and Python touches dozens of them only to
    find that there is nothing to do. ``busy`` are dicts that are all empty then, ``lock`` is one that a
    child gives up, and ``hooks`` does the rest: ``before``, ``start`` and ``child``.

    A process whose children die young has most of them do without the thread. One that lives longer all
    the same is found by the collector's first run then: ``callbacks`` are those of ``gc``.
    """

    cdef Resting resting
    cdef object lock, hooks, frame
    cdef tuple busy
    cdef list callbacks
    cdef bint stays, asked, due
    cdef double child_s, longest_s
    cdef int at

    def __cinit__(self, Resting resting, tuple busy, lock, hooks, list callbacks, bint stays,
                  double child_s, double longest_s):
        self.resting, self.busy, self.lock, self.hooks = resting, busy, lock, hooks
        self.callbacks, self.asked, self.due = callbacks, False, False
        self.stays, self.child_s, self.longest_s = stays, child_s, longest_s

    cdef bint idle(self) noexcept:
        for known in self.busy:
            if len(<dict>known):
                return False
        return True

    cdef bint may_stay(self) noexcept:
        """Whether one more thread makes no difference. From 3.12 on ``os.fork`` warns of it, as it does
        anyway where a thread forks that is not the main one.
        """
        return self.stays or ss_gettid() != getpid()

    def before(self):
        """In the parent, before the fork."""
        cdef bint rests = ss_rest_before_fork(self.resting.rest, self.may_stay() and self.idle()) == 1
        if not rests or not self.idle():
            _hook(self.hooks.before)

    def parent(self):
        """In the parent, after it."""
        if not ss_rest_after_fork(self.resting.rest, self.longest_s):
            if self.may_stay():
                _hook(self.hooks.start)
            else:
                self.later()
        _hooks_are_over()

    def child(self):
        """In the child."""
        cdef int found = ss_rest_in_child(self.resting.rest, self.child_s) if self.idle() else 0
        if found == 0:
            _hook(self.hooks.child)
            _hooks_are_over()
            return
        if self.lock.locked():
            self.lock.release()  # who held it is a thread of the parent
        if found == 1:
            self.wait_no_more()
        elif self.collected not in self.callbacks:
            self.callbacks.append(self.collected)

    cdef void wait_no_more(self) noexcept:
        if len(self.callbacks) and self.collected in self.callbacks:
            self.callbacks.remove(self.collected)

    def collected(self, phase, info):
        """Called by the collector, which no thread may be started in."""
        if not self.asked and ss_rest_due(self.resting.rest):
            self.asked = True
            Py_INCREF(self)
            if Py_AddPendingCall(_lived, <void *>self):
                Py_DECREF(self)
                self.asked = False

    cdef void lived(self) noexcept:
        self.asked = False
        self.wait_no_more()
        if ss_rest_due(self.resting.rest) and not ss_rest_again(self.resting.rest):
            _hook(self.hooks.start)

    cdef void later(self) noexcept:
        """Have the thread come back once the call that forks has returned, the outermost of them."""
        cdef PyFrameObject *frame = PyEval_GetFrame()
        if frame == NULL or (self.due and self.inside()):
            return
        self.frame, self.at, self.due = <object>frame, PyFrame_GetLasti(frame), True
        self.soon()
        # Twice: where one call asks for itself again and again, 3.13 forgets it in the end, until
        # something else interrupts the program.
        self.soon()

    cdef void soon(self) noexcept:
        Py_INCREF(self)
        if Py_AddPendingCall(_soon, <void *>self):
            Py_DECREF(self)  # too many are waiting, one of ours perhaps

    cdef bint inside(self) noexcept:
        """Whether the call has not returned: a hook of the program's runs."""
        cdef PyFrameObject *frame = PyEval_GetFrame()
        if <PyObject *>frame == <PyObject *>self.frame:
            return False
        held = <object>frame if frame != NULL else None
        while held is not None and held is not self.frame:
            back = PyFrame_GetBack(<PyFrameObject *>held)
            if back == NULL:
                return False
            held = <object>back
            Py_DECREF(held)
        return held is not None and PyFrame_GetLasti(<PyFrameObject *>held) == self.at

    cdef void resume(self) noexcept:
        if not self.due:
            return
        if self.inside():
            self.soon()
            return
        self.frame, self.due = None, False
        if ss_rest_forks(self.resting.rest):
            return  # whose end asks again
        self.wait_no_more()
        if not ss_rest_again(self.resting.rest):
            _hook(self.hooks.start)


cdef int _lived(void *of) noexcept:
    forks = <Forks>of
    forks.lived()
    Py_DECREF(forks)
    _hooks_are_over()
    return 0


cdef int _soon(void *of) noexcept:
    forks = <Forks>of
    forks.resume()
    Py_DECREF(forks)
    _hooks_are_over()
    return 0


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
