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
