"""Names of locals that Cython or the helpers would read as something else get a new spelling."""

import ast
import copy
import keyword
from collections.abc import Iterable, Iterator

from selfsame.compiler.identity.scopes import bound_beside

# Cython's words, the names of C types and helpers, and the wrapper's own locals.
_SPELLED = (
    "cdef cpdef ctypedef cimport extern include inline gil nogil public readonly struct union "
    "enum sizeof NULL DEF IF ELIF ELSE by new fused const volatile api void char short int "
    "long float double bint unsigned signed size_t Py_ssize_t Py_UCS4 object type list tuple "
    "dict str bytes bool basestring unicode complex set frozenset DEOPT Ints Floats Bools "
    "Chars Rows Objects array pool depth numbers result cython"
)
_WORDS = frozenset(_SPELLED.split())


def must_rename(name: str) -> bool:
    """Whether a local of this name could be misread in a ``.pyx``."""
    return name in _WORDS or name.startswith(("sf_", "__")) or not name.isascii()


def assigned_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Parameters and every name that the function's own scope binds."""
    arguments = function.args
    names = {a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
    return names | bound_names(function.body)


def bound_names(statements: Iterable[ast.stmt]) -> set[str]:
    """Every name that statements bind, or delete, in the scope that they stand in.

    >>> sorted(bound_names(ast.parse("import a.b\\nfor c in [d for e in f]:\\n    def g(h): i = 1").body))
    ['a', 'c', 'g']
    """
    names: set[str] = set()
    stack: list[ast.AST] = list(statements)
    while stack:
        match stack.pop():
            case (
                ast.FunctionDef(name=which, decorator_list=before, args=taken)
                | ast.AsyncFunctionDef(name=which, decorator_list=before, args=taken)
            ):
                names.add(which)
                stack += [*before, taken]
            case ast.ClassDef(name=which, decorator_list=before, bases=bases):
                names.add(which)
                stack += [*before, *bases]
            case ast.Lambda(args=taken):
                stack.append(taken)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() as inner:
                # Its targets are its own; what := binds in it is not.
                assigned = [n.target for n in ast.walk(inner) if isinstance(n, ast.NamedExpr)]
                names |= {target.id for target in assigned}
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {a.asname or a.name.partition(".")[0] for a in aliases}
            case node:
                match node:
                    case ast.Name(id=which, ctx=ast.Store() | ast.Del()):
                        names.add(which)
                    case (
                        ast.ExceptHandler(name=str(which))
                        | ast.MatchAs(name=str(which))
                        | ast.MatchStar(name=str(which))
                        | ast.MatchMapping(rest=str(which))
                    ):
                        names.add(which)
                stack += ast.iter_child_nodes(node)
    return names


def every_binding(function: ast.FunctionDef) -> Iterator[str]:
    """Every name that something within the function binds or declares, in any scope; each time."""
    for node in ast.walk(function):
        if node is not function:
            yield from bound_beside(node)
        match node:
            case ast.Name(id=which, ctx=ast.Store() | ast.Del()) | ast.arg(arg=which):
                yield which
            case ast.Global(names=declared) | ast.Nonlocal(names=declared):
                yield from declared


def all_names(function: ast.FunctionDef) -> set[str]:
    """Every identifier in the function, so that a new one can be chosen apart from them."""
    found = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return found | {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}


class Renamer(ast.NodeTransformer):
    """Replaces names by a table."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """The name that stands for a name."""
        if node.id in self.table:
            return ast.copy_location(ast.Name(self.table[node.id], node.ctx), node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """The name that stands for a parameter."""
        node.arg = self.table.get(node.arg, node.arg)
        return node


def renamed(function: ast.FunctionDef) -> ast.FunctionDef:
    """A copy of the function in which every local has a name that is safe to print."""
    taken = all_names(function)
    table = {}
    for number, old in enumerate(sorted(filter(must_rename, assigned_names(function)))):
        plain = "".join(c if c.isascii() else "u" for c in old).strip("_") or "name"
        new = f"{plain}_{number}_"
        while new in taken or keyword.iskeyword(new):
            new += "_"
        taken.add(new)
        table[old] = new
    made: ast.FunctionDef = Renamer(table).visit(copy.deepcopy(function))
    return made
