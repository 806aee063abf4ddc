"""Which modules a program cannot import, so that what it does with them never happens.

Many libraries take a faster package where there is one: ``try: import numpy``. Where it is not installed,
only the other way is left.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path

_QUIET = frozenset({"distutils-precedence.pth"})


class Installed:
    """What can be imported from where a program looks for modules; all where that is not known."""

    def __init__(self) -> None:
        self._path: tuple[str, ...] = ()
        self._hooked = True
        self._absent: dict[str, bool] = {}

    @property
    def path(self) -> tuple[str, ...]:
        """The directories that the program looks into."""
        return self._path

    @path.setter
    def path(self, told: tuple[list[str], str]) -> None:
        """``sys.path`` of the program and its working directory."""
        path = tuple(entry or told[1] for entry in told[0])
        if path != self._path:
            self._path, self._absent = path, {}
            # Code in a `.pth` file may find more than there is; where it is our own, it does for us, too.
            self._hooked = any(_hooks(entry) for entry in path if entry not in sys.path)

    def absent(self, name: str) -> bool:
        """Whether no module of this name can be imported, as far as can be seen."""
        top = name.partition(".")[0]
        if not top or not self._path or self._hooked or top in sys.stdlib_module_names:
            return False
        if top not in self._absent:
            self._absent[top] = _is_nowhere(top, self._path)
        return self._absent[top]


def _is_nowhere(top: str, path: tuple[str, ...]) -> bool:
    try:
        found = PathFinder.find_spec(top, path) or importlib.util.find_spec(top)
    except (ImportError, ValueError, OSError):  # broken, or half imported: it is there
        return False
    return found is None


def _hooks(entry: str) -> bool:
    for file in Path(entry).glob("*.pth"):
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:
            return True
        if file.name not in _QUIET and any(
            line.startswith(("import ", "import\t")) for line in lines
        ):
            return True
    return False
