"""Displays: tuples, lists, dicts and sets that are written out item by item."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    Kind,
    item_of,
    join,
    list_of,
    record,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.state import MADE, Value
from selfsame.compiler.emit.cython.inplace.values import END, Values
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Displays(Values):
    """What stands in them may be a whole list or dict, too (``[*a, b]``, ``{**a}``)."""

    def _x_tuple(self, node: ast.Tuple) -> Value:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            made = self._joined_up(node)
            return self.made(Kind("row", made.kind.parts), f"tuple({made.text})")
        values = [self.expression(self._unstarred(e)) for e in node.elts]
        text = ascii(ast.literal_eval(node)) if _is_constant(node) else ""
        return Value(tuple_of(*(v.kind for v in values)), text, items=tuple(values), fresh=True)

    def _x_list(self, node: ast.List) -> Value:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            return self._joined_up(node)
        values = [self.expression(self._unstarred(e)) for e in node.elts]
        kind = BOTTOM
        for value in values:
            kind = join(kind, value.kind)
        held = ", ".join(self.boxed(value, MADE) for value in values)
        return self.made(list_of(kind), f"[{held}]")

    def _joined_up(self, node: ast.List | ast.Tuple) -> Value:
        """A new list with the items of others among its own, in order."""
        made, kind = self.made(list_of(BOTTOM), "[]").text, BOTTOM
        for each in node.elts:
            if not isinstance(each, ast.Starred):
                value = self.held(self.expression(each))
                self.line(f"sf_list_append(NULL, {made}, {self.boxed(value, MADE)})")
                kind = join(kind, value.kind)
                continue
            inner = each.value
            if isinstance(inner, ast.GeneratorExp):
                inner = ast.copy_location(ast.ListComp(inner.elt, inner.generators), inner)
            more = self.some(self.expression(inner))
            if more.kind == BOTTOM and not self.program.final:
                continue
            if more.kind.name not in {"list", "row", "tuple"}:
                raise CannotPrint(f"spreads out {said(more.kind)}", node)
            self.line(f"sf_list_splice(NULL, {made}, {END}, {END}, {self.bare(more)})")
            kind = join(kind, item_of(more.kind))
        return Value(list_of(kind), made, fresh=True)

    def _unstarred(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Starred):
            raise CannotPrint("has a star in a display", node)
        return node

    def _x_dict(self, node: ast.Dict) -> Value:
        if None in node.keys:
            return self._spread_out(node)
        keys, values, fields = BOTTOM, BOTTOM, dict[str, Kind]()
        pairs = []
        for at, held in zip(node.keys, node.values, strict=True):
            assert at is not None
            key, value = self.held(self.expression(at)), self.held(self.expression(held))
            keys, values = join(keys, key.kind), join(values, value.kind)
            pairs.append(f"{self.key(key, node)}: {self.boxed(value, MADE)}")
            if isinstance(at, ast.Constant) and isinstance(at.value, str):
                fields[at.value] = value.kind
        kind = Kind("dict", (keys, values))
        if fields and len(fields) == len(pairs):
            kind = record(fields)
        return self.made(kind, "{" + ", ".join(pairs) + "}")

    def _spread_out(self, node: ast.Dict) -> Value:
        """A new dict with the entries of others among its own, in order."""
        made, kind = self.made(Kind("dict", (BOTTOM, BOTTOM)), "{}").text, BOTTOM
        for at, held in zip(node.keys, node.values, strict=True):
            if at is None:
                value = self.held(self.some(self.expression(held)))
                value = self.as_kind(value, Kind("dict", (ANY, ANY)))
                if value.kind == BOTTOM and not self.program.final:
                    continue
                if value.kind.name != "dict" or value.kind.cls:
                    raise CannotPrint(f"spreads out {said(value.kind)}", node)
                self.line(f"sf_dict_spread({made}, {value.text})")
                kind = join(kind, value.kind)
                continue
            key, new = self.held(self.expression(at)), self.held(self.expression(held))
            self.line(f"sf_entry_put(NULL, {made}, {self.key(key, node)}, {self.boxed(new, MADE)})")
            match at:
                case ast.Constant(value=str(name)):
                    kind = join(kind, record({name: new.kind}))
                case _:
                    kind = join(kind, Kind("dict", (key.kind, new.kind)))
        return Value(kind, made, fresh=True)

    def _x_set(self, node: ast.Set) -> Value:
        values = [self.expression(self._unstarred(e)) for e in node.elts]
        kind = BOTTOM
        for value in values:
            kind = join(kind, value.kind)
        keys = [self.key(v, node) for v in values]
        return self.made(Kind("set", (kind,)), "{" + ", ".join(keys) + "}")


def _is_constant(node: ast.expr) -> bool:
    """Whether a tuple is written out, so that it is one object, as in Python."""
    match node:
        case ast.Tuple(elts=parts):
            return all(map(_is_constant, parts))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
    return isinstance(node, ast.Constant)
