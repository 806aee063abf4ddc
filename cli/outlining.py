"""Before a program starts: the loops of its script that can become functions, as a file for its agent."""

import marshal
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
        return _written(script, program.main, directory)
    except (SelfsameError, OSError):
        return None  # the program itself says what is wrong with it
    except Exception as problem:
        say(f"no loop is outlined: {type(problem).__name__}: {problem}")
        return None


def _written(script: Path, module: str, directory: Path) -> tuple[str, str, int] | None:
    from selfsame.compiler.cst.source import Source
    from selfsame.compiler.outline import outline, prepared

    source, optimize = Source.read(script, module), optimize_level()
    found = outline(source.tree, source.text)
    if not found.loops:
        return None
    made = prepared(source, found, optimize)
    tag = (sys.implementation.cache_tag, sys.hexversion, optimize)
    data = marshal.dumps((tag, made.plain, made.changed, made.loops))
    digest = sha256(data).hexdigest()
    path = directory / f"outlined-{digest[:16]}"
    scratch = directory / f"{path.name}.{os.getpid()}"
    scratch.write_bytes(data)
    scratch.replace(path)
    return str(path), digest, os.getpid()
