"""Regular expressions: methods of compiled patterns of text and of matches, and the functions of ``re``.

The library looks through the text; what it gives is of types that are known.
"""

import ast
import re
import warnings

from selfsame.compiler.emit.cython.inplace.drawing import Drawing
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    INT,
    MATCH,
    NONE,
    STR,
    Kind,
    join,
    list_of,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.loops import Steps
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_MAYBE = join(STR, NONE)
# What methods give, and of which types their arguments are: so many of them may be left out.
_OF_PATTERN = {
    "match": (join(MATCH, NONE), [STR, INT, INT], 2),
    "fullmatch": (join(MATCH, NONE), [STR, INT, INT], 2),
    "search": (join(MATCH, NONE), [STR, INT, INT], 2),
    "findall": (list_of(ANY), [STR, INT, INT], 2),
    "split": (list_of(_MAYBE), [STR, INT], 1),
    "sub": (STR, [STR, STR, INT], 1),
}
_OF_MATCH = {
    "start": INT, "end": INT, "span": tuple_of(INT, INT), "groups": Kind("row", (_MAYBE,)),
    "groupdict": Kind("dict", (STR, _MAYBE)), "group": _MAYBE,
}  # fmt: skip
_HELD = {
    "lastgroup": _MAYBE,
    "lastindex": join(INT, NONE),
    "string": STR,
    "pos": INT,
    "endpos": INT,
}


class Patterns(Drawing):
    """``_on_pattern`` and ``_on_match`` give the value of a method's call."""

    def over(self, node: ast.expr) -> Steps:
        """The steps through what ``node`` gives. Raises CannotPrint."""
        match node:
            case ast.Call(func=ast.Attribute(value=base, attr="finditer") as function, args=given):
                called = library_name(function, self.home.imports)
                first = base.id if isinstance(base, ast.Name) else ""
                if called == "re.finditer" and not self.own(first):
                    pattern, given = self._written(node), given[1:]
                else:
                    pattern = self.some(self.expression(base))
                if pattern.kind.name == "pattern":
                    passed = self._passed(given, [STR, INT, INT], 2, node)
                    if passed is None:
                        return self._nothing()
                    text = f"sf_of_pattern({pattern.text}, 'finditer', ({passed}))"
                    return self.through(text, MATCH, "sf_next_match")
                if pattern.kind == BOTTOM and not self.program.final:
                    return self._nothing()
                raise CannotPrint(f"calls the method finditer of {said(pattern.kind)}", node)
        return super().over(node)

    def _listed(self, node: ast.expr) -> Value:
        match node:
            case ast.Call(func=ast.Attribute(attr="finditer")):
                return self._collected(self._each(node))
        return super()._listed(node)

    def _written(self, node: ast.Call) -> Value:
        """The pattern of a call of a function of ``re``, which is compiled once."""
        first = node.args[0] if node.args and not node.keywords else None
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            raise CannotPrint("calls a function of re with a pattern that is not written out", node)
        item = found_by(first.value)
        if item is None:
            raise CannotPrint("has a pattern that does not compile, or with a warning", node)
        self.literal(first.value, first)  # which says whether it has a form
        patterns = self.program.patterns
        at = patterns.setdefault(first.value, len(patterns))
        return Value(Kind("pattern", (item,)), f"sf_r_{at}")

    def of_re(self, which: str, node: ast.Call) -> Value:
        """A function of ``re``."""
        pattern = self._written(node)
        rest = ast.copy_location(ast.Call(node.func, node.args[1:], []), node)
        made = self._on_pattern(which, pattern, rest, node.func)
        if made is None:
            raise CannotPrint(f"calls re.{which}, which has no exact compiled form", node)
        return made

    def _passed(
        self, given: list[ast.expr], kinds: list[Kind], less: int, node: ast.Call
    ) -> str | None:
        """The arguments, of just these types; None where they are not known yet."""
        if node.keywords or not len(kinds) - less <= len(given) <= len(kinds):
            raise CannotPrint("uses a pattern with other arguments than it takes", node)
        values = [self.held(self.some(self.expression(each))) for each in given]
        values = [self.as_kind(v, k) for v, k in zip(values, kinds, strict=False)]
        if any(v.kind == BOTTOM for v in values) and not self.program.final:
            return None
        for value, kind in zip(values, kinds, strict=False):
            if value.kind != kind:
                raise CannotPrint(f"uses a pattern with {said(value.kind)}", node)
        return "".join(f"{self.boxed(v)}, " for v in values)

    def _on_pattern(
        self, which: str, value: Value, node: ast.Call, place: ast.expr
    ) -> Value | None:
        if which not in _OF_PATTERN:
            return None
        kind, kinds, less = _OF_PATTERN[which]
        passed = self._passed(node.args, kinds, less, node)
        if passed is None:
            return Value(BOTTOM, "0")
        if which == "sub":
            self.decline(f"not sf_is_literal({passed.partition(', ')[0]})")
        if which == "findall" and value.kind.parts:
            kind = list_of(self._sure(value.kind.parts[0]))
        return self.made(kind, f"sf_of_pattern({value.text}, {which!r}, ({passed}))")

    def _on_match(self, which: str, value: Value, node: ast.Call, place: ast.expr) -> Value | None:
        if which not in _OF_MATCH or node.keywords:
            return None
        given = [self.expression(each) for each in node.args]
        given = [v if v.text.isdigit() else self.held(v) for v in given]
        if any(v.kind == BOTTOM for v in given) and not self.program.final:
            return Value(BOTTOM, "0")
        if any(v.kind not in (STR, INT, NONE) for v in given):
            raise CannotPrint(f"asks a match for {', '.join(said(v.kind) for v in given)}", node)
        kind = _OF_MATCH[which]
        if which == "group" and len(given) > 1:
            kind = tuple_of(*[_MAYBE] * len(given))
        if which in ("groups", "groupdict") and given and given[0].kind != NONE:
            kind = Kind(kind.name, tuple(join(p, given[0].kind) for p in kind.parts))
        return self._asked_of(value, which, given, kind)

    def _asked_of(self, value: Value, which: str, given: list[Value], kind: Kind) -> Value:
        passed = [v.text if v.text.isdigit() else self.boxed(v) for v in given]
        if which == "group" and len(given) < 2:
            return self.checked(kind, f"sf_group({value.text}, {(*passed, 0)[0]})")
        arguments = "".join(f"{each}, " for each in passed)
        return self.checked(kind, f"sf_of_match({value.text}, {which!r}, ({arguments}))")

    def item(self, base: Value, at: Value, node: ast.AST) -> Value:
        """``base[at]``."""
        if base.kind == MATCH and at.kind in (INT, STR):
            return self._asked_of(base, "group", [at], _MAYBE)
        return super().item(base, at, node)

    def get(self, value: Value, attribute: str, node: ast.AST) -> Value:
        """``value.attribute``."""
        if value.kind != MATCH:
            return super().get(value, attribute, node)
        if attribute not in _HELD:
            raise CannotPrint(f"reads the attribute {attribute} of a match", node)
        return self.checked(_HELD[attribute], f"sf_at_match({value.text}, {attribute!r})")


def found_by(pattern: str) -> Kind | None:
    """What ``findall`` gives for each match of a pattern; None where it does not compile in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            groups = re.compile(pattern).groups
        except (re.error, Warning, OverflowError, RecursionError):
            return None
    return STR if groups < 2 else tuple_of(*[STR] * groups)
