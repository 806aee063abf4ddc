"""The form of time in a store: UTC, ISO 8601, microseconds. For people; no order rests on it."""

from datetime import UTC, datetime


def now() -> str:
    """The time now: ``2026-03-01T10:00:00.000000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def short(created: str) -> str:
    """A stored time in the reader's own zone, to the second: ``2026-03-01 11:00:00``."""
    try:
        moment = datetime.strptime(created, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return created
    return moment.replace(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
