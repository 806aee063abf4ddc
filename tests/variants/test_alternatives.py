"""alternatives: which names of ``algorithm: [...]`` resolve, how they take over, and why not."""

import pytest

from selfsame.variants.site import Refusal
from selfsame.variants.variation import Variation

NAME = "alternatives"
PAIR = ("sort_a", "sort_b")
MODULE = """
def sort_a(rows, *, key=None):
    "The slow one."
    out = []
    for row in rows:
        out.append(row)
    out.sort(key=key)
    return out

def sort_b(rows, *, key=None):
    "The quick one."
    return sorted(rows, key=key)

def caller(rows):
    first = sort_a(rows)
    return first, [sort_a([r]) for r in rows], sort_a
"""


def test_the_body_of_a_function_beside_it_is_taken_over(bench) -> None:
    pair = bench.pair(NAME, MODULE, "sort_a", algorithms=PAIR)
    assert "return sorted(rows, key=key)" in pair.variation.source
    assert pair.variation.parameters == {"alternative": "sort_b"}
    assert "sample:sort_b" in pair.variation.dependencies
    pair.check(lambda: ([3, 1, 2],))
    # The rewrite's own errors are on the lines of the function whose code it is.
    outcome = pair.run(pair.rewritten, lambda: ([1, "a"],))
    assert outcome.lines == (("sort_a", 12),)


def test_it_works_both_ways(bench) -> None:
    pair = bench.pair(NAME, MODULE, "sort_b", algorithms=PAIR)
    assert "out.append(row)" in pair.variation.source
    pair.check(lambda: ([3, 1, 2],))


def test_calls_go_to_the_other(bench) -> None:
    pair = bench.pair(NAME, MODULE, "caller", algorithms=PAIR)
    assert pair.variation.source.count("sort_b(") == 2
    assert pair.variation.source.endswith("sort_a)\n")  # what is no call stays
    first = pair.original([2, 1])
    second = pair.rewritten([2, 1])
    assert first[:2] == second[:2] == ([1, 2], [[2], [1]])


def test_other_parameter_names_make_a_call(bench) -> None:
    text = (
        "def a(x, y=1, *r, k=2, **m):\n    return [x, y, r, k, m]\n"
        "def b(p, q=5, *s, k=9, **n):\n    return [p, q, s, k, n]\n"
    )
    pair = bench.pair(NAME, text, "a", algorithms=("a", "b"))
    assert "return b(x, y, *r, k=k, **m)" in pair.variation.source
    pair.check(lambda: (0,))
    pair.check(lambda: (0, 2, 3, 4))
    assert pair.rewritten(1, k=3, z=4) == [1, 1, (), 3, {"z": 4}]


def test_a_decorated_alternative_is_called(bench) -> None:
    text = (
        "import functools\ndef a(x):\n    return [x]\n"
        "@functools.lru_cache\ndef b(x):\n    return [x]\n"
    )
    pair = bench.pair(NAME, text, "a", algorithms=("a", "b"))
    assert "return b(x)" in pair.variation.source
    assert pair.rewritten(1) is pair.rewritten(1)


def test_builtins_and_imported_functions_can_take_over(bench) -> None:
    text = "from math import fsum\ndef add(xs):\n    return 0.0 + sum(xs)\n"
    results = bench.results(NAME, text, "add", algorithms=("add", "fsum", "math:fsum", "sum"))
    sources = [r.source for r in results if isinstance(r, Variation)]
    assert [s.split("return ")[1] for s in sources] == ["fsum(xs)\n", "fsum(xs)\n", "sum(xs)\n"]
    constants = [r.constants for r in results if isinstance(r, Variation)]
    assert [len(c) for c in constants] == [0, 1, 0]
    assert (constants[1][0].module, constants[1][0].attribute) == ("math", "fsum")
    pair = bench.pair(NAME, text, "add", algorithms=("add", "math:fsum"))
    pair.check(lambda: ([1.0, 2.0],))


def test_methods_of_one_class(bench) -> None:
    text = (
        "class C:\n    def a(self, x):\n        return (x, 1)\n"
        "    def b(self, x):\n        return (x, 1)\n"
        "    def c(this, y):\n        return this.b(y)\n"
    )
    pair = bench.pair(NAME, text, "C.a", algorithms=("a", "b"))
    assert pair.variation.source.strip().endswith("return (x, 1)")
    pair = bench.pair(NAME, text, "C.c", algorithms=("c", "a"))
    assert "return this.a(y)" in pair.variation.source


def test_coroutines_and_generators_take_over_from_their_like(bench) -> None:
    text = (
        "def a(n):\n    for i in range(n):\n        yield i\n"
        "def b(m):\n    yield from range(m)\n"
        "async def c(n):\n    return n\nasync def d(m):\n    return m\n"
    )
    pair = bench.pair(NAME, text, "a", algorithms=("a", "b"))
    assert "return (yield from b(n))" in pair.variation.source
    assert list(pair.rewritten(3)) == [0, 1, 2]
    pair = bench.pair(NAME, text, "c", algorithms=("c", "d"))
    with pytest.raises(StopIteration) as stop:
        pair.rewritten(4).send(None)
    assert stop.value.value == 4


REFUSED = {
    "missing": ("def a(x):\n    return x\n", "b: there is no such function in scope"),
    "fewer parameters": (
        "def a(x, y):\n    return x\ndef b(x):\n    return x\n",
        "b: it takes 1 argument, not 2",
    ),
    "more parameters": (
        "def a(x):\n    return x\ndef b(x, y):\n    return x\n",
        "b: it needs 2 arguments, and gets 1",
    ),
    "a keyword of its own": (
        "def a(x):\n    return x\ndef b(x, *, k):\n    return x\n",
        "b: it needs the keyword 'k'",
    ),
    "calls the first": (
        "def a(x):\n    return x\ndef b(x):\n    return a(x) + 1\n",
        "b: it leads back to a, which it would replace",
    ),
    "leads back to the first": (
        "def a(x):\n    return x\ndef h(x):\n    return a(x)\ndef b(x):\n    return h(x) + 1\n",
        "b: it leads back to a, which it would replace",
    ),
    "a generator": (
        "def a(x):\n    return x\ndef b(x):\n    yield x\n",
        "b: it is a generator, not a function",
    ),
    "defined twice": (
        "def a(x):\n    return x\ndef b(x):\n    return x\ndef b(x):\n    return 2\n",
        "b: it is defined more than once",
    ),
    "bound again": (
        "def a(x):\n    return x\ndef b(x):\n    return x\nb = print\n",
        "b: it is bound more than once in its module",
    ),
    "an inner function": (
        "def a(x):\n    return x\ndef o():\n    def b(x):\n        return x\n",
        "b: there is no such function in scope",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(bench, case) -> None:
    text, reason = REFUSED[case]
    assert bench.refused(NAME, text, "a", algorithms=("a", "b")).reason == reason


def test_a_local_of_that_name_is_not_the_function(bench) -> None:
    text = "def a(x):\n    return x\ndef b(x):\n    return x\ndef f(a):\n    return a(1)\n"
    refusal = bench.refused(NAME, text, "f", algorithms=("a", "b"))
    assert refusal.reason == "it is none of a, b and calls none of them"


def test_without_algorithms_nothing_is_said(bench) -> None:
    assert bench.results(NAME, MODULE, "sort_a") == []


def test_one_name_may_stand_for_the_node_itself(bench) -> None:
    pair = bench.pair(NAME, MODULE, "sort_a", algorithms=("sort_b",))
    assert "return sorted(rows, key=key)" in pair.variation.source
    pair.check(lambda: ([3, 1, 2],))


@pytest.mark.parametrize(("node", "verb"), [("sort_a", "is"), ("caller", "calls")])
def test_one_name_that_changes_nothing(bench, node, verb) -> None:
    refusal = bench.refused(NAME, MODULE, node, algorithms=("sort_a",))
    assert refusal.reason == f"it {verb} sort_a, and no other function is named"


def test_functions_of_an_outer_function_keep_its_variables(bench) -> None:
    text = (
        "def outer(k):\n    def a(x):\n        return x + k\n"
        "    def b(x):\n        return k + x\n    return a\n"
    )
    results = bench.results(NAME, text, "outer.a", algorithms=("a", "b"))
    (result,) = results
    assert isinstance(result, Variation), result
    assert result.source.strip().endswith("return k + x")


def test_an_alternative_that_needs_another_cell_is_refused(bench) -> None:
    text = (
        "def outer(k, m):\n    def a(x):\n        return x + k\n"
        "    def b(x):\n        return m + x\n    return a, b\n"
    )
    (result,) = bench.results(NAME, text, "outer.a", algorithms=("a", "b"))
    assert isinstance(result, Refusal)
    assert result.reason.startswith("b: it would need other variables of the enclosing function")


def test_a_caller_that_the_alternative_calls_is_refused(bench) -> None:
    text = "def a(x):\n    return x\ndef f(x):\n    return a(x)\ndef b(x):\n    return f(x)\n"
    refusal = bench.refused(NAME, text, "f", algorithms=("a", "b"))
    assert refusal.reason == "b: it leads back to f, which it would replace"


def test_an_attribute_of_that_name_is_another_thing(bench) -> None:
    text = (
        "def sort(x):\n    return sorted(x)\ndef b(x):\n    y = [*x]\n    y.sort()\n    return y\n"
    )
    bench.pair(NAME, text, "sort", algorithms=("sort", "b")).check(lambda: ([2, 1],))
