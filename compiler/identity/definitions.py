"""Every function, lambda and class of a module, and the loops, comprehensions and calls inside.

One walk in source order gives all addresses, so that everyone who asks gets the same ones.
"""

import ast
import sys
from dataclasses import dataclass

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity.labels import Marks, comment_labels
from selfsame.compiler.identity.order import Comprehension, Loop, Scope, children, header
from selfsame.compiler.identity.outlined import PREFIX, loop_path

# Comprehensions other than generator expressions lost their own code objects in 3.12.
_INLINED = sys.version_info >= (3, 12)
_COMPREHENSION_NAMES = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A function, lambda or class.

    ``qualname`` and ``line`` are what the running Python gives its code object (``co_qualname``,
    ``co_firstlineno``); ``kind`` is ``function``, ``generator``, ``coroutine``, ``asyncgen``,
    ``lambda`` or ``class``; ``registered`` where it has ``@selfsame.algorithm``.
    """

    address: str
    qualname: str
    line: int
    kind: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
    parent: str | None
    labels: tuple[str, ...] = ()
    registered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class InnerNode:
    """A loop, comprehension or call: ``kind`` is ``loop``, ``comp`` or ``call``.

    ``owner`` is the address of the function, class or module (``m:<module>``) it belongs to.
    """

    address: str
    kind: str
    node: ast.expr | ast.stmt
    owner: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """All addresses of one module. ``unplaced``: (label, line) where the line has no node."""

    definitions: tuple[Definition, ...]
    inner: tuple[InnerNode, ...]
    by_address: dict[str, Definition | InnerNode]
    unplaced: tuple[tuple[str, int], ...]


def callee_name(func: ast.expr) -> str:
    """What names a call in addresses: the last name of its callee, ``?`` where it has none."""
    if isinstance(func, ast.Name):
        return func.id
    return func.attr if isinstance(func, ast.Attribute) else "?"


def definitions(source: Source) -> list[Definition]:
    """Every function, lambda and class in source order. Raises UserError on a syntax error."""
    return list(identify(source).definitions)


def inner_nodes(source: Source) -> list[InnerNode]:
    """Every loop, comprehension and call in source order."""
    return list(identify(source).inner)


def labels(source: Source) -> dict[str, tuple[str, ...]]:
    """Label -> the addresses that carry it, in source order."""
    found: dict[str, tuple[str, ...]] = {}
    identity = identify(source)
    for entry in identity.by_address.values():
        for label in entry.labels:
            found[label] = (*found.get(label, ()), entry.address)
    return found


def identify(source: Source) -> Identity:
    """All of a module's addresses, kept with the source: their nodes are those of its ``tree``."""
    kept = source.__dict__
    found: Identity | None = kept.get("_identity")
    if found is None:
        found = kept["_identity"] = _Walk(source).run()
    return found


@dataclass(slots=True, eq=False)
class _Context:
    """Where a walk stands: the names Python gives, the address, and what ``global`` declared."""

    prefix: str  # of Python's qualified names
    path: str  # of addresses
    owner: str
    parent: str | None
    globals: frozenset[str]


@dataclass(slots=True, eq=False)
class _Draft:
    definition: Definition
    yields: bool = False


_Open = tuple[ast.AST, _Context]


class _Walk:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.marks = Marks.of(source.tree)
        self.seen: dict[str, int] = {}
        self.drafts: dict[str, _Draft] = {}
        self.inner: list[InnerNode] = []
        self.stack: list[_Open | tuple[Scope, _Context, None]] = []

    def run(self) -> Identity:
        owner = f"{self.source.module}:<module>"
        top = _Context("", "", owner, None, frozenset())
        self.stack.extend((node, top) for node in reversed(self.source.tree.body))
        while self.stack:
            item = self.stack.pop()
            if len(item) == 3:
                self.define(item[0], item[1])
            else:
                self.visit(item[0], item[1])
        return self.finish()

    def push(self, nodes: list[ast.AST], context: _Context) -> None:
        self.stack.extend((node, context) for node in reversed(nodes))

    def visit(self, node: ast.AST, context: _Context) -> None:
        if isinstance(node, Scope):
            self.stack.append((node, context, None))
            if not isinstance(node, ast.Lambda):
                self.push(list(node.decorator_list), context)
            return
        if isinstance(node, ast.Yield | ast.YieldFrom):
            draft = self.drafts.get(context.owner)
            if draft is not None:
                draft.yields = True
        elif isinstance(node, Comprehension):
            self.note("comp", "comp", node, context)
            self.comprehension(node, context)
            return
        elif isinstance(node, Loop):
            self.note("loop", "loop", node, context)
        elif isinstance(node, ast.Call):
            self.note("call", f"call[{callee_name(node.func)}]", node, context)
        self.push(list(children(node)), context)

    def note(self, kind: str, step: str, node: ast.expr | ast.stmt, context: _Context) -> None:
        stem = f"{context.owner}/{step}"
        index = self.seen[stem] = self.seen.get(stem, -1) + 1
        self.inner.append(InnerNode(f"{stem}[{index}]", kind, node, context.owner))

    def comprehension(self, node: ast.AST, context: _Context) -> None:
        assert isinstance(node, Comprehension)
        inside = context
        if not _INLINED or isinstance(node, ast.GeneratorExp):
            prefix = f"{context.prefix}{_COMPREHENSION_NAMES[type(node)]}."
            inside = _Context(prefix, context.path, context.owner, context.parent, frozenset())
        # Only the first iterable is evaluated in the scope around the comprehension.
        first = node.generators[0]
        items: list[_Open] = []
        for child in children(node):
            if child is first:
                parts = children(first)
                items.extend((n, context if n is first.iter else inside) for n in parts)
            else:
                items.append((child, inside))
        self.stack.extend(reversed(items))

    def define(self, node: Scope, context: _Context) -> None:
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        qualname = name if name in context.globals else context.prefix + name
        path = name if name in context.globals else context.path + name
        if not context.path and name.startswith(PREFIX):
            path = loop_path(name) or path
        count = self.seen[path] = self.seen.get(path, 0) + 1
        address = f"{self.source.module}:{path}" + (f"#{count}" if count > 1 else "")
        decorators = getattr(node, "decorator_list", [])
        kind = "lambda" if isinstance(node, ast.Lambda) else "function"
        if isinstance(node, ast.ClassDef):
            kind = "class"
        elif isinstance(node, ast.AsyncFunctionDef):
            kind = "coroutine"
        definition = Definition(
            address,
            qualname,
            decorators[0].lineno if decorators else node.lineno,
            kind,
            node,
            context.parent,
            self.marks.labels(decorators),
            self.marks.registered(decorators),
        )
        self.drafts[address] = _Draft(definition)
        step = qualname + ("." if kind == "class" else ".<locals>.")
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        self.push(body, _Context(step, path + ".", address, address, _declared_global(node)))
        self.push(list(header(node)), context)

    def finish(self) -> Identity:
        known: dict[str, Definition | InnerNode] = {}
        for address, draft in self.drafts.items():
            d = draft.definition
            if draft.yields and d.kind != "class":
                kind = "asyncgen" if d.kind == "coroutine" else "generator"
                d = _replaced(d, kind, d.labels)
            known[address] = d
        # An outlined loop is a function, and no longer a part of another.
        self.inner = [node for node in self.inner if node.address not in known]
        for node in self.inner:
            known[node.address] = node
        placed, unplaced = comment_labels(self.source, [(a, e.node) for a, e in known.items()])
        for address, names in placed.items():
            entry = known[address]
            merged = tuple(dict.fromkeys((*entry.labels, *names)))
            if isinstance(entry, Definition):
                known[address] = _replaced(entry, entry.kind, merged)
            else:
                known[address] = InnerNode(address, entry.kind, entry.node, entry.owner, merged)
        entries = known.values()
        return Identity(
            tuple(e for e in entries if isinstance(e, Definition)),
            tuple(e for e in entries if isinstance(e, InnerNode)),
            known,
            unplaced,
        )


def _replaced(d: Definition, kind: str, names: tuple[str, ...]) -> Definition:
    return Definition(d.address, d.qualname, d.line, kind, d.node, d.parent, names, d.registered)


def _declared_global(node: Scope) -> frozenset[str]:
    """Names that ``global`` declares in this scope: a ``def`` of one has a module-level name."""
    found: set[str] = set()
    if isinstance(node, ast.Lambda):
        return frozenset()
    stack: list[ast.AST] = list(node.body)
    while stack:
        statement = stack.pop()
        if isinstance(statement, ast.Global):
            found.update(statement.names)
        elif isinstance(statement, ast.stmt | ast.ExceptHandler | ast.match_case) and not (
            isinstance(statement, Scope)
        ):
            stack.extend(
                c
                for c in ast.iter_child_nodes(statement)
                if isinstance(c, ast.stmt | ast.ExceptHandler | ast.match_case)
            )
    return frozenset(found)
