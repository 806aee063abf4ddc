"""From the text of a ``.pyx`` to an extension module in a cache addressed by content.

What is asked for twice, by any process, is built once. A cache entry is put in place by linking a
finished file, so that it is whole or absent and the first of two builders wins.
"""

import atexit
import contextlib
import errno
import functools
import hashlib
import json
import os
import platform
import select
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from selfsame.compiler.cache import cache_folder
from selfsame.compiler.emit.baked import recipe
from selfsame.compiler.errors import InternalError, Skipped

# Contraction and folding would round otherwise than the interpreter does.
FLAGS = [
    "-O2",
    "-fPIC",
    "-shared",
    "-w",
    "-g0",
    "-DNDEBUG",
    "-fwrapv",
    "-ffp-contract=off",
    "-fno-builtin-pow",
    "-fno-builtin-sin",
    "-fno-builtin-cos",
    "-fno-builtin-tan",
    "-fno-builtin-exp",
    "-fno-builtin-log",
    "-fno-builtin-atan",
    "-fno-builtin-asin",
    "-fno-builtin-acos",
    "-fno-builtin-atan2",
    "-fno-builtin-sinh",
    "-fno-builtin-cosh",
    "-fno-builtin-tanh",
]
INSTALL_COMPILER = "install one (Debian, Ubuntu: apt install gcc; Fedora: dnf install gcc)"
INSTALL_CYTHON = "pip install 'cython>=3.1,<3.3'"
# From 3.3 on `0.0 * -1` is 0.0 and `-0.0 + 0` is -0.0 on objects.
RIGHT_CYTHON = ("3.1.", "3.2.")
INSTALL_HEADERS = "install them (Debian, Ubuntu: apt install python3-dev)"


@dataclass(frozen=True, slots=True)
class Built:
    """An extension module: its import name, its file, the sha256 of the file, and its recipe."""

    module: str
    path: str
    digest: str
    recipe: str = ""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The C compiler as a command, and a line that names its version."""

    command: tuple[str, ...]
    described: str


def find_compiler() -> Toolchain:
    """The C compiler: ``$CC``, the one that built Python, or cc. Raises Skipped."""
    return _toolchain(os.environ.get("CC", ""), os.environ.get("PATH", ""))


@functools.lru_cache(maxsize=8)
def _toolchain(wanted: str, _path: str) -> Toolchain:
    choices = [wanted] if wanted else [sysconfig.get_config_var("CC") or "", "cc", "gcc", "clang"]
    for choice in choices:
        words = shlex.split(choice)
        found = shutil.which(words[0]) if words else None
        if found is None:
            continue
        try:
            said = subprocess.run(
                [found, "--version"], capture_output=True, text=True, timeout=20, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise Skipped(f"no C compiler: {found} does not run ({error})") from error
        return Toolchain((found, *words[1:]), (said.splitlines() or [found])[0])
    missing = f"$CC is {wanted}, which is not there" if wanted else "neither cc, gcc nor clang"
    raise Skipped(f"no C compiler: {missing}; {INSTALL_COMPILER}")


def compiler_status() -> tuple[bool, str]:
    """Whether compiled rewrites can be built here, and with what, or what is missing."""
    try:
        return True, f"{_ready().described}, Cython {_cython_version()}"
    except Skipped as reason:
        return False, reason.reason


def _ready() -> Toolchain:
    compiler = find_compiler()
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").is_file():
        raise Skipped(f"no Python headers for {sys.executable}; {INSTALL_HEADERS}")
    _cython_version()
    return compiler


def _cython_version() -> str:
    try:
        found = version("cython")
    except PackageNotFoundError:
        raise Skipped(f"no Cython: {INSTALL_CYTHON}") from None
    if not found.startswith(RIGHT_CYTHON):
        raise Skipped(
            f"Cython {found} was not tried against CPython's arithmetic: {INSTALL_CYTHON}"
        )
    return found


def default_cache() -> Path:
    """``$XDG_CACHE_HOME/selfsame/compiled``, in the home directory where that is not set."""
    return cache_folder() / "compiled"


class Builder:
    """Builds into one cache directory, with one warm worker. Any thread may call it."""

    def __init__(self, cache: Path | None = None, timeout: float = 120.0) -> None:
        self.cache = cache or default_cache()
        self.timeout = timeout
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._own = threading.local()

    def build(self, text: str, headers: Mapping[str, str]) -> Built:
        """The module made of ``text``; ``headers`` are files that it includes.

        What is offered is not built. Raises Skipped where this machine cannot build, InternalError
        where the text is wrong.
        """
        made_by = recipe(text, headers, FLAGS)
        offered: Mapping[str, Built] = getattr(self._own, "offered", {})
        built = offered.get(made_by) or self._built(text, headers, made_by)
        recorded: list[Built] = getattr(self._own, "recorded", [])
        recorded.append(built)
        return built

    def _built(self, text: str, headers: Mapping[str, str], made_by: str) -> Built:
        compiler = _ready()
        name = f"sf_{self._key(text, headers, compiler)}"
        suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
        target = self.cache / f"{name}{suffix}"
        if not target.is_file():
            with self._disk():
                self._make(name, text, headers, compiler, target)
        with self._disk():
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
        return Built(name, str(target), digest, made_by)

    @contextlib.contextmanager
    def until(self, deadline: float | None) -> Iterator[None]:
        """A block in which this thread's builds must end by ``deadline`` (monotonic seconds)."""
        before = self._deadline()
        self._own.deadline = deadline
        try:
            yield
        finally:
            self._own.deadline = before

    @contextlib.contextmanager
    def offering(self, objects: Mapping[str, Built]) -> Iterator[None]:
        """A block in which this thread takes what is there already, by its recipe."""
        self._own.offered = objects
        try:
            yield
        finally:
            self._own.offered = {}

    @contextlib.contextmanager
    def recorded(self) -> Iterator[list[Built]]:
        """A block in which everything that this thread builds is added to a list."""
        self._own.recorded = []
        try:
            yield self._own.recorded
        finally:
            del self._own.recorded

    def _deadline(self) -> float | None:
        found: float | None = getattr(self._own, "deadline", None)
        return found

    def _patience(self) -> float:
        """Seconds that a build may take now. Raises Skipped where there are none."""
        deadline = self._deadline()
        if deadline is None:
            return self.timeout
        left = deadline - time.monotonic()
        if left <= 0:
            raise Skipped("not built: the time for builds is used up")
        return min(self.timeout, left)

    def close(self) -> None:
        """End the worker. A later build starts another."""
        with self._lock:
            self._stop()

    def _key(self, text: str, headers: Mapping[str, str], compiler: Toolchain) -> str:
        parts = [
            text,
            sorted(headers.items()),
            FLAGS,
            compiler.described,
            compiler.command[1:],
            _cython_version(),
            sys.implementation.cache_tag,
            sys.hexversion,
            platform.machine(),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise Skipped(f"not built: no space left under {self.cache}") from error
            raise Skipped(f"not built: {self.cache}: {error.strerror or error}") from error

    def _make(
        self,
        name: str,
        text: str,
        headers: Mapping[str, str],
        compiler: Toolchain,
        target: Path,
    ) -> None:
        patience = self._patience()
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="build-", dir=self.cache) as folder:
            for file, content in {f"{name}.pyx": text, **headers}.items():
                (Path(folder) / file).write_text(content, encoding="utf-8")
            include = sysconfig.get_paths()["include"]
            command = [*compiler.command, *FLAGS, f"-I{include}", "-I.", f"{name}.c", "-o"]
            made = Path(folder) / f"{name}.so"
            answer = self._ask(
                {
                    "folder": folder,
                    "name": name,
                    "command": [*command, made.name, "-lm"],
                    "timeout": patience,
                },
                patience,
            )
            _raise_for(answer, patience)
            with open(made, "rb") as finished:
                os.fsync(finished.fileno())
            try:
                os.link(made, target)
            except FileExistsError:
                return
            except OSError as error:
                if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}:
                    raise
                os.replace(made, target)

    def _ask(self, order: dict[str, object], patience: float) -> dict[str, str]:
        with self._lock:
            worker = self._started()
            assert worker.stdin is not None and worker.stdout is not None
            try:
                worker.stdin.write(json.dumps(order).encode() + b"\n")
                worker.stdin.flush()
                # Cython's own time is part of the wait: the worker bounds only the compiler's.
                if not select.select([worker.stdout], [], [], patience * 1.5)[0]:
                    self._stop()
                    return {"stage": "timeout", "message": "the build"}
                line = worker.stdout.readline()
            except BrokenPipeError:
                line = b""
            if not line:
                self._stop()
                return {"stage": "lost", "message": ""}
            answer: dict[str, str] = json.loads(line)
            return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._pid != os.getpid():
            # After a fork the worker belongs to the parent.
            self._worker, self._pid = None, os.getpid()
        if self._worker is None or self._worker.poll() is not None:
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "selfsame.compiler.emit.build_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            atexit.register(self.close)
        return self._worker

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None or self._pid != os.getpid():
            return
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        worker.kill()
        worker.wait()


def _raise_for(answer: Mapping[str, str], timeout: float) -> None:
    stage, message = answer["stage"], answer["message"].strip()
    if stage == "done":
        return
    if stage == "cython":
        raise InternalError(f"Cython does not accept the printed text:\n{message}")
    if stage == "timeout":
        raise Skipped(f"not built: {message} took more than {timeout:g} s")
    if stage == "lost":
        raise Skipped("not built: the worker that compiles ended")
    if stage == "disk" or "No space left on device" in message:
        raise Skipped(f"not built: {message.splitlines()[-1]}")
    errors = [line for line in message.splitlines() if "error" in line.lower()]
    first = (errors or message.splitlines() or ["no message"])[0]
    raise Skipped(f"not built: the C compiler failed: {first}")


@functools.lru_cache(maxsize=1)
def shared_builder() -> Builder:
    """The builder of this process with the default cache."""
    return Builder()
