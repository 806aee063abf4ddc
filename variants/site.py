"""Where a template is asked to apply: one function, with all that is known and wished of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from selfsame.compiler.analysis.flow import CalleeFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Place
from selfsame.compiler.identity import Definition


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen while the program ran; empty where nothing was.

    ``types``: parameter -> names of the exact types (``list[int]`` with elements). ``sizes``:
    parameter -> the median length. ``repeats``: the share of the calls (0 to 1) whose arguments had
    come before; None where calls were not followed one after the other. ``full``: parameter -> types
    with all that they hold, as far as that was looked at, ``Class.attribute`` -> those of the
    attributes of all instances met, and ``module:NAME`` -> those of globals.
    """

    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    repeats: float | None = None
    full: Mapping[str, frozenset[str]] = field(default_factory=dict)


_CALLS = "(calls)"
"""In place of a parameter's name: what was observed of calls as a whole."""
_FULL = "full "
"""Before the name of what is printed with all that it holds."""


def print_observed(observed: Observed) -> dict[str, str]:
    """By parameter, as a manifest has it: ``list[int], tuple[int]; size 200``."""
    names = [*observed.types, *(n for n in observed.sizes if n not in observed.types)]
    found = {}
    for name in names:
        text = ", ".join(sorted(observed.types.get(name, ())))
        size = observed.sizes.get(name)
        found[name] = text if size is None else f"{text}; size {size}"
    if observed.repeats is not None:
        found[_CALLS] = f"repeats {observed.repeats:.2f}"
    return found | {f"{_FULL}{n}": ", ".join(sorted(t)) for n, t in observed.full.items()}


def read_observed(texts: Mapping[str, str]) -> Observed:
    """What `print_observed` printed."""
    types, sizes, full, repeats = {}, {}, {}, None
    for name, text in texts.items():
        if name == _CALLS:
            repeats = float(text.removeprefix("repeats "))
            continue
        if name.startswith(_FULL):
            full[name.removeprefix(_FULL)] = frozenset(text.split(", "))
            continue
        kinds, _, size = text.partition("; size ")
        if kinds:
            types[name] = frozenset(kinds.split(", "))
        if size.isdecimal():
            sizes[name] = int(size)
    return Observed(types, sizes, repeats, full)


CACHE_BYTES = 8_000_000
"""What results kept between calls may take of each function where CDL has no `cache_memory`."""


def names_template(name: str) -> bool:
    """Whether a name under ``algorithm`` means a template: functions have no hyphen in their names."""
    return "-" in name and ":" not in name


class Wishes(Protocol):
    """What a constraint set says about variations."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The names of ``algorithm: [...]``, in order; empty where there is none."""
        ...

    @property
    def cache_bytes(self) -> int:
        """How many bytes of results a memoised function may keep between calls."""
        ...

    def allows(self, template: str, family: str) -> bool:
        """Whether a template of a family may be used here."""
        ...


@dataclass(frozen=True, slots=True)
class AnyTemplate:
    """Wishes where no constraint speaks: everything but ``never``; no algorithms of the user's.

    ``families`` and ``never`` hold names of families or of templates; None allows all families.
    """

    algorithms: tuple[str, ...] = ()
    families: frozenset[str] | None = None
    never: frozenset[str] = frozenset()
    cache_bytes: int = CACHE_BYTES

    def allows(self, template: str, family: str) -> bool:
        """Whether a template of a family may be used here."""
        if template in self.never or family in self.never:
            return False
        return self.families is None or bool(self.families & {template, family})


@dataclass(frozen=True, slots=True)
class Site:
    """One function and what is known of it.

    ``registered``: name -> address of functions elsewhere that carry ``@selfsame.algorithm``.
    ``optimize`` is that of ``compile``, as the program runs (``-O``).
    """

    source: Source
    definition: Definition
    facts: CalleeFacts | None = None
    observed: Observed = field(default_factory=Observed)
    constraints: Wishes = field(default_factory=AnyTemplate)
    registered: Mapping[str, str] = field(default_factory=dict)
    optimize: int = -1


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a template does not apply: a sentence for people, and where in the source."""

    template: str
    reason: str
    place: Place | None = None
