"""Whether a pure function gives the same for the same arguments tomorrow: what else it reads.

A pure function leaves no trace, but it may read what others change between two of its calls: globals,
what classes hold, settings of the process. What is kept between calls must depend on none of that, or
on what can be a part of the key. What is not on a list here is unknown, and refused.
"""

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.literals import is_constant
from selfsame.compiler.analysis.program import Binding, Module
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import Definition
from selfsame.compiler.identity.dependencies import global_names

# What they give is different for equal arguments, or at another time.
_VARYING = frozenset({"id", "vars", "dir", "globals", "locals", "memoryview", "object"})
_SETTINGS = frozenset({"decimal", "locale", "zoneinfo", "contextvars", "sys", "gc", "weakref"})
_SETTINGS |= {"calendar", "csv", "codecs"}
"""Modules whose functions read settings that a program may change."""
_LOCAL_TIME = frozenset({"astimezone", "timestamp", "fromtimestamp", "strftime", "strptime", "now"})


@dataclass(frozen=True, slots=True)
class Reads:
    """What belongs to the key beside the arguments: global names.

    ``data`` are values of the function's own module, ``functions`` what it calls by name, and
    ``elsewhere`` data that what it calls reads of other modules: module and name.
    """

    data: tuple[str, ...]
    functions: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()


def reads(facts: ModuleFacts, address: str) -> Reads:
    """What the function at ``address``, and what it calls, reads beyond its arguments.

    Raises Skipped where a result may be another later, or that is not known.
    """
    effects = facts.plain(address)
    if effects.pure is not Tri.YES:
        raise Skipped(f"it may leave a trace beside its result: {effects.told}")
    reached = facts.reached(address)
    own = reached[0][0]
    known = {d.address for _, d in reached} | {f"{m}:{n}" for m, n in effects.globals_read}
    for module, definition in reached:
        if address in facts.plain(definition.address).callees:
            raise Skipped("it calls itself")
        _check(module, definition, known, first=definition.address == address)
    modules = {m.name: m for m, _ in reached}
    data = {name for home, name in effects.globals_read if home == own.name}
    elsewhere = {row for row in effects.globals_read if row[0] != own.name}
    for home, name in elsewhere:
        if home not in modules or not _fixed(modules[home], name):
            raise Skipped(f"it reads {name} of {home}, which may change between calls")
    mentioned = global_names(reached[0][1].node)
    functions = [n for n in sorted(mentioned) if _is_function(own, n, known)]
    return Reads(tuple(sorted(data)), tuple(functions), tuple(sorted(elsewhere)))


def _is_function(module: Module, name: str, known: set[str]) -> bool:
    """Whether a global name is a function of the tree, imported or not."""
    found = module.bindings.get(name, ())
    return any(b.kind == "def" or (b.kind == "from" and b.target in known) for b in found)


def _fixed(module: Module, name: str) -> bool:
    """Whether a global is bound once, to a value that cannot change itself."""
    found = module.bindings.get(name, [])
    return len(found) == 1 and found[0].value is not None and is_constant(found[0].value)


def _check(module: Module, definition: Definition, known: set[str], first: bool) -> None:
    """Raise Skipped where a function reads what belongs to no key.

    ``known`` are the functions of the tree that are called, and the data that is read.
    """
    node = definition.node
    assert not isinstance(node, ast.ClassDef)
    where = "it" if first else f"{definition.address}, which it calls,"
    if module.stars:
        raise Skipped(f"{where} may read any name of {module.stars[0]}: import *")
    outside = definition.parent is None or definition.parent in module.classes
    if not outside and (first or definition.parent not in known):  # what is made in the call is new
        raise Skipped(f"{where} is an inner function")
    arguments = node.args
    defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
    if not first and not all(map(is_constant, defaults)):
        raise Skipped(f"{where} has a default that may change")
    raised = {id(n) for part in ast.walk(node) for n in _raised(part)}
    given = {id(n) for default in defaults for n in ast.walk(default)}  # parts of the key by then
    names = global_names(node)
    for item in ast.walk(node):
        if id(item) in given:
            continue
        if isinstance(item, ast.Attribute):
            if item.attr in _LOCAL_TIME:
                raise Skipped(f"{where} may depend on the time zone or the locale: .{item.attr}")
            if isinstance(item.value, ast.Name) and item.value.id in names:
                for binding in module.bindings.get(item.value.id, ()):
                    if id(item) not in raised and not _stays(binding, item.attr, known):
                        raise Skipped(f"{where} reads {ast.unparse(item)}, which may change")
        if why := _varies(item):
            raise Skipped(f"{where} {why}")
        if isinstance(item, ast.Import | ast.ImportFrom):
            raise Skipped(f"{where} imports something when it is called")
        if isinstance(item, ast.Compare) and not _by_value(item, module):
            raise Skipped(f"{where} compares by identity: {ast.unparse(item)}")
        if not isinstance(item, ast.Name) or item.id not in names:
            continue
        found = module.bindings.get(item.id, ())
        if not found and item.id in _VARYING:
            raise Skipped(f"{where} calls {item.id}(), which gives another result each time")
        for binding in found:
            source = binding.target.partition(":")[0].partition(".")[0]
            if binding.kind in ("module", "from") and source in _SETTINGS:
                raise Skipped(f"{where} depends on settings of {source}")
            keyed = f"{module.name}:{item.id}" in known
            settled = keyed or id(item) in raised or _settled(binding.value, module)
            if binding.kind == "data" and not settled:
                raise Skipped(f"{where} uses {item.id}, and what that holds may change")
            other = (
                binding.kind == "from" and not _of_python(source) and binding.target not in known
            )
            if (binding.kind == "class" or other) and id(item) not in raised:
                what = item.id if other else f"the class {item.id}, whose data may change"
                raise Skipped(f"{where} uses {what}")


def _stays(binding: Binding, attribute: str, known: set[str]) -> bool:
    """Whether an attribute of a global is Python's own, or belongs to what is looked at elsewhere."""
    if binding.kind == "module":
        return _of_python(binding.target) or f"{binding.target}:{attribute}" in known
    return binding.kind == "data" or (binding.kind == "from" and _of_python(binding.target))


def _by_value(node: ast.Compare, module: Module) -> bool:
    """Whether an ``is`` in a comparison is one with what there is one of: equal texts may be two."""
    sides = [node.left, *node.comparators]
    return all(
        _single(sides[place], module) or _single(sides[place + 1], module)
        for place, operator in enumerate(node.ops)
        if isinstance(operator, ast.Is | ast.IsNot)
    )


def _single(node: ast.expr, module: Module) -> bool:
    """None, True, False, ``...``, a type (``type(x) is int``), or ``missing`` after ``missing = object()``."""
    if isinstance(node, ast.Constant):
        return node.value is None or node.value is ... or isinstance(node.value, bool)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "type"
    if not isinstance(node, ast.Name):
        return False
    found = module.bindings.get(node.id, [])
    made = found[0].value if len(found) == 1 else None
    if isinstance(made, ast.Call) and ast.unparse(made) == "object()":
        return True
    return not found and isinstance(getattr(builtins, node.id, None), type)


def _settled(value: ast.expr | None, module: Module) -> bool:
    """Whether what a global that belongs to no key is bound to gives the same for the same arguments.

    ``count = rows.count`` does not where ``rows`` is a list; ``find = re.compile("a").findall`` does.
    """
    if value is None:
        return False
    if isinstance(value, ast.Attribute):
        owner = value.value
        if isinstance(owner, ast.Call) and ast.unparse(owner.func) == "re.compile":
            return True
        named = module.bindings.get(owner.id, []) if isinstance(owner, ast.Name) else []
        return isinstance(owner, ast.Constant) or (
            bool(named) and all(b.kind == "module" and _of_python(b.target) for b in named)
        )
    if isinstance(value, ast.Name):
        named = module.bindings.get(value.id, [])
        return all(b.kind == "def" or (b.kind == "from" and _of_python(b.target)) for b in named)
    if isinstance(value, ast.Call):
        made = ast.unparse(value.func).rpartition(".")[2]
        return made in ("namedtuple", "NewType", "TypeVar", "object")
    return isinstance(value, ast.Lambda) or is_constant(value)


def _varies(item: ast.AST) -> str:
    """Why what is written here may give another result for equal arguments; empty where it does not."""
    if isinstance(item, ast.Name) and item.id in ("super", "__class__"):
        return f"uses {item.id}: its object or class, whose data may change"
    by_locale = isinstance(item, ast.FormattedValue) and _localised(item.format_spec)
    if isinstance(item, ast.Call):
        function = item.func
        if isinstance(function, ast.Name) and function.id == "format":
            by_locale = any(map(_localised, item.args[1:]))
        elif isinstance(function, ast.Attribute) and function.attr in ("format", "format_map"):
            by_locale = _localised(function.value)
    return "may format a number by the locale" if by_locale else ""


def _localised(text: ast.expr | None) -> bool:
    """Whether a format, or a text with formats in it, may ask for the locale: ``n``."""
    if text is None:
        return False
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return any(
        not isinstance(p, ast.Constant) or re.search("n(}|$)", str(p.value)) is not None
        for p in parts
    )


def _of_python(target: str) -> bool:
    """Whether a module, or what is imported from it, is the standard library's."""
    return target.partition(":")[0].partition(".")[0] in sys.stdlib_module_names


def _raised(part: ast.AST) -> Iterator[ast.AST]:
    """What names errors: of that only the class counts."""
    if isinstance(part, ast.Raise) and part.exc is not None:
        yield from ast.walk(part.exc.func if isinstance(part.exc, ast.Call) else part.exc)
    elif isinstance(part, ast.ExceptHandler) and part.type is not None:
        yield from ast.walk(part.type)
