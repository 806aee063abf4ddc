from __future__ import annotations

import array
import collections
import csv
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import itertools
import pathlib
import pickle
import random
import re
import sys
import threading
import types
import typing
import uuid
import warnings
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.agent import backend, plans
from selfsame.runtime.agent.capture import Capture, Part, dump
from selfsame.runtime.agent.closures import told_by
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.agent.newness import makes_anew
from selfsame.runtime.agent.registry import Registry

ROOM = 1 << 20
ran: list[str] = []


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x


class Child(Plain):
    pass


class Slotted:
    __slots__ = ("__dict__", "a", "b")


class OnlySlots:
    __slots__ = ("__private", "b")

    def __init__(self) -> None:
        self.__private = 7

    def private(self) -> int:
        return self.__private


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int
    b: list[int]


class Point(typing.NamedTuple):
    x: int
    y: int


class Color(enum.Enum):
    RED = 1


class Bits(enum.Flag):
    A = 1
    B = 2


class Nosy:
    """Everything a class can do to be asked; nothing of it may run."""

    def __init__(self) -> None:
        self.x = 1

    def __getattribute__(self, name: str) -> Any:
        ran.append(name)
        return object.__getattribute__(self, name)

    def look(self) -> None:
        pass

    def __hash__(self) -> int:
        ran.append("hash")
        return 1

    def __eq__(self, other: object) -> bool:
        ran.append("eq")
        return True


class NosyMeta(type):
    def __getattribute__(cls, name: str) -> Any:
        ran.append(name)
        return type.__getattribute__(cls, name)

    def __hash__(cls) -> int:
        ran.append("hash")
        return 1


class OfNosyMeta(metaclass=NosyMeta):
    pass


class OwnWays:
    """All that a class can say about how it is copied."""

    def __init__(self, x: Any = None) -> None:
        self.x = x

    def __getstate__(self) -> Any:
        ran.append("getstate")
        return {}

    def __setstate__(self, state: Any) -> None:
        ran.append("setstate")

    def __reduce__(self) -> Any:
        ran.append("reduce")
        return (int, ())

    def __reduce_ex__(self, protocol: Any) -> Any:
        ran.append("reduce_ex")
        return (int, ())

    def __getnewargs__(self) -> Any:
        ran.append("getnewargs")
        return ()

    def __copy__(self) -> Any:
        ran.append("copy")
        return self


class OwnDict(OwnWays, dict):  # type: ignore[type-arg]
    __slots__ = ("more",)
    more: Any


class Missing:
    def __reduce__(self) -> str:
        return "MISSING"


class Labelled(OwnWays):
    pass


class Unsaid:
    pass


MISSING, UNSAID, LABELLED = Missing(), Unsaid(), Labelled("L")


UNWRITTEN: Any = eval("lambda *given: 1")  # code that no file has


class New:
    one: New

    def __new__(cls) -> New:
        if "one" not in cls.__dict__:
            cls.one = object.__new__(cls)
        return cls.one


class Interned:
    known: dict[str, Interned] = {}

    def __new__(cls, name: str) -> Interned:
        return cls.known.setdefault(name, object.__new__(cls))


def passed_on(new: Any) -> Any:
    """A decorator that does something beside, as one that counts or dispatches."""

    @functools.wraps(new)
    def inner(cls: type, *args: object) -> object:
        return Through(new)(cls, *args)

    inner.through = Through(new)  # type: ignore[attr-defined]
    return inner


class Through:
    def __init__(self, function: Any) -> None:
        self.function = function
        self.names = {"a": 1}

    def __call__(self, *args: object) -> object:
        return self.function(*args)


GIVEN: list[object] = []


def interned_in_a_cell(new: Any) -> Any:
    known: dict[str, object] = {}

    @functools.wraps(new)
    def inner(cls: type, name: str) -> object:
        return known.get(name) or keep(known, name, new(cls, name))

    return inner


def interned_in_a_global(new: Any) -> Any:
    @functools.wraps(new)
    def inner(cls: type, name: str) -> object:
        GIVEN.append(new(cls, name))
        return GIVEN[-1]

    return inner


def keep(known: dict[str, object], name: str, one: object) -> object:
    known[name] = one
    return one


class Decorated:
    """Its ``__new__`` makes a new one each time, behind two decorators."""

    @passed_on
    @passed_on
    def __new__(cls, name: str) -> Decorated:
        return object.__new__(cls)

    def __init__(self, name: str) -> None:
        self.name = name


class InACell(Decorated):
    @interned_in_a_cell
    def __new__(cls, name: str) -> InACell:
        return object.__new__(cls)


class InAGlobal(Decorated):
    @interned_in_a_global
    def __new__(cls, name: str) -> InAGlobal:
        return object.__new__(cls)


class Pretending:
    """A decorator that answers what it is asked for its class."""

    asked = 0

    def __init__(self, new: Any) -> None:
        self.new = new

    @property
    def __class__(self) -> type:
        Pretending.asked += 1
        return type


def test_no_decorator_is_asked_anything() -> None:
    class Behind:
        def __new__(cls) -> Behind:
            return object.__new__(cls)

    Behind.__new__.__dict__["by"] = Pretending(Behind.__new__)
    assert makes_anew(vars(Behind)["__new__"], Behind)
    assert Pretending.asked == 0


def test_decorators_around_a_new_of_its_own_are_looked_through() -> None:
    found = pickle.loads(dump(Decorated("a"), ROOM))
    assert type(found) is Decorated and vars(found) == {"name": "a"}


class Anew:
    """Its ``__new__`` makes a new one each time, or gives back what it is given."""

    x: Any

    def __new__(cls, x: Any = None) -> Anew:
        ran.append("new")
        if isinstance(x, Anew):
            return x
        made = object.__new__(cls)
        made.x = x
        return made

    def __getnewargs__(self) -> Any:
        ran.append("getnewargs")
        return ()


class Chosen(Anew):
    def __new__(cls, x: Any = None) -> Chosen:
        return super().__new__(cls, x)  # type: ignore[return-value]


class MyList(list):  # type: ignore[type-arg]
    def __init__(self, items: Any = ()) -> None:
        ran.append("init")
        super().__init__(items)

    def __iter__(self) -> Any:
        ran.append("iter")
        return iter(())

    def append(self, item: Any) -> None:
        ran.append("append")

    extend = append


class MyDict(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        ran.append("items")
        return super().items()

    def __setitem__(self, key: Any, value: Any) -> None:
        ran.append("setitem")


class Word(str):
    __slots__ = ("line",)
    line: int

    def __new__(cls, text: str, line: int) -> Word:
        ran.append("new")
        made = super().__new__(cls, text)
        made.line = line
        return made

    def __str__(self) -> str:
        ran.append("str")
        return "?"


class Kind(tuple):  # type: ignore[type-arg]
    parent: Kind | None = None

    def __getattr__(self, name: str) -> Any:
        ran.append(name)
        raise AttributeError(name)

    def __len__(self) -> int:
        ran.append("len")
        return 0


class Level(int):
    pass


class Named(Point):
    def area(self) -> int:
        return self.x * self.y


class Failed(ValueError):
    def __init__(self, message: str, code: int) -> None:
        ran.append("init")
        super().__init__(message)
        self.code = code


def helper() -> None:
    pass


@pytest.fixture(autouse=True)
def _no_code_is_known() -> None:
    """No window was opened yet: whose code a function runs is not known."""
    told_by(lambda function: None)


def again(value: Any) -> Any:
    return pickle.loads(dump(value, ROOM))


VALUES: list[Any] = [
    *(None, True, 3, 1 << 100, 2.5, -0.0, 1j, "s", b"b", bytearray(b"x"), ..., NotImplemented),
    [1, [2]],
    (1, (2,)),
    {"a": {1: 2}},
    {1, 2},
    frozenset({3}),
    range(1, 9, 2),
    slice(1, None, 2),
    collections.deque([1, 2], maxlen=3),
    collections.OrderedDict(a=1, b=2),
    collections.defaultdict(list, {"a": [1]}),
    collections.Counter("aab"),
    datetime.date(2020, 1, 2),
    datetime.datetime(2020, 1, 2, 3, 4, 5, 6, datetime.UTC),
    datetime.timedelta(3, 4),
    datetime.time(1, 2),
    decimal.Decimal("1.50"),
    fractions.Fraction(3, 4),
    Color.RED,
    Bits.A,
    Point(1, 2),
    Frozen(1, [2]),
    re.compile("a+", re.IGNORECASE),
    helper,
    collections,
    len,
    Plain,
    int,
    array.array("d", [1.5]),
    pathlib.Path("a/b"),
    pathlib.PurePosixPath("c"),
    types.SimpleNamespace(a=1),
    uuid.UUID(int=5),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_values_come_back_equal_and_of_the_same_type(value: Any) -> None:
    back = again(value)
    assert type(back) is type(value)
    assert back == value and repr(back) == repr(value)


@given(st.integers(), st.integers(0, 700), st.booleans())
def test_a_generator_of_random_numbers_goes_on_where_it_was(
    seed: int, drawn: int, half: bool
) -> None:
    value = random.Random(seed)
    for _ in range(drawn):
        value.random()
    if half:
        value.gauss(0, 1)  # keeps the second of two
    inputs = pytest.importorskip("selfsame.runtime.shadow.inputs")
    before = value.getstate()
    payload = dump({"args": (value, [value]), "globals": {}}, ROOM)
    one, (two,) = inputs.unpickle(payload)["args"]
    assert type(one) is random.Random and one is two
    assert one.getstate() == value.getstate() == before
    assert one.gauss(0, 1) == value.gauss(0, 1)


def test_matches_are_found_again_or_refused() -> None:
    text = "one = 1, twenty = 20"
    pair = re.compile(r"(?P<name>\w+) = (?P<value>\d+)(;)?")
    for found in (pair.match(text), *pair.finditer(text), pair.search(text, 3, 19)):
        assert found is not None
        back = again(found)
        assert (back.regs, back.re, back.string, back.endpos, back.lastgroup, back.groupdict()) == (
            found.regs, found.re, found.string, found.endpos, found.lastgroup, found.groupdict()
        )  # fmt: skip
    whole = re.compile("a|ab").fullmatch("ab")
    assert again(whole).group() == "ab"
    long = re.search("b", "a" * 20_000 + "b")
    with pytest.raises(Unpicklable, match="larger than the budget"):
        dump(long, ROOM)


class Loaded(random.Random):
    def random(self) -> float:
        return 0.5


def test_other_generators_of_random_numbers_are_refused() -> None:
    noted = random.Random(1)
    noted.note = 1  # type: ignore[attr-defined]
    for value in (noted, random.SystemRandom(), Loaded(1), random.Random(1).random):
        with pytest.raises(Unpicklable):
            dump(value, ROOM)
    with pytest.raises(Unpicklable, match="functions of random"):
        dump(random.choice.__self__, ROOM)  # type: ignore[attr-defined]


MARKER = object()


def test_a_bare_object_is_captured_where_a_global_says_which_one_it_is() -> None:
    capture = Capture([(__name__, "MARKER")], ROOM, Registry([]))
    assert capture.take(([MARKER, 1], MARKER)) == 0
    capture.done(0, 1)
    inputs = pytest.importorskip("selfsame.runtime.shadow.inputs")
    found = inputs.unpickle(capture.calls()[0][0][0])
    assert found["args"][0][0] is found["args"][1] is found["globals"][__name__, "MARKER"]
    assert capture.take((object(),)) == -1 and capture.refused == {"a object": 1}


def test_what_is_captured_opens_in_a_worker() -> None:
    inputs = pytest.importorskip("selfsame.runtime.shadow.inputs")
    for value in VALUES:
        payload = dump({"args": (value, Child(1), Frozen(1, []), Point(1, 2)), "globals": {}}, ROOM)
        assert type(inputs.unpickle(payload)["args"][0]) is type(value)


def test_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    for value in (numpy.arange(6).reshape(2, 3), numpy.float64(1.5), numpy.dtype("i4")):
        back = again([value])[0]
        assert type(back) is type(value) and repr(back) == repr(value)
    assert again(numpy.array([Plain(2)], dtype=object))[0].x == 2
    with pytest.raises(Unpicklable, match="budget"):
        dump(numpy.zeros(10**6), ROOM)
    with pytest.raises(Unpicklable, match="__new__"):
        dump(numpy.array([New()], dtype=object), ROOM)


def test_instances_come_back_with_their_state() -> None:
    value = Child([1])
    back = again(value)
    assert type(back) is Child and back.__dict__ == {"x": [1]}
    slotted = Slotted()
    slotted.a, slotted.other = 1, 2
    back = again(slotted)
    assert back.a == 1 and back.other == 2 and not hasattr(back, "b")
    assert again(OnlySlots()).private() == 7


def test_an_instance_whose_class_makes_a_new_one_each_time_is_captured() -> None:
    value = Chosen(Anew([1]))
    assert type(value) is Anew
    value = Chosen([1])
    ran.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back, numbers, more = again([value, itertools.count(3), itertools.count(10**30, -2)])
    assert type(back) is Chosen and back.x == [1] and ran == []
    assert (next(numbers), next(more), next(more)) == (3, 10**30, 10**30 - 2)


def test_standard_streams_go_by_name_and_other_files_not_at_all(tmp_path: pathlib.Path) -> None:
    with (tmp_path / "log").open("w") as other, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", other)
        assert again([other])[0] is other
        patch.undo()
        with pytest.raises(Unpicklable, match="TextIOWrapper"):
            dump(other, ROOM)


def test_elements_of_a_tree_come_back_with_what_is_below_them() -> None:
    top = ElementTree.fromstring("<a x='1'>one<b/>two<c>three</c></a>")
    back, inner = again([top, top[1]])
    assert ElementTree.tostring(back) == ElementTree.tostring(top) and back[1] is inner
    back.append(back)
    assert again(back)[2].tag == "a"


def test_streams_in_memory_come_back_where_they_were() -> None:
    text, data = io.StringIO("ab\ncd"), io.BytesIO(b"xyz")
    text.read(3), data.read(1)
    one, other = again([text, data])
    assert (one.read(), other.read(), one.getvalue()) == ("cd", b"yz", "ab\ncd")
    assert text.read() == "cd"


def test_what_a_class_says_about_copies_is_not_asked() -> None:
    ran.clear()
    value, table = OwnWays(), OwnDict()
    table["a"] = 1
    value.x, table.more, table.x = [table], value, 3
    back = again(value)
    copied = back.x[0]
    assert (type(copied), dict(copied), copied.x) == (OwnDict, {"a": 1}, 3)
    assert copied.more is back and ran == []


def test_an_instance_that_stands_for_itself_is_found_under_its_name() -> None:
    assert again([MISSING, UNSAID]) == [MISSING, UNSAID]
    assert type(again(Missing())) is Missing and again(Missing()) is not MISSING
    UNSAID.said = True  # type: ignore[attr-defined]
    try:
        back = again(UNSAID)
        assert back is not UNSAID and vars(back) == {"said": True}
        with pytest.raises(Unpicklable, match="does not have as UNSAID"):
            plans.held(Unsaid, "UNSAID")
    finally:
        del UNSAID.said  # type: ignore[attr-defined]


def test_aliases_and_cycles_are_kept() -> None:
    shared = [1]
    one, two = again(((shared, shared), {"p": Plain(shared)}))
    assert one[0] is one[1] is two["p"].x
    loop: list[Any] = []
    loop.append(loop)
    back = again(loop)
    assert back[0] is back


def test_no_code_of_the_users_runs() -> None:
    ran.clear()
    dump(([Nosy()], {"k": Nosy()}), ROOM)
    assert ran == []
    with pytest.raises(Unpicklable, match="metaclass"):
        dump(OfNosyMeta(), ROOM)
    assert ran == []


def local_class() -> Any:
    class Local:
        pass

    return Local()


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_what_derives_from_a_builtin_type_is_captured_without_asking_it() -> None:
    root = Kind(("root",))
    leaf = Kind(("root", "leaf"))
    root.leaf, leaf.parent = leaf, root  # type: ignore[attr-defined]
    items, fields = MyList([1, [2]]), MyDict(a=1)
    items.more = "x"  # type: ignore[attr-defined]
    word, error = Word("abc", 7), Failed("no", 3)
    ran.clear()
    payload = dump([leaf, items, fields, word, error, Level(3), Named(2, 3)], ROOM)
    assert ran == []
    leaf, items, fields, word, error, level, named = pickle.loads(payload)
    assert set(ran) <= {"__setstate__"}  # asked of the class in the worker, where it may run
    assert tuple.__eq__(leaf, ("root", "leaf")) and leaf.parent.leaf is leaf
    assert list.__repr__(items) == "[1, [2]]" and items.more == "x"
    assert type(fields) is MyDict and dict.__repr__(fields) == "{'a': 1}"
    assert type(word) is Word and word == "abc" and word.line == 7
    assert (type(error), error.args, error.code) == (Failed, ("no",), 3)
    assert type(level) is Level and level == 3
    assert type(named) is Named and named.area() == 6


def test_bound_methods_come_back_bound_to_what_they_were() -> None:
    inputs = pytest.importorskip("selfsame.runtime.shadow.inputs")
    owner, items = Named(2, 3), [1]
    queue = collections.deque([1])
    values = (owner.area, owner, items.append, items, re.compile("a+").match, Nosy().look)
    values += (queue.append, queue)
    ran.clear()
    payload = dump({"args": values}, ROOM)
    assert ran == []
    area, owner, append, items, match, look, put, queue = inputs.unpickle(payload)["args"]
    assert area() == 6 and area.__self__ is owner
    append(2)
    put(2)
    assert items == [1, 2] and match("aab").end() == 2 and list(queue) == [1, 2]
    assert type(look) is types.MethodType and type(look.__self__) is Nosy


class Shaped:
    @staticmethod
    def same(*values: object) -> bool:
        return len(set(values)) == 1

    @classmethod
    def made(cls) -> str:
        return cls.__qualname__


class Squared(Shaped):
    pass


def test_methods_without_an_instance_come_back_from_their_classes() -> None:
    inputs = pytest.importorskip("selfsame.runtime.shadow.inputs")
    values = (Shaped.same, Squared.same, Shaped.made, Squared.made)
    back = inputs.unpickle(dump({"args": values}, ROOM))["args"]
    assert back[0] is back[1] is Shaped.same
    assert [each() for each in back[2:]] == ["Shaped", "Squared"]
    assert [each.__self__ for each in back[2:]] == [Shaped, Squared]


def test_a_class_method_that_its_class_lost_is_not_captured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Squared.made
    monkeypatch.setattr(Squared, "made", lambda: "", raising=False)
    with pytest.raises(Unpicklable, match="not found under its name"):
        dump(made, ROOM)


def test_iterators_come_back_where_they_were_and_are_not_used_up() -> None:
    shared = [1, 2, 3]
    values: list[Any] = [
        *(iter(shared), iter((1, 2, 3)), iter("abc"), iter("\xe9bc"), iter(b"abc"), iter(range(3))),
        *(iter({1: 2, 3: 4}), iter({1: 2, 3: 4}.items()), iter({5, 6}), reversed([1, 2, 3])),
        *(enumerate(["a", "b", "c"]), zip("abc", [1, 2, 3], strict=True)),
    ]
    for value in values:
        next(value)
    payload = dump([values, shared], ROOM)
    back, again = pickle.loads(payload)
    again.append(4)  # the list that the first goes over is that list
    assert [list(each) for each in back[1:]] == [list(each) for each in values[1:]]
    assert list(back[0]) == [2, 3, 4] and list(values[0]) == [2, 3]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (New(), r"an instance of [\w.]+\.New, a class with a __new__ of its own"),
        (Interned("a"), r"Interned, a class with a __new__ of its own"),
        (InACell("a"), r"InACell, a class with a __new__ of its own"),
        (InAGlobal("a"), r"InAGlobal, a class with a __new__ of its own"),
        (itertools.count(0.5), "a count of something else than ints"),
        (io.StringIO("x" * (1 << 20)), "budget"),
        (LABELLED, r"an instance of [\w.]+\.Labelled that its module has as LABELLED"),
        (functools.cache(helper), "functools._lru_cache_wrapper, which keeps state in C"),
        (csv.reader([]), "_csv.reader, which keeps state in C|_csv.reader"),
        (raised(ValueError("x")), "an exception that was raised"),
        (OSError(2, "x"), "a FileNotFoundError"),
        (iter(dict.fromkeys(range(20_000))), "budget"),
        (MyList(range(20_000)), "budget"),
        (sys.stdout, "derives from|keeps state in C|a "),
        ((i for i in ()), "a generator of <genexpr>"),
        (UNWRITTEN, r"function that is not found under its name, [\w.]+\.<lambda>"),
        (local_class(), "class that is not found"),
        (collections.defaultdict(UNWRITTEN), r"function that is not found under its name"),
        (array.array("d").append, "bound method"),
        (types.MethodType(len, []), "a method that is no function"),
        (types.MethodType(UNWRITTEN, 2), "not found"),
        (Bits.A | Bits.B, "without a name"),
        (memoryview(b"x"), "memoryview"),
        (object(), "object"),
        (types.ModuleType("collections"), "a module that is not found under its name"),
    ],
)
def test_what_is_not_on_the_list_is_refused(value: Any, reason: str) -> None:
    ran.clear()
    with pytest.raises(Unpicklable, match=reason):
        dump([value], ROOM)
    assert ran == []


def test_reasons_hold_no_values() -> None:
    with pytest.raises(Unpicklable) as caught:
        dump([MyDict(password="s3cret"), New()], ROOM)
    assert "s3cret" not in str(caught.value)


def test_a_huge_value_is_given_up_at_the_budget() -> None:
    looked: list[int] = []

    class Counting(list):  # type: ignore[type-arg]
        pass

    huge = {"cache": {n: str(n) for n in range(300_000)}}
    written = []
    from selfsame.runtime.agent import capture

    class Spy(capture._Bounded):
        def write(self, data: bytes) -> int:
            written.append(len(data))
            return super().write(data)

    original, capture._Bounded = capture._Bounded, Spy  # type: ignore[misc]
    try:
        with pytest.raises(Unpicklable, match="budget"):
            dump(huge, 64 * 1024)
    finally:
        capture._Bounded = original  # type: ignore[misc]
    assert sum(written) < 200_000, looked
    with pytest.raises(Unpicklable, match="budget"):
        dump("x" * 100_000, 1000)
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(Unpicklable, match="deeply"):
        dump(nested, ROOM)


def test_bytes_that_grow_or_shrink_meanwhile_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from selfsame.runtime.agent import capture

    data = bytearray(300_000)
    changes: list[int] = []

    class Changing(capture._Bounded):
        def write(self, part: bytes | bytearray) -> int:
            if changes and type(part) is bytearray:
                part += bytes(changes.pop())
            return super().write(part)

    monkeypatch.setattr(capture, "_Bounded", Changing)
    assert pickle.loads(dump([data], ROOM)) == [data]
    changes.append(5)
    with pytest.raises(Unpicklable, match="changed by another thread"):
        dump([data], ROOM)


def test_other_threads_go_on_between_the_parts_of_a_large_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from selfsame.runtime.agent import turns

    given: list[float] = []
    monkeypatch.setattr(turns, "LONGEST_S", 0.0)
    monkeypatch.setattr(turns, "sleep", given.append)
    rows = [(number, str(number)) for number in range(40_000)]
    assert pickle.loads(dump(rows, ROOM)) == rows
    assert len(given) >= len(dump(rows, ROOM)) // (80 * 1024)
    given.clear()
    dump(rows[:50], ROOM)
    assert given == []


def test_a_capture_holds_arguments_globals_and_time() -> None:
    capture = Capture(
        [(__name__, "VALUES"), ("nowhere", "x"), (__name__, "nothing")], ROOM, Registry([])
    )
    capture.names[0] = (__name__, "ROOM")
    token = capture.take(([1], 2))
    assert token == 0 and capture.calls() == ([], [])
    capture.done(token, 99)
    ((payload, spent),), _ = capture.calls()
    assert spent == 99
    assert pickle.loads(payload) == {"args": ([1], 2), "globals": {(__name__, "ROOM"): ROOM}}
    assert capture.take((New(),)) == -1
    assert capture.take((New(),)) == -1
    reason = f"an instance of {__name__}.New, a class with a __new__ of its own"
    assert capture.refused == {reason: 2}


def test_a_class_that_changed_is_looked_at_again_in_the_next_window() -> None:
    class Late:
        pass

    sys.modules[__name__].Late = Late
    Late.__qualname__ = "Late"
    try:
        assert Capture([], ROOM, Registry([])).take((Late(),)) == 0
        Late.__new__ = lambda cls: object.__new__(cls)  # type: ignore[assignment, method-assign]
        again = Capture([], ROOM, Registry([]))
        assert again.take((Late(),)) == -1
        (reason,) = again.refused
        assert reason.endswith("Late, a class with a __new__ of its own")
    finally:
        delattr(sys.modules[__name__], "Late")


OF_A_LOCK = r"not found under its name|keeps state in C"  # the latter from 3.13 on


class Keeper:
    def __init__(self) -> None:
        self.items, self.lock, self.owner = [Plain(1), Slotted()], threading.Lock(), Frozen(1, [])


def test_only_what_a_function_touches_is_captured_of_plain_classes() -> None:
    keeper = Keeper()
    keeper.items[1].a = keeper.items[1].b = keeper.items[1].c = 5
    with pytest.raises(Unpicklable, match=OF_A_LOCK):
        dump(keeper, ROOM)
    part = Part(
        frozenset({"items", "x", "b"}), frozenset({(__name__, "Keeper"), (__name__, "Slotted")})
    )
    found = pickle.loads(dump(keeper, ROOM, part=part))
    assert type(found) is Keeper and vars(found).keys() == {"items"}
    plain, slotted = found.items
    assert vars(plain) == {"x": 1}  # not of a class that was looked at: whole
    assert slotted.b == 5 and not hasattr(slotted, "a") and not hasattr(slotted, "c")
    # What derives from a class that was not looked at is whole, and refused for its lock.
    child = type("Child", (Keeper,), {"__module__": __name__})
    globals()["GrownUp"] = child
    child.__qualname__ = "GrownUp"
    with pytest.raises(Unpicklable, match=OF_A_LOCK):
        dump(child(), ROOM, part=part)


def test_a_window_waits_for_calls_that_it_took() -> None:
    """However long they take: what was captured of a heavy call counts when it has ended."""
    capture = Capture([], ROOM, Registry([]))
    token = capture.take((list(range(1000)),))
    assert (token, capture.pending, capture.calls()) == (0, 1, ([], []))
    capture.done(token, 10**9)
    assert capture.pending == 0 and len(capture.calls()[0]) == 1


def test_calls_inside_others_are_told_by_their_places() -> None:
    """In the order in which the calls began, not in that in which they ended."""
    capture = Capture([], ROOM, Registry([]))
    first, inner, never, last = (capture.take((n,)) for n in range(4))
    assert never == 2
    capture.done(inner, 5, outermost=False)
    capture.done(first, 9)
    capture.done(last, 3, outermost=False)
    calls, nested = capture.calls()
    assert [spent for _, spent in calls] == [9, 5, 3]
    assert nested == [1, 2]


NAMES = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.lists(st.tuples(NAMES, st.one_of(st.none(), st.integers())), max_size=30)


@pytest.mark.skipif(backend.native is None, reason="without the extensions a dict is made")
@given(STEPS)
def test_the_attributes_of_an_instance_are_read_without_making_its_dict(
    steps: list[tuple[str, int | None]],
) -> None:
    class Fresh:
        pass

    value, others = Fresh(), {}
    for name, new in steps:
        if new is not None:
            setattr(value, name, new)
            others[name] = new
        elif name in others:
            delattr(value, name)
            del others[name]
    found = backend.attributes(value)
    if found is not None:  # it has no dict yet
        assert list(found.items()) == list(others.items())
    assert list(vars(value).items()) == list(others.items())
    assert backend.attributes(value) is None


@pytest.mark.skipif(backend.native is None, reason="without the extensions a dict is made")
def test_a_captured_instance_has_no_dict_of_its_own_afterwards_nor_has_its_copy() -> None:
    value = Plain(1)
    back = pickle.loads(dump([value, value], ROOM))
    assert backend.attributes(value) == {"x": 1} == backend.attributes(back[0])
    assert back[0] is back[1]
    vars(value)  # now it has one, and so has its copy
    assert backend.attributes(pickle.loads(dump(value, ROOM))) is None


class Asked:
    """A property that is set over attributes of the same name: they are in the dict alone."""

    asked = 0

    @property
    def x(self) -> int:
        return 5

    @x.setter
    def x(self, value: int) -> None:
        Asked.asked += 1


def test_no_property_is_asked_when_a_copy_is_made() -> None:
    value = Asked()
    backend.hold(value, {"x": 1, "y": 2})
    assert Asked.asked == 0 and vars(value) == {}
    vars(value).update(x=1, y=2)
    assert vars(pickle.loads(dump(value, ROOM))) == {"x": 1, "y": 2}
    assert Asked.asked == 0


class Setting:
    def __setattr__(self, name: str, value: object) -> None:
        raise AssertionError("nobody asks for it")


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=40))
def test_attributes_are_held_in_their_order_without_asking(own: dict[str, int]) -> None:
    value: object = Setting()
    if backend.hold(value, own):
        found = backend.attributes(value)
        assert found is None or list(found.items()) == list(own.items())
    else:
        plans.attributed(value, own)
    assert list(vars(value).items()) == list(own.items())


class Own(dict):  # type: ignore[type-arg]
    """Its items are its attributes."""

    def __init__(self, **items: object) -> None:
        super().__init__(items)
        self.__dict__ = self


def test_an_instance_whose_dict_others_have_is_not_captured() -> None:
    value, other = Plain(1), Plain(2)
    held = vars(value)
    with pytest.raises(Unpicklable, match="a dict that others have"):
        dump([value, held], ROOM)
    other.__dict__ = held
    del held
    with pytest.raises(Unpicklable, match="a dict that others have"):
        dump(other, ROOM)
    with pytest.raises(Unpicklable, match="a dict that others have"):
        dump(Own(a=1), ROOM)
    del other
    assert vars(again(value)) == {"x": 1}


class Immutable:
    __slots__ = ("__dict__", "a")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)


class Proxy:
    def __init__(self, held: object) -> None:
        self.held = held

    def __getattr__(self, name: str) -> Any:
        return getattr(self.held, name)


class Obliging:
    def __init__(self) -> None:
        self.x = 1

    def __getattr__(self, name: str) -> Any:
        ran.append(name)
        return lambda *given: None


class Lost(ValueError):
    __slots__ = ("where",)

    def __init__(self, where: int) -> None:
        super().__init__("lost")
        self.where = where


class Thawed(Frozen):
    pass


class Twice(Slotted):  # it has an `a` of both
    __slots__ = ("a",)


def test_attributes_are_put_back_without_asking_the_class() -> None:
    ran.clear()
    value = object.__new__(Immutable)
    Immutable.a.__set__(value, [value])
    value.__dict__["b"] = 2
    back = again(value)
    assert back.a == [back] and vars(back) == {"b": 2}
    assert vars(again(Proxy([1]))) == {"held": [1]}
    made = again(Obliging())
    assert object.__getattribute__(made, "__dict__") == {"x": 1} and ran == []
    lost = again(Lost(7))
    assert (lost.args, lost.where) == (("lost",), 7)
    thawed = Thawed(1, [])
    vars(thawed)["more"] = 3
    back = again(thawed)
    assert (back, vars(back)) == (thawed, {"more": 3})
    halfway = again(object.__new__(Frozen))
    assert not hasattr(halfway, "a")


class Hiding:
    @property
    def __dict__(self) -> dict[str, object]:  # type: ignore[override]
        return {}


def test_what_would_lose_attributes_is_refused() -> None:
    with pytest.raises(Unpicklable, match="two slots of one name"):
        dump(Twice(), ROOM)
    with pytest.raises(Unpicklable, match="a __dict__ of its own"):
        dump(Hiding(), ROOM)
