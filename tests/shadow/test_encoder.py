"""The encoder: what is told apart, what is not, and what is refused."""

import collections
import datetime
import decimal
import enum
import fractions
import functools
import itertools
import math
import random
import re
import struct
import threading
import types
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.runtime.shadow.encoder import CannotCompare, Encoder, digest
from selfsame.runtime.shadow.outcome import Outcome, Tolerance, difference
from selfsame.runtime.shadow.shape import shape


def encode(*values: object) -> list[bytes]:
    encoder = Encoder()
    return [encoder.part(value) for value in values]


class Point:
    def __init__(self, x: object, y: object = 0) -> None:
        self.x, self.y = x, y


class Other:
    def __init__(self, x: object, y: object = 0) -> None:
        self.x, self.y = x, y


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: object) -> None:
        self.a = a


class Hostile:
    """Every way in which reading an instance could run the user's code."""

    def __init__(self) -> None:
        object.__setattr__(self, "n", 1)

    def _no(self, *_: object) -> Any:
        raise AssertionError("user code ran")

    __eq__ = __hash__ = __repr__ = __getattribute__ = __reduce_ex__ = __iter__ = _no  # type: ignore[assignment]
    __getstate__ = __len__ = __bool__ = __class_getitem__ = _no  # type: ignore[assignment]


class Row(NamedTuple):
    a: int


class Ints(list[int]):
    pass


class Text(str):
    pass


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def cyclic(n: int) -> list[Any]:
    items: list[Any] = [n]
    items.append(items)
    return items


def shared(twice: bool) -> list[list[int]]:
    inner = [1]
    return [inner, inner if twice else [1]]


def half(b: object) -> Slotted:
    """One whose first slot is empty."""
    made = object.__new__(Slotted)
    made.b = b  # type: ignore[attr-defined]
    return made


def three(twice: bool) -> list[Point]:
    first, second = Point(1), Point(1)
    return [first, first if twice else second, Point(1)]


def ordered(*names: str) -> "collections.OrderedDict[str, int]":
    found = collections.OrderedDict((name, 0) for name in names)
    found.move_to_end(names[0])
    return found


def gauss_drawn() -> random.Random:
    """Where ``Random(1)`` is, but for the number that it keeps for the next ``gauss``."""
    made = random.Random(1)
    made.gauss_next = 0.5  # type: ignore[attr-defined]
    return made


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    error.__cause__ = cause
    return error


NAN, OTHER_NAN = math.nan, struct.unpack("<d", b"\1\0\0\0\0\0\xf8\x7f")[0]

DIFFERENT: list[tuple[Any, Any]] = [
    (1, True),
    (1, 1.0),
    (0.0, -0.0),
    (NAN, OTHER_NAN),
    (NAN, 0.0),
    (0.1 + 0.2, 0.3),
    (1j, 1),
    ("a", b"a"),
    (b"a", bytearray(b"a")),
    ("ab", Text("ab")),
    ([1, 2], (1, 2)),
    ([1, 2], [2, 1]),
    ([], None),
    ([[]], [[], []]),
    ([["a"], "b"], [["a", "b"]]),
    ([1, 2], Ints([1, 2])),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({1: "a"}, {True: "a"}),
    ({1, 2}, frozenset({1, 2})),
    ({1, 2}, {1, 2.0}),
    ([True] * 20, [1] * 20),
    ([1.0] * 20, [1] * 20),
    ([0.0] * 20, [-0.0] * 20),
    (shared(True), shared(False)),
    (cyclic(1), cyclic(2)),
    (Point(1), Point(2)),
    (Point(1), Other(1)),
    (Slotted(1), Slotted("1")),
    ([Slotted(n) for n in range(3)], [Slotted(n) for n in (0, 2, 1)]),
    ([Slotted(n) for n in range(3)], [Slotted(0), Slotted(1), half(2)]),
    ([Point(1), Other(1), Point(1)], [Other(1), Point(1), Point(1)]),
    ([Point(1), Other(2), Point(3)], [Point(1), Other(2), Point(3, "y")]),
    (three(False), three(True)),
    ((members := [Point(1), Point(2), Point(3)], members[::-1]), (members, members)),
    ([decimal.Decimal("1.0")] * 3, [decimal.Decimal("1.00")] * 3),
    ([[Point(1)], [Point(2), Point(3)], []], [[Point(1), Point(2)], [Point(3)], []]),
    ([{"a": []}, {}, {"b": [1]}], [{"a": []}, {"b": [1]}, {}]),
    ([{"a": {}, "b": 1}, {}, {}], [{"a": {}}, {"b": 1}, {}]),
    ([1, decimal.Decimal("sNaN"), 2], [1, decimal.Decimal("sNaN1"), 2]),
    ({1, 2, decimal.Decimal(3)}, {1, 2, 3}),
    ({1, "True"}, {"1", True}),
    (Row(1), (1,)),
    (Colour.RED, Colour.BLUE),
    (range(3), [0, 1, 2]),
    (range(3), range(0, 3, 2)),
    (slice(1), slice(2)),
    (collections.deque([1]), collections.deque([1], 5)),
    (collections.deque([1]), [1]),
    (ordered("a", "b"), collections.OrderedDict(a=0, b=0)),
    (collections.OrderedDict(a=0), {"a": 0}),
    (collections.defaultdict(int), collections.defaultdict(list)),
    (collections.Counter("ab"), {"a": 1, "b": 1}),
    (random.Random(1), random.Random(2)),
    (random.Random(1), gauss_drawn()),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    (fractions.Fraction(1, 2), 0.5),
    (datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)),
    (datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
    (datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 1, fold=1)),
    (re.compile("a"), re.compile("a", re.I)),
    (len, abs),
    ([].append, [1].append),
    (encode, cyclic),
    (int, bool),
    (math, re),
    (functools.partial(int, "1"), functools.partial(int, "2")),
    (ValueError("a"), ValueError("b")),
    (ValueError("a"), TypeError("a")),
    (ValueError("a"), raised(ValueError("a"), KeyError())),
    (array("i", [1]), array("l", [1])),
    (np.zeros(2), np.zeros(2, "f4")),
    (np.zeros(2), -np.zeros(2)),
    (np.zeros((2, 1)), np.zeros((1, 2))),
    (np.float64(1.0), 1.0),
    ({1: 2}.keys(), [1]),
    (10**5000, 10**5000 + 1),
    ("\ud800", "?"),
]


@pytest.mark.parametrize("pair", DIFFERENT, ids=lambda p: f"{type(p[0]).__name__}")
def test_different(pair: tuple[Any, Any]) -> None:
    assert encode(pair[0]) != encode(pair[1])


def _local() -> list[Any]:
    point = Point(1)
    point.y = point
    text = Text("t")
    return [
        [1, "a", None, True, 2.5, b"x"],
        list(range(50)),
        [float(n) for n in range(50)],
        {"a": [1], "b": {"c": (1, 2)}},
        {"x", "y", 3, (1, 2)},
        cyclic(1),
        point,
        text,
        Slotted([1]),
        [Slotted(n) for n in range(4)],
        [Point(1), Slotted([2]), Point(3), Other(4)],
        [[point, text, point], [point, text, point]],
        [1, decimal.Decimal("sNaN"), datetime.date(2020, 1, 2)],
        {10**5000, 1},
        Row(1),
        ordered("a", "b"),
        collections.defaultdict(list, {1: [2]}),
        collections.Counter("abca"),
        raised(ValueError("x", 1), KeyError("k")),
        OSError(2, "no", "file"),
        random.Random(3),
        decimal.Decimal("1.5"),
        fractions.Fraction(1, 3),
        datetime.timedelta(1),
        types.SimpleNamespace(a=1),
        re.match("(a)b", "ab"),
        np.arange(5),
        np.arange(3).astype("M8[s]"),
        functools.partial(int, base=2),
        Colour.RED,
        [10**5000] * 10,
        math.nan,
    ]


@pytest.mark.parametrize("index", range(len(_local())))
def test_the_same_when_made_again(index: int) -> None:
    assert encode(_local()[index]) == encode(_local()[index])


def test_sets_have_no_order() -> None:
    a, b = {0, 8}, {8, 0}  # they collide, so the first one in comes first
    assert list(a) != list(b)
    assert encode(a) == encode(b)


def test_aliasing_between_parts_counts() -> None:
    xs = [1]
    assert encode(xs, xs) != encode([1], [1])
    assert encode((xs,), {"a": xs}) != encode(([1],), {"a": [1]})


def test_aliasing_of_what_cannot_change_does_not_count() -> None:
    a, b = ("x" * 3, 1), ("".join("xxx"), 1)
    assert a is not b
    assert encode([a, a]) == encode([a, b])


def test_instances_that_refer_to_each_other_through_a_set() -> None:
    def family() -> Point:
        parent = Point(set())
        for n in range(3):
            parent.x.add(Point(n, parent))  # type: ignore[attr-defined]
        return parent

    assert encode(family()) == encode(family())


def test_no_user_code_runs() -> None:
    hostile = object.__new__(Hostile)
    object.__setattr__(hostile, "n", 1)
    assert encode([hostile]) == encode([hostile])
    assert shape([hostile]).endswith("with 1 attributes)")


@pytest.mark.parametrize(
    "value",
    [
        (n for n in range(3)),
        map(str, [1]),
        itertools.count(0.5),
        threading.Lock(),
        threading.local(),
        types.MappingProxyType({}),
        np.array([object()]),
    ],
    ids=lambda v: type(v).__name__,
)
def test_refused(value: object) -> None:
    with pytest.raises(CannotCompare, match=r"^cannot be compared: "):
        encode([value])


@pytest.mark.parametrize("times", [2, 3, 1000])
def test_what_unfolds_without_end_is_refused(times: int) -> None:
    value: tuple[Any, ...] = ()
    for _ in range(60):
        value = (value,) * times
    with pytest.raises(CannotCompare):
        encode(value)


ATOMS = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.decimals()
VALUES = st.recursive(
    ATOMS | st.floats() | st.sets(st.integers() | st.text()),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(st.builds(Point, inner, ATOMS))
        | st.lists(st.builds(Slotted, inner) | st.builds(half, inner))
        | st.lists(st.builds(Point, inner) | st.builds(Other, inner) | st.builds(Slotted, inner))
        | st.dictionaries(st.text() | st.integers() | st.booleans(), inner)
    ),
    max_leaves=20,
)


def same(a: Any, b: Any) -> bool:
    """What the encoding must agree with, written for plain values only."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if isinstance(a, decimal.Decimal):
        return str(a) == str(b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (Point, Other)):
        return same(vars(a), vars(b))
    if isinstance(a, Slotted):
        return all(same(getattr(a, n, ATOMS), getattr(b, n, ATOMS)) for n in ("a", "b"))
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    return bool(a == b)


@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES)
def test_equal_bytes_mean_the_same(a: Any, b: Any) -> None:
    assert (encode(a) == encode(b)) is same(a, b)


def outcome(value: object, tolerant: bool) -> Outcome:
    encoder = Encoder(tolerant)
    part = digest(encoder.part(value))
    return Outcome("returned", (("result", part),), encoder.floats.tobytes())


def test_tolerance_only_where_asked() -> None:
    a, b = [1.0, {"x": 2.0}, "s"], [1.0 + 1e-12, {"x": 2.0}, "s"]
    near = Tolerance(relative=1e-9)
    assert difference(outcome(a, False), outcome(b, False), Tolerance())
    assert not difference(outcome(a, True), outcome(b, True), near)
    assert difference(outcome(a, True), outcome([1.1, {"x": 2.0}, "s"], True), near)
    assert difference(outcome(a, True), outcome([1.0, {"x": 2.0}, "t"], True), near)
    assert difference(outcome([1.0], True), outcome([1], True), near)
    assert not difference(outcome([math.nan] * 20, True), outcome([math.nan] * 20, True), near)


def test_difference_names_the_part() -> None:
    a = Outcome("returned", (("argument 1 after the call", b"1"), ("result", b"2")))
    b = Outcome("returned", (("argument 1 after the call", b"1"), ("result", b"3")))
    assert difference(a, b, Tolerance()) == "the result differs"
    assert difference(a, Outcome("raised"), Tolerance()) == "one returned, the other raised"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, "int"),
        (2**70, "int over 64 bits"),
        ("hunter2", "str of 7"),
        ([1, 2], "list of 2 (int)"),
        ([], "list of 0"),
        ({"k": 1.5}, "dict of 1 (str of 1: float)"),
        ((1, "a"), "tuple of 2 (int | str of 1)"),
        (None, "NoneType"),
        (Ints([1]), f"{__name__}.Ints of 1 (int)"),
    ],
)
def test_shapes(value: object, expected: str) -> None:
    assert shape(value) == expected


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_a_shape_gives_no_text_away(value: Any) -> None:
    assert "hunter2" not in shape([value, "hunter2", {"hunter2": [b"hunter2"]}])


@pytest.mark.parametrize("kind", [tuple, list])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, 2), (1, True)),
        ((1, 2), (1, 2.0)),
        ((0.0, 1), (-0.0, 1)),
        ((1.0,), (math.nan,)),
        (("1", 2), (1, 2)),
        ((1, 2), (1, 2, 3)),
        ((b"a",), ("a",)),
        (("nan", 1.0), (math.nan, 1.0)),
    ],
)
def test_long_runs_of_rows_differ_where_one_value_does(kind: type, one: Any, other: Any) -> None:
    rows = [kind((n, str(n), n / 2)) for n in range(20)]
    first, second = [*rows, kind(one)], [*rows, kind(other)]
    assert Encoder().part(first) != Encoder().part(second)
    assert Encoder().part(first) == Encoder().part([kind(r) for r in first])


def test_aliasing_among_rows_counts() -> None:
    rows = [[n, n + 1] for n in range(20)]
    twice = [*rows[:-1], rows[0]]
    alike = [*rows[:-1], list(rows[0])]
    assert Encoder().part(twice) != Encoder().part(alike)
    outer = [rows, rows[3]]
    assert Encoder().part(outer) != Encoder().part([rows, list(rows[3])])
    tuples = [(n, n) for n in range(20)]
    assert Encoder().part([tuple(r) for r in rows]) != Encoder().part(rows)
    assert Encoder().part(tuples) == Encoder().part([(n, n) for n in range(20)])


class Thing:
    def __init__(self, **named: Any) -> None:
        self.__dict__.update(named)


class OtherThing(Thing):
    pass


def thing(n: int) -> Thing:
    return Thing(name=str(n), size=n, parts=[n, n + 1], near={"x": n / 2})


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[7].parts.append(3),
        lambda rows: setattr(rows[7], "size", True),
        lambda rows: setattr(rows[7], "name", 7),
        lambda rows: setattr(rows[7], "more", None),
        lambda rows: delattr(rows[7], "size"),
        lambda rows: setattr(rows[7], "parts", rows[6].parts),
        lambda rows: setattr(rows[7], "near", {"x": -0.0}),
        lambda rows: rows.__setitem__(7, rows[6]),
        lambda rows: rows.__setitem__(7, OtherThing(**vars(rows[7]))),
        lambda rows: rows.__setitem__(slice(6, 8), [rows[7], rows[6]]),
        lambda rows: rows.pop(),
    ],
)
def test_runs_of_instances_differ_where_one_does(change: Callable[[list[Thing]], Any]) -> None:
    one, other = [thing(n) for n in range(9)], [thing(n) for n in range(9)]
    assert encode(one) == encode(other)
    change(other)
    assert encode(one) != encode(other)


def test_runs_of_dicts_differ_where_one_value_does() -> None:
    def rows(last: dict[Any, Any]) -> list[dict[Any, Any]]:
        return [*({"a": n, "b": str(n)} for n in range(9)), last]

    assert encode(rows({"a": 1})) == encode(rows({"a": 1}))
    for other in ({"a": True}, {"b": 1}, {"a": "1"}, {"a": 1.0}, {True: 1}, {}):
        assert encode(rows({"a": 1})) != encode(rows(other))
    assert encode(rows({1: 2, 2: 1})) != encode(rows({2: 1, 1: 2}))
    shared = rows({"a": 1})
    assert encode([shared, shared[2]]) != encode([shared, dict(shared[2])])


def test_instances_that_lead_to_each_other() -> None:
    def ring(turned: bool) -> list[Thing]:
        rows = [thing(n) for n in range(5)]
        for n, one in enumerate(rows):
            one.next = rows[(n + (-1 if turned else 1)) % 5]  # type: ignore[attr-defined]
        return rows

    assert encode(ring(False)) == encode(ring(False))
    assert encode(ring(False)) != encode(ring(True))


class Named(str):
    def __eq__(self, other: object) -> bool:
        raise AssertionError("asked")

    __hash__ = str.__hash__


def test_names_of_attributes_are_not_asked() -> None:
    rows = [Thing(), Thing(), Thing()]
    for one in rows:
        vars(one)[Named("x")] = 1
    assert encode(rows) == encode(rows)


class Own(dict[str, object]):
    def _no(self, *_: object) -> Any:
        raise AssertionError("user code ran")

    __iter__ = __getitem__ = keys = _no  # type: ignore[assignment]


def test_a_dict_of_the_users_behind_an_instance_is_not_asked() -> None:
    def made(*xs: int) -> list[object]:
        things = [Point(x) for x in xs]
        for thing in things:
            thing.__dict__ = Own(thing.__dict__)
        return things

    assert encode(made(1, 2, 3)) == encode(made(1, 2, 3)) != encode(made(1, 2, 4))


def test_runs_of_arrays_are_compared() -> None:
    def made(last: float) -> list[object]:
        return [np.zeros(2), np.ones(2), np.array([1.0, last])]

    assert encode(made(2)) == encode(made(2)) != encode(made(3))
    numbers = [np.int64(n) for n in (1, 2, 3)]
    assert encode(numbers) == encode([np.int64(n) for n in (1, 2, 3)]) != encode(numbers[::-1])


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_ids_in_rows_are_those_of_the_same_objects(kind: type) -> None:
    def made(swapped: bool = False) -> list[object]:
        points = [Point(n) for n in range(4)]
        ids = [id(point) for point in points]
        if swapped:
            ids[:2] = ids[1::-1]
        rows = [{"n": one} if kind is dict else kind([one, 1]) for one in ids]
        return [points, rows]

    one, other = made(), made()
    assert encode(one) == encode(other) != encode(made(swapped=True))
