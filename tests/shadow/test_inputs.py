"""Captured calls are read again and again in a worker, which measures what a function keeps of each."""

import bisect
import gc
import heapq
import math
import operator
import random
import tracemalloc

from selfsame.runtime.agent.capture import dump
from selfsame.runtime.shadow.inputs import unpickle


class Product:
    def __init__(self, number: int) -> None:
        self.identifier, self.description, self.quantity = number, f"product {number}", number * 2


def test_functions_of_the_standard_library_that_do_nothing_outside() -> None:
    given = (bisect.bisect, heapq.heappush, math.sqrt, len, operator.add)
    assert unpickle(dump({"args": given, "globals": {}}, 1 << 20))["args"] == given


def test_reading_calls_leaves_nothing_behind() -> None:
    """Python's cache of look-ups keeps a name that it meets: each call would bring its own."""
    calls = [
        dump({"args": (Product(n), random.Random(n)), "globals": {}}, 1 << 20) for n in range(60)
    ]

    def read() -> int:
        for call in calls:
            unpickle(call)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start(1)
    try:
        read()
        before = read()
        grown = [read() - before for _ in range(3)]
    finally:
        tracemalloc.stop()
    assert min(grown) < 6 * len(calls)
