"""A script with its outlined loops: as the engine looks at it, and as the program runs it.

The engine sees the script's own text with a function behind it for each loop. The program runs the
same functions; in the code that runs once, each loop becomes::

    if None in GATE:
        try: total = LOOP(xs, (total, total := None)[0])
        except: DROP(); raise
    else:
        for x in xs: ...

``GATE``, ``LOOP`` and ``DROP`` are constants of the code, so no name is added anywhere.
"""

import ast
import copy
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import compile_tree
from selfsame.compiler.emit.trees import replaced
from selfsame.compiler.identity.outlined import PREFIX
from selfsame.compiler.outline.loops import OutlinedLoop, Outline, outline, values

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
    changed = tree
    for loop in found.loops:
        changed = replaced(changed, loop.node, call_of(loop))
    whole = compile_tree(with_functions(tree, found), source.path, optimize)
    loops = [
        (code.co_qualname, code)
        for code in whole.co_consts
        if isinstance(code, CodeType) and code.co_qualname.startswith(PREFIX)
    ]
    plain = compile_tree(tree, source.path, optimize)
    return Prepared(plain, compile_tree(changed, source.path, optimize), tuple(loops))


def call_of(loop: OutlinedLoop) -> ast.stmt:
    """What stands in the place of the loop."""
    head = loop.node.iter if isinstance(loop.node, ast.For) else loop.node.test
    name, variables = loop.function.name, loop.variables
    arguments: list[ast.expr] = [ast.Name(n, ast.Load()) for n in variables.parameters]
    moved: list[ast.expr] = [
        ast.NamedExpr(ast.Name(n, ast.Store()), ast.Constant(None)) for n in variables.moved
    ]
    if moved and arguments:
        # The last argument, when all have been read: from here on the function alone holds them.
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
    open_ = ast.Compare(ast.Constant(None), [ast.In()], [gate])
    made = ast.If(open_, [ast.Try([taken], [handler], [], [])], [])
    for node in ast.walk(made):
        ast.copy_location(node, head)
    made.orelse = [copy.deepcopy(loop.node)]
    return made
