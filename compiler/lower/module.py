"""Lowers one module: the entry of this package."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.ir.graph import Graph
from selfsame.compiler.lower.statements import Statements

# CPython's parser gives up at a nesting of a few thousand; a level takes up to three calls here.
DEPTH = 30_000


def lower(source: Source) -> Graph:
    """The ICO of a module.

    Raises UserError where the text is not Python, Skipped where its nesting is beyond the
    interpreter's stack.
    """
    tree = source.tree
    try:
        with _deep():
            walk = Statements(source)
            walk.module(tree)
            return walk.drafts.graph()
    except RecursionError as error:
        raise Skipped(f"{source.path}: nested too deeply to be lowered") from error


@contextmanager
def _deep() -> Iterator[None]:
    """Calls of Python functions by each other take no C stack since 3.11: they may be many."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
