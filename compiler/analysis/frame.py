"""One function under analysis: its variables, what its objects hold, and the effects met so far."""

import ast
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from selfsame.compiler.analysis.met import Names
from selfsame.compiler.analysis.program import Module
from selfsame.compiler.analysis.replayed import OutsideCall
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.values import (
    ANYTHING,
    ARGUMENTS_CLASS,
    BOTTOM,
    NOTHING,
    Ref,
    Root,
    Value,
    join,
    lean,
    one,
    spelled,
)
from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.identity import Definition


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why a function may not be run again: ``level`` is ``"no"`` or ``"unknown"``.

    ``via`` is the callee whose own problem it is; ``own_only``: it does not matter to callers
    (an argument that is called, a name of an enclosing function that is written to). ``replayed`` is
    the call of an outside function that this is, where a trial can replay what it gave. ``outgoing``:
    it is a line that is printed or logged, which a trial compares.
    """

    line: int
    level: str
    text: str
    via: str = ""
    own_only: bool = False
    replayed: tuple[OutsideCall, ...] = ()
    outgoing: bool = False

    @property
    def answer(self) -> Tri:
        """The level as a three-valued answer."""
        return Tri.NO if self.level == "no" else Tri.UNKNOWN


@dataclass(frozen=True, slots=True, order=True)
class Mutation:
    """Objects that a function changes; ``sure`` is False where they may be immutable."""

    root: Root
    line: int
    text: str
    sure: bool = True


PLACE: Root = ("place", "")
"""The root of what is no change at all: a result that is another one in another process."""

Link = tuple[
    Root | Ref, str, Root | Ref
]  # the second object or code is held by the first, in a field


@dataclass(frozen=True, slots=True)
class Given:
    """What a function hands out: ``known`` objects and, where ``fresh``, new ones that hold ``inside``."""

    known: Value = BOTTOM
    inside: Value = BOTTOM
    fresh: bool = False


@dataclass(frozen=True)
class Summary:
    """What a call of a function does, in terms of its parameters and of what it closes over."""

    problems: frozenset[Problem] = frozenset()
    mutations: frozenset[Mutation] = frozenset()
    rebinds: frozenset[tuple[str, Given]] = frozenset()
    calls_arguments: frozenset[tuple[Root, Value]] = frozenset()
    returns: Given = Given()
    links: frozenset[Link] = frozenset()
    made: Value = BOTTOM
    callees: frozenset[str] = frozenset()
    reads: frozenset[tuple[str, str]] = frozenset()
    raises: bool = False
    meets: frozenset[str] = frozenset()
    lost: frozenset[Root] = NOTHING

    @cached_property
    def links_in_order(self) -> list[Link]:
        """The links in one order: a set's is another in each process."""
        return sorted(self.links, key=lambda link: (spelled(link[0]), link[1], spelled(link[2])))

    @cached_property
    def mutations_in_order(self) -> list[Mutation]:
        """The mutations in one order."""
        return sorted(self.mutations)

    @cached_property
    def calls_in_order(self) -> list[tuple[Root, Value]]:
        """The calls of arguments in one order."""
        return sorted(self.calls_arguments, key=lambda call: (call[0], spelled(call[1])))

    @cached_property
    def levels(self) -> list[tuple[bool, str]]:
        """Of the worst problems that matter to callers, apart for those that are ``outgoing``."""
        found = []
        for outgoing in (False, True):
            levels = {p.level for p in self.problems if not p.own_only and p.outgoing is outgoing}
            if levels:
                found.append((outgoing, "no" if "no" in levels else "unknown"))
        return found


class TooIntricate(Exception):
    """Following a function would take more work than any answer is worth."""


class TooLong(Exception):
    """Following a function and all that it calls took longer than whoever asked would wait."""


EMPTY = Summary()
Lookup = Callable[[str], Summary]


@dataclass(slots=True)
class Cell:
    """What an object holds: other objects, and code."""

    own: frozenset[Root] = NOTHING
    refs: frozenset[Ref] = frozenset()


@dataclass(frozen=True, slots=True)
class Applied:
    """What a call gave and let go, when so much had been learnt, and the work that it took."""

    summary: Summary
    learnt: int
    work: int
    result: Value
    lost: tuple[Value, ...]


# How much had been learnt, the work that it took, and what was found.
LookedUp = tuple[int, int, Value]
Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True, eq=False)
class Frame:
    """The state of the analysis of one function."""

    definition: Definition
    module: Module
    names: Names
    lookup: Lookup
    world: World | None = None
    env: dict[str, Value] = field(default_factory=dict)
    heap: dict[Root, dict[str, Cell]] = field(default_factory=dict)
    problems: set[Problem] = field(default_factory=set)
    mutations: set[Mutation] = field(default_factory=set)
    rebound: dict[str, list[Value]] = field(default_factory=dict)
    calls_arguments: set[tuple[Root, Value]] = field(default_factory=set)
    callees: set[str] = field(default_factory=set)
    reads: set[tuple[str, str]] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    raises: bool = False
    meets: set[str] = field(default_factory=set)
    lost: list[Value] = field(default_factory=list)
    handed: list[Value] = field(default_factory=list)
    held: dict[str, list[Value]] = field(default_factory=dict)
    made: dict[Root, str] = field(default_factory=dict)
    carries: dict[Root, list[Value]] = field(
        default_factory=dict
    )  # by iterators: what they go over
    partial: bool = False  # whether it was left before all was followed
    news: dict[tuple[int, str], int] = field(default_factory=dict)
    called_back: dict[int, ast.AST] = field(default_factory=dict)
    work: int = 0
    learnt: int = 0  # how often more became known of what objects hold
    known_parts: dict[tuple[frozenset[Root], str], LookedUp] = field(default_factory=dict)
    known_reach: dict[tuple[frozenset[Root], frozenset[Ref]], LookedUp] = field(
        default_factory=dict
    )
    looked_around: bool = False  # whether what a call does hangs on variables of this function
    applied: dict[Hashable, Applied] = field(default_factory=dict)
    passing: list[tuple[tuple[str, Root], Value, Value]] = field(default_factory=list)

    # --- objects -----------------------------------------------------------------------------

    def new(self, node: ast.AST, type_: str, *contents: Value, part: str = "") -> Value:
        """An object that this function makes at ``node``, holding what ``contents`` are."""
        root = ("new", str(self.news.setdefault((id(node), part), len(self.news))))
        for value in contents:
            self.hold([root], value)
        self.heap.setdefault(root, {})
        if self.made.get(root) != type_:
            self.made[root] = type_
            self.learnt += 1
        return Value(frozenset({root}), frozenset({type_}) if type_ else None)

    def meet(self, value: Value) -> None:
        """``value`` goes where its roots are not looked at: instances of which classes may it be?

        What comes in with the outermost call is of the world that is assumed; the rest is noted.
        """
        if ("unknown", "") in value.own:
            self.meets.add(ANYTHING)

    def hold(self, roots: Iterable[Root], value: Value, field: str = "*") -> None:
        """``value`` is now reached from each of ``roots``: in an attribute, as an item (``[]``, ``[1]``) or key (``{}``)."""
        self.meet(value)
        refs = frozenset(_shallow(ref) for ref in value.refs)
        for root in roots:
            fields = self.heap.setdefault(root, {})
            cell = fields.get(field)
            if cell is None:
                cell = fields[field] = Cell()
            if not (value.own <= cell.own and refs <= cell.refs):
                cell.own |= value.own
                cell.refs |= refs
                self.learnt += 1

    def carry(self, root: Root, values: list[Value]) -> None:
        """An iterator goes over ``values``."""
        if self.carries.get(root) != values:
            self.carries[root] = values
            self.learnt += 1

    def parts(self, value: Value, field: str = "*") -> Value:
        """What is stored in ``value``: in one attribute, or anywhere in it.

        ``[]`` is what subscripts give, ``{}`` what an iteration does (of a dict the keys), ``{}*`` the
        keys alone, ``[1]`` the second that is unpacked. An argument's items are all in ``p.[]``.
        """
        self.meets.update(str(ref[1]) for ref in value.refs if ref[0] == "class")
        key = (value.own, field)
        return self.looked_up(self.known_parts, key, lambda: self._parts(value, field))

    def looked_up(self, known: dict[Key, LookedUp], key: Key, find: Callable[[], Value]) -> Value:
        """What was found before for a key; the work of finding it counts as often as it is asked for."""
        found = known.get(key)
        if found is not None and found[0] == self.learnt:
            self.worked(found[1])
            return found[2]
        before = self.work
        value = find()
        known[key] = (self.learnt, self.work - before, value)
        return value

    def worked(self, more: int) -> None:
        """Count work. Raises TooIntricate where it is too much for one function."""
        self.work += more
        if self.work > _MOST_WORK:
            raise TooIntricate

    def _parts(self, value: Value, field: str) -> Value:
        named = "[]" if field[0] in "[{" else field
        own: set[Root] = set()
        refs: set[Ref] = set()
        related: dict[Root, None] = {}  # each once: the roots of one argument overlap
        anywhere: set[Root] = set()
        classes: set[str] = set()
        for root in value.own:
            kind, name = root
            if kind in ("param", "free"):
                own.add(("in" if kind == "param" else "in-free", f"{name}.{named}"))
            elif kind in ("in", "in-free") and not name.endswith(".*"):
                own.add((kind, f"{name}.*"))
            elif kind != "new":
                own.add(root)
            elif field[0] not in "[{" and self.made.get(root) in self.names.program.classes:
                classes.add(self.made[root])
            # The objects of another root may be among those of this one.
            related[root] = None
            if kind in ("in", "in-free"):
                base, _, path = name.partition(".")
                if path == "*":
                    anywhere.add((kind, base))
                else:
                    related[kind, f"{base}.*"] = None
        for class_ in sorted(classes):
            common = self.names.of_instances(class_, field)
            own |= common.own
            refs |= common.refs
        if anywhere:
            for known in self.heap:
                if (known[0], _base(known[1])) in anywhere:
                    related[known] = None
        self.worked(len(value.own) + len(related))
        for known in related:
            for stored, cell in self.heap.get(known, _NOTHING_HELD).items():
                if field == "*" or stored in (field, "*") or _gives(field, stored):
                    own |= cell.own
                    refs |= cell.refs
        return Value(lean(own), None, frozenset(refs))

    def reached(self, value: Value) -> Value:
        """All that is reached from ``value``, itself included."""
        key = (value.own, value.refs)
        return self.looked_up(self.known_reach, key, lambda: self._reached(value))

    def _reached(self, value: Value) -> Value:
        own: set[Root] = set()
        refs = set(value.refs)
        queue = [value]
        while queue:
            item = queue.pop()
            receivers = [r[2] for r in item.refs if len(r) == 3 and not r[2].own <= own]
            if receivers:  # all at once: the work is the same in any order
                queue.append(join(receivers))
            if item.own <= own:
                continue
            own |= item.own
            deeper = self.parts(item)
            refs |= deeper.refs
            queue.append(deeper)
        return Value(lean(own), None, frozenset(refs))

    # --- effects -----------------------------------------------------------------------------

    def problem(
        self,
        node: ast.AST | int,
        level: str,
        text: str,
        via: str = "",
        own_only: bool = False,
        replayed: tuple[OutsideCall, ...] = (),
        outgoing: bool = False,
    ) -> None:
        """Note why this function may not be run again."""
        line = node if isinstance(node, int) else getattr(node, "lineno", self.definition.line)
        self.problems.add(Problem(line, level, text, via, own_only, replayed, outgoing))

    def mutate(self, node: ast.AST, value: Value, text: str, sure: bool = True) -> None:
        """What ``value`` may be is changed; what this function made itself does not count."""
        line = getattr(node, "lineno", self.definition.line)
        verb = "writes" if sure else "may write"
        for root in sorted(value.own):
            if root[0] == "global" and (data := self.names.captured(root[1])) is not None:
                self.reads.add(data)
                self.mutations.add(Mutation(root, line, text, sure))
            elif root[0] in ("global", "class"):
                self.problem(node, "no" if sure else "unknown", f"{verb} to {_spoken(root)}")
            elif root[0] == "unknown":
                self.problem(node, "unknown", f"may change anything: {text}")
            elif root[0] != "new":
                self.mutations.add(Mutation(root, line, text, sure))
        for ref in value.refs if value.is_code else ():
            if ref[0] in ("class", "module", "def", "cached", "known"):
                what = {"class": "class", "module": "module"}.get(ref[0], "function")
                self.problem(node, "no", f"writes to the {what} `{_short(str(ref[1]))}`")

    def summary(self) -> Summary:
        """What has been met, in a form that other functions can use."""
        return Summary(
            frozenset(self.problems),
            frozenset(self.mutations),
            frozenset((name, self.given(values)) for name, values in self.rebound.items()),
            frozenset(self.calls_arguments),
            self.given(self.returned),
            self._links(),
            self._made(),
            frozenset(self.callees),
            frozenset(self.reads),
            self.raises,
            frozenset(self.meets),
            frozenset(r for value in self.lost for r in value.own if r[0] != "new"),
        )

    def given(self, values: Iterable[Value]) -> Given:
        """What ``values`` are to somebody outside of this function."""
        value = join(values)
        fresh = frozenset(r for r in value.own if r[0] == "new")
        known = Value(value.own - fresh, value.types, self.exported(value.refs))
        return Given(known, self.outside(self.reached(self.parts(Value(fresh)))), bool(fresh))

    def outside(self, value: Value) -> Value:
        """``value`` without what this function made itself."""
        own = frozenset(r for r in value.own if r[0] != "new")
        return Value(own, None, self.exported(value.refs))

    def _links(self) -> frozenset[Link]:
        links: set[Link] = set()
        for root, cells in self.heap.items():
            if root[0] == "new":
                continue
            for field_, cell in cells.items():
                others = {("new", "") if r[0] == "new" else r for r in cell.own}
                links |= {(root, field_, r) for r in others - {root}}
                links |= {(root, field_, ref) for ref in self.exported(cell.refs)}
        if len(links) > _MOST_LINKS:  # fields are told apart only while that is cheap
            links = {(_anywhere(root), "*", _anywhere(other)) for root, _, other in links}
        return frozenset(links)

    def _made(self) -> Value:
        """What is reached from the new objects that other people's objects now hold."""
        held = [c for root, cells in self.heap.items() if root[0] != "new" for c in cells.values()]
        fresh = frozenset(r for cell in held for r in cell.own if r[0] == "new")
        return self.outside(self.reached(self.parts(Value(fresh))))

    def exported(self, refs: Iterable[Ref]) -> frozenset[Ref]:
        """Refs without this function's own allocations: a receiver made here is unknown outside."""
        return frozenset(
            one((ref[0], ref[1], _without_new(ref[2]))) if len(ref) == 3 else ref for ref in refs
        )


def _without_new(value: Value) -> Value:
    return Value(frozenset(root for root in value.own if root[0] != "new"), value.types)


def _shallow(ref: Ref) -> Ref:
    return one((ref[0], ref[1], ref[2].without_code())) if len(ref) == 3 else ref


_MOST_LINKS = 60
_MOST_WORK = 40_000  # objects looked at over one function: a fifth of a second
_NOTHING_HELD: dict[str, Cell] = {}


def _gives(read: str, stored: str) -> bool:
    """Whether a way of reading items gives what was stored as ``[]``, as a key or at a position."""
    if read == "[]":
        return stored.startswith("[")
    if read == "{}":
        return stored.startswith(("[", "{"))
    if read == "{}*":
        return stored == "{}"
    return read.startswith("[") and stored in ("[]", "{}")


def _anywhere(other: Root | Ref) -> Root | Ref:
    if other[0] in ("in", "in-free"):
        return (other[0], f"{_base(str(other[1]))}.*")
    return other


def _base(name: str) -> str:
    return name.partition(".")[0]


def _spoken(root: Root) -> str:
    if root == ARGUMENTS_CLASS:
        return "the class of an argument"
    if root[0] == "class":
        return f"the class `{_short(root[1])}`"
    return f"global `{root[1].rsplit('.', 1)[-1]}`"


def _short(address: str) -> str:
    return address.rsplit(":", 1)[-1]
