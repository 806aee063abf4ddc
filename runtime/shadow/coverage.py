"""Which ways through the code a call took: line-to-line steps with how often, in powers of two.

Two calls with the same steps tell the same story; one with a new step is worth keeping as a seed.
The counts in classes are those of AFL (Zalewski, "Technical whitepaper for afl-fuzz", 2014).
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dis import EXTENDED_ARG
from types import CodeType, FrameType
from typing import Any

from selfsame.runtime.shadow.reach import Span, exact, returning, span

Step = tuple[int, int, int, int]


@contextmanager
def _tracing(trace: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


class Coverage:
    """Steps seen so far in the code of some files."""

    def __init__(self, files: frozenset[str]) -> None:
        self._files = files
        self._kept: dict[int, CodeType] = {}
        self._counts: dict[tuple[int, int, int], int] = {}
        self.seen: set[Step] = set()

    def recording(self) -> AbstractContextManager[None]:
        """Record the steps of a block in this thread."""
        self._counts = {}
        return _tracing(self._on_call)

    def new(self) -> int:
        """How many steps of the last block were never seen before; they are now."""
        steps = {(*step, count.bit_length()) for step, count in self._counts.items()}
        fresh = steps - self.seen
        self.seen |= fresh
        return len(fresh)

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


class Places:
    """Which places of some code objects ran: every instruction is traced, so calls take long."""

    def __init__(self, codes: Iterable[CodeType]) -> None:
        self._codes = list(codes)
        self._at = {id(code): _places(code) for code in self._codes}
        self.last: set[Span] = set()

    def recording(self) -> AbstractContextManager[None]:
        """Record the places of a block, as ``last``."""
        self.last = set()
        monitoring = getattr(sys, "monitoring", None)
        return _tracing(self._on_call) if monitoring is None else self._monitored(monitoring)

    def _ran(self, code: CodeType, offset: int) -> None:
        self.last.update(self._at[id(code)][offset // 2])

    @contextmanager
    def _monitored(self, monitoring: Any) -> Iterator[None]:
        """PEP 669, from Python 3.12 on, where tracing of instructions misses some."""
        event = monitoring.events.INSTRUCTION
        tool = next(number for number in range(6) if monitoring.get_tool(number) is None)

        def on_instruction(code: CodeType, offset: int) -> Any:
            self._ran(code, offset)
            return monitoring.DISABLE  # it is known now

        monitoring.use_tool_id(tool, "selfsame")
        monitoring.register_callback(tool, event, on_instruction)
        monitoring.restart_events()
        for code in self._codes:
            monitoring.set_local_events(tool, code, event)
        try:
            yield
        finally:
            for code in self._codes:
                monitoring.set_local_events(tool, code, 0)
            monitoring.register_callback(tool, event, None)
            monitoring.free_tool_id(tool)

    def _on_call(self, frame: FrameType, _event: str, _arg: Any) -> Any:
        if id(frame.f_code) not in self._at:
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False

        def on_opcode(frame: FrameType, event: str, _arg: Any) -> Any:
            if event == "opcode":
                self._ran(frame.f_code, frame.f_lasti)
            return on_opcode

        return on_opcode


def _places(code: CodeType) -> list[tuple[Span, ...]]:
    """The places of the instruction that begins at each unit of the code."""
    found: list[tuple[Span, ...]] = []
    rounds = returning(code)
    units = list(enumerate(zip(code.co_positions(), code.co_code[::2], strict=True)))
    for number, (position, operation) in reversed(units):
        where = span(position)
        own: tuple[Span, ...] = () if where is None else (where, exact(where, 2 * number))
        if place := rounds.get(2 * number):
            own = (*own, place)
        # What prefixes another is one instruction with it.
        found.append(own + found[-1] if operation == EXTENDED_ARG else own)
    return found[::-1]
