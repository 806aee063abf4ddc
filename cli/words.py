"""A command line that ends in another program's command line."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def program_options(function: Function) -> Function:
    """What names the program and its CDL: ``module``, ``cdl``, ``words``; see `AnyCommand`."""
    for option in (
        click.argument(
            "words", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT ARG… | -- COMMAND…"
        ),
        click.option(
            "--cdl",
            "cdl",
            multiple=True,
            type=click.Path(exists=True, dir_okay=False),
            help="What is acceptable, in CDL, beside pyproject.toml's [tool.selfsame]. "
            "May be repeated.",
        ),
        click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does."),
    ):
        function = option(function)
    return function


class AnyCommand(click.Command):
    """Takes everything behind the first word, ``--`` or ``-m MODULE`` as the command's own."""

    allow_interspersed_args = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's; notes whether the command stood behind ``--``."""
        given = self._closed(args)
        rest = super().parse_args(ctx, list(given))
        words = ctx.params.get("words") or ()
        behind = given[: len(given) - len(words)]
        ctx.params["any_command"] = bool(behind) and behind[-1] == "--"
        return rest

    def _closed(self, args: list[str]) -> list[str]:
        """The arguments with ``--`` behind ``-m MODULE``, where python's own options end too."""
        valued = {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        at = 0
        while at < len(args) and args[at].startswith("-") and args[at] not in ("-", "--"):
            end = at + (2 if args[at] in valued else 1)
            if args[at].startswith("-m"):
                return [*args[:end], "--", *args[end:]]
            at = end
        return args
