"""How blocks end: whether control goes on behind one, or runs off the end of a function."""

import ast

from selfsame.compiler.emit.cython.assigned import ends


def leaves(body: list[ast.stmt]) -> bool:
    """Whether the way through the block does not go on behind it."""
    return bool(body) and (
        isinstance(body[-1], ast.Return | ast.Raise | ast.Break | ast.Continue)
        or (isinstance(body[-1], ast.If) and leaves(body[-1].body) and leaves(body[-1].orelse))
        or (isinstance(body[-1], ast.Try | ast.Match) and all(map(leaves, _ways(body[-1]))))
    )


def ends_early(body: list[ast.stmt]) -> bool:
    """Whether control never runs off the end."""
    if body and isinstance(body[-1], ast.Try | ast.Match):
        return all(map(ends_early, _ways(body[-1])))
    return bool(body) and (isinstance(body[-1], ast.Return | ast.Raise) or ends(body))


def _ways(node: ast.Try | ast.Match) -> list[list[ast.stmt]]:
    """The statements with which a try or match statement may end."""
    if isinstance(node, ast.Match):
        ways = [case.body for case in node.cases]
        return ways if always(node.cases[-1]) else [*ways, []]
    if leaves(node.finalbody):
        return [node.finalbody]
    return [way_through(node), *(handler.body for handler in node.handlers)]


def always(case: ast.match_case) -> bool:
    """Whether a case is taken whatever the value is."""
    free = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
    return free and case.guard is None


def way_through(node: ast.Try) -> list[ast.stmt]:
    """What runs of a try statement where nothing is raised, before its ``finally``."""
    return [*node.body, *node.orelse]
