"""Inputs that come to a place, cut down and varied."""

from collections.abc import Iterator
from typing import Any

from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.reach import Span
from selfsame.runtime.shadow.staying import smallest, staying

HERE: Span = (1, 1, 0, 1)


def payload(*parameters: Any) -> bytes:
    return dump(parameters, {})


def parameters(made: bytes) -> tuple[Any, ...]:
    return Call.of(made).parameters


def test_texts_and_lists_are_cut_down_to_what_holds() -> None:
    def holds(made: bytes) -> bool:
        text, items, _ = parameters(made)
        return "x" in text and "y" in text and 7 in items

    given = payload("a" * 300 + "x" + "b" * 40 + "y", list(range(100)), {"a": 1})
    assert parameters(smallest(given, holds)) == ("xy", [7], {"a": 1})


def test_what_holds_as_a_whole_only_stays_whole() -> None:
    given = payload("abcdefgh", 3)
    assert smallest(given, lambda made: made == given) == given


def test_only_what_still_comes_there_is_kept_and_gone_on_from() -> None:
    def coming(made: bytes) -> set[Span]:
        return {HERE} if parameters(made)[0].endswith(" ") else set()

    def mutations(pool: list[bytes]) -> Iterator[bytes]:
        for number in range(20):
            (text,) = parameters(pool[-1])
            yield payload(f"{number}{text}" if number % 2 else text.strip())

    found = [parameters(made)[0] for made in staying([payload("ab ")], coming, mutations, 60.0)]
    assert found[:4] == ["ab ", " ", "1 ", "31 "]
    assert len(found) == 12
