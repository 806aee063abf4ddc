"""What the functions of ``operator`` do, as the operators that they are named for."""

import ast

OPERATORS: dict[str, ast.operator] = {
    "add": ast.Add(), "and_": ast.BitAnd(), "floordiv": ast.FloorDiv(),
    "lshift": ast.LShift(), "mod": ast.Mod(), "mul": ast.Mult(), "or_": ast.BitOr(),
    "pow": ast.Pow(), "rshift": ast.RShift(), "sub": ast.Sub(), "truediv": ast.Div(),
    "xor": ast.BitXor(),
}  # fmt: skip
COMPARISONS: dict[str, ast.cmpop] = {
    "eq": ast.Eq(), "ge": ast.GtE(), "gt": ast.Gt(), "le": ast.LtE(), "lt": ast.Lt(),
    "ne": ast.NotEq(),
}  # fmt: skip

BY_NAME = OPERATORS.keys() | COMPARISONS.keys()
