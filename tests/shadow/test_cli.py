"""``selfsame trial`` as users run it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SOURCE = '''
import sys


def slow(xs: list[int]) -> list[int]:
    out: list[int] = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out


def fast(xs: list[int]) -> list[int]:
    return list(dict.fromkeys(xs))


def wrong(xs: list[int]) -> list[int]:
    return sorted(set(xs))


def bare(xs):
    return xs


def times(text, n=2):
    """
    >>> times("abc", 3)
    'abcabcabc'
    """
    return text * n


def again(text, n=2):
    return n * text


def many(names: "dict[str, tuple[int, ...]] | None", *rest: int, flag: bool = False) -> int:
    return sum(map(sum, (names or {}).values())) + flag


def generate(xs: list[int]):
    yield from xs


def lazily(xs: list[int]):
    return iter(xs)


def asks(path: str) -> str:
    with open(path) as file:
        return file.read()


if __name__ == "__main__":
    sys.exit("not to be run")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ab.py").write_text(SOURCE)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "mod.py").write_text(SOURCE)
    return tmp_path


def trial(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "selfsame", "trial", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def facts(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = trial(folder, *arguments, "--json", "--budget", "4s")
    assert not done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("place", ["ab.py", "pkg.mod"])
def test_same(folder: Path, place: str) -> None:
    code, found = facts(folder, f"{place}:slow", f"{place}:fast")
    assert (code, found["verdict"]) == (0, "same")
    assert found["counterexample"] is None
    assert set(found["speedup"]) == {"median", "low", "high"}
    assert found["evidence"][0].startswith("fuzzed ")


def test_between_two_files(folder: Path) -> None:
    code, found = facts(folder, "ab.py:slow", "pkg.mod:fast")
    assert (code, found["verdict"]) == (0, "same")
    code, found = facts(folder, "pkg.mod:slow", "ab.py:wrong")
    assert (code, found["verdict"]) == (1, "different")


def test_different(folder: Path) -> None:
    code, found = facts(folder, "ab.py:slow", "ab.py:wrong")
    assert (code, found["verdict"]) == (1, "different")
    assert found["counterexample"].startswith("(xs: list of ")
    done = trial(folder, "ab.py:slow", "ab.py:wrong")
    assert done.stdout.startswith("different: the result differs\n")


def test_inputs_from_examples_and_defaults(folder: Path) -> None:
    code, found = facts(folder, "ab.py:times", "ab.py:again")
    assert (code, found["verdict"]) == (0, "same")


def test_inputs_from_written_annotations(folder: Path) -> None:
    code, found = facts(folder, "ab.py:many", "ab.py:many")
    assert (code, found["verdict"]) == (0, "same")
    assert found["faster"] != "faster"


def test_inputs_for_a_parameter_that_nothing_is_said_of(folder: Path) -> None:
    code, found = facts(folder, "ab.py:bare", "ab.py:bare")
    assert (code, found["verdict"]) == (0, "same")


def test_iterators_are_compared_by_what_they_give(folder: Path) -> None:
    code, found = facts(folder, "ab.py:generate", "ab.py:slow")
    assert (code, found["verdict"]) == (1, "different")
    code, found = facts(folder, "ab.py:generate", "ab.py:lazily")
    assert (code, found["verdict"]) == (0, "same")


def test_inconclusive(folder: Path) -> None:
    code, found = facts(folder, "ab.py:asks", "ab.py:asks")
    assert (code, found["verdict"]) == (1, "inconclusive")
    assert "opens a file" in found["reason"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ab.py:slw", "ab.py:fast"), "Did you mean 'slow'?"),
        (("ab.py", "ab.py:fast"), "is not MODULE:FUNCTION"),
        (("no.py:f", "ab.py:fast"), "there is no file 'no.py'"),
        (("no.mod:f", "ab.py:fast"), "there is no module 'no.mod'"),
        (("ab.py:slow", "ab.py:fast", "--budget", "soon"), "is not a length of time"),
    ],
)
def test_bad_input(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = trial(folder, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
