"""Shape windows: what arguments are, who calls, how often arguments come again. Never the values."""

from __future__ import annotations

import marshal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.shapes import MOST_NS, Shapes, size_of, type_of
from selfsame.runtime.link.histogram import bucket

from .test_windows import Program

if TYPE_CHECKING:
    from .conftest import Engine

ran: list[str] = []


class Meta(type):
    def __eq__(cls, other: object) -> bool:
        ran.append("==")
        return True

    def __hash__(cls) -> int:
        ran.append("hash")
        return 1


class Loud(list[int], metaclass=Meta):
    def __len__(self) -> int:
        ran.append("len")
        return 3

    def __sizeof__(self) -> int:
        ran.append("sizeof")
        return 3

    def __iter__(self) -> Any:
        ran.append("iter")
        return iter(())

    def __bool__(self) -> bool:
        ran.append("bool")
        return True


class Pretender:
    @property
    def __class__(self) -> Any:
        ran.append("class")
        return list

    def __getattribute__(self, name: str) -> Any:
        ran.append(name)
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("value", [Loud([1]), Pretender(), [Loud([1])], {"a": Pretender()}])
def test_no_code_of_the_users_runs(value: object) -> None:
    ran.clear()
    shapes = Shapes(("x",), Registry([]))
    assert shapes.take((value,)) > 0
    assert ran == []


def test_sizes_count_what_is_held() -> None:
    small, large = size_of([b"x" * 10] * 1000), size_of([b"x" * 10_000] * 1000)
    assert large - small == 1000 * 9_990
    assert size_of({"k": "v" * 5_000}) > 5_000
    assert size_of((1, (2, (3, (4, (5,)))))) > 0


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (1, "int"),
        ([], "list"),
        ([1, "a"], "list[int]"),
        ({"a": [1]}, "dict[str, list]"),
        (SimpleNamespace(), "SimpleNamespace"),
        (frozenset("a"), "frozenset[str]"),
    ],
)
def test_types_are_exact(value: object, name: str) -> None:
    assert type_of(value) == name


def test_a_cycle_ends_and_its_time_is_bounded() -> None:
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    assert size_of(cyclic) > 0
    shapes = Shapes(("x",), Registry([]))
    shapes.spent = MOST_NS
    assert shapes.take((1,)) == -1
    assert shapes.full


def test_arguments_that_come_again_are_counted_without_being_kept() -> None:
    shapes = Shapes(("a", "b"), Registry([]))
    for n in (1, 2, 1, 1, 3):
        shapes.spent = 0  # whatever a busy machine made of it
        shapes.done(shapes.take((n, ["secret"])), 1000)
    shapes.spent = 0
    shapes.done(shapes.take((open, object())), 1000)  # no digest of what may not be captured
    fields = shapes.fields()
    assert (fields["calls"], fields["digested"], fields["repeats"]) == (6, 5, 2)
    assert b"secret" not in marshal.dumps(fields)


NESTED = """\
import functools, sys
def leaf(items, k=1):
    return len(items) * k
def direct(n):
    return leaf([0] * n)
def sorting(n):
    return sorted([[0] * n], key=leaf)
def comprehending(n):
    return [leaf([0] * n, k) for k in (1, 2)]
def partly(n):
    return functools.partial(leaf, k=3)([0] * n)
"""


def test_a_window_says_who_calls_and_what_is_passed(engine: Engine) -> None:
    program = Program(engine, NESTED)
    program.open("leaf", "shape", "        return len(items) * k", "items, k=1", calls=5)
    assert program.ask("direct(10)") == "10"
    program.ask("sorting(20), comprehending(10), partly(10)")
    shaped = program.wait("shaped")[0]
    program.end()
    assert shaped["closed"] == "calls"
    edges = {row[0][1]: row[1:] for row in shaped["edges"]}
    calls = {name: row[0] for name, row in edges.items()}
    assert calls == {"direct": 1, "sorting": 1, "comprehending": 2, "partly": 1}
    passed, sizes = edges["comprehending"][1:3]
    assert 2 * 80 <= passed <= 2 * 1000  # ten pointers and two ints, twice
    assert sizes == {bucket(passed // 2): 2}
    (_, types, sized, length, longest, *_), (_, ks, *_) = shaped["parameters"]
    assert types == {"list[int]": 5}
    assert (sized, length, longest) == (5, 60, 20)
    assert ks == {"int": 5}
    assert (shaped["digested"], shaped["repeats"]) == (5, 1)


def test_time_that_was_spent_looking_is_not_the_callers(engine: Engine) -> None:
    program = Program(
        engine,
        "import sys\ndef leaf(items):\n    return 0\ndef caller(n):\n    for _ in range(n): leaf(BIG)\n"
        "BIG = [[str(n)] * 10 for n in range(300)]\n",
    )
    program.open("leaf", "shape", "        return 0", "items")
    program.open("caller", "time", "        for _ in range(n): leaf(BIG)", "n", calls=1)
    program.ask("caller(20)")
    timed = program.wait("window")[0]
    program.peer.send(t="quit")
    program.engine.wait(lambda: program.peer.of("shaped"))
    spent = program.peer.of("shaped")[0]["spent_ns"]
    program.end()
    assert timed["total_ns"] < spent
