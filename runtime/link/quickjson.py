"""JSON texts to values by the C scanner alone: importing ``json`` would import ``re`` for 8 ms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Context:
    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def loads(text: str) -> Any:
    """The value of a JSON text. Raises ValueError where it is none."""
    try:
        from _json import make_scanner
    except ImportError:
        from json import loads as slow

        return slow(text)
    text = text.strip()
    context: Any = _Context
    try:
        value, end = make_scanner(context)(text, 0)
    except StopIteration as error:
        raise ValueError(f"not JSON at character {error.value}") from None
    except SystemError:  # it has no exception to raise while ``json`` is not imported
        raise ValueError("not JSON") from None
    if end != len(text):
        raise ValueError(f"more than one JSON value, from character {end}")
    return value
