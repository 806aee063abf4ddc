"""The engine's process: ``python -m selfsame.runtime.engine SOCKET-FD UP-FD``, its settings on stdin.

They come when it is known which store it is for; where none come, it is not needed. UP-FD is the end
of a pipe that is closed once the engine serves.
"""

import logging
import os
import signal
import socket
import sys
from pathlib import Path

from selfsame.compiler.niceness import NICENESS, PATIENT, be_nice, leave_one
from selfsame.runtime.engine.engine import Engine
from selfsame.runtime.engine.launch import LOG_FILE
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.versions.errors import StoreError
from selfsame.runtime.versions.store import EngineRunning, Store
from selfsame.variants.catalogue import templates


def main(arguments: list[str]) -> int:
    """Run the engine until its programs are gone. Returns the exit code."""
    told = sys.stdin.buffer.read()
    if not told:
        return 0
    settings = Settings.loads(told)
    _to_log(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if not settings.afterwards_s:  # who works on when the program has ended is waited for
        be_nice(PATIENT if settings.mode == "shadow" else NICENESS)
        leave_one()
    listener = socket.socket(fileno=int(arguments[0]))
    try:
        return _serve(settings, listener, int(arguments[1]))
    except StoreError as error:  # the program goes on without an engine; `run` says why
        logging.error("%s", error)
        return 1


def _serve(settings: Settings, listener: socket.socket, up: int) -> int:
    with Store.open(settings.store) as store:
        try:
            lock = store.lock_engine()
        except EngineRunning as running:
            logging.error("%s", running)
            return 1
        with lock:
            engine = Engine(settings, store, listener)
            signal.signal(signal.SIGTERM, lambda *_: engine.leave())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if settings.afterwards_s:
                templates()  # while the program waits: its first seconds are for its calls
            os.close(up)
            engine.run()
    return 0


def _to_log(settings: Settings) -> None:
    """From here on nothing comes from, or goes to, the terminal that the engine was started at."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    with open(Path(settings.store, LOG_FILE), "ab") as log:
        for source, target in ((nothing, 0), (log.fileno(), 1), (log.fileno(), 2)):
            os.dup2(source, target)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
