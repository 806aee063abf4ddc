/* Looks at what every thread does, taken by a thread that never asks for the interpreter. */
#ifndef SELFSAME_LOOKOUT_H
#define SELFSAME_LOOKOUT_H

#define SS_DEEPEST 64 /* different code objects kept of one stack, the innermost first */

enum { SS_PYTHON, SS_NATIVE, SS_WAITING };

/* Called with the interpreter held. 0, or the errno of what this system refuses. */
int ss_looks_start(double interval_s, double budget, long agent_thread);
/* Ends the thread and waits for that, a millisecond at most. Needs no interpreter. */
void ss_looks_stop(void);
/* The thread did not come through the fork. */
void ss_looks_forget(void);
/* A list of (state, weight, (id of a code object, ...)), or None while a look is being taken. */
PyObject *ss_looks_take(void);
/* Looks taken since the start, and the seconds of processor that they cost. */
void ss_looks_cost(long long *count, double *seconds);
/* From here on this thread, and those that it starts, have descriptors of their own, at first none. */
void ss_own_descriptors(void);

#endif
