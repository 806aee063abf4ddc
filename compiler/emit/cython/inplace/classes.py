"""Plain classes of a module: what their instances hold, and which functions their methods are."""

import ast
from dataclasses import dataclass, field
from typing import TypeVar

from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value
from selfsame.compiler.identity.names import mangled

Held = TypeVar("Held")
# With one of these a class has a say in what making an instance, or reading or storing an attribute, does.
_SPECIAL = frozenset(
    {"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__new__", "__del__"}
)


@dataclass
class ClassFacts:
    """``methods``: the plain ones that it has, ``homes``: the classes that they stand in.

    ``properties``: those that only read. ``base``: the plain class that it derives from, or empty.
    ``names``: all that is bound in its body and in those of its bases.
    """

    name: str
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    properties: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, int | float | str | bool] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    base: str = ""
    names: set[str] = field(default_factory=set)

    def spelled(self, attribute: str, inside: str) -> str:
        """The attribute's name as it is, where the text stands in the class ``inside``."""
        return mangled(attribute, inside) if inside else attribute


def class_facts(
    module: ast.Module, names: ModuleNames, imports: dict[str, str]
) -> dict[str, ClassFacts]:
    """The plain classes of a module by name; what has several bases or a metaclass is none."""
    found: dict[str, ClassFacts] = {}
    for node in module.body:
        if not isinstance(node, ast.ClassDef) or not names.once(node.name):
            continue
        made = None if node.name in names.touched else _facts(node, imports, found)
        if made is not None:
            found[node.name] = made
    return found


def _facts(
    node: ast.ClassDef, imports: dict[str, str], known: dict[str, ClassFacts]
) -> ClassFacts | None:
    bases = [b.id if isinstance(b, ast.Name) else "" for b in node.bases]
    bases = [b for b in bases if b != "object"]
    if node.keywords or len(bases) > 1 or not known.keys() >= set(bases):
        return None
    base = known[bases[0]] if bases else None
    made = ClassFacts(node.name, base=base.name if base else "")
    fields: list[ast.AnnAssign] | None = _dataclass_fields(node, imports)
    if node.decorator_list and (fields is None or base is not None):
        return None
    twice = False
    for statement in node.body:
        bound: list[str] = []
        match statement:
            case ast.FunctionDef(name=which):
                bound = [which]
                words = [d.id if isinstance(d, ast.Name) else "" for d in statement.decorator_list]
                if not words:
                    made.methods[mangled(which, node.name)] = statement
                elif words == ["property"]:
                    made.properties[mangled(which, node.name)] = statement
            case ast.AsyncFunctionDef(name=which):
                bound = [which]
            case ast.Assign(targets=[ast.Name(id=which)], value=ast.Name(id=other)) if (
                other in made.methods
            ):
                bound = [which]
                made.methods[which] = made.methods[other]
            case ast.Assign(targets=targets, value=value):
                bound = [t.id for t in targets if isinstance(t, ast.Name)]
                constant = constant_value(value)
                if len(bound) == len(targets) == 1 and constant is not None:
                    made.constants[mangled(bound[0], node.name)] = constant
                elif len(bound) < len(targets):
                    return None
            case ast.AnnAssign(target=ast.Name(id=which), value=value):
                bound = [which] if value is not None else []
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                return None
        spelled = {mangled(b, node.name) for b in bound}
        twice |= bool(spelled & made.names)
        made.names |= spelled
    if twice or made.names & _SPECIAL:
        return None
    if fields is not None:
        if "__init__" in made.names or "__post_init__" in made.names:
            return None
        made.methods["__init__"] = _init(node, fields)
        made.names |= {"__init__", "__eq__", "__hash__", "__repr__"}
    made.homes = dict.fromkeys([*made.methods, *made.properties], node.name)
    if base is not None:
        _derive(made, base)
    return made


def _derive(made: ClassFacts, base: ClassFacts) -> None:
    """Add what a class has from its base."""
    made.methods |= _unbound(base.methods, made)
    made.properties |= _unbound(base.properties, made)
    made.constants |= _unbound(base.constants, made)
    made.homes |= _unbound(base.homes, made)
    made.names |= base.names


def _unbound(held: dict[str, Held], made: ClassFacts) -> dict[str, Held]:
    return {name: value for name, value in held.items() if name not in made.names}


def _dataclass_fields(node: ast.ClassDef, imports: dict[str, str]) -> list[ast.AnnAssign] | None:
    """The fields of a bare ``@dataclass``; None where it is none, or not a simple one."""
    match node.decorator_list:
        case [ast.Name(id=which)] if imports.get(which) == "dataclasses.dataclass":
            pass
        case [ast.Attribute(value=ast.Name(id=base), attr="dataclass")] if (
            imports.get(base) == "dataclasses"
        ):
            pass
        case _:
            return None
    fields = [s for s in node.body if isinstance(s, ast.AnnAssign)]
    for each in fields:
        said = ast.unparse(each.annotation)
        plain = each.value is None or constant_value(each.value) is not None
        if "ClassVar" in said or "InitVar" in said or "KW_ONLY" in said or not plain:
            return None
    return fields


def _init(node: ast.ClassDef, fields: list[ast.AnnAssign]) -> ast.FunctionDef:
    """The ``__init__`` that ``dataclass`` writes."""
    taken, body = ["self"], []
    for each in fields:
        assert isinstance(each.target, ast.Name)
        default = "" if each.value is None else f"={ast.unparse(each.value)}"
        taken.append(f"{each.target.id}{default}")
        body.append(f"    self.{each.target.id} = {each.target.id}")
    text = f"def __init__({', '.join(taken)}):\n" + "\n".join(body or ["    pass"])
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.FunctionDef)
    for part in ast.walk(made):
        if isinstance(part, ast.expr | ast.stmt):
            ast.copy_location(part, node)
    return made


def imported(module: ast.Module, names: ModuleNames) -> dict[str, str]:
    """Local name -> ``heapq`` or ``heapq.heappush``, of what the module imports at its top level."""
    found: dict[str, str] = {}
    for statement in module.body:
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    found[alias.asname or alias.name] = alias.name
            case ast.ImportFrom(module=str(origin), names=aliases, level=0):
                for alias in aliases:
                    found[alias.asname or alias.name] = f"{origin}.{alias.name}"
    return {local: what for local, what in found.items() if names.once(local)}
