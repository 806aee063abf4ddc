"""Accepts agents on a Unix socket and turns their bytes into messages. One thread, no blocking."""

import contextlib
import os
import selectors
import socket
from collections.abc import Callable

from selfsame.runtime.link.wire import Frames, Message, WireError, pack, same_user

READ = 1 << 18
MOST_UNSENT = 32 * 1024 * 1024


class Agent:
    """One connected agent: who it is, and what is still to be sent to it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.frames = Frames()
        self.unsent = bytearray()
        self.pieces: list[bytes] = []  # of the payloads that its next message tells of
        self.hello: Message | None = None
        self.gone = False
        self.rewrites: dict[str, str] = {}  # what runs in its process: id by address

    @property
    def pid(self) -> int:
        """The agent's process, 0 until it has said hello."""
        return int(self.hello["pid"]) if self.hello else 0

    def send(self, message: Message) -> None:
        """Queue a message. An agent that does not read is dropped by the server."""
        if not self.gone:
            self.unsent += pack(message)


class Server:
    """Calls ``on_message(agent, message)`` and ``on_gone(agent)`` from ``step``."""

    def __init__(
        self,
        listener: socket.socket,
        on_message: Callable[[Agent, Message], None],
        on_gone: Callable[[Agent], None],
    ) -> None:
        self.listener = listener
        self.agents: list[Agent] = []
        self._on_message = on_message
        self._on_gone = on_gone
        self._selector = selectors.DefaultSelector()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, None)

    def step(self, timeout_s: float) -> None:
        """Wait at most ``timeout_s`` for traffic and handle what came."""
        for agent in list(self.agents):
            self._flush(agent)
        for key, events in self._selector.select(timeout_s):
            if key.data is None:
                self._accept()
            else:
                if events & selectors.EVENT_READ:
                    self._read(key.data)
                if events & selectors.EVENT_WRITE:
                    self._flush(key.data)

    def close(self) -> None:
        """Send what is queued where that needs no waiting, then close every connection."""
        for agent in list(self.agents):
            self._flush(agent)
            self._drop(agent)
        self._selector.close()
        with contextlib.suppress(OSError):
            os.unlink(self.listener.getsockname())
        self.listener.close()

    def _accept(self) -> None:
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        if not same_user(connection):
            connection.close()
            return
        connection.setblocking(False)
        agent = Agent(connection)
        self.agents.append(agent)
        self._selector.register(connection, selectors.EVENT_READ, agent)

    def _read(self, agent: Agent) -> None:
        if agent.gone:
            return
        try:
            data = agent.connection.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(agent)
            return
        try:
            messages = agent.frames.feed(data)
        except WireError:
            self._drop(agent)
            return
        for message in messages:
            self._on_message(agent, message)

    def _flush(self, agent: Agent) -> None:
        if agent.gone:
            return
        try:
            while agent.unsent:
                sent = agent.connection.send(memoryview(agent.unsent)[:READ])
                del agent.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(agent)
            return
        if len(agent.unsent) > MOST_UNSENT:
            self._drop(agent)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if agent.unsent else 0)
        self._selector.modify(agent.connection, events, agent)

    def _drop(self, agent: Agent) -> None:
        if agent.gone:
            return
        agent.gone = True
        self.agents.remove(agent)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(agent.connection)
        agent.connection.close()
        self._on_gone(agent)
