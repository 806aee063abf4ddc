"""Labels that a program gives its nodes: ``# selfsame: name`` and ``@selfsame.node("name")``."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity.order import Comprehension, Loop, Scope

_COMMENT = re.compile(r"#\s*selfsame:\s*([A-Za-z_][\w.\-]*(?:\s*,\s*[A-Za-z_][\w.\-]*)*)")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a module calls ``selfsame``, ``selfsame.node`` and ``selfsame.algorithm``."""

    packages: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: ast.Module) -> "Marks":
        """The names from the imports at the module's top level, conditional ones too."""
        marks = cls()
        stack: list[ast.AST] = list(tree.body)
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "selfsame":
                        marks.packages.add(alias.asname or alias.name)
            elif isinstance(node, ast.ImportFrom) and node.module == "selfsame":
                for alias in node.names:
                    marks.names[alias.asname or alias.name] = alias.name
            elif isinstance(node, ast.If | ast.Try):
                stack.extend(ast.iter_child_nodes(node))
            elif isinstance(node, ast.ExceptHandler):
                stack.extend(node.body)
        return marks

    def _meaning(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr if node.value.id in self.packages else None
        return None

    def labels(self, decorators: Sequence[ast.expr]) -> tuple[str, ...]:
        """The labels that ``@selfsame.node("...")`` among ``decorators`` gives."""
        found: list[str] = []
        for decorator in decorators:
            if isinstance(decorator, ast.Call) and self._meaning(decorator.func) == "node":
                values = [*decorator.args, *(k.value for k in decorator.keywords)]
                found += [
                    v.value
                    for v in values
                    if isinstance(v, ast.Constant) and isinstance(v.value, str)
                ]
        return tuple(found)

    def registered(self, decorators: Sequence[ast.expr]) -> bool:
        """Whether ``@selfsame.algorithm`` is among ``decorators``."""
        return any(self._meaning(decorator) == "algorithm" for decorator in decorators)


def comment_labels(
    source: Source, nodes: Sequence[tuple[str, ast.AST]]
) -> tuple[dict[str, list[str]], tuple[tuple[str, int], ...]]:
    """Address -> labels from comments, and the (label, line) pairs on lines without a node.

    On the header of a definition or loop the label is that node's. On another statement it is that
    of the first lambda, else comprehension, else call in the statement. A comment alone on its
    line is on no statement's line.
    """
    placed: dict[str, list[str]] = {}
    unplaced: list[tuple[str, int]] = []
    comments = list(_comments(source))
    if not comments:
        return placed, ()
    addresses = {id(node): address for address, node in nodes}
    for line, alone, names in comments:
        found = (
            _labelled(statement) for statement in _statements_at(source.tree, 0 if alone else line)
        )
        node = next((n for n in found if n is not None), None)
        if node is None:
            unplaced += [(name, line) for name in names]
        else:
            placed.setdefault(addresses[id(node)], []).extend(names)
    return placed, tuple(unplaced)


def _comments(source: Source) -> Iterator[tuple[int, bool, list[str]]]:
    if "selfsame:" not in source.text:
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            match = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
            alone = not token.line[: token.start[1]].strip()
            if match:
                yield token.start[0], alone, [name.strip() for name in match[1].split(",")]
    except (tokenize.TokenError, SyntaxError):  # what compiles may still not tokenize: form feeds
        return


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _statements_at(tree: ast.Module, line: int) -> list[ast.stmt]:
    """The statements that begin nearest above ``line`` and whose own lines include it.

    A statement's own lines are its header's, where it has a body.
    """
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and _first_line(node) <= line <= _last_own_line(node)
    ]
    nearest = max((_first_line(node) for node in found), default=0)
    return [node for node in found if _first_line(node) == nearest]


def _last_own_line(node: ast.stmt) -> int:
    parts = getattr(node, "body", None) or getattr(node, "cases", None)
    if not isinstance(parts, list):
        return node.end_lineno or node.lineno
    first = parts[0]
    start = first.pattern.lineno if isinstance(first, ast.match_case) else _first_line(first)
    return max(node.lineno, start - 1)


def _labelled(statement: ast.stmt) -> ast.AST | None:
    if isinstance(statement, Scope | Loop):
        return statement
    for kinds in (ast.Lambda, Comprehension, ast.Call):
        for node in _own_expressions(statement):
            if isinstance(node, kinds):
                return node
    return None


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement in source order, without the statements inside it."""
    stack: list[ast.AST] = [
        c for c in ast.iter_child_nodes(statement) if not isinstance(c, ast.stmt)
    ][::-1]
    while stack:
        node = stack.pop()
        yield node
        children = [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]
        stack.extend(reversed(children))
