"""Following a store's control word and orders; works with an engine and without."""

from __future__ import annotations

import os

from selfsame.runtime.agent import backend
from selfsame.runtime.link.control import CONTROL, ControlError, ControlWord, read_orders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOOK_AGAIN_S = 0.5

# What maps it may hold a descriptor that the program closed and used again: never unmapped.
_kept: list[ControlWord] = []


class Control:
    """Says when the orders or the off switch changed; ``orders`` are the latest that were read."""

    def __init__(self, directory: str, safe: bool = False) -> None:
        self.directory = directory
        self.safe = safe  # this program was started to run its originals
        self.orders: dict[str, Any] = {}
        self.off = safe
        self.problem = ""
        self._word: ControlWord | None = None
        self._seen: tuple[int, bool] | None = None
        self._next = 0.0
        self._look()  # before the program begins, where there is a store already

    def _look(self) -> None:
        # Asked first: to open what is not there takes the lowest descriptor for a moment, too.
        if not self.directory or not os.path.exists(os.path.join(self.directory, CONTROL)):
            return
        try:
            self._word = ControlWord(self.directory, backend.mapped)
        except (ControlError, OSError, ValueError):
            return  # no store yet
        _kept.append(self._word)

    def changed(self, now: float, again: bool = False) -> bool:
        """Look at the word; True where there are new orders. ``again`` reads them anyway."""
        word = self._word
        if word is None:
            if now < self._next:
                return False
            self._next = now + LOOK_AGAIN_S
            self._look()
            if (word := self._word) is None:
                return False
        state = (word.generation, word.off)
        if (state == self._seen and not again) or now < self._next:
            return False
        self.off = state[1] or self.safe
        try:
            self.orders = read_orders(self.directory)
        except ControlError as error:
            # As things are until the orders can be read; but off needs no orders.
            self._next = now + LOOK_AGAIN_S
            self.problem = str(error)
            return self.off
        self._seen = state
        return True

    @property
    def nodes(self) -> dict[str, Any]:
        """What the orders say of each node."""
        return dict(self.orders.get("nodes", {}))
