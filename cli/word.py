"""A person's word about nodes: committed as a version, and said what became of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from selfsame.cli.options import print_json

if TYPE_CHECKING:
    from selfsame.runtime.versions.manifest import Manifest
    from selfsame.runtime.versions.store import Store


def print_word(
    store: "Store",
    change: "Callable[[Manifest], Manifest]",
    author: str,
    reason: str,
    as_json: bool,
) -> int:
    """Commit the change and print what each node runs now; exit code 0.

    Where it was so already no version is made, which is said, and is no failure.
    """
    from selfsame.runtime.versions.differences import changes_between

    before = store.head()
    version = store.commit(change, author=author, reason=reason)
    parent = before if version.parent == before.id else None
    if parent is None and version.id != before.id:
        parent = store.version(version.parent)
    changes = [] if parent is None else changes_between(parent, version)
    off = store.is_off()
    if as_json:
        made = parent is not None
        data = [change.data() for change in changes]
        print_json({"version": version.id, "made": made, "off": off, "changes": data})
        return 0
    for difference in changes:
        print(f"{difference.address}: {difference.what}")
    if parent is None:
        print(f"it is so already; the head is version {version.id}")
    else:
        print(f"version {version.id}")
    if version.manifest.frozen:
        print("frozen: nothing is put in and nothing taken back until `selfsame thaw`")
    elif before.manifest.frozen:
        print("no longer frozen")
    if off:
        print("selfsame is off: every node runs its original until `selfsame on`")
    return 0
