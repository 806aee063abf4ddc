"""What a worker does: one process, one node, one socket.

Forked by `selfsame.runtime.shadow.forkserver`. It answers frames of `selfsame.runtime.link.wire`,
one reply to each, and ends when the socket closes.
"""

import os
import signal
import socket
from collections.abc import Callable

from selfsame.runtime.link.wire import Frames, Message, pack
from selfsame.runtime.shadow import instances as _before_nothing_may_be_read  # noqa: F401
from selfsame.runtime.shadow import symbolic
from selfsame.runtime.shadow.answering import Answering
from selfsame.runtime.shadow.audit import Audit, watch_threads, watch_unaudited
from selfsame.runtime.shadow.held import Held
from selfsame.runtime.shadow.inputs import Refused
from selfsame.runtime.shadow.loading import CannotLoad
from selfsame.runtime.shadow.sandbox import Limits, enclose
from selfsame.runtime.shadow.seeking import Seeking
from selfsame.runtime.shadow.sides import CannotPrepare
from selfsame.runtime.shadow.symbolic import CannotSearch

PR_SET_PDEATHSIG = 1


class Session:
    """What a worker has between two messages: nothing at first, then a node, and who answers about it."""

    def __init__(self, output: int, limits: Limits) -> None:
        self._audit = Audit()
        if "audit hook" not in limits.without:
            self._audit.install()
        self._output = output
        self._scratch = limits.scratch
        self._held: Held | None = None
        self._answering: Answering | None = None
        self._verbs: dict[str, Callable[[Message], Message]] = {"load": self._load}

    def answer(self, message: Message) -> Message:
        """The answer to one message. Raises what its verb raises, CannotLoad while nothing is loaded."""
        verb = message["t"]
        if self._answering is not None and verb != "calls":
            self._answering.rest()
        if self._held is None and verb != "load":
            raise CannotLoad("nothing is loaded in this worker")
        return self._verbs[verb](message)

    def _load(self, message: Message) -> Message:
        held = self._held = Held(message, self._audit, self._output)
        answering = self._answering = Answering(held, self._scratch)
        seeking = Seeking(held)
        self._verbs |= {
            "inputs": self._inputs,
            "calls": answering.calls,
            "describe": answering.describe,
            "time": answering.time,
            "follow": answering.follow,
            "memory": answering.memory,
            "retained": answering.retained,
            "invent": seeking.invent,
            "explore": seeking.explore,
            "reach": seeking.reach,
            "around": seeking.around,
            "blind": seeking.blind,
            "stay": seeking.stay,
            "scope": seeking.scope,
            "search": seeking.search,
        }
        return {"t": "loaded"}

    def _inputs(self, message: Message) -> Message:
        assert self._held is not None
        self._held.take(message["payloads"])
        return {"t": "ok"}


def serve(connection: socket.socket, session: Session) -> None:
    """Answer messages until the other end closes the socket or says so."""
    frames = Frames()
    while data := connection.recv(1 << 20):
        for message in frames.feed(data):
            if message["t"] == "shutdown":
                return
            try:
                reply = session.answer(message)
            except (CannotLoad, CannotPrepare, CannotSearch, Refused) as error:
                about = "variation" if isinstance(error, CannotPrepare) else "node"
                reply = {"t": "failed", "reason": str(error), "about": about}
            except (Exception, RecursionError) as error:
                # The text of an error may hold a value; its type may not.
                reply = {"t": "failed", "reason": f"met {type(error).__name__}", "about": "node"}
            connection.sendall(pack(reply))


def die_with_parent() -> None:
    """Ask Linux to end this process when the one that started it ends."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def work(connection: socket.socket, limits: Limits) -> None:
    """Be one worker: enclose this process, and answer what comes until the socket closes."""
    output = os.memfd_create("selfsame-output")
    os.dup2(output, 1)
    os.dup2(output, 2)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if limits.scratch:
        import memray  # noqa: F401  (while this interpreter's own sys.path is in place)
    if limits.symbolic:
        symbolic.prepare()
    die_with_parent()
    layers = [(layer.name, layer.available, layer.reason) for layer in enclose(limits)]
    watch_threads()
    watch_unaudited()
    session = Session(output, limits)
    connection.sendall(pack({"t": "ready", "layers": layers}))
    serve(connection, session)
