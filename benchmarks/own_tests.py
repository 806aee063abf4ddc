"""Do a module's own tests tell a mutant from the original? The second half of the second opinion.

The tests are those that come with the interpreter (``test.test_NAME``) or inside a package
(``PACKAGE.tests.test_NAME``): inputs that people wrote, and that no trial knows. The mutant's code is
put into the function before they run; what fails then, and did not fail with the original, tells.
Which tests call which functions is seen when they run with the original: only those are run for a mutant.

Started as ``python -m benchmarks.own_tests TESTS… < pickle``; prints one JSON line.
"""

import collections
import contextlib
import functools
import importlib
import importlib.util
import io
import json
import marshal
import pickle
import subprocess
import sys
import threading
import time
import types
import unittest
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.judge import function_of

LONGEST_S = 30.0
"""Tests that take longer with the original are not used."""
OUTSIDE = "outside of tests"
"""What calls functions between tests, such as what prepares a class of them."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: tests that failed, how many there were, wall seconds; ``error`` for a run that broke.

    ``callers``: the tests that call each function of the module, `OUTSIDE` among them where others may.
    """

    failed: frozenset[str]
    count: int
    seconds: float
    error: str = ""
    callers: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
    callers = before.callers.get(_told(request["qualname"], request["line"]), [])
    if not callers:
        return {"differs": False, "tests": 0}
    only = None if OUTSIDE in callers else frozenset(callers)
    found = _run(request | {"only": only}, names, 4 * before.seconds + 20.0)
    new = sorted(found.failed - before.failed)
    if found.error:
        new.append(found.error)
    return {"differs": bool(new), "tests": found.count, "on": ", ".join(new[:3])[:200]}


@functools.cache
def baseline(module: str, path: tuple[str, ...]) -> Run | None:
    """The tests with the original in place; None where they cannot be used."""
    asked = {"module": module, "path": list(path), "code": b"", "only": None}
    run = _run(asked, tests_of(module), LONGEST_S)
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
    return Run(frozenset(found["failed"]), found["count"], seconds, callers=found["callers"])


def _told(qualname: str, line: int) -> str:
    return f"{qualname}:{line}"


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
    tests = Tests(request["only"], "" if request["code"] else _origin(request["module"]))
    with tests.watching():
        if ours:
            _unittest(ours, tests)
        if theirs:
            _pytest(theirs, tests)
    callers = {name: sorted(found) for name, found in tests.callers.items()}
    found = {"failed": tests.failed, "count": tests.count, "callers": callers}
    print("\n" + json.dumps(found), file=output)


def _origin(module: str) -> str:
    spec = importlib.util.find_spec(module)
    return spec.origin or "" if spec is not None else ""


class Tests:
    """What ran, ``only`` some or all, what failed, and which called the functions of ``file``."""

    def __init__(self, only: frozenset[str] | None, file: str) -> None:
        self.only = only
        self.failed: list[str] = []
        self.count = 0
        self.callers: dict[str, set[str]] = collections.defaultdict(set)
        self._file = file
        self._now = OUTSIDE

    def wants(self, name: str) -> bool:
        """Whether a test is to run."""
        return self.only is None or name in self.only

    def begin(self, name: str) -> None:
        """A test begins."""
        self._now = name

    def end(self) -> None:
        """It has ended."""
        self._now = OUTSIDE
        if self._file and sys.getprofile() != self._on_event:  # the test had a profiler of its own
            sys.setprofile(self._on_event)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """A block in which it is seen what is called, in every thread."""
        if self._file:
            threading.setprofile(self._on_event)
            sys.setprofile(self._on_event)
        yield
        sys.setprofile(None)

    def _on_event(self, frame: types.FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename == self._file:
            self.callers[_told(code.co_qualname, code.co_firstlineno)].add(self._now)


class _Result(unittest.TestResult):
    """Tells `Tests` when tests begin and end."""

    def __init__(self, tests: Tests) -> None:
        super().__init__()
        self._tests = tests

    def startTest(self, test: unittest.TestCase) -> None:
        """Called by unittest."""
        super().startTest(test)
        self._tests.begin(str(test))

    def stopTest(self, test: unittest.TestCase) -> None:
        """Called by unittest."""
        super().stopTest(test)
        self._tests.end()


def _unittest(names: list[str], tests: Tests) -> None:
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = _Result(tests)
    _wanted(suite, tests).run(result)
    bad = [*result.failures, *result.errors]
    tests.failed += [str(test) for test, _ in bad]
    tests.count += result.testsRun


def _wanted(suite: unittest.TestSuite, tests: Tests) -> unittest.TestSuite:
    """A suite with those of its tests that are to run; what prepares classes and modules stays."""
    parts = [
        _wanted(part, tests) if isinstance(part, unittest.TestSuite) else part for part in suite
    ]
    kept = [p for p in parts if isinstance(p, unittest.TestSuite) or tests.wants(str(p))]
    return unittest.TestSuite(kept)


class _Plugin:
    """A plugin of pytest's that tells `Tests` what ran, and what failed."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Called by pytest when it knows all tests."""
        items[:] = [item for item in items if self._tests.wants(item.nodeid)]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Called by pytest before each test."""
        self._tests.begin(nodeid)

    def pytest_runtest_logfinish(self) -> None:
        """Called by pytest after each test."""
        self._tests.end()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called by pytest for each phase of each test."""
        self._tests.count += report.when == "call"
        if report.failed:
            self._tests.failed.append(report.nodeid)


def _pytest(names: list[str], tests: Tests) -> None:
    import pytest

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
    pytest.main([*options, *_files(names)], plugins=[_Plugin(tests)])


def _files(names: list[str]) -> Iterator[str]:
    for name in names:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin
        yield spec.origin


if __name__ == "__main__":
    main()
