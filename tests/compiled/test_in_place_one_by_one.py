"""Compiled in place: iterators that are asked for one item after the other, and generators that are methods."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython.refusal import CannotPrint

TEXT = """
import itertools
import operator
from functools import reduce
from itertools import accumulate, chain, count, cycle, islice, pairwise, repeat, zip_longest
from operator import attrgetter


def searched(numbers, n):
    some = next((x for x in numbers if x > n), None)
    tail = next((x * 2 for x in numbers[3:]), -1)
    try:
        first = next(x for x in numbers if x < n)
    except StopIteration:
        first = -2
    return some, tail, first


def merged(left, right):
    ours, theirs = iter(left), iter(right)
    x, y, found = next(ours, None), next(theirs, None), []
    while x is not None and y is not None:
        if x <= y:
            found.append(x)
            x = next(ours, None)
        else:
            found.append(y)
            y = next(theirs, None)
    found.extend(x for x in (x, y) if x is not None)
    found.extend(ours)
    found.extend(theirs)
    return found


def by_twos(numbers):
    each = iter(numbers)
    taken = [a * b for a, b in zip(each, each)]
    left = iter(numbers)
    total = next(left)
    for x in left:
        total += x * next(left)
        numbers += [total, x]
        if len(numbers) > 20:
            break
    return taken, total, numbers


def windowed(numbers, width):
    each = iter(numbers)
    window = list(islice(each, width))
    best = sums = sum(window)
    for i, x in enumerate(each):
        sums += x - window[i % width]
        window[i % width] = x
        best = max(best, sums)
    return best, window


def joined(numbers, words, table, n):
    found = []
    for x in chain(numbers, range(n), range(n, -n, -3), sorted(table), numbers):
        found.append(x)
        if len(numbers) < 6:
            numbers.append(x)
    for word in chain(words, table.values(), "xy"):
        found.append(word)
    for i, word in zip(count(n), words):
        found.append((i, word))
    for a, b in zip_longest(numbers, words):
        found.append((a, b))
    for a, b in pairwise(numbers):
        found.append(a - b)
    for letter, a in zip(cycle("ab"), islice(numbers, 1, None, 2)):
        found.append((letter, a))
    for a, b in zip(repeat(n), islice(chain.from_iterable([numbers, numbers]), 5)):
        found.append(a * b)
    return found, list(accumulate(numbers)), list(accumulate(numbers, max)), sum(itertools.chain(numbers))


def reduced(numbers, words, start):
    product = reduce(lambda a, b: a * b % 1009, numbers)
    named = reduce(joined_up, words, "")
    return product, named, reduce(lambda value, x: value * 2.0 + x, numbers, start)


def joined_up(left, right):
    return left + right[:1]


class Spot:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Grid:
    def __init__(self, rows):
        self.rows = rows
        self.seen = 0

    def __iter__(self):
        for row in self.rows:
            yield from row

    def around(self, x, y, far=1):
        self.seen += 1
        for dx, dy in ((0, far), (far, 0), (0, -far), (-far, 0)):
            if 0 <= y + dy < len(self.rows) and 0 <= x + dx < len(self.rows[y + dy]):
                yield x + dx, y + dy

    def low(self):
        for y, row in enumerate(self.rows):
            for x, held in enumerate(row):
                if all(self.rows[b][a] > held for a, b in self.around(x, y)):
                    yield Spot(x, y)


def surveyed(grid, limit):
    found, total = [], 0
    for i, held in enumerate(grid):
        total += i * held
        if held > limit:
            break
    else:
        total = -total
    for n, spot in enumerate(grid.low(), 1):
        if spot.x == limit:
            continue
        found.append((n, spot.x, spot.y))
        grid.rows[spot.y][spot.x] += 1
    return found, total, list(grid), sum(grid), grid.seen, [x for x, _ in grid.around(0, 0, far=2)]


def ordered(rows, spots):
    first = sorted(rows, key=operator.itemgetter(1, 0))
    last = max(rows, key=operator.itemgetter(-1))
    spots.sort(key=attrgetter("y", "x"), reverse=True)
    return first, last, [(s.x, s.y) for s in spots], sorted(rows, key=operator.itemgetter(0))
"""

EXAMPLES: dict[str, Make] = {
    "searched": lambda m: ([3, 1, 8, 2], 4),
    "merged": lambda m: ([1, 3, 5], [2, 2, 9]),
    "by_twos": lambda m: ([3, 1, 2, 5, 4],),
    "windowed": lambda m: ([3, 1, 2, 9, 4], 2),
    "joined": lambda m: ([3, 1], ["a", "b"], {7: "s", 2: "t"}, 3),
    "reduced": lambda m: ([3, 1, 2], ["ab", "cd"], 0.5),
    "surveyed": lambda m: (m.Grid([[3, 1, 2], [4, 0, 6]]), 3),
    "ordered": lambda m: ([("b", 2), ("a", 2), ("c", 1)], [m.Spot(1, 2), m.Spot(0, 2)]),
}
NUMBERS = st.lists(st.integers(-9, 1 << 30), max_size=7)


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=80)
@given(NUMBERS, NUMBERS, st.integers(-3, 9))
def test_one_item_after_the_other(made: InPlace, left: list[int], right: list[int], n: int) -> None:
    made.check("searched", lambda m: (list(left), n))
    made.check_fast("merged", lambda m: (list(left), list(right)))
    made.check("by_twos", lambda m: (list(left),))
    made.check("windowed", lambda m: (list(left), n))


@settings(deadline=None, max_examples=60)
@given(NUMBERS, st.lists(st.text(max_size=2), max_size=4), st.integers(-4, 5))
def test_what_itertools_makes(made: InPlace, numbers: list[int], words: list[str], n: int) -> None:
    made.check(
        "joined", lambda m: (list(numbers), list(words), dict(zip(numbers, words, strict=False)), n)
    )
    made.check("reduced", lambda m: (list(numbers), list(words), n / 2))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(-2, 4), max_size=4), max_size=4),
    st.integers(-1, 5),
)
def test_generators_of_an_instance(made: InPlace, rows: list[list[int]], limit: int) -> None:
    made.check_fast("surveyed", lambda m: (m.Grid([row[:] for row in rows]), limit))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=1), st.integers(-1, 2)), max_size=5))
def test_what_operator_gets(made: InPlace, rows: list[tuple[str, int]]) -> None:
    made.check("ordered", lambda m: (list(rows), [m.Spot(n, len(name)) for name, n in rows]))


def test_other_kinds_are_left_to_python(made: InPlace) -> None:
    for numbers in ([1, "a"], [1.5, 2], [True, 2], [None, 1], [1 << 70, 2, 3], (1, 2, 3), "abc"):
        for name, rest in (("searched", (0,)), ("merged", ([4],)), ("windowed", (2,))):
            made.check(name, lambda m, n=numbers, rest=rest: (n[:], *rest))
        made.check("joined", lambda m, n=numbers: (n[:], ["a"], {1: "b"}, 2))
        made.check("reduced", lambda m, n=numbers: (n[:], ["a"], 0.0))
    made.check("joined", lambda m: ([1], ["a"], {"1": "b"}, 2))
    made.check("joined", lambda m: ([1], ["a"], {1: 5}, 2))


def test_an_iterator_among_rows_is_left_as_it_is(builder: Any) -> None:
    text = (
        "from itertools import chain\ndef flat(rows):\n    found = []\n"
        "    for x in chain.from_iterable(rows):\n        found.append(x)\n    return found\n"
    )
    made = InPlace(builder, text, {"flat": lambda m: ([[1, 2], [3]],)})
    made.check_fast("flat", lambda m: ([[1, 2], [], [3]],))
    assert made.compiled.flat([[1, 2], iter([4, 5]), [3]]) == [1, 2, 4, 5, 3]
    assert made.deopts["flat"] == 1


def test_what_adds_for_itself_is_added_once(builder: Any) -> None:
    text = (
        "from itertools import accumulate\nclass Odd(int):\n    asked = 0\n"
        "    def __radd__(self, other):\n        Odd.asked += 1\n        return 0\n"
        "def sums(xs):\n    found = []\n"
        "    for x in accumulate(xs):\n        found.append(x)\n    return found, list(accumulate(xs, max))\n"
    )
    made = InPlace(builder, text, {"sums": lambda m: ([1, 2, 3],)})
    made.check_fast("sums", lambda m: ([1, 5, 2],))
    assert made.compiled.sums([1, made.compiled.Odd(2), 3])[0] == [1, 0, 3]
    assert made.compiled.Odd.asked == 1


def test_a_list_of_an_instance_that_has_a_length_is_left_to_python(builder: Any) -> None:
    text = (
        "class Row:\n    def __init__(self, held):\n        self.held, self.asked = held, 0\n"
        "    def __len__(self):\n        self.asked += 1\n        return len(self.held)\n"
        "    def __iter__(self):\n        for x in self.held:\n            yield x\n"
        "def taken(row):\n    return list(row), row.asked\n"
        "def summed(row):\n    total = 0\n    for x in row:\n        total += x\n    return total, row.asked\n"
    )
    with pytest.raises(CannotPrint, match="has a length"):
        InPlace(builder, text, {"taken": lambda m: (m.Row([1, 2]),)})
    made = InPlace(builder, text, {"summed": lambda m: (m.Row([1, 2]),)})
    made.check_fast("summed", lambda m: (m.Row([3, 4]),))


def test_methods_that_are_put_on_a_class_or_an_instance_are_seen(builder: Any) -> None:
    made = InPlace(builder, TEXT, {"surveyed": EXAMPLES["surveyed"]})

    def own(m: Any) -> tuple[Any, ...]:
        grid = m.Grid([[1, 2], [3, 4]])
        grid.low = lambda: iter([m.Spot(5, 0)])
        return grid, 1

    def derived(m: Any) -> tuple[Any, ...]:
        other = type("Other", (m.Grid,), {"__iter__": lambda self: iter([9])})
        return other([[1, 2], [3, 4]]), 1

    def looked(m: Any) -> tuple[Any, ...]:
        m.Grid.around = lambda self, x, y, far=1: iter([(0, 0)])
        return m.Grid([[1, 2], [3, 4]]), 1

    for make in (own, derived, looked):
        for module in (made.original, made.compiled):
            arguments = make(module)
            try:
                done = repr(module.surveyed(*arguments))
            except Exception as error:
                done = repr(error)
            if module is made.original:
                expected = done
        assert done == expected
    assert made.deopts["surveyed"] >= 2
