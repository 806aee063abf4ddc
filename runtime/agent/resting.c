/* A thread that rests in C before it takes the interpreter.

   Around forks the agent's thread ends and begins again, on both sides; a program that forks often, or
   a child that soon ends, would pay for a thread of Python that takes the interpreter only to wait.
   This one needs nothing of it until its time has come. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "resting.h"

enum { GONE, RESTING, TAKEN };

struct ss_rest {
    pthread_mutex_t lock;
    pthread_cond_t change;
    pthread_t thread;
    struct timespec until;
    PyObject *body;
    pid_t number, process;
    int state, ending;
};

static int prepare(ss_rest *rest) {
    pthread_condattr_t clock;
    rest->state = GONE;
    rest->ending = 0;
    rest->number = 0;
    rest->process = getpid();
    if (pthread_mutex_init(&rest->lock, NULL) || pthread_condattr_init(&clock)) return -1;
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    return pthread_cond_init(&rest->change, &clock);
}

ss_rest *ss_rest_new(void) {
    ss_rest *rest = calloc(1, sizeof *rest);
    if (rest != NULL && prepare(rest)) {
        free(rest);
        return NULL;
    }
    return rest;
}

void ss_rest_free(ss_rest *rest) {
    if (rest == NULL) return;
    if (!ss_rest_end(rest) && rest->state == TAKEN) return; /* it may not yet have the interpreter */
    Py_CLEAR(rest->body);
    free(rest);
}

static void *run(void *of) {
    ss_rest *rest = of;
    pthread_mutex_lock(&rest->lock);
    rest->number = (pid_t)syscall(SYS_gettid);
    while (!rest->ending)
        if (pthread_cond_timedwait(&rest->change, &rest->lock, &rest->until)) break;
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
    Py_DECREF(body);
    PyGILState_Release(held);
    return NULL;
}

int ss_rest_begin(ss_rest *rest, double seconds, PyObject *body) {
    clock_gettime(CLOCK_MONOTONIC, &rest->until);
    long long ns = rest->until.tv_nsec + (long long)(seconds * 1e9);
    rest->until.tv_sec += ns / 1000000000LL;
    rest->until.tv_nsec = ns % 1000000000LL;
    rest->state = RESTING;
    rest->ending = rest->number = 0;
    Py_XSETREF(rest->body, Py_NewRef(body));
    int error = pthread_create(&rest->thread, NULL, run, rest);
    if (error) {
        rest->state = GONE;
        Py_CLEAR(rest->body);
    }
    return error;
}

int ss_rest_end(ss_rest *rest) {
    if (rest->process != getpid()) return 1; /* who forked told nobody, and there is nothing to wait for */
    pthread_mutex_lock(&rest->lock);
    if (rest->state != RESTING) {
        pthread_mutex_unlock(&rest->lock);
        return 0;
    }
    rest->ending = 1;
    rest->state = GONE; /* of two that end it only one may wait for it */
    pthread_t thread = rest->thread;
    pthread_cond_signal(&rest->change);
    pthread_mutex_unlock(&rest->lock);
    pthread_join(thread, NULL);
    /* The kernel counts it a moment longer. */
    while (syscall(SYS_tgkill, getpid(), rest->number, 0) == 0) sched_yield();
    return 1;
}

int ss_rest_hold(ss_rest *rest) {
    /* Never waits: who holds it may be a thread that waits for the interpreter. */
    if (pthread_mutex_trylock(&rest->lock)) return 0;
    if (rest->state == RESTING) return 1;
    pthread_mutex_unlock(&rest->lock);
    return 0;
}

void ss_rest_release(ss_rest *rest) {
    pthread_mutex_unlock(&rest->lock);
}

void ss_rest_forget(ss_rest *rest) {
    prepare(rest);
}
