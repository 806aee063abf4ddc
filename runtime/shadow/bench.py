"""The two workers of a trial, and what may be asked of them."""

import dataclasses
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from selfsame.runtime.link.wire import Message
from selfsame.runtime.shadow.outcome import Outcome
from selfsame.runtime.shadow.process import Worker, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.records import Weight
from selfsame.runtime.shadow.request import Corpus, Reach, TrialRequest
from selfsame.runtime.shadow.sandbox import Layer, Limits, lacking
from selfsame.runtime.shadow.scope import Scope
from selfsame.runtime.shadow.symbolic import Found

Name = Literal["original", "variation"]
Input = tuple[Literal["captured", "amplified"], int]
NAMES: tuple[Name, Name] = ("original", "variation")
START_S = 30.0
LOAD_S = 60.0
GRACE_S = 5.0
"""Wall time that a worker has beyond the CPU budget of a call: the host may be busy."""
CHUNK = 8 << 20
MOST_TWICE, USUALLY_TWICE, FEWEST_TWICE = 64, 16, 4
"""So many of the first inputs are called with again, to see what a side keeps of them: the most where
they are light, the fewest where they are heavy."""
LIGHT_NS, LIGHT_BYTES, HEAVY_NS = 500_000, 20_000, 10_000_000
RETAINED_PASSES = 4


class NodeRefused(Exception):
    """The node cannot be shadowed, whatever the variation; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What calls may take: CPU seconds each, and wall seconds for all of them.

    A variation gets a second and ``slower`` times what the original took: just before it, or by
    ``known_ns`` of each input where it is not called there. ``first`` calls are also looked at for
    changes of globals.
    """

    call_s: float
    deadline_s: float
    slower: float = 20.0
    first: bool = False
    known_ns: tuple[int, ...] = ()


class Bench:
    """One worker that runs the original, and one that runs both; each reloaded where it is lost.

    ``names`` may ask for one of them alone; with ``memory`` they may write memray's file, with ``symbolic``
    search by symbols.

    Use it as a context manager.
    """

    def __init__(
        self,
        request: TrialRequest,
        payloads: Sequence[bytes],
        cancel: threading.Event | None,
        memory: bool = False,
        names: Sequence[Name] = NAMES,
        symbolic: bool = False,
    ) -> None:
        self.request = request
        self._names = names
        self._payloads = list(payloads)
        self._spent_ns = dict(request.captured)
        self._cancel = cancel
        cpu = int(request.budget_s * 2) + 10
        # memray's file: made and removed here, because a worker may do neither.
        self._scratch = tempfile.TemporaryDirectory(prefix="selfsame-") if memory else None
        scratch = self._scratch.name if self._scratch else ""
        self._limits = Limits(request.memory_bytes, cpu, scratch, symbolic)
        self._workers: dict[Name, Worker] = {}

    def __enter__(self) -> "Bench":
        try:
            for name in self._names:
                self._launch(name)
            for name in self._names:
                self._load(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.kill("closed")
        if self._scratch:
            self._scratch.cleanup()

    @property
    def layers(self) -> list[Layer]:
        """What encloses the workers."""
        return self._workers["original"].layers

    def restart(self, name: Name) -> None:
        """Put a new worker in the place of a lost one. Raises as entering does."""
        self._workers[name].kill("closed")
        self._launch(name)
        self._load(name)

    def _launch(self, name: Name) -> None:
        request = self.request
        self._workers[name] = Worker.launch(self._limits, request.optimize, request.cwd, name)

    def _load(self, name: Name) -> None:
        request = self.request
        worker = self._workers[name]
        worker.greet(START_S, self._cancel)
        if missing := lacking(worker.layers):
            raise NodeRefused(missing)
        message: Message = {
            "t": "load",
            "target": _fields(request.target),
            "other": _fields(request.other) if request.other else None,
            "beside": [dataclasses.asdict(home) for home in request.beside],
            "sys_path": list(request.sys_path),
            "code": request.code,
            "constants": [dataclasses.astuple(c) for c in request.constants],
            "seed": request.content_hash,
            "near": request.near,
            "lazily": request.lazily,
            "outside": [tuple(row) for row in request.outside],
            "outgoing": request.outgoing,
            "watched": request.watched,
        }
        try:
            worker.ask(message, LOAD_S, self._cancel)
        except WorkerFailed as error:
            if error.about == "variation":
                raise
            raise NodeRefused(str(error)) from None
        except WorkerLost as error:
            raise NodeRefused(f"importing {request.module}: the worker {error}") from None
        self._give(worker, self._payloads)

    def add(self, payloads: Sequence[bytes]) -> int:
        """More inputs for both workers; their numbers follow those that are there, from the answer."""
        first = len(self._payloads)
        self._payloads += payloads
        for worker in self._workers.values():
            self._give(worker, payloads)
        return first

    def _give(self, worker: Worker, payloads: Sequence[bytes]) -> None:
        chunk: list[bytes] = []
        held = 0
        for payload in payloads:
            chunk.append(payload)
            held += len(payload)
            if held > CHUNK:
                worker.ask({"t": "inputs", "payloads": chunk}, LOAD_S, self._cancel)
                chunk, held = [], 0
        worker.ask({"t": "inputs", "payloads": chunk}, LOAD_S, self._cancel)

    def twice(self, which: Input) -> bool:
        """Whether sides are called with an input again."""
        kind, number = which
        return kind == "captured" and number < self._most_twice(self._payloads[number])

    def _most_twice(self, payload: bytes) -> int:
        spent_ns = self._spent_ns.get(payload, 0)
        if spent_ns > HEAVY_NS:
            return FEWEST_TWICE
        light = len(payload) <= LIGHT_BYTES and spent_ns <= LIGHT_NS
        return MOST_TWICE if light else USUALLY_TWICE

    def size(self, which: Input) -> int:
        """Bytes of a captured input."""
        return len(self._payloads[which[1]]) if which[0] == "captured" else 0

    def invent(self, count: int, seconds: float) -> Message:
        """Calls made for the original: the fields of `selfsame.runtime.shadow.invent.Invented`."""
        message = {"t": "invent", "count": count, "seconds": seconds}
        return self._workers["original"].ask(message, 2 * seconds + LOAD_S, self._cancel)

    def explore(
        self, seconds: float, most: int, names: Sequence[Name] = NAMES
    ) -> tuple[list[bytes], set[Name]]:
        """Payloads that take new ways through the code of sides, found by both at once.

        And the sides for which a long search in the end found no more.
        """
        asked = [(name, self._workers[name]) for name in names]
        exhausted: set[Name] = set()
        for name, worker in asked:
            message = {"t": "explore", "side": name, "seconds": seconds, "most": most}
            worker.send(message, LOAD_S)
        found: dict[bytes, None] = {}
        for name, worker in asked:
            try:
                reply = worker.answer(2 * seconds + GRACE_S, self._cancel)
                found.update(dict.fromkeys(reply["payloads"]))
                exhausted.update([name] if reply["exhausted"] else [])
            except WorkerFailed:  # nothing was found there; comparing goes on
                continue
            except WorkerLost:
                self.restart(name)
        return list(found), exhausted

    def reach(self, name: Name, seconds: float, most: int, corpus: Corpus) -> Reach:
        """Which places of a side, that the other has no like of, inputs reached.

        What ``corpus`` knows of places of the original is not looked for again.
        """
        known = corpus.known if name == "original" else {}
        message = {
            "t": "reach",
            "side": name,
            "seconds": seconds,
            "most": most,
            "known": tuple(known),
            "given_up": tuple(corpus.given_up) if name == "original" else (),
        }
        reply = self._workers[name].ask(message, 2 * seconds + LOAD_S, self._cancel)
        made: dict[int, bytes] = reply["made"]
        reached = {
            place: made.get(number) or self._payloads[number] for place, number in reply["reached"]
        }
        wanted = frozenset(reply["wanted"])
        missed = frozenset(reply["missed"])
        reached = dict(known) | reached
        return Reach(wanted, missed, reached, tuple(made.values()), frozenset(reply["unvaried"]))

    def blind(self, near: Sequence[bytes], seconds: float) -> tuple[list[int], list[bytes]]:
        """Lines of the original that the other changes, and where no input shows what they do.

        And the inputs that show what the others do. ``seconds`` of CPU time are spent on it at most.
        """
        message = {"t": "blind", "near": tuple(near), "seconds": seconds}
        reply = self._workers["original"].ask(message, 4 * seconds + LOAD_S, self._cancel)
        return sorted(set(reply["lines"])), list(reply["showing"])

    def around(self, payloads: Sequence[bytes], each: int, swept: Sequence[bytes]) -> list[bytes]:
        """Mutations of single inputs, ``each`` of every one, and sweeps of some."""
        message = {"t": "around", "payloads": tuple(payloads), "each": each, "swept": tuple(swept)}
        found: list[bytes] = self._workers["variation"].ask(message, LOAD_S, self._cancel)["made"]
        return found

    def scope(self, most: int) -> Scope:
        """Every input of the largest space with at most ``most``, by the types of those that are here."""
        message = {"t": "scope", "most": most}
        reply = self._workers["original"].ask(message, LOAD_S, self._cancel)
        return Scope(tuple(reply["payloads"]), reply["told"], reply["reason"])

    def search(self, seconds: float, deadline_s: float) -> Found:
        """Go on with a search by symbols, for so many CPU seconds. Raises WorkerFailed or WorkerLost.

        A worker that has not answered after ``deadline_s`` is ended.
        """
        message = {"t": "search", "seconds": seconds}
        reply = self._workers["variation"].ask(message, deadline_s + GRACE_S, self._cancel)
        return Found(**{key: value for key, value in reply.items() if key != "t"})

    def stay(self, payloads: Sequence[bytes], most: int, seconds: float) -> list[bytes]:
        """Mutations of inputs, of ``most`` at most, that come where the two sides differ."""
        message = {"t": "stay", "payloads": tuple(payloads), "most": most, "seconds": seconds}
        found: list[bytes] = self._workers["variation"].ask(
            message, 4 * seconds + LOAD_S, self._cancel
        )["made"]
        return found

    def calls(
        self, name: Name, sides: Sequence[Name], inputs: Sequence[Input], how: "Budget"
    ) -> list[list[Outcome]]:
        """For each input the outcomes of its sides; fewer where one is late, flagged or refused.

        After a late one the rest of the inputs is left for another message. Raises WorkerLost.
        """
        message = {
            "t": "calls",
            "sides": tuple(sides),
            "inputs": tuple(inputs),
            "budget_s": how.call_s,
            "slower": how.slower,
            "known": how.known_ns or (0,) * len(inputs),
            "tolerance": dataclasses.astuple(self.request.tolerance),
            "first": how.first,
            "twice": tuple(filter(self.twice, inputs)),
        }
        reply = self._workers[name].ask(message, how.deadline_s + GRACE_S, self._cancel)
        return [[Outcome(*row) for row in turn] for turn in reply["outcomes"]]

    def time(
        self, name: Name, which: Input, order: Sequence[Name], calls: int, warm: bool, each_s: float
    ) -> list[int]:
        """Thread CPU nanoseconds of each side in ``order``; a call may take ``each_s`` seconds."""
        return self.time_all(name, [(which, calls, warm)], order, each_s)[0]

    def time_all(
        self,
        name: Name,
        timed: Sequence[tuple[Input, int, bool]],
        order: Sequence[Name],
        each_s: float,
    ) -> list[list[int]]:
        """As `time`, for several inputs in one message, each with its calls and whether one warms up."""
        message = {"t": "time", "timed": tuple(timed), "order": tuple(order)}
        deadline = len(order) * sum(calls + warm for _, calls, warm in timed) * each_s + GRACE_S
        reply = self._workers[name].ask(message, deadline, self._cancel)
        spent: list[list[int]] = reply["nanoseconds"]
        return spent

    def follow(
        self,
        name: Name,
        numbers: Sequence[int],
        order: Sequence[Name],
        each: bool,
        deadline_s: float,
    ) -> tuple[list[list[int]], int, list[tuple[int, int, int]]]:
        """Both sides over captured inputs in the order of ``numbers``, from nothing kept.

        Nanoseconds by side, how many calls the variation did not answer from what it kept, and
        what it kept: results, bytes, and how many it may.
        """
        message = {"t": "follow", "numbers": tuple(numbers), "order": tuple(order), "each": each}
        reply = self._workers[name].ask(message, deadline_s + GRACE_S, self._cancel)
        return reply["nanoseconds"], reply["missed"], [tuple(row) for row in reply["kept"]]

    def memory(self, name: Name, which: Input, each_s: float, counted: bool = False) -> Weight:
        """What one call of the side that the worker is named after allocates."""
        message = {"t": "memory", "input": which, "side": name, "counted": counted}
        reply = self._workers[name].ask(message, each_s + GRACE_S, self._cancel)
        return Weight(reply["bytes"], reply["allocations"])

    def retained(self, name: Name, number: int, each_s: float, least: float) -> int:
        """Bytes that stay after a pass of the side over the first ``number`` captured inputs.

        The fewest of several passes; after one with fewer than ``least`` it is not looked further.
        """
        message = {"t": "retained", "number": number, "side": name, "least": least}
        deadline = RETAINED_PASSES * number * each_s + GRACE_S
        kept: int = self._workers[name].ask(message, deadline, self._cancel)["bytes"]
        return kept

    def describe(self, which: Input, budget_s: float, variation: str = "") -> str:
        """A counterexample as types and sizes: the input, and what each side makes of it.

        ``variation`` says how that side ended where it is better not called again.
        """
        received, original = self._described("original", which, budget_s)
        if not variation:
            received, variation = self._described("variation", which, budget_s)
        return f"{received}: the original {original}, the variation {variation}"

    def _described(self, name: Name, which: Input, budget_s: float) -> tuple[str, str]:
        message = {"t": "describe", "input": which, "side": name, "budget_s": budget_s}
        try:
            reply = self._workers[name].ask(message, budget_s + GRACE_S, self._cancel)
        except (WorkerLost, WorkerFailed) as error:
            return "(?)", str(error)
        return reply["input"], reply["ended"]


def _fields(target: object) -> Message:
    fields = dataclasses.asdict(target)  # type: ignore[call-overload]
    return {**fields, "key": tuple(fields["key"])}


def remaining(deadline: float) -> float:
    """Seconds until ``deadline`` on the monotonic clock, at least 0."""
    return max(0.0, deadline - time.monotonic())
