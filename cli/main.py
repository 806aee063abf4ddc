"""The ``selfsame`` command: finds the verbs, prints errors in one form, sets the exit code.

Exit codes: 0 ok, 1 the answer is no, 2 wrong usage or bad input.
"""

import pkgutil
import sys
from importlib import import_module
from keyword import iskeyword

import click

import selfsame
from selfsame.compiler.errors import Skipped, UserError

LEADING = ("run", "status", "why", "optimize")


class Verbs(click.Group):
    """A group whose commands are the modules of ``selfsame.cli.verbs``, imported when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs most people need first, then the others by name."""
        from selfsame.cli import verbs

        # A verb that is a word of Python's has an underscore behind its module's name.
        names = sorted(m.name.rstrip("_") for m in pkgutil.iter_modules(verbs.__path__))
        return [n for n in LEADING if n in names] + [n for n in names if n not in LEADING]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The verb called ``name``, or None."""
        if name not in self.list_commands(ctx):
            return None
        module = f"{name}_" if iskeyword(name) else name
        command: click.Command = import_module(f"selfsame.cli.verbs.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest verb suggested where one is misspelt."""
        import difflib

        name = args[0] if args else ""
        near = difflib.get_close_matches(name, self.list_commands(ctx), 1)
        if name and near and near[0] != name and not name.startswith("-"):
            ctx.fail(f"no such verb: {name!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Two lists: what most people need, and the rest."""
        rows = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        texts = [(n, c.get_short_help_str(70)) for n, c in rows if c is not None]
        for title, wanted in (("Most people need", True), ("And", False)):
            part = [row for row in texts if (row[0] in LEADING) is wanted]
            if part:
                with formatter.section(title):
                    formatter.write_dl(part)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(selfsame.__version__, message="selfsame %(version)s")
def cli() -> None:
    """Makes a running Python program faster by rewriting its own code.

    A rewrite is swapped in only when there is evidence that it is the selfsame function.

    \b
    Example:
      selfsame run app.py            watch: changes nothing, says where time goes
      selfsame run --auto app.py     rewrite what is hot, with evidence
      selfsame why app:slow          what was tried, and why it was (not) kept
    """


def main() -> None:
    """Entry point of the console script and of ``python -m selfsame``."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except UserError as error:
        from selfsame.report.diagnostics import print_diagnostics

        print_diagnostics(error.diagnostics)
        sys.exit(2)
    except Skipped as skip:
        print(f"selfsame: {skip.reason}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
