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
from typing import TYPE_CHECKING, Any, Final

from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.manifest import assemble, node_blocks
from selfsame.runtime.versions.reading import NO_LIMIT, Reader, marks
from selfsame.runtime.versions.tables import changes, texts

if TYPE_CHECKING:
    from selfsame.runtime.versions.writing import Writer

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
    writer: "Writer",
    number: int,
    header: str,
    blocks: Mapping[str, str],
    changed: Mapping[str, str],
) -> None:
    """Write what version ``number`` changed; all of its text too, where that is due."""
    rows = [{"address": a, "number": number, "lines": lines} for a, lines in changed.items()]
    writer.add(changes, rows)
    newest = writer.one("SELECT max(number) FROM texts")
    since = writer.one("SELECT count(*) FROM changes WHERE number > ?", newest or 0)
    if newest is None or since > WHOLE_AFTER:
        whole = zlib.compress(assemble(header, blocks).encode())
        writer.put(texts, {"number": number, "text": whole})


def blocks_at(reader: Reader, number: int) -> dict[str, str]:
    """The lines of each node in version ``number``, by address. StoreDamaged where they are lost."""
    row = reader.row(texts, "WHERE number <= ? ORDER BY number DESC LIMIT 1", number)
    if row is None:
        raise damaged(reader.path, f"no whole text is left for version number {number}")
    blocks = node_blocks(whole_text(reader.path, row))
    for changed in changes_within(reader, int(row["number"]), number).values():
        applied(blocks, changed)
    return blocks


def whole_text(path: Path, values: Mapping[str, Any]) -> str:
    """The text of a row of ``texts``."""
    try:
        return zlib.decompress(values["text"]).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise damaged(path, f"the row texts[{values['number']}] is not a text") from error


def changes_within(reader: Reader, after: int, last: int) -> dict[int, dict[str, str]]:
    """The changed lines, by number and address, of the versions over ``after`` up to ``last``."""
    found: dict[int, dict[str, str]] = {}
    within = "WHERE number > ? AND number <= ? ORDER BY number"
    for values in reader.rows(changes, within, after, last):
        found.setdefault(values["number"], {})[values["address"]] = values["lines"]
    return found


def changes_of(reader: Reader, address: str, most: int | None = None) -> list[tuple[int, str]]:
    """The number and the new lines of each change of a node, newest first."""
    newest = "WHERE address = ? ORDER BY number DESC LIMIT ?"
    rows = reader.rows(changes, newest, address, NO_LIMIT if most is None else most)
    return [(row["number"], row["lines"]) for row in rows]


def lines_before(reader: Reader, addresses: Iterable[str], number: int) -> dict[str, str]:
    """The lines that nodes had before version ``number``, by address; without those it knew not."""
    wanted = sorted(set(addresses))
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), MOST_AT_ONCE):
        some = wanted[begin : begin + MOST_AT_ONCE]
        newest = (
            "JOIN (SELECT address, max(number) AS number FROM changes "
            f"WHERE address IN ({marks(some)}) AND number < ? GROUP BY address) AS last "
            "ON changes.address = last.address AND changes.number = last.number"
        )
        for values in reader.rows(changes, newest, *some, number):
            if values["lines"] != GONE:
                found[values["address"]] = values["lines"]
    return found
