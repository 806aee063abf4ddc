"""What a module made by ``selfsame compile`` calls: ``loaded`` before its code, ``finished`` after.

Both only take note, in a few microseconds, and never raise; the agent reads the notes when it runs.
With ``SELFSAME_WINDOWS=open`` in the environment the module's probed twins are put in as soon as it
is imported, and stay: every window forced wide open, which is how a program's own tests show that
the probes change nothing.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FunctionType
    from typing import Any

INDEX = ".selfsame-index"
FORMAT = 1

# Module name -> (its namespace, its file, its key in the index), the latest of each name.
modules: dict[str, tuple[dict[str, Any], str, str]] = {}
# Module name -> why its probes could not be put in.
reasons: dict[str, str] = {}
# Modules that are to be forced as soon as that is possible.
_waiting: list[tuple[dict[str, Any], str, str]] = []

_FORCED = os.environ.get("SELFSAME_WINDOWS") == "open" and os.environ.get("SELFSAME") != "off"


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

    Not in the middle of the import of a module that it needs itself (``collections`` imports
    ``reprlib``): then the next module's end will do.
    """
    try:
        from selfsame.runtime.agent import codes, recorder  # noqa: F401
    except ImportError as error:
        half = sys.modules.get(error.name or "")
        if getattr(getattr(half, "__spec__", None), "_initializing", False):
            return False
        raise
    return True


def _force(namespace: dict[str, Any], file: str, key: str) -> None:
    name = str(namespace.get("__name__"))
    try:
        reason = force(namespace, file, key)
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


def force(namespace: dict[str, Any], file: str, key: str) -> str:
    """Put the probed twins into all functions of a module, for good; the reason where it failed."""
    index = read_index(file, key)
    if isinstance(index, str):
        return index
    rows = index["functions"].get(min(sys.flags.optimize, 2))
    if rows is None:
        return "its index was made for other -O levels"
    forcing = _Forcing(file, rows)
    for function in _functions(namespace):
        code = function.__code__
        if code.co_filename == file:
            new = forcing.code(code)
            if new is not code:
                function.__code__ = new
    count = len(forcing.different)
    return f"{count} functions are not those that the index was made from" if count else ""


def _functions(namespace: dict[str, Any]) -> list[FunctionType]:
    """Every live function of a module, wherever it is held: class, wrapper, registry, cell."""
    import gc
    from types import FunctionType

    return [
        found
        for found in gc.get_objects()
        if type(found) is FunctionType and found.__globals__ is namespace
    ]


class _Forcing:
    """Makes the code that a function is to run instead, and that of the functions inside it."""

    def __init__(self, file: str, rows: dict[str, tuple[str, int, int, bytes]]) -> None:
        self.rows = {(qualname, line): (mark, twin) for qualname, line, mark, twin in rows.values()}
        self.made: dict[int, tuple[CodeType, CodeType]] = {}  # the first keeps the id taken
        self.different: set[tuple[str, int]] = set()

    def code(self, plain: CodeType) -> CodeType:
        """The twin of ``plain``, or ``plain`` itself; with the twins of all that is inside."""
        if id(plain) not in self.made:
            self.made[id(plain)] = (plain, self._make(plain))
        return self.made[id(plain)][1]

    def _make(self, plain: CodeType) -> CodeType:
        import marshal
        from types import CodeType

        from selfsame.runtime.agent.codes import callees, fingerprint, patch
        from selfsame.runtime.agent.recorder import Probe

        new = plain
        key = (plain.co_qualname, plain.co_firstlineno)
        if key in self.rows:
            mark, twin = self.rows[key]
            if fingerprint(plain) == mark:
                new = patch(marshal.loads(twin), callees(Probe()), plain)
                new = new.replace(co_filename=plain.co_filename)
            else:
                self.different.add(key)
        constants = tuple(self.code(c) if isinstance(c, CodeType) else c for c in new.co_consts)
        if any(a is not b for a, b in zip(constants, new.co_consts, strict=True)):
            new = new.replace(co_consts=constants)
        return new
