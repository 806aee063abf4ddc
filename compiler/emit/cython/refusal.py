"""The reason why a function is not compiled, with its place in the source."""

import ast

from selfsame.compiler.errors import Skipped


class CannotPrint(Skipped):
    """A construct, or a use of one, that has no exact compiled form here."""

    def __init__(self, reason: str, node: ast.AST | None = None) -> None:
        super().__init__(reason)
        self.line = getattr(node, "lineno", 0)
        self.column = getattr(node, "col_offset", -1) + 1

    def located(self, path: str) -> str:
        """``path:line:column``, as far as it is known."""
        return f"{path}:{self.line}:{self.column}" if self.line else path
