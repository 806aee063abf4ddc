"""Dependency sets: the hashes of all that a fact, a rewrite or a build relied on.

A dependency set is a ``dict[str, str]``. Its keys say what was relied on, its values how it was:

* ``shop.cart:Cart.total`` the content hash of a function;
* ``shop.cart:Cart (layout)`` the hash of a class without its methods' bodies;
* ``shop.cart:TAX (name)`` what binds a global name: the hash of the statements, the text of an
  import, or ``builtin``;
* ``python`` the minor version, ``3.11``.
"""

import ast
import copy
import hashlib
import sys
from collections.abc import Iterable, Iterator

from selfsame.compiler.identity.hashing import content_hash
from selfsame.compiler.identity.order import Scope
from selfsame.compiler.identity.scopes import Names


def python_version() -> str:
    """The running Python as dependency sets name it."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def layout_hash(node: ast.ClassDef) -> str:
    """Over a class's bases, decorators and data, and the names and decorators of its methods."""
    shell = copy.copy(node)
    shell.body = [_without_body(statement) for statement in node.body]
    return content_hash(shell)


def _without_body(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node = copy.copy(node)
        node.body = [ast.Pass()]
    return node


def binding_text(name: str, statements: Iterable[ast.stmt]) -> str:
    """What binds a global name, as a dependency set keeps it; ``builtin`` where nothing does."""
    parts = []
    for statement in statements:
        if isinstance(statement, ast.Import):
            parts += [_alias("import ", a) for a in statement.names if _binds(a, name)]
        elif isinstance(statement, ast.ImportFrom):
            base = f"from {'.' * statement.level}{statement.module or ''} import "
            parts += [_alias(base, a) for a in statement.names if _binds(a, name)]
        else:
            parts.append(content_hash(statement))
    return "; ".join(parts) or "builtin"


def _binds(alias: ast.alias, name: str) -> bool:
    return (alias.asname or alias.name.split(".")[0]) == name


def _alias(base: str, alias: ast.alias) -> str:
    return f"{base}{alias.name}" + (f" as {alias.asname}" if alias.asname else "")


def combined(parts: Iterable[str]) -> str:
    """One hash, 32 hex, over several texts in their order."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def global_names(node: ast.AST) -> set[str]:
    """The names that a definition and all inside it read or write beyond its own scopes."""
    found: set[str] = set()
    stack: list[tuple[ast.AST, Names | None]] = [(node, None)]
    while stack:
        item, names = stack.pop()
        if isinstance(item, ast.Name):
            if names is None or names.owner(item.id) is None:
                found.add(item.id)
            continue
        if isinstance(item, Scope):
            # Comprehensions bind too little to matter: a target that hides a global adds its name.
            inner = Names(item, names)
            body = item.body if isinstance(item.body, list) else [item.body]
            stack.extend((child, inner) for child in body)
            outside = [c for c in ast.iter_child_nodes(item) if c not in body]
            stack.extend((child, names) for child in outside)
            continue
        stack.extend((child, names) for child in ast.iter_child_nodes(item))
    return found


def attribute_names(node: ast.AST) -> Iterator[str]:
    """The names of all attributes that a definition mentions."""
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute):
            yield item.attr
