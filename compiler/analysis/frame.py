"""One function under analysis: its variables, what its objects hold, and the effects met so far."""

import ast
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from selfsame.compiler.analysis.holding import Holding, Read, base_of
from selfsame.compiler.analysis.program import Module
from selfsame.compiler.analysis.replayed import OutsideCall
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.values import (
    ARGUMENTS_CLASS,
    BOTTOM,
    NOTHING,
    Ref,
    Root,
    Value,
    fewest,
    join,
    spelled,
    with_receivers,
)
from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.identity import Definition

LEVELS = ("no", "held", "reaches out", "unknown")
"""The levels of problems, the worst first."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why a function may not be run again: ``level`` is one of ``LEVELS``.

    ``"held"``: what it writes to is a class, function or module of the process, of which a worker has its own.
    ``"reaches out"``: of the process, which a worker's sandbox sees; where it is a branch that does, only a
    call can tell.

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
        return Tri.UNKNOWN if self.level == "unknown" else Tri.NO

    @property
    def perhaps(self) -> "Problem":
        """The same of a call that may not happen."""
        return self if self.level == "unknown" else replace(self, level="unknown")

    @property
    def of_a_branch(self) -> "Problem":
        """The same in a branch that may not be taken."""
        return self.perhaps if self.level == "reaches out" else self


@dataclass(frozen=True, slots=True, order=True)
class Mutation:
    """Objects that a function changes; ``sure`` is False where they may be immutable."""

    root: Root
    line: int
    text: str
    sure: bool = True


PLACE: Root = ("place", "")
SEED: Root = ("place", "seed")
"""The roots of what is no change at all: a result that is another one in another process, as it has to do
with where things are in memory, or with a seed that may be the system's."""

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
    def seen(self) -> Hashable:
        """What of it makes a difference to a function that calls this one."""
        done = (
            tuple(self.changes_in_order),
            self.rebinds,
            self.calls_arguments,
            self.links,
            self.made,
            self.lost,
        )
        return tuple(self.levels), done, self.returns, self.reads, self.raises

    @cached_property
    def links_in_order(self) -> list[Link]:
        """The links in one order: a set's is another in each process."""
        return sorted(self.links, key=lambda link: (spelled(link[0]), link[1], spelled(link[2])))

    @cached_property
    def changes_in_order(self) -> list[tuple[Root, bool]]:
        """What is changed, and whether that is sure, in one order."""
        return sorted({(m.root, m.sure) for m in self.mutations})

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
                found.append((outgoing, min(levels, key=LEVELS.index)))
        return found


class TooLong(Exception):
    """Following a function and all that it calls took longer than whoever asked would wait."""


EMPTY = Summary()
Lookup = Callable[[str], Summary]


Noted = tuple[set[Problem], set[Mutation], set[tuple[Root, Value]], list[Value], list[Read], bool]


@dataclass(frozen=True, slots=True)
class Applied:
    """What a call did and gave, what was looked up for that, and the work that it took."""

    reads: tuple[Read, ...]
    work: int
    result: Value
    problems: frozenset[Problem]
    mutations: frozenset[Mutation]
    calls_arguments: frozenset[tuple[Root, Value]]
    lost: tuple[Value, ...]


@dataclass(slots=True, eq=False)
class Frame(Holding):
    """The state of the analysis of one function."""

    lookup: Lookup
    definition: Definition
    module: Module
    world: World | None = None
    env: dict[str, Value] = field(default_factory=dict)
    problems: set[Problem] = field(default_factory=set)
    mutations: set[Mutation] = field(default_factory=set)
    rebound: dict[str, list[Value]] = field(default_factory=dict)
    calls_arguments: set[tuple[Root, Value]] = field(default_factory=set)
    callees: set[str] = field(default_factory=set)
    reads: set[tuple[str, str]] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    raises: bool = False
    lost: list[Value] = field(default_factory=list)
    handed: list[Value] = field(default_factory=list)
    held: dict[str, list[Value]] = field(default_factory=dict)
    partial: bool = False  # whether it was left before all was followed
    coarse: bool = False  # whether fields are not told apart any more in what it tells its callers
    called_back: dict[int, ast.AST] = field(default_factory=dict)
    looked_around: bool = False  # whether what a call does hangs on variables of this function
    applied: dict[Hashable, Applied] = field(default_factory=dict)
    passing: list[tuple[tuple[str, Root], Value, Value]] = field(default_factory=list)

    def begin(self) -> Noted:
        """Note what a call does apart from what was noted before, which `end` puts in front of it."""
        outer = (
            self.problems,
            self.mutations,
            self.calls_arguments,
            self.lost,
            self.reading,
            self.looked_around,
        )
        self.problems, self.mutations, self.calls_arguments = set(), set(), set()
        self.lost, self.reading, self.looked_around = [], [], False
        return outer

    def end(self, outer: Noted) -> None:
        """Add what was noted since ``outer`` was to it."""
        problems, mutations, calls_arguments, lost, reading, looked_around = outer
        problems |= self.problems
        mutations |= self.mutations
        calls_arguments |= self.calls_arguments
        lost += self.lost
        reading += dict.fromkeys(self.reading)
        self.problems, self.mutations, self.calls_arguments = problems, mutations, calls_arguments
        self.lost, self.reading = lost, reading
        self.looked_around = looked_around or self.looked_around

    def perhaps(self) -> AbstractContextManager[None]:
        """A block that follows a call which may be of another function: what that surely does may happen."""
        return self._apart(lambda problem: problem.perhaps)

    def branch(self) -> AbstractContextManager[None]:
        """A block of a statement that may pass it by."""
        return self._apart(lambda problem: problem.of_a_branch)

    @contextmanager
    def _apart(self, meant: Callable[[Problem], Problem]) -> Iterator[None]:
        outer = self.begin()
        try:
            yield
        finally:
            self.problems = {meant(problem) for problem in self.problems}
            self.end(outer)

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
                self.problem(node, "held" if sure else "unknown", f"{verb} to {_spoken(root)}")
            elif root[0] == "unknown":
                self.problem(node, "unknown", f"may change anything: {text}")
            elif root[0] != "new":
                self.mutations.add(Mutation(root, line, text, sure))
        for ref in value.refs if value.is_code else ():
            if ref[0] in ("class", "module", "def", "cached", "known"):
                what = {"class": "class", "module": "module"}.get(ref[0], "function")
                self.problem(node, "held", f"writes to the {what} `{_short(str(ref[1]))}`")

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
        """Which objects that others have now hold which; fields are told apart while that is cheap."""
        links: set[Link] = set()
        for root, cells in self.heap.items():
            if root[0] == "new":
                continue
            for field_, cell in cells.items():
                others = {("new", "") if r[0] == "new" else r for r in cell.own}
                links |= {(root, field_, r) for r in others - {root}}
                links |= {(root, field_, ref) for ref in self.exported(cell.refs)}
        self.coarse = self.coarse or len(links) > _MOST_LINKS
        if self.coarse:
            links = {(_anywhere(root), "*", _anywhere(other)) for root, _, other in links}
        return frozenset(links)

    def _made(self) -> Value:
        """What is reached from the new objects that other people's objects now hold."""
        held = [c for root, cells in self.heap.items() if root[0] != "new" for c in cells.values()]
        fresh = frozenset(r for cell in held for r in cell.own if r[0] == "new")
        return self.outside(self.reached(self.parts(Value(fresh))))

    def exported(self, refs: Iterable[Ref]) -> frozenset[Ref]:
        """Refs without this function's own allocations: a receiver made here is unknown outside."""
        return fewest(with_receivers(refs, _without_new))


def _without_new(value: Value) -> Value:
    return Value(frozenset(root for root in value.own if root[0] != "new"), value.types)


_MOST_LINKS = 60


def _anywhere(other: Root | Ref) -> Root | Ref:
    if other[0] in ("in", "in-free"):
        return (other[0], f"{base_of(str(other[1]))}.*")
    return other


def _spoken(root: Root) -> str:
    if root == ARGUMENTS_CLASS:
        return "the class of an argument"
    if root[0] == "class":
        return f"the class `{_short(root[1])}`"
    return f"global `{root[1].rsplit('.', 1)[-1]}`"


def _short(address: str) -> str:
    return address.rsplit(":", 1)[-1]
