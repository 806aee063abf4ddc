"""From a rewritten function to a ``Variation``: compiled in the original's place."""

import ast
import marshal
import sys
from collections.abc import Mapping, Sequence

from selfsame.compiler.analysis.names import Function
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.identity import content_hash
from selfsame.compiler.rewrite.placeholders import placeholders, readable
from selfsame.variants.site import Site
from selfsame.variants.variation import Constant, Variation


def build(
    site: Site,
    template: str,
    family: str,
    new: Function,
    *,
    summary: str,
    guards: Sequence[str] = (),
    watch: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
    relied: Mapping[str, str] | None = None,
) -> Variation:
    """The variation that runs ``new``. Raises Skipped where it could not be put in.

    ``relied``: what the rewrite relied on beyond the function's own dependency set.
    """
    code = with_function(site.source, site.definition, new, site.optimize)
    constants = tuple(
        Constant(placeholder, kind, module, attribute)
        for placeholder, kind, module, attribute in placeholders(code)
    )
    return Variation(
        address=site.definition.address,
        template=template,
        family=family,
        summary=summary,
        source=readable(new) + "\n",
        code=marshal.dumps(code),
        constants=constants,
        guards=tuple(guards),
        watch=tuple(watch),
        parameters=dict(parameters or {}),
        dependencies={**own_dependencies(site), **(relied or {})},
    )


def own_dependencies(site: Site) -> dict[str, str]:
    """The dependency set of the function as it is."""
    if site.facts is not None:
        return dict(site.facts.dependencies(site.definition.address))
    major, minor = sys.version_info[:2]
    address = site.definition.address
    return {address: content_hash(site.definition.node), "python": f"{major}.{minor}"}


def shown(node: ast.expr) -> str:
    """A guard as a person reads it."""
    return readable(node)
