"""Changing what a local variable holds: its definition and every one of its uses.

A template lists how the variable may be defined and used; a mention outside the tables rejects
the variable, with the place and the text of the offending mention.

In the patterns the variable is ``Q``; ``E`` is any expression, ``EE`` the elements of a display,
``L`` a list comprehension. Of a compound statement (``while Q: BODY``) only the part that mentions
Q counts. ``Q += E`` and ``Q = Q + [EE]`` are uses, not definitions: what they bind is made of what
Q held.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.names import Function
from selfsame.compiler.analysis.stable import used_up
from selfsame.compiler.errors import InternalError
from selfsame.compiler.rewrite.clone import Cloner, Instance, Words
from selfsame.compiler.rewrite.kinds import SAME, Same
from selfsame.compiler.rewrite.pattern import Bound, Match, Matcher, Metavariable, stored_names

SITE = "Q"
_VARIABLES = {
    name: Metavariable(name, kind)
    for name, kind in (("Q", "Local"), ("E", "Expr"), ("EE", "Items"), ("L", "Comprehension"))
}
# Where only the value's truth is asked, whatever stands around it.
TRUTH = "bool(Q)"
Table = Mapping[str, str | Same]
# Uses that look at all elements at once, and keep no hold of what has them.
AS_A_WHOLE: Table = {
    f"{looks}(Q)": SAME
    for looks in (
        *("len", "list", "tuple", "sorted", "set", "sum", "max", "min", "any", "all"),
        "E.join",  # a text's: `where` asks
    )
}
Maker = Callable[[Cloner], object]


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A mention of the variable that entry ``pattern`` of a table covers; ``node`` is all of it.

    ``part``: of a definition beside others (``a, b = [], [x]``), the value that is the variable's.
    """

    pattern: str
    node: ast.AST
    bindings: Mapping[str, Bound]
    part: ast.expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A variable all of whose mentions are covered."""

    name: str
    definitions: list[Use] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)

    def count(self, pattern: str) -> int:
        """How many mentions an entry of the tables covers."""
        return len(self.sites(pattern))

    def sites(self, pattern: str) -> list[ast.AST]:
        """The code that an entry of the tables covers."""
        return [u.node for u in (*self.definitions, *self.uses) if u.pattern == pattern]


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """The mention that no table covers."""

    name: str
    node: ast.AST
    reason: str


def candidates(flow: Flow, define: Table, uses: Table, seeks: Sequence[str]) -> list[str]:
    """The locals with a definition that the table covers and a use that is among ``seeks``."""
    sought: Table = {pattern: uses[pattern] for pattern in seeks}
    found = []
    for name in sorted(flow.bound.local - flow.bound.params):
        defined = any(_definition(flow, d.node, name, define) for d in flow.defs(name))
        if defined and (
            any(_use(flow, node, sought) for node in flow.uses(name))
            or any(_bound_anew(flow, d.node, sought) for d in flow.defs(name))
        ):
            found.append(name)
    return found


def close(flow: Flow, name: str, define: Table, uses: Table) -> World | Outside:
    """All mentions of the local ``name``, covered; or the first one that is not."""
    world = World(name)
    covered: set[int] = set()
    for mention in sorted(flow.mentions_of(name), key=lambda m: _position(m.node)):
        node = mention.node
        if mention.captured:
            return Outside(name, node, "code that runs at another time uses it too")
        if id(node) in covered:
            continue
        if mention.stores:
            changed = _bound_anew(flow, node, uses)
            if changed is not None:
                world.uses.append(changed)
                covered.add(id(changed.bindings[SITE]))
                continue
            use = _definition(flow, node, name, define)
            if use is None:
                text = ast.unparse(flow.statement(node)).split("\n")[0]
                return Outside(name, node, f"{text!r} is not a definition that can be changed")
            world.definitions.append(use)
            continue
        assert isinstance(node, ast.Name)
        use = _use(flow, node, uses)
        if use is None:
            text = ast.unparse(_around(flow, node)).split("\n")[0]
            return Outside(name, node, f"{text!r} is not a use that can be changed")
        world.uses.append(use)
    return world


def convert(
    function: Function,
    world: World,
    define: Table,
    uses: Table,
    helpers: Mapping[str, str],
) -> Function:
    """A copy of ``function`` in which the variable is defined and used as the tables say."""
    cloner = Cloner()
    for number, maker in replacements(world, define, uses, helpers).items():
        cloner.replace[number] = partial(maker, cloner)
    changed = cloner.node(function)
    ast.fix_missing_locations(changed)
    return changed  # type: ignore[no-any-return]


def replacements(
    world: World, define: Table, uses: Table, helpers: Mapping[str, str], serial: int = 0
) -> dict[int, Maker]:
    """Id of each node that changes -> what makes the new one with a cloner of the function."""
    fresh: set[str] = set()
    for text in (*define.values(), *uses.values()):
        if isinstance(text, str):
            fresh |= stored_names(list(ast.parse(text).body))
    words = Words(frozenset(_VARIABLES), frozenset(fresh - set(_VARIABLES)), helpers, serial)
    made: dict[int, Maker] = {}
    for use in (*world.definitions, *world.uses):
        new = define[use.pattern] if use.pattern in define else uses[use.pattern]
        if isinstance(new, str):
            made |= _replacement(words, use, ast.parse(new).body, new)
    return made


def _replacement(words: Words, use: Use, body: list[ast.stmt], text: str) -> dict[int, Maker]:
    def instance(cloner: Cloner) -> Instance:
        return Instance(words, cloner, use.bindings, use.node)

    def value(wanted: ast.expr) -> Maker:
        return lambda cloner: instance(cloner).expression(wanted)

    if use.part is not None:
        first, *rest = body
        assert isinstance(first, ast.Assign)
        made = {id(use.part): value(first.value)}
        if rest:
            made[id(use.node)] = lambda cloner: [
                _without(cloner, use.node),
                *instance(cloner).statements(rest),
            ]
        return made
    first = body[0]
    if isinstance(first, ast.Return) and not isinstance(use.node, ast.stmt):
        assert first.value is not None
        return {id(use.node): value(first.value)}  # one value among those that are returned
    if isinstance(use.node, ast.stmt):
        return {id(use.node): lambda cloner: instance(cloner).statements(body)}
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise InternalError(f"{use.pattern!r} is an expression, {text!r} is not")
    return {id(use.node): value(body[0].value)}


def _without(cloner: Cloner, node: ast.AST) -> ast.AST:
    """A copy of a node with what is replaced in it, itself as it is."""
    mine = cloner.replace.pop(id(node), None)
    copied: ast.AST = cloner.node(node)
    if mine is not None:
        cloner.replace[id(node)] = mine
    return copied


# Matching


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[ast.AST, tuple[tuple[str, int | None], ...]]:
    """A pattern's tree and the path from its root to Q."""
    (statement,) = ast.parse(text.replace("BODY", "...")).body
    root: ast.AST = statement.value if isinstance(statement, ast.Expr) else statement
    for path, node in _paths(root, ()):
        if isinstance(node, ast.Name) and node.id == SITE:
            return root, path
    raise InternalError(f"{text!r} does not mention {SITE}")


def _paths(
    node: ast.AST, path: tuple[tuple[str, int | None], ...]
) -> Iterator[tuple[tuple[tuple[str, int | None], ...], ast.AST]]:
    yield path, node
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _paths(value, (*path, (name, None)))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield from _paths(child, (*path, (name, index)))


def _definition(flow: Flow, node: ast.AST, name: str, define: Table) -> Use | None:
    statement = flow.parents.get(id(node))
    value: ast.expr | None = None
    part: ast.expr | None = None
    if (isinstance(statement, ast.AnnAssign) and statement.target is node) or (
        isinstance(statement, ast.Assign) and len(statement.targets) == 1
    ):
        value = statement.value
    elif isinstance(statement, ast.Tuple):
        part = value = flow.beside(node, statement)
        statement = flow.parents[id(statement)]
    if value is None or any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(value)):
        return None
    for text in define:
        pattern = ast.parse(text).body[0]
        assert isinstance(pattern, ast.Assign)
        match = Matcher(_VARIABLES).expression(pattern.value, value)
        if match is not None and _builtins_meant(flow, pattern.value):
            assert statement is not None
            bindings = {**match.bindings, SITE: ast.Name(name, ast.Load())}
            return Use(text, statement, bindings, part)
    return None


def _bound_anew(flow: Flow, node: ast.AST, uses: Table) -> Use | None:
    """The use that binds the variable anew of what it holds: ``Q += E``, ``Q = Q + [EE]``."""
    statement = flow.parents.get(id(node))
    if not isinstance(node, ast.Name):
        return None
    for text in uses:
        pattern = ast.parse(text.replace("BODY", "...")).body[0]
        bindings: dict[str, Bound] = {SITE: node}
        if isinstance(pattern, ast.AugAssign):
            if not isinstance(statement, ast.AugAssign) or statement.target is not node:
                continue
            if type(statement.op) is not type(pattern.op):
                continue
        elif (
            not isinstance(pattern, ast.Assign)
            or not isinstance(statement, ast.Assign)
            or len(statement.targets) != 1
            or statement.targets[0] is not node
        ):
            continue
        match = Matcher(_VARIABLES).expression(pattern.value, statement.value)
        if match is None:
            continue
        held = match.bindings.get(SITE, node)
        if isinstance(held, ast.Name) and held.id == node.id:
            return Use(text, statement, {**bindings, **match.bindings})
    return None


def _use(flow: Flow, node: ast.Name, uses: Table) -> Use | None:
    for text in uses:
        if text == TRUTH:
            if _only_truth(flow, node):
                return Use(text, node, {SITE: node})
            continue
        pattern, path = _parsed(text)
        start: ast.AST = node
        if isinstance(pattern, ast.Return) and isinstance(flow.parents[id(node)], ast.Tuple):
            start = flow.parents[id(node)]  # `return Q, more` hands it over as `return Q` does
        root = _climb(flow, start, path)
        if root is None:
            continue
        if isinstance(root, ast.comprehension) and not _done_at_once(flow, root):
            continue
        match = _match(pattern, path, root)
        if match is None or not _builtins_meant(flow, pattern):
            continue
        wants_statement = isinstance(uses[text], str) and not _is_expression(str(uses[text]))
        if isinstance(pattern, ast.Return) and isinstance(uses[text], str):
            return Use(text, node, {SITE: ast.Name(node.id, ast.Load())})
        if wants_statement and not isinstance(root, ast.stmt):
            parent = flow.parents.get(id(root))
            if not isinstance(parent, ast.Expr):
                continue
            root = parent
        return Use(text, root, {**match.bindings, SITE: node})
    return None


def _match(
    pattern: ast.AST, path: tuple[tuple[str, int | None], ...], root: ast.AST
) -> Match | None:
    matcher = Matcher(_VARIABLES)
    if isinstance(pattern, ast.For):
        if isinstance(root, ast.For | ast.comprehension) and path == (("iter", None),):
            return Match()
        return None
    if isinstance(pattern, ast.Return):
        return Match() if isinstance(root, ast.Return) and path == (("value", None),) else None
    if isinstance(pattern, ast.Delete):
        if isinstance(root, ast.Delete) and len(root.targets) == 1:
            return matcher.expression(pattern.targets[0], root.targets[0])
        return None
    if isinstance(pattern, ast.If | ast.While):
        return Match() if type(root) is type(pattern) and path == (("test", None),) else None
    if isinstance(pattern, ast.expr) and isinstance(root, ast.expr):
        if isinstance(root, ast.Subscript) and not isinstance(root.ctx, ast.Load):
            return None
        return matcher.expression(pattern, root)
    return None


def _climb(flow: Flow, node: ast.AST, path: tuple[tuple[str, int | None], ...]) -> ast.AST | None:
    """The node that ``node`` is at ``path`` of."""
    for name, index in reversed(path):
        parent = flow.parents.get(id(node))
        value = getattr(parent, name, None)
        if index is not None:
            value = value[index] if isinstance(value, list) and index < len(value) else None
        if parent is None or value is not node:
            return None
        node = parent
    return node


def _done_at_once(flow: Flow, clause: ast.comprehension) -> bool:
    """Whether what the clause iterates over is let go of where the expression stands."""
    around = flow.parents[id(clause)]
    return not isinstance(around, ast.GeneratorExp) or used_up(flow, around)


def _only_truth(flow: Flow, node: ast.expr) -> bool:
    parent = flow.parents[id(node)]
    if isinstance(parent, ast.BoolOp):
        return _only_truth(flow, parent)
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
        return parent.test is node
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def _builtins_meant(flow: Flow, pattern: ast.AST) -> bool:
    """Whether the builtins that a pattern names (``len(Q)``) are Python's own here."""
    return all(
        flow.is_builtin(n.id)
        for n in ast.walk(pattern)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in _VARIABLES
    )


def _is_expression(text: str) -> bool:
    body = ast.parse(text).body
    return len(body) == 1 and isinstance(body[0], ast.Expr)


def _around(flow: Flow, node: ast.AST) -> ast.AST:
    """The code to show for a mention: the expression around it, or a simple statement."""
    shown = flow.parents[id(node)]
    while not isinstance(shown, ast.expr | ast.stmt):
        shown = flow.parents[id(shown)]
    if isinstance(shown, ast.Attribute):
        outer = flow.parents[id(shown)]
        return outer if isinstance(outer, ast.Call) and outer.func is shown else shown
    return shown


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


__all__ = [
    "AS_A_WHOLE",
    "TRUTH",
    "Outside",
    "Table",
    "Use",
    "World",
    "candidates",
    "close",
    "convert",
    "replacements",
]
