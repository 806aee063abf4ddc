"""``selfsame check``: what is wrong with CDL files, and what they mean."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from selfsame.compiler.constraints import Binding
    from selfsame.compiler.constraints.nodes import TreeNodes
    from selfsame.grammar.diagnostics import Diagnostic, Place
    from selfsame.grammar.model import Document


@click.command(
    epilog="""\b
Example:
  selfsame check shop.cdl                  is it right?
  selfsame check shop.cdl --source shop/   and which nodes does it speak of?
"""
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--source",
    type=click.Path(exists=True),
    help="A tree or file whose nodes the constraints should name.",
)
@click.option("--json", "as_json", is_flag=True, help="Print facts, not words.")
def command(files: tuple[str, ...], source: str | None, as_json: bool) -> None:
    """Check CDL: all mistakes at once, and what each constraint means.

    Exit code 0 if all is right, 2 if anything is wrong.
    """
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.diagnostics import CDLError
    from selfsame.grammar.parse import parse_files

    try:
        documents = parse_files(files)
    except CDLError as error:
        if as_json:
            _print_json(error.diagnostics, [])
            sys.exit(2)
        raise UserError(*error.diagnostics) from error
    if source is None:
        if as_json:
            _print_json((), [_constraint_facts(d, {}) for d in documents])
        else:
            _print_documents(documents)
        return

    from selfsame.compiler.constraints import bind
    from selfsame.compiler.constraints.nodes import tree_nodes

    tree = tree_nodes(source)
    binding = bind(documents, tree.nodes)
    if as_json:
        bound = {id(constraint): names for constraint, names in binding.bound}
        facts = [_constraint_facts(d, bound) for d in documents]
        _print_json(binding.diagnostics, facts, tree, binding)
        sys.exit(2 if binding.diagnostics else 0)
    _print_notes(tree)
    if binding.diagnostics:
        raise UserError(*binding.diagnostics)
    _print_binding(binding, Path(source), tree)


def _print_documents(documents: "list[Document]") -> None:
    from selfsame.compiler.constraints import NodeName, bind

    for document in documents:
        for constraint in document.constraints:
            # Each for itself: the first of its names stands for the nodes it will be bound to.
            name = constraint.selectors[0].text
            alone = type(document)((constraint,), document.path)
            found = bind([alone], [NodeName(name, (name,))]).of(name)
            if found is not None:
                print(found.explain().replace(name, constraint.title, 1))
        count = len(document.constraints)
        print(f"{document.path}: ok, {count} constraint{'s' if count != 1 else ''}")


def _print_binding(binding: "Binding", source: Path, tree: "TreeNodes") -> None:
    for constraint, addresses in binding.bound:
        print(f"{constraint.title}  ({constraint.place.path}:{constraint.place.line})")
        print(f"  names {', '.join(addresses[:6])}{_more(len(addresses) - 6)}")
    for found in binding.sets.values():
        print(found.explain())
    print(f"ok: {len(binding.sets)} of {len(tree.nodes)} nodes in {source} are constrained")


def _print_notes(tree: "TreeNodes") -> None:
    for note in tree.notes:
        print(f"note: {note.render()}", file=sys.stderr)


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _print_json(
    diagnostics: "tuple[Diagnostic, ...]",
    documents: list[dict[str, Any]],
    tree: "TreeNodes | None" = None,
    binding: "Binding | None" = None,
) -> None:
    import json

    facts: dict[str, Any] = {
        "ok": not diagnostics,
        "diagnostics": [_diagnostic_facts(d) for d in diagnostics],
        "documents": documents,
    }
    if tree is not None and binding is not None:
        facts["nodes"] = {a: found.explain() for a, found in binding.sets.items()}
        facts["notes"] = [_diagnostic_facts(d) for d in tree.notes]
    print(json.dumps(facts, indent=2))


def _diagnostic_facts(diagnostic: "Diagnostic") -> dict[str, Any]:
    return {
        **_place_facts(diagnostic.place),
        "message": diagnostic.message,
        "suggestion": diagnostic.suggestion,
    }


def _place_facts(place: "Place") -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "width": place.width,
    }


def _constraint_facts(document: "Document", bound: dict[int, tuple[str, ...]]) -> dict[str, Any]:
    from selfsame.grammar.text import print_constraint

    return {
        "path": document.path,
        "constraints": [
            {
                "nodes": [selector.text for selector in constraint.selectors],
                "line": constraint.place.line,
                "text": print_constraint(constraint),
                "bounds": [
                    {
                        "property": b.property,
                        "comparator": b.comparator,
                        "value": b.value,
                        "unit": b.unit_text,
                        "window_s": b.window_s,
                        "samples": b.samples,
                    }
                    for b in constraint.bounds
                ],
                "bound_to": list(bound.get(id(constraint), ())),
            }
            for constraint in document.constraints
        ],
    }
