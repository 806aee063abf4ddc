"""What changed from one version to another, node by node."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from selfsame.runtime.versions.manifest import ORIGINAL, NodeEntry
from selfsame.runtime.versions.succession import Step, Version
from selfsame.runtime.versions.text import parse_blocks


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


def changes_between(before: Version, after: Version) -> list[Difference]:
    """The nodes that ``after`` says something else of, by address: they alone are parsed."""
    old, new = before.blocks, after.blocks
    changed = {a for a in {*old, *new} if old.get(a) != new.get(a)}
    return _differences({a: (old.get(a), new.get(a)) for a in changed})


def _differences(changed: Mapping[str, tuple[str | None, str | None]]) -> list[Difference]:
    before = parse_blocks(old for old, _ in changed.values() if old is not None)
    after = parse_blocks(new for _, new in changed.values() if new is not None)
    return [Difference(a, before.get(a), after.get(a)) for a in sorted(changed)]


def changed_text(one: Version, other: Version) -> list[str]:
    """The lines of a version's text, without the nodes that another one says the same of."""
    theirs = other.blocks
    kept = [lines for name, lines in sorted(one.blocks.items()) if theirs.get(name) != lines]
    return "\n\n".join([one.header, *kept]).splitlines()


def told(steps: Iterable[Step]) -> list[tuple[Version, list[Difference]]]:
    """Each version of a history with what it changed."""
    return [(step.version, _differences(step.changed)) for step in steps]
