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
from typing import Any

from selfsame.compiler.emit.build import compiler_status, shared_builder
from selfsame.compiler.emit.cython import ObjectUnit, print_pure
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.emit.functions import compile_tree, function_code
from selfsame.compiler.emit.trees import shallow
from selfsame.compiler.errors import InternalError, Skipped
from selfsame.compiler.rewrite.retry import declining
from selfsame.compiler.rewrite.spelled import Spelled, spelled
from selfsame.variants.algorithm.several_together import Together, together
from selfsame.variants.compiled import pure_function_to_cython as pure
from selfsame.variants.compiled.trampoline import trampoline
from selfsame.variants.facts import place
from selfsame.variants.site import Refusal, Site
from selfsame.variants.variation import Variation

name, family = "rewritten-then-compiled", "compiled"
wins = {"time": "O(...) -> what the templates give, without the interpreter's steps"}
deploy = "live"
combines = True
watch = ("what each of the templates watches", *pure.watch)


def variations(site: Site, template: Any = None) -> list[Variation | Refusal]:
    """The rewritten function's compiled form; nothing where no template applies. Builds."""
    function = site.definition.node
    made = together(site)
    if made is None or made.retry is None or not made.used:
        return []
    assert isinstance(function, ast.FunctionDef)
    try:
        unit, text = print_rewritten(site, made)
        built = shared_builder().build(unit.text, {HEADER: header_text()})
        stars = [a.arg for a in (function.args.vararg, function.args.kwarg) if a is not None]
        given = [text.placeholders.get(name, name) for name in unit.globals]
        code, constants = trampoline(site, function, built, unit.entry, [*stars, *given])
    except Skipped as skip:
        return [Refusal(name, skip.reason, place(site, function))]
    except InternalError as failed:
        return [Refusal(name, f"a bug of ours: {failed}", place(site, function))]
    templates = ", ".join(made.used)
    parts = ", ".join([*made.used, pure.name])
    return [
        Variation(
            address=site.definition.address,
            template=name,
            family=family,
            summary=f"{templates}; the result compiled on objects",
            source=unit.text,
            code=code,
            constants=constants,
            guards=unit.guards,
            watch=tuple(made.watched) + pure.watch,
            parameters={"templates": parts, **unit.parameters},
            dependencies=pure.dependencies(site, unit),
        )
    ]


def could(site: Site) -> Refusal | None:
    """Why there is none, as far as is known without a build."""
    made = together(site)
    if made is None or made.retry is None or not made.used:
        return Refusal(name, "no other template changes it", None)
    try:
        print_rewritten(site, made)
    except Skipped as skip:
        return Refusal(name, skip.reason, place(site, site.definition.node))
    available, told = compiler_status()
    return None if available else Refusal(name, told, None)


def text(site: Site) -> str:
    """The ``.pyx`` of the rewritten function, without a build. Raises Skipped with the reason."""
    made = together(site)
    if made is None or made.retry is None or not made.used:
        raise Skipped("no other template changes it")
    return print_rewritten(site, made)[0].text


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
    return print_pure(text.function, plain, text.module, kinds, where, pure.header(site)), text
