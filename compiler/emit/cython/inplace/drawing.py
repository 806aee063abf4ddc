"""What a ``random.Random`` draws, and the functions of ``random``: the numbers that the library draws.

Its state is kept before the first draw, and put back where the call is taken back.
"""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, FLOAT, INT, NONE, RANDOM
from selfsame.compiler.emit.cython.inplace.methods import Methods
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_DRAWS = frozenset(
    {"random", "uniform", "expovariate", "getrandbits", "randint", "randrange", "choice", "shuffle"}
)


class Drawing(Methods):
    """``_on_random`` gives the value of a generator's method."""

    def _of_random(self, which: str, node: ast.Call) -> Value:
        """A function of the module, which is a method of a generator that it keeps."""
        if which not in _DRAWS or node.keywords:
            raise CannotPrint(f"calls random.{which}, which has no exact compiled form", node)
        shared = self.made(RANDOM, f"sf_shared_random({which!r})")
        made = self._on_random(which, shared, node, node.func)
        assert made is not None
        return made

    def _on_random(self, which: str, value: Value, node: ast.Call, place: ast.expr) -> Value | None:
        if which not in _DRAWS:
            return None
        rng = f"pool, {self.held(value).text}"
        given = [self.held(self.some(self.expression(a))) for a in node.args]
        if any(v.kind == BOTTOM for v in given) and not self.program.final:
            return Value(BOTTOM, "0")
        match which, given:
            case "random", []:
                return self.made(FLOAT, f"sf_drawn({rng})")
            case "uniform", [low, high]:
                a, b = (self.double(v, node, exact=True) for v in (low, high))
                drawn = self.made(FLOAT, f"sf_drawn({rng})").text
                return self.made(FLOAT, f"{a} + ({b} - {a}) * {drawn}")
            case "expovariate", [rate]:
                by = self.double(rate, node, exact=True)
                drawn = self.made(FLOAT, f"sf_drawn({rng})").text
                return self.made(FLOAT, f"sf_fdiv(-sf_log(1.0 - {drawn}), {by})")
            case "getrandbits", [bits]:
                return self.made(INT, f"sf_drawn_bits({rng}, {self.whole(bits, node)})")
            case "randint", [low, high]:
                first, last = self.whole(low, node), self.whole(high, node)
                return self._between(rng, first, f"sf_add({last}, 1)")
            case "randrange", [stop]:
                return self.made(INT, f"sf_drawn_below({rng}, {self.whole(stop, node)})")
            case "randrange", [start, stop]:
                return self._between(rng, self.whole(start, node), self.whole(stop, node))
            case "choice", [items] if items.items is None:
                return self._chosen(rng, items, node)
            case "shuffle", [items] if items.kind.name == "list":
                self.line(f"sf_shuffled({rng}, {items.text}, {int(items.fresh)})")
                return Value(NONE, "None", fresh=True)
        raise CannotPrint(f"calls {which} of {said(value.kind)} with other arguments", node)

    def _between(self, rng: str, first: str, stop: str) -> Value:
        first = self.made(INT, first).text
        below = self.made(INT, f"sf_drawn_below({rng}, sf_sub({stop}, {first}))").text
        return self.made(INT, f"sf_add({first}, {below})")

    def _chosen(self, rng: str, items: Value, node: ast.Call) -> Value:
        if items.kind.name not in {"list", "row", "tuple", "str"}:
            raise CannotPrint(f"chooses from {said(items.kind)}", node)
        at = self.made(INT, f"sf_drawn_below({rng}, {self.length(items, node)})")
        return self.item(items, at, node)
