/* Who has the interpreter, looked up without having it. */
#ifndef SELFSAME_HOLDER_H
#define SELFSAME_HOLDER_H

#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include "internal/pycore_interp.h"
#include "internal/pycore_runtime.h"

/* The thread state that has it; NULL where nobody does. Only an address: its thread may end meanwhile. */
static inline PyThreadState *ss_holder(PyInterpreterState *interpreter) {
#if PY_VERSION_HEX >= 0x030D0000
    struct _gil_runtime_state *gil = interpreter->ceval.gil;
    if (gil == NULL || _Py_atomic_load_int_relaxed(&gil->locked) <= 0) return NULL;
    return _Py_atomic_load_ptr_relaxed(&gil->last_holder);
#else
#if PY_VERSION_HEX >= 0x030C0000
    struct _gil_runtime_state *gil = interpreter->ceval.gil;
#else
    struct _gil_runtime_state *gil = &_PyRuntime.ceval.gil;
    (void)interpreter;
#endif
    if (gil == NULL || _Py_atomic_load_relaxed(&gil->locked) <= 0) return NULL;
    return (PyThreadState *)_Py_atomic_load_relaxed(&gil->last_holder);
#endif
}

#endif
