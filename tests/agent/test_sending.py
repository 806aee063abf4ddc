"""The agent's socket, and what its thread does between two ticks: it sends on what that did not take."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfsame.runtime.agent import backend
from selfsame.runtime.agent.agent import Agent


class Socketless:
    """A connection with so much to send, of which each flush sends ``each`` bytes."""

    def __init__(self, unsent: int, each: int) -> None:
        self.unsent, self.each, self.flushes = unsent, each, 0

    def flush(self) -> None:
        self.flushes += 1
        self.unsent = max(0, self.unsent - self.each)


class Pauses:
    """A thread that does not wait. It is to end at pause number ``ends``."""

    def __init__(self, ends: int = 0) -> None:
        self.number, self.ends = 0, ends

    def pause(self, seconds: float) -> bool:
        self.number += 1
        return self.number == self.ends


def agent(connection: Socketless, thread: Pauses) -> Agent:
    made = object.__new__(Agent)
    made.connection = connection  # type: ignore[assignment]
    made.thread = thread  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(("each", "flushes"), [(1_000, 50), (50_000, 1)])
def test_megabytes_go_out_between_two_ticks(each: int, flushes: int) -> None:
    connection, thread = Socketless(50_000, each), Pauses()
    assert not agent(connection, thread)._wait(3600.0)
    assert (connection.unsent, connection.flushes) == (0, flushes)
    assert thread.number == flushes + 1


def test_an_engine_that_takes_nothing_is_asked_a_few_times() -> None:
    connection = Socketless(50_000, 0)
    assert not agent(connection, Pauses())._wait(0.1)
    assert connection.flushes <= 6


def test_a_thread_that_is_to_end_ends_in_the_middle() -> None:
    connection = Socketless(50_000, 1_000)
    assert agent(connection, Pauses(ends=3))._wait(3600.0)
    assert connection.flushes == 2


@pytest.fixture(params=["compiled", "uncompiled"])
def ends(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[socket.socket, socket.socket]]:
    if request.param == "uncompiled":
        monkeypatch.setattr(backend, "native", None)
    else:
        assert backend.native is not None
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def inode(one: socket.socket) -> int:
    return os.fstat(one.fileno()).st_ino


def test_what_has_come_at_a_socket(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    assert backend.receive(ours, inode(ours)) is None
    theirs.sendall(b"news")
    assert backend.receive(ours, inode(ours)) == b"news"
    theirs.close()
    assert backend.receive(ours, inode(ours)) == b""


def test_a_socket_takes_what_it_has_room_for(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    whole, sent = bytearray(os.urandom(4_000_000)), 0
    while took := backend.send(ours, inode(ours), whole[sent:]):
        sent += took
    assert 0 < sent < len(whole)
    theirs.setblocking(True)
    found = b""
    while len(found) < sent:
        found += theirs.recv(1 << 20)
    assert found == whole[:sent]
    theirs.close()
    with pytest.raises(BrokenPipeError):
        backend.send(ours, inode(ours), whole)


def test_a_descriptor_that_is_another_file_by_now_is_left_alone(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends
    was = inode(ours)
    reading, writing = os.pipe()
    os.write(writing, b"the program's own")
    os.dup2(reading, ours.fileno())
    with pytest.raises(OSError, match="descriptor"):
        backend.receive(ours, was)
    with pytest.raises(OSError, match="descriptor"):
        backend.send(ours, was, bytearray(b"ours"))
    assert os.read(reading, 100) == b"the program's own"
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("compiled", [True, False])
def test_the_programs_lowest_descriptors_stay_its_own(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not compiled:
        monkeypatch.setattr(backend, "native", None)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    made = backend.new_socket()
    try:
        assert made.fileno() > lowest
        assert not os.get_inheritable(made.fileno())
        again = os.open(os.devnull, os.O_RDONLY)
        os.close(again)
        assert again == lowest
    finally:
        made.close()


def test_a_program_that_may_have_few_descriptors_has_a_socket_as_well() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        made = backend.new_socket()
        assert made.fileno() < 256
        made.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.skipif(backend.native is None, reason="the extensions are not built")
def test_a_mapped_file_keeps_no_descriptor(tmp_path: Path) -> None:
    file = tmp_path / "control"
    file.write_bytes(b"12345678")
    handle = os.open(file, os.O_RDONLY)
    before = os.listdir("/proc/self/fd")
    view = backend.mapped(handle, 8)
    assert os.listdir("/proc/self/fd") == before
    os.close(handle)
    assert bytes(view) == b"12345678"
    with open(file, "r+b") as writer:
        writer.write(b"87654321")
    assert bytes(view) == b"87654321"
    with open(file, "rb") as short, pytest.raises(OSError):
        backend.mapped(short.fileno(), 9)
