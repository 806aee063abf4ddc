"""``selfsame check``: what is wrong with CDL files, and what they mean."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from selfsame.compiler.constraints import Binding, ConstraintSet
    from selfsame.compiler.constraints.nodes import TreeNodes
    from selfsame.grammar.diagnostics import Diagnostic, Place
    from selfsame.grammar.model import Constraint, Document


@click.command(
    epilog="""\b
Example:
  selfsame check shop.cdl                  is it right?
  selfsame check shop.cdl --source shop/   and which nodes does it speak of?
  selfsame check pyproject.toml            the defaults in [tool.selfsame]

A file may be CDL, its JSON form (.json) or a pyproject.toml.
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

    With --source also: names that no node has, constraints that contradict each other, algorithms
    that are not there or take other arguments. Exit code 0 if all is right, 2 if anything is wrong.
    """
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.diagnostics import CDLError
    from selfsame.grammar.parse import parse_files
    from selfsame.variants.misnamed import misnamed

    try:
        documents = parse_files(files)
    except CDLError as error:
        # Templates and nodes that there are not are told of at once with what is written wrong.
        told = {diagnostic.place for diagnostic in error.diagnostics}
        more = (*misnamed(error.documents), *_unnamed(error.documents, source))
        wrong = _in_order([*error.diagnostics, *(d for d in more if d.place not in told)])
        if as_json:
            _print_json(wrong, [])
            sys.exit(2)
        raise UserError(*wrong) from error
    tree = binding = None
    if source is None:
        diagnostics = _alone(documents)
    else:
        tree, binding, diagnostics = _bound(documents, source)
    diagnostics = _in_order([*misnamed(documents), *diagnostics])
    if as_json:
        bound = {id(constraint): names for constraint, names in binding.bound} if binding else {}
        facts = [_constraint_facts(d, bound) for d in documents]
        _print_json(diagnostics, facts, tree, binding)
        sys.exit(2 if diagnostics else 0)
    if tree is not None:
        _print_notes(tree)
    if diagnostics:
        raise UserError(*diagnostics)
    if tree is not None and binding is not None and source is not None:
        _print_binding(binding, Path(source), tree)
    else:
        _print_documents(documents)


def _alone(documents: "list[Document]") -> "tuple[Diagnostic, ...]":
    """What contradicts itself in one constraint, whatever its nodes are."""
    from selfsame.compiler.constraints.contradictions import contradictions

    return tuple(contradictions(found for _, found in _each_alone(documents)))


def _bound(
    documents: "list[Document]", source: str
) -> "tuple[TreeNodes, Binding, tuple[Diagnostic, ...]]":
    from selfsame.compiler.constraints import bind
    from selfsame.compiler.constraints.contradictions import contradictions
    from selfsame.compiler.constraints.tenants import strangers
    from selfsame.variants.declared import unusable

    tree = _tree(source)
    binding = bind(documents, tree.nodes)
    sets = binding.sets.values()
    found = (
        *binding.diagnostics,
        *contradictions(sets),
        *unusable(sets, tree.file_of, tree.modules),
        *strangers(sets, tree.file_of),
    )
    return tree, binding, found


def _tree(source: str) -> "TreeNodes":
    import selfsame
    from selfsame.compiler.constraints.nodes import tree_nodes
    from selfsame.compiler.constraints.remembered import Remembered

    return tree_nodes(source, Remembered(Path(source), selfsame.__version__))


def _unnamed(documents: "tuple[Document, ...]", source: str | None) -> "tuple[Diagnostic, ...]":
    """What names no node of the tree, where the declarations of all files could be read."""
    from selfsame.compiler.constraints import bind

    return bind(documents, _tree(source).nodes).diagnostics if documents and source else ()


def _in_order(found: "list[Diagnostic]") -> "tuple[Diagnostic, ...]":
    """Mistakes by place, those of the file that has the first one first."""
    files = list(dict.fromkeys(d.place.path for d in found))
    places = {id(d): (files.index(d.place.path), d.place.line, d.place.column) for d in found}
    return tuple(sorted(found, key=lambda d: places[id(d)]))


def _each_alone(
    documents: "list[Document]",
) -> "Iterator[tuple[Constraint, ConstraintSet]]":
    """Each constraint for itself: the first of its names stands for the nodes it will be bound to."""
    from selfsame.compiler.constraints import NodeName, bind
    from selfsame.grammar.model import Constraint

    declared = [d for document in documents for d in document.declarations]
    names = tuple(d for d in declared if not isinstance(d, Constraint))
    for document in documents:
        for constraint in document.constraints:
            name = next(s.text for s in constraint.selectors if not s.excludes)
            plain = replace(constraint, selectors=(replace(constraint.selectors[0], text="node"),))
            alone = type(document)((*names, plain), document.path)
            found = bind([alone], [NodeName("node", ("node",))]).of("node")
            if found is not None:
                yield constraint, found.at(name)


def _print_documents(documents: "list[Document]") -> None:
    for constraint, found in _each_alone(documents):
        print(found.explain().replace(found.address, constraint.title, 1))
    for document in documents:
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
    from selfsame.grammar.text import print_declaration

    return {
        "path": document.path,
        "constraints": [
            {
                "nodes": [selector.text for selector in constraint.selectors],
                "line": constraint.place.line,
                "text": print_declaration(constraint),
                "bounds": [
                    {
                        "property": b.property,
                        "comparator": b.comparator,
                        "value": b.value,
                        "unit": b.unit_text,
                        "window_s": b.window_s,
                        "samples": b.samples,
                        "relative": b.relative,
                    }
                    for b in constraint.bounds
                ],
                "bound_to": list(bound.get(id(constraint), ())),
            }
            for constraint in document.constraints
        ],
    }
