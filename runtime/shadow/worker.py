"""What a worker does: one process, one node, one socket.

Forked by `selfsame.runtime.shadow.forkserver`. It answers frames of `selfsame.runtime.link.wire`,
one reply to each, and ends when the socket closes.
"""

import dataclasses
import gc
import os
import random
import signal
import socket
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from selfsame.runtime.agent.closures import told_by
from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.link.wire import Frames, Message, pack
from selfsame.runtime.shadow import instances as _before_nothing_may_be_read  # noqa: F401
from selfsame.runtime.shadow import recreated, symbolic, things
from selfsame.runtime.shadow.amplify import Amplifier
from selfsame.runtime.shadow.audit import Audit, watch_threads, watch_unaudited
from selfsame.runtime.shadow.calls import Caller
from selfsame.runtime.shadow.coverage import Places
from selfsame.runtime.shadow.definitions import SAME_HOME
from selfsame.runtime.shadow.encoder import digest
from selfsame.runtime.shadow.inputs import NO_RENAMES, Call, Refused
from selfsame.runtime.shadow.invent import Inventor
from selfsame.runtime.shadow.kinds import Seen
from selfsame.runtime.shadow.loading import CannotLoad, Home, Key, Target, find_function, load
from selfsame.runtime.shadow.outcome import EXACT, Outcome, Tolerance
from selfsame.runtime.shadow.outgoing import Outgoing
from selfsame.runtime.shadow.payloads import anew
from selfsame.runtime.shadow.reach import Span, changed, differing, own_codes, unvaried
from selfsame.runtime.shadow.replay import Replay
from selfsame.runtime.shadow.sandbox import Limits, enclose
from selfsame.runtime.shadow.scope import scope
from selfsame.runtime.shadow.senses import changes
from selfsame.runtime.shadow.sides import CannotPrepare, Sides
from selfsame.runtime.shadow.staying import staying
from selfsame.runtime.shadow.sweeps import sweeps
from selfsame.runtime.shadow.symbolic import CannotSearch, Search
from selfsame.runtime.shadow.taught import teach
from selfsame.runtime.shadow.vocabulary import Vocabulary

PR_SET_PDEATHSIG = 1
AMPLIFIED = 900
"""So many made inputs are tried, where the others do not show a change."""
SEEDS = 8
"""So many of the latest inputs that came to new places are varied on the way to others."""


class Session:
    """What a worker holds between two messages."""

    def __init__(self, output: int, limits: Limits) -> None:
        self.audit = Audit()
        if "audit hook" not in limits.without:
            self.audit.install()
        self._output = output
        self._scratch = limits.scratch
        self._payloads: list[bytes] = []
        self._received: list[bytes] = []
        self._request: Message = {}
        self._sides: Sides | None = None
        self._caller: Caller | None = None
        self._amplifier: Amplifier | None = None
        self._made_last = -1, b""  # to make an input takes longer than to read it again
        self._inventor: Inventor | None = None
        self._vocabulary: Vocabulary | None = None
        self._search: Search | None = None
        self._renames: dict[str, str] = {}
        self._taught: set[type] = set()
        self._globals_of: dict[int, bytes] = {}

    def load(self, message: Message) -> Message:
        """Load the module, find the function, prepare the variation."""
        self._request = message
        sys.path[:] = message["sys_path"]
        sys.argv[:] = [message["target"]["path"]]
        target = _target(message["target"])
        loaded = load(target, self.audit)
        for home in message["beside"]:
            loaded.bring(Home(**home), self.audit)
        function = find_function(target, loaded)
        recreated.know(loaded.module)
        told_by(recreated.origin)
        sides = self._sides = Sides(function, loaded, function.__code__)
        if message["other"]:
            other = _target(message["other"])
            elsewhere = load(other, self.audit)
            sides.other = find_function(other, elsewhere)
            if elsewhere.module is not loaded.module:
                sides.other_home = vars(elsewhere.module)
                self._renames = {loaded.module.__name__: elsewhere.module.__name__}
                SAME_HOME[elsewhere.module.__name__] = loaded.module.__name__
        elif message["code"]:
            sides.add_code(message["code"], message["constants"])
        played = Replay(message["outside"], function.__globals__) if message["outside"] else None
        sent = Outgoing() if message["outgoing"] else None
        self._vocabulary = Vocabulary(function, self._codes(), loaded.module)
        self._caller = Caller(
            sides, self.audit, self._output, message["lazily"], played, sent, message["watched"]
        )
        gc.collect()
        gc.freeze()  # what the import made is not looked at again by any collection
        return {"t": "loaded"}

    def inputs(self, message: Message) -> Message:
        """Add captured payloads."""
        for renames in [NO_RENAMES, self._renames] if self._renames else [NO_RENAMES]:
            teach(message["payloads"], renames, self._taught)
        self._payloads += message["payloads"]
        self._received += map(digest, message["payloads"])
        self._amplifier, self._made_last = None, (-1, b"")
        return {"t": "ok"}

    def invent(self, message: Message) -> Message:
        """Make calls for a function that was not captured."""
        found = self._inventing().invent(message["count"], message["seconds"])
        return {"t": "invented", **dataclasses.asdict(found)}

    def explore(self, message: Message) -> Message:
        """Mutate the payloads, and keep those that take new ways through a side's code."""
        inventor = self._inventing()
        inventor.side = message["side"]
        sides = self._sides
        assert sides is not None
        sides.use(inventor.side)
        found = inventor.explore(self._payloads, message["seconds"], message["most"])
        return {"t": "explored", "payloads": found.payloads, "exhausted": found.exhausted}

    def reach(self, message: Message) -> Message:
        """Places in which a side differs from the other where no input came.

        ``known`` are places that inputs reached before, ``given_up`` those that none did for long.
        The answer says by which input each place was reached, and has those made here.
        """
        inventor, sides = self._inventing(), self._sides
        assert sides is not None
        inventor.side = side = message["side"]
        sides.use(side)
        codes = self._codes()
        if len(codes) < 2:
            return dict.fromkeys(("wanted", "missed", "reached", "unvaried"), ()) | {
                "t": "reached",
                "made": {},
            }
        own, other = codes[:2] if side == "original" else codes[1::-1]
        unlike = differing(codes[0], codes[1])[side == "variation"]
        wanted = unlike.difference(message["known"])
        hopeless = wanted.intersection(message["given_up"])
        end = time.monotonic() + message["seconds"]
        made: dict[int, bytes] = {}
        seeds: list[bytes] = []
        tries: Iterator[tuple[int, bytes]] = chain(
            enumerate(self._payloads), self._made(self._amplified(), message["most"], made, seeds)
        )
        missed, reached = inventor.reaching(wanted - hopeless, own_codes(own), tries, end, seeds)
        if missed:  # values of neighbouring types are for what guards against them
            strange = self._amplifying(near=True)
            others = self._strangers(seeds or self._payloads[:SEEDS], made)
            tries = chain(others, self._made(strange, message["most"], made, seeds))
            end = time.monotonic() + message["seconds"] / 2
            missed, more = inventor.reaching(missed, own_codes(own), tries, end, seeds)
            reached = more | reached
        missed |= hopeless - reached.keys()
        used = set(reached.values())
        return {
            "t": "reached",
            "wanted": tuple(unlike),
            "missed": tuple(missed),
            "reached": tuple(reached.items()),
            "unvaried": tuple(unvaried(own, other, unlike, sides.function.__globals__)),
            "made": {number: payload for number, payload in made.items() if number in used},
        }

    def blind(self, message: Message) -> Message:
        """Lines of the original where the other differs, and where no input shows what they do.

        And the inputs that show it elsewhere. ``near`` are inputs that come there, which are tried first.
        """
        inventor, sides, codes = self._inventing(), self._sides, self._codes()
        assert sides is not None
        original = sides.original
        found = changes(original, changed(codes[0], codes[1])) if len(codes) > 1 else []
        end = time.process_time() + message["seconds"]  # so that a busy machine finds as much
        unseen: list[int] = []
        showing: dict[bytes, None] = {}
        for left, (line, code) in zip(range(len(found), 0, -1), found, strict=True):
            made: dict[int, bytes] = {}
            more = (payload for _, payload in self._made(self._amplified(), AMPLIFIED, made, ()))
            begun = time.process_time()
            share = begun + max(0.0, end - begun) / left

            def change(code: types.CodeType = code) -> None:
                sides.original = code

            def undo() -> None:
                sides.original = original

            try:
                tries = chain(message["near"], self._payloads, more)
                shown = inventor.noticing(change, undo, tries, share)
            finally:
                undo()
            if shown is None:
                unseen.append(line)
            else:
                showing[shown] = None
        told = {"lines": tuple(unseen), "showing": tuple(showing), "changes": len(found)}
        return {"t": "blind", **told}

    def around(self, message: Message) -> Message:
        """Mutations of each of the payloads alone, and sweeps of those ``swept``."""
        found: list[bytes] = []
        for payload in message["payloads"]:
            amplifier = self._amplifying(self._request["near"], [payload])
            made: dict[int, bytes] = {}
            list(self._made(amplifier, message["each"], made, ()))
            found += made.values()
        for payload in message["swept"]:
            try:
                found += sweeps(payload)
            except Exception:  # what cannot be pickled anew is left as it is
                continue
        return {"t": "made", "made": found}

    def scope(self, message: Message) -> Message:
        """Every input of a small space."""
        found = scope(self._seen(), message["most"])
        return {"t": "scope", **dataclasses.asdict(found)}

    def search(self, message: Message) -> Message:
        """Go on with a search by symbols."""
        if self._search is None:
            sides = self._sides
            assert sides is not None
            if sides.suspends:
                raise CannotSearch("it is a generator function")
            seen = self._seen().without_stars(sides.original)
            self._search = Search(
                seen, self._fresh, self._with.prepare, sides.deopts, sides.compiled
            )
        return {"t": "found", **dataclasses.asdict(self._search.go_on(message["seconds"]))}

    def _seen(self) -> Seen:
        sides = self._sides
        assert sides is not None
        return Seen.of(self._payloads, parameters(sides.original), self._with.globals_read)

    def _fresh(self, payload: bytes, side: str) -> Call:
        return Call.of(payload, self._renames if side == "variation" else NO_RENAMES)

    def stay(self, message: Message) -> Message:
        """Mutations of payloads, and of these in turn, that come where the two sides differ."""
        inventor, sides, codes = self._inventing(), self._sides, self._codes()
        assert sides is not None
        of_original, of_variation = differing(codes[0], codes[1])
        inventor.side = "original" if of_original else "variation"
        sides.use(inventor.side)
        places = Places(own_codes(codes[0] if of_original else codes[1]))
        # What is changed comes before where it leads, to which others come as well.
        itself, payloads = changed(codes[0], codes[1]), message["payloads"]
        there = [p for p in payloads if of_original and inventor.coming(p, places) & itself]
        wanted = itself if there else of_original or of_variation

        def mutations(pool: list[bytes]) -> Iterator[bytes]:
            made = self._made(self._amplifying(False, list(pool)), message["most"], {}, pool)
            return (payload for _, payload in made)

        def coming(payload: bytes) -> set[Span]:
            return inventor.coming(payload, places) & wanted

        found = staying(there or payloads, coming, mutations, message["seconds"])
        return {"t": "made", "made": found}

    def _strangers(
        self, payloads: Sequence[bytes], made: dict[int, bytes]
    ) -> Iterator[tuple[int, bytes]]:
        """Inputs with an object of another kind for one parameter, kept in ``made`` too."""
        rng = random.Random(self._request["seed"])
        for make in things.ALL.values():
            call = Call.of(rng.choice(payloads))
            for index in range(len(call.parameters)):
                others = list(call.parameters)
                others[index] = make(rng)
                place = len(self._payloads) + len(made)
                made[place] = anew(call, others)
                yield place, made[place]

    def _made(
        self, amplifier: Amplifier, most: int, made: dict[int, bytes], seeds: Sequence[bytes]
    ) -> Iterator[tuple[int, bytes]]:
        """Amplified inputs as payloads, kept in ``made`` by their place after the others.

        Where there are ``seeds``, which may become more meanwhile, half of them are made from those.
        """
        known, nearer = 0, amplifier
        for number in range(most):
            if len(seeds) > known:
                known = len(seeds)
                nearer = self._amplifying(amplifier.near, list(seeds[-SEEDS:]))
            try:
                call = (nearer if number % 4 > 1 else amplifier).make(number)
                payload = anew(call, call.parameters)
            except Exception:  # a mutation that cannot be made or pickled reaches nothing
                continue
            place = len(self._payloads) + len(made)
            made[place] = payload
            yield place, payload

    def calls(self, message: Message) -> Message:
        """Call sides on fresh copies of inputs: for each input the outcomes of its sides, in order.

        The variation's budget follows from what the original took just before it, or is known to
        take. What is late or flagged ends its input's turn. Of the inputs ``twice``, each side is called with the very same
        objects once more.
        """
        found: list[list[tuple[Any, ...]]] = []
        with self._with.collecting_in_calls():
            for which, known in zip(message["inputs"], message["known"], strict=True):
                found.append(self._turn(which, known, message))
                if found[-1] and found[-1][-1][0] == "late":
                    break
        return {"t": "outcomes", "outcomes": found}

    def _turn(self, which: tuple[str, int], spent: int, message: Message) -> list[tuple[Any, ...]]:
        """The outcomes of the sides on one input, of which the original was seen to take ``spent`` ns."""
        tolerance = Tolerance(*message["tolerance"])
        budget_s = message["budget_s"]
        turn: list[tuple[Any, ...]] = []
        for number, side in enumerate(message["sides"]):
            if side == "variation":
                budget_s = 1.0 + message["slower"] * spent / 1e9
            first = bool(message["first"] and number == 0)
            twice = which in message["twice"]
            outcome = self._outcome(which, side, budget_s, tolerance, first, twice)
            spent = outcome.nanoseconds
            turn.append(outcome.row())
            if outcome.ended in ("late", "refused") or outcome.flags:
                break
        return turn

    def _outcome(
        self,
        which: tuple[str, int],
        side: str,
        budget_s: float,
        tolerance: Tolerance,
        first: bool,
        twice: bool,
    ) -> Outcome:
        try:
            inputs = [self._make(which, side) for _ in range(self._with.copies)]
            fresh = self._make(which, side) if twice and not self._with.steps else None
        except Refused as refusal:
            return Outcome("refused", reason=str(refusal), unreadable=True)
        except Exception as error:  # bytes that are no payload, or a class that cannot be copied
            return Outcome(
                "refused",
                reason=f"an input could not be read: {type(error).__name__}",
                unreadable=True,
            )
        # Copies of the same bytes need not be written to be known as the same input.
        received = self._received[which[1]] if which[0] == "captured" else b""
        return self._with.outcome(inputs, side, budget_s, tolerance, first, fresh, received)

    def rest(self) -> None:
        """Something else is done than comparing calls."""
        if self._caller is not None and self._caller.lookout is not None:
            self._caller.lookout.forget()

    def describe(self, message: Message) -> Message:
        """The shapes of an input and of a side's result."""
        received, ended = self._with.described(
            self._make(message["input"], message["side"]), message["side"], message["budget_s"]
        )
        return {"t": "shapes", "input": received, "ended": ended}

    def time(self, message: Message) -> Message:
        """Thread CPU time of sides on inputs, on each in the order asked for."""
        from selfsame.runtime.shadow.costs import time_pair

        spent = [
            time_pair(self._with, partial(self._make, which), message["order"], calls, warm)
            for which, calls, warm in message["timed"]
        ]
        return {"t": "timed", "nanoseconds": spent}

    def follow(self, message: Message) -> Message:
        """Thread CPU time of both sides over a sequence of inputs, from nothing kept.

        And what the variation kept of them. ``each``: every call is timed alone.
        """
        from selfsame.runtime.shadow.costs import time_sequence

        sides = self._sides
        assert sides is not None
        sides.forget()
        before = sides.deopts[0]
        spent = time_sequence(
            self._with,
            lambda number, side: self._make(("captured", number), side),
            message["order"],
            message["numbers"],
            message["each"],
            self._globals_of,
        )
        missed = sides.deopts[0] - before
        kept = [(len(m.results), m.bytes, m.most_bytes) for m in sides.memories]
        return {"t": "followed", "nanoseconds": spent, "missed": missed, "kept": kept}

    def memory(self, message: Message) -> Message:
        """What one call of a side on one input allocates."""
        from selfsame.runtime.shadow.costs import weigh

        def make() -> Call:
            return self._make(message["input"], message["side"])

        found = weigh(self._with, make, message["side"], self._scratch, message["counted"])
        return {"t": "weight", "bytes": found.peak_bytes, "allocations": found.allocations}

    def retained(self, message: Message) -> Message:
        """What stays allocated after calls of one side on the first captured inputs."""
        from selfsame.runtime.shadow.costs import retained

        def make(index: int) -> Call:
            return self._make(("captured", index), message["side"])

        number, least = min(int(message["number"]), len(self._payloads)), message["least"]
        return {"t": "kept", "bytes": retained(self._with, make, number, message["side"], least)}

    @property
    def _with(self) -> Caller:
        if self._caller is None:
            raise CannotLoad("nothing is loaded in this worker")
        return self._caller

    def _make(self, which: tuple[str, int], side: str) -> Call:
        """A fresh copy of an input: ``("captured", index)`` or ``("amplified", number)``."""
        kind, number = which
        if kind == "captured":
            return self._fresh(self._payloads[number], side)
        with self.audit.watching("call"):
            if self._made_last[0] != number:
                call = self._amplified().make(number)
                self._made_last = number, anew(call, call.parameters)
            return self._fresh(self._made_last[1], side)

    def _inventing(self) -> Inventor:
        if self._inventor is None:
            sides, request = self._sides, self._request
            assert sides is not None
            inventor = self._inventor = Inventor(
                sides.function,
                sides.loaded.module,
                request["seed"],
                self._words,
                frozenset(code.co_filename for code in self._codes()),
                self._attempt,
                self._with.guarded,
            )
            return inventor
        return self._inventor

    def _attempt(self, payload: bytes, side: str, budget_s: float) -> Outcome:
        try:
            inputs = [self._fresh(payload, side) for _ in range(self._with.copies)]
        except Exception:  # written by a class of the user's, and not readable again
            return Outcome("refused", reason="what was made cannot be copied")
        try:
            return self._with.outcome(inputs, side, budget_s, EXACT, False)
        except MemoryError:  # what it returned can be held, and not be written
            return Outcome("refused", reason="there is no room for the result")

    def _amplified(self) -> Amplifier:
        if self._amplifier is None:
            self._amplifier = self._amplifying(self._request["near"])
        return self._amplifier

    def _amplifying(self, near: bool, payloads: list[bytes] | None = None) -> Amplifier:
        seeds = self._payloads if payloads is None else payloads
        return Amplifier(self._request["seed"], seeds, self._words.constants, near)

    @property
    def _words(self) -> Vocabulary:
        """Found once, before any call: a call may change what the module holds."""
        if self._vocabulary is None:
            raise CannotLoad("nothing is loaded in this worker")
        return self._vocabulary

    def _codes(self) -> list[types.CodeType]:
        """The original's code, and the variation's where there is one."""
        sides = self._sides
        assert sides is not None
        codes = [sides.original, sides.variation, sides.other and sides.other.__code__]
        return [code for code in codes if code is not None]


def _target(fields: dict[str, Any]) -> Target:
    return Target(**{**fields, "key": Key(*fields["key"])})


def serve(connection: socket.socket, session: Session) -> None:
    """Answer messages until the other end closes the socket or says so."""
    frames = Frames()
    verbs: dict[str, Callable[[Message], Message]] = {
        "load": session.load,
        "inputs": session.inputs,
        "invent": session.invent,
        "explore": session.explore,
        "calls": session.calls,
        "reach": session.reach,
        "around": session.around,
        "blind": session.blind,
        "stay": session.stay,
        "scope": session.scope,
        "search": session.search,
        "describe": session.describe,
        "time": session.time,
        "memory": session.memory,
        "retained": session.retained,
        "follow": session.follow,
    }
    while data := connection.recv(1 << 20):
        for message in frames.feed(data):
            if message["t"] == "shutdown":
                return
            if message["t"] != "calls":
                session.rest()
            try:
                reply = verbs[message["t"]](message)
            except (CannotLoad, CannotPrepare, CannotSearch, Refused) as error:
                about = "variation" if isinstance(error, CannotPrepare) else "node"
                reply = {"t": "failed", "reason": str(error), "about": about}
            except (Exception, RecursionError) as error:
                # The text of an error may hold a value; its type may not.
                reply = {"t": "failed", "reason": f"met {type(error).__name__}", "about": "node"}
            connection.sendall(pack(reply))


def die_with_parent() -> None:
    """Ask Linux to end this process when the one that started it ends."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def work(connection: socket.socket, limits: Limits) -> None:
    """Be one worker: enclose this process, and answer what comes until the socket closes."""
    output = os.memfd_create("selfsame-output")
    os.dup2(output, 1)
    os.dup2(output, 2)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if limits.scratch:
        import memray  # noqa: F401  (while this interpreter's own sys.path is in place)
    if limits.symbolic:
        symbolic.prepare()
    die_with_parent()
    layers = [(layer.name, layer.available, layer.reason) for layer in enclose(limits)]
    watch_threads()
    watch_unaudited()
    session = Session(output, limits)
    connection.sendall(pack({"t": "ready", "layers": layers}))
    serve(connection, session)
