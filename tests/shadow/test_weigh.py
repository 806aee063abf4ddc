"""What a call takes, by replay in a worker: against programs whose appetite is known."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.loading import Key
from selfsame.runtime.shadow.records import replay
from selfsame.runtime.shadow.weigh import Weighing, time_node, weigh_node

MIB = 1 << 20
HUNGRY = """
CACHE = []


def block(n):
    return bytearray(n)


def one_after_the_other(n):
    for _ in range(5):
        held = bytearray(n)
        del held
    return n


def both(n):
    return [bytearray(n), bytearray(n)]


def small(n):
    return len([float(x) for x in range(n)])


def raising(n):
    held = bytearray(n)
    raise ValueError(len(held))


def writes(n):
    with open("/tmp/selfsame-must-not-exist", "w") as file:
        file.write("x")
"""


@pytest.fixture(scope="module")
def hungry(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return type(bench)(tmp_path_factory.mktemp("hungry"), HUNGRY, "hungry")


def payload(size: int) -> bytes:
    return pickle.dumps({"args": (size,), "globals": {}})


def weigh(bench: Any, function: str, sizes: list[int], **options: Any) -> Weighing:
    calls = [payload(size) for size in sizes]
    return weigh_node(bench.request(function, HUNGRY, calls, code=b"", **options))


@pytest.mark.parametrize(
    ("function", "times", "blocks"),
    [("block", 1, 1), ("one_after_the_other", 1, 5), ("both", 2, 2), ("raising", 1, 1)],
)
def test_a_mebibyte_is_a_mebibyte(hungry: Any, function: str, times: int, blocks: int) -> None:
    found = weigh(hungry, function, [MIB, 3 * MIB])
    assert not found.reason
    for weight, size in zip(found.weights, (MIB, 3 * MIB), strict=True):
        assert weight.peak_bytes == pytest.approx(times * size, rel=0.01)
        assert weight.allocations is not None
        assert weight.allocations >= blocks


def test_cpu_time_is_that_of_the_call_and_not_of_waiting(bench: Any, tmp_path: Path) -> None:
    text = "import time\ndef burn(n):\n    return sum(i * i for i in range(n))\n"
    text += "def wait(n):\n    time.sleep(0.05)\n    return n\n"
    busy = type(bench)(tmp_path, text, "busy")

    def times(function: str, sizes: list[int]) -> tuple[int, ...]:
        calls = [payload(size) for size in sizes]
        found = time_node(busy.request(function, text, calls, code=b""))
        assert not found.reason
        return found.nanoseconds

    small, large = times("burn", [2_000, 200_000])
    assert large > 20 * small
    assert max(times("wait", [1, 2, 3])) < 40_000_000


def test_small_objects_are_counted_one_by_one(hungry: Any) -> None:
    (weight,) = weigh(hungry, "small", [20_000]).weights
    floats, pointers = 20_000 * sys.getsizeof(1.5), sys.getsizeof([0.0] * 20_000)
    # While the list grows, the old and the new array of pointers may live at once.
    assert floats + pointers < weight.peak_bytes < floats + 2.3 * pointers
    assert weight.allocations is not None
    assert weight.allocations >= 20_000


def test_inputs_do_not_count(hungry: Any) -> None:
    request = hungry.request("small", HUNGRY, [payload(10), payload(10)], code=b"")
    assert all(w.peak_bytes < 20_000 for w in weigh_node(request).weights)


def test_a_node_that_cannot_be_loaded_is_refused_with_the_reason(hungry: Any) -> None:
    found = weigh(hungry, "small", [10], key=Key("hungry", "absent", 99))
    assert found.refused
    assert found.reason
    assert not found.weights


def test_records_of_one_thread_from_a_mark_on(tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(
        "import memray, sys, threading\n"
        "def mine(n):\n"
        "    bytearray((5 << 20) + 6)\n"
        "    held = bytearray(n)\n"
        "    return deeper(n, held)\n"
        "def deeper(n, held):\n"
        "    return len(held) + len(bytearray(n))\n"
        "def other(n):\n"
        "    return bytearray(5 * n)\n"
        "where = memray.FileDestination(sys.argv[1], compress_on_exit=False)\n"
        "with memray.Tracker(destination=where, trace_python_allocators=True):\n"
        "    kept = other(1 << 20)\n"
        "    mine(1 << 20)\n"
        "    t = threading.Thread(target=other, args=(3 << 20,)); t.start(); t.join()\n"
    )
    file = tmp_path / "file.memray"
    subprocess.run([sys.executable, str(script), str(file)], check=True)
    mark = (5 << 20) + 7  # a bytearray has one byte more
    weight = replay(str(file), mark)
    assert weight.peak_bytes == pytest.approx(2 * MIB, rel=0.01)
    assert replay(str(file)).peak_bytes > 6 * MIB
    with pytest.raises(OSError, match="more than 10 records"):
        replay(str(file), mark, most=10)
    command = [sys.executable, "-m", "selfsame.runtime.shadow.records", str(file), str(mark)]
    told = subprocess.run(command, capture_output=True, text=True)
    assert f'"peak_bytes": {weight.peak_bytes}' in told.stdout
    os.truncate(file, 100)
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr
