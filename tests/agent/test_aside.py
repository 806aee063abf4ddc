"""The program's collector of cycles does not go through what the agent is made of."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Engine

native = pytest.importorskip("selfsame.runtime.agent.native")

OURS = """
    import gc, sys, types
    def ours():
        kinds = (types.FunctionType, type)
        return [o for o in gc.get_objects()
                if isinstance(o, kinds) and str(o.__module__).startswith("selfsame.runtime")]
    before = len(ours())
    gc.unfreeze()
    print(before, len(ours()) > 150, gc.isenabled(), gc.get_threshold(), gc.garbage)
    print(gc.collect() < 100, gc.collect(), gc.collect())
"""


def test_a_program_has_none_of_the_agents_objects_to_go_through(engine: Engine) -> None:
    result = engine.run(str(engine.program(OURS)))
    assert (result.returncode, result.stderr) == (0, "")
    few, *rest = result.stdout.split(maxsplit=1)
    assert int(few) < 20  # of what is there before anything can be set aside
    assert rest == [f"True True {gc.get_threshold()} []\nTrue 0 0\n"]


def test_a_collector_that_is_off_stays_off(engine: Engine) -> None:
    (engine.folder / "site").mkdir()
    (engine.folder / "site" / "sitecustomize.py").write_text("import gc; gc.disable()")
    engine.extra.append(str(engine.folder / "site"))
    result = engine.run(str(engine.program("import gc; print(gc.isenabled())")))
    assert result.stdout == "False\n"


def test_what_is_set_aside_is_neither_seen_nor_collected_and_dies_as_usual() -> None:
    class Node:
        dead: list[int] = []

        def __init__(self) -> None:
            self.other: Node | None = None

        def __del__(self) -> None:
            self.dead.append(1)

    native.aside_begin()
    cycle, alone = Node(), Node()
    cycle.other = cycle
    assert native.aside_end() >= 2
    after = Node()
    seen = {id(found) for found in gc.get_objects()}
    assert id(after) in seen and id(cycle) not in seen and id(alone) not in seen
    del alone
    assert len(Node.dead) == 1
    del cycle
    gc.collect()
    assert len(Node.dead) == 1
    gc.unfreeze()
    gc.collect()
    assert len(Node.dead) == 2


def test_a_collection_in_between_leaves_everything_as_it_is() -> None:
    frozen = gc.get_freeze_count()
    for generation in range(3):
        native.aside_begin()
        made = [[n] for n in range(100)]
        gc.collect(generation)
        assert native.aside_end() in (0, len(made) + 1)
        gc.unfreeze()
        gc.collect()
        assert gc.is_tracked(made)
    assert native.aside_end() == 0 and gc.get_freeze_count() <= frozen and gc.isenabled()
