"""``finally``: it runs on every way out of a block, whatever leaves or passes it."""

import signal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.build import Builder
from selfsame.compiler.errors import Skipped

TEXT = """
class Gate:
    def __init__(self):
        self.depth = 0
        self.seen = []

    def enter(self, n):
        if self.depth > 3:
            return (0, self.depth)
        try:
            self.depth += 1
            if n <= 0:
                return (n, self.depth)
            return self.enter(n - 2)
        finally:
            self.depth -= 1
            self.seen.append(n)


def entered(gate, numbers):
    return [gate.enter(n) for n in numbers], gate.depth


def kept(numbers):
    total = 0
    for n in numbers:
        try:
            if n == 3:
                continue
            if n == 7:
                break
            total += n
        finally:
            total += 100
    else:
        total += 10000
    return total


def before(n, log):
    try:
        n += 1
        return n
    finally:
        n += 50
        log.append(n)


def of_before(numbers, log):
    return [before(n, log) for n in numbers]


def inner(numbers, log):
    for n in numbers:
        try:
            try:
                if n == 1:
                    return "one"
                if n == 2:
                    break
                for m in range(n):
                    if m == 4:
                        break
                    log.append(m)
            finally:
                log.append("inner")
            log.append("after")
        finally:
            log.append("outer")
    return "end"


def checked(n, log):
    try:
        if n < 0:
            raise ValueError(n)
        if n > 50:
            raise KeyError(n)
        return n
    finally:
        log.append(n)


def caught(numbers, log):
    found = 0
    for n in numbers:
        try:
            found += checked(n, log)
        except ValueError:
            found -= 1000
        except KeyError:
            log.append("large")
            return found
        finally:
            found += 1
    return found


def looked_up(keys, table, log):
    found = []
    for key in keys:
        try:
            try:
                found.append(table[key])
            finally:
                log.append(key)
        except KeyError:
            found.append(-1)
    return found


def forever(gate):
    try:
        gate.depth += 1
        while gate.depth > 0:
            gate.seen.append(0)
            gate.seen.pop()
    finally:
        gate.depth -= 1
    return gate.depth
"""
Numbers = st.lists(st.integers(-3, 9) | st.sampled_from([1, 2, 3, 7, 60]), max_size=6)


def gate(m: Any) -> Any:
    return m.Gate()


MADE: dict[str, Make] = {
    "entered": lambda m: (gate(m), [1, 2]),
    "kept": lambda m: ([1, 2],),
    "of_before": lambda m: ([1], []),
    "inner": lambda m: ([3, 5], []),
    "caught": lambda m: ([1, -1, 60], []),
    "looked_up": lambda m: ([1, 2], {1: 2}, []),
    "forever": lambda m: (gate(m),),
}


@pytest.fixture(scope="module")
def finishing(builder: Builder) -> InPlace:
    made = {name: make for name, make in MADE.items() if name != "forever"}
    return InPlace(builder, TEXT, made | {"forever": lambda m: (_closed(m),)})


def _closed(m: Any) -> Any:
    found = m.Gate()
    found.depth = -1
    return found


@settings(max_examples=80, deadline=None)
@given(Numbers)
def test_it_runs_whatever_leaves_the_block(finishing: InPlace, numbers: list[int]) -> None:
    finishing.check_fast("entered", lambda m: (gate(m), list(numbers)))
    finishing.check_fast("kept", lambda m: (list(numbers),))
    finishing.check_fast("of_before", lambda m: (list(numbers), []))
    finishing.check_fast("inner", lambda m: (list(numbers), []))


@settings(max_examples=80, deadline=None)
@given(Numbers)
def test_it_runs_before_what_passes_it_is_caught(finishing: InPlace, numbers: list[int]) -> None:
    finishing.check_fast("caught", lambda m: (list(numbers), []))
    finishing.check_fast("looked_up", lambda m: (list(numbers), {1: 2, 3: 4}, []))


def test_what_nobody_catches_is_raised_by_the_original(finishing: InPlace) -> None:
    finishing.check("of_before", lambda m: ([1, None], []))
    finishing.check("caught", lambda m: ([1, "x"], []))
    finishing.check("entered", lambda m: (gate(m), [1, None]))


def test_a_signal_that_passes_it_has_it_run_once(finishing: InPlace) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    held = finishing.compiled.Gate()
    old = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            finishing.compiled.forever(held)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
    assert held.depth == 0


REFUSED = {
    "it loops": "for x in a:\n                a[0] = x",
    "it calls a function": "g(a)",
    "it raises": "raise ValueError",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_be_interrupted_itself_is_refused(builder: Builder, case: str) -> None:
    text = (
        "def g(a):\n    a.append(1)\n    return 2\n"
        "def f(a, n):\n    for k in range(n):\n        try:\n            n += g(a)\n"
        f"        finally:\n            {REFUSED[case]}\n    return n\n"
    )
    with pytest.raises(Skipped, match="loops, calls a function, or raises in a finally"):
        InPlace(builder, text, {"f": lambda m: ([1], 3)})
