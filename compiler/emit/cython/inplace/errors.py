"""Exceptions in place: those that the call has made or caught, as far as a handler looks at them.

They are the exceptions of Python, without a traceback; so none may leave the call. Their text and what they hold
is read where no code of the user's runs for it.
"""

import ast
import builtins

from selfsame.compiler.emit.cython.inplace.arrays import Arrays
from selfsame.compiler.emit.cython.inplace.kinds import ANY, BOTTOM, STR, Kind
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Errors(Arrays):
    """Reads and stores what exceptions hold; ``missed`` says where Python itself raises one."""

    quiet = False
    """Whether what Python raises was asked for before."""

    def missed(self, which: str, test: str, given: str | None = "") -> None:
        """Where ``test`` holds Python raises ``which(given)`` here; ``given`` is None where it is not known."""
        error, caught = getattr(builtins, which), self.program.caught
        if self.quiet or not any(issubclass(error, getattr(builtins, each)) for each in caught):
            return
        self.program.used_builtins.add(which)
        with self.block(f"if {test}"):
            if not self.program.looks:
                self.line(f"sf_raise({which})")
            elif given is None:
                self.line("sf_deopt()")
            else:
                items = f"({given},)" if given else "()"
                self.line(f"sf_raise(sf_new_error({which}, {items}))")

    def of_error(self, value: Value, attribute: str, node: ast.AST) -> Value:
        """``error.attribute``."""
        if attribute == "args":
            return self.checked(Kind("row", (ANY,)), f"sf_error_args({value.text})")
        self._plain_attribute(attribute, node)
        kind = self.program.in_error(attribute)
        if kind == BOTTOM and not self.program.final:
            return Value(BOTTOM, "0")
        return self.checked(kind, f"sf_error_get({value.text}, {attribute!r})")

    def put_in_error(self, value: Value, attribute: str, new: Value, node: ast.AST) -> None:
        """``error.attribute = new``."""
        self._plain_attribute(attribute, node)
        self.program.set_in_error(attribute, new.kind)
        self.line(f"sf_error_put(pool, {value.text}, {attribute!r}, {self.boxed(new)})")

    def _plain_attribute(self, attribute: str, node: ast.AST) -> None:
        if attribute.startswith("__") or not attribute.isascii():
            raise CannotPrint(f"looks at {attribute} of an exception", node)

    def text_of_error(self, value: Value) -> Value:
        """``str(error)``."""
        return self.made(STR, f"sf_error_text({value.text})")
