"""What the templates of this family share: from a printed function to its variation, or why there is none."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from selfsame.compiler.emit.build import Built, compiler_status, shared_builder
from selfsame.compiler.emit.cython import CannotPrint
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.errors import InternalError, Place, Skipped
from selfsame.compiler.identity import Definition, definitions
from selfsame.variants.compiled.trampoline import trampoline
from selfsame.variants.facts import place
from selfsame.variants.site import Refusal, Site
from selfsame.variants.variation import Variation

FAMILY = "compiled"


@dataclass(frozen=True, slots=True)
class Printed:
    """A function's compiled form, not built yet.

    ``entry`` is called with the function's parameters and then ``extra``: see ``trampoline``.
    """

    source: str
    entry: str
    summary: str
    extra: Sequence[str] = ()
    guards: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    dependencies: Mapping[str, str] = field(default_factory=dict)


def compiled(site: Site, template: str, printing: Callable[[Site], Printed]) -> Variation | Refusal:
    """The function's compiled form, or why there is none. Builds."""
    try:
        printed = printing(site)
        built = shared_builder().build(printed.source, {HEADER: header_text()})
        return variation(site, template, printed, built)
    except Skipped as skip:
        return refusal(site, template, skip)
    except InternalError as failed:
        return bug(site, template, failed)


def variation(site: Site, template: str, printed: Printed, built: Built) -> Variation:
    """The function with what was built of it in front. Raises Skipped."""
    function = site.definition.node
    assert isinstance(function, ast.FunctionDef)
    code, constants = trampoline(site, function, built, printed.entry, printed.extra)
    return Variation(
        address=site.definition.address,
        template=template,
        family=FAMILY,
        summary=printed.summary,
        source=printed.source,
        code=code,
        constants=constants,
        guards=printed.guards,
        watch=printed.watch,
        parameters=dict(printed.parameters),
        dependencies=printed.dependencies,
    )


def buildable(site: Site, template: str, printing: Callable[[Site], object]) -> Refusal | None:
    """Why the function cannot be compiled, as far as is known without a build."""
    try:
        printing(site)
    except Skipped as skip:
        return refusal(site, template, skip)
    available, told = compiler_status()
    return None if available else Refusal(template, told, None)


def refusal(site: Site, template: str, skip: Skipped) -> Refusal:
    """The reason, with the line that it names or that of the function."""
    where = place(site, site.definition.node)
    if isinstance(skip, CannotPrint) and skip.line:
        where = Place(site.source.path, skip.line, skip.column)
    return Refusal(template, skip.reason, where)


def bug(site: Site, template: str, failed: InternalError) -> Refusal:
    """That it is our own fault."""
    return Refusal(template, f"a bug of ours: {failed}", place(site, site.definition.node))


def owner(site: Site) -> Definition | None:
    """The class that the function is a method of. Raises CannotPrint where it is an inner function."""
    parents = {d.address: d for d in definitions(site.source)}
    parent = parents.get(site.definition.parent or "")
    if parent is not None and not isinstance(parent.node, ast.ClassDef):
        raise CannotPrint("it is an inner function", site.definition.node)
    return parent


def shown(types: Mapping[str, str]) -> str:
    """The types that a compiled form is for: ``a: int, b: str``."""
    return ", ".join(f"{name}: {type_}" for name, type_ in types.items())


def header(first: str, functions: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """What stands at the head of a compiled text: the functions in it, and what each relies on."""
    lines = [first]
    for told, relied in functions:
        lines.append(told)
        lines += [f"  relies on {what} {digest}" for what, digest in sorted(relied.items())]
    return "\n".join(lines)
