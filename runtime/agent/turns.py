"""Selfsame's code has the interpreter in turns: what waits for it gets it after half a millisecond.

Of itself a thread of Python is asked to give it up only after 5 ms (``sys.getswitchinterval``).
"""

from __future__ import annotations

from time import monotonic, sleep

LONGEST_S = 0.0005


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
            sleep(0)
            self._since = monotonic()


_agents = Turn()
begin, give = _agents.begin, _agents.give
"""The turns of the agent's thread."""
