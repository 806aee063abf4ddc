"""What outside functions give to captured calls: recorded beside them, and nothing else is different."""

from __future__ import annotations

import io
import marshal
import pickle
import time
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.compiler.instrument.twins import named_of, probed, twin
from selfsame.runtime.agent.capture import Capture
from selfsame.runtime.agent.codes import callees, patch
from selfsame.runtime.agent.hearing import MOST, Hearing
from selfsame.runtime.agent.recorder import Probe
from selfsame.runtime.agent.registry import Registry

TEXT = """\
import time
from time import monotonic_ns as now
def ask(n):
    begun = now()
    try:
        if n > 1:
            ask(n - 1)
        if n < 0:
            raise ValueError(time.time())
        return [time.time(), time.monotonic()]
    except KeyError:
        return time.time()
    finally:
        assert now() >= begun
def often(n):
    while n:
        time.time(); n -= 1
def held(n):
    clock = time.time
    return clock()
def twice(n):
    clock = time.time
    if n:
        clock = time.monotonic
    return clock()
def listed(n):
    return list(time.time() for _ in range(n))
def around(n):
    clock = time.time
    def within():
        return clock()
    return within() + clock()
def inside(n):
    return (lambda: time.time())()
def steps(n):
    yield time.time()
"""


class Heard:
    """A module whose function runs its recording twin."""

    def __init__(self, folder: Path, name: str) -> None:
        path = folder / "asking.py"
        path.write_text(TEXT)
        source = Source.read(path, "asking")
        definition = next(d for d in definitions(source) if d.qualname == name)
        facts = ModuleFacts.of(source, lambda _: None).plain(definition.address)
        self.replayable = facts.replayable
        calls = facts.replayed
        self.namespace: dict[str, Any] = {"__name__": "asking"}
        exec(compile(TEXT, str(path), "exec"), self.namespace)
        function: FunctionType = self.namespace[name]
        self.call: Any = function
        self.named = named_of(calls)
        hearing = Hearing(self.named, self.namespace)
        self.capture = Capture([], 65536, Registry([]), None, hearing)
        probe = Probe()
        probe.taker = self.capture
        code = marshal.loads(probed(source, definition, "capture", listened=calls))
        function.__code__ = patch(code, callees(probe), function.__code__)

    def records(self) -> list[list[tuple[str, Any]]]:
        """What came behind each payload, in the order in which the calls began."""
        found = []
        for data, _ in self.capture.calls()[0]:
            stream = io.BytesIO(data)
            pickle.load(stream)
            found.append(pickle.load(stream))
            assert stream.tell() == len(data)
        return found


def names(record: list[tuple[str, Any]]) -> list[str]:
    return [dotted.rpartition(".")[2] for dotted, _ in record]


OWN = ["monotonic_ns", "time", "monotonic", "monotonic_ns"]


def test_what_was_given_is_recorded_in_order(tmp_path: Path) -> None:
    heard = Heard(tmp_path, "ask")
    result = heard.call(1)
    (record,) = heard.records()
    assert names(record) == OWN
    assert [record[1][1], record[2][1]] == result


def test_a_call_inside_belongs_to_both_and_an_exception_ends_one(tmp_path: Path) -> None:
    heard = Heard(tmp_path, "ask")
    heard.call(2)
    with pytest.raises(ValueError) as caught:
        heard.call(-1)
    outer, inner, failed = heard.records()
    assert names(outer) == ["monotonic_ns", *OWN, *OWN[1:]]
    assert outer[1:5] == inner
    assert names(failed) == ["monotonic_ns", "time", "monotonic_ns"]
    assert failed[1][1] == caught.value.args[0]


def test_threads_have_their_own_records(tmp_path: Path, at_once: Any) -> None:
    heard = Heard(tmp_path, "ask")
    at_once(lambda: [heard.call(3) for _ in range(40)] for _ in range(4))
    lengths = sorted(len(record) for record in heard.records())
    assert lengths == sorted([4, 8, 12] * 160)


def test_a_function_in_the_place_of_the_clock_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(tmp_path, "ask")
    heard.namespace["now"] = lambda: 5
    assert len(heard.call(1)) == 2
    assert heard.records() == [] and heard.capture.pending == 0
    assert heard.capture.refused == {"time.monotonic_ns is not the standard library's here": 1}
    heard.namespace["now"] = time.monotonic_ns
    monkeypatch.setattr(time, "time", lambda: "noon")
    assert heard.call(1)[0] == "noon"
    assert heard.capture.refused["time.time is not the standard library's here"] == 1


def test_a_record_is_bounded(tmp_path: Path) -> None:
    heard = Heard(tmp_path, "often")
    heard.call(MOST)
    heard.call(MOST + 1)
    assert [len(record) for record in heard.records()] == [MOST]
    assert list(heard.capture.refused) == [f"more than {MOST:,} calls of outside functions"]


def test_a_clock_that_has_a_local_name_is_heard(tmp_path: Path) -> None:
    heard = Heard(tmp_path, "held")
    result = heard.call(1)
    assert heard.replayable and heard.records() == [[("time.time", result)]]


def test_a_twin_that_cannot_listen_is_refused(tmp_path: Path) -> None:
    """Only what the facts say is asked for: this is where they and the code differ."""
    source = Source("asking.py", "asking", TEXT)
    held, other = (
        next(d for d in definitions(source) if d.qualname == n) for n in ("held", "twice")
    )
    calls = ModuleFacts.of(source, lambda _: None).plain(held.address).replayed
    with pytest.raises(Skipped, match="in code of its own"):
        probed(source, other, "capture", listened=calls)
    (call,) = calls
    with pytest.raises(Skipped, match="called in another way"):
        probed(source, held, "capture", listened=[replace(call, local="")])


REWRITE = """\
def ask(n):
    begun = now()
    wait = time.sleep
    return [begun, max(time.time(), time.time()), time.monotonic(), time.time.__name__]
"""


def test_a_rewrite_is_heard_by_the_names_of_what_it_calls(tmp_path: Path) -> None:
    heard = Heard(tmp_path, "ask")
    space: dict[str, Any] = {}
    exec(compile(REWRITE, "rewrite", "exec"), space)
    probe = Probe()
    probe.taker = heard.capture
    code = twin(space["ask"].__code__, "capture", reached=heard.named)
    heard.call.__code__ = patch(code, callees(probe), None)
    result = heard.call(1)
    (record,) = heard.records()
    assert names(record) == ["monotonic_ns", "time", "time", "monotonic"]
    assert result[:3] == [record[0][1], max(record[1][1], record[2][1]), record[3][1]]


@pytest.mark.parametrize("name", ["steps", "inside", "twice", "listed", "around"])
def test_what_others_of_the_program_ask_is_not_replayed(tmp_path: Path, name: str) -> None:
    assert not Heard(tmp_path, name).replayable
