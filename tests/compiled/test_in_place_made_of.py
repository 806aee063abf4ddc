"""Compiled in place: containers made of what is computed one by one, Counters' most common, and keys of dicts."""

from collections import Counter, deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = '''
import collections
from collections import Counter, defaultdict, deque


def half(n):
    if n == 13:
        raise ValueError("13")
    return n // 2


def same(pair, rows):
    found = tuple(pair)
    for row in rows:
        found = tuple(row)
    return tuple(pair), found, tuple((pair, found)), tuple(pair[:])


def evens(numbers):
    for n in numbers:
        if n % 2 == 0:
            yield n


def mapped(texts, numbers):
    first, second = map(int, texts)
    found = list(map(half, numbers))
    found.extend(map(lambda n: n + first, numbers))
    found.extend(n for n in numbers if n > second)
    found.extend(evens(numbers))
    found.extend(range(3))
    for i, n in enumerate(map(half, numbers)):
        found.append(i * n)
    for n, h in zip(numbers, map(half, numbers)):
        found.append(n - h)
    return found, sum(map(half, numbers)), max(map(len, texts)), ",".join(map(str, numbers))


def grown(numbers, n):
    """While numbers are put in, what makes them looks at them."""
    found = list(numbers)
    found.extend(found[i] + len(found) for i in range(n))
    found.extend({1: 2, 3: 4}.values())
    found.extend({5: 6})
    found.extend("ab")
    found.extend({7})
    return found


def common(text, n):
    counts = Counter(text)
    for word in text.split():
        counts[word] += 2
    return counts.most_common(n), counts.most_common(), counts.most_common(1)


def keyed(groups, x):
    found = []
    for group in groups:
        found.append(dict.fromkeys(group))
        found.append(dict.fromkeys(group, x))
        found.append(list(dict.fromkeys(str(k) for k in group)))
    return found, list(map(str.upper, ["a", "b"]))


def following(words):
    follow = defaultdict(Counter)
    queues = collections.defaultdict(collections.deque)
    for a, b in zip(words, words[1:]):
        follow[a][b] += 1
        queues[b].append(a)
        if len(queues[b]) > 2:
            queues[b].popleft()
    best = {a: c.most_common(1)[0][0] for a, c in follow.items()}
    return best, {b: len(q) for b, q in queues.items()}, follow


def levels(graph, start):
    waiting = deque(n for n in graph if n == start)
    seen = []
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.append(node)
        for other in graph[node]:
            waiting.appendleft(other)
    return seen


class Moving:
    def __init__(self, n):
        self.n = n
        self.window = deque(maxlen=n)
        self.total = 0.0

    def add(self, x):
        if len(self.window) == self.n and self.window:
            self.total -= self.window[0]
        self.window.append(x)
        self.total += x
        return self.total


def means(xs, n):
    moving = Moving(n)
    return [moving.add(x) for x in xs], list(moving.window)


def full(xs, n, old):
    last, first, all_of_them = deque(xs, n), deque(maxlen=n), deque(xs, maxlen=None)
    for x in xs:
        first.appendleft(x)
        old.append(x)
        if x > 8:
            int("nothing")
    return last, first, all_of_them


def spread(rows, table, start, n):
    key, out = start, []
    for row in rows:
        out.append((*row, n))
        out.append((n, *row, *key))
    for _ in range(n):
        more = table.get(key)
        if more is None:
            break
        key = (*key[1:], more)
        out.append(key)
    out.append((*rows,))
    return out


def tallied(docs, counts):
    made = Counter()
    for doc in docs:
        made.update(set(doc.split()))
        counts.update(doc.split())
        counts.update(doc)
    rows = [[1]]
    for _ in range(3):
        last = rows[-1]
        rows.append([1, *(a + b for a, b in zip(last, last[1:])), 1])
    return sorted(made.items()), rows, int(docs[0][0])


class Shape:
    pass


class Disc(Shape):
    pass


def variants(words, seen, shapes):
    for word in words:
        seen.update(word[:i] + word[i + 1 :] for i in range(len(word)))
        seen.update(w + "s" for w in words if w + "s" not in seen)
    names = [type(s).__name__ + s.__class__.__name__ for s in shapes]
    return names, int(words[0][0])


def written_out(n):
    seen = []
    for k in range(n):
        seen.append((0, "\u00e9", None, True, -1.5, b"x", (1, 2)))
        seen.append((k, (0, 1)))
        for a, b in ((0, 1), (1, -1)):
            seen.append(a * k + b)
    return seen
'''

EXAMPLES: dict[str, Make] = {
    "mapped": lambda m: (["3", "04"], [1, 2, 7]),
    "grown": lambda m: ([1, 2], 2),
    "common": lambda m: ("a b a c", 2),
    "keyed": lambda m: ([[1, 2, 1]], 0),
    "following": lambda m: (["a", "b", "a", "b", "c"],),
    "levels": lambda m: ({1: [2, 3], 2: [3], 3: [1]}, 1),
    "means": lambda m: ([1.5, 2.0, 3.0, 4.5], 3),
    "spread": lambda m: ([[1], [2, 3]], {("a", "b"): "c", ("b", "c"): "a"}, ("a", "b"), 3),
    "tallied": lambda m: (["1 b a", "b c"], Counter("ab")),
    "variants": lambda m: (["1ab", "c"], {"x"}, [m.Shape(), m.Disc()]),
    "written_out": lambda m: (3,),
    "full": lambda m: ([3, 4, 5], 2, deque([1, 2, 3], 3)),
    "same": lambda m: ((1, 2), [(3,), (4,)]),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.sampled_from(["1", " 2 ", "-3", "x", "1_0"]), max_size=3),
    st.lists(st.integers(0, 14), max_size=5),
)
def test_functions_over_items(made: InPlace, texts: list[str], numbers: list[int]) -> None:
    made.check("mapped", lambda m: (texts, list(numbers)))
    made.check("grown", lambda m: (list(numbers), len(texts)))


@settings(deadline=None, max_examples=100)
@given(st.text("abc d", max_size=12), st.one_of(st.integers(-2, 5), st.none()))
def test_the_most_common_in_their_order(made: InPlace, text: str, n: int | None) -> None:
    (made.check if n is None else made.check_fast)("common", lambda m: (text, n))


KEYS = st.sampled_from([0, 1, -1, 5, 1 << 70, True, 1.0, float("nan"), "a", "ab", None, (1, 2)])


@settings(deadline=None, max_examples=80)
@given(st.lists(st.lists(KEYS, max_size=5), max_size=3), KEYS)
def test_keys_of_all_types(made: InPlace, groups: list[Any], x: Any) -> None:
    made.check("keyed", lambda m: ([list(g) for g in groups], x))


def test_keys_that_have_no_hash(made: InPlace) -> None:
    made.check("keyed", lambda m: ([[1], [[2]]], 0))
    made.check("keyed", lambda m: ([{2: 3}, (1, 2), "ab"], 0))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_counters_and_deques_of_a_defaultdict(made: InPlace, words: list[str]) -> None:
    made.check_fast("following", lambda m: (list(words),))


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.integers(0, 5), st.lists(st.integers(0, 6), max_size=3)), st.integers(0, 6)
)
def test_queues_of_what_comes_next(made: InPlace, graph: dict[int, list[int]], start: int) -> None:
    made.check("levels", lambda m: (graph, start))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-3, 9), max_size=6), st.integers(-1, 3), st.integers(0, 4))
def test_full_deques_drop_what_is_at_their_other_end(
    made: InPlace, xs: list[int], n: int, longest: int
) -> None:
    made.check("means", lambda m: ([float(x) for x in xs], n))
    made.check("full", lambda m: (xs, n, deque([7, 8, 9][:longest], longest)))
    if n >= 0 and 9 not in xs:
        made.check_fast("full", lambda m: (xs, n, deque([7, 8, 9][:longest], longest)))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=3),
    st.dictionaries(st.tuples(*[st.sampled_from("abc")] * 2), st.sampled_from("abc")),
    st.integers(0, 6),
)
def test_tuples_with_others_among_their_items(
    made: InPlace, rows: list[list[int]], table: dict[Any, str], n: int
) -> None:
    made.check_fast("spread", lambda m: (rows, table, ("a", "b"), n))
    made.check("spread", lambda m: ([*rows, (1, 2), {3}], table, ("a", "b", "c"), n))


class Odd(int):
    """Counts in its own way."""

    def __add__(self, other: object) -> int:
        return 100


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("abc 1", min_size=1, max_size=6), min_size=1, max_size=3))
def test_counters_are_updated_and_put_back(made: InPlace, docs: list[str]) -> None:
    """Where the last line raises, the call is given up: the counts that came in are as they were."""
    made.check("tallied", lambda m: (docs, Counter("ab")))
    made.check("tallied", lambda m: (docs, Counter({"a": Odd(3), " ": 1 << 70})))
    made.check_fast("tallied", lambda m: (["1" + doc for doc in docs], Counter("ab")))


class Square(int):
    """A class that the module does not have."""


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("abc1", min_size=1, max_size=4), min_size=1, max_size=3))
def test_sets_are_updated_one_by_one_and_put_back(made: InPlace, words: list[str]) -> None:
    made.check("variants", lambda m: (words, {"x", "as"}, [m.Disc(), m.Shape()]))
    made.check("variants", lambda m: (words, {"x"}, [m.Disc(), Square(1)]))
    made.check_fast("variants", lambda m: (["1" + word for word in words], {"x"}, [m.Disc()]))


def test_a_class_that_is_renamed(builder: Any) -> None:
    made = InPlace(builder, TEXT, EXAMPLES)
    made.check_fast("variants", EXAMPLES["variants"])
    for module in (made.original, made.compiled):
        module.Disc.__name__ = "Round"
        assert module.variants(["1"], set(), [module.Disc()])[0] == ["RoundRound"]


def test_a_tuple_of_a_tuple_is_that_one(made: InPlace) -> None:
    for module in (made.original, made.compiled):
        pair, row = (1, 2), (3,)
        found = module.same(pair, [row])
        assert found[0] is pair
        assert found[1] is row
    made.check("same", lambda m: ((), []))
    made.check("same", lambda m: ([1], [(2,)]))
