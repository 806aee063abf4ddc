"""What the templates would write of one function, as text: nothing is built, run or tried."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from selfsame.compiler.emit.cython import CannotPrint
from selfsame.compiler.errors import Place, Skipped
from selfsame.variants.catalogue import templates
from selfsame.variants.facts import place
from selfsame.variants.site import Refusal, Site
from selfsame.variants.template import CodeTemplate
from selfsame.variants.variation import Variation


@final
@dataclass(frozen=True, slots=True)
class Written:
    """One text: the template that wrote it, what it did, and what it must find when it is called."""

    template: str
    summary: str
    text: str
    guards: tuple[str, ...] = ()


def as_python(site: Site) -> tuple[list[Written], list[Refusal]]:
    """What the templates whose variations are Python make of a function, and why not more."""
    written: list[Written] = []
    refused: list[Refusal] = []
    for template in templates():
        if isinstance(template, CodeTemplate) and template.text is not None:
            continue
        for result in template.variations(site):
            if isinstance(result, Variation):
                written.append(Written(template.name, result.summary, result.source, result.guards))
            else:
                refused.append(result)
    return written, refused


def as_cython(site: Site) -> tuple[list[Written], list[Refusal]]:
    """The ``.pyx`` that each compiled template would build of a function, or why there is none."""
    written: list[Written] = []
    refused: list[Refusal] = []
    for template in templates():
        if not isinstance(template, CodeTemplate) or template.text is None:
            continue
        try:
            written.append(
                Written(template.name, "the text that would be built", template.text(site))
            )
        except Skipped as skip:
            refused.append(Refusal(template.name, skip.reason, _where(site, skip)))
    return written, refused


STAGES: dict[str, Callable[[Site], tuple[list[Written], list[Refusal]]]] = {
    "python": as_python,
    "cython": as_cython,
}


def parameters(site: Site) -> list[str]:
    """The names of the function's parameters, stars left out."""
    node = site.definition.node
    if isinstance(node, ast.ClassDef):
        return []
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def own_text(site: Site) -> str:
    """The function as it stands in its file, its decorators included, without its indent."""
    node = site.definition.node
    if isinstance(node, ast.Lambda):
        return ast.get_source_segment(site.source.text, node) or ""
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    lines = site.source.text.split("\n")[first - 1 : node.end_lineno]
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] if not line[:indent].strip() else line for line in lines)


def _where(site: Site, skip: Skipped) -> Place:
    if isinstance(skip, CannotPrint) and skip.line:
        return Place(site.source.path, skip.line, skip.column)
    return place(site, site.definition.node)
