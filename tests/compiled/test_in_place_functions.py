"""Functions as values: compiled, they are asked which they are, and called as Python calls them."""

import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make
from test_in_place_meaning import site

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import content_hash, definitions
from selfsame.variants.compiled.in_place_function_to_cython import print_site
from selfsame.variants.compiled.scalar_function_to_cython import dependencies
from selfsame.variants.site import Observed, Site

TEXT = """
import math
import operator


def square(x):
    return x * x + 1.0


def shift(x, by=2):
    return x + by


def integrate(f, a, b, n):
    total = 0.0
    h = (b - a) / n
    for i in range(n):
        total += f(a + i * h)
    return total * h


def areas(n):
    return [integrate(square, 0.0, 1.0, n), integrate(math.sin, 0.0, 1.0, n), integrate(shift, 0, 1, n)]


def scaled_area(n, k):
    return integrate(lambda x: x * k + n, 0.0, 1.0, n)


def fold(f, xs, first):
    for x in xs:
        first = f(first, x)
    return first


def folds(xs):
    return fold(max, xs, 0), fold(operator.add, xs, 0), fold(lambda a, b: a - b, xs, 1)


OPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt, "min": min}


def rpn(tokens):
    stack = []
    for token in tokens:
        if token in OPS:
            b = stack.pop()
            a = stack.pop()
            stack.append(OPS[token](a, b))
        else:
            stack.append(int(token))
    return stack


class Grid:
    def __init__(self, cells, by):
        self.cells = cells
        self.by = by
        self.calls = 0
        self.rule = None

    def scaled(self, x, plus=1):
        self.calls += 1
        return x * self.by + plus

    def apply(self, rule):
        return [rule(c) for c in self.cells]

    def run(self):
        return self.apply(self.scaled), self.apply(square), self.apply(lambda c: c - self.by)

    def ruled(self):
        return [self.rule(c) if self.rule else c for c in self.cells]


def run_grid(grid):
    return grid.run()


def ruled(grid):
    return grid.ruled()


def counted(n, k):
    calls = 0

    def inner(x):
        nonlocal calls
        calls += 1
        return x * k

    return integrate(inner, 0.0, 1.0, n), calls


def by_a_local(n, k):
    double = lambda x: x * k
    return integrate(double, 0, 1, n) + integrate(lambda x: double(x) + 1, 0, 1, n)


def twice(f, x):
    return f(f(x))


def nested(xs, k):
    total = 0
    for x in xs:
        total += twice(lambda a: twice(lambda b: b + k + x, a), x)
    return total


def perhaps(xs, key=None, other=None):
    total = 0
    for x in xs:
        total += key(x) if key is not None else x
        if other:
            total = other(total)
    return total


def chosen(xs, n):
    total = 0
    for x in xs:
        step = square if x > n else shift
        total += step(x)
    return total


def raising(f, xs):
    out = []
    for x in xs:
        out.append(f(x))
    return out


def inverse(x):
    return 1.0 / x


class Circle:
    def __init__(self, r, k=3):
        self.r = r
        self.k = k

    def area(self):
        return self.r * self.r * self.k


class Square:
    def __init__(self, r):
        self.r = r

    def area(self):
        return self.r * self.r


shapes = {"c": Circle, "s": Square}


def areas_of(specs):
    total = 0
    for kind, r in specs:
        total += shapes[kind](r).area()
    return total


def made_of(cls, n):
    return [cls(k) for k in range(n)]


cube = lambda x: x * x * x
handlers = {
    "inc": lambda s, x: s + x,
    "dec": lambda s, x: s - x,
    "sq": lambda s, x: cube(s) % 1009 if x else s,
}


def machine(code, s):
    for op, x in code:
        s = handlers[op](s, x)
    return s, cube(s)


K = 100


def apply(f, x):
    return f(x)


def made__1(x, y):
    return x * 1000


def clashing(xs, k):
    total = 0
    for x in xs:
        total += apply(lambda a: a + k + 1, x)
        total += apply(lambda a: a + k, x)
        total += made__1(x, 3)
    return total


def hidden(xs):
    k = 1
    total = 0
    for x in xs:
        total += apply(lambda k: k + K, x) + k
        total += apply(lambda a: sum([b for b in [a, a + k]]), x)
    return total


class Bell:
    def __init__(self):
        self.rings = 0

    def hit(self, x):
        self.rings += 1
        return self.rings

    def asked(self, f, xs):
        return sum([1 for x in xs if f])

    def go(self, xs):
        return self.asked(self.hit, xs)


def bell_goes(bell, xs):
    return bell.go(xs)


def same_ones(f, g, xs):
    found = []
    for x in xs:
        found.append((f is g, f is square, g is not None, x))
    return found
"""


def grid(m: Any) -> Any:
    return m.Grid([1, 2, 3], 2)


def ruled_by(m: Any, rule: Any) -> Any:
    made = grid(m)
    made.rule = rule
    return made


EXAMPLES: dict[str, Make] = {
    "integrate": lambda m: (m.square, 0.0, 1.0, 9),
    "areas": lambda m: (9,),
    "scaled_area": lambda m: (9, 2.0),
    "fold": lambda m: (operator.add, [1, 2], 0),
    "folds": lambda m: ([3, 1, 2],),
    "rpn": lambda m: (["1", "2", "+", "3", "*", "7", "min"],),
    "run_grid": lambda m: (grid(m),),
    "ruled": lambda m: (ruled_by(m, m.square),),
    "counted": lambda m: (7, 2.0),
    "by_a_local": lambda m: (7, 2.0),
    "nested": lambda m: ([1, 2], 3),
    "perhaps": lambda m: ([1, 2], m.square, m.shift),
    "chosen": lambda m: ([1, 2, 3], 2),
    "raising": lambda m: (m.inverse, [1.0, 2.0]),
    "areas_of": lambda m: ([("c", 2), ("s", 3)],),
    "made_of": lambda m: (m.Circle, 3),
    "machine": lambda m: ([("inc", 3), ("sq", 1), ("dec", 1), ("sq", 0)], 2),
    "same_ones": lambda m: (m.square, m.square, [1]),
    "clashing": lambda m: ([1, 2], 5),
    "hidden": lambda m: ([1, 2],),
    "bell_goes": lambda m: (m.Bell(), [1, 2]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


def shadowed(m: Any) -> Any:
    made = grid(m)
    made.scaled = m.square  # which is then the method no more
    return made


def with_no_bell(m: Any, hit: Any) -> Any:
    made = m.Bell()
    made.hit = hit
    return made


DECLINED: list[tuple[str, Make]] = [
    ("integrate", lambda m: (m.shift, 0.0, 1.0, 9)),  # another function than was seen
    ("integrate", lambda m: (lambda x: x, 0.0, 1.0, 9)),
    ("integrate", lambda m: (None, 0.0, 1.0, 9)),
    ("integrate", lambda m: ((m.square, 1), 0.0, 1.0, 9)),
    ("fold", lambda m: (operator.sub, [1, 2], 0)),
    ("rpn", lambda m: (["1", "2", "<", "x"],)),
    ("rpn", lambda m: (["1", "+"],)),
    ("run_grid", lambda m: (shadowed(m),)),
    ("ruled", lambda m: (ruled_by(m, m.shift),)),
    ("perhaps", lambda m: ([1, 2], m.square, m.square)),
    ("perhaps", lambda m: ([1, 2], m.square, [])),  # false, and no function
    ("raising", lambda m: (m.inverse, [1.0, 0.0])),
    ("raising", lambda m: (m.inverse, [1.0, "a"])),
    ("areas_of", lambda m: ([("c", 2), ("x", 3)],)),
    ("bell_goes", lambda m: (with_no_bell(m, None), [1, 2])),
    ("bell_goes", lambda m: (with_no_bell(m, []), [1, 2])),
    ("made_of", lambda m: (m.Square, 3)),
    ("made_of", lambda m: (type("Circle", (m.Circle,), {}), 3)),
    ("machine", lambda m: ([("inc", 1 << 62), ("inc", 1 << 62)], 2)),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


def test_a_function_may_be_left_out_where_none_was_seen_too(bench: InPlace) -> None:
    bench.check("perhaps", lambda m: ([1, 2], None, None))
    bench.check("ruled", lambda m: (ruled_by(m, None),))


def test_a_table_that_changes_is_asked_as_it_is(bench: InPlace) -> None:
    for module in (bench.original, bench.compiled):
        module.OPS["+"] = operator.sub
    try:
        bench.check_fast("rpn", lambda m: (["5", "3", "+"],))
        for module in (bench.original, bench.compiled):
            module.OPS["+"] = module.square
        before = bench.deopts["rpn"]
        bench.check("rpn", lambda m: (["5", "3", "+"],))
        assert bench.deopts["rpn"] == before + 1
    finally:
        for module in (bench.original, bench.compiled):
            module.OPS["+"] = operator.add


def test_a_lambda_in_the_place_of_another_is_another(bench: InPlace) -> None:
    kept = {module: module.handlers["inc"] for module in (bench.original, bench.compiled)}
    for module in (bench.original, bench.compiled):
        module.handlers["inc"] = eval("lambda s, x: s + 2 * x", vars(module))
    try:
        before = bench.deopts["machine"]
        bench.check("machine", lambda m: ([("inc", 3)], 2))
        assert bench.deopts["machine"] == before + 1
        for module in (bench.original, bench.compiled):
            module.handlers["inc"] = module.handlers["dec"]
        bench.check_fast("machine", lambda m: ([("inc", 3)], 2))
    finally:
        for module in (bench.original, bench.compiled):
            module.handlers["inc"] = kept[module]


@pytest.mark.parametrize("gone", [True, False])
def test_a_method_that_the_class_lost_is_not_taken(bench: InPlace, gone: bool) -> None:
    kept = {module: module.Bell.hit for module in (bench.original, bench.compiled)}
    for module in kept:
        if gone:
            del module.Bell.hit
        else:
            module.Bell.hit = None
    try:
        bench.check("bell_goes", lambda m: (m.Bell(), [1, 2]))
    finally:
        for module, hit in kept.items():
            module.Bell.hit = hit


LINE = 1 + TEXT[: TEXT.index('"inc": lambda')].count("\n")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("other.py", "made = lambda s, x: s + 5 * x"),
        ("sample.py", "made = lambda s, *x: s"),
        ("sample.py", "made = lambda *x: 5"),
        ("sample.py", "made = lambda s, x, y=1: s"),
        ("sample.py", "def q(): return lambda s, x: s * 7\nmade = q()"),
    ],
)
def test_a_lambda_of_the_same_line_is_another(bench: InPlace, file: str, text: str) -> None:
    kept = {module: module.handlers["inc"] for module in (bench.original, bench.compiled)}
    for module in kept:
        exec(compile("\n" * (LINE - 1) + text, file, "exec"), vars(module))
        module.handlers["inc"] = module.made
    try:
        bench.check("machine", lambda m: ([("inc", 3), ("inc", 4)], 2))
    finally:
        for module, inc in kept.items():
            module.handlers["inc"] = inc


def test_another_function_of_that_name_that_comes_in_is_called(bench: InPlace) -> None:
    kept = {module: module.square for module in (bench.original, bench.compiled)}
    for module in kept:
        module.square = lambda x: x - 1
    try:
        bench.check("integrate", lambda m: (m.square, 0.0, 1.0, 9))
        bench.check("perhaps", lambda m: ([1, 2], m.square, m.shift))
    finally:
        for module, square in kept.items():
            module.square = square


def test_another_function_of_that_name_is_not_called(bench: InPlace) -> None:
    kept = bench.original.cube, bench.compiled.cube
    for module in (bench.original, bench.compiled):
        module.cube = abs
    try:
        bench.check("machine", lambda m: ([("sq", 1)], -2))
    finally:
        bench.original.cube, bench.compiled.cube = kept


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["inc", "dec", "sq"]), st.integers(0, 9)), max_size=6),
    st.lists(st.tuples(st.sampled_from("cs"), st.integers(-4, 9)), max_size=5),
)
def test_any_codes(bench: InPlace, code: list[Any], specs: list[Any]) -> None:
    bench.check("machine", lambda m: (list(code), 3))
    bench.check("areas_of", lambda m: (list(specs),))
    bench.check("made_of", lambda m: (m.Circle, len(specs)))


INTS = st.lists(st.integers(-9, 9), max_size=6)


@settings(max_examples=60, deadline=None)
@given(INTS, st.integers(1, 9), st.floats(-4, 4))
def test_any_numbers(bench: InPlace, xs: list[int], n: int, k: float) -> None:
    bench.check("areas", lambda m: (n,))
    bench.check("scaled_area", lambda m: (n, k))
    bench.check("folds", lambda m: (list(xs),))
    bench.check("counted", lambda m: (n, k))
    bench.check("by_a_local", lambda m: (n, k))
    bench.check("nested", lambda m: (list(xs), n))
    bench.check("chosen", lambda m: (list(xs), n))
    bench.check("run_grid", lambda m: (m.Grid(list(xs), n),))
    bench.check("raising", lambda m: (m.inverse, [float(x) for x in xs]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["1", "2", "-7", "+", "-", "*", "<", "min"]), max_size=12))
def test_any_tokens(bench: InPlace, tokens: list[str]) -> None:
    bench.check("rpn", lambda m: (list(tokens),))


HELP = "def call(f, x):\n    return f(x)\ndef same(f, x):\n    return f\n"
HELP += "def both(f, g):\n    return f is g\n"
HELP += "def asked(f, x):\n    return isinstance(f, tuple)\n"
HELP += "def give(xs, f):\n    for x in xs:\n        yield f(x)\n"
LOOP = "    for x in xs:\n        {}\n"
REFUSED = {
    "keeps a function that it makes": [
        LOOP.format("xs.append(lambda y: y)"),
        "    ys = []\n    ys.append(lambda y: y)\n" + LOOP.format("x += 1"),
    ],
    "returns a function closure": [LOOP.format("same(lambda y: y + x, x)")],
    "binds k anew inside": [
        "    k = 1\n" + LOOP.format("call(lambda a: k + sum([k for k in [a]]), x)"),
        "    k = 1\n" + LOOP.format("call(lambda a: k + call(lambda k: k + 1, a), x)"),
    ],
    "asks which function it is": [
        "    def inner(y):\n        return y\n" + LOOP.format("both(inner, inner)")
    ],
    "asks for a class that is not known": [LOOP.format("asked(lambda y: y, x)")],
    "has a Lambda expression": [LOOP.format("y = [lambda y: y]")],
    "hands a function that it makes to a generator": [
        LOOP.format("x += 1") + "    for y in give(xs, lambda y: y + x):\n        x += 1\n"
    ],
}


@pytest.mark.parametrize(
    ("reason", "body"), [(reason, body) for reason, all_ in REFUSED.items() for body in all_]
)
def test_what_is_refused(reason: str, body: str) -> None:
    text = "def f(xs: list[int]):\n" + body + HELP
    with pytest.raises(Skipped, match=reason):
        print_site(site(text, {}), also=True)


def test_functions_that_no_text_names_are_relied_on() -> None:
    source = Source("sample.py", "sample", TEXT)
    found = {d.address: d for d in definitions(source)}

    def relied(text: str) -> dict[str, str]:
        source = Source("sample.py", "sample", text)
        (definition,) = [d for d in definitions(source) if d.address == "sample:machine"]
        code = {"code": frozenset({"list[tuple[str,int]]"}), "s": frozenset({"int"})}
        of_machine = Site(source, definition, None, Observed(full=code))
        (definition,) = [d for d in definitions(source) if d.address == "sample:integrate"]
        seen = {"f": frozenset({"function[sample.square]"}), "n": frozenset({"int"})}
        seen |= dict.fromkeys("ab", frozenset({"float"}))
        of_integrate = Site(source, definition, None, Observed(full=seen))
        sites = (of_machine, of_integrate)
        units = [print_site(one, also=True) for one in sites]
        return {
            key: value
            for one, unit in zip(sites, units, strict=True)
            for key, value in dependencies(one, unit).items()
        }

    before = relied(TEXT)
    assert before["sample:square"] == content_hash(found["sample:square"].node)
    lambdas = [key for key in before if "<lambda>" in key]
    assert len(lambdas) == 4 and set(lambdas) <= set(found)
    assert relied(TEXT.replace("s - x", "s - x - 1")) != before
    assert relied(TEXT.replace("x * x + 1.0", "x * x + 2.0")) != before
