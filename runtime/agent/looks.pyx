# cython: language_level=3, binding=False
"""The sampler's looks, taken without the interpreter by a thread of C: see ``lookout.c``."""

cdef extern from "lookout.h":
    int ss_looks_start(double interval_s, double budget, long agent_thread)
    void ss_looks_stop() nogil
    void ss_looks_forget()
    object ss_looks_take()
    void ss_looks_cost(long long *count, double *seconds)
    void ss_own_descriptors() nogil


def start(interval_s, budget, agent_thread):
    """Begin to look each ``interval_s`` seconds, or more rarely where that costs more than
    ``budget`` of a processor; 0, or the errno of what this system refuses.

    ``agent_thread`` is the kernel's number of the thread that is not looked at.
    """
    return ss_looks_start(interval_s, budget, agent_thread)


def stop():
    """End the thread, also for the kernel; what it saw stays until it is taken."""
    with nogil:
        ss_looks_stop()


def forget():
    """After a fork the child has no such thread, and nothing was seen in it."""
    ss_looks_forget()


def take():
    """What was seen since the last time: ``[(state, weight, (id of a code object, ...))]``.

    ``state`` is 0 for Python, 1 for C code, 2 for waiting; the innermost code comes first, and
    a look weighs as many intervals as have passed for it. None where a look is being taken right now.
    """
    return ss_looks_take()


def cost():
    """Looks so far, and the seconds of processor time that they cost."""
    cdef long long count
    cdef double seconds
    ss_looks_cost(&count, &seconds)
    return count, seconds


def own_descriptors():
    """From here on the files that this thread opens take no numbers that the program may count on.

    The thread has a copy of the table of descriptors, without any of them. Threads that it starts
    share that. Nothing where the kernel is older than 5.9.
    """
    with nogil:
        ss_own_descriptors()
