"""The three kinds of trouble: the user's mistake, a skip with a reason, our own bug."""

from selfsame.grammar.diagnostics import Diagnostic as Diagnostic
from selfsame.grammar.diagnostics import Place as Place


class SelfsameError(Exception):
    """Base of all that selfsame raises on purpose."""


class UserError(SelfsameError):
    """Bad input: source that does not parse, CDL with errors, a node that does not exist."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


class Skipped(SelfsameError):
    """Something was left alone, and ``reason`` says why. Never an error of the program."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InternalError(SelfsameError):
    """A bug in selfsame: an invariant of its own does not hold."""
