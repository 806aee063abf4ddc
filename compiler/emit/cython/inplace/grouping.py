"""``groupby``: Python's own, over what says by itself whether it equals its neighbour."""

import ast

from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.iterators import Iterators
from selfsame.compiler.emit.cython.inplace.kinds import ANY, BOTTOM, Kind, iterator_of
from selfsame.compiler.emit.cython.inplace.loops import Steps
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Grouping(Iterators):
    """``over`` knows more."""

    def over(self, node: ast.expr) -> Steps:
        """The steps through what ``node`` gives. Raises CannotPrint."""
        if isinstance(node, ast.Call):
            first = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            free = isinstance(first, ast.Name) and not self.own(first.id)
            if free and library_name(node.func, self.home.imports) == "itertools.groupby":
                return self._grouped(node)
        return super().over(node)

    def _grouped(self, node: ast.Call) -> Steps:
        given = [*node.args, *(k.value for k in node.keywords if k.arg == "key")]
        if len(given) != len(node.args) + len(node.keywords) or not 1 <= len(given) <= 2:
            raise CannotPrint("calls groupby with other arguments than it is known with", node)
        text, kind = self._source(given[0])
        if kind == BOTTOM and not self.program.final:
            return self._nothing()
        keys, passed = kind, f"sf_told_by_told({text})"
        if len(given) == 2 and not (isinstance(given[1], ast.Constant) and given[1].value is None):
            at = self._item_asked_for(given[1])
            if at is None:
                raise CannotPrint("groups by a key that is no item", node)
            keys, passed = _held_at(kind, at), f"{text}, sf_item_giver({at!r})"
        self.program.called_itertools.add("groupby")
        groups, box = self.made(ANY, f"sf_i_groupby({passed})").text, self.made(ANY, "[None]").text

        def item() -> Value:
            pair = self.made(ANY, f"sf_seq_object({box}, 0)").text
            key = self.read(self._sure(keys), "sf_tuple", f"{pair}, 0")
            group = self.made(iterator_of(kind), f"sf_tuple_object({pair}, 1)")
            return self._together([key, group])

        return Steps((f"sf_next_into({groups}, {box})",), item, ())

    def _item_asked_for(self, key: ast.expr) -> int | str | None:
        """``1`` for ``lambda row: row[1]`` or ``itemgetter(1)``."""
        scope, body = self.key_of(key, "sf_grouped")
        match body:
            case ast.Subscript(value=ast.Name(id=name), slice=at) if name in scope:
                found = constant_value(at)
                return None if isinstance(found, bool | float) else found
        return None


def _held_at(kind: Kind, at: int | str) -> Kind:
    """What an item holds at a place, as far as its type says so."""
    if kind.none:
        return ANY
    if kind.name == "tuple" and isinstance(at, int) and -len(kind.parts) <= at < len(kind.parts):
        return kind.parts[at]
    if kind.name == "dict" and not kind.cls:
        return kind.at(at)
    return kind.parts[0] if kind.name in {"list", "row"} else ANY
