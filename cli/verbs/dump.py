"""``selfsame dump``: one stage of a file, module or node as text."""

from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option
from selfsame.cli.targets import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selfsame.compiler.analysis.effects import ModuleFacts
    from selfsame.compiler.cst.source import Source

STAGES = ("ico", "cst", "facts", "probes", "python", "cython")


@click.command(
    epilog="""\b
Example:
  selfsame dump shop/cart.py                       the graph of a file
  selfsame dump shop.cart:Cart.total               of one node
  selfsame dump shop.cart --stage facts            what its functions may do
  selfsame dump shop/cart.py --json                the graph for other programs
  selfsame dump shop.cart --stage facts --json     its facts for other programs
  selfsame dump shop.cart:total --stage python     what the templates would make of it
  selfsame dump shop.cart:total --stage cython --type rows='list[float]'
"""
)
@click.argument("target")
@click.option(
    "--stage",
    default="ico",
    show_default=True,
    metavar="STAGE",
    help=f"One of {', '.join(STAGES)}.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="NAME=TYPE",
    help="For python and cython: as if the parameter NAME, or the attribute CLASS.NAME, had been seen"
    " to be a TYPE.",
)
@json_option
def command(target: str, stage: str, types: tuple[str, ...], as_json: bool) -> None:
    """Print a stage of TARGET: a file, a dotted module, or a node (module:qualname).

    \b
    ico      the graph: nodes and what reaches them
    cst      the concrete syntax tree
    facts    what functions may do, and what that relies on
    probes   the twin that measures
    python   what each template would make of a function, or why it does not apply
    cython   the text that each compiled template would build, or why there is none
    """
    if stage not in STAGES:
        raise click.UsageError(f"there is no stage {stage!r}: {', '.join(STAGES)}")
    if as_json and stage not in ("ico", "facts"):
        raise click.UsageError(f"stage {stage!r} is text; ico and facts alone are JSON too")
    if types and stage not in ("python", "cython"):
        raise click.UsageError("--type is for the stages python and cython")
    source, address = source_of(target)
    if stage in ("python", "cython"):
        print(_written(source, address, stage, types).rstrip("\n"))
        return
    if as_json:
        (_print_json if stage == "ico" else _print_facts)(source, address)
        return
    make = {"ico": _ico, "cst": _cst, "facts": _facts, "probes": _probes}[stage]
    print(make(source, address).rstrip("\n"))


def _ico(source: "Source", address: str | None) -> str:
    from selfsame.compiler.ir import print_graph
    from selfsame.compiler.pipeline import lower_source

    graph = lower_source(source)
    only = graph.find(address) if address else None
    return print_graph(graph, only=only, source=source.text.split("\n"))


def _print_json(source: "Source", address: str | None) -> None:
    from selfsame.compiler.ir.interchange import to_json
    from selfsame.compiler.pipeline import lower_source

    if address is not None:
        raise click.UsageError("the JSON is of a whole module: name its file or the module")
    print(to_json(lower_source(source)).decode())


def _cst(source: "Source", address: str | None) -> str:
    import ast
    import textwrap

    import libcst
    from libcst.display import dump

    from selfsame.compiler.errors import Skipped
    from selfsame.compiler.identity import identify

    text = source.text
    _ = source.tree
    if address is not None:
        found = identify(source).by_address.get(address)
        node = found.node if found is not None else None
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            raise Skipped("the cst of a lambda, comprehension or call: dump what it is in")
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        kept = source.text.split("\n")[first - 1 : node.end_lineno]
        text = textwrap.dedent("\n".join(kept)) + "\n"
    try:
        return dump(libcst.parse_module(text))
    except libcst.ParserSyntaxError as error:
        raise Skipped(f"{source.path}: libcst does not parse this: {error}") from error


def _known(source: "Source", address: str | None) -> "Iterator[tuple[str, ModuleFacts, list[str]]]":
    """Each function with the facts to ask for it, and the names in its dependency set."""
    from selfsame.compiler.analysis.effects import ModuleFacts
    from selfsame.compiler.identity import definitions

    facts = ModuleFacts.of(source, lambda _: None)
    for definition in definitions(source):
        if definition.kind != "class" and address in (None, definition.address):
            relied = set(facts.dependencies(definition.address)) - {definition.address}
            yield definition.address, facts, sorted(relied)


def _facts(source: "Source", address: str | None) -> str:
    out = []
    for function, facts, relied in _known(source, address):
        found, plain = facts.effects(function), facts.plain(function)
        out.append(
            f"{function}  pure {found.pure.name}  shadowable {found.shadowable.name}"
            f"  may raise {found.may_raise.name}"
        )
        if plain.replayed and plain.replayable and not plain.shadowable:
            names = ", ".join(sorted({call.dotted for call in plain.replayed}))
            out.append(f"  shadowable where what {names} gave is recorded and replayed")
        if plain.outgoing and plain.replayable:
            out.append(
                "  shadowable where what is printed and logged is compared, and goes nowhere"
            )
        if plain.dry:
            out.append("  shadowable where calls, run dry, are seen to leave nothing behind")
        if (plain.pure, plain.shadowable) != (found.pure, found.shadowable):
            told = f"pure {plain.pure.name}  shadowable {plain.shadowable.name}"
            out.append(f"  if only data of builtin types comes in: {told}")
        for made in facts.containers(function) or ():
            out.append(f"  line {made.line}: makes a {made.type}, escapes {made.escapes.name}")
        out += [f"  {reason}" for reason in found.reasons]
        if relied:
            out.append(f"  holds while these stay as they are: {', '.join(relied)}")
    return "\n".join(out) or "no function"


def _print_facts(source: "Source", address: str | None) -> None:
    import json

    functions = [
        {
            "address": function,
            "pure": found.pure.value,
            "shadowable": found.shadowable.value,
            "may_raise": found.may_raise.value,
            "reasons": found.reasons,
            "on_builtin_data": {
                "pure": plain.pure.value,
                "shadowable": plain.shadowable.value,
                "replayable": plain.replayable.value,
                "dry": plain.dry,
                "reasons": plain.reasons,
            },
            "containers": [
                {"line": made.line, "type": made.type, "escapes": made.escapes.value}
                for made in facts.containers(function) or ()
            ],
            "holds_while_same": relied,
        }
        for function, facts, relied in _known(source, address)
        for found, plain in [(facts.effects(function), facts.plain(function))]
    ]
    print(json.dumps({"module": source.module, "functions": functions}, indent=1))


def _probes(source: "Source", address: str | None) -> str:
    from selfsame.compiler.errors import Skipped
    from selfsame.compiler.identity import definitions
    from selfsame.compiler.instrument.twins import probed_source

    if address is not None and "/" in address:
        return _inner_probes(source, address)
    out = []
    for definition in definitions(source):
        if definition.kind == "class" or address not in (None, definition.address):
            continue
        try:
            text = probed_source(source, definition)
        except Skipped as skip:
            text = f"# left alone: {skip.reason}"
        out.append(f"# {definition.address}\n{text.rstrip()}\n")
    return "\n".join(out) or "no function"


def _inner_probes(source: "Source", address: str) -> str:
    from selfsame.compiler.cst.source import Source
    from selfsame.compiler.identity import Definition, InnerNode, identify
    from selfsame.compiler.instrument.inner import untimed
    from selfsame.compiler.instrument.probes import readable_inner

    found = identify(Source(source.path, source.module, source.text)).by_address
    node = found.get(address)
    owner = found.get(node.owner) if isinstance(node, InnerNode) else None
    if not isinstance(node, InnerNode) or not isinstance(owner, Definition):
        return f"# {address}\n# left alone: it is in no function\n"
    why = untimed(node)
    return f"# {address}\n{f'# left alone: {why}' if why else readable_inner(owner, node)}\n"


def _written(source: "Source", address: str | None, stage: str, types: tuple[str, ...]) -> str:
    from selfsame.compiler.errors import Skipped
    from selfsame.variants.site import Observed
    from selfsame.variants.survey import sites
    from selfsame.variants.written import STAGES as WRITERS
    from selfsame.variants.written import own_text, parameters

    given = {name: frozenset({kind}) for name, kind in map(_typed, types)}
    plain = {name: kinds for name, kinds in given.items() if "." not in name}
    observed = Observed(plain, full=given)
    chosen = [s for s in sites(source, observed) if address in (None, s.definition.address)]
    named = {name for site in chosen for name in parameters(site)}
    if chosen and (unknown := sorted(set(observed.types) - named)):
        raise click.BadParameter(f"--type: no parameter is called {', '.join(unknown)}")
    out = []
    for site in chosen:
        written, refused = WRITERS[stage](site)
        lines = [f"# {site.definition.address}"]
        for refusal in refused:
            line = f" (line {refusal.place.line})" if refusal.place is not None else ""
            lines.append(f"# not {refusal.template}{line}: {refusal.reason}")
        for one in written:
            lines += ["", f"# {one.template}: {one.summary}"]
            lines += [f"# guard: {guard}" for guard in one.guards]
            lines.append(one.text.rstrip("\n"))
        if not written and stage == "python":
            lines += ["", "# as it is: no template applies", own_text(site)]
        out.append("\n".join(lines) + "\n")
    if not out and address is not None:
        raise Skipped(f"{address} is no function: templates work on whole functions")
    return "\n".join(out) or "no function"


def _typed(text: str) -> tuple[str, str]:
    name, equals, kind = text.partition("=")
    if not equals or not kind or not all(part.isidentifier() for part in name.split(".")):
        raise click.BadParameter(f"{text!r} is no NAME=TYPE, as in rows='list[float]'")
    return name, kind
