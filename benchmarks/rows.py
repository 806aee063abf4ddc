"""Results that outlive the run that made them: each is a line of a file as soon as it is known."""

import json
import threading
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class Rows:
    """The rows of a file, JSON each, and those added since; in memory alone where ``path`` is None.

    A later run on the same file finds in ``rows`` what the earlier one knew. Threads may add.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.rows: list[Row] = []
        if path is not None and path.exists():
            self.rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def add(self, row: Row) -> None:
        """Keep one, at once."""
        line = json.dumps(row) + "\n"
        with self._lock:
            self.rows.append(row)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(line)
