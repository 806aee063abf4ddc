"""What a loop goes over: ranges, lists, tuples, text, dicts, sets, ``enumerate``, ``zip``, ``reversed``."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from selfsame.compiler.emit.cython.inplace.displays import Displays
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    INT,
    NONE,
    RANGE,
    STR,
    Kind,
    item_of,
    list_of,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.ranges import MOST_LISTED
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint


@dataclass(frozen=True)
class Steps:
    """``tests``: what holds while there are items, in the order of asking; ``item`` writes the reading.

    ``counters``: go up by one with each item. ``acts``: whether the reading runs code that may fail or do more.
    """

    tests: tuple[str, ...]
    item: Callable[[], Value]
    counters: tuple[str, ...]
    acts: bool = False


_COUNTED = frozenset({"list", "row", "tuple", "str", "bytes", "bytearray", "array"})
"""What is gone through by an index: nothing is asked of it before the first test."""


class Loops(Displays):
    """``over`` writes what stands before a loop, ``stepping`` the loop itself."""

    @contextmanager
    def stepping(self, steps: Steps, target: ast.expr, stop: str = "") -> Iterator[None]:
        """The loop, with an item stored to the target at the top of what is written inside."""
        self.known.loops = True
        tests = [*([f"not ({stop})"] if stop else []), *steps.tests]
        with self.block(f"while {' and '.join(tests)}"):
            self.line("sf_tick(&sf_ticks)")
            self.assign(target, steps.item())
            for counter in steps.counters:
                self.line(f"{counter} += 1")
            yield

    def assign(self, target: ast.expr, value: Value) -> None:
        """``target = value``: the statements' half knows how."""
        raise NotImplementedError

    def over(self, node: ast.expr) -> Steps:
        """The steps through what ``node`` gives. Raises CannotPrint."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            which = node.func.id
            if not self.own(which) and self.names.builtin(which):
                made = self._over_builtin(which, node)
                if made is not None:
                    self.program.used_builtins.add(which)
                    return made
        match node:
            case ast.Call(
                func=ast.Attribute(value=base, attr="keys" | "values" | "items" as which),
                args=[],
                keywords=[],
            ):
                held = self.as_kind(self.some(self.expression(base)), Kind("dict", (ANY, ANY)))
                if held.kind.name == "dict":
                    return self._entries(held, which)
                if held.kind == BOTTOM and not self.program.final:
                    return self._nothing()
                raise CannotPrint(f"loops over {which} of {said(held.kind)}", node)
            case ast.BoolOp(op=ast.Or(), values=[some, nothing]) if _is_empty(nothing):
                return self._perhaps(self.held(self.expression(some)), node)
            case ast.IfExp(test=test, body=some, orelse=nothing) if _is_empty(nothing):
                return self._where(test, some, node)
            case ast.IfExp(test=test, body=nothing, orelse=some) if _is_empty(nothing):
                opposite = ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
                return self._where(opposite, some, node)
        self.gone_over = node
        value = self.all_members(node) or self.held(self.some(self.expression(node)))
        return self._over_value(value, node)

    def _where(self, test: ast.expr, some: ast.expr, node: ast.AST) -> Steps:
        """Through ``some`` where the test holds."""
        self.count += 1
        name = f"sf_perhaps_{self.count}"
        with self.block(f"if {self.truth(test)}"):
            self.store(name, self.expression(some))
        with self.block("else"):
            self.store(name, Value(NONE, "None"))
        self.bound.add(name)
        return self._perhaps(self.held(self.load(name)), node)

    def _perhaps(self, value: Value, node: ast.AST) -> Steps:
        """Through a value, or through nothing where it is None."""
        if value.kind == NONE:
            return self._nothing()
        if not value.kind.none or self.unknown(value):
            return self._over_value(self.held(self.some(value)), node)
        if value.kind.name not in _COUNTED:
            raise CannotPrint(f"loops over {said(value.kind)}", node)
        there = self.made(BOOL, f"{value.text} is not None").text
        steps = self._over_value(Value(value.kind.some, value.text), node)
        return Steps((there, *steps.tests), steps.item, steps.counters, steps.acts)

    def _nothing(self) -> Steps:
        return Steps(("False",), lambda: Value(BOTTOM, "0"), ())

    def _counter(self) -> str:
        name = self.temp("long long")
        self.line(f"{name} = 0")
        return name

    def _over_value(self, value: Value, node: ast.AST) -> Steps:
        kind = value.kind
        if kind == BOTTOM and not self.program.final:
            return self._nothing()
        if value.items is not None:
            value = self.held(Value(kind, self.bare(value), fresh=True))
        match kind.name:
            case "list" | "own_list" | "row" | "tuple":
                counter = self._counter()
                item = self._sure(item_of(kind))
                place = f"{value.text}, {counter}"
                test = f"{counter} < sf_seq_len({value.text})"
                return Steps(
                    (test,), lambda: self.read(item, "sf_seq", place, self.owns(value)), (counter,)
                )
            case "bytes" | "bytearray":
                counter = self._counter()
                byte = f"sf_byte_at({value.text}, {counter})"
                test = f"{counter} < sf_byte_len({value.text})"
                return Steps((test,), lambda: self.made(INT, byte), (counter,))
            case "array":
                counter = self._counter()
                test = f"{counter} < sf_array_len({value.text})"
                return Steps((test,), lambda: self.array_item(value, counter), (counter,))
            case "range":
                return self._span(value)
            case "str":
                counter = self._counter()
                text = f"sf_letter({value.text}, {counter})"
                test = f"{counter} < sf_text_of({value.text}).n"
                return Steps((test,), lambda: self.made(STR, text), (counter,))
            case "dict":
                return self._entries(value, "keys")
            case "set" | "frozenset" | "deque":
                return self.through(f"iter({value.text})", self._sure(item_of(kind)))
            case "iterator":
                return self.through(value.text, self._sure(item_of(kind)))
        if self.unknown(value):
            row = self.made(ANY, f"sf_row_of({value.text})").text
            return self._over_value(Value(Kind("row", (ANY,)), row), node)
        raise CannotPrint(f"loops over {said(kind)}", node)

    def _entries(self, value: Value, which: str) -> Steps:
        size, at = self.made(INT, f"sf_dict_len({value.text})").text, self.temp("Py_ssize_t")
        self.line(f"{at} = 0")
        counter = self._counter()
        parts = [self._sure(k) for k in value.kind.parts]

        def item() -> Value:
            # As it is now: what a key stands for may have been stored since.
            found = []
            for part, helper in zip(parts, ("key", "value"), strict=True):
                if which in ("items", f"{helper}s"):
                    text = f"sf_dict_{helper}_at({value.text}, {at})"
                    found.append(self.checked(part, text, self.owns(value)))
            self.line(f"{at} = sf_dict_after({value.text}, {at})")
            return self._together(found) if len(found) > 1 else found[0]

        more = f"sf_dict_more({value.text}, {size}, {at}, {counter})"
        return Steps((more,), item, (counter,))

    def through(self, iterator: str, kind: Kind, following: str = "sf_next_into") -> Steps:
        """Through what an iterator of Python's own gives, which asks for each item when Python does."""
        held, box = self.made(ANY, iterator).text, self.made(ANY, "[None]").text
        return Steps(
            (f"{following}({held}, {box})",), lambda: self.read(kind, "sf_seq", f"{box}, 0"), ()
        )

    def _over_builtin(self, which: str, node: ast.Call) -> Steps | None:
        if any(isinstance(a, ast.Starred) for a in node.args):
            return None
        match which:
            case "range" if not node.keywords and 1 <= len(node.args) <= 3:
                return self._range(node.args, node)
            case "enumerate" if 1 <= len(node.args) <= 2:
                return self._enumerate(node)
            case "zip" if node.args and not node.keywords:
                return self.side_by_side(node.args, self._together)
            case "map" if len(node.args) > 1 and not node.keywords:
                return self.mapped(*node.args)
            case "reversed" if len(node.args) == 1 and not node.keywords:
                return self._reversed(node.args[0])
        return None

    def side_by_side(
        self, nodes: Sequence[ast.expr], of: Callable[[list[Value]], Value], acts: bool = False
    ) -> Steps:
        """Through several at once, until one of them ends: what is made of their items, which may act."""
        parts = [self.over(node) for node in nodes]
        if any(part.acts for part in parts[:-1]):
            raise CannotPrint("zips what is computed with what may end first", nodes[0])
        return Steps(
            tuple(t for p in parts for t in p.tests),
            lambda: of([p.item() for p in parts]),
            tuple(c for p in parts for c in p.counters),
            acts or parts[-1].acts,
        )

    def mapped(self, function: ast.expr, *nodes: ast.expr) -> Steps:
        """``map(function, *nodes)``: the folds' part knows how."""
        raise NotImplementedError

    def _together(self, values: list[Value]) -> Value:
        return Value(tuple_of(*(v.kind for v in values)), "", items=tuple(values), fresh=True)

    def ranged(self, arguments: list[ast.expr], node: ast.AST) -> Value:
        """``range(...)``: its length, start and step, in variables or literals."""
        if not 1 <= len(arguments) <= 3:
            raise CannotPrint("makes a range of nothing", node)
        parts = [self.whole(self.expression(a), a) for a in arguments]
        start = parts[0] if len(parts) > 1 else "0"
        stop = parts[1] if len(parts) > 1 else parts[0]
        step = parts[2] if len(parts) > 2 else "1"
        if len(parts) > 1 and constant_value(arguments[0]) is None:
            start = self.made(INT, start).text
        if len(parts) > 2 and constant_value(arguments[2]) is None:
            step = self.made(INT, step).text
        count = self.made(INT, f"sf_range_len({start}, {stop}, {step})").text
        return Value(RANGE, count, f"{start} {step}")

    def listed_range(self, value: Value) -> Value:
        """The list of what a range holds."""
        self.decline(f"{value.text} > {MOST_LISTED}")
        return self.made(
            list_of(INT), f"sf_range_list({', '.join([value.text, *value.flag.split()])})"
        )

    def _range(self, arguments: list[ast.expr], node: ast.AST, backwards: bool = False) -> Steps:
        return self._span(self.ranged(arguments, node), backwards)

    def _span(self, value: Value, backwards: bool = False) -> Steps:
        (count, (start, step)), counter = (value.text, value.flag.split()), self._counter()
        at = f"({count} - 1 - {counter})" if backwards else counter
        item = f"sf_span({start}, {at}, {step})"
        if start == "0" and step == "1":
            item = at
        return Steps((f"{counter} < {count}",), lambda: Value(INT, item), (counter,))

    def _enumerate(self, node: ast.Call) -> Steps:
        inner = self.over(node.args[0])
        first = node.args[1:] + [k.value for k in node.keywords if k.arg == "start"]
        if len(first) + 1 != len(node.args) + len(node.keywords):
            raise CannotPrint("enumerates with unknown arguments", node)
        start = self.whole(self.expression(first[0]), node) if first else "0"
        first_number, counter = self.made(INT, start).text, self._counter()

        def item() -> Value:
            number = self.made(INT, f"sf_add({first_number}, {counter})")
            return self._together([number, inner.item()])

        return Steps(inner.tests, item, (*inner.counters, counter), inner.acts)

    def _reversed(self, node: ast.expr) -> Steps | None:
        match node:
            case ast.Call(func=ast.Name(id="range"), args=args, keywords=[]) if 1 <= len(args) <= 3:
                if not self.own("range") and self.names.builtin("range"):
                    self.program.used_builtins.add("range")
                    return self._range(args, node, backwards=True)
        value = self.held(self.some(self.expression(node)))
        if value.items is not None:
            value = self.held(Value(value.kind, self.bare(value), fresh=True))
        if value.kind == BOTTOM and not self.program.final:
            return self._nothing()
        if value.kind == RANGE:
            return self._span(value, backwards=True)
        if value.kind.name not in {"list", "row", "tuple"}:
            raise CannotPrint(f"goes backwards over {said(value.kind)}", node)
        # As Python does: from the last index that there was, while it is still there.
        at = self.made(INT, f"sf_seq_len({value.text}) - 1").text
        kind = self._sure(item_of(value.kind))
        test = f"0 <= {at} and {at} < sf_seq_len({value.text})"

        def item() -> Value:
            read = self.read(kind, "sf_seq", f"{value.text}, {at}", self.owns(value))
            self.line(f"{at} -= 1")
            return read

        return Steps((test,), item, ())


def _is_empty(node: ast.expr) -> bool:
    """Whether it is written as an empty list, tuple or text, of which a loop sees nothing."""
    return ast.unparse(node) in ("()", "[]", "''", "b''")
