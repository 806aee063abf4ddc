"""The summaries of a program's functions in a world: callees first, recursive groups to a fixpoint.

Worlds mostly differ in little that a function looks at, so a summary that was made in one is taken over
in another wherever all the questions asked for it have the same answers (as in incremental computing
by recorded dependencies: Acar et al., 2002, and rustc's queries).
"""

from collections.abc import Iterator
from time import thread_time

from selfsame.compiler.analysis.containers import Container, carried_out, containers
from selfsame.compiler.analysis.frame import EMPTY, Given, Problem, Summary, TooIntricate, TooLong
from selfsame.compiler.analysis.met import Asked, Names
from selfsame.compiler.analysis.program import Program
from selfsame.compiler.analysis.statements import Statements
from selfsame.compiler.analysis.values import ANY, ANYTHING
from selfsame.compiler.analysis.worlds import World, held_by_classes

_MOST_WORLDS = 24
_MOST_PASSES = 12  # over one function of a recursive group


class Analysis:
    """The summaries of a program's functions in one world, each made when it is first asked for."""

    def __init__(self, program: Program, world: World | None = None) -> None:
        self.program = program
        self.world = world
        self.names = Names(program, world.classes if world is not None else None)
        self.version = program.version
        self._begin()

    def _begin(self) -> None:
        self.summaries: dict[str, Summary] = {}
        self.containers: dict[str, tuple[Container, ...] | None] = {}
        self._callers: dict[str, set[str]] = {}
        self._asked: dict[str, set[Asked]] = {}
        self._passes: dict[str, int] = {}
        self._given_up: set[str] = set()
        self._queue: list[str] = []
        self._depth = 0

    def summary(self, address: str) -> Summary:
        """What a call of a function does; recursive groups are repeated until nothing changes.

        Raises TooLong where that takes longer than it may.
        """
        if address not in self.summaries:
            try:
                self._run(address)
                while self._queue:
                    self._run(self._queue.pop(0))
            except BaseException:
                self._begin()  # what is half made looks like a function that does nothing
                raise
        return self.summaries[address]

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
            callers = other._callers.get(todo.pop(), set()) - stale
            stale |= callers
            todo += callers
        same = other.summaries.keys() - stale - self.summaries.keys()
        for address in same:
            self.summaries[address] = other.summaries[address]
            self._asked[address] = other._asked.get(address, set())
            if address in other.containers:
                self.containers[address] = other.containers[address]
        for callee, callers in other._callers.items():
            self._callers.setdefault(callee, set()).update(callers & same)

    def _run(self, address: str) -> None:
        before = self.summaries.setdefault(address, EMPTY)
        definition, module = self.program.definition(address), self.program.of(address)
        if definition is None or module is None or address in self._given_up:
            return
        if self.program.hurried or thread_time() > self.program.until_s:
            raise TooLong
        passes = self._passes[address] = self._passes.get(address, 0) + 1
        frame = Statements(
            definition,
            module,
            self.names,
            lambda callee: self._ask(address, callee),
            self.world,
        )
        self._depth += 1
        outer, self.names.asked = self.names.asked, self._asked.setdefault(address, set())
        try:
            after = _summary(frame, passes)
            self.containers[address] = None if frame.partial else containers(frame)
        except TooIntricate:
            self.containers.pop(address, None)
            self._given_up.add(address)  # more of its callees would not make it less intricate
            after = _given_up(frame)
        finally:
            self._depth -= 1
            self.names.asked = outer
        if after != before:
            self.summaries[address] = after
            if passes <= _MOST_PASSES:
                waiting = self._callers.get(address, set())
                self._queue += [a for a in sorted(waiting) if a not in self._queue]

    def reached(self, address: str) -> list[str]:
        """The function and all of the tree that it calls, directly or not."""
        seen, todo = {address}, [address]
        for each in todo:
            for callee in sorted(self.summary(each).callees):
                if callee not in seen:
                    seen.add(callee)
                    todo.append(callee)
        return todo

    def more_met(self, address: str) -> frozenset[str]:
        """The classes whose instances the function may meet beside those of the world assumed."""
        assert self.world is not None
        reached = self.reached(address)
        met = frozenset[str]().union(*(self.summary(a).meets for a in reached))
        if ANYTHING not in met:
            found = [self.program.definition(a) for a in reached]
            nodes = [d.node for d in found if d is not None]
            classes = self.world.classes | met
            met |= held_by_classes(self.names, classes, nodes)
            if any(base.startswith("?") for c in sorted(classes) for base in self.names.mro(c)[1]):
                met |= {ANYTHING}  # methods of another package
        return met - self.world.classes

    def _ask(self, caller: str, callee: str) -> Summary:
        self._callers.setdefault(callee, set()).add(caller)
        if callee not in self.summaries:
            if self._depth < 12:  # deeper ones wait, so that long call chains do not fill the stack
                self._run(callee)
            else:
                self.summaries[callee] = EMPTY
                self._queue.append(callee)
        return self.summaries[callee]


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
    return frame.summary()


def _given_up(frame: Statements) -> Summary:
    """Of a function that was not followed to its end only the effects are known that were met."""
    problem = Problem(frame.definition.line, "unknown", "is too intricate to follow")
    met = frozenset(p for p in frame.problems if p.level == "no")
    return Summary(
        problems=met | {problem},
        returns=Given(ANY),
        callees=frozenset(frame.callees),
        reads=frozenset(frame.reads),
        raises=frame.raises,
        meets=frozenset(frame.meets),
    )


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
        if world is None:
            break
        analysis = analysis_of(program, world)
        if address not in analysis.summaries:
            for other in _neighbours(program, analysis):
                if address in other.summaries:
                    analysis.adopt(other)
        more = analysis.more_met(address)
        if not more:
            return analysis
        world = None if ANYTHING in more else world.with_classes(more)
    return analysis_of(program)


def _neighbours(program: Program, analysis: Analysis) -> Iterator[Analysis]:
    """The analyses of worlds that differ from one's in their classes alone, the newest first."""
    kept: dict[World | None, Analysis] = program.__dict__["_analyses"]
    for world, other in reversed(list(kept.items())):
        if world is None or analysis.world is None or other is analysis:
            continue
        if world.code == analysis.world.code and other.version == analysis.version:
            yield other
