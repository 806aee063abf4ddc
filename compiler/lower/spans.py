"""Where each node is in its file: the standard ``ast`` knows it, in bytes of UTF-8."""

import ast
from collections.abc import Sequence
from typing import Any

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir.graph import Span

_STRIDE = 1024
_CONTINUING = bytes(range(0x80, 0xC0))


class Spans:
    """The places of one module."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ascii = source.text.isascii()
        self._lines: dict[int, tuple[bytes, list[int]]] = {}

    def whole(self) -> Span:
        """The span of the module."""
        lines = self._source.text.split("\n")
        return Span(1, 1, len(lines), len(lines[-1]) + 1)

    def of(self, node: Any) -> Span:
        """Where a statement, expression or handler is, decorators included."""
        decorators = getattr(node, "decorator_list", None)
        line = decorators[0].lineno if decorators else node.lineno
        if self._ascii:
            return Span(line, node.col_offset + 1, node.end_lineno, node.end_col_offset + 1)
        return Span(
            line,
            self._column(node.lineno, node.col_offset),
            node.end_lineno,
            self._column(node.end_lineno, node.end_col_offset),
        )

    def within(self, node: ast.expr, around: Span) -> Span:
        """Where an expression of an f-string is. Python 3.11 knows no better than ``around``."""
        found = self.of(node)
        return found if found in around else around

    def block(self, body: Sequence[ast.stmt], start: Any = None) -> Span:
        """From ``start``, or the first statement, to the end of the last one."""
        first, last = self.of(body[0] if start is None else start), self.of(body[-1])
        return Span(first.line, first.column, last.end_line, last.end_column)

    def _column(self, line: int, offset: int) -> int:
        """Characters before an offset: counted from the last of some marks, since a line may be
        megabytes long and hold every node of its file."""
        if line not in self._lines:
            text = self._source.line(line)
            raw, marks = b"", [0]
            if not text.isascii():
                raw = text.encode("utf-8", "surrogatepass")
                for at in range(0, len(raw), _STRIDE):
                    marks.append(marks[-1] + _characters(raw[at : at + _STRIDE]))
            self._lines[line] = raw, marks
        raw, marks = self._lines[line]
        if not raw:
            return offset + 1
        mark = offset // _STRIDE
        return marks[mark] + _characters(raw[mark * _STRIDE : offset]) + 1


def _characters(raw: bytes) -> int:
    """How many characters begin in some bytes of UTF-8."""
    return len(raw.translate(None, _CONTINUING))
