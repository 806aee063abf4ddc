"""Inputs made from captures: the same ones each time, and those that dropped guards trip over."""

import pickle
from types import CodeType
from typing import Any

import pytest

from selfsame.runtime.shadow.amplify import TWINS, Amplifier, OddInt, OddList, dictionary
from selfsame.runtime.shadow.encoder import Encoder
from selfsame.runtime.shadow.inputs import Call, Refused, unpickle


def payloads(*rows: tuple[Any, ...]) -> list[bytes]:
    return [pickle.dumps({"args": row, "globals": {("m", "K"): 5}}) for row in rows]


ROWS = payloads(
    ([1, 2, 3], 7, "abc"), ([4], 2, ""), ([9, 9], 0, "xyz"), ({"a": 1}, 1, "q"), ({1, 2}, 3, "r")
)


def made(count: int, **options: Any) -> list[Call]:
    amplifier = Amplifier("seed", ROWS, [12345, "magic"], **options)
    return [amplifier.make(number) for number in range(count)]


def test_an_input_is_a_function_of_its_number() -> None:
    first = [Encoder().part(call.parameters) for call in made(300)]
    amplifier = Amplifier("seed", ROWS, [12345, "magic"])
    backwards = [Encoder().part(amplifier.make(n).parameters) for n in reversed(range(300))]
    assert first == backwards[::-1]
    other = Amplifier("other", ROWS, [12345, "magic"])
    assert first != [Encoder().part(other.make(n).parameters) for n in range(300)]
    # Of a capture there are few equals of other types; of the rest, two in three are different.
    rest = [part for number, part in enumerate(first) if number % TWINS != TWINS - 1]
    assert 3 * len(set(rest)) > 2 * len(rest)


def test_what_is_in_them() -> None:
    calls = made(600)
    ks = [call.parameters[1] for call in calls]
    assert {int, bool, float, type(None), OddInt} <= {type(k) for k in ks}
    assert {0, 1, -1, 2**31, 2**63, 2**63 - 1, 12345} <= {k for k in ks if type(k) is int}
    lists = [call.parameters[0] for call in calls]
    assert {list, dict, set, tuple, OddList} <= {type(x) for x in lists}
    assert [] in lists
    assert any(type(x) is list and len(x) > 3 for x in lists)
    texts = [call.parameters[2] for call in calls]
    assert "magic" in texts
    assert "" in texts
    assert any(not text.isascii() for text in texts if type(text) is str)


def test_without_near_types_those_observed_are_kept() -> None:
    for number, call in enumerate(made(400, near=False)):
        assert type(call.parameters[0]) in (list, dict, set)
        twin = number % TWINS == TWINS - 1  # equal to one that was observed, of another type
        assert type(call.parameters[1]) is int or (twin and type(call.parameters[1]) is bool)
        assert type(call.parameters[2]) is str


def test_globals_stay_as_they_were_seen() -> None:
    assert {call.globals["m", "K"] for call in made(300)} == {5}


def test_no_two_inputs_share_an_object() -> None:
    seen: dict[int, Any] = {}
    for call in made(400):
        for value in call.parameters:
            if isinstance(value, (list, dict, set)):
                assert id(value) not in seen or value is call.parameters[0]
                seen[id(value)] = value


def function(text: str) -> CodeType:
    return next(c for c in compile(text, "f", "exec").co_consts if isinstance(c, CodeType))


def test_the_dictionary_has_constants_at_any_depth_and_no_cap() -> None:
    code = function("def f(x):\n    g = lambda: 4294967295\n    return x in ('k', 2.5, 7 ** 40)\n")
    found = dictionary([code])
    assert {2**32 - 2, 2**32 - 1, 2**32, "k", 2.5, 7**40} <= set(found)


EVIL = [
    b"cos\nsystem\n(S'true'\ntR.",
    b"cbuiltins\neval\n(S'1'\ntR.",
    b"cbuiltins\ngetattr\n(S'a'\nS'b'\ntR.",
    b"csubprocess\nPopen\n(S'true'\ntR.",
    b"cimportlib\nimport_module\n(S'this'\ntR.",
]


@pytest.mark.parametrize("payload", EVIL)
def test_the_unpickler_names_nothing_else(payload: bytes) -> None:
    with pytest.raises(Refused):
        unpickle(payload)


def test_a_payload_has_arguments() -> None:
    with pytest.raises(Refused):
        unpickle(pickle.dumps({"args": [1]}))


def test_calling_conventions() -> None:
    def f(a: int, /, b: int, *rest: int, c: int, **more: int) -> Any:
        return a, b, rest, c, more

    call = Call((1, 2, 3, (4, 5), {"d": 6}), {})
    positional, keywords = call.arguments(f.__code__)
    assert f(*positional, **keywords) == (1, 2, (4, 5), 3, {"d": 6})
    with pytest.raises(Refused):
        Call((1, 2), {}).arguments(f.__code__)
    for rest, more in ((None, {}), ([4], {}), ((), None)):
        with pytest.raises(Refused, match="for all that remains"):
            Call((1, 2, 3, rest, more), {}).arguments(f.__code__)


def test_rows_of_one_length_stay_so(make: Any) -> None:
    rows = [make([(n, n + 1, n + 2)] * (n % 4), n) for n in range(30)]
    amplifier = Amplifier("seed", rows, [], near=False)
    made = [amplifier.make(number).parameters[0] for number in range(400)]
    assert {len(row) for value in made for row in value} == {3}
    mixed = [*rows, make([(1, 2)], 1)]
    loose = Amplifier("seed", mixed, [], near=False)
    made = [loose.make(number).parameters[0] for number in range(400)]
    assert {len(row) for value in made for row in value} > {2, 3}


def test_large_inputs_are_mostly_shortened_and_parallel_lists_stay_parallel() -> None:
    rows = [{"name": f"n{i}", "values": list(range(200))} for i in range(100)]
    names = [f"n{i}" for i in range(100)]
    index = {f"n{i}": i for i in range(100)}
    payload = pickle.dumps({"args": (rows, names, index, "ab " * 900), "globals": {}})
    amplifier = Amplifier("seed", [payload], [], near=False)
    calls = [amplifier.make(number).parameters for number in range(300)]
    usual = [call for call in calls if type(call[0]) is list and type(call[1]) is list]
    assert len([c for c in usual if len(c[0]) <= 13 and len(c[1]) <= 13]) > 0.7 * len(usual)
    assert len([c for c in usual if len(c[0]) == len(c[1]) == len(c[2])]) > 0.4 * len(usual)
    assert any(len(call[0]) > 50 for call in usual)  # some are as they came
    whole = {"name", "values"}  # records keep their parts, but for what a mutation takes or renames
    firsts = [row for call in usual for row in call[0][:1]]
    assert len([row for row in firsts if set(row) == whole]) > 0.95 * len(firsts)
    first = [Encoder().part(call) for call in calls]
    again = Amplifier("seed", [payload], [], near=False)
    assert first == [Encoder().part(again.make(number).parameters) for number in range(300)]


def test_all_numbers_of_an_input_are_zero_at_once_with_either_sign() -> None:
    rows = [pickle.dumps({"args": (0.1 * n, 0.2 * n, "a"), "globals": {}}) for n in range(1, 40)]
    amplifier = Amplifier("seed", rows, [])
    found = {repr(amplifier.make(n).parameters[:2]) for n in range(300)}
    signs = ("0.0", "-0.0")
    assert {f"({a}, {b})" for a in signs for b in signs} <= found


def test_a_text_is_spelled_in_the_letters_of_another() -> None:
    rows = payloads(("one", "xyz"), ("two", "+-"), ("three", "xyz+-"))
    made = [Amplifier("seed", rows, [], False).make(number).parameters for number in range(400)]
    spelled = [t for t, letters in made if len(t) in (8, 16) and letters and set(t) <= set(letters)]
    assert len(set(spelled)) > 2
