"""Calls hold instances of classes that the node's own module never imports."""

import importlib
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.loading import Home

REPORTS = """
def revenue(orders):
    total = 0
    for order in orders:
        total += order.amount()
    return total
"""
ADDS_UP = "def revenue(orders):\n    return sum([order.amount() for order in orders])\n"
LEAVES_ONE_OUT = "def revenue(orders):\n    return sum([order.amount() for order in orders[1:]])\n"
MODELS = """
class Order:
    def __init__(self, price, quantity):
        self.price = price
        self.quantity = quantity

    def amount(self):
        return self.price * self.quantity
"""


@pytest.fixture
def reports(bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "models.py").write_text(MODELS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "models", raising=False)
    return type(bench)(tmp_path, REPORTS, "reports")


def _orders(cls: Any, calls: int = 60) -> list[bytes]:
    return [
        pickle.dumps({"args": ([cls(n + 1, k + 1) for k in range(5)],), "globals": {}})
        for n in range(calls)
    ]


def _trial(bench: Any, variation: str, calls: list[bytes], *beside: Home) -> Any:
    return bench.trial("revenue", variation, calls, beside=beside, timed=False)


def test_classes_of_a_module_that_the_program_has_beside_it(reports: Any) -> None:
    home = Home("models", str(reports.folder / "models.py"), False)
    calls = _orders(importlib.import_module("models").Order)
    assert _trial(reports, ADDS_UP, calls, home).same == "same"
    assert _trial(reports, LEAVES_ONE_OUT, calls, home).same == "different"
    unknown = _trial(reports, ADDS_UP, calls)
    assert unknown.same == "inconclusive"
    assert "names models.Order" in unknown.reason


def test_classes_of_the_script_that_runs(reports: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    script = reports.folder / "app.py"
    script.write_text(MODELS + "\nraise SystemExit('a script is not run again')\n")
    main: Any = type(sys)("__main__")
    exec(MODELS, vars(main))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "__main__", main)
        calls = _orders(main.Order)
    assert b"__main__" in calls[0]
    home = Home("app", str(script), True)
    assert _trial(reports, ADDS_UP, calls, home).same == "same"
    assert _trial(reports, LEAVES_ONE_OUT, calls, home).same == "different"


def test_a_module_beside_it_whose_import_does_things_refuses_the_node(reports: Any) -> None:
    calls = _orders(importlib.import_module("models").Order)
    models = reports.folder / "models.py"
    models.write_text(MODELS + f"\nopen({str(reports.folder / 'trace')!r}, 'w').close()\n")
    refused = _trial(reports, ADDS_UP, calls, Home("models", str(models), False)).refused
    assert refused.startswith("importing models")
    assert not (reports.folder / "trace").exists()
