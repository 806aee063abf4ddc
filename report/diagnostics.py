"""Prints the user's mistakes: place, source line with a caret, suggestion; all of them."""

import linecache
import sys
from collections.abc import Iterable

from selfsame.compiler.errors import Diagnostic


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Write each diagnostic to stderr, with its source line where the file can be read."""
    for diagnostic in diagnostics:
        line = linecache.getline(diagnostic.place.path, diagnostic.place.line)
        print(diagnostic.render(line or None), file=sys.stderr)
