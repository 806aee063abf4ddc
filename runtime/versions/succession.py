"""Versions as rows: the chain from head to the first, and the step from one to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from selfsame.compiler.errors import InternalError
from selfsame.runtime.versions.errors import Unknown
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.manifest import (
    Manifest,
    header_of,
    node_blocks,
    print_manifest,
    text_id,
)
from selfsame.runtime.versions.schema import checked, head, put, versions
from selfsame.runtime.versions.text import parse_manifest


@dataclass(frozen=True)
class Version:
    """An immutable manifest with its id. ``parent`` is empty for the first version.

    ``text`` is the canonical text, whose hash the id is. It is parsed when ``manifest`` is asked for.
    """

    id: str
    parent: str
    author: str
    reason: str
    created: str
    text: str

    @cached_property
    def manifest(self) -> Manifest:
        """What the text says."""
        return parse_manifest(self.text, f"version {self.id}")

    @cached_property
    def blocks(self) -> dict[str, str]:
        """The part of the text that each node has, by the address as it stands there."""
        return node_blocks(self.text)


def version_of(manifest: Manifest) -> Version:
    """The version that a manifest is."""
    m, text = manifest, print_manifest(manifest)
    version = Version(text_id(text), m.parent, m.author, m.reason, m.created, text)
    version.__dict__["manifest"] = manifest  # as parsing would, which `insert_version` holds it to
    return version


def insert_version(
    connection: Connection, manifest: Manifest, number: int, before: Version | None = None
) -> Version:
    """Write the row of a new version; ``number`` counts from 1 along the chain."""
    version = version_of(manifest)
    old = before.blocks if before is not None else {}
    fresh = [block for name, block in version.blocks.items() if old.get(name) != block]
    back = parse_manifest("\n\n".join([header_of(version.text), *fresh]))
    same = all(manifest.nodes.get(a) == entry for a, entry in back.nodes.items())
    if not same or replace(back, nodes=manifest.nodes) != manifest:
        raise InternalError(f"the manifest of version {version.id} does not read back as written")
    row = {
        "id": version.id,
        "number": number,
        "parent": version.parent,
        "author": version.author,
        "reason": version.reason,
        "created": version.created,
        "text": version.text,
    }
    put(connection, versions, row)
    return version


def head_id(connection: Connection, path: Path) -> str:
    """The id of the version that runs. Raises StoreDamaged where there is none."""
    row = connection.execute(select(head).where(head.c.name == "head")).one_or_none()
    if row is None:
        raise damaged(path, "the row head['head'] is missing")
    return str(checked(path, head, row)["version"])


def advance(connection: Connection, path: Path, expected: str, manifest: Manifest) -> Version:
    """Make ``manifest`` the head after ``expected``, which is the head now."""
    row = connection.execute(select(versions).where(versions.c.id == expected)).one()
    values = checked(path, versions, row)
    before = _version(path, expected, values)
    version = insert_version(connection, manifest, int(values["number"]) + 1, before)
    put(connection, head, {"name": "head", "version": version.id})
    return version


def read_version(connection: Connection, path: Path, id: str) -> Version:
    """The version with this whole id; StoreDamaged where it is missing, for it was referred to."""
    row = connection.execute(select(versions).where(versions.c.id == id)).one_or_none()
    if row is None:
        raise damaged(path, f"the row versions[{id!r}] is missing")
    return _version(path, id, checked(path, versions, row))


def _version(path: Path, id: str, values: Mapping[str, Any]) -> Version:
    text = values["text"]
    if text_id(text) != id:
        raise damaged(path, f"the row versions[{id!r}] has the text of another version")
    # The id covers the text alone: what the columns say must be what it says.
    m = parse_manifest(header_of(text), f"version {id}")
    return Version(id, m.parent, m.author, m.reason, m.created, text)


def chain(connection: Connection, path: Path, begin: str) -> Iterator[Version]:
    """The versions from ``begin`` back to the first."""
    id = begin
    while id:
        version = read_version(connection, path, id)
        yield version
        id = version.parent


def resolve(connection: Connection, path: Path, ref: str) -> Version:
    """The version that a person means by ``head``, ``head~2`` or the beginning of an id."""
    word = ref.strip()
    name, tilde, steps = word.partition("~")
    begin = head_id(connection, path) if name.lower() == "head" else _by_prefix(connection, name)
    if not tilde:
        return read_version(connection, path, begin)
    if not steps.isdecimal():
        raise Unknown(f"no version {ref!r}", "head~1 is the version before the head")
    count = 0
    for count, version in enumerate(chain(connection, path, begin)):
        if count == int(steps):
            return version
    raise Unknown(
        f"no version {ref!r}: there are {count} before {name}", f"the first is {name}~{count}"
    )


def _by_prefix(connection: Connection, prefix: str) -> str:
    import difflib

    newest = select(versions.c.id).order_by(versions.c.number.desc())
    ids = [str(row[0]) for row in connection.execute(newest)]
    found = [id for id in ids if prefix and id.startswith(prefix.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        few = ", ".join(found[:5])
        raise Unknown(f"{len(found)} versions begin with {prefix!r}", f"more digits: {few}")
    near = difflib.get_close_matches(prefix.lower(), ids, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "`selfsame history` lists them"
    raise Unknown(f"no version {prefix!r}", hint)
