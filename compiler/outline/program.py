"""A script with its outlined loops: as the engine looks at it, and as the program runs it.

The engine sees the script's own text with a function behind it for each loop. The program runs the
same functions; in the code that runs once, each loop becomes::

    if None in GATE:
        try: total = LOOP(xs, (total, total := None)[0])
        except: DROP(); raise
    else:
        for x in xs: ...

and a loop over a range that is in no other::

    for PART in PARTS(range(n)):
        if None in GATE and range is RANGE and PART.__class__ is RANGE and PART.step == 1:
            try: total = LOOP(PART.start, PART.stop, (total, total := None)[0])
            except: DROP(); raise
        else:
            for k in PART: ...

``GATE``, ``LOOP``, ``DROP``, ``PARTS`` and ``RANGE`` are constants of the code, so no name is added anywhere.
"""

import ast
import copy
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import compile_tree, function_code
from selfsame.compiler.emit.trees import replaced, shallow, spot
from selfsame.compiler.identity.outlined import PREFIX
from selfsame.compiler.outline.loops import PART, Outline, OutlinedLoop, outline, values
from selfsame.compiler.outline.scope import locals_of

MARK = "\0selfsame:"


class OutlinedSource(Source):
    """A script whose tree has the functions of its outlined loops behind everything else."""

    @cached_property
    def outline(self) -> Outline:
        """What was found in the script as it is written."""
        return outline(Source(self.path, self.module, self.text).tree, self.text)

    @cached_property
    def tree(self) -> ast.Module:
        """The script's tree, and behind it the functions."""
        plain = Source(self.path, self.module, self.text).tree
        return with_functions(plain, self.outline)


def with_functions(plain: ast.Module, found: Outline) -> ast.Module:
    """A script's tree with the functions of its outlined loops behind everything else."""
    functions: list[ast.stmt] = [loop.function for loop in found.loops]
    return ast.Module([*plain.body, *functions], plain.type_ignores)


@dataclass(frozen=True)
class Prepared:
    """What the program needs: the code that must be about to run, what runs instead, and the loops' code by name."""

    plain: CodeType
    changed: CodeType
    loops: tuple[tuple[str, CodeType], ...]


def prepared(source: Source, found: Outline, optimize: int) -> Prepared:
    """The code of a script that runs its outlined loops. Raises UserError where it does not compile."""
    tree = source.tree
    plain = compile_tree(tree, source.path, optimize)
    changed = tree
    empty: dict[str, set[str]] = {}
    for loop in found.loops:
        changed = replaced(changed, loop.node, call_of(loop))
        if loop.owner is not None:
            empty.setdefault(loop.owner.name, set()).update(loop.variables.empty)
    for owner in {id(loop.owner): loop.owner for loop in found.loops}.values():
        if owner is not None:
            variables = function_code(plain, owner.name, owner.lineno).co_varnames
            order = [name for name in variables if name in locals_of(owner)]
            changed = _begun(changed, owner, order, sorted(empty[owner.name]))
    whole = compile_tree(with_functions(tree, found), source.path, optimize)
    loops = [
        (code.co_qualname, code)
        for code in whole.co_consts
        if isinstance(code, CodeType) and code.co_qualname.startswith(PREFIX)
    ]
    return Prepared(plain, compile_tree(changed, source.path, optimize), tuple(loops))


def _begun(
    tree: ast.Module, owner: ast.FunctionDef, order: list[str], empty: list[str]
) -> ast.Module:
    """The tree with a function that begins with None for some variables.

    Its variables have the ``order`` of the code as it is written: so they are let go of when it ends.
    """
    function = next(n for n in ast.walk(tree) if spot(n) == spot(owner))
    assert isinstance(function, ast.FunctionDef)
    at = 1 if ast.get_docstring(function, clean=False) is not None else 0
    while isinstance(function.body[at], ast.Global):
        at += 1
    loads: list[ast.expr] = [ast.Name(n, ast.Load()) for n in order]
    # No instruction is made of this, but the compiler counts variables as it meets them.
    first: list[ast.stmt] = [
        ast.If(ast.Constant(False), [ast.Expr(ast.Tuple(loads, ast.Load()))], [])
    ]
    if empty:
        targets: list[ast.expr] = [ast.Name(n, ast.Store()) for n in empty]
        first.append(ast.Assign(targets, ast.Constant(None)))
    for statement in first:
        for node in ast.walk(statement):
            ast.copy_location(node, function.body[at])
    made = shallow(function)
    made.body[at:at] = first
    return replaced(tree, owner, made)


def call_of(loop: OutlinedLoop) -> ast.stmt:
    """What stands in the place of the loop."""
    head = loop.node.iter if isinstance(loop.node, ast.For) else loop.node.test
    name, variables = loop.function.name, loop.variables
    arguments: list[ast.expr] = [ast.Name(n, ast.Load()) for n in variables.parameters]
    if loop.parts:
        arguments[:0] = [_of_part("start"), _of_part("stop")]
    moved: list[ast.expr] = [
        ast.NamedExpr(ast.Name(n, ast.Store()), ast.Constant(None)) for n in variables.results
    ]
    if moved:
        # With the last argument, when all have been read: from here on the function alone holds what it
        # assigns to, and lets go of it with the first assignment, as the loop does.
        last = ast.Tuple([arguments[-1], *moved], ast.Load())
        arguments[-1] = ast.Subscript(last, ast.Constant(0), ast.Load())
    call = ast.Call(ast.Constant(f"{MARK}loop:{name}"), arguments, [])
    taken: ast.stmt = ast.Expr(call)
    if variables.results:
        taken = ast.Assign([values(variables.results, ast.Store())], call)
    dropped = ast.Expr(ast.Call(ast.Constant(f"{MARK}drop"), [], []))
    handler = ast.ExceptHandler(None, None, [dropped, ast.Raise(None, None)])
    # A comparison: the compiler would decide a test of a constant alone, once and for all.
    gate = ast.Constant(f"{MARK}gate:{name}")
    test: ast.expr = ast.Compare(ast.Constant(None), [ast.In()], [gate])
    if loop.parts:
        # Whatever the name `range` stands for by now.
        exact = [
            ast.Compare(named, [ast.Is()], [ast.Constant(f"{MARK}range")])
            for named in (ast.Name("range", ast.Load()), _of_part("__class__"))
        ]
        steps = ast.Compare(_of_part("step"), [ast.Eq()], [ast.Constant(1)])
        test = ast.BoolOp(ast.And(), [test, *exact, steps])
    chosen = ast.If(test, [ast.Try([taken], [handler], [], [])], [])
    made: ast.stmt = chosen
    if loop.parts:
        parts = ast.Call(ast.Constant(f"{MARK}parts"), [ast.Name(PART, ast.Load())], [])
        made = ast.For(ast.Name(PART, ast.Store()), parts, [chosen], [])
    for node in ast.walk(made):
        ast.copy_location(node, head)
    plain = copy.deepcopy(loop.node)
    if loop.parts:
        assert isinstance(plain, ast.For)
        parts.args = [plain.iter]
        plain.iter = ast.copy_location(ast.Name(PART, ast.Load()), head)
    chosen.orelse = [plain]
    return made


def _of_part(attribute: str) -> ast.expr:
    return ast.Attribute(ast.Name(PART, ast.Load()), attribute, ast.Load())
