"""Reports syntax errors in words and reads on behind them: at the next property or constraint."""

from typing import Any

from antlr4 import Token
from antlr4.error.Errors import InputMismatchException
from antlr4.error.ErrorStrategy import DefaultErrorStrategy

from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.generated.CDLParser import CDLParser
from selfsame.grammar.positions import Positions
from selfsame.grammar.words import expected_value, shown

_BODY_END = {CDLParser.RBRACE, CDLParser.DECLARE, Token.EOF}
_PROPERTY_END = {CDLParser.SEPARATOR, *_BODY_END}
_SELECTORS_END = {CDLParser.LBRACE, *_BODY_END}


class Recovery(DefaultErrorStrategy):  # type: ignore[misc]  # the runtime has no types
    """Never guesses a token: a rule that fails is left, after one diagnostic.

    ``repaired`` are the offsets of the lists whose bracket was put in: they have their diagnostic.
    """

    def __init__(self, positions: Positions, repaired: set[int]) -> None:
        super().__init__()
        self.positions = positions
        self.repaired = repaired
        self.diagnostics: list[Diagnostic] = []

    def sync(self, recognizer: Any) -> None:
        """Skip what stands between two properties; it stays in the tree for the builder to name.

        Elsewhere a wrong token fails the rule, and the rule is left.
        """
        if not isinstance(recognizer._ctx, CDLParser.BodyContext):
            return
        atn = recognizer._interp.atn
        kind = recognizer.getTokenStream().LA(1)
        if kind in atn.nextTokens(atn.states[recognizer.state]) or kind in _BODY_END:
            return
        self.beginErrorCondition(recognizer)
        depth = 0
        while kind not in (CDLParser.DECLARE, Token.EOF):
            if depth == 0 and kind in _PROPERTY_END:
                break
            depth += (kind == CDLParser.LBRACE) - (kind == CDLParser.RBRACE)
            recognizer.consume()
            kind = recognizer.getTokenStream().LA(1)

    def recoverInline(self, recognizer: Any) -> Any:
        """Raise: a missing token is never made up, a wrong one never dropped."""
        raise InputMismatchException(recognizer)

    def reportError(self, recognizer: Any, e: Any) -> None:
        """Add the diagnostic of a failed rule, unless one was added since the last good token."""
        if self.inErrorRecoveryMode(recognizer):
            return
        self.beginErrorCondition(recognizer)
        context, token = recognizer._ctx, e.offendingToken
        lists = CDLParser.ListContext | CDLParser.SubjectContext
        opened = context.start.start if isinstance(context, lists) else None
        if opened not in self.repaired:
            self.diagnostics.append(self._diagnostic(context, token, recognizer))

    def recover(self, recognizer: Any, e: Any) -> None:
        """Skip to where the rule that failed ends."""
        context: Any = recognizer._ctx
        if isinstance(context, CDLParser.ImportingContext):
            self.consumeUntil(recognizer, {CDLParser.SEPARATOR, CDLParser.DECLARE, Token.EOF})
        elif isinstance(context, CDLParser.SelectorsContext):
            self.consumeUntil(recognizer, _SELECTORS_END)
        elif isinstance(context, CDLParser.BodyContext):
            self.consumeUntil(recognizer, _BODY_END)
            if _opening(context) is None and recognizer.getCurrentToken().type == CDLParser.RBRACE:
                recognizer.consume()
        else:
            self.consumeUntil(recognizer, _PROPERTY_END)

    def _diagnostic(self, context: Any, token: Any, recognizer: Any) -> Diagnostic:
        before = recognizer.getTokenStream().LT(-1)
        opened = _opening(context) if isinstance(context, CDLParser.BodyContext) else None
        if opened is not None:
            return Diagnostic(
                self.positions.place(opened.start, opened.stop),
                "this `{` is never closed",
                "close the block with `}`",
            )
        if token.type in _PROPERTY_END and before is not None:
            place = self.positions.place(before.stop + 1, before.stop + 1)
        else:
            place = self.positions.place(token.start, token.stop)
        wanted, example = self._expected(context, before)
        return Diagnostic(place, f"expected {wanted}, found {shown(token.text)}", example)

    def _expected(self, context: Any, before: Any) -> tuple[str, str]:
        """What a failed rule wanted, in words, and an example."""
        after = f"after `{before.text}`" if before is not None else ""
        match context:
            case CDLParser.SelectorsContext():
                kind = context.parentCtx.DECLARE().getText()
                if kind == "constraint":
                    return f"the name of a node {after}", "constraint node_1 { … }"
                return f"a name {after}", f"{kind} careful {{ … }}"
            case CDLParser.ImportingContext():
                return f"the path of a file {after}", "import common.cdl"
            case CDLParser.SubjectContext() if before.text == "[":
                return f"a name {after}", "error_rate[ValueError]"
            case CDLParser.SubjectContext():
                return f"`]` {after}", "error_rate[ValueError]"
            case CDLParser.BodyContext():
                return f"`{{` {after}", "constraint node_1 { … }"
            case CDLParser.ValueContext():
                return expected_value(context.parentCtx.key().WORD().getText())
            case CDLParser.UnitContext() if isinstance(context.parentCtx, CDLParser.HoldContext):
                return f"a length of time {after}", "hold 10m"
            case CDLParser.HoldContext():
                return f"a length of time {after}", "hold 10m"
            case CDLParser.WindowContext() | CDLParser.UnitContext():
                return f"a length of time {after}", "over 5m"
            case CDLParser.SamplesContext():
                return f"a number {after}", "samples 30"
            case CDLParser.ListContext() if before.text not in ("[", ","):
                return f"`,` or `]` {after}", ""
            case CDLParser.ListContext() | CDLParser.ElementContext():
                return f"a name {after}", "[sort_a, sort_b]"
        return f"a number {after}", ""


def _opening(body: Any) -> Any:
    """The ``{`` of a body, None where that is what it lacks."""
    leaf = body.LBRACE()
    return leaf.symbol if leaf is not None else None
