"""Methods and functions on instances of plain classes: attributes read, stored, shared, declined."""

import copy
from collections.abc import Callable

import pytest
from compiled_workbench import Bench, answer, structure, swap_in

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.scalar_function_to_cython import variations
from selfsame.variants.site import Observed, Refusal, Site

TEXT = """
import math


class Grid:
    SCALE = 1 << 4
    HALF = SCALE / 32

    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.data = [0.0] * (width * height)
        self.steps = 0

    def index(self, x, y):
        if 0 <= x < self.width and 0 <= y < self.height:
            return y * self.width + x
        raise IndexError(f"{x}, {y}")

    def __getitem__(self, where):
        x, y = where
        return self.data[self.index(x, y)]

    def __setitem__(self, where, value):
        x, y = where
        self.data[self.index(x, y)] = value

    def count(self, times):
        for _ in range(times):
            self.steps += 1
            self.bump(2)
        return self.steps

    def bump(self, by=1):
        self.steps += by
        return self.steps

    def fail(self, times):
        for k in range(times):
            self.steps = k
            self.data[k] = k * self.HALF
        return self.SCALE // (times - 3)

    def __secret(self):
        self.__kept = 3


class Walk:
    def __init__(self, seed, kind="lcg"):
        self.state = seed
        self.tail = [0] * 4
        self.at = 0
        self.restart(seed)

    def restart(self, seed):
        for i in range(4):
            seed = (seed * 69069 + 1) % 1000003
            self.tail[i] = seed

    def next(self):
        self.state = (self.state * 1103515245 + 12345) % 2147483648
        self.tail[self.at] ^= self.state & 255
        self.at = (self.at + 1) % 4
        return self.state / 2147483648 + self.tail[self.at]


def relax(g, times):
    for _ in range(times):
        for y in range(1, g.height - 1):
            for x in range(1, g.width - 1):
                g[x, y] = 0.25 * (g[x, y - 1] + g[x, y + 1] + g[x - 1, y] + g[x + 1, y]) + 1.0
    g.steps = g.steps + times
    return g[1, 1]


def walk(n, seed):
    one = Walk(seed)
    two = Walk(seed + 1, kind="other")
    total = 0.0
    for _ in range(n):
        total += one.next() - two.next()
    return total, one.at


def copy_into(a, b, n):
    for k in range(n):
        a.data[k] = b.data[k] + 1.0
        a.steps = b.steps + k
    return b.steps


class Sub(Grid):
    pass


class Watched:
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def tick(self, n):
        for _ in range(n):
            self.at = n


def keeps(g, n):
    found = [g]
    return len(found) + n
"""
GRID = {"width": "int", "height": "int", "data": "list[float]", "steps": "int"}


def of(parameter: str, fields: dict[str, str] = GRID, kind: str = "sample.Grid") -> dict[str, str]:
    return {parameter: kind} | {f"{parameter}.{k}": v for k, v in fields.items()}


SEEN = {
    "Grid.count": {**of("self"), "times": "int"},
    "Grid.bump": {**of("self"), "by": "int"},
    "Grid.fail": {**of("self"), "times": "int"},
    "relax": {**of("g"), "times": "int"},
    "walk": {"n": "int", "seed": "int"},
    "copy_into": {**of("a"), **of("b"), "n": "int"},
}


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, [n for n in SEEN if "." not in n], builder, SEEN)
    for name in (n for n in SEEN if "." in n):
        cls, method = name.split(".")
        made.deopts[name] = 0
        variation = made_for(name, SEEN[name])
        assert not isinstance(variation, Refusal), variation
        function = getattr(getattr(made.compiled, cls), method)
        swap_in(function, variation, made._counter(name))
    assert not made.refusals
    return made


def made_for(name: str, seen: dict[str, str]) -> object:
    source = Source("sample.py", "sample", TEXT)
    (definition,) = [d for d in definitions(source) if d.address == f"sample:{name}"]
    types = {k: frozenset({v}) for k, v in seen.items()}
    return variations(Site(source, definition, None, Observed(types=types)))[0]


def grid(module: object, changes: dict[str, object]) -> object:
    made = module.Grid(4, 3)  # type: ignore[attr-defined]
    made.data = [float(i * 3 % 7) for i in range(12)]
    vars(made).update(copy.deepcopy(changes))
    return made


def outcome(function: Callable[..., object], arguments: list[object]) -> object:
    made = answer(function, arguments)
    return structure([*made, *(list(vars(a).items()) for a in arguments if hasattr(a, "__dict__"))])


CASES = [
    ("Grid.count", {}, (5,), True),
    ("Grid.count", {"steps": 2**63 - 5}, (5,), False),
    ("Grid.count", {"steps": 1.5}, (5,), False),
    ("Grid.count", {"steps": True}, (5,), False),
    ("Grid.bump", {}, (), True),
    ("Grid.fail", {}, (5,), True),
    ("Grid.fail", {}, (3,), False),
    ("Grid.fail", {}, (99,), False),
    ("Grid.fail", {"data": (1.0, 2.0)}, (2,), False),
    ("Grid.fail", {"data": [1.0, 2]}, (2,), True),
    ("relax", {}, (3,), True),
    ("relax", {"width": 9}, (3,), False),
    ("relax", {"height": 2.0}, (3,), False),
]


@pytest.mark.parametrize(("name", "changes", "rest", "stays"), CASES)
def test_results_and_attributes_agree(
    bench: Bench, name: str, changes: dict[str, object], rest: tuple[object, ...], stays: bool
) -> None:
    answers = []
    before = bench.deopts[name]
    for module in (bench.original, bench.compiled):
        function: object = module
        for part in name.split("."):
            function = getattr(function, part)
        answers.append(outcome(function, [grid(module, changes), *rest]))
    assert answers[0] == answers[1]
    assert (bench.deopts[name] == before) is stays


def test_new_instances_of_a_call_s_own(bench: Bench) -> None:
    for n, seed in ((0, 1), (9, 7), (40, -3)):
        bench.check_fast("walk", n, seed)
    bench.check("walk", 3, 2**62)


def test_two_parameters_may_be_one_object(bench: Bench) -> None:
    for shared in (False, True):
        answers = []
        for module in (bench.original, bench.compiled):
            one = grid(module, {})
            two = one if shared else grid(module, {})
            answers.append(outcome(module.copy_into, [one, two, 4]))
            one, two = grid(module, {}), grid(module, {})
            two.data = one.data
            answers.append(outcome(module.copy_into, [one, two, 4]))
        assert answers[:2] == answers[2:]


def test_a_subclass_and_a_missing_attribute_run_the_original(bench: Bench) -> None:
    for module in (bench.original, bench.compiled):
        sub = module.Sub(4, 3)
        assert sub.count(2) == 6
        bare = module.Grid.__new__(module.Grid)
        with pytest.raises(AttributeError, match="'Grid' object has no attribute 'steps'"):
            bare.count(1)
    assert bench.deopts["Grid.count"] >= 2


def test_a_method_or_constant_of_an_instance_s_own_runs_the_original(bench: Bench) -> None:
    for module in (bench.original, bench.compiled):
        one = grid(module, {"bump": lambda by: 0})
        assert one.count(3) == 3
        two = grid(module, {"HALF": 3.0})
        two.fail(4)
        assert two.data[1] == 3.0
        was, module.Grid.SCALE = module.Grid.SCALE, 50
        assert grid(module, {}).fail(4) == 50
        module.Grid.SCALE = was
    assert bench.deopts["Grid.fail"] >= 2 and bench.deopts["Grid.count"] >= 1


@pytest.mark.parametrize(
    ("name", "seen", "reason"),
    [
        ("Watched.tick", {"n": "int", "self.at": "int"}, "no plain class"),
        ("keeps", {**of("g"), "n": "int"}, "uses g, a Grid, as a whole"),
        ("Grid.count", {"times": "int"}, "nothing was seen of the type of self.steps"),
        ("Grid.count", {**of("self", GRID | {"steps": "str"}), "times": "int"}, "self.steps"),
        ("relax", {**of("g", kind="other.Mesh"), "times": "int"}, "has no compiled form"),
    ],
)
def test_what_is_refused(name: str, seen: dict[str, str], reason: str) -> None:
    made = made_for(name, seen)
    assert isinstance(made, Refusal)
    assert reason in made.reason
    assert made.place is not None and made.place.path == "sample.py"


def test_a_person_reads_the_attributes_as_they_are_written(bench: Bench) -> None:
    made = made_for("Grid.bump", SEEN["Grid.bump"])
    assert not isinstance(made, Refusal)
    assert "type(self) is Grid" in made.guards and "type(self.steps) is int" in made.guards
    assert made.parameters["self.steps"] == "int" and made.parameters["self"] == "Grid"
    assert "sample:Grid" in made.dependencies
