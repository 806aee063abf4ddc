"""Compiled in place: items of ``array.array`` are read and stored where the array keeps them, and put back."""

import math
import sys
from array import array
from copy import copy
from typing import Any

import pytest
from compiled_values import FLOATS, INTS
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make, captured

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.in_place_function_to_cython import print_site
from selfsame.variants.site import Site

CODES = "bBhHiIlLqQfd"
READS = "".join(
    f"""
def read_{code}(items, at):
    found = []
    for i in at:
        found.append(items[i])
    return found, [x for x in items], len(items)


def store_{code}(items, at, numbers, by):
    for i in at:
        for number in numbers:
            items[i] = number
            items[i] += items[0]
    return 1 // by

"""
    for code in CODES
)
TEXT = (
    """
import array
from array import array as row

ROW = array.array("d", [1.0, 2.0, 3.0])


class Array2D:
    def __init__(self, w, h):
        self.width = w
        self.height = h
        self.data = array.array("d", [0.0]) * (w * h)

    def idx(self, x, y):
        return y * self.width + x

    def __getitem__(self, xy):
        x, y = xy
        return self.data[y * self.width + x]

    def __setitem__(self, xy, value):
        x, y = xy
        self.data[self.idx(x, y)] = value


def relax(G, n):
    for i in range(1, n - 1):
        G[i] = 0.25 * (G[i - 1] + 2.0 * G[i] + G[i + 1])


def sor(grid, omega, rounds, by):
    for _ in range(rounds):
        for y in range(1, grid.height - 1):
            for x in range(1, grid.width - 1):
                grid[x, y] = omega * 0.25 * (
                    grid[x - 1, y] + grid[x + 1, y] + grid[x, y - 1] + grid[x, y + 1]
                ) + (1.0 - omega) * grid[x, y]
    return 1.0 / by


def made_grid(w, h):
    grid = Array2D(w, h)
    for y in range(h):
        for x in range(w):
            grid[x, y] = x * 0.5 + y
    return grid


def sparse(n, val, row, col, x, y, rounds):
    for _ in range(rounds):
        for r in range(n):
            s = 0.0
            for i in range(row[r], row[r + 1]):
                s += x[col[i]] * val[i]
            y[r] = s


def lu(rows, pivots):
    n = len(rows)
    for j in range(n):
        p = j
        for i in range(j + 1, n):
            if abs(rows[i][j]) > abs(rows[p][j]):
                p = i
        pivots[j] = p
        if p != j:
            rows[p], rows[j] = rows[j], rows[p]
        for i in range(j + 1, n):
            rows[i][j] = rows[i][j] / rows[j][j]
            for k in range(j + 1, n):
                rows[i][k] -= rows[i][j] * rows[j][k]


def made(n, numbers):
    zeros = row("d", [0.0]) * n
    ints = array.array("i", range(n))
    copied = row("d", zeros)
    more = row("q")
    for i, x in enumerate(numbers):
        copied[i % n] += x
        more.append(i * i)
    squares = row("l", [i * i for i in range(n)])
    raw = row("B", bytes(n))
    return zeros, ints, copied + zeros, more, squares[1:-1], raw * 2, copied.tolist(), ints[::-2]


def gone_through(a, b, maybe):
    total = 0.0
    for i, (x, y) in enumerate(zip(a, b)):
        total += x * y + i
    if a and maybe is not None:
        total += maybe[0]
    least, most, ordered = min(b), max(b), sorted(b)
    return total, sum(b), least, most, ordered, list(a), tuple(b), any(b), len(a)


def perhaps(several, by):
    total = 0.0
    for items in several:
        if items:
            total += items[0]
            items[0] = total
        elif items is None:
            total += 1.0
    return total / by


def changed_while_looping(items):
    seen = []
    for i, x in enumerate(items):
        seen.append(x)
        items[-1] = i
    return seen


def of_module(at, by):
    for i in range(3):
        ROW[i] = ROW[i] + at[i]
    return 1 // by


def kept(holder, n, by):
    for i in range(n):
        fresh = row("d", [0.0]) * 3
        fresh[0] = i
        holder.append(fresh)
        holder[0][i % 3] = i
        holder[-1][1] = 2.0
    return 1 // by


def narrow(items, at, number, by):
    for i in at:
        items[i] = number
        items[i] = items[i] * 0.1
    return 1 // by


def filled(items, at, numbers, by):
    for i in at:
        for number in numbers:
            items[i] = number
    return 1 // by


def of_code(numbers, floats):
    small = row("b", numbers)
    found = []
    for i, x in enumerate(small):
        found.append(row("f", floats))
        small[i] = x + 1
    return small, found, row("Q", small)


def far_apart(items, steps, by):
    at = 0
    for step in steps:
        at += step
        items[at] = step
        items[-at] = at
    return 1 // by
"""
    + READS
)


def grid(m: Any, w: int = 5, h: int = 4) -> Any:
    made = m.Array2D(w, h)
    for i in range(w * h):
        made.data[i] = i % 7 * 0.5
    return made


def matrix() -> list[Any]:
    return [array("d", [1.0, 2.0, 4.0]), array("d", [3.0, 8.0, 1.0]), array("d", [2.0, 6.0, 5.0])]


def system(n: int = 3) -> tuple[Any, ...]:
    val, row = array("d", [1.5, 2.5, -1.0, 4.0]), array("i", [0, 2, 3, 4])
    return n, val, row, array("i", [0, 2, 1, 0]), array("d", [1.0, 2.0, 3.0]), array("d", [0.0] * 3)


EXAMPLES: dict[str, Make] = {
    "relax": lambda m: (array("d", [0.0, 1.0, 5.0, 2.0]), 4),
    "sor": lambda m: (grid(m), 1.25, 3, 2.0),
    "made_grid": lambda m: (3, 4),
    "sparse": lambda m: (*system(), 2),
    "lu": lambda m: (matrix(), array("l", [0, 0, 0])),
    "made": lambda m: (4, [1.5, 2.5]),
    "gone_through": lambda m: (array("d", [1.5, 2.0]), array("h", [3, 1]), None),
    "perhaps": lambda m: ([array("d", [1.0, 2.0]), None], 1.0),
    "changed_while_looping": lambda m: (array("i", [5, 6, 7]),),
    "of_module": lambda m: ([1, 2, 3], 1),
    "kept": lambda m: ([array("d", [1.0, 2.0, 3.0])], 5, 1),
    "narrow": lambda m: (array("f", [1.0, 2.0, 3.0]), [1, -1], 0.1, 1),
    "filled": lambda m: (array("d", [1.0, 2.0, 3.0]), [1, -1], [0.1, 3], 1),
    "of_code": lambda m: ([1, 2, 3], [0.1, 2.0]),
    "far_apart": lambda m: (array("q", range(3000)), [700, 3, 900], 1),
}
for _code in CODES:
    EXAMPLES |= {
        f"read_{_code}": lambda m, c=_code: (array(c, [1, 2, 3]), [0, -1]),
        f"store_{_code}": lambda m, c=_code: (array(c, [1, 2, 3]), [1, -1], [4, 5], 1),
    }


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


class Longer(array):  # type: ignore[type-arg]
    """An array that says itself what its items are."""

    def __getitem__(self, at: Any) -> Any:
        return super().__getitem__(at) * 2


SPANS = {c: 8 * array(c).itemsize for c in CODES[:-2]}
BOUNDS = {
    c: (-(1 << n - 1), (1 << n - 1) - 1) if c.islower() else (0, (1 << n) - 1)
    for c, n in SPANS.items()
}
floats = st.sampled_from(FLOATS) | st.floats()
ATS = st.lists(st.integers(-7, 7) | st.sampled_from([1 << 40, -(1 << 63), 1 << 70]), max_size=5)
HALF = st.sampled_from([1, 1, 0])


def numbers(code: str) -> st.SearchStrategy[Any]:
    """What an array of a type code holds, with its least and greatest."""
    if code in "fd":
        return floats
    return st.sampled_from(BOUNDS[code]) | st.integers(*BOUNDS[code])


def arrays(code: str) -> st.SearchStrategy[Any]:
    return st.lists(numbers(code), max_size=7).map(lambda held: array(code, held))


def copied(held: Any) -> Any:
    if isinstance(held, array):
        return type(held)(held.typecode, held)
    return copy(held)


@pytest.mark.parametrize("code", CODES)
@settings(deadline=None, max_examples=60)
@given(st.data(), ATS)
def test_any_index_of_any_type_code(made: InPlace, code: str, data: Any, at: list[int]) -> None:
    items = data.draw(arrays(code))
    made.check(f"read_{code}", lambda m: (copied(items), at))


@pytest.mark.parametrize("code", CODES)
@settings(deadline=None, max_examples=60)
@given(st.data(), st.lists(st.integers(-4, 4), max_size=5), HALF)
def test_what_was_stored_is_put_back(
    made: InPlace, code: str, data: Any, at: list[int], by: int
) -> None:
    items = data.draw(arrays(code))
    small = st.integers(-3, 3) if code not in "fd" else floats
    stored = data.draw(st.lists(small | numbers(code) | st.sampled_from(INTS), max_size=3))
    made.check(f"store_{code}", lambda m: (copied(items), at, list(stored), by))


@settings(deadline=None, max_examples=200)
@given(arrays("f"), ATS, floats | st.sampled_from(INTS) | st.booleans(), HALF)
def test_floats_are_rounded_as_they_are_stored(
    made: InPlace, items: Any, at: list[int], number: Any, by: int
) -> None:
    made.check("narrow", lambda m: (copied(items), at, number, by))


@settings(deadline=None, max_examples=200)
@given(
    arrays("d"),
    ATS,
    st.lists(floats | st.sampled_from(INTS) | st.booleans() | st.just("x") | st.none(), max_size=4),
    HALF,
)
def test_ints_become_floats(
    made: InPlace, items: Any, at: list[int], held: list[Any], by: int
) -> None:
    made.check("filled", lambda m: (copied(items), at, list(held), by))


@pytest.mark.parametrize(
    "wrong",
    [array("f", [1, 2]), array("q", [1, 2]), Longer("d", [1.0, 2.0]), [1.0, 2.0], (1.0,), None, b"ab",
     bytearray(b"ab"), array("u", "ab"), array("d")],
    ids=lambda held: f"{type(held).__name__}{getattr(held, 'typecode', '')}",
)  # fmt: skip
def test_what_is_no_such_array_runs_the_original(made: InPlace, wrong: Any) -> None:
    made.check("relax", lambda m: (copied(wrong), 2))
    made.check("read_d", lambda m: (copied(wrong), [0, -1]))
    made.check("filled", lambda m: (copied(wrong), [0], [2.5], 1))
    if isinstance(wrong, array) and len(wrong):
        before = made.deopts["read_d"]
        made.check("read_d", lambda m: (copied(wrong), [0]))
        assert made.deopts["read_d"] == before + 1

    def holding(m: Any) -> tuple[Any, ...]:
        held = grid(m)
        held.data = copied(wrong)
        return held, 1.5, 1, 2.0

    made.check("sor", holding)
    made.check("lu", lambda m: ([*matrix()[:2], copied(wrong)], array("l", [0, 0, 0])))
    made.check("kept", lambda m: ([copied(wrong)], 3, 1))


@settings(deadline=None, max_examples=100)
@given(
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(0, 2),
    st.sampled_from([0.0, 1.0]),
    st.integers(-2, 2),
)
def test_an_object_of_rows(
    made: InPlace, w: int, h: int, rounds: int, by: float, wider: int
) -> None:
    def given(m: Any) -> tuple[Any, ...]:
        held = grid(m, w, h)
        held.width += wider
        held.height += wider
        return held, 1.25, rounds, by

    made.check("sor", given)
    made.check("made_grid", lambda m: (w, h))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(floats, min_size=3, max_size=3), min_size=3, max_size=3), st.booleans())
def test_rows_of_arrays(made: InPlace, rows: list[list[float]], alias: bool) -> None:
    def given(m: Any) -> tuple[Any, ...]:
        held = [array("d", one) for one in rows]
        if alias:
            held[1] = held[0]
        return held, array("l", [0, 0, 0])

    made.check("lu", given)


NANS = [
    math.nan,
    -math.nan,
    array("d", bytes([1, 2, 0, 0, 0, 0, 248, 127]))[0],
    math.inf,
    -math.inf,
    1.0,
    -0.0,
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(NANS), min_size=9, max_size=9))
def test_an_array_holds_the_very_nan_that_python_computes(made: InPlace, held: list[float]) -> None:
    rows = [held[at : at + 3] for at in (0, 3, 6)]
    made.check("lu", lambda m: ([array("d", one) for one in rows], array("l", [0, 0, 0])))
    made.check("relax", lambda m: (array("d", held), 9))
    for code in "df":
        made.check(f"store_{code}", lambda m, c=code: (array(c, held), [0, 1, 2], rows[1], 1))
        made.check(f"read_{code}", lambda m, c=code: (array(c, held), [0, 1, 2]))
    made.check(
        "of_code", lambda m: ([1, 2], [a * b for a, b in zip(rows[0], rows[1], strict=True)])
    )
    made.check("made", lambda m: (2, list(held)))


@settings(deadline=None, max_examples=100)
@given(st.integers(-1, 4), st.lists(st.integers(-1, 5), min_size=4, max_size=4))
def test_sparse_rows(made: InPlace, n: int, columns: list[int]) -> None:
    made.check("sparse", lambda m: (*system(n)[:3], array("i", columns), *system()[4:], 2))

    def alias(m: Any) -> tuple[Any, ...]:
        x = array("d", [1.0, 2.0, 3.0])
        return (*system(n)[:3], array("i", columns), x, x, 2)

    made.check("sparse", alias)


@settings(deadline=None, max_examples=100)
@given(st.integers(-2, 6), st.lists(floats | st.sampled_from([1 << 70, "x"]), max_size=5))
def test_new_arrays(made: InPlace, n: int, held: list[Any]) -> None:
    made.check("made", lambda m: (n, list(held)))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(-130, 130) | st.just(2.5), max_size=4), st.lists(floats, max_size=4))
def test_new_arrays_of_what_may_not_fit(made: InPlace, ints: list[Any], held: list[Any]) -> None:
    made.check("of_code", lambda m: (list(ints), list(held)))


class Weighs:
    """What says itself which number it is."""

    asked = 0

    def __index__(self) -> int:
        Weighs.asked += 1
        return 3

    def __float__(self) -> float:
        return float(self.__index__())


def test_a_number_of_the_users_own_is_asked_once(made: InPlace) -> None:
    for module in (made.original, made.compiled):
        Weighs.asked = 0
        assert module.of_code([Weighs()], [])[0] == array("b", [4])  # type: ignore[attr-defined]
        assert Weighs.asked == 1
        module.filled(array("d", [1.0]), [0], [Weighs()], 1)  # type: ignore[attr-defined]
        assert Weighs.asked == 2


@settings(deadline=None, max_examples=100)
@given(
    arrays("d"),
    arrays("h"),
    st.none() | arrays("d"),
)
def test_gone_through(made: InPlace, a: Any, b: Any, maybe: Any) -> None:
    made.check("gone_through", lambda m: (copied(a), copied(b), copied(maybe)))
    made.check("changed_while_looping", lambda m: (array("i", b),))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.none() | arrays("d") | arrays("f"), max_size=4), st.sampled_from([0.0, 1.0]))
def test_arrays_and_none(made: InPlace, several: list[Any], by: float) -> None:
    made.check("perhaps", lambda m: ([copied(one) for one in several], by))


def test_a_global_array_and_those_of_a_list_are_put_back(made: InPlace) -> None:
    for by in (1, 0):
        made.check("of_module", lambda m, by=by: ([1, 2, 3], by))
        assert made.original.ROW == made.compiled.ROW  # type: ignore[attr-defined]
        made.check("kept", lambda m, by=by: ([array("d", [1.0, 2.0, 3.0])], 5, by))
    made.check("of_module", lambda m: ([1, "x", 3], 1))
    assert made.original.ROW == made.compiled.ROW  # type: ignore[attr-defined]


def test_a_global_that_is_no_array_any_more(made: InPlace) -> None:
    for other in (array("i", [1, 2, 3]), [1, 2, 3], "abc"):
        for module in (made.original, made.compiled):
            module.ROW = copied(other) if isinstance(other, array) else other  # type: ignore[attr-defined]
        made.check("of_module", lambda m: ([1, 2, 3], 1))
        assert made.original.ROW == made.compiled.ROW  # type: ignore[attr-defined]
    for module in (made.original, made.compiled):
        module.ROW = array("d", [1.0, 2.0, 3.0])  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 900), max_size=12), HALF)
def test_parts_far_apart_are_put_back(made: InPlace, steps: list[int], by: int) -> None:
    made.check("far_apart", lambda m: (array("q", range(3000)), steps, by))


def test_what_looks_at_an_array_sees_what_is_stored(made: InPlace) -> None:
    items = array("d", [1.0, 2.0])
    with memoryview(items) as seen:
        made.compiled.filled(items, [0], [2.5], 1)
        assert seen[0] == 2.5
        with pytest.raises(ZeroDivisionError):
            made.compiled.store_d(items, [1], [3.0], 0)
        assert seen.tolist() == [2.5, 5.5], "taken back, and stored by the original"


def test_nothing_is_kept_behind_a_call(made: InPlace) -> None:
    items = array("d", [1.0] * 500)
    before = sys.getrefcount(items)
    for by in (1, 0, 1):
        try:
            made.compiled.filled(items, range(500), [2.5, 3], by)
            made.compiled.filled(items, list(range(500)), [2.5, 3], by)
        except ZeroDivisionError:
            pass
    assert sys.getrefcount(items) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("items.append(1.0)", "makes an array longer that was not made in the call"),
        ("items += items", "changes an array[d] in place by an operator"),
        ("items[0:1] = items", "stores to a slice of an array[d]"),
        ("items.byteswap()", "calls the method byteswap of an array[d]"),
        ("items[0] = 1.5; del items[0]", "deletes an item of an array[d]"),
        ("array(items[0], [1])", "makes an array of no type code for numbers"),
        ("array('u', 'ab')", "makes an array of no type code for numbers"),
        ("array('d', 'ab')", "makes an array of a str"),
        (
            "match items:\n            case [x]:\n                pass",
            "takes an array[d] for a sequence",
        ),
    ],
)
def test_what_has_no_form_is_refused(text: str, told: str) -> None:
    source = f"from array import array\ndef f(items):\n    for _ in range(2):\n        {text}\n"
    seen = captured((array("d", [1.0]),), ("items",))
    parsed = Source("sample.py", "sample", source)
    (definition,) = [d for d in definitions(parsed) if d.address == "sample:f"]
    site = Site(parsed, definition, None, seen)
    with pytest.raises(Skipped) as caught:
        print_site(site, also=True)
    assert told in caught.value.reason


def test_what_a_captured_array_is_called() -> None:
    found = captured((array("i", [1]), [array("d")], array("u", "a")), ("a", "b", "c")).full
    assert found["a"] == {"array[i]"}
    assert found["b"] == {"list[array[d]]"}
    assert found["c"] == {"array[u]"}
