"""Cython and the C compiler in a process of their own, kept warm: one JSON line in, one out.

The first module costs Cython's import; those after it 0.15 s plus the C compiler.
"""

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
from typing import Any

from selfsame.compiler.niceness import NICENESS, be_nice


def _cythonize(folder: str, name: str) -> str:
    """Make ``name.c`` from ``name.pyx``. Returns the messages if it fails, else an empty text."""
    main = importlib.import_module("Cython.Compiler.Main")
    options = importlib.import_module("Cython.Compiler.Options")
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        result = main.compile(
            os.path.join(folder, f"{name}.pyx"),
            options.CompilationOptions(options.default_options, language_level=3),
        )
    if result.num_errors:
        return said.getvalue() or "no message"
    return ""


def _build(order: dict[str, Any]) -> dict[str, str]:
    try:
        failed = _cythonize(order["folder"], order["name"])
    except OSError as error:
        return {"stage": "disk", "message": os.strerror(error.errno or 0)}
    except Exception as error:
        return {"stage": "cython", "message": f"{type(error).__name__}: {error}"}
    if failed:
        return {"stage": "cython", "message": failed}
    try:
        done = subprocess.run(
            order["command"],
            cwd=order["folder"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=order["timeout"],
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
    except OSError as error:
        return {"stage": "cc", "message": str(error)}
    except subprocess.TimeoutExpired:
        return {"stage": "timeout", "message": "the C compiler"}
    if done.returncode:
        return {"stage": "cc", "message": done.stdout.decode(errors="replace")}
    return {"stage": "done", "message": ""}


def main() -> None:
    """Answer orders until stdin ends."""
    be_nice(NICENESS)
    # What Cython or the compiler print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(_build(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
