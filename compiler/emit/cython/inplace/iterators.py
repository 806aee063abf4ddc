"""What a loop goes over that ``itertools`` or ``zip`` makes of containers.

Products and the like take all that they are given before their first item, so what happens to that afterwards
does not matter, and the next item may be made before the last one is used. All else that ``itertools`` makes is
asked for each item when Python asks.
"""

import ast

from selfsame.compiler.emit.cython.inplace.folds import Folds, is_still
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    RANGE,
    Kind,
    item_of,
    iterator_of,
    join,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.loops import Steps
from selfsame.compiler.emit.cython.inplace.state import MADE, Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_WHOLE = frozenset({"combinations", "combinations_with_replacement", "permutations", "product"})
_ONE_BY_ONE = frozenset(
    ["accumulate", "chain", "count", "cycle", "islice", "pairwise", "repeat", "zip_longest"]
)
_LONGEST = 8
_LINES = frozenset({"list", "row", "tuple", "str"})
_GONE_OVER = _LINES | {"bytes", "bytearray", "deque", "dict", "frozenset", "iterator", "set"}


class Iterators(Folds):
    """``over`` knows more."""

    def over(self, node: ast.expr) -> Steps:
        """The steps through what ``node`` gives. Raises CannotPrint."""
        match node:
            case ast.Call() if which := self._of_itertools(node):
                if which in _WHOLE:
                    return self._combined(which, node)
                return self.through(*self._one_by_one(which, node))
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

    def _of_itertools(self, node: ast.Call) -> str:
        """Which of its functions is called, as ``chain.from_iterable``; empty where none that is known."""
        function, method = node.func, ""
        if isinstance(function, ast.Attribute) and function.attr == "from_iterable":
            function, method = function.value, ".from_iterable"
        first = function.value if isinstance(function, ast.Attribute) else function
        if not isinstance(first, ast.Name) or self.own(first.id):
            return ""
        module, _, which = library_name(function, self.home.imports).rpartition(".")
        repeats = which == "product" and [k.arg for k in node.keywords] == ["repeat"]
        plain = (not node.keywords or repeats) and not any(
            isinstance(a, ast.Starred) for a in node.args
        )
        known = which in _WHOLE | _ONE_BY_ONE and (not method or which == "chain")
        return which + method if plain and module == "itertools" and known else ""

    def asks_one_by_one(self, node: ast.Call) -> bool:
        """Whether it makes an iterator that asks for each item when it is asked for one."""
        return self._of_itertools(node).partition(".")[0] in _ONE_BY_ONE

    def _one_by_one(self, which: str, node: ast.Call) -> tuple[str, Kind]:
        """An iterator as Python has it, and what each of its items is. Raises CannotPrint."""
        name, _, method = which.partition(".")
        self.program.called_itertools.add(name)
        taken: list[tuple[str, Kind]] = []
        match which, len(node.args):
            case "chain" | "zip_longest", _:
                taken = [self._source(a) for a in node.args]
            case "accumulate", 2 if self._of_two(node.args[1]):
                taken = [self._summed(node.args[0]), (self._of_two(node.args[1]), ANY)]
            case "accumulate", 1:
                taken = [self._summed(node.args[0])]
            case "chain.from_iterable", 1:
                text, kind = self._source(node.args[0])
                taken = [(f"sf_line_by_line({text})", kind)]
            case "cycle" | "pairwise", 1:
                taken = [self._source(node.args[0])]
            case "islice", 2 | 3 | 4:
                taken = [self._source(node.args[0]), *map(self._bound_of, node.args[1:])]
            case "count", 0 | 1 | 2:
                taken = [self._bound_of(a) for a in node.args]
            case "repeat", 1 | 2:
                value = self.held(self.expression(node.args[0]))
                taken = [(self.boxed(value, MADE), value.kind), *map(self._bound_of, node.args[1:])]
            case _:
                raise CannotPrint(f"calls {which} with other arguments than it is known with", node)
        if any(kind == BOTTOM for _, kind in taken) and not self.program.final:
            return "iter(())", BOTTOM
        called = f"sf_i_{name}" + (f".{method}" if method else "")
        kinds = [kind for _, kind in taken]
        return f"{called}({', '.join(text for text, _ in taken)})", self._given_by(
            which, kinds, node
        )

    def _summed(self, node: ast.expr) -> tuple[str, Kind]:
        """The numbers that Python adds or compares as it goes over them."""
        text, kind = self._source(node)
        return f"sf_number_by_number({text})", kind

    def _of_two(self, node: ast.expr) -> str:
        """The builtin function that gives one of its arguments."""
        which = node.id if isinstance(node, ast.Name) and not self.own(node.id) else ""
        if which not in ("max", "min") or not self.names.builtin(which):
            return ""
        self.program.used_builtins.add(which)
        return which

    def _given_by(self, which: str, kinds: list[Kind], node: ast.Call) -> Kind:
        """What the items are, where those of what it takes are of these kinds."""
        match which:
            case "chain":
                found = BOTTOM
                for kind in kinds:
                    found = join(found, kind)
                return found
            case "chain.from_iterable":
                if kinds[0].name not in _LINES or kinds[0].none:
                    raise CannotPrint(f"chains the items of {said(kinds[0])}", node)
                return self._sure(item_of(kinds[0]))
            case "zip_longest":
                return tuple_of(*(join(kind, NONE) for kind in kinds))
            case "pairwise":
                return tuple_of(kinds[0], kinds[0])
            case "accumulate" if kinds[0] not in (INT, FLOAT):
                raise CannotPrint(f"accumulates what is {said(kinds[0])}", node)
            case "count":
                return INT
        return kinds[0]

    def started(self, node: ast.expr) -> Value:
        """``iter(node)``, or an iterator of ``itertools`` under a name."""
        text, item = self._source(node)
        if item == BOTTOM and not self.program.final:
            return Value(BOTTOM, "0")
        return self.made(iterator_of(item), f"iter({text})")

    def next_of(self, node: ast.Call) -> Value:
        """``next(iterator)``; with a second argument, that where there is none. Without one Python raises."""
        over, *rest = node.args
        other = None
        if rest:
            if not is_still(rest[0]):
                raise CannotPrint("has a last value that is computed", node)
            other = self.held(self.expression(rest[0]))
        if isinstance(over, ast.GeneratorExp):
            return self._first_of(over, other)
        value = self.held(self.some(self.expression(over)))
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind.name != "iterator":
            raise CannotPrint(f"calls next on {said(value.kind)}", node)
        kind = self._sure(item_of(value.kind))
        box = self.made(ANY, "[None]" if other is None else f"[{self.boxed(other, MADE)}]").text
        there = self.made(BOOL, f"sf_next_into({value.text}, {box})").text
        if other is None:
            self.decline(f"not {there}")
            return self.read(kind, "sf_seq", f"{box}, 0")
        return self.checked(join(kind, other.kind), f"sf_seq_object({box}, 0)")

    def _first_of(self, each: ast.GeneratorExp, other: Value | None) -> Value:
        self.count += 1
        name, found = f"sf_first_{self.count}", f"sf_found_{self.count}"
        self.store(found, Value(BOOL, "False"))
        if other is not None:
            self.store(name, other)

        def put(value: Value) -> None:
            self.store(name, value)
            self.line(f"v_{found} = True")

        self._nested(each, put, f"v_{found}")
        if other is None:
            self.decline(f"not v_{found}")
        self.bound.add(name)
        return self.load(name)

    def _source(self, node: ast.expr) -> tuple[str, Kind]:
        """What an iterator goes over, as a Python object, and its items."""
        which = self._of_itertools(node) if isinstance(node, ast.Call) else ""
        if which and which not in _WHOLE:
            assert isinstance(node, ast.Call)
            return self._one_by_one(which, node)
        match node:
            case ast.Call(
                func=ast.Attribute(value=base, attr="keys" | "values" | "items" as which),
                args=[],
                keywords=[],
            ) if self.kind_of(base).name == "dict":
                held = self.held(self.some(self.expression(base)))
                key, entry = map(self._sure, held.kind.parts)
                item = {"keys": key, "values": entry, "items": tuple_of(key, entry)}[which]
                return f"{held.text}.{which}()", item
        value = self.held(self.some(self.expression(node)))
        if value.kind == BOTTOM and not self.program.final:
            return "()", BOTTOM
        if value.kind == RANGE:
            start, step, count = (
                self.boxed(Value(INT, text)) for text in (*value.flag.split(), value.text)
            )
            return f"range({start}, {start} + {count} * {step}, {step})", INT
        if value.kind.name not in _GONE_OVER:
            raise CannotPrint(f"iterates over {said(value.kind)}", node)
        plain_dict = value.kind.name == "dict"
        return self.bare(value), self._sure(
            value.kind.parts[0] if plain_dict else item_of(value.kind)
        )

    def _bound_of(self, node: ast.expr) -> tuple[str, Kind]:
        """An int that an iterator is given, or None, as a Python object."""
        if isinstance(node, ast.Constant) and node.value is None:
            return "None", NONE
        return self.boxed(Value(INT, self.whole(self.expression(node), node))), INT

    def _combined(self, which: str, node: ast.Call) -> Steps:
        of, times = node.args, None
        if which != "product":
            of, rest = node.args[:1], node.args[1:]
            if len(rest) > 1 or (not rest and which != "permutations"):
                raise CannotPrint(f"calls {which} with other arguments than it takes", node)
            times = self.held(self.expression(rest[0])) if rest else None
        given = [self._listed(each) for each in of] * _repeats(node)
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


def _repeats(node: ast.Call) -> int:
    """How often ``product`` goes over each of what it is given."""
    match node.keywords:
        case [ast.keyword(value=ast.Constant(value=int(times)))] if 0 < times <= _LONGEST:
            return times
        case []:
            return 1
    raise CannotPrint("repeats a product as often as is not known", node)
