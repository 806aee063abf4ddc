"""One function's variables: where each is bound and read, and how its regions nest."""

import ast
import builtins
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from selfsame.compiler.analysis.names import Function, Mention, mentions
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.identity.order import COMPREHENSIONS
from selfsame.compiler.identity.scopes import bindings

Region = ast.AST | Sequence[ast.AST]

BUILTIN_NAMES = frozenset(dir(builtins))
# Builtins that use up a generator expression before they return.
EAGER = frozenset(
    {"any", "all", "sum", "min", "max", "list", "tuple", "set", "frozenset", "sorted"}
)
# Of a generator expression that is written as their argument nothing is left after them.
AT_ONCE = EAGER | {"next"}


@dataclass(frozen=True, slots=True, eq=False)
class Def:
    """One binding of a name: ``value`` is the expression bound as it is, or None."""

    node: ast.AST
    value: ast.expr | None


class Variables:
    """The variables of one function, which belongs to ``module`` (for what globals mean)."""

    def __init__(
        self,
        function: Function,
        module: ast.Module | None = None,
    ) -> None:
        self.function = function
        self.module = module
        self.bound = bindings(function)
        self.parents: dict[int, ast.AST] = {}
        for node in ast.walk(function):
            for child in ast.iter_child_nodes(node):
                self.parents[id(child)] = node
        self._shadowed = _counts(function if module is None else module)
        self._mentions: dict[str, list[Mention]] = defaultdict(list)
        for mention in mentions(function, lambda n: n in AT_ONCE and self.is_builtin(n)):
            self._mentions[mention.name].append(mention)
        self._owner = {id(m.node): m for found in self._mentions.values() for m in found}

    # Names

    def is_local(self, name: str) -> Tri:
        """Whether the name is a local of this function, and of no other scope."""
        if name in self.bound.globals or name in self.bound.nonlocals:
            return Tri.NO
        return Tri.of(name in self.bound.local)

    def is_builtin(self, name: str) -> bool:
        """Whether the name means Python's own: nothing in the module binds it."""
        if name in self.bound.local or name in self._shadowed or "*" in self._shadowed:
            return False
        return name in BUILTIN_NAMES

    def mentions_of(self, name: str) -> list[Mention]:
        """All mentions of the function's own variable ``name``, those in comprehensions too."""
        return [m for m in self._mentions[name] if m.owner is self.function]

    def all_mentions(self, name: str) -> list[Mention]:
        """As ``mentions_of``, with comprehensions' own variables of that name."""
        return self._mentions[name]

    def owner(self, node: ast.AST) -> ast.AST | None:
        """The function or comprehension that owns the name at ``node``; None for other nodes."""
        mention = self._owner.get(id(node))
        return mention.owner if mention else None

    def captured(self, name: str) -> bool:
        """Whether a nested function, class or generator expression mentions the variable."""
        return any(m.captured for m in self.mentions_of(name))

    def defs(self, name: str, owner: ast.AST | None = None) -> list[Def]:
        """The bindings of a variable; parameters have none."""
        owner = owner or self.function
        found = []
        for mention in self._mentions[name]:
            if mention.stores and mention.owner is owner:
                found.append(Def(mention.node, self._value(mention.node)))
        return found

    def uses(self, name: str) -> list[ast.Name]:
        """The loads of the function's own variable ``name``."""
        return [
            m.node for m in self.mentions_of(name) if not m.stores and isinstance(m.node, ast.Name)
        ]

    def _value(self, target: ast.AST) -> ast.expr | None:
        parent = self.parents.get(id(target))
        if isinstance(parent, ast.Assign):
            return parent.value if len(parent.targets) == 1 else None
        if isinstance(parent, ast.AnnAssign | ast.NamedExpr):
            return parent.value
        if isinstance(parent, ast.Tuple):
            return self.beside(target, parent)
        return None

    def beside(self, target: ast.AST, targets: ast.Tuple) -> ast.expr | None:
        """The value of one variable of ``a, b = x, y``; None for other targets that are tuples."""
        assign = self.parents[id(targets)]
        if not isinstance(assign, ast.Assign) or len(assign.targets) != 1:
            return None
        values = assign.value
        if not isinstance(values, ast.Tuple) or len(values.elts) != len(targets.elts):
            return None
        if not all(isinstance(e, ast.Name) for e in targets.elts):
            return None
        if any(isinstance(e, ast.Starred) for e in values.elts):
            return None
        return next(v for t, v in zip(targets.elts, values.elts, strict=True) if t is target)

    # Regions

    def inside(self, node: ast.AST, region: Region) -> bool:
        """Whether ``node`` stands in the region."""
        roots = {id(r) for r in ([region] if isinstance(region, ast.AST) else region)}
        current: ast.AST | None = node
        while current is not None:
            if id(current) in roots:
                return True
            current = self.parents.get(id(current))
        return False

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement around ``node``."""
        while not isinstance(node, ast.stmt):
            node = self.parents[id(node)]
        return node

    def rebound(self, name: str, region: Region) -> bool:
        """Whether the variable is bound or deleted in the region, or by a nested function."""
        return any(
            m.stores and (m.captured or self.inside(m.node, region)) for m in self.mentions_of(name)
        )

    def live_after(self, name: str, region: Region) -> Tri:
        """Whether a value that the region gives the variable may be read outside the region."""
        if self.is_local(name) is not Tri.YES or self.captured(name):
            return Tri.UNKNOWN
        return Tri.of(any(not self.inside(use, region) for use in self.uses(name)))

    def jumps(self, block: Region) -> Tri:
        """Whether the block may be left other than by its end: return, or an outer break."""
        for node, loops in _own(block):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Await):
                return Tri.YES
            if isinstance(node, ast.Break | ast.Continue) and not loops:
                return Tri.YES
        return Tri.NO

    def iteration(self, node: ast.AST) -> list[ast.AST]:
        """What runs while the loop, or the comprehension of the clause, iterates."""
        if isinstance(node, ast.For):
            return list(node.body)
        return [self.parents[id(node)]]

    def in_loop(self, node: ast.AST) -> bool:
        """Whether the node runs repeatedly: in a loop's body or test, or inside a comprehension."""
        child, parent = node, self.parents.get(id(node))
        while parent is not None and parent is not self.function:
            if isinstance(parent, ast.While) and child not in parent.orelse:
                return True
            if isinstance(parent, ast.For | ast.AsyncFor) and child in parent.body:
                return True
            if isinstance(parent, COMPREHENSIONS) and child is not parent.generators[0]:
                return True
            if isinstance(parent, ast.comprehension) and child is not parent.iter:
                return True
            child, parent = parent, self.parents.get(id(parent))
        return False

    def in_iterable(self, node: ast.AST) -> bool:
        """Whether the node is in a comprehension's iterable, where ``:=`` is not allowed."""
        child, parent = node, self.parents.get(id(node))
        while parent is not None:
            if isinstance(parent, ast.comprehension) and child is parent.iter:
                return True
            child, parent = parent, self.parents.get(id(parent))
        return False

    def bound_first(self, name: str) -> Tri:
        """Whether every other mention of the variable runs after one and the same binding of it."""
        found = self.mentions_of(name)
        for definition in self.defs(name):
            statement = self.statement(definition.node)
            block = self.block(statement)
            rest = block[block.index(statement) :]
            if all(self.inside(m.node, rest) for m in found):
                return Tri.YES
        return Tri.UNKNOWN

    def block(self, statement: ast.stmt) -> list[ast.AST]:
        """The list of statements that a statement stands in."""
        for _, value in ast.iter_fields(self.parents[id(statement)]):
            if isinstance(value, list) and any(child is statement for child in value):
                return value
        return [statement]

    def handles_errors(self, node: ast.AST) -> bool:
        """Whether the function may go on after an error at the node: a ``try`` or ``with``."""
        parent = self.parents.get(id(node))
        while parent is not None:
            if isinstance(parent, ast.Try | ast.TryStar | ast.With | ast.AsyncWith):
                return True
            parent = self.parents.get(id(parent))
        return False

    @staticmethod
    def waits(statement: ast.stmt) -> bool:
        """Whether the statement has a ``while``, which may run until others change something."""
        return any(isinstance(node, ast.While) for node in ast.walk(statement))


def _own(block: Region) -> Iterator[tuple[ast.AST, int]]:
    """The nodes of a block without nested functions, each with the number of loops around it."""
    stack: list[tuple[ast.AST, int]] = [
        (node, 0) for node in ([block] if isinstance(block, ast.AST) else block)
    ]
    while stack:
        node, loops = stack.pop()
        yield node, loops
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            stack += [(child, loops) for child in node.orelse]
            stack += [(child, loops + 1) for child in node.body]
            head = node.test if isinstance(node, ast.While) else node.iter
            stack.append((head, loops))
        else:
            stack += [(child, loops) for child in ast.iter_child_nodes(node)]


def _stores(module: ast.AST) -> Iterable[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            yield node.name or ""


@lru_cache(maxsize=16)
def _counts(module: ast.AST) -> Counter[str]:
    return Counter(_stores(module))


def times_stored(module: ast.Module, name: str) -> int:
    """How many bindings of a name there are anywhere in a module, parameters included."""
    return _counts(module)[name]
