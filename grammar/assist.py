"""What can stand at a place of a CDL text, and what a word there means: for editors.

Works on text that does not parse yet: it looks back from the place, not at a tree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from selfsame.grammar.resolve import builtin_profiles
from selfsame.grammar.vocabulary import (
    COMPARATORS,
    DAYS,
    DECLARATIONS,
    FAMILIES,
    MEASURES,
    METRICS,
    NODES,
    SETTINGS,
    SHORT_FORMS,
    UNITS,
)
from selfsame.grammar.words import expected_value

_WORD: Final = re.compile(r"[\w.:@!*/#\[\]<>-]*")
_COMMENT: Final = re.compile(r"(?:#(?!\d)|//)[^\n]*")
_HEAD: Final = re.compile(r"\b(constraint|profile|selection|import)[ \t]+[^{}]*$")
_DECLARED: Final = re.compile(r"^[ \t]*(profile|selection)[ \t]+([\w-]+)", re.MULTILINE)
_RELAXED: Final = ("exact", "tolerance", "rel", "abs", "unordered", "any_message", "where_succeeds")


@dataclass(frozen=True, slots=True)
class Known:
    """What the editor's project has: nodes and labels, and templates by name with their family."""

    nodes: tuple[str, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """A word that can stand here, and what it says."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place is: outside, in a head, at a key, in a value, or in the list of a value."""

    where: Literal["declaration", "head", "key", "value", "list"]
    kind: str = ""
    key: str = ""
    before: str = ""
    word: str = ""


def spot(text: str, offset: int) -> Spot:
    """Where ``offset`` is in a text, and the part of a word that stands before it."""
    prefix = _COMMENT.sub(lambda found: " " * len(found[0]), text[:offset])
    word = re.search(r"[\w.:@!*/#-]*$", prefix)
    start = word[0] if word is not None else ""
    opened, closed = prefix.rfind("{"), prefix.rfind("}")
    if opened <= closed:
        head = _HEAD.search(prefix[closed + 1 :])
        if head is None or (head[1] == "import" and "\n" in head[0]):
            return Spot("declaration", word=start)
        return Spot("head", head[1], word=start)
    heads = list(_HEAD.finditer(prefix[:opened]))
    kind = heads[-1][1] if heads else "constraint"
    segment = _last_property(prefix[opened + 1 :])
    key, colon, value = segment.partition(":")
    if not colon:
        return Spot("key", kind, word=start)
    name = re.sub(r"\[.*", "", key.strip())
    where: Literal["value", "list"] = "list" if value.count("[") > value.count("]") else "value"
    return Spot(where, kind, name, value, start.rpartition("[")[2])


def _last_property(body: str) -> str:
    """What was written since the last separator outside brackets."""
    depth = start = 0
    for at, character in enumerate(body):
        depth += (character == "[") - (character == "]")
        if character in ",;\n" and depth == 0:
            start = at + 1
    return body[start:]


def completions(text: str, offset: int, known: Known) -> list[Completion]:
    """What can stand at ``offset``, of which the part before it was typed."""
    at = spot(text, offset)
    typed = at.word.lstrip("!@").lower()
    found = list(_all(text, at, known))
    begin = [c for c in found if c.text.lstrip("@").lower().startswith(typed)]
    return begin or [c for c in found if typed in c.text.lower()]


def _all(text: str, at: Spot, known: Known) -> Iterable[Completion]:
    if at.where == "declaration":
        return [Completion(word) for word in DECLARATIONS]
    if at.where == "head":
        selections = [f"@{name}" for name in _names(text, "selection")]
        nodes = [*selections, *known.nodes] if at.kind == "constraint" else []
        return map(Completion, nodes)
    if at.where == "key":
        return _keys(at.kind)
    if at.where == "list":
        return _listed(text, at.key, known)
    return _values(text, at, known)


def _keys(kind: str) -> Iterator[Completion]:
    if kind == "selection":
        yield Completion(NODES, "the nodes that it names")
        return
    for name in (*MEASURES, *SHORT_FORMS, *FAMILIES, *SETTINGS):
        yield Completion(name, meaning(name) or "")


def _listed(text: str, key: str, known: Known) -> Iterator[Completion]:
    if key == NODES:
        yield from map(Completion, known.nodes)
    elif key == "extends":
        yield from map(Completion, _profiles(text))
    elif key == "algorithm":
        yield from (Completion(node) for node in known.nodes if ":" in node and "/" not in node)
        yield from (Completion(name) for name, family in known.templates.items() if family == key)
    elif key == "never":
        yield from map(Completion, (*FAMILIES, *known.templates))
    elif key in FAMILIES:
        same = (name for name, family in known.templates.items() if _family(family) == key)
        yield from map(Completion, same)
    elif key in SETTINGS:
        yield from map(Completion, SETTINGS[key].words)


def _values(text: str, at: Spot, known: Known) -> Iterator[Completion]:
    name = SHORT_FORMS.get(at.key, at.key)
    if name in MEASURES:
        measure = MEASURES[name]
        if re.search(r"\d\s*[a-zA-Zµ/%]*$", at.before):
            number = re.search(r"[\d._]+(?=[a-zA-Zµ/%]*$)", at.word)
            lead = number[0] if number is not None else ""
            yield from (Completion(f"{lead}{u}") for u in UNITS[measure.dimension] if u)
            yield from (Completion(word) for word in ("x baseline", "over 5m", "samples 30"))
        else:
            yield from (Completion(c) for c in COMPARATORS)
            yield Completion(expected_value(at.key)[1].partition(": ")[2], "an example")
        return
    if at.key in FAMILIES or at.key == "never":
        yield from map(Completion, ("any", "none"))
        return
    shape = SETTINGS.get(at.key)
    if shape is None:
        return
    match shape.form:
        case "word":
            yield from map(Completion, shape.words)
        case "flag":
            yield from map(Completion, ("yes", "no"))
        case "equality":
            yield from map(Completion, _RELAXED)
        case "objective":
            yield from map(Completion, ("minimise", "maximise", "and", *MEASURES))
        case "windows":
            yield from map(Completion, (*DAYS, "daily", "to", "and"))
        case "names" if at.key == "extends":
            yield from map(Completion, _profiles(text))
        case _:
            yield Completion(shape.example.partition(": ")[2], "an example")


def word_at(text: str, offset: int) -> tuple[str, int]:
    """The word around ``offset`` and where it starts; empty where there is none."""
    line = text.rfind("\n", 0, offset) + 1
    for found in _WORD.finditer(text, line):
        if found.start() <= offset <= found.end() and found[0]:
            return found[0], found.start()
        if found.start() > offset:
            break
    return "", offset


def meaning(word: str) -> str | None:
    """What a property, family, unit or built-in profile says; None where the word is none."""
    name = SHORT_FORMS.get(word, word)
    if name in MEASURES:
        return f"{METRICS[MEASURES[name].metric][3]}. `{expected_value(word)[1]}`"
    for family, text in FAMILIES.items():
        if word == family:
            return f"may use {text}"
    if word in SETTINGS:
        shape = SETTINGS[word]
        return f"{shape.meaning}. `{shape.example}`"
    return None


def _names(text: str, kind: str) -> list[str]:
    return [found[2] for found in _DECLARED.finditer(text) if found[1] == kind]


def _profiles(text: str) -> list[str]:
    return list(dict.fromkeys([*_names(text, "profile"), *builtin_profiles()]))


def _family(name: str) -> str:
    return "compile" if name == "compiled" else name
