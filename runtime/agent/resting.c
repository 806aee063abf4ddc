/* A thread that rests in C before it takes the interpreter.

   Around forks the agent's thread ends and begins again, on both sides; a program that forks often, or
   a child that soon ends, would pay for a thread of Python that takes the interpreter only to wait.
   This one needs nothing of it until its time has come. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "resting.h"

#define SECOND 1000000000LL

/* Changed with the interpreter held, or with the lock. ENDING: somebody waits for its end. AWAY: it rested, and
   comes back after a fork. */
enum { GONE, RESTING, TAKEN, ENDING, AWAY };

/* Forks follow each other where so many came, none so long after another, over so long. */
#define MANY 25
#define APART (SECOND / 10)
#define OVER (SECOND / 2)
/* Of children that follow each other, each so manieth is watched. */
#define WATCHED 32

struct forks {
    int number;
    long long first, last;
};

struct ss_rest {
    pthread_mutex_t lock;
    pthread_cond_t change;
    pthread_t thread;
    long long seconds, began, until; /* of the monotonic clock, in ns */
    PyObject *body;
    pid_t number, process;
    int state, ending, late; /* late: it only waits for those that hold it */
    int forks, held; /* how many are under way, and by how many of them it is held */
    long long children; /* how many generations of them lie between this process and the first */
    struct forks own; /* of this process */
    struct forks *births; /* of all that share it, since one last lived longer; NULL where there is no memory */
};

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

/* Of the forks that are under way in this thread, the innermost last: whether it holds the thread. */
static __thread unsigned long long holding;

static int prepare(ss_rest *rest) {
    pthread_condattr_t clock;
    rest->state = GONE;
    rest->ending = rest->late = rest->forks = rest->held = 0;
    rest->number = 0;
    rest->process = getpid();
    rest->own = (struct forks){0};
    if (pthread_mutex_init(&rest->lock, NULL) || pthread_condattr_init(&clock)) return -1;
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    return pthread_cond_init(&rest->change, &clock);
}

ss_rest *ss_rest_new(void) {
    ss_rest *rest = calloc(1, sizeof *rest);
    if (rest == NULL) return NULL;
    if (prepare(rest)) {
        free(rest);
        return NULL;
    }
    void *shared = mmap(NULL, sizeof *rest->births, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED) rest->births = shared;
    return rest;
}

void ss_rest_free(ss_rest *rest) {
    if (rest == NULL) return;
    if (!ss_rest_end(rest) && rest->state == TAKEN) return; /* it may not yet have the interpreter */
    Py_CLEAR(rest->body);
    if (rest->births != NULL) munmap(rest->births, sizeof *rest->births);
    free(rest);
}

static void *run(void *of) {
    ss_rest *rest = of;
    pthread_mutex_lock(&rest->lock);
    rest->number = (pid_t)syscall(SYS_gettid);
    while (!rest->ending && (rest->held || now() < rest->until)) { /* which a fork may have put off */
        struct timespec until = {rest->until / SECOND, rest->until % SECOND};
        rest->late = now() >= rest->until;
        if (rest->late) pthread_cond_wait(&rest->change, &rest->lock);
        else pthread_cond_timedwait(&rest->change, &rest->lock, &until);
    }
    if (rest->ending) {
        pthread_mutex_unlock(&rest->lock);
        return NULL;
    }
    rest->state = TAKEN;
    pthread_detach(pthread_self());
    pthread_mutex_unlock(&rest->lock);

    PyGILState_STATE held = PyGILState_Ensure();
    PyObject *body = rest->body;
    rest->body = NULL;
    PyObject *done = PyObject_CallNoArgs(body);
    if (done == NULL) PyErr_WriteUnraisable(body);
    Py_XDECREF(done);
    if (pthread_equal(rest->thread, pthread_self())) ss_rest_over(rest); /* else another has begun */
    Py_DECREF(body); /* which may be the last that keeps the rest */
    PyGILState_Release(held);
    return NULL;
}

static void from_now(ss_rest *rest, double seconds) {
    rest->seconds = (long long)(seconds * SECOND);
    rest->began = now();
    rest->until = rest->began + rest->seconds;
}

static void put_off(ss_rest *rest, double longest) {
    long long until = now() + rest->seconds, last = rest->began + (long long)(longest * SECOND);
    if (last < until) until = last;
    if (until > rest->until) rest->until = until;
}

static int create(ss_rest *rest) {
    sigset_t all, before; /* signals are the program's */
    sigfillset(&all);
    rest->state = RESTING;
    rest->ending = rest->number = 0;
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&rest->thread, NULL, run, rest);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        rest->state = GONE;
        Py_CLEAR(rest->body);
    }
    return error;
}

int ss_rest_begin(ss_rest *rest, double seconds, PyObject *body) {
    if (rest->state != GONE) return EBUSY;
    from_now(rest, seconds);
    Py_XSETREF(rest->body, Py_NewRef(body));
    return create(rest);
}

/* Whether this is a child of one that forked and told nobody: there is no thread to wait for in it. */
static int elsewhere(ss_rest *rest) {
    if (rest->process == getpid()) return 0;
    prepare(rest);
    return 1;
}

static int end(ss_rest *rest, int then) {
    if (elsewhere(rest)) return 1;
    pthread_mutex_lock(&rest->lock);
    int before = rest->state;
    if (before == AWAY) rest->state = then;
    if (before != RESTING) {
        pthread_mutex_unlock(&rest->lock);
        return before == AWAY;
    }
    rest->state = ENDING; /* of two that end it one waits for it */
    rest->ending = 1;
    pthread_t thread = rest->thread;
    pthread_cond_signal(&rest->change);
    pthread_mutex_unlock(&rest->lock);
    pthread_join(thread, NULL);
    /* The kernel counts it a moment longer. */
    while (syscall(SYS_tgkill, getpid(), rest->number, 0) == 0) sched_yield();
    pthread_mutex_lock(&rest->lock);
    rest->state = then;
    pthread_mutex_unlock(&rest->lock);
    return 1;
}

int ss_rest_end(ss_rest *rest) {
    return end(rest, GONE);
}

int ss_rest_hold(ss_rest *rest) {
    if (elsewhere(rest)) return 0;
    pthread_mutex_lock(&rest->lock); /* nobody keeps it while it does anything else */
    int rests = rest->state == RESTING;
    rest->held += rests;
    pthread_mutex_unlock(&rest->lock);
    return rests;
}

void ss_rest_release(ss_rest *rest) {
    pthread_mutex_lock(&rest->lock);
    rest->held--;
    if (rest->late) pthread_cond_signal(&rest->change); /* else it need not wake for each fork */
    pthread_mutex_unlock(&rest->lock);
}

int ss_rest_is_there(ss_rest *rest) {
    return rest->state != GONE;
}

int ss_rest_is_away(ss_rest *rest) {
    return rest->state == AWAY;
}

void ss_rest_over(ss_rest *rest) {
    if (rest->state == TAKEN) rest->state = GONE;
}

void ss_rest_forget(ss_rest *rest) {
    holding = 0;
    prepare(rest);
}

static int follow_each_other(const struct forks *forks) {
    return forks->number > MANY && forks->last - forks->first > OVER && now() - forks->last < APART;
}

static int one_more(struct forks *forks) {
    long long time = now();
    if (time - forks->last > APART) __atomic_store_n(&forks->number, 0, __ATOMIC_RELAXED);
    forks->last = time;
    int number = __atomic_add_fetch(&forks->number, 1, __ATOMIC_RELAXED);
    if (number == 1) forks->first = time;
    return number;
}

int ss_rest_before_fork(ss_rest *rest, int stays) {
    int may = stays && !follow_each_other(&rest->own);
    int held = may && ss_rest_hold(rest);
    holding = holding << 1 | (unsigned)held;
    rest->forks++;
    return held || (!may && end(rest, AWAY));
}

int ss_rest_after_fork(ss_rest *rest, double longest) {
    int held = holding & 1;
    holding >>= 1;
    if (rest->forks) rest->forks--;
    pthread_mutex_lock(&rest->lock);
    if (rest->state == RESTING || rest->state == AWAY) put_off(rest, longest);
    pthread_mutex_unlock(&rest->lock);
    if (held) ss_rest_release(rest);
    one_more(&rest->own);
    int stays = rest->state == AWAY && now() < rest->until && follow_each_other(&rest->own);
    return held ? 1 : stays ? 2 : 0;
}

int ss_rest_forks(ss_rest *rest) {
    return rest->forks;
}

int ss_rest_again(ss_rest *rest) {
    return rest->state == AWAY && create(rest) == 0;
}

int ss_rest_in_child(ss_rest *rest, double seconds) {
    if (rest->state != RESTING && rest->state != AWAY) return 0;
    holding = 0;
    if (prepare(rest)) return 0;
    rest->children++;
    from_now(rest, seconds);
    int number = rest->births == NULL ? 0 : one_more(rest->births);
    if (number % WATCHED && follow_each_other(rest->births)) {
        rest->state = AWAY;
        return 2;
    }
    return create(rest) == 0;
}

int ss_rest_due(ss_rest *rest) {
    return rest->state == AWAY && !rest->forks && now() >= rest->until;
}

void ss_rest_grown(ss_rest *rest) {
    if (rest->births != NULL) __atomic_store_n(&rest->births->number, 0, __ATOMIC_RELAXED);
}

long long ss_rest_children(ss_rest *rest) {
    return rest->children;
}
