"""What the program raises while the agent's code runs in one of its threads: that is never ours to keep.

A handler of a signal runs between any two instructions of the main thread, ours among them, and another
thread may throw an exception into it (``PyThreadState_SetAsyncExc``). Where our own errors end, these go on.
"""

from __future__ import annotations

import sys

OURS = "selfsame"


def raised_by_program(error: BaseException) -> bool:
    """Whether an error that was caught in the agent's code, which calls none of the program's, is the program's."""
    if not isinstance(error, Exception) or _is_theirs(type(error).__module__):
        return True
    at = error.__traceback__
    while at is not None:
        if _is_theirs(at.tb_frame.f_globals.get("__name__")):
            return True
        at = at.tb_next
    return False


def _is_theirs(module: object) -> bool:
    top = str(module).partition(".")[0]
    return top != OURS and top not in sys.stdlib_module_names
