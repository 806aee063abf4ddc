"""Globals that the module's own code changes, as it could have left them: caches with something in them.

What a module begins with is mostly empty, and a function that reads it then takes one way alone. Only
what is changed somewhere in the module is varied, for what never changes may be relied on.
"""

import ast
import random
import types
from collections.abc import Callable, Mapping
from typing import Any

from selfsame.runtime.shadow.usage import FunctionNode, guessed

CHANGING = frozenset(
    [
        *("append", "add", "update", "setdefault", "pop", "popitem", "clear", "extend", "insert", "remove"),
        *("discard", "sort", "reverse", "difference_update", "intersection_update", "appendleft"),
    ]
)  # fmt: skip
CONTAINERS = (list, dict, set)
WORTH = 0.1
"""A guess below this share of the best for its kind of container is not used."""
VARIED, KEYED = 0.5, 0.4
"""The share of calls that meet another state, and of those with something of it for an argument."""

Make = Callable[[random.Random], Any]


class States:
    """For the globals that go with each call of one function."""

    def __init__(
        self,
        live: Mapping[tuple[str, str], Any],
        module: types.ModuleType,
        functions: Mapping[int, FunctionNode],
        maker: Callable[[str], Make | None],
    ) -> None:
        self._live = live
        self._makes: dict[tuple[str, str], list[Make]] = {}
        for place, value in live.items():
            if place[0] != module.__name__ or type(value) not in CONTAINERS:
                continue
            using = [node for node in functions.values() if _uses(node, place[1])]
            if any(_changes(node, place[1]) for node in using):
                self._makes[place] = _makes(place[1], type(value), using, maker)

    @property
    def varied(self) -> bool:
        """Whether there is any other state than that of the import."""
        return any(self._makes.values())

    def draw(
        self, row: tuple[Any, ...], rng: random.Random, again: bool = False
    ) -> tuple[tuple[Any, ...], Mapping[tuple[str, str], Any]]:
        """Arguments and globals for one call: as the import left them, or others.

        ``again``: the arguments stay, and the state is another one.
        """
        if not self.varied or (not again and rng.random() > VARIED):
            return row, self._live
        state = dict(self._live)
        for place, makes in self._makes.items():
            if makes and rng.random() < 0.8:
                state[place] = rng.choice(makes)(rng)
                if rng.random() < KEYED:
                    if not again and rng.random() < 0.5:
                        row = _with_one_of(row, state[place], rng)
                    else:
                        _put(row, state[place], rng)
        return row, state


def _makes(
    name: str, kind: type, using: list[FunctionNode], maker: Callable[[str], Make | None]
) -> list[Make]:
    """What makes containers of a kind, by what the functions do with the global."""
    scores: dict[str, float] = {}
    for node in using:
        for text, score in guessed(node, name):
            if text == kind.__name__ or text.startswith(f"{kind.__name__}["):
                scores[text] = scores.get(text, 0.0) + score
    best = max(scores.values(), default=0.0)
    likely = [text for text, score in scores.items() if score >= WORTH * best]
    found = [make for text in likely if (make := maker(text)) is not None]
    plain = maker({"list": "list[int]", "dict": "dict[str, int]"}.get(kind.__name__, "set[int]"))
    return found or ([plain] if plain is not None else [])


def _with_one_of(row: tuple[Any, ...], state: Any, rng: random.Random) -> tuple[Any, ...]:
    """Something that is in the container in the place of an argument of its type."""
    items = sorted(state, key=repr) if isinstance(state, set) else list(state)
    item = rng.choice(items) if items else None
    places = [index for index, value in enumerate(row) if items and type(value) is type(item)]
    if not places:
        return row
    index = rng.choice(places)
    return (*row[:index], item, *row[index + 1 :])


def _put(row: tuple[Any, ...], state: Any, rng: random.Random) -> None:
    """An argument into the container, as a key for what is under another one."""
    plain = [value for value in row if type(value) in (str, int, bytes)]
    if not plain or not state:
        return
    item = rng.choice(plain)
    if isinstance(state, dict):
        state[item] = state[rng.choice(list(state))]
    elif isinstance(state, set):
        state.add(item)
    else:
        state[rng.randrange(len(state))] = item


def _uses(node: FunctionNode, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))


def _changes(node: FunctionNode, name: str) -> bool:
    """Whether a function changes the container that a global name stands for, or binds it anew."""
    for inner in ast.walk(node):
        match inner:
            case ast.Global(names=names) if name in names:
                return True
            case ast.Subscript(value=ast.Name(id=held), ctx=ast.Store() | ast.Del()) if (
                held == name
            ):
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=held), attr=method)) if held == name:
                if method in CHANGING:
                    return True
    return False
