"""Compiled in place: random numbers are those that Python draws, and a call that is taken back draws none."""

import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import random


class Source:
    def __init__(self, rng, rate):
        self.rng = rng
        self.rate = rate


def all_ways(source, n, items):
    rng = source.rng
    out = []
    draw = rng.random
    for i in range(n):
        out.append(draw())
        out.append(source.rng.expovariate(source.rate))
        out.append(rng.uniform(-i, 2.5))
    numbers = []
    for i in range(n):
        numbers.append(rng.randint(-i, i * i))
        numbers.append(rng.randrange(i + 1))
        numbers.append(rng.randrange(-5, i))
        numbers.append(rng.getrandbits(i % 62 + 1))
    chosen = []
    for i in range(n):
        chosen.append(rng.choice(items))
        chosen.append(rng.choice("abc"))
    rng.shuffle(items)
    return out, numbers, chosen


def below(rng, limits):
    out = []
    for limit in limits:
        out.append(rng.randrange(limit))
    return out


def made_here(seed, n):
    rng = random.Random(seed)
    out = []
    for i in range(n):
        out.append((rng.randint(1, 6), rng.choice("abc"), rng.normalvariate(0.5, i)))
    several = []
    for i in range(n):
        several.append(rng.sample(range_of(9), i % 4))
        several.append(rng.choices([7, 8, 9], k=i % 3))
        several.append(rng.choices([7, 8], weights=[1, i + 1], k=2))
    return out, several, rng


def range_of(n):
    return [i for i in range(n)]


def begun_anew(rng, seeds):
    out = []
    for seed in seeds:
        rng.seed(seed)
        out.append(rng.random())
    return out


def shared(n, low, high):
    out = []
    for _ in range(n):
        out.append(random.random() + random.uniform(low, high))
        out.append(random.randint(1, 6) * 1.0)
    return out
"""


EXAMPLES: dict[str, Make] = {
    "all_ways": lambda m: (m.Source(random.Random(1), 0.5), 2, ["a", "b"]),
    "below": lambda m: (random.Random(1), [1, 2]),
    "shared": lambda m: (2, 0.5, 1.5),
    "made_here": lambda m: (3, 4),
    "begun_anew": lambda m: (random.Random(1), [1, 2]),
}


@pytest.fixture(scope="module")
def drawing(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.fixture
def seeded() -> Iterator[None]:
    state = random.getstate()
    yield
    random.setstate(state)


def states(module: Any, name: str, seed: int, rest: tuple[Any, ...]) -> tuple[Any, Any]:
    rng = random.Random(seed)
    given = module.Source(rng, 0.7) if name == "all_ways" else rng
    try:
        done: Any = getattr(module, name)(given, *rest)
    except Exception as error:
        done = repr(error)
    return done, rng.getstate()


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 1 << 40),
    n=st.integers(0, 70),
    items=st.lists(st.text(max_size=2), min_size=1, max_size=9),
)
def test_the_same_numbers_and_the_same_state(
    drawing: InPlace, seed: int, n: int, items: list[str]
) -> None:
    before = drawing.deopts["all_ways"]
    ours, theirs = list(items), list(items)
    one = states(drawing.original, "all_ways", seed, (n, ours))
    two = states(drawing.compiled, "all_ways", seed, (n, theirs))
    assert one == two
    assert ours == theirs
    # randrange(-5, i) draws at once; an empty range would be left to Python.
    assert drawing.deopts["all_ways"] == before


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 99),
    limits=st.lists(st.one_of(st.integers(-2, 1 << 63), st.integers(1, 70)), max_size=8),
)
def test_what_is_taken_back_has_drawn_nothing(
    drawing: InPlace, seed: int, limits: list[int]
) -> None:
    one = states(drawing.original, "below", seed, (limits,))
    assert states(drawing.compiled, "below", seed, (limits,)) == one


def test_the_functions_of_the_module_draw_from_its_own(drawing: InPlace, seeded: None) -> None:
    outcomes = []
    for module in (drawing.original, drawing.compiled):
        random.seed(5)
        outcomes.append((module.shared(40, -0.5, 2.0), random.getstate()))
    assert outcomes[0] == outcomes[1]
    assert drawing.deopts["shared"] == 0


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(), n=st.integers(0, 12))
def test_a_generator_made_in_the_call(drawing: InPlace, seed: int, n: int) -> None:
    before = drawing.deopts["made_here"]
    seed = seed % (1 << 62)
    (*one, ours), (*two, theirs) = (
        m.made_here(seed, n) for m in (drawing.original, drawing.compiled)
    )
    assert one == two
    assert ours.getstate() == theirs.getstate()
    assert type(theirs) is random.Random
    assert drawing.deopts["made_here"] == before


@pytest.mark.parametrize("seed", [None, 1 << 70, "text", 2.5, True, b"bytes", -1])
def test_a_seed_of_any_other_kind(drawing: InPlace, seed: Any) -> None:
    if seed is not None:
        one, two = (m.made_here(seed, 5)[:2] for m in (drawing.original, drawing.compiled))
        assert one == two
        one, two = (
            states(m, "begun_anew", 1, ([1, seed],)) for m in (drawing.original, drawing.compiled)
        )
        assert one == two
    else:
        assert len(drawing.compiled.made_here(None, 5)[0]) == 5


def test_a_pair_half_used_is_left_to_python(drawing: InPlace) -> None:
    outcomes = []
    for module in (drawing.original, drawing.compiled):
        rng = random.Random(4)
        rng.gauss(0, 1)
        outcomes.append((module.begun_anew(rng, [1]), rng.gauss(0, 1), rng.getstate()))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("method", ["seed", "sample", "__init__"])
def test_a_method_that_is_replaced_is_seen(
    drawing: InPlace, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    assert drawing.compiled.made_here(1, 3)[:2] == drawing.original.made_here(1, 3)[:2]
    old = getattr(random.Random, method)
    calls = []

    def replaced(self: Any, *args: Any, **named: Any) -> Any:
        calls.append(args)
        return old(self, *args, **named)

    monkeypatch.setattr(random.Random, method, replaced)
    one = drawing.original.made_here(1, 3)[:2]
    seen, calls[:] = list(calls), []
    assert drawing.compiled.made_here(1, 3)[:2] == one
    assert calls == seen


class Loaded(random.Random):
    """Always the same."""

    def random(self) -> float:
        """No draw."""
        return 0.25


def test_a_derived_class_and_a_method_of_its_own_are_left_to_python(drawing: InPlace) -> None:
    own = random.Random(3)
    own.random = lambda: 0.5  # type: ignore[method-assign]
    for rng in (Loaded(3), own):
        before = drawing.deopts["below"]
        state = rng.getstate()
        expected = drawing.original.below(rng, [5, 6])
        rng.setstate(state)
        assert drawing.compiled.below(rng, [5, 6]) == expected
        assert drawing.deopts["below"] == before + 1


def test_a_method_that_the_class_was_given_is_called(
    drawing: InPlace, monkeypatch: pytest.MonkeyPatch, seeded: None
) -> None:
    drawing.compiled.below(random.Random(1), [5])  # as it was, first
    monkeypatch.setattr(random.Random, "randrange", lambda self, n: -n)
    assert drawing.compiled.below(random.Random(1), [5, 6]) == [-5, -6]
    monkeypatch.undo()
    assert drawing.compiled.below(random.Random(1), [5]) == drawing.original.below(
        random.Random(1), [5]
    )


def test_a_function_that_the_module_was_given_is_called(
    drawing: InPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "random", lambda: 1000.0)
    assert min(drawing.compiled.shared(3, 0.0, 2.0)[::2]) >= 1000.0


def test_the_generator_outlives_the_call(drawing: InPlace) -> None:
    rng = random.Random(1)
    before = sys.getrefcount(rng)
    drawing.compiled.below(rng, [3] * 5000)
    assert sys.getrefcount(rng) == before
