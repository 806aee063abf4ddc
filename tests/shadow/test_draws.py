"""Functions that draw from the generator behind `random`: it goes with a call, and is compared after it."""

import pickle
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.cst.source import Source
from selfsame.runtime.agent.capture import Capture
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.shared import GENERATOR, put, state
from selfsame.runtime.shadow.request import Trial

TEXT = """
import random


def shaken(xs):
    found = []
    for x in xs:
        found.append(x + random.randint(1, 6))
    random.shuffle(found)
    return found, second(found)


def second(xs):
    return random.choice(xs) + random.gauss(0, 1)
"""
FASTER = TEXT.replace(
    "    found = []\n    for x in xs:\n        found.append(x + random.randint(1, 6))\n",
    "    draw = random.randint\n    found = [x + draw(1, 6) for x in xs]\n",
)


def captured() -> list[bytes]:
    capture = Capture([GENERATOR], 1 << 20, Registry([]))
    for number in range(60):
        random.seed(number)
        capture.done(capture.take((list(range(100 + number)),)), 1000)
    assert capture.refused == {}
    return [payload for payload, _ in capture.calls()[0]]


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawing")


def tried(bench: Any, folder: Path, variation: str) -> Trial:
    known = type(bench)(folder, TEXT, "drawing")
    found: Trial = known.trial("shaken", variation, captured(), typed=True)
    return found


def test_the_state_is_data_that_the_function_reads_and_changes() -> None:
    source = Source("drawing.py", "drawing", TEXT)
    found = ModuleFacts.of(source, lambda _: None).plain("drawing:shaken")
    assert found.shadowable and not found.pure
    assert GENERATOR in found.globals_read and GENERATOR in found.globals_changed


def test_what_draws_the_same_is_the_same(bench: Any, drawing: Path) -> None:
    found = tried(bench, drawing, FASTER)
    assert found.same == "same" and found.captured == 60, found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("draw(1, 6)", "draw(1, 7)"),
        ("    random.shuffle(found)\n", ""),
        ("    random.shuffle(found)\n", "    random.shuffle(found[:])\n"),
        ("    random.shuffle(found)\n", "    random.random()\n    random.shuffle(found)\n"),
        ("return found, second(found)", "return found, random.choice(found) + random.gauss(0, 2)"),
        ("return found, second(found)", "return found, (second(found), random.random())[0]"),
        ("x + draw(1, 6)", "x + random.Random(1).randint(1, 6)"),
    ],
    ids=["other numbers", "fewer", "another order", "one more before", "other numbers later", "one more after",
         "from another"],
)  # fmt: skip
def test_what_draws_otherwise_is_different(bench: Any, drawing: Path, old: str, new: str) -> None:
    assert old in FASTER
    found = tried(bench, drawing, FASTER.replace(old, new))
    assert found.same == "different", found


def test_a_state_is_put_back_as_it_was() -> None:
    random.seed(5)
    random.gauss(0, 1)  # the second of the pair is kept
    kept = state()
    first = [random.gauss(0, 1), random.random(), random.sample(range(50), 5)]
    put(kept)
    assert [random.gauss(0, 1), random.random(), random.sample(range(50), 5)] == first


def test_capturing_draws_nothing() -> None:
    random.seed(5)
    expected = random.random()
    random.seed(5)
    (payload, *_) = captured()[:1]
    assert pickle.loads(payload)["globals"][GENERATOR][0]
    random.seed(5)
    state()
    assert random.random() == expected


@pytest.mark.parametrize("name", ["choice", "random", "_inst"])
def test_functions_of_others_in_its_place_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(random, name, random.Random(3).choice if name != "_inst" else None)
    capture = Capture([GENERATOR], 1 << 20, Registry([]))
    assert capture.take(([1],)) == -1
    (reason,) = capture.refused
    assert "is not the standard library's here" in reason


def test_a_program_that_has_no_random_is_captured_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "random")
    capture = Capture([GENERATOR], 1 << 20, Registry([]))
    assert capture.take(([1],)) == 0


SEEDED = """
import random


def dealt(cards, seed=None):
    rng = random.Random(seed)
    found = list(cards)
    rng.shuffle(found)
    return found
"""


@pytest.mark.parametrize(
    ("seeds", "moved", "same"),
    [(range(60), 0, "same"), (range(60), 1, "different"), ([None] * 60, 0, "inconclusive")],
)
def test_a_generator_with_a_seed_that_may_be_none(
    bench: Any, tmp_path: Path, seeds: list[int | None], moved: int, same: str
) -> None:
    """Where it is None nothing is compared: the original disagrees with itself."""
    facts = ModuleFacts.of(Source("dealing.py", "dealing", SEEDED), lambda name: None)
    found = facts.effects("dealing:dealt")
    assert found.shadowable and found.pure is Tri.UNKNOWN
    known = type(bench)(tmp_path, SEEDED, "dealing")
    calls = [
        pickle.dumps({"args": (list(range(30 + n)), seed), "globals": {}})
        for n, seed in enumerate(seeds)
    ]
    variation = SEEDED.replace("Random(seed)", f"Random(seed and seed + {moved})")
    variation = variation.replace("list(cards)", "[*cards]")
    assert known.trial("dealt", variation, calls, timed=False, amplified=0).same == same
