"""What the program raises while the agent's code runs in one of its threads: that is never ours to keep.

A handler of a signal runs between any two instructions of the main thread, ours among them, and another
thread may throw an exception into it (``PyThreadState_SetAsyncExc``). Where our own errors end, these go on.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

OURS = "selfsame"
VARARGS = 4  # inspect.CO_VARARGS
_LIBRARY = (os.path.dirname(os.__file__) + os.sep, "<frozen ")
_module_of = type.__dict__["__module__"].__get__  # a metaclass may answer itself
_NEVER_OURS = (Exception, TimeoutError)


def raised_by_program(error: BaseException) -> bool:
    """Whether an error that was caught in the agent's code, which calls none of the program's, is the program's."""
    kind = type(error)
    if not issubclass(kind, Exception) or any(kind is one for one in _NEVER_OURS):
        return True
    module = _module_of(kind)
    if not _is_ours(module) and _top(module) not in sys.stdlib_module_names:
        return True
    at = error.__traceback__
    while at is not None:
        frame = at.tb_frame
        file = frame.f_code.co_filename
        library = file.startswith(_LIBRARY) and "-packages" not in file
        if not library and not _is_ours(frame.f_globals.get("__name__")):
            return True
        at = at.tb_next
    return False


def interrupted() -> bool:
    """Whether the error that is being handled came into the code around from outside: from a handler of a signal, or
    from another thread.

    For the guards of rewrites, in which the program's own code may fail: then the original runs, and fails itself.
    Python looks for signals and for what threads throw where functions begin, at jumps back, and after calls
    (``CHECK_EVAL_BREAKER``). A handler is given the frame that it came into; of what a thread throws after a call, an
    exception that Python itself raises cannot be told from the call's own.
    """
    error = sys.exception()
    at = error.__traceback__ if error is not None else None
    while at is not None:
        frame, then = at.tb_frame, at.tb_next
        name, argument = _instruction(frame, at.tb_lasti)
        # Code that is called may fail for lack of room where it begins; generators go on where others throw.
        begins = name == "RESUME" and not argument & 3
        if (begins or name == "JUMP_BACKWARD") and not isinstance(
            error, RecursionError | MemoryError
        ):
            return True
        if then is None:
            looks = "CALL" in name or name.startswith("POP_JUMP_BACKWARD")
            return looks and _top(_module_of(type(error))) not in sys.stdlib_module_names
        if _was_given(then.tb_frame, frame):
            return True
        at = then
    return False


def _instruction(frame: FrameType, at: int) -> tuple[str, int]:
    from opcode import opname

    code = frame.f_code.co_code
    return (opname[code[at]], code[at + 1]) if 0 <= at < len(code) - 1 else ("", 0)


def _was_given(handler: FrameType, frame: FrameType) -> bool:
    """Whether one of its arguments is that frame."""
    code = handler.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & VARARGS)
    for name in code.co_varnames[:count]:
        value = handler.f_locals.get(name)
        if value is frame or (type(value) is tuple and any(one is frame for one in value)):
            return True
    return False


def _is_ours(module: object) -> bool:
    return _top(module) == OURS


def _top(module: object) -> str:
    return module.partition(".")[0] if type(module) is str else ""
