"""The agent: one thread that samples, follows the control word, and does what the engine asks.

An error inside it is one line on stderr; the agent restores every function to its original code
and stops. The program is not told.
"""

from __future__ import annotations

import os
import sys
from time import monotonic, time

from selfsame.runtime.agent import backend, memo, recorder, turns
from selfsame.runtime.agent.connection import Connection
from selfsame.runtime.agent.control import Control
from selfsame.runtime.agent.forking import FORKED_S, LONGEST_QUIET_S, Forking
from selfsame.runtime.agent.functions import module_name
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.rewrites import Rewrites
from selfsame.runtime.agent.sampler import Sampler
from selfsame.runtime.agent.swap import lock
from selfsame.runtime.agent.thread import Thread
from selfsame.runtime.agent.windows import Windows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from selfsame.runtime.agent.outlined import Outlined
    from selfsame.runtime.agent.passive import Passive
    from selfsame.runtime.agent.swap import Key
    from selfsame.runtime.link.wire import Message

TICK_S = 0.02
ALONE_TICK_S = 0.1
RELAXED = 5  # an idle program is looked at this many times more rarely
SCAN_TICKS = 5
YOUNG_S = 2.0
NOTICED = 5  # a young program's news is noticed within this fraction of its age
BUDGET = 0.002  # of the program's processor time: ticks come more rarely where they cost more
LONGEST_TICK_S = 0.1
SENDING_S = 0.003  # a socket takes some 200 KB at once, captured calls are megabytes
LEAST_BUSY = 0.1  # a program that uses less of a processor does not miss what ticks take
STEADY_TICK_S = 0.2  # while no window is open
SAMPLES_S = 1.0
YOUNG_SAMPLES_S = 0.5
HELLO_WITHOUT_MAIN_S = 0.25
AT_EXIT_S = 0.2
LATE_AT_EXIT_S = 2.0
OPEN_S = 0.5  # from when on outlined loops are called: a shorter program has nothing to win
FORKS_S = 0.02  # the time between forks that follow each other is the program's own
FOLLOWING_S = 0.2


class Agent:
    """Everything selfsame is in the program's process. Made and started by ``boot``."""

    def __init__(self, link: dict[str, Any]) -> None:
        self.link = link
        self.registry = Registry([str(pattern) for pattern in link.get("include", ())])
        if link.get("socket"):
            backend.make_room()
        self.connection = Connection(str(link.get("socket") or ""))
        self.control = Control(str(link.get("store") or ""), bool(link.get("safe")))
        self.rewrites = Rewrites(self.registry, self.connection.send, self._close_window)
        self.windows = Windows(self.registry, self.rewrites, self.connection.send)
        self.sampler = Sampler(self.registry)
        self.passive: Passive | None = None
        if link.get("rewrites"):
            from selfsame.runtime.agent.passive import Passive

            self.passive = Passive(*link["rewrites"])
            if self.passive.problem:
                say(f"originals run: {self.passive.problem}")
        self.outside: set[str] = set()
        if link.get("outside"):
            from selfsame.runtime.agent import outside

            outside.watch(str(link.get("socket") or ""))
            self.outside = outside.seen
        if link.get("captures"):
            # Now: with all its files, an import beside a busy program takes long. A program that
            # is only watched is spared it.
            from selfsame.runtime.agent import capture, hearing, shapes  # noqa: F401
        self.outlined: Outlined | None = None
        if link.get("outlined") and os.getppid() == link["outlined"][2]:
            from selfsame.runtime.agent.outlined import Outlined

            self.outlined = Outlined(*link["outlined"][:2])
            self.outlined.begin()
            self.registry.outlined = self.outlined.functions
            self.windows.outlined = self.outlined
        self.thread = Thread(self._run)
        self.stopped = ""
        self._fresh()
        self._quiet_s = self._rested = 0.0
        busy = (self.windows.open, memo.memories)
        self._forking = Forking(self.thread, busy, self.rest, self.start, self._child)
        self._children = self._forking.children
        if link.get("roots"):
            self.registry.watch(list(link["roots"]), list(link.get("leave", ())))

    def start(self) -> None:
        """Start the thread, unless the agent has stopped for good."""
        if not self.stopped:
            recently = monotonic() - self._ticked < LONGEST_QUIET_S
            self.thread.start(self._quiet_s if recently else 0.0)

    def rest(self, seconds: float) -> bool:
        """End both threads; whether they ended within ``seconds``."""
        # A child would inherit a tracker that is switched off and a profiler that is not.
        self.windows.stop_weighing("the program forked or ended in it")
        ended = self.thread.stop(seconds)
        if ended:
            self.sampler.end()
            self._quiet_s = FORKS_S
            now, before = monotonic(), self._rested
            self._rested = now
            # Each child would have to close them. A handler may fork where its own thread has the lock.
            if now - before < FOLLOWING_S and not lock.locked():
                self.windows.close_all("time")
        return ended

    @property
    def _settled(self) -> bool:
        """Whether what is known here is this process's own: a child leaves it until it has lived a moment."""
        return self._children == self._forking.children

    def finish(self) -> None:
        """The interpreter ends: send what is there, say bye. Takes 0.2 s at most where the thread ends in time.

        On a busy machine it is waited for: what it holds of the program would stay, as `_let_go` says.
        """
        if not self.stopped:
            self.stopped = "the program ended"
            in_time = self.rest(AT_EXIT_S / 2)
            if not in_time and not self.rest(LATE_AT_EXIT_S):
                return
            if in_time and self._settled:
                try:
                    self._last_words()
                except Exception:  # the program has ended; there is nobody to tell
                    pass
        self._let_go()

    def _let_go(self) -> None:
        """Hold nothing of the program any more.

        The interpreter keeps the agent to its very end, and its collector does not see into it: what
        it holds would never be let go of, and files that the program left open would not be written.
        """
        if self.outlined is not None:
            self.outlined.end()
        self._restore()
        self.registry.forget()

    def _restore(self) -> None:
        """Have the originals run."""
        for slot in list(self.registry.slots.values()):
            try:
                slot.window = slot.rewrite = None
                slot.restore()
            except Exception:  # the next one may still be restored
                continue

    def snapshot(self) -> dict[str, Any]:
        """What is known here, for programs without an engine: functions, windows, rewrites."""
        return {
            "modules": sorted(self.registry.by_name),
            "functions": sorted(self.registry.slots),
            "windows": {key: w.probe.snapshot() for key, w in list(self.windows.open.items())},
            "rewrites": {a: r.id for a, r in list(self.rewrites.installed.items())},
            "stopped": self.stopped,
        }

    def _fresh(self) -> None:
        """The state that a process begins with."""
        self._began = monotonic()
        self._tick_s = TICK_S
        self._ticks = 0
        self._told = 0
        self._greeted: tuple[str | None, str | None] | None = None
        self._path: list[str] = []
        self._samples_due = self._began + YOUNG_SAMPLES_S
        self._idle = False
        self._cost_s = 0.0
        self._ticked = self._began

    def _child(self) -> None:
        """After a fork, in the child: no windows; rewrites stay in.

        The rest is left until it has lived a moment: what is shared with the parent is copied when it
        is written to, page by page.
        """
        memo.forked()
        self.thread.forget()
        if self.sampler.looking:
            backend.looks_forget()
        if self.windows.open:
            self.windows.drop_all()
        self._ticked = monotonic()
        self._quiet_s = FORKED_S

    def _settle(self) -> None:
        """In a child that has lived a moment: what it knows is its own, and so is its connection."""
        self._children = self._forking.children
        self.thread.grown()
        backend.looks_forget()
        self.connection.drop()
        self.connection.__init__(self.connection.path)  # type: ignore[misc]
        self.registry.all_again()
        self.sampler.__init__(self.registry)  # type: ignore[misc]
        self._fresh()

    # the thread

    def _run(self) -> None:
        calibrated = False
        asked = 0.0
        due = monotonic()
        try:
            if not self._settled:
                self._settle()
            self.sampler.begin()
            while True:
                if not self.connection.up:
                    self.sampler.end()
                late = max(0.0, monotonic() - due) if asked else 0.0
                self._tick(late, self.thread.handed)
                calibrated = calibrated or recorder.calibrate()
                if self.stopped:
                    return
                asked = self._pause()
                due = monotonic() + asked
                if self._wait(asked):
                    return
        except Exception as error:
            self._fail(error)

    def _wait(self, seconds: float) -> bool:
        """Until the next tick, sending what is left; True where the thread is to end."""
        end, step, connection = monotonic() + seconds, SENDING_S, self.connection
        while (left := connection.unsent) and end - monotonic() > step:
            if self.thread.pause(step):
                return True
            connection.flush()
            # An engine that is stopped is not asked hundreds of times a second.
            step = SENDING_S if connection.unsent < left else 2 * step
        return self.thread.pause(max(0.0, end - monotonic()))

    def _pause(self) -> float:
        """Jittered, so that what the program does in step with it is seen too."""
        tick = self._tick_s if self.connection.up else max(self._tick_s, ALONE_TICK_S)
        age = monotonic() - self._began
        if age < YOUNG_S:
            if not self.sampler.looks_here:
                tick = max(tick, min(LONGEST_TICK_S, age / NOTICED))
        else:
            often = self.windows.open or self.sampler.looks_here
            longest = LONGEST_TICK_S if often else STEADY_TICK_S
            tick = max(tick, min(longest, self._cost_s / BUDGET))
        if self._idle and not self.windows.open:
            tick = max(tick, self._tick_s * RELAXED)
        return tick * (0.75 + (int(monotonic() * 1e6) & 255) / 512)

    def _tick(self, late_s: float, handed: bool) -> None:
        now = self._ticked = monotonic()
        turns.begin()
        self._ticks += 1
        young = now - self._began < YOUNG_S
        connection = self.connection
        if connection.connect(now):
            self._greeted = None
            self.windows.drop_all()
            self.registry.all_again()
        if connection.up:
            self.sampler.tick(late_s, handed)
            if young or self._greeted is None:
                self._greet(now)
            for message in connection.receive():
                self._handle(message, now)
                if self.stopped:
                    return
                turns.give()
        if self.control.changed(now):
            self._converge()
        if young or self._ticks % SCAN_TICKS == 0:
            self.registry.scan(now)
        if self.passive is not None and self.passive.waiting and not self.control.off:
            for problem in self.passive.tick(self.registry, self.rewrites, self.control.nodes):
                say(problem)
        if self.outlined is not None:
            self._gates(self.outlined, now - self._began)
        self.windows.tick(now)
        self.rewrites.tick()
        if self._greeted is not None:
            turns.give()
            self._report(now, young)
        connection.flush()

    def _gates(self, outlined: Outlined, age_s: float) -> None:
        """Have outlined loops called once the program is no short one; never while all is off."""
        wanted = not self.control.off and (
            outlined.is_open or (self.connection.up and age_s >= OPEN_S)
        )
        if wanted != outlined.is_open:
            outlined.open(wanted)
        if outlined.problem:
            problem, outlined.problem = outlined.problem, ""
            say(f"no loop is outlined: {problem}")

    def _report(self, now: float, young: bool) -> None:
        news, self.registry.news = self.registry.news, []
        if news and (path := _path()) != self._path:
            self._path = path
            self.connection.send({"t": "path", "path": self._path})
        for message in news:
            self.connection.send(message)
        if self.windows.weighed:
            self.windows.weighed = False
            self.sampler.forget()
        if len(self.outside) > self._told:
            self._told = len(self.outside)
            self.connection.send({"t": "outside", "effects": sorted(self.outside)})
        if now >= self._samples_due:
            self._samples_due = now + (YOUNG_SAMPLES_S if young else SAMPLES_S)
            message = self.sampler.message()
            self.connection.send(message)
            self._idle = not young and message["cpu"] < 0.01 * message["span"]
            # Of a program that has half a processor, ticks may take half as much.
            busy = min(1.0, max(LEAST_BUSY, message["cpu"] / max(message["span"], 1e-3)))
            self._cost_s = self.sampler.tick_s / busy

    def _greet(self, now: float) -> None:
        """Say hello once it is known what ``__main__`` is, or will not be known soon."""
        main = sys.modules.get("__main__")
        name = module_name(main) if main is not None else None
        file = main.__dict__.get("__file__") if main is not None else None
        if name == "__main__":
            name = None
        told = (name, file if type(file) is str else None)
        early = now - self._began < HELLO_WITHOUT_MAIN_S
        if told == self._greeted or (told[1] is None and (early or self._greeted is not None)):
            return  # a finished program has no __file__ any more
        self._greeted = told
        self._path = _path()
        self.connection.send(
            {
                "t": "hello",
                "pid": os.getpid(),
                "ppid": os.getppid(),
                "python": sys.hexversion,
                "cache_tag": sys.implementation.cache_tag,
                "optimize": sys.flags.optimize,
                "argv": [str(part) for part in getattr(sys, "argv", ())],
                "cwd": _cwd(),
                "path": self._path,
                "main": told[0],
                "main_file": told[1],
                "recorder": "compiled" if recorder.COMPILED else "python",
                "now": time(),
            }
        )

    def _handle(self, message: Message, now: float) -> None:
        kind = message["t"]
        if kind == "open":
            if not (self.control.off and message.get("slice")):
                self.windows.begin(message, now)
        elif kind == "install":
            if self.control.off:
                self._problem("install", "selfsame is switched off")
            else:
                self.rewrites.install(message)
        elif kind == "converge":
            if self.control.changed(now, again=True):
                self._converge()
        elif kind == "welcome":
            self._tick_s = max(0.005, float(message.get("tick_s", TICK_S)))
            self.registry.watch(list(message["roots"]), list(message["leave"]))
        elif kind == "quit":
            self.stopped = "the engine said so"
            self.sampler.end()
            self.windows.close_all("time")
            self.connection.send({"t": "bye"})
            self.connection.flush()
            self.connection.drop()

    def _converge(self) -> None:
        self.windows.converge(self.control.nodes, self.control.off)
        self.rewrites.converge(self.control.nodes, self.control.off)

    def _close_window(self, key: Key) -> None:
        """Before what a function runs is changed, its window is closed and reported."""
        if key in self.windows.open:
            self.windows.close(key, "time")

    def _problem(self, what: str, reason: str) -> None:
        self.connection.send({"t": "problem", "what": what, "reason": reason})

    def _last_words(self) -> None:
        connection = self.connection
        now = monotonic()
        if connection.connect(now):
            self._greeted = None
        if not connection.up:
            return
        if self._greeted is None:
            self._greet(now + HELLO_WITHOUT_MAIN_S)
        self.windows.close_all("time")
        self._samples_due = 0.0
        self._report(now, young=False)
        connection.send({"t": "bye"})
        while connection.unsent and monotonic() < now + AT_EXIT_S / 2:
            before = connection.unsent
            connection.flush()
            if connection.unsent == before:
                self.thread.pause(0.005)
        connection.drop()

    def _fail(self, error: Exception) -> None:
        """An error of our own: originals back, one line, an end."""
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        place = f"{os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno}" if at else "?"
        self.stopped = f"{type(error).__name__}: {error}"
        if self.outlined is not None:
            self.outlined.open(False)
        self.sampler.end()
        self._restore()
        say(f"stopped in this process, the originals run: {self.stopped} ({place})")
        try:
            self._problem("agent", f"{self.stopped} ({place})")
            self.connection.flush()
            self.connection.drop()
        except Exception:  # the line on stderr is out
            pass


def say(text: str) -> None:
    """One line on the process's stderr, whatever ``sys.stderr`` is."""
    try:
        os.write(2, f"selfsame: {text}\n".encode("utf-8", "replace"))
    except OSError:
        pass


def _path() -> list[str]:
    return [part for part in sys.path if type(part) is str]


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""
