"""What a ``random.Random`` draws, and the functions of ``random``: the numbers that the library draws.

Its state is kept before the first draw, and put back where the call is taken back.
"""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import (
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    RANDOM,
    Kind,
    item_of,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.own_lists import OwnLists
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_DRAWS = frozenset(
    {"random", "uniform", "expovariate", "getrandbits", "randint", "randrange", "choice", "shuffle"}
    | {"sample", "choices", "normalvariate", "seed"}
)
_SEEDS = frozenset({"int", "str", "float", "bool", "bytes"})
_CHOSEN_FROM = frozenset({"list", "row", "tuple", "str"})


class Drawing(OwnLists):
    """``_on_random`` gives the value of a generator's method."""

    def _of_random(self, which: str, node: ast.Call) -> Value:
        """A function of the module, which is a method of a generator that it keeps."""
        if which == "Random" and len(node.args) == 1 and not node.keywords:
            seed = self._seed(self.held(self.expression(node.args[0])), node)
            return self.made(RANDOM, f"sf_new_random({seed})")
        if which not in _DRAWS:
            raise CannotPrint(f"calls random.{which}, which has no exact compiled form", node)
        shared = self.made(RANDOM, f"sf_shared_random({which!r})")
        made = self._on_random(which, shared, node, node.func)
        assert made is not None
        return made

    def _on_random(self, which: str, value: Value, node: ast.Call, place: ast.expr) -> Value | None:
        if which not in _DRAWS:
            return None
        if node.keywords:
            return self._many(which, value, node)
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
            case "sample", [items, _] if items.kind.name in _CHOSEN_FROM:
                return self._by_method(which, rng, list_of(item_of(items.kind)), given)
            case "normalvariate", [_, _]:
                numbers = [Value(FLOAT, self.double(v, node, exact=True)) for v in given]
                return self._by_method(which, rng, FLOAT, numbers)
            case "seed", [seed]:
                self.line(f"sf_seeded({rng}, {self._seed(seed, node)})")
                return Value(NONE, "None", fresh=True)
            case "shuffle", [items] if items.kind.name == "list":
                self.line(f"sf_shuffled({rng}, {items.text}, {int(items.fresh)})")
                return Value(NONE, "None", fresh=True)
        raise CannotPrint(f"calls {which} of {said(value.kind)} with other arguments", node)

    def _seed(self, value: Value, node: ast.AST) -> str:
        """What a generator begins with: from None on it would be the system's to say."""
        if value.kind == BOTTOM and not self.program.final:
            return "0"
        if value.kind.none or value.kind.name not in _SEEDS:
            raise CannotPrint(f"seeds random numbers with {said(value.kind)}", node)
        return self.boxed(value)

    def _many(self, which: str, value: Value, node: ast.Call) -> Value:
        """``choices(items, k=n)``, with weights or without."""
        named = {str(k.arg): self.held(self.expression(k.value)) for k in node.keywords}
        given = [self.held(self.some(self.expression(a))) for a in node.args]
        if any(v.kind == BOTTOM for v in (*given, *named.values())) and not self.program.final:
            return Value(BOTTOM, "0")
        lists = [v for k, v in named.items() if k in ("weights", "cum_weights")]
        numbers = all(v.kind.name == "list" and item_of(v.kind).name in NUMBERS for v in lists)
        known = {"k", "weights", "cum_weights"}
        plain = len(given) == 1 and given[0].kind.name in _CHOSEN_FROM and set(named) <= known
        if which != "choices" or not plain or not numbers or "k" not in named:
            raise CannotPrint(f"calls {which} of {said(value.kind)} with other arguments", node)
        named["k"] = Value(INT, self.whole(named["k"], node))
        kind = list_of(item_of(given[0].kind))
        return self._by_method(which, f"pool, {self.held(value).text}", kind, given, named)

    def _by_method(
        self,
        which: str,
        rng: str,
        kind: Kind,
        given: list[Value],
        named: dict[str, Value] | None = None,
    ) -> Value:
        """What the library's own method gives."""
        inner = "".join(f"{self.boxed(v)}, " for v in given)
        more = "".join(f"{name!r}: {self.boxed(v)}, " for name, v in (named or {}).items())
        return self.checked(kind, f"sf_drawn_by({rng}, {which!r}, ({inner}), {{{more}}})")

    def _between(self, rng: str, first: str, stop: str) -> Value:
        first = self.made(INT, first).text
        below = self.made(INT, f"sf_drawn_below({rng}, sf_sub({stop}, {first}))").text
        return self.made(INT, f"sf_add({first}, {below})")

    def _chosen(self, rng: str, items: Value, node: ast.Call) -> Value:
        if items.kind.name not in _CHOSEN_FROM:
            raise CannotPrint(f"chooses from {said(items.kind)}", node)
        at = self.made(INT, f"sf_drawn_below({rng}, {self.length(items, node)})")
        return self.item(items, at, node)
