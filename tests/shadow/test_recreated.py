"""Functions, modules and instances that a captured call brings come back as what they were."""

import collections
import contextlib
import functools
import importlib
import io
import itertools
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.agent.capture import dump
from selfsame.runtime.agent.closures import told_by
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.swap import placed
from selfsame.runtime.shadow import payloads, recreated
from selfsame.runtime.shadow.amplify import Amplifier
from selfsame.runtime.shadow.encoder import Encoder
from selfsame.runtime.shadow.inputs import Call, Refused
from selfsame.runtime.shadow.shorten import shortened

ROOM = 1 << 20
TEXT = """
import functools
from collections import defaultdict

def counter(start):
    count = start
    def more(by=1):
        nonlocal count
        count += by
        return count
    def now():
        return count
    return more, now

def holder(value, *, note=None):
    def held(): return value
    held.note = note
    return held

def endless():
    def again(n): return again
    return again

def unset():
    def early(): return late
    if len([]): late = 1
    return early

def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@logged
def doubled(x):
    "Twice."
    return 2 * x

class Thing:
    def method(self): return self

def nested():
    return defaultdict(lambda: defaultdict(int))

TABLE = {"deep": {"er": [lambda x: x + 1]}, "same": (lambda x: x, lambda x: -x)}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A module of the user's, known to an agent's registry."""
    folder = tmp_path_factory.mktemp("held")
    (folder / "held_functions.py").write_text(textwrap.dedent(TEXT))
    sys.path.insert(0, str(folder))
    registry = Registry([])
    registry.watch([str(folder)], [])
    try:
        module = importlib.import_module("held_functions")
        for now in range(20):
            registry.scan(float(now))
        told_by(registry.origin)
        yield module
    finally:
        told_by(lambda function: None)
        sys.path.remove(str(folder))
        sys.modules.pop("held_functions", None)


def again(value: Any) -> Any:
    return Call.of(dump({"args": (value,), "globals": {}}, ROOM)).parameters[0]


def written(value: Any) -> bytes:
    return Encoder().whole(value)


def test_a_variable_of_two_functions_is_still_one(made: Any) -> None:
    more, now = again(made.counter(5))
    assert (more(2), now()) == (7, 7)
    other = made.counter(5)
    assert written(again(other)) == written(other) != written(made.counter(6))
    assert (other[1](), more.__defaults__) == (5, (1,))


def test_a_variable_may_hold_its_function_and_may_be_empty(made: Any) -> None:
    back = again(made.endless())
    assert back(0) is back and type(back) is types.FunctionType
    with pytest.raises(NameError):
        again(made.unset())()


def test_what_a_decorator_made_comes_back_around_its_original(made: Any) -> None:
    wrapped = made.logged(made.holder)
    back, table = again([wrapped, {"it": wrapped}])
    assert table["it"] is back and back.__wrapped__ is made.holder
    inner = again(made.doubled.__wrapped__)
    assert (inner(4), inner.__doc__, inner.__qualname__) == (8, "Twice.", "doubled")
    assert again(made.doubled) is made.doubled
    assert again(made.Thing().method)().__class__ is made.Thing


def test_lambdas_are_told_apart_by_what_they_do(made: Any) -> None:
    assert again(made.TABLE["deep"]["er"][0])(4) == 5
    same, turned = again(made.TABLE["same"])
    assert (same(3), turned(3)) == (3, -3)
    partial = again(functools.partial(made.TABLE["same"][1], 7))
    assert (type(partial), partial()) == (functools.partial, -7)


def test_a_dict_brings_what_makes_its_items(made: Any) -> None:
    table = made.nested()
    table["a"]["b"] += 1
    back = again(table)
    assert type(back) is collections.defaultdict and written(back) == written(table)
    assert back["c"]["d"] == 0 and back["a"] == {"b": 1} and "c" not in table
    assert written(back) != written(table)
    thing = again(collections.defaultdict(made.Thing))["x"]
    assert type(thing) is made.Thing


def test_attributes_defaults_and_annotations_come_along(made: Any) -> None:
    function = made.holder([1], note={"a": 2})
    function.__kwdefaults__, function.__annotations__ = {"key": function}, {"return": list}
    back = again(function)
    assert back.note == {"a": 2} and back.__kwdefaults__["key"] is back
    assert back.__annotations__ == {"return": list} and back() == [1]
    function.__annotations__ = {"return": Callable[[], None]}
    assert again(function).__annotations__ == {}


DATA = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.lists(DATA, min_size=1, max_size=3), st.data())
def test_what_comes_back_is_written_as_what_went(made: Any, values: list[Any], data: Any) -> None:
    held: list[Any] = list(values)
    for _ in range(data.draw(st.integers(1, 4))):
        held.append(
            made.holder(data.draw(st.sampled_from(held)), note=data.draw(st.sampled_from(held)))
        )
    if type(held[0]) is list:
        held[0].append(held[-1])  # a cycle, where the function holds it
    assert written(again(held)) == written(held)
    assert written(Call.of(payloads.dump((again(held),), {})).parameters[0]) == written(held)


def test_a_twin_stands_for_its_plain_code(made: Any) -> None:
    function = made.holder(3)
    plain = function.__code__
    twin = plain.replace(co_filename="<twin>")
    place = ("held_functions", plain.co_qualname, plain.co_firstlineno)
    placed[id(twin)] = (twin, place)
    function.__code__ = twin
    try:
        assert again(function).__code__ is not twin and again(function)() == 3
    finally:
        function.__code__ = plain
        del placed[id(twin)]


def test_code_that_is_not_there_as_it_was_is_refused(made: Any) -> None:
    payload = dump({"args": (made.holder(1),), "globals": {}}, ROOM)
    code = made.holder.__code__
    inner = next(c for c in code.co_consts if isinstance(c, types.CodeType))
    other = inner.replace(co_consts=(None, "another revision"), co_name="held")
    kept = recreated._CODES.pop(id(made))
    made.holder.__code__ = code.replace(
        co_consts=tuple(other if c is inner else c for c in code.co_consts)
    )
    try:
        recreated._READ[id(made)] = made
        with pytest.raises(Refused, match="held_functions whose code is not found"):
            Call.of(payload)
    finally:
        made.holder.__code__ = code
        recreated._CODES[id(made)] = kept
        recreated._READ.pop(id(made))
    with pytest.raises(Refused, match="does not import"):
        Call.of(payload.replace(b"held_functions", b"gone_functions"))
    told_by_nobody: Any = eval("lambda: 1", {"__name__": "nowhere"})
    with pytest.raises(Unpicklable, match=r"not found under its name, nowhere\.<lambda>"):
        dump([told_by_nobody], ROOM)


def test_a_module_comes_back_as_itself_and_is_never_varied(made: Any) -> None:
    before = dict(vars(made))
    back, inside = again([made, [made]])
    assert back is made and inside == [made] and written(back) == written(made)
    shortened([made, [made, made]], 1)
    payload = dump({"args": (made, made.holder([1])), "globals": {}}, ROOM)
    amplifier = Amplifier("1", [payload], [], near=False)
    for number in range(60):
        amplifier.make(number)
    assert vars(made) == before
    with pytest.raises(Refused, match="gone_functions, which a worker does not import"):
        Call.of(payload.replace(b"held_functions", b"gone_functions"))


def test_what_is_stored_through_a_variable_is_seen(made: Any) -> None:
    function, other = again(made.holder([1])), again(made.holder([1]))
    assert written(function) == written(other)
    other().append(2)
    assert written(function) != written(other)


def test_streams_and_counts_are_written_by_where_they_are(made: Any) -> None:
    number, text = itertools.count(4), io.StringIO("abc")
    next(number), text.read(1)
    back = again([number, text, number])
    assert written(back) == written([number, text, number])
    next(number)
    assert written(back) != written([number, text, number])


def test_elements_and_standard_streams_are_written(made: Any) -> None:
    top = ElementTree.fromstring("<a x='1'>one<b/>two</a>")
    held = [top, top[0], sys.stderr]
    back = again([*held]) if type(sys.stderr) is io.TextIOWrapper else again(held[:2])
    assert written(back) == written(held[: len(back)])
    top[0].text = "more"
    assert written(back) != written(held[: len(back)])
    assert written(sys.stderr) != written(sys.stdout)


def test_a_function_of_the_library_that_no_name_leads_to_comes_back_too(made: Any) -> None:
    wrapped = contextlib.contextmanager(made.counter)
    back = again(wrapped)
    assert back.__wrapped__ is made.counter and back.__code__ is wrapped.__code__


def test_payloads_that_are_made_here_find_what_only_a_table_has(made: Any) -> None:
    deep = again(made.TABLE)["deep"]["er"][0]
    back = Call.of(payloads.dump((deep, made.Thing().method), {})).parameters
    assert back[0](1) == 2 and type(back[1]()) is made.Thing
