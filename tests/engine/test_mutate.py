"""Which of several variations that may be promoted `mutate_node` takes."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.grammar.model import Canary
from selfsame.runtime.mutation.mutate import Interrupted, mutate_node
from selfsame.runtime.mutation.promotion import Decision, first_share
from selfsame.variants.catalogue import variations_for
from selfsame.variants.site import Site
from selfsame.variants.variation import Variation


class Workshop:
    """Promotes whatever has a gain above one, and remembers what was said."""

    def __init__(self, gains: dict[str, tuple[float, bool]]) -> None:
        self.gains = gains
        self.said: list[str] = []
        self.promoted: list[tuple[str, str | None]] = []

    def generate_variations(self, node: Any) -> Sequence[Variation]:
        return [
            Variation("m:f", name, "container", "", "", b"", scales=scales)
            for name, (_, scales) in self.gains.items()
        ]

    def shadow(self, node: Any, variation: Variation, to_beat: float) -> Any:
        return SimpleNamespace(gain=self.gains[variation.template][0])

    def decide(self, trial: Any, node: Any, violated: Any) -> Decision:
        return Decision(trial.gain > 1, "")

    def promote(
        self, node: Any, variation: Variation, trial: Any, decision: Decision, instead_of: Any
    ) -> str | None:
        self.promoted.append((variation.template, instead_of and instead_of.template))
        return variation.template

    def log(self, kind: str, node: Any, reason: str, **numbers: object) -> None:
        self.said.append(kind)


@pytest.mark.parametrize(
    ("gains", "chosen"),
    [
        ({"a": (2.0, False), "b": (3.0, False)}, "b"),
        ({"compiled": (1.9, False), "deque": (1.2, True)}, "deque"),
        ({"compiled": (40.0, False), "deque": (1.2, True)}, "compiled"),
        ({"deque": (0.9, True), "compiled": (1.3, False)}, "compiled"),
        ({"deque": (0.9, True)}, None),
    ],
)
def test_the_best_may_be_the_one_whose_gain_grows(
    gains: dict[str, tuple[float, bool]], chosen: str | None
) -> None:
    workshop = Workshop(gains)
    assert mutate_node(SimpleNamespace(), [], workshop) == chosen  # type: ignore[arg-type]
    assert "promoted" in workshop.said if chosen else workshop.said[-1] == "unchanged"
    assert workshop.promoted[-1:] == ([(chosen, ANY)] if chosen else [])


def test_what_passed_runs_while_others_are_tried() -> None:
    gains = {"first": (2.0, False), "as_good": (2.1, False), "better": (3.0, False)}
    workshop = Workshop(gains)
    assert mutate_node(SimpleNamespace(), [], workshop) == "better"  # type: ignore[arg-type]
    assert workshop.promoted == [("first", None), ("better", "first")]


def test_nothing_takes_the_place_of_what_is_no_longer_there() -> None:
    class RolledBack(Workshop):
        def promote(self, *args: Any) -> str | None:
            made = super().promote(*args)
            return made if args[-1] is None else None

    gains = {"first": (2.0, False), "better": (3.0, False), "best": (9.0, False)}
    workshop = RolledBack(gains)
    assert mutate_node(SimpleNamespace(), [], workshop) == "first"  # type: ignore[arg-type]
    assert workshop.promoted == [("first", None), ("better", "first")]


def test_what_passed_has_to_be_beaten() -> None:
    asked = {}

    class Asked(Workshop):
        def shadow(self, node: Any, variation: Variation, to_beat: float) -> Any:
            asked[variation.template] = to_beat
            return super().shadow(node, variation, to_beat)

    gains = {
        "slower": (0.5, False),
        "first": (1.5, True),
        "second": (6.0, False),
        "third": (9, True),
    }
    assert mutate_node(SimpleNamespace(), [], Asked(gains)) == "third"  # type: ignore[arg-type]
    assert asked == pytest.approx({"slower": 1.0, "first": 1.0, "second": 4.95, "third": 2.2})


class Ending(Workshop):
    """The engine ends while the template ``last`` is tried."""

    def __init__(self, gains: dict[str, tuple[float, bool]], last: str) -> None:
        super().__init__(gains)
        self.last = last

    def shadow(self, node: Any, variation: Variation, to_beat: float) -> Any:
        if variation.template == self.last:
            raise Interrupted("the end")
        return super().shadow(node, variation, to_beat)


def test_what_passed_before_the_end_is_taken() -> None:
    gains = {"first": (2.0, False), "second": (0.5, False), "third": (9.0, False)}
    workshop = Ending(gains, "third")
    assert mutate_node(SimpleNamespace(), [], workshop) == "first"  # type: ignore[arg-type]
    with pytest.raises(Interrupted):
        mutate_node(SimpleNamespace(), [], Ending(gains, "first"))  # type: ignore[arg-type]


def test_parts_of_what_passed_together_are_not_tried() -> None:
    class Combining(Workshop):
        def generate_variations(self, node: Any) -> Sequence[Variation]:
            first, *rest = super().generate_variations(node)
            return [replace(first, parameters={"templates": "set, deque"}), *rest]

    gains = {"all": (2.0, True), "set": (9.0, True), "other": (1.5, True)}
    workshop = Combining(gains)
    assert mutate_node(SimpleNamespace(), [], workshop) == "all"  # type: ignore[arg-type]
    assert "left out" in workshop.said
    worse = Combining(gains | {"all": (0.7, True)})
    assert mutate_node(SimpleNamespace(), [], worse) == "set"  # type: ignore[arg-type]


def test_a_template_says_whether_its_gain_grows() -> None:
    text = "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n"
    source = Source("m.py", "m", text)
    variations, _ = variations_for(Site(source, definitions(source)[0]))
    assert {v.template: v.scales for v in variations}["list-pop0-to-deque"]


def test_what_is_called_seldom_has_half_of_the_time_in_its_canary() -> None:
    assert [first_share(None, calls_a_s) for calls_a_s in (5.0, 29.0, 30.0)] == [
        "50%",
        "50%",
        "25%",
    ]
    assert first_share(None) == "25%"
    assert first_share(Canary((0.05, 0.25), None), 5.0) == "5%", "a person said so"
