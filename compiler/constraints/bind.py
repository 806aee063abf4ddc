"""Binds CDL to nodes: which constraints speak of which node, and what they say together."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from selfsame.compiler.constraints.match import Specificity, matches, specificity
from selfsame.compiler.constraints.sets import ConstraintSet as ConstraintSet
from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import (
    NONE,
    Allowance,
    Bound,
    Constraint,
    Document,
    Equality,
    Names,
    Selector,
)
from selfsame.grammar.vocabulary import Mode


class Named(Protocol):
    """What selectors can name a node by: its address, and the labels its source gives it.

    NodeName is one, and so are the definitions and inner nodes of ``compiler.identity``.
    """

    @property
    def address(self) -> str:
        """``shop.cart:Cart.total``."""

    @property
    def labels(self) -> tuple[str, ...]:
        """``("node_1",)``."""


@dataclass(frozen=True, slots=True)
class NodeName:
    """A Named that is nothing else."""

    address: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """The constraint sets of the nodes that were given, and the constraints that name none.

    ``bound`` has, for each constraint in the order of the text, the addresses that it names.
    """

    sets: dict[str, ConstraintSet]
    bound: tuple[tuple[Constraint, tuple[str, ...]], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    def of(self, address: str) -> ConstraintSet | None:
        """The constraint set of a node; None where no constraint names it."""
        return self.sets.get(address)


_Ranked = tuple[Specificity, int, Constraint]


def bind(documents: Iterable[Document], nodes: Iterable[Named]) -> Binding:
    """Bind all constraints of ``documents`` to ``nodes``.

    For each property the most specific constraint wins: an address or a label, then the longer
    glob (stars not counted), then the later one. A selector that names no node is a diagnostic with
    the nearest address or label.
    """
    names = list(nodes)
    speaking: dict[str, dict[int, _Ranked]] = {}
    bound: list[tuple[Constraint, tuple[str, ...]]] = []
    diagnostics: list[Diagnostic] = []
    order = 0
    for document in documents:
        for constraint in document.constraints:
            order += 1
            named: dict[str, None] = {}
            for selector in constraint.selectors:
                rank = specificity(selector)
                found = [n.address for n in names if matches(selector, n.address, n.labels)]
                if not found:
                    diagnostics.append(_names_nothing(selector, names))
                for address in found:
                    named[address] = None
                    known = speaking.setdefault(address, {})
                    if order not in known or known[order][0] < rank:
                        known[order] = (rank, order, constraint)
            bound.append((constraint, tuple(named)))
    sets = {address: _merge(address, list(found.values())) for address, found in speaking.items()}
    return Binding(sets, tuple(bound), tuple(diagnostics))


def _merge(address: str, ranked: list[_Ranked]) -> ConstraintSet:
    """The constraint set that constraints give together, each with its rank."""
    bounds: dict[str, Bound] = {}
    allowances: dict[str, Allowance] = {}
    never: Names = NONE
    partial, equality = False, Equality()
    mode: Mode | None = None
    origins: dict[str, Constraint] = {}
    for _, _, constraint in sorted(ranked, key=lambda r: (r[0], r[1])):  # the weakest first
        bounds |= {bound.property: bound for bound in constraint.bounds}
        allowances |= {allowance.family: allowance for allowance in constraint.allowances}
        never = never if constraint.never is None else constraint.never
        partial = partial if constraint.partial is None else constraint.partial
        mode = mode if constraint.mode is None else constraint.mode
        equality = equality if constraint.equality is None else constraint.equality
        origins |= dict.fromkeys(_stated(constraint), constraint)
    return ConstraintSet(
        address,
        tuple(bounds.values()),
        tuple(allowances.values()),
        never,
        partial,
        mode,
        equality,
        tuple(origins.items()),
    )


def _stated(constraint: Constraint) -> Iterator[str]:
    """The properties that a constraint states."""
    yield from (bound.property for bound in constraint.bounds)
    yield from (allowance.family for allowance in constraint.allowances)
    for name in ("never", "partial", "mode", "equality"):
        if getattr(constraint, name) is not None:
            yield name


def _names_nothing(selector: Selector, names: list[Named]) -> Diagnostic:
    what = {
        "label": f"no node has the label `{selector.text}`",
        "address": f"there is no node `{selector.text}`",
        "glob": f"`{selector.text}` matches no node",
    }
    return Diagnostic(selector.place, what[selector.kind], _nearest_node(selector.text, names))


def _nearest_node(text: str, names: list[Named]) -> str:
    """The label or address most like ``text``, as a suggestion."""
    labels = {label for name in names for label in name.labels}
    addresses = [name.address for name in names]
    ends = {a.partition(":")[2]: a for a in reversed(addresses) if "/" not in a}
    if text in ends:
        return f"did you mean `{ends[text]}`?"
    if ":" in text and "*" not in text:
        near = difflib.get_close_matches(text, addresses, 1, 0.6)
    else:
        near = difflib.get_close_matches(text, [*labels, *addresses], 1, 0.6)
        if not near:
            near = [ends[end] for end in difflib.get_close_matches(text, list(ends), 1, 0.6)]
    if near:
        return f"did you mean `{near[0]}`?"
    if not names:
        return "no nodes were found at all"
    if labels:
        return f"the labels are {', '.join(sorted(labels)[:8])}"
    return f"addresses look like `{addresses[0]}`; a label is a comment `# selfsame: {text}`"
