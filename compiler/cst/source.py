"""One source file: its text, its module name, and its standard ``ast``."""

import ast
import io
import threading
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from selfsame.compiler.errors import Diagnostic, Place, UserError

# The list of warning filters is one for the process: only one compile at a time may change it.
_FILTERS = threading.Lock()


@contextmanager
def unwarned() -> Iterator[None]:
    """Parse or compile in this: what CPython warns of in the user's code is shown by CPython alone."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Source:
    """A module's text. ``path`` is what its code objects carry as ``co_filename``."""

    path: str
    module: str
    text: str
    _lines: list[str] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def read(cls, path: str | Path, module: str) -> "Source":
        """Read a file as CPython would (PEP 263). Raises UserError where it cannot be decoded."""
        return cls.decoded(Path(path).read_bytes(), path, module)

    @classmethod
    def decoded(cls, raw: bytes, path: str | Path, module: str) -> "Source":
        """The source that a file's bytes are. Raises UserError where they cannot be decoded."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
            text = raw.decode(encoding)
        except (SyntaxError, UnicodeDecodeError, LookupError) as error:
            at = _undecodable(raw, error)
            before = raw[:at].rpartition(b"\n")[2]
            raise UserError(
                Diagnostic(
                    Place(str(path), raw.count(b"\n", 0, at) + 1, len(before) + 1),
                    f"this file cannot be decoded: {error}",
                    "save it as UTF-8, or declare its encoding on the first line",
                )
            ) from error
        return cls(str(path), module, text.replace("\r\n", "\n").replace("\r", "\n"))

    @cached_property
    def tree(self) -> ast.Module:
        """The module's ``ast``: shared, so copy a node before changing it.

        Raises UserError with CPython's own message where the text does not parse.
        """
        try:
            with unwarned():
                return ast.parse(self.text, self.path)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            column = getattr(error, "offset", None) or 1
            if (null := self.text.find("\0")) >= 0:
                line = self.text.count("\n", 0, null) + 1
                column = null - self.text.rfind("\n", 0, null)
            message = getattr(error, "msg", None) or str(error) or type(error).__name__
            raise UserError(
                Diagnostic(Place(self.path, line, max(1, column)), f"syntax error: {message}")
            ) from error
        except (RecursionError, MemoryError) as error:
            raise UserError(
                Diagnostic(
                    Place(self.path, self._too_deep()),
                    f"nested too deeply for this Python's own parser ({type(error).__name__})",
                    "give a part of it a name, or a function of its own",
                )
            ) from error

    def _too_deep(self) -> int:
        """The first line with which the parser gives up; it does not say itself."""
        lines = self.text.split("\n")
        least, most = 0, len(lines)
        while most - least > 1:
            middle = (least + most) // 2
            try:
                with unwarned():
                    ast.parse("\n".join(lines[:middle]))
            except (RecursionError, MemoryError):
                most = middle
            except (SyntaxError, ValueError):  # it ends in the middle of something
                least = middle
            else:
                least = middle
        return most

    def line(self, number: int) -> str:
        """Line ``number`` (from 1) without its newline; empty past the end."""
        if not self._lines:
            self._lines.extend(self.text.split("\n"))
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


def _undecodable(raw: bytes, error: Exception) -> int:
    """Where the first byte is that is no text: a wrong one in the first two lines is only said."""
    if isinstance(error, UnicodeDecodeError):
        return error.start
    try:
        raw.decode()
    except UnicodeDecodeError as found:
        return found.start
    return 0
