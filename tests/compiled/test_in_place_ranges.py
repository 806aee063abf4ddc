"""Ranges in the place of lists, and functions whose end alone has no compiled form."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make
from test_in_place_meaning import site

from selfsame.compiler.errors import Skipped
from selfsame.variants.compiled.in_place_function_to_cython import print_site

TEXT = """
class Grid:
    def __init__(self, n, links):
        self.n = n
        self.links = links

    def around(self, at):
        return self.links[at]


def chosen(grid, last=None):
    found = []
    places = range(grid.n) if last is None else grid.around(last)
    for i in places:
        found.append(i * 2)
    return found, len(places), 1 in places


def nested(grid, last, way):
    total = 0
    for i in range(1, grid.n, 2) if way == 0 else [last] if way == 1 else grid.around(last):
        total = total * 10 + i
    return total


def by_statements(grid, last):
    if last < 0:
        places = range(grid.n, -1, -1)
    elif last == 0:
        places = range(grid.n)
    else:
        places = grid.around(last)
    total = 0
    for at, i in enumerate(places):
        total += at * i
    return total, len(places), sum(places), max(places), sorted(places)


def first_of(n, xs, every):
    for i in range(n) if every else xs:
        if i > 2:
            return i
    return -1


def steps(n, every):
    # Of nothing but ranges, which stay what they are.
    places = range(n) if every else range(0, n, 2)
    return [i for i in places]


def yielded(grid, last):
    places = range(grid.n) if last < 0 else grid.around(last)
    for i in places:
        yield i + 1


def through_a_generator(grid, last):
    total = 0
    for i in yielded(grid, last):
        total = total * 10 + i
    return total


class Sheet:
    def __init__(self, cells):
        self.cells = cells
        self.checks = 0


def solved(sheet, limit, out):
    for cell in sheet.cells:
        sheet.checks += 1
        if cell > limit:
            return "over"
    print(sheet.cells, file=out)
    return "shown"


def listed(xs, out):
    found = [x * 2 for x in xs]
    if out is None:
        return found
    print(found, file=out)
    return len(found)


def solved_all(sheets, limit, out):
    return [solved(sheet, limit, out) for sheet in sheets]
"""


class Out:
    """What is printed to it, whoever prints."""

    def __init__(self) -> None:
        self.said = ""

    def write(self, text: str) -> None:
        self.said += text


def grid(m: Any) -> Any:
    return m.Grid(4, [[1, 2], [0, 3], [3], [2, 1]])


EXAMPLES: dict[str, Make] = {
    "chosen": lambda m: (grid(m), 1),
    "nested": lambda m: (grid(m), 1, 2),
    "by_statements": lambda m: (grid(m), 1),
    "first_of": lambda m: (9, [1, 5], True),
    "steps": lambda m: (7, False),
    "through_a_generator": lambda m: (grid(m), 1),
    "solved": lambda m: (m.Sheet([1, 9]), 3, None),
    "listed": lambda m: ([1, 9], None),
    "solved_all": lambda m: ([m.Sheet([1, 9])], 3, None),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.lists(st.integers(0, 4), max_size=4), st.integers(-1, 4))
def test_any_grid(bench: InPlace, n: int, around: list[int], last: int) -> None:
    def made(m: Any) -> Any:
        return m.Grid(n, [list(around), [3], around[:2]])

    bench.check("chosen", lambda m: (made(m), last))
    bench.check("nested", lambda m: (made(m), last, last % 3))
    bench.check("by_statements", lambda m: (made(m), last))
    bench.check("through_a_generator", lambda m: (made(m), last))
    bench.check("first_of", lambda m: (n, list(around), last > 0))
    bench.check("steps", lambda m: (n, last > 0))


def test_a_long_range_is_not_made(bench: InPlace) -> None:
    before = bench.deopts["first_of"]
    bench.check("first_of", lambda m: (10**12, [1], True))
    assert bench.deopts["first_of"] == before + 1


def test_what_the_end_alone_does_is_the_originals(bench: InPlace) -> None:
    before = bench.deopts["solved"]
    outs = [Out(), Out()]
    at = iter(outs)
    bench.check("solved", lambda m: (m.Sheet([1, 2]), 3, next(at)))
    assert bench.deopts["solved"] == before + 1
    assert [out.said for out in outs] == ["[1, 2]\n"] * 2


def test_what_was_done_ahead_of_the_end_is_taken_back(bench: InPlace) -> None:
    before = bench.deopts["solved_all"]
    outs = [Out(), Out()]
    at = iter(outs)
    sheets = [[9], [1, 2], [3]]
    bench.check("solved_all", lambda m: ([*map(m.Sheet, map(list, sheets))], 3, next(at)))
    assert bench.deopts["solved_all"] == before + 1
    assert [out.said for out in outs] == ["[1, 2]\n[3]\n"] * 2


REFUSED = {
    "hands on a range": [
        "    ys = range(3) if xs else xs\n    for y in ys:\n        pass\n    return ys\n",
        "    ys = range(3) if xs else xs\n    for y in ys:\n        ys.append(y)\n",
        "    ys = xs\n    for y in xs:\n        ys = range(3) if y else ys[1:]\n",
        "    ys = range(3) if xs else xs\n    for y in ys:\n        ys[y]\n",  # an error names its type
    ],
    "calls print": [
        "    if not xs:\n        return 1\n    print(xs)\n    for x in xs:\n        pass\n",
        "    for x in xs:\n        x += 1\n    print(xs)\n",
    ],
}


@pytest.mark.parametrize(
    ("reason", "body"), [(reason, body) for reason, all_ in REFUSED.items() for body in all_]
)
def test_what_is_refused(reason: str, body: str) -> None:
    with pytest.raises(Skipped, match=reason):
        print_site(site("def f(xs: list[int]):\n" + body, {}), also=True)
