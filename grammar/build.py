"""Turns a parse tree into a document, with a diagnostic for each thing that means nothing."""

import difflib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from antlr4 import ErrorNode, Token

from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.generated.CDLParser import CDLParser
from selfsame.grammar.model import (
    Allowance,
    Constraint,
    Declaration,
    Document,
    Import,
    Name,
    Profile,
    Selection,
    Selector,
    Statement,
)
from selfsame.grammar.names import selector_mistake
from selfsame.grammar.positions import Positions
from selfsame.grammar.settings import Settings
from selfsame.grammar.values import Mistake, Values
from selfsame.grammar.vocabulary import (
    DECLARATIONS,
    FAMILIES,
    MEASURES,
    NODES,
    PROPERTIES,
    SETTINGS,
    SHORT_FORMS,
)
from selfsame.grammar.words import expected_value, listed, nearest, shown


class Builder:
    """Builds the document of one text; ``diagnostics`` collects what is wrong.

    ``lost`` says whether a declaration may be missing in the document, or not say what it should.
    """

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.values = Values(positions)
        self.settings = Settings(self.values)
        self.diagnostics: list[Diagnostic] = []
        self.lost = False

    def document(self, tree: Any) -> Document:
        """The document of a parse tree. Declarations with mistakes are in it as far as they go."""
        found: list[Declaration] = []
        headless = ""  # what a piece without `constraint` was meant as; its block may follow
        for child in tree.getChildren():
            kind = child.symbol.type if hasattr(child, "symbol") else None
            if kind in (CDLParser.SEPARATOR, Token.EOF):
                continue
            if isinstance(child, CDLParser.DeclarationContext):
                declared = self._declaration(child)
                found += [declared] if declared is not None else []
                headless = ""
                continue
            if isinstance(child, CDLParser.ImportingContext):
                found += self._import(child)
                continue
            if not headless:
                self._outside(child)
            if isinstance(child, CDLParser.BodyContext):
                self._properties(child, _Parts(headless or "constraint"))
            stray = isinstance(child, CDLParser.StrayContext)
            headless = (headless or _declares(child.start.text)) if stray else ""
        return Document(tuple(found), self.positions.path)

    def error(self, node: Any, message: str, suggestion: str = "") -> None:
        """Add a diagnostic at the place of a token or of a piece of the tree."""
        self.diagnostics.append(Diagnostic(self.values.place(node), message, suggestion))

    def _outside(self, piece: Any) -> None:
        """Report what stands outside any declaration."""
        self.lost = True
        first = getattr(piece, "symbol", None) or piece.start
        if first.type == CDLParser.RBRACE:
            self.error(first, "this `}` closes nothing")
            return
        if first.text in PROPERTIES:
            message = f"`{first.text}` stands outside a constraint"
            self.error(first, message, f"constraint **:** {{ {first.text}: … }}")
            return
        near = nearest(first.text, DECLARATIONS) or "constraint node_1 { … }"
        self.error(first, f"expected `constraint`, found {shown(first.text)}", near)

    def _declaration(self, tree: Any) -> Declaration | None:
        """A constraint, profile or selection; None where it has no name that could be kept."""
        kind: str = tree.DECLARE().getText()
        parts = _Parts(kind)
        place = self.values.place(tree.start)
        mistakes = len(self.diagnostics)
        selectors = self._selectors(tree)
        if kind != "constraint":
            self._one_name(kind, selectors)
            self.lost |= len(self.diagnostics) > mistakes
        if tree.body() is not None:
            self._properties(tree.body(), parts)
        if kind == "constraint":
            return Constraint(selectors, tuple(parts.statements), place)
        if not selectors:
            self.lost = True
            return None
        name, at = selectors[0].text, selectors[0].place
        if kind == "profile":
            return Profile(name, tuple(parts.statements), at)
        self.lost |= not parts.nodes
        if not parts.nodes and len(self.diagnostics) == mistakes and not _broken(tree):
            self.error(tree.DECLARE(), f"the selection `{name}` selects nothing", "nodes: [app:*]")
        return Selection(name, tuple(parts.nodes), at)

    def _one_name(self, kind: str, selectors: tuple[Selector, ...]) -> None:
        """Report what is not the one plain name that a profile or selection has."""
        for selector in selectors[:1]:
            text = selector.text
            plain = selector.kind == "label" and "." not in text and not selector.excludes
            if not plain or selector_mistake(text) is not None:
                message = f"`{text}` is not a name for a {kind}"
                self.diagnostics.append(
                    Diagnostic(selector.place, message, f"{kind} careful {{ … }}")
                )
        if len(selectors) > 1:
            self.diagnostics.append(
                Diagnostic(selectors[1].place, f"a {kind} has one name", f"{kind} careful {{ … }}")
            )

    def _import(self, tree: Any) -> list[Import]:
        if _broken(tree):
            return []
        paths: list[Name] = []
        for leaf in tree.PATH():
            text = leaf.getText().strip('"')
            place = self.values.place(leaf)
            if not text:
                self.error(leaf, "the path of a file is empty", "import common.cdl")
            elif any(known.text == text for known in paths):
                self.error(leaf, f"`{text}` is imported twice")
            else:
                paths.append(Name(text, place))
        return [Import(tuple(paths), self.values.place(tree.start))] if paths else []

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
            if token.text == ":" and not found:
                kind = tree.DECLARE().getText()
                self.error(token, f"no `:` stands behind `{kind}`", f"{kind} node_1 {{ … }}")
                joined = True
                continue
            names_nodes = tree.DECLARE().getText() == "constraint"
            mistake = selector_mistake(token.text) if names_nodes else None
            if mistake is not None:
                self.error(token, *mistake)
            elif any(known.text == token.text for known in found):
                self.error(token, f"`{token.text}` is named twice")
            found.append(Selector(token.text, self.values.place(token)))
        self._only_excluded(found)
        return tuple(found)

    def _only_excluded(self, found: list[Selector]) -> None:
        if found and all(selector.excludes for selector in found):
            message = (
                f"`{found[0].text}` leaves out, and nothing is named that it could leave out of"
            )
            example = f"**:**, {found[0].text}"
            self.diagnostics.append(Diagnostic(found[0].place, message, example))

    def _properties(self, body: Any, parts: "_Parts") -> None:
        groups = list(_groups(body))
        for before, group in pairwise([[], *groups]):
            if not group or self._decimal_comma(before, group):
                continue
            if isinstance(group[0], CDLParser.PropertyContext):
                self._property(group[0], [leaf.symbol for leaf in group[1:]], parts)
            else:
                self._no_property(group[0].symbol)

    def _decimal_comma(self, before: list[Any], group: list[Any]) -> bool:
        """Whether a comma stands in a number, which is one mistake: ``10,5ms``."""
        first = getattr(group[0], "symbol", None)
        if not before or first is None or first.type != CDLParser.NUMBER:
            return False
        last = getattr(before[-1], "stop", None) or before[-1].symbol
        if last.type != CDLParser.NUMBER or last.stop + 2 != first.start:
            return False
        place = self.values.place(last)
        self.diagnostics = [d for d in self.diagnostics if d.place != place]
        whole = replace(place, width=first.stop - last.start + 1)
        written, meant = f"{last.text},{first.text}", f"{last.text}.{first.text}"
        message = f"`{written}` is no number: decimals stand behind a point"
        self.diagnostics.append(Diagnostic(whole, message, f"did you mean {meant}?"))
        return True

    def _no_property(self, first: Any) -> None:
        """Report a piece that stands where a property should, and starts with ``first``."""
        if first.type == CDLParser.RBRACK:
            self.error(first, "this `]` closes nothing")
        elif first.type == CDLParser.LBRACE:
            self.error(first, "a block cannot stand inside a constraint")
        elif first.text in ("over", "samples"):
            self.error(first, f"`{first.text}` stands behind a bound", "error_rate: 1% over 5m")
        elif first.text == "hold":
            self.error(
                first, "`hold` stands behind the steps of canary", SETTINGS["canary"].example
            )
        elif first.text == "baseline":
            example = "p99_execution_time: <= 1.2 x baseline"
            self.error(first, "`baseline` stands behind a multiple", example)
        elif first.text.rstrip(": \t") in DECLARATIONS:
            word = first.text.rstrip(": \t")
            hint = "extends: interactive" if word == "profile" else ""
            self.error(first, f"`{word}` declares, and is no property", hint)
        else:
            self.error(first, f"expected a property, found {shown(first.text)}", "mode: watch")

    def _property(self, tree: Any, rest: list[Any], parts: "_Parts") -> None:
        """Read a property. ``rest`` are the tokens between it and the next separator."""
        if _broken(tree):
            return
        key = tree.key().WORD().getText()
        known = (NODES,) if parts.kind == "selection" else PROPERTIES
        if rest and rest[0].type == CDLParser.LBRACE:
            self.error(rest[0], "a block cannot stand inside a constraint")
        elif key not in known:
            self._unknown(key, tree, parts.kind)
        elif tree.value() is None and not (key == "never" and not rest):
            self._no_value(key, tree, rest)
        elif rest:
            first = rest[0]
            near = nearest(first.text, ("over", "samples", "hold", "baseline"))
            self.error(first, f"expected a comma or a new line, found {shown(first.text)}", near)
        else:
            try:
                self._take(key, tree, parts)
            except Mistake as mistake:
                self.diagnostics.append(mistake.diagnostic)

    def _unknown(self, key: str, tree: Any, kind: str) -> None:
        if kind == "selection":
            self.error(tree.key(), f"a selection has only `nodes`, not `{key}`", "nodes: [app:*]")
        elif key == NODES:
            self.error(
                tree.key(), "`nodes` belongs to a selection", "selection hot { nodes: [app:*] }"
            )
        else:
            self.error(tree.key(), f"unknown property `{key}`", _property_near(key))

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
        subject = tree.key().subject()
        stated = f"{name}{subject.getText()}" if subject is not None else name
        if stated in parts.lines:
            self.values.fail(
                tree.key(),
                f"`{tree.key().getText()}` is given twice in this {parts.kind}",
                f"the first is on line {parts.lines[stated]}",
            )
        parts.lines[stated] = place.line
        if name in MEASURES:
            parts.statements.append(self.values.bound(key, name, tree, place))
            return
        if subject is not None:
            self.values.fail(subject, f"{key} takes nothing in brackets", f"write `{key}: …`")
        if name == NODES:
            parts.nodes += self._nodes(value)
            return
        for family in FAMILIES:
            if name == family:
                names = self.values.names(key, value)
                parts.statements.append(Allowance(family, names, place))
                return
        parts.statements.append(self.settings.read(name, tree, place))

    def _nodes(self, value: Any) -> list[Selector]:
        """The nodes that a selection names. Raises Mistake."""
        if value.list_() is None or not value.list_().element():
            self.values.wrong_kind(NODES, value)
        found: list[Selector] = []
        for element in value.list_().element():
            if element.list_() is not None:
                self.values.fail(element, "a list cannot stand inside a list")
            text = element.getText()
            mistake = selector_mistake(text)
            if mistake is not None:
                self.values.fail(element, *mistake)
            if any(known.text == text for known in found):
                self.values.fail(element, f"`{text}` is named twice")
            found.append(Selector(text, self.values.place(element)))
        self._only_excluded(found)
        return found


class _Parts:
    """What was read of one block so far; ``kind`` is the word that it starts with."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.statements: list[Statement] = []
        self.nodes: list[Selector] = []
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


def _declares(word: str) -> str:
    """What a declaration that starts with ``word`` was meant to be."""
    near = difflib.get_close_matches(word, ("constraint", "profile", "selection"), 1)
    return near[0] if near else "constraint"


def _property_near(key: str) -> str:
    statistics = [name for name in MEASURES if name.endswith(f"_{key}")]
    if len(statistics) > 1:
        return f"say which: {listed(statistics)}"
    near = nearest(key, PROPERTIES)
    if near:
        return near
    return "`selfsame explain --properties` lists all properties"
