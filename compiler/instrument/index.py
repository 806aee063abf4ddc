"""What DST's index holds of one module, and how the agent reads it.

``DST/.selfsame-index/shop/cart.py.cpython-311.probes`` is a marshalled dict of plain values::

    format    1
    selfsame  version that made it
    module    "shop.cart"
    source    sha256 of the file's bytes, hex
    left      {address: why it has no probe}
    functions {optimize: {address: (qualname, line, fingerprint, marshalled twin)}}

Beside it is ``cart.py.ico``, the graph as text. ``modules.cpython-311.json`` at the top says what
was made from what, so that a module that is unchanged is not made again.
"""

import json
import marshal
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.emit.pyc import OPTIMIZATIONS, cache_tag
from selfsame.compiler.emit.whole import write_whole
from selfsame.compiler.identity import definitions
from selfsame.compiler.instrument.files import INDEX
from selfsame.compiler.instrument.twins import probed_module

FORMAT = 1
Fingerprint = Callable[[CodeType], int]
Row = tuple[str, int, int, bytes]


@dataclass
class Entry:
    """One module's line in the index's table."""

    source: str  # sha256, hex
    module: str
    probed: int = 0
    left: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, int] = field(default_factory=dict)
    problem: str = ""


@dataclass
class Table:
    """What was made from what: the index's ``modules.<tag>.json``."""

    made_by: str
    modules: dict[str, Entry] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, dst: Path, made_by: str) -> "Table":
        """The table of DST; without modules where there is none, or another version made it.

        The list of files is kept in either case: they are selfsame's own.
        """
        try:
            raw: dict[str, Any] = json.loads(table_path(dst).read_text())
            files = [str(f) for f in raw["files"]]
            if raw["made_by"] != made_by:
                return cls(made_by, files=files)
            return cls(made_by, {k: Entry(**v) for k, v in raw["modules"].items()}, files)
        except (OSError, ValueError, KeyError, TypeError):
            return cls(made_by)

    def write(self, dst: Path) -> None:
        """Write the table; the last thing that a compile does."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True)
        write_whole(table_path(dst), text.encode())


def table_path(dst: Path) -> Path:
    """Where the table of this interpreter's modules is."""
    return dst / INDEX / f"modules.{cache_tag()}.json"


def probes_path(dst: Path, relative: str) -> Path:
    """Where the twins of the module at ``relative`` are."""
    return dst / INDEX / f"{relative}.{cache_tag()}.probes"


def graph_path(dst: Path, relative: str) -> Path:
    """Where the ICO text of the module at ``relative`` is."""
    return dst / INDEX / f"{relative}.ico"


def probes(
    source: Source, digest: str, version: str, fingerprint: Fingerprint
) -> tuple[bytes, int, dict[str, str]]:
    """The module's part of the index, the number of probed functions, and what was left alone."""
    left: dict[str, str] = {}
    functions: dict[int, dict[str, Row]] = {}
    found = {d.address: d for d in definitions(source)}
    for optimize in OPTIMIZATIONS:
        module = plain_code(source, optimize)
        rows = functions[optimize] = {}
        for address, twin in probed_module(source, "time", optimize).items():
            if isinstance(twin, str):
                left.setdefault(address, twin)
                continue
            d = found[address]
            plain = function_code(module, d.qualname, d.line)
            rows[address] = (d.qualname, d.line, fingerprint(plain), twin)
    content = {
        "format": FORMAT,
        "selfsame": version,
        "module": source.module,
        "source": digest,
        "left": left,
        "functions": functions,
    }
    return marshal.dumps(content), len(functions[0]), left
