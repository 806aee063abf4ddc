"""Probes of generators, coroutines and asynchronous generators: what is theirs, and what is not."""

from __future__ import annotations

import asyncio
import marshal
import threading
import time
from types import FunctionType, ModuleType
from typing import Any

import pytest

from selfsame.compiler.instrument.twins import twin
from selfsame.runtime.agent.codes import callees, patch

AWAY_S = 0.02


def probed(recorder: ModuleType, function: Any, limit: int = 0, kind: str = "time") -> Any:
    """Put a twin into a function, for good; its probe."""
    assert isinstance(function, FunctionType)
    probe = recorder.Probe(limit)
    plain = function.__code__
    code = marshal.loads(marshal.dumps(twin(plain, kind)))
    function.__code__ = patch(code, callees(probe), plain)
    return probe


def burn(seconds: float = 0.002) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_time_between_yields_is_not_the_generators(recorder: ModuleType) -> None:
    def numbers(n: int) -> Any:
        for i in range(n):
            burn()
            yield i

    probe = probed(recorder, numbers)
    began = time.perf_counter()
    for _ in numbers(5):
        time.sleep(AWAY_S)
    wall_ns = (time.perf_counter() - began) * 1e9
    assert (probe.calls, probe.outermost, probe.errors) == (1, 1, {})
    assert 5 * 2e6 <= probe.own == probe.total < wall_ns - 5 * AWAY_S * 1e9


def test_however_a_generator_ends_it_counts_once(recorder: ModuleType) -> None:
    def numbers() -> Any:
        yield 1
        yield 2
        raise KeyError

    probe = probed(recorder, numbers)
    with pytest.raises(KeyError):
        list(numbers())
    assert (probe.calls, probe.errors) == (1, {"KeyError": 1})
    numbers()  # never begun
    assert probe.calls == 1
    for _ in numbers():
        break
    assert (probe.calls, probe.errors) == (2, {"KeyError": 1})
    begun = numbers()
    next(begun)
    begun.close()
    begun.close()
    assert (probe.calls, probe.errors) == (3, {"KeyError": 1})
    begun = numbers()
    next(begun)
    with pytest.raises(ZeroDivisionError):
        begun.throw(ZeroDivisionError)
    assert (probe.calls, probe.errors) == (4, {"KeyError": 1, "ZeroDivisionError": 1})
    assert probe.lost == 0


def test_what_runs_after_an_exception_that_is_thrown_in_is_the_generators(
    recorder: ModuleType,
) -> None:
    def numbers() -> Any:
        while True:
            try:
                yield 1
            except KeyError:
                burn(0.01)
            except IndexError:
                return

    probe = probed(recorder, numbers)
    begun = numbers()
    next(begun)
    begun.throw(KeyError)
    time.sleep(AWAY_S)
    with pytest.raises(StopIteration):
        begun.throw(IndexError)
    assert (probe.calls, probe.errors) == (1, {})
    assert probe.total >= 10e6


def test_an_exception_of_the_callers_is_not_the_generators(recorder: ModuleType) -> None:
    def numbers() -> Any:
        yield 1
        yield 2

    probe = probed(recorder, numbers)
    begun = numbers()
    next(begun)
    try:
        raise ValueError
    except ValueError:
        assert list(begun) == [2]
    assert (probe.calls, probe.errors) == (1, {})


def test_delegation_is_total_but_not_own(recorder: ModuleType) -> None:
    def inner(n: int) -> Any:
        for i in range(n):
            burn()
            yield i
        return n

    def outer() -> Any:
        total = 0
        for n in (1, 2):
            total += yield from inner(n)
        return total

    outside, inside = probed(recorder, outer), probed(recorder, inner)
    for _ in outer():
        time.sleep(AWAY_S)
    assert (outside.calls, inside.calls) == (1, 2)
    assert inside.total <= outside.total < inside.total + 3 * AWAY_S * 1e9
    assert outside.own <= outside.total - inside.total + 1


def test_a_recursive_generator_is_counted_once_in_the_total(recorder: ModuleType) -> None:
    def walk(tree: Any) -> Any:
        if isinstance(tree, int):
            burn(0.001)
            yield tree
        else:
            for part in tree:
                yield from walk(part)

    probe = probed(recorder, walk)
    began = time.perf_counter()
    assert list(walk([1, [2, [3, 4]], 5])) == [1, 2, 3, 4, 5]
    wall_ns = (time.perf_counter() - began) * 1e9
    assert probe.calls == 8 and probe.lost == 0
    assert 5e6 <= probe.total <= wall_ns and probe.own <= wall_ns


def test_awaiting_is_not_the_coroutines(recorder: ModuleType) -> None:
    async def leaf() -> int:
        burn()
        await asyncio.sleep(AWAY_S)
        burn()
        return 1

    async def root() -> int:
        return sum([await leaf() for _ in range(3)])

    async def main() -> list[int]:
        return await asyncio.gather(root(), root(), root())

    leaves, roots = probed(recorder, leaf), probed(recorder, root)
    began = time.perf_counter()
    assert asyncio.run(main()) == [3, 3, 3]
    wall_ns = (time.perf_counter() - began) * 1e9
    assert (leaves.calls, roots.calls) == (9, 3)
    assert 9 * 4e6 <= leaves.total <= roots.total
    assert roots.total <= wall_ns  # three at a time: with their waits it would be more
    assert roots.own <= roots.total - leaves.total + 1
    assert (leaves.lost, roots.lost, leaves.errors) == (0, 0, {})


def test_cancelling_and_timeouts_are_seen_where_they_leave(recorder: ModuleType) -> None:
    async def waits() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            burn(0.01)

    async def shielded() -> str:
        try:
            async with asyncio.timeout(AWAY_S):
                await waits()
        except TimeoutError:
            return "late"
        return "in time"

    inside, outside = probed(recorder, waits), probed(recorder, shielded)
    assert asyncio.run(shielded()) == "late"
    assert (inside.calls, inside.errors) == (1, {"CancelledError": 1})
    assert (outside.calls, outside.errors) == (1, {})
    assert inside.total >= 10e6


def test_asynchronous_generators_and_managers(recorder: ModuleType) -> None:
    class Manager:
        async def __aenter__(self) -> None:
            await asyncio.sleep(0)

        async def __aexit__(self, *error: object) -> bool:
            await asyncio.sleep(0)
            return True

    async def numbers(n: int) -> Any:
        for i in range(n):
            burn()
            await asyncio.sleep(AWAY_S)
            yield i

    async def main() -> list[int]:
        found = [x async for x in numbers(3)]
        async with Manager():
            async for x in numbers(3):
                found.append(x)
                if x:
                    raise ValueError
        return found

    probe = probed(recorder, numbers)
    exits = probed(recorder, Manager.__aexit__)
    began = time.perf_counter()
    assert asyncio.run(main()) == [0, 1, 2, 0, 1]
    wall_ns = (time.perf_counter() - began) * 1e9
    assert (probe.calls, exits.calls, probe.errors) == (2, 1, {})
    assert 5 * 2e6 <= probe.total < wall_ns - 5 * AWAY_S * 1e9


def test_a_window_that_closes_while_a_generator_is_suspended(recorder: ModuleType) -> None:
    def numbers(n: int) -> Any:
        i = 0
        while i < n:
            yield i
            i += 1

    probe = probed(recorder, numbers, 2)
    long = numbers(5)
    assert next(long) == 0
    assert list(numbers(3)) == [0, 1, 2]
    assert not probe.closed
    assert list(numbers(1)) == [0]
    assert probe.closed
    assert list(long) == [1, 2, 3, 4] and list(numbers(2)) == [0, 1]
    assert probe.lost == 0


def test_what_is_in_progress_when_a_window_closes_is_not_recorded_on(
    recorder: ModuleType,
) -> None:
    def numbers(n: int) -> Any:
        for i in range(n):
            if i == 2:
                probe.close()
            yield i

    probe = probed(recorder, numbers)
    suspended = numbers(2)
    assert next(suspended) == 0
    assert list(numbers(400)) == list(range(400))  # it closes while this one runs
    assert list(suspended) == [1] and list(numbers(2)) == [0, 1]
    assert (probe.calls, probe.lost, probe.passes) == (0, 0, 4)


@pytest.mark.parametrize("kind", ["time", "capture"])
def test_a_call_that_is_resumed_thousands_of_times_is_the_last_of_its_window(
    recorder: ModuleType, kind: str
) -> None:
    def numbers(n: int) -> Any:
        yield from range(n)
        yield from range(n)

    closed: list[int] = []
    probe = probed(recorder, numbers, limit=50, kind=kind)
    probe.on_close = lambda: closed.append(probe.calls)
    if kind == "capture":
        probe.taker = Calls()
    for calls in range(1, 4):
        assert len(list(numbers(100))) == 200
        assert probe.calls == calls
    assert closed == [3] and probe.closed and probe.passes >= 500
    passes = probe.passes
    assert len(list(numbers(5000))) == 10000
    assert (probe.calls, probe.passes, closed) == (3, passes, [3])


def test_generators_move_between_threads(recorder: ModuleType) -> None:
    def numbers() -> Any:
        yield 1
        yield 2

    probe = probed(recorder, numbers)
    found: list[int] = []
    begun = numbers()
    for _ in range(2):
        thread = threading.Thread(target=lambda: found.append(next(begun)))
        thread.start()
        thread.join()
    assert list(begun) == [] and found == [1, 2]
    assert (probe.calls, probe.lost) == (1, 0)


class Calls:
    """A taker that keeps what it was given, and never has enough."""

    full, pending = False, 0

    def __init__(self) -> None:
        self.taken: list[tuple[object, ...]] = []
        self.ended: dict[int, int] = {}
        self.nested: set[int] = set()

    def take(self, arguments: tuple[object, ...]) -> int:
        self.taken.append(arguments)
        return len(self.taken) - 1

    def done(self, token: int, nanoseconds: int, outermost: bool) -> None:
        self.ended[token] = nanoseconds
        if not outermost:
            self.nested.add(token)


def test_a_generator_is_captured_when_its_body_begins(recorder: ModuleType) -> None:
    def numbers(first: int, *rest: int, step: int = 1) -> Any:
        def add() -> int:  # its variable is a cell
            return first + step

        burn()
        yield add()
        yield from rest

    probe = probed(recorder, numbers, kind="capture")
    probe.taker = calls = Calls()
    never = numbers(9)
    assert list(numbers(1, 5, 6)) == [2, 5, 6]
    left, thrown = numbers(2, 7, step=2), numbers(3)
    assert (next(left), next(thrown)) == (4, 4)
    assert calls.taken == [(1, 1, (5, 6)), (2, 2, (7,)), (3, 1, ())]
    assert set(calls.ended) == {0}
    left.close()
    with pytest.raises(KeyError):
        thrown.throw(KeyError)
    assert set(calls.ended) == {0, 1, 2} and min(calls.ended.values()) >= 2e6
    assert probe.lost == 0
    del never


def test_a_generator_that_is_asked_by_another_of_its_function_is_not_outermost(
    recorder: ModuleType,
) -> None:
    def down(n: int) -> Any:
        yield n
        if n:
            yield from again[0](n - 1)

    again: list[Any] = [down]
    probe = probed(recorder, down, kind="capture")
    probe.taker = calls = Calls()
    assert list(down(2)) == [2, 1, 0] and list(down(0)) == [0]
    assert calls.taken == [(2,), (1,), (0,), (0,)]
    assert calls.nested == {1, 2} and set(calls.ended) == {0, 1, 2, 3}


def test_of_a_generator_every_so_many_calls_are_captured(recorder: ModuleType) -> None:
    def numbers(n: int) -> Any:
        yield from range(n)

    probe = probed(recorder, numbers, kind="capture")
    probe.taker, probe.rate = (calls := Calls()), 3
    assert [list(numbers(n)) for n in range(7)] == [list(range(n)) for n in range(7)]
    assert calls.taken == [(0,), (3,), (6,)] and len(calls.ended) == 3


@pytest.mark.parametrize("kind", ["time", "capture"])
def test_of_thousands_in_progress_only_so_many_are_recorded(
    recorder: ModuleType, kind: str
) -> None:
    asked: list[int] = []

    def numbers(n: int) -> Any:
        yield n
        yield n + 1

    probe = probed(recorder, numbers, limit=3, kind=kind)
    probe.on_close = lambda: asked.append(probe.calls)
    if kind == "capture":
        probe.taker = calls = Calls()
    begun = [numbers(n) for n in range(2000)]
    assert [next(each) for each in begun] == list(range(2000))
    assert asked == [0]  # new ones are to run the plain code
    assert probe.entered == 3
    assert [list(each) for each in reversed(begun)] == [[n + 1] for n in reversed(range(2000))]
    assert (probe.calls, probe.lost, asked) == (3, 0, [0, 3])
    if kind == "capture":
        assert calls.taken == [(0,), (1,), (2,)] and len(calls.ended) == 3
