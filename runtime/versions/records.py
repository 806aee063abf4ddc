"""Trials, events and snapshots: what happened, beside what was decided."""

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from selfsame.runtime.versions import clock
from selfsame.runtime.versions.database import Database
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.reading import NO_LIMIT, Reader, marks
from selfsame.runtime.versions.tables import HASH, Table, events, snapshots, trials

if TYPE_CHECKING:
    from selfsame.runtime.versions.writing import Writer

log = logging.getLogger("selfsame.events")

EVENTS_KEPT: Final = 20_000
TRIALS_KEPT: Final = 5_000
SNAPSHOTS_KEPT: Final = 20
LIVING: Final = "(living)"  # in place of a run's id


@dataclass(frozen=True)
class Event:
    """One decision: ``kind`` says which, ``numbers`` what it rested on (also names and texts)."""

    id: int
    created: str
    kind: str
    address: str
    version: str
    reason: str
    numbers: Mapping[str, Any]


class Records:
    """The part of the store that grows and is trimmed. All methods may be called by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_trial(self, address: str, record: dict[str, Any]) -> int:
        """Keep a trial of ``address``; returns its number.

        ``record`` is plain JSON; its ``"variation"`` (id) and ``"verdict"`` can be searched for.
        It holds no captured values: the caller sees to that. The newest 5,000 trials are kept.
        """
        text = to_json(record)
        with self._database.write() as writer:
            row: dict[str, Any] = {
                "id": newest_id(writer, trials) + 1,
                "address": address,
                "variation": str(record.get("variation", "")),
                "verdict": str(record.get("verdict", "")),
                "evidence": text,
                "created": clock.now(),
            }
            _append(writer, trials, row, TRIALS_KEPT)
        return int(row["id"])

    def trials(self, address: str | None = None) -> list[dict[str, Any]]:
        """The kept trials, oldest first: each record with ``address``, ``created``, ``number``."""
        of, where = ("", ()) if address is None else ("WHERE address = ? ", (address,))
        found = []
        for values in self._rows(trials, f"{of}ORDER BY id", *where):
            own = {key: values[key] for key in ("address", "created")} | {"number": values["id"]}
            found.append({**self._json(trials, values, "evidence"), **own})
        return found

    def add_event(
        self, kind: str, address: str = "", version: str = "", reason: str = "", **numbers: Any
    ) -> int:
        """Keep one decision, and log it to ``selfsame.events``; returns its id.

        Ids grow by one. The newest 20,000 events are kept.
        """
        with self._database.write() as writer:
            record = insert_event(writer, kind, address, version, reason, numbers)
        log_event(record)
        return int(record["id"])

    def last_event(self) -> int:
        """The id of the newest event; 0 where there is none."""
        with self._database.read() as reader:
            return newest_id(reader, events)

    def events(
        self,
        after: int = 0,
        limit: int | None = None,
        address: str | None = None,
        versions: Collection[str] | None = None,
    ) -> list[Event]:
        """The events with an id over ``after``, oldest first, at most ``limit`` (None: all).

        With ``address``, those of one node; with ``versions``, those of these versions (by id).
        """
        where = "WHERE id > ?"
        wanted: list[object] = [after]
        if address is not None:
            where += " AND address = ?"
            wanted.append(address)
        if versions is not None:
            where += f" AND version IN ({marks(versions)})"
            wanted += versions
        wanted.append(NO_LIMIT if limit is None else limit)
        return [
            Event(**{**values, "numbers": self._json(events, values, "numbers")})
            for values in self._rows(events, f"{where} ORDER BY id LIMIT ?", *wanted)
        ]

    def put_snapshot(self, run: str, data: dict[str, Any]) -> None:
        """Keep the living graph of a run as it is now, in place of the run's earlier one."""
        text = to_json(data)
        with self._database.write() as writer:
            newest = writer.one("SELECT max(number) FROM snapshots") or 0
            row = {"run": run, "number": newest + 1, "created": clock.now(), "data": text}
            writer.put(snapshots, row)
            runs = "SELECT run FROM snapshots WHERE run != ? ORDER BY number DESC LIMIT ? OFFSET ?"
            old = writer.all(runs, LIVING, NO_LIMIT, SNAPSHOTS_KEPT)
            writer.drop(snapshots, "run", *(name for (name,) in old))

    def snapshots(self) -> list[dict[str, Any]]:
        """The snapshots of the last 20 runs, newest first, each with ``run`` and ``created``."""
        return self._snapshots("WHERE run != ? ORDER BY number DESC", LIVING)

    def snapshot(self, run: str) -> dict[str, Any] | None:
        """The snapshot of a run, if it is among those that are kept."""
        found = self._snapshots("WHERE run = ?", run)
        return found[0] if found else None

    def _snapshots(self, rest: str, run: str) -> list[dict[str, Any]]:
        return [
            {
                **self._json(snapshots, values, "data"),
                "run": values["run"],
                "created": values["created"],
            }
            for values in self._rows(snapshots, rest, run)
        ]

    def put_living(self, data: dict[str, Any]) -> None:
        """Keep the figures that a later engine goes on from, in place of the earlier ones."""
        row = {"run": LIVING, "number": 0, "created": clock.now(), "data": to_json(data)}
        with self._database.write() as writer:
            writer.put(snapshots, row)

    def living(self) -> dict[str, Any] | None:
        """The figures that an earlier engine left; None where there are none."""
        for values in self._rows(snapshots, "WHERE run = ?", LIVING):
            found: dict[str, Any] = self._json(snapshots, values, "data")
            return found
        return None

    def _rows(self, table: Table, rest: str, *wanted: object) -> list[dict[str, Any]]:
        with self._database.read() as reader:
            rows = list(reader.rows(table, rest, *wanted))
        for values in rows:
            del values[HASH]
        return rows

    def _json(self, table: Table, values: Mapping[str, Any], column: str) -> dict[str, Any]:
        try:
            data = json.loads(values[column])
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise damaged(self._database.path, f"a row of {table.name} does not hold JSON")
        return data


def insert_event(
    writer: "Writer",
    kind: str,
    address: str,
    version: str,
    reason: str,
    numbers: Mapping[str, Any],
) -> dict[str, Any]:
    """Write an event within a transaction, so that it is there exactly if what it tells of is."""
    row = {
        "id": newest_id(writer, events) + 1,
        "created": clock.now(),
        "kind": kind,
        "address": address,
        "version": version,
        "reason": reason,
        "numbers": to_json(dict(numbers)),
    }
    _append(writer, events, row, EVENTS_KEPT)
    return row


def log_event(row: Mapping[str, Any]) -> None:
    """Log what `insert_event` wrote, after it was committed."""
    words = (row[key] for key in ("kind", "address", "version", "reason", "numbers"))
    log.info(" ".join(word for word in words if word), extra={"selfsame": dict(row)})


def to_json(data: dict[str, Any]) -> str:
    """JSON that every reader takes: no NaN or infinity as numbers. TypeError on other objects."""
    try:
        return json.dumps(data, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(data), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and value - value != 0.0:
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def newest_id(reader: Reader, table: Table) -> int:
    """The id of the newest trial or event; 0 where there is none."""
    return int(reader.one(f"SELECT max(id) FROM {table.name}") or 0)


def _append(writer: "Writer", table: Table, row: dict[str, Any], kept: int) -> None:
    writer.add(table, [row])
    if row["id"] % 256 == 0:  # now and then is enough, and cheaper
        writer.drop_up_to(table, "id", row["id"] - kept)
