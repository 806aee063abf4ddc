"""Calls from threads and asyncio while their functions are swapped at random: what was wrong.

``python -m benchmarks.swaps [--json] [--calls N] [--threads N] [--seconds N] [--out FILE]``. A function,
a method, a closure, a generator, a coroutine and an asynchronous generator are called from threads
and from tasks of an event loop, while one thread puts their originals or one of two rewrites in, at
random. Each code writes its tag at the beginning and at the end of a call: a call with two tags
would have run a mixture; every value is compared with what it must be. Only the agent and the
standard library are used. A run is a line of FILE, and a later run goes on until N calls were made
by this Python.
"""

import argparse
import asyncio
import json
import platform
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final

from benchmarks.rows import Rows
from selfsame.runtime.agent.swap import Slot, lock

SOURCE: Final = """
import asyncio

def plain(n, scale=2, *, add=1):
    tag = {tag!r}
    {middle}
    return tag, n * scale + add, {tag!r}

class Thing:
    def __init__(self, n):
        self.n = n

    def method(self):
        tag = {tag!r}
        {middle}
        return tag, self.n * 2 + 1, {tag!r}

def maker(step):
    def closure(n):
        tag = {tag!r}
        {middle}
        return tag, n * step + 1, {tag!r}
    return closure

def generator(n):
    yield {tag!r}
    {middle}
    yield n * 2 + 1
    yield {tag!r}

async def coroutine(n):
    tag = {tag!r}
    {middle}
    await asyncio.sleep(0)
    return tag, n * 2 + 1, {tag!r}

async def agenerator(n):
    yield {tag!r}
    await asyncio.sleep(0)
    yield n * 2 + 1
    {middle}
    yield {tag!r}
"""
MIDDLES: Final = {"original": "pass", "first": "m = [n for n in (1, 2)]", "second": "m = len('ab')"}
SLAB: Final = 1000
TASKS: Final = 50
SWITCH_S: Final = 1e-4  # threads take turns often, so that swaps come in the middle of calls


class Codes:
    """The functions, and what each may run."""

    def __init__(self) -> None:
        spaces: dict[str, dict[str, Any]] = {}
        for tag, middle in MIDDLES.items():
            spaces[tag] = {}
            exec(compile(SOURCE.format(tag=tag, middle=middle), "<swapped>", "exec"), spaces[tag])
        self.space = spaces["original"]
        self.slots: list[tuple[Slot, list[CodeType]]] = []
        self.closures = [self.space["maker"](2) for _ in range(3)]
        for name in ("plain", "generator", "coroutine", "agenerator"):
            self._add([self.space[name]], [spaces[tag][name].__code__ for tag in spaces])
        methods = [space["Thing"].method for space in spaces.values()]
        self._add(methods[:1], [function.__code__ for function in methods])
        made = [space["maker"](2).__code__ for space in spaces.values()]
        self._add(self.closures, made)

    def _add(self, functions: list[FunctionType], codes: list[CodeType]) -> None:
        slot = Slot(("m", functions[0].__qualname__, 1), functions[0].__code__)
        for function in functions:
            slot.add(function)
        self.slots.append((slot, codes[1:]))

    def swap(self, rng: random.Random) -> None:
        """Put another code into one of the functions."""
        slot, codes = rng.choice(self.slots)
        code = rng.choice([None, *codes])
        with lock:
            slot.rewrite = None if code is None else (lambda _plain: code)
            slot.apply()
            slot.forget_made()


class Tally:
    """What one caller has seen."""

    def __init__(self) -> None:
        self.calls = self.mixed = self.wrong = self.failed = 0
        self.tags: set[str] = set()

    def saw(self, found: tuple[str, int, str], n: int) -> None:
        """One call that was not as it must be, or the last one of a slab."""
        first, value, last = found
        self.mixed += first != last
        self.wrong += value != 2 * n + 1
        self.tags.add(first)


def call_in_thread(codes: Codes, tally: Tally, ended: threading.Event) -> None:
    """Call everything that a thread can call, until the end."""
    space, closures = codes.space, codes.closures
    plain, generator, thing = space["plain"], space["generator"], space["Thing"]

    kinds: list[Callable[[int], Any]] = [
        plain,
        lambda n: plain(n, add=1, scale=2),
        lambda n: thing(n).method(),
        lambda n: closures[n % 3](n),
        lambda n: tuple(generator(n)),
    ]
    while not ended.is_set():
        for kind in kinds:
            n = -1
            try:
                for n in range(SLAB):
                    found = kind(n)
                    if found[0] != found[2] or found[1] != n + n + 1:
                        tally.saw(found, n)
                tally.saw(found, n)
            except Exception:
                tally.failed += 1
            tally.calls += n + 1


def call_in_loop(codes: Codes, tally: Tally, ended: threading.Event) -> None:
    """Call everything that tasks can call, many at a time, until the end."""
    coroutine, agenerator = codes.space["coroutine"], codes.space["agenerator"]

    async def one(n: int) -> None:
        while not ended.is_set():
            n += 1
            try:
                found = await coroutine(n)
                if found[0] != found[2] or found[1] != 2 * n + 1:
                    tally.saw(found, n)
                found = tuple([x async for x in agenerator(n)])
                tally.saw(found, n)
            except Exception:
                tally.failed += 1
            tally.calls += 2

    async def several() -> None:
        await asyncio.gather(*(one(1000 * n) for n in range(TASKS)))

    asyncio.run(several())


def _enough(tallies: Sequence[Tally], calls: int) -> bool:
    """Whether so many calls were made, in tasks too, and each code was seen: on a busy machine the
    thread that swaps may not have run by then.
    """
    tags = set[str]().union(*(tally.tags for tally in tallies))
    return sum(t.calls for t in tallies) >= calls and tallies[-1].calls > 0 and tags == set(MIDDLES)


def run(calls: int, threads: int, seconds: float, seed: int) -> dict[str, object]:
    """Call and swap until so many calls were made, or so long; what was seen."""
    codes, ended = Codes(), threading.Event()
    tallies = [Tally() for _ in range(threads + 1)]
    callers = [
        threading.Thread(target=call_in_thread, args=(codes, tally, ended))
        for tally in tallies[:-1]
    ]
    callers.append(threading.Thread(target=call_in_loop, args=(codes, tallies[-1], ended)))
    rng = random.Random(seed)
    sys.setswitchinterval(SWITCH_S)
    began, swaps = time.monotonic(), 0
    for caller in callers:
        caller.start()
    try:
        while not _enough(tallies, calls) and time.monotonic() - began < seconds:
            for _ in range(rng.randrange(1, 20)):
                codes.swap(rng)
                swaps += 1
            time.sleep(rng.choice((0.0, 0.0001, 0.001)))
    finally:
        ended.set()
        for caller in callers:
            caller.join()
    found = {k: sum(getattr(t, k) for t in tallies) for k in ("calls", "mixed", "wrong", "failed")}
    return {
        "python": platform.python_version(),
        **found,
        "in tasks": tallies[-1].calls,
        "swaps": swaps,
        "tags": sorted(set().union(*(t.tags for t in tallies))),
        "seconds": round(time.monotonic() - began, 1),
    }


def main(arguments: list[str]) -> int:
    """Run, and print what all runs of this Python saw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swaps", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--calls", type=int, default=100_000_000, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=8, help="beside that of the event loop")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--out", type=Path, help="a line for each run")
    options = parser.parse_args(arguments)
    kept = Rows(options.out)
    rows = [row for row in kept.rows if row["python"] == platform.python_version()]
    left = options.calls - sum(row["calls"] for row in rows)
    if left > 0:
        rows.append(run(left, options.threads, options.seconds, len(rows)))
        kept.add(rows[-1])
    names = ("calls", "in tasks", "mixed", "wrong", "failed", "swaps")
    facts = {"python": platform.python_version(), **{n: sum(r[n] for r in rows) for n in names}}
    facts["tags"] = sorted({tag for row in rows for tag in row["tags"]})
    print(json.dumps(facts, indent=1) if options.json else facts)
    return 1 if facts["mixed"] or facts["wrong"] or facts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
