"""Turns the values of properties into the model: numbers with units, lists, words."""

import decimal
import re
from decimal import Decimal
from typing import Any, Final, NoReturn

from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.generated.CDLParser import CDLParser
from selfsame.grammar.model import ANY, NONE, Bound, Canary, Equality, Name, Names
from selfsame.grammar.names import selector_mistake
from selfsame.grammar.positions import Positions
from selfsame.grammar.vocabulary import (
    COMPARATORS,
    DIMENSION_WORDS,
    MEASURES,
    TIMES,
    UNIT_ALIASES,
    UNITS,
    Comparator,
    Dimension,
)
from selfsame.grammar.words import expected_value, listed, nearest, shown

_NUMBERS: Final = decimal.Context(prec=60, traps=[decimal.InvalidOperation])
_LARGEST: Final = Decimal("1e30")
_NAME: Final = re.compile(r"[^*!@\[\]<>]+")
_RELAXATIONS: Final = ("unordered", "any_message", "where_succeeds")


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

    def fail_at(self, place: Place, message: str, suggestion: str = "") -> NoReturn:
        """Raise the Mistake at a place."""
        raise Mistake(Diagnostic(place, message, suggestion))

    def wrong_kind(self, key: str, value: Any) -> NoReturn:
        """Raise the Mistake for a value of a kind that the property ``key`` does not take."""
        wanted, example = expected_value(key)
        self.fail(value, f"{key} takes {wanted}, not {shown(self.text(value))}", example)

    def text(self, node: Any) -> str:
        """A piece of the parse tree as the user wrote it."""
        stop = (node.stop or node.start).stop
        written = self.positions.text[node.start.start : stop + 1]
        return " ".join(written.split())

    def bound(self, key: str, measured: str, tree: Any, place: Place) -> Bound:
        """The bound that a property states; ``key`` is as written, ``measured`` in MEASURES."""
        measure = MEASURES[measured]
        bound = tree.value().bound()
        if bound is None:
            self.wrong_kind(key, tree.value())
        self._no_hold(bound)
        subject = self._subject(key, tree.key(), measure.subject)
        amounts = bound.amount()
        if len(amounts) > 1:
            found = shown(amounts[1].getText())
            self.fail(amounts[1], f"expected a comma or a new line, found {found}")
        comparator = self._comparator(bound.COMPARATOR())
        if measure.dimension == "rate" and bound.COMPARATOR() is None:
            self.fail(bound, f"{key} needs a comparison", f"{key}: >= {self.text(bound)}")
        relative = self._relative(amounts[0], key)
        if relative is not None:
            value, unit = relative, ""
        else:
            value, unit = self.quantity(amounts[0], measure.dimension, key)
            self._sensible(bound, key, comparator, value, measure.dimension)
        window = self._window(bound.window())
        samples = self._samples(bound.samples())
        return Bound(
            measure.metric,
            measure.statistic,
            comparator,
            value,
            unit,
            window,
            samples,
            place,
            subject,
            relative is not None,
        )

    def amount(self, key: str, value: Any, dimension: Dimension) -> tuple[float, str]:
        """The one quantity above 0 that ``key`` states, in SI, and its unit."""
        bound = value.bound()
        if bound is None:
            self.wrong_kind(key, value)
        self._alone(key, bound, 1)
        amount, unit = self.quantity(bound.amount()[0], dimension, key)
        if amount == 0:
            self.fail(bound, f"{key} is above 0")
        if dimension == "ratio" and amount > 1:
            self.fail(bound, f"{key} is never above 100%")
        return amount, unit

    def number(self, key: str, value: Any) -> int:
        """The whole number of at least 1 that ``key`` states."""
        amount, _ = self.amount(key, value, "count")
        if amount != int(amount):
            self.fail(value, f"{key} is a whole number")
        return int(amount)

    def canary(self, key: str, value: Any) -> Canary:
        """The rising shares that ``key`` states, and how long each is held."""
        bound = value.bound()
        if bound is None:
            self.wrong_kind(key, value)
        self._alone(key, bound, None)
        steps: list[float] = []
        for amount in bound.amount():
            share, _ = self.quantity(amount, "ratio", key)
            if not 0 < share <= 1:
                self.fail(amount, f"a step of {key} is above 0% and at most 100%")
            if steps and share <= steps[-1]:
                self.fail(amount, f"the steps of {key} rise", "5% 25% 50%")
            steps.append(share)
        holds = bound.hold()
        if len(holds) > 1:
            self.fail(holds[1], "`hold` is given twice")
        if not holds:
            return Canary(tuple(steps))
        seconds, _ = self._quantity(holds[0].NUMBER(), holds[0].unit(), "time", "a hold")
        return Canary(tuple(steps), seconds)

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
            if not _NAME.fullmatch(name):
                self.fail(element, f"`{name}` is not a name", "name each one by itself")
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
        """``exact``, or ``tolerance`` with ``rel``, ``abs`` or both; then what is relaxed, or that alone."""
        choice = value.choice()
        if choice is None:
            self.wrong_kind(key, value)
        words = [child.symbol for child in choice.children]
        example = "equality: tolerance rel 1e-9"
        known: tuple[str, ...] = ("exact", "tolerance", *_RELAXATIONS)
        if words[0].text not in known:
            near = nearest(words[0].text, known) or example
            self.fail(words[0], f"{key} is {listed(known)}, not `{words[0].text}`", near)
        exact = words[0].text != "tolerance"
        found: dict[str, float] = {}
        flags: set[str] = set()
        at = 0 if words[0].text in _RELAXATIONS else 1
        while at < len(words):
            kind = words[at]
            if kind.text in _RELAXATIONS:
                if kind.text in flags:
                    self.fail(kind, f"`{kind.text}` is given twice")
                flags.add(kind.text)
                at += 1
                continue
            if exact or kind.text not in ("rel", "abs"):
                known = ("rel", "abs") if not exact and not found else _RELAXATIONS
                near = nearest(kind.text, known) or ("" if exact else example)
                self.fail(kind, f"expected {listed(known)}, found {shown(kind.text)}", near)
            number = words[at + 1] if at + 1 < len(words) else None
            at += 2
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
        if not found and not exact:
            self.fail(words[0], "`tolerance` needs `rel` or `abs`", example)
        return Equality(
            found.get("rel", 0.0),
            found.get("abs", 0.0),
            "unordered" in flags,
            "any_message" in flags,
            "where_succeeds" in flags,
        )

    def _number(self, token: Any) -> Decimal:
        text = getattr(token, "symbol", token).text
        try:
            number = _NUMBERS.create_decimal(text.replace("_", ""))
        except decimal.InvalidOperation:
            self.fail(token, f"{shown(text)} is not a number")
        if number.copy_abs() > _LARGEST:
            self.fail(token, f"{shown(text)} is too large a number")
        return number

    def quantity(self, amount: Any, wanted: Dimension, key: str) -> tuple[float, str]:
        """An amount of the text in SI, and its unit."""
        if amount.BASELINE() is not None:
            self.fail(amount, f"{key} cannot be relative to a baseline")
        return self._quantity(amount.NUMBER(), amount.unit(), wanted, key)

    def _relative(self, amount: Any, key: str) -> float | None:
        """The factor of ``1.2 x baseline``; None where the amount is none."""
        times = amount.unit() is not None and amount.unit().getText() in TIMES
        if amount.BASELINE() is None:
            if times:
                self.fail(amount, f"`x` stands before `baseline`: {key}", "<= 1.2 x baseline")
            return None
        if not times:
            self.fail(amount, "a bound on the baseline is a multiple of it", "<= 1.2 x baseline")
        factor = self._number(amount.NUMBER())
        if factor <= 0:
            self.fail(amount, "a multiple of the baseline is above 0", "<= 1.2 x baseline")
        return float(factor)

    def _subject(self, key: str, tree: Any, takes: str) -> str:
        """What stands in brackets behind a key; empty where nothing does."""
        subject = tree.subject()
        if subject is None:
            return ""
        text: str = subject.NAME().getText()
        if not takes:
            self.fail(subject, f"{key} takes nothing in brackets", f"write `{key}`")
        if takes == "exception" and not all(part.isidentifier() for part in text.split(".")):
            self.fail(
                subject.NAME(), f"`{text}` is not the name of an exception", f"{key}[ValueError]"
            )
        if takes == "callee" and (":" not in text or "*" in text or selector_mistake(text)):
            self.fail(
                subject.NAME(), f"`{text}` is not the address of a node", f"{key}[shop.db:load]"
            )
        return text

    def _no_hold(self, bound: Any) -> None:
        if bound.hold():
            self.fail(bound.hold()[0], "`hold` belongs to `canary`", "canary: 5% 25% hold 10m")

    def _alone(self, key: str, bound: Any, most: int | None) -> None:
        """Refuse what only a bound on a measurement takes."""
        if bound.COMPARATOR() is not None:
            wanted, example = expected_value(key)
            self.fail(bound.COMPARATOR(), f"{key} takes {wanted}, without a comparison", example)
        for clause in (*bound.window(), *bound.samples()):
            self.fail(clause, f"`{clause.start.text}` belongs to a bound, not to {key}")
        if most is not None:
            self._no_hold(bound)
            if len(bound.amount()) > most:
                extra = bound.amount()[most]
                found = shown(extra.getText())
                self.fail(extra, f"expected a comma or a new line, found {found}")

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
        units = f"write {listed(known)}" if known else "write the number alone"
        if unit is None:
            text = number.getText()
            self.fail(number, f"`{text}` has no unit: {key} is {kind}", units)
        written = unit.getText()
        for other in UNITS:
            alike = written.lower() in map(str.lower, UNITS[other])
            if other != wanted and alike and written.lower() not in map(str.lower, known):
                message = f"`{written}` is a unit of {other}, but {key} is {kind}"
                self.fail(unit, message, units)
        if written in TIMES:
            self.fail(unit, f"`x` multiplies a baseline, and {key} is {kind}", "1.2 x baseline")
        near = nearest(written, known) or nearest(written, ("over", "samples"))
        self.fail(unit, f"unknown unit `{written}`", near or units)

    def _sensible(
        self, bound: Any, key: str, comparator: Comparator, amount: float, dimension: Dimension
    ) -> None:
        """Refuse a bound that nothing can meet, or that everything meets."""
        upper = comparator.startswith("<")
        text = self.text(bound)
        if dimension == "ratio" and amount > 1:
            written = bound.amount()[0]
            number = written.NUMBER().getText()
            hint = f"did you mean {number}%?" if written.unit() is None and amount <= 100 else ""
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
