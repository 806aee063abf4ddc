"""What a loop goes over that a library or ``zip`` makes of whole containers: each item is a tuple.

``itertools`` takes all that it is given before its first item, so what happens to that afterwards does not
matter, and the next item may be made before the last one is used.
"""

import ast

from selfsame.compiler.emit.cython.inplace.classes import library_name
from selfsame.compiler.emit.cython.inplace.comprehensions import Comprehensions
from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, INT, Kind, item_of, tuple_of
from selfsame.compiler.emit.cython.inplace.loops import Steps
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_WHOLE = frozenset({"combinations", "combinations_with_replacement", "permutations", "product"})
_LONGEST = 8
_LINES = frozenset({"list", "row", "tuple", "str"})


class Iterators(Comprehensions):
    """``over`` knows more."""

    def over(self, node: ast.expr) -> Steps:
        """The steps through what ``node`` gives. Raises CannotPrint."""
        match node:
            case ast.Call(func=function) if self._of_itertools(node):
                return self._combined(library_name(function, self.home.imports), node)
            case ast.Call(func=ast.Name(id="zip"), args=[ast.Starred(value=rows)], keywords=[]) if (
                not self.own("zip") and self.names.builtin("zip")
            ):
                self.program.used_builtins.add("zip")
                return self._columns(rows)
        return super().over(node)

    def _listed(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Call) and self._of_itertools(node):
            return self._collected(self._each(node))
        return super()._listed(node)

    def _of_itertools(self, node: ast.Call) -> bool:
        first = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        if not isinstance(first, ast.Name) or self.own(first.id) or not node.args:
            return False
        module, _, which = library_name(node.func, self.home.imports).rpartition(".")
        plain = not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)
        return plain and module == "itertools" and which in _WHOLE

    def _combined(self, called: str, node: ast.Call) -> Steps:
        which = called.rpartition(".")[2]
        of, times = node.args, None
        if which != "product":
            of, rest = node.args[:1], node.args[1:]
            if len(rest) > 1 or (not rest and which != "permutations"):
                raise CannotPrint(f"calls {which} with other arguments than it takes", node)
            times = self.held(self.expression(rest[0])) if rest else None
        given = [self._listed(each) for each in of]
        if any(value.kind == BOTTOM for value in given) and not self.program.final:
            return self._nothing()
        items = [self._sure(item_of(value.kind)) for value in given]
        kind = tuple_of(*items)
        passed = [value.text for value in given]
        if which != "product":
            kind = Kind("row", (items[0],))
        if times is not None:
            number = self.whole(times, node)
            passed.append(self.boxed(Value(INT, number)))
            if number.isdigit() and int(number) <= _LONGEST:
                kind = tuple_of(*items * int(number))
        self.program.called_itertools.add(which)
        iterator, ahead = self.temp("object"), self.temp("object")
        self.line(f"{iterator} = sf_i_{which}({', '.join(passed)})")
        self.line(f"{ahead} = sf_next({iterator})")

        def item() -> Value:
            found = self.checked(kind, ahead)
            self.line(f"{ahead} = sf_next({iterator})")
            return found

        return Steps((f"{ahead} is not None",), item, ())

    def _columns(self, node: ast.expr) -> Steps:
        """``zip(*rows)``: as long as all rows have another item, whatever happens to them meanwhile."""
        rows = self.held(self.some(self.expression(node)))
        if rows.kind == BOTTOM and not self.program.final:
            return self._nothing()
        if rows.items is not None:
            rows = self.held(Value(rows.kind, self.boxed(rows)))
        row = self._sure(item_of(rows.kind))
        if rows.kind.name not in {"list", "row", "tuple"} or row.name not in _LINES or row.none:
            raise CannotPrint(f"takes the columns of {said(rows.kind)}", node)
        held = self.made(Kind("row", (row,)), f"sf_lines({rows.text})").text
        counter, kind = self._counter(), Kind("row", (self._sure(item_of(row)),))
        text = f"sf_column({held}, {counter})"
        test = f"sf_all_have({held}, {counter})"
        return Steps((test,), lambda: self.checked(kind, text), (counter,))
