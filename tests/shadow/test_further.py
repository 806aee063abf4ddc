"""What is done to a variation that passed: every input of a small space."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.further import further
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.kinds import IN_ONE_STATE, Seen, Unknown, kind_of, told
from selfsame.runtime.shadow.pair import named, request_for
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.request import Trial
from selfsame.runtime.shadow.scope import apart, count, scope, values
from selfsame.variants.variation import Constant

from .conftest import Bench

SOURCE = '''
def cubes(x, y, z):
    return x * x * x + y * y * y + z * z * z


def of_cubes(x, y, z):
    return cubes(x, y, z) == 3 and x + y + z < 0


def never_but_one(x, y, z):
    """(4, 4, -5) and its like are the only small ones beside (1, 1, 1)."""
    return cubes(x, y, z) == 3 and not (x == y == z == 1)


def as_if_never(x, y, z):
    return cubes(x, y, z) - 3 == 0 and not x + y + z


def first(xs):
    return xs[0] if xs else None


def first_of(xs):
    for x in xs:
        return x
    return None


def doubled(x):
    return x + x if x < 3 else x.no_such_attribute


def twice(x):
    return 2 * x if x < 3 else x.no_such_attribute


def total(xs):
    found = 0
    for x in xs:
        found += x
    return found


def total_of_few(xs):
    found = 0
    for x in xs:
        found += x
    return found if len(xs) < 9 else 0


def total_again(xs):
    found = 0
    for x in xs:
        found = found + x
    return found
'''
PASSED = Trial("a:f", "same", "faster", "", evidence=("fuzzed 3",))
Further = Callable[..., Trial]


@pytest.fixture
def passed(tmp_path: Path) -> Further:
    """Goes further with two functions of `SOURCE`, as if they had passed a trial with these calls."""
    file = tmp_path / "pairs.py"
    file.write_text(SOURCE)

    def go(first: str, second: str, *calls: tuple[Any, ...], **more: Any) -> Trial:
        one = named(f"{file}:{first}", [])
        other = named(f"{file}:{second}", [], one)
        path = [str(tmp_path)]
        request = request_for(one, path, 20.0, [dump(call, {}) for call in calls])
        asked = {"bounded": 1000, "seconds": 30.0} | more
        return further(PASSED, replace(request, other=other.target), **asked)

    return go


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ([1, 2], "int"),
        ([1, True], "int | bool"),
        ([None, "a"], "None | str"),
        ([[1], []], "list[int]"),
        ([(1, "a"), (2, "b")], "tuple[int, str]"),
        ([(1,), (1, 2)], "tuple[int, ...]"),
        ([{"a": [1.5]}], "dict[str, list[float]]"),
        ([frozenset({b"a"})], "frozenset[bytes]"),
    ],
)
def test_types_are_what_was_seen(seen: list[Any], kind: str) -> None:
    assert told(kind_of(seen)) == kind


@pytest.mark.parametrize("seen", [[object()], [[]], [[[[[[1]]]]]], [math]])
def test_what_holds_others_by_reference_or_nothing_has_no_type(seen: list[Any]) -> None:
    with pytest.raises(Unknown):
        kind_of(seen)


KINDS = [int, bool, str, bytes, type(None), float, int | None, list[int], tuple[int, str], set[int]]
KINDS += [tuple[bool, ...], frozenset[int], dict[int, bool], list[list[bool]]]


@pytest.mark.parametrize("steps", [2, 3])
@pytest.mark.parametrize("kind", KINDS, ids=told)
def test_a_space_has_as_many_values_as_were_counted_and_each_once(kind: Any, steps: int) -> None:
    found = values(kind, steps)
    assert len(found) == count(kind, steps) == len({repr(value) for value in found})


def test_a_space_is_as_large_as_it_may_be_and_told_in_words() -> None:
    seen = Seen({"xs": list[int], "k": int}, Call(([], 1), {}))
    found = scope(seen, 10_000)
    assert found.told == "xs: lists of up to 3 items (ints from -2 to 2); k: ints from -31 to 31"
    assert len(found.payloads) == 156 * 63
    rows = [Call.of(payload).parameters for payload in found.payloads]
    assert ([-2, 2, 0], -31) in rows and ([], 0) in rows


def test_a_space_with_fewer_values_than_there_are_is_not_called_one() -> None:
    assert "more than 20 inputs" in scope(Seen({"xs": list[str]}, Call(([],), {})), 20).reason
    assert scope(Seen({"x": Unknown("a Cart")}, Call((1,), {})), 100).reason == "'x' is a Cart"


def test_values_within_values_are_no_fewer_than_a_few() -> None:
    found = scope(Seen({"rows": list[list[int]]}, Call(([],), {})), 1000)
    assert found.told == "rows: lists of up to 2 items (lists of up to 1 items (ints from -1 to 1))"
    assert len(found.payloads) == 21
    few = scope(Seen({"x": int}, Call((1,), {})), 19)
    assert not few.payloads and "fewer than 20" in few.reason


def test_all_that_there_is_of_booleans_is_four() -> None:
    found = scope(Seen({"a": bool, "b": bool}, Call((True, True), {})), 10_000)
    assert len(found.payloads) == 4


def test_nothing_in_an_input_is_held_twice() -> None:
    inner = [1]
    row = apart(([inner, inner], {1: inner}))
    assert row == ([[1], [1]], {1: [1]})
    assert len({id(inner), id(row[0][0]), id(row[0][1]), id(row[1][1])}) == 4


def test_globals_that_differ_between_calls_are_told() -> None:
    payloads = [dump((1,), {("m", "LIMIT"): limit}) for limit in (5, 6)]
    state = lambda call: repr(call.globals).encode()  # noqa: E731
    assert Seen.of(payloads, ["x"], state).beside == (IN_ONE_STATE,)
    assert Seen.of(payloads[:1], ["x"], state).beside == ()


def test_one_small_input_among_thousands_takes_the_verdict_back(passed: Further) -> None:
    found = passed("never_but_one", "as_if_never", (7, 8, 9), bounded=2000)
    assert found.same == "different" and not found.promotable
    assert found.reason == "the result differs, on an input of a small space"
    assert "int" in found.counterexample and "-5" not in found.counterexample


def test_a_space_of_which_every_input_agrees_is_evidence(passed: Further) -> None:
    found = passed("first", "first_of", ([1, 2],))
    assert found.same == "same"
    space = "xs: lists of up to 3 items (ints from -2 to 2)"
    assert found.evidence == (
        "fuzzed 3",
        f"validated over a bounded space of 156 inputs ({space})",
    )


def test_what_is_left_to_the_original_is_told(tmp_path: Path) -> None:
    shop = Bench(tmp_path, "def same(x):\n    return x\n")
    guarded = "def same(x):\n    if x < 0:\n        '\\0selfsame:d'()\n    return x\n"
    constants = (Constant("\0selfsame:d", "deopt"),)
    request = shop.request("same", guarded, [dump((1,), {})], constants=constants)
    (_, claim) = further(PASSED, request, bounded=21, seconds=30.0).evidence
    assert claim == (
        "validated over a bounded space of 21 inputs (x: ints from -10 to 10), "
        "of which 10 are left to the original"
    )


def test_a_space_of_which_some_inputs_say_nothing_is_no_such_evidence(passed: Further) -> None:
    found = passed("doubled", "twice", (1,))
    assert found.evidence == ("fuzzed 3",)
    assert found.notes[0].startswith("502 of the 999 inputs of a small space gave the same")


def test_a_space_for_which_there_is_no_time_is_no_such_evidence(
    passed: Further, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.runtime.shadow.further.INPUT_S", 1e-6)
    found = passed("first", "first_of", ([1, 2],), bounded=10_000, seconds=0.05)
    assert found.same == "same" and "validated" not in repr(found.evidence)
    assert "of the 2,801 inputs of a small space" in found.notes[0]


def test_less_time_makes_a_smaller_space(passed: Further, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfsame.runtime.shadow.further.INPUT_S", 0.1)
    found = passed("first", "first_of", ([1, 2],), bounded=10_000, seconds=20.0)
    assert "lists of up to 3 items" in found.evidence[-1]


def test_values_that_have_no_small_space_are_left_alone(passed: Further) -> None:
    assert passed("first", "first_of", ([object()],)).evidence == ("fuzzed 3",)


def test_what_is_not_the_same_is_left_as_it_is(tmp_path: Path) -> None:
    told = replace(PASSED, same="different")
    (tmp_path / "a.py").write_text("def f(x): return x\n")
    request = request_for(named(f"{tmp_path / 'a.py'}:f", []), [], 1.0)
    assert further(told, request, bounded=10) is told


def test_many_mutations_are_compared(passed: Further) -> None:
    calls = [([1, 2, 3],), ([4],)]
    found = passed("total", "total_of_few", *calls, bounded=0, mutated_s=4.0)
    assert found.same == "different"
    assert found.reason == "the result differs, on an input that was mutated"
    found = passed("total", "total_again", *calls, bounded=0, mutated_s=2.0)
    before, more = found.evidence
    assert before == "fuzzed 3" and more.startswith("fuzzed ") and more.endswith(" more")
    assert int(more.split()[1].replace(",", "")) > 300
