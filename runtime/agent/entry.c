/* Has the program's main module begin with other code than the interpreter compiled.

   There is no way in between the compiling of a script and its first instruction but that of PEP 523:
   a function that is given each frame before it is evaluated. It is set until the first frame of
   __main__ comes, gives that one other code where there is some, and takes itself out. No frame, name
   or attribute is added. */

#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include "internal/pycore_frame.h"

#include "entry.h"

static PyObject *chooser = NULL; /* called with the code that is about to run */
static PyObject *namespace = NULL;

#if PY_VERSION_HEX >= 0x030D0000
#define CODE_OF(frame) ((frame)->f_executable)
#else
#define CODE_OF(frame) ((PyObject *)(frame)->f_code)
#endif

static Py_ssize_t slots(PyCodeObject *code) {
    return code->co_nlocalsplus + code->co_stacksize + FRAME_SPECIALS_SIZE;
}

/* Makes room for what the new code needs; 0 where there is none, or it is no code for this frame. The
   frame is the last on its thread's stack, which is set back to where it begins when it ends. */
static int fits(PyThreadState *state, struct _PyInterpreterFrame *frame,
                PyCodeObject *old, PyObject *found) {
    PyCodeObject *new = (PyCodeObject *)found;
    /* From 3.12 on a module has variables in its frame: of comprehensions, with no value as yet. */
    if (!PyCode_Check(found) || new->co_nlocalsplus != old->co_nlocalsplus || new->co_ncellvars
        || new->co_nfreevars || new->co_flags != old->co_flags) return 0;
    Py_ssize_t more = slots(new) - slots(old);
    if (more <= 0) return 1;
    if (state->datastack_top != (PyObject **)frame + slots(old)
        || state->datastack_limit - state->datastack_top <= more) return 0;
    state->datastack_top += more;
    return 1;
}

static void exchange(struct _PyInterpreterFrame *frame, PyObject *code) {
    PyObject *old = CODE_OF(frame);
    Py_INCREF(code);
#if PY_VERSION_HEX >= 0x030D0000
    frame->f_executable = code;
    frame->instr_ptr = _PyCode_CODE((PyCodeObject *)code);
#else
    frame->f_code = (PyCodeObject *)code;
    frame->prev_instr = _PyCode_CODE((PyCodeObject *)code) - 1;
#endif
    Py_DECREF(old);
}

static PyObject *evaluate(PyThreadState *state, struct _PyInterpreterFrame *frame, int throwing) {
    PyObject *code = CODE_OF(frame);
    if (chooser != NULL && !throwing && frame->f_globals == namespace && PyCode_Check(code)
        && frame->frame_obj == NULL
        && PyUnicode_CompareWithASCIIString(((PyCodeObject *)code)->co_name, "<module>") == 0) {
        PyObject *choose = chooser;
        chooser = NULL;
        Py_CLEAR(namespace);
        _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), _PyEval_EvalFrameDefault);
        PyObject *found = PyObject_CallOneArg(choose, code);
        if (found == NULL) PyErr_Clear();
        else if (fits(state, frame, (PyCodeObject *)code, found)) exchange(frame, found);
        Py_XDECREF(found);
        Py_DECREF(choose);
    }
    return _PyEval_EvalFrameDefault(state, frame, throwing);
}

int ss_entry(PyObject *choose) {
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    if (chooser != NULL
        || _PyInterpreterState_GetEvalFrameFunc(interpreter) != _PyEval_EvalFrameDefault) return 0;
    PyObject *main = PyImport_AddModule("__main__");
    if (main == NULL) return -1;
    Py_INCREF(choose);
    chooser = choose;
    namespace = PyModule_GetDict(main);
    Py_INCREF(namespace);
    _PyInterpreterState_SetEvalFrameFunc(interpreter, evaluate);
    return 1;
}
