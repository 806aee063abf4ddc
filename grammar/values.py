"""Turns the values of properties into the model: numbers with units, lists, words."""

import decimal
from decimal import Decimal
from typing import Any, Final, NoReturn

from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.generated.CDLParser import CDLParser
from selfsame.grammar.model import ANY, NONE, Bound, Equality, Name, Names
from selfsame.grammar.positions import Positions
from selfsame.grammar.vocabulary import (
    COMPARATORS,
    DIMENSION_WORDS,
    MEASURES,
    UNIT_ALIASES,
    UNITS,
    Comparator,
    Dimension,
)
from selfsame.grammar.words import expected_value, listed, nearest, shown

_NUMBERS: Final = decimal.Context(prec=60, traps=[decimal.InvalidOperation])
_LARGEST: Final = Decimal("1e30")


class Mistake(Exception):
    """A value that means nothing; carries its diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


class Values:
    """Reads the values of one text. Every method raises Mistake where a value means nothing."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions

    def place(self, node: Any) -> Place:
        """The place of a token or of a piece of the parse tree."""
        token = getattr(node, "symbol", node)
        if hasattr(token, "tokenIndex"):
            return self.positions.place(token.start, token.stop)
        stop = node.stop or node.start
        return self.positions.place(node.start.start, max(node.start.start, stop.stop))

    def fail(self, node: Any, message: str, suggestion: str = "") -> NoReturn:
        """Raise the Mistake at the place of ``node``."""
        raise Mistake(Diagnostic(self.place(node), message, suggestion))

    def wrong_kind(self, key: str, value: Any) -> NoReturn:
        """Raise the Mistake for a value of a kind that the property ``key`` does not take."""
        wanted, example = expected_value(key)
        self.fail(value, f"{key} takes {wanted}, not {shown(self.text(value))}", example)

    def text(self, node: Any) -> str:
        """A piece of the parse tree as the user wrote it."""
        stop = (node.stop or node.start).stop
        written = self.positions.text[node.start.start : stop + 1]
        return " ".join(written.split())

    def bound(self, key: str, measured: str, value: Any, place: Place) -> Bound:
        """The bound that ``key`` (for the property ``measured``) states."""
        measure = MEASURES[measured]
        bound = value.bound()
        if bound is None:
            self.wrong_kind(key, value)
        comparator = self._comparator(bound.COMPARATOR())
        amount, unit = self._quantity(bound.NUMBER(), bound.unit(), measure.dimension, key)
        self._sensible(bound, key, comparator, amount, measure.dimension)
        window = self._window(bound.window())
        samples = self._samples(bound.samples())
        return Bound(
            measure.metric, measure.statistic, comparator, amount, unit, window, samples, place
        )

    def names(self, key: str, value: Any) -> Names:
        """The list of names, ANY or NONE that ``key`` states."""
        if value.choice() is not None:
            word = value.choice().getText()
            if word in ("any", "none"):
                return ANY if word == "any" else NONE
            if not value.choice().NUMBER() and len(value.choice().WORD()) == 1:
                wanted, _ = expected_value(key)
                near = nearest(word, ("any", "none"))
                self.fail(value, f"{key} takes {wanted}, not `{word}`", near or f"{key}: [{word}]")
        if value.list_() is None:
            self.wrong_kind(key, value)
        elements = value.list_().element()
        if not elements:
            self.fail(value, "an empty list says nothing", f"write `{key}: none` or `{key}: any`")
        found: list[Name] = []
        for element in elements:
            if element.list_() is not None:
                self.fail(element, "a list cannot stand inside a list", "write the names in one")
            name = element.getText()
            if not name[0].isalpha() and name[0] != "_":
                self.fail(element, f"`{name}` is not a name", "names start with a letter")
            if any(known.text == name for known in found):
                self.fail(element, f"`{name}` is in this list twice")
            found.append(Name(name, self.place(element)))
        return tuple(found)

    def word(self, key: str, value: Any, known: tuple[str, ...]) -> str:
        """The one of the words ``known`` that ``key`` states."""
        text: str = value.getText()
        if value.choice() is None or len(value.choice().children) != 1:
            self.wrong_kind(key, value)
        if text not in known:
            wanted = listed(known)
            near = nearest(text, known) or f"{key}: {known[0]}"
            self.fail(value, f"{key} takes {wanted}, not `{text}`", near)
        return text

    def equality(self, key: str, value: Any) -> Equality:
        """``exact``, or ``tolerance`` with ``rel``, ``abs`` or both."""
        choice = value.choice()
        if choice is None:
            self.wrong_kind(key, value)
        words = [child.symbol for child in choice.children]
        example = "equality: tolerance rel 1e-9"
        if words[0].text not in ("exact", "tolerance"):
            near = nearest(words[0].text, ("exact", "tolerance")) or example
            self.fail(words[0], f"{key} is `exact` or `tolerance`, not `{words[0].text}`", near)
        if words[0].text == "exact":
            if len(words) > 1:
                self.fail(words[1], f"nothing follows `exact`, found {shown(words[1].text)}")
            return Equality()
        found: dict[str, float] = {}
        for at in range(1, len(words), 2):
            kind = words[at]
            if kind.text not in ("rel", "abs"):
                self.fail(kind, f"expected `rel` or `abs`, found {shown(kind.text)}", example)
            number = words[at + 1] if at + 1 < len(words) else None
            if number is None or number.type != CDLParser.NUMBER:
                self.fail(number or kind, f"expected a number after `{kind.text}`", example)
            if kind.text in found:
                self.fail(kind, f"`{kind.text}` is given twice")
            amount = self._number(number)
            if amount <= 0 or float(amount) == 0.0:
                self.fail(number, "a tolerance is above 0", example)
            if kind.text == "rel" and amount >= 1:
                self.fail(number, "a relative tolerance is below 1", example)
            found[kind.text] = float(amount)
        if not found:
            self.fail(words[0], "`tolerance` needs `rel` or `abs`", example)
        return Equality(found.get("rel", 0.0), found.get("abs", 0.0))

    def _number(self, token: Any) -> Decimal:
        text = getattr(token, "symbol", token).text
        try:
            number = _NUMBERS.create_decimal(text.replace("_", ""))
        except decimal.InvalidOperation:
            self.fail(token, f"{shown(text)} is not a number")
        if number.copy_abs() > _LARGEST:
            self.fail(token, f"{shown(text)} is too large a number")
        return number

    def _comparator(self, token: Any) -> Comparator:
        text = token.getText() if token is not None else "<="
        for comparator in COMPARATORS:
            if comparator == text:
                return comparator
        guess = {"=": "<=", "==": "<=", "=<": "<=", "=>": ">="}.get(text)
        near = f"did you mean `{guess}`?" if guess else ""
        message = f"`{text}` is not a comparison: write {listed(COMPARATORS)}"
        raise Mistake(Diagnostic(self.place(token), message, near))

    def _quantity(self, number: Any, unit: Any, wanted: Dimension, key: str) -> tuple[float, str]:
        """A number with its unit, in SI, and the unit."""
        amount = self._number(number)
        written = unit.getText() if unit is not None else ""
        name = UNIT_ALIASES.get(written, written)
        scale = UNITS[wanted].get(name)
        if scale is None:
            self._wrong_unit(number, unit, wanted, key)
        if amount < 0:
            self.fail(number, f"{key} cannot be negative", f"did you mean {-amount}{name}?")
        return float(_NUMBERS.multiply(amount, scale)), name

    def _wrong_unit(self, number: Any, unit: Any, wanted: Dimension, key: str) -> NoReturn:
        known = [name for name in UNITS[wanted] if name]
        kind = DIMENSION_WORDS[wanted]
        if unit is None:
            text = number.getText()
            self.fail(number, f"`{text}` has no unit: {key} is {kind}", f"write {listed(known)}")
        written = unit.getText()
        for other, units in UNITS.items():
            if other != wanted and written in units:
                message = f"`{written}` is a unit of {other}, but {key} is {kind}"
                self.fail(unit, message, f"write {listed(known)}")
        near = nearest(written, known) or nearest(written, ("over", "samples"))
        self.fail(unit, f"unknown unit `{written}`", near or f"write {listed(known)}")

    def _sensible(
        self, bound: Any, key: str, comparator: Comparator, amount: float, dimension: Dimension
    ) -> None:
        """Refuse a bound that nothing can meet, or that everything meets."""
        upper = comparator.startswith("<")
        text = self.text(bound)
        if dimension == "ratio" and amount > 1:
            number = bound.NUMBER().getText()
            hint = f"did you mean {number}%?" if bound.unit() is None and amount <= 100 else ""
            self.fail(bound, f"{key} is never above 100%", hint)
        if upper and amount == 0 and (comparator == "<" or dimension == "time"):
            self.fail(bound, f"nothing can meet {key} `{text}`")
        if dimension == "ratio" and amount == 1 and comparator == ">":
            self.fail(bound, f"nothing can meet {key} `{text}`")
        everything = amount == 0 and comparator == ">="
        if everything or (dimension == "ratio" and amount == 1 and comparator == "<="):
            self.fail(bound, f"everything meets {key} `{text}`", "leave it out")

    def _window(self, windows: list[Any]) -> float | None:
        if not windows:
            return None
        if len(windows) > 1:
            self.fail(windows[1], "`over` is given twice")
        (window,) = windows
        seconds, _ = self._quantity(window.NUMBER(), window.unit(), "time", "a window")
        if seconds == 0:
            self.fail(window, "a window cannot be empty", "over 5m")
        return seconds

    def _samples(self, clauses: list[Any]) -> int | None:
        if not clauses:
            return None
        if len(clauses) > 1:
            self.fail(clauses[1], "`samples` is given twice")
        number = clauses[0].NUMBER()
        amount = self._number(number)
        if amount < 1 or amount != amount.to_integral_value():
            self.fail(number, "a number of samples is whole and at least 1", "samples 30")
        return int(amount)
