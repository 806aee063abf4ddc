# Included by native.pyx: a thread that rests, and the hooks around forks.

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
    int ss_rest_is_away(ss_rest *rest)
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
    # Borrowed: what is counted is written to.
    PyObject *PyList_GET_ITEM(object values, Py_ssize_t place)
    PyObject *PyTuple_GET_ITEM(object values, Py_ssize_t place)
    Py_ssize_t PyDict_Size(PyObject *known)
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
    if not raised_by_program(error):
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

    Where forks follow each other, the parent does without the thread for most of them, and where its
    children die young, so do most of them. The next run of the collector then finds that the thread is
    due: ``callbacks`` are those of ``gc``.
    """

    cdef Resting resting
    cdef object lock, hooks, frame, watching
    cdef tuple busy
    cdef list callbacks
    cdef bint stays, asked, due, locked
    cdef double child_s, longest_s
    cdef int at

    def __cinit__(self, Resting resting, tuple busy, lock, hooks, list callbacks, bint stays,
                  double child_s, double longest_s):
        self.resting, self.busy, self.lock, self.hooks = resting, busy, lock, hooks
        self.callbacks, self.watching = callbacks, self.collected
        self.asked = self.due = self.locked = False
        self.stays, self.child_s, self.longest_s = stays, child_s, longest_s

    cdef bint idle(self) noexcept:
        for place in range(len(self.busy)):
            if PyDict_Size(PyTuple_GET_ITEM(self.busy, place)):
                return False
        return True

    cdef bint may_stay(self) noexcept:
        """Whether one more thread makes no difference. From 3.12 on ``os.fork`` warns of it, as it does
        anyway where a thread forks that is not the main one.
        """
        return self.stays or ss_gettid() != getpid()

    def before(self):
        """In the parent, before the fork."""
        cdef bint idle = self.idle()
        self.locked = self.lock.locked()
        cdef bint rests = ss_rest_before_fork(self.resting.rest, self.may_stay() and idle) == 1
        if not (rests and idle):
            _hook(self.hooks.before)
        ss_handed_back()

    def parent(self):
        """In the parent, after it."""
        cdef int found = ss_rest_after_fork(self.resting.rest, self.longest_s)
        if found == 2:
            self.wait()
        elif found == 0:
            if self.may_stay():
                self.again()
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
        self.asked = False  # what the parent asked for may be forgotten in the fork
        if (found == 1 or self.locked) and self.lock.locked():
            self.lock.release()  # who held it is a thread of the parent
        if found == 2:
            self.wait()
        else:
            self.wait_no_more()  # as a child of one that did without the thread

    cdef Py_ssize_t waits(self) noexcept:
        """The place among the callbacks, -1 where it has none. They are not compared, nor is one written to."""
        for place in range(len(self.callbacks)):
            if PyList_GET_ITEM(self.callbacks, place) == <PyObject *>self.watching:
                return place
        return -1

    cdef void wait(self) noexcept:
        if self.waits() < 0:
            self.callbacks.append(self.watching)

    cdef void wait_no_more(self) noexcept:
        cdef Py_ssize_t place = self.waits()
        if place >= 0:
            del self.callbacks[place]

    def collected(self, phase, info):
        """Called by the collector. The main thread may be inside ``os.fork``, so there it is asked for later;
        another one may not wait for it.

        The place among the callbacks is given up at the end of a collection, where no other one moves up.
        """
        if ss_rest_due(self.resting.rest):
            if ss_gettid() != getpid():
                ss_rest_again(self.resting.rest)
            elif not self.asked:
                self.asked = True
                Py_INCREF(self)
                if Py_AddPendingCall(_lived, <void *>self):
                    Py_DECREF(self)
                    self.asked = False
        elif phase == "stop" and not ss_rest_is_away(self.resting.rest):
            if self.waits() == len(self.callbacks) - 1:
                self.wait_no_more()

    cdef void lived(self) noexcept:
        self.asked = False
        if ss_rest_due(self.resting.rest):
            self.again()

    cdef void again(self) noexcept:
        if not ss_rest_again(self.resting.rest):
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
        self.again()


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
