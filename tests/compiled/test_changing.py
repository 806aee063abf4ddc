"""Functions that change their arguments: the lists themselves, at the same moments, or not at all."""

import array
import copy
import itertools
import math
import signal
import threading
from collections.abc import Callable

import pytest
from compiled_workbench import Bench, answer, structure

TEXT = """
def insertion(a):
    for i in range(1, len(a)):
        key = a[i]
        j = i - 1
        while j >= 0 and a[j] > key:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = key
    return a


def partition(a, low, high):
    pivot = a[high]
    i = low - 1
    for j in range(low, high):
        if a[j] <= pivot:
            i += 1
            a[i], a[j] = a[j], a[i]
    a[i + 1], a[high] = a[high], a[i + 1]
    return i + 1


def quicksort(a, low, high):
    if low < high:
        p = partition(a, low, high)
        quicksort(a, low, p - 1)
        quicksort(a, p + 1, high)


def relax(a, b, n):
    for k in range(n):
        a[k] = b[k] + 1
        b[k] = a[k] * 2


def swap_rows(g, n):
    g[0], g[n] = g[n], g[0]
    for i in range(len(g)):
        for j in range(len(g[i])):
            for k in range(n):
                g[i][j] += 1
    return g[0], g


def grow(a, n):
    kept = a
    for i in range(n):
        if i % 3 == 2:
            kept.pop()
        else:
            a.append(i)
    return len(kept)


def shuffle(a, n):
    a[1:3] = a[n:]
    del a[0]
    a.insert(n, n)
    a.extend(a)
    a += [n] * 2
    a.reverse()
    a.sort(reverse=True)
    a.insert(0, a.pop(1))
    b = sorted(a)
    return b[::-1], a[-3:], b, b


def new_row(g, n):
    row = [n] * 2
    old = g[0]
    old[0] = n
    g[0] = row
    g.append(row)
    row[1] = 7
    return old


def spin(a, n):
    i = 0
    while i < n:
        a[0] = i
        i += 1
    return i


def spin_far(a, n):
    for i in range(n):
        for j in range(n):
            a[0] = i
    return a


def divide(a, by):
    for i in range(len(a)):
        a[i] = a[i] // by
    a[0] = 100 // (by - 1)
"""
INTS = {"a": "list[int]", "n": "int"}
SEEN = {
    "insertion": {"a": "list[float]"},
    "partition": {"a": "list[int]", "low": "int", "high": "int"},
    "quicksort": {"a": "list[int]", "low": "int", "high": "int"},
    "relax": {"a": "list[int]", "b": "list[int]", "n": "int"},
    "swap_rows": {"g": "list[list[int]]", "n": "int"},
    "grow": INTS,
    "shuffle": INTS,
    "new_row": {"g": "list[list[int]]", "n": "int"},
    "spin": INTS,
    "spin_far": INTS,
    "divide": {"a": "list[int]", "by": "int"},
}


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, SEEN, builder, SEEN)
    assert not made.refusals
    return made


def outcome(function: Callable[..., object], arguments: list[object]) -> object:
    return structure([*answer(function, arguments), arguments])


ROW = [1, 2]
LIST = [5, 3, 9, 1]
CASES: list[tuple[str, list[object], bool]] = [
    ("insertion", [[3.5, -0.0, 0.0, -2.0, 3.5]], True),
    ("insertion", [[]], True),
    ("insertion", [[3.5, 1]], False),
    ("partition", [[5, 3, 9, 1, 4], 0, 4], True),
    ("partition", [[5, 3], 0, 7], False),
    ("quicksort", [[5, 3, 9, 1, 4, 4, 2], 0, 6], True),
    ("relax", [[0] * 4, [1, 2, 3, 4], 4], True),
    ("relax", [LIST, LIST, 4], True),
    ("relax", [LIST, LIST, 5], False),
    ("relax", [[0] * 4, [1, 2, 2**62, 4], 4], False),
    ("swap_rows", [[[1], [2, 3], []], 2], True),
    ("swap_rows", [[ROW, ROW, [4]], 2], True),
    ("swap_rows", [[[1], [2]], 5], False),
    ("grow", [[1, 2], 10], True),
    ("grow", [[], 10], True),
    ("shuffle", [[5, 3, 9, 1, 4], 2], True),
    ("shuffle", [[], 2], False),
    ("new_row", [[[1, 2], [3]], 5], True),
    ("new_row", [[ROW, ROW], 5], True),
    ("new_row", [[], 5], False),
    ("divide", [[8, 9, 10], 3], True),
    ("divide", [[8, 9, 10], 1], False),
    ("divide", [[8, 9, 10], 0], False),
    ("divide", [[], 3], False),
]


@pytest.mark.parametrize(("name", "arguments", "stays"), CASES)
def test_results_arguments_and_sharing_agree(
    bench: Bench, name: str, arguments: list[object], stays: bool
) -> None:
    before = bench.deopts[name]
    one = outcome(getattr(bench.original, name), copy.deepcopy(arguments))
    two = outcome(getattr(bench.compiled, name), copy.deepcopy(arguments))
    assert one == two
    assert (bench.deopts[name] == before) is stays


def test_an_argument_keeps_the_items_that_were_not_changed(bench: Bench) -> None:
    big = [10**9 + i for i in range(4)]
    kept = list(big)
    bench.compiled.relax(big, [10**6, 10**7], 2)
    assert all(a is b for a, b in zip(big[2:], kept[2:], strict=True))


def test_a_returned_argument_is_the_same_list(bench: Bench) -> None:
    numbers, grid = [2.0, 1.0], [[1], [2]]
    assert bench.compiled.insertion(numbers) is numbers
    row, again = bench.compiled.swap_rows(grid, 1)
    assert again is grid and row is grid[0]


@pytest.mark.parametrize("name", ["spin", "spin_far"])
def test_an_interrupt_shows_what_was_written_until_then(bench: Bench, name: str) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    function = getattr(bench.compiled, name)
    before = signal.signal(signal.SIGVTALRM, stop)
    numbers = [-1]
    try:
        # Soon: after some four million steps in place the way back is too long, the call gives up,
        # and nothing is written until the original has begun.
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
        with pytest.raises(Stopped):
            function(numbers, 1 << 40)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    assert numbers[0] >= 0


def test_other_threads_run_on(bench: Bench) -> None:
    turns: list[None] = []
    over = threading.Event()

    def beside() -> None:
        while not over.wait(0.001):
            turns.append(None)

    thread = threading.Thread(target=beside)
    thread.start()
    bench.compiled.spin_far([0], 60000)  # seconds: some hundred turns, and not one in ten lost
    made = len(turns)
    over.set()
    thread.join()
    assert made > 40


UNSET = """
def late(n):
    if n > 3:
        row = [0] * 9
        grid = [row]
    for j in range(1, n):
        row[j] = j
        for k in range(2):
            grid[0][k] += 1
    return row
"""


def test_a_list_that_is_not_set_is_not_looked_at_before_a_loop(builder) -> None:
    bench = Bench.of(UNSET, ["late"], builder, {"late": {"n": "int"}})
    assert outcome(bench.original.late, [2]) == outcome(bench.compiled.late, [2])
    bench.check_fast("late", 5)


ARRAYS = """
def scale(x, y, n):
    for i in range(n):
        y[i] = y[i] * x[i] + 1
    return y


def add(x, n):
    for k in range(n):
        for i in range(len(x)):
            x[i] += x[i - 1]
    return len(x)
"""


@pytest.mark.parametrize("code", ["b", "B", "h", "H", "i", "I", "l", "q", "d", "f", "Q"])
def test_arrays_are_changed_in_place_within_their_range(builder, code: str) -> None:
    kinds = {"x": f"array[{code}]", "y": f"array[{code}]", "n": "int"}
    bench = Bench.of(ARRAYS, ["scale", "add"], builder, {"scale": kinds, "add": kinds})
    if code in "fQ":
        assert "no compiled form" in bench.refusals["add"].reason
        return
    for n in (2, 3, 9, 70):
        one, two = (array.array(code, [1, 2, 3]) for _ in range(2))
        assert outcome(bench.original.add, [one, n]) == outcome(bench.compiled.add, [two, n])
        assert one == two
    shared = array.array(code, [3, 4])
    again = copy.deepcopy(shared)
    bench.original.scale(shared, shared, 2)
    bench.compiled.scale(again, again, 2)
    assert shared == again
    assert bench.compiled.scale(again, again, 0) is again
    other, another = (array.array("d" if code != "d" else "l", [1]) for _ in range(2))
    assert outcome(bench.original.add, [other, 1]) == outcome(bench.compiled.add, [another, 1])


def test_an_array_holds_the_very_nan_that_python_computes(builder) -> None:
    kinds = {"x": "array[d]", "y": "array[d]", "n": "int"}
    bench = Bench.of(ARRAYS, ["scale"], builder, {"scale": kinds})
    numbers = [math.nan, -math.nan, math.inf, -math.inf, 0.0, 1.0]
    for a, b in itertools.product(numbers, numbers):
        held = []
        for module in (bench.original, bench.compiled):
            x, y = array.array("d", [a, 2.0]), array.array("d", [b, 3.0])
            module.scale(x, y, 2)
            held.append((x.tobytes(), y.tobytes()))
        assert held[0] == held[1]
