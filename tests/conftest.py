"""Options that all tests share."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, settings

FIRST = (
    "soundness/test_facts.py",
    "soundness/test_edges.py",
    "compiled/test_operators.py",
    "run/test_optimize.py",
    "versions/test_processes.py",
    "versions/test_fault_points.py",
    "compiled/test_in_place.py",
    "shadow/test_trial.py",
)
"""The files that take longest: who begins one of them last keeps the other workers waiting."""

# A busy machine says nothing about the code; what CI says should be about the change.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


def pytest_configure() -> None:
    # Signals that whoever runs the tests ignores (`nohup`, `&`) reach the programs that tests start.
    for number, usual in (
        (signal.SIGHUP, signal.SIG_DFL),
        (signal.SIGINT, signal.default_int_handler),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests wait for programs that they start."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {file: place for place, file in enumerate(FIRST)}
    items.sort(key=lambda item: places.get("/".join(item.path.parts[-2:]), len(FIRST)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def at_once() -> Callable[[Iterable[Callable[[], object]]], None]:
    """Runs functions in a thread each, between which the interpreter changes often, to their ends."""

    def run(functions: Iterable[Callable[[], object]]) -> None:
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            threads = [threading.Thread(target=function) for function in functions]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(before)

    return run
