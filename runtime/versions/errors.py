"""What can go wrong with a store: each says what happened, what still runs, and what to do."""

from dataclasses import dataclass
from pathlib import Path

from selfsame.compiler.errors import Diagnostic, Place, Skipped, UserError


@dataclass(frozen=True, slots=True)
class Trouble(Diagnostic):
    """A diagnostic of something that has no lines: a directory, a database, a version."""

    def render(self, source_line: str | None = None) -> str:
        """``path: message`` and the suggestion."""
        head = f"{self.place.path}: {self.message}" if self.place.path else self.message
        return f"{head}\n  {self.suggestion}" if self.suggestion else head


def trouble(message: str, suggestion: str = "", path: Path | str = "") -> Trouble:
    """A diagnostic without line and column."""
    return Trouble(Place(str(path), 1), message, suggestion)


class StoreError(UserError):
    """The store cannot do what was asked; nothing in it was changed or deleted."""

    def __init__(self, path: Path | str, message: str, suggestion: str = "") -> None:
        super().__init__(trouble(message, suggestion, path))
        self.path = Path(path)


class StoreRefused(StoreError):
    """A location that selfsame does not use: unsafe permissions, read-only, unknown kind."""


class StoreDamaged(StoreError):
    """A row or the file is not what was written. It is left as it is."""


class NewerStore(StoreError):
    """The store was written by a newer selfsame."""


class StoreFull(StoreError):
    """No space left: the change is absent, the version before it stays."""


class StoreBusy(StoreError):
    """Another process held the store for longer than the time limit."""


class Unknown(UserError):
    """A version, a node or a rewrite that the store does not have; suggests the nearest."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(trouble(message, suggestion))


class NoStore(Skipped):
    """There is no store at the location yet."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"no store at {directory} yet: `selfsame run` makes one, `--store DIR` names another"
        )
        self.directory = directory


class PinnedError(Skipped):
    """selfsame wanted to change what a person decided. ``who`` and ``when`` say by whom, when."""

    def __init__(self, address: str, state: str, who: str, when: str, version: str) -> None:
        super().__init__(f"{address} was {state} by {who} at {when} (version {version})")
        self.address = address
        self.state = state
        self.who = who
        self.when = when
        self.version = version


class EngineRunning(Skipped):
    """Another engine works on this store. ``pid`` is 0 where it could not be read."""

    def __init__(self, directory: Path, pid: int, interpreter: str) -> None:
        super().__init__(f"an engine runs on {directory}: pid {pid}, {interpreter}")
        self.directory = directory
        self.pid = pid
        self.interpreter = interpreter


class WrongPython(Skipped):
    """A rewrite built by another Python minor version: its code cannot be loaded here."""
