"""A rewrite in names that any compiler takes: placeholders become imports, fresh names lose their dot.

What a rewrite would leave to its original declines here: the call starts over.
"""

import ast
import copy
from dataclasses import dataclass, field

from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.rewrite.placeholders import DEOPT, FRESH, MARK, builtin, imported
from selfsame.compiler.rewrite.retry import PREPARED

PREFIX = "selfsame_"
WHOLE = imported(PREPARED, "whole").value


@dataclass(frozen=True, slots=True)
class Spelled:
    """``function`` reads its helpers as globals of ``module``; ``alone`` is a module of nothing else.

    ``placeholders``: name of a helper -> the placeholder that it stands for.
    """

    function: ast.FunctionDef
    module: ast.Module
    alone: ast.Module
    placeholders: dict[str, str]


def spelled(function: ast.FunctionDef, tree: ast.Module) -> Spelled:
    """The function, which may give up by raising, as it could stand in its module."""
    taken = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    taken |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    speller = _Speller(taken, ModuleNames.of(tree))
    new = speller.visit(copy.deepcopy(function))
    assert isinstance(new, ast.FunctionDef)
    ast.fix_missing_locations(new)
    imports: list[ast.stmt] = []
    for name, placeholder in speller.placeholders.items():
        _, home, attribute = placeholder[len(MARK) :].split(":")
        imports.append(ast.ImportFrom(home, [ast.alias(attribute, name)], 0))
    module = ast.fix_missing_locations(ast.Module([*imports, *tree.body], tree.type_ignores))
    return Spelled(new, module, ast.Module([new], []), speller.placeholders)


@dataclass
class _Speller(ast.NodeTransformer):
    taken: set[str]
    names: ModuleNames
    placeholders: dict[str, str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A placeholder becomes a name: that of the builtin itself, where nothing hides it."""
        if node.value is ...:  # compared by identity, which a literal is not
            return ast.copy_location(ast.Name("Ellipsis", ast.Load()), node)
        if not (isinstance(node.value, str) and node.value.startswith(MARK)):
            return node
        kind, module, attribute = (*node.value[len(MARK) :].split(":"), "", "")[:3]
        if kind == "import" and module == "builtins" and self.names.builtin(attribute):
            return ast.copy_location(ast.Name(attribute, ast.Load()), node)
        name = self._name(f"{attribute}", node.value)
        self.placeholders[name] = node.value
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """What tells that nothing is used up is left out: compiled code sees to that by itself."""
        if isinstance(node.func, ast.Constant) and node.func.value == WHOLE:
            found: ast.AST = self.visit(node.args[0])
            return found
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A fresh name."""
        if node.id.startswith(FRESH):
            node.id = self._name(node.id[len(FRESH) :], node.id)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Where the original would go on, this gives up."""
        match node.value:
            case ast.Call(func=ast.Constant(value=value)) if value == DEOPT:
                error = ast.Name("AssertionError", ast.Load())
                return ast.copy_location(ast.Raise(error, None), node)
        self.generic_visit(node)
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST | list[ast.AST]:
        """What is prepared without raising is prepared so that raising gives up."""
        handler = node.handlers[0].type if node.handlers else None
        if isinstance(handler, ast.Constant) and handler.value == builtin("Exception").value:
            visited = [self.visit(statement) for statement in node.body]
            return [part for new in visited for part in (new if isinstance(new, list) else [new])]
        self.generic_visit(node)
        return node

    def _name(self, wanted: str, what: str) -> str:
        name = self._known.get(what)
        if name is None:
            name = PREFIX + wanted
            while name in self.taken:
                name += "_"
            self.taken.add(name)
            self._known[what] = name
        return name
