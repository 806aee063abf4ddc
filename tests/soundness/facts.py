"""Runs a module's functions and holds what each call did against its effect facts.

Every function ``f`` of the module's top level and of its classes is replaced by one that takes a
picture of all that ``f`` could reach (arguments, the module's names, its classes) before and after,
and compares. A picture numbers objects in the order in which they are met, so that it tells aliasing.

A call that can be captured is captured, as the agent does it, and held against the facts in the world
of what it holds as well.
"""

import ast
import functools
import inspect
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

from selfsame.compiler.analysis.effects import Effects, ModuleFacts
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.cst.source import Source
from selfsame.runtime.agent.capture import dump
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.agent.reduce import forget
from selfsame.runtime.mutation.observe import named

FUNCTION = types.FunctionType
PLAIN = (types.NoneType, int, float, complex, str, bytes)
Place = tuple[int, int, int | None, int | None]


class OutOfCalls(BaseException):
    """The program called enough functions."""


def contradictions(text: str, calls: int = 400) -> tuple[list[str], int]:
    """What a run of ``text`` did that its facts deny, and the number of answers that were tested."""
    source = Source("program.py", "program", text)
    facts = ModuleFacts.of(source, lambda name: source if name == "program" else None)
    watch = _Watch(facts, calls)
    home = types.ModuleType("program")
    namespace: dict[str, Any] = home.__dict__
    watch.namespace = namespace
    namespace["ɵwatch"] = watch.watched
    namespace["ɵmade"] = watch.made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `1 is 2` is worth a warning to people
        code = compile(_decorated(text), "program.py", "exec")
    sys.modules["program"] = home  # what is captured is found there by its name
    try:
        exec(code, namespace)
    except (Exception, OutOfCalls):
        pass  # a program may fail; what its calls did until then was seen
    finally:
        del sys.modules["program"]
        forget()  # the classes of this program, and with them all of it
    return watch.found, watch.tested


def _decorated(text: str) -> ast.Module:
    """The module with ``ɵwatch`` innermost on each function of its top level and of its classes."""
    tree = ast.parse(text)
    for node in tree.body:
        body = node.body if isinstance(node, ast.ClassDef) else [node]
        for inner in body:
            if isinstance(inner, ast.FunctionDef):
                inner.body = [_Marked().visit(statement) for statement in inner.body]
                mark = ast.Name("ɵwatch", ast.Load())
                inner.decorator_list.append(mark)
    return ast.fix_missing_locations(tree)


class _Marked(ast.NodeTransformer):
    """Each container that the function's own body makes is handed to ``ɵmade`` with its place."""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(
            node,
            ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.GeneratorExp,
        ):
            return node
        made = isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)
        node = self.generic_visit(node)
        if not made or isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            return node
        assert isinstance(node, ast.expr)
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return ast.Call(ast.Name("ɵmade", ast.Load()), [ast.Constant(place), node], [])


class _Watch:
    def __init__(self, facts: ModuleFacts, calls: int) -> None:
        self.facts = facts
        self.left = calls
        self.found: list[str] = []
        self.tested = 0
        self.open: list[list[tuple[Place, Any]]] = []
        self.namespace: dict[str, Any] = {}

    def made(self, place: Place, value: Any) -> Any:
        """A container was made by the innermost call that is watched."""
        if self.open:
            self.open[-1].append((place, value))
        return value

    def escaped(self, address: str, kept: list[tuple[Place, Any]], roots: list[Any]) -> None:
        """Nothing of what a call made, and that its facts keep inside, may be reached from ``roots``."""
        facts = self.facts.containers(address) or ()
        inside = {(c.line, c.column, *c.end) for c in facts if c.escapes is Tri.NO}
        self.tested += len(inside)
        reached = {id(value) for value in _walked(roots)}
        for place, value in kept:
            if place in inside and id(value) in reached:
                self.found.append(
                    f"{address} keeps the container of line {place[0]}, which got out"
                )

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function):
            return function  # a call of it does nothing yet
        address = f"program:{function.__qualname__}"
        effects = self.facts.effects(address)

        @functools.wraps(function)
        def call(*args: Any, **keywords: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise OutOfCalls
            return self.checked(address, effects, function, args, keywords)

        return call

    def checked(
        self,
        address: str,
        effects: Effects,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Any:
        roots = [args, keywords]
        outer = [
            {k: v for k, v in self.namespace.items() if k[0] not in "ɵ_"},
            function.__defaults__,
        ]
        bound = _binds(function, args, keywords)
        given = picture(roots)
        captured = self.captured(address, args, keywords)
        kept = {
            id(found): self.changing(found) for found in (effects, captured) if found is not None
        }
        # A call may bind a name anew: which defaults are what it held is told before.
        apart_from = {one: self.defaults(function, names) for one, names in kept.items()}
        world = {
            one: picture([self.without(names), apart_from[one]]) for one, names in kept.items()
        }
        coded = any(isinstance(v, type | FUNCTION) for v in _walked(roots))
        self.open.append([])
        out: list[Any] = []
        try:
            result = function(*args, **keywords)
            out.append(result)
        except Exception as error:
            out.append(error.args)
            if bound and effects.may_raise.value == "no":
                self.found.append(f"{address} cannot raise, and raised {error!r}")
            raise
        finally:
            self.escaped(address, self.open.pop(), [roots, outer, out, self.namespace])
            # A changed argument may be reached from the module too: only what it cannot reach is asked.
            apart = not _shared(roots, outer)
            for found in (effects, captured):
                # Facts on whatever comes in are on data: not on functions and classes.
                if found is None or (found is effects and coded):
                    continue
                where = "" if found is effects else " on what was captured"
                self.tested += sum(a.value != "unknown" for a in (found.pure, found.may_raise))
                if found.pure and picture(roots) != given:
                    self.found.append(f"{address} is pure{where}, and changed its arguments")
                names = kept[id(found)]
                now = picture([self.without(names), apart_from[id(found)]])
                if found.shadowable and apart and now != world[id(found)]:
                    self.found.append(f"{address} may be shadowed{where}, and changed the module")
        return result

    def changing(self, found: Effects) -> set[str]:
        """The names that a call may change, and those that hold parts of what they do."""
        changed = {name for _, name in found.globals_changed}
        held = _reached([self.namespace[n] for n in changed if n in self.namespace])
        if not held:
            return changed
        others = {n for n, value in self.namespace.items() if _reached([value]) & held}
        return changed | others

    def without(self, names: set[str]) -> dict[str, Any]:
        """The module's own names but for some."""
        return {k: v for k, v in self.namespace.items() if k[0] not in "ɵ_" and k not in names}

    def defaults(self, function: Callable[..., Any], names: set[str]) -> list[Any]:
        """The defaults of a function but for what the module holds under some names."""
        named = [self.namespace.get(name) for name in names]
        given = function.__defaults__ or ()
        return [value for value in given if not any(value is one for one in named)]

    def captured(
        self, address: str, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Effects | None:
        """The facts in the world of one call; None where it cannot be captured."""
        plain = self.facts.plain(address)
        wanted = {*self.facts.globals_read(address), *plain.globals_read}
        shipped = {n: self.namespace[n[1]] for n in wanted if n[1] in self.namespace}
        try:
            payload = dump({"args": (*args, keywords), "globals": shipped}, 1 << 16)
        except Unpicklable:
            return None
        found = self.facts.effects(address, self.facts.seen(sorted(named([payload]))))
        return found if wanted >= set(found.globals_read) else None


def _binds(function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> bool:
    try:
        inspect.signature(function).bind(*args, **keywords)
    except TypeError:
        return False
    return True


def picture(roots: list[Any]) -> list[tuple[Any, ...]]:
    """All that is reached from ``roots``: per object its type, its plain value, its parts' numbers."""
    numbers: dict[int, int] = {}
    met: list[Any] = []

    def number(value: Any) -> int:
        if id(value) not in numbers:
            numbers[id(value)] = len(met)
            met.append(value)
        return numbers[id(value)]

    for root in roots:
        number(root)
    seen = []
    for value in met:  # grows while it is walked
        plain, parts = _pieces(value)
        seen.append((type(value).__qualname__, plain, tuple(number(p) for p in parts)))
    return seen


def _shared(roots: list[Any], outer: list[Any]) -> bool:
    """Whether a changeable object is reached from both."""
    both = _reached(roots) & _reached(outer)
    return bool(both)


def _reached(roots: list[Any]) -> set[int]:
    data = (list, dict, set, bytearray)
    return {id(v) for v in _walked(roots) if isinstance(v, data) or _is_instance(v)}


def _walked(roots: list[Any]) -> list[Any]:
    """Everything that is reached, each once."""
    found: dict[int, Any] = {}
    queue = list(roots)
    while queue:
        value = queue.pop()
        if id(value) not in found:
            found[id(value)] = value
            if not isinstance(value, PLAIN):
                queue += _pieces(value)[1]
    return list(found.values())


def _is_instance(value: Any) -> bool:
    return type(value).__module__ == "program"


def _pieces(value: Any) -> tuple[Any, list[Any]]:
    """A value's own content, and the objects that it holds. Iterators are not looked into."""
    if isinstance(value, PLAIN):
        return repr(value), []
    if isinstance(value, tuple | list):
        return None, list(value)
    if isinstance(value, dict):
        return None, [part for item in value.items() for part in item]
    if isinstance(value, set | frozenset):
        return None, sorted(value, key=_rank)
    if isinstance(value, type) and value.__module__ == "program":
        data = {k: v for k, v in vars(value).items() if not k.startswith("__")}
        return None, [part for item in sorted(data.items()) for part in item]
    if isinstance(value, FUNCTION):
        cells = [c.cell_contents for c in value.__closure__ or () if _filled(c)]
        return value.__qualname__, [] if "ɵ" in str(value.__name__) else _own_cells(value, cells)
    if _is_instance(value) and hasattr(value, "__dict__"):
        return None, [vars(value)]
    return type(value).__name__, []


def _rank(value: Any) -> str:
    """An order of a set's elements that asks none of them."""
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(_rank(v) for v in value))
    plain = value is None or type(value) in (int, bool, float, complex, str, bytes)
    return repr(value) if plain else type(value).__qualname__


def _own_cells(function: Any, cells: list[Any]) -> list[Any]:
    """Closures are looked into, the watch's own wrappers are not."""
    return [] if hasattr(function, "__wrapped__") else cells


def _filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True
