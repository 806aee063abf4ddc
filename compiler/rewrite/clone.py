"""Copies the user's code with some places replaced, and instantiates a template's code.

The user's nodes keep their positions. A template's nodes get the position of what they replace,
so every line of a rewrite is a line of the user's file.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from selfsame.compiler.errors import InternalError
from selfsame.compiler.rewrite.pattern import HOLE, Bound, Hole, called
from selfsame.compiler.rewrite.placeholders import FRESH, builtin, imported

N = TypeVar("N", bound=ast.AST)
PLAIN, SOURCE, EACH, ONCE = "plain", "source", "each", "once"
HELPERS = "selfsame.runtime.agent.helpers"


@dataclass(slots=True)
class Cloner:
    """``replace``: id of a user's node -> what makes the node(s) in its place.

    ``insert``: id of a loop or comprehension clause -> statements or conditions put in front of
    its inside. ``around``: id of an expression -> what is made of its copy.
    """

    replace: dict[int, Callable[[], Any]] = field(default_factory=dict)
    insert: dict[int, Callable[[], Any]] = field(default_factory=dict)
    around: dict[int, Callable[[Any], Any]] = field(default_factory=dict)

    def node(self, node: Any) -> Any:
        """A copy of a node or of a list of nodes."""
        if isinstance(node, list):
            return self.nodes(node)
        if not isinstance(node, ast.AST):
            return node
        maker = self.replace.get(id(node))
        if maker is not None:
            return maker()
        new = type(node)(**{f: self.node(getattr(node, f, None)) for f in node._fields})
        ast.copy_location(new, node)
        first = self.insert.get(id(node))
        if first is not None:
            if isinstance(new, ast.comprehension):
                new.ifs[:0] = first()
            else:
                assert isinstance(new, ast.For | ast.While)
                new.body[:0] = first()
        outer = self.around.get(id(node))
        return new if outer is None else outer(new)

    def nodes(self, nodes: list[Any]) -> list[Any]:
        """Copies of a list's nodes; a replacement may be several statements."""
        out: list[Any] = []
        for node in nodes:
            new = self.node(node)
            if isinstance(new, list):
                out += new
            else:
                out.append(new)
        return out


@dataclass(frozen=True, slots=True)
class Words:
    """What the free names of a template's code mean.

    ``helpers``: name -> ``module:attribute``. ``fresh``: the names that the template stores.
    ``serial`` keeps two uses of a template in one function apart.
    """

    metavariables: frozenset[str]
    fresh: frozenset[str]
    helpers: Mapping[str, str]
    serial: int = 0

    def fresh_name(self, name: str) -> str:
        """A local that no source text can mention."""
        return FRESH + name + (f"_{self.serial}" if self.serial else "")


@dataclass(slots=True)
class Instance:
    """Instantiates template code for one set of bindings, at one place of the user's code."""

    words: Words
    cloner: Cloner
    bindings: Mapping[str, Bound]
    place: ast.AST
    holes: list[Hole] = field(default_factory=list)
    known_plain: Callable[[ast.expr], bool] = lambda expr: False
    aliases: dict[str, ast.expr] = field(default_factory=dict)
    once: Callable[[ast.expr], ast.expr] | None = None

    def statements(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements for a template's ``body``."""
        out: list[ast.stmt] = []
        for statement in body:
            new = self._statement(statement)
            out += new if isinstance(new, list) else [new]
        return out

    def expression(self, node: ast.expr) -> ast.expr:
        """The expression for a template's expression."""
        new = self._node(node)
        assert isinstance(new, ast.expr)
        return new

    def _statement(self, statement: ast.stmt) -> Any:
        if isinstance(statement, ast.Expr):
            value = statement.value
            if isinstance(value, ast.Name) and isinstance(self.bindings.get(value.id), list):
                return self.cloner.node(self.bindings[value.id])
            if isinstance(value, ast.Call) and called(value) == HOLE:
                return self._with_hole(value)
        return self._node(statement)

    def _with_hole(self, call: ast.Call) -> Any:
        body, pattern = call.args
        assert isinstance(body, ast.Name)
        for hole in self.holes:
            inner = Instance(
                self.words,
                self.cloner,
                {**self.bindings, **hole.bindings},
                hole.node,
                [],
                self.known_plain,
            )
            self.cloner.replace[id(hole.node)] = _maker(inner, pattern, hole.negated)
        return self.cloner.node(self.bindings[body.id])

    def _node(self, node: Any) -> Any:
        if isinstance(node, list):
            if node and isinstance(node[0], ast.stmt):
                return self.statements(node)
            if len(node) == 1 and isinstance(node[0], ast.Name):
                bound = self.bindings.get(node[0].id)
                if isinstance(bound, list):
                    return self.cloner.node(bound)
            return [self._node(n) for n in node]
        if not isinstance(node, ast.AST):
            return node
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.IfExp):
            settled = self._settled(node)
            if settled is not None:
                return settled
        if isinstance(node, ast.Call) and called(node) == PLAIN:
            return self.is_plain(self._node(node.args[0]))
        if isinstance(node, ast.Call) and called(node) == ONCE:
            if self.once is None:
                raise InternalError("once() is for templates of pure functions")
            return self.once(self._node(node.args[0]))
        if isinstance(node, ast.Call) and called(node) in (SOURCE, EACH):
            made = self._node(node.args[0])
            assert isinstance(made, ast.ListComp)
            return made.generators[0].iter if called(node) == SOURCE else self._each(made)
        new = type(node)(**{f: self._node(getattr(node, f, None)) for f in node._fields})
        return self.at_place(new)

    def _name(self, node: ast.Name) -> ast.AST:
        if node.id in self.aliases:
            alias: ast.AST = self.cloner.node(self.aliases[node.id])
            return alias
        bound = self.bindings.get(node.id)
        if isinstance(bound, ast.AST):
            new: ast.AST = self.cloner.node(bound)
            if isinstance(new, ast.Name):
                new.ctx = type(node.ctx)()
            return new
        if node.id in self.words.fresh:
            return self.at_place(ast.Name(self.words.fresh_name(node.id), type(node.ctx)()))
        if node.id in self.words.helpers:
            return self.at_place(imported(*self.words.helpers[node.id].split(":")))
        try:
            return self.at_place(builtin(node.id))
        except KeyError:
            raise InternalError(f"a template does not say what {node.id!r} is") from None

    def _each(self, made: ast.ListComp) -> ast.Lambda:
        part = self.words.fresh_name("part")
        made.generators[0].iter = ast.Name(part, ast.Load())
        parameters = ast.arguments([], [ast.arg(part)], None, [], [], None, [])
        return self.at_place(ast.Lambda(parameters, made))

    def _settled(self, node: ast.IfExp) -> ast.AST | None:
        """``A if plain(t := X) else B`` where X needs no check, or no name of its own."""
        test = node.test
        if not (isinstance(test, ast.Call) and called(test) == PLAIN):
            return None
        if not isinstance(test.args[0], ast.NamedExpr):
            return None
        walrus = test.args[0]
        if not isinstance(walrus.value, ast.Name):
            return None
        bound = self.bindings.get(walrus.value.id)
        if not isinstance(bound, ast.expr):
            return None
        known = self.known_plain(bound)
        if not known and not isinstance(bound, ast.Name):
            return None
        self.aliases[walrus.target.id] = bound
        try:
            if known:
                body: ast.AST = self._node(node.body)
                return body
            return self.at_place(
                ast.IfExp(
                    self.is_plain(self.cloner.node(bound)),
                    self._node(node.body),
                    self._node(node.orelse),
                )
            )
        finally:
            del self.aliases[walrus.target.id]

    def is_plain(self, value: ast.expr) -> ast.expr:
        """A check that runs no user code; a ``:=`` is evaluated in its first half only."""
        again: ast.expr = value
        if isinstance(value, ast.NamedExpr):
            again = value.target
        if not isinstance(again, ast.Name):
            raise InternalError("plain() needs a name")
        # Most values are texts or whole numbers: those are told inline, the others by the helper.
        parts: list[ast.expr] = []
        for kind in ("str", "int"):
            one = value if not parts else ast.Name(again.id, ast.Load())
            parts.append(ast.Compare(_call(builtin("type"), one), [ast.Is()], [builtin(kind)]))
        parts.append(_call(imported(HELPERS, "plain"), ast.Name(again.id, ast.Load())))
        return self.at_place(ast.BoolOp(ast.Or(), parts))

    def at_place(self, node: N) -> N:
        """``node`` and what is new below it, at this instance's place."""
        for part in ast.walk(node):
            if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
                part.lineno, part.col_offset, part.end_lineno, part.end_col_offset = span(  # type: ignore[attr-defined]
                    self.place
                )
        return node


def span(node: ast.AST) -> tuple[int, int, int, int]:
    """The place of an expression or a simple statement; of a compound one, its first word."""
    line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
    if isinstance(node, ast.stmt) and hasattr(node, "body"):
        return line, column, line, column + 1
    return line, column, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def _maker(instance: Instance, pattern: ast.expr, negated: bool) -> Callable[[], Any]:
    def make() -> ast.expr:
        node = instance.expression(pattern)
        if negated:
            node = ast.UnaryOp(ast.Not(), node)
        return instance.at_place(node)

    return make


def _call(callee: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(callee, list(arguments), [])
