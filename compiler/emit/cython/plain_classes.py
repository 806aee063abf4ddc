"""Plain classes of a module, whose instances are their attributes, and functions on these attributes."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value
from selfsame.compiler.identity.names import mangled

# With one of these a class has a say in what making an instance, or reading or storing an attribute, does.
SPECIAL = frozenset(
    {"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__new__", "__del__"}
)


@dataclass(frozen=True)
class Field:
    """``owner.attribute`` as the parameter ``local``; ``cell``: as a list of one item.

    ``column``: ``owner`` is a list of instances, and ``local`` the list of their attributes;
    ``stored``: which are written back.
    """

    owner: str
    attribute: str
    local: str
    cell: bool
    column: bool = False
    stored: bool = False

    @property
    def shown(self) -> str:
        """As the user wrote it, or would."""
        return f"{self.owner}{'[]' * self.column}.{self.attribute}"


@dataclass
class Flattened:
    """The function on attributes, and the methods that it calls as functions, by name.

    ``used``: all classes that it relies on. ``classes``: those that the guards name. ``guards``: that
    the methods and constants which it relies on are the class's own.
    """

    function: ast.FunctionDef
    names: ModuleNames
    parameters: list[str]
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    used: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()


@dataclass
class PlainClass:
    """A class whose instances are their attributes."""

    name: str
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, ast.Constant] = field(default_factory=dict)
    other: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    def guards(self, owner: str, methods: bool) -> list[str]:
        """That no method (where asked) and no constant was given to ``owner`` or put in its place."""
        found = []
        for method in sorted(self.used) if methods else ():
            if not (method.startswith("__") and method.endswith("__")):
                which = mangled(method, self.name)
                found.append(f"getattr({owner}.{which}, '__func__', None) is {self.name}.{which}")
        for constant in sorted(self.read):
            value = self.constants[constant].value
            which = mangled(constant, self.name)
            found.append(f"type({owner}.{which}) is {type(value).__name__}")
            found.append(f"{owner}.{which} == {value!r}")
        return found


def plain_classes(module: ast.Module, names: ModuleNames) -> dict[str, PlainClass]:
    """The plain classes of a module by name."""
    found = {}
    for node in module.body:
        if (
            isinstance(node, ast.ClassDef)
            and names.once(node.name)
            and node.name not in names.touched
        ):
            made = _plain(node)
            if made is not None:
                found[node.name] = made
    return found


def _plain(node: ast.ClassDef) -> PlainClass | None:
    bases = [b.id if isinstance(b, ast.Name) else "" for b in node.bases]
    if node.keywords or node.decorator_list or bases not in ([], ["object"]):
        return None
    made = PlainClass(node.name)
    values: dict[str, int | float] = {}
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=which) if not statement.decorator_list:
                made.methods[which] = statement
            case ast.FunctionDef(name=which) | ast.AsyncFunctionDef(name=which):
                made.other.add(which)
            case ast.Assign(targets=[ast.Name(id=which)], value=value):
                folded = _folded(value, values)
                if folded is None:
                    made.other.add(which)
                else:
                    values[which] = folded
                    made.constants[which] = ast.Constant(folded)
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.AnnAssign(value=None):
                pass
            case _:
                return None
    names = [*made.methods, *made.constants, *made.other]
    return None if SPECIAL & set(names) or len(set(names)) < len(names) else made


def _folded(node: ast.expr, values: Mapping[str, int | float]) -> int | float | None:
    """The number that an expression of numbers and earlier constants is."""
    match node:
        case ast.Name(id=which):
            return values.get(which)
        case ast.Call(func=ast.Name(id="float"), args=[inner], keywords=[]):
            value = _folded(inner, values)
            return None if value is None or abs(value) > 1 << 53 else float(value)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _folded(left, values), _folded(right, values)
            if a is None or b is None:
                return None
            if isinstance(op, ast.Div) and b and abs(a) <= 1 << 53 and abs(b) <= 1 << 53:
                return a / b
            folded = constant_value(ast.BinOp(ast.Constant(a), op, ast.Constant(b)))
            return folded if type(folded) is int else None
    found = constant_value(node)
    return found if type(found) in (int, float) else None  # type: ignore[return-value]


def called(function: str) -> str:
    """A function of the small language as the user wrote it: ``Grid.step`` for a method."""
    return function.replace("__does__", ".")


def function_of(cls: PlainClass, method: str) -> str:
    """The function of the small language that a method is."""
    return f"{cls.name}__does__{method}"
