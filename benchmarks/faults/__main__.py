"""See the package."""

import argparse
import errno
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from benchmarks.rows import Rows
from selfsame.runtime.link.control import read_orders
from selfsame.runtime.versions import bundle
from selfsame.runtime.versions.errors import EngineRunning, NewerStore, StoreError
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.tables import SCHEMA, schema_version

from . import power, scenes, tracer
from .scenes import DONE, REFUSED, State

FAILURES = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EROFS": errno.EROFS}
READING = "EIO on reads"
MEMORY = Path("/dev/shm")
EXAMPLES = 5


class Table:
    """Counts of one kind of fault, and everything that went wrong with where it did."""

    def __init__(self) -> None:
        self.points = 0
        self.left: Counter[str] = Counter()
        self.wrong: list[str] = []

    def add(self, left: str, where: str) -> None:
        self.points += 1
        if left in ("old", "new", "found", "unchanged"):
            self.left[left] += 1
        else:
            self.wrong.append(f"{where}: {left}")


class Scene:
    """One beginning in a folder of its own, the words that are said to it, and their faults."""

    def __init__(self, name: str, folder: Path, every: int, rng: random.Random) -> None:
        self.name = name
        self.every = every
        self.rng = rng
        make, self.words = scenes.BEGINNINGS[name]
        folder.mkdir()
        self.before = folder / "template"
        make(self.before)
        (folder / "bundle").write_bytes(_bundle(folder))
        (folder / "bundle").chmod(0o600)
        self.scratch = folder / "store"
        self.old: State | None = None
        self._known: dict[tuple[str, State], str] = {}
        if (self.before / "store.db").exists():
            self.old = scenes.look(scenes.fresh(self.before, self.scratch))

    def whole(self, word: str) -> tuple[State, list[int], int, list[power.Op]]:
        """The new state, which calls write, the number of calls, and the writes of a word."""
        directory = scenes.fresh(self.before, self.scratch)
        writes: list[int] = []
        calls = 0
        recorder = power.Recorder(directory)

        def count(call: tracer.Call) -> int:
            nonlocal calls
            calls += 1
            if call.writes:
                writes.append(call.index)
            return 0

        code = tracer.run(lambda: scenes.speak(directory, word), count, recorder.after)
        if code != DONE:
            raise SystemExit(f"the word {word!r} fails without a fault: {code}")
        return scenes.look(directory), writes, calls, recorder.ops

    def judged(self, directory: Path, new: State) -> str:
        """What `scenes.judge` says; of files with the same bytes as before, what it said then."""
        digest = sha256()
        for path in sorted(directory.iterdir()):
            if not path.name.endswith("-shm"):  # made anew by whoever opens a store that nobody has
                digest.update(repr((path.name, path.stat().st_mode, path.read_bytes())).encode())
        wanted = digest.hexdigest(), new
        if wanted not in self._known:
            self._known[wanted] = scenes.judge(directory, self.old, new)
        return self._known[wanted]

    def killed(self, word: str, table: Table) -> None:
        """The process dies before each of its system calls."""
        new, _, calls, _ = self.whole(word)
        for point in range(self.rng.randrange(self.every), calls, self.every):
            directory = scenes.fresh(self.before, self.scratch)

            def before(call: tracer.Call, point: int = point) -> int:
                return -1 if call.index == point else 0

            tracer.run(lambda d=directory: scenes.speak(d, word), before)  # type: ignore[misc]
            table.add(self.judged(directory, new), f"{word} at call {point}")

    def failing(self, word: str, table: Table, name: str) -> None:
        """Each call that writes fails, and all after it."""
        new, writes, _, _ = self.whole(word)

        def touched(call: tracer.Call) -> bool:
            return call.writes

        self._failing_from(writes, touched, FAILURES[name], name, word, new, table)

    def unread(self, word: str, table: Table) -> None:
        """Each call that reads the store fails with EIO, and so does all that touches it later."""
        new, _, _, _ = self.whole(word)
        points: list[int] = []
        where = str(scenes.fresh(self.before, self.scratch))

        def note(call: tracer.Call) -> int:
            if call.reads(where):
                points.append(call.index)
            return 0

        tracer.run(lambda: scenes.speak(self.scratch, word), note)

        def touched(call: tracer.Call) -> bool:
            return call.writes or call.reads(where)

        self._failing_from(points, touched, errno.EIO, READING, word, new, table)

    def _failing_from(
        self,
        points: list[int],
        touched: Callable[[tracer.Call], bool],
        error: int,
        name: str,
        word: str,
        new: State,
        table: Table,
    ) -> None:
        """From each of the points on, the calls that are ``touched`` fail."""
        for point in points[self.rng.randrange(self.every) :: self.every]:
            directory = scenes.fresh(self.before, self.scratch)

            def before(call: tracer.Call, point: int = point) -> int:
                return error if call.index >= point and touched(call) else 0

            code = tracer.run(lambda d=directory: scenes.speak(d, word), before)  # type: ignore[misc]
            left = self.judged(directory, new)
            if code not in (DONE, REFUSED):
                left = f"no clear error (exit code {code}), {left}"
            table.add(left, f"{word}, {name} from call {point}")

    def cuts(self, word: str, table: Table, number: int) -> None:
        """The power fails at a moment; what was not synced is dropped, torn or reordered."""
        new, _, _, ops = self.whole(word)
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
        """Bits of every page are another; the store is read as before, or the damage is found."""
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
        """So many processes commit at once: all of it is there, in one chain."""
        directory = scenes.fresh(self.before, self.scratch)
        with Store.open(directory) as store:
            begin = len(store.history(None))
        children = [_race(directory, racer) for racer in range(number)]
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

    def schemas(self, table: Table) -> None:
        """A store that a newer selfsame wrote is refused, and left as it is to the byte."""
        for newer in range(SCHEMA + 1, SCHEMA + 11):
            directory = scenes.fresh(self.before, self.scratch)
            row = {"version": newer, "created": "x", "writer": "selfsame 9.9"}
            with Store.open(directory) as store, store.transaction() as writer:
                writer.put(schema_version, row)
            before = {path.name: path.read_bytes() for path in directory.iterdir()}
            for create in (True, False):
                try:
                    with Store.open(directory, create=create):
                        left = "opened"
                except NewerStore as error:
                    left = "found" if "9.9" in str(error) else f"no writer in: {error}"
                after = {path.name: path.read_bytes() for path in directory.iterdir()}
                kept = all(after.get(n) == b for n, b in before.items() if not n.endswith("-shm"))
                table.add(left if kept else "files were changed", f"schema {newer}")

    def engines(self, table: Table, number: int) -> None:
        """Of many engines that start at once one has the store; when it is killed, another may."""
        directory = scenes.fresh(self.before, self.scratch)
        for turn in range(number):
            children, told = [], []
            for _ in range(4):
                read, write = os.pipe()
                children.append(_engine(directory, write))
                os.close(write)
                told.append(os.fdopen(read))
            answers = [pipe.readline() for pipe in told]
            won = [pid for pid, answer in zip(children, answers, strict=True) if answer == "mine\n"]
            for pid in children:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            for pipe in told:
                pipe.close()
            ok = len(won) == 1 and answers.count("another\n") == 3
            table.add("new" if ok else f"{answers}", f"turn {turn}")


def _engine(directory: Path, told: int) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            with Store.open(directory) as store:
                try:
                    lock = store.lock_engine()
                    os.write(told, b"mine\n")
                    signal.pause()
                    lock.release()
                except EngineRunning:
                    os.write(told, b"another\n")
                    signal.pause()
        finally:
            os._exit(1)
    return pid


def _race(directory: Path, racer: int) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with Store.open(directory) as store:
                new = scenes.entry(f"racer{racer}", "canary", 1)
                store.commit(lambda m: m.with_entry(new), author="selfsame", reason="race")
            code = 0
        finally:
            os._exit(code)
    return pid


def _bundle(folder: Path) -> bytes:
    with Store.open(folder / "other") as store:
        store.put_rewrite(scenes.variation(70))
        new = scenes.entry("other", "active", 70)
        version = store.commit(lambda m: m.with_entry(new), author="bob", reason="x")
        return bundle.export(store, version)


class Faults:
    """All of it in small units, each of which is one line of a file that a later run goes on with."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder = folder
        self.options = options
        self._scenes: dict[str, Scene] = {}

    def units(self) -> Iterator[tuple[str, str, str, Callable[[Scene, Table], None]]]:
        """Kind, beginning, word, and what does it; the most telling ones first."""
        o = self.options
        wanted = set(o.words.split(",")) if o.words else None
        said = [
            (name, word)
            for name, (_, words) in scenes.BEGINNINGS.items()
            for word in words
            if wanted is None or word in wanted
        ]
        if o.beginnings:
            said = [(name, word) for name, word in said if name in o.beginnings.split(",")]
        yield "racing", "closed", "", lambda scene, table: scene.racing(table, o.racers)
        yield "flips", "closed", "", lambda scene, table: scene.flips(table, o.flips)
        yield "newer schema", "closed", "", lambda scene, table: scene.schemas(table)
        yield "two engines", "closed", "", lambda scene, table: scene.engines(table, 20)
        for name, word in said:
            yield "killed", name, word, lambda scene, table, w=word: scene.killed(w, table)  # type: ignore[misc]
        for name, word in said:
            yield "power cuts", name, word, lambda s, table, w=word: s.cuts(w, table, o.cuts)  # type: ignore[misc]
        for name, word in said:
            yield READING, name, word, lambda scene, table, w=word: scene.unread(w, table)  # type: ignore[misc]
        for failure in FAILURES:
            for name, word in said:
                yield failure, name, word, lambda s, t, w=word, f=failure: s.failing(w, t, f)  # type: ignore[misc]

    def run(self, done: list[dict[str, object]]) -> Iterator[dict[str, object]]:
        """Each unit that ``done`` does not have, until the time is over."""
        had = {(row["kind"], row["beginning"], row["word"]) for row in done}
        limit = time.monotonic() + self.options.seconds
        for kind, name, word, work in self.units():
            if (kind, name, word) in had:
                continue
            if time.monotonic() > limit:
                return
            began = time.monotonic()
            table = Table()
            work(self._scene(name), table)
            yield {
                "kind": kind,
                "beginning": name,
                "word": word,
                "points": table.points,
                "left": dict(table.left),
                "wrong": len(table.wrong),
                "examples": table.wrong[:EXAMPLES],
                "seconds": round(time.monotonic() - began, 1),
            }

    def _scene(self, name: str) -> Scene:
        if name not in self._scenes:
            rng = random.Random(self.options.seed)
            self._scenes[name] = Scene(name, self.folder / name, self.options.every, rng)
        return self._scenes[name]


def summary(rows: list[dict[str, object]]) -> dict[str, dict[str, object]]:
    """The rows of each kind together."""
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        total = found.setdefault(str(row["kind"]), {"points": 0, "wrong": 0, "examples": []})
        left: dict[str, int] = row["left"]  # type: ignore[assignment]
        for key, number in {"points": row["points"], "wrong": row["wrong"], **left}.items():
            total[key] = int(str(total.get(key, 0))) + int(str(number))
        total["examples"] = [*total["examples"], *row["examples"]][:EXAMPLES]  # type: ignore[misc]
        total["seconds"] = round(
            float(str(total.get("seconds", 0))) + float(str(row["seconds"])), 1
        )
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--json", action="store_true", help="facts, not words")
    parser.add_argument("--every", type=int, default=1, help="one call in N (all by default)")
    parser.add_argument("--cuts", type=int, default=100, help="power cuts for each word")
    parser.add_argument("--flips", type=int, default=20, help="flipped bits in each page")
    parser.add_argument("--racers", type=int, default=100, help="processes that commit at once")
    parser.add_argument("--words", default="", help="only these, with commas between")
    parser.add_argument("--beginnings", default="", help="only these, with commas between")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, help="a line for each unit; what is there is not redone"
    )
    parser.add_argument("--seconds", type=float, default=1e9, help="begin nothing after so long")
    options = parser.parse_args(arguments)
    if reason := tracer.supported():
        print(f"cannot trace here: {reason}", file=sys.stderr)
        return 1
    kept = Rows(options.out)
    # In memory where there is such a place: what a sync makes sure of is simulated, not waited for.
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="selfsame-faults-", dir=place) as folder:
        for row in Faults(Path(folder), options).run(list(kept.rows)):
            kept.add(row)
            if not options.json:
                print(" ".join(f"{key}={value}" for key, value in row.items()), flush=True)
    facts = summary(kept.rows)
    points = sum(int(str(row["points"])) for row in facts.values())
    if options.json:
        said = {"schema": SCHEMA, "units": len(kept.rows), "points": points, "faults": facts}
        print(json.dumps(said, indent=1))
    else:
        for kind, total in facts.items():
            print(f"{kind}: {total}")
        print(f"{points:,} points")
    return 1 if any(row["wrong"] for row in facts.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
