"""Compiled in place: members of enumerations, and match statements."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = '''
import enum
from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class State(Enum):
    """What a job is at."""

    IDLE = auto()
    RUN = auto()
    DONE = auto()
    STOPPED = DONE

    def next(self):
        return State.RUN


@enum.unique
class Way(enum.Enum):
    N = (0, -1)
    E = (1, 0)
    S = (0, 1)
    W = (-1, 0)


class Rank(IntEnum):
    LOW = 1
    HIGH = 5


class Odd(Enum):
    A = 1
    B = 2

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Step(IntEnum):
    ONE = 1
    TWO = 2

    def __add__(self, other):
        return -other

    __radd__ = __add__


WEIGHTS = {Rank.LOW: 3, Rank.HIGH: 4}


class Job:
    state = State.IDLE

    def __init__(self, name, rank):
        self.name = name
        self.rank = rank
        self.left = 2


@dataclass
class Num:
    value: int


@dataclass
class Add:
    left: object
    right: object


@dataclass
class Neg:
    of: object


def jobs(all_jobs, n):
    log, counts = [], {}
    for step in range(n):
        job = all_jobs[step % len(all_jobs)]
        if job.state == State.IDLE:
            job.state = State.RUN
        elif job.state is State.RUN:
            job.left -= 1
            if job.left <= 0:
                job.state = State.STOPPED
        counts[job.state, job.rank] = counts.get((job.state, job.rank), 0) + job.rank
        if job.rank > Rank.LOW and job.state in (State.RUN, State.DONE):
            log.append((job.name, job.state.name, job.state.value, job.rank.value, job.rank + 1))
        if job.state != State.DONE and job.rank:
            log.append((step, "", WEIGHTS[job.rank], job.rank == 5, Rank.HIGH - job.rank))
    return log, counts


def walk(moves, start):
    ways, x, y, last = list(Way), 0, 0, None
    seen = []
    for turn, n in moves:
        way = ways[turn % len(ways)]
        dx, dy = way.value
        x, y = x + dx * n, y + dy * n
        seen.append((x, y, way.name, way == last, last is None, last == start))
        last = way
    for each in Way:
        seen.append((each.value[0], 0, each.name, each is start, True, False))
    return seen, last, Rank(1 + 4 * (len(moves) > 2))


def run(ops):
    stack, met = [], 0
    for op in ops:
        match op:
            case ("push", x):
                stack.append(x)
            case ("add", _) | ("plus", _):
                stack.append(stack.pop() + stack.pop())
            case ("jump", n) if n > 2 and met < n:
                met = n
            case ("jump", n):
                met -= n
            case ("none", None):
                stack.append(0)
            case [_, 7]:
                break
            case _:
                met += 1
    return stack, met


def words(rows):
    found = []
    for row in rows:
        match row:
            case []:
                found.append("none")
            case [one]:
                found.append(one)
            case ["go", *rest, last]:
                found.append(last + str(len(rest)))
            case [first, *_] as whole:
                found.append(first + str(len(whole)))
    return found


def level(name):
    total = 0
    for letter in name:
        match letter:
            case "a" | "b":
                total += 1
            case "c":
                return total
            case other if other.isdigit():
                total += int(other)
    return -total


def evaluate(tree):
    match tree:
        case Num(value):
            return value
        case Add(Num(value=0), right):
            return evaluate(right)
        case Add(left, right=right):
            return evaluate(left) + evaluate(right)
        case Neg(of=of):
            return -evaluate(of)
    return 0


def odd(given):
    return [each == Odd.A for each in given]


def summed(given, n):
    return [(each + n, n + each) for each in given]


def stepped(given, n):
    return [(each + n, n + each, Step.ONE + n) for each in given]
'''

OPS = [("push", 3), ("push", 4), ("add", 0), ("jump", 5), ("jump", 1), ("none", None), ("x", 1)]


def some_jobs(m: Any) -> list[Any]:
    return [m.Job(f"j{n}", m.Rank.HIGH if n % 3 else m.Rank.LOW) for n in range(5)]


def tree(m: Any) -> Any:
    one = m.Add(m.Num(0), m.Neg(m.Num(5)))
    return m.Add(one, m.Add(m.Num(1), m.Num(2)))


EXAMPLES: dict[str, Make] = {
    "jobs": lambda m: (some_jobs(m), 20),
    "walk": lambda m: ([(0, 1), (1, 2), (3, 1)], m.Way.N),
    "run": lambda m: (OPS,),
    "words": lambda m: ([[], ["a"], ["go", "x", "y"], ["b", "c"]],),
    "level": lambda m: ("ab3x",),
    "evaluate": lambda m: (tree(m),),
}


def plain(value: Any) -> Any:
    """A result with the members in it by name."""
    if isinstance(value, dict):
        return [(plain(k), plain(v)) for k, v in value.items()]
    if isinstance(value, list | tuple):
        return type(value).__name__, [plain(v) for v in value]
    return type(value).__name__, str(value), getattr(value, "name", value)


@pytest.fixture(scope="module")
def bench(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


def both(bench: InPlace, name: str, make: Make, fast: bool = True) -> None:
    """Both modules do the same, and where it is ``fast`` the compiled code did it."""
    told, before = [], bench.deopts[name]
    for module in (bench.original, bench.compiled):
        arguments = make(module)
        try:
            told.append(("returns", plain(getattr(module, name)(*arguments))))
        except Exception as error:
            told.append(("raises", f"{type(error).__name__}: {error}"))
    assert told[0] == told[1]
    assert not fast or bench.deopts[name] == before, f"{name} ran the original"


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(bench: InPlace, name: str) -> None:
    both(bench, name, EXAMPLES[name])


MOVES = st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 9)), max_size=9)


@settings(deadline=None, max_examples=40)
@given(MOVES, st.sampled_from("NESW"))
def test_members_are_themselves(bench: InPlace, moves: Any, start: str) -> None:
    both(bench, "walk", lambda m: (moves, m.Way[start]))


def test_what_is_no_member_is_left_to_python(bench: InPlace) -> None:
    def with_state(state: Any) -> Make:
        def make(m: Any) -> tuple[Any, ...]:
            made = some_jobs(m)
            made[1].state = state(m)
            return made, 12

        return make

    for state in (lambda m: m.State.DONE, lambda m: None, lambda m: 1, lambda m: m.Way.N):
        both(bench, "jobs", with_state(state), fast=False)
    both(bench, "jobs", lambda m: ([m.Job("a", 5), m.Job("b", True)], 9), fast=False)
    both(bench, "walk", lambda m: ([(0, 1)], m.State.RUN), fast=False)


def test_an_enumeration_that_says_what_it_equals_is_left_alone(builder: Any) -> None:
    from selfsame.compiler.emit.cython import CannotPrint

    with pytest.raises(CannotPrint, match="reads Odd"):
        InPlace(builder, TEXT, {"odd": lambda m: ([m.Odd.A, m.Odd.B],)})


def test_ints_that_say_what_they_add_up_to_are_asked(builder: Any) -> None:
    from selfsame.compiler.emit.cython import CannotPrint

    with pytest.raises(CannotPrint, match="reads Step"):
        InPlace(builder, TEXT, {"stepped": lambda m: ([m.Step.ONE], 3)})
    bench = InPlace(builder, TEXT, {"summed": lambda m: ([m.Step.ONE, m.Step.TWO], 3)})
    both(bench, "summed", lambda m: ([m.Step.ONE, m.Step.TWO], 3), fast=False)
    bench = InPlace(builder, TEXT, {"summed": lambda m: ([m.Rank.LOW, m.Rank.HIGH], 3)})
    both(bench, "summed", lambda m: ([m.Rank.LOW, m.Rank.HIGH], 3))
    for module in (bench.original, bench.compiled):
        module.Rank.__add__ = lambda self, other: -other
    both(bench, "summed", lambda m: ([m.Rank.LOW, m.Rank.HIGH], 3), fast=False)


PARTS = st.one_of(st.integers(-3, 9), st.none())
PAIRS = st.tuples(st.sampled_from(["push", "add", "plus", "jump", "none", "x"]), PARTS)


@settings(deadline=None, max_examples=80)
@given(st.lists(PAIRS, max_size=8))
def test_patterns_are_asked_in_order(bench: InPlace, ops: Any) -> None:
    both(bench, "run", lambda m: (ops,), fast=False)


def test_what_is_no_pair_is_matched_as_python_matches_it(bench: InPlace) -> None:
    for odd in (("push",), ["add", 0], "ab", None, 5, ("x", 7), {"x": 7}, range(2)):
        both(bench, "run", lambda m, odd=odd: ([("push", 1), odd, ("push", 2)],), fast=False)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.sampled_from(["go", "x", "y"]), max_size=4), max_size=5))
def test_lists_are_taken_apart(bench: InPlace, rows: list[list[str]]) -> None:
    both(bench, "words", lambda m: (rows,))


@settings(deadline=None, max_examples=40)
@given(st.text(alphabet="abc19\u0663", max_size=6))
def test_a_guard_is_asked_last(bench: InPlace, name: str) -> None:
    both(bench, "level", lambda m: (name,), fast=False)


def test_instances_are_taken_apart(bench: InPlace) -> None:
    both(bench, "evaluate", lambda m: (m.Add(m.Num(0), m.Neg(m.Neg(m.Num(2)))),))
    both(bench, "evaluate", lambda m: (m.Add(m.Num(1.5), m.Neg(m.Num("a"))),), fast=False)
    both(bench, "evaluate", lambda m: (m.Add(m.Num(1), None),), fast=False)


def test_members_are_read_when_a_call_starts(bench: InPlace) -> None:
    def renamed(m: Any) -> tuple[Any, ...]:
        return some_jobs(m), 20

    class Other(bench.compiled.Enum):  # type: ignore[misc, name-defined]
        IDLE = "i"
        RUN = "r"

    kept = [module.State for module in (bench.original, bench.compiled)]
    for module in (bench.original, bench.compiled):
        module.State = Other
    both(bench, "jobs", renamed, fast=False)
    for module, state in zip((bench.original, bench.compiled), kept, strict=True):
        module.State = state
