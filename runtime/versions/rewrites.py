"""Rewrites in the store: content-addressed, kept once for each Python that built them."""

from collections.abc import Mapping
from typing import Any

from selfsame.runtime.versions import objects
from selfsame.runtime.versions.errors import Unknown, WrongPython
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.records import Records
from selfsame.runtime.versions.tables import objects as objects_table
from selfsame.variants.variation import Variation


class Rewrites(Records):
    """The part of the store that keeps rewrites. All methods may be called by any thread."""

    def check_rewrite(self, row: Mapping[str, Any]) -> None:
        """Raise StoreDamaged where a row of ``objects`` holds another rewrite than it says."""
        try:
            sound = objects.decode(row["payload"]).id == row["id"]
        except WrongPython:
            return  # only the Python that built it can look into it
        except ValueError:
            sound = False
        if not sound:
            raise damaged(
                self._database.path, f"the row objects[{row['id']!r}] holds another rewrite"
            )

    def put_rewrite(self, variation: Variation) -> str:
        """Keep a rewrite for this Python; returns its id, which is ``variation.id``.

        Where the same rewrite was built again, the new build is kept: it is known to work here.
        """
        row = {
            "id": variation.id,
            "python": objects.python_tag(),
            "kind": "rewrite",
            "payload": objects.encode(variation),
        }
        with self._database.write(durable=True) as writer:
            writer.put(objects_table, row)
        return variation.id

    def get_rewrite(self, id: str) -> Variation:
        """The rewrite with this id, as this Python can run it. No stored code is executed.

        Raises Unknown, WrongPython (it was built by another Python only) or StoreDamaged.
        """
        with self._database.read() as reader:
            rows = list(reader.rows(objects_table, "WHERE id = ?", id))
        if not rows:
            raise Unknown(
                f"no rewrite {id!r} in {self._database.path.parent}", "it was made in another store"
            )
        mine = [row for row in rows if row["python"] == objects.python_tag()]
        try:
            variation = objects.decode((mine or rows)[0]["payload"])
        except WrongPython as error:
            raise WrongPython(f"rewrite {id}: {error.reason}") from error
        except ValueError as error:
            raise damaged(
                self._database.path, f"the row objects[{id!r}] is not a rewrite"
            ) from error
        if variation.id != id:
            raise damaged(self._database.path, f"the row objects[{id!r}] holds another rewrite")
        return variation
