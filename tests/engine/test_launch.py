"""An engine's process is started early, and told later which store it is for."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from selfsame.compiler.niceness import NICENESS, PATIENT
from selfsame.runtime.engine.launch import ENGINE_FILE, LOG_FILE, prepare, start
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.versions.store import Store


def test_a_prepared_engine_serves_once_it_is_told_its_store(tmp_path: Path) -> None:
    prepared = prepare(tmp_path)
    assert prepared is not None
    Store.open(tmp_path).close()
    running = start(Settings(store=str(tmp_path), run="r", parent=os.getpid()), prepared)
    assert running.process is prepared.process
    running.wait_until_up()
    again = prepare(tmp_path)
    assert again is None  # the one that runs is joined
    joined = start(Settings(store=str(tmp_path), run="s", parent=os.getpid()))
    assert joined.process is None and joined.settings.run == "r"
    assert running.finish() == ""
    assert "started" in (tmp_path / LOG_FILE).read_text()


def test_a_prepared_engine_that_is_not_needed_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as engine:
        prepared = prepare(tmp_path)
        assert prepared is not None
        Store.open(tmp_path).close()
        path = str(tmp_path / "s")  # another one was quicker
        engine.bind(path)
        engine.listen()
        record = {"pid": os.getpid(), "socket": path, "python": sys.version, "run": "other"}
        (tmp_path / ENGINE_FILE).write_text(json.dumps(record))
        running = start(Settings(store=str(tmp_path), run="r", parent=os.getpid()), prepared)
    assert running.socket_path == path
    assert prepared.process.poll() is not None
    assert not os.path.exists(prepared.socket_path)


def test_an_engine_that_cannot_use_its_store_says_why(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        connection.execute("UPDATE versions SET header = header || 'x'")
    running = start(Settings(store=str(tmp_path), run="r", parent=os.getpid()))
    running.wait_until_up()
    assert running.process is not None and running.process.wait(60) == 1
    said = running.finish()
    assert "the store is damaged: the row versions[" in said and "\n" not in said
    assert "Traceback" not in (tmp_path / LOG_FILE).read_text()


@pytest.mark.parametrize(("mode", "niceness"), [("shadow", PATIENT), ("auto", NICENESS)])
def test_an_engine_whose_results_nothing_waits_for_is_nicer(
    tmp_path: Path, mode: str, niceness: int
) -> None:
    Store.open(tmp_path).close()
    running = start(Settings(str(tmp_path), "r", mode=mode, parent=os.getpid()))
    running.wait_until_up()
    assert running.process is not None
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, running.process.pid) == max(own, niceness)
    mine, its = os.sched_getaffinity(0), os.sched_getaffinity(running.process.pid)
    assert its == (mine - {min(mine)} or mine)  # one is the program's alone, where there are two
    assert running.finish() == ""


def test_an_engine_that_is_told_nothing_ends() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        command = [sys.executable, "-m", "selfsame.runtime.engine", str(listener.fileno()), "0"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
