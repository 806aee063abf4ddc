"""The manifest: what each node runs, and why, as text that people read, diff, merge and commit.

    selfsame manifest 1
    parent: 8d1f0c5a77e2b914
    author: ada
    created: 2026-03-01T10:00:00.000000Z
    reason: approve shop.cart:Cart.total

    node shop.cart:Cart.total
      state: active
      by: ada
      content: 5f0c...
      rewrite: 41d07a55c09e1f02
      template: sum-of-generator
      depends shop.cart:price = 77ab...

The id of a version is the first 16 hex digits of the sha256 of this text. `docs/manifest.md`
describes each line; `text.py` reads it back.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

FORMAT: Final = 1
TITLE: Final = "selfsame manifest"
ORIGINAL: Final = "original"
ANY_CONTENT: Final = "any"
STATES: Final = ("active", "canary", "proposed", "pinned", "frozen", "reverted", "barred")
RUNNING: Final = ("active", "pinned", "frozen")


@dataclass(frozen=True)
class NodeEntry:
    """What one node runs, and why.

    ``rewrite`` is the id of a stored rewrite, or ``"original"``. It runs in the states ``active``,
    ``pinned`` and ``frozen``; in ``canary`` it runs for a share of the time, ``canary`` (``"5%"``);
    ``proposed`` waits for a person; ``reverted`` and ``barred`` run the original, and a barred node
    is not to be tried again while its content is the same. ``suspected`` has a line for each
    process that died while the rewrite ran there. ``observed`` has the types and sizes, by
    parameter, that the template went by.
    ``content_hash`` is that of the source that the entry is about, or ``"any"``.
    ``objects`` are the sha256 of what was built for a platform tag, by `selfsame bake`.
    ``speedup`` is text for people (``"2.4x (2.1 to 2.7)"``). ``by`` is who decided the state:
    ``Store.commit`` writes it.
    """

    address: str
    content_hash: str
    state: str = "active"
    rewrite: str = ORIGINAL
    template: str = ""
    family: str = ""
    speedup: str = ""
    canary: str = ""
    reason: str = ""
    by: str = ""
    suspected: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    observed: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    dependencies: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"{self.address}: no such state: {self.state!r}")
        if not self.address or not self.content_hash or not self.rewrite:
            raise ValueError(f"{self.address!r}: address, content hash and rewrite are required")
        if not canary_fits(self.state, self.canary):
            raise ValueError(f"{self.address}: state canary goes with a share, such as 5%")

    @cached_property
    def text(self) -> str:
        """The canonical lines of the entry."""
        return "\n".join(_entry_lines(self))

    @property
    def runs(self) -> str | None:
        """The id of the rewrite that running programs put in; None for the original."""
        return self.rewrite if self.state in RUNNING and self.rewrite != ORIGINAL else None

    @property
    def promised(self) -> float:
        """The median of `speedup`; 1.0 where no number was given."""
        number = self.speedup.partition("x")[0]
        try:
            return float(number)
        except ValueError:
            return 1.0

    @property
    def tries(self) -> str | None:
        """The id of the rewrite that is in canary; None where none is."""
        return self.rewrite if self.state == "canary" and self.rewrite != ORIGINAL else None


@dataclass(frozen=True)
class Manifest:
    """A version's content. ``nodes`` is by address; a node without an entry runs its original.

    ``parent`` is the id of the version before, empty for the first; ``created`` is UTC. ``frozen``
    says who froze everything (empty: nobody): then selfsame changes no node.
    """

    nodes: Mapping[str, NodeEntry] = field(default_factory=dict)
    parent: str = ""
    author: str = ""
    reason: str = ""
    created: str = ""
    frozen: str = ""

    def __post_init__(self) -> None:
        for address, entry in self.nodes.items():
            if address != entry.address:
                raise ValueError(f"the entry at {address!r} says it is {entry.address!r}")

    def with_entry(self, entry: NodeEntry) -> "Manifest":
        """This manifest with ``entry`` in place of what it said of that node."""
        return replace(self, nodes={**self.nodes, entry.address: entry})

    def without(self, address: str) -> "Manifest":
        """This manifest with nothing said of ``address``."""
        return replace(self, nodes={a: e for a, e in self.nodes.items() if a != address})

    @property
    def id(self) -> str:
        """16 hex digits: the id of the version that has this text."""
        return text_id(print_manifest(self))


def canary_fits(state: str, share: str) -> bool:
    """Whether there is a share exactly in the state ``canary``."""
    return share_of(share) is not None if state == "canary" else not share


def share_of(text: str) -> float | None:
    """The share that ``"5%"`` means, over 0 and at most one half; None for any other text."""
    try:
        percent = float(text.removesuffix("%")) if text.endswith("%") else 0.0
    except ValueError:
        return None
    return percent / 100 if 0.0 < percent <= 50.0 else None


def share_text(share: float) -> str:
    """A share as a manifest has it: ``0.05`` is ``"5%"``."""
    return f"{share * 100:g}%"


def text_id(text: str) -> str:
    """The id of a manifest's canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def print_manifest(manifest: Manifest) -> str:
    """The canonical text: one fact a line, nodes and keys in order, empty facts left out."""
    blocks = {address: entry.text for address, entry in manifest.nodes.items()}
    return assemble(print_header(manifest), blocks)


def print_header(manifest: Manifest) -> str:
    """The canonical text before the nodes, without its last line break."""
    lines = [f"{TITLE} {FORMAT}"]
    for key in ("parent", "author", "created", "reason", "frozen"):
        if value := getattr(manifest, key):
            lines.append(f"{key}: {_value(value)}")
    return "\n".join(lines)


def assemble(header: str, blocks: Mapping[str, str]) -> str:
    """The canonical text of a header and the lines of each node, by address."""
    return "\n\n".join([header, *(blocks[address] for address in sorted(blocks))]) + "\n"


def node_blocks(text: str) -> dict[str, str]:
    """The lines of each node of a canonical text, by address: none of them is blank."""
    parts = text.removesuffix("\n").split("\n\n")[1:]
    return {_address(part[5 : part.find("\n")]): part for part in parts}


def _address(written: str) -> str:
    return str(json.loads(written)) if written.startswith('"') else written


def _entry_lines(entry: NodeEntry) -> list[str]:
    lines = [f"node {_value(entry.address)}", f"  state: {entry.state}"]
    facts = {
        "by": entry.by,
        "content": entry.content_hash,
        "rewrite": entry.rewrite,
        "template": entry.template,
        "family": entry.family,
        "speedup": entry.speedup,
        "canary": entry.canary,
        "reason": entry.reason,
    }
    lines += [f"  {key}: {_value(value)}" for key, value in facts.items() if value]
    lines += [f"  suspected: {_value(item)}" for item in entry.suspected]
    lines += [f"  parameter {_key(k)} = {_value(v)}" for k, v in sorted(entry.parameters.items())]
    lines += [f"  observed {_key(k)} = {_value(v)}" for k, v in sorted(entry.observed.items())]
    lines += [f"  guard: {_value(guard)}" for guard in entry.guards]
    lines += [f"  evidence: {_value(item)}" for item in entry.evidence]
    lines += [f"  object {_key(k)} = {_value(v)}" for k, v in sorted(entry.objects.items())]
    lines += [f"  depends {_key(k)} = {_value(v)}" for k, v in sorted(entry.dependencies.items())]
    return lines


def _value(text: str) -> str:
    """As it is where a line can hold it and nothing would be lost; otherwise a JSON string."""
    plain = text.isprintable() and text == text.strip() and text and text[0] not in '"#'
    return text if plain else json.dumps(text)


def _key(text: str) -> str:
    """As `_value`, and quoted where the end of the key could not be found."""
    return json.dumps(text) if "=" in text else _value(text)
