"""Every definition that a run really read is an edge of the graph."""

import warnings

import pytest
from edges import missing
from hypothesis import given, settings
from observe import observe
from programs import programs, seeded

from selfsame.compiler.cst.source import Source
from selfsame.compiler.lower import lower
from selfsame.compiler.lower.paths import Block, Paths
from selfsame.compiler.lower.scopes import Scope


def unsound(text: str) -> tuple[list[str], int]:
    """The pairs that are no edges, and how many pairs there were."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observed = observe(text)
    return missing(lower(Source("program.py", "program", text)), observed), len(observed.pairs)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_programs(text: str) -> None:
    assert unsound(text)[0] == []


def test_seeded_programs() -> None:
    pairs = 0
    for seed in range(240):
        wrong, count = unsound(seeded(seed))
        assert wrong == [], f"seed {seed}"
        pairs += count
    assert pairs > 240 * 25  # the programs do run


@pytest.mark.slow
def test_many_programs() -> None:
    for seed in range(1_000, 11_000):
        assert unsound(seeded(seed))[0] == [], f"seed {seed}"


def unsound_with(patch: pytest.MonkeyPatch, where: type, name: str, fault: object) -> bool:
    """Whether a planted fault is seen by the first programs that should show it."""
    with patch.context() as patched:
        patched.setattr(where, name, fault)
        return any(unsound(seeded(seed))[0] for seed in range(60))


def test_planted_faults_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_exceptions(self: Paths, before: Block, low: int) -> None:
        self.block = Block(before, alive=before.alive)

    def no_finally(self: Paths, before: Block, cleanup: object) -> Block:
        return before

    assert unsound_with(monkeypatch, Paths, "after_any", no_exceptions)
    assert unsound_with(monkeypatch, Paths, "after", no_finally)
    assert unsound_with(monkeypatch, Paths, "leave", lambda self, word: self.jump())
    assert unsound_with(monkeypatch, Scope, "_write_late", lambda self, name, definition: None)
