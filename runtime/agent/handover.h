/* Pauses of a thread that is handed the interpreter at their end. */
#ifndef SELFSAME_HANDOVER_H
#define SELFSAME_HANDOVER_H

typedef struct ss_pause ss_pause;

ss_pause *ss_pause_new(void); /* NULL without memory */
void ss_pause_free(ss_pause *pause);
/* By a thread that has the interpreter: gives it up, waits until so many seconds have passed or the pause is
   ended, and has it again. 1: it was handed over by a thread that ran Python. */
int ss_pause_for(ss_pause *pause, double seconds);
/* Ends the pause, or the next one. Needs nothing. */
void ss_pause_end(ss_pause *pause);
/* After a fork nobody waits in the child. */
void ss_pause_forget(ss_pause *pause);
/* Gives the interpreter up where somebody wants it, who has it for so many seconds. 1: somebody did. */
int ss_give(double seconds);
/* By another thread that has the interpreter, and before it forks: waits until the main thread is out of the call
   in which it handed over. The child would inherit that a pending call runs, and never run one again. */
void ss_handed_back(void);

#endif
