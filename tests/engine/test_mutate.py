"""Which of several variations that may be promoted `mutate_node` takes."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.runtime.mutation.mutate import mutate_node
from selfsame.runtime.mutation.promotion import Decision
from selfsame.variants.catalogue import variations_for
from selfsame.variants.site import Site
from selfsame.variants.variation import Variation


class Workshop:
    """Promotes whatever has a gain above one, and remembers what was said."""

    def __init__(self, gains: dict[str, tuple[float, bool]]) -> None:
        self.gains = gains
        self.said: list[str] = []

    def generate_variations(self, node: Any) -> Sequence[Variation]:
        return [
            Variation("m:f", name, "container", "", "", b"", scales=scales)
            for name, (_, scales) in self.gains.items()
        ]

    def shadow(self, node: Any, variation: Variation) -> Any:
        return SimpleNamespace(gain=self.gains[variation.template][0])

    def decide(self, trial: Any, node: Any, violated: Any) -> Decision:
        return Decision(trial.gain > 1, "")

    def promote(self, node: Any, variation: Variation, trial: Any, decision: Decision) -> str:
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
    assert workshop.said[-1] == ("promoted" if chosen else "unchanged")


def test_a_template_says_whether_its_gain_grows() -> None:
    text = "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n"
    source = Source("m.py", "m", text)
    variations, _ = variations_for(Site(source, definitions(source)[0]))
    assert {v.template: v.scales for v in variations}["list-pop0-to-deque"]
