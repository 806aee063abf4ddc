"""The writer's side of the control word: orders first, generation second, each survives a crash.

The orders are staged (written and synced under another name) before the version is committed, so
that a full disk shows while the old version still stands; after the commit a rename remains.
Words are written with ``pwrite``, not through a mapping: a failing disk is then an error
and not a signal that ends the process. Mapped readers see it all the same.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from selfsame.runtime.link.control import (
    CONTROL,
    FLAGS_AT,
    FORMAT,
    GENERATION_AT,
    OFF,
    ORDERS,
    SIZE,
    ControlError,
    pack,
    read_orders,
    unpack,
)
from selfsame.runtime.versions.errors import StoreError
from selfsame.runtime.versions.explain import full, is_no_space
from selfsame.runtime.versions.manifest import Manifest

STAGED: Final = "orders.json.new"


class Orders:
    """Orders and control word of one store. Writers hold ``locks.publishing``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def version(self) -> str | None:
        """The version that the orders name; None where there are none that can be read."""
        orders = self._read()
        return None if orders is None else str(orders["version"])

    def converged(self, version: str) -> bool:
        """Whether programs are told of ``version``, and the generation says so."""
        orders, word = self._read(), self._word()
        return (
            orders is not None
            and word is not None
            and orders["version"] == version
            and orders["generation"] <= word[0]
        )

    def is_off(self) -> bool | None:
        """What the control word says; None where there is none that can be read."""
        word = self._word()
        return None if word is None else word[1]

    def stage(self, version: str, manifest: Manifest) -> int:
        """Write the orders of ``version`` under another name; the generation they will have."""
        orders, word = self._read(), self._word()
        generation = 1 + max(
            0 if orders is None else orders["generation"], 0 if word is None else word[0]
        )
        nodes = {
            address: {"rewrite": entry.runs, "state": entry.state}
            | ({"canary": entry.tries} if entry.tries else {})
            for address, entry in sorted(manifest.nodes.items())
        }
        content = {"format": FORMAT, "generation": generation, "version": version, "nodes": nodes}
        with self._explained():
            self._write(STAGED, json.dumps(content).encode())
        return generation

    def unstage(self) -> None:
        """Take back what `stage` wrote; where a failing disk keeps it, the next `stage` does."""
        with suppress(OSError):
            (self.directory / STAGED).unlink(missing_ok=True)

    def publish(self, generation: int, *, off: bool) -> None:
        """Make the staged orders the orders, then raise the generation.

        ``off`` is the flag for a control word that has to be made anew; a sound one keeps its own.
        """
        with self._explained(committed=True):
            os.replace(self.directory / STAGED, self.directory / ORDERS)
            self._sync_directory()
            self._raise(generation, off=off)

    def switch(self, off: bool) -> None:
        """Set or clear the off flag, without the database: it works on a damaged store too."""
        with self._explained():
            if self._word() is None:
                self._raise(1, off=off)
            else:
                self._patch(FLAGS_AT, (OFF if off else 0).to_bytes(4, sys.byteorder))

    def _raise(self, generation: int, *, off: bool) -> None:
        if self._word() is not None:
            self._patch(GENERATION_AT, generation.to_bytes(8, sys.byteorder))
        elif (self.directory / CONTROL).exists():
            # In place: running programs have mapped this very file.
            self._patch(0, pack(generation, off=off))
        else:
            self._write(CONTROL + ".new", pack(generation, off=off))
            os.replace(self.directory / (CONTROL + ".new"), self.directory / CONTROL)
            self._sync_directory()

    def _word(self) -> tuple[int, bool] | None:
        try:
            return unpack((self.directory / CONTROL).read_bytes()[:SIZE])
        except (OSError, ControlError):
            return None

    def _read(self) -> dict[str, Any] | None:
        try:
            orders = read_orders(self.directory)
        except ControlError:
            return None
        return orders if isinstance(orders.get("version"), str) else None

    def _patch(self, at: int, data: bytes) -> None:
        handle = os.open(self.directory / CONTROL, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(handle, data, at)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _write(self, name: str, data: bytes) -> None:
        path = self.directory / name
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
        except OSError:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise

    def _sync_directory(self) -> None:
        handle = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @contextmanager
    def _explained(self, *, committed: bool = False) -> Iterator[None]:
        """Turns what the disk says into an error of this package.

        ``committed``: the version is there, and only its orders are late.
        """
        try:
            yield
        except OSError as error:
            if is_no_space(error) and not committed:
                raise full(self.directory / ORDERS) from error
            raise StoreError(
                self.directory,
                f"the orders cannot be written: {error.strerror}",
                "the version is made; programs are told of it when the store is opened next"
                if committed
                else "nothing was changed",
            ) from error
