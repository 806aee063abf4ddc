"""Windows: for a while a function runs its probed twin: its calls are timed, captured or looked at."""

from __future__ import annotations

from marshal import loads

from selfsame.runtime.agent import memo, turns
from selfsame.runtime.agent.backend import tools
from selfsame.runtime.agent.codes import callees, parameters, patch, placeholders
from selfsame.runtime.agent.handlers import raised_by_program
from selfsame.runtime.agent.noise import Machine
from selfsame.runtime.agent.recorder import PASSES, Counter, Probe
from selfsame.runtime.agent.relied import Relied, rows_of
from selfsame.runtime.agent.swap import Refused, lock
from selfsame.runtime.link.wire import pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType
    from typing import Any, TypeAlias

    from selfsame.runtime.agent.capture import Capture
    from selfsame.runtime.agent.hearing import Hearing
    from selfsame.runtime.agent.memory import Weigher
    from selfsame.runtime.agent.outlined import Outlined
    from selfsame.runtime.agent.registry import Registry
    from selfsame.runtime.agent.rewrites import Rewrites
    from selfsame.runtime.agent.shapes import Shapes
    from selfsame.runtime.agent.swap import Key, Slot
    from selfsame.runtime.link.wire import Message

    Taker: TypeAlias = Capture | Shapes

ENTER, LEAVE = "\0selfsame:enter", "\0selfsame:leave"


class Window:
    """One window on one function. ``closed`` says why it was closed; it is empty while open."""

    def __init__(self, slot: Slot, message: Message, now: float) -> None:
        self.slot = slot
        self.key = slot.key
        self.kind = str(message["kind"])
        self.ends = now + float(message.get("max_s", 30.0))
        self.rewrite = str(message.get("rewrite", ""))
        self.address = str(message.get("address", ""))
        self.slice = bool(message.get("slice"))  # a canary's: the original runs beneath
        self.closed = ""
        self.relied: Relied | None = None
        self.deopts = Counter()
        calls = int(message.get("calls", 0))
        self.probe = Probe(calls, self.full)
        self.inner = {
            str(address): Probe(PASSES * calls, self.full, number)
            for number, address in enumerate(message.get("inner", ()), 1)
        }
        self.capture: Capture | None = None
        self.shapes: Shapes | None = None
        self.weigher: Weigher | None = None
        self.waited = (0, 0)
        self.code = loads(message["code"])

    def full(self) -> None:
        """Called in the program after the last call, and where the last one of those begins that may
        be suspended: hardly waits, and raises nothing of ours.
        """
        try:
            if not lock.locked():
                with lock:  # no handler of a signal comes between: what is taken is given back
                    if self.weigher is not None or self.probe.closed:
                        self.close("cost" if self.costs() else "calls")
                    elif refused := self._put_back():  # else those in progress are still recorded
                        self.close(refused)
        except Exception as error:  # still open, over its limit: the agent's next tick closes it
            if raised_by_program(error):
                raise

    def enough(self) -> bool:
        """Whether the function, or something in it, had all the calls that it is to have."""
        probe = self.probe
        within = any(inner.closed for inner in self.inner.values())
        return bool(probe.closed or within or 0 < probe.limit <= probe.calls)

    def costs(self) -> bool:
        """Whether looking at calls took as much of the program's time as it may, and those have ended."""
        taker = self.probe.taker
        return taker is not None and taker.full and not taker.pending

    def close(self, reason: str) -> None:
        """Put back what ran before. Call with the lock held."""
        if self.closed:
            return
        for probe in (self.probe, *self.inner.values()):
            probe.close()
            # Windows come and go: in a cycle each would be garbage that the program's collector finds.
            probe.on_close = None
        if self.weigher is not None:
            self.weigher.on_close = None
        self.closed = self._put_back() or reason

    def _put_back(self) -> str:
        """Have new calls run what ran before; the reason where another tool's code is there."""
        if self.slot.window == self.make:
            self.slot.window = None
            try:
                self.slot.apply()
            except Refused as refused:
                return str(refused)
        return ""

    def mapping(self, rewrite: dict[str, object]) -> dict[str, object]:
        """What stands in for the placeholders of the twin."""
        if self.weigher is not None:
            return {**rewrite, ENTER: self.weigher.enter, LEAVE: self.weigher.leave}
        return {**rewrite, **callees(self.probe, list(self.inner.values()))}

    def make(self, plain: CodeType) -> CodeType:
        """The twin for one plain code object."""
        code = patch(self.code, self._mapping, None if self.rewrite else plain)
        left = placeholders(code)
        if left:
            raise Refused(f"the twin has placeholders without a meaning: {sorted(left)}")
        if not self.rewrite and code.co_filename != plain.co_filename:
            code = code.replace(co_filename=plain.co_filename)
        return code

    def prepare(self, rewrite: dict[str, object]) -> None:
        """Fix what the placeholders mean, before the twin is put in."""
        self._mapping = self.mapping(rewrite)


class Windows:
    """All open windows; ``send`` gets the messages of those that closed."""

    def __init__(
        self, registry: Registry, rewrites: Rewrites, send: Callable[[Message], None]
    ) -> None:
        self.registry = registry
        self.rewrites = rewrites
        self.send = send
        self.open: dict[Key, Window] = {}
        self.machine = Machine()
        self.weighed = False  # since the last report: its looks do not count
        self.outlined: Outlined | None = None

    def begin(self, message: Message, now: float) -> None:
        """Carry out an ``open`` message. What cannot be opened is closed at once, with why."""
        key: Key = tuple(message["key"])
        kind = message["kind"]
        try:
            self._begin(key, message, now)
        except Refused as refused:
            self.send(_empty(key, kind, str(refused)))

    def tick(self, now: float) -> None:
        """Close what is over, report what has closed."""
        if not self.open:
            return
        weighing = [w.weigher for w in self.open.values() if w.weigher and w.weigher.on]
        if weighing:  # its tracker is a profiler; nothing else is open
            weighing[0].tick()
            return
        tool = tools()
        if any(w.weigher is not None and w.weigher.started for w in self.open.values()):
            tool = ""
        for key, window in list(self.open.items()):
            if not window.closed:
                reason = ""
                if tool:
                    reason = f"stood aside: {tool}"
                elif window.relied is not None and (name := window.relied.broken()):
                    reason = f"it relied on {name}, which was bound anew here"
                    memo.forget(window.address)
                elif window.slot.foreign():
                    reason = "stood down: another tool changed its code"
                elif window.costs():
                    reason = "cost"
                elif window.enough():
                    reason = "calls"
                elif now >= window.ends:
                    reason = "time"
                if not reason:
                    continue
                with lock:
                    window.close(reason)
            # The slot may only hold its own codes from here on.
            window.slot.forget_made()
            del self.open[key]
            self._report(window)
            turns.give()

    def converge(self, nodes: Mapping[str, Mapping[str, Any]], off: bool) -> None:
        """Close the slices of rewrites that are not in canary any more."""
        for key, window in list(self.open.items()):
            named = (nodes.get(window.address) or {}).get("canary")
            if window.slice and (off or named != window.rewrite):
                self.close(key, "switched off" if off else "the orders name it no more")
        named = [a for a, node in nodes.items() if node.get("rewrite") or node.get("canary")]
        memo.keep_only(() if off else named)

    def close(self, key: Key, reason: str) -> None:
        """Close one window; what it saw is reported."""
        window = self.open.pop(key)
        if window.weigher is not None:
            window.weigher.stop(reason)
        with lock:
            window.close(reason)
        self._report(window)

    def close_all(self, reason: str) -> None:
        """Close every window; what they saw is reported."""
        for key in list(self.open):
            self.close(key, reason)

    def drop_all(self) -> None:
        """Close every window without a word: whoever asked for them is gone, or is the parent's."""
        for window in self.open.values():
            if window.weigher is not None:
                window.weigher.stop("fork")
            with lock:
                window.close("fork")
        self.open.clear()

    def weigh(self) -> bool:
        """Whether a memory window is open. From any thread."""
        return any(window.weigher is not None for window in list(self.open.values()))

    def stop_weighing(self, reason: str) -> None:
        """Give up the call that is being weighed, if one is. From any thread."""
        for window in list(self.open.values()):
            if window.weigher is not None:
                window.weigher.stop(reason)

    def _begin(self, key: Key, message: Message, now: float) -> None:
        if key in self.open:
            raise Refused("another window is open on it")
        slot = self.registry.slot(key)
        if slot is None:
            raise Refused("no such function in this process")
        if slot.stood_down:
            raise Refused(slot.stood_down)
        if not slot.live():
            raise Refused("no live function object can be reached")
        if self.weigh():
            raise Refused("a memory window is open")
        tool = tools()
        if tool:
            raise Refused(f"stood aside: {tool}")
        rewrite = str(message.get("rewrite", ""))
        running = self.rewrites.running(key)
        if rewrite != running and (running or not message.get("slice")):
            raise Refused(
                f"it runs the rewrite {running}" if running else f"it does not run {rewrite}"
            )
        window = Window(slot, message, now)
        if window.slice:
            window.relied = Relied(rows_of(message), self.registry)
        constants: dict[str, object] = {}
        if rewrite:
            constants = self.rewrites.constants(message["constants"], window.deopts)
        if window.relied is not None:
            memo.rely(window.address, window.relied.broken)
        if window.kind == "capture":
            # Only now: the pickler brings collections and functools with it.
            from selfsame.runtime.agent.capture import MOST_NS, Capture, Part

            part = None
            if message.get("attributes") is not None:
                classes = frozenset((str(m), str(n)) for m, n in message["classes"])
                part = Part(frozenset(map(str, message["attributes"])), classes)
            window.capture = Capture(
                [(str(m), str(n)) for m, n in message.get("globals", ())],
                int(message.get("budget", 64 * 1024)),
                self.registry,
                part,
                self._hearing(key, message),
                int(message.get("most_ns", MOST_NS)),
            )
            window.probe.taker = window.capture
            window.probe.rate = max(1, int(message.get("rate", 1)))
        if window.kind == "shape":
            # Only now, as above.
            from selfsame.runtime.agent.shapes import Shapes

            window.shapes = Shapes(parameters(slot.plain), self.registry)
            window.probe.taker = window.shapes
        if window.kind == "memory":
            # Only now: it is asked for where nothing else can measure memory.
            from selfsame.runtime.agent import memory

            self.close_all("a memory window opens")
            reason, pause_ns = memory.prepare()
            if reason:
                raise Refused(reason)
            window.weigher = memory.Weigher(str(message["path"]), window.full)
            window.weigher.pause_ns = pause_ns
        if window.kind == "time":
            window.waited = self.machine.waited()
        window.prepare(constants)
        with lock:
            slot.window = window.make
            try:
                slot.apply()
            except Refused:
                slot.window = None
                slot.restore()
                raise
            except Exception as error:
                slot.window = None
                raise Refused(f"its twin does not fit: {type(error).__name__}: {error}") from error
        self.open[key] = window

    def _hearing(self, key: Key, message: Message) -> Hearing | None:
        """What listens to the calls of outside functions in a capture window; None where none are known."""
        if not message.get("outside"):
            return None
        from selfsame.runtime.agent.hearing import Hearing

        known = self.registry.by_name.get(key[0])
        if known is None:
            raise Refused("its module is not there")
        functions = [(str(n), str(a), str(d)) for n, a, d in message["outside"]]
        return Hearing(functions, known.namespace)

    def _report(self, window: Window) -> None:
        seen = window.probe.snapshot()
        if self.outlined is not None and window.kind == "time" and not window.rewrite:
            reason = self.outlined.timed(window.key[1], seen)
            if reason:
                with lock:
                    window.slot.stand_down(reason)
                window.closed = window.slot.stood_down
        head = {"key": window.key, "closed": window.closed}
        if window.weigher is not None:
            self.weighed = True
            self.send(
                {
                    "t": "weighed",
                    **head,
                    "path": window.weigher.path if window.weigher.weighed else "",
                    "reason": window.weigher.reason,
                    "pause_ns": window.weigher.pause_ns,
                    "rewrite": window.rewrite,
                }
            )
            return
        if window.capture is not None:
            calls, nested = window.capture.calls()
            turns.give()
            for piece in pieces(payload for payload, _ in calls):
                self.send({"t": "piece", "data": piece})
                turns.give()
            self.send(
                {
                    "t": "captured",
                    **head,
                    "calls": [(len(payload), spent) for payload, spent in calls],
                    "nested": nested,
                    "refused": dict(window.capture.refused),
                    "seen": seen["calls"],
                    "passes": seen["passes"],
                    "spent_ns": window.capture.spent,
                }
            )
            return
        if window.shapes is not None:
            self.send({"t": "shaped", **head, **window.shapes.fields()})
            return
        canary, waited = self.machine.slowed(window.waited)
        noise = {"canary": canary, "waited": waited}
        inner = {address: probe.snapshot() for address, probe in window.inner.items()}
        passes = sum((probe.passes for probe in window.inner.values()), window.probe.passes)
        seen |= {"passes": passes, "inner": inner}
        self.send({"t": "window", "kind": window.kind, **noise, **head, **seen})
        if window.rewrite:
            self.send(
                {
                    "t": "deopts",
                    "address": window.address,
                    "rewrite": window.rewrite,
                    "deopts": window.deopts.count,
                    "calls": seen["calls"],
                }
            )


def _empty(key: Key, kind: str, reason: str) -> Message:
    if kind == "memory":
        return {
            "t": "weighed",
            "key": key,
            "closed": reason,
            "path": "",
            "reason": reason,
            "pause_ns": 0,
            "rewrite": "",
        }
    if kind == "capture":
        return {
            "t": "captured",
            "key": key,
            "calls": [],
            "nested": [],
            "refused": {},
            "seen": 0,
            "passes": 0,
            "spent_ns": 0,
            "closed": reason,
        }
    if kind == "shape":
        return {
            "t": "shaped",
            "key": key,
            "closed": reason,
            "calls": 0,
            "digested": 0,
            "repeats": 0,
            "parameters": [],
            "edges": [],
            "spent_ns": 0,
        }
    return {
        "t": "window",
        "kind": kind,
        "canary": 1.0,
        "waited": 1.0,
        "key": key,
        "closed": reason,
        **Probe().snapshot(),
        "inner": {},
    }
