"""What the verbs about a store share: its option, opening it, who speaks, how facts are shown."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from selfsame.runtime.versions.store import Store

Function = TypeVar("Function", bound=Callable[..., Any])


def store_option(function: Function) -> Function:
    """``--store DIR``, as the parameter ``store``: a directory or URL, or None for the default."""
    return click.option(
        "--store", metavar="DIR", help="Where versions are kept. Default: .selfsame/ of the project"
    )(function)


def json_option(function: Function) -> Function:
    """``--json``, as the parameter ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")(
        function
    )


LENGTHS_OF_TIME = (("ms", 0.001), ("s", 1.0), ("m", 60.0), ("", 1.0))


def budget_option(default: str) -> Callable[[Function], Function]:
    """``--budget LENGTH``, as the parameter ``budget`` in seconds; a bare number is seconds."""
    return click.option(
        "--budget",
        callback=seconds,
        default=default,
        show_default=True,
        help="Time to spend: 20s, 500ms, 2m.",
    )


def seconds(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float:
    """A length of time in seconds; 0.0 where none was given."""
    if text is None:
        return 0.0
    unit, factor = next(row for row in LENGTHS_OF_TIME if text.endswith(row[0]))
    try:
        found = float(text.removesuffix(unit)) * factor
    except ValueError:
        found = 0.0
    if not 0.0 < found < 1e6:
        raise click.BadParameter(f"{text!r} is not a length of time, such as 20s")
    return found


def store_location(store: str | None) -> Path:
    """The directory that ``--store`` means, or where the store of this directory's project is."""
    from selfsame.runtime.versions.location import locate_store, store_directory

    return locate_store(Path.cwd()) if store is None else store_directory(store)


@contextmanager
def open_store(store: str | None) -> Iterator["Store"]:
    """The store that is there already. Raises NoStore, which ends the verb with exit code 1."""
    from selfsame.runtime.versions.store import Store

    with Store.open(store_location(store), create=False) as opened:
        yield opened


def author() -> str:
    """Who speaks: the name of the OS user, or the number where it has no name."""
    import os
    import pwd

    from selfsame.runtime.versions.word import person

    try:
        # Not from the environment, which anyone may set.
        return person(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:  # a container's user without an entry in passwd
        return f"uid {os.getuid()}"


def optimize_level() -> int:
    """What ``PYTHONOPTIMIZE`` says, as Python reads it: any text that is no number means 1."""
    import os

    said = os.environ.get("PYTHONOPTIMIZE", "")
    try:
        level = int(said or 0)
    except ValueError:
        return 1
    return level if level >= 0 else 1


def near(path: str | Path) -> str:
    """A path as people write it: from here, where it is below this folder."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else str(path)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file for the user, whole or not at all. Raises click.FileError, which ends a verb."""
    scratch = path.with_name(f".{path.name}.new")
    try:
        scratch.write_bytes(data)
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise click.FileError(str(path), error.strerror or str(error)) from error


def print_json(data: object) -> None:
    """Print facts for programs."""
    print(json.dumps(data, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table: with colours on a terminal, otherwise aligned text, a line for each row."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*(Text(cell, overflow="fold") for cell in row))
        Console().print(table)
        return
    lines = [columns, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())
