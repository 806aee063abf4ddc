"""Takes, in a worker, what a call prints and logs: it is compared, and goes nowhere.

Streams and loggers give nothing back that matters, so a call that sends the same texts and the same
records in the same order, with equal contents, did the same to the outside. Loggers take everything,
whatever their levels are in the program: what is not shown today may be tomorrow. Warnings are taken
for every call (`selfsame.runtime.shadow.calls`); where among the others one stood is noted here.
"""

import io
import logging
import sys
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from selfsame.runtime.shadow.encoder import CannotCompare, Encoder


class Outgoing:
    """What was sent since `start`, as a digest. Bound in place of streams and loggers, for good."""

    def __init__(self) -> None:
        self.refused = ""
        self._found = blake2b()
        self._last = ""
        sys.stdout, sys.stderr = _Stream(self, "out"), _Stream(self, "err")
        logger: Any = logging.Logger
        logger.isEnabledFor = _enabled
        logger._log = self._taker()

    def start(self) -> None:
        """From here on what is sent belongs to another call."""
        self.refused = ""
        self._found = blake2b()
        self._last = ""

    @property
    def told(self) -> bytes:
        """A digest of what was sent since `start`."""
        return self._found.digest()

    def text(self, stream: str, text: str) -> None:
        """A text goes to a stream: in how many pieces is all the same."""
        if not text:
            return
        if stream != self._last:
            self._put(stream.encode())
            self._last = stream
        try:
            data = text.encode()
        except UnicodeEncodeError:  # most streams take none of these, some do
            self.refused = "what it prints is no text that every stream takes"
            return
        self._found.update(data.replace(b"\0", b"\0\0"))  # a single one begins what is no text

    def warned(self) -> None:
        """A warning was shown here. What it says is taken elsewhere."""
        self._put(b"warning")
        self._last = ""

    def _record(self, *content: object) -> None:
        try:
            data = Encoder().whole(content)
        except (CannotCompare, RecursionError) as error:  # the call is left out, not ended
            self.refused = f"what it logs cannot be compared: {error}"
            return
        self._put(b"record")
        self._put(data)
        self._last = ""

    def _put(self, data: bytes) -> None:
        self._found.update(b"\0%d\0" % len(data) + data)

    def _taker(self) -> Callable[..., None]:
        record = self._record

        def _log(
            logger: logging.Logger, level: int, msg: object, args: object, **rest: Any
        ) -> None:
            told = rest.get("exc_info")
            if isinstance(told, tuple):
                rest["exc_info"] = told[1:2]
            elif told and not isinstance(told, BaseException):
                rest["exc_info"] = sys.exc_info()[1]
            record(logger.name, level, msg, args, sorted(rest.items()))

        return _log


def _enabled(_logger: logging.Logger, _level: int) -> bool:
    return True


class _Stream(io.TextIOBase):
    """A stream of text that is taken. It has no descriptor and no bytes below it."""

    def __init__(self, outgoing: Outgoing, name: str) -> None:
        self._outgoing = outgoing
        self._name = name

    def writable(self) -> bool:
        """As those of a program are."""
        return True

    def write(self, text: str, /) -> int:
        """Take a text. Raises TypeError for what is none."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outgoing.text(self._name, text)
        return len(text)
