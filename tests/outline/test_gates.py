"""When outlined loops are called, and when the loops themselves run."""

import marshal
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.outline import outline, prepared
from selfsame.runtime.agent.backend import parts
from selfsame.runtime.agent.outlined import Outlined, put_in

TEXT = """
def main():
    for row in [[1, 2], [3]]:
        for x in row:
            tell(x)
main()
"""
NAME = "selfsame_loop_1_of_main"


def written(folder: Path, optimize: int) -> tuple[str, str]:
    source = Source("app.py", "app", TEXT)
    made = prepared(source, outline(source.tree, TEXT), optimize)
    tag = (sys.implementation.cache_tag, sys.hexversion, optimize)
    data = marshal.dumps((tag, made.plain, made.changed, made.loops))
    (folder / "outlined").write_bytes(data)
    return str(folder / "outlined"), sha256(data).hexdigest()


def ready(folder: Path, text: str = TEXT) -> Outlined:
    """What an agent has read, once the script's code was about to run."""
    found = Outlined(*written(folder, sys.flags.optimize))
    found._chosen(compile(text, "app.py", "exec", dont_inherit=True))
    return found


def test_a_gate_is_shut_for_good_where_runs_of_the_loop_are_short(tmp_path: Path) -> None:
    found = ready(tmp_path)
    gate = found.gates[NAME]
    assert not gate
    found.open(True)
    assert list(gate) == [None]
    assert found.timed("main", {"outermost": 100, "total_ns": 1}) == ""
    assert found.timed(NAME, {"outermost": 3, "total_ns": 3}) == ""  # too few to say
    assert found.timed(NAME, {"outermost": 100, "total_ns": 1_000_000}) == ""
    assert list(gate) == [None]
    assert "a run of the loop takes 1.0 us" in found.timed(
        NAME, {"outermost": 100, "total_ns": 100_000}
    )
    found.open(False)
    found.open(True)
    assert not gate


def test_only_the_very_code_is_exchanged(tmp_path: Path) -> None:
    found = ready(tmp_path, TEXT.replace("[3]", "[4]"))
    assert not found.gates and found.problem == "the script is not the one that was read"


@pytest.mark.parametrize("wrong", ["digest", "python", "file"])
def test_a_file_that_is_not_for_this_process_is_not_used(tmp_path: Path, wrong: str) -> None:
    path, digest = written(tmp_path, 2 if wrong == "python" else sys.flags.optimize)
    digest = "0" * 64 if wrong == "digest" else digest
    found = Outlined(path + "x" if wrong == "file" else path, digest)
    assert bool(found.problem) is (wrong != "python")
    code = compile(TEXT, "app.py", "exec", dont_inherit=True)
    assert found._chosen(code) is None


def test_constants_of_the_code_do_not_keep_it_from_being_hashed() -> None:
    source = Source("app.py", "app", TEXT)
    made = prepared(source, outline(source.tree, TEXT), -1)
    _, _, code = put_in(made.changed, made.loops, "app.py", {})
    assert {code: 1}[code] == 1


@pytest.mark.parametrize("whole", [range(0), range(7), range(3, 50), range(5, 2), range(2**70)])
def test_the_parts_of_a_range_are_the_range(whole: range) -> None:
    if len(str(whole)) > 20:  # longer than can be counted: in one
        assert list(parts(whole)) == [whole]
        return
    found = list(parts(whole))
    assert [n for part in found for n in part] == list(whole)
    assert len(found) > 1 or len(whole) < 2
    assert list(parts("ab")) == ["ab"]  # type: ignore[arg-type,comparison-overlap]
