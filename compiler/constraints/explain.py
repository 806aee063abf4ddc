"""Says in words what a constraint set means."""

from typing import Final

from selfsame.compiler.constraints.sets import ConstraintSet
from selfsame.grammar.model import ANY, NONE, Bound, Equality
from selfsame.grammar.text import print_amount, print_objective, print_value, print_window
from selfsame.grammar.vocabulary import FAMILIES, METRICS, SETTINGS, Mode

#: The families as lists name them: without what their meaning adds behind a colon.
_FAMILY_WORDS: Final = {name: meaning.partition(":")[0] for name, meaning in FAMILIES.items()}
_STATISTIC: Final = {
    "max": "every call (bar a lone outlier)",
    "mean": "the mean",
    "p50": "the median",
    "p95": "95 of 100 calls",
    "p99": "99 of 100 calls",
    "p99.9": "999 of 1,000 calls",
}
_COMPARATOR: Final = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}
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
    if found.objective is not None:
        text = print_objective(found.objective)
        lines.append(f"  where all bounds are met: {text}{_said(found, 'objective')}")
    if found.partial:
        lines.append(f"  a rewrite that meets a part of this is kept{_said(found, 'partial')}")
    if found.mode is not None:
        lines.append(f"  mode {found.mode}: {_MODE[found.mode]}{_said(found, 'mode')}")
    if found.irreversible:
        lines.append(f"  changed only with a person's approval{_said(found, 'irreversible')}")
    if not found.untouchable:
        lines.append(f"  {explain_equality(found.equality)}{_said(found, 'equality')}")
    lines += [f"  {line}" for line in _limits(found)]
    return "\n".join(lines)


def explain_bound(bound: Bound) -> str:
    """A bound in words."""
    dimension, _, takes, meaning = METRICS[bound.metric]
    if bound.relative:
        amount = f"{bound.value:g} times what the original takes"
    else:
        amount = print_amount(bound.value, dimension, bound.unit_text)
    if bound.subject:
        callee = f"time of calls to {bound.subject}"
        if bound.metric == "volume":
            callee = f"size of what calls pass to {bound.subject}"
        raised = f"calls that raise {bound.subject}, of all calls"
        meaning = raised if takes == "exception" else callee
    elif takes:
        meaning = meaning.partition(";")[0]
    statistic = _STATISTIC.get(bound.statistic, "")
    parts = f"{statistic}: " if statistic else ""
    text = f"{meaning}, {parts}{_COMPARATOR[bound.comparator]} {amount}"
    if bound.window_s is not None:
        text += f", judged over {print_window(bound.window_s)}"
    if bound.samples is not None:
        text += f", once there are {bound.samples} samples"
    return text


def explain_equality(equality: Equality) -> str:
    """When two results count as equal, in words."""
    parts = []
    if equality.rel:
        parts.append(f"{equality.rel!r} of their size")
    if equality.abs:
        parts.append(f"{equality.abs!r}")
    text = "results must be exactly equal"
    if parts:
        text = f"floats in results may differ by {' or '.join(parts)}"
    if equality.unordered:
        text += ", in any order"
    if equality.any_message:
        text += ", exceptions with any message"
    if equality.where_succeeds:
        text += ", where the original raises nothing"
    return text


def _limits(found: ConstraintSet) -> list[str]:
    """What rollout and budgets say: each as it stands in the text, with its meaning."""
    lines = []
    for name, shape in SETTINGS.items():
        origin = found.origin(name)
        budget = name in ("candidates", "build_time", "shadow_cpu", "cache_memory")
        if origin is None or not (budget or shape.group == "rollout"):
            continue
        text = f"{shape.meaning}: {print_value(origin.statement)}"
        lines.append(f"{text}{_said(found, name)}")
    return lines


def _variations(found: ConstraintSet) -> list[str]:
    if found.never is ANY:
        return [f"never touched{_said(found, 'never')}"]
    if found.timing_preserved:
        return [f"never rewritten: its timing is preserved{_said(found, 'timing')}"]
    open_ones = [family for family in FAMILIES if found.allowed(family) is ANY]
    lines = []
    for family in FAMILIES:
        names = found.allowed(family)
        if isinstance(names, tuple):
            lines.append(f"may use as {family}: {', '.join(map(str, names))}{_said(found, family)}")
    if len(open_ones) == len(FAMILIES):
        lines.append("any kind of rewrite may be tried")
    elif open_ones:
        lines.append(f"may use any {', '.join(_FAMILY_WORDS[family] for family in open_ones)}")
    elif not lines:
        lines.append("nothing may be changed")
    closed = [f for f in FAMILIES if found.allowed(f) is NONE]
    if closed and len(closed) < len(FAMILIES):
        lines.append(f"may not use {', '.join(_FAMILY_WORDS[family] for family in closed)}")
    if found.tenants:
        names_text = ", ".join(found.tenants)
        lines.append(f"nothing is memoised across {names_text}{_said(found, 'tenants')}")
    if isinstance(found.never, tuple):
        names_text = ", ".join(name.text for name in found.never)
        lines.append(f"never uses {names_text}{_said(found, 'never')}")
    return lines


def _said(found: ConstraintSet, name: str) -> str:
    origin = found.origin(name)
    if origin is None:
        return ""
    place = origin.place
    profile = f", profile {origin.profile.name}" if origin.profile is not None else ""
    return f"  ({place.path}:{place.line}{profile})"
