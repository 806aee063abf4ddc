"""Versions as rows: the chain from head to the first, and the step from one to the next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from selfsame.compiler.errors import InternalError
from selfsame.runtime.versions import deltas
from selfsame.runtime.versions.database import Database
from selfsame.runtime.versions.errors import Unknown
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.manifest import (
    Manifest,
    NodeEntry,
    assemble,
    print_header,
    text_id,
)
from selfsame.runtime.versions.reading import Reader, marks
from selfsame.runtime.versions.tables import head, versions
from selfsame.runtime.versions.text import parse_blocks, parse_manifest

if TYPE_CHECKING:
    from selfsame.runtime.versions.writing import Writer

ROWS_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Version:
    """An immutable manifest with its id. ``parent`` is empty for the first version.

    ``number`` counts from 1 along the chain; ``changes`` is of how many nodes it says something
    else than its parent. The text, whose hash the id is, is read when it is
    asked for, while the store is open; what is read is held to the id, or StoreDamaged raised.
    """

    id: str
    number: int
    parent: str
    author: str
    reason: str
    created: str
    frozen: str
    changes: int
    header: str = field(repr=False)
    load: Callable[[], dict[str, str]] = field(repr=False, compare=False)

    @cached_property
    def blocks(self) -> Mapping[str, str]:
        """The lines of each node, by address."""
        return self.load()

    @cached_property
    def text(self) -> str:
        """The canonical text."""
        return assemble(self.header, self.blocks)

    @cached_property
    def manifest(self) -> Manifest:
        """What the text says."""
        return parse_manifest(self.text, f"version {self.id}")

    def entry(self, address: str) -> NodeEntry | None:
        """What the text says of one node."""
        lines = self.blocks.get(address)
        return None if lines is None else parse_blocks([lines])[address]


@dataclass(frozen=True)
class Step:
    """A version with the lines of each node before and after it; None where it had none."""

    version: Version
    changed: Mapping[str, tuple[str | None, str | None]]


class Succession:
    """The versions of one store, for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._path = database.path

    def by_id(self, reader: Reader, id: str) -> Version:
        """The version with this whole id; StoreDamaged where it is missing, as it was referred to."""
        return self._version(id, _row(reader, id))

    def chain(self, reader: Reader, begin: str, most: int | None = None) -> Iterator[Version]:
        """The versions from ``begin`` back to the first, or the newest ``most`` of them."""
        version = self.by_id(reader, begin)
        yield version
        stop = 0 if most is None else max(0, version.number - most)
        while version.number > stop + 1:
            low = max(stop, version.number - 1 - ROWS_AT_ONCE)
            between = "WHERE number > ? AND number < ? ORDER BY number DESC"
            rows = list(reader.rows(versions, between, low, version.number))
            if len(rows) != version.number - 1 - low:
                raise damaged(self._path, f"the row versions[{version.parent!r}] is missing")
            for values in rows:
                if values["id"] != version.parent:
                    raise damaged(self._path, f"the row versions[{version.parent!r}] is missing")
                version = self._version(version.parent, values)
                yield version
        if version.number == 1 and version.parent:
            raise damaged(self._path, f"the row versions[{version.parent!r}] is missing")

    def steps(self, reader: Reader, begin: str, most: int | None) -> list[Step]:
        """The newest versions from ``begin`` back, each with what it changed."""
        found = list(self.chain(reader, begin, most))
        first, last = found[-1].number, found[0].number
        changed = deltas.changes_within(reader, first - 1, last)
        touched = {address for one in changed.values() for address in one}
        now = deltas.lines_before(reader, touched, first)
        steps = []
        for version in reversed(found):
            own = self._own(version, changed)
            pairs = {a: (now.get(a), lines or None) for a, lines in sorted(own.items())}
            deltas.applied(now, own)
            steps.append(Step(version, pairs))
        return steps[::-1]

    def steps_of(self, reader: Reader, address: str, most: int | None) -> list[Step]:
        """The newest versions that say something new of a node, newest first."""
        more = None if most is None else most + 1
        told = deltas.changes_of(reader, address, more)
        numbers = [number for number, _ in told][:most]
        by_number = {v.number: v for v in self._numbered(reader, numbers)}
        pairs = list(pairwise([*told, (0, deltas.GONE)]))[:most]
        return [
            Step(by_number[number], {address: (old or None, lines or None)})
            for (number, lines), (_, old) in pairs
        ]

    def resolve(self, reader: Reader, ref: str) -> Version:
        """The version that a person means by ``head``, ``head~2`` or the beginning of an id."""
        word = ref.strip()
        name, tilde, steps = word.partition("~")
        at_head = name.lower() == "head"
        begin = head_id(reader) if at_head else _by_prefix(reader, name)
        version = self.by_id(reader, begin)
        if not tilde:
            return version
        if not steps.isdecimal():
            raise Unknown(f"no version {ref!r}", "head~1 is the version before the head")
        back = int(steps)
        if back >= version.number:
            count = version.number - 1
            raise Unknown(
                f"no version {ref!r}: there are {count} before {name}",
                f"the first is {name}~{count}",
            )
        (found,) = self._numbered(reader, [version.number - back])
        return found

    def verify(self, reader: Reader) -> int:
        """Put every text together and hold it to its id; the number of versions.

        Raises StoreDamaged with the first version whose text, place or whole text is another.
        """
        whole = {int(row[0]) for row in reader.all("SELECT number FROM texts")}
        blocks: dict[str, str] = {}
        found = list(self.chain(reader, head_id(reader)))[::-1]
        for begin in range(0, len(found), ROWS_AT_ONCE):
            some = found[begin : begin + ROWS_AT_ONCE]
            changed = deltas.changes_within(reader, some[0].number - 1, some[-1].number)
            for version in some:
                deltas.applied(blocks, self._own(version, changed))
                text = assemble(version.header, blocks)
                self._hold(version.id, text)
                if version.number in whole and version.text != text:
                    raise damaged(self._path, f"the row texts[{version.number}] is another text")
        return len(found)

    def _own(self, version: Version, changed: Mapping[int, dict[str, str]]) -> dict[str, str]:
        own = changed.get(version.number, {})
        if len(own) != version.changes:
            what = f"{version.changes} rows of changes of version {version.id}"
            raise damaged(self._path, f"{what} were written, and {len(own)} are found")
        return own

    def _numbered(self, reader: Reader, numbers: Sequence[int]) -> list[Version]:
        found = []
        for begin in range(0, len(numbers), ROWS_AT_ONCE):
            some = numbers[begin : begin + ROWS_AT_ONCE]
            rows = list(reader.rows(versions, f"WHERE number IN ({marks(some)})", *some))
            if len(rows) != len(some):
                raise damaged(self._path, "a row of versions is missing")
            found += [self._version(values["id"], values) for values in rows]
        return found

    def _version(self, id: str, values: Mapping[str, Any]) -> Version:
        header, number = values["header"], int(values["number"])
        m = parse_manifest(header, f"version {id}")

        def load() -> dict[str, str]:
            with self._database.read() as reader:
                blocks = deltas.blocks_at(reader, number)
            self._hold(id, assemble(header, blocks))
            return blocks

        many = int(values["changes"])
        return Version(
            id, number, m.parent, m.author, m.reason, m.created, m.frozen, many, header, load
        )

    def _hold(self, id: str, text: str) -> None:
        if text_id(text) != id:
            raise damaged(self._path, f"the row versions[{id!r}] has the text of another version")


def insert_version(writer: "Writer", manifest: Manifest, before: Version | None = None) -> Version:
    """Write a new version after ``before``, whose manifest has been read."""
    number, old = (1, {}) if before is None else (before.number + 1, before.blocks)
    known: Mapping[str, NodeEntry] = {} if before is None else before.manifest.nodes
    # What is said as it was is not printed again; mostly it is the very entry.
    blocks = {}
    for address, entry in manifest.nodes.items():
        before_it = known.get(address)
        same = before_it is entry or before_it == entry
        blocks[address] = old[address] if same else entry.text
    header = print_header(manifest)
    id = text_id(assemble(header, blocks))
    changed = deltas.differing(old, blocks)
    back = parse_blocks([lines for lines in changed.values() if lines != deltas.GONE])
    same = all(manifest.nodes.get(address) == entry for address, entry in back.items())
    if not same or replace(parse_manifest(header), nodes=manifest.nodes) != manifest:
        raise InternalError(f"the manifest of version {id} does not read back as written")
    row = {"id": id, "number": number, "header": header, "changes": len(changed)}
    writer.put(versions, row)
    deltas.keep_change(writer, number, header, blocks, changed)
    m, many = manifest, len(changed)
    version = Version(
        id, number, m.parent, m.author, m.reason, m.created, m.frozen, many, header, lambda: blocks
    )
    version.__dict__["manifest"] = manifest  # as parsing would, which was held to it
    return version


def head_id(reader: Reader) -> str:
    """The id of the version that runs. Raises StoreDamaged where there is none."""
    row = reader.row(head, "WHERE name = 'head'")
    if row is None:
        raise damaged(reader.path, "the row head['head'] is missing")
    return str(row["version"])


def advance(writer: "Writer", before: Version, manifest: Manifest) -> Version:
    """Make ``manifest`` the head after ``before``, which is the head now."""
    _row(writer, before.id)  # what it goes on from is still there, and sound
    version = insert_version(writer, manifest, before)
    writer.put(head, {"name": "head", "version": version.id})
    return version


def _row(reader: Reader, id: str) -> Mapping[str, Any]:
    row = reader.row(versions, "WHERE id = ?", id)
    if row is None:
        raise damaged(reader.path, f"the row versions[{id!r}] is missing")
    return row


def _by_prefix(reader: Reader, prefix: str) -> str:
    import difflib

    word = prefix.lower()
    # Ids are hex digits: `g` is behind all of them.
    near = "SELECT id FROM versions WHERE id >= ? AND id < ? LIMIT 6"
    found = [str(row[0]) for row in reader.all(near, word, word + "g")] if word else []
    if len(found) == 1:
        return found[0]
    if found:
        few = ", ".join(found[:5])
        many = "more than 5" if len(found) > 5 else str(len(found))
        raise Unknown(f"{many} versions begin with {prefix!r}", f"more digits: {few}")
    newest = "SELECT id FROM versions ORDER BY number DESC LIMIT 1000"
    ids = [str(row[0]) for row in reader.all(newest)]
    close = difflib.get_close_matches(word, ids, 3, 0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "`selfsame history` lists them"
    raise Unknown(f"no version {prefix!r}", hint)
