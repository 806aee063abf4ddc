"""Before a program starts: the loops of its script that can become functions, as a file for its agent."""

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from selfsame.cli.options import optimize_level
from selfsame.compiler.errors import SelfsameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from selfsame.cli.program import Program


def outlined_loops(
    program: "Program", directory: Path, say: "Callable[[str], None]"
) -> tuple[str, str, int] | None:
    """The file, its sha256, and whose child the program is; None where there is nothing to outline.

    Only of a script that this Python is started with. Whatever goes wrong, it runs as it is written.
    """
    script = program.script
    if script is None:
        return None
    try:
        raw = script.read_bytes()
        path = directory / f"outlined-{_made_of(raw)[:16]}"
        # The program does not wait for what an earlier start has found out.
        data = path.read_bytes() if path.exists() else None
        if data is None:
            data = _code(raw, script, program.main)
            scratch = directory / f"{path.name}.{os.getpid()}"
            scratch.write_bytes(data)
            scratch.replace(path)
    except (SelfsameError, OSError):
        return None  # the program itself says what is wrong with it
    except Exception as problem:
        say(f"no loop is outlined: {type(problem).__name__}: {problem}")
        return None
    return (str(path), sha256(data).hexdigest(), os.getpid()) if data else None


def _code(raw: bytes, script: Path, module: str) -> bytes:
    """What the agent reads; empty where there is no loop to outline. Raises UserError as the parser does."""
    import marshal

    from selfsame.compiler.cst.source import Source
    from selfsame.compiler.outline import outline, prepared

    source, optimize = Source.decoded(raw, script, module), optimize_level()
    found = outline(source.tree, source.text)
    if not found.loops:
        return b""
    made = prepared(source, found, optimize)
    tag = (sys.implementation.cache_tag, sys.hexversion, optimize)
    return marshal.dumps((tag, made.plain, made.changed, made.loops))


def _made_of(raw: bytes) -> str:
    """All that the file depends on: the script, this Python, and the code that outlines."""
    import selfsame.compiler

    folders = [Path(p) for p in selfsame.compiler.__path__]
    code = [f for folder in folders for f in sorted((folder / "outline").glob("*.py"))]
    stamps = [(f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in code]
    said = repr((sys.hexversion, sys.implementation.cache_tag, optimize_level(), stamps))
    return sha256(raw + said.encode()).hexdigest()
