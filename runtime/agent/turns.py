"""The agent's thread has the interpreter in turns: what waits for it gets it after half a millisecond.

Of itself a thread of Python is asked to give it up only after 5 ms (``sys.getswitchinterval``).
"""

from __future__ import annotations

from time import monotonic, sleep

LONGEST_S = 0.0005

_since = 0.0


def begin() -> None:
    """The agent's thread goes on after a pause, in which it had given the interpreter up."""
    global _since
    _since = monotonic()


def give() -> None:
    """Let who waits for the interpreter have it, where a turn is over. Not with a lock held."""
    global _since
    if monotonic() - _since > LONGEST_S:
        sleep(0)
        _since = monotonic()
