"""Sets: what one method or operator takes from another, and what is put in and taken out."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    NONE,
    SETS,
    Kind,
    item_of,
    join,
)
from selfsame.compiler.emit.cython.inplace.masks import Masks
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_WHOLE = frozenset({"union", "intersection", "difference", "symmetric_difference"})
_TESTS = frozenset({"issubset", "issuperset", "isdisjoint"})
_TAKING = frozenset({"intersection_update", "difference_update"})

IN_PLACE: dict[type[ast.operator], str] = {
    ast.BitOr: "update", ast.BitAnd: "intersection_update", ast.Sub: "difference_update",
}  # fmt: skip


class Sets(Masks):
    """``_on_set`` gives the value of a method's call."""

    def _pool(self, value: Value) -> str:
        return "NULL" if value.fresh else "pool"

    def _kept(self, value: Value) -> None:
        """Before what is not noted step by step."""
        if not value.fresh:
            self.line(f"sf_keep_whole(pool, {value.text})")

    def refine(self, base: ast.expr, kind: Kind) -> None:
        """What is put into a container tells what its place holds: the methods' part knows."""
        raise NotImplementedError

    def _on_set(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        updated = value.kind.name == "set" and which == "update" and len(node.args) == 1
        if updated and self.given_one_by_one(node.args[0]):
            return self._updated_by(value, node, base)
        given = [self.held(self.expression(a)) for a in node.args]
        if value.kind.name == "frozenset" and which not in _WHOLE | _TESTS:
            return None
        match which, given:
            case _, [other] if which in _WHOLE | _TESTS | _TAKING or which == "update":
                return self._with_other(which, value, self.some(other), node, base)
            case "copy", []:
                return self.made(value.kind, f"sf_set_of({value.text})")
            case "clear" | "pop", []:
                self._kept(value)
                if which == "pop":
                    return self.checked(
                        self._sure(item_of(value.kind)), f"(<object>{value.text}).pop()"
                    )
                self.line(f"(<object>{value.text}).clear()")
                return Value(NONE, "None", fresh=True)
            case "add", [new]:
                key = self.key(new, node)
                self.line(f"sf_member_put({self._pool(value)}, {value.text}, {key})")
                self.refine(base, Kind("set", (new.kind,)))
                return Value(NONE, "None", fresh=True)
            case "discard" | "remove", [old]:
                key = self.key(old, node)
                if which == "remove":
                    self.decline(f"not sf_set_has({value.text}, {key})")
                self.line(f"sf_member_drop({self._pool(value)}, {value.text}, {key})")
                return Value(NONE, "None", fresh=True)
        return None

    def _updated_by(self, value: Value, node: ast.Call, base: ast.expr) -> Value:
        """What is made while it is put in, one after the other."""
        value = self.held(value)

        def put(item: Value) -> None:
            if item.kind != BOTTOM:
                key = self.key(item, node)
                self.line(f"sf_member_put({self._pool(value)}, {value.text}, {key})")
                self.refine(base, Kind("set", (item.kind,)))

        self._nested(self._each(node.args[0]), put)
        return Value(NONE, "None", fresh=True)

    def _with_other(
        self, which: str, value: Value, other: Value, node: ast.AST, base: ast.expr
    ) -> Value:
        """A method that takes another set, or a list or tuple, as its only argument."""
        if BOTTOM in (value.kind, other.kind) and not self.program.final:
            return Value(BOTTOM, "0")
        if other.kind.name not in SETS | {"list", "row", "tuple"}:
            raise CannotPrint(f"calls {which} with {said(other.kind)}", node)
        other = self.held(Value(other.kind, self.boxed(other)))
        self.decline(f"not sf_are_keys({value.text}) or not sf_are_keys({other.text})")
        text = f"(<object>{value.text}).{which}({other.text})"
        both = Kind(value.kind.name, (join(item_of(value.kind), item_of(other.kind)),))
        if which in _TESTS:
            return self.made(BOOL, text)
        if which in _WHOLE:
            less = which in ("intersection", "difference")
            return self.made(value.kind if less else both, text)
        self._kept(value)
        self.line(text)
        if which == "update":
            self.refine(base, both)
        return Value(NONE, "None", fresh=True)
