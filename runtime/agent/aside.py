"""What the agent is made of is not looked at by the program's collector of cycles.

It lives as long as the process. A full collection goes through all objects, and in a small program
the agent's are every fifth.
"""

from __future__ import annotations

try:
    from selfsame.runtime.agent import native  # type: ignore[attr-defined]
except ImportError:
    native = None


class Aside:
    """``with``: objects that are made inside are set aside at its end. Uncompiled, nothing is."""

    def __enter__(self) -> None:
        if native is not None:
            native.aside_begin()

    def __exit__(self, *error: object) -> None:
        if native is not None:
            native.aside_end()
