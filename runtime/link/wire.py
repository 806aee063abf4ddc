"""Frames between agent and engine: a four-byte length, then one marshalled dict.

Both ends are the same CPython, checked in the first message, and the same user, checked by peer
credentials, so ``marshal`` is safe here; it is built in, fast, and carries code objects.
"""

from __future__ import annotations

import marshal
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator
    from typing import Any

    Message = dict[str, Any]
else:
    Message = dict  # agents import this: neither typing nor socket is loaded for it

HEADER = struct.Struct("!I")
LIMIT = 64 * 1024 * 1024
PIECE = 64 * 1024  # bytes: to make a message of them takes well under a millisecond
PEER = struct.Struct("3i")


class WireError(Exception):
    """The other end sent what is not a frame of ours, or is not who it must be."""


def pack(message: Message) -> bytes:
    """One frame. Raises ValueError where a value cannot be marshalled."""
    body = marshal.dumps(message)
    if len(body) > LIMIT:
        raise ValueError(f"a message of {len(body)} bytes is over the limit of {LIMIT}")
    return HEADER.pack(len(body)) + body


def pieces(payloads: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Payloads as they follow each other, in pieces of about `PIECE` bytes: many short ones, or parts of one."""
    piece: list[bytes] = []
    size = 0
    for payload in payloads:
        for at in range(0, len(payload), PIECE):
            part = payload[at : at + PIECE]
            if size + len(part) > PIECE and piece:
                yield piece
                piece, size = [], 0
            piece.append(part)
            size += len(part)
    if piece:
        yield piece


def whole(parts: Iterable[bytes], sizes: Iterable[int]) -> list[bytes]:
    """The payloads of these sizes again. Raises WireError where the parts are not theirs."""
    stream = memoryview(b"".join(parts))
    found, at = [], 0
    for size in sizes:
        found.append(bytes(stream[at : at + size]))
        at += size
    if at != len(stream):
        raise WireError(f"{len(stream)} bytes of payloads came, not {at}")
    return found


class Frames:
    """Turns a stream of bytes into messages: feed it what was read, iterate over what is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages completed by ``data``. Raises WireError on a frame over the limit."""
        buffer = self._buffer
        buffer += data
        messages: list[Message] = []
        while len(buffer) >= HEADER.size:
            (size,) = HEADER.unpack_from(buffer)
            if size > LIMIT:
                raise WireError(f"a frame of {size} bytes is over the limit of {LIMIT}")
            end = HEADER.size + size
            if len(buffer) < end:
                break
            try:
                message = marshal.loads(memoryview(buffer)[HEADER.size : end])
            except (ValueError, EOFError, TypeError) as error:
                raise WireError(f"a frame that does not unmarshal: {error}") from error
            if not isinstance(message, dict) or "t" not in message:
                raise WireError("a frame without a message type")
            messages.append(message)
            del buffer[:end]
        return messages


def same_user(connection: socket.socket) -> bool:
    """Whether the peer of a Unix socket runs as this user (SO_PEERCRED; Linux)."""
    import os
    import socket

    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
    _, uid, _ = PEER.unpack(peer)
    return bool(uid == os.geteuid())
