"""Texts made of values: f-strings, ``%``, ``str.format``, ``str`` and ``repr``.

What is shown is a builtin value, or a container of such: its text comes without code of the user's.
"""

import ast
import re
import string
from collections.abc import Mapping
from dataclasses import replace

from selfsame.compiler.emit.cython.inplace.equality import Equality
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOTTOM,
    ERROR,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    STR,
    Kind,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_PLAIN_SPEC = re.compile("[ \\w.,<>^+=%#-]*", re.ASCII)
# What C itself shows as Python does.
_INT_SPEC = re.compile("(0?[1-9][0-9]?)?[dxXo]|", re.ASCII)
_FIXED_SPEC = re.compile("([<>]?)([1-9][0-9]?)?(?:\\.([0-9][0-9]?))?f", re.ASCII)
_CONVERSION = re.compile("%(-?)(0?)([1-9][0-9]?)?(\\.[0-9][0-9]?)?([sdxXof])", re.ASCII)
_OF_FORMAT = re.compile("(%[-+ #0-9.*]*[a-zA-Z(])")
_HOLDERS = frozenset({"list", "row", "tuple", "dict"})


class Formatting(Equality):
    """Values of what shows others."""

    def told(self, value: Value, node: ast.AST) -> Value:
        """A value whose text is made without code of the user's; all else is declined. Raises CannotPrint."""
        if value.items is not None:
            items = tuple(self.told(each, node) for each in value.items)
            return Value(value.kind, "", items=items, fresh=True)
        value, kind = self.held(value), value.kind
        if kind == NONE or kind.name in NUMBERS | {"str", "unsigned"}:
            return value
        if kind == BOTTOM and not self.program.final:
            return value
        if not self.unknown(value) and (kind.name not in _HOLDERS or kind.cls):
            raise CannotPrint(f"shows {said(kind)}", node)
        self.decline(f"not sf_tells({value.text})")
        return value

    def _x_joinedstr(self, node: ast.JoinedStr) -> Value:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                parts.append(self._formatted(part))
                continue
            assert isinstance(part, ast.Constant) and isinstance(part.value, str)
            self.expression(part)  # which says whether it has a form
            parts.append(_escaped(part.value))
        if None in parts and not self.program.final:
            return Value(BOTTOM, "0")
        return self.made(STR, f'(<object>f"{"".join(map(str, parts))}")')

    def _formatted(self, part: ast.FormattedValue) -> str | None:
        """The piece of an f-string of Cython for a value; None where its type is not known yet."""
        value = self.expression(part.value)
        if value.kind == ERROR and (
            part.conversion == 115 or not (part.format_spec or part.conversion > 0)
        ):
            value = self.text_of_error(value)
        value = self.told(value, part)
        if value.kind == BOTTOM and not self.program.final:
            return None
        spec, computed = "", ""
        match part.format_spec:
            case ast.JoinedStr(values=[ast.Constant(value=str(spec))]):
                pass
            case ast.JoinedStr(values=[]) | None:
                pass
            case asked_for:
                made = self.expression(asked_for)
                if made.kind == BOTTOM:
                    return None
                computed = made.text
        asked = {"r": "repr", "s": "str", "a": "ascii"}.get(chr(max(0, part.conversion)))
        if asked or computed or not _PLAIN_SPEC.fullmatch(spec):
            shown = self.boxed(value)
            shown = f"{asked}({shown})" if asked else shown
            return f"{{{self.checked(STR, f'format({shown}, {computed or ascii(spec)})').text}}}"
        return self._piece(value, spec)

    def _piece(self, value: Value, spec: str) -> str:
        """The piece of an f-string of Cython that shows a value which is told."""
        if value.kind == INT and _INT_SPEC.fullmatch(spec):
            return f"{{{value.text}:{spec}}}" if spec else f"{{{value.text}}}"
        fixed = _FIXED_SPEC.fullmatch(spec)
        if value.kind == FLOAT and fixed:
            width = int(fixed[2] or 0) * (-1 if fixed[1] == "<" else 1)
            shown = f"sf_fixed({value.text}, {width}, {int(fixed[3] or 6)})"
            return f"{{{self.made(STR, shown).text}}}"
        held = self.temp("object")
        self.line(f"{held} = {self.boxed(value)}")
        return f"{{{held}:{spec}}}" if spec else f"{{{held}}}"

    def filled(self, text: Value, given: Value, node: ast.AST) -> Value:
        """``text % given``."""
        match node:
            case ast.BinOp(left=ast.Constant(value=str(written))) if set(
                _OF_FORMAT.findall(written)
            ) == {"%s"}:
                given = self._texts_of_errors(given)
        given = self.told(given, node)
        if given.kind == BOTTOM or any(v.kind == BOTTOM for v in given.items or ()):
            return Value(BOTTOM, "0")
        match node:
            case ast.BinOp(left=ast.Constant(value=str(written))):
                pieces = self._pieces(written, given)
                if pieces is not None:
                    return self.made(STR, f'(<object>f"{pieces}")')
        return self.made(STR, f"sf_filled({text.text}, {self.boxed(given)})")

    def _texts_of_errors(self, value: Value) -> Value:
        """The same, with their texts for exceptions."""
        if value.items is not None:
            return replace(value, items=tuple(map(self._texts_of_errors, value.items)))
        return self.text_of_error(value) if value.kind == ERROR else value

    def _pieces(self, written: str, given: Value) -> str | None:
        """An f-string's pieces for a format and what fills it; None where they are not surely the same."""
        values = list(given.items) if given.items is not None else [given]
        parts = _OF_FORMAT.split(written)
        specs = [_spec_of(v.kind, c) for v, c in zip(values, parts[1::2], strict=False)]
        if not len(specs) == len(values) == len(parts) // 2 or None in specs:
            return None
        shown = [self._piece(v, spec or "") for v, spec in zip(values, specs, strict=True)]
        literal = [_escaped(part.replace("%%", "%")) for part in parts[::2]]
        if any("%" in part.replace("%%", "") for part in parts[::2]):
            return None
        return "".join(a + b for a, b in zip(literal, [*shown, ""], strict=True))

    def formatted(self, text: Value, node: ast.Call) -> Value:
        """``text.format(...)``."""
        given = [self.told(self.expression(a), node) for a in node.args]
        named = {str(k.arg): self.told(self.expression(k.value), node) for k in node.keywords}
        if any(v.kind == BOTTOM for v in (*given, *named.values())) and not self.program.final:
            return Value(BOTTOM, "0")
        match node.func:
            case ast.Attribute(value=ast.Constant(value=str(written))):
                pieces = self._fields(written, dict(enumerate(given)) | named)
                if pieces is not None:
                    return self.made(STR, f'(<object>f"{pieces}")')
        positions = "".join(f"{self.boxed(v)}, " for v in given)
        names = ", ".join(f"{name!r}: {self.boxed(v)}" for name, v in named.items())
        return self.checked(STR, f"(<str>{text.text}).format(*({positions}), **{{{names}}})")

    def _fields(self, written: str, given: Mapping[int | str, Value]) -> str | None:
        """An f-string's pieces for a text with fields; None where one is more than a value and how it is shown."""
        try:
            parts = list(string.Formatter().parse(written))
        except ValueError:
            return None
        found, numbered = "", 0
        for literal, field, spec, conversion in parts:
            found += _escaped(literal)
            if field is None:
                continue
            at: int | str = int(field) if field.isdigit() else field or numbered
            numbered += not field
            mixed = any(str(f).isdigit() for _, f, _, _ in parts) and numbered
            if at not in given or mixed or conversion or not _PLAIN_SPEC.fullmatch(spec or ""):
                return None
            found += self._piece(given[at], spec or "")
        return found

    def text_of(self, which: str, node: ast.Call) -> Value | None:
        """``str(value)`` or ``repr(value)``, or ``format(value, spec)``; None where it has another form."""
        taken = 2 if which == "format" else 1
        if node.keywords or len(node.args) != taken:
            return None
        values = [self.expression(a) for a in node.args]
        if values[0].kind == ERROR and which == "str":
            return self.text_of_error(values[0])
        first, *rest = [self.told(value, node) for value in values]
        if any(v.kind == BOTTOM for v in (first, *rest)) and not self.program.final:
            return Value(BOTTOM, "0")
        if any(v.kind != STR for v in rest):
            raise CannotPrint(f"formats by {said(rest[0].kind)}", node)
        shown = ", ".join([self.boxed(first), *(v.text for v in rest)])
        return self.checked(STR, f"{which}({shown})")


def _escaped(text: str) -> str:
    """A text as it stands in an f-string of Cython."""
    text = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return text.replace("{", "{{").replace("}", "}}")


def _spec_of(kind: Kind, conversion: str) -> str | None:
    """What ``%5d`` and the like are in an f-string; None where that may show another text."""
    found = _CONVERSION.fullmatch(conversion)
    if found is None:
        return None
    left, zeros, width, precision, letter = found.groups(default="")
    side = "<" if left else ""
    if kind == STR and letter == "s" and not zeros:
        return f"{side or '>'}{width}{precision}" if width else precision
    if (
        kind == INT
        and letter in "sdxXo"
        and not precision
        and not (zeros and (left or letter == "s"))
    ):
        return (
            ""
            if letter in "sd" and not width
            else f"{side}{zeros}{width}{letter.replace('s', 'd')}"
        )
    if kind == FLOAT and letter == "f" and not zeros:
        return f"{side}{width}{precision}f"
    return "" if kind == FLOAT and conversion == "%s" else None
