"""One source file: its text, its module name, and its standard ``ast``."""

import ast
import io
import tokenize
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from selfsame.compiler.errors import Diagnostic, Place, UserError


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
            at = error.start if isinstance(error, UnicodeDecodeError) else 0
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
            return ast.parse(self.text, self.path)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            column = getattr(error, "offset", None) or 1
            message = getattr(error, "msg", None) or str(error) or type(error).__name__
            raise UserError(
                Diagnostic(Place(self.path, line, max(1, column)), f"syntax error: {message}")
            ) from error

    def line(self, number: int) -> str:
        """Line ``number`` (from 1) without its newline; empty past the end."""
        if not self._lines:
            self._lines.extend(self.text.split("\n"))
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""
