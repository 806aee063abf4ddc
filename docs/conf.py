"""How the documentation is built: ``make docs``, or ``sphinx-build -W docs docs/_build``."""

from pathlib import Path

import click
from sphinx.application import Sphinx

import selfsame
from selfsame.cli.main import cli
from selfsame.grammar.editors.pygments_lexer import CDLLexer

project = "selfsame"
author = "selfsame contributors"
release = version = selfsame.__version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_verbs.md"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"selfsame {release}"


def verbs_page() -> str:
    """Every verb's own ``--help``, as Markdown: the page cannot drift from the commands."""
    with click.Context(cli, info_name="selfsame", max_content_width=100) as context:
        parts = []
        for name in cli.list_commands(context):
            verb = cli.get_command(context, name)
            assert verb is not None
            inner = click.Context(verb, parent=context, info_name=name, max_content_width=100)
            parts.append(f"## {name}\n\n```text\n{verb.get_help(inner)}\n```\n")
    return "\n".join(parts)


(Path(__file__).parent / "_verbs.md").write_text(verbs_page(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Highlight CDL."""
    app.add_lexer("cdl", CDLLexer)
