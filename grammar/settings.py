"""Reads the properties that are neither bounds nor families: ``mode``, ``canary``, ``extends``."""

from typing import Any, Final, NoReturn

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.generated.CDLParser import CDLParser
from selfsame.grammar.model import ANY, Every, Freeze, Name, Names, Objective, Setting
from selfsame.grammar.values import Values
from selfsame.grammar.vocabulary import DAYS, LONE_NAMES, MEASURES, SETTINGS, SHORT_FORMS
from selfsame.grammar.words import expected_value, listed, nearest, shown

_MINIMISE: Final = ("minimise", "minimize")


class Settings:
    """Reads the settings of one text. ``read`` raises Mistake where a value means nothing."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def read(self, name: str, tree: Any, place: Place) -> Setting:
        """The setting that a property states; ``name`` is in SETTINGS."""
        values, value, shape = self.values, tree.value(), SETTINGS[name]
        match shape.form:
            case "word":
                return Setting(name, values.word(name, value, shape.words), place)
            case "flag":
                return Setting(name, values.word(name, value, ("yes", "no")) == "yes", place)
            case "amount":
                amount, unit = values.amount(name, value, shape.dimension)
                return Setting(name, amount, place, unit)
            case "number":
                return Setting(name, float(values.number(name, value)), place)
            case "names":
                return Setting(name, self._names(name, value), place)
            case "equality":
                return Setting(name, values.equality(name, value), place)
            case "objective":
                return Setting(name, self._objective(name, value), place)
            case "steps":
                return Setting(name, values.canary(name, value), place)
            case "windows":
                return Setting(name, self._freeze(name, value), place)

    def _names(self, name: str, value: Any) -> Names:
        if value is None:
            return ANY  # `never` alone
        values, shape = self.values, SETTINGS[name]
        if name in LONE_NAMES:
            choice = value.choice()
            found: Names
            if choice is not None and len(choice.children) == 1:
                found = (Name(choice.getText(), values.place(choice)),)
            else:
                found = values.names(name, value)
        else:
            found = values.names(name, value)
        if isinstance(found, Every):
            return found
        for known in found:
            if shape.words and known.text not in shape.words:
                near = nearest(known.text, shape.words) or f"write {listed(shape.words)}"
                values.fail_at(known.place, f"`{known.text}` is no reason to roll back", near)
            if name in LONE_NAMES and known.text in ("any", "none"):
                wanted, example = expected_value(name)
                values.fail_at(known.place, f"{name} takes {wanted}, not `{known.text}`", example)
        return found

    def _objective(self, name: str, value: Any) -> Objective:
        words = self._words(name, value)
        if words[0].text not in (*_MINIMISE, "maximise", "maximize"):
            near = nearest(words[0].text, ("minimise", "maximise"))
            example = SETTINGS[name].example
            message = f"{name} starts with `minimise` or `maximise`, found {shown(words[0].text)}"
            self.values.fail(words[0], message, near or example)
        lower = words[0].text in _MINIMISE
        goals: list[str] = []
        for at in range(1, len(words), 2):
            goals.append(self._goal(words[at], lower))
            if goals[-1] in goals[:-1]:
                self.values.fail(words[at], f"`{words[at].text}` is named twice")
            if at + 1 < len(words) and words[at + 1].text != "and":
                found = shown(words[at + 1].text)
                self.values.fail(words[at + 1], f"expected `and` or the end, found {found}")
        if len(words) % 2:
            example = SETTINGS[name].example
            self.values.fail(words[-1], f"expected a property after `{words[-1].text}`", example)
        if len(goals) > 2:
            self.values.fail(words[5], f"{name} takes one property or two")
        return Objective(tuple(goals))

    def _goal(self, word: Any, lower: bool) -> str:
        name: str = SHORT_FORMS.get(word.text, word.text)
        if name not in MEASURES:
            statistics = [m for m in MEASURES if m.endswith(f"_{name}")]
            near = nearest(name, MEASURES)
            if len(statistics) > 1:
                near = f"say which: {listed(statistics)}"
            self.values.fail(word, f"`{word.text}` is not a property that can be measured", near)
        if lower == (MEASURES[name].dimension == "rate"):
            right = "minimise" if not lower else "maximise"
            self.values.fail(
                word,
                f"`{word.text}` is better when it is {'higher' if lower else 'lower'}",
                f"{right} {word.text}",
            )
        return name

    def _freeze(self, name: str, value: Any) -> tuple[Freeze, ...]:
        """Windows joined by ``and``: ``Fri 16:00 to Mon 08:00``, ``daily 22:00 to 06:00``."""
        found: list[Freeze] = []
        window: list[Any] = []
        words = self._words(name, value)
        for word in words:
            if word.text == "and" and len(window) > 1:
                found.append(self._window(name, window))
                window = []
            else:
                window.append(word)
        if not window:
            self._expected(name, "another window", words[-1], None)
        return (*found, self._window(name, window))

    def _window(self, name: str, words: list[Any]) -> Freeze:
        daily = words[0].text == "daily"
        form = (
            ("daily", "clock", "to", "clock") if daily else ("day", "clock", "to", "day", "clock")
        )
        minutes: list[int] = [0, 0]
        for at, wanted in enumerate(form):
            word = words[at] if at < len(words) else None
            half = at > 2
            if wanted == "day":
                if word is None or word.text not in DAYS:
                    near = nearest(word.text, DAYS) if word is not None else ""
                    kinds = listed(DAYS if half else (*DAYS, "daily"))
                    self._expected(name, kinds, words[at - 1], word, near)
                minutes[half] = DAYS.index(word.text) * 1440
            elif wanted == "clock":
                if word is None or word.type != CDLParser.CLOCK:
                    self._expected(name, "a time such as 16:00", words[at - 1], word)
                minutes[half] += self._clock(word)
            elif word is None or word.text != wanted:
                self._expected(name, f"`{wanted}`", words[at - 1], word)
        if len(words) > len(form):
            self._expected(name, "`and` or the end", words[-1], words[len(form)])
        if minutes[0] == minutes[1]:
            self.values.fail(words[0], f"this window of {name} is empty")
        return Freeze(minutes[0], minutes[1], daily)

    def _clock(self, word: Any) -> int:
        hours, minutes = map(int, word.text.split(":"))
        if minutes > 59 or hours * 60 + minutes > 1440:
            self.values.fail(word, f"`{word.text}` is no time of day", "00:00 to 24:00")
        return hours * 60 + minutes

    def _words(self, name: str, value: Any) -> list[Any]:
        choice = value.choice()
        if choice is None:
            self.values.wrong_kind(name, value)
        return [child.symbol for child in choice.children]

    def _expected(self, name: str, what: str, before: Any, found: Any, near: str = "") -> NoReturn:
        example = near or SETTINGS[name].example
        if found is not None:
            self.values.fail(found, f"expected {what}, found {shown(found.text)}", example)
        self.values.fail(before, f"expected {what} after `{before.text}`", example)
