"""``selfsame verify``: what it says of good, malformed and vanishing files, and what it keeps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from worker_jobs import dies_of_three

from selfsame.cli.verbs.verify import command
from selfsame.compiler import kept as kept_module
from selfsame.compiler import verifying
from selfsame.compiler.kept import Kept
from selfsame.compiler.verifying import Module, check, modules, verify_all
from selfsame.compiler.workers import Died, run_all


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments])


def facts(result: Result) -> dict[str, object]:
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_facts_have_the_shape_that_is_promised(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("def f(x):\n    return x\n")
    (tmp_path / "bad.py").write_text("def f(:\n")
    result = verify(tmp_path, "--json")
    assert result.exit_code == 0, result.output
    found = facts(result)
    assert list(found) == ["modules", "failed", "skipped", "nodes", "edges", "lines_per_s"]
    assert (found["modules"], found["failed"], found["nodes"], found["edges"]) == (1, 0, 3, 1)
    assert found["skipped"] == [
        {
            "file": str(tmp_path / "bad.py"),
            "reason": f"{tmp_path / 'bad.py'}:1:7: syntax error: invalid syntax",
        }
    ]
    assert "  def f(:\n        ^" in result.stderr


def test_a_file_given_by_itself_that_cannot_be_parsed_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("x = (\n")
    assert verify(tmp_path / "bad.py").exit_code == 2
    assert verify(tmp_path).exit_code == 0
    (tmp_path / "empty").mkdir()
    assert verify(tmp_path / "empty").exit_code == 2
    assert verify(tmp_path / "nowhere").exit_code == 2


MALFORMED = {
    "undecodable.py": b"x = 1\ny = '\xff'\n",
    "unknown_encoding.py": b"# coding: nonsense\nx = 1\n",
    "null.py": b"x = 1\n\0\n",
    "parentheses.py": b"x = " + b"(" * 10_000 + b"1" + b")" * 10_000 + b"\n",
    "minuses.py": b"x = " + b"-" * 10_000 + b"1\n",
    "indented.py": b"".join(b" " * n + b"if x:\n" for n in range(10_000)) + b" " * 10_000 + b"y\n",
    "attributes.py": b"x = a" + b".a" * 10_000 + b"\n",
    "calls.py": b"x = a" + b"()" * 10_000 + b"\n",
    "lambdas.py": b"x = " + b"lambda: " * 10_000 + b"1\n",
    "elifs.py": b"x = 1\nif x: pass\n" + b"elif x: pass\n" * 10_000,
}
PLACES = {
    "undecodable.py": ":2:6:",
    "null.py": ":2:1:",
    "parentheses.py": ":1:",
    "indented.py": ":",
    "minuses.py": ":1:1: nested too deeply",
    "calls.py": ":1:1: nested too deeply",
}


def test_malformed_files_have_a_place_and_a_reason_and_the_rest_is_done(tmp_path: Path) -> None:
    for name, raw in MALFORMED.items():
        (tmp_path / name).write_bytes(raw)
    for number in range(20):
        (tmp_path / f"good{number}.py").write_text(f"def f(x):\n    return x + {number}\n")
    result = verify(tmp_path, "--json", "--jobs", 2)
    assert result.exit_code == 0, result.output
    found = facts(result)
    skipped = found["skipped"]
    assert isinstance(skipped, list) and isinstance(found["modules"], int)
    reasons = {Path(entry["file"]).name: entry["reason"] for entry in skipped}
    assert found["modules"] + len(reasons) == len(MALFORMED) + 20
    assert found["failed"] == 0
    for name, place in PLACES.items():
        assert f"{tmp_path / name}{place}" in reasons[name]
    assert all(len(reason) < 500 for reason in reasons.values())
    assert max(map(len, result.stderr.split("\n"))) < 300  # a line of 20,000 is not shown whole
    # The parser does not say where it gave up.
    line = int(reasons["elifs.py"].rpartition("elifs.py:")[2].partition(":")[0])
    assert 1_000 < line < 10_000 and "nested too deeply" in reasons["elifs.py"]


def test_nothing_is_said_of_what_python_only_warns_of(tmp_path: Path) -> None:
    (tmp_path / "warned.py").write_text("x = '\\('\nif x is 3: pass\n")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "selfsame", "verify", str(tmp_path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stderr == "" and run.stdout.startswith("1 modules, 0 failed, 0 skipped")


def test_long_files_and_long_chains_are_lowered(tmp_path: Path) -> None:
    (tmp_path / "sum.py").write_text("x = " + " + ".join(f"f({n})" for n in range(900)) + "\n")
    branches = "".join(f"elif x == {n}:\n    y = {n}\n" for n in range(800))
    (tmp_path / "branches.py").write_text("if x:\n    pass\n" + branches)
    text = "".join(
        f"def f{n}(x):\n    return x + {n}, [g(x) for x in 'abc']\n" for n in range(3000)
    )
    (tmp_path / "long.py").write_text(text)
    found = facts(verify(tmp_path, "--json"))
    assert (found["modules"], found["failed"], found["skipped"]) == (3, 0, [])


def test_a_file_that_vanishes_or_never_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gone.py"
    outcome = check(Module(path, (tmp_path,)))
    assert outcome.result == "skipped" and "gone.py: cannot be read: No such file" in outcome.reason
    (tmp_path / "folder.py").mkdir()
    assert "cannot be read" in check(Module(tmp_path / "folder.py", (tmp_path,))).reason
    path.write_text("x = 1\n")
    real = Path.read_bytes

    def changing(self: Path) -> bytes:
        raw = real(self)
        if self == path:
            path.write_bytes(raw + b"x = 1\n")
        return raw

    monkeypatch.setattr(Path, "read_bytes", changing)
    outcome = check(Module(path, (tmp_path,)))
    assert outcome.result == "skipped" and "gone.py:1:1: this file changes" in outcome.reason


def test_a_bug_of_ours_fails_that_module_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text("x = 1\n")
    real = verifying.lower_source

    def faulty(source: object) -> object:
        if "one" in source.path:  # type: ignore[attr-defined]
            raise KeyError("planted")
        return real(source)  # type: ignore[arg-type]

    monkeypatch.setattr(verifying, "lower_source", faulty)
    result = verify(tmp_path, "--json", "--jobs", 1)
    assert result.exit_code == 1
    assert facts(result)["failed"] == 1 and facts(result)["modules"] == 2
    assert "one.py: failed: KeyError: 'planted'" in result.stderr


def test_a_worker_that_dies_costs_one_job() -> None:
    done = list(run_all(dies_of_three, range(12), 2))
    died = {d.job: d.reason for d in done if isinstance(d, Died)}
    assert died == {3: "its worker was ended by SIGKILL", 5: "ValueError: five"}
    assert sorted(d for d in done if isinstance(d, int)) == [
        n * n for n in range(12) if n not in (3, 5)
    ]


def test_what_did_not_change_is_not_verified_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"m{number}.py").write_text(f"x = {number}\n")
    keep = Kept(cache)
    todo = modules([tmp_path])
    assert verify_all(todo, 1, keep).kept == 0
    again = verify_all(todo, 1, keep)
    assert again.kept == 3 and sum(o.nodes for o in again.outcomes) == 6
    (tmp_path / "m1.py").write_text("x = 1, y\n")
    assert verify_all(todo, 1, keep).kept == 2
    # A damaged entry, one of another content and one of wrong shape are as good as none.
    entries = sorted(cache.rglob("*.json"))
    entries[0].write_bytes(b"\x00garbage")
    entries[1].write_text(json.dumps([[9, 9, 9], "0" * 16]))
    entries[2].write_text("[]")
    found = verify_all(todo, 1, keep)
    assert found.kept < 3 and sum(o.nodes for o in found.outcomes) == 7
    assert verify_all(todo, 1, keep).kept == 3
    # Another compiler knows nothing of it.
    kept_module.compiler_version.cache_clear()
    monkeypatch.setattr(kept_module, "compiler_version", lambda: "another")
    assert verify_all(todo, 1, Kept(cache)).kept == 0


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, cache: Path) -> None:
    (cache / "file").write_text("")
    (tmp_path / "m.py").write_text("x = 1\n")
    keep = Kept(cache / "file")
    keep.tidy()
    assert not keep.put("0" * 64, (1, 2, 3))
    for _ in range(2):
        assert verify_all(modules([tmp_path]), 1, keep).kept == 0
