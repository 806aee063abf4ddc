"""Dicts whose keys are written out as text, ``row["price"]``: each key has a type of its own."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import Kind, record


def named_key(node: ast.AST) -> str | None:
    """The key that an item, or a call like ``row.get("price")``, asks for, where it is written out."""
    match node:
        case (
            ast.Subscript(slice=ast.Constant(value=str(key)))
            | ast.Call(args=[ast.Constant(value=str(key)), *_])
        ):
            return key
    return None


def entry_of(held: Kind, node: ast.AST, key: Kind, value: Kind) -> Kind:
    """What an entry that is put into the dict ``held`` at ``node`` says of the dict."""
    named = named_key(node)
    if named is not None and not held.cls:
        return record({named: value})
    return Kind("dict", (key, value), held.cls)
