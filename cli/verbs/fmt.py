"""``selfsame fmt``: CDL files in canonical form; their JSON form; the schema of that."""

import json
import sys
from pathlib import Path

import click


@click.command(
    epilog="""\b
Example:
  selfsame fmt shop.cdl              rewrites the file
  selfsame fmt --check *.cdl         exit code 1 where a file would change
  selfsame fmt --to json shop.cdl    prints the JSON form
"""
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--check", "only_check", is_flag=True, help="Change nothing; say what would change.")
@click.option("--to", "form", type=click.Choice(["cdl", "json"]), help="Print in this form.")
@click.option("--schema", "wants_schema", is_flag=True, help="Print the JSON Schema of the form.")
def command(files: tuple[str, ...], only_check: bool, form: str | None, wants_schema: bool) -> None:
    """Format CDL files in place: canonical layout, comments and meaning kept. `-` is stdin.

    Exit code 0 if all is well, 1 if --check found something to format, 2 if a file is wrong (it is
    left as it is).
    """
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.diagnostics import CDLError, Diagnostic
    from selfsame.grammar.json_form import schema

    if wants_schema:
        print(json.dumps(schema(), indent=2))
        return
    if not files:
        raise click.UsageError("Missing argument 'FILES...'.")
    diagnostics: list[Diagnostic] = []
    changed = False
    for file in files:
        try:
            changed |= _one(file, only_check, form)
        except CDLError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise UserError(*diagnostics)
    sys.exit(1 if only_check and changed else 0)


def _one(file: str, only_check: bool, form: str | None) -> bool:
    """Format one file; whether that changed it, or would. Raises CDLError."""
    from selfsame.grammar.format import format_text
    from selfsame.grammar.json_form import print_json
    from selfsame.grammar.parse import parse_form, read_text
    from selfsame.grammar.text import print_document

    text = sys.stdin.read() if file == "-" else read_text(file)
    if form is not None:
        document = parse_form(text, file)
        is_text = file == "-" or not file.endswith((".json", ".toml"))
        if form == "json":
            print(print_json(document), end="")
        else:
            print(format_text(text, file) if is_text else print_document(document), end="")
        return False
    if file.endswith(".toml"):
        raise click.UsageError(f"{file}: CDL can be formatted, and its JSON form, but not TOML")
    wanted = (
        print_json(parse_form(text, file)) if file.endswith(".json") else format_text(text, file)
    )
    if file == "-":
        print(wanted, end="")
    elif wanted == text:
        return False
    elif only_check:
        print(f"{file}: would be formatted")
    else:
        Path(file).write_text(wanted, encoding="utf-8")
        print(f"{file}: formatted")
    return wanted != text
