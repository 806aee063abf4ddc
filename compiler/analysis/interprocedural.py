"""The summaries of a program's functions in a world: callees first, recursive groups to a fixpoint.

Worlds mostly differ in little that a function looks at, so a summary that was made in one is taken over
in another wherever all the questions asked for it have the same answers (as in incremental computing
by recorded dependencies: Acar et al., 2002, and rustc's queries).
"""

import ast
from collections.abc import Callable, Iterator
from operator import attrgetter
from time import thread_time

from selfsame.compiler.analysis.containers import Container, carried_out, containers
from selfsame.compiler.analysis.fixpoint import Fixpoint
from selfsame.compiler.analysis.frame import EMPTY, Given, Problem, Summary, TooLong
from selfsame.compiler.analysis.holding import TooIntricate
from selfsame.compiler.analysis.importing import made_at_import
from selfsame.compiler.analysis.met import Asked, Names
from selfsame.compiler.analysis.program import Program
from selfsame.compiler.analysis.statements import Statements
from selfsame.compiler.analysis.values import ANY, ANYTHING, IMPORTED, Root, Value
from selfsame.compiler.analysis.worlds import World, held_by_classes
from selfsame.compiler.identity.scopes import parameters

_MOST_WORLDS = 24
_MOST_PASSES = 12  # over one function of a recursive group


class Leaves(Exception):
    """A function, named by its address, may meet anything at all: no closed world is all of it."""


class Analysis:
    """The summaries of a program's functions in one world, each made when it is first asked for."""

    def __init__(self, program: Program, world: World | None = None) -> None:
        self.program = program
        self.world = world
        self.names = Names(program, world.classes if world is not None else None)
        self.version = program.version
        self._begin()

    def _begin(self) -> None:
        self.containers: dict[str, tuple[Container, ...] | None] = {}
        self._summaries = Fixpoint(
            self._followed, attrgetter("seen"), EMPTY, _MOST_PASSES, self._forget
        )
        self._asked: dict[str, set[Asked]] = {}
        self._given_up: dict[str, Summary] = {}
        self._leaving: set[str] = set()
        self._frames: dict[str, Statements] = {}  # of what may be followed again

    @property
    def known(self) -> set[str]:
        """The addresses of the functions whose summaries are known for good."""
        return self._summaries.known()

    def knows(self, address: str) -> bool:
        """Whether a function's summary is known for good."""
        return address in self._summaries

    def summary(self, address: str) -> Summary:
        """What a call of a function does; recursive groups are repeated until nothing changes.

        Raises TooLong where that takes longer than it may; what was found by then is kept. Raises Leaves
        where the function does not stay in a closed world: of what it calls no more is followed then.
        """
        try:
            return self._summaries.value(address)
        except TooLong:
            raise
        except Leaves as leaves:
            for left in self._summaries.all_asking(str(leaves)):
                self._leaving.add(left)
                self._forget(left)
            self._summaries.drop()
            raise
        except BaseException:
            self._begin()  # what is half made looks like a function that does nothing
            raise

    def adopt(self, other: "Analysis") -> None:
        """Take over what is the same in the world of ``other``, in which no function is followed any more.

        A summary is made of the functions that it asks for and of the classes met, as far as it asks for
        them: where none of these answers differs, it does not either. Raises ValueError where the
        worlds have different code, which is not asked for by name.
        """
        if other.world is None or self.world is None or other.world.code != self.world.code:
            raise ValueError("the worlds differ in more than their classes")
        differ: dict[Asked, bool] = {}
        stale: set[str] = set()
        for address, questions in other._asked.items():
            for asked in sorted(questions):
                if asked not in differ:
                    differ[asked] = self.names.answer(asked) != other.names.answer(asked)
                if differ[asked]:
                    stale.add(address)
                    break
        todo = list(stale)
        while todo:
            callers = other._summaries.asking.get(todo.pop(), set()) - stale
            stale |= callers
            todo += callers
        same = other.known - stale - self._summaries.met()
        for address in same:
            self._summaries.put(address, other.summary(address))
            self._asked[address] = other._asked.get(address, set())
            if address in other.containers:
                self.containers[address] = other.containers[address]
        for callee, callers in other._summaries.asking.items():
            self._summaries.asking.setdefault(callee, set()).update(callers & same)

    def _followed(self, address: str, passes: int, ask: Callable[[str], Summary]) -> Summary:
        """What one pass over a function finds, by what is known of those that it calls."""
        definition, module = self.program.definition(address), self.program.of(address)
        if definition is None or module is None:
            return EMPTY
        if address in self._given_up:
            return self._given_up[address]
        if address in self._leaving:
            raise Leaves(address)
        if self.program.hurried or thread_time() > self.program.until_s:
            raise TooLong
        frame = self._frames.get(address)
        if frame is None:
            frame = Statements(self.names, ask, definition, module, self.world)
            self._frames[address] = frame
        outer, self.names.asked = self.names.asked, self._asked.setdefault(address, set())
        try:
            found = _summary(frame, passes)
            self.containers[address] = None if frame.partial else containers(frame)
        except TooIntricate:
            self.containers.pop(address, None)
            # More of its callees would not make it less intricate.
            found = self._given_up[address] = _given_up(frame)
        finally:
            self.names.asked = outer
        if self.world is not None and self._leaves(found):
            raise Leaves(address)
        return found

    def _leaves(self, found: Summary) -> bool:
        """Whether a function may meet instances of classes of which the world knows nothing."""
        return ANYTHING in self._told(found.meets)

    def _forget(self, address: str) -> None:
        self._frames.pop(address, None)

    def reached(self, address: str) -> list[str]:
        """The function and all of the tree that it calls, directly or not."""
        seen, todo = {address}, [address]
        for each in todo:
            for callee in sorted(self.summary(each).callees):
                if callee not in seen:
                    seen.add(callee)
                    todo.append(callee)
        return todo

    def _told(self, met: frozenset[str]) -> frozenset[str]:
        """The same classes, with those of the import by their addresses."""
        if IMPORTED not in met:
            return met
        imported = made_at_import(self.names)
        return met - {IMPORTED} | (frozenset({ANYTHING}) if imported is None else imported)

    def more_met(self, address: str) -> frozenset[str]:
        """The classes whose instances the function may meet beside those of the world assumed.

        Raises Leaves where that is any class.
        """
        assert self.world is not None
        reached = self.reached(address)
        met = self._told(frozenset[str]().union(*(self.summary(a).meets for a in reached)))
        found = [self.program.definition(a) for a in reached]
        nodes = [d.node for d in found if d is not None]
        classes = self.world.classes | met
        met |= self._told(held_by_classes(self.names, classes, nodes))
        others = any(base.startswith("?") for c in sorted(classes) for base in self.names.mro(c)[1])
        if ANYTHING in met or others:  # methods of another package
            raise Leaves(address)
        return met - self.world.classes


def _summary(frame: Statements, passes: int) -> Summary:
    line = frame.definition.line
    try:
        frame.analyse()
        frame.lost += carried_out(frame)
    except RecursionError:
        frame.problem(line, "unknown", "is nested too deeply to follow")
        frame.partial = True
    if passes >= _MOST_PASSES:
        frame.problem(line, "unknown", "calls itself in a way too intricate to follow")
        frame.partial = True
    if frame.partial:
        frame.lost.append(Value(_given(frame)))
    return frame.summary()


def _given_up(frame: Statements) -> Summary:
    """Of a function that was not followed to its end only the effects are known that were met."""
    problem = Problem(frame.definition.line, "unknown", "is too intricate to follow")
    met = frozenset(p for p in frame.problems if p.level != "unknown")
    return Summary(
        problems=met | {problem},
        returns=Given(ANY),
        callees=frozenset(frame.callees),
        reads=frozenset(frame.reads),
        raises=frame.raises,
        meets=frozenset(frame.meets),
        lost=_given(frame),
    )


def _given(frame: Statements) -> frozenset[Root]:
    """What came in as arguments: where the rest is not followed, it may be kept by anybody."""
    assert not isinstance(frame.definition.node, ast.ClassDef)
    return frozenset(("param", name) for name in parameters(frame.definition.node.args))


def analysis_of(program: Program, world: World | None = None) -> Analysis:
    """The program's analysis in a world, begun anew where modules were loaded since."""
    kept: dict[World | None, Analysis] = program.__dict__.setdefault("_analyses", {})
    found = kept.pop(world, None)
    if found is None or found.version != program.version:
        found = Analysis(program, world)
    kept[world] = found
    while len(kept) > _MOST_WORLDS:
        del kept[next(iter(kept))]
    return found


def settled(program: Program, address: str, world: World | None) -> Analysis:
    """The analysis in the least world around ``world`` that the function does not leave."""
    for _ in range(_MOST_PASSES):
        if world is None or world.open:
            break
        analysis = analysis_of(program, world)
        if not analysis.knows(address):
            for other in _neighbours(program, analysis):
                if other.knows(address):
                    analysis.adopt(other)
        try:
            more = analysis.more_met(address)
        except Leaves:
            break
        if not more:
            return analysis
        world = world.with_classes(more)
    return analysis_of(program)


def _neighbours(program: Program, analysis: Analysis) -> Iterator[Analysis]:
    """The analyses of worlds that differ from one's in their classes alone, the newest first."""
    kept: dict[World | None, Analysis] = program.__dict__["_analyses"]
    for world, other in reversed(list(kept.items())):
        if world is None or analysis.world is None or other is analysis:
            continue
        if world.code == analysis.world.code and other.version == analysis.version:
            yield other
