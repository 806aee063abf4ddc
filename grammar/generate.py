"""Regenerates ``grammar/generated`` from the .g4 files, and the hash file that keeps it honest.

Needs Node (``npx``); the result is committed, so that users need neither Node nor Java. With
``--check``, regenerates into a temporary folder and exits 1 where the committed files differ.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GENERATED = HERE / "generated"
GENERATOR = "antlr-ng@1.0.10"
SOURCES = ("CDLLexer.g4", "CDLParser.g4")
OUTPUTS = ("CDLLexer.py", "CDLLexer.tokens", "CDLParser.py")
HASHES = "hashes.txt"


def hashes(generated: Path = GENERATED) -> str:
    """The text of the hash file: one ``sha256  name`` line for each grammar and each output."""
    files = [HERE / name for name in SOURCES] + [generated / name for name in OUTPUTS]
    lines = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}" for f in files]
    return f"# {GENERATOR}\n" + "\n".join(lines) + "\n"


def generate(into: Path) -> None:
    """Write the generated files and their hashes to ``into``. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as scratch:
        common = ["npx", "--yes", GENERATOR, "-Dlanguage=Python3", "-l", "false", "-o", scratch]
        # The generator repeats the path it was given in its output, so it gets bare names.
        for name in SOURCES:
            subprocess.run([*common, "--lib", scratch, name], cwd=HERE, check=True)
        missing = [name for name in OUTPUTS if not (Path(scratch) / name).exists()]
        if missing:  # the generator exits 0 whatever happened
            sys.exit(f"{GENERATOR} wrote no {', '.join(missing)}")
        into.mkdir(exist_ok=True)
        for name in OUTPUTS:
            shutil.copyfile(Path(scratch) / name, into / name)
    (into / "__init__.py").write_text('"""Written by grammar/generate.py: do not edit."""\n')
    (into / HASHES).write_text(hashes(into))


def main() -> int:
    """Regenerate in place, or with ``--check`` compare; returns the exit code."""
    if "--check" not in sys.argv[1:]:
        generate(GENERATED)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        stale = [
            name
            for name in (*OUTPUTS, HASHES, "__init__.py")
            if (fresh / name).read_bytes() != (GENERATED / name).read_bytes()
        ]
    for name in stale:
        print(f"grammar/generated/{name} is not what the grammar gives", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
