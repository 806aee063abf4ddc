"""Compiled in place: a heap of instances that say themselves what comes first, step by step as ``heapq``."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import heapq
from heapq import heappush


class Event:
    def __init__(self, time, name):
        self.time = time
        self.name = name
        self.asked = 0

    def __lt__(self, other):
        self.asked += 1
        return self.time < other.time


class Queue:
    def __init__(self):
        self.events = []

    def put(self, time, name):
        heapq.heappush(self.events, Event(time, name))

    def work(self, orders):
        done = []
        for time, name in orders:
            if time < 0:
                done.append(heapq.heappop(self.events))
            else:
                self.put(time, name)
        return done


def run(queue, orders):
    return queue.work(orders)


def ordered(times):
    heap = []
    for i in range(len(times)):
        heappush(heap, Event(times[i], i))
    out = []
    while heap:
        event = heapq.heappop(heap)
        out.append((event.time, event.name, event.asked))
    return out
"""


def filled(module: Any, times: list[int]) -> Any:
    """A queue that holds some."""
    queue = module.Queue()
    for number, time in enumerate(times):
        queue.put(time, number)
    return queue


EXAMPLES: dict[str, Make] = {
    "run": lambda m: (filled(m, [3, 1]), [(2, 5), (-1, 0)]),
    "ordered": lambda m: ([2, 1],),
}


@pytest.fixture(scope="module")
def heaps(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


TIMES = st.lists(st.integers(0, 6), max_size=40)


@settings(deadline=None, max_examples=80)
@given(TIMES, st.lists(st.tuples(st.integers(-3, 6), st.integers(0, 99)), max_size=40))
def test_equal_events_keep_their_places_and_each_is_asked_as_often(
    heaps: InPlace, times: list[int], orders: list[tuple[int, int]]
) -> None:
    heaps.check("run", lambda m: (filled(m, times), orders))


@settings(deadline=None, max_examples=80)
@given(TIMES)
def test_the_original_is_not_asked(heaps: InPlace, times: list[int]) -> None:
    heaps.check_fast("ordered", lambda m: (times,))
    heaps.check_fast("run", lambda m: (filled(m, times), [(3, 1)] + [(-1, 0)] * len(times)))


def test_what_was_done_to_a_heap_is_taken_back(heaps: InPlace) -> None:
    # The last order takes from an empty heap.
    heaps.check("run", lambda m: (filled(m, [4, 4, 1]), [(2, 1), *[(-1, 0)] * 5]))


def test_an_event_of_another_class_is_left_to_python(heaps: InPlace) -> None:
    def odd(m: Any) -> Any:
        queue = filled(m, [5, 4])
        derived = type("Late", (m.Event,), {"__lt__": lambda self, other: False})
        queue.events.append(derived(0, 7))
        return queue, [(2, 1), (-1, 0), (-1, 0)]

    names = [
        [event.name for event in module.run(*odd(module))]
        for module in (heaps.original, heaps.compiled)
    ]
    assert names[0] == names[1]
