/* Other code for the program's main module. */
#ifndef SELFSAME_ENTRY_H
#define SELFSAME_ENTRY_H

/* Calls choose(code) once, before the code of __main__ runs; what it returns runs instead, where it is a
   code object that fits in its frame. 1, or 0 where that cannot be, or -1 with an exception. */
int ss_entry(PyObject *choose);

#endif
