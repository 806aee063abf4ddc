"""Names within a function that always mean what a library has, or a builtin.

``def f(x, size=len)`` that nobody gives a ``size`` calls ``len``; and what ``import math`` binds within a function
is the module. Such names become names of the module, and the parameter, or the statement, goes.
"""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.renaming import all_names, every_binding

# Importing these again does nothing that can be seen.
_QUIET = frozenset(
    [
        "array",
        "bisect",
        "collections",
        "functools",
        "heapq",
        "itertools",
        "math",
        "operator",
        "random",
        "re",
        "string",
    ]
)


class Brought(ast.Pass):
    """In place of an import: ``what`` it brought, modules and names of them; no name for the module itself."""

    what: tuple[tuple[str, str], ...] = ()


def freed_of_imports(
    function: ast.FunctionDef, names: ModuleNames, imports: dict[str, str]
) -> tuple[ast.FunctionDef, ModuleNames, dict[str, str]]:
    """The function without imports that only name a library, and the module's names and imports with those.

    >>> tree = ast.parse("def f(x):\\n    import math\\n    return math.sqrt(x)")
    >>> function, names, imports = freed_of_imports(tree.body[0], ModuleNames.of(tree), {})
    >>> print(ast.unparse(function.body[-1]), imports)
    return brought_math.sqrt(x) {'brought_math': 'math'}
    """
    if names.star or not any(map(_may_go, ast.walk(function))):
        return function, names, imports
    made = copy.deepcopy(function)
    bound, used = Counter(every_binding(made)), all_names(made)
    told: dict[str, str] = {}
    for block in list(_blocks(made)):
        for at, statement in enumerate(block):
            brought = _brought(statement) if _may_go(statement) else {}
            alone = (bound[n] == 1 and _only_in(n, made, block[at + 1 :]) for n in brought)
            if not brought or not all(alone):
                continue
            table: dict[str, str | ast.expr] = {}
            for local, what in brought.items():
                table[local] = new = f"brought_{what.replace('.', '_')}"
                if (
                    imports.get(new, what) != what
                    or new in used
                    or (new in names.bound and new not in imports)
                ):
                    break
            else:
                for later in block[at + 1 :]:
                    _Names(table).visit(later)
                told |= {str(table[local]): what for local, what in brought.items()}
                gone = Brought()
                pairs = (what.partition(".")[::2] for what in brought.values())
                gone.what = tuple((module, name) for module, name in pairs)
                block[at] = ast.copy_location(gone, statement)
    if not told:
        return function, names, imports
    return made, _with(names, told), imports | told


def _with(names: ModuleNames, told: dict[str, str]) -> ModuleNames:
    new = {name: what.partition(".")[::2] for name, what in told.items()}
    of_math = {name: which for name, (module, which) in new.items() if module == "math"}
    return replace(
        names,
        bound=names.bound | Counter(dict.fromkeys(told, 1)),
        math_names=names.math_names | {name: which for name, which in of_math.items() if which},
        math_modules=names.math_modules | {name for name, which in of_math.items() if not which},
    )


def _may_go(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=aliases):
            return all(a.name in _QUIET for a in aliases)
        case ast.ImportFrom(module=str(module), level=0):
            return module in _QUIET
    return False


def _brought(statement: ast.stmt) -> dict[str, str]:
    """By local name what an import brings."""
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    start = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
    return {a.asname or a.name: start + a.name for a in statement.names}


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for each in ast.walk(node):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(each, part, None)
            if isinstance(block, list) and block:
                yield block


def _only_in(name: str, function: ast.FunctionDef, block: list[ast.stmt]) -> bool:
    """Whether the name is read in these statements alone, so that it is bound wherever it is."""
    here = sum(_reads(name, statement) for statement in block)
    return here == _reads(name, function)


def _reads(name: str, where: ast.AST) -> int:
    return sum(isinstance(n, ast.Name) and n.id == name for n in ast.walk(where))


def freed_of_defaults(
    function: ast.FunctionDef,
    names: ModuleNames,
    imports: dict[str, str],
    above: Callable[[str], bool],
    hidden: Collection[str],
) -> tuple[ast.FunctionDef, dict[str, str]]:
    """The function without parameters that by default are a builtin or a library's, and what each of them then is.

    ``above``: whether the module has imported a name where the function is made; ``hidden``: what the class around it
    binds.

    >>> tree = ast.parse("def f(x, size=len):\\n    return size(x)")
    >>> names = ModuleNames.of(tree)
    >>> function, told = freed_of_defaults(tree.body[0], names, {}, lambda name: False, ())
    >>> print(ast.unparse(function).splitlines(), told)
    ['def f(x):', '    return len(x)'] {'size': 'builtins.len'}
    """
    taken = function.args
    by_place = [*taken.posonlyargs, *taken.args]
    late = by_place[len(by_place) - len(taken.defaults) :]
    given = [*zip(late, taken.defaults, strict=True)]
    given += [
        (a, d) for a, d in zip(taken.kwonlyargs, taken.kw_defaults, strict=True) if d is not None
    ]
    told: dict[str, str] = {}
    table: dict[str, str | ast.expr] = {}
    bound = Counter(every_binding(function))
    for argument, default in given:
        first = default.value if isinstance(default, ast.Attribute) else default
        if not isinstance(first, ast.Name) or first.id in hidden or first.id.startswith("__"):
            continue
        what = library_name(default, imports) if above(first.id) else ""
        if default is first and names.builtin(first.id):
            what = f"builtins.{first.id}"
        which = argument.arg
        free = bound[first.id] == (1 if first.id == which else 0)
        if "." in what and free and bound[which] == 1:
            told[which], table[which] = what, default
    if not told:
        return function, {}
    made = copy.deepcopy(function)
    made.args = _without(made.args, told)
    put = _Names(table)
    made.body = [put.visit(statement) for statement in made.body]
    return made, told


def _without(taken: ast.arguments, gone: Collection[str]) -> ast.arguments:
    """The parameters but for those that go; what stands behind one of these is given by name alone."""
    by_place = [*taken.posonlyargs, *taken.args]
    first = min((at for at, a in enumerate(by_place) if a.arg in gone), default=len(by_place))
    nothing: list[ast.expr | None] = [None]
    defaults = nothing * (len(by_place) - len(taken.defaults)) + [*taken.defaults]
    behind = [*zip(by_place[first:], defaults[first:], strict=True)]
    behind += zip(taken.kwonlyargs, taken.kw_defaults, strict=True)
    behind = [(a, d) for a, d in behind if a.arg not in gone]
    return ast.arguments(
        posonlyargs=taken.posonlyargs[:first],
        args=by_place[len(taken.posonlyargs) : first],
        vararg=taken.vararg,
        kwonlyargs=[a for a, _ in behind],
        kw_defaults=[d for _, d in behind],
        kwarg=taken.kwarg,
        defaults=[d for d in defaults[:first] if d is not None],
    )


class _Names(ast.NodeTransformer):
    """Puts a name, or what is read in its place, where a name is read."""

    def __init__(self, table: Mapping[str, str | ast.expr]) -> None:
        self._table = table

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """What stands for the name."""
        found = self._table.get(node.id)
        if found is None:
            return node
        new = ast.Name(found, ast.Load()) if isinstance(found, str) else copy.deepcopy(found)
        return ast.copy_location(new, node)


def held(what: str) -> str:
    """How the unit calls what it has of a library: ``bisect.bisect_left``, or a module."""
    return f"sf_b_{what.replace('.', '_')}"


def held_of_libraries(brought: Collection[tuple[str, str]], also: Collection[str]) -> list[str]:
    """What declares in the unit what imports within functions bring, and what else is compared with."""
    modules = {module for module, _ in brought}
    values = {f"{module}.{name}" for module, name in brought if name} | {*also}
    if modules:
        modules |= {"sys", "builtins"}
        values |= {"builtins.__import__"}
    lines = [f"cdef object {held(m)} = __import__({m!r})" for m in sorted(modules)]
    for what in sorted(values):
        module, _, name = what.partition(".")
        lines.append(f"cdef object {held(what)} = getattr(__import__({module!r}), {name!r})")
    return lines


def still_there(brought: Collection[tuple[str, str]]) -> list[str]:
    """The tests that imports within functions would bring the same again."""
    if not brought:
        return []
    found = [f"sf_b_builtins.__import__ is {held('builtins.__import__')}"]
    for module in sorted({module for module, _ in brought}):
        found.append(f"sf_b_sys.modules.get({module!r}) is {held(module)}")
    for module, name in sorted(brought):
        if name:
            found.append(f"{held(module)}.{name} is {held(f'{module}.{name}')}")
    return found
