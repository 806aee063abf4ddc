"""Programs with known behaviour: what windows say of them is what they did.

Each program times and counts itself, so that a busy machine changes both figures alike.
"""

from __future__ import annotations

import json
import marshal
from typing import TYPE_CHECKING, Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import all_codes, plain_code
from selfsame.compiler.instrument.twins import twin

if TYPE_CHECKING:
    from .conftest import Engine, Peer

PROGRAM = """
import asyncio, json, sys, threading, time

spent = {"burn": 0.0, "leaf": 0.0, "numbers": 0.0}
def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end: pass
def burn(n):
    began = time.perf_counter()
    busy(0.001)
    mine[threading.get_ident()] = mine.get(threading.get_ident(), 0) + time.perf_counter() - began
def fails(n):
    if n % 200 == 0: raise ValueError(n)
    return n
async def leaf(n):
    began = time.perf_counter()
    busy(0.001)
    spent["leaf"] += time.perf_counter() - began
    await asyncio.sleep(0.001)
    if n % 200 == 0: raise KeyError(n)
def numbers(n):
    for i in range(n):
        began = time.perf_counter()
        busy(0.0001)
        spent["numbers"] += time.perf_counter() - began
        yield i
mine = {}

async def main():
    for start in range(0, 400, 20):
        await asyncio.gather(*(leaf(n) for n in range(start, start + 20)), return_exceptions=True)

for function in (burn, fails, leaf, numbers):
    while "selfsame" not in repr(function.__code__.co_consts):
        time.sleep(0.01)
if sys.argv[1] == "threads":
    def work():
        for n in range(100): burn(n)
        for n in range(1, 1001):
            try: fails(n)
            except ValueError: pass
    threads = [threading.Thread(target=work) for _ in range(3)]
else:
    threads = []
    for n in range(100): burn(n)
    for n in range(1, 1001):
        try: fails(n)
        except ValueError: pass
[t.start() for t in threads]; [t.join() for t in threads]
asyncio.run(main())
for _ in range(3):
    for n in numbers(100): time.sleep(0)
spent["burn"] = sum(mine.values())
print(json.dumps(spent))
"""
WATCHED = ("burn", "fails", "leaf", "numbers")


@pytest.mark.parametrize("how", ["alone", "threads"])
def test_time_calls_and_errors_are_what_the_program_did(engine: Engine, how: str) -> None:
    path = engine.program(PROGRAM)
    codes = {c.co_qualname: c for c in all_codes(plain_code(Source.read(path, "app"), 0))}

    def opens(peer: Peer, message: dict[str, Any]) -> None:
        if message["t"] == "functions":
            for name, line, *_ in message["rows"]:
                if name in WATCHED:
                    code = marshal.dumps(twin(codes[name], "time"))
                    peer.send(
                        t="open",
                        key=("app", name, line),
                        kind="time",
                        calls=0,
                        max_s=600.0,
                        code=code,
                    )

    engine.on = opens
    result = engine.run(str(path), how)
    assert (result.returncode, result.stderr) == (0, "")
    engine.wait(lambda: engine.messages("bye"))
    spent = json.loads(result.stdout)
    windows = {m["key"][1]: m for m in engine.messages("window")}
    workers = 3 if how == "threads" else 1
    assert windows["burn"]["calls"] == 100 * workers
    assert windows["fails"]["calls"] == 1000 * workers
    assert windows["fails"]["errors"] == {"ValueError": 5 * workers}
    assert windows["leaf"]["calls"] == 400 and windows["leaf"]["errors"] == {"KeyError": 2}
    assert windows["numbers"]["calls"] == 3 and windows["numbers"]["errors"] == {}
    for name, seconds in spent.items():
        measured = windows[name]["total_ns"] / 1e9
        assert seconds <= measured <= seconds * 1.15 + 0.02, (name, measured, seconds)
        assert windows[name]["lost"] == 0
