"""What reads a store: its own view, its own connection, and none left behind."""

import os
import threading
from pathlib import Path

import pytest

from selfsame.runtime.versions.errors import StoreBusy
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.tables import meta

COUNT = "SELECT count(*) FROM meta"


def opened(store: Store) -> int:
    """How many files of the database this process has open."""
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{name}") == str(store.path)
        except OSError:
            pass  # the listing's own
    return found


def test_a_view_stays_as_it_was_while_a_writer_commits(store: Store) -> None:
    with store.reading() as before:
        assert before.one(COUNT) == 0
        with store.transaction() as writer:
            writer.put(meta, {"key": "a", "value": "b"})
            assert writer.one(COUNT) == 1  # what it wrote itself
            with store.reading() as beside:
                assert beside.one(COUNT) == 0
        assert before.one(COUNT) == 0
        with store.reading() as after:
            assert after.one(COUNT) == 1


def test_what_fails_while_writing_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as writer:
        writer.put(meta, {"key": "a", "value": "b"})
        raise KeyError
    with store.reading() as reader:
        assert reader.one(COUNT) == 0


def test_threads_read_at_once_and_close_leaves_no_file_open(store: Store) -> None:
    reading, closed, seen = threading.Barrier(5), threading.Event(), []

    def work() -> None:
        with store.reading() as reader:
            first = reader.one("SELECT count(*) FROM versions")
            reading.wait()
            closed.wait()
            seen.append((first, reader.one("SELECT count(*) FROM versions")))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    reading.wait()
    assert opened(store) >= 4
    store.close()
    closed.set()
    for thread in threads:
        thread.join()
    assert seen == [(1, 1)] * 4
    assert opened(store) == 0


def test_a_forked_process_reads_by_a_connection_of_its_own(store: Store) -> None:
    head = store.head().id
    assert store._database._readers._idle
    pid = os.fork()
    if not pid:
        mine = [connection for _, connection in store._database._readers._idle]
        with store.reading() as reader:
            own = all(reader._connection is not connection for connection in mine)
        os._exit(0 if own and store.head().id == head else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert store.head().id == head


def test_reading_goes_on_beside_a_writer_that_does_not_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.runtime.versions.reading.BUSY_SECONDS", 0.05)
    with store.transaction(), Store.open(store.directory, create=False) as other:
        assert other.head() == store.head()
        with pytest.raises(StoreBusy), other.transaction():
            pass


def test_nothing_is_made_where_there_is_only_read(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no store"):
        Store.open(tmp_path / "none", create=False)
    assert not list(tmp_path.iterdir())
