"""Methods of bytes, those of bytearrays that change nothing, and text made of bytes and bytes of text.

What raises (bytes that are no text, a part that is not there) is left to the original.
"""

import ast

from selfsame.compiler.emit.cython.inplace.integers import Integers
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    BYTES_LIKE,
    INT,
    NONE,
    STR,
    Kind,
    item_of,
    list_of,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

BYTES = Kind("bytes")
_MAKING = (
    "strip lstrip rstrip lower upper title capitalize swapcase replace zfill ljust rjust center "
    "removeprefix removesuffix translate join"
)
_TESTING = "startswith endswith isdigit isalpha isalnum isspace isupper islower isascii"
_MADE, _TESTS = frozenset(_MAKING.split()), frozenset(_TESTING.split())
_PLACES = frozenset({"find", "rfind", "index", "rindex", "count"})
_LISTS = frozenset({"split", "rsplit", "splitlines"})
_PARTS = frozenset({"partition", "rpartition"})
_OF_BYTES = _MADE | _TESTS | _PLACES | _LISTS | _PARTS
_TAKEN = BYTES_LIKE | {"int", "bool"}
# Those that Python decodes itself, whatever codecs a program has registered.
_CODECS = frozenset({"utf-8", "utf8", "ascii", "latin-1", "latin1", "iso-8859-1"})
_HANDLERS = frozenset({"strict", "ignore", "replace"})


class ByteMethods(Integers):
    """Called as Python calls them: a method of an exact bytes does what its type does."""

    def on_bytes(self, which: str, value: Value, node: ast.Call) -> Value | None:
        """``value.which(...)``; None where there is no compiled form."""
        own = f"(<object>{value.text})"
        if which == "hex" and not node.args and not node.keywords:
            return self.made(STR, f"{own}.hex()")
        if which == "decode":
            return self.made(STR, f"{own}.decode({self._codec(node)})")
        # What a bytearray makes of itself is one again; it is asked, and nothing is made of it.
        asked = _OF_BYTES if value.kind == BYTES else _TESTS | _PLACES
        if which not in asked or node.keywords:
            return None
        if which == "join":
            given = [self._listed(a) for a in node.args]
        else:
            given = [self.held(self.expression(a)) for a in node.args]
        if any(each.kind == BOTTOM for each in given) and not self.program.final:
            return Value(BOTTOM, "0")
        for each in given:
            joined = which == "join" and each.kind.name in {"list", "row"}
            known = item_of(each.kind).name in BYTES_LIKE if joined else each.kind.name in _TAKEN
            if each.kind.none or not (known or (which in _LISTS and each.kind == NONE)):
                raise CannotPrint(f"calls {which} with {said(each.kind)}", node)
        return self._given_back(which, f"{own}.{which}({', '.join(map(self.boxed, given))})")

    def encoded(self, value: Value, node: ast.Call) -> Value:
        """``text.encode(...)``."""
        return self.made(BYTES, f"(<object>{value.text}).encode({self._codec(node)})")

    def _given_back(self, which: str, text: str) -> Value:
        if which in _TESTS:
            return self.checked(BOOL, text)
        if which in _PLACES:
            return self.checked(INT, text)
        kind = list_of(BYTES) if which in _LISTS else BYTES
        return self.made(tuple_of(BYTES, BYTES, BYTES) if which in _PARTS else kind, text)

    def _codec(self, node: ast.Call) -> str:
        """The arguments of ``encode`` and ``decode``, which must be written out."""
        given = dict(zip(("encoding", "errors"), node.args, strict=False))
        given |= {k.arg or "": k.value for k in node.keywords}
        known = {"encoding": _CODECS, "errors": _HANDLERS}
        words = []
        for name, part in given.items():
            match part:
                case ast.Constant(value=str(word)) if word.lower() in known.get(name, ()):
                    words.append(f"{name}={word!r}")
                case _:
                    raise CannotPrint("how text is encoded is not written out, or not known", node)
        if len(node.args) > 2:
            raise CannotPrint("encodes with other arguments than it takes", node)
        return ", ".join(words)
