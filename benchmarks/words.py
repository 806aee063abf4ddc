"""A person's words while eight threads call the function: how fast they are taken, and what calls saw.

``python -m benchmarks.words [--json] [--calls N] [--threads N]``. A program without an engine runs a
rewrite and is told pin, unpin, revert, freeze, off and on from another process, over and over, until
its threads have made N calls. Original and rewrite both write their tag at the beginning and at the
end of a call: a call with two tags would have run a mixture. Then the pause of a swap, with few and
with many live containers, in turns.
"""

import argparse
import ast
import gc
import json
import marshal
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from hashlib import sha256
from pathlib import Path
from statistics import quantiles
from types import FunctionType

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code, with_function
from selfsame.compiler.identity import content_hash, definitions
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.agent.swap import Slot, lock
from selfsame.runtime.engine.launch import Running, program_environment
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.link.wire import pack
from selfsame.runtime.versions import changes
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Change, Store
from selfsame.variants.variation import Variation

PROGRAM = """
import sys, threading, time

def work(n):
    tag = "original"
    n = n + 1
    n = n * 2
    return tag, n, "original"

seen = [{{"original": 0.0, "rewrite": 0.0, "calls": 0, "mixed": 0, "failed": 0}} for _ in range({threads})]
ended = threading.Event()

def call(row):
    while not ended.is_set():
        for n in range(500):
            try:
                first, value, last = work(n)
            except Exception:
                row["failed"] += 1
                continue
            row["calls"] += 1
            if first != last or value != 2 * n + 2:
                row["mixed"] += 1
            row[first] = time.monotonic()

threads = [threading.Thread(target=call, args=(row,)) for row in seen]
for thread in threads:
    thread.start()
for _ in sys.stdin:
    latest = {{k: max(row[k] for row in seen) for k in ("original", "rewrite")}}
    total = {{k: sum(row[k] for row in seen) for k in ("calls", "mixed", "failed")}}
    print({{**latest, **total}}, flush=True)
ended.set()
"""
REWRITE = 'def work(n):\n    tag = "rewrite"\n    return tag, 2 * n + 2, "rewrite"'
ME = "ada"


class Program:
    """The program, and the store that it follows."""

    def __init__(self, folder: Path, threads: int) -> None:
        path = folder / "app.py"
        path.write_text(textwrap.dedent(PROGRAM).format(threads=threads))
        source = Source.read(path, "app")
        found = next(d for d in definitions(source) if d.address == "app:work")
        (new,) = ast.parse(REWRITE).body
        plain = function_code(plain_code(source, 0), found.qualname, found.line)
        code = marshal.dumps(with_function(source, found, new, 0))
        self.rewrite = Variation("app:work", "tagged", "refactor", "", REWRITE, code)
        self.content = content_hash(found.node)
        self.store = Store.open(folder / "store")
        self.store.put_rewrite(self.rewrite)
        self.say(self.put)
        head = {"t": "rewrites", "python": sys.implementation.cache_tag}
        install = {
            "t": "install",
            "key": ("app", found.qualname, found.line),
            "address": "app:work",
            "rewrite": self.rewrite.id,
            "code": code,
            "constants": [],
            "fingerprint": fingerprint(plain),
            "relied": [],
        }
        data = pack(head) + pack(install)
        (folder / "rewrites").write_bytes(data)
        settings = Settings(str(folder / "store"), "run", roots=(str(folder),))
        self.process = subprocess.Popen(
            [sys.executable, str(path)],
            env=program_environment(
                Running("", settings, None),
                os.environ,
                rewrites=(str(folder / "rewrites"), sha256(data).hexdigest()),
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def put(self, manifest):  # type: ignore[no-untyped-def]
        return manifest.with_entry(
            NodeEntry("app:work", self.content, "active", self.rewrite.id, template="tagged")
        )

    def say(self, change: Change) -> None:
        self.store.commit(change, author=ME, reason="said")

    def ask(self) -> dict[str, float]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, float] = ast.literal_eval(self.process.stdout.readline())
        return found

    def until(self, tag: str, since: float) -> dict[str, float]:
        """Wait until only ``tag`` is run, for a while; what was seen then."""
        other = "original" if tag == "rewrite" else "rewrite"
        deadline = time.monotonic() + 60
        while True:
            now = time.monotonic()
            found = self.ask()
            if found[tag] > since and found[other] < now - 0.3:
                return found | {"late": max(0.0, found[other] - since)}
            if now > deadline:
                raise SystemExit(f"{tag} was not taken within a minute: {found}")
            time.sleep(0.05)

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.store.close()
        return self.process.wait(60)


def words(calls: int, threads: int) -> dict[str, object]:
    late: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="selfsame-words-") as folder:
        program = Program(Path(folder), threads)
        found = program.until("rewrite", time.monotonic())
        spoken = (
            ("pin", lambda: program.say(changes.pin_original("app:work")), "original"),
            ("unpin", lambda: program.say(changes.unpin("app:work")), "original"),
            ("promote", lambda: program.say(program.put), "rewrite"),
            ("freeze", lambda: program.say(changes.freeze_node("app:work")), "rewrite"),
            ("thaw", lambda: program.say(changes.thaw_node("app:work")), "rewrite"),
            ("off", lambda: program.store.set_off(True, ME), "original"),
            ("on", lambda: program.store.set_off(False, ME), "rewrite"),
            ("revert", lambda: program.say(changes.revert_node("app:work", ME)), "original"),
            ("promote", lambda: program.say(program.put), "rewrite"),
        )
        while not late or found["calls"] < calls:
            for word, say, tag in spoken:
                say()
                found = program.until(tag, time.monotonic())
                late.setdefault(word, []).append(found["late"])
        code = program.end()
    return {
        "threads": threads,
        "calls": int(found["calls"]),
        "mixed": int(found["mixed"]),
        "failed": int(found["failed"]),
        "exit_code": code,
        "words": sum(map(len, late.values())),
        "slowest_s": {word: round(max(rows), 3) for word, rows in sorted(late.items())},
    }


def pauses(few: int, many: int, swaps: int, turns: int) -> dict[str, object]:
    """How long a swap holds the interpreter, in microseconds, by the number of live containers."""
    found: dict[int, list[float]] = {few: [], many: []}
    for _ in range(turns):
        for number in found:
            heap = [[] for _ in range(number)]
            gc.collect()
            found[number] += _swaps(swaps)
            del heap
    return {
        f"{number} containers": {
            "p50_us": round(quantiles(times, n=100)[49], 2),
            "p99_us": round(quantiles(times, n=100)[98], 2),
        }
        for number, times in found.items()
    }


def _swaps(number: int) -> list[float]:
    scope: dict[str, object] = {}
    exec("def f(n): return n + 1\ndef g(n): return 1 + n", scope)
    f, g = scope["f"], scope["g"]
    assert isinstance(f, FunctionType) and isinstance(g, FunctionType)
    slot = Slot(("m", "f", 1), f.__code__)
    slot.add(f)
    new = g.__code__
    times = []
    for turn in range(number):
        slot.rewrite = (lambda _: new) if turn % 2 else None
        begun = time.perf_counter_ns()
        with lock:
            slot.apply()
        times.append((time.perf_counter_ns() - begun) / 1000)
        f(1)
    return times


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.words", description=__doc__)
    parser.add_argument("--json", action="store_true", help="facts, not words")
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--containers", type=int, default=8_000_000)
    options = parser.parse_args(arguments)
    facts = {"words": words(options.calls, options.threads)}
    if options.containers:
        facts["swap"] = pauses(1_000, options.containers, 2_000, 3)
    print(json.dumps(facts, indent=1) if options.json else facts)
    said = facts["words"]
    return 0 if (said["mixed"], said["failed"], said["exit_code"]) == (0, 0, 0) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
