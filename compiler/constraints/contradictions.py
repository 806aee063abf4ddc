"""Finds what cannot hold together in a constraint set: bounds that exclude each other, and the like."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from selfsame.compiler.constraints.sets import ConstraintSet, Origin
from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import ANY, NONE, Allowance, Bound
from selfsame.grammar.text import print_bound
from selfsame.grammar.vocabulary import FAMILIES, Statistic

#: Of each two that follow each other, the first is never above the second, whatever was measured.
_RISING: Final[tuple[tuple[Statistic, ...], ...]] = (
    ("p50", "p95", "p99", "p99.9", "max"),
    ("mean", "max"),
)


def contradictions(sets: Iterable[ConstraintSet]) -> list[Diagnostic]:
    """What cannot hold together, each once, though it be so for many nodes."""
    found: dict[tuple[object, ...], Diagnostic] = {}
    for constraints in sets:
        for diagnostic in _of(constraints):
            found.setdefault((diagnostic.place, diagnostic.message), diagnostic)
    return list(found.values())


def _of(found: ConstraintSet) -> Iterator[Diagnostic]:
    yield from _bounds(found)
    origin = found.origin("never") or found.origin("timing")
    whole = found.never is ANY or found.timing_preserved
    if whole and origin is not None:
        yield from _pointless(found, origin)
        return
    for allowance in found.allowances:
        names = allowance.names
        if isinstance(names, tuple) and found.allowed(allowance.family) is NONE:
            out = "`never` forbids all of it" if found.never is not NONE else "tenants forbid it"
            yield Diagnostic(allowance.place, f"nothing is left of this {allowance.family}: {out}")
    closed = all(found.allowed(family) is NONE for family in FAMILIES)
    mode = found.origin("mode")
    if closed and found.mode == "auto" and mode is not None and not found.tenants:
        message = "mode auto, and every kind of rewrite is forbidden"
        yield Diagnostic(mode.statement.place, message, "allow a family, or write mode: watch")


def _bounds(found: ConstraintSet) -> Iterator[Diagnostic]:
    """Bounds of which one demands more than the other allows."""
    for one, other in itertools.permutations(found.bounds, 2):
        same = (one.metric, one.subject, one.relative) == (
            other.metric,
            other.subject,
            other.relative,
        )
        lower, upper = one.comparator in (">", ">="), other.comparator in ("<", "<=")
        if not (same and lower and upper and _never_above(one, other)):
            continue
        strict = one.comparator == ">" or other.comparator == "<"
        if one.value > other.value or (strict and one.value == other.value):
            place = other.place
            message = f"{one.property} {print_bound(one)} cannot hold where {other.property} is"
            message += f" {print_bound(other).removeprefix('<= ')}"
            where = f"the other is at {place.path}:{place.line}"
            yield Diagnostic(one.place, message, where)


def _never_above(one: Bound, other: Bound) -> bool:
    a, b = one.statistic, other.statistic
    if a == b:
        return True
    return any(a in row and b in row and row.index(a) < row.index(b) for row in _RISING)


def _pointless(found: ConstraintSet, origin: Origin) -> Iterator[Diagnostic]:
    """What the same block allows or wants of a node that it says is never touched."""
    for name, other in found.origins.items():
        if other.constraint is not origin.constraint or other.profile is not None:
            continue
        wanted = isinstance(other.statement, Allowance) and other.statement.names is not NONE
        if wanted or name == "objective" or (name == "mode" and found.mode in ("approve", "auto")):
            said = "never touched" if found.never is ANY else "never rewritten (timing: preserve)"
            message = f"`{name}` has no effect: the node is {said}"
            yield Diagnostic(other.statement.place, message)
