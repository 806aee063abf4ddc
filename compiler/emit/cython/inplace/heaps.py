"""``heapq``: by helpers in C, and of instances by the steps that it takes, with the class's own ``__lt__``."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import (
    BOTTOM,
    INT,
    NONE,
    Kind,
    item_of,
    join,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.patterns import Patterns
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Heaps(Patterns):
    """``_heap`` gives the value of a call of ``heapq``."""

    def _heap(self, which: str, node: ast.Call) -> Value:
        heap, *given = [self.held(self.some(self.expression(a))) for a in node.args]
        if heap.kind == BOTTOM and not self.program.final:
            return heap
        if heap.kind.name != "list":
            raise CannotPrint(f"takes {said(heap.kind)} for a heap", node)
        pool, item = self._pool(heap), self._sure(item_of(heap.kind))
        if "instance" in (item.name, *(v.kind.name for v in given)):
            return self._heap_of_own(which, heap, given, node)
        match which, given:
            case "heappush", [new]:
                self.line(f"sf_heap_push({pool}, {heap.text}, {self.boxed(new, heap)})")
                self.refine(node.args[0], list_of(new.kind))
            case "heappop", []:
                text = f"sf_heap_pop({pool}, {heap.text})"
                return self.checked(item, text, self.owns(heap))
            case "heapify", []:
                self.line(f"sf_heapify({pool}, {heap.text})")
            case "heappushpop" | "heapreplace", [new]:
                self.refine(node.args[0], list_of(new.kind))
                last = int(which == "heapreplace")
                text = f"sf_heap_pushpop({pool}, {heap.text}, {self.boxed(new, heap)}, {last})"
                return self.checked(join(item, new.kind), text)
            case _:
                raise CannotPrint(f"calls heapq.{which}", node)
        return Value(NONE, "None", fresh=True)

    def _heap_of_own(self, which: str, heap: Value, given: list[Value], node: ast.Call) -> Value:
        """A heap of instances of one class."""
        item = item_of(heap.kind)
        for value in given:
            item = join(item, value.kind)
        if item.name != "instance" or item.none or "|" in item.cls:
            raise CannotPrint(f"keeps a heap of {said(item)}", node)
        if "__lt__" not in self.program.classes[item.cls].methods:
            raise CannotPrint(f"keeps a heap of {said(item)} without an __lt__ of its own", node)
        pool = self._pool(heap)
        match which, given:
            case "heappush", [new]:
                self.line(f"sf_heap_add({pool}, {heap.text}, {self.boxed(new, heap)})")
                self.refine(node.args[0], list_of(new.kind))
                last = self.made(INT, f"sf_seq_len({heap.text}) - 1").text
                self._down(heap.text, item, last, node)
                return Value(NONE, "None", fresh=True)
            case "heappop", []:
                text = f"sf_heap_first({pool}, {heap.text})"
                first = self.checked(item, text, self.owns(heap))
                self._up(heap.text, item, node)
                return first
        raise CannotPrint(f"calls heapq.{which} on a heap of {said(item)}", node)

    def _before(self, heap: str, item: Kind, left: str, right: str, node: ast.AST) -> str:
        """Whether one item of a heap comes before another."""
        one, two = (self.checked(item, f"sf_seq_object({heap}, {at})") for at in (left, right))
        size = self.made(INT, f"sf_seq_len({heap})").text
        test = self.compared(ast.Lt(), one, two, node)
        before = self.made(INT, f"1 if {test} else 0").text
        self.decline(f"sf_seq_len({heap}) != {size}")
        return before

    def _down(self, heap: str, item: Kind, at: str, node: ast.AST) -> None:
        """The item moves to the front past those that it comes before."""
        up = self.temp("long long")
        with self.block(f"while {at} > 0"):
            self.line(f"{up} = ({at} - 1) >> 1")
            with self.block(f"if not {self._before(heap, item, at, up, node)}"):
                self.line("break")
            self.line(f"sf_heap_swap({heap}, {at}, {up})")
            self.line(f"{at} = {up}")

    def _up(self, heap: str, item: Kind, node: ast.AST) -> None:
        """The first item moves to the end of its way down, and from there to its place."""
        at, child, size = (self.temp("long long") for _ in range(3))
        self.line(f"{at} = 0")
        self.line(f"{size} = sf_seq_len({heap})")
        with self.block(f"while {at} < ({size} >> 1)"):
            self.line(f"{child} = 2 * {at} + 1")
            with self.block(f"if {child} + 1 < {size}"):
                second = self.made(INT, f"{child} + 1").text
                with self.block(f"if not {self._before(heap, item, child, second, node)}"):
                    self.line(f"{child} = {second}")
            self.line(f"sf_heap_swap({heap}, {at}, {child})")
            self.line(f"{at} = {child}")
        self._down(heap, item, at, node)
