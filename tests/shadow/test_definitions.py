"""Classes, functions and modules that a call makes: told by what they are, whatever they are called."""

import collections
import enum
import functools
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.consume import consumed
from selfsame.runtime.shadow.definitions import changed, held_by
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder
from selfsame.runtime.shadow.outcome import UNTOLD, Outcome, Tolerance, coded, difference
from selfsame.runtime.shadow.pair import compare, named


class Meta(type):
    """A metaclass of the program."""


class Row:
    def __init__(self, a: int) -> None:
        self.a = a


class Slotted:
    __slots__ = ("x",)


OLDER = Slotted


class Slotted(OLDER):  # type: ignore[no-redef]
    """It has the name of its base, and a slot of the same name."""

    __slots__ = ("x",)


def both(own: int, inherited: int) -> Any:
    made: Any = Slotted()
    made.x = own
    OLDER.x.__set__(made, inherited)  # type: ignore[attr-defined]
    return made


def closure(n: int) -> Callable[[int], int]:
    return lambda x: x + n


def default(n: int) -> Callable[[int], int]:
    return lambda x, n=n: x + n  # type: ignore[misc]


def wrapped(n: int) -> Any:
    @functools.wraps(closure)
    def wrapper() -> int:
        return n

    return wrapper


def local(n: int) -> type:
    class Local:
        size = n

        def double(self) -> int:
            return 2 * self.size

        both = property(double)

        @classmethod
        def make(cls) -> "Local":
            return cls()

    return Local


def module(n: int) -> types.ModuleType:
    made = types.ModuleType("made")
    vars(made)["n"] = n
    return made


def partial(n: int) -> Any:
    made: Any = functools.partial(int, "1")
    made.note = n
    return made


MADE: dict[str, Callable[[int], Any]] = {
    "class": lambda n: type("Z", (), {"v": n}),
    "its instance": lambda n: type("Z", (), {"v": n})(),
    "a run of instances": lambda n: [type("Z", (Row,), {"v": n})(1)] * 2 + [Row(2)],
    "base": lambda n: type("Z", (type("Y", (), {"v": n}),), {}),
    "class with a metaclass": lambda n: Meta("Z", (), {"v": n}),
    "class with a known name": lambda n: type("Row", (), {"v": n, "__module__": __name__}),
    "exception": lambda n: type("Wrong", (ValueError,), {"code": n})("a"),
    "namedtuple": lambda n: collections.namedtuple("P", f"a b{n}")(1, 2),
    "enumeration": lambda n: enum.Enum("E", {"a": n}).a,
    "class in a function": local,
    "closure": closure,
    "default": default,
    "wrapper": wrapped,
    "module": module,
    "partial": partial,
    "slots of one name": lambda n: both(n, 3),
    "inherited slots": lambda n: both(3, n),
}


@pytest.mark.parametrize("name", MADE)
def test_what_a_call_makes_is_told_by_what_it_is(name: str) -> None:
    make = MADE[name]
    assert Encoder().whole(make(1)) == Encoder().whole(make(1))
    assert Encoder().part(make(1)) != Encoder().part(make(2))


def test_what_has_a_name_is_told_by_it() -> None:
    before = Encoder().whole([Row(1), Row, Meta, closure])
    Row.note = 1  # type: ignore[attr-defined]
    assert Encoder().whole([Row(1), Row, Meta, closure]) == before


def test_what_cannot_be_read_is_refused() -> None:
    made: Any = Row(1)
    vars(made)[1] = 2
    with pytest.raises(CannotCompare):
        Encoder().part(made)


class Counted:
    def __init__(self, items: list[int], name: object) -> None:
        self.left, self.name = iter(items), name

    def __iter__(self) -> "Counted":
        return self

    def __next__(self) -> int:
        return next(self.left)


def test_what_an_iterator_holds_beside_its_items_is_told() -> None:
    def read(items: list[int], name: object) -> bytes:
        return Encoder().part(consumed(Counted(items, name)))

    assert read([1], "a") == read([1], "a")
    assert read([1], "a") != read([1], "b")
    assert read([1], "a") != read([2], "a")


def of(value: object) -> Outcome:
    encoder = Encoder()
    return Outcome("returned", (("result", encoder.part(value)), *coded(encoder.codes)))


def test_other_code_is_neither_the_same_nor_different() -> None:
    def one(n: int) -> Any:
        return [n, lambda x: x + x]

    def two(n: int) -> Any:
        return [n, lambda x: 2 * x]

    name = "test_other_code.<locals>.<lambda>"
    found = [one(1), two(1), two(2)]
    for _, function in found:
        function.__qualname__ = name
    exact = Tolerance()
    assert difference(of(found[0]), of(found[1]), exact) == UNTOLD
    assert difference(of(found[0]), of(found[2]), exact) == "the result differs"
    assert difference(of(found[1]), of(two(1)), exact) != UNTOLD


def test_what_changes_a_class_that_it_is_given_is_seen() -> None:
    class Given:
        value = 1

    before = held_by([Given, 3, int, None])
    assert [cls for cls, _ in before] == [Given]
    assert Given.__annotations__ == {} and not changed(before)  # the look alone made that entry
    Given.value = 1
    assert not changed(before)
    Given.value = 2
    assert changed(before)
    Given.value = 1
    Given.more = 1  # type: ignore[attr-defined]
    assert changed(before)


def test_functions_in_a_set_have_no_order() -> None:
    def made() -> set[object]:
        return {(lambda: 1), (lambda: 2), (lambda: 3)}

    assert Encoder().whole(made()) == Encoder().whole(made())


MODULE = """
def made(x: int):
    return type("Z", (), {"v": x})


def made_anew(x: int):
    held = {"v": x}
    return type("Z", (), held)


def made_wrong(x: int):
    return type("Z", (), {"v": x + 1})


class Given:
    pass


def marked(n: int, cls: type = Given):
    cls.n = n
    return n


def marked_wrong(n: int, cls: type = Given):
    cls.n = n + 1
    return n


def adder(n: int):
    twice = 2 * n
    return lambda x: x + twice


def adder_anew(n: int):
    twice = n + n
    return lambda x: x + twice


def adder_wrong(n: int):
    twice = 2 * n + 1
    return lambda x: x + twice


def adder_unlike(n: int):
    twice = 2 * n
    return lambda x: twice + x
"""


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("made", "made_anew", "same"),
        ("made", "made_wrong", "different"),
        ("marked", "marked_wrong", "inconclusive"),
        ("adder", "adder_wrong", "different"),
        ("adder", "adder_unlike", "inconclusive"),
    ],
)
def test_a_trial_of_what_makes_classes_and_functions(
    tmp_path: Path, first: str, second: str, verdict: str
) -> None:
    file = tmp_path / "making.py"
    file.write_text(MODULE)
    one, other = (named(f"{file}:{name}", []) for name in (first, second))
    trial = compare(one, other, [str(tmp_path)], 8.0)
    assert trial.same == verdict, trial.reason


def by_name(kinds: tuple[type, ...]) -> object:
    return lambda x: isinstance(x, kinds)


def by_a_local(kinds: tuple[type, ...]) -> object:
    is_one = isinstance
    return lambda x: is_one(x, kinds)


def test_a_builtin_that_a_function_has_from_around_it_is_told_as_its_code_is() -> None:
    def told(make: Callable[[tuple[type, ...]], Any], *kinds: type) -> tuple[bytes, list[bytes]]:
        encoder, function = Encoder(), make(kinds)
        function.__qualname__, function.__module__ = "made", "shop"
        return encoder.part(function), encoder.codes

    (one, code), (two, other) = told(by_name, int, str), told(by_a_local, int, str)
    assert one == two and code != other
    assert told(by_a_local, int)[0] != one
