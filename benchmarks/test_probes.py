"""Probes and the agent, one thing at a time: a probe while its window is open, a plain twin, imports.

``pytest benchmarks/test_probes.py --benchmark-only`` times them; the figures that matter are ratios
and differences within this run, in each row's extra info. No time is asserted.
"""

import json
import marshal
import os
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.compiler.instrument.twins import probed
from selfsame.runtime.agent.backend import swap
from selfsame.runtime.agent.codes import callees, patch
from selfsame.runtime.agent.recorder import COMPILED, Probe, calibrate
from selfsame.runtime.engine.launch import program_environment, start
from selfsame.runtime.engine.settings import Settings

TEXT = """
def tiny(n):
    return n

def numbers(n):
    for i in range(n):
        yield i
"""
CALLS, ROUNDS = 20_000, 15
MODULES, FUNCTIONS = 20, 60


def functions(name: str) -> tuple[FunctionType, FunctionType, Probe]:
    """A function as it is, the same with its probed twin, and the probe."""
    source = Source.decoded(TEXT.encode(), "app.py", "app")
    definition = next(d for d in definitions(source) if d.qualname == name)
    found: dict[str, Any] = {}
    for kind in ("plain", "probed"):
        namespace: dict[str, Any] = {}
        exec(compile(TEXT, "app.py", "exec"), namespace)
        found[kind] = namespace[name]
    probe = Probe()
    twin = patch(marshal.loads(probed(source, definition, "time")), callees(probe))
    found["probed"].__code__ = twin
    return found["plain"], found["probed"], probe


def call(function: Callable[[int], Any]) -> None:
    for number in range(CALLS):
        function(number)


def consume(function: Callable[[int], Any]) -> None:
    for _ in function(CALLS):
        pass


def cpu_ns(work: Callable[[], None]) -> float:
    """Nanoseconds of this thread's processor time a call, of one go of CALLS."""
    began = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - began) / CALLS


def in_turns(first: Callable[[], None], second: Callable[[], None]) -> dict[str, float]:
    """Both A B A B: their medians, the difference in nanoseconds, and the ratio."""
    pairs = [(cpu_ns(first), cpu_ns(second)) for _ in range(ROUNDS)]
    plain, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {
        "plain_ns": round(plain, 1),
        "other_ns": round(other, 1),
        "difference_ns": round(statistics.median(b - a for a, b in pairs), 1),
        "ratio": round(statistics.median(b / a for a, b in pairs), 4),
    }


@pytest.fixture(autouse=True, scope="module")
def _ticks() -> None:
    calibrate()
    time.sleep(0.03)
    calibrate()


def test_a_probe_while_its_window_is_open(benchmark: Any) -> None:
    plain, twin, probe = functions("tiny")
    benchmark.extra_info.update(in_turns(lambda: call(plain), lambda: call(twin)))
    benchmark.extra_info["compiled"] = COMPILED
    before = probe.snapshot()["calls"]
    benchmark.pedantic(call, (twin,), rounds=5)
    after = probe.snapshot()["calls"]
    assert isinstance(before, int) and isinstance(after, int)
    assert after == before + 5 * CALLS


def test_a_generators_probe_for_each_item(benchmark: Any) -> None:
    plain, twin, _ = functions("numbers")
    benchmark.extra_info.update(in_turns(lambda: consume(plain), lambda: consume(twin)))
    benchmark.pedantic(consume, (twin,), rounds=5)


def test_plain_code_after_two_thousand_windows(benchmark: Any) -> None:
    """The plain twin: what a function costs whose windows have closed."""
    plain, used, _ = functions("tiny")
    twin, own = used.__code__, plain.__code__.replace()
    used.__code__ = own
    for _ in range(2_000):
        swap(used, own, twin)
        used(1)
        swap(used, twin, own)
        used(1)
    benchmark.extra_info.update(in_turns(lambda: call(plain), lambda: call(used)))
    benchmark.pedantic(call, (used,), rounds=5)


def fresh(program: str, *arguments: str, env: dict[str, str] | None = None) -> dict[str, float]:
    """What a program in a process of its own prints as JSON."""
    done = subprocess.run(
        [sys.executable, *arguments, "-c", textwrap.dedent(program)],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


IMPORT = """
    import json, sys, time
    def resident():
        with open("/proc/self/statm") as file: return int(file.read().split()[1]) * 4096
    time.sleep(0)
    before, began = resident(), time.process_time()
    import selfsame.runtime.agent.boot, selfsame.runtime.agent.agent
    print(json.dumps({"ms": (time.process_time() - began) * 1e3,
                      "MiB": (resident() - before) / 2**20}))
"""


def test_the_agents_import_in_a_fresh_process(benchmark: Any) -> None:
    found = [fresh(IMPORT) for _ in range(ROUNDS)]
    for name in ("ms", "MiB"):
        benchmark.extra_info[name] = round(statistics.median(row[name] for row in found), 2)
    benchmark.pedantic(fresh, (IMPORT,), rounds=3)


USERS = """
    import importlib, json, sys, time
    sys.path.insert(0, {folder!r})
    time.sleep(0.3)  # the agent's own start is not the import's
    began = time.process_time()
    for number in range({modules}): importlib.import_module(f"users{{number}}")
    print(json.dumps({{"ms": (time.process_time() - began) * 1e3}}))
"""


def test_import_of_the_users_modules_under_run(benchmark: Any, tmp_path: Path) -> None:
    """From pyc files, plain and with an agent and its engine; processor time of the program."""
    body = "def f{0}(a, b=1):\n    total = [a * n + b for n in range(9)]\n    return sum(total)\n"
    for number in range(MODULES):
        text = "".join(body.format(n) for n in range(FUNCTIONS))
        (tmp_path / f"users{number}.py").write_text(text)
    program = USERS.format(folder=str(tmp_path), modules=MODULES)
    (tmp_path / "store").mkdir()
    running = start(Settings(str(tmp_path / "store"), "import", roots=(str(tmp_path),)))
    watched = program_environment(running, os.environ)
    fresh(program)  # writes the pyc files
    pairs = [(fresh(program)["ms"], fresh(program, env=watched)["ms"]) for _ in range(ROUNDS)]
    assert running.finish() == ""
    benchmark.extra_info["plain_ms"] = round(statistics.median(a for a, _ in pairs), 2)
    benchmark.extra_info["watched_ms"] = round(statistics.median(b for _, b in pairs), 2)
    benchmark.extra_info["ratio"] = round(statistics.median(b / a for a, b in pairs), 4)
    benchmark.pedantic(fresh, (program,), rounds=3)
