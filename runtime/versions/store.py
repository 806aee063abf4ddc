"""The store: versions and what is known beside them, and the orders that running programs follow.

    with Store.open(locate_store(Path.cwd())) as store:
        version = store.commit(lambda m: m.with_entry(entry), author="ada", reason="it is faster")
        assert store.head() == version

One directory: ``store.db`` (SQLite), ``control`` and ``orders.json`` (what agents read),
``engine.lock``. Every method may be called from several threads and processes at once.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from selfsame.compiler.errors import InternalError
from selfsame.runtime.link.control import ControlError, ControlWord
from selfsame.runtime.versions import clock, deltas
from selfsame.runtime.versions.audit import speaker
from selfsame.runtime.versions.creation import (
    bring_up,
    check_file,
    check_schema,
    create_tables,
    has_tables,
)
from selfsame.runtime.versions.database import Database
from selfsame.runtime.versions.errors import EngineRunning as EngineRunning
from selfsame.runtime.versions.errors import NoStore as NoStore
from selfsame.runtime.versions.errors import PinnedError as PinnedError
from selfsame.runtime.versions.errors import StoreError as StoreError
from selfsame.runtime.versions.errors import StoreRefused, Unknown
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.location import (
    DATABASE,
    check_permissions,
    make_directory,
    store_directory,
)
from selfsame.runtime.versions.location import locate_store as locate_store
from selfsame.runtime.versions.locks import EngineLock, publishing
from selfsame.runtime.versions.manifest import Manifest, NodeEntry
from selfsame.runtime.versions.modes import Modes
from selfsame.runtime.versions.orders import Orders
from selfsame.runtime.versions.reading import Reader
from selfsame.runtime.versions.records import insert_event, log_event
from selfsame.runtime.versions.rewrites import Rewrites
from selfsame.runtime.versions.succession import Step, Succession, Version, advance, head_id
from selfsame.runtime.versions.tables import TABLES, meta
from selfsame.runtime.versions.tables import objects as objects_table
from selfsame.runtime.versions.text import parse_blocks
from selfsame.runtime.versions.word import is_person, overruled, signed

if TYPE_CHECKING:
    from selfsame.runtime.versions.writing import Writer

Change = Callable[[Manifest], Manifest]

# So many times a commit computes its change without holding others up.
OPTIMISTIC: Final = 5


class Store(Rewrites):
    """An open store; see the module. Errors are those of ``errors.py``, all of them SelfsameError.

    Rewrites, trials, events and snapshots are in the base classes.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(Database(directory / DATABASE))
        self.directory = directory
        self._path = self.path = directory / DATABASE
        self._orders = Orders(directory)
        self._succession = Succession(self._database)
        self._control: ControlWord | None = None
        self._newest: Version | None = None  # versions do not change: what was read is kept

    @classmethod
    def open(cls, location: Path | str, *, create: bool = True) -> "Store":
        """Open the store of a directory or a ``sqlite:///path`` URL; make it where there is none.

        Where a crash came between a version and its orders, the orders are published now.
        Raises NoStore (without ``create``), StoreRefused (permissions, read-only, other URLs),
        StoreDamaged, NewerStore, StoreFull, StoreBusy. Nothing that is there is ever overwritten.
        """
        directory = store_directory(location)
        path = directory / DATABASE
        if not create and not path.exists():
            raise NoStore(directory)
        store = cls(directory)
        try:
            if create:
                make_directory(directory)
            check_permissions(directory)
            if not check_file(path) or not has_tables(store._database):
                if not create:
                    raise NoStore(directory)
                with publishing(directory):
                    create_tables(store._database)
            if not check_schema(store._database):
                with publishing(directory):
                    bring_up(store._database)
            store._converge()
        except OSError as error:
            store.close()
            raise StoreRefused(directory, f"cannot be used: {error.strerror}") from error
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the files. The store is not used afterwards."""
        self._database.close()
        if self._control is not None:
            self._control.close()
            self._control = None

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # Versions

    def head(self) -> Version:
        """The version that programs run."""
        with self._database.read() as reader:
            id = head_id(reader)
            known = self._newest
            if known is None or known.id != id:
                known = self._newest = self._succession.by_id(reader, id)
        return self._read(known)

    def version(self, ref: str) -> Version:
        """The version that ``head``, ``head~2`` or the beginning of an id means; else Unknown."""
        with self._database.read() as reader:
            version = self._succession.resolve(reader, ref)
        return self._read(version)

    def history(self, limit: int | None = 50) -> list[Version]:
        """The versions from the head back, newest first; None for all."""
        with self._database.read() as reader:
            begin = head_id(reader)
            return list(self._succession.chain(reader, begin, limit))

    def steps(self, limit: int | None = 50, address: str | None = None) -> list[Step]:
        """As `history`, each version with what it changed; of one node, where ``address`` is given.

        No text is put together for it: it costs what is shown, however much stands.
        """
        with self._database.read() as reader:
            if address is not None:
                return self._succession.steps_of(reader, address, limit)
            return self._succession.steps(reader, head_id(reader), limit)

    def addresses(self) -> set[str]:
        """Every node of any version, trial or event."""
        found: set[str] = set()
        with self._database.read() as reader:
            for table in ("changes", "trials", "events"):
                names = reader.all(f"SELECT DISTINCT address FROM {table}")
                found.update(str(row[0]) for row in names)
        return found - {""}

    def commit(self, change: Change, *, author: str, reason: str) -> Version:
        """Make ``change(manifest of the head)`` the new head, and give the orders for it.

        ``change`` is a function of its argument alone: where another commit came first, it is
        called again with what that one made. The new version is there whole, or not at all.
        ``by`` of the entries that differ, parent, author, reason and time are written here. A
        change that changes nothing makes no version: the head is returned.

        Raises PinnedError where author ``"selfsame"`` would change what a person pinned, froze,
        reverted or barred, for the same content hash.
        """
        for _ in range(OPTIMISTIC):
            head = self.head()
            manifest = self._next(head, change, author, reason)
            if manifest is None:
                return head
            with publishing(self.directory):
                version = self._step(head, manifest)
            if version is not None:
                return version
        with publishing(self.directory):
            head = self.head()
            manifest = self._next(head, change, author, reason)
            if manifest is None:
                return head
            version = self._step(head, manifest)
        if version is None:
            raise InternalError("the head changed although this process had the lock")
        return version

    def publish_orders(self) -> None:
        """Write the orders of the head again, and raise the generation."""
        with publishing(self.directory):
            self._publish()

    def generation(self) -> int:
        """What agents see: grows with every version, mode, and switch. Two loads from memory."""
        if self._control is None:
            try:
                self._control = ControlWord(self.directory)
            except ControlError as error:
                raise StoreError(
                    self.directory, str(error), "it is made anew by the next change"
                ) from error
        return self._control.generation

    def check(self) -> dict[str, int]:
        """Read everything. Raises StoreDamaged with the first row, or page, that is not sound.

        Returns the number of rows by table.
        """
        counts: dict[str, int] = {}
        result = self._database.integrity()
        if result != "ok":
            raise damaged(self._path, result)
        with self._database.read() as reader:
            for table in TABLES:
                counts[table.name] = 0
                for values in reader.every(table):
                    counts[table.name] += 1
                    if table is objects_table:
                        self.check_rewrite(values)
            self._succession.verify(reader)
        return counts

    def reading(self) -> AbstractContextManager[Reader]:
        """A consistent view, for the parts of this package."""
        return self._database.read()

    def transaction(self) -> AbstractContextManager["Writer"]:
        """A durable transaction, for the parts of this package: one writer at a time."""
        return self._database.write(durable=True)

    def rewrites_within(self, reader: Reader, reach: int) -> set[str]:
        """The ids of all rewrites that the newest ``reach`` versions name, in whatever state."""
        head = self._succession.by_id(reader, head_id(reader))
        first = max(1, head.number - reach + 1)
        blocks = [*deltas.blocks_at(reader, first).values()]
        changed = deltas.changes_within(reader, first, head.number)
        blocks += [lines for own in changed.values() for lines in own.values() if lines]
        return {entry.rewrite for line in blocks for entry in parse_blocks([line]).values()}

    def vacuum(self) -> None:
        """Give the pages that are free back to the disk."""
        self._database.vacuum()

    # A person's switches

    def set_off(self, off: bool, author: str) -> None:
        """Switch every rewrite off in all running programs, or on again.

        Off is thrown first, without the database, so that it holds on a full disk as well: what
        is raised afterwards concerns its record alone.
        """
        if off:
            self._orders.switch(off)
        what = "off" if off else "on"
        with self._database.write(durable=True) as writer:
            writer.put(meta, {"key": "off", "value": what})
            said = {"author": author, **speaker()}
            record = insert_event(writer, what, "", "", f"by {author}", said)
        log_event(record)
        if not off:
            self._orders.switch(off)
        self.publish_orders()

    def is_off(self) -> bool:
        """Whether a person switched selfsame off for the programs of this store."""
        said = self._orders.is_off()
        return self._meta("off") == "off" if said is None else said

    def mode(self, address: str | None = None) -> str | None:
        """What a person said may be done to a node, or to the program; None where nobody did."""
        modes = self.modes()
        return modes.program if address is None else modes.of(address)

    def modes(self) -> Modes:
        """All that was said: for the program, and by pattern."""
        text = self._meta("modes")
        return Modes.loads(text) if text else Modes()

    def set_mode(self, mode: str | None, pattern: str | None = None, *, author: str = "") -> None:
        """Say what may be done: to the program, or to the nodes of a glob. None takes it back.

        Of the globs that match a node, the one said last counts. Raises the generation.
        """
        with self._database.write(durable=True) as writer:
            modes = Modes.loads(self._meta_of(writer, "modes") or Modes().dumps())
            writer.put(meta, {"key": "modes", "value": modes.said(mode, pattern).dumps()})
            what = f"mode {mode or 'default'}" + (f" for {pattern}" if pattern else "")
            numbers = {"author": author, "mode": mode or "", "pattern": pattern or "", **speaker()}
            reason = f"{what} by {author}" if author else what
            record = insert_event(writer, "mode", "", "", reason, numbers)
        log_event(record)
        self.publish_orders()

    def lock_engine(self) -> EngineLock:
        """The right to be this store's one engine, until released. Raises EngineRunning."""
        return EngineLock(self.directory)

    # How it is done

    def _next(self, head: Version, change: Change, author: str, reason: str) -> Manifest | None:
        """The manifest after ``head``, or None where nothing changes. Raises PinnedError."""
        old = head.manifest
        changed = signed(old, change(old), author)
        if dict(changed.nodes) == dict(old.nodes) and changed.frozen == old.frozen:
            return None
        if not is_person(author):
            entry = overruled(old, changed)
            if entry is not None or old.frozen:
                raise self._refusal(entry, old.frozen)
        return replace(changed, parent=head.id, author=author, reason=reason, created=clock.now())

    def _step(self, head: Version, manifest: Manifest) -> Version | None:
        """Commit the version and its orders; None where the head is not ``head`` any more."""
        try:
            with self._database.write(durable=True) as writer:
                if head_id(writer) != head.id:
                    return None
                version = advance(writer, head, manifest)
                numbers: dict[str, object] = {"author": version.author, "parent": version.parent}
                numbers |= speaker() if is_person(version.author) else {}
                record = insert_event(writer, "version", "", version.id, version.reason, numbers)
                # A full disk shows here, while the old version still stands.
                generation = self._orders.stage(version.id, manifest)
        except BaseException:
            self._orders.unstage()
            raise
        self._newest = version
        self._orders.publish(generation, off=self.is_off())
        log_event(record)
        return version

    def _publish(self) -> None:
        head = self.head()
        self._orders.publish(self._orders.stage(head.id, head.manifest), off=self.is_off())

    def _converge(self) -> None:
        """Publish the head where the orders name another version, or their generation is ahead."""
        with self._database.read() as reader:
            if self._orders.converged(head_id(reader)):
                return
        with publishing(self.directory):
            head = self.head()
            ordered = self._orders.version
            if ordered is not None and not self._has(ordered):
                raise damaged(
                    self._path,
                    f"programs were told of version {ordered}, and the store does not have it "
                    f"(its head is {head.id}): the end of its history is lost",
                    f"to go on from {head.id}, remove {self.directory / 'orders.json'}",
                )
            if not self._orders.converged(head.id):
                self._publish()

    def _has(self, id: str) -> bool:
        try:
            return self.version(id).id == id
        except Unknown:
            return False

    def _read(self, version: Version) -> Version:
        """The version with its text read, and held to its id."""
        _ = version.blocks
        return version

    def _refusal(self, entry: NodeEntry | None, frozen: str) -> PinnedError:
        """Who said what selfsame would overrule, and since when."""
        if entry is not None:
            newest = self.steps(1, entry.address)
            since = newest[0].version if newest else self.head()
            return PinnedError(entry.address, entry.state, entry.by, since.created, since.id)
        since = self.head()
        with self._database.read() as reader:
            for version in self._succession.chain(reader, since.id):
                if version.frozen != frozen:
                    break
                since = version
        return PinnedError("every node", "frozen", frozen, since.created, since.id)

    def _meta(self, key: str) -> str:
        with self._database.read() as reader:
            return self._meta_of(reader, key)

    def _meta_of(self, reader: Reader, key: str) -> str:
        # All rows are checked: a damaged key must not look like one that was never said.
        rows = list(reader.every(meta))
        return next((str(row["value"]) for row in rows if row["key"] == key), "")
