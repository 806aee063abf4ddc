"""Where the time goes: at each tick, which frames the other threads stand in.

A thread that gave the interpreter up for the sample stands at one of a few instructions: after a
call, at a jump back, at the start of a function. After a long call the time is the C function's.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from time import clock_gettime_ns, monotonic_ns, process_time_ns, thread_time_ns

from selfsame.runtime.agent import backend
from selfsame.runtime.agent.functions import COMPREHENSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType

    from selfsame.runtime.agent.swap import Key
    from selfsame.runtime.link.wire import Message

DEEPEST = 100
GIL_WAIT_S = 0.002  # who wakes later than this waited for a thread that runs Python
# A thread that is asked for the interpreter inside a C call gives it up when the call ends. Where
# that is at once, it was a short call in a Python loop (`len`, `append`): its time is the loop's.
LONG_CALL_S = 0.001
IDLE = 0.02  # a thread that used less of the time than this was waiting


def _calls() -> frozenset[int]:
    from opcode import opmap

    names = ("PRECALL", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "CALL_METHOD")
    return frozenset(opmap[name] for name in names if name in opmap)


class Sampler:
    """Adds up samples; ``message`` gives the sums since the last one.

    ``files`` maps the user's files to module names. Where several threads share the interpreter, a
    sample is divided among them by the CPU that each used, so numbers may have fractions.
    """

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self._is_call = _calls()
        self._cpu: dict[int, int] = {}
        self._at = monotonic_ns()
        self._clear()
        self._began = self._at
        self._process = process_time_ns()
        self._agent = 0
        self.begin()

    def begin(self) -> None:
        """Called by the agent's thread when it begins: from here its own time is counted."""
        self._thread = thread_time_ns()

    def sample(self, late_s: float) -> None:
        """Take one sample. ``late_s`` is how much later than asked for this thread woke up."""
        spent = thread_time_ns()
        self._agent += spent - self._thread
        self._thread = spent
        now = monotonic_ns()
        span = max(1, now - self._at)
        self._at = now
        frames = backend.frames()
        me = get_ident()
        frames.pop(me, None)
        used = self._used(frames, span)
        self.n += 1
        contended = late_s > GIL_WAIT_S
        held = sys.getswitchinterval() + LONG_CALL_S
        running = {t: share for t, share in used.items() if share >= IDLE}
        total = sum(running.values())
        for thread, frame in frames.items():
            share = running.get(thread, 0.0)
            at_call = self._at_call(frame)
            if not share:
                weight = 0.0
            elif contended or not at_call:
                weight = share / total
            else:
                # Nobody held the interpreter: this thread is inside C code that had given it up.
                weight = share if share > 0.5 else 0.0
            if weight < 1.0 and (not share or not contended):
                self.waiting += 1.0 - weight
            if weight:
                self._charge(frame, weight, at_call and (not contended or late_s > held))
        del frames

    def message(self) -> Message:
        """The ``samples`` message, and a new beginning."""
        now, process, agent_cpu = monotonic_ns(), process_time_ns(), self._agent
        found = {
            "t": "samples",
            "span": (now - self._began) / 1e9,
            "cpu": max(0, process - self._process - agent_cpu) / 1e9,
            "agent_cpu": agent_cpu / 1e9,
            "n": self.n,
            "rows": [
                (key, round(own, 3), round(total, 3), round(native, 3))
                for key, (own, total, native) in self.rows.items()
            ],
            "python": round(self.python, 3),
            "native": round(self.native, 3),
            "waiting": round(self.waiting, 3),
            "foreign": round(self.foreign, 3),
        }
        self._began, self._process, self._agent = now, process, 0
        self._clear()
        return found

    def _clear(self) -> None:
        self.n = 0
        self.python = self.native = self.waiting = self.foreign = 0.0
        self.rows: dict[Key, list[float]] = {}

    def _used(self, frames: dict[int, FrameType], span: int) -> dict[int, float]:
        """The share of the time since the last sample that each thread was on a processor."""
        known = backend.native_threads()
        last, self._cpu = self._cpu, {}
        used = {}
        for thread in frames:
            number = known.get(thread)
            if number is None:
                used[thread] = 1.0
                continue
            try:
                # The kernel's clock of a thread by number: it fails where the thread has ended,
                # which pthread_getcpuclockid does not.
                spent = clock_gettime_ns(~number << 3 | 6)
            except OSError:
                used[thread] = 0.0
                continue
            self._cpu[number] = spent
            used[thread] = min(1.0, (spent - last.get(number, spent)) / span)
        return used

    def _at_call(self, frame: FrameType) -> bool:
        code, at = frame.f_code.co_code, frame.f_lasti
        return 0 <= at < len(code) and code[at] in self._is_call

    def _charge(self, frame: FrameType, weight: float, at_call: bool) -> None:
        files = self.files
        top = True
        innermost = True
        seen: set[Key] = set()
        at: FrameType | None = frame
        mine = frame.f_code.co_filename in files
        if at_call:
            self.native += weight
        elif mine:
            self.python += weight
        else:
            self.foreign += weight
        for _ in range(DEEPEST):
            if at is None:
                return
            code = at.f_code
            name = files.get(code.co_filename)
            if name is None:
                top = False
            elif code.co_name not in COMPREHENSIONS:
                key = self._key(name, code)
                row = self.rows.get(key)
                if row is None:
                    row = self.rows[key] = [0.0, 0.0, 0.0]
                if innermost:
                    row[0 if top and not at_call else 2] += weight
                    innermost = False
                if key not in seen:
                    seen.add(key)
                    row[1] += weight
            at = at.f_back

    def _key(self, module: str, code: CodeType) -> Key:
        return (module, code.co_qualname, code.co_firstlineno)
