"""How errors speak: the nearest right word, what a property expects, how a token is shown."""

import difflib
from collections.abc import Iterable
from typing import Final

from selfsame.grammar.vocabulary import (
    DIMENSION_WORDS,
    EXAMPLES,
    FAMILIES,
    MEASURES,
    NODES,
    SETTINGS,
    SHORT_FORMS,
    Shape,
)


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean `X`?`` for the nearest of ``known``, or nothing where none is near."""
    names = list(known)
    by_lower = {name.lower(): name for name in names}
    if word.lower() in by_lower:
        return f"did you mean `{by_lower[word.lower()]}`?"
    near = difflib.get_close_matches(word.lower(), list(by_lower), 1, 0.6)
    return f"did you mean `{by_lower[near[0]]}`?" if near else ""


def listed(words: Iterable[str], last: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``, each in backquotes."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def counted(number: int, noun: str) -> str:
    """``1 process``, ``1,204 processes``: a number with its noun."""
    plural = f"{noun}es" if noun.endswith(("s", "sh", "ch", "x")) else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def shown(text: str) -> str:
    """A piece of the text as a message names it."""
    if text == "<EOF>":
        return "the end of the file"
    if text == "\n":
        return "the end of the line"
    if len(text) > 40:
        text = f"{text[:39]}…"
    return f"`{text}`"


def expected_value(key: str) -> tuple[str, str]:
    """What the property ``key`` takes, in words, and an example of the whole property."""
    measure = MEASURES.get(SHORT_FORMS.get(key, key))
    if measure is not None:
        example = EXAMPLES[measure.dimension]
        if measure.dimension == "rate":
            return "a comparison with a rate such as >= 100/s", f"{key}: {example}"
        return f"{DIMENSION_WORDS[measure.dimension]} such as {example}", f"{key}: {example}"
    if key in FAMILIES or key == "never":
        return "a list of names, `any` or `none`", f"{key}: [{example_names(key)}]"
    if key == NODES:
        return "a list of nodes", "nodes: [shop.cart:*, !shop.cart:debug]"
    shape = SETTINGS.get(key)
    if shape is None:
        return "a value (10ms, < 0.1%, [sort_a, sort_b], any)", ""
    return _FORMS.get(key) or _form(shape), shape.example


#: What settings take, where their form alone does not say it.
_FORMS: Final = {
    "extends": "the name of a profile, or a list of them",
    "tenants": "the name of a parameter, or a list of them",
    "equality": "`exact`, `tolerance`, `unordered`, `any_message` or `where_succeeds`",
    "candidates": "a whole number such as 8",
    "shadow_samples": "a whole number such as 200",
}


def _form(shape: Shape) -> str:
    match shape.form:
        case "word":
            return listed(shape.words)
        case "flag":
            return "`yes` or `no`"
        case "amount":
            return f"{DIMENSION_WORDS[shape.dimension]} such as {shape.example.partition(': ')[2]}"
        case "objective":
            return "`minimise` and a property"
        case "steps":
            return "shares of the calls such as 5% 25% 50%"
        case "windows":
            return "hours such as Fri 16:00 to Mon 08:00"
    return "a list of names, `any` or `none`"


def example_names(key: str) -> str:
    """Two names that could stand in the list of the property ``key``."""
    return "sort_a, sort_b" if key == "algorithm" else "name_a, name_b"
