"""Several processes on one store: every commit is there once; a killed one leaves it whole."""

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from itertools import pairwise
from pathlib import Path

from selfsame.runtime.link.control import ControlWord, read_orders
from selfsame.runtime.versions.manifest import Manifest, NodeEntry
from selfsame.runtime.versions.store import Store

KILLS = 12


def commit_many(location: Path, name: str, count: int, told: int) -> None:
    """Commit, and write the number of each commit to ``told`` after it returned."""
    with Store.open(location) as store:
        os.write(told, b"ready\n")
        for i in range(count):
            entry = NodeEntry(f"{name}:f{i % 7}", f"c{i}", rewrite=f"r{i}")

            def change(manifest: Manifest, entry: NodeEntry = entry) -> Manifest:
                return manifest.with_entry(entry)

            store.commit(change, author="selfsame", reason=f"{name} {i}")
            os.write(told, f"{i}\n".encode())


class Committer:
    """A process that commits. Forked, so that it begins at once; it shares no open store."""

    def __init__(self, location: Path, name: str, count: int) -> None:
        read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(read)
                commit_many(location, name, count, write)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(write)
        self._told = os.fdopen(read)

    def wait_for(self, commits: int) -> None:
        """Until it is ready, and has told of so many commits."""
        for expected in ["ready\n", *(f"{i}\n" for i in range(commits))]:
            assert self._told.readline() == expected

    def end(self) -> tuple[int, list[int]]:
        """How it ended (negative: by a signal), and the commits that it told of."""
        with self._told:
            lines = self._told.read().splitlines()
        _, status = os.waitpid(self.pid, 0)
        numbers = [int(line) for line in lines if line.isdecimal()]
        return os.waitstatus_to_exitcode(status), numbers


def test_eight_processes_commit_at_once(tmp_path: Path) -> None:
    """They make the store at once, too."""
    directory = tmp_path / "store"
    processes = [Committer(directory, f"p{i}", 8) for i in range(8)]
    assert [process.end() for process in processes] == [(0, list(range(8)))] * 8
    with Store.open(directory, create=False) as store:
        history = store.history(None)
        reasons = Counter(version.reason for version in history)
        expected = {f"p{i} {j}" for i in range(8) for j in range(8)} | {"the store is made"}
        assert reasons == Counter(dict.fromkeys(expected, 1))
        for newer, older in pairwise(history):
            assert newer.parent == older.id
        # Each commit changed its own node alone: nobody's work was written over.
        assert len(history[0].manifest.nodes) == 8 * 7
        orders = read_orders(directory)
        assert orders["version"] == history[0].id
        assert orders["generation"] == store.generation() >= 65
        store.check()


def check_after_a_crash(
    directory: Path, generation: int, limit: int | None = None
) -> tuple[list[str], int]:
    """What must hold whatever the crash left; the reasons of the versions, and the generation."""
    # Running programs: before anybody opens the store again, their orders are whole.
    word = ControlWord(directory)
    assert isinstance(read_orders(directory)["nodes"], dict)
    assert word.generation >= generation
    with Store.open(directory, create=False) as store:
        head = store.head()
        orders = read_orders(directory)
        assert orders["version"] == head.id
        assert orders["generation"] <= word.generation
        assert {a: n["rewrite"] for a, n in orders["nodes"].items()} == {
            a: e.runs for a, e in head.manifest.nodes.items()
        }
        reasons = [version.reason for version in store.history(limit)]
        told = [event.reason for event in store.events(store.last_event() - (limit or 10**9))]
        assert told == [r for r in reversed(reasons) if r != "the store is made"]
        found = word.generation
        if limit is None:
            store.check()
    word.close()
    return reasons, found


def test_killed_in_the_middle_of_commits(tmp_path: Path) -> None:
    directory = tmp_path / "store"
    Store.open(directory).close()
    chance = random.Random(7)
    generation = 0
    for round_ in range(KILLS):
        name, awaited = f"k{round_}", chance.randrange(5)
        process = Committer(directory, name, 100_000)
        process.wait_for(awaited)
        time.sleep(chance.uniform(0.0, 0.008))
        os.kill(process.pid, signal.SIGKILL)
        code, more = process.end()
        assert code == -signal.SIGKILL
        reasons, generation = check_after_a_crash(directory, generation)
        own = [r for r in reasons if r.startswith(f"{name} ")]
        # What was said to be committed is there; at most one more, that could not be said.
        assert len(own) - (awaited + len(more)) in (0, 1)
        assert own == [f"{name} {i}" for i in reversed(range(len(own)))]


def commit_and_die(directory: Path, name: str, step: int) -> bool:
    """Commit in a child that is killed before its ``step``-th call to the system or to SQLite.

    Returns whether it came to its end first.
    """
    pid = os.fork()
    if pid == 0:
        try:
            with Store.open(directory) as store:
                entry, left = NodeEntry(f"{name}:f", "c"), step

                def count(_frame: object, event: str, function: object) -> None:
                    nonlocal left
                    module = getattr(function, "__module__", None)
                    owner = type(getattr(function, "__self__", None)).__module__
                    if event == "c_call" and {module, owner} & {"posix", "fcntl", "sqlite3"}:
                        left -= 1
                        if left < 0:
                            os.kill(os.getpid(), signal.SIGKILL)

                sys.setprofile(count)
                store.commit(lambda m: m.with_entry(entry), author="selfsame", reason=name)
                sys.setprofile(None)
                os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code == 0


def test_killed_before_every_single_step_of_a_commit(tmp_path: Path) -> None:
    directory = tmp_path / "store"
    Store.open(directory).close()
    generation, ended, step = 0, False, 0
    outcomes = []
    while not ended:
        ended = commit_and_die(directory, f"s{step}", step)
        reasons, generation = check_after_a_crash(directory, generation, limit=2)
        outcomes.append(f"s{step}" in reasons)
        step += 1
    # Absent up to the moment of the commit, and there from then on.
    assert outcomes == sorted(outcomes)
    assert not outcomes[0] and outcomes[-1]
    assert step > 20
    check_after_a_crash(directory, generation)


def test_an_engines_lock_ends_with_its_process(tmp_path: Path) -> None:
    from selfsame.runtime.versions.locks import engine_holder

    directory = tmp_path / "store"
    code = (
        "import sys, time\n"
        "from selfsame.runtime.versions.store import Store\n"
        f"lock = Store.open({str(directory)!r}).lock_engine()\n"
        "print('locked', flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        holder = engine_holder(directory)
        assert holder is not None
        assert holder[0] == process.pid
    finally:
        process.kill()
        process.communicate()
    assert engine_holder(directory) is None
    with Store.open(directory) as store:
        store.lock_engine().release()
