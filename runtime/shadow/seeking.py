"""What a worker looks for beside the inputs that came: new ones, and whether they tell the sides apart."""

import dataclasses
import random
import time
import types
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.link.wire import Message
from selfsame.runtime.shadow import things
from selfsame.runtime.shadow.amplify import Amplifier
from selfsame.runtime.shadow.coverage import Places
from selfsame.runtime.shadow.held import Held
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.invent import Inventor
from selfsame.runtime.shadow.kinds import Seen
from selfsame.runtime.shadow.outcome import EXACT, Outcome
from selfsame.runtime.shadow.payloads import anew
from selfsame.runtime.shadow.reach import Span, changed, differing, own_codes, unvaried
from selfsame.runtime.shadow.scope import scope
from selfsame.runtime.shadow.senses import changes
from selfsame.runtime.shadow.staying import staying
from selfsame.runtime.shadow.sweeps import sweeps
from selfsame.runtime.shadow.symbolic import CannotSearch, Search

AMPLIFIED = 900
"""So many made inputs are tried, where the others do not show a change."""
SEEDS = 8
"""So many of the latest inputs that came to new places are varied on the way to others."""


class Seeking:
    """Answers with inputs, or with what none of them shows. A message and its answer are those of `wire`."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._search: Search | None = None

    def invent(self, message: Message) -> Message:
        """Make calls for a function that was not captured."""
        found = self._inventor.invent(message["count"], message["seconds"])
        return {"t": "invented", **dataclasses.asdict(found)}

    def explore(self, message: Message) -> Message:
        """Mutate the payloads, and keep those that take new ways through a side's code."""
        inventor = self._inventor
        inventor.side = message["side"]
        self._held.sides.use(inventor.side)
        found = inventor.explore(self._held.payloads, message["seconds"], message["most"])
        return {"t": "explored", "payloads": found.payloads, "exhausted": found.exhausted}

    def reach(self, message: Message) -> Message:
        """Places in which a side differs from the other where no input came.

        ``known`` are places that inputs reached before, ``given_up`` those that none did for long.
        The answer says by which input each place was reached, and has those made here.
        """
        inventor, sides = self._inventor, self._held.sides
        inventor.side = side = message["side"]
        sides.use(side)
        codes = self._held.codes()
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
        amplified = self._made(self._held.amplified, message["most"], made, seeds)
        tries: Iterator[tuple[int, bytes]] = chain(enumerate(self._held.payloads), amplified)
        missed, reached = inventor.reaching(wanted - hopeless, own_codes(own), tries, end, seeds)
        if missed:  # values of neighbouring types are for what guards against them
            strange = self._held.amplifying(near=True)
            others = self._strangers(seeds or self._held.payloads[:SEEDS], made)
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
        inventor, sides, codes = self._inventor, self._held.sides, self._held.codes()
        original = sides.original
        found = changes(original, changed(codes[0], codes[1])) if len(codes) > 1 else []
        end = time.process_time() + message["seconds"]  # so that a busy machine finds as much
        unseen: list[int] = []
        showing: dict[bytes, None] = {}
        for left, (line, code) in zip(range(len(found), 0, -1), found, strict=True):
            made: dict[int, bytes] = {}
            more = (payload for _, payload in self._made(self._held.amplified, AMPLIFIED, made, ()))
            begun = time.process_time()
            share = begun + max(0.0, end - begun) / left

            def change(code: types.CodeType = code) -> None:
                sides.original = code

            def undo() -> None:
                sides.original = original

            try:
                tries = chain(message["near"], self._held.payloads, more)
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
            amplifier = self._held.amplifying(self._held.request["near"], [payload])
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
            held, sides = self._held, self._held.sides
            if sides.suspends:
                raise CannotSearch("it is a generator function")
            seen = self._seen().without_stars(sides.original)
            self._search = Search(
                seen, held.fresh, held.caller.prepare, sides.deopts, sides.compiled
            )
        return {"t": "found", **dataclasses.asdict(self._search.go_on(message["seconds"]))}

    def stay(self, message: Message) -> Message:
        """Mutations of payloads, and of these in turn, that come where the two sides differ."""
        inventor, sides, codes = self._inventor, self._held.sides, self._held.codes()
        of_original, of_variation = differing(codes[0], codes[1])
        inventor.side = "original" if of_original else "variation"
        sides.use(inventor.side)
        places = Places(own_codes(codes[0] if of_original else codes[1]))
        # What is changed comes before where it leads, to which others come as well.
        itself, payloads = changed(codes[0], codes[1]), message["payloads"]
        there = [p for p in payloads if of_original and inventor.coming(p, places) & itself]
        wanted = itself if there else of_original or of_variation

        def mutations(pool: list[bytes]) -> Iterator[bytes]:
            made = self._made(self._held.amplifying(False, list(pool)), message["most"], {}, pool)
            return (payload for _, payload in made)

        def coming(payload: bytes) -> set[Span]:
            return inventor.coming(payload, places) & wanted

        found = staying(there or payloads, coming, mutations, message["seconds"])
        return {"t": "made", "made": found}

    def _strangers(
        self, payloads: Sequence[bytes], made: dict[int, bytes]
    ) -> Iterator[tuple[int, bytes]]:
        """Inputs with an object of another kind for one parameter, kept in ``made`` too."""
        rng = random.Random(self._held.request["seed"])
        for make in things.ALL.values():
            call = Call.of(rng.choice(payloads))
            for index in range(len(call.parameters)):
                others = list(call.parameters)
                others[index] = make(rng)
                place = len(self._held.payloads) + len(made)
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
                nearer = self._held.amplifying(amplifier.near, list(seeds[-SEEDS:]))
            try:
                call = (nearer if number % 4 > 1 else amplifier).make(number)
                payload = anew(call, call.parameters)
            except Exception:  # a mutation that cannot be made or pickled reaches nothing
                continue
            place = len(self._held.payloads) + len(made)
            made[place] = payload
            yield place, payload

    def _seen(self) -> Seen:
        held = self._held
        names = parameters(held.sides.original)
        return Seen.of(held.payloads, names, held.caller.globals_read)

    @cached_property
    def _inventor(self) -> Inventor:
        held = self._held
        return Inventor(
            held.sides.function,
            held.sides.loaded.module,
            held.request["seed"],
            held.words,
            frozenset(code.co_filename for code in held.codes()),
            self._attempt,
            held.caller.guarded,
        )

    def _attempt(self, payload: bytes, side: str, budget_s: float) -> Outcome:
        try:
            inputs = [self._held.fresh(payload, side) for _ in range(self._held.caller.copies)]
        except Exception:  # written by a class of the user's, and not readable again
            return Outcome("refused", reason="what was made cannot be copied")
        try:
            return self._held.caller.outcome(inputs, side, budget_s, EXACT, False)
        except MemoryError:  # what it returned can be held, and not be written
            return Outcome("refused", reason="there is no room for the result")
