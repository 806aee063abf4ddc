"""A pure function or method runs as machine code on the objects that it is given.

Its own statements are compiled as they stand, nothing is unboxed: the interpreter's steps between
one operation and the next are saved. Where it raises, the original runs and raises in its place.

Before:
    class Grid:
        def __init__(self, rows):
            self.rows = rows

        def count(self, wanted):
            found = 0
            for row in self.rows:
                for cell in row:
                    if cell == wanted:
                        found += 1
            return found

After:
    class Grid:
        def __init__(self, rows):
            self.rows = rows

        def count(self, wanted):
            result = compiled(self, wanted)
            if result is not DEOPT:
                return result
            selfsame_deopt()
            found = 0
            for row in self.rows:
                for cell in row:
                    if cell == wanted:
                        found += 1
            return found

Precondition:
    The effect facts say that it leaves no trace but its result, so that it may be run again after
    it was left halfway. It loops or calls itself, and it has no inner functions, no ``with``, and
    catches only errors of Python's own. An iterator among what it loops over is left to the original.

When it is wrong:
    Where a global that it reads is bound anew during a call, by another thread, say: it is read
    once. A profiler or tracer does not see its lines. Where a call starts over, a comparison of the
    user's own that counts how often it runs counts twice, and an iterator that a comprehension
    unpacks (``[a for a, b in rows]``) is used up.
"""

import ast
from collections.abc import Sequence
from typing import Any

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.emit.cython import CannotPrint, ObjectUnit, print_pure, recursive
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.variants.build import own_dependencies
from selfsame.variants.compiled import scalar_function_to_cython as scalar
from selfsame.variants.compiled.compiling import (
    Printed,
    buildable,
    compiled,
    header,
    owner,
    shown,
)
from selfsame.variants.site import Refusal, Site
from selfsame.variants.variation import Variation

name, family = "pure-function-to-cython", "compiled"
wins = {"time": "the function's own steps without the interpreter"}
deploy = "live"
HEAD = "Compiled by selfsame as it stands; what raises runs the original."
watch = (
    "globals bound anew during a call",
    "profilers and tracers, which do not see its lines",
    "comparisons of the user's own, which may run twice",
)


def variations(site: Site, template: Any = None) -> list[Variation | Refusal]:
    """The compiled form of the function, or why there is none. Builds."""
    return [compiled(site, name, _printed)]


def could(site: Site) -> Refusal | None:
    """Why the function cannot be compiled, as far as is known without a build."""
    return buildable(site, name, print_site)


def text(site: Site) -> str:
    """The ``.pyx`` of the function, without a build. Raises Skipped with the reason."""
    return print_site(site).text


def _printed(site: Site) -> Printed:
    unit = print_site(site)
    return printed(
        site, unit, f"compiled on objects ({shown(unit.parameters)})", unit.globals, watch
    )


def printed(
    site: Site, unit: ObjectUnit, summary: str, given: Sequence[str], watched: tuple[str, ...]
) -> Printed:
    """A unit on objects as what is built; ``given`` is passed for the globals that it takes."""
    function = site.definition.node
    assert isinstance(function, ast.FunctionDef)
    stars = [a.arg for a in (function.args.vararg, function.args.kwarg) if a is not None]
    relied = own_dependencies(site) | {f"builtins:{which}": "builtin" for which in unit.builtins}
    return Printed(
        source=unit.text,
        entry=unit.entry,
        summary=summary,
        extra=[*stars, *given],
        guards=unit.guards,
        watch=watched,
        parameters=unit.parameters,
        dependencies=relied,
    )


def print_site(site: Site) -> ObjectUnit:
    """The function as Cython, without a build. Raises Skipped with the reason."""
    function, definition = refuse(site), site.definition
    if scalar.unboxes(site):
        raise CannotPrint(f"{scalar.name} unboxes its numbers as well", function)
    plain = function_code(
        plain_code(site.source, site.optimize), definition.qualname, definition.line
    )
    return print_pure(
        function, plain, site.source.tree, kinds_of(site), class_of(site), header_of(site)
    )


def refuse(site: Site) -> ast.FunctionDef:
    """The function, which may be run on objects and start over. Raises Skipped where it may not."""
    function, definition = site.definition.node, site.definition
    if definition.kind != "function" or not isinstance(function, ast.FunctionDef):
        raise CannotPrint(f"it is a {definition.kind}", function)
    loops = any(isinstance(n, ast.For | ast.While | ast.comprehension) for n in ast.walk(function))
    if not (loops or (owner(site) is None and recursive(function))):
        raise CannotPrint("it has no loop: a call costs more than its steps", function)
    looking = Flow(function, site.source.tree).sees_locals()
    if looking is not None:
        raise CannotPrint("it may look at its own variables by name", looking)
    facts = site.facts or ModuleFacts.of(site.source, lambda wanted: None)
    if facts.effects(definition.address).pure is not Tri.YES:
        why = getattr(facts.effects(definition.address), "reasons", ())
        raise CannotPrint("; ".join(["it may leave a trace beside its result", *why[:1]]), function)
    return function


def kinds_of(site: Site) -> dict[str, str]:
    """Parameter -> its outer type, where only one was seen."""
    outer = {p: {t.partition("[")[0] for t in seen} for p, seen in site.observed.types.items()}
    return {p: min(seen) for p, seen in outer.items() if len(seen) == 1 and p.isidentifier()}


def class_of(site: Site) -> str:
    """The class that the function is a method of; empty where it is none."""
    parent = owner(site)
    return getattr(parent.node, "name", "") if parent is not None else ""


def header_of(site: Site) -> str:
    """What stands at the head of the compiled text: the function, and what it relies on."""
    return header(HEAD, [(site.definition.address, own_dependencies(site))])
