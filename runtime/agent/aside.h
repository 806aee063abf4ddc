/* Objects that the collector of cycles does not look at. */
#ifndef SELFSAME_ASIDE_H
#define SELFSAME_ASIDE_H

/* What is made from here on is ours. Collects nothing until the end. 0, or -1 with an exception. */
int ss_aside_begin(void);
/* Sets what was made since the beginning aside, as gc.freeze does with everything; how many. */
Py_ssize_t ss_aside_end(void);

#endif
