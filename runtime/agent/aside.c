/* Sets the objects of the agent aside, as gc.freeze (CPython, Modules/gcmodule.c) does with all.

   Each full collection of the program's goes through all objects that there are. Those that the agent
   is made of live as long as the process; in the permanent generation they cost the program nothing,
   and gc.get_objects does not list them. */

#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include "internal/pycore_gc.h"
#include "internal/pycore_interp.h"

#include "aside.h"

static PyObject *sentinel = NULL; /* all that is tracked after it was made since the beginning */
static int was_enabled;
static int count;

static struct _gc_runtime_state *collector(void) {
    return &PyInterpreterState_Get()->gc;
}

int ss_aside_begin(void) {
    if (sentinel != NULL) return 0;
    was_enabled = PyGC_Disable();
    count = collector()->generations[0].count;
    sentinel = PyList_New(0);
    if (sentinel == NULL && was_enabled) PyGC_Enable();
    return sentinel == NULL ? -1 : 0;
}

Py_ssize_t ss_aside_end(void) {
    struct _gc_runtime_state *state = collector();
    PyGC_Head *young = &state->generations[0].head, *old = &state->permanent_generation.head;
    Py_ssize_t moved = 0;
    if (sentinel == NULL) return 0;
    PyGC_Head *mark = _Py_AS_GC(sentinel), *first = _PyGCHead_NEXT(mark), *last = _PyGCHead_PREV(young);
    /* A collection that was asked for has moved the sentinel to another generation. */
    PyGC_Head *at = first;
    while (at != young && at != &state->generations[1].head && at != &state->generations[2].head) {
        moved++;
        at = _PyGCHead_NEXT(at);
    }
    if (at != young) moved = 0;
    if (moved) {
        PyGC_Head *end = _PyGCHead_PREV(old);
        _PyGCHead_SET_NEXT(mark, young);
        _PyGCHead_SET_PREV(young, mark);
        _PyGCHead_SET_NEXT(end, first);
        _PyGCHead_SET_PREV(first, end);
        _PyGCHead_SET_NEXT(last, old);
        _PyGCHead_SET_PREV(old, last);
    }
    Py_CLEAR(sentinel);
    state->generations[0].count = count; /* the program's next collection comes when it would have */
    if (was_enabled) PyGC_Enable();
    return moved;
}
