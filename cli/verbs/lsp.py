"""``selfsame lsp``: the language server of CDL, for editors."""

from importlib.util import find_spec

import click


@click.command(
    epilog="""\b
Example:
  selfsame lsp        started by an editor, which speaks to it on stdin and stdout

grammar/editors/vscode has an extension for VS Code. Needs: pip install 'selfsame[lsp]'
"""
)
def command() -> None:
    """Serve an editor: mistakes as you type, completion, hover, the way to a node's source.

    Exit code 0 when the editor is done, 1 where the extra is not installed.
    """
    from selfsame.compiler.errors import Skipped

    if find_spec("pygls") is None:
        raise Skipped("the language server needs pygls: pip install 'selfsame[lsp]'")
    from selfsame.cli.lsp.server import serve

    serve()
