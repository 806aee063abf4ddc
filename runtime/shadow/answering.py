"""What a worker answers about calls of the two sides: how they end, what they take, what they leave."""

from functools import partial
from typing import Any

from selfsame.runtime.link.wire import Message
from selfsame.runtime.shadow.held import Held
from selfsame.runtime.shadow.inputs import Call, Refused
from selfsame.runtime.shadow.outcome import Outcome, Tolerance


class Answering:
    """Calls sides on fresh copies of inputs. A message and its answer are those of `wire`."""

    def __init__(self, held: Held, scratch: str) -> None:
        self._held = held
        self._caller = held.caller
        self._scratch = scratch
        self._globals_of: dict[int, bytes] = {}

    def calls(self, message: Message) -> Message:
        """Call sides on fresh copies of inputs: for each input the outcomes of its sides, in order.

        The variation's budget follows from what the original took just before it, or is known to
        take. What is late or flagged ends its input's turn. Of the inputs ``twice``, each side is
        called with the very same objects once more.
        """
        found: list[list[tuple[Any, ...]]] = []
        with self._caller.collecting_in_calls():
            for which, known in zip(message["inputs"], message["known"], strict=True):
                found.append(self._turn(which, known, message))
                if found[-1] and found[-1][-1][0] == "late":
                    break
        return {"t": "outcomes", "outcomes": found}

    def rest(self) -> None:
        """Something else is done than comparing calls."""
        if self._caller.lookout is not None:
            self._caller.lookout.forget()

    def describe(self, message: Message) -> Message:
        """The shapes of an input and of a side's result."""
        received, ended = self._caller.described(
            self._held.make(message["input"], message["side"]), message["side"], message["budget_s"]
        )
        return {"t": "shapes", "input": received, "ended": ended}

    def time(self, message: Message) -> Message:
        """Thread CPU time of sides on inputs, on each in the order asked for."""
        from selfsame.runtime.shadow.costs import time_pair

        spent = [
            time_pair(self._caller, partial(self._held.make, which), message["order"], calls, warm)
            for which, calls, warm in message["timed"]
        ]
        return {"t": "timed", "nanoseconds": spent}

    def follow(self, message: Message) -> Message:
        """Thread CPU time of both sides over a sequence of inputs, from nothing kept.

        And what the variation kept of them. ``each``: every call is timed alone.
        """
        from selfsame.runtime.shadow.costs import time_sequence

        sides = self._held.sides
        sides.forget()
        before = sides.deopts[0]
        spent = time_sequence(
            self._caller,
            lambda number, side: self._held.make(("captured", number), side),
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
            return self._held.make(message["input"], message["side"])

        found = weigh(self._caller, make, message["side"], self._scratch, message["counted"])
        return {"t": "weight", "bytes": found.peak_bytes, "allocations": found.allocations}

    def retained(self, message: Message) -> Message:
        """What stays allocated after calls of one side on the first captured inputs."""
        from selfsame.runtime.shadow.costs import retained

        def make(index: int) -> Call:
            return self._held.make(("captured", index), message["side"])

        number, least = min(int(message["number"]), len(self._held.payloads)), message["least"]
        return {"t": "kept", "bytes": retained(self._caller, make, number, message["side"], least)}

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
            inputs = [self._held.make(which, side) for _ in range(self._caller.copies)]
            fresh = self._held.make(which, side) if twice and not self._caller.steps else None
        except Refused as refusal:
            return Outcome("refused", reason=str(refusal), unreadable=True)
        except Exception as error:  # bytes that are no payload, or a class that cannot be copied
            return Outcome(
                "refused",
                reason=f"an input could not be read: {type(error).__name__}",
                unreadable=True,
            )
        # Copies of the same bytes need not be written to be known as the same input.
        received = self._held.received[which[1]] if which[0] == "captured" else b""
        return self._caller.outcome(inputs, side, budget_s, tolerance, first, fresh, received)
