"""Lowered ``ast`` to the text of a ``.pyx``."""

import ast

import astor
from astor.code_gen import SourceGenerator, set_precedence
from astor.op_util import Precedence

from selfsame.compiler.emit.cython.nodes import AddressOf, Cast, CFunction, Declare


class CythonGenerator(SourceGenerator):  # type: ignore[misc]
    """astor's printer with the nodes of ``nodes`` added."""

    def visit_CFunction(self, node: CFunction) -> None:
        """``cdef double f(double x) except? -1:`` and its body."""
        fails = f" except{node.fails}" if node.fails else ""
        self.newline(extra=2)
        self.write(f"cdef {node.result} {node.name}({', '.join(node.parameters)}){fails}:")
        self.body(node.body)
        self.newline(extra=2)

    def visit_Declare(self, node: Declare) -> None:
        """``cdef long long x = 0``."""
        value = f" = {node.value}" if node.value is not None else ""
        self.statement(node, f"cdef {node.type} {node.name}{value}")

    def visit_Constant(self, node: ast.Constant) -> None:
        """A large int gets C's suffix: Cython takes it for a Python object without."""
        if type(node.value) is int and abs(node.value) >= 1 << 31:
            with self.delimit(node):
                self.write(f"{node.value}LL")
        else:
            super().visit_Constant(node)

    def visit_AddressOf(self, node: AddressOf) -> None:
        """``&x``."""
        self.write(f"&{node.name}")

    def visit_Cast(self, node: Cast) -> None:
        """``<double>x``, always in parentheses: C's precedence is not Python's."""
        set_precedence(Precedence.highest, node.value)
        self.write(f"(<{node.type}>", node.value, ")")


class ObjectGenerator(CythonGenerator):
    """As CythonGenerator, where every value is an object: a large int is a Python int."""

    def visit_Constant(self, node: ast.Constant) -> None:
        """As Python writes it; a negative or complex one in parentheses."""
        text = repr(node.value)
        if isinstance(node.value, float) and text in ("inf", "nan"):
            text = "1e309"
        self.write("..." if node.value is Ellipsis else text)


def print_cython(body: list[ast.stmt]) -> str:
    """The text of the statements."""
    return _printed(body, CythonGenerator)


def print_objects(body: list[ast.stmt]) -> str:
    """The text of statements that compute with objects alone."""
    return _printed(body, ObjectGenerator)


def _printed(body: list[ast.stmt], generator: type[CythonGenerator]) -> str:
    tree = ast.Module(body, [])
    text: str = astor.to_source(tree, source_generator_class=generator, pretty_source="".join)
    return text.strip("\n") + "\n"
