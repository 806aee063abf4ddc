/* A thread that has the interpreter handed to it, between two instructions of the one that has it.

   Who asks for the interpreter as CPython does (take_gil, Python/ceval_gil.c) asks after 5 ms that the other
   drop it, and sleeps; the other then waits until it was taken. Where all processors are busy, the one that
   asked gets none for a millisecond or more, and all that time nobody runs Python.

   Here the asking thread stays on its processor, and has the main thread called between two instructions of
   its (Py_AddPendingCall). Only when both run at the same moment, the interpreter goes over, and is taken at
   once. Where the main thread does not answer, because it works in C or has no processor either, it is asked
   again later, and in the end as CPython does. The main thread waits awake for the short time that its
   interpreter is away, so that nobody gets its processor. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include "holder.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "handover.h"

#define SECOND 1000000000LL
#define MICROSECOND 1000LL

#define ANSWERED (40 * MICROSECOND) /* so long one who runs Python is waited for */
#define AGAIN (200 * MICROSECOND)   /* until the second asking; then twice as long each time */
#define ASKINGS 4                   /* then as CPython does */
#define DOUBTS 16                   /* where nobody answered, it is asked once so many times */
#define ACCEPTED (40 * MICROSECOND) /* so long who asked has to take what is offered */
#define WAKES (50 * MICROSECOND)    /* so long who sleeps for it takes to have it */
#define AWAY (1000 * MICROSECOND)   /* so long the main thread waits awake; then it sleeps */
#define LONGEST (SECOND / 2)        /* a fork waits for it to be back */

/* ASKED, TAKEN and USED are set by the thread that asks, OFFERED by the main thread, IDLE by either. */
enum { IDLE, ASKED, OFFERED, TAKEN, USED };

struct ss_pause {
    pthread_mutex_t lock;
    pthread_cond_t change;
    int ended;
};

static int state = IDLE;
static int queued = 0; /* of 32 places where such calls wait it takes one, however long the main thread works in C */
static int doubts = 0;
/* Changed with the interpreter: the main thread has given it up in a call of ours; some thread has it stay out. */
static int inside = 0, closed = 0;
static int processor = -1; /* of the main thread when it was last called */
static PyThreadState *user = NULL; /* who has what was handed over */
static PyInterpreterState *interpreter = NULL;
static PyThreadState *main_thread = NULL; /* compared, never read */
static pid_t process = 0;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void sleep_ns(long long ns) {
    struct timespec t = {ns / SECOND, ns % SECOND};
    nanosleep(&t, NULL);
}

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int change(int from, int to) {
    return __atomic_compare_exchange_n(&state, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int is(int which) {
    return __atomic_load_n(&state, __ATOMIC_SEQ_CST) == which;
}

/* Awake, until it is no more in that state, or so much time has passed. */
static void while_it_is(int which, long long ns) {
    long long end = now() + ns;
    while (is(which) && now() < end) relax();
}

/* What the main thread does between two of its instructions. */
static int offer(void *nothing) {
    (void)nothing;
    __atomic_store_n(&processor, sched_getcpu(), __ATOMIC_RELAXED);
    __atomic_store_n(&queued, 0, __ATOMIC_SEQ_CST);
    if (closed || !change(ASKED, OFFERED)) return 0; /* too late, who asked sleeps */
    inside = 1;
    PyThreadState *own = PyEval_SaveThread();
    while_it_is(OFFERED, ACCEPTED);
    if (!change(OFFERED, IDLE)) {
        while_it_is(TAKEN, ACCEPTED);
        long long end = now() + AWAY;
        /* Who gave it up meanwhile, to read a file, has it no more. */
        while (is(USED) && ss_holder(interpreter) == user && now() < end) relax();
        if (!change(TAKEN, IDLE)) change(USED, IDLE);
    }
    PyEval_RestoreThread(own);
    inside = 0;
    return 0;
}

void ss_handed_back(void) {
    long long end = now() + LONGEST;
    closed++;
    while (inside && getpid() != (pid_t)syscall(SYS_gettid) && now() < end) {
        PyThreadState *own = PyEval_SaveThread();
        sleep_ns(WAKES);
        PyEval_RestoreThread(own);
    }
    closed--;
}

/* With the interpreter: whom to ask. */
static void look_around(void) {
    if (process == getpid()) return;
    process = getpid();
    state = IDLE; /* who asked in the parent is not here */
    queued = doubts = inside = closed = 0;
    processor = -1;
    interpreter = PyInterpreterState_Main();
    main_thread = PyInterpreterState_ThreadHead(interpreter);
    while (main_thread != NULL && main_thread->thread_id != _PyRuntime.main_thread)
        main_thread = PyThreadState_Next(main_thread);
#if PY_VERSION_HEX >= 0x030D0000
    /* The child of another thread keeps the state of one that is gone, and pending calls would be told to that. */
    if (main_thread != _PyRuntime.main_tstate) main_thread = NULL;
#endif
}

static int alone(void) {
    cpu_set_t processors;
    return sched_getaffinity(0, sizeof processors, &processors) == 0 && CPU_COUNT(&processors) == 1;
}

static PyThreadState *give_up(void) {
    look_around();
    PyThreadState *own = PyEval_SaveThread();
    change(USED, IDLE);
    return own;
}

/* Has the main thread see that it is to be called: by itself it would when it next takes the interpreter. */
static void look_up_now(void) {
#if PY_VERSION_HEX < 0x030D0000
    _Py_atomic_store_relaxed(&interpreter->ceval.eval_breaker, 1);
#endif
}

/* Whether the main thread has the interpreter, and may be asked for it. */
static int answers(void) {
    return ss_holder(interpreter) == main_thread && _PyRuntimeState_GetFinalizing(&_PyRuntime) == NULL;
}

/* Without the interpreter: whether the main thread offers it now. */
static int asked(void) {
    if (!change(IDLE, ASKED)) return 0; /* another thread of ours asks */
    if (!__atomic_exchange_n(&queued, 1, __ATOMIC_SEQ_CST) && Py_AddPendingCall(offer, NULL))
        __atomic_store_n(&queued, 0, __ATOMIC_SEQ_CST); /* there is no room */
    look_up_now();
    while_it_is(ASKED, ANSWERED);
    return !change(ASKED, IDLE) && change(OFFERED, TAKEN);
}

/* As CPython does. The main thread sleeps until it was taken: where that is by the processor which it left, it is at
   once, and on another one perhaps when that has nothing better to do. */
static void take_as_all_do(PyThreadState *own, int from) {
    cpu_set_t before, one;
    CPU_ZERO(&one);
    if (from >= 0) CPU_SET(from, &one);
    int moved = from >= 0 && from != sched_getcpu() && !sched_getaffinity(0, sizeof before, &before) &&
                !sched_setaffinity(0, sizeof one, &one);
    PyEval_RestoreThread(own);
    if (moved) sched_setaffinity(0, sizeof before, &before);
}

/* Without the interpreter: has it handed over, where the main thread has it and answers. */
static int take(PyThreadState *own) {
    int most = main_thread == NULL || own->interp != interpreter || alone() ? 0 : doubts ? 1 : ASKINGS;
    int n = 0;
    while (n < most && answers()) {
        if (n) sleep_ns(AGAIN << (n - 1));
        if (asked()) {
            user = own;
            PyEval_RestoreThread(own);
            change(TAKEN, USED);
            doubts = 0;
            return 1;
        }
        n++;
        /* Awake there, it would keep the main thread from answering. */
        if (__atomic_load_n(&processor, __ATOMIC_RELAXED) == sched_getcpu()) break;
    }
    take_as_all_do(own, n ? __atomic_load_n(&processor, __ATOMIC_RELAXED) : -1);
    if (n == most && n) doubts = doubts ? doubts - 1 : DOUBTS;
    return 0;
}

static int prepare(ss_pause *pause) {
    pthread_condattr_t clock;
    pause->ended = 0;
    if (pthread_mutex_init(&pause->lock, NULL) || pthread_condattr_init(&clock)) return -1;
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&pause->change, &clock);
    pthread_condattr_destroy(&clock);
    return failed;
}

ss_pause *ss_pause_new(void) {
    ss_pause *pause = calloc(1, sizeof *pause);
    if (pause != NULL && prepare(pause)) {
        free(pause);
        return NULL;
    }
    return pause;
}

void ss_pause_free(ss_pause *pause) {
    free(pause); /* no more: in a child of one that told nobody, to destroy what is waited for would wait */
}

int ss_pause_for(ss_pause *pause, double seconds) {
    PyThreadState *own = give_up();
    long long end = now() + (long long)(seconds * SECOND);
    struct timespec until = {end / SECOND, end % SECOND};
    pthread_mutex_lock(&pause->lock);
    while (!pause->ended && now() < end) pthread_cond_timedwait(&pause->change, &pause->lock, &until);
    pause->ended = 0;
    pthread_mutex_unlock(&pause->lock);
    return take(own);
}

void ss_pause_end(ss_pause *pause) {
    pthread_mutex_lock(&pause->lock);
    pause->ended = 1;
    pthread_cond_signal(&pause->change);
    pthread_mutex_unlock(&pause->lock);
}

void ss_pause_forget(ss_pause *pause) {
    prepare(pause);
}

int ss_give(double seconds) {
    PyThreadState *own = give_up();
    sleep_ns(WAKES);
    int wanted = ss_holder(interpreter) != NULL;
    if (wanted) sleep_ns((long long)(seconds * SECOND));
    take(own);
    return wanted;
}
