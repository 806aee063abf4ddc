"""Says in words what a constraint set means."""

from typing import Final

from selfsame.compiler.constraints.sets import ConstraintSet
from selfsame.grammar.model import ANY, NONE, Bound, Equality
from selfsame.grammar.text import print_amount, print_window
from selfsame.grammar.vocabulary import FAMILIES, MEASURES, Family, Mode

_MEASURED: Final = {
    "execution_time": "wall time of a call, with its callees",
    "cpu_time": "CPU time of a call, with its callees",
    "memory_usage": "peak memory of a call",
    "error_rate": "calls that raise, of all calls",
    "time_share": "time spent here, of the whole program's",
}
_STATISTIC: Final = {
    "max": "every call (bar a lone outlier)",
    "mean": "the mean",
    "p50": "the median",
    "p95": "95 of 100 calls",
    "p99": "99 of 100 calls",
    "ratio": "the share",
}
_COMPARATOR: Final = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_FAMILY: Final[dict[Family, str]] = {
    "algorithm": "other algorithms",
    "container": "other containers",
    "refactor": "refactorings",
    "memory": "memory savings",
    "specialise": "specialisation to observed values",
    "memoise": "memoisation",
    "compile": "compiled code",
}
_MODE: Final[dict[Mode, str]] = {
    "watch": "measured, never changed",
    "shadow": "rewrites are tried in shadow, never swapped in",
    "approve": "a rewrite is swapped in when a person approves it",
    "auto": "a rewrite with evidence is swapped in by itself",
}


def explain(found: ConstraintSet) -> str:
    """One line for each thing that the constraint set says, with the place it comes from."""
    lines: list[str] = [found.address]
    lines += [f"  {explain_bound(b)}{_said(found, b.property)}" for b in found.bounds]
    lines += [f"  {line}" for line in _variations(found)]
    if found.partial:
        lines.append(f"  a rewrite that meets a part of this is kept{_said(found, 'partial')}")
    if found.mode is not None:
        lines.append(f"  mode {found.mode}: {_MODE[found.mode]}{_said(found, 'mode')}")
    if not found.untouchable:
        lines.append(f"  {explain_equality(found.equality)}{_said(found, 'equality')}")
    return "\n".join(lines)


def explain_bound(bound: Bound) -> str:
    """A bound in words."""
    amount = print_amount(bound.value, MEASURES[bound.property].dimension, bound.unit_text)
    statistic = f"{_STATISTIC[bound.statistic]}: " if bound.statistic != "ratio" else ""
    text = f"{_MEASURED[bound.metric]}, {statistic}{_COMPARATOR[bound.comparator]} {amount}"
    if bound.window_s is not None:
        text += f", judged over {print_window(bound.window_s)}"
    if bound.samples is not None:
        text += f", once there are {bound.samples} samples"
    return text


def explain_equality(equality: Equality) -> str:
    """When two results count as equal, in words."""
    if equality.exact:
        return "results must be exactly equal"
    parts = []
    if equality.rel:
        parts.append(f"{equality.rel!r} of their size")
    if equality.abs:
        parts.append(f"{equality.abs!r}")
    return f"floats in results may differ by {' or '.join(parts)}"


def _variations(found: ConstraintSet) -> list[str]:
    if found.never is ANY:
        return [f"never touched{_said(found, 'never')}"]
    open_ones = [family for family in FAMILIES if found.allowed(family) is ANY]
    lines = []
    for family in FAMILIES:
        names = found.allowed(family)
        if isinstance(names, tuple):
            lines.append(f"may use as {family}: {', '.join(map(str, names))}{_said(found, family)}")
    if len(open_ones) == len(FAMILIES):
        lines.append("any kind of rewrite may be tried")
    elif open_ones:
        lines.append(f"may use any {', '.join(_FAMILY[family] for family in open_ones)}")
    elif not lines:
        lines.append("nothing may be changed")
    closed = [f for f in FAMILIES if found.allowed(f) is NONE]
    if closed and len(closed) < len(FAMILIES):
        lines.append(f"may not use {', '.join(_FAMILY[family] for family in closed)}")
    if isinstance(found.never, tuple):
        names_text = ", ".join(name.text for name in found.never)
        lines.append(f"never uses {names_text}{_said(found, 'never')}")
    return lines


def _said(found: ConstraintSet, name: str) -> str:
    origin = found.origin(name)
    return f"  ({origin.place.path}:{origin.place.line})" if origin is not None else ""
