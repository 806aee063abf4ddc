"""See the package."""

import argparse
import errno
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from selfsame.runtime.link.control import read_orders
from selfsame.runtime.versions import bundle
from selfsame.runtime.versions.errors import StoreError
from selfsame.runtime.versions.schema import SCHEMA
from selfsame.runtime.versions.store import Store

from . import power, scenes, tracer
from .scenes import DONE, REFUSED, State

FAILURES = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EROFS": errno.EROFS}


class Table:
    """Counts of one kind of fault, and everything that went wrong with where it did."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.points = 0
        self.left: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.began = time.monotonic()

    def add(self, left: str, where: str) -> None:
        self.points += 1
        if left in ("old", "new", "found", "unchanged"):
            self.left[left] += 1
        else:
            self.wrong.append(f"{where}: {left}")

    def facts(self) -> dict[str, object]:
        return {
            "points": self.points,
            **self.left,
            "wrong": len(self.wrong),
            "examples": self.wrong[:5],
            "seconds": round(time.monotonic() - self.began, 1),
        }


class Faults:
    """All of it on stores in one scratch folder."""

    def __init__(self, folder: Path, every: int, seed: int) -> None:
        self.every = every
        self.rng = random.Random(seed)
        self.before = scenes.template(folder / "template")
        (folder / "bundle").write_bytes(self._bundle(folder))
        (folder / "bundle").chmod(0o600)
        self.scratch = folder / "store"
        self.old = scenes.look(self.before)

    def _bundle(self, folder: Path) -> bytes:
        with Store.open(folder / "other") as store:
            store.put_rewrite(scenes.variation(70))
            new = scenes.entry("other", "active", 70)
            version = store.commit(lambda m: m.with_entry(new), author="bob", reason="x")
            return bundle.export(store, version)

    def whole(self, word: str) -> tuple[State, int, list[power.Op]]:
        """The new state, the number of system calls, and the writes of a word that is let be."""
        directory = scenes.fresh(self.before, self.scratch)
        calls = []
        recorder = power.Recorder(directory)

        def count(call: tracer.Call) -> int:
            calls.append(call.writes)
            return 0

        code = tracer.run(lambda: scenes.speak(directory, word), count, recorder.after)
        if code != DONE:
            raise SystemExit(f"the word {word!r} fails without a fault: {code}")
        return scenes.look(directory), len(calls), recorder.ops

    def killed(self, table: Table) -> None:
        for word in scenes.WORDS:
            new, calls, _ = self.whole(word)
            for point in range(self.rng.randrange(self.every), calls, self.every):
                directory = scenes.fresh(self.before, self.scratch)

                def before(call: tracer.Call, point: int = point) -> int:
                    return -1 if call.index == point else 0

                tracer.run(lambda d=directory, w=word: scenes.speak(d, w), before)  # type: ignore[misc]
                table.add(scenes.judge(directory, self.old, new), f"{word} at call {point}")

    def failing(self, table: Table, name: str, number: int) -> None:
        for word in scenes.WORDS:
            new, _, _ = self.whole(word)
            directory = scenes.fresh(self.before, self.scratch)
            writes = self._writes(directory, word)
            for point in writes[self.rng.randrange(self.every) :: self.every]:
                directory = scenes.fresh(self.before, self.scratch)

                def before(call: tracer.Call, point: int = point) -> int:
                    return number if call.index >= point and call.writes else 0

                code = tracer.run(lambda d=directory, w=word: scenes.speak(d, w), before)  # type: ignore[misc]
                left = scenes.judge(directory, self.old, new)
                if code not in (DONE, REFUSED):
                    left = f"no clear error (exit code {code}), {left}"
                table.add(left, f"{word}, {name} from call {point}")

    def _writes(self, directory: Path, word: str) -> list[int]:
        found = []

        def before(call: tracer.Call) -> int:
            if call.writes:
                found.append(call.index)
            return 0

        tracer.run(lambda: scenes.speak(directory, word), before)
        return found

    def cuts(self, table: Table, number: int) -> None:
        for word in scenes.WORDS:
            new, _, ops = self.whole(word)
            for _ in range(number):
                end = self.rng.randrange(len(ops) + 1)
                seed = self.rng.randrange(1 << 60)
                power.cut(self.before, self.scratch, ops[:end], random.Random(seed))
                left = scenes.judge(self.scratch, self.old, new)
                table.add(left, f"{word}, power cut after write {end} of {len(ops)}, seed {seed}")
            power.cut(self.before, self.scratch, ops, random.Random(1))
            left = scenes.judge(self.scratch, self.old, new)
            if left == "old" and new != self.old:
                left = "what was said to be done is lost"
            table.add(left, f"{word}, power cut afterwards")

    def flips(self, table: Table, number: int) -> None:
        sound = (self.before / "store.db").read_bytes()
        page = int.from_bytes(sound[16:18], "big") or 4096
        for start in range(0, len(sound), page):
            for _ in range(number):
                directory = scenes.fresh(self.before, self.scratch)
                flipped = bytearray(sound)
                at = start + self.rng.randrange(page)
                flipped[at] ^= 1 << self.rng.randrange(8)
                (directory / "store.db").write_bytes(flipped)
                try:
                    same = scenes.look(directory) == self.old
                    left = "unchanged" if same else "read as something else"
                except StoreError:
                    left = "found"
                except Exception as error:
                    left = f"no clear error: {type(error).__name__}: {error}"
                table.add(left, f"byte {at}")

    def racing(self, table: Table, number: int) -> None:
        directory = scenes.fresh(self.before, self.scratch)
        with Store.open(directory) as store:
            begin = len(store.history(None))
        children = []
        for racer in range(number):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    with Store.open(directory) as store:
                        new = scenes.entry(f"racer{racer}", "canary", 1)
                        store.commit(
                            lambda m, e=new: m.with_entry(e), author="selfsame", reason="race"
                        )
                    code = 0
                finally:
                    os._exit(code)
            children.append(pid)
        failed = sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0 for pid in children)
        with Store.open(directory) as store:
            store.check()
            history = store.history(None)
            broken = any(newer.parent != older.id for newer, older in pairwise(history))
            there = sum(f"app:racer{n}" in history[0].manifest.nodes for n in range(number))
            ok = (failed, broken, there, len(history) - begin) == (0, False, number, number)
            ok = ok and read_orders(directory)["version"] == history[0].id
        for _ in range(number):
            table.add("new" if ok else f"{failed} failed, {there} there", "racing")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--json", action="store_true", help="facts, not words")
    parser.add_argument("--every", type=int, default=1, help="one call in N (all by default)")
    parser.add_argument("--cuts", type=int, default=200, help="power cuts for each word")
    parser.add_argument("--flips", type=int, default=20, help="flipped bits in each page")
    parser.add_argument("--racers", type=int, default=100, help="processes that commit at once")
    parser.add_argument("--words", default="", help="only these, with commas between")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if reason := tracer.supported():
        print(f"cannot trace here: {reason}", file=sys.stderr)
        return 1
    for word in set(scenes.WORDS) - set(options.words.split(",")) if options.words else ():
        del scenes.WORDS[word]
    facts: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="selfsame-faults-") as folder:
        faults = Faults(Path(folder), options.every, options.seed)
        for table in _tables(faults, options):
            facts[table.name] = table.facts()
            if not options.json:
                print(f"{table.name}: {facts[table.name]}", flush=True)
    if options.json:
        print(json.dumps({"schema": SCHEMA, "words": len(scenes.WORDS), "faults": facts}, indent=1))
    return 1 if any(row["wrong"] for row in facts.values()) else 0


def _tables(faults: Faults, options: argparse.Namespace) -> Iterator[Table]:
    killed = Table("killed")
    faults.killed(killed)
    yield killed
    for name, number in FAILURES.items():
        table = Table(name)
        faults.failing(table, name, number)
        yield table
    for table, run, number in (
        (Table("power cuts"), faults.cuts, options.cuts),
        (Table("flips"), faults.flips, options.flips),
        (Table("racing"), faults.racing, options.racers),
    ):
        table.began = time.monotonic()
        run(table, number)
        yield table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
