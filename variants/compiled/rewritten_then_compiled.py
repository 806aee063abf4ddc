"""What templates make of a pure function runs as machine code: a rewrite, then its compiled form.

A search that became a look-up leaves the steps of the interpreter between one look-up and the next;
those of the original would never have shown.

Before:
    def reached(links: dict, start: int):
        seen, queue = [start], [start]
        while queue:
            for other in links[queue.pop(0)]:
                if other not in seen:
                    seen.append(other)
                    queue.append(other)
        return seen

After:
    def reached(links: dict, start: int):
        result = compiled(links, start, started, plain, deque)
        if result is not DEOPT:
            return result
        selfsame_deopt()
        seen, queue = ([start], [start])
        while queue:
            for other in links[queue.pop(0)]:
                if other not in seen:
                    seen.append(other)
                    queue.append(other)
        return seen

Precondition:
    That of each of the templates, and that of a pure function that is compiled as it stands. Where
    one of the templates would go on with the original, the call starts over with it.

When it is wrong:
    Where one of them is.
"""

import ast
from dataclasses import replace
from functools import partial
from typing import Any

from selfsame.compiler.emit.cython import ObjectUnit, print_pure
from selfsame.compiler.emit.functions import compile_tree, function_code
from selfsame.compiler.emit.trees import shallow
from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.retry import declining
from selfsame.compiler.rewrite.spelled import Spelled, spelled
from selfsame.variants.algorithm.several_together import Together, together
from selfsame.variants.compiled import pure_function_to_cython as pure
from selfsame.variants.compiled.compiling import Printed, buildable, compiled
from selfsame.variants.site import Refusal, Site
from selfsame.variants.variation import Variation

name, family = "rewritten-then-compiled", "compiled"
wins = {"time": "O(...) -> what the templates give, without the interpreter's steps"}
deploy = "live"
combines = True
NOTHING = "no other template changes it"
watch = ("what each of the templates watches", *pure.watch)


def variations(site: Site, template: Any = None) -> list[Variation | Refusal]:
    """The rewritten function's compiled form; nothing where no template applies. Builds."""
    made = _rewritten(site)
    return [compiled(site, name, partial(_printed, made))] if made is not None else []


def could(site: Site) -> Refusal | None:
    """Why there is none, as far as is known without a build."""
    made = _rewritten(site)
    if made is None:
        return Refusal(name, NOTHING, None)
    return buildable(site, name, partial(_printed, made))


def text(site: Site) -> str:
    """The ``.pyx`` of the rewritten function, without a build. Raises Skipped with the reason."""
    made = _rewritten(site)
    if made is None:
        raise Skipped(NOTHING)
    return _printed(made, site).source


def _rewritten(site: Site) -> Together | None:
    """What the templates change, where that can start over."""
    made = together(site)
    return made if made is not None and made.retry is not None and made.used else None


def _printed(made: Together, site: Site) -> Printed:
    unit, spelling = print_rewritten(site, made)
    given = [spelling.placeholders.get(name, name) for name in unit.globals]
    summary = f"{', '.join(made.used)}; the result compiled on objects"
    watched = tuple(made.watched) + pure.watch
    parts = {"templates": ", ".join([*made.used, pure.name])}
    plain = pure.printed(site, unit, summary, given, watched)
    return replace(plain, parameters=parts | unit.parameters)


def print_rewritten(site: Site, made: Together) -> tuple[ObjectUnit, Spelled]:
    """The rewritten function as Cython, and what its names stand for. Raises Skipped."""
    function, retry = site.definition.node, made.retry
    assert isinstance(function, ast.FunctionDef) and retry is not None
    pure.refuse(site)
    entry, tried = declining(function, retry.flow, retry.replace, retry.before)
    new = shallow(function)
    new.body, new.decorator_list = [*entry, *tried], []
    text = spelled(new, site.source.tree)
    plain = function_code(
        compile_tree(text.alone, site.source.path, site.optimize), function.name, new.lineno
    )
    kinds = pure.kinds_of(site)
    where = pure.class_of(site)
    return print_pure(text.function, plain, text.module, kinds, where, pure.header_of(site)), text
