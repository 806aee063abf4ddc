"""Makes instances of classes, by their own constructors and methods, with arguments that are made."""

import random
from collections.abc import Callable
from typing import Any

from selfsame.runtime.shadow.atoms import CannotMake, Make
from selfsame.runtime.shadow.texts import WORDS

CALLS = 3

Arguments = list[tuple[str, Make, bool]]
"""For each parameter its name (empty where it goes by place), what makes it, whether it may be left out."""


class Instances:
    """Makes instances by calling the class, and some methods on some of them.

    Those that are mappings with texts or numbers in them get others under some of their keys.
    """

    def __init__(
        self,
        cls: type,
        arguments: Arguments,
        methods: Callable[[], list[tuple[str, Arguments]]],
    ) -> None:
        self._cls = cls
        self._arguments = arguments
        self._list_methods = methods
        self._methods: list[tuple[str, Arguments]] | None = None

    def __call__(self, rng: random.Random) -> Any:
        """One instance. Raises CannotMake where the constructor does not take what is made."""
        for _ in range(6):
            try:
                made = _called(self._cls, self._arguments, rng)
                break
            except RecursionError:
                raise CannotMake(self._cls.__qualname__) from None
            except Exception:  # whatever the user's constructor raises on what it does not like
                continue
        else:
            raise CannotMake(self._cls.__qualname__)
        if rng.random() < 0.6:
            if self._methods is None:
                self._methods = self._list_methods()
            for _ in range(rng.randint(1, CALLS) if self._methods else 0):
                name, arguments = rng.choice(self._methods)
                try:
                    _called(getattr(made, name), arguments, rng)
                except Exception:  # a call that the state does not allow leaves it as it is
                    continue
        if isinstance(made, dict) and made and rng.random() < 0.6:
            _refill(made, rng)
        return made


def _refill(mapping: dict[Any, Any], rng: random.Random) -> None:
    """Other texts and numbers under up to three keys, as far as the mapping takes them."""
    keys = list(mapping)
    for key in rng.sample(keys, min(len(keys), rng.randint(1, 3))):
        other: dict[type, object] = {str: rng.choice(WORDS), int: rng.randint(-3, 12)}
        try:
            held = mapping[key]
            if type(held) in other:
                mapping[key] = other[type(held)]
        except Exception:  # whatever the user's class raises on what it does not like
            continue


def _called(what: Any, arguments: Arguments, rng: random.Random) -> Any:
    positional, keywords = [], {}
    for name, make, optional in arguments:
        if optional and rng.random() < 0.5:
            continue
        if name:
            keywords[name] = make(rng)
        else:
            positional.append(make(rng))
    return what(*positional, **keywords)
