"""Searches by symbols: what they find is compared, what they do not find is no proof."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow import bench
from selfsame.runtime.shadow.further import further
from selfsame.runtime.shadow.pair import named, request_for
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.request import Trial
from selfsame.runtime.shadow.symbolic import NOT_INSTALLED, Found
from selfsame.variants.variation import Constant

from .conftest import Bench

with_crosshair = pytest.mark.skipif(
    importlib.util.find_spec("crosshair") is None, reason="crosshair-tool is not installed"
)
SOURCE = """
import os

LIMIT = 1000


class Cart:
    def __init__(self):
        self.size = 4711


def same(x):
    return x


def nothing(*_):
    return False


def far(x):
    return (x * 31 + 7) % 1_000_003 == 4242


def both_far(x: int, y: int) -> int:
    if (x * 31 + 7) % 1_000_003 == 4242 and y > 10**6:
        return 1
    return 0


def never(x: int, y: int) -> int:
    return 0


def text(s):
    return s.startswith("ab") and len(s) == 9


def looked_up(prices, n):
    return prices.get(n, 0) == 4711 * 13


def in_cart(cart, n):
    return n * 3 == cart.size * 9


def raises(x):
    if x * 7 == 7 * 99_991:
        raise KeyError(x)
    return x


def ends(x):
    if x * 7 == 7 * 99_991:
        raise SystemExit(3)
    return x


class Mine(BaseException):
    pass


def mine(x):
    if x * 7 == 7 * 99_991:
        raise Mine
    return x


def dies(x):
    if x * 7 == 7 * 99_991:
        os._exit(3)
    return x


def hangs(x):
    while x * 7 == 7 * 99_991:
        pass
    return x


def greater(x):
    return x > 3


def greater_as_int(x):
    return 1 if x > 3 else 0


def copied(xs):
    return list(xs)


def emptied(xs):
    if len(xs) == 3 and xs[0] == 77_777:
        xs.clear()
    return 0


def clamp(x: int, low: int, high: int) -> int:
    return max(low, min(x, high))


def clamp_by_ifs(x: int, low: int, high: int) -> int:
    if x > high:
        x = high
    return x if x > low else low


def under_limit(x):
    return x if x < LIMIT else LIMIT


def under_limit_too(x):
    return min(LIMIT, x)


def above_one(x):
    return x > 1.0


def one_below(x):
    return 1.0 < x


def summed(xs):
    total = 0
    for x in xs:
        total += x
    return total


def sum_of(xs):
    return sum(xs)


def generated(x):
    yield x


def all_of(*xs):
    return xs
"""
PASSED = Trial("a:f", "same", "faster", "", evidence=("fuzzed 3",))
GRADE = "symbolically searched: CrossHair took every way through both, "
Search = Callable[..., Trial]


@pytest.fixture
def searched(tmp_path: Path) -> Search:
    """Searches for what tells two functions of `SOURCE` apart, as if they had passed with these calls."""
    file = tmp_path / "searched.py"
    file.write_text(SOURCE)

    def go(first: str, second: str, *calls: tuple[Any, ...], seconds: float = 30.0) -> Trial:
        one = named(f"{file}:{first}", [])
        other = named(f"{file}:{second}", [], one)
        payloads = [dump(call, {}) for call in calls]
        request = request_for(one, [str(tmp_path)], 20.0, payloads)
        request = replace(request, other=other.target)
        return further(PASSED, request, symbolic_s=seconds)

    return go


@with_crosshair
@pytest.mark.parametrize(
    ("first", "second", "call"),
    [
        ("far", "nothing", (1,)),
        ("both_far", "never", (1, 2)),
        ("text", "nothing", ("a",)),
        ("looked_up", "nothing", ({1: 2}, 3)),
        ("raises", "same", (1,)),
        ("ends", "same", (1,)),
        ("mine", "same", (1,)),
        ("greater", "greater_as_int", (1,)),
        ("same", "copied", ([1],)),
        ("emptied", "never", ([1],)),
    ],
)
def test_an_input_that_chance_does_not_find(
    searched: Search, tmp_path: Path, first: str, second: str, call: tuple[Any, ...]
) -> None:
    if second in ("nothing", "never"):  # with the parameters of the other
        names = ", ".join("abc"[: len(call)])
        with (tmp_path / "searched.py").open("a") as file:
            file.write(f"\n\ndef as_many({names}):\n    return {second}(1, 2)\n")
        second = "as_many"
    found = searched(first, second, call)
    assert found.same == "different" and not found.promotable, found.notes
    assert found.reason.endswith(", on an input that CrossHair found")
    assert "99991" not in found.counterexample and found.counterexample


@with_crosshair
@pytest.mark.parametrize(
    ("first", "second", "call", "told"),
    [
        ("clamp", "clamp_by_ifs", (1, 2, 3), "x: int; low: int; high: int"),
        ("under_limit", "under_limit_too", (1,), "x: int"),
        ("raises", "raises", (1,), "x: int"),
    ],
)
def test_every_way_taken_is_evidence(
    searched: Search, first: str, second: str, call: tuple[Any, ...], told: str
) -> None:
    found = searched(first, second, call)
    assert found.same == "same"
    before, claim = found.evidence
    assert before == "fuzzed 3" and claim.startswith(GRADE) and claim.endswith(f"({told})")


@with_crosshair
def test_ways_that_never_end_are_no_proof(searched: Search) -> None:
    found = searched("summed", "sum_of", ([1, 2],), seconds=2.0)
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert (
        "found no input on which the two differ: that is no proof (xs: list[int])" in found.notes[0]
    )


@with_crosshair
def test_a_search_without_time_says_nothing(searched: Search) -> None:
    found = searched("summed", "sum_of", ([1, 2],), seconds=1e-9)
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert found.notes[0].startswith("CrossHair took 0 ways")


@with_crosshair
def test_floats_taken_for_real_numbers_are_no_proof(searched: Search) -> None:
    found = searched("above_one", "one_below", (1.5,))
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert "that is no proof" in found.notes[0]


@with_crosshair
def test_parameters_that_have_no_symbols_stay_as_they_were_seen(
    searched: Search, tmp_path: Path
) -> None:
    (tmp_path / "searched.py").write_text(SOURCE + "\n\ndef not_in(cart, n):\n    return False\n")
    sys.path.insert(0, str(tmp_path))
    try:
        module = __import__("searched")
        cart = module.Cart()
        found = searched("in_cart", "not_in", (cart, 1))
        assert found.same == "different"
        found = searched("in_cart", "in_cart", (cart, 1))
        assert found.evidence == ("fuzzed 3",)
        assert "n: int; cart as it was in one call" in found.notes[0]
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("searched", None)


@with_crosshair
@pytest.mark.parametrize(
    ("first", "call", "reason"),
    [
        ("generated", (1,), "it is a generator function"),
        ("same", (object(),), "'x' is a object"),
        ("same", ([],), "'x' is a list that was always empty"),
        ("all_of", ((1, 2),), "'xs' is all that remains"),
    ],
)
def test_what_cannot_be_searched_is_told(
    searched: Search, first: str, call: tuple[Any, ...], reason: str
) -> None:
    found = searched(first, first, call)
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert found.notes == (f"not searched symbolically: {reason}",)


@with_crosshair
@pytest.mark.parametrize(
    ("first", "why"),
    [("dies", "its worker ended with exit code 3"), ("hangs", "its worker did not answer in time")],
)
def test_a_search_that_loses_its_worker_says_so(searched: Search, first: str, why: str) -> None:
    found = searched(first, "same", (1,), seconds=6.0)
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert "the symbolic search came to no end after" in found.notes[0] and why in found.notes[0]


@with_crosshair
def test_what_is_named_is_not_believed(searched: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    says = Found(differing=[dump((5,), {})], ways=1, exhausted=True, over=True, told="x: int")
    monkeypatch.setattr(bench.Bench, "search", lambda *_: says)
    found = searched("same", "same", (1,))
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert found.notes[0].startswith("CrossHair named 1 inputs on which the two would differ")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("ModuleNotFoundError('crosshair')", NOT_INSTALLED),
        ("ValueError", "CrossHair does not load here (ValueError)"),
    ],
)
def test_without_crosshair_trials_go_on_and_say_so(
    searched: Search, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str, told: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "crosshair.py").write_text(f"raise {error}\n")
    monkeypatch.setenv("PYTHONPATH", str(elsewhere))
    found = searched("far", "same", (1,))
    assert found.same == "same" and found.notes == (f"not searched symbolically: {told}",)


@with_crosshair
def test_selfsame_trial_searches_where_it_is_asked_to(tmp_path: Path) -> None:
    (tmp_path / "searched.py").write_text(SOURCE)
    asked = ["searched.py:both_far", "searched.py:never", "--budget", "5s", "--json"]

    def trial(*more: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "selfsame", "trial", *asked, *more]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts

    assert trial()["verdict"] == "inconclusive"
    found = trial("--symbolic", "10s")
    assert found["verdict"] == "different"
    assert found["reason"] == "the result differs, on an input that CrossHair found"


@with_crosshair
@pytest.mark.parametrize(
    ("first", "constant"),
    [
        ("'\\0selfsame:d'()", Constant("\0selfsame:d", "deopt")),
        ("d = '\\0selfsame:d'", Constant("\0selfsame:d", "import", "msgspec._core", "Struct")),
    ],
    ids=["runs the original", "compiled"],
)
def test_a_variation_that_formulas_do_not_come_through_is_not_called_searched(
    tmp_path: Path, first: str, constant: Constant
) -> None:
    original = "def greater(x):\n    return x > 3\n"
    shop = Bench(tmp_path, original)
    variation = f"def greater(x):\n    {first}\n    return x > 3\n"
    calls = [dump((1,), {})]
    found = further(
        PASSED, shop.request("greater", variation, calls, constants=(constant,)), symbolic_s=5.0
    )
    assert found.same == "same" and found.evidence == ("fuzzed 3",)
    assert "that is no proof" in found.notes[0]
    found = further(PASSED, shop.request("greater", original, calls), symbolic_s=5.0)
    assert found.evidence[1].startswith(GRADE)
