"""``run --manifest``: what of a manifest can run here, committed as a version; and ``--passive``."""

import os
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selfsame.cli.program import Program
    from selfsame.runtime.mutation.adoption import Adoption


def adopt_manifest(
    path: str | None,
    directory: Path,
    program: "Program",
    passive: bool,
    say: Callable[[str], None],
) -> tuple[str, str] | None:
    """Check a manifest (None: the head's), lay it over the head, and say what is left out.

    With ``passive`` returns the file of rewrites for the agents, with its sha256.
    Raises UserError where the text is no manifest, and what the store raises.
    """
    from selfsame.cli.options import author
    from selfsame.grammar.words import counted
    from selfsame.runtime.mutation.adoption import Place, adopt
    from selfsame.runtime.versions.store import Store
    from selfsame.runtime.versions.text import parse_manifest

    with Store.open(directory) as store:
        if path is None:
            manifest = store.head().manifest
        else:
            manifest = parse_manifest(Path(path).read_text(encoding="utf-8"), path)
        place = Place(
            program.roots,
            program.main,
            [program.roots[0], *sys.path],
            os.getcwd(),
            optimize=int(os.environ.get("PYTHONOPTIMIZE", "0") or 0),
        )
        adoption = adopt(manifest, store, place, alone=passive, say=say)
        for _, variation in adoption.rewrites.values():
            store.put_rewrite(variation)
        name = path or "the head"
        for address, reason in adoption.left_out.items():
            say(f"warning: {name}: {address} is left out: {reason}")
        if path is not None:
            store.commit(adoption.change(), author=author(), reason=f"adopt {path}")
        running = sum(1 for entry in adoption.entries.values() if entry.runs or entry.tries)
        say(f"{name}: {counted(running, 'rewrite')} put in, {len(adoption.left_out)} left out")
    return _write(adoption, directory) if passive else None


def _write(adoption: "Adoption", directory: Path) -> tuple[str, str]:
    """The rewrites as a file that agents read: frames of ``install`` messages."""
    from selfsame.runtime.engine.dependencies import live_rows
    from selfsame.runtime.engine.rollout import install_message
    from selfsame.runtime.link.wire import pack

    frames = [pack({"t": "rewrites", "python": sys.implementation.cache_tag})]
    for _, (node, variation) in sorted(adoption.rewrites.items()):
        if adoption.entries[node.address].runs:
            entry = adoption.entries[node.address]
            relied = live_rows(node, adoption.modules, entry.dependencies)
            frames.append(pack(install_message(node, variation, relied)))
    data = b"".join(frames)
    digest = sha256(data).hexdigest()
    path = directory / f"passive-{digest[:16]}"
    scratch = directory / f"{path.name}.{os.getpid()}"
    scratch.write_bytes(data)
    scratch.replace(path)
    return str(path), digest
