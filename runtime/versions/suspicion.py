"""What follows from a process that died while rewrites ran in it: suspicion first, then a bar."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from selfsame.runtime.versions.manifest import ORIGINAL, Manifest, NodeEntry
from selfsame.runtime.versions.store import Change

SUSPECTED_SHARE: Final = "5%"
MOST_DEATHS: Final = 2


def suspect(rewrites: Mapping[str, str], death: str) -> Change:
    """The change that holds a death against ``rewrites`` (id by address): ``death`` says which.

    After the first death a rewrite runs in canary again, for 5 % of the time; after the second its
    node is barred. What a person pinned or froze is left as it is.
    """

    def change(manifest: Manifest) -> Manifest:
        for address, rewrite in rewrites.items():
            entry = manifest.nodes.get(address)
            if entry is None or entry.rewrite != rewrite or not (entry.tries or _ours(entry)):
                continue
            deaths = (*entry.suspected, death)
            if len(deaths) < MOST_DEATHS:
                new = replace(entry, state="canary", canary=SUSPECTED_SHARE, suspected=deaths)
            else:
                reason = f"{len(deaths)} processes died while it ran"
                new = replace(
                    entry,
                    rewrite=ORIGINAL,
                    state="barred",
                    canary="",
                    reason=reason,
                    suspected=deaths,
                )
            manifest = manifest.with_entry(new)
        return manifest

    return change


def _ours(entry: NodeEntry) -> bool:
    return entry.state == "active" and entry.rewrite != ORIGINAL
