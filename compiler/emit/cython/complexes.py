"""Complex numbers: their types and their lowering.

``half`` is a complex local that may still hold the int 0, as in ``z = 0`` before ``z = z * z + c``:
a complex 0 beside a flag. Up to Python 3.13 a real operand is made complex first. What CPython
answers with an error, and what is not finite where that matters, is left to it.
"""

import ast

from selfsame.compiler.emit.cython.complex_helpers import COMPLEX_OPERATORS
from selfsame.compiler.emit.cython.iteration import call, name
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.rules import word
from selfsame.compiler.emit.cython.types import COMPLEX, COMPLEXES, HALF, NUMBERS, Type

MOST_POWER = 100  # CPython multiplies for whole exponents up to this


def complex_type(node: ast.BinOp, left: Type, right: Type) -> Type:
    """The type of an operator with a complex operand. Raises CannotPrint."""
    if isinstance(node.op, ast.Pow):
        power = node.right.value if isinstance(node.right, ast.Constant) else None
        if type(power) is int and 0 < power <= MOST_POWER and left.kind in COMPLEXES:
            return left
    elif type(node.op) in COMPLEX_OPERATORS and {left.kind, right.kind} <= COMPLEXES | NUMBERS:
        halves = COMPLEX not in (left, right) and not isinstance(node.op, ast.Div)
        return HALF if halves else COMPLEX
    raise CannotPrint(f"an operator on {word(left)} and {word(right)}", node)


class ComplexValues:
    """Lowers complex expressions of one function."""

    flags: dict[str, str]

    def kind(self, node: ast.expr) -> Type:
        """The inferred type."""
        raise NotImplementedError

    def real(self, node: ast.expr, exact: bool = False) -> ast.expr:
        """A number as ``double``; ``exact``: or a deopt."""
        raise NotImplementedError

    def plain_complex(self, node: ast.expr) -> ast.expr:
        """A subscript, call or name that is complex already."""
        raise NotImplementedError

    def complex(self, node: ast.expr, sure: bool = True, exact: bool = False) -> ast.expr:
        """A number as ``sf_complex``; ``sure``: a half one that is still an int is a deopt."""
        kind = self.kind(node)
        if kind.kind not in COMPLEXES:
            return call("sf_complex_of", self.real(node, exact), ast.Constant(0.0))
        match node:
            case ast.Constant(value=complex() as number):
                return call("sf_complex_of", ast.Constant(number.real), ast.Constant(number.imag))
            case ast.Name() if kind == HALF:
                return call("sf_need_complex", node, name(self.flags[node.id])) if sure else node
            case ast.BinOp(op=ast.Pow()):
                return call("sf_complex_pow", self.complex(node.left, sure), node.right)
            case ast.BinOp():
                # Beside a complex number it is all one whether a zero is an int, and so it is for
                # what zeros alone give; a real operand is made complex only beside a complex one.
                zeros = kind == COMPLEX or self.kind(node.left) == self.kind(node.right) == HALF
                inside = sure if kind == HALF else False
                inside = inside or not zeros or isinstance(node.op, ast.Div)
                parts = self.complex(node.left, inside), self.complex(node.right, inside)
                return call(COMPLEX_OPERATORS[type(node.op)], *parts)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return call("sf_complex_neg", self.complex(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.complex(operand)
            case ast.Call(func=ast.Name(id="sf_some"), args=[flag, z]):
                return call("sf_need_complex", self.complex(z), flag)
            case ast.Call(func=ast.Name(id="complex"), args=[real]):
                return self.complex(real)
            case ast.Call(func=ast.Name(id="complex"), args=[real, imag]):
                return call("sf_complex_of", self.real(real), self.real(imag))
        return self.plain_complex(node)

    def size(self, node: ast.expr) -> ast.expr | None:
        """``abs(z)`` where only its value matters, not whether it is an int; None for all else."""
        match node:
            case ast.Call(func=ast.Name(id="abs"), args=[z]) if self.kind(z).kind in COMPLEXES:
                return call("sf_complex_abs", self.complex(z, sure=False))
        return None
