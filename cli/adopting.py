"""``run --manifest``: what of a manifest can run here, committed as a version; and ``--passive``."""

import os
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from selfsame.cli.adopted import Adopted, file_digest, read_record, record_path

if TYPE_CHECKING:
    from selfsame.cli.program import Program
    from selfsame.runtime.mutation.adoption import Adoption, Place
    from selfsame.runtime.versions.manifest import Manifest
    from selfsame.runtime.versions.store import Store

Say = Callable[[str], None]


def adopt_manifest(
    path: str | None, directory: Path, program: "Program", passive: bool, say: Say
) -> tuple[str, str] | None:
    """Check a manifest (None: the head's), lay it over the head, and say what is left out.

    With ``passive`` returns the file of rewrites for the agents, with its sha256. What an earlier
    start found is taken where nothing changed since. Raises UserError where the text is no manifest,
    and what the store raises.
    """
    from selfsame.runtime.versions.text import manifest_text

    text = None if path is None else manifest_text(path)
    name = path or "the head"
    if not passive:
        _adopt(text, name, directory, program, False, say)
        return None
    from selfsame.runtime.versions.location import check_permissions

    record = _record(text, directory, program)
    check_permissions(directory, record.name)  # as a store that is opened: what it names is run
    known = read_record(record)
    if known is None or not known.holds:
        known = _adopt(text, name, directory, program, True, say)
        assert known is not None  # it is passive
        known.write(record)
    elif not known.current(directory):
        again = _commit(text, name, directory, known)
        if again is None:
            again = _adopt(text, name, directory, program, True, say)
            assert again is not None
        known = again
        known.write(record)
    for warning in known.warnings:
        say(warning)
    say(_put_in(name, known.running, len(known.warnings)))
    return known.file


def prepare(text: str, path: str, store: "Store", program: "Program") -> None:
    """Find out now what the first passive start with a manifest would: the store stays as it is."""
    adoption = _adoption(text, path, store, program, True, lambda _: None)
    _adopted(adoption, path, store.directory, "").write(_record(text, store.directory, program))


def _record(text: str | None, directory: Path, program: "Program") -> Path:
    return record_path(text, directory, program.roots, program.main, sys.path)


def _adopt(
    text: str | None, name: str, directory: Path, program: "Program", passive: bool, say: Say
) -> Adopted | None:
    """Find out what can run here, and commit it; said at once where it is not ``passive``."""
    from selfsame.cli.options import author
    from selfsame.runtime.versions.store import Store

    with Store.open(directory) as store:
        adoption = _adoption(text, name, store, program, passive, say)
        for _, variation in adoption.rewrites.values():
            store.put_rewrite(variation)
        if text is None:
            version = store.head()
        else:
            version = store.commit(adoption.change(), author=author(), reason=f"adopt {name}")
        if passive:
            return _adopted(adoption, name, directory, version.id)
    for warning in _warnings(adoption, name):
        say(warning)
    say(_put_in(name, _running(adoption), len(adoption.left_out)))
    return None


def _adoption(
    text: str | None, name: str, store: "Store", program: "Program", passive: bool, say: Say
) -> "Adoption":
    from selfsame.runtime.mutation.adoption import adopt

    manifest = _manifest(text, name) if text is not None else store.head().manifest
    return adopt(manifest, store, _place(program), alone=passive, say=say)


def _commit(text: str | None, name: str, directory: Path, known: Adopted) -> Adopted | None:
    """Lay what is known to run here over another head; None where that may say otherwise."""
    from dataclasses import replace

    from selfsame.cli.options import author
    from selfsame.runtime.mutation.adoption import laid_over
    from selfsame.runtime.versions.store import Store
    from selfsame.runtime.versions.word import closed

    if text is None or known.warnings:
        return None
    manifest = _manifest(text, name)
    entries = {address: manifest.nodes[address] for address in known.addresses}
    with Store.open(directory) as store:
        head = store.head().manifest
        for address, entry in entries.items():
            said = closed(head, address, entry.content_hash)
            if said is not None and said.rewrite != entry.rewrite:
                return None
        version = store.commit(laid_over(entries), author=author(), reason=f"adopt {name}")
    return replace(known, version=version.id)


def _manifest(text: str, name: str) -> "Manifest":
    from selfsame.runtime.versions.text import parse_manifest

    return parse_manifest(text, name)


def _place(program: "Program") -> "Place":
    from selfsame.cli.options import optimize_level
    from selfsame.runtime.mutation.adoption import Place

    return Place(
        program.roots,
        program.main,
        [program.roots[0], *sys.path],
        os.getcwd(),
        optimize=optimize_level(),
    )


def _adopted(adoption: "Adoption", name: str, directory: Path, version: str) -> Adopted:
    constants = [c for _, variation in adoption.rewrites.values() for c in variation.constants]
    extensions = {(c.path, c.digest) for c in constants if c.kind == "extension"}
    return Adopted(
        version=version,
        running=_running(adoption),
        warnings=tuple(_warnings(adoption, name)),
        addresses=tuple(adoption.entries),
        file=_write(adoption, directory),
        files=tuple(sorted(_read_files(adoption).items())),
        extensions=tuple(sorted(extensions)),
    )


def _warnings(adoption: "Adoption", name: str) -> list[str]:
    found = adoption.left_out.items()
    return [f"warning: {name}: {address} is left out: {reason}" for address, reason in found]


def _running(adoption: "Adoption") -> int:
    return sum(1 for entry in adoption.entries.values() if entry.runs or entry.tries)


def _put_in(name: str, running: int, left_out: int) -> str:
    from selfsame.grammar.words import counted

    return f"{name}: {counted(running, 'rewrite')} put in, {left_out} left out"


def _read_files(adoption: "Adoption") -> dict[str, str]:
    """Every file that facts were read from, and every place where there was none, with its sha256."""
    from selfsame.compiler.identity import places

    modules = adoption.modules
    paths = [*modules.by_file, *(os.path.join(root, "__init__.py") for root in modules.roots)]
    for name in modules.asked:
        paths += map(str, places(name, modules.roots))
    return {path: file_digest(path) for path in paths}


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
