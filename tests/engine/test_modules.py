"""What the engine makes of the functions that an agent has found."""

from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import MagicMock

import pytest

from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.constraints.bind import bind
from selfsame.compiler.constraints.nodes import NodeName
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.outline import outline, prepared
from selfsame.grammar.parse import parse_text
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.candidates import Candidates
from selfsame.runtime.engine.inbox import Inbox
from selfsame.runtime.engine.modules import OTHERS_CODE, Modules
from selfsame.runtime.engine.server import Agent
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.mutation.choice import no_reentry
from selfsame.runtime.mutation.requests import request_for
from selfsame.runtime.shadow.loading import Home

APP = """\
import functools


@functools.lru_cache(None)
def kept(n):
    return n + 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(APP)
    return path


@pytest.mark.parametrize("first", ["its own", "compiled anew"])
def test_a_function_that_a_tool_compiled_anew_is_left_alone_with_a_reason(
    path: Path, first: str
) -> None:
    """It begins where its ``def`` stands, not at its decorator; the function itself is still there."""
    own = fingerprint(function_code(plain_code(Source.read(path, "app"), 0), "kept", 4))
    rows = [("kept", 4, own, "function"), ("kept", 5, own + 1, "function")]
    modules = Modules([str(path.parent)])
    for row in rows if first == "its own" else reversed(rows):
        modules.register("app", str(path), [row], 0, False)
    assert modules.problems == []
    assert modules.keys["app", "kept", 5].blocked == OTHERS_CODE
    node = modules.find("app:kept")
    assert node is not None and node.key == ("app", "kept", 4) and not node.blocked


def test_a_function_that_its_file_does_not_have_is_a_problem(path: Path) -> None:
    modules = Modules([str(path.parent)])
    assert modules.register("app", str(path), [("gone", 4, 0, "function")], 0, False) == []
    assert modules.problems == [f"app:gone line 4 is not in {path}"]


def test_a_trial_is_told_of_modules_that_calls_hold_something_of(path: Path) -> None:
    """The function's own module does not import them: the script that runs, and others of the program."""
    (path.parent / "models.py").write_text("class Order:\n    def total(self): return 1\n")
    (path.parent / "main.py").write_text("class Line:\n    def price(self): return 2\n")
    path.write_text("def revenue(orders):\n    return [o.total() for o in orders]\n")
    modules = Modules([str(path.parent)])
    for name, qualname, line in (
        ("app", "revenue", 1),
        ("models", "Order.total", 2),
        ("main", "Line.price", 2),
    ):
        file = path.parent / f"{name}.py"
        source = Source.read(file, name)
        own = fingerprint(function_code(plain_code(source, 0), qualname, line))
        row = (qualname, line, own, "function")
        modules.register(name, str(file), [row], 0, name == "main")
    node = modules.find("app:revenue")
    assert node is not None
    held = World(frozenset({"models:Order", "main:Line", "json:Elsewhere"}))
    asked = request_for(node, None, [], {}, None, held)
    assert set(asked.beside) == {
        Home("models", str(path.parent / "models.py"), False),
        Home("main", str(path.parent / "main.py"), True),
    }
    assert request_for(node, None, [], {}, None, None).beside == ()


def test_a_path_that_the_program_changes_counts_for_what_it_can_import(path: Path) -> None:
    (path.parent / "late").mkdir()
    (path.parent / "late" / "speedups.py").touch()
    modules = Modules([str(path.parent)])
    engine: Any = MagicMock(modules=modules)
    inbox, agent = Inbox(engine), Agent(MagicMock())
    inbox.take(agent, {"t": "hello", "pid": 1, "path": [str(path.parent)], "cwd": "/"})
    assert modules.installed.absent("speedups")
    inbox.take(agent, {"t": "path", "path": [str(path.parent / "late"), str(path.parent)]})
    assert not modules.installed.absent("speedups")
    assert agent.hello is not None and len(agent.hello["path"]) == 2


def test_what_the_top_level_waits_for_in_other_peoples_code_is_not_its_own_time() -> None:
    """``asyncio.run(main())`` at the top level: the loop's Python is a library's."""
    engine: Any = MagicMock(modules=Modules([]), graph=LivingGraph())
    inbox, agent = Inbox(engine), Agent(MagicMock())
    times = {"span": 3.0, "cpu": 3.0, "agent_cpu": 0.0, "n": 300}
    looks = {"python": 30, "native": 20, "waiting": 0, "foreign": 250}
    rows = [(("__main__", "<module>", 1), 30, 300, 270, 0)]
    inbox.take(agent, {"t": "samples", **times, **looks, "rows": rows})
    assert engine.graph.program.once_share() == 0.1


SCRIPT = """\
def main(rows):
    for row in rows:
        for x in row:
            tell(x)
        for y in row:
            return y
main([[1]])
for one in [1]:
    for other in (1, 2):
        tell(other)
"""


def test_an_outlined_loop_is_a_node_at_its_own_address(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(SCRIPT)
    source = Source.read(path, "app")
    made = prepared(source, outline(source.tree, source.text), 0)
    (main,) = (c for c in made.changed.co_consts if isinstance(c, CodeType))
    rows = [("main", 1, fingerprint(main), "function")]
    rows += [(n, c.co_firstlineno, fingerprint(c), "function") for n, c in made.loops]
    modules = Modules([str(tmp_path)])
    modules.register("app", str(path), rows, 0, True)
    node = modules.find("app:main/loop[1]")
    assert node is not None and not node.blocked and node.definition.line == 3
    assert node.code.co_name == "main" and node.code.co_varnames[0] == "row"
    once = modules.find("app:main")
    assert once is not None
    assert once.blocked == (
        "no re-entry point: it runs once, with loops that are functions (app:main/loop[1]); "
        "its loop in line 5 stays: it returns from the function in line 6"
    )
    assert modules.left_at_top() == [
        "its loop in line 9 stays: it has 2 iterations: a call for them would cost more than it could win"
    ]
    # The same script in a process that does not outline: its main is what the source says.
    plain = Modules([str(tmp_path)])
    own = fingerprint(function_code(plain_code(source, 0), "main", 1))
    plain.register("app", str(path), [("main", 1, own, "function")], 0, True)
    found = plain.find("app:main")
    assert found is not None and not found.blocked
    assert "its loop in line 5 stays: it returns" in no_reentry(found)


def test_what_constraints_say_of_a_function_holds_for_its_outlined_loops() -> None:
    named = [NodeName("app:main"), NodeName("app:main/loop[2]")]
    text = "constraint app:main { max_execution_time: 1s, never: any, mode: shadow }\n"
    text += "constraint app:main/loop[2] { mode: auto }"
    candidates = Candidates(Modules(), LivingGraph(), bind([parse_text(text)], named), True)
    of_loop = candidates.constraints("app:main/loop[1]")
    assert of_loop is not None and of_loop.untouchable and of_loop.mode == "shadow"
    assert of_loop.address == "app:main/loop[1]" and not of_loop.bounds
    itself = candidates.constraints("app:main/loop[2]")
    assert itself is not None and not itself.untouchable
    assert candidates.constraints("app:other/loop[1]") is None
