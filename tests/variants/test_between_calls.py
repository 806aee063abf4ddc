"""Results that are kept between calls: the same as without, for all arguments, threads and forks."""

import os
import re
import sys
import types
import weakref
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.runtime.agent import memo
from selfsame.variants.memoise import repeated_arguments_to_memory
from selfsame.variants.site import AnyTemplate, Observed
from tests.variants.conftest import Bench, describe

NAME = "repeated-arguments-to-memory"
OFTEN = Observed(repeats=0.9)
TEXT = r"""
import re

RATES = {"a": 3, "b": 4.5}
DIGITS = re.compile(r"\d")
ONCE = frozenset(["a", "b", 1])
FLAT = 2

def part(step):
    return step * 3 % 11

def mixed(a, b=None, *rest, wide=0):
    if a == "raise":
        raise ValueError(a)
    found = [repr(a), repr(b), repr(wide), FLAT]
    for one in rest:
        found.append(repr(one))
    found += DIGITS.findall(repr(b))
    found += [one for one in ONCE if one == a]
    for name in RATES:
        found.append(RATES[name] * part(2))
    return found
"""

scalars = st.one_of(
    st.sampled_from([0, 1, -1, 0.0, -0.0, 1.0, True, False, None, "1", b"1", "a", "raise"]),
    st.sampled_from([float("nan"), complex(0, -0.0), complex(0, 0.0), 1 + 0j]),
    st.integers(-2, 2),
    st.text("ab", max_size=2),
)


class Text(str):
    """Equal to a text, and shown otherwise."""

    def __repr__(self) -> str:
        return "Text"


values = st.recursive(
    st.one_of(scalars, st.sampled_from([Text("a"), frozenset({1}), {1}, range(3)])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(scalars.filter(lambda v: v == v), inner, max_size=2),
    ),
    max_leaves=4,
)
calls = st.tuples(values, values, st.lists(values, max_size=2), values)


@settings(max_examples=30, deadline=None)
@given(st.lists(calls, min_size=1, max_size=12), st.lists(st.integers(0, 20), max_size=40))
def test_the_same_for_all_arguments(inputs, order) -> None:
    pair = Bench().pair(NAME, TEXT, "mixed", OFTEN)
    for number in [*range(len(inputs)), *range(len(inputs)), *order]:
        a, b, rest, wide = inputs[number % len(inputs)]
        outcomes = []
        for function in (pair.original, pair.rewritten):
            try:
                found = function(a, b, *rest, wide=wide)
                outcomes.append(describe(found))
                found.append("a caller's own")  # what is kept is not what callers were given
            except ValueError as error:
                outcomes.append(describe(error.args))
        assert outcomes[0] == outcomes[1]


def test_what_is_kept_answers(bench) -> None:
    pair = bench.pair(NAME, TEXT, "mixed", OFTEN)
    for _ in range(3):
        for a in (1, 1.0, True, "1", (1,), (1.0,), 0.0, -0.0):
            assert pair.rewritten(a) == pair.original(a)
    assert pair.deopts == 8 and len(pair.memory.results) == 8


def test_a_global_that_changes_is_seen_at_once(bench) -> None:
    pair = bench.pair(NAME, TEXT, "mixed", OFTEN)
    space = pair.rewritten.__globals__
    before = pair.rewritten(1)
    space["FLAT"] = 2.0
    assert [type(v) for v in pair.rewritten(1)[3:4]] == [float]
    space["FLAT"] = 2
    space["RATES"]["a"] = 5
    assert pair.rewritten(1) != before
    space["RATES"]["a"] = 3
    space["part"] = lambda step: 0
    assert pair.rewritten(1) != before
    space["part"] = pair.original.__globals__["part"]
    assert pair.rewritten(1) == before
    space["ONCE"] = frozenset()
    assert pair.rewritten(1) != before
    space["ONCE"] = pair.original.__globals__["ONCE"]
    space["DIGITS"] = re.compile("N")
    assert pair.rewritten(1) != before
    space["DIGITS"] = pair.original.__globals__["DIGITS"]
    del space["FLAT"]
    with pytest.raises(NameError):
        pair.rewritten(1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(a):\n    return sum(range(f(a - 1) if a else 1))", "it calls itself"),
        ("import random\ndef f(a):\n    return random.random() * len(a)", "trace"),
        ("class C:\n    n = 1\ndef f(a):\n    return len(a) * C.n", "C.n, which may change"),
        ("class C:\n    n = 1\ndef f(a):\n    return len([C() for _ in a])", "class C"),
        ("def g(a): return g.n\ndef f(a):\n    return len([g(a)])", "g.n"),
        ("def g(a, b=[]): return b\ndef f(a):\n    return len(g(a))", "a default that may change"),
        ("def f(a):\n    return id(a) + len(a)", "where something is in memory"),
        ("def f(a):\n    return a + 1", "no more than a look-up"),
        ("def f(a):\n    try:\n        return len(a)\n    finally:\n        a = 1", "`finally`"),
        ("from functools import cache\n@cache\ndef f(a):\n    return len(a)", "a cache already"),
        ("def f(password):\n    return sum(map(ord, password))", "secrets"),
        ("S = {1}\ndef f(a):\n    return len([x for x in a if x in S])", "S, a set"),
        ("def f(a, b):\n    return [a is b for _ in a]", "by identity"),
        ("def f(a, b):\n    return format(len(a), b)", "by the locale"),
        ("L = [1]\nget = L.count\ndef f(a):\n    return get(a) * len(str(a))", "get, and what"),
        ("def f(a):\n    return '{:n}'.format(len(a))", "by the locale"),
        ("def f(a):\n    return a.format(7) * len(a)", "by the locale"),
        ("class C:\n    def f(self, a):\n        return len(a) * __class__.n", "uses __class__"),
        (
            "class B:\n    def g(self, a):\n        return a * self.n\n"
            "class C(B):\n    def f(self, a):\n        return len([super().g(a)])",
            "uses super",
        ),
        ("D = {n: n for n in range(9)}\ndef f(a):\n    return D[len(a)]", "too large for a key"),
        ("def f(a, b):\n    return len(a) if a is b else 0", "compares by identity: a is b"),
        ("def f(a, **k):\n    return len(a)", "any keyword"),
        ("class C:\n    def f(self, a):\n        return len(a) + self.n", "it reads 'self'"),
        (
            "from decimal import Decimal\ndef f(a):\n    return str(Decimal(a))",
            "settings of decimal",
        ),
    ],
)
def test_what_is_refused(bench, text: str, reason: str) -> None:
    name = "C.f" if "self" in text else "f"
    assert reason in bench.results(NAME, text, name, OFTEN)[0].reason


@pytest.mark.parametrize(
    "line",
    [
        "return [a is None for _ in b]",
        "return [type(a) is type(b) for _ in b]",
        "return [len(find(b)), root(4), twice(2), same(b), joined(b), Pair(1, 2).x, a is None, d + e]",
        "return format(len(b), '05.1f') + '{:d}'.format(len(b)) + f'{len(b):x}'",
    ],
)
def test_what_is_not_refused(bench, line: str) -> None:
    head = """
import math, re
from collections import namedtuple
def whole(a): return a
same = whole
find = re.compile("a").findall
root = math.sqrt
joined = "-".join
twice = lambda n: n * 2
Pair = namedtuple("Pair", "x y")
GIVEN = [1]
"""
    pair = bench.pair(NAME, f"{head}def f(a, b, d=GIVEN[0], e=len('a')):\n    {line}\n", "f", OFTEN)
    for _ in range(2):
        assert pair.rewritten(None, "ab") == pair.original(None, "ab")
    assert pair.deopts == 1


def test_what_a_frozenset_or_a_function_may_read_is_no_part_of_a_key(bench) -> None:
    class Point:
        x = 1

    point, rate = Point(), [1]
    text = "def f(a, key=None):\n    return sum([p.x for p in a]) if key is None else sorted(a, key=key)\n"
    pair = bench.pair(NAME, text, "f", OFTEN)
    points = frozenset([point])

    def turned(one: int) -> int:
        return one * rate[0]

    for change in (1, -1, 1):
        point.x = rate[0] = change
        assert pair.rewritten(points) == change
        assert pair.rewritten([1, 2, 3], turned) == [1, 2, 3][::change]
        assert pair.rewritten([1, 2, 3], turned) == [1, 2, 3][::change]
    assert not pair.memory.results


def test_data_that_other_modules_read_belongs_to_the_key(bench, monkeypatch) -> None:
    text = "from rates import part\ndef f(a):\n    return sum([part(n) for n in range(a)])\n"
    rates = "RATE = 3\ndef part(n):\n    return n * RATE\n"
    other = types.ModuleType("rates")
    exec(rates, other.__dict__)
    monkeypatch.setitem(sys.modules, "rates", other)
    pair = bench.pair(NAME, text, "f", OFTEN, others={"rates": rates})
    for rate, count in ((3, 1), (3, 1), (4, 2), (3, 2), (4, 2), (3.0, 3), (True, 4)):
        other.RATE = rate
        assert describe(pair.rewritten(4)) == describe(pair.original(4))
        assert pair.deopts == count
    del other.RATE
    with pytest.raises(NameError):
        pair.rewritten(4)


def test_a_global_that_another_thread_binds_anew_during_a_call(bench) -> None:
    text = "RATE = 3\ndef part(n):\n    return n * RATE\ndef f(a):\n    return part(len(a))\n"
    pair = bench.pair(NAME, text, "f", OFTEN)
    space = pair.rewritten.__globals__
    sys.setprofile(lambda frame, *_: frame.f_code.co_name == "part" and space.update(RATE=4))
    try:
        assert pair.rewritten("aa") == 8
    finally:
        sys.setprofile(None)
    space["RATE"] = 3
    assert pair.rewritten("aa") == 6
    memory = memo.Memory(100_000)
    memory.keep(memory.missed(), (1, 3), (1, 3), 0, "with another rate", (4,))
    memory.keep(memory.missed(), (1, part), (1, part), 1, "by another function", (None,))
    assert not memory.results
    memory.keep(memory.missed(), (1, 3, part), (1, 3, part), 1, "kept", (3, part))
    assert memory.results


def part(n: int) -> int:
    return n


def test_only_where_arguments_were_seen_to_come_again(bench) -> None:
    for seen, reason in ((None, "was not seen"), (0.3, "30% of its calls had come before")):
        (refusal,) = bench.results(NAME, TEXT, "mixed", Observed(repeats=seen))
        assert reason in refusal.reason
    typed = Observed({"a": frozenset({"Cart"})}, {}, 0.9)
    (refusal,) = bench.results(NAME, TEXT, "mixed", typed)
    assert "'a' was only seen to be Cart" in refusal.reason
    (refusal,) = bench.results(NAME, TEXT, "mixed", OFTEN, cache_bytes=0)
    assert "leaves no room" in refusal.reason
    assert not AnyTemplate(never=frozenset({"memoise"})).allows(NAME, "memoise")


def test_a_method_that_does_not_read_its_object(bench) -> None:
    text = "class C:\n    def f(self, a):\n        return sum(ord(x) for x in a)\n"
    pair = bench.pair(NAME, text, "C.f", OFTEN)
    assert pair.rewritten(object(), "ab") == pair.rewritten(None, "ab") == pair.original(0, "ab")
    assert pair.deopts == 1


def test_both_ends_mean_the_same_length() -> None:
    assert repeated_arguments_to_memory.LONGEST == memo.LONGEST


def test_functions_made_in_the_call_are_part_of_it(bench) -> None:
    text = """
RATE = 2
def f(a):
    def twice(x):
        return x * RATE
    return str(sorted(map(twice, map(ord, a)), key=lambda x: -x))
"""
    pair = bench.pair(NAME, text, "f", OFTEN)
    for a in ("ab", "ba", "ab"):
        assert pair.rewritten(a) == pair.original(a)
    assert pair.deopts == 2
    pair.rewritten.__globals__["RATE"] = 3
    assert pair.rewritten("ab") == "[294, 291]"
    (refusal,) = bench.results(NAME, text, "f.twice", OFTEN)
    assert "inner function" in refusal.reason or "no more than a look-up" in refusal.reason


def test_the_bound_is_kept_and_the_oldest_go() -> None:
    memory = memo.Memory(20_000)
    for number in range(2_000):
        key = (number, "x" * (number % 50))
        memory.keep(memory.missed(), key, key, 0, "y" * (number % 70), ())
        held = sum(memory._takes(k, v) for k, v in memory.results.items())
        assert held == memory.bytes <= 20_000
    assert memory.recall(key, ...) == "y" * (number % 70)
    assert memory.recall((0, ""), ...) is ...
    memory.keep(memory.missed(), ("long",), ("long",), 0, "z" * 5_000, ())
    assert memory.recall(("long",), ...) is ...  # one result would take a quarter


def test_a_key_has_at_most_so_many_items_in_all() -> None:
    pairs = [(n, str(n)) for n in range(150)]
    assert memo.frozen((pairs,)) == memo.frozen(([*pairs],))
    assert memo.frozen((list(range(memo.LONGEST)),))
    square = [[0] * 21] * 21
    assert memo.frozen((square,))
    for large in (list(range(memo.LONGEST + 1)), [square] * 4, [(1, 2, 3)] * 200, [[[[[1]]]]]):
        with pytest.raises(memo.Unkeyed):
            memo.frozen((large,))


def test_what_a_key_keeps_alive_is_counted() -> None:
    memory = memo.Memory(20_000)
    large = frozenset(range(1_000))
    key = memo.frozen((1, large))
    memory.keep(memory.missed(), key, (1, large), 0, "of an argument", ())
    assert not memory.results
    memory.keep(memory.missed(), key, (1, large), 0, "of what a module holds", (large,))
    assert memory.recall(memo.frozen((1, large)), ...) == "of what a module holds"
    gone = weakref.ref(large)
    memory.forget()
    del large, key
    assert gone() is None


def test_nothing_comes_back_after_it_was_forgotten() -> None:
    memory = memo.Memory(100_000)
    began = memory.missed()
    memory.forget()
    assert memory.keep(began, (1,), (1,), 0, "old", ()) == "old" and not memory.results
    memory.broken = lambda: "app:helper"
    memory.keep(memory.missed(), (1,), (1,), 0, "patched", ())
    assert not memory.results
    memory.broken = lambda: ""
    memory.keep(memory.missed(), (1,), (1,), 0, "new", ())
    assert memory.recall((1,), ...) == "new"


def test_what_can_be_told_from_a_later_one_is_not_kept() -> None:
    memory = memo.Memory(100_000)
    nan = float("nan")  # itself in a container is equal to itself, and not to another
    for value in ([1], {1: 2}, {1}, object(), (1, [2]), nan, (1, (nan,))):
        memory.keep(memory.missed(), (1,), (1,), 0, value, ())
    assert not memory.results
    for value in ([[1]], {1: [2]}, [object()], [nan], {1: nan}):
        memory.keep_new(memory.missed(), (1,), (1,), 0, value, ())
    assert not memory.results
    changed: list[int] = [1]
    memory.keep(
        memory.missed(), memo.frozen((changed,)), ([*changed, 2],), 0, "of another list", ()
    )
    assert not memory.results


def test_what_a_list_or_dict_holds_is_looked_at_each_time() -> None:
    inner, flat = [1], {"a": 1, "b": 2.0}
    deep = [inner, 2]
    seen = [memo.frozen((flat, deep))]
    for change in (
        lambda: inner.append(3),
        lambda: flat.update(a=True),
        lambda: flat.update(a=1.0),
        lambda: flat.update(b=flat.pop("b"), a=flat.pop("a")),
        lambda: deep.insert(0, None),
    ):
        change()
        assert memo.frozen((flat, deep)) == memo.frozen((dict(flat), [*deep]))
        seen.append(memo.frozen((flat, deep)))
    assert len(set(seen)) == len(seen)


def test_threads(bench, at_once) -> None:
    pair = bench.pair(NAME, TEXT, "mixed", OFTEN, cache_bytes=6_000)
    wanted = {n: pair.original(n % 40, str(n % 7)) for n in range(280)}
    wrong: list[int] = []

    def ask(first: int) -> None:
        for n in range(first, first + 3_000):
            if pair.rewritten(n % 280 % 40, str(n % 280 % 7)) != wanted[n % 280]:
                wrong.append(n)
            if n % 500 == 0:
                pair.memory.forget()

    at_once(partial(ask, 37 * n) for n in range(4))
    assert not wrong and pair.memory.bytes <= 6_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_while_another_thread_keeps_a_result() -> None:
    memory = memo.memory("fork:f", "", 100_000)
    memory.keep(memory.missed(), (1,), (1,), 0, "before", ())
    with memory._lock:  # as a thread that the child does not have
        child = os.fork()
        if not child:
            memo.forked()
            memory.keep(memory.missed(), (2,), (2,), 0, "after", ())
            os._exit(memory.results != {(1,): "before", (2,): "after"})
    assert os.waitpid(child, 0)[1] == 0
