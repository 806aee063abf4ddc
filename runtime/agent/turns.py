"""Selfsame's code has the interpreter in turns: what waits for it gets it after a third of a millisecond.

Of itself a thread of Python is asked to give it up only after 5 ms (``sys.getswitchinterval``).
"""

from __future__ import annotations

from time import monotonic, sleep

from selfsame.runtime.agent import backend

LONGEST_S = 0.0003
OTHERS_S = 0.005  # what others have in between, as the interpreter would give them


class Turn:
    """What one thread does in a row. It begins when it is made."""

    def __init__(self) -> None:
        self._since = monotonic()

    def begin(self) -> None:
        """The thread goes on after a pause, in which it had given the interpreter up."""
        self._since = monotonic()

    def give(self) -> None:
        """Let who waits for the interpreter have it, where a turn is over. Not with a lock held."""
        if monotonic() - self._since > LONGEST_S:
            self._give_up()
            self._since = monotonic()

    def _give_up(self) -> None:
        sleep(0)


class _Agents(Turn):
    def _give_up(self) -> None:
        backend.give(OTHERS_S)


_agents = _Agents()
begin, give = _agents.begin, _agents.give
"""The turns of the agent's thread."""
