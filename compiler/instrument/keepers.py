"""Functions that the program knows by their code object: a twin would be a stranger to it.

``internal.add(f.__code__)`` in a decorator, and ``frame.f_code in internal`` somewhere else: code objects
compare by what they do, and a twin does more. Reading an attribute (``f.__code__.co_varnames``) is no
harm, because a twin has the same parameters and names.
"""

import ast
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import Definition

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NEEDLE = b"__code__"


def kept_by(source: Source, definition: Definition) -> str:
    """Why the program may hold a function's code object; empty where it does not seem to."""
    if _names(definition) & _kept_here(source):
        return "the module keeps its code object, which a probe would change"
    found = keepers(tree_of(source.path))
    if found:
        for decorator in getattr(definition.node, "decorator_list", ()):
            name = _last_name(decorator)
            if name in found:
                return f"its decorator `{name}` keeps its code object, which a probe would change"
    return ""


def tree_of(path: str) -> str:
    """The folder of a file's outermost package, or the file's own folder."""
    return _outermost(os.path.dirname(os.path.abspath(path)))


@lru_cache(maxsize=1024)
def _outermost(folder: str) -> str:
    above = os.path.dirname(folder)
    inside = above != folder and all(map(_is_package, (folder, above)))
    return _outermost(above) if inside else folder


def _is_package(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "__init__.py"))


@lru_cache(maxsize=64)
def keepers(folder: str) -> frozenset[str]:
    """Names of functions below ``folder`` that keep the code object of a function they are given."""
    found: set[str] = set()
    for path in Path(folder).glob("**/*.py" if _is_package(folder) else "*.py"):
        try:
            raw = path.read_bytes()
            if _NEEDLE in raw:
                found.update(_keepers(Source.decoded(raw, path, path.stem).tree))
        except (OSError, UserError):  # said where that file itself is lowered
            continue
    return frozenset(found)


def _keepers(tree: ast.Module) -> Iterator[str]:
    """Functions that keep code, and those around them, which may be what makes the decorator."""
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            inside = [n for n in ast.walk(node) if isinstance(n, _FUNCTIONS)]
            if any(map(_keeps, inside)):
                yield node.name


def _keeps(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it does more with a parameter's code object than to read attributes of it."""
    arguments = function.args
    parameters = {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
    return any(name in parameters for name in _held(function))


@lru_cache(maxsize=8)
def _kept_here(source: Source) -> frozenset[str]:
    """Names whose code object statements of the module itself hold."""
    if _NEEDLE.decode() not in source.text:
        return frozenset()
    outside = (s for s in source.tree.body if not isinstance(s, (*_FUNCTIONS, ast.ClassDef)))
    return frozenset(name for statement in outside for name in _held(statement))


def _held(node: ast.AST) -> Iterator[str]:
    """Each ``NAME`` of a ``NAME.__code__`` whose value goes elsewhere than to an attribute of it."""
    parents = {child: parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
    for part in parents:
        if not (
            isinstance(part, ast.Attribute)
            and part.attr == "__code__"
            and isinstance(part.ctx, ast.Load)
            and isinstance(part.value, ast.Name)
        ):
            continue
        parent = parents[part]
        if isinstance(parent, ast.Attribute):
            continue
        if isinstance(parent, ast.Assign) and all(isinstance(t, ast.Name) for t in parent.targets):
            local = {t.id for t in parent.targets if isinstance(t, ast.Name)}
            uses = [n for n in parents if isinstance(n, ast.Name) and n.id in local]
            loads = [n for n in uses if isinstance(n.ctx, ast.Load)]
            if loads and all(isinstance(parents[n], ast.Attribute) for n in loads):
                continue
        yield part.value.id


def _names(definition: Definition) -> set[str]:
    name = getattr(definition.node, "name", None)
    return {name} if name and definition.parent is None else set()


def _last_name(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else ""
