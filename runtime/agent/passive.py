"""Rewrites without an engine: sent as a file, put in as soon as their functions are there.

The orders still decide what runs, so a pin, a revert or ``off`` reach this program too.
"""

from __future__ import annotations

import sys

from selfsame.runtime.agent.sums import sha256
from selfsame.runtime.link.wire import Frames, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from selfsame.runtime.agent.registry import Registry
    from selfsame.runtime.agent.rewrites import Rewrites
    from selfsame.runtime.link.wire import Message


class Passive:
    """What a file of ``install`` messages holds; ``problem`` says why it cannot be used."""

    def __init__(self, path: str, digest: str) -> None:
        self.waiting: list[Message] = []
        self.problem = ""
        try:
            with open(path, "rb") as file:
                data = file.read()
            if sha256(data) != digest:
                raise WireError("it is not the file that was written")
            head, *messages = Frames().feed(data)
            if head["python"] == sys.implementation.cache_tag:
                self.waiting = messages
        except (OSError, ValueError, KeyError, WireError) as error:
            self.problem = f"{path}: {error}"

    def tick(
        self, registry: Registry, rewrites: Rewrites, nodes: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[str]:
        """Put in what the orders name and whose function has come; gives what went wrong."""
        for message in list(self.waiting):
            slot = registry.slots.get(tuple(message["key"]))
            named = (nodes.get(message["address"]) or {}).get("rewrite")
            if slot is None or named != message["rewrite"]:
                continue
            self.waiting.remove(message)
            reason = "the loaded code is not what the source says"
            if slot.fingerprint == message["fingerprint"]:
                reason = rewrites.install(message)
            if reason:
                yield f"{message['address']} runs its original: {reason}"
