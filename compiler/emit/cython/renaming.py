"""Names of locals that Cython or the helpers would read as something else get a new spelling."""

import ast
import copy
import keyword

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


def assigned_names(function: ast.FunctionDef) -> set[str]:
    """Parameters and every name that the function's own scope binds."""
    arguments = function.args
    names = {a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        if not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            stack += ast.iter_child_nodes(node)
    return names


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
