"""Trials, events and snapshots: what happened, beside what was decided."""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, select

from selfsame.runtime.versions import clock
from selfsame.runtime.versions.database import Database
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.schema import checked, events, hashed, put, snapshots, trials

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
        with self._database.write() as connection:
            row: dict[str, Any] = {
                "id": _next(connection, trials),
                "address": address,
                "variation": str(record.get("variation", "")),
                "verdict": str(record.get("verdict", "")),
                "evidence": text,
                "created": clock.now(),
            }
            _append(connection, trials, row, TRIALS_KEPT)
        return int(row["id"])

    def trials(self, address: str | None = None) -> list[dict[str, Any]]:
        """The kept trials, oldest first: each record with ``address``, ``created``, ``number``."""
        query = select(trials).order_by(trials.c.id)
        if address is not None:
            query = query.where(trials.c.address == address)
        found = []
        for values in self._rows(trials, query):
            own = {key: values[key] for key in ("address", "created")} | {"number": values["id"]}
            found.append({**self._json(trials, values, "evidence"), **own})
        return found

    def add_event(
        self, kind: str, address: str = "", version: str = "", reason: str = "", **numbers: Any
    ) -> int:
        """Keep one decision, and log it to ``selfsame.events``; returns its id.

        Ids grow by one. The newest 20,000 events are kept.
        """
        with self._database.write() as connection:
            record = insert_event(connection, kind, address, version, reason, numbers)
        log_event(record)
        return int(record["id"])

    def last_event(self) -> int:
        """The id of the newest event; 0 where there is none."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.max(events.c.id))).scalar() or 0)

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
        query = select(events).where(events.c.id > after).order_by(events.c.id).limit(limit)
        if address is not None:
            query = query.where(events.c.address == address)
        if versions is not None:
            query = query.where(events.c.version.in_(versions))
        return [
            Event(**{**values, "numbers": self._json(events, values, "numbers")})
            for values in self._rows(events, query)
        ]

    def put_snapshot(self, run: str, data: dict[str, Any]) -> None:
        """Keep the living graph of a run as it is now, in place of the run's earlier one."""
        text = to_json(data)
        with self._database.write() as connection:
            newest = connection.execute(select(func.max(snapshots.c.number))).scalar() or 0
            row = {"run": run, "number": newest + 1, "created": clock.now(), "data": text}
            put(connection, snapshots, row)
            runs = select(snapshots.c.run).where(snapshots.c.run != LIVING)
            old = runs.order_by(snapshots.c.number.desc()).offset(SNAPSHOTS_KEPT)
            connection.execute(delete(snapshots).where(snapshots.c.run.in_(old)))

    def snapshots(self) -> list[dict[str, Any]]:
        """The snapshots of the last 20 runs, newest first, each with ``run`` and ``created``."""
        query = select(snapshots).where(snapshots.c.run != LIVING)
        return self._snapshots(query.order_by(snapshots.c.number.desc()))

    def snapshot(self, run: str) -> dict[str, Any] | None:
        """The snapshot of a run, if it is among those that are kept."""
        found = self._snapshots(select(snapshots).where(snapshots.c.run == run))
        return found[0] if found else None

    def _snapshots(self, query: Any) -> list[dict[str, Any]]:
        return [
            {
                **self._json(snapshots, values, "data"),
                "run": values["run"],
                "created": values["created"],
            }
            for values in self._rows(snapshots, query)
        ]

    def put_living(self, data: dict[str, Any]) -> None:
        """Keep the figures that a later engine goes on from, in place of the earlier ones."""
        row = {"run": LIVING, "number": 0, "created": clock.now(), "data": to_json(data)}
        with self._database.write() as connection:
            put(connection, snapshots, row)

    def living(self) -> dict[str, Any] | None:
        """The figures that an earlier engine left; None where there are none."""
        query = select(snapshots).where(snapshots.c.run == LIVING)
        for values in self._rows(snapshots, query):
            found: dict[str, Any] = self._json(snapshots, values, "data")
            return found
        return None

    def _rows(self, table: Table, query: Any) -> Iterable[dict[str, Any]]:
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            values = dict(checked(self._database.path, table, row))
            del values["row_hash"]
            yield values

    def _json(self, table: Table, values: Mapping[str, Any], column: str) -> dict[str, Any]:
        try:
            data = json.loads(values[column])
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise damaged(self._database.path, f"a row of {table.name} does not hold JSON")
        return data


def insert_event(
    connection: Connection,
    kind: str,
    address: str,
    version: str,
    reason: str,
    numbers: Mapping[str, Any],
) -> dict[str, Any]:
    """Write an event within a transaction, so that it is there exactly if what it tells of is."""
    row = {
        "id": _next(connection, events),
        "created": clock.now(),
        "kind": kind,
        "address": address,
        "version": version,
        "reason": reason,
        "numbers": to_json(dict(numbers)),
    }
    _append(connection, events, row, EVENTS_KEPT)
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


def _next(connection: Connection, table: Table) -> int:
    return (connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1


def _append(connection: Connection, table: Table, row: dict[str, Any], kept: int) -> None:
    connection.execute(table.insert().values(hashed(table, row)))
    if row["id"] % 256 == 0:  # now and then is enough, and cheaper
        connection.execute(delete(table).where(table.c.id <= row["id"] - kept))
