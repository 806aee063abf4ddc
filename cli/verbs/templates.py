"""``selfsame templates``: the catalogue of rewrites, with what each needs and when it is wrong."""

from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option, print_json, print_table

if TYPE_CHECKING:
    from selfsame.variants.template import Template


@click.command(
    epilog="""\b
Example:
  selfsame templates                      all of them, a line each
  selfsame templates list-pop0-to-deque   one, with its before and after
"""
)
@click.argument("name", required=False)
@json_option
def command(name: str | None, as_json: bool) -> None:
    """Show the rewrites that selfsame knows, or one of them in full."""
    from selfsame.variants.catalogue import templates
    from selfsame.variants.docs import card

    chosen = [t for t in templates() if name in (None, t.name)]
    if not chosen:
        raise click.BadParameter(_unknown(str(name), [t.name for t in templates()]))
    if as_json:
        print_json([_facts(t) for t in chosen])
    elif name is None:
        rows = [(t.name, t.family, card(t).title) for t in chosen]
        print_table(("template", "family", "what it does"), rows)
    else:
        _print_one(chosen[0])


def _facts(template: "Template") -> dict[str, object]:
    from selfsame.variants.docs import card

    parts = card(template)
    return {
        "name": template.name,
        "family": template.family,
        "title": parts.title,
        "text": parts.text,
        "wins": dict(template.wins),
        "deploy": template.deploy,
        "before": parts.before,
        "after": parts.after,
        "precondition": parts.precondition,
        "when_it_is_wrong": parts.wrong,
        "guards": list(template.guards),
        "watch": list(template.watch),
    }


def _print_one(template: "Template") -> None:
    from textwrap import indent

    from selfsame.variants.docs import card

    parts = card(template)
    print(f"{template.name} ({template.family}, {template.deploy})\n\n{parts.title}. {parts.text}")
    for heading, text in (
        ("Before", parts.before),
        ("After", parts.after),
        ("Precondition", parts.precondition),
        ("When it is wrong", parts.wrong),
        ("A trial watches", ", ".join(template.watch)),
    ):
        print(f"\n{heading}:\n{indent(text, '    ')}")


def _unknown(name: str, names: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, names, 1)
    return f"no such template: {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
