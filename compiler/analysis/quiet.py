"""Where a region may run code that is not on the page: operators, methods, callees of the user's.

An expression is **quiet** where it runs only code of the interpreter's own. Whether ``a + b`` is
quiet depends on what ``a`` and ``b`` are; where that is not known but a check at run time could
tell, the name is **demanded**: a rewrite that relies on quiet code checks it (``Demand``), and
what cannot be checked is an offence. Values are sorted in kinds:

- ``PLAIN``: an exact int, float, complex, bool, str, bytes or None, or an exact tuple of those;
- ``PLAINS``: an exact container or iterator of Python's own, of plain values;
- ``LIST``: an exact list; ``TUPLES``: a container or iterator of exact tuples;
- ``CONTAINER``: any exact container or iterator of Python's own.
"""

import ast
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfsame.compiler.analysis.flow import LIST_WRITERS, Flow
from selfsame.compiler.identity.order import COMPREHENSIONS


class Kind(enum.Enum):
    """What is known of a value."""

    UNKNOWN = 0
    CONTAINER = 1
    TUPLES = 2
    LIST = 3
    PLAINS = 4
    PLAIN = 5


class Need(enum.IntEnum):
    """What a check at run time would have to show of a name, the strongest last."""

    CONTAINER = 1  # exact builtin container: iterating, len() and truth are quiet
    SEQUENCE = 2  # exact list, tuple or range: subscripts too
    PLAIN = 3


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """``name`` must be shown to be ``need``: once before the region, or where ``loop`` binds it."""

    name: str
    need: Need
    loop: ast.For | ast.comprehension | None


PLAIN_CALLS = frozenset(
    {"abs", "ascii", "bin", "bool", "chr", "complex", "divmod", "float", "hash", "hex", "int"}
    | {"len", "oct", "ord", "pow", "repr", "round", "str", "isinstance", "callable"}
)
REDUCERS = frozenset({"sum", "min", "max", "any", "all", "tuple", "frozenset", "bytes"})
COPIES = {"list": Kind.LIST, "sorted": Kind.LIST, "set": Kind.CONTAINER, "reversed": Kind.CONTAINER}
LISTS_OF_PLAIN = frozenset({"split", "rsplit", "splitlines"})
QUIET_WRITES = LIST_WRITERS - {"remove", "sort"}  # those two compare elements


class Quiet:
    """Judges a region of a function. ``judged``: searches that the rewrite makes itself."""

    def __init__(
        self, flow: Flow, region: Sequence[ast.AST], judged: Iterable[ast.AST] = ()
    ) -> None:
        self.flow = flow
        self.region = region
        self.judged = {id(node) for node in judged}
        self.guardable = True
        self.needs: dict[tuple[int, str], Need] = {}
        self._found: list[tuple[ast.AST, str]] = []
        self._visiting: set[tuple[int, str]] = set()

    def offences(self) -> list[tuple[ast.AST, str]]:
        """What may run foreign code and cannot be checked: (node, what it does). Empty: quiet."""
        while True:
            before = dict(self.needs)
            self._found = []
            for node in self.region:
                self.visit(node)
            if self.needs == before:
                return self._found

    def demands(self) -> list[Demand]:
        """The checks that make the region quiet; valid after ``offences`` was empty."""
        found = []
        for (owner, name), need in sorted(self.needs.items(), key=lambda i: i[0][1]):
            loop = self._binder(owner, name)
            assert not isinstance(loop, str)
            found.append(Demand(name, need, loop))
        return found

    def offend(self, node: ast.AST, reason: str) -> None:
        """Note that ``node`` may run foreign code whatever its names hold."""
        self._found.append((node, reason))

    # Which names can be checked, and where

    def _binder(self, owner: int, name: str) -> "ast.For | ast.comprehension | str | None":
        """The loop in the region that binds the name; None where it is bound before the region.

        A text says why the name cannot be checked.
        """
        flow = self.flow
        scope = next(
            (
                node
                for root in (flow.function, *self.region)
                for node in ast.walk(root)
                if id(node) == owner
            ),
            None,
        )
        defs = [d for d in flow.defs(name, scope) if flow.inside(d.node, self.region)]
        if scope is flow.function and flow.captured(name):
            return "a nested function uses it too"
        if not defs:
            if name in flow.bound.nonlocals or name in flow.bound.globals:
                return "it is not local"
            return None
        if len(defs) > 1:
            return "it is bound at more than one place"
        node: ast.AST = defs[0].node
        while isinstance(flow.parents[id(node)], ast.Tuple | ast.List | ast.Starred):
            node = flow.parents[id(node)]
        loop = flow.parents[id(node)]
        if not isinstance(loop, ast.For | ast.comprehension) or loop.target is not node:
            return "it is computed in the loop"
        if isinstance(loop, ast.For):
            for use in flow.uses(name):
                if flow.inside(use, self.region) and not flow.inside(use, loop.body):
                    return "it is used outside the loop that binds it"
        return loop

    def need(self, expr: ast.expr, need: Need, doing: str) -> None:
        """Note that ``doing`` something to ``expr`` is quiet only if its value is ``need``."""
        kind = self.kind(expr)
        if kind is Kind.PLAIN or (need is Need.CONTAINER and kind is not Kind.UNKNOWN):
            return
        if need is Need.SEQUENCE and kind is Kind.LIST:
            return
        # What a plain value's subscripts, methods and operators give is plain: ask for its source.
        wanted = need if isinstance(expr, ast.Name) else Need.PLAIN
        if isinstance(expr, ast.Name) and self._asked(expr) >= need:
            return
        names = [n for n in _sources(expr) if self.kind(n) is not Kind.PLAIN]
        if not names or not all(self._demand(name, wanted) for name in names):
            self.offend(expr, f"{doing} {ast.unparse(expr)!r} may run code of its own")

    def _asked(self, name: ast.Name) -> int:
        owner = self.flow.owner(name)
        if owner is None or not self.flow.inside(name, self.region):
            return 0
        return self.needs.get((id(owner), name.id), 0)

    def _demand(self, name: ast.Name, need: Need) -> bool:
        """Ask for a check of ``name``; whether one can be made where it is bound."""
        owner = self.flow.owner(name)
        if owner is None or not self.guardable or not self.flow.inside(name, self.region):
            return False
        if self.kind(name) not in (Kind.UNKNOWN, Kind.CONTAINER):
            return False
        if self.kind(name) is Kind.CONTAINER and not self._asked(name):
            return False  # a set or dict made here is no list and nothing plain
        if owner is self.flow.function and self.flow.is_code(name.id):
            return False  # a module, function or class: never plain, so the check would never hold
        if isinstance(self._binder(id(owner), name.id), str):
            return False
        key = (id(owner), name.id)
        self.needs[key] = max(need, self.needs.get(key, need))
        return True

    # Kinds

    def kind(self, expr: ast.expr | None) -> Kind:
        """What is known of the expression's value, given the demands made so far."""
        if expr is None or isinstance(expr, ast.Constant):
            return Kind.PLAIN
        if isinstance(expr, ast.Name):
            return self._kind_of_name(expr)
        if isinstance(expr, ast.JoinedStr | ast.Compare):
            # A comparison of plain values is a bool; of others, whatever `__eq__` returns.
            parts = [expr.left, *expr.comparators] if isinstance(expr, ast.Compare) else []
            odd = not _only_tests(expr) and any(self.kind(p) is not Kind.PLAIN for p in parts)
            return Kind.UNKNOWN if odd else Kind.PLAIN
        if isinstance(expr, ast.UnaryOp):
            plain = isinstance(expr.op, ast.Not) or self.kind(expr.operand) is Kind.PLAIN
            return Kind.PLAIN if plain else Kind.UNKNOWN
        if isinstance(expr, ast.BinOp):
            return self._join([expr.left, expr.right], only_plain=True)
        if isinstance(expr, ast.BoolOp):
            return self._join(expr.values)
        if isinstance(expr, ast.IfExp):
            return self._join([expr.body, expr.orelse])
        if isinstance(expr, ast.NamedExpr):
            return self.kind(expr.value)
        if isinstance(expr, ast.Tuple):
            return self._join(expr.elts, only_plain=True, otherwise=Kind.CONTAINER)
        if isinstance(expr, ast.ListComp | ast.GeneratorExp) and self.kind(expr.elt) is Kind.PLAIN:
            return Kind.PLAINS
        if isinstance(expr, ast.List | ast.ListComp):
            return Kind.LIST
        if isinstance(expr, ast.GeneratorExp):
            return Kind.CONTAINER
        if isinstance(expr, ast.Set | ast.Dict | ast.SetComp | ast.DictComp):
            return Kind.CONTAINER
        if isinstance(expr, ast.Subscript):
            return self._kind_of_subscript(expr)
        if isinstance(expr, ast.Slice):
            return self._join([p for p in (expr.lower, expr.upper, expr.step) if p])
        if isinstance(expr, ast.Call):
            return self._kind_of_call(expr)
        return Kind.UNKNOWN

    def _join(
        self,
        parts: Sequence[ast.expr],
        only_plain: bool = False,
        otherwise: Kind = Kind.UNKNOWN,
    ) -> Kind:
        kinds = {self.kind(part) for part in parts}
        if len(kinds) == 1 and not (only_plain and kinds != {Kind.PLAIN}):
            return kinds.pop()
        return Kind.PLAIN if not kinds else otherwise

    def _kind_of_subscript(self, expr: ast.Subscript) -> Kind:
        kind = self.kind(expr.value)
        if kind is Kind.LIST and isinstance(expr.slice, ast.Slice):
            return Kind.LIST
        return Kind.PLAIN if kind in (Kind.PLAIN, Kind.PLAINS) else Kind.UNKNOWN

    def _kind_of_call(self, call: ast.Call) -> Kind:
        func = call.func
        if isinstance(func, ast.Attribute):
            if self.flow.is_module(func.value, "math"):
                return Kind.PLAIN
            if self.kind(func.value) is not Kind.PLAIN:
                return Kind.UNKNOWN
            return Kind.PLAINS if func.attr in LISTS_OF_PLAIN else Kind.PLAIN
        if not isinstance(func, ast.Name) or not self.flow.is_builtin(func.id):
            return Kind.UNKNOWN
        name, args = func.id, call.args
        kinds = [self.kind(a) for a in args]
        if name == "range":
            return Kind.PLAINS
        if name in PLAIN_CALLS:
            return Kind.PLAIN
        if name in REDUCERS and all(k in (Kind.PLAIN, Kind.PLAINS) for k in kinds):
            return Kind.PLAIN if name not in ("frozenset",) else Kind.PLAINS
        if name in COPIES and kinds and kinds[0] in (Kind.PLAINS, Kind.PLAIN):
            return Kind.PLAINS
        if name in COPIES:
            return COPIES[name]
        return Kind.TUPLES if name in ("enumerate", "zip") else Kind.UNKNOWN

    def _kind_of_name(self, expr: ast.Name) -> Kind:
        owner = self.flow.owner(expr)
        if owner is None:
            return Kind.UNKNOWN
        key = (id(owner), expr.id)
        if key in self.needs and self.flow.inside(expr, self.region):
            return Kind.PLAIN if self.needs[key] is Need.PLAIN else Kind.CONTAINER
        if key in self._visiting:
            return Kind.PLAIN  # a value computed from itself is what its other sources make it
        of_function = owner is self.flow.function
        stars = (self.flow.function.args.vararg, self.flow.function.args.kwarg)
        if of_function and any(star and star.arg == expr.id for star in stars):
            return Kind.UNKNOWN if self.flow.defs(expr.id) else Kind.CONTAINER
        if of_function and (
            self.flow.is_local(expr.id).value != "yes"
            or expr.id in self.flow.bound.params
            or self.flow.captured(expr.id)
        ):
            return Kind.UNKNOWN
        self._visiting.add(key)
        try:
            kinds = {self._kind_of_def(d.node, d.value) for d in self.flow.defs(expr.id, owner)}
        finally:
            self._visiting.discard(key)
        if len(kinds) != 1:
            return Kind.UNKNOWN
        kind = kinds.pop()
        # A list of plain values may be given others later.
        return (
            Kind.LIST
            if kind is Kind.PLAINS and self.flow.own_list(expr.id)
            else (Kind.CONTAINER if kind is Kind.PLAINS else kind)
        )

    def _kind_of_def(self, node: ast.AST, value: ast.expr | None) -> Kind:
        if value is not None:
            return self.kind(value)
        parent = self.flow.parents.get(id(node))
        if isinstance(parent, ast.AugAssign):
            return self._join([parent.value], only_plain=True)
        if isinstance(parent, ast.Tuple) and isinstance(node, ast.Name):
            return self._kind_of_part(parent, node)
        if isinstance(parent, ast.For | ast.comprehension):
            return self._element(parent.iter)
        if isinstance(parent, ast.Delete):
            return Kind.PLAIN  # afterwards a use raises, whatever the kind
        return Kind.UNKNOWN

    def _kind_of_part(self, target: ast.Tuple, node: ast.Name) -> Kind:
        parent = self.flow.parents[id(target)]
        position = target.elts.index(node)
        if isinstance(parent, ast.Assign) and isinstance(parent.value, ast.Tuple):
            elements = parent.value.elts
            starred = any(isinstance(e, ast.Starred) for e in (*elements, *target.elts))
            if len(elements) == len(target.elts) and len(parent.targets) == 1 and not starred:
                return self.kind(elements[position])
        if isinstance(parent, ast.For | ast.comprehension):
            call = parent.iter
            if isinstance(call, ast.Call) and self.kind(call) is Kind.TUPLES:
                assert isinstance(call.func, ast.Name)
                if call.func.id == "enumerate":
                    return Kind.PLAIN if position == 0 else self._element(call.args[0])
                if position < len(call.args):
                    return self._element(call.args[position])
        return Kind.UNKNOWN

    def _element(self, iterable: ast.expr) -> Kind:
        kind = self.kind(iterable)
        if kind in (Kind.PLAIN, Kind.PLAINS):
            return Kind.PLAIN
        return Kind.UNKNOWN

    def visit(self, node: ast.AST) -> None:
        """Judge everything that evaluating ``node`` runs."""
        from selfsame.compiler.analysis.quiet_rules import judge

        if id(node) not in self.judged:
            judge(self, node)
        elif isinstance(node, ast.Compare):
            self.visit(node.left)  # the rewrite looks the value up, but the user's code computes it


def _sources(expr: ast.expr) -> list[ast.Name]:
    """The names whose values, if plain, make that of ``expr`` plain; none where that is not so."""
    if isinstance(expr, ast.Name):
        return [expr]
    parts: list[ast.expr] = []
    if isinstance(expr, ast.Subscript):
        parts = [expr.value]
    elif isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
        parts = [expr.func.value]
    elif isinstance(expr, ast.BinOp):
        parts = [expr.left, expr.right]
    elif isinstance(expr, ast.UnaryOp):
        parts = [expr.operand]
    found: list[ast.Name] = []
    for part in parts:
        inner = _sources(part)
        if not inner and not isinstance(part, ast.Constant):
            return []
        found += inner
    return found


def _only_tests(expr: ast.expr) -> bool:
    """``is``, ``in`` and their negations always give a bool."""
    return isinstance(expr, ast.Compare) and all(
        isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in expr.ops
    )


__all__ = ["COMPREHENSIONS", "Demand", "Kind", "Need", "Quiet"]
