"""Checked-hash pycs (PEP 552): the interpreter runs them only while the source is the same."""

import importlib.util
import marshal
import sys
from pathlib import Path
from types import CodeType

from selfsame.compiler.errors import InternalError

CHECKED_HASH = 0b11
OPTIMIZATIONS = (0, 1, 2)


def cache_tag() -> str:
    """``cpython-311``: the running interpreter's part of a pyc's name."""
    tag = sys.implementation.cache_tag
    if tag is None:
        raise InternalError("this interpreter keeps no pycs")
    return tag


def pyc_path(source: Path, optimize: int) -> Path:
    """Where the interpreter looks for the pyc of ``source`` when no cache prefix is set."""
    suffix = f".opt-{optimize}" if optimize else ""
    return source.parent / "__pycache__" / f"{source.stem}.{cache_tag()}{suffix}.pyc"


def pyc_bytes(code: CodeType, source: bytes) -> bytes:
    """A pyc that is valid while the source file's bytes are ``source``."""
    header = importlib.util.MAGIC_NUMBER + CHECKED_HASH.to_bytes(4, "little")
    return header + importlib.util.source_hash(source) + marshal.dumps(code)
