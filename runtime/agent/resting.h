/* A thread that rests in C before it takes the interpreter. */
#ifndef SELFSAME_RESTING_H
#define SELFSAME_RESTING_H

typedef struct ss_rest ss_rest;

ss_rest *ss_rest_new(void); /* NULL without memory */
void ss_rest_free(ss_rest *rest);
/* In a thread of its own, calls body() after so many seconds, unless it is ended before. 0, or an errno: EBUSY
   where it is there. */
int ss_rest_begin(ss_rest *rest, double seconds, PyObject *body);
/* 1: it was resting, and is gone, also for the kernel. 0: it has taken the interpreter, or is not there. */
int ss_rest_end(ss_rest *rest);
/* 1: it is resting, and stays so until it is released. 0: it has taken the interpreter, or is not there. */
int ss_rest_hold(ss_rest *rest);
void ss_rest_release(ss_rest *rest);
/* Whether it rests, is away for a fork, or has taken the interpreter and has not said that it is over. */
int ss_rest_is_there(ss_rest *rest);
int ss_rest_is_away(ss_rest *rest);
void ss_rest_over(ss_rest *rest);
/* After a fork the child has no such thread. */
void ss_rest_forget(ss_rest *rest);

/* Around forks, for a thread that rests: nothing of Python is touched. */

/* 1: it is held, or where it may not stay, or forks follow each other, it is gone until ss_rest_again. 0: it does
   not rest. */
int ss_rest_before_fork(ss_rest *rest, int stays);
/* By the same thread. 1: it was held, and is no more. 2: forks follow each other, and it stays away until somebody
   who finds that ss_rest_due asks for it again: any second thread makes each fork dearer, to end it and to start
   another one most of all. It rests as long as it was to once more, so that forks which follow each other let it,
   yet no longer than `longest` seconds in all. */
int ss_rest_after_fork(ss_rest *rest, double longest);
/* How many are under way, in all threads. */
int ss_rest_forks(ss_rest *rest);
/* 1: it was away and rests on. 0: it was not away, or there can be no thread. */
int ss_rest_again(ss_rest *rest);
/* 1: it rests in the child, for so many seconds. 0: it did not rest in the parent, or there can be no thread.
   2: the children of this process die young, and it stays away likewise. */
int ss_rest_in_child(ss_rest *rest, double seconds);
int ss_rest_due(ss_rest *rest);
/* This child has not died young. */
void ss_rest_grown(ss_rest *rest);
/* How many children that did not need Python lie between this process and the first. */
long long ss_rest_children(ss_rest *rest);

#endif
