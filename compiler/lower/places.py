"""Where each node is, and what it is called: taken from the standard ``ast``, in step with libcst.

libcst knows the tree and not the positions: its provider of those costs twice its parsing. Both
trees have the same statements, loops, comprehensions, calls and lambdas in the same order, so one
walk of libcst takes the places from here, one after the other.
"""

import ast
from collections.abc import Iterator

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import InternalError
from selfsame.compiler.identity import Definition, InnerNode, identify
from selfsame.compiler.ir.graph import Span


class Places:
    """The places and addresses of one module, handed out in source order."""

    def __init__(self, source: Source) -> None:
        self.source = source
        identity = identify(source)
        self.definition_of = {id(d.node): d for d in identity.definitions}
        self._statements = _statements(source.tree.body)
        self._inner: dict[str, list[InnerNode]] = {}
        for node in reversed(identity.inner):
            self._inner.setdefault(node.owner, []).append(node)
        self._lambdas: dict[str | None, list[Definition]] = {}
        for d in reversed(identity.definitions):
            if d.kind == "lambda" or isinstance(d.node, ast.Lambda):
                self._lambdas.setdefault(d.parent, []).append(d)
        self._ascii = source.text.isascii()

    def statement(self, kinds: tuple[type[ast.AST], ...]) -> ast.stmt:
        """The next statement. Raises InternalError where it is none of ``kinds``."""
        node = next(self._statements, None)
        if not isinstance(node, kinds):
            raise InternalError(f"libcst has a {kinds[0].__name__} where ast has {node!r}")
        return node

    def inner(self, owner: str, kind: str) -> InnerNode:
        """The next loop, comprehension or call of ``owner``. Raises InternalError on another kind."""
        left = self._inner.get(owner)
        node = left.pop() if left else None
        if node is None or node.kind != kind:
            raise InternalError(f"libcst has a {kind} in {owner} where ast has {node!r}")
        return node

    def lambda_(self, parent: str | None) -> Definition:
        """The next lambda among the definitions inside ``parent``."""
        left = self._lambdas.get(parent)
        if not left:
            raise InternalError(f"libcst has a lambda in {parent} where ast has none")
        return left.pop()

    def span(self, node: ast.stmt | ast.expr, around: Span | None) -> Span:
        """Where ``node`` is, decorators included; no more than ``around``.

        Python 3.11 gives expressions in f-strings of several lines a wrong place: they get the
        place of the node around them.
        """
        line, column = node.lineno, self._column(node.lineno, node.col_offset)
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if decorators:
            line = decorators[0].lineno
        end_line = node.end_lineno or node.lineno
        end = self._column(end_line, node.end_col_offset or 0)
        found = Span(line, column, end_line, end)
        return found if around is None or found in around else around

    def _column(self, line: int, offset: int) -> int:
        if self._ascii:
            return offset + 1
        raw = self.source.line(line).encode("utf-8", "surrogatepass")
        return len(raw[:offset].decode("utf-8", "replace")) + 1

    def whole(self) -> Span:
        """The span of the module."""
        lines = self.source.text.split("\n")
        return Span(1, 1, len(lines), len(lines[-1]) + 1)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, each before those inside it."""
    stack: list[ast.stmt] = body[::-1]
    while stack:
        node = stack.pop()
        yield node
        inside: list[ast.stmt] = []
        inside += _block(node, "body")
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            inside += part.body
        inside += _block(node, "orelse")
        inside += _block(node, "finalbody")
        stack.extend(reversed(inside))


def _block(node: ast.stmt, name: str) -> list[ast.stmt]:
    found = getattr(node, name, None)
    return found if isinstance(found, list) else []
