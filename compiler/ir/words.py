"""The words of the text: what printer and parser agree on. The language: docs/ico.md."""

import json
import re
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, final

from selfsame.compiler.ir.operations import OPERATIONS

FORMAT = 3
_BARE = re.compile(r"[\w.<>*?/|&+\-!()$~^=%]+")
_FIRST = frozenset("<=%")  # what begins with one of these could be another part of the line
_RELATIVE = re.compile(r"[\w.<>?/#]*(?:\[[\w.?<>]*\][\w.<>?/#]*)*")


@final
@dataclass(frozen=True, slots=True)
class Field:
    """One field of an operation. ``positional``: printed right after the kind, without its name."""

    name: str
    type: Any
    positional: bool
    default: Any


def _of(kind: str) -> tuple[Field, ...]:
    return tuple(
        Field(f.name, f.type, f.default is MISSING, f.default) for f in fields(OPERATIONS[kind])
    )


FIELDS: dict[str, tuple[Field, ...]] = {kind: _of(kind) for kind in OPERATIONS}


@cache
def quoted(text: str) -> str:
    """A word as it is, or as a JSON string where it could be read as something else."""
    return text if text[:1] not in _FIRST and _BARE.fullmatch(text) else json.dumps(text)


@cache
def listed(words: tuple[str, ...]) -> str:
    """Several words as one."""
    return "[" + " ".join(map(quoted, words)) + "]"


def relative(address: str, module: str) -> str | None:
    """``:slow/loop[0]``, the address without its module; None where it cannot be written so."""
    if not address.startswith(module + ":"):
        return None
    rest = address[len(module) :]
    return rest if _RELATIVE.fullmatch(rest, 1) else None
