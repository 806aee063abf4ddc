from __future__ import annotations

import sys
import threading
import time
import warnings
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import pytest

from selfsame.runtime.agent.codes import patch
from selfsame.runtime.link.histogram import BUCKETS, bucket, lower_bound

TWIN = """
def {head}:
    "\\0selfsame:enter"()
    try:
{body}
    finally:
        "\\0selfsame:leave"()
"""


def probed(probe: Any, head: str, body: str, scope: dict[str, Any] | None = None) -> FunctionType:
    scope = {} if scope is None else scope
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(TWIN.format(head=head, body=lines), scope)
    function = scope[head.partition("(")[0]]
    mapping = {"\0selfsame:enter": probe.enter, "\0selfsame:leave": probe.leave}
    function.__code__ = patch(function.__code__, mapping)
    assert isinstance(function, FunctionType)
    return function


def test_calls_times_and_histogram_agree(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    function = probed(probe, "f(x)", "return x + 1")
    assert [function(i) for i in range(50)] == list(range(1, 51))
    seen = probe.snapshot()
    assert seen["calls"] == seen["outermost"] == sum(seen["buckets"].values()) == 50
    assert seen["total_ns"] == seen["own_ns"] > 0
    assert seen["errors"] == {} and seen["lost"] == 0
    least = sum(lower_bound(i) * n for i, n in seen["buckets"].items())
    assert least <= seen["total_ns"] <= seen["span_ns"]


def test_enter_and_leave_return_none(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    assert probe.enter() is None
    assert probe.leave() is None
    assert probe.snapshot()["calls"] == 1


def test_a_slow_callee_is_total_but_not_own(recorder: ModuleType) -> None:
    inner, outer = recorder.Probe(), recorder.Probe()
    scope: dict[str, Any] = {"sleep": time.sleep}
    probed(inner, "g()", "sleep(0.02)", scope)
    f = probed(outer, "f()", "g()\ng()", scope)
    f()
    assert inner.total >= 40_000_000
    assert outer.total >= inner.total
    assert outer.own == outer.total - inner.total


def test_recursion_is_counted_once_in_the_total(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    scope: dict[str, Any] = {}
    f = probed(probe, "f(n)", "return 1 if n < 2 else f(n - 1) + f(n - 2)", scope)
    assert f(12) == 233
    seen = probe.snapshot()
    assert seen["calls"] == 465 and seen["outermost"] == 1
    assert 0 < seen["own_ns"] <= seen["total_ns"] <= seen["span_ns"]


def test_an_exception_that_leaves_is_counted_once_by_type(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    f = probed(probe, "f(kind)", "if kind: raise kind()\nreturn 1")
    for kind in (ValueError, KeyError, ValueError, SystemExit):
        with pytest.raises(kind):
            f(kind)
    assert f(None) == 1
    assert probe.snapshot()["errors"] == {"ValueError": 2, "KeyError": 1, "SystemExit": 1}
    assert probe.calls == 5


def test_an_exception_handled_inside_or_outside_is_none(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    f = probed(probe, "f()", "try:\n    1/0\nexcept ZeroDivisionError:\n    return 2")
    assert f() == 2
    try:
        raise OSError
    except OSError:
        assert f() == 2  # an exception is being handled around it
    assert probe.snapshot()["errors"] == {}


def test_an_exception_through_two_probed_functions_counts_in_both(recorder: ModuleType) -> None:
    one, two = recorder.Probe(), recorder.Probe()
    scope: dict[str, Any] = {}
    probed(one, "g()", "raise LookupError", scope)
    f = probed(two, "f()", "g()", scope)
    with pytest.raises(LookupError):
        f()
    assert one.errors == two.errors == {"LookupError": 1}


def test_threads_have_stacks_of_their_own(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    f = probed(probe, "f(n)", "return sum(range(n))")
    wrong = []

    def work() -> None:
        wrong.extend(n for n in range(2000) if f(n % 50) != sum(range(n % 50)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    seen = probe.snapshot()
    assert seen["calls"] == seen["outermost"] == sum(seen["buckets"].values()) == 16_000
    assert seen["lost"] == 0


def test_a_leave_without_an_enter_is_nothing(recorder: ModuleType) -> None:
    probe, other = recorder.Probe(), recorder.Probe()
    probe.leave()
    other.enter()
    probe.leave()
    other.leave()
    assert probe.calls == 0 and other.calls == 1


def test_an_enter_without_a_leave_spoils_no_other_call(recorder: ModuleType) -> None:
    lost, probe = recorder.Probe(), recorder.Probe()
    scope: dict[str, Any] = {"enter": lost.enter}
    exec("def begin():\n    enter()", scope)
    f = probed(probe, "f()", "begin()\nreturn 3", scope)
    assert [f() for _ in range(10)] == [3] * 10
    assert probe.calls == 10 and lost.calls == 0
    assert lost.lost == 10
    again = probed(lost, "g()", "return 1")
    assert again() == 1
    assert lost.calls == lost.outermost == 1


def test_a_lost_enter_of_the_same_function_is_told_from_the_call(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    scope: dict[str, Any] = {"enter": probe.enter, "sleep": time.sleep}
    exec("def begin():\n    enter()", scope)
    f = probed(probe, "f()", "sleep(0.02)\nbegin()", scope)
    f()
    assert probe.calls == 1 and probe.lost == 1
    assert probe.total >= 20_000_000  # the time of the call, not of the enter that was lost


def test_lost_enters_do_not_pile_up(recorder: ModuleType) -> None:
    probe = recorder.Probe()
    scope: dict[str, Any] = {"enter": probe.enter}
    exec("def begin():\n    enter()\ndef again(n):\n    for _ in range(n): begin()", scope)
    scope["again"](1000)
    assert probe.lost >= 990


def test_limit_closes_once_and_in_the_middle_of_recursion(recorder: ModuleType) -> None:
    closed: list[int] = []
    probe = recorder.Probe(5, lambda: closed.append(probe.calls))
    scope: dict[str, Any] = {}
    f = probed(probe, "f(n)", "return n if n == 0 else f(n - 1)", scope)
    assert f(20) == 0
    assert closed == [5]
    assert probe.calls == 21
    assert probe.closed > 0


def test_capture_asks_for_one_call_in_rate(recorder: ModuleType) -> None:
    taken: list[Any] = []
    done: list[Any] = []

    class Taker:
        full, pending = False, 0

        def take(self, arguments: tuple[object, ...]) -> int:
            taken.append(arguments)
            return len(taken) - 1

        def done(self, token: int, spent: int, outermost: bool) -> None:
            done.append((token, spent))

    probe = recorder.Probe()
    probe.taker = Taker()
    probe.rate = 3
    for number in range(7):
        probe.capture((number,))
        probe.leave()
    assert taken == [(0,), (3,), (6,)]
    assert [token for token, _ in done] == [0, 1, 2]
    assert all(spent >= 0 for _, spent in done)
    assert probe.calls == 7


def test_a_full_taker_ends_the_window_with_the_last_call_that_it_took(
    recorder: ModuleType,
) -> None:
    class Taker:
        full, pending, asked = False, 0, 0

        def take(self, arguments: tuple[int]) -> int:
            self.asked += 1
            self.pending += 1
            self.full = arguments[0] >= 2
            return arguments[0]

        def done(self, token: int, spent: int, outermost: bool) -> None:
            self.pending -= 1

    closed: list[int] = []
    probe = recorder.Probe(0, lambda: closed.append(probe.calls))
    probe.taker = taker = Taker()

    def call(n: int, inside: Callable[[], None] = lambda: None) -> None:
        probe.capture((n,))
        inside()
        probe.leave()

    call(0)
    call(1, lambda: [call(n) for n in (2, 3, 4)].clear())
    assert closed[0] == 5  # not before the call around them, which was taken, has ended
    assert taker.asked == 3 and probe.closed > 0


def test_a_call_inside_one_of_the_same_function_and_thread_is_not_outermost(
    recorder: ModuleType,
) -> None:
    ended: list[tuple[int, bool]] = []

    class Taker:
        full, pending = False, 0

        def take(self, arguments: tuple[int, ...]) -> int:
            return arguments[0]

        def done(self, token: int, spent: int, outermost: bool) -> None:
            ended.append((token, outermost))

    probe, other = recorder.Probe(), recorder.Probe()
    probe.taker = Taker()

    def call(n: int, inside: Callable[[], None] = lambda: None) -> None:
        probe.capture((n,))
        inside()
        probe.leave()

    def between() -> None:
        other.enter()
        call(1)
        other.leave()
        thread = threading.Thread(target=call, args=(2,))
        thread.start()
        thread.join()

    call(0, between)
    call(3)
    assert ended == [(1, False), (2, True), (0, True), (3, True)]


def test_the_compiled_recorder_allocates_nothing_in_the_steady_state() -> None:
    from selfsame.runtime.agent import recorder as found

    if not found.COMPILED:
        pytest.skip("the extensions are not built")
    probe = found.Probe()
    enter: Callable[[], None] = probe.enter
    leave: Callable[[], None] = probe.leave
    enter()
    leave()
    before = sys.getallocatedblocks()
    for _ in range(5000):
        enter()
        leave()
    assert sys.getallocatedblocks() - before < 50


def test_buckets_are_narrow_and_invertible() -> None:
    for index in range(BUCKETS):
        assert bucket(lower_bound(index)) == index
    for value in (0, 1, 15, 16, 17, 1000, 123_456_789, 10**15):
        low = lower_bound(bucket(value))
        assert low <= value < max(low + 1, low * 17 // 16 + 1)
    assert bucket(-5) == 0 and bucket(1 << 70) == BUCKETS - 1
