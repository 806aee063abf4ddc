"""Rewrites of pure functions: the same as the original on odd values, its own lines where it raises."""

import collections
import importlib.util
import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_spec = importlib.util.spec_from_file_location("bench", Path(__file__).with_name("conftest.py"))
bench_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_module)
Bench, pool = bench_module.Bench, bench_module.pool

PLAIN = st.integers(0, bench_module.PLAIN - 1)
ANY = st.integers(0, len(pool()) - 1)
VALUES = st.lists(PLAIN, max_size=9) | st.lists(ANY, max_size=9)
NUMBERS = st.lists(st.integers(-3, 5), max_size=8)
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

SEARCHES = {
    ("repeated-call-to-memo", "in a loop"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            out.append(h(x, y))
    return out

def h(x, y):
    return [x, y][len(str(x)) > 1] if x != y else max(x, y, 1)
""",
    ("repeated-call-to-memo", "in a comprehension, of what is computed"): """
def f(xs, ys):
    return g([{"key": x} for x in xs], ys)

def g(rows, ys):
    return {i: h(row["key"], ys[0]) + h(row["key"], i % 2) for i, row in enumerate(rows)}

def h(x, y):
    return sum([x, y])
""",
    ("repeated-call-to-memo", "arguments that change what they are taken from"): """
def f(xs, ys):
    return g(xs, ys and ys[0])

def g(xs, y):
    stack = list(xs)
    out = []
    while stack:
        out.append(h(stack.pop(), y))
        if stack:
            out.append(h((y := stack.pop()), len(stack)))
            out.append(i(stack and stack.pop()))
    return out

def h(x, y):
    return sum([1 for _ in range(3)]) if x else max(y, 1)

def i(x):
    return str(x)[:3]
""",
    ("repeated-call-to-memo", "one function of two in a call of the other"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    return [h(i(x), i(y)) for x in xs for y in ys]

def h(x, y):
    return str(x) + str(y)

def i(x):
    return len(str(x)) // 2
""",
    ("repeated-search-to-index", "an entry of an argument"): """
def f(xs, ys):
    shop = {"banned": ys}
    return g(xs, shop)

def g(xs, shop):
    out = []
    for x in xs:
        if x not in shop["banned"]:
            out.append(x)
    return out
""",
    ("repeated-search-to-index", "an argument, in a comprehension"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    return {i: x in ys for i, x in enumerate(xs)}
""",
    ("repeated-search-to-index", "beside errors that are handled"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    out = []
    for x in xs:
        try:
            out.append((x in ys, x + 1))
        except TypeError:
            out.append(x)
    return out
""",
    ("count-in-loop-to-counter", "words"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    out = []
    for x in xs:
        if ys.count(x) > 1:
            out.append((x, ys.count(x)))
    return out
""",
    ("index-in-loop-to-positions", "places"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    return [ys.index(x) for x in xs]
""",
    ("nested-loop-to-hash-join", "pairs"): """
def f(xs, ys):
    return g(xs, list(enumerate(ys)))

def g(xs, rows):
    out = []
    for x in xs:
        for i, y in rows:
            if y == x and i != 2:
                out.append((i, y, x))
                if i > 5:
                    break
        else:
            out.append(x)
    return out
""",
    ("nested-loop-to-hash-join", "rows that are mappings, in a comprehension"): """
def f(xs, ys):
    return g(xs, [{"id": y, "n": i} for i, y in enumerate(ys)])

def g(xs, rows):
    return [(x, row["n"]) for x in xs for row in rows if x == row["id"]]
""",
    ("nested-loop-to-hash-join", "the first row, or something else"): """
def f(xs, ys):
    return g(xs, [(y, i) for i, y in enumerate(ys)])

def g(xs, rows):
    found = []
    for x in xs:
        found.append(next((i for y, i in rows if y == x), None))
        if len(xs) > 4:
            found.append(next(i for y, i in rows if y == x and i))
    return found
""",
    ("nested-loop-to-hash-join", "what a method gives of rows"): """
class Row:
    def __init__(self, key, n):
        self.key = key
        self.n = n

    def worth(self):
        return [self.n, self.key]

def f(xs, ys):
    return g(xs, [Row(y, n) for n, y in enumerate(ys)])

def g(xs, rows):
    found = []
    for x in xs:
        found.append([row.worth() for row in rows if row.key == x])
        found.append(any(row.n > 2 for row in rows if row.key == x))
    return found
""",
    ("nested-loop-to-hash-join", "what the rows of rows hold"): """
def f(xs, ys):
    return g(xs, [(n, [(y, n), (x, -n)]) for n, (x, y) in enumerate(zip(xs, ys))])

def g(xs, rows):
    found = []
    for x in xs:
        found.append([(n, m, x) for n, parts in rows for y, m in parts if y == x and m != 1])
        found.append({m: k for n, parts in rows for y, m in parts if x == y for k in range(n)})
        found.append(next((n for n, parts in rows for y, m in parts if y == x), None))
    return found
""",
    ("nested-loop-to-hash-join", "a key of what holds the rows"): """
def f(xs, ys):
    return g(xs, [{"key": y, "parts": [n, n + 1]} for n, y in enumerate(ys)])

def g(xs, rows):
    return [sum(part for row in rows for part in row["parts"] if row["key"] == x) for x in xs]
""",
    ("nested-loop-to-hash-join", "pairs of places"): """
def f(xs, ys):
    return g(xs + ys)

def g(xs):
    out = []
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            if xs[i] == xs[j]:
                out.append((i, j, xs[j]))
    return out
""",
    ("nested-loop-to-hash-join", "pairs of named rows"): """
def f(xs, ys):
    return g([{"id": x, "n": n} for n, x in enumerate(xs + ys)])

def g(rows):
    out = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            a, b = rows[i], rows[j]
            if a["id"] == b["id"] and b["n"] - a["n"] != 2:
                out.append((a["n"], b["n"], i, j))
                if len(out) > 4:
                    break
        else:
            out.append(i)
    return out
""",
    ("nested-loop-to-hash-join", "a column of pairs of rows"): """
def f(xs, ys):
    return g([(x, n % 3, y) for n, (x, y) in enumerate(zip(xs, ys))], 1), g([(x, x) for x in xs], 0)

def g(rows, column):
    out = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            if rows[i][column] == rows[j][column]:
                out.append((i, j))
    return out
""",
    ("nested-loop-to-hash-join", "pairs of a row and a named one"): """
def f(xs, ys):
    return g([(y, -y if y == y else 0) for y in ys if y is not None and type(y) is not str], len(ys))

def g(rows, most):
    out = []
    for i in range(most - 1):
        for j in range(i, len(rows)):
            other = rows[j]
            if rows[i][0] == other[1]:
                out.append((i, j))
    return out
""",
    ("hoist-loop-invariant", "the greatest"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    return [(x, x == max(ys)) for x in xs]
""",
    ("hoist-loop-invariant", "a sorted copy, only where it is needed"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    out = []
    for i in range(len(xs)):
        if xs[i] is not None:
            out.append(sorted(ys)[i])
    return out
""",
    ("hoist-loop-invariant", "what is computed from what is computed"): """
def f(xs, ys):
    return g(xs, ys)

def g(xs, ys):
    out = []
    for x in xs:
        odd = [y for y in ys if y]
        total = sum(odd) if odd else 0
        out.append((x, total))
    return out
""",
}


def pair(template: str, text: str):
    made = Bench()
    return made.pair(template, text, "g" if "def g" in text else "f")


def made(text: str, found) -> object:
    """A call of ``f`` that runs the original or the rewritten ``g``."""
    scope: dict[str, object] = {}
    exec(compile(text, "caller.py", "exec"), scope)
    scope["g"] = found
    return scope["f"]


@pytest.mark.parametrize(("template", "shape"), SEARCHES)
def test_the_same_on_odd_values(template: str, shape: str, values) -> None:
    text = SEARCHES[template, shape]
    both = pair(template, text)
    original, rewritten = made(text, both.original), made(text, both.rewritten)

    @QUICK
    @given(VALUES, VALUES)
    def law(xs: list[int], ys: list[int]) -> None:
        def make() -> tuple[object, ...]:
            fresh = values([*xs, *ys])
            return fresh[: len(xs)], fresh[len(xs) :]

        first, second = both.run(original, make), both.run(rewritten, make)
        assert first.same(second), (first, second, both.variation.source)
        assert first.lines == second.lines

    law()
    plain = [1, 2, 2, 3, 1, 2] if template != "index-in-loop-to-positions" else [1, 2, 3]
    before = both.deopts
    both.run(rewritten, lambda: (list(plain), [3, 2, 1, 3, 2, 1]))
    assert both.deopts == before, "plain values are what it is for"


SUMS = """
def f(xs, a, b):
    return [(sum(xs[:i + a]), sum(xs[i:b]), sum(xs[a:])) for i in range(len(xs))]
"""


def test_sums_of_parts_are_those_of_whole_numbers_only() -> None:
    both = pair("range-sum-to-prefix", SUMS)

    @QUICK
    @given(
        st.lists(st.integers() | st.booleans(), max_size=8) | st.lists(st.floats(), max_size=5),
        st.integers(-9, 9) | st.none(),
        st.integers(-9, 9) | st.none() | st.booleans(),
    )
    def law(xs: list[object], a: object, b: object) -> None:
        both.check(lambda: (list(xs), a, b))

    law()
    before = both.deopts
    assert both.check(lambda: ([3, 1, 2], 1, 2)).result == [(3, 4, 3), (4, 1, 3), (6, 0, 3)]
    assert both.deopts == before
    both.check(lambda: ([0.1] * 12, 1, 9))
    assert both.deopts == before + 1, "floats add up differently in another order"


RECURSIONS = {
    "numbers": """
def f(n, m):
    if n < 0 or m < 0:
        raise ValueError(n)
    if n == 0 or m == 0:
        return 1
    return f(n - 1, m) + f(n, m - 1)
""",
    "an argument that is passed on": """
def f(n, xs):
    if n >= len(xs):
        return ()
    best = ()
    for step in (1, 2):
        best = max(best, (xs[n],) + f(n + step, xs))
    return best
""",
    "a result that can be changed": """
def f(n, m):
    if n < 2:
        return [m]
    return f(n - 1, m) + f(n - 2, m)
""",
    "a parameter that is bound anew": """
def f(n, m):
    total = 0
    while n > 0:
        n -= 1
        total += f(n, m) + m
    return total
""",
}


@pytest.mark.parametrize("shape", RECURSIONS)
def test_what_recursion_remembers_is_what_it_computes(shape: str) -> None:
    both = pair("naive-recursion-to-memo", RECURSIONS[shape])
    odd = [True, 2.0, None, "ab", [1, 2, 3], (3, 1, 2), -1, bench_module.Odd(2)]
    # The rewritten function calls itself, so it must be what its own name means.
    both.rewritten.__globals__["f"] = both.rewritten
    for n, m in itertools.product([0, 1, 2, 3, 4, 6, *odd], [0, 1, 3, *odd]):
        first = both.run(both.original, lambda n=n, m=m: (n, m))
        second = both.run(both.rewritten, lambda n=n, m=m: (n, m))
        assert first.same(second), both.variation.source
        if not (first.error and first.error[0] is RecursionError):  # a frame more or less
            assert first.lines == second.lines


def test_recursion_is_computed_once() -> None:
    both = pair("naive-recursion-to-memo", RECURSIONS["numbers"])
    both.rewritten.__globals__["f"] = both.rewritten
    assert both.rewritten(60, 60) == 96614908840363322603893139521372656  # 1e35 calls otherwise
    assert both.deopts == 0


def test_a_call_that_comes_again_is_not_made_again() -> None:
    text = SEARCHES["repeated-call-to-memo", "in a loop"]
    both = pair("repeated-call-to-memo", text)
    rewritten = made(text, both.rewritten)
    calls: list[str] = []
    sys.setprofile(lambda frame, event, _: calls.append(frame.f_code.co_name + event))
    try:
        found = rewritten([1, 2, 1, 1, 2], [7, 7, "a", "a"])
    finally:
        sys.setprofile(None)
    assert len(found) == 20 and calls.count("hcall") == 4
    assert both.deopts == 0


def test_calls_that_count_never_come_again(bench) -> None:
    text = """
def f(n, k):
    return [g(i, k) for i in range(n)], {g(i % 9, k) for i in range(n)}

def g(i, k):
    return sum([i, k])
"""
    (made,) = bench.results("repeated-call-to-memo", text, "f")
    assert "return ([g(i, k) for i in range(n)], " in made.source.partition("except")[0]
    assert "remembered" in made.source


def test_recursion_that_is_too_deep_raises_as_before() -> None:
    text = "def f(n):\n    if n < 1:\n        return 1\n    return f(n - 1) + f(n - 2) % 7\n"
    both = pair("naive-recursion-to-memo", text)
    both.rewritten.__globals__["f"] = both.rewritten
    with pytest.raises(RecursionError):
        both.rewritten(100_000)


REFUSED = {
    "a generator that is handed on by next": (
        "repeated-search-to-index",
        "def f(xs, ys):\n    return next((y for y in ys if y is None), (x in ys for x in xs))\n",
        "it makes a generator that may outlive the call",
    ),
    "the list grows": (
        "repeated-search-to-index",
        """
def f(xs):
    seen = []
    for x in xs:
        if x in seen:
            return x
        seen.append(x)
""",
        "may change 'seen'",
    ),
    "what leads to the rows asks something": (
        "nested-loop-to-hash-join",
        """
def f(xs, rows):
    return [[y for n, part in rows if n for y in part if y == x] for x in xs]
""",
        "it asks something of what holds the rows",
    ),
    "what holds the rows is changed": (
        "nested-loop-to-hash-join",
        """
def f(xs, n):
    rows = [[i] for i in range(n)]
    found = []
    for x in xs:
        found.append([y for row in rows for y in row if y == x])
        for row in rows:
            row.append(x)
    return found
""",
        "may change 'rows'",
    ),
    "an element of the rows is changed": (
        "nested-loop-to-hash-join",
        """
def f(xs, n):
    rows = [{"id": i, "next": 0} for i in range(n)]
    for x in xs:
        for row in rows:
            if row["id"] == x:
                row["id"] += 1
    return rows
""",
        "may change",
    ),
    "what the rows are compared with is bound in the loop": (
        "nested-loop-to-hash-join",
        """
def f(xs, rows):
    out = []
    for x in xs:
        for a, b in rows:
            if a == x:
                x = b
        out.append(x)
    return out
""",
        "may differ: 'x' is bound again",
    ),
    "what is named before the comparison is read after the loop": (
        "nested-loop-to-hash-join",
        """
def f(rows):
    out = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            b = rows[j]
            if rows[i].key == b.key:
                out.append(j)
        out.append(b)
    return out
""",
        "may be read after the loop",
    ),
    "what is named before the comparison could fail alone": (
        "nested-loop-to-hash-join",
        """
def f(rows, others):
    out = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            c = others[j]
            if rows[i] == rows[j]:
                out.append(c)
    return out
""",
        "is not compared",
    ),
    "the row is read after the loop": (
        "nested-loop-to-hash-join",
        """
def f(xs, rows):
    out = []
    for x in xs:
        for row in rows:
            if row[0] == x:
                break
        out.append(row)
    return out
""",
        "may be read after the loop",
    ),
    "another name for what is computed from": (
        "hoist-loop-invariant",
        """
def f(xs):
    out = []
    same = [out]
    for x in xs:
        out.append(x + len(sorted(same[0])))
    return out
""",
        "may change 'same'",
    ),
    "the function leaves a trace": (
        "hoist-loop-invariant",
        """
def f(xs, ys):
    for x in xs:
        ys.append(max(xs))
""",
        "it may leave a trace",
    ),
    "it catches everything": (
        "hoist-loop-invariant",
        """
def f(xs, ys):
    out = []
    for x in xs:
        try:
            out.append(x / max(ys))
        except:
            out.append(0)
    return out
""",
        "catches more than errors",
    ),
    "its name means two things": (
        "naive-recursion-to-memo",
        """
def f(n):
    return n if n < 2 else f(n - 1) + f(n - 2)
f = f
""",
        "which is not known",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_reason(case: str, bench) -> None:
    template, text, reason = REFUSED[case]
    found = bench.results(template, text, "f")
    assert found and all(reason in r.reason for r in found), found


def test_an_iterator_is_left_to_the_original(bench) -> None:
    text = """
def f(xs, ys):
    out = []
    for x in xs:
        out.append((x, max(ys)))
    return out
"""
    both = bench.pair("hoist-loop-invariant", text)
    assert both.rewritten(iter([1, 2, 3]), [4, 5]) == [(1, 5), (2, 5), (3, 5)]
    assert both.deopts == 1
    with pytest.raises(ValueError):
        both.rewritten([1, 2], iter([4, 5]))
    assert both.deopts == 2
    assert both.check(lambda: ([1, 2], [4, 5])).result == [(1, 5), (2, 5)]
    assert both.deopts == 2


class Drained:
    """What it goes over is gone then, and yet it is no iterator."""

    def __init__(self, items: list[object]) -> None:
        self.items = items

    def __iter__(self):
        while self.items:
            yield self.items.pop(0)

    def __repr__(self) -> str:
        return repr(self.items)


def test_what_is_used_up_by_going_over_it_is_left_to_the_original(bench) -> None:
    text = "def f(xs):\n    return [xs.count(x) for x in xs] + [x / max(xs) for x in xs]\n"
    for template in ("count-in-loop-to-counter", "hoist-loop-invariant"):
        both = bench.pair(template, text)
        both.check(lambda: (Drained([1, 2, 3]),))
        assert both.deopts == 1
        both.check(lambda: (collections.UserList([1, 2, 3]),))
        both.check(lambda: (collections.deque([1, 2, 3]),))
        assert both.deopts <= 3


GROWN = {
    "a parameter": "def f(d, xs):\n    return [(d[x], len(sorted(d))) for x in xs]\n",
    "a part": "def f(o, xs):\n    return [(o[0][x], max(o[0].values())) for x in xs]\n",
    "of each": """
def f(d, xs):
    out = []
    for e in d:
        for x in xs:
            out.append((sum(e.values()), e[x]))
    return out
""",
}


@pytest.mark.parametrize("shape", GROWN)
def test_what_a_defaultdict_gets_by_being_read_is_seen(shape: str, bench) -> None:
    both = bench.pair("hoist-loop-invariant", GROWN[shape])
    held = (lambda d: d) if shape == "a parameter" else lambda d: [d, d]
    for make in (dict, collections.OrderedDict, collections.Counter):
        both.check(lambda make=make: (held(make({1: 3, 2: 5})), [1, 2, 1]))
    assert both.deopts == 0
    both.check(lambda: (held(collections.defaultdict(lambda: 7, {1: 3})), [1, 4, 2, 1]))
    assert both.deopts == 1


def test_a_variable_is_unbound_again_for_the_original(bench) -> None:
    text = """
def f(xs, ys):
    out = []
    for x in xs:
        if x > max(ys):
            big = x
        elif x < 0:
            out.append(big)
        else:
            out.append(x % ys[x])
    return out
"""
    both = bench.pair("hoist-loop-invariant", text)
    both.check(lambda: ([9, -1, 0], [1, 2]))
    both.check(lambda: ([-1], [1, 2]))
    both.check(lambda: ([0, 9, 0, 5], [1, 2, 8]))
    assert both.check(lambda: ([0, 1, 2], [1, 2])).error is not None


TOGETHER = {
    "a queue and what was seen": (
        """
def f(links, start):
    queue, seen = [start], [start]
    order = []
    while len(queue) > 0:
        node = queue.pop(0)
        order.append(node)
        for other in links[node % len(links)]:
            if other not in seen:
                seen.append(other)
                queue.append(other)
    return order, seen
""",
        ["accumulator-list-to-set", "list-pop0-to-deque"],
    ),
    "an index beside what was seen": (
        """
def f(xs, ys):
    found = []
    for x in xs:
        for i, y in enumerate(list(ys)):
            if y in found:
                continue
        if (x, ys.count(x)) not in found:
            found.append((x, ys.count(x)))
    return found
""",
        ["accumulator-list-to-set", "count-in-loop-to-counter"],
    ),
}


@pytest.mark.parametrize("shape", TOGETHER)
def test_several_together_are_the_same_too(shape: str, values) -> None:
    text, used = TOGETHER[shape]
    both = pair("several-together", text)
    assert both.variation.parameters["templates"] == ", ".join(used)

    @QUICK
    @given(VALUES, st.lists(VALUES, min_size=1, max_size=4), NUMBERS)
    def law(xs: list[int], more: list[list[int]], numbers: list[int]) -> None:
        if "links" in text:
            links = [[abs(n) % 5 for n in row] for row in more]
            both.check(lambda: (links, len(xs)))
            both.check(lambda: ([values(row) for row in more], 0))
        else:
            both.check(lambda: (values(xs)[: len(xs) // 2], values(xs)[len(xs) // 2 :]))
            both.check(lambda: (list(numbers), list(numbers[::2])))

    law()


def test_one_alone_is_not_several(bench) -> None:
    assert bench.results("several-together", SEARCHES["hoist-loop-invariant", "the greatest"]) == []


def test_lists_defined_beside_each_other_are_lists(bench) -> None:
    text = "def f(xs, n):\n    a, b = [n], [n]\n    for x in xs:\n        if x not in b:\n            b.append(x)\n            a.insert(0, x)\n    return b, len(a)\n"
    both = bench.pair("accumulator-list-to-set", text)
    assert both.check(lambda: ([1, 2, 1, True, 3.0, 3], 2)).result == ([2, 1, 3.0], 3)
    odd = bench_module.Odd(1)
    both.check(lambda: ([1, odd, True, 2], odd))
    queue = bench.pair("list-pop0-to-deque", text)
    queue.check(lambda: ([1, 2, 1], 2))
