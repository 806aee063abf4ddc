"""What a module's names stand for, as far as its text says so."""

import ast
import builtins
import math
import operator
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

Literal = int | float | str | bool

_NOTHING: Mapping[str, Literal] = {}
_FLOATS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class ModuleNames:
    """Bindings at module level. A name bound twice, or by ``global`` in a function, is unknown."""

    bound: Counter[str]
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    literals: dict[str, Literal] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    data: dict[str, ast.expr] = field(default_factory=dict)  # what names are given, on every way
    math_names: dict[str, str] = field(default_factory=dict)
    math_modules: frozenset[str] = frozenset()
    star: bool = False
    rebound: frozenset[str] = frozenset()  # what functions bind by ``global``, at any time
    touched: frozenset[str] = frozenset()  # what the module sets or deletes an attribute of
    given: dict[str, dict[str, ast.expr]] = field(default_factory=dict)
    """Attributes by name, of what is touched by ``name.attribute = value`` at module level alone."""

    @classmethod
    def of(cls, tree: ast.Module) -> "ModuleNames":
        """Read the bindings of a module."""
        reader = _Reader()
        for statement in tree.body:
            reader.visit(statement)
        declared = [n.names for n in ast.walk(tree) if isinstance(n, ast.Global)]
        rebound = frozenset(chain.from_iterable(declared))
        reader.bound.update(dict.fromkeys(rebound, 2))
        touched = Counter(
            n.value.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
            if not isinstance(n.ctx, ast.Load)
        )
        return cls(
            reader.bound,
            reader.functions,
            reader.literals,
            reader.tables,
            reader.data,
            reader.math_names,
            frozenset(reader.math_modules),
            reader.star,
            rebound,
            frozenset(touched),
            {name: held for name, held in _given(tree).items() if len(held) == touched[name]},
        )

    def once(self, name: str) -> bool:
        """Whether the module binds ``name`` exactly once."""
        return self.bound[name] == 1 and not self.star

    def builtin(self, name: str) -> bool:
        """Whether ``name`` can only be the builtin of that name."""
        return not self.star and self.bound[name] == 0 and hasattr(builtins, name)

    def settled(self, name: str) -> bool:
        """Whether the module binds ``name`` while it is imported, and no function of it does later."""
        return self.bound[name] > 0 and name not in self.rebound

    def function(self, name: str) -> ast.FunctionDef | None:
        """The plain function at module level that ``name`` always is."""
        return self.functions.get(name) if self.once(name) else None

    def literal(self, name: str) -> Literal | None:
        """The literal that ``name`` always is; None where it is something else."""
        return self.literals.get(name) if self.once(name) else None

    def math_function(self, function: ast.expr) -> str | None:
        """``sqrt`` for ``math.sqrt`` or an imported ``sqrt``; None for anything else."""
        if isinstance(function, ast.Name) and self.once(function.id):
            return self.math_names.get(function.id)
        if (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id in self.math_modules
            and self.once(function.value.id)
            and hasattr(math, function.attr)
        ):
            return function.attr
        return None


def literal_guards(name: str, value: Literal) -> list[str]:
    """The tests that a name still stands for the literal that the text binds it to."""
    guards = [f"type({name}) is {type(value).__name__}", f"{name} == {value!r}"]
    if isinstance(value, float) and value == 0.0:
        guards[1] = f"{name}.hex() == {value.hex()!r}"  # 0.0 equals -0.0
    return guards


def _given(tree: ast.Module) -> dict[str, dict[str, ast.expr]]:
    """What statements at module level give attributes of a name, each once."""
    found: dict[str, dict[str, ast.expr]] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id=name), attr=attribute)], value=value
            ):
                found.setdefault(name, {})[attribute] = value
    return found


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.bound: Counter[str] = Counter()
        self.functions: dict[str, ast.FunctionDef] = {}
        self.literals: dict[str, Literal] = {}
        self.tables: dict[str, str] = {}
        self.data: dict[str, ast.expr] = {}
        self.math_names: dict[str, str] = {}
        self.math_modules: set[str] = set()
        self.star = False
        self.depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.bound[node.name] += 1
        if not self.depth and not node.decorator_list:
            self.functions[node.name] = node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.bound[node.name] += 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bound[node.name] += 1

    def visit_Lambda(self, node: ast.Lambda) -> None:
        return None

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.bound[node.id] += 1

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound[node.name] += 2
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._given(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.generic_visit(node)
            if isinstance(node.target, ast.Name):
                self._value(node.target.id, node.value)

    def visit_If(self, node: ast.If) -> None:
        # Bindings under a condition may be absent: nothing is promised about their value.
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_Try = visit_TryStar = visit_While = visit_For = visit_With = visit_Match = visit_If  # type: ignore[assignment]

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.bound[name] += 1
            if alias.name == "math" and not self.depth:
                self.math_modules.add(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.star = True
                continue
            name = alias.asname or alias.name
            self.bound[name] += 1
            if node.module == "math" and not node.level and not self.depth:
                self.math_names[name] = alias.name

    def _given(self, target: ast.expr, value: ast.expr) -> None:
        """Names that get a value, also ``A, B = 1, 2`` and ``A, B = range(2)``."""
        match target, value:
            case ast.Name(id=name), _:
                self._value(name, value)
            case (
                (ast.Tuple(elts=targets) | ast.List(elts=targets)),
                (ast.Tuple(elts=items) | ast.List(elts=items)),
            ) if len(targets) == len(items):
                if not any(isinstance(one, ast.Starred) for one in (*targets, *items)):
                    for one, item in zip(targets, items, strict=True):
                        self._given(one, item)
            case (
                (ast.Tuple(elts=targets) | ast.List(elts=targets)),
                ast.Call(
                    func=ast.Name(id="range"), args=[ast.Constant(value=int(count))], keywords=[]
                ),
            ) if count == len(targets):
                for number, one in enumerate(targets):
                    self._given(one, ast.copy_location(ast.Constant(number), value))

    def _value(self, name: str, value: ast.expr) -> None:
        if self.depth:
            return
        self.data[name] = value
        found = constant_value(value, self.literals)
        if found is not None:
            self.literals[name] = found
            return
        if isinstance(value, ast.List | ast.Tuple) and value.elts:
            kinds = {type(constant_value(e)).__name__ for e in value.elts}
            if len(kinds) == 1 and kinds <= {"int", "float"}:
                outer = "list" if isinstance(value, ast.List) else "tuple"
                self.tables[name] = f"{outer}[{kinds.pop()}]"


def constant_value(node: ast.expr, known: Mapping[str, Literal] = _NOTHING) -> Literal | None:
    """The value of a literal, or of arithmetic on literals, and on names that are ``known``.

    >>> constant_value(ast.parse("(1 << 32) - 1", mode="eval").body)
    4294967295
    >>> constant_value(ast.parse("SIZE / 3", mode="eval").body, {"SIZE": 12})
    4.0
    """
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int | float | str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.UnaryOp):
        value = constant_value(node.operand, known)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if isinstance(node.op, ast.USub):
                return -value
            if isinstance(node.op, ast.UAdd):
                return value
            if isinstance(node.op, ast.Invert) and isinstance(value, int):
                return ~value
        return None
    if isinstance(node, ast.BinOp):
        left, right = constant_value(node.left, known), constant_value(node.right, known)
        if type(left) is int and type(right) is int:
            return _whole(node.op, left, right)
        if type(left) in (int, float) and type(right) in (int, float):
            return _float(node.op, left, right)  # type: ignore[arg-type]
    return None


def _whole(op: ast.operator, left: int, right: int) -> float | None:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Pow() if 0 <= right <= 64 and abs(left) < 1 << 64:
            return int(left**right)
        case ast.LShift() if 0 <= right <= 64:
            return left << right
        case ast.FloorDiv() if right:
            return left // right
        case ast.Mod() if right:
            return left % right
        case ast.Div() if right:
            return _float(op, left, right)
    return None


def _float(op: ast.operator, left: float, right: float) -> float | None:
    """What Python computes; None where it raises, or is no finite number."""
    compute = _FLOATS.get(type(op))
    if compute is None:
        return None
    try:
        found = float(compute(left, right))
    except ArithmeticError:  # it raises in the module too, which then has no such name
        return None
    return found if math.isfinite(found) else None
