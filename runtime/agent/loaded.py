"""What a module made by ``selfsame compile`` calls: ``loaded`` before its code, ``finished`` after.

Both only take note, in a few microseconds, and never raise; the agent reads the notes when it runs.
With ``SELFSAME_WINDOWS`` in the environment the module's probed twins are put in as soon as it is
imported, which is how a program's own tests show that probes change nothing: see ``forced.py``.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INDEX = ".selfsame-index"
FORMAT = 1

# Module name -> (its namespace, its file, its key in the index), the latest of each name.
modules: dict[str, tuple[dict[str, Any], str, str]] = {}
# Module name -> why its probes could not be put in.
reasons: dict[str, str] = {}
# Modules that are to be forced as soon as that is possible.
_waiting: list[tuple[dict[str, Any], str, str]] = []

_FORCED = os.environ.get("SELFSAME_WINDOWS") and os.environ.get("SELFSAME") != "off"


def loaded(key: str) -> None:
    """The calling module begins to run; ``key`` is its path below the folder of the index."""
    try:
        frame = sys._getframe(1)
        namespace = frame.f_globals
        modules[namespace["__name__"]] = (namespace, frame.f_code.co_filename, key)
    except Exception:
        pass  # it is not known to the agent, which says so; the program goes on


def finished(key: str) -> None:
    """The calling module has run to its end."""
    if not _FORCED:
        return
    try:
        frame = sys._getframe(1)
        _waiting.append((frame.f_globals, frame.f_code.co_filename, key))
        if _importable():
            while _waiting:
                _force(*_waiting.pop(0))
    except Exception as error:
        _waiting.clear()
        _say(key, f"{type(error).__name__}: {error}")


def _importable() -> bool:
    """Whether what forcing needs can be imported now.

    Not in the middle of the import of a module that it needs itself: then the next module's end will do.
    """
    try:
        from selfsame.runtime.agent import forced  # noqa: F401
    except ImportError as error:
        half = sys.modules.get(error.name or "")
        if getattr(getattr(half, "__spec__", None), "_initializing", False):
            return False
        raise
    return True


def _force(namespace: dict[str, Any], file: str, key: str) -> None:
    from selfsame.runtime.agent.forced import force

    name = str(namespace.get("__name__"))
    try:
        index = read_index(file, key)
        reason = index if isinstance(index, str) else force(namespace, file, index)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    if reason:
        _say(name, reason)


def _say(name: str, reason: str) -> None:
    if not reasons:
        print(f"selfsame: {name}: not active: {reason}", file=sys.stderr)
    reasons[name] = reason


def read_index(file: str, key: str) -> dict[str, Any] | str:
    """The index of a module, in the form of compiler/instrument/index.py; or why there is none."""
    import marshal

    for path in dict.fromkeys((os.path.abspath(file), os.path.realpath(file))):
        if not path.endswith(os.sep + key):
            continue
        tag = sys.implementation.cache_tag
        try:
            with open(f"{path[: -len(key)]}{INDEX}/{key}.{tag}.probes", "rb") as handle:
                index = marshal.loads(handle.read())
        except OSError:
            continue
        if not isinstance(index, dict) or index.get("format") != FORMAT:
            return "its index has another format; compile it again"
        return index
    return "its index is not beside it"
