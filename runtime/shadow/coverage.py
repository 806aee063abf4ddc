"""Which ways through the code a call took: line-to-line steps with how often, in powers of two.

Two calls with the same steps tell the same story; one with a new step is worth keeping as a seed.
The counts in classes are those of AFL (Zalewski, "Technical whitepaper for afl-fuzz", 2014).
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

Step = tuple[int, int, int, int]


class Coverage:
    """Steps seen so far in the code of some files."""

    def __init__(self, files: frozenset[str]) -> None:
        self._files = files
        self._kept: dict[int, CodeType] = {}
        self._counts: dict[tuple[int, int, int], int] = {}
        self.seen: set[Step] = set()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record the steps of a block in this thread."""
        self._counts = {}
        before = sys.gettrace()
        sys.settrace(self._on_call)
        try:
            yield
        finally:
            sys.settrace(before)

    def new(self) -> int:
        """How many steps of the last block were never seen before; they are now."""
        steps = {(*step, count.bit_length()) for step, count in self._counts.items()}
        fresh = steps - self.seen
        self.seen |= fresh
        return len(fresh)

    def lines(self, codes: Iterable[CodeType]) -> set[int]:
        """The lines of these code objects that any block reached."""
        wanted = set(map(id, codes))
        return {line for number, _, line, _ in self.seen if number in wanted and line > 0}

    def _on_call(self, frame: FrameType, _event: str, _arg: Any) -> Any:
        code = frame.f_code
        if code.co_filename not in self._files:
            return None
        number, counts = id(code), self._counts
        self._kept[number] = code
        last = 0

        def on_line(frame: FrameType, event: str, _arg: Any) -> Any:
            nonlocal last
            line = frame.f_lineno if event == "line" else -1 if event == "exception" else -2
            step = (number, last, line)
            counts[step] = counts.get(step, 0) + 1
            last = line
            return on_line

        return on_line
