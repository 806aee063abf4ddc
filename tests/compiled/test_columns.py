"""Lists of instances: their attributes change as they do in Python, or the original runs."""

import types
from typing import Any

import pytest
from compiled_workbench import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = '''
import math


class Body:
    """A point with a mass."""

    def __init__(self, x, y, vx, vy, mass):
        self.x, self.y = x, y
        self.vx, self.vy = vx, vy
        self.mass = mass
        self.hits = 0

    def move(self, dt):
        """A step."""
        self.x += self.vx * dt
        self.y += self.vy * dt

    def bounce(self, low, high):
        if self.x < low or self.x > high:
            self.vx = -self.vx
            self.__hit(1)

    def __hit(self, n):
        self.hits += n


class Heavy(Body):
    pass


def step(bodies, dt):
    n = len(bodies)
    for i in range(n):
        a = bodies[i]
        for j in range(i + 1, n):
            b = bodies[j]
            dx = a.x - b.x
            dy = a.y - b.y
            d2 = dx * dx + dy * dy + 0.01
            mag = dt / (d2 * math.sqrt(d2))
            a.vx -= dx * b.mass * mag
            a.vy -= dy * b.mass * mag
            b.vx += dx * a.mass * mag
            b.vy += dy * a.mass * mag
    for b in bodies:
        b.x += dt * b.vx
        b.y += dt * b.vy


def simulate(bodies, n):
    for _ in range(n):
        step(bodies, 0.01)
        for b in bodies:
            b.move(0.5)
            b.bounce(-1.0, 1.0)
    return sum(b.hits for b in bodies), energy(bodies)


def energy(bodies):
    e = 0.0
    for i, b in enumerate(bodies):
        e += 0.5 * b.mass * (b.vx * b.vx + b.vy * b.vy) + i
        for c in bodies[i + 1 :]:
            if c is not b:
                e -= b.mass * c.mass / math.sqrt((b.x - c.x) ** 2 + (b.y - c.y) ** 2 + 0.5)
    return e


def places(bodies, i, j):
    a, b = bodies[i], bodies[j]
    if a is b:
        a.hits += 10
    a.x = b.y
    total = 0
    for c in bodies[j:i]:
        total += c.hits
        c.hits = total
    return total, bodies[-1].x, len(bodies)


def counted(bodies, n):
    for b in bodies:
        b.hits = b.hits * n + 1
    return bodies[0].hits
'''
NAMES = ("step", "simulate", "energy", "places", "counted")
SEEN = {
    "bodies": "list[sample.Body]",
    **{f"bodies[].{a}": "float" for a in ("x", "y", "vx", "vy", "mass")},
    "bodies[].hits": "int",
}
REST = {"dt": "float", "n": "int", "i": "int", "j": "int"}
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=50)
FLOATS = st.floats(-2, 2) | st.sampled_from([0.0, -0.0, float("nan"), float("inf"), 1e308])
STATES = st.lists(st.tuples(FLOATS, FLOATS, FLOATS, FLOATS, FLOATS), max_size=5)


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, NAMES, builder, dict.fromkeys(NAMES, SEEN | REST))
    assert not made.refusals
    return made


OTHERS = """
class Body:
    def __init__(self, x, y):
        self.x = x
        self.__y = y

    def two(self):
        return 2

    def __twice(self):
        self.x *= 2

    def both(self):
        self.__twice()
        return self.x


class Other:
    def run(self, bodies):
        return sum([b.__y for b in bodies])


def unchecked(bodies, i):
    return bodies[i].two() + bodies[0].x


def private(bodies):
    t = 0
    for b in bodies:
        t += b.__y + b.x
    return t


def private_method(bodies):
    t = 0
    for b in bodies:
        b.__twice()
        t += b.x
    return t


def private_alone(body, n: int):
    return body.__y + n


def plain(bodies):
    t = 0
    for i, b in enumerate(bodies):
        t += b.x + i
    return t


def local(bodies):
    enumerate = sorted
    t = 0
    for i, b in enumerate(bodies):
        t += b.x + i
    return t


def public(bodies):
    t = 0
    for b in bodies:
        t += b.both()
        try:
            if b.x > 5:
                t += 1
            else:
                c = bodies[0]
                t += c.x
        except ValueError:
            b.x = 0
        finally:
            t += 2
    return t
"""


def of_others(text: str, builder) -> Bench:
    seen = {"bodies": "list[sample.Body]", "body": "sample.Body", "i": "int", "n": "int"}
    seen |= {"bodies[].x": "int", "bodies[]._Body__y": "int", "body._Body__y": "int"}
    names = ("unchecked", "private", "private_method", "private_alone", "plain", "local", "public")
    return Bench.of(text, names, builder, dict.fromkeys(names, seen))


def test_an_element_is_looked_up_before_its_method(builder) -> None:
    bench = of_others(OTHERS, builder)
    refused = {name: refusal.reason for name, refusal in bench.refusals.items()}
    assert refused == {
        "unchecked": "calls two of an element that has no name",
        "private": "uses __y, a private name, outside Body",
        "private_method": "uses __twice, a private name, outside Body",
        "private_alone": "uses __y, a private name, outside Body",
        "local": "takes a list of instances, and binds enumerate",
    }
    check(bench, "plain", [(3, 4), (5, 6)], fast=True)
    check(bench, "public", [(3, 4), (1, 6)], fast=True)


@pytest.mark.parametrize("builtin", ["len", "range", "max", "enumerate"])
def test_a_module_s_own_len_is_not_called_for_the_builtin(builtin: str, builder) -> None:
    bench = of_others(f"def {builtin}(*a):\n    return [(1, a[0][0])]\n\n\n{OTHERS}", builder)
    reason = f"takes a list of instances where {builtin} is not the builtin"
    assert bench.refusals["plain"].reason == bench.refusals["public"].reason == reason


def outcome(module: types.ModuleType, name: str, bodies: list[Any], *rest: object) -> object:
    try:
        result = repr(getattr(module, name)(bodies, *rest))
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    return result, [[(k, repr(v)) for k, v in vars(b).items()] for b in bodies]


def check(
    bench: Bench, name: str, states: list[tuple[object, ...]], *rest: object, fast: bool = False
) -> None:
    before = bench.deopts[name]
    found = [
        outcome(m, name, [m.Body(*s) for s in states], *rest)
        for m in (bench.original, bench.compiled)
    ]
    assert found[0] == found[1]
    assert not fast or bench.deopts[name] == before


ORDINARY = [(0.1 * i, 0.5 - i, 1.5, 0.25 * i, 1.0 + i) for i in range(5)]


def test_they_run_compiled(bench: Bench) -> None:
    check(bench, "step", ORDINARY, 0.01, fast=True)
    check(bench, "simulate", ORDINARY, 20, fast=True)
    check(bench, "energy", ORDINARY, fast=True)
    check(bench, "places", ORDINARY, 3, 1, fast=True)
    check(bench, "places", ORDINARY, -1, -5, fast=True)
    check(bench, "counted", ORDINARY, 3, fast=True)


@EASY
@given(states=STATES, n=st.integers(-1, 4))
def test_attributes_after_a_simulation(bench: Bench, states: list[Any], n: int) -> None:
    check(bench, "step", states, 0.01)
    check(bench, "simulate", states, n)
    check(bench, "energy", states)


@EASY
@given(states=STATES, i=st.integers(-7, 7), j=st.integers(-7, 7), n=st.integers())
def test_places(bench: Bench, states: list[Any], i: int, j: int, n: int) -> None:
    check(bench, "places", states, i, j)
    check(bench, "counted", states, n)


def test_an_error_halfway_leaves_what_python_leaves(bench: Bench) -> None:
    check(bench, "counted", [])
    check(bench, "places", ORDINARY, 9, 0)
    states = [*ORDINARY, (1.0, 2.0, "three", 4.0, 5.0)]
    check(bench, "step", states, 0.01)
    check(bench, "simulate", states, 2)


@pytest.mark.parametrize("change", ["twice", "subclass", "missing", "method", "int", "tuple"])
def test_other_lists_run_the_original(bench: Bench, change: str) -> None:
    results = []
    for module in (bench.original, bench.compiled):
        bodies: Any = [module.Body(*s) for s in ORDINARY]
        if change == "twice":
            bodies.append(bodies[1])
        elif change == "subclass":
            bodies[2] = module.Heavy(*ORDINARY[2])
        elif change == "missing":
            del bodies[2].vy
        elif change == "method":
            bodies[1].move = lambda dt: None
        elif change == "int":
            bodies[1].x = 2
        else:
            bodies = tuple(bodies)
        before = bench.deopts["simulate"]
        found = outcome(module, "simulate", bodies, 3)
        results.append(found if change != "method" else found[0])
    assert results[0] == results[1]
    assert bench.deopts["simulate"] == before + 1


def test_what_was_not_changed_stays_the_same_object(bench: Bench) -> None:
    bodies = [bench.compiled.Body(*s) for s in ORDINARY]
    masses = [b.mass for b in bodies]
    bench.compiled.step(bodies, 0.01)
    assert all(b.mass is m for b, m in zip(bodies, masses, strict=True))
