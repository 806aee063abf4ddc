"""Turns a parse tree into a document, with a diagnostic for each thing that means nothing."""

from collections.abc import Iterator
from typing import Any

from antlr4 import ErrorNode, Token

from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.generated.CDLParser import CDLParser
from selfsame.grammar.model import ANY, Allowance, Bound, Constraint, Document, Selector
from selfsame.grammar.names import selector_mistake
from selfsame.grammar.positions import Positions
from selfsame.grammar.values import Mistake, Values
from selfsame.grammar.vocabulary import FAMILIES, MEASURES, MODES, PROPERTIES, SHORT_FORMS
from selfsame.grammar.words import expected_value, listed, nearest, shown


class Builder:
    """Builds the document of one text; ``diagnostics`` collects what is wrong."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.values = Values(positions)
        self.diagnostics: list[Diagnostic] = []

    def document(self, tree: Any) -> Document:
        """The document of a parse tree. Constraints with mistakes are in it as far as they go."""
        found: list[Constraint] = []
        headless = False  # a piece without `constraint` was reported, its block may follow
        for child in tree.getChildren():
            kind = child.symbol.type if hasattr(child, "symbol") else None
            if kind in (CDLParser.SEPARATOR, Token.EOF):
                continue
            if isinstance(child, CDLParser.ConstraintContext):
                found.append(self._constraint(child))
                headless = False
                continue
            if not headless:
                self._outside(child)
            if isinstance(child, CDLParser.BodyContext):
                self._properties(child, _Parts())
            headless = isinstance(child, CDLParser.StrayContext)
        return Document(tuple(found), self.positions.path)

    def error(self, node: Any, message: str, suggestion: str = "") -> None:
        """Add a diagnostic at the place of a token or of a piece of the tree."""
        self.diagnostics.append(Diagnostic(self.values.place(node), message, suggestion))

    def _outside(self, piece: Any) -> None:
        """Report what stands outside any constraint."""
        first = getattr(piece, "symbol", None) or piece.start
        if first.type == CDLParser.RBRACE:
            self.error(first, "this `}` closes nothing")
            return
        near = nearest(first.text, ("constraint",)) or "constraint node_1 { … }"
        self.error(first, f"expected `constraint`, found {shown(first.text)}", near)

    def _constraint(self, tree: Any) -> Constraint:
        parts = _Parts()
        selectors = self._selectors(tree)
        if tree.body() is not None:
            self._properties(tree.body(), parts)
        return Constraint(
            selectors,
            tuple(parts.bounds),
            tuple(parts.allowances),
            place=self.values.place(tree.start),
            **parts.settings,
        )

    def _selectors(self, tree: Any) -> tuple[Selector, ...]:
        found: list[Selector] = []
        context = tree.selectors()
        if context is None:
            return ()
        opened = tree.body() is not None and tree.body().LBRACE() is not None
        joined = True
        for child in context.getChildren():
            token = getattr(child, "symbol", None)
            if token is None or token.type == CDLParser.COMMA:
                joined = True
                continue
            if token.type != CDLParser.PATTERN:
                break
            if not joined:
                if opened:
                    self.error(token, f"expected `,` or `{{` before {shown(token.text)}")
                break
            joined = False
            mistake = selector_mistake(token.text)
            if mistake is not None:
                self.error(token, *mistake)
            elif any(known.text == token.text for known in found):
                self.error(token, f"`{token.text}` is named twice")
            found.append(Selector(token.text, self.values.place(token)))
        return tuple(found)

    def _properties(self, body: Any, parts: "_Parts") -> None:
        for group in _groups(body):
            if not group:
                continue
            if isinstance(group[0], CDLParser.PropertyContext):
                self._property(group[0], [leaf.symbol for leaf in group[1:]], parts)
            else:
                self._no_property(group[0].symbol)

    def _no_property(self, first: Any) -> None:
        """Report a piece that stands where a property should, and starts with ``first``."""
        if first.type == CDLParser.RBRACK:
            self.error(first, "this `]` closes nothing")
        elif first.type == CDLParser.LBRACE:
            self.error(first, "a block cannot stand inside a constraint")
        elif first.text in ("over", "samples"):
            self.error(first, f"`{first.text}` stands behind a bound", "error_rate: 1% over 5m")
        else:
            self.error(first, f"expected a property, found {shown(first.text)}", "mode: watch")

    def _property(self, tree: Any, rest: list[Any], parts: "_Parts") -> None:
        """Read a property. ``rest`` are the tokens between it and the next separator."""
        if _broken(tree):
            return
        key = tree.key().getText()
        if rest and rest[0].type == CDLParser.LBRACE:
            self.error(rest[0], "a block cannot stand inside a constraint")
        elif key not in PROPERTIES:
            self.error(tree.key(), f"unknown property `{key}`", _property_near(key))
        elif tree.value() is None and not (key == "never" and not rest):
            self._no_value(key, tree, rest)
        elif rest:
            first = rest[0]
            near = nearest(first.text, ("over", "samples"))
            self.error(first, f"expected a comma or a new line, found {shown(first.text)}", near)
        else:
            try:
                self._take(key, tree, parts)
            except Mistake as mistake:
                self.diagnostics.append(mistake.diagnostic)

    def _no_value(self, key: str, tree: Any, rest: list[Any]) -> None:
        wanted, example = expected_value(key)
        if rest:
            found = shown(rest[0].text)
            self.error(rest[0], f"expected `:` after `{key}`, found {found}", example)
        else:
            self.error(tree, f"`{key}` has no value: it takes {wanted}", example)

    def _take(self, key: str, tree: Any, parts: "_Parts") -> None:
        """Put a property into ``parts``. Raises Mistake."""
        name = SHORT_FORMS.get(key, key)
        value, place = tree.value(), self.values.place(tree)
        if name in parts.lines:
            self.values.fail(
                tree.key(),
                f"`{key}` is given twice in this constraint",
                f"the first is on line {parts.lines[name]}",
            )
        parts.lines[name] = place.line
        if name in MEASURES:
            parts.bounds.append(self.values.bound(key, name, value, place))
            return
        for family in FAMILIES:
            if name == family:
                names = self.values.names(key, value)
                parts.allowances.append(Allowance(family, names, place))
                return
        if name == "never":
            parts.settings["never"] = ANY if value is None else self.values.names(key, value)
        elif name == "partial":
            parts.settings["partial"] = self.values.word(key, value, ("yes", "no")) == "yes"
        elif name == "mode":
            parts.settings["mode"] = self.values.word(key, value, MODES)
        else:
            parts.settings["equality"] = self.values.equality(key, value)


class _Parts:
    """What was read of one constraint so far."""

    def __init__(self) -> None:
        self.bounds: list[Bound] = []
        self.allowances: list[Allowance] = []
        self.settings: dict[str, Any] = {}
        self.lines: dict[str, int] = {}


def _groups(body: Any) -> Iterator[list[Any]]:
    """The children of a body between its separators: properties, and tokens that were skipped."""
    group: list[Any] = []
    for child in body.getChildren():
        if isinstance(child, CDLParser.PropertyContext | ErrorNode):
            group.append(child)
        elif child.symbol.type == CDLParser.SEPARATOR:
            yield group
            group = []
    yield group


def _broken(tree: Any) -> bool:
    """Whether a rule failed in this piece: it has its diagnostic."""
    if getattr(tree, "exception", None) is not None:
        return True
    return any(_broken(child) for child in getattr(tree, "children", None) or ())


def _property_near(key: str) -> str:
    statistics = [name for name in MEASURES if name.endswith(f"_{key}")]
    if len(statistics) > 1:
        return f"say which: {listed(statistics)}"
    near = nearest(key, PROPERTIES)
    if near:
        return near
    sorts = "max_, mean_, p50_, p95_ or p99_ with execution_time or cpu_time"
    others = [name for name in PROPERTIES if "_time" not in name]
    return f"the properties are {', '.join(others)}, and {sorts}"
