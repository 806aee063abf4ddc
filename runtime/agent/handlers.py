"""What the program raises while the agent's code runs in one of its threads: that is never ours to keep.

A handler of a signal runs between any two instructions of the main thread, ours among them, and another
thread may throw an exception into it (``PyThreadState_SetAsyncExc``). Where our own errors end, these go on.
"""

from __future__ import annotations

import os
import sys

OURS = "selfsame"
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


def _is_ours(module: object) -> bool:
    return _top(module) == OURS


def _top(module: object) -> str:
    return module.partition(".")[0] if type(module) is str else ""
