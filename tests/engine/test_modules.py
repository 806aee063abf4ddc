"""What the engine makes of the functions that an agent has found."""

from pathlib import Path

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.modules import OTHERS_CODE, Modules

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
