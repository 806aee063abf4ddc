"""The two errors that several parts raise, in one wording, and what runs meanwhile."""

import errno
from pathlib import Path

from selfsame.runtime.link.control import CONTROL, ControlError, read_orders, unpack
from selfsame.runtime.versions.errors import StoreDamaged, StoreFull


def full(path: Path) -> StoreFull:
    """No space is left: what the user is told."""
    return StoreFull(
        path,
        "no space left on the disk: nothing was written; " + what_runs(path.parent),
        "make room and try again",
    )


def damaged(path: Path, what: str, remedy: str = "") -> StoreDamaged:
    """The store is damaged: what, what still runs, and that nothing is deleted."""
    return StoreDamaged(
        path,
        f"the store is damaged: {what}; {what_runs(path.parent)}",
        remedy
        or "nothing was deleted or overwritten: restore the file from a backup, or move the "
        "directory away to begin a new store; `selfsame off` still works",
    )


def what_runs(directory: Path) -> str:
    """What running programs do meanwhile, as the orders say: they do not read the database."""
    try:
        if unpack((directory / CONTROL).read_bytes())[1]:
            return "running programs are switched off: they run their original code"
        version = read_orders(directory)["version"]
    except (OSError, ControlError):
        return "programs run their original code"
    return f"running programs go on with version {version}"


def is_no_space(error: OSError) -> bool:
    """Whether a write failed for want of space or quota."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
