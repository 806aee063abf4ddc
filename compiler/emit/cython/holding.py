"""What names and containers hold: one type for each, the join of all that is stored to it."""

import ast
from abc import ABC, abstractmethod

from selfsame.compiler.emit.cython.giving import root
from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.rules import a, word
from selfsame.compiler.emit.cython.types import (
    SCALARS,
    STR,
    TRUTH,
    UNKNOWN,
    WHOLE,
    WORD,
    Type,
    as_held,
    join,
    list_of,
    sure,
)


class Holding(ABC):
    """The rules of what is stored: names, elements, keys, and what several names stand for.

    They widen what is known of `now`, and raise CannotPrint where there is no one type.
    """

    functions: dict[str, Inferred]
    now: Inferred
    changed: bool

    @abstractmethod
    def of(self, node: ast.expr) -> Type:
        """The type of an expression as far as it is known."""

    def _store(self, target: str, kind: Type, place: ast.AST) -> None:
        old = self.now.variables.get(target, UNKNOWN)
        kind = WORD if kind == STR and target in self.now.small.optional else kind
        new = join(old, kind) if kind != TRUTH else None
        if new is None:
            raise CannotPrint(
                f"{target} is {a(old)} in one place and {a(kind)} in another: it needs one type"
                " (give the second a name of its own)",
                place,
            )
        if target in self.now.small.totals and new.kind in {"float", "wide"}:
            raise CannotPrint("sums floats, which this Python does with compensation", place)
        if new != old or target not in self.now.variables:
            self.now.variables[target] = new
            self.changed = True

    def _item(self, base: ast.expr, kind: Type, place: ast.AST) -> None:
        """Note that a list holds ``kind``."""
        held = self.of(base)
        if held == UNKNOWN:
            return
        if held.kind == "dict":
            assert isinstance(place, ast.Assign) and isinstance(place.targets[0], ast.Subscript)
            key = self._key(place.targets[0].slice)
            self._changes(base)
            self._alias(base, Type("dict", (key, self._kept(kind, place))), place)
            return
        if held.kind != "list":
            raise CannotPrint(f"stores to an item of a {word(held)}", place)
        if held.frozen:
            raise CannotPrint(
                f"stores to an item of {a(held)} that was not made in this call: only lists of"
                " numbers are changed for the caller",
                place,
            )
        self._changes(base)
        if held.boxed:
            if kind not in (held.item, UNKNOWN):
                raise CannotPrint(f"puts a {word(kind)} into a {word(held)}", place)
            return
        kind = WORD if kind == STR else sure(kind)
        if kind.kind not in SCALARS | {"list", "unknown", "word", "tuple"} or kind.kind in {
            "wide",
            "token",
        }:
            raise CannotPrint(f"puts {a(kind)} into a list", place)
        if held.code:
            if kind not in (held.item, UNKNOWN):
                raise CannotPrint(f"puts a {word(kind)} into a {word(held)}", place)
            return
        self._alias(base, list_of(kind), place)

    def _key(self, node: ast.expr) -> Type:
        """The type of a dict's key or a set's element. NaN is found by its identity only."""
        kind = self._kept(self.of(node), node)
        if "float" in str(kind):
            raise CannotPrint("looks for a float in a dict or set", node)
        return kind

    def _kept(self, kind: Type, place: ast.AST) -> Type:
        """The type of what is put into a dict, set or tuple."""
        kind = sure(kind)
        if kind.kind in {"list", "token", "truth", "bytes", "dict", "set", "complex"}:
            raise CannotPrint(f"puts a {word(kind)} into a dict, set or tuple", place)
        return as_held(kind)

    def _flat(self, base: ast.expr, place: ast.AST) -> Type:
        """The type of a list that is changed as a whole."""
        held = self.of(base)
        if held == UNKNOWN:
            return list_of(UNKNOWN)
        if held.code:
            raise CannotPrint("changes an array as a whole", place)
        if held.kind != "list" or held.frozen or held.boxed:
            raise CannotPrint(
                f"changes {a(held)} that was not made in this call: only lists of numbers are"
                " changed for the caller",
                place,
            )
        self._changes(base)
        return held

    def _changes(self, base: ast.expr) -> None:
        if root(base) in self.now.given:
            self.now.changes = True

    def _joined(self, base: ast.expr, value: ast.expr, place: ast.AST) -> None:
        """Note that a list takes in the items of another."""
        held, more = self._flat(base, place), self.of(value)
        if more == UNKNOWN:
            return
        if more.kind != "list" or more.boxed or more.code:
            raise CannotPrint(f"puts the items of a {word(more)} into a {word(held)}", place)
        kind = join(held, Type("list", more.items))
        if kind is None:
            raise CannotPrint(f"puts the items of a {word(more)} into a {word(held)}", place)
        self._alias(base, kind, place)
        if kind.item.kind == "list":
            self._alias(value, Type("list", kind.items, more.frozen, fixed=more.fixed), place)

    def _alias(self, value: ast.expr, kind: Type, place: ast.AST | None = None) -> None:
        """Two names of one list have one type: carry what is known of one to the other."""
        if kind.kind not in {"list", "dict", "set"}:
            return
        if isinstance(value, ast.Name) and value.id in self.now.variables:
            old = self.now.variables[value.id]
            if join(old, kind) is None:
                raise CannotPrint(f"{value.id} holds {word(old)} and {word(kind)}", place or value)
            self._store(value.id, kind, place or value)
        elif isinstance(value, ast.Subscript):
            self._alias_part(value.value, kind, place)
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            if value.func.id in {"sf_item", "sf_pop", "sf_pop_at"}:
                self._alias_part(value.args[0], kind, place)
            elif value.func.id == "sf_slice" and kind.item.kind == "list":
                self._alias(value.args[0], list_of(kind.item), place)

    def _alias_part(self, base: ast.expr, kind: Type, place: ast.AST | None) -> None:
        held = self.of(base)
        # What is read in place, and tuples, are arguments: their types are known.
        if not (held.kind == "list" and (held.boxed or held.fixed)):
            self._alias(base, list_of(kind), place)

    def _whole(self, kind: Type, node: ast.expr) -> None:
        if kind != UNKNOWN and kind.kind not in WHOLE:
            raise CannotPrint(f"a {word(kind)} where an int belongs", node)
