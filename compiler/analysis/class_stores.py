"""What a module puts into classes from outside of their bodies: ``Cart.seen = {}``, ``setattr(cls, n, v)``.

An instance has it from its class then, as it has what stands in the class's body. Where the owner is
not seen to be an instance (``self``) it may be a class: surely where it is called so (``cls``,
``type(x)``, a name bound to a class), and otherwise a class that the module uses as a value.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

ANY_NAME = ANY_CLASS = "*"
_CLASS_NAMES = frozenset({"cls", "klass", "mcs", "metacls"})
_ASKS = frozenset({"isinstance", "issubclass", "super", "type"})
_SETTERS = frozenset({"setattr", "__setattr__"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class ClassStores:
    """Attribute names that are stored on classes, on what may be one, and the classes used as values.

    ``sure``: the owner is one of these classes (`ANY_CLASS`: which is not seen); ``loose``: it may be one
    of ``values``. Classes are given by their own names.
    ``own`` are names that instances are given of their own somewhere: what is stored under such a name
    on what may be a class is taken to be stored on one of those (a call that changes what a class holds is found out
    when it is run dry). ``changeable`` are the names that get more than numbers, texts and the like. `ANY_NAME` stands for
    a name that is not written out. ``raw``: instances are made without their ``__init__``.
    """

    sure: dict[str, set[str]] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    changeable: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    raw: bool = False

    def add(self, other: "ClassStores") -> None:
        """Take in those of another module."""
        for name, classes in other.sure.items():
            self.sure.setdefault(name, set()).update(classes)
        self.loose |= other.loose
        self.own |= other.own
        self.changeable |= other.changeable
        self.values |= other.values
        self.raw = self.raw or other.raw

    def on(self, classes: Iterable[str], names: Iterable[str]) -> bool:
        """Whether one of ``names`` may be stored on one of ``classes``, given by their own names."""
        wanted, own = set(names), set(classes)
        if any(self.sure[name] & (own | {ANY_CLASS}) for name in wanted & self.sure.keys()):
            return True
        return bool(wanted & self.loose - self.own and own & self.values)


def class_stores(
    tree: ast.Module, code_names: Iterable[str], classes: Iterable[str]
) -> ClassStores:
    """What ``tree`` puts into classes.

    ``code_names`` are its names for classes and for what it imports, ``classes`` those among them that
    stand for a class of this very name.
    """
    names = set(code_names) | _CLASS_NAMES
    while more := _aliases(tree, names) - names:
        names |= more
    walk = _Walk(names, set(classes))
    walk.body(tree, frozenset(), "")
    return walk.found


def given_to_instances(init: Function) -> tuple[set[str], bool]:
    """The attributes that an ``__init__`` sets whatever it is given, and whether it calls another one."""
    plain = [*init.args.posonlyargs, *init.args.args]
    first = plain[0].arg if plain else ""
    found: set[str] = set()
    passes_on = False
    for statement in init.body:
        if any(isinstance(n, ast.Return) for n in ast.walk(statement)):
            break
        match statement:
            case ast.Assign(targets=targets):
                pass
            case ast.AnnAssign(target=target, value=value) if value is not None:
                targets = [target]
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="__init__"))):
                passes_on = True
                continue
            case _:
                continue
        for part in (n for target in targets for n in ast.walk(target)):
            match part:
                case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()):
                    found |= {attr} if name == first else set()
    return found, passes_on


def _aliases(tree: ast.Module, names: set[str]) -> set[str]:
    """Names that are given what is seen to be a class."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(t, value) for t in targets]
            case ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case ast.For(target=target, iter=ast.Tuple(elts=parts) | ast.List(elts=parts)):
                pairs = [(target, part) for part in parts]
            case _:
                continue
        for target, value in pairs:
            if isinstance(target, ast.Name) and _is_class(value, names):
                found.add(target.id)
    return found


def _is_class(node: ast.expr, names: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in names
        case ast.Attribute(attr="__class__"):
            return True
        case ast.Attribute(value=ast.Name(id=name), attr=attr):  # `shop.Cart`
            return name in names and attr[:1].isupper()
        case ast.Call(func=ast.Name(id="type"), args=[_]):
            return True
    return False


class _Walk:
    """Goes through a tree with the names that are instances where it is."""

    def __init__(self, names: set[str], classes: set[str]) -> None:
        self.names = names
        self.classes = classes
        self.found = ClassStores()

    def body(
        self,
        node: ast.AST,
        instances: frozenset[str],
        class_: str,
        method_of: str = "",
        making: bool = False,
    ) -> None:
        """Everything below a node, in ``class_``. ``method_of``: of its body, ``class`` or ``metaclass``."""
        for child in _children(node):
            self._uses(child)
            if isinstance(child, ast.ClassDef):
                self.found.own.update(_declared(child))
                bases = {ast.unparse(base).rpartition(".")[2] for base in child.bases}
                meta = any(b == "type" or b.endswith(("Meta", "Type")) for b in bases)
                kind = "metaclass" if meta else "class"
                self.body(child, instances, ANY_CLASS if meta else child.name, kind)
            elif isinstance(child, Function):
                inner = self._instances(child, instances, method_of)
                self.body(child, inner, class_, making=making or child.name == "__new__")
            else:
                self._stores(child, instances, class_)
                raw = isinstance(child, ast.Call) and _called(child.func) == "__new__"
                self.found.raw = self.found.raw or (raw and not making)
                inside = method_of if isinstance(child, ast.stmt) else ""
                self.body(child, instances, class_, inside, making)

    def _instances(
        self, node: Function, instances: frozenset[str], method_of: str
    ) -> frozenset[str]:
        plain = [*node.args.posonlyargs, *node.args.args]
        every = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        inner = instances - every
        kinds = {ast.unparse(d) for d in node.decorator_list}
        if method_of and node.name == "__set_name__" and len(plain) > 1:
            self.names.add(plain[1].arg)
        hidden = node.name in ("__new__", "__init_subclass__", "__class_getitem__")
        if (
            method_of == "class"
            and plain
            and not hidden
            and not kinds & {"classmethod", "staticmethod"}
        ):
            first = plain[0].arg
            stored = {
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
            }
            if first not in stored:
                return inner | {first}
        return inner

    def _stores(self, node: ast.AST, instances: frozenset[str], class_: str) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._target(target, value, instances, class_)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._target(target, value, instances, class_)
            case ast.AugAssign(target=target, value=value):
                self._target(target, value, instances, class_)
            case ast.For(target=target) | ast.AsyncFor(target=target):
                self._target(target, None, instances, class_)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        self._target(item.optional_vars, None, instances, class_)
            case ast.Call(func=func, args=[owner, name, *rest]) if _called(func) in _SETTERS:
                text = str(name.value) if isinstance(name, ast.Constant) else ANY_NAME
                self._store(owner, text, rest[0] if rest else None, instances, class_)

    def _target(
        self, target: ast.expr, value: ast.expr | None, instances: frozenset[str], class_: str
    ) -> None:
        for part in ast.walk(target):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                self._store(part.value, part.attr, value, instances, class_)

    def _store(
        self,
        owner: ast.expr,
        name: str,
        value: ast.expr | None,
        instances: frozenset[str],
        class_: str,
    ) -> None:
        if isinstance(owner, ast.Name) and owner.id in instances:
            self.found.own.add(name)
            return
        if _is_class(owner, self.names):
            self.found.sure.setdefault(name, set()).add(self._which(owner, instances, class_))
        else:
            self.found.loose.add(name)
        if not _is_atom(value):
            self.found.changeable.add(name)

    def _which(self, owner: ast.expr, instances: frozenset[str], class_: str) -> str:
        """The own name of the class that an attribute is stored on."""
        match owner:
            case ast.Name(id="cls") if class_:
                return class_
            case ast.Name(id=name) if name in self.classes:
                return name
            case ast.Attribute(value=ast.Name(id=name), attr="__class__") if name in instances:
                return class_ or ANY_CLASS
            case ast.Call(args=[ast.Name(id=name)]) if name in instances:  # `type(self)`
                return class_ or ANY_CLASS
            case ast.Attribute(attr=name) if name != "__class__":
                return name
        return ANY_CLASS

    def _uses(self, node: ast.AST) -> None:
        """Classes that ``node`` uses as values: handed on, put away, given back."""
        for part in _handed_on(node):
            for inner in _parts(part):
                if isinstance(inner, ast.Name):
                    self.found.values.add(inner.id)
                elif isinstance(inner, ast.Attribute):
                    self.found.values.add(inner.attr)


def _handed_on(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            if _called(func) not in _ASKS:
                yield from args
                yield from (k.value for k in keywords)
        case ast.Assign(value=value) | ast.Return(value=value) | ast.AnnAssign(value=value):
            if value is not None:
                yield value
        case ast.Yield(value=value) | ast.NamedExpr(value=value) if value is not None:
            yield value
        case ast.For(iter=value):
            yield value
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.Lambda() | ast.comprehension():
            yield from (c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr))
        case ast.arguments(defaults=defaults, kw_defaults=others):
            yield from (d for d in (*defaults, *others) if d is not None)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """What the value of an expression may be."""
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield from (*_parts(body), *_parts(other))
        case ast.BoolOp(values=values):
            for value in values:
                yield from _parts(value)
        case ast.Starred(value=value) | ast.NamedExpr(value=value):
            yield from _parts(value)
        case _:
            yield node


def _declared(node: ast.ClassDef) -> Iterator[str]:
    """Attributes of instances that a class's body names: annotations, slots, and properties to set."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name, decorator_list=[ast.Attribute(attr="setter")]):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                yield from () if "ClassVar" in ast.unparse(annotation) else (name,)
            case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
                yield from (str(n.value) for n in ast.walk(value) if isinstance(n, ast.Constant))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right below one, without annotations: what they name is not used as a value."""
    left_out = {id(getattr(node, name, None)) for name in ("annotation", "returns")}
    return (child for child in ast.iter_child_nodes(node) if id(child) not in left_out)


def _called(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_atom(node: ast.expr | None) -> bool:
    """Whether a value is written out that nobody can change."""
    match node:
        case ast.Constant() | ast.JoinedStr() | ast.Compare():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_atom(operand)
        case ast.BinOp(left=left, right=right):
            return _is_atom(left) and _is_atom(right)
    return False
