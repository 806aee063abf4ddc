"""The agent's end of the socket: never waits, and never writes to what is not its own any more.

Built on ``_socket``, because importing ``socket`` takes milliseconds and memory.
"""

from __future__ import annotations

import os
from _socket import SO_PEERCRED, SOL_SOCKET

from selfsame.runtime.agent import backend
from selfsame.runtime.link.wire import PEER, Frames, WireError, pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket

    from selfsame.runtime.link.wire import Message

MOST_UNSENT = 32 * 1024 * 1024
SOON = 256 * 1024
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 2.0


class Connection:
    """Connects again and again until the engine is there; ``up`` says whether it is."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.up = False
        self._socket: Socket | None = None
        self._inode = 0
        self._frames = Frames()
        self._unsent = bytearray()
        self._next = 0.0
        self._pause = FIRST_PAUSE_S

    def connect(self, now: float) -> bool:
        """Try to connect if it is time to; whether a connection was made now."""
        if self.up or not self.path or now < self._next:
            return False
        self._next = now + self._pause
        self._pause = min(LONGEST_PAUSE_S, self._pause * 1.5)
        try:
            new = backend.new_socket()
        except OSError:
            return False
        try:
            new.setblocking(False)
            new.connect(self.path)
            _, user, _ = PEER.unpack(new.getsockopt(SOL_SOCKET, SO_PEERCRED, PEER.size))
            if user != os.geteuid():
                raise OSError("the engine's socket belongs to another user")
        except OSError:
            new.close()
            return False
        self._socket = new
        self._inode = os.fstat(new.fileno()).st_ino
        self._frames = Frames()
        self._unsent.clear()
        self._pause = FIRST_PAUSE_S
        self.up = True
        return True

    def send(self, message: Message) -> None:
        """Queue a message; dropped where no engine is connected or it does not read."""
        if not self.up:
            return
        if len(self._unsent) > MOST_UNSENT:
            self.drop()
            return
        self._unsent += pack(message)
        if len(self._unsent) > SOON:  # what is not kept need not be moved again and again
            self.flush()

    def flush(self) -> None:
        """Send what the socket takes now."""
        while self._unsent and self._socket is not None:
            try:
                sent = backend.send(self._socket, self._inode, self._unsent)
            except OSError:
                self.drop()
                return
            if not sent:
                return
            del self._unsent[:sent]

    def receive(self) -> list[Message]:
        """The messages that have come. Raises nothing: a broken connection is dropped."""
        found: list[Message] = []
        while self._socket is not None:
            try:
                data = backend.receive(self._socket, self._inode)
                if data is None:
                    break
                if not data:
                    self.drop()
                    break
                found += self._frames.feed(data)
            except (OSError, WireError):
                self.drop()
        return found

    @property
    def unsent(self) -> int:
        """How many bytes the engine has not taken yet."""
        return len(self._unsent)

    def drop(self) -> None:
        """Give the connection up; ``connect`` makes a new one."""
        self.up = False
        self._unsent.clear()
        if self._socket is not None:
            if backend.same(self._socket, self._inode):
                self._socket.close()
            else:
                self._socket.detach()
            self._socket = None
