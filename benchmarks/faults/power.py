"""Power cuts: the writes of a word, replayed up to a moment, with the unsynced ones at random.

The model of the disk: a write is sure once its file was synced, and so is the name of a file that
was made; a rename or a removal is sure once its directory was synced. Before that each may be there
or not, in any order, and a write may be torn at 512 bytes. Names change in the order of the calls.
"""

import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from .tracer import Call

SECTOR = 512


@dataclass
class Op:
    """One change: ``write``, ``truncate``, ``create``, ``rename``, ``unlink``, ``sync``."""

    kind: str
    path: str
    at: int = 0
    data: bytes = b""
    to: str = ""


class Recorder:
    """Told of each finished system call; keeps those that change files below ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = str(directory)
        self.ops: list[Op] = []
        self._position: dict[str, int] = {}

    def after(self, call: Call) -> None:
        if call.result < 0 or not call.name:
            return
        name, a = call.name, call.arguments
        if name in ("pwrite64", "write"):
            path = call.path(0)
            if self._ours(path):
                at = a[3] if name == "pwrite64" else self._position.get(path, 0)
                self._add(Op("write", path, at, call.bytes(a[1], call.result)))
                if name == "write":
                    self._position[path] = at + call.result
        elif name == "ftruncate":
            self._add(Op("truncate", call.path(0), a[1]))
        elif name in ("fsync", "fdatasync"):
            self._add(Op("sync", call.path(0)))
        elif name in ("openat", "open"):
            path, flags = call.text(1 if name == "openat" else 0), a[2 if name == "openat" else 1]
            if flags & os.O_CREAT and self._ours(path):
                self._add(Op("create", path))
            if flags & os.O_TRUNC and self._ours(path):
                self._add(Op("truncate", path, 0))
            self._position[path] = 0
        elif name == "rename":
            self._add(Op("rename", call.text(0), to=call.text(1)))
        elif name == "renameat":
            self._add(Op("rename", call.text(1), to=call.text(3)))
        elif name in ("unlink", "unlinkat"):
            self._add(Op("unlink", call.text(0 if name == "unlink" else 1)))

    def _ours(self, path: str) -> bool:
        return path.startswith(self.directory) and not path.endswith("-shm")

    def _add(self, op: Op) -> None:
        if op.path == self.directory or self._ours(op.path):
            self.ops.append(op)


def sure(ops: list[Op]) -> list[bool]:
    """For each op, whether a sync after it made it sure."""
    found = [False] * len(ops)
    pending_data: dict[str, list[int]] = {}
    pending_names: list[int] = []
    for index, op in enumerate(ops):
        if op.kind in ("write", "truncate", "create"):
            pending_data.setdefault(op.path, []).append(index)
        elif op.kind in ("rename", "unlink"):
            pending_names.append(index)
            if op.kind == "rename":
                pending_data.setdefault(op.to, []).extend(pending_data.pop(op.path, []))
        elif op.kind == "sync":
            names = [n for n in pending_names if os.path.dirname(ops[n].path) == op.path]
            for done in [*pending_data.pop(op.path, []), *names]:
                found[done] = True
            pending_names = [n for n in pending_names if n not in names]
            found[index] = True
    return found


def cut(before: Path, target: Path, ops: list[Op], rng: random.Random) -> None:
    """Make what a power cut after ``ops`` may leave of the store ``before`` in ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(before, target)
    known = sure(ops)
    every = rng.random()
    kept = [i for i, op in enumerate(ops) if known[i] or rng.random() < every]
    # Contents follow a file through its renames, so data is applied to objects, names afterwards.
    files: dict[str, bytearray] = {}
    for path in target.iterdir():
        if path.is_file():
            files[path.name] = bytearray(path.read_bytes())
    names = dict(files)
    unsure = [i for i in kept if not known[i] and ops[i].kind == "write"]
    order = dict(zip(unsure, rng.sample(unsure, len(unsure)), strict=True))
    live = dict(names)  # what the program saw, to find which object a path meant
    content_of: dict[int, bytearray] = {}
    for index, op in enumerate(ops):
        name = os.path.basename(op.path)
        if op.kind == "create":
            live.setdefault(name, bytearray())
        if op.kind in ("create", "write", "truncate"):
            content_of[index] = live.setdefault(name, bytearray())
        elif op.kind == "rename":
            live[os.path.basename(op.to)] = content_of[index] = live.pop(name, bytearray())
        elif op.kind == "unlink":
            live.pop(name, None)
    for index in kept:
        op = ops[index]
        name = os.path.basename(op.path)
        if op.kind == "create":
            names.setdefault(name, content_of[index])
        elif op.kind == "truncate":
            _resize(content_of[index], op.at)
        elif op.kind == "write":
            which = order.get(index, index)
            data = ops[which].data
            if not known[which] and rng.random() < 0.3:
                data = data[: rng.randrange(len(data) + 1) // SECTOR * SECTOR]
            _write(content_of[which], ops[which].at, data)
        elif op.kind == "rename":
            names.pop(name, None)
            names[os.path.basename(op.to)] = content_of[index]
        elif op.kind == "unlink":
            names.pop(name, None)
    for path in target.iterdir():
        if path.is_file():
            path.unlink()
    for name, content in names.items():
        if not name.endswith("-shm"):
            (target / name).write_bytes(content)


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def _write(content: bytearray, at: int, data: bytes) -> None:
    if len(content) < at + len(data):
        content.extend(bytes(at + len(data) - len(content)))
    content[at : at + len(data)] = data
