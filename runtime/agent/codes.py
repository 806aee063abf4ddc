"""Code objects: a fingerprint that says whether two are the same, and the patching of constants."""

from __future__ import annotations

# Not from collections, which brings much more.
from _collections import defaultdict  # type: ignore[import-not-found]
from types import CodeType
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from selfsame.runtime.agent.recorder import Probe

# What a probed twin has in its constants, behind "\0selfsame:", in place of a probe's methods.
CALLEES = (
    *("enter", "leave", "capture", "heard"),
    *("begin", "receive", "suspend", "resume", "end", "fail"),
)
ITERABLE_COROUTINE = 0x100
SIMPLE = (str, bytes, int, float, complex, bool, type(None), type(...))


def fingerprint(code: CodeType) -> int:
    """32 bits over what ``code`` does, without its places in the file.

    The same for a live code object and for one compiled from the same source by the same Python:
    ``co_code`` is read as it was before the interpreter specialised it.
    """
    return crc32(_description(code).encode("utf-8", "surrogatepass"))


def _description(code: CodeType) -> str:
    parts = (
        code.co_code.hex(),
        repr(code.co_names),
        repr(code.co_varnames),
        repr(code.co_freevars),
        repr(code.co_cellvars),
        repr((code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)),
        ";".join(_constant(value) for value in code.co_consts),
    )
    return "|".join(parts)


def _constant(value: object) -> str:
    if isinstance(value, CodeType):
        return f"{{{_description(value)}}}"
    if isinstance(value, tuple):
        return f"({','.join(_constant(item) for item in value)})"
    if isinstance(value, frozenset):  # its order is another one in each process
        return f"<{','.join(sorted(_constant(item) for item in value))}>"
    return repr(value) if isinstance(value, SIMPLE) else type(value).__name__


def patch(code: CodeType, mapping: Mapping[str, object], plain: CodeType | None = None) -> CodeType:
    """``code`` with the placeholder strings among its constants replaced, at any depth.

    With ``plain``, the code that a probed twin stands for, nested code objects are the plain code's
    own: matched by qualified name and line, in order. So what is made during a window is ordinary.
    What ``types.coroutine`` marked in the plain code is marked in the twin.
    """
    marked = plain.co_flags & ITERABLE_COROUTINE if plain is not None else 0
    own: defaultdict[tuple[str, int], list[CodeType]] = defaultdict(list)
    if plain is not None:
        for constant in reversed(plain.co_consts):
            if isinstance(constant, CodeType):
                own[constant.co_qualname, constant.co_firstlineno].append(constant)
    constants: list[object] = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            same = own.get((constant.co_qualname, constant.co_firstlineno))
            constants.append(same.pop() if same else patch(constant, mapping))
        elif isinstance(constant, str) and constant in mapping:
            constants.append(mapping[constant])
        else:
            constants.append(constant)
    same_constants = all(new is old for new, old in zip(constants, code.co_consts, strict=True))
    if same_constants and not marked & ~code.co_flags:
        return code
    return code.replace(co_consts=tuple(constants), co_flags=code.co_flags | marked)


def placeholders(code: CodeType) -> set[str]:
    """The placeholder strings (those that begin with NUL and ``selfsame:``) still in ``code``."""
    found: set[str] = set()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= placeholders(constant)
        elif isinstance(constant, str) and constant.startswith("\0selfsame:"):
            found.add(constant)
    return found


def callees(probe: Probe, inner: Sequence[Probe] = ()) -> dict[str, object]:
    """What stands in for the placeholders of a twin whose calls ``probe`` records, and ``inner`` what is in it."""
    found = {f"\0selfsame:{name}": getattr(probe, name) for name in CALLEES}
    for number, one in enumerate(inner, 1):
        found[f"\0selfsame:enter:{number}"] = one.enter
        found[f"\0selfsame:leave:{number}"] = one.leave
    return found


def parameters(code: CodeType) -> tuple[str, ...]:
    """The parameters' names in the order of ``co_varnames``, as a capturing twin gives their values."""
    stars = bool(code.co_flags & 4) + bool(code.co_flags & 8)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]
