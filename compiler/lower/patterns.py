"""The patterns of ``match``: names that they bind, values and classes that they read."""

import ast
from typing import TYPE_CHECKING

from selfsame.compiler.lower.drafts import Draft
from selfsame.compiler.lower.expressions import Here

if TYPE_CHECKING:
    from selfsame.compiler.lower.compound import Compound


def pattern(walk: "Compound", node: ast.pattern, into: Draft, here: Here) -> None:
    """Walk a pattern."""
    if isinstance(node, ast.MatchAs):
        if node.pattern is not None:
            pattern(walk, node.pattern, into, here)
        if node.name is not None:
            walk.write(node.name, into, here)
    elif isinstance(node, ast.MatchStar):
        if node.name is not None:
            walk.write(node.name, into, here)
    elif isinstance(node, ast.MatchValue):
        walk.expression(node.value, into, here)
    elif isinstance(node, ast.MatchClass):
        walk.expression(node.cls, into, here)
        for part in (*node.patterns, *node.kwd_patterns):
            pattern(walk, part, into, here)
    elif isinstance(node, ast.MatchMapping):
        walk.each(node.keys, into, here)
        for part in node.patterns:
            pattern(walk, part, into, here)
        if node.rest is not None:
            walk.write(node.rest, into, here)
    elif isinstance(node, ast.MatchOr | ast.MatchSequence):
        for part in node.patterns:
            pattern(walk, part, into, here)


def irrefutable(node: ast.pattern) -> bool:
    """Whether a pattern fits everything: ``_``, a name, or either in ``as`` or ``|``."""
    if isinstance(node, ast.MatchAs):
        return node.pattern is None or irrefutable(node.pattern)
    return isinstance(node, ast.MatchOr) and irrefutable(node.patterns[-1])
