"""Finds the loops of a script that can become functions, and makes these.

Looked at are loops inside of loops: of the top level, and of functions that run once. Of loops in each
other the outermost that can be is taken: the loop around it calls its function again and again.
"""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from selfsame.compiler.identity.outlined import PREFIX, loop_name, loop_path
from selfsame.compiler.outline.once import once_functions
from selfsame.compiler.outline.refusals import (
    ALONE,
    Owner,
    Refused,
    Script,
    Variables,
    of_function,
    of_module,
    of_parts,
)
from selfsame.compiler.outline.scope import Definition

PART, START, STOP = f"{PREFIX}part", f"{PREFIX}start", f"{PREFIX}stop"
"""A part of a range in the owner, and where it starts and stops in the function."""


@dataclass(frozen=True)
class OutlinedLoop:
    """A loop, the code that it is written in (None: the top level), and the function that it becomes.

    ``parts``: the function is called for some iterations at a time, of a range.
    """

    node: ast.For | ast.While
    owner: ast.FunctionDef | None
    variables: Variables
    function: ast.FunctionDef
    parts: bool = False


@dataclass(frozen=True)
class LeftLoop:
    """A loop that stays where it is: ``path`` is ``main/loop[1]``, as in its address."""

    path: str
    line: int
    reason: str


@dataclass
class Outline:
    """What was found in one script. ``owners`` are the names of the functions that run once."""

    loops: list[OutlinedLoop] = field(default_factory=list)
    left: list[LeftLoop] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)

    def left_in(self, owner: str) -> list[str]:
        """Why loops of a function, or of the top level (``<module>``), stay where they are."""
        there = [loop for loop in self.left if loop.path.rpartition("/")[0] == owner]
        return [f"its loop in line {loop.line} stays: {loop.reason}" for loop in there]


def outline(tree: ast.Module, text: str) -> Outline:
    """The loops of a script, which is not changed, that can become functions, and why others cannot."""
    found = Outline()
    nodes = list(ast.walk(tree))
    script = Script(nodes, text)
    functions = once_functions(tree, nodes)
    found.owners = [f.name for f in functions]
    for function in (None, *functions):
        body = tree.body if function is None else function.body
        numbers = {id(loop): n for n, loop in enumerate(_loops(body))}
        owner = Owner(function, script) if function is not None and numbers else None
        for outer in _outermost(body, ()):
            if not _take(found, outer, owner, numbers, script):
                _take_in_parts(found, outer, owner, numbers[id(outer.node)], script)
    return found


@dataclass(frozen=True)
class _Spot:
    """A loop, or another place to look for loops in, with the statements that it stands in."""

    node: ast.stmt
    around: tuple[ast.stmt, ...]


def _take(
    found: Outline, spot: _Spot, owner: Owner | None, numbers: dict[int, int], script: Script
) -> bool:
    """Take the loops directly inside of a loop, or what is inside of those that cannot be taken.

    Whether there is any loop inside.
    """
    around = (*spot.around, spot.node)
    some = False
    for inner in _outermost(list(ast.iter_child_nodes(spot.node)), around):
        loop, some = inner.node, True
        number = numbers[id(loop)]
        try:
            if not isinstance(loop, ast.For | ast.While):
                raise Refused("it can be suspended")
            if owner is None:
                variables = of_module(loop, script)
            else:
                variables = of_function(loop, owner, inner.around, script)
        except Refused as refused:
            found.left.append(LeftLoop(_path(owner, number), loop.lineno, str(refused)))
            _take(found, inner, owner, numbers, script)
        else:
            inside = owner.function if owner is not None else None
            function = _function(loop_name(inside.name if inside else "", number), loop, variables)
            found.loops.append(OutlinedLoop(loop, inside, variables, function))
    return some


def _take_in_parts(
    found: Outline, spot: _Spot, owner: Owner | None, number: int, script: Script
) -> None:
    """Take a loop that is in no other, some iterations at a time."""
    loop = spot.node
    try:
        if owner is None or not isinstance(loop, ast.For):
            raise Refused(ALONE)
        variables = of_parts(loop, owner, spot.around, script)
    except Refused as refused:
        found.left.append(LeftLoop(_path(owner, number), loop.lineno, str(refused)))
        return
    inner = copy.copy(loop)
    bounds: list[ast.expr] = [ast.Name(name, ast.Load()) for name in (START, STOP)]
    inner.iter = ast.Call(ast.Name("range", ast.Load()), bounds, [])
    for node in ast.walk(inner.iter):
        ast.copy_location(node, loop.iter)
    function = _function(loop_name(owner.function.name, number), inner, variables, START, STOP)
    found.loops.append(OutlinedLoop(loop, owner.function, variables, function, parts=True))


def _path(owner: Owner | None, number: int) -> str:
    return loop_path(loop_name(owner.function.name if owner is not None else "", number))


def _outermost(body: Sequence[ast.AST], around: tuple[ast.stmt, ...]) -> Iterator[_Spot]:
    for node in body:
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            yield _Spot(node, around)
        elif isinstance(node, ast.stmt) and not isinstance(node, Definition):
            yield from _outermost(list(ast.iter_child_nodes(node)), (*around, node))
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            yield from _outermost(node.body, around)


def _loops(body: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    """All loops of some code, in source order, as addresses count them."""
    for node in body:
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            yield node
        if not isinstance(node, Definition | ast.expr):
            yield from _loops(list(ast.iter_child_nodes(node)))


def _function(
    name: str, loop: ast.For | ast.While, variables: Variables, *first: str
) -> ast.FunctionDef:
    """The function, with ``first`` before its other parameters: the loop as it is written, at its place, with what goes in and out around it."""
    head = loop.iter if isinstance(loop, ast.For) else loop.test
    body: list[ast.stmt] = []
    if variables.declared:
        body.append(ast.Global(list(variables.declared)))
    body.append(copy.deepcopy(loop))
    if variables.results:
        body.append(ast.Return(values(variables.results, ast.Load())))
    arguments = ast.arguments(
        [], [ast.arg(n) for n in (*first, *variables.parameters)], None, [], [], None, []
    )
    made = ast.FunctionDef(name, arguments, body, [])
    if "type_params" in ast.FunctionDef._fields:
        made.type_params = []  # type: ignore[attr-defined, unused-ignore]
    for node in (
        *ast.walk(arguments),
        *(s for s in body if not isinstance(s, ast.For | ast.While)),
    ):
        for part in ast.walk(node):
            ast.copy_location(part, head)
    return ast.fix_missing_locations(ast.copy_location(made, loop))


def values(names: Sequence[str], context: ast.expr_context) -> ast.expr:
    """One variable, or a tuple of them."""
    if len(names) == 1:
        return ast.Name(names[0], context)
    return ast.Tuple([ast.Name(n, context) for n in names], context)
