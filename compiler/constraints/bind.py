"""Binds CDL to nodes: which constraints speak of which node, and what they say together."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from selfsame.compiler.constraints.index import Named as Named
from selfsame.compiler.constraints.index import NodeIndex
from selfsame.compiler.constraints.match import Specificity, specificity
from selfsame.compiler.constraints.sets import ConstraintSet as ConstraintSet
from selfsame.compiler.constraints.sets import Origin, merged
from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import Bound, Constraint, Document, Selection, Selector
from selfsame.grammar.resolve import Names, Stated


@dataclass(frozen=True, slots=True)
class NodeName:
    """A Named that is nothing else."""

    address: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """The constraint sets of the nodes that were given, and the constraints that name none.

    ``bound`` has, for each constraint in the order of the text, the addresses that it names. ``inside`` are
    those of loops, comprehensions and calls that are named as such: by a label, an address, or a glob for
    what lies inside functions.
    """

    sets: Mapping[str, ConstraintSet]
    bound: tuple[tuple[Constraint, tuple[str, ...]], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default=())
    inside: tuple[str, ...] = ()

    def of(self, address: str) -> ConstraintSet | None:
        """The constraint set of a node; None where no constraint names it."""
        return self.sets.get(address)


def bind(documents: Iterable[Document], nodes: Iterable[Named]) -> Binding:
    """Bind all constraints of ``documents`` to ``nodes``.

    For each property the most specific constraint wins: an address or a label, then the longer
    glob (stars not counted), then the later one. A selector that names no node is a diagnostic with
    the nearest address or label, and so is a profile or selection that nothing declares.
    """
    known = list(documents)
    binder = _Binder(Names(known), NodeIndex(nodes))
    bound = [(c, binder.constraint(c)) for document in known for c in document.constraints]
    sets = binder.sets()
    diagnostics = (*binder.names.diagnostics, *binder.diagnostics)
    return Binding(sets, tuple(bound), diagnostics, tuple(a for a in binder.inside if a in sets))


class _Binder:
    """Binds constraints one by one, in the order of the text."""

    def __init__(self, names: Names, index: NodeIndex) -> None:
        self.names = names
        self.index = index
        self.diagnostics: list[Diagnostic] = []
        self._constraints: list[tuple[Constraint, dict[str, Stated]]] = []
        self._speaking: dict[str, list[tuple[Specificity, int]]] = {}
        self._selections: dict[str, dict[str, Specificity]] = {}
        self._reported: set[Selector] = set()
        self.inside: dict[str, None] = {}

    def constraint(self, constraint: Constraint) -> tuple[str, ...]:
        """Bind a constraint; the addresses that it names."""
        named = self._named(constraint.selectors)
        order = len(self._constraints)
        stated = self.names.statements(constraint)
        self._callees(stated)
        self._constraints.append((constraint, stated))
        for address, rank in named.items():
            self._speaking.setdefault(address, []).append((rank, order))
        return tuple(named)

    def _callees(self, stated: Mapping[str, Stated]) -> None:
        """Report bounds on calls of what is no node of a module that is known."""
        for what in stated.values():
            bound = what.statement
            if not isinstance(bound, Bound) or ":" not in bound.subject:
                continue
            callee = Selector(bound.subject, bound.place)
            known = callee.text.partition(":")[0] in self.index.modules
            if known and not self.index.find(callee) and callee not in self._reported:
                self._reported.add(callee)
                self.diagnostics.append(_names_nothing(callee, self.index))

    def sets(self) -> dict[str, ConstraintSet]:
        """What the constraints say together of each node. Nodes of which the same say all share it."""
        made: dict[tuple[int, ...], ConstraintSet] = {}
        found: dict[str, ConstraintSet] = {}
        for address, speaking in self._speaking.items():
            weakest_first = tuple(order for _, order in sorted(speaking))
            shared = made.get(weakest_first)
            if shared is None:
                shared = made[weakest_first] = merged(address, self._origins(weakest_first))
            found[address] = shared if shared.address == address else shared.at(address)
        return found

    def _origins(self, orders: Sequence[int]) -> dict[str, Origin]:
        origins: dict[str, Origin] = {}
        for order in orders:
            constraint, stated = self._constraints[order]
            for name, what in stated.items():
                weaker = origins.get(name)
                overrides: tuple[Constraint, ...] = ()
                if weaker is not None:
                    overrides = weaker.overrides
                    if weaker.statement != what.statement:
                        overrides = (*overrides, weaker.constraint)
                origins[name] = Origin(what.statement, constraint, what.profile, overrides)
        return origins

    def _named(self, selectors: Sequence[Selector]) -> dict[str, Specificity]:
        """What selectors name together, each node with the rank of the most specific of them."""
        found: dict[str, Specificity] = {}
        for selector in selectors:
            if not selector.excludes:
                for address, rank in self._of(selector).items():
                    if address not in found or found[address] < rank:
                        found[address] = rank
        for selector in selectors:
            if selector.excludes:
                for address in self._of(selector):
                    found.pop(address, None)
        return found

    def _of(self, selector: Selector) -> Mapping[str, Specificity]:
        if selector.kind == "selection":
            selection = self.names.selection(selector.pattern)
            return self._selected(selection) if selection is not None else {}
        rank = specificity(selector)
        addresses = self.index.find(selector)
        if not selector.excludes and (selector.kind != "glob" or "/" in selector.pattern):
            self.inside |= {address: None for address in addresses if "/" in address}
        if not addresses and selector not in self._reported:
            self._reported.add(selector)
            self.diagnostics.append(_names_nothing(selector, self.index))
        return dict.fromkeys(addresses, rank)

    def _selected(self, selection: Selection) -> Mapping[str, Specificity]:
        found = self._selections.get(selection.name)
        if found is None:
            found = self._selections[selection.name] = self._named(selection.nodes)
        return found


def _names_nothing(selector: Selector, index: NodeIndex) -> Diagnostic:
    text = selector.pattern
    module, separated, _ = text.partition(":")
    if separated and "*" not in module and index.addresses and module not in index.modules:
        near = difflib.get_close_matches(module, index.modules, 1, 0.6)
        known = f"the modules are {', '.join(index.modules[:8])}"
        hint = f"did you mean `{near[0]}`?" if near else known
        return Diagnostic(selector.place, f"there is no module `{module}` with nodes", hint)
    what = {
        "label": f"no node has the label `{text}`",
        "address": f"there is no node `{text}`",
        "glob": f"`{text}` matches no node",
    }
    return Diagnostic(selector.place, what[selector.kind], _nearest_node(text, index))


def _nearest_node(text: str, index: NodeIndex) -> str:
    """The label or address most like ``text``, as a suggestion."""
    labels, addresses = list(index.labels), list(index.addresses)
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
    if not addresses:
        return "no functions were found"
    if labels:
        return f"the labels are {', '.join(sorted(labels)[:8])}"
    return f"addresses look like `{addresses[0]}`; a label is a comment `# selfsame: {text}`"
