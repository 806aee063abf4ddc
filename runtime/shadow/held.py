"""What a worker has once a node is loaded: both sides of it, and the inputs that it was given."""

import gc
import sys
import types
from collections.abc import Sequence
from typing import Any

from selfsame.runtime.agent.closures import told_by
from selfsame.runtime.link.wire import Message
from selfsame.runtime.shadow import recreated
from selfsame.runtime.shadow.amplify import Amplifier
from selfsame.runtime.shadow.audit import Audit
from selfsame.runtime.shadow.calls import Caller
from selfsame.runtime.shadow.definitions import SAME_HOME
from selfsame.runtime.shadow.encoder import digest
from selfsame.runtime.shadow.inputs import NO_RENAMES, Call
from selfsame.runtime.shadow.loading import Home, Key, Target, find_function, load
from selfsame.runtime.shadow.outgoing import Outgoing
from selfsame.runtime.shadow.payloads import anew
from selfsame.runtime.shadow.replay import Replay
from selfsame.runtime.shadow.sides import Sides
from selfsame.runtime.shadow.taught import teach
from selfsame.runtime.shadow.vocabulary import Vocabulary


class Held:
    """Loads the module, finds the function, prepares the variation.

    ``request`` is the message that asked for it, ``payloads`` are the captured inputs in order and
    ``received`` their digests. Raises CannotLoad or CannotPrepare.
    """

    def __init__(self, request: Message, audit: Audit, output: int) -> None:
        self.request = request
        self.payloads: list[bytes] = []
        self.received: list[bytes] = []
        self._audit = audit
        self._renames: dict[str, str] = {}
        self._taught: set[type] = set()
        self._amplifier: Amplifier | None = None
        self._made_last = -1, b""  # to make an input takes longer than to read it again
        sys.path[:] = request["sys_path"]
        sys.argv[:] = [request["target"]["path"]]
        target = _target(request["target"])
        loaded = load(target, audit)
        for home in request["beside"]:
            loaded.bring(Home(**home), audit)
        function = find_function(target, loaded)
        recreated.know(loaded.module)
        told_by(recreated.origin)
        sides = self.sides = Sides(function, loaded, function.__code__)
        if request["other"]:
            other = _target(request["other"])
            elsewhere = load(other, audit)
            sides.other = find_function(other, elsewhere)
            if elsewhere.module is not loaded.module:
                sides.other_home = vars(elsewhere.module)
                self._renames = {loaded.module.__name__: elsewhere.module.__name__}
                SAME_HOME[elsewhere.module.__name__] = loaded.module.__name__
        elif request["code"]:
            sides.add_code(request["code"], request["constants"])
        played = Replay(request["outside"], function.__globals__) if request["outside"] else None
        sent = Outgoing() if request["outgoing"] else None
        # Found once, before any call: a call may change what the module holds.
        self.words = Vocabulary(function, self.codes(), loaded.module)
        self.caller = Caller(
            sides, audit, output, request["lazily"], played, sent, request["watched"]
        )
        gc.collect()
        gc.freeze()  # what the import made is not looked at again by any collection

    def take(self, payloads: Sequence[bytes]) -> None:
        """Add captured payloads."""
        for renames in [NO_RENAMES, self._renames] if self._renames else [NO_RENAMES]:
            teach(payloads, renames, self._taught)
        self.payloads += payloads
        self.received += map(digest, payloads)
        self._amplifier, self._made_last = None, (-1, b"")

    def codes(self) -> list[types.CodeType]:
        """The original's code, and the variation's where there is one."""
        sides = self.sides
        codes = [sides.original, sides.variation, sides.other and sides.other.__code__]
        return [code for code in codes if code is not None]

    def fresh(self, payload: bytes, side: str) -> Call:
        """A copy of an input for a side: one in another module has that module's classes."""
        return Call.of(payload, self._renames if side == "variation" else NO_RENAMES)

    def make(self, which: tuple[str, int], side: str) -> Call:
        """A fresh copy of an input: ``("captured", index)`` or ``("amplified", number)``."""
        kind, number = which
        if kind == "captured":
            return self.fresh(self.payloads[number], side)
        with self._audit.watching("call"):
            if self._made_last[0] != number:
                call = self.amplified.make(number)
                self._made_last = number, anew(call, call.parameters)
            return self.fresh(self._made_last[1], side)

    @property
    def amplified(self) -> Amplifier:
        """What varies all that was captured."""
        if self._amplifier is None:
            self._amplifier = self.amplifying(self.request["near"])
        return self._amplifier

    def amplifying(self, near: bool, payloads: list[bytes] | None = None) -> Amplifier:
        """What varies some payloads, all of them where none are given; ``near``: also into other types."""
        seeds = self.payloads if payloads is None else payloads
        return Amplifier(self.request["seed"], seeds, self.words.constants, near)


def _target(fields: dict[str, Any]) -> Target:
    return Target(**{**fields, "key": Key(*fields["key"])})
