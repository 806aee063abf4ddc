"""Placeholder constants: what a rewrite calls but must not name, and how a person reads it.

A rewrite may not add names to the user's module, so it calls string constants that the agent
replaces, in the code object, by what they stand for: ``"\\0selfsame:import:collections:deque"`` is
attribute ``deque`` of module ``collections``, ``"\\0selfsame:deopt"`` counts one deopt.
Fresh locals have a dot in front, so no name in a source text can be the same.
"""

import ast
import builtins
import copy
from collections.abc import Iterator
from types import CodeType

MARK = "\0selfsame:"
DEOPT = MARK + "deopt"
FRESH = ".selfsame_"
LAMBDA = MARK + "lambda:"
HANDLERS = "selfsame.runtime.agent.handlers"


def imported(module: str, attribute: str) -> ast.Constant:
    """The placeholder of an attribute of a module."""
    return ast.Constant(f"{MARK}import:{module}:{attribute}")


def own_lambda(node: ast.Lambda) -> str:
    """What stands for a lambda of the function itself, of which each call has its own."""
    return f"{LAMBDA}{node.lineno}:{node.col_offset}"


def builtin(name: str) -> ast.Constant:
    """The placeholder of a builtin, which user code cannot shadow."""
    if not hasattr(builtins, name):
        raise KeyError(name)
    return imported("builtins", name)


def unless_interrupted(*then: ast.stmt) -> ast.ExceptHandler:
    """What catches errors of the code that is tried first: those that came from outside go on."""
    asked = ast.Call(imported(HANDLERS, "interrupted"), [], [])
    goes_on = ast.If(asked, [ast.Raise(None, None)], [])
    return ast.ExceptHandler(builtin("Exception"), None, [goes_on, *then])


def deopt_call() -> ast.Expr:
    """The statement that counts one deopt."""
    return ast.Expr(ast.Call(ast.Constant(DEOPT), [], []))


def placeholders(code: CodeType) -> Iterator[tuple[str, str, str, str]]:
    """``(placeholder, kind, module, attribute)`` of each in the code, at any depth, in order."""
    seen: set[str] = set()
    stack = [code]
    while stack:
        for constant in stack.pop().co_consts:
            if isinstance(constant, CodeType):
                stack.append(constant)
            elif isinstance(constant, str) and constant.startswith(MARK) and constant not in seen:
                seen.add(constant)
                kind, module, attribute = (*constant[len(MARK) :].split(":"), "", "")[:3]
                yield constant, kind, module, attribute


def readable(node: ast.AST) -> str:
    """The text of a rewrite, with placeholders and fresh names as a person would write them."""
    taken = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    taken |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    return ast.unparse(_Readable(taken).visit(copy.deepcopy(node)))


class _Readable(ast.NodeTransformer):
    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A placeholder becomes the name it stands for."""
        if isinstance(node.value, str) and node.value.startswith(MARK):
            kind = node.value[len(MARK) :].split(":")
            if kind[-1] == "__dict__":
                return ast.Attribute(ast.Name(kind[-2], ast.Load()), kind[-1], ast.Load())
            return ast.Name("selfsame_deopt" if kind[0] == "deopt" else kind[-1], ast.Load())
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A fresh name loses its dot, and gets underscores where it would clash."""
        if not node.id.startswith(FRESH):
            return node
        return ast.Name(self._name(node.id), node.ctx)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """As a name."""
        self.generic_visit(node)
        if node.name.startswith(FRESH):
            node.name = self._name(node.name)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """As a name."""
        return ast.arg(self._name(node.arg)) if node.arg.startswith(FRESH) else node

    def _name(self, fresh: str) -> str:
        name = fresh[len(FRESH) :]
        while name in self.taken:
            name = "_" + name
        return name
