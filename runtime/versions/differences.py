"""What changed from one version to another, node by node."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from selfsame.runtime.versions.manifest import (
    FORMAT,
    ORIGINAL,
    TITLE,
    Manifest,
    NodeEntry,
    header_of,
)
from selfsame.runtime.versions.succession import Version
from selfsame.runtime.versions.text import parse_manifest


@dataclass(frozen=True)
class Difference:
    """One node that two manifests say different things of; None where one says nothing."""

    address: str
    before: NodeEntry | None
    after: NodeEntry | None

    @property
    def what(self) -> str:
        """In a few words: ``active 41d07a55 (sum-of-generator), was proposed``."""
        after, before = self.after, self.before
        if after is None:
            return f"no longer {before.state}" if before is not None else ""
        text = f"{after.state} {after.canary}" if after.canary else after.state
        if after.rewrite != ORIGINAL:
            text += f" {after.rewrite[:8]}" + (f" ({after.template})" if after.template else "")
        else:
            text += ", the original"
        if before is None:
            return text
        if before.state != after.state:
            return f"{text}, was {before.state}"
        if before.rewrite != after.rewrite:
            return f"{text}, was {before.rewrite[:8]}"
        names = [f.name for f in fields(after) if getattr(after, f.name) != getattr(before, f.name)]
        return f"{text}: {', '.join(name.replace('_', ' ') for name in names)}"

    def data(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "address": self.address,
            "what": self.what,
            "before": None if self.before is None else asdict(self.before),
            "after": None if self.after is None else asdict(self.after),
        }


def differences(before: Manifest, after: Manifest) -> list[Difference]:
    """The nodes that ``after`` says something else of, by address."""
    addresses = sorted({*before.nodes, *after.nodes})
    pairs = [(a, before.nodes.get(a), after.nodes.get(a)) for a in addresses]
    return [Difference(a, old, new) for a, old, new in pairs if old != new]


def changes_between(before: Version | None, after: Version) -> list[Difference]:
    """As `differences`, of two versions: only what differs in their texts is parsed."""
    old = before.blocks if before is not None else {}
    new = after.blocks
    if before is not None and old == new:
        return []
    return differences(
        _parsed(block for name, block in old.items() if new.get(name) != block),
        _parsed(block for name, block in new.items() if old.get(name) != block),
    )


def _parsed(blocks: Iterable[str]) -> Manifest:
    return parse_manifest("\n\n".join([f"{TITLE} {FORMAT}", *blocks]))


def changed_text(one: Version, other: Version) -> list[str]:
    """The lines of a version's text, without the nodes that another one says the same of."""
    theirs = other.blocks
    kept = [block for name, block in one.blocks.items() if theirs.get(name) != block]
    return "\n\n".join([header_of(one.text), *kept]).splitlines()


def steps(versions: Sequence[Version]) -> list[tuple[Version, list[Difference]]]:
    """Each version of a history (newest first) with what it changed; the oldest's parent is its
    neighbour, so a history that is cut short is given with one version more than is wanted.
    """
    return [
        (version, changes_between(older, version))
        for version, older in zip(versions, [*versions[1:], None], strict=True)
    ]
