"""What pytest does beside running the tests: note outcomes, capture calls, put rewrites in.

Loaded with ``-p benchmarks.untried.plugin``; ``UNTRIED`` in the environment is a JSON object: ``into``
(a pickle of the outcomes and of what was captured), and perhaps ``capture`` (calls of functions of files
whose path begins so) or ``rewrites`` (a pickle).
"""

import gc
import json
import marshal
import os
import pickle
import sys
import threading
from collections import Counter, defaultdict
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from selfsame.runtime.agent.capture import dump
from selfsame.runtime.agent.codes import parameters, patch
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.agent.rewrites import constant

BUDGET = 64 * 1024
MOST_CAPTURED = 40
EVERY = 50
"""After the first calls of a function only one in so many is captured."""

ASKED: dict[str, str] = json.loads(os.environ.get("UNTRIED", "{}"))

Key = tuple[str, str, int]
"""A code object's file, qualified name and first line."""

outcomes: dict[str, str] = {}
captured: dict[Key, list[bytes]] = defaultdict(list)
calls: Counter[Key] = Counter()
put_in: dict[Key, str] = {}
deopts: Counter[Key] = Counter()


def key_of(code: CodeType) -> Key:
    """What a function's code is known by here."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


class Hits:
    """Counts the calls of one rewrite that ran the original after all."""

    def __init__(self, key: Key) -> None:
        self.key = key

    def hit(self) -> None:
        """One more."""
        deopts[self.key] += 1


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep a test's outcome, and of one that failed how it ended."""
    if report.when == "call" or report.outcome != "passed":
        told = "\n".join(str(report.longrepr).splitlines()[-12:])
        outcomes[report.nodeid] = f"failed\n{told}" if report.failed else report.outcome


def pytest_collection_finish() -> None:
    """All modules were imported: from here on calls are captured, or rewrites run."""
    if "rewrites" in ASKED:
        put(pickle.loads(Path(ASKED["rewrites"]).read_bytes()))
    elif "capture" in ASKED:
        threading.setprofile(look)
        sys.setprofile(look)


def pytest_sessionfinish() -> None:
    """Write down what was found."""
    sys.setprofile(None)
    threading.setprofile(None)
    found = {"outcomes": outcomes, "captured": dict(captured), "calls": dict(calls)}
    found |= {"put_in": put_in, "deopts": dict(deopts)}
    Path(ASKED["into"]).write_bytes(pickle.dumps(found))


def look(frame: FrameType, event: str, _: Any) -> None:
    """Capture some of the calls of the tree's functions."""
    code = frame.f_code
    if event != "call" or not code.co_filename.startswith(ASKED["capture"]):
        return
    key = key_of(code)
    calls[key] += 1
    kept = captured[key]
    if len(kept) >= MOST_CAPTURED or (len(kept) > MOST_CAPTURED // 2 and calls[key] % EVERY):
        return
    values = frame.f_locals
    arguments = tuple(values[name] for name in parameters(code) if name in values)
    try:
        kept.append(dump({"args": arguments, "globals": {}}, BUDGET))
    except Unpicklable:
        return


def put(rewrites: dict[Key, tuple[bytes, list[tuple[str, ...]]]]) -> None:
    """Give every function object of these codes its rewrite."""
    made: dict[Key, CodeType] = {}
    for key, (code, constants) in rewrites.items():
        try:
            mapping = {name: constant(*row, Hits(key)) for name, *row in constants}
            made[key] = patch(marshal.loads(code), mapping)
        except Exception as error:
            put_in[key] = f"{type(error).__name__}: {error}"
    for found in gc.get_objects():
        if type(found) is FunctionType and (key := key_of(found.__code__)) in made:
            try:
                found.__code__ = made[key]
                put_in[key] = ""
            except ValueError as error:  # other free variables
                put_in[key] = str(error)
