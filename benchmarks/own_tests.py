"""Do a module's own tests tell a mutant from the original? The second half of the second opinion.

The tests are those that come with the interpreter (``test.test_NAME``) or inside a package
(``PACKAGE.tests.test_NAME``): inputs that people wrote, and that no trial knows. The mutant's code is
put into the function before they run; what fails then, and did not fail with the original, tells.

Started as ``python -m benchmarks.own_tests TESTS… < pickle``; prints one JSON line.
"""

import functools
import importlib
import importlib.util
import io
import json
import marshal
import pickle
import subprocess
import sys
import time
import unittest
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.judge import function_of

LONGEST_S = 30.0
"""Tests that take longer with the original are not used."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: tests that failed, how many there were, wall seconds; ``error`` for a run that broke."""

    failed: frozenset[str]
    count: int
    seconds: float
    error: str = ""


def tests_of(module: str) -> list[str]:
    """The test modules of a module that are installed; none for most."""
    parts = module.split(".")
    names = [f"test.test_{'_'.join(parts)}", f"test.test_{parts[-1]}", f"test.test_{parts[0]}"]
    names += [f"test.test_{parts[0]}.test_{part}" for part in (parts[-1], parts[0])]
    for cut in range(1, len(parts)):
        names.append(".".join([*parts[:cut], "tests", f"test_{parts[-1]}"]))
        names.append(".".join([*parts[:cut], "tests", f"test_{parts[cut]}"]))
    return [name for name in dict.fromkeys(names) if _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return False
    return spec is not None and bool(spec.origin) and not str(spec.origin).endswith("__init__.py")


def opinion(request: dict[str, Any]) -> dict[str, Any]:
    """``{"differs", "tests", "on"}``: what tests of the module say of ``request``'s code."""
    module = request["module"]
    names = tests_of(module)
    before = baseline(module, tuple(request["path"])) if names else None
    if before is None:
        return {"differs": False, "tests": 0}
    found = _run(request, names, 4 * before.seconds + 20.0)
    new = sorted(found.failed - before.failed)
    if found.error:
        new.append(found.error)
    return {"differs": bool(new), "tests": before.count, "on": ", ".join(new[:3])[:200]}


@functools.cache
def baseline(module: str, path: tuple[str, ...]) -> Run | None:
    """The tests with the original in place; None where they cannot be used."""
    run = _run({"module": module, "path": list(path), "code": b""}, tests_of(module), LONGEST_S)
    return None if run.error or not run.count else run


def _run(request: dict[str, Any], names: list[str], limit_s: float) -> Run:
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.own_tests", *names],
            input=pickle.dumps(request),
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Run(frozenset(), 0, limit_s, "the tests do not come to an end")
    seconds = time.monotonic() - begun
    try:
        found = json.loads(done.stdout.decode(errors="replace").strip().splitlines()[-1])
    except (IndexError, ValueError):
        return Run(frozenset(), 0, seconds, f"the tests ended with exit code {done.returncode}")
    return Run(frozenset(found["failed"]), found["count"], seconds)


def main() -> None:
    """Run the tests named, with the code that stdin gives in its function."""
    request = pickle.loads(sys.stdin.buffer.read())
    sys.path[:0] = request["path"]
    importlib.import_module(request["module"])
    if request["code"]:
        function_of(request).__code__ = marshal.loads(request["code"])
    output = sys.stdout
    sys.stdout = io.StringIO()
    ours = [name for name in sys.argv[1:] if name.startswith("test.")]
    theirs = [name for name in sys.argv[1:] if not name.startswith("test.")]
    failed, count = _unittest(ours) if ours else ([], 0)
    if theirs:
        more, others = _pytest(theirs)
        failed, count = failed + more, count + others
    print("\n" + json.dumps({"failed": failed, "count": count}), file=output)


def _unittest(names: list[str]) -> tuple[list[str], int]:
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TestResult()
    suite.run(result)
    bad = [*result.failures, *result.errors]
    return [str(test) for test, _ in bad], result.testsRun


class _Reports:
    """A plugin of pytest's that remembers what ran, and what failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.count = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called by pytest for each phase of each test."""
        self.count += report.when == "call"
        if report.failed:
            self.failed.append(report.nodeid)


def _pytest(names: list[str]) -> tuple[list[str], int]:
    import pytest

    reports = _Reports()
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--rootdir",
        "/",
        "-c",
        "/dev/null",
    ]
    pytest.main([*options, *_files(names)], plugins=[reports])
    return reports.failed, reports.count


def _files(names: list[str]) -> Iterator[str]:
    for name in names:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin
        yield spec.origin


if __name__ == "__main__":
    main()
