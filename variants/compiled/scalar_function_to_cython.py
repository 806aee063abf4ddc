"""A function of numbers (complex ones too), text and lists runs as machine code.

It is printed as Cython for the types that were seen, built, and tried first on each call; whatever
it cannot do exactly as Python does is left to the original body behind it.

Before:
    def gcd(a: int, b: int) -> int:
        while b:
            a, b = b, a % b
        return a

After:
    def gcd(a: int, b: int) -> int:
        result = compiled(a, b)
        if result is not DEOPT:
            return result
        selfsame_deopt()
        while b:
            a, b = b, a % b
        return a

Precondition:
    A plain function or method that changes nothing outside itself but lists of numbers that it is
    given and number attributes of instances of its module's plain classes: no store to globals, calls
    only of known builtins, ``math`` and other such functions and methods of its module. Both are
    changed at the end of the call, or change by change where all can be taken back before the
    original runs. One type for each parameter and attribute, from captured calls or, unseen, from
    annotations. What raises, in a ``try`` as well, runs the original (a ``try`` with a
    loop or a call of an own function in it is not compiled), and so do at most four
    branches of an ``if`` that have no compiled form and do not loop: the summary names their lines.
    Inner functions are compiled with it where they are only called. A list of instances of one plain
    class, each in it once, is worked on as one list for each attribute.

When it is wrong:
    Where a builtin, ``math`` or a called function or class of the module is replaced at run time by
    other code, and where another thread changes an argument's list, or looks at one, during the call.
"""

import ast
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.emit.build import Builder, Built, shared_builder
from selfsame.compiler.emit.cython import CannotPrint, ModuleNames, Unit, flatten, print_unit
from selfsame.compiler.emit.cython.closures import lifted
from selfsame.compiler.emit.cython.columns import with_columns
from selfsame.compiler.emit.cython.declining import without_branch
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.emit.cython.plain_classes import called, plain_classes
from selfsame.compiler.emit.cython.unit import module_text
from selfsame.compiler.errors import InternalError, Skipped
from selfsame.compiler.identity import content_hash, definitions
from selfsame.variants.build import own_dependencies
from selfsame.variants.compiled.compiling import (
    Printed,
    bug,
    buildable,
    header,
    owner,
    refusal,
    shown,
    variation,
)
from selfsame.variants.compiled.observed_types import types_for
from selfsame.variants.site import Refusal, Site
from selfsame.variants.variation import Variation

name, family = "scalar-function-to-cython", "compiled"
wins = {"time": "unboxed numbers and flat lists instead of objects"}
deploy = "live"
HEAD = "Compiled by selfsame for the types that were seen; all else runs the original."
MOST_DECLINED = 4  # branches of one function that are left to the original
watch = (
    "replacing a builtin, math or a called function or class at run time",
    "another thread that changes or looks at an argument during the call",
)


def variations(site: Site, template: Any = None) -> list[Variation | Refusal]:
    """The compiled form of the function, or why there is none. Builds; see ``print_site``."""
    return compile_sites([site])[0]


def could(site: Site) -> Refusal | None:
    """Why the function cannot be compiled, as far as is known without a build."""
    return buildable(site, name, print_site)


def text(site: Site) -> str:
    """The ``.pyx`` of the function alone, without a build. Raises CannotPrint or Skipped."""
    unit = print_site(site)
    return module_text([unit], _header([site], {0: unit}))


def compile_sites(
    sites: Sequence[Site], builder: Builder | None = None
) -> list[list[Variation | Refusal]]:
    """``variations`` of many functions with one build. Each gives one variation or one refusal."""
    results: dict[int, Variation | Refusal] = {}
    printed: dict[int, Unit] = {}
    for number, site in enumerate(sites):
        try:
            printed[number] = print_site(site, number if len(sites) > 1 else None)
        except Skipped as skip:
            results[number] = refusal(site, name, skip)
    if printed:
        text = module_text(list(printed.values()), _header(sites, printed))
        try:
            built = (builder or shared_builder()).build(text, {HEADER: header_text()})
        except Skipped as skip:
            results |= {n: refusal(sites[n], name, skip) for n in printed}
        except InternalError as failed:
            results |= {n: bug(sites[n], name, failed) for n in printed}
        else:
            for number, unit in printed.items():
                results[number] = _variation(sites[number], unit, text, built)
    return [[results[number]] for number in range(len(sites))]


def print_site(site: Site, number: int | None = None, branches: bool = True) -> Unit:
    """The function as Cython, without a build. Raises CannotPrint or Skipped with the reason.

    ``number`` tells functions of one module text apart. With ``branches``, what has no compiled
    form may stand in a branch of an ``if``: there the original runs.
    """
    function = site.definition.node
    if site.definition.kind != "function" or not isinstance(function, ast.FunctionDef):
        raise CannotPrint(f"it is a {site.definition.kind}", function)
    looking = Flow(function, site.source.tree).sees_locals()
    if looking is not None:
        raise CannotPrint("it may look at its own variables by name", looking)
    if function.decorator_list and _calls_itself(function):
        raise CannotPrint("it calls itself through a decorator", function)
    entry = function.name if number is None else f"{function.name}_{number}"
    # The header sets what a Python name may not be spelled like.
    entry = f"compiled_{entry}" if entry.isascii() else f"compiled_{number or 0}"
    owners = _owners(site, function)
    tree = site.source.tree
    declined: list[int] = []
    while True:
        try:
            unit = _print(site, _same(tree, function), tree, owners, entry)
            return replace(unit, declined=tuple(sorted(declined)))
        except CannotPrint as refused:
            more = branches and len(declined) < MOST_DECLINED
            made = without_branch(tree, refused) if more else None
            if made is None:
                raise
            tree, line = made
            declined.append(line)


def unboxes(site: Site) -> bool:
    """Whether all of the function can be compiled with its numbers unboxed, what it handles included."""
    if any(isinstance(node, ast.Try) for node in ast.walk(site.definition.node)):
        return False
    try:
        print_site(site, branches=False)
    except Skipped:
        return False
    return True


def _same(tree: ast.Module, function: ast.FunctionDef) -> ast.FunctionDef:
    """The function's counterpart in a tree with some branches given up."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == function.name
            and (node.lineno, node.col_offset) == (function.lineno, function.col_offset)
        ):
            return node
    return function


def _print(
    site: Site,
    function: ast.FunctionDef,
    tree: ast.Module,
    owners: dict[str, str],
    entry: str,
) -> Unit:
    # What names are bound to is said by the text as it is, with the branches that were given up.
    names = ModuleNames.of(site.source.tree)
    function, names = lifted(function, replace(names, functions=ModuleNames.of(tree).functions))
    flat = flatten(function, tree, names, owners)
    flat = with_columns(flat, plain_classes(tree, names), _lists(site, tree))
    seen = dict(site.observed.types)
    spelled = {f.local: f.shown for f in flat.fields}
    for field in flat.fields:
        kinds = site.observed.types.get(field.shown, frozenset())
        seen[field.local] = frozenset(f"list[{k}]" for k in kinds) if field.column else kinds
    types = types_for(flat.function, seen, spelled)
    types |= {f.local: f"list[{types[f.local]}]" for f in flat.fields if f.cell}
    return print_unit(flat, types, entry)


def _owners(site: Site, function: ast.FunctionDef) -> dict[str, str]:
    """Parameter -> name of its class, for those that were seen to be instances, and ``self``."""
    classes = {n.name for n in site.source.tree.body if isinstance(n, ast.ClassDef)}
    found = {}
    taken = function.args.posonlyargs + function.args.args
    for parameter in taken + function.args.kwonlyargs:
        names = {t.rpartition(".")[2] for t in site.observed.types.get(parameter.arg, ())}
        if len(names) == 1 and names <= classes:
            found[parameter.arg] = names.pop()
    parent = owner(site)
    if parent is None:
        return found
    assert isinstance(parent.node, ast.ClassDef)
    if parent.node not in site.source.tree.body or function.decorator_list or not taken:
        raise CannotPrint("it is a decorated method, or one of an inner class", function)
    return found | {taken[0].arg: parent.node.name}


def _lists(site: Site, tree: ast.Module) -> dict[str, str]:
    """Parameter -> name of a class of the module, for lists that were seen to hold its instances."""
    classes = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
    found = {}
    for parameter, seen in site.observed.types.items():
        inside = {t[5:-1] for t in seen if t.startswith("list[")} - {""}
        names = {t.rpartition(".")[2] for t in inside}
        if len(names) == 1 and names <= classes and all(t.startswith("list[") for t in seen):
            found[parameter] = names.pop()
    return {p: c for p, c in found.items() if p.isidentifier()}


def _calls_itself(function: ast.FunctionDef) -> bool:
    return any(isinstance(n, ast.Name) and n.id == function.name for n in ast.walk(function))


def _header(sites: Sequence[Site], printed: dict[int, Unit]) -> str:
    functions = [
        (f"{sites[n].definition.address}({shown(unit.parameters)})", dependencies(sites[n], unit))
        for n, unit in printed.items()
    ]
    return header(HEAD, functions)


def dependencies(site: Site, unit: Unit) -> dict[str, str]:
    """What the compiled function relies on, with digests."""
    relied = {**unit.relied, **own_dependencies(site)}
    relied.setdefault("python", f"{sys.version_info.major}.{sys.version_info.minor}")
    relied |= {f"builtins:{which}": "builtin" for which in unit.builtins}
    for definition in definitions(site.source):
        name = definition.address.partition(":")[2]
        if (isinstance(definition.node, ast.ClassDef) and name in unit.classes) or (
            isinstance(definition.node, ast.Lambda) and definition.node.lineno in unit.lambdas
        ):
            relied[definition.address] = content_hash(definition.node)
    return relied | {f"math:{which}": "builtin" for which in unit.math}


def together(unit: Unit) -> str:
    """What else is in the unit, and what is left out, for a summary."""
    said = f", with {', '.join(map(called, unit.functions))}" if unit.functions else ""
    lines = ", ".join(map(str, unit.declined))
    return said + (f"; the branch at line {lines} runs the original" if lines else "")


def _variation(site: Site, unit: Unit, text: str, built: Built) -> Variation | Refusal:
    printed = Printed(
        source=text,
        entry=unit.entry,
        summary=f"compiled for {shown(unit.parameters) or 'no arguments'}{together(unit)}",
        extra=unit.globals,
        guards=unit.guards,
        watch=watch,
        parameters=unit.parameters,
        dependencies=dependencies(site, unit),
    )
    try:
        return variation(site, name, printed, built)
    except Skipped as skip:
        return refusal(site, name, skip)
