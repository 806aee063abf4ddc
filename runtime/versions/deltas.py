"""The text of a version, kept as what it changed: a history costs what happens, not what stands.

Each version has its header and, for every node of which it says something else than its parent,
the new lines. The whole text of a version is kept beside them once more than `WHOLE_AFTER` changes
have gathered since the last one, so that a text is put together from one whole text and few
changes. What is put together is held to the version's id, which is the hash of the text.

Source: the deltas of version control, as in Subversion's FSFS and in Git's packs.
"""

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.manifest import assemble, node_blocks
from selfsame.runtime.versions.schema import changes, checked, hashed, put, texts

WHOLE_AFTER: Final = 256
MOST_AT_ONCE: Final = 500  # names in one query
GONE: Final = ""


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The lines of ``after`` that are others than before, by address; `GONE` where there are none."""
    new = {a: lines for a, lines in after.items() if before.get(a) != lines}
    return new | {a: GONE for a in before if a not in after}


def applied(blocks: dict[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """``blocks`` after a change, which is made in place."""
    for address, lines in changed.items():
        if lines == GONE:
            blocks.pop(address, None)
        else:
            blocks[address] = lines
    return blocks


def keep_change(
    connection: Connection,
    number: int,
    header: str,
    blocks: Mapping[str, str],
    changed: Mapping[str, str],
) -> None:
    """Write what version ``number`` changed; all of its text too, where that is due."""
    rows = [
        hashed(changes, {"address": a, "number": number, "lines": lines})
        for a, lines in changed.items()
    ]
    if rows:
        connection.execute(insert(changes), rows)
    newest = connection.execute(select(func.max(texts.c.number))).scalar()
    since = select(func.count()).where(changes.c.number > (newest or 0))
    if newest is None or connection.execute(since).scalar_one() > WHOLE_AFTER:
        whole = zlib.compress(assemble(header, blocks).encode())
        put(connection, texts, {"number": number, "text": whole})


def blocks_at(connection: Connection, path: Path, number: int) -> dict[str, str]:
    """The lines of each node in version ``number``, by address. StoreDamaged where they are lost."""
    query = select(texts).where(texts.c.number <= number).order_by(texts.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise damaged(path, f"no whole text is left for version number {number}")
    values = checked(path, texts, row)
    blocks = node_blocks(whole_text(path, values))
    for changed in changes_within(connection, path, int(values["number"]), number).values():
        applied(blocks, changed)
    return blocks


def whole_text(path: Path, values: Mapping[str, Any]) -> str:
    """The text of a row of ``texts``."""
    try:
        return zlib.decompress(values["text"]).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise damaged(path, f"the row texts[{values['number']}] is not a text") from error


def changes_within(
    connection: Connection, path: Path, after: int, last: int
) -> dict[int, dict[str, str]]:
    """The changed lines, by number and address, of the versions over ``after`` up to ``last``."""
    found: dict[int, dict[str, str]] = {}
    within = select(changes).where(changes.c.number > after, changes.c.number <= last)
    for row in connection.execute(within.order_by(changes.c.number)).all():
        values = checked(path, changes, row)
        found.setdefault(values["number"], {})[values["address"]] = values["lines"]
    return found


def changes_of(
    connection: Connection, path: Path, address: str, most: int | None = None
) -> list[tuple[int, str]]:
    """The number and the new lines of each change of a node, newest first."""
    query = select(changes).where(changes.c.address == address)
    rows = connection.execute(query.order_by(changes.c.number.desc()).limit(most)).all()
    return [(v["number"], v["lines"]) for v in (checked(path, changes, row) for row in rows)]


def lines_before(
    connection: Connection, path: Path, addresses: Iterable[str], number: int
) -> dict[str, str]:
    """The lines that nodes had before version ``number``, by address; without those it knew not."""
    wanted = sorted(set(addresses))
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), MOST_AT_ONCE):
        some = wanted[begin : begin + MOST_AT_ONCE]
        last = (
            select(changes.c.address, func.max(changes.c.number).label("number"))
            .where(changes.c.address.in_(some), changes.c.number < number)
            .group_by(changes.c.address)
            .subquery()
        )
        query = select(changes).join(
            last, (changes.c.address == last.c.address) & (changes.c.number == last.c.number)
        )
        for row in connection.execute(query).all():
            values = checked(path, changes, row)
            if values["lines"] != GONE:
                found[values["address"]] = values["lines"]
    return found
