"""The control word: what every agent of a store polls, and the orders that it points to.

Two files in the store's directory. ``control`` is 64 bytes in the machine's byte order: 8 bytes
magic ``SELFSAME``, u32 format 1, u32 flags (bit 0: off), u64 generation, zeros. ``orders.json``
says what each node runs. The orders are replaced before the generation is raised, so who sees a
new generation finds orders at least that new. Standard library only: agents import this.
"""

from __future__ import annotations

import mmap
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Mapped: TypeAlias = Callable[[int, int], mmap.mmap | memoryview]

CONTROL = "control"
ORDERS = "orders.json"
MAGIC = b"SELFSAME"
FORMAT = 1
SIZE = 64
OFF = 1
HEADER = struct.Struct("=8sIIQ")
FLAGS_AT = 12
GENERATION_AT = 16


class ControlError(Exception):
    """The control word is not there or not ours; the message says which."""


def pack(generation: int, *, off: bool) -> bytes:
    """The 64 bytes of a control word."""
    return HEADER.pack(MAGIC, FORMAT, OFF if off else 0, generation).ljust(SIZE, b"\0")


def unpack(data: bytes) -> tuple[int, bool]:
    """``(generation, off)`` of a control word's bytes. Raises ControlError on what is not one."""
    if len(data) < SIZE:
        raise ControlError(f"the control word has {len(data)} bytes of {SIZE}")
    magic, form, flags, generation = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise ControlError("the control word does not begin with SELFSAME")
    if form != FORMAT:
        raise ControlError(f"the control word has format {form}; this selfsame reads {FORMAT}")
    return generation, bool(flags & OFF)


class ControlWord:
    """A mapped control word. Reading it is two loads from memory, without a system call.

    A read may see half of a write: the next poll sees the rest, and differs again.
    """

    def __init__(self, directory: str | os.PathLike[str], mapped: Mapped | None = None) -> None:
        """``mapped`` maps the first bytes of an open file to be read; `mapping` where it is not given."""
        path = os.path.join(directory, CONTROL)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ControlError(f"{path}: {error.strerror}") from error
        try:
            unpack(os.pread(handle, SIZE, 0))
            self._map = (mapped or mapping)(handle, SIZE)
        finally:
            os.close(handle)
        self._flags = memoryview(self._map).cast("I")
        self._generation = memoryview(self._map).cast("Q")

    @property
    def generation(self) -> int:
        """Grows whenever the orders or the modes of the store change."""
        return self._generation[GENERATION_AT // 8]

    @property
    def off(self) -> bool:
        """Whether a person switched every rewrite of this store off."""
        return bool(self._flags[FLAGS_AT // 4] & OFF)

    def close(self) -> None:
        """Unmap. Reading afterwards raises ValueError."""
        self._flags.release()
        self._generation.release()
        if isinstance(self._map, mmap.mmap):
            self._map.close()


def mapping(handle: int, size: int) -> mmap.mmap:
    """The first bytes of an open file, to be read. It keeps a descriptor. Raises OSError or ValueError."""
    return mmap.mmap(handle, size, prot=mmap.PROT_READ)


def read_orders(directory: str | os.PathLike[str]) -> dict[str, Any]:
    """The orders as they are now. Raises ControlError where they are missing or unreadable."""
    from selfsame.runtime.link.quickjson import loads

    path = os.path.join(directory, ORDERS)
    try:
        with open(path, encoding="utf-8") as file:
            orders = loads(file.read())
    except (OSError, ValueError) as error:
        raise ControlError(f"{path}: {error}") from error
    if not isinstance(orders, dict) or orders.get("format") != FORMAT:
        raise ControlError(f"{path}: not orders of format {FORMAT}")
    if not isinstance(orders.get("nodes"), dict) or not isinstance(orders.get("generation"), int):
        raise ControlError(f"{path}: orders without nodes or generation")
    return orders
