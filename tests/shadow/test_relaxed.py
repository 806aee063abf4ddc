"""What CDL's `equality` relaxes: the order of items, texts of exceptions, calls that raise."""

import dataclasses
from typing import Any

import pytest

from selfsame.compiler.constraints.bind import NodeName, bind
from selfsame.grammar.parse import parse_text
from selfsame.runtime.monitor.judge import Outcome as Answer
from selfsame.runtime.monitor.judge import Verdict
from selfsame.runtime.mutation.promotion import decide
from selfsame.runtime.mutation.requests import aim_of
from selfsame.runtime.shadow.consume import Consumed
from selfsame.runtime.shadow.encoder import Encoder
from selfsame.runtime.shadow.order import in_one_order
from selfsame.runtime.shadow.outcome import Outcome, Tolerance, difference
from selfsame.runtime.shadow.request import Trial
from selfsame.runtime.shadow.statistics import Effect


def outcome(value: object, tolerance: Tolerance, *before: object) -> Outcome:
    encoder = Encoder(tolerance.floats, tolerance.any_message)
    parts = [("argument", encoder.part(before))]
    if tolerance.unordered:
        value = in_one_order(encoder, value)
    parts.append(("result", encoder.part(value)))
    return Outcome("returned", tuple(parts), encoder.floats.tobytes())


ANY_ORDER = Tolerance(unordered=True)
NEAR = Tolerance(relative=1e-9, unordered=True)
INNER = [1]


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "same"),
    [
        ([3, 1, 2], [1, 2, 3], ANY_ORDER, True),
        ([3, 1, 2], [1, 2, 3], Tolerance(), False),
        ([3, 1, 2, 2], [1, 2, 3, 3], ANY_ORDER, False),
        ([3, 1, 2], (1, 2, 3), ANY_ORDER, False),
        ((3, "a", None), ("a", None, 3), ANY_ORDER, True),
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, ANY_ORDER, True),
        ({"a": 1, "b": [2]}, {"b": [1], "a": 2}, ANY_ORDER, False),
        ([[1, 2], [3]], [[3], [1, 2]], ANY_ORDER, True),
        ([[1, 2], [3]], [[3], [2, 1]], ANY_ORDER, False),
        ([INNER, INNER], [[1], [1]], ANY_ORDER, False),
        ([True, 1], [1, True], ANY_ORDER, True),
        ([("a", 0.1 + 0.2), ("b", 1.0)], [("b", 1.0), ("a", 0.3)], NEAR, True),
        ([("a", 0.1 + 0.2), ("b", 1.0)], [("b", 1.0), ("a", 0.3)], ANY_ORDER, False),
        ([0.3, float("nan"), 1.0], [1.0, 0.1 + 0.2, float("nan")], NEAR, True),
        ([0.3, 1.0], [0.4, 1.0], NEAR, False),
        (Consumed("iterator", [2, 1], "end"), Consumed("iterator", [1, 2], "end"), ANY_ORDER, True),
        (Consumed("iterator", [2, 1], "end"), Consumed("iterator", [1, 2], "more"), ANY_ORDER, False),
    ],
)  # fmt: skip
def test_items_in_any_order(one: object, other: object, tolerance: Tolerance, same: bool) -> None:
    found = difference(outcome(one, tolerance), outcome(other, tolerance), tolerance)
    assert (found == "") is same, found


def test_an_argument_that_comes_back_keeps_its_order() -> None:
    one, other = [2, 1], [1, 2]
    encoder = Encoder()
    assert in_one_order(encoder, one) == [1, 2]
    assert not encoder.memo
    encoder.part(other)
    assert in_one_order(encoder, other) is other
    assert difference(outcome(one, ANY_ORDER, one), outcome([1, 2], ANY_ORDER, one), ANY_ORDER)


class Failed(Exception):
    def __init__(self, text: str, code: int) -> None:
        super().__init__(text, code)
        self.text, self.code = text, code


def test_exceptions_with_any_message() -> None:
    loose = Tolerance(any_message=True)

    def differ(one: BaseException, other: BaseException, tolerance: Tolerance = loose) -> bool:
        return difference(outcome(one, tolerance), outcome(other, tolerance), tolerance) != ""

    assert differ(ValueError("a"), ValueError("b"), Tolerance())
    assert not differ(ValueError("a"), ValueError("b"))
    assert differ(ValueError("a"), TypeError("a"))
    assert not differ(Failed("a", 1), Failed("b", 1))
    assert differ(Failed("a", 1), Failed("a", 2))
    noted = ValueError("a")
    noted.add_note("while reading")
    assert not differ(noted, ValueError("b"))


CURE = """def find(text, words):
    found = dict.fromkeys(word for word in words if word in text)
    return list(found)
"""
SUFFERS = """def find(text, words):
    found = dict.fromkeys(word for word in words if word in text)
    if not found:
        print(text)
    return list(found)
"""
OTHERWISE = """def find(text, words):
    found = set(word for word in words if word in text)
    if not found:
        raise LookupError("nothing is there")
    return list(found)
"""


def test_calls_in_which_the_original_raises_decide_nothing(bench: Any, texts: list[bytes]) -> None:
    how = {"tolerance": Tolerance(where_succeeds=True), "min_calls": 20, "amplified": 20}
    exact = bench.trial("find", CURE, texts, min_calls=20, amplified=20)
    assert (exact.same, exact.reason) == ("different", "one raised, the other returned")
    trial = bench.trial("find", CURE, texts, objective="errors", **how)
    assert trial.same == "same", trial.reason
    raised = sum(trial.raised.values())
    assert set(trial.raised) == {"builtins.LookupError"}
    assert trial.raised_after == {}
    assert trial.captured + raised == len(set(texts))
    assert trial.cured == raised >= 3
    flagged = bench.trial("find", SUFFERS, texts, **how)
    assert (flagged.same, flagged.reason) == ("different", "a call of the variation prints")


def test_order_and_messages_of_a_whole_trial(bench: Any, texts: list[bytes]) -> None:
    how = {"min_calls": 20, "amplified": 20, "timed": False}
    assert bench.trial("find", OTHERWISE, texts, **how).same == "different"
    loose = Tolerance(unordered=True, any_message=True)
    trial = bench.trial("find", OTHERWISE, texts, tolerance=loose, **how)
    assert trial.same == "same", trial.reason


def constraints(text: str) -> Any:
    found = bind([parse_text(f"constraint m:f {{ {text} }}", "a.cdl")], [NodeName("m:f")]).of("m:f")
    assert found is not None
    return found


def errors(bound: str, rate: float) -> Verdict:
    return Verdict(bound, "error_rate", Answer.FAIL, rate, 0.01, 200, None, "")


def test_a_rewrite_that_cures_errors_is_promoted_where_it_meets_the_bound() -> None:
    said = constraints("error_rate: < 1%, algorithm: [f, g], equality: where_succeeds")
    trial = Trial(
        "m:f", "same", "not faster", "", objective="errors", speedup=Effect(0.95, 0.9, 1.0),
        raised={"builtins.KeyError": 9, "m.Late": 1}, raised_after={"m.Late": 1},
    )  # fmt: skip
    assert trial.promotable
    assert decide(trial, said, [errors("error_rate", 0.05)]).promote
    assert decide(trial, said, [errors("error_rate", 0.05)]).reason == (
        "it returns in 9 captured calls in which the original raises; error_rate 5 % -> 0.5 %"
    )
    assert not decide(trial, said, [errors("error_rate", 0.5)]).promote
    late = constraints("error_rate[Late]: < 1%, algorithm: [f, g], equality: where_succeeds")
    assert not decide(trial, late, [errors("error_rate[Late]", 0.05)]).promote
    slow = dataclasses.replace(trial, speedup=Effect(0.4, 0.3, 0.5))
    assert not slow.promotable
    assert not dataclasses.replace(trial, raised={"m.Late": 3}).promotable


@pytest.mark.parametrize(
    ("text", "failing", "aim"),
    [
        ("error_rate: 1%, equality: where_succeeds", ["error_rate"], "errors"),
        ("error_rate: 1%", ["error_rate"], "time"),
        ("error_rate: 1%, equality: where_succeeds", ["error_rate", "execution_time"], "time"),
        ("memory_usage: 1MB", ["memory_usage"], "memory"),
        ("objective: minimise memory_usage", [], "memory"),
        ("objective: minimise p99_execution_time and memory_usage", [], "both"),
        ("objective: minimise memory_usage and p99_execution_time", [], "both"),
        ("objective: minimise mean_execution_time and p99_execution_time", [], "time"),
    ],
)
def test_what_a_variation_must_be_better_at(text: str, failing: list[str], aim: str) -> None:
    assert aim_of(constraints(text), failing) == aim


@pytest.mark.parametrize(
    ("faster", "speedup", "leaner", "memory", "better"),
    [
        ("faster", 2.0, "not leaner", 1.0, True),
        ("faster", 2.0, "not leaner", 0.5, False),
        ("not faster", 1.0, "leaner", 2.0, True),
        ("not faster", 0.8, "leaner", 2.0, False),
        ("not faster", 1.0, "not leaner", 1.0, False),
    ],
)
def test_of_two_aims_neither_may_suffer(
    faster: Any, speedup: float, leaner: Any, memory: float, better: bool
) -> None:
    def effect(ratio: float) -> Effect:
        return Effect(ratio, ratio, ratio)

    trial = Trial(
        "m:f", "same", faster, "", leaner, "both", effect(speedup), effect(memory)
    )  # fmt: skip
    assert trial.promotable is better
    unknown = dataclasses.replace(trial, memory=None, leaner="inconclusive")
    assert not unknown.promotable
    assert trial.gain == speedup * memory
