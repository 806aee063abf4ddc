"""Where the time goes: which code the program's threads are in, look by look.

The looks are taken by ``looks`` (compiled, without the interpreter). Where that is missing or the
system refuses it, this thread looks at each of its ticks: then it sees a busy program only where
that gives the interpreter up, after a call, at a jump back or at the start of a function.
"""

from __future__ import annotations

import sys
from _thread import get_native_id
from time import clock_gettime_ns, monotonic_ns, process_time_ns, thread_time_ns
from types import FunctionType

from selfsame.runtime.agent import backend, turns
from selfsame.runtime.agent.functions import key_of
from selfsame.runtime.agent.swap import placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType, FrameType, ModuleType

    from selfsame.runtime.agent.registry import Registry
    from selfsame.runtime.agent.swap import Key
    from selfsame.runtime.link.wire import Message

INTERVAL_S = 0.01
BUDGET = 0.002  # of the program's processor time, for the looks
PYTHON, NATIVE, WAITING = 0, 1, 2
OWN, TOTAL, C, WAITED = 0, 1, 2, 3  # the columns of a row
DEEPEST = 100
MOST_FOREIGN = 4096
GIL_WAIT_S = 0.002  # who wakes later than this waited for a thread that runs Python
# A thread that is asked for the interpreter inside a C call gives it up when the call ends. Where
# that is at once, it was a short call in a Python loop (`len`, `append`): its time is the loop's.
LONG_CALL_S = 0.001
MOST_INTERVALS = 20.0
IDLE = 0.02  # a thread that used less of the time than this was waiting


def _calls() -> frozenset[int]:
    from opcode import opmap

    names = ("PRECALL", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "CALL_METHOD")
    return frozenset(opmap[name] for name in names if name in opmap)


class Sampler:
    """Adds up looks; ``message`` gives the sums since the last one.

    Where this thread looks itself and several threads share the interpreter, a look is divided
    among them by the CPU that each used, so numbers may have fractions.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.tick_s = 0.0  # what one tick of the agent's thread cost on average, seconds of CPU
        self._is_call = _calls()
        self._foreign: dict[int, CodeType] = {}
        self._ours: set[int] = set()  # selfsame's own code, which is never dropped
        self._modules = 0
        self._walked: set[str] = set()  # the modules of selfsame's that these are of
        self.looking = False
        self.looks_here = False  # at each tick, because nothing else can
        self._cpu: dict[int, int] = {}
        self._at = monotonic_ns()
        self._clear()
        self._began = self._at
        self._process = process_time_ns()
        self._agent = 0
        self._cost = (0, 0.0)
        self._thread = thread_time_ns()

    def begin(self) -> None:
        """Called by the agent's thread when it begins: from here its own time is counted."""
        self._thread = thread_time_ns()

    def tick(self, late_s: float, handed: bool = False) -> None:
        """See that looks are taken.

        ``late_s`` is how much later than asked this thread woke up; ``handed``, that a thread which ran Python
        handed the interpreter over.
        """
        spent = thread_time_ns()
        self._agent += spent - self._thread
        self._thread = spent
        self._ticks += 1
        if not self.looking and not self.looks_here:
            self.looking = backend.looks_start(INTERVAL_S, BUDGET, get_native_id())
            self.looks_here = not self.looking
        if self.looks_here:
            self.n += 1
            self._look_here(late_s, handed)

    def end(self) -> None:
        """No further looks, also for the kernel; ``tick`` begins again."""
        if self.looking:
            backend.looks_stop()
            self.looking = False

    def forget(self) -> None:
        """Leave out what was seen since the last message: the program was slowed down."""
        backend.looks_take()
        self._clear()

    def message(self) -> Message:
        """The ``samples`` message, and a new beginning."""
        if not self.looks_here:
            self._take()
        now, process, agent_cpu = monotonic_ns(), process_time_ns(), self._agent
        self.tick_s = agent_cpu / 1e9 / max(1, self._ticks)
        count, seconds = backend.looks_cost()
        if not self.looks_here:
            self.n = count - self._cost[0]
        agent_cpu += int((seconds - self._cost[1]) * 1e9)
        self._cost = (count, seconds)
        found = {
            "t": "samples",
            "span": (now - self._began) / 1e9,
            "cpu": max(0, process - self._process - agent_cpu) / 1e9,
            "agent_cpu": agent_cpu / 1e9,
            "n": self.n,
            "rows": [(key, *(round(n, 3) for n in row)) for key, row in self.rows.items()],
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
        self._ticks: int = 0
        self.python: float = 0.0
        self.native: float = 0.0
        self.waiting: float = 0.0
        self.foreign: float = 0.0
        self.rows: dict[Key, list[float]] = {}

    def _take(self) -> None:
        """Add up what ``looks`` saw."""
        taken = backend.looks_take()
        if not taken:
            return
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            self._learn_ours()
        known, foreign = self.registry.codes, self._foreign
        if any(
            number not in known and number not in foreign and number not in placed
            for _, _, numbers in taken
            for number in numbers
        ):
            self._learn()
        for state, weight, numbers in taken:
            if numbers and numbers[0] in self._ours:
                continue  # calls are being captured: that is not the program's time
            stack = []
            for number in numbers:
                entry = known.get(number) or placed.get(number)
                stack.append((True, entry[1]) if entry is not None else (False, None))
            self._add(state, weight, stack)
            turns.give()
        for number, (code, key) in list(placed.items()):
            slot = self.registry.slots.get(key) if key is not None else None
            if slot is None or not slot.holds(code):
                placed.pop(number, None)
            turns.give()

    def _learn_ours(self) -> None:
        """The code of selfsame's modules that came since the last time."""
        for name, module in list(sys.modules.items()):
            if name.startswith("selfsame.") and name not in self._walked:
                self._walked.add(name)
                self._ours.update(_code_of(module))

    def _learn(self) -> None:
        """Whose code is on a stack now: bodies of modules, and what is not the user's."""
        foreign = self._foreign
        if len(foreign) > MOST_FOREIGN:
            foreign.clear()
        known, files = self.registry.codes, self.registry.files
        for frame in backend.frames().values():
            at: FrameType | None = frame
            for _ in range(DEEPEST):
                if at is None:
                    break
                code = at.f_code
                if id(code) not in known and id(code) not in foreign and id(code) not in placed:
                    name = files.get(code.co_filename)
                    if name is None:
                        foreign[id(code)] = code
                    else:
                        self.registry.know(name, code)
                at = at.f_back

    def _add(self, state: int, weight: float, stack: Iterable[tuple[bool, Key | None]]) -> None:
        """One stack, the innermost code first: whether each is the user's, and its key.

        A comprehension has no key: its time is that of the function around it.
        """
        rows = self.rows
        leaf: bool | None = None
        charged: Key | None = None
        column = WAITED
        seen: set[Key] = set()
        for mine, key in stack:
            if leaf is None:
                leaf = mine
            if key is None or key in seen:
                continue
            seen.add(key)
            row = rows.get(key)
            if row is None:
                row = rows[key] = [0.0, 0.0, 0.0, 0.0]
            if charged is None:
                charged = key
                if state != WAITING:
                    column = OWN if state == PYTHON and leaf else C
                row[column] += weight
            if state != WAITING:
                row[TOTAL] += weight
        if state == WAITING:
            self.waiting += weight
        elif state == NATIVE:
            self.native += weight
        elif leaf:
            self.python += weight
        else:
            self.foreign += weight

    def _look_here(self, late_s: float, handed: bool) -> None:
        """Take one look in this thread."""
        now = monotonic_ns()
        span = max(1, now - self._at)
        many = min(MOST_INTERVALS, span / 1e9 / INTERVAL_S)  # it stands for so many
        self._at = now
        frames = backend.frames()
        used = self._used(frames, span)
        contended = handed or late_s > GIL_WAIT_S
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
            stack = self._stack(frame)
            if weight < 1.0 and (not share or not contended):
                self._add(WAITING, (1.0 - weight) * many, stack)
            if weight:
                state = NATIVE if at_call and (not contended or late_s > held) else PYTHON
                self._add(state, weight * many, stack)
        del frames

    def _used(self, frames: dict[int, FrameType], span: int) -> dict[int, float]:
        """The share of the time since the last look that each thread was on a processor."""
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

    def _stack(self, frame: FrameType) -> Sequence[tuple[bool, Key | None]]:
        files = self.registry.files
        found: list[tuple[bool, Key | None]] = []
        at: FrameType | None = frame
        for _ in range(DEEPEST):
            if at is None:
                break
            code = at.f_code
            name = files.get(code.co_filename)
            found.append((name is not None, key_of(name, code) if name is not None else None))
            at = at.f_back
        return found


def _code_of(module: ModuleType) -> Iterator[int]:
    """The ids of the code objects of a module of selfsame's: captured calls run some."""
    for value in list(getattr(module, "__dict__", {}).values()):
        members = list(vars(value).values()) if isinstance(value, type) else [value]
        for member in members:
            function = member.fget if isinstance(member, property) else member
            function = getattr(function, "__func__", function)
            if type(function) is FunctionType:
                yield id(function.__code__)
        turns.give()
