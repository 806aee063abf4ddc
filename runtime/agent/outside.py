"""What a program does outside itself that running it once more would do once more; on request alone.

An audit hook (PEP 578), which cannot be taken out again: it is put in only where the link asks for it
(`optimize --rerun`). Kinds of effects are remembered, no values.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EFFECTS = {
    "os.remove": "removes files",
    "os.rename": "renames files",
    "os.mkdir": "makes folders",
    "os.rmdir": "removes folders",
    "os.truncate": "writes files",
    "os.link": "links files",
    "os.symlink": "links files",
    "os.chmod": "changes files",
    "os.chown": "changes files",
    "os.utime": "changes files",
    "os.setxattr": "changes files",
    "os.mknod": "makes files",
    "os.kill": "sends signals",
    "os.fork": "starts processes",
    "os.forkpty": "starts processes",
    "os.system": "runs other programs",
    "os.exec": "runs other programs",
    "os.posix_spawn": "runs other programs",
    "os.spawn": "runs other programs",
    "subprocess.Popen": "runs other programs",
    "pty.spawn": "runs other programs",
    "socket.connect": "connects to others",
    "socket.sendto": "sends to others",
    "socket.sendmsg": "sends to others",
    "socket.bind": "listens for others",
    "sqlite3.connect": "opens a database",
    "ctypes.dlopen": "calls into other libraries",
}

SPAWNING = ("multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver")

seen: set[str] = set()


def watch(own_socket: str) -> None:
    """Remember effects from now on; connecting to ``own_socket`` is none."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if type(flags) is int and flags & WRITING and not _quiet(path):
                seen.add("writes files")
            return
        effect = EFFECTS.get(event)
        if event == "import" and arguments[0] in SPAWNING:
            effect = "starts processes"
        if effect is None or effect in seen:
            return
        if event == "socket.connect" and arguments[1] == own_socket:
            return
        if event == "sqlite3.connect" and arguments[0] == ":memory:":
            return
        seen.add(effect)

    sys.addaudithook(hook)


def _quiet(path: object) -> bool:
    """Whether writing there leaves nothing behind but what Python keeps of imports."""
    return type(path) is str and (path == os.devnull or "__pycache__" in path)
