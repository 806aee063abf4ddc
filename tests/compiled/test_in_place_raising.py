"""Compiled in place: what functions raise, and what their callers catch."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Account:
    def __init__(self, balance):
        self.balance = balance
        self.log = []

    def take(self, amount):
        self.log.append(amount)
        if amount < 0:
            raise ValueError(f"{amount} of {self.balance}")
        if amount > self.balance:
            raise LookupError("not so much", amount) from None
        self.balance -= amount
        return self.balance


def booked(accounts, moves):
    refused, kinds, left = 0, [], 0
    for who, amount in moves:
        try:
            left = accounts[who].take(amount)
        except ValueError:
            refused += 1
            kinds.append("value")
            continue
        except (IndexError, LookupError) as missing:
            refused += 10
            if amount == 7:
                break
        else:
            kinds.append(left)
        kinds.append(100 // (left + 3))
    return refused, kinds, left


def digits(text):
    if not text:
        raise ValueError
    number = 0
    for letter in text:
        if not letter.isdigit():
            raise TypeError("no digit: " + letter)
        number = number * 10 + ord(letter) - 48
    return number


def outer(text, seen):
    try:
        seen.append(text)
        return digits(text)
    except ZeroDivisionError:
        return -1
    except ValueError:
        seen.append("")
        raise KeyError(text)


def nested(words):
    seen, found = [], []
    for word in words:
        try:
            try:
                found.append(outer(word, seen))
            except TypeError:
                found.append(-2)
                if word == "!":
                    raise ArithmeticError(word)
                found.append(digits("7"))
        except KeyError:
            found.append(-3)
        except ArithmeticError:
            found.append(-4)
    return found, seen


def numbers(text):
    for part in text.split(","):
        if part == "stop":
            raise IndexError(part)
        yield digits(part)


def gathered(texts):
    found = []
    for text in texts:
        total = -1
        try:
            total = 0
            for number in numbers(text):
                if number == 9:
                    break
                total += number
        except IndexError:
            total += 1000
        except TypeError:
            total += 5000
        found.append(total)
    return found


def deep(n, path):
    path.append(n)
    if n == 0:
        raise ValueError("bottom")
    try:
        deep(n - 1, path)
    except ValueError:
        if n % 3:
            raise LookupError(n)
        return n
    except LookupError:
        if n % 2:
            raise ValueError(n)
    return -n


def descended(n):
    path = []
    try:
        got = deep(n, path)
    except ValueError:
        got = None
    except LookupError:
        got = n * 1000
    return got, path


def last(words):
    for word in words:
        try:
            found = digits(word)
        except ValueError:
            pass
        except TypeError:
            found = -1
    return found


def uncaught(words, seen):
    for word in words:
        seen.append(word)
        try:
            seen.append(str(digits(word)))
        except KeyError:
            return 0
    return 1
"""

EXAMPLES: dict[str, Make] = {
    "booked": lambda m: (
        [m.Account(10), m.Account(5)],
        [(0, 3), (1, -1), (0, 9), (1, 2), (0, 1)],
    ),
    "nested": lambda m: (["12", "", "x", "!", "3"],),
    "gathered": lambda m: (["1,2", "3,stop", "4,x", "5,9,6"],),
    "descended": lambda m: (4,),
    "last": lambda m: (["3", "", "x"],),
    "uncaught": lambda m: (["3", "14"], []),
}
WORDS = st.lists(st.sampled_from(["", "0", "17", "x", "!", "5x", "\u0663", "99"]), max_size=5)


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-3, 12)), max_size=8))
def test_changes_before_a_raise_are_kept(made: InPlace, moves: list[tuple[int, int]]) -> None:
    made.check("booked", lambda m: ([m.Account(10), m.Account(5), m.Account(-3)], list(moves)))


@settings(deadline=None, max_examples=80)
@given(WORDS)
def test_the_nearest_handler_catches(made: InPlace, words: list[str]) -> None:
    made.check("nested", lambda m: (list(words),))
    made.check("gathered", lambda m: ([",".join(words), *words],))
    made.check("last", lambda m: (list(words),))
    made.check("uncaught", lambda m: (list(words), []))


@pytest.mark.parametrize("n", range(12))
def test_what_is_raised_anew_on_the_way_out(made: InPlace, n: int) -> None:
    made.check_fast("descended", lambda m: (n,))


def test_what_nobody_catches_is_raised_by_python(made: InPlace) -> None:
    made.check("uncaught", lambda m: (["3", "x"], ["before"]))
    made.check("uncaught", lambda m: ([""], ["before"]))


def test_a_call_that_is_given_up_after_a_catch_leaves_nothing(made: InPlace) -> None:
    # 100 // 0 after the first two moves were refused.
    made.check("booked", lambda m: ([m.Account(-3)], [(0, -1), (0, 3), (0, -4)]))
    made.check("booked", lambda m: ([m.Account(1 << 70)], [(0, -1), (0, 3)]))
    made.check("booked", lambda m: ([m.Account("a")], [(0, -1), (0, 3)]))
    made.check("booked", lambda m: ([m.Account(5)], [(0, 1), (4, 3)]))


def test_an_error_of_a_helper_is_not_taken_for_one_of_the_text(made: InPlace) -> None:
    for words in (["3", None], ["3", 4], [b"3"], ["3", ["x"]]):
        made.check("nested", lambda m, words=words: (list(words),))
        made.check("last", lambda m, words=words: (list(words),))


@pytest.mark.parametrize(
    "handler",
    [
        "except ValueError as error:\n            found.append(str(error))",
        "except Exception:\n            found.append(-1)",
        "except:\n            found.append(-1)",
        "except ValueError:\n            raise",
        "except errors:\n            found.append(-1)",
        "except ValueError:\n            found.append(-1)\n        finally:\n            found.append(2)",
    ],
)
def test_other_handlers_are_left_to_python(builder: Any, handler: str) -> None:
    text = (
        "errors = (ValueError, TypeError)\n"
        "def digit(text):\n    if text == 'x':\n        raise ValueError('no ' + text)\n    return len(text)\n"
        "def read(words):\n    found = []\n    for word in words:\n        try:\n"
        f"            found.append(digit(word))\n        {handler}\n    return found\n"
    )
    examples: dict[str, Make] = {"read": lambda m: (["a", "bb"],)}
    try:
        made = InPlace(builder, text, examples)
    except Exception as refused:
        assert type(refused).__name__ == "CannotPrint"
        return
    for words in (["a"], ["a", "x"], ["x", "bb"]):
        made.check("read", lambda m, words=words: (list(words),))


HALFWAY = """
import heapq
from collections import defaultdict


class Part:
    def __init__(self, size):
        if size == 3:
            raise ValueError("no")
        self.size = size
        self.changes = 0

    def __lt__(self, other):
        if self.size + other.size == 7:
            raise ValueError("seven")
        return self.size < other.size

    @property
    def half(self):
        if self.size % 2:
            raise ValueError("odd")
        return self.size // 2

    @half.setter
    def half(self, size):
        self.changes += 1
        if size < 0:
            raise ValueError("negative")
        self.size = 2 * size


def checked(x):
    if x == 3:
        raise ValueError("three")
    return x


def in_order(parts):
    failed = 0
    try:
        parts.sort(key=lambda part: part.half)
    except ValueError:
        failed = 1
    return failed, [part.size for part in parts]


def heaped(sizes):
    heap, failed = [], 0
    for size in sizes:
        try:
            heapq.heappush(heap, Part(size))
        except ValueError:
            failed += 1
    return failed, [part.size for part in heap]


def entered(counts, lists, numbers):
    failed = 0
    for x in numbers:
        try:
            counts[x] += checked(x)
            lists[x].append(checked(x))
        except ValueError:
            failed += 1
        try:
            lists[-x].append(checked(x))
        except ValueError:
            failed += 10
    return failed, [(x, counts[x]) for x in counts], [(x, lists[x]) for x in lists]


def put(numbers, found, table):
    failed = 0
    try:
        found.extend(checked(x) for x in numbers)
    except ValueError:
        failed += 1
    try:
        found[1:2] = [checked(x) for x in numbers]
    except ValueError:
        failed += 2
    for x in numbers:
        try:
            found[0], found[1] = x, checked(x)
        except ValueError:
            failed += 4
        try:
            table[x] = table.pop(1, x) + checked(x)
            table.setdefault(checked(x + 1), checked(x - 1))
        except ValueError:
            failed += 100
    return failed, found, table


def changed(sizes):
    parts, failed = [], 0
    for size in sizes:
        try:
            part = Part(size)
            parts.append(part)
            part.half = size - 2
            part.half += 1
            part.changes += checked(part.half)
        except ValueError:
            failed += 1
    return failed, [(part.size, part.changes) for part in parts]
"""

AS_FAR: dict[str, Make] = {
    "in_order": lambda m: ([m.Part(4), m.Part(2)],),
    "heaped": lambda m: ([8, 1, 9, 2],),
    "entered": lambda m: (m.defaultdict(int, {1: 1}), m.defaultdict(list, {1: [2]}), [1, 2]),
    "put": lambda m: ([1, 2], [0, 5, 6], {1: 4}),
    "changed": lambda m: ([2, 4, 6],),
}


@pytest.fixture(scope="module")
def halfway(builder: Any) -> InPlace:
    return InPlace(builder, HALFWAY, AS_FAR)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(0, 8), max_size=6))
def test_what_was_done_when_something_raises_is_as_in_python(
    halfway: InPlace, numbers: list[int]
) -> None:
    sizes = [n for n in numbers if n != 3]
    halfway.check_fast("in_order", lambda m: (list(map(m.Part, sizes)),))
    halfway.check_fast("heaped", lambda m: (list(numbers),))
    halfway.check_fast("changed", lambda m: (list(numbers),))
    halfway.check_fast("put", lambda m: (list(numbers), [0, 5, 6], {1: 4, 8: 8}))

    def tables(m: Any) -> tuple[Any, ...]:
        return m.defaultdict(int, {1: 1}), m.defaultdict(list, {1: [2]}), list(numbers)

    halfway.check_fast("entered", tables)


def test_what_passes_a_finally_has_that_run_before_it_is_caught(builder: Any) -> None:
    text = (
        "def used(log, x):\n    log.append(x)\n    try:\n        if x == 2:\n            raise ValueError(x)\n"
        "        log.append(-x)\n    finally:\n        log.append('closed')\n    return x\n\n"
        "def both(log, xs):\n    total = 0\n    for x in xs:\n        try:\n            total += used(log, x)\n"
        "        except ValueError:\n            total += 50\n"
        "        try:\n            try:\n                if x == 3:\n                    raise KeyError(x)\n"
        "            finally:\n                log.append('inner')\n"
        "        except KeyError:\n            total += 500\n    return total\n"
    )
    made = InPlace(builder, text, {"both": lambda m: ([], [1, 4])})
    made.check_fast("both", lambda m: ([], [1, 4]))
    made.check("both", lambda m: ([], [1, 2, 4]))
    made.check("both", lambda m: ([], [1, 3, 4]))
