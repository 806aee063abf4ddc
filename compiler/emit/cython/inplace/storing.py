"""What is bound, put into something, changed in place and deleted."""

import ast
from collections.abc import Callable

from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    BYTES_LIKE,
    FLOAT,
    INT,
    SETS,
    STR,
    Kind,
    item_of,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.matching import Matching
from selfsame.compiler.emit.cython.inplace.operators import in_place_method
from selfsame.compiler.emit.cython.inplace.records import entry_of
from selfsame.compiler.emit.cython.inplace.sets import IN_PLACE
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Storing(Matching):
    """``assign`` stores a value to a target."""

    def _s_assign(self, node: ast.Assign) -> None:
        unpacked = len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple | ast.List)
        listed = unpacked and self.given_one_by_one(node.value)
        value = self._listed(node.value) if listed else self.expression(node.value)
        if len(node.targets) > 1:
            value = self.held(value)
        for target in node.targets:
            self.assign(target, value)

    def _s_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.expression(node.value))

    def assign(self, target: ast.expr, value: Value) -> None:
        """``target = value``."""
        match target:
            case ast.Name(id=which):
                self.store(which, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._spread(parts, value, target)
            case ast.Attribute():
                value = self.held(value)
                owner = self.owner(target)
                if owner is not None:
                    self.put(owner, target.attr, value, target)
            case ast.Subscript(slice=ast.Slice()):
                self._put_slice(target, value)
            case ast.Subscript():
                value = self.held(value)
                base = self.some(self.expression(target.value))
                self._put_item(base, self.expression(target.slice), value, target)
            case _:
                raise CannotPrint("stores to a star", target)

    def _put_item(self, base: Value, at: Value, value: Value, node: ast.Subscript) -> None:
        pool = "NULL" if base.fresh else "pool"
        match base.kind.name:
            case "list" | "own_list":
                index = self.index_within(base, self.whole(at, node), node, "list assignment index")
                place = f"{pool}, {base.text}, {index}"
                if value.kind == FLOAT:
                    self.line(f"sf_list_put_float({place}, {value.text})")
                else:
                    self.line(f"sf_list_put({place}, {self.boxed(value, base)})")
                self.refine(node.value, list_of(value.kind))
            case "dict":
                place = f"{pool}, {base.text}, {self.key(at, node)}"
                if value.kind == FLOAT:
                    self.line(f"sf_entry_put_float({place}, {value.text})")
                else:
                    self.line(f"sf_entry_put({place}, {self.boxed(value, base)})")
                self.refine(node.value, entry_of(base.kind, node, at.kind, value.kind))
            case "bytearray" if base.fresh:
                index, byte = self.whole(at, node), self.whole(value, node)
                self.line(f"sf_byte_put({base.text}, {index}, {byte})")
            case "array":
                self.put_in_array(base, at, value, node)
            case "instance":
                self.special(base, "__setitem__", [at, value], node)
            case "nothing" if not self.program.final:
                pass
            case "any" if self.unknown(base):
                base, at = self.held(base), self.held(at)
                entries = Kind("dict", (ANY, ANY))
                if at.kind.name in {"int", "bool"}:
                    with self.block(f"if type({base.text}) is list"):
                        self._put_item(Value(list_of(ANY), base.text), at, value, node)
                    with self.block("else"):
                        self._put_item(self.as_kind(base, entries), at, value, node)
                else:
                    self._put_item(self.as_kind(base, entries), at, value, node)
            case _:
                raise CannotPrint(f"stores to an item of {said(base.kind)}", node)

    def _put_slice(self, target: ast.Subscript, value: Value) -> None:
        assert isinstance(target.slice, ast.Slice)
        value = self.held(self.some(value))
        if value.items is not None:
            value = self.held(Value(value.kind, self.bare(value), fresh=True))
        base = self.some(self.expression(target.value))
        low, high, step = self.bounds(target.slice)
        if BOTTOM in (base.kind, value.kind) and not self.program.final:
            return
        if base.kind.name == "bytearray" and base.fresh and value.kind.name in BYTES_LIKE:
            self.line(f"sf_bytes_splice({base.text}, {low}, {high}, {step}, {value.text})")
            return
        if base.kind.name != "list":
            raise CannotPrint(f"stores to a slice of {said(base.kind)}", target)
        if value.kind.name not in {"list", "row", "tuple"}:
            raise CannotPrint(f"puts {said(value.kind)} in the place of a slice", target)
        pool = "NULL" if base.fresh else "pool"
        more = self.boxed(value, base)
        if step == "1":
            self.line(f"sf_list_splice({pool}, {base.text}, {low}, {high}, {more})")
        else:
            self.line(f"sf_list_stride({pool}, {base.text}, {low}, {high}, {step}, {more})")
        self.refine(target.value, list_of(item_of(value.kind)))

    def _spread(self, parts: list[ast.expr], value: Value, node: ast.AST) -> None:
        places = [p.value if isinstance(p, ast.Starred) else p for p in parts]
        if value.items is None:
            value = self.some(value)
        if value.kind == BOTTOM and not self.program.final:
            for place in places:
                self.assign(place, Value(BOTTOM, "0"))
            return
        if any(isinstance(p, ast.Starred) for p in parts):
            held = self._items_and_rest(parts, value, node)
        elif value.items is not None:
            if len(value.items) != len(parts):
                raise CannotPrint("unpacks a tuple of another length", node)
            # All are taken before the first is stored.
            held = [self.held(v) for v in value.items]
        elif value.kind.name == "tuple":
            kinds = value.kind.parts
            if len(kinds) != len(parts):
                raise CannotPrint("unpacks a tuple of another length", node)
            value = self.held(value)
            own = self.owns(value)
            held = [
                self.read(k, "sf_tuple", f"{value.text}, {i}", own) for i, k in enumerate(kinds)
            ]
        elif value.kind.name == "named":
            if len(self.program.linked.named[value.kind.cls]) != len(parts):
                raise CannotPrint("unpacks a named tuple of another length", node)
            value = self.held(value)
            held = [self.field_at(value, i) for i in range(len(parts))]
        elif value.kind.name in {"list", "row"}:
            value = self.held(value)
            self.decline(f"sf_seq_len({value.text}) != {len(parts)}")
            kind = self._sure(item_of(value.kind))
            own = self.owns(value)
            held = [self.read(kind, "sf_seq", f"{value.text}, {i}", own) for i in range(len(parts))]
        else:
            raise CannotPrint(f"unpacks {said(value.kind)}", node)
        for place, item in zip(places, held, strict=True):
            self.assign(place, item)

    def _items_and_rest(self, parts: list[ast.expr], value: Value, node: ast.AST) -> list[Value]:
        """What ``first, *rest = values`` stores: what is left over becomes a new list."""
        if value.kind.name not in {"list", "row", "tuple"}:
            raise CannotPrint(f"unpacks {said(value.kind)} with a star", node)
        value = self.held(Value(value.kind, self.boxed(value)))
        at = next(i for i, part in enumerate(parts) if isinstance(part, ast.Starred))
        behind, item = len(parts) - at - 1, self._sure(item_of(value.kind))
        size = self.made(INT, f"sf_seq_len({value.text})").text
        self.decline(f"{size} < {len(parts) - 1}")
        held = [self.read(item, "sf_seq", f"{value.text}, {i}") for i in range(at)]
        ends = f"{at}, {size} - {behind}, 1"
        rest = f"sf_part({value.text}, {ends})"
        rest = rest if value.kind.name == "list" else f"list({rest})"
        held.append(self.made(list_of(item), rest))
        places = [f"{value.text}, {size} - {behind - i}" for i in range(behind)]
        return held + [self.read(item, "sf_seq", place) for place in places]

    def _s_augassign(self, node: ast.AugAssign) -> None:
        match node.target:
            case ast.Name(id=which):
                own = self.own(which)
                old = self.load(which) if own else self.live(which, node)
                self._in_place(node, old, lambda new: self.store(which, new))
            case ast.Attribute() as target:
                owner = self.owner(target)
                if owner is None:
                    self.expression(node.value)
                    return
                owner = self.held(owner)
                attribute = target.attr
                old = self.get(owner, attribute, target)
                self._in_place(node, old, lambda new: self.put(owner, attribute, new, target))
            case ast.Subscript(slice=at) as target if not isinstance(at, ast.Slice):
                base = self.held(self.some(self.expression(target.value)))
                if base.kind == BOTTOM and not self.program.final:
                    self.expression(at)
                    self.expression(node.value)
                    return
                where = self.held(self.expression(at))
                old = self.item(base, where, target)
                self._in_place(node, old, lambda new: self._put_item(base, where, new, target))
            case _:
                raise CannotPrint("changes a slice in place", node)

    def _in_place(self, node: ast.AugAssign, old: Value, put: Callable[[Value], None]) -> None:
        value = self.expression(node.value)
        kind = old.kind
        if kind.some.name == "list":
            if not isinstance(node.op, ast.Add):
                raise CannotPrint("changes a list in place by an operator", node)
            self.extended(self.some(old), self.held(value), node.target, node)
            put(Value(kind, old.text, fresh=old.fresh))
            return
        if kind == Kind("set", kind.parts) and value.kind.name in SETS:
            old, which = self.held(old), IN_PLACE.get(type(node.op), "")
            if which:
                self._with_other(which, old, self.held(value), node, node.target)
                put(Value(kind, old.text, fresh=old.fresh))
                return
        if kind.some.name in {"set", "dict", "deque", "bytearray", "array"}:
            raise CannotPrint(f"changes {said(kind)} in place by an operator", node)
        if kind.some.name == "instance":
            own = in_place_method(node.op)
            if any(own in self.program.classes[cls].names for cls in kind.cls.split("|")):
                put(self.special(self.some(old), own, [value], node))
                return
        both = kind == STR and value.kind == STR and isinstance(node.op, ast.Add)
        if both and isinstance(node.target, ast.Name):
            put(Value(STR, f"sf_text_append({old.text}, {value.text})"))
            return
        put(self.operated(node.op, old, value, node))

    def _s_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise CannotPrint("deletes a name or an attribute", target)
            if isinstance(target.slice, ast.Slice):
                if target.slice.step is not None:
                    raise CannotPrint("deletes a slice with a step", target)
                self._put_slice(target, Value(list_of(BOTTOM), "[]"))
                continue
            base = self.some(self.expression(target.value))
            at = self.expression(target.slice)
            pool = "NULL" if base.fresh else "pool"
            if base.kind.name == "list":
                self.made(STR, f"sf_list_pop_at({pool}, {base.text}, {self.whole(at, node)})")
            elif base.kind.name == "dict":
                self.line(f"sf_entry_drop({pool}, {base.text}, {self.key(at, node)})")
            elif base.kind != BOTTOM or self.program.final:
                raise CannotPrint(f"deletes an item of {said(base.kind)}", node)
