"""Every definition that a run really read is an edge of the graph."""

import functools
import warnings

import pytest
from edges import missing
from hypothesis import given, settings
from observe import Observed, observe
from programs import GENERIC, TYPES, programs, seeded

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir import parse, print_graph, verify
from selfsame.compiler.lower import lower, meeting, paths, scopes
from selfsame.compiler.lower.definitions import Definitions
from selfsame.compiler.lower.paths import Block, Paths
from selfsame.compiler.lower.scopes import Scope


def unsound(text: str) -> tuple[list[str], int]:
    """The pairs that are no edges, and how many pairs there were."""
    observed = run(text)
    return missing(lower(Source("program.py", "program", text)), observed), len(observed.pairs)


@functools.lru_cache(maxsize=512)
def run(text: str) -> Observed:
    """What a run of the program did: several tests ask for the same programs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return observe(text)


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


def test_programs_whose_definitions_meet_in_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nearly every meeting a join, and every join of paths a coarse one."""
    for module in (paths, meeting, scopes):
        monkeypatch.setattr(module, "MANY", 1)
    joins = 0
    for seed in range(60):
        text = seeded(seed)
        graph = lower(Source("program.py", "program", text))
        assert verify(graph) == [] and parse(print_graph(graph)) == graph
        assert unsound(text)[0] == [], f"seed {seed}"
        joins += sum(node.kind == "join" for node in graph.nodes)
    assert joins > 60 * 3


def test_the_short_way_to_a_definition_leads_where_the_long_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources = [Source("program.py", "program", seeded(seed)) for seed in range(100)]
    short = [lower(source) for source in sources]
    monkeypatch.setattr(Paths, "_above", lambda self, block, before, places: before)
    assert [lower(source) for source in sources] == short


@pytest.mark.slow
def test_many_programs() -> None:
    for seed in range(1_000, 11_000):
        assert unsound(seeded(seed))[0] == [], f"seed {seed}"


@pytest.mark.skipif(not GENERIC, reason="syntax of 3.12")
def test_type_parameters_are_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [d.name for seed in range(60) for _, d in run(seeded(seed)).pairs]
    assert sum(name in TYPES for name in seen) > 30
    assert unsound_with(monkeypatch, Definitions, "type_parameters", lambda self, n, d, here: here)


def unsound_with(patch: pytest.MonkeyPatch, where: type, name: str, fault: object) -> bool:
    """Whether a planted fault is seen by the first programs that should show it."""
    with patch.context() as patched:
        patched.setattr(where, name, fault)
        return any(unsound(seeded(seed))[0] for seed in range(60))


def test_planted_faults_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_exceptions(self: Paths, before: Block, low: int) -> None:
        self.block = Block(before, self.count, alive=before.alive)

    def no_finally(self: Paths, before: Block, cleanup: object) -> Block:
        return before

    assert unsound_with(monkeypatch, Paths, "after_any", no_exceptions)
    assert unsound_with(monkeypatch, Paths, "after", no_finally)
    assert unsound_with(monkeypatch, Paths, "leave", lambda self, word: self.jump())
    assert unsound_with(monkeypatch, Scope, "_write_late", lambda self, name, definition: None)
