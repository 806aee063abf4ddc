"""What ``run`` runs: the command line, which folders hold the user's code, and the whole course."""

import os
import platform
import shutil
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from selfsame.cli.child import run_child
from selfsame.compiler.errors import SelfsameError

if TYPE_CHECKING:
    from selfsame.runtime.engine.launch import Running
    from selfsame.runtime.versions.store import Store

COMMAND_NOT_FOUND = 127
COMMAND_NOT_RUNNABLE = 126


@dataclass(frozen=True)
class Program:
    """A command, and the folders whose modules are the user's (``roots``) or are not (``leave``).

    ``main`` is the name of the module that becomes ``__main__``; empty where it is not known.
    """

    command: tuple[str, ...]
    roots: tuple[str, ...]
    leave: tuple[str, ...]
    main: str = ""

    @classmethod
    def of(cls, module: str | None, words: Sequence[str], any_command: bool) -> "Program":
        """From what stands on ``run``'s command line."""
        roots, main = [os.getcwd()], module or ""
        if module is not None:
            command = [sys.executable, "-m", module, *words]
        elif any_command:
            command = list(words)
        else:
            command = [sys.executable, *words]
            roots.insert(0, str(Path(words[0]).resolve().parent))
            main = Path(words[0]).stem
        unique = tuple(dict.fromkeys(roots))
        leave = tuple(f for f in installed_folders() if any(below(f, root) for root in unique))
        return cls(tuple(command), unique, leave, main)

    @property
    def script(self) -> Path | None:
        """The file that this Python runs as ``__main__``; None where it is not known, or not the user's."""
        if len(self.command) < 2 or self.command[0] != sys.executable:
            return None
        if self.command[1] != "-m":
            return Path(self.command[1])
        parts = self.main.split(".")
        places = [
            Path(self.roots[0], *parts, "__main__.py"),
            Path(self.roots[0], *parts).with_suffix(".py"),
        ]
        return next((place for place in places if place.is_file()), None)

    @classmethod
    def kept(cls, head: Mapping[str, Any]) -> "Program":
        """The program that calls were kept of; ``head`` is the first message of its corpus."""
        return cls(tuple(head["command"]), tuple(head["roots"]), tuple(head["leave"]), head["main"])


@dataclass(frozen=True)
class Afterwards:
    """What happens when the program has ended: ``seconds`` of work on what was captured, then
    ``conclude``, which is given the store and the engine, and returns lines to print.

    ``rerun``: the program is run again while calls are wanted and time is left, unless it was seen to
    have effects outside. ``from_last``: nothing is run; the last run kept calls to work from.
    """

    seconds: float
    conclude: Callable[["Store", "Running"], list[str]]
    rerun: bool = False
    from_last: bool = False


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on the first Ctrl-C; further ones are ignored."""

    def interrupted(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def installed_folders() -> tuple[str, ...]:
    """Folders of installed code: the standard library, site-packages, the environment itself."""
    names = ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    folders = {sysconfig.get_path(name) for name in names} | {sys.prefix}
    return tuple(sorted(str(Path(f).resolve()) for f in folders if f))


def below(folder: str, root: str) -> bool:
    """Whether a folder lies inside another one (and is not the same)."""
    return Path(root) in Path(folder).parents


def printable(word: str) -> str:
    """A word of a command line as text that can be stored: what is not UTF-8 is replaced."""
    return os.fsencode(word).decode("utf-8", "replace")


def unsupported() -> str:
    """Why selfsame cannot work on this machine's Python; empty where it can."""
    if sys.platform != "linux":
        return f"{sys.platform} is not supported yet, only Linux"
    if platform.python_implementation() != "CPython":
        return f"{platform.python_implementation()} is not supported, only CPython"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return f"Python {platform.python_version()} is not supported, only 3.11 to 3.13"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "free-threaded builds are not supported: swapping code is not safe there yet"
    return ""


def constraint_files(given: Sequence[str]) -> list[str]:
    """The CDL files of a run: the project's ``[tool.selfsame]``, which is weakest, then ``given``."""
    from selfsame.grammar.project import find_project

    project = find_project(Path.cwd())
    paths = [] if project is None else [project]
    return [str(path.resolve()) for path in (*paths, *map(Path, given))]


def run_program(
    program: Program,
    *,
    cdl: Sequence[str],
    mode: str,
    hot: bool,
    store: str | None,
    include: Sequence[str],
    report: bool | None,
    environment: Mapping[str, str],
    error: TextIO,
    afterwards: "Afterwards | None" = None,
    manifest: str | None = None,
    passive: bool = False,
    safe: bool = False,
    keep_inputs: bool = False,
    outline: bool | None = False,
) -> int:
    """Run the program with an engine beside it; without one where that cannot be. Its exit code.

    With ``afterwards`` the engine works on when the program has ended. ``manifest`` is laid over the
    head first; ``passive`` is without an engine; ``safe`` runs originals, whatever the store says.
    ``keep_inputs`` writes captured calls beside the store. ``outline`` makes loops of code that runs once
    functions; with None where the head has rewrites of such.
    """

    def say(text: str) -> None:
        for line in text.splitlines():
            print(f"selfsame: {line}", file=error, flush=True)

    reason = unsupported()
    if environment.get("SELFSAME") == "off":
        reason = "switched off by SELFSAME=off"
    if reason:
        say(f"not active: {reason}; the program runs unchanged")
        return _run(program, environment, lambda: None, say)

    from selfsame.runtime.engine.launch import Running, prepare, program_environment, start
    from selfsame.runtime.engine.settings import Settings
    from selfsame.runtime.versions.location import locate_store, store_directory

    run = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.getpid()}"
    prepared = None
    try:
        directory = store_directory(store).resolve() if store else locate_store(Path.cwd())
        if not passive:
            prepared = prepare(directory)
        if cdl and not _usable(cdl, say):
            say("the constraints above are not used: the program runs in mode watch")
            cdl, mode, hot = (), "watch", False
        link: dict[str, Any] = {"safe": True} if safe else {}
        if manifest or passive:
            from selfsame.cli.adopting import adopt_manifest

            file = adopt_manifest(manifest, directory, program, passive, say)
            if file:
                link["rewrites"] = file
        else:
            from selfsame.runtime.versions.owners import owner_of
            from selfsame.runtime.versions.store import Store

            with Store.open(directory) as opened:
                if outline is None:
                    running_now = opened.head().manifest.nodes.values()
                    outline = any(owner_of(e.address) for e in running_now if e.runs or e.tries)
        settings = Settings(
            store=str(directory),
            run=run,
            mode=mode,
            hot=hot,
            cdl=tuple(cdl),
            roots=program.roots,
            leave=program.leave,
            command=tuple(printable(word) for word in program.command),
            parent=os.getpid(),
            afterwards_s=afterwards.seconds if afterwards else 0.0,
            keep_inputs=keep_inputs,
            from_last=afterwards is not None and afterwards.from_last,
        )
        running = Running("", settings, None) if passive else start(settings, prepared)
    except Exception as problem:  # nothing that fails here may keep the program from running
        if prepared is not None:
            prepared.dismiss()
        own = isinstance(problem, SelfsameError | OSError)
        say(f"not active: {problem if own else f'{type(problem).__name__}: {problem}'}")
        say("the program runs unchanged")
        return _run(program, environment, lambda: None, say)
    if running.note:
        say(running.note)
    if passive:
        return _run(
            program,
            program_environment(running, environment, include, **link),
            lambda: None,
            say,
        )
    if not running.socket_path:
        return _run(program, environment, lambda: None, say)
    wanted = report if report is not None else error.isatty() or mode != "watch"

    def finish() -> None:
        try:
            for line in last_lines():
                say(line)
        except SelfsameError as problem:
            say(str(problem))
        except Exception as problem:  # the program's own end counts, not ours
            say(f"no summary: {type(problem).__name__}: {problem}")

    def last_lines() -> list[str]:
        from selfsame.report.summary import summary_lines
        from selfsame.runtime.versions.store import Store

        def stop() -> None:
            running.ask_to_leave()
            say("interrupted: no more is tried, what passed is kept")

        with interruptible(stop) if afterwards else nullcontext():
            notes = [note] if (note := running.finish()) else []
        if running.process is None and not wanted:
            return notes  # the run that started the engine says what went wrong
        with Store.open(directory) as opened:
            lines = notes + summary_lines(opened, running.settings.run, whole=wanted)
            if keep_inputs and running.process is not None:
                lines.append(_kept_inputs(directory, running.settings.run))
            return lines + (afterwards.conclude(opened, running) if afterwards else [])

    if outline and not safe:
        from selfsame.cli.outlining import outlined_loops

        if (loops := outlined_loops(program, directory, say)) is not None:
            link["outlined"] = loops
    running.watch_over()
    if afterwards or keep_inputs:  # what a short program does first is captured too
        running.wait_until_up()
    if afterwards and afterwards.from_last:
        if running.process is None:
            say("an engine runs on this store: end its programs first, they are worked on there")
            return 1
        finish()
        return 0
    if afterwards and afterwards.rerun:
        link["outside"] = True
    surroundings = program_environment(
        running, environment, include, later=afterwards is None, **link
    )
    if afterwards and afterwards.rerun:
        from selfsame.cli.rerun import again

        until = time.monotonic() + afterwards.seconds / 2
        runs, code = 1, _run(program, surroundings, lambda: None, say)
        while not code and again(directory, running.settings.run, runs, until, say):
            runs, code = runs + 1, _run(program, surroundings, lambda: None, say)
        finish()
        return code
    return _run(program, surroundings, finish, say)


def _usable(cdl: Sequence[str], say: Callable[[str], None]) -> bool:
    """Whether constraint files can be used; says what is wrong with them."""
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.parse import CDLError, parse_files
    from selfsame.variants.misnamed import misnamed

    try:
        wrong = misnamed(parse_files(cdl))
    except CDLError as problem:
        say(str(problem))
        return False
    if wrong:
        say(str(UserError(*wrong)))
    return not wrong


def _run(
    program: Program,
    environment: Mapping[str, str],
    finish: Callable[[], None],
    say: Callable[[str], None],
) -> int:
    name = program.command[0]
    if shutil.which(name, path=environment.get("PATH")) is None:
        finish()
        say(f"{name}: there is no such command")
        return COMMAND_NOT_FOUND
    try:
        return run_child(program.command, environment, finish)
    except OSError as problem:
        finish()
        say(f"{name}: {problem.strerror or problem}")
        return COMMAND_NOT_RUNNABLE


def _kept_inputs(directory: Path, run: str) -> str:
    """What is said of the calls that a run was to keep."""
    from selfsame.runtime.engine.corpus import FILE, Unusable, read

    if not (directory / FILE).exists():
        return "no captured calls are kept of this run"
    try:
        kept = read(directory)[0]["run"] == run
    except Unusable as reason:
        return str(reason)
    if not kept:
        return f"{directory / FILE} is still that of an earlier run"
    return (
        f"{directory / FILE} has captured calls, with your program's own values: "
        "`selfsame optimize --from last` works from them"
    )
