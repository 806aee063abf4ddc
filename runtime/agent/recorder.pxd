# Types and the C parts of recorder.py; the same file runs uncompiled without this one.

cdef extern from *:
    """
    #include <pthread.h>
    #include <stdint.h>
    #include <time.h>
    #if defined(__x86_64__)
    #include <cpuid.h>
    #include <x86intrin.h>
    #endif

    static long long ss_clock(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
    }

    /* The time stamp counter, once calibrated against the clock; the clock until then. */
    static int ss_ticking = 0;
    static long long ss_base_ns = 0;
    static uint64_t ss_base_ticks = 0, ss_rate = 0; /* nanoseconds per tick, << 32 */

    static inline long long ss_now(void) {
    #if defined(__x86_64__)
        if (__builtin_expect(ss_ticking, 1)) {
            uint64_t ticks = __rdtsc() - ss_base_ticks;
            return ss_base_ns + (long long)(((unsigned __int128)ticks * ss_rate) >> 32);
        }
    #endif
        return ss_clock();
    }

    /* Begins on the first call; returns 1 once ticks are in use, 0 to be asked again, -1 never. */
    static int ss_calibrate(long long least_ns) {
    #if defined(__x86_64__)
        static long long first_ns = 0;
        static uint64_t first_ticks = 0;
        unsigned int a, b, c, d;
        if (ss_ticking) return 1;
        if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || !(d & 0x100)) return -1;
        if (!first_ns) {
            first_ns = ss_clock();
            first_ticks = __rdtsc();
            return 0;
        }
        long long now = ss_clock();
        uint64_t ticks = __rdtsc();
        if (now - first_ns < least_ns) return 0;
        if (ticks <= first_ticks) return -1;
        ss_rate = (uint64_t)((((unsigned __int128)(now - first_ns)) << 32) / (ticks - first_ticks));
        ss_base_ns = now;
        ss_base_ticks = ticks;
        ss_ticking = 1;
        return 1;
    #else
        return -1;
    #endif
    }

    static inline int ss_bucket(long long value) {
        if (value < 16) return value < 0 ? 0 : (int)value;
        int shift = 59 - __builtin_clzll((unsigned long long)value);
        int index = shift * 16 + (int)(value >> shift);
        return index > 767 ? 767 : index;
    }

    /* The exception being handled, as an address: alive as long as it is handled. */
    static inline long long ss_handled(PyThreadState *thread) {
        _PyErr_StackItem *item = thread->exc_info;
        while ((item->exc_value == NULL || item->exc_value == Py_None) && item->previous_item)
            item = item->previous_item;
        return item->exc_value == Py_None ? 0 : (long long)(intptr_t)item->exc_value;
    }

    /* The Python frame that calls, as an address: what pairs a leave with its enter. */
    static inline long long ss_frame(PyThreadState *thread) {
    #if PY_VERSION_HEX >= 0x030D0000
        return (long long)(intptr_t)thread->current_frame;
    #else
        return (long long)(intptr_t)thread->cframe->current_frame;
    #endif
    }

    /* The thread's stack; its thread-state dict owns it, so it goes when the thread does. */
    static __thread PyObject *ss_mine = NULL;

    static inline PyObject *ss_stack(void) {
        PyObject *found = ss_mine ? ss_mine : Py_None;
        Py_INCREF(found);
        return found;
    }

    static int ss_adopt(PyObject *stack) {
        PyObject *owner = PyThreadState_GetDict();
        if (owner == NULL || PyDict_SetItemString(owner, "selfsame.stack", stack) < 0) {
            PyErr_Clear();
            return 0;
        }
        ss_mine = stack;
        return 0;
    }

    static inline void ss_forget(void *stack) {
        if ((void *)ss_mine == stack) ss_mine = NULL;
    }
    """
    long long ss_now()
    int ss_calibrate(long long least_ns)
    int ss_bucket(long long value)
    ctypedef struct PyThreadState:
        pass
    PyThreadState *PyThreadState_Get()
    long long ss_handled(PyThreadState *thread)
    long long ss_frame(PyThreadState *thread)
    Stack ss_stack()
    int ss_adopt(object stack) except -1
    void ss_forget(void *stack)


cdef class Counter:
    cdef readonly long long count


cdef class Frame:
    cdef Probe probe
    cdef long long mark
    cdef long long start
    cdef long long children
    cdef long long handled
    cdef long long token
    cdef bint outermost
    cdef long long spent
    cdef long long spent_outermost


cdef class Stack:
    cdef list frames
    cdef list spare
    cdef Py_ssize_t depth
    cdef int push(
        self, Probe probe, long long mark, long long handled, long long token, bint again
    ) except -1
    cdef skip(self, long long spent)
    cdef keep(self)
    cdef again(self, Frame frame)
    cdef Frame find(self, Probe probe, long long mark)


cdef class Probe:
    cdef public long long limit
    cdef long long inner
    cdef readonly long long calls
    cdef readonly long long total
    cdef readonly long long own
    cdef readonly long long outermost
    cdef readonly long long lost
    cdef readonly long long entered
    cdef readonly long long passes
    cdef readonly long long opened
    cdef readonly long long closed
    cdef public long long rate
    cdef public dict errors
    cdef dict suspended
    cdef public object on_close
    cdef public object taker
    cdef bint sated
    cdef long long active
    cdef long long counts[768]
    cdef _finish(self)
    cdef _error(self)
    cdef _over(self, bint failed)
    cdef _ran(self, Stack stack, Frame frame, long long end)
    cdef _ended(self, Stack stack, Frame frame)
    cdef _begun(self, long long mark, object arguments)
    cdef long long _taken(self, Stack stack, object arguments) except? -1
    cdef _done(self, Stack stack, long long token, long long spent, bint outermost)


cdef Stack current()
cdef Stack first()
