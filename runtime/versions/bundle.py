"""A manifest with its rewrites as one file, to carry from one store to another.

The file is checked as a whole and part by part before anything of it is kept. It holds code: who
imports it trusts where it comes from, so what it brings is proposed, and a person approves it.
"""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from selfsame.compiler.errors import UserError
from selfsame.runtime.versions import objects as codec
from selfsame.runtime.versions.errors import WrongPython, trouble
from selfsame.runtime.versions.location import check_permissions
from selfsame.runtime.versions.manifest import ORIGINAL, Manifest, NodeEntry
from selfsame.runtime.versions.reading import marks
from selfsame.runtime.versions.retention import named
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.succession import Version
from selfsame.runtime.versions.tables import objects
from selfsame.runtime.versions.text import parse_manifest
from selfsame.runtime.versions.word import KEPT, is_person

MAGIC: Final = b"selfsame bundle 1\n"
DIGEST: Final = 32


class _Object(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    python: str
    kind: str
    payload: bytes


class _Bundle(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    manifest: str
    objects: list[_Object]


def export(store: Store, version: Version) -> bytes:
    """The bytes of a version and all builds of the rewrites that it names.

    Raises UserError where one of them is not in the store any more.
    """
    wanted = named([version.manifest])
    with store.reading() as reader:
        some = f"WHERE id IN ({marks(wanted)}) ORDER BY id, python"
        rows = list(reader.rows(objects, some, *wanted))
    missing = wanted - {row["id"] for row in rows}
    if missing:
        raise UserError(
            trouble(
                f"version {version.id} names rewrites that were collected: "
                f"{', '.join(sorted(missing)[:5])}",
                "export a newer version",
            )
        )
    found = [_Object(r["id"], r["python"], r["kind"], r["payload"]) for r in rows]
    body = msgspec.msgpack.encode(_Bundle(version.id, version.text, found))
    return MAGIC + sha256(body).digest() + body


def read(data: bytes, path: str) -> tuple[Manifest, list[dict[str, object]]]:
    """The manifest and the rows of a bundle. Raises UserError where any part is not as written."""
    if not data.startswith(b"selfsame bundle "):
        raise UserError(
            trouble("not a bundle of selfsame", "`selfsame store export` makes one", path)
        )
    if not data.startswith(MAGIC):
        format = data.split(b"\n", 1)[0].decode("ascii", "replace")
        raise UserError(trouble(f"a newer selfsame wrote it ({format})", "upgrade selfsame", path))
    digest, body = data[len(MAGIC) :][:DIGEST], data[len(MAGIC) + DIGEST :]
    if sha256(body).digest() != digest:
        raise _damaged("it is not as it was written (sha256)", path)
    try:
        bundle = msgspec.msgpack.decode(body, type=_Bundle)
    except msgspec.MsgspecError as error:
        raise _damaged(str(error), path) from error
    manifest = parse_manifest(bundle.manifest, path)
    if manifest.id != bundle.version:
        raise _damaged(f"its manifest is {manifest.id}, and it says {bundle.version}", path)
    for row in bundle.objects:
        try:
            same = codec.decode(row.payload).id == row.id
        except WrongPython:
            continue  # another Python's build, which only that one can look into
        except ValueError:
            same = False
        if not same:
            raise _damaged(f"the rewrite {row.id} is not what its id says", path)
    missing = named([manifest]) - {row.id for row in bundle.objects}
    if missing:
        raise _damaged(f"rewrites are missing: {', '.join(sorted(missing)[:5])}", path)
    return manifest, [msgspec.structs.asdict(row) for row in bundle.objects]


def bring_in(store: Store, path: Path, author: str) -> tuple[Version, list[str]]:
    """Keep a bundle's rewrites and propose them; the version, and the nodes that were left.

    Left is what a person holds here, and what runs the same rewrite already.
    """
    check_permissions(path.parent, path.name)
    manifest, rows = read(path.read_bytes(), str(path))
    with store.transaction() as writer:
        for row in rows:
            writer.put(objects, row)
    left: list[str] = []

    def change(head: Manifest) -> Manifest:
        left.clear()
        for address, entry in sorted(manifest.nodes.items()):
            if entry.rewrite == ORIGINAL:
                continue
            before = head.nodes.get(address)
            if before is not None and _stays(before, entry):
                left.append(address)
                continue
            head = head.with_entry(replace(entry, state="proposed", canary=""))
        return head

    version = store.commit(change, author=author, reason=f"import {path.name}")
    return version, left


def _stays(before: NodeEntry, entry: NodeEntry) -> bool:
    held = before.state in KEPT and is_person(before.by)
    return held or (before.rewrite == entry.rewrite and before.state in ("active", "canary"))


def _damaged(what: str, path: str) -> UserError:
    return UserError(trouble(f"the bundle is damaged: {what}", "nothing of it was kept", path))
