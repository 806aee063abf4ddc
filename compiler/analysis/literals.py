"""What an expression is by the way it is written."""

import ast

NEVER_CHANGED = frozenset(
    [
        "int",
        "float",
        "complex",
        "bool",
        "str",
        "bytes",
        "NoneType",
        "object",  # made by `object()` itself: it has no attributes
        "ellipsis",
        "number",
        "range",
        "datetime",
        "re.Pattern",
        "pure path",
    ]
)


def type_of_literal(node: ast.expr | None) -> str | None:
    """The exact type of a display, constant, f-string or comprehension; None where it is another."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):  # `-1`
        node = node.operand if isinstance(node.operand, ast.Constant) else node
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    for kinds, name in (
        (ast.List | ast.ListComp, "list"),
        (ast.Dict | ast.DictComp, "dict"),
        (ast.Set | ast.SetComp, "set"),
        (ast.Tuple, "tuple"),
        (ast.JoinedStr, "str"),
        (ast.GeneratorExp, "iterator"),
    ):
        if isinstance(node, kinds):
            return name
    return None


def is_constant(node: ast.expr) -> bool:
    """Whether an expression is written as a value that nobody can change."""
    if isinstance(node, ast.Tuple):
        return all(is_constant(element) for element in node.elts)
    literal = type_of_literal(node)
    return literal is not None and literal in NEVER_CHANGED
