"""A function on instances, dicts, tuples and lists of them runs as machine code, on the objects themselves.

Numbers are unboxed between one object and the next. What is stored is noted, but for what
only the call's own objects hold, and taken back where the call is left to the original body behind it.

Before:
    class Ball:
        def __init__(self, x, v):
            self.x = x
            self.v = v

    def settle(steps: int):
        ball = Ball(1.0, -0.5)
        for _ in range(steps):
            ball.x += ball.v * 0.5
            if ball.x < 0.0:
                ball.v = -ball.v
        return ball

After:
    class Ball:
        def __init__(self, x, v):
            self.x = x
            self.v = v

    def settle(steps: int):
        result = compiled(steps, Ball)
        if result is not DEOPT:
            return result
        selfsame_deopt()
        ball = Ball(1.0, -0.5)
        for _ in range(steps):
            ball.x += ball.v * 0.5
            if ball.x < 0.0:
                ball.v = -ball.v
        return ball

Precondition:
    A plain function or method that loops, with all that it calls: functions of the user's modules,
    methods and ``__init__`` of their plain classes (one base of their kind, beside ``ABC`` and
    ``Generic``, no ``__getattr__``; ``@dataclass`` is one), static and class methods, lists of a class of theirs
    that changes nothing of what a list does, named tuples with their methods, plain enumerations, ``match`` (but for dicts), what a module binds to a name
    while it is imported, and of its own module what functions bind by ``global`` (looked up at each access), displays
    of literals that a class holds, known builtins, ``math``, ``heapq``, and methods of lists, dicts,
    sets and text, also where a local is bound to one and only ever called; inner functions, also lambdas that a local is bound to, that are
    only called or handed on in calls, and not compiled for another module; functions of the tree, of ``operator`` and
    ``math`` and some builtins as values, which each call asks which they are; lambdas and bound methods that are handed to a
    function or method that only calls them or hands them on; instances with a ``__call__``; ranges beside lists where the two are only gone over; items of an ``array.array`` of numbers, which keeps its
    length where it came in; of ``collections`` a
    ``Counter``, a ``defaultdict`` of a builtin type, of ``Counter`` or ``deque``, or of a lambda that makes literals and
    empty containers (once in a call of the function), and a ``deque``, also one with a bound; what a ``random.Random``
    (also one that the call makes of a seed) or the functions of ``random`` draw (not ``gauss`` and the like); ``bisect``,
    ``functools.reduce``, ``iter`` and ``next``, and what ``itertools`` makes of containers (``product``, ``chain``,
    ``islice``, …; ``groupby`` by the items or by what stands at one place in them); ranges, also looked into and handed to
    functions that are compiled with it; ``str.maketrans`` of texts and ``translate``; methods of bytes, and those
    of a ``bytearray`` that change nothing; ``encode`` and ``decode`` by UTF-8, ASCII or Latin-1, ``int.from_bytes`` and
    ``to_bytes`` where the order is written out; loops over generators of the module and of its classes' instances; texts made by
    f-strings, ``%`` and ``format`` of builtin values; loops over what may be nothing (``x.get(key, ())``, ``x or ()``); patterns of ``re`` and their matches. Parameters whose default is a
    builtin or a library's function (``size=len``) mean that where nothing else is given; imports within functions, of the
    libraries above and ahead of all uses in their block, are asked in each call whether they would bring the same.
    The types of what an object holds, of a dict with written keys key by key, are taken from captured
    calls; each read is checked, and what was seen to be of several types, or never, is asked when it is there:
    its numbers may have any number of bits.
    What a decorator makes of the function is as it was: its body is compiled, unless that calls it again.
    What raises runs the original, and so do of each function at most four branches of an ``if`` that have no compiled
    form and do not loop, and what stands behind all loops and a way to return. Handlers are compiled that catch what a ``raise`` of the text raises, of builtin classes and the
    tree's own (one base, a plain ``__init__``), and look at its text, its ``args`` and what its ``__init__`` stored; those that
    catch what Python raises for an item that is missing, a division by zero or an ``assert``; and those of a try statement that first asks for a key or item that is missing, or reads a number from a text that
    is none. A ``finally`` has no loops and calls beside it. What numbers alone can do is left to ``scalar-function-to-cython``.

When it is wrong:
    Where a builtin, ``math`` or a called function or class is replaced at run time by other code (what
    a module has of another by a name of its own is looked at in each call), and where another thread
    changes what the call works on, or looks at it while the call is taken back. Objects that a store
    replaces live until the call ends.
"""

import ast
from collections.abc import Mapping
from typing import Any

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.cython import CannotPrint, Unit
from selfsame.compiler.emit.cython.inplace.linking import Linked
from selfsame.compiler.emit.cython.inplace.unit import Seen, print_in_place
from selfsame.compiler.emit.cython.unit import module_text
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

name, family = "in-place-function-to-cython", "compiled"
wins = {"time": "unboxed numbers and direct reads of what objects hold"}
deploy = "live"
HEAD = "Compiled by selfsame on objects in place; all else runs the original."
watch = (
    "replacing a builtin, math or a called function or class at run time",
    "another thread that changes what the call works on",
    "objects that a store replaces live until the call ends",
)


def variations(site: Site, template: Any = None) -> list[Variation | Refusal]:
    """The compiled form of the function, or why there is none. Builds."""
    return [compiled(site, name, _printed)]


def could(site: Site) -> Refusal | None:
    """Why the function cannot be compiled, as far as is known without a build."""
    return buildable(site, name, print_site)


def text(site: Site) -> str:
    """The ``.pyx`` of the function, without a build. Raises Skipped with the reason."""
    return _printed(site).source


def _printed(site: Site) -> Printed:
    unit = print_site(site)
    types, relied = shown(unit.parameters), scalar.dependencies(site, unit)
    told = f"{site.definition.address}({types})"
    return Printed(
        source=module_text([unit], header(HEAD, [(told, relied)])),
        entry=unit.entry,
        summary=f"compiled in place for {types or 'no arguments'}{scalar.together(unit)}",
        extra=unit.globals,
        guards=unit.guards,
        watch=watch,
        parameters=unit.parameters,
        dependencies=relied,
    )


def print_site(site: Site, also: bool = False) -> Unit:
    """The function as Cython, without a build. Raises Skipped with the reason.

    ``also``: even where all of it can be compiled with its numbers in flat lists.
    """
    function, definition = site.definition.node, site.definition
    if definition.kind != "function" or not isinstance(function, ast.FunctionDef):
        raise CannotPrint(f"it is a {definition.kind}", function)
    if {"classmethod", "staticmethod"} & {ast.unparse(d) for d in function.decorator_list}:
        raise CannotPrint("it is a method that takes no instance", function)
    looking = Flow(function, site.source.tree).sees_locals()
    if looking is not None:
        raise CannotPrint("it may look at its own variables by name", looking)
    if not also and scalar.unboxes(site):
        raise CannotPrint(f"{scalar.name} unboxes its numbers as well", function)
    entry = f"compiled_{function.name}" if function.name.isascii() else "compiled_0"
    return print_in_place(
        function,
        Linked(site.source, site.facts.source if site.facts is not None else _no_other),
        _seen(site.observed.full),
        _class(site),
        entry,
        site.optimize,
    )


def _no_other(module: str) -> Source | None:
    return None


def _seen(full: Mapping[str, frozenset[str]]) -> Seen:
    parameters, attributes, data = {}, {}, {}
    for which, types in full.items():
        module, colon, name = which.partition(":")
        cls, dot, attribute = which.rpartition(".")
        if colon:
            data[module, name] = types
        elif dot:
            attributes[cls, attribute] = types
        else:
            parameters[which] = types
    return Seen(parameters, attributes, data)


def _class(site: Site) -> str:
    """The class that the function is a method of; empty where it is none."""
    parent = owner(site)
    if parent is None:
        return ""
    if not isinstance(parent.node, ast.ClassDef) or parent.node not in site.source.tree.body:
        raise CannotPrint("it is an inner function", site.definition.node)
    return parent.node.name
