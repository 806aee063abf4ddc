"""Where a store is: from a URL or a directory, or found from where the program runs."""

import errno
import hashlib
import logging
import os
import stat
import tempfile
from pathlib import Path

from selfsame.runtime.versions.errors import StoreRefused

log = logging.getLogger("selfsame.versions")

DIRECTORY = ".selfsame"
DATABASE = "store.db"
KEY, KEY_BYTES = "key", 32
MARKS = (DIRECTORY, "pyproject.toml", ".git")


def locate_store(start_dir: Path | str) -> Path:
    """The directory of the store for a program that runs in ``start_dir``. Creates nothing.

    ``.selfsame/`` of the nearest directory upwards that has ``.selfsame``, ``pyproject.toml`` or
    ``.git``, else of ``start_dir`` itself. Where that cannot be written:
    ``$XDG_STATE_HOME/selfsame/<hash of the project's path>``, and a warning is logged.
    """
    project = project_directory(Path(start_dir))
    wanted = project / DIRECTORY
    if _writable(wanted if wanted.exists() else project):
        return wanted
    name = hashlib.sha256(os.fsencode(project)).hexdigest()[:16]
    found = state_directory() / name
    log.warning("selfsame: %s cannot be written; the store is %s", wanted, found)
    return found


def state_directory() -> Path:
    """``$XDG_STATE_HOME/selfsame``, in the home directory where that is not set. Creates nothing."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "selfsame"


def own_key() -> bytes:
    """32 bytes that only this user can read, made once: what is signed with them was written here.

    Raises OSError where there is no place for them, or others can read them.
    """
    path = state_directory() / KEY
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        descriptor, scratch = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.urandom(KEY_BYTES))
            os.link(scratch, path)
        except FileExistsError:  # another process was first
            pass
        finally:
            os.unlink(scratch)
    with path.open("rb") as file:
        status, key = os.fstat(file.fileno()), file.read()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077 or len(key) != KEY_BYTES:
        raise PermissionError(
            errno.EACCES, "is no secret of this user's: remove it for a new one", str(path)
        )
    return key


def project_directory(start: Path) -> Path:
    """The nearest directory upwards with a project's mark, else ``start``; absolute, resolved.

    The home directory and the root are nobody's project: marks there are not looked at, except
    a store itself.
    """
    start = start.resolve()
    home = Path.home().resolve()
    for directory in (start, *start.parents):
        marks = MARKS[:1] if directory in (home, Path(directory.anchor)) else MARKS
        if any((directory / mark).exists() for mark in marks):
            return directory
    return start


def store_directory(location: Path | str) -> Path:
    """The directory that a ``--store`` value means: a directory, or ``sqlite:///path``.

    As elsewhere, ``sqlite:///x`` is relative and ``sqlite:////x`` absolute; the path is the
    store's directory, or the database file in it. Raises StoreRefused for other URLs.
    """
    text = os.fspath(location)
    if text.startswith(("postgresql:", "postgresql+", "postgres:")):
        raise StoreRefused(
            text.partition(":")[0],
            "a store in PostgreSQL is not supported by this version: the state of one machine "
            "is kept in SQLite",
            "give a directory, or sqlite:///path",
        )
    if text.startswith("sqlite:"):
        if not text.startswith("sqlite:///") or len(text) == len("sqlite:///"):
            raise StoreRefused(
                text, "not a store's URL", "sqlite:///relative/dir or sqlite:////absolute/dir"
            )
        text = text.removeprefix("sqlite:///")
    elif "://" in text:
        raise StoreRefused(
            text.partition("://")[0], "no such kind of store", "give a directory or sqlite:///path"
        )
    path = Path(text).expanduser().absolute()
    return path.parent if path.name == DATABASE and not path.is_dir() else path


def make_directory(directory: Path) -> None:
    """Create the store's directory, for this user only. Raises StoreRefused where it cannot be."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreRefused(
            directory, f"cannot be made: {error.strerror}", "--store DIR names another place"
        ) from error
    ignore = directory / ".gitignore"
    if not ignore.exists() and not any(directory.iterdir()):
        # A store is one machine's state; what is shared is a manifest's text.
        try:
            ignore.write_text("*\n")
        except OSError as error:
            raise StoreRefused(directory, f"cannot be written: {error.strerror}") from error


def check_permissions(directory: Path, file: str = DATABASE) -> None:
    """Refuse a store, or a file, that others could put code into: what it holds is executed."""
    for path in (directory, directory / file):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if status.st_mode & stat.S_IWOTH:
            raise StoreRefused(
                path,
                "every user of this machine can write here, and a store holds code that runs",
                f"chmod o-w {path}",
            )
        if status.st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
            raise StoreRefused(
                path,
                f"belongs to another user (uid {status.st_uid}), and a store holds code that runs",
                "--store DIR names another place",
            )


def _writable(directory: Path) -> bool:
    """Whether a file can be made there: tried, because root and read-only mounts fool access()."""
    try:
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
