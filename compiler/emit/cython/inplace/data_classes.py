"""What ``dataclass`` writes into a class: its ``__init__``, and how instances are compared."""

import ast

from selfsame.compiler.emit.cython.inplace.class_facts import ClassFacts
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value

# What a class made by ``dataclass`` with these has no more of a say in than one made without.
_OPTIONS = frozenset({"eq", "frozen", "order", "repr", "slots", "unsafe_hash"})
_FACTORIES = {"list": "[]", "dict": "{}", "set": "set()"}
_COMPARING = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


def options_of(node: ast.ClassDef, imports: dict[str, str]) -> set[str] | None:
    """What a ``@dataclass`` is asked for; None where the class is none, or is asked for something else."""
    if len(node.decorator_list) != 1:
        return None
    decorator, keywords = node.decorator_list[0], list[ast.keyword]()
    if isinstance(decorator, ast.Call) and not decorator.args:
        keywords = decorator.keywords
        decorator = decorator.func
    if library_name(decorator, imports) != "dataclasses.dataclass":
        return None
    asked = set()
    for keyword in keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg not in _OPTIONS or type(value) is not bool:
            return None
        if value:
            asked.add(keyword.arg)
    return asked


def complete(
    made: ClassFacts,
    base: ClassFacts | None,
    options: set[str],
    names: ModuleNames,
    imports: dict[str, str],
) -> None:
    """Add what ``dataclass`` gives a class."""
    assert made.node is not None
    own, above = _fields(made.node, names, imports), base.fields if base is not None else None
    derived = base is not None and "__dataclass_fields__" in base.names
    if own is not None and not (derived and above is None):
        fields = {**(above or {}), **own}
        late = list(map(bool, fields.values()))
        made.fields = fields if late == sorted(late) else None
    inherited = base.names if base is not None else set()
    by_hand = "__init__" in made.names or "__post_init__" in made.names | inherited
    if made.fields is not None and not by_hand:
        made.methods["__init__"], made.written = _init(made.node, made.fields), True
    made.frozen = "frozen" in options
    if made.fields is not None and own is not None and list(made.fields) == list(own):
        _as_compared(made, made.node, own, options)
    made.names |= {"__init__", "__eq__", "__hash__", "__repr__", "__dataclass_fields__"}
    if "order" in options:
        made.names |= {"__lt__", "__le__", "__gt__", "__ge__"}


def _as_compared(
    made: ClassFacts, node: ast.ClassDef, fields: dict[str, str], options: set[str]
) -> None:
    """Add the comparisons that ``dataclass`` writes, as they are for instances of one class."""
    left_out, asked = _left_out(node), node.decorator_list[0]
    keywords = asked.keywords if isinstance(asked, ast.Call) else []
    no_eq = any(k.arg == "eq" and ast.unparse(k.value) == "False" for k in keywords)
    if left_out is None or no_eq:
        return
    compared = [name for name in fields if name not in left_out]
    for method, sign in _COMPARING.items():
        if method in made.names or not (method == "__eq__" or "order" in options) or not compared:
            continue
        mine, other = ("".join(f"{s}.{name}, " for name in compared) for s in ("self", "other"))
        text = f"def {method}(self, other):\n    return ({mine}) {sign} ({other})\n"
        made.methods[method] = _made(text, node)
        made.wrote.add(method)
    if "frozen" in options and "__eq__" in made.wrote and "__hash__" not in made.names:
        made.wrote.add("__hash__")


def _left_out(node: ast.ClassDef) -> set[str] | None:
    """The fields that are not compared; None where that is not known."""
    found = set()
    for each in node.body:
        if not isinstance(each, ast.AnnAssign) or not isinstance(each.value, ast.Call):
            continue
        for keyword in each.value.keywords:
            match keyword:
                case ast.keyword(arg="compare", value=ast.Constant(value=bool(compared))):
                    found |= set() if compared else {ast.unparse(each.target)}
                case ast.keyword(arg="compare" | "hash"):
                    return None
    return found


def _fields(
    node: ast.ClassDef, names: ModuleNames, imports: dict[str, str]
) -> dict[str, str] | None:
    """The fields of a dataclass, each with the text of its default; None where they are not simple."""
    found = {}
    for each in node.body:
        if not isinstance(each, ast.AnnAssign):
            continue
        said = ast.unparse(each.annotation)
        default = "" if each.value is None else _default(each.value, names, imports)
        simple = isinstance(each.target, ast.Name) and default is not None
        if not simple or "ClassVar" in said or "InitVar" in said or "KW_ONLY" in said:
            return None
        assert isinstance(each.target, ast.Name) and default is not None
        found[each.target.id] = default
    return found


def _default(value: ast.expr, names: ModuleNames, imports: dict[str, str]) -> str | None:
    """The default of a field, as text: a literal, or what is made anew for each instance; else None."""
    if isinstance(value, ast.Constant) and value.value is None:
        return "None"
    if constant_value(value) is not None:
        return ast.unparse(value)
    if not isinstance(value, ast.Call) or library_name(value.func, imports) != "dataclasses.field":
        return None
    default = ""
    for keyword in value.keywords:
        match keyword:
            case ast.keyword(arg="default", value=given) if not isinstance(given, ast.Call):
                found = _default(given, names, imports)
                if found is None:
                    return None
                default = found
            case ast.keyword(arg="default_factory", value=ast.Name(id=which)) if (
                which in _FACTORIES and names.builtin(which)
            ):
                default = _FACTORIES[which]
            case ast.keyword(arg="compare" | "repr" | "hash", value=ast.Constant()):
                pass
            case _:
                return None
    return default if not value.args else None


def _init(node: ast.ClassDef, fields: dict[str, str]) -> ast.FunctionDef:
    """The ``__init__`` that ``dataclass`` writes."""
    taken = [
        "self",
        *(f"{name}={default}" if default else name for name, default in fields.items()),
    ]
    body = [f"    self.{name} = {name}" for name in fields]
    text = f"def __init__({', '.join(taken)}):\n" + "\n".join(body or ["    pass"])
    return _made(text, node)


def _made(text: str, node: ast.ClassDef) -> ast.FunctionDef:
    """The function that a text defines, as if it stood where the class does."""
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.FunctionDef)
    for part in ast.walk(made):
        if isinstance(part, ast.expr | ast.stmt):
            ast.copy_location(part, node)
    return made
