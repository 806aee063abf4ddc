/* A thread that rests in C before it takes the interpreter. */
#ifndef SELFSAME_RESTING_H
#define SELFSAME_RESTING_H

typedef struct ss_rest ss_rest;

ss_rest *ss_rest_new(void); /* NULL without memory */
void ss_rest_free(ss_rest *rest);
/* In a thread of its own, calls body() after so many seconds, unless it is ended before. 0, or an errno. */
int ss_rest_begin(ss_rest *rest, double seconds, PyObject *body);
/* 1: it was resting, and is gone, also for the kernel. 0: it has taken the interpreter, or is not there. */
int ss_rest_end(ss_rest *rest);
/* 1: it is resting, and stays so until the same thread releases it. 0: it has taken the interpreter, is not
   there, or is held by another. */
int ss_rest_hold(ss_rest *rest);
void ss_rest_release(ss_rest *rest);
/* After a fork the child has no such thread. */
void ss_rest_forget(ss_rest *rest);

#endif
