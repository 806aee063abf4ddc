"""Numbers and lengths of an input, run through all small values."""

from typing import Any

from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.sweeps import NUMBERS, sweeps


class Page:
    def __init__(self, width: int, lines: list[str]) -> None:
        self.width, self.lines, self.wide = width, lines, True


def swept(*parameters: Any) -> list[tuple[Any, ...]]:
    return [Call.of(payload).parameters for payload in sweeps(dump(parameters, {}))]


def test_a_number_takes_every_small_value() -> None:
    found = [(number, text) for number, text in swept(5, "")]
    assert found == [(number, "") for number in NUMBERS if number != 5]


def test_texts_and_lists_take_every_length() -> None:
    texts = [text for text, _ in swept("abc", None)]
    assert {len(text) for text in texts} == set(range(81)) - {3}
    assert {"", "ab", "abca", "abcabcab"}.issubset(texts)
    assert [1, 2, 1] in [items for (items,) in swept([1, 2])]


def test_attributes_of_a_parameter_are_swept_one_at_a_time() -> None:
    found = [page for (page,) in swept(Page(70, ["a"]))]
    assert {page.width for page in found if page.lines == ["a"]} == set(NUMBERS) - {70}
    assert {len(page.lines) for page in found if page.width == 70} == set(range(81)) - {1}
    assert all(page.wide is True for page in found)
