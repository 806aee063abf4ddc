"""``selfsame.trial`` and ``selfsame.assert_selfsame``: the verb's machinery for function objects."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import selfsame

TEXT = """
def total(rows: list[int]) -> int:
    count = 0
    for row in rows:
        count += row
    return count

def total_fast(rows: list[int]) -> int:
    return sum(rows)

def total_wrong(rows: list[int]) -> int:
    return sum(rows[1:])
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "totals.py").write_text(TEXT)
    monkeypatch.syspath_prepend(str(tmp_path))
    spec = importlib.util.find_spec("totals")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["totals"] = made
    spec.loader.exec_module(made)
    yield made
    del sys.modules["totals"]


def test_two_functions_that_are_the_same(module: ModuleType) -> None:
    found = selfsame.trial(module.total, module.total_fast, budget_s=8)
    assert found.same == "same", found.reason
    selfsame.assert_selfsame(module.total, module.total_fast, [([1, 2, 3],)], budget_s=8)


def test_two_functions_that_differ(module: ModuleType) -> None:
    calls = [([number, 2, 3],) for number in range(1, 40)]
    found = selfsame.trial(module.total, module.total_wrong, calls, budget_s=8)
    assert found.same == "different" and found.counterexample
    with pytest.raises(AssertionError, match="total_wrong is not total"):
        selfsame.assert_selfsame(module.total, module.total_wrong, calls, budget_s=8)


def test_what_cannot_be_tried_is_said(module: ModuleType) -> None:
    with pytest.raises(TypeError):
        selfsame.trial(len, module.total)
    with pytest.raises(TypeError, match="a call is a tuple or a dict"):
        selfsame.trial(module.total, module.total_fast, [[1, 2]])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        selfsame.trial(module.total, module.total_fast, [(1, 2, 3)])
