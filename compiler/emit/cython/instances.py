"""Instances of the module's own plain classes as their attributes.

``def step(self): self.i += 1`` becomes ``def step(*, self__i): self__i[0] += 1``: an attribute that
is stored to is a list of one item, so that methods that are called with it see one value. Methods
become functions. What uses an instance as a whole is refused.
"""

import ast
import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.plain_classes import (
    Field,
    Flattened,
    PlainClass,
    function_of,
    plain_classes,
)
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import all_names
from selfsame.compiler.identity.names import mangled

SET = "_sf_set"  # the method of a list of one item that gives it its item


def flatten(
    function: ast.FunctionDef, module: ast.Module, names: ModuleNames, owners: Mapping[str, str]
) -> Flattened:
    """``owners``: parameter -> name of its class. Raises CannotPrint."""
    classes = plain_classes(module, names)
    for parameter, which in owners.items():
        if which not in classes:
            raise CannotPrint(
                f"{parameter} is a {which}, which is no plain class of this module", function
            )
    instances = dict(owners) | _created(function, classes)
    parameters = [
        a.arg for a in function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    ]
    if not instances:
        return Flattened(function, names, parameters)
    work: list[tuple[ast.FunctionDef, dict[str, str]]] = [(function, instances)]
    while work:
        body, known = work.pop()
        _private(body, known, classes)
        for cls, method in _Uses(classes, known).of(body):
            if method not in classes[cls].used:
                classes[cls].used.add(method)
                made = classes[cls].methods[method]
                work.append((made, {_receiver(made): cls}))
    methods = {}
    for plain in classes.values():
        for method in sorted(plain.used):
            methods[function_of(plain, method)] = _method(plain, method, classes)
    new = _Attributes(classes, instances, function).run(function)
    fields = [
        Field(p, mangled(a, c), _local(p, a), a in classes[c].stored)
        for p, c in owners.items()
        for a in sorted(classes[c].fields)
    ]
    new.args.kwonlyargs += [ast.arg(f.local) for f in fields]
    new.args.kw_defaults += [None] * len(fields)
    gone = set(owners)
    new.args.args = [a for a in new.args.args if a.arg not in gone]
    new.args.posonlyargs = [a for a in new.args.posonlyargs if a.arg not in gone]
    if {_local(p, a) for p, c in instances.items() for a in classes[c].fields} & all_names(
        function
    ):
        raise CannotPrint("has a name like that of an attribute's local", function)
    widened = replace(
        names,
        functions=names.functions | methods,
        bound=names.bound + Counter(dict.fromkeys(methods, 1)),
    )
    new = ast.fix_missing_locations(new)
    used = tuple(sorted(c.name for c in classes.values() if c.used or c.name in owners.values()))
    guards = [g for p, c in owners.items() for g in classes[c].guards(p, methods=True)]
    created = sorted(set(instances.values()) - set(owners.values()))
    guards += [g for c in created for g in classes[c].guards(c, methods=False)]
    named = {*owners.values(), *(c for c in created if classes[c].read)}
    return Flattened(
        new,
        widened,
        parameters,
        methods,
        fields,
        dict(owners),
        used,
        tuple(sorted(named)),
        tuple(guards),
    )


def _private(
    function: ast.FunctionDef, known: Mapping[str, str], classes: Mapping[str, PlainClass]
) -> None:
    """Refuse ``b.__x`` outside the class of ``b``, where it is spelled as it stands."""
    where = function.lineno, function.col_offset
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id=which), attr=attribute) if which in known:
                cls = classes[known[which]]
                inside = any((m.lineno, m.col_offset) == where for m in cls.methods.values())
                if not inside and mangled(attribute, cls.name) != attribute:
                    raise CannotPrint(f"uses {attribute}, a private name, outside {cls.name}", node)


def _created(function: ast.FunctionDef, classes: Mapping[str, PlainClass]) -> dict[str, str]:
    """Locals that are bound once, to a new instance."""
    stores: dict[str, int] = {}
    made: dict[str, str] = {}
    for node in ast.walk(function):
        match node:
            case ast.Name(id=which, ctx=ast.Store()) | ast.arg(arg=which):
                stores[which] = stores.get(which, 0) + 1
        match node:
            case ast.Assign(
                targets=[ast.Name(id=which)], value=ast.Call(func=ast.Name(id=cls))
            ) if cls in classes:
                made[which] = cls
    return {which: cls for which, cls in made.items() if stores[which] == 1}


def _receiver(method: ast.FunctionDef) -> str:
    taken = method.args.posonlyargs + method.args.args
    if not taken:
        raise CannotPrint(f"{method.name} takes no self", method)
    return taken[0].arg


def _local(owner: str, attribute: str) -> str:
    return f"{owner}_of_{attribute}"


class _Uses(ast.NodeVisitor):
    """Which attributes and methods of instances a function uses."""

    def __init__(self, classes: Mapping[str, PlainClass], instances: Mapping[str, str]) -> None:
        self.classes = classes
        self.instances = instances
        self.calls: list[tuple[str, str]] = []

    def of(self, function: ast.FunctionDef) -> list[tuple[str, str]]:
        for statement in function.body:
            self.visit(statement)
        return [(c, m) for c, m in self.calls if m in self.classes[c].methods]

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and node.value.id in self.instances:
            cls = self.classes[self.instances[node.value.id]]
            if node.attr in cls.methods:
                self.calls.append((cls.name, node.attr))
            elif node.attr in cls.constants and isinstance(node.ctx, ast.Load):
                cls.read.add(node.attr)
            else:
                cls.fields.add(node.attr)
                if not isinstance(node.ctx, ast.Load):
                    cls.stored.add(node.attr)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name) and node.value.id in self.instances:
            which = "__getitem__" if isinstance(node.ctx, ast.Load) else "__setitem__"
            self.calls.append((self.instances[node.value.id], which))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=which)], value=ast.Call(func=ast.Name(id=cls))):
                if which in self.instances and self.instances[which] == cls:
                    self.calls.append((cls, "__init__"))
        self.generic_visit(node)


def _method(cls: PlainClass, method: str, classes: Mapping[str, PlainClass]) -> ast.FunctionDef:
    """A method as a function of its arguments and, by keyword, of the attributes."""
    old = cls.methods[method]
    receiver = _receiver(old)
    new = _Attributes(classes, {receiver: cls.name}, old).run(old)
    new.name = function_of(cls, method)
    new.args.posonlyargs, new.args.args = [], (new.args.posonlyargs + new.args.args)[1:]
    pair = _pair(old) if method in ("__getitem__", "__setitem__") else None
    if pair is not None:
        new.args.args = [ast.arg(n) for n in pair] + new.args.args[1:]
        documented = ast.get_docstring(old, clean=False) is not None
        del new.body[documented]
        new.body = new.body or [ast.Pass()]
    cells = [ast.arg(_local(receiver, a)) for a in sorted(cls.fields)]
    new.args.kwonlyargs += cells
    new.args.kw_defaults += [None] * len(cells)
    return ast.fix_missing_locations(new)


def _pair(method: ast.FunctionDef) -> list[str] | None:
    """``["x", "y"]`` of a method that begins with ``x, y = index`` and forgets ``index``."""
    documented = ast.get_docstring(method, clean=False) is not None
    taken = [a.arg for a in method.args.posonlyargs + method.args.args]
    match method.body[documented : documented + 1]:
        case [ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Name(id=index))]:
            reads = [n for n in ast.walk(method) if isinstance(n, ast.Name) and n.id == index]
            if taken[1:2] == [index] and len(reads) == 1:
                found = [p.id for p in parts if isinstance(p, ast.Name)]
                return found if len(found) == len(parts) else None
    return None


class _Attributes(ast.NodeTransformer):
    """Replaces attributes and calls of instances in a copy of a function."""

    def __init__(
        self,
        classes: Mapping[str, PlainClass],
        instances: Mapping[str, str],
        function: ast.FunctionDef,
    ) -> None:
        self.classes = classes
        self.instances = instances
        self.function = function
        self.count = 0

    def run(self, function: ast.FunctionDef) -> ast.FunctionDef:
        new = copy.deepcopy(function)
        new.body = [s for old in new.body for s in self._statement(old)]
        return new

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        made = self.visit(node)
        return made if isinstance(made, list) else [made]

    def _class(self, node: ast.expr) -> PlainClass | None:
        if isinstance(node, ast.Name) and node.id in self.instances:
            return self.classes[self.instances[node.id]]
        return None

    def _cells(self, owner: str, cls: PlainClass, method: str) -> list[ast.keyword]:
        receiver = _receiver(cls.methods[method])
        return [
            ast.keyword(_local(receiver, a), ast.Name(_local(owner, a), ast.Load()))
            for a in sorted(cls.fields)
        ]

    def _call(
        self, owner: ast.expr, method: str, args: list[ast.expr], keywords: list[ast.keyword]
    ) -> ast.Call:
        cls = self._class(owner)
        assert cls is not None and isinstance(owner, ast.Name)
        if method not in cls.methods:
            raise CannotPrint(f"uses {method} of {cls.name}, which has none of its own", owner)
        given = keywords + self._cells(owner.id, cls, method)
        made = ast.Call(ast.Name(function_of(cls, method), ast.Load()), args, given)
        return ast.copy_location(made, owner)

    def _index(self, node: ast.Subscript, method: str) -> list[ast.expr]:
        cls = self._class(node.value)
        assert cls is not None
        pair = _pair(cls.methods[method]) if method in cls.methods else None
        if pair is None:
            return [self.visit(node.slice)]
        if not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != len(pair):
            raise CannotPrint(f"indexes a {cls.name} by another index than its method takes", node)
        return [self.visit(e) for e in node.slice.elts]

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.instances:
            which = self.instances[node.id]
            raise CannotPrint(f"uses {node.id}, a {which}, as a whole", node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        cls = self._class(node.value)
        if cls is None:
            return self.generic_visit(node)
        if node.attr in cls.methods or node.attr in cls.other:
            raise CannotPrint(
                f"reads {node.attr} of a {cls.name}, which is no plain attribute", node
            )
        if node.attr in cls.constants and node.attr not in cls.fields:
            return ast.copy_location(copy.deepcopy(cls.constants[node.attr]), node)
        if node.attr in cls.constants:
            raise CannotPrint(f"stores to {node.attr}, which {cls.name} has too", node)
        assert isinstance(node.value, ast.Name)
        held = ast.Name(_local(node.value.id, node.attr), ast.Load())
        if node.attr not in cls.stored:
            return ast.copy_location(held, node)
        return ast.copy_location(ast.Subscript(held, ast.Constant(0), node.ctx), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        if isinstance(function, ast.Attribute) and self._class(function.value) is not None:
            cls = self._class(function.value)
            assert cls is not None
            if function.attr in cls.methods:
                args = [self.visit(a) for a in node.args]
                keywords = [ast.keyword(k.arg, self.visit(k.value)) for k in node.keywords]
                return self._call(function.value, function.attr, args, keywords)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if self._class(node.value) is None:
            return self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            raise CannotPrint("stores to an item of an instance in an unusual place", node)
        return self._call(node.value, "__getitem__", self._index(node, "__getitem__"), [])

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.stmt]:
        target = node.target
        if isinstance(target, ast.Subscript) and self._class(target.value) is not None:
            if not all(
                isinstance(n, ast.Name | ast.Constant | ast.Tuple | ast.expr_context)
                for n in ast.walk(target.slice)
            ):
                raise CannotPrint("changes an item of an instance at a computed index", node)
            read = ast.Subscript(
                copy.deepcopy(target.value), copy.deepcopy(target.slice), ast.Load()
            )
            value = ast.copy_location(ast.BinOp(read, node.op, node.value), node)
            return self.visit_Assign(ast.copy_location(ast.Assign([target], value), node))
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | list[ast.stmt]:
        if node.value is not None and isinstance(node.target, ast.Attribute):
            return self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=which)], value=ast.Call(func=ast.Name(id=name)) as call
            ) if self.instances.get(which) == name:
                return self._new(which, self.classes[name], call)
        if not any(self._ours(t) for t in ast.walk(node) if isinstance(t, ast.expr)):
            return self.generic_visit(node)
        value: ast.expr = self.visit(node.value)
        if len(node.targets) == 1 and not isinstance(node.targets[0], ast.Tuple | ast.List):
            return [self._put(node.targets[0], value)]
        made: list[ast.stmt] = []
        if len(node.targets) > 1:
            held = self._fresh()
            made.append(ast.copy_location(ast.Assign([ast.Name(held, ast.Store())], value), node))
            for target in node.targets:
                if isinstance(target, ast.Tuple | ast.List):
                    raise CannotPrint("unpacks into attributes and names at once", node)
                made.append(self._put(target, ast.Name(held, ast.Load())))
            return made
        (target,) = node.targets
        assert isinstance(target, ast.Tuple | ast.List)
        parts = [self._fresh() for _ in target.elts]
        spread = ast.Tuple([ast.Name(p, ast.Store()) for p in parts], ast.Store())
        made.append(ast.copy_location(ast.Assign([spread], value), node))
        made += [
            self._put(t, ast.Name(p, ast.Load())) for t, p in zip(target.elts, parts, strict=True)
        ]
        return made

    def _fresh(self) -> str:
        self.count += 1
        return f"part_of_{self.function.name}_{self.count}"

    def _ours(self, target: ast.expr) -> bool:
        """Whether a target is an attribute or an item of an instance."""
        stores = isinstance(target, ast.Attribute | ast.Subscript)
        stores = stores and isinstance(target.ctx, ast.Store)  # type: ignore[attr-defined]
        return stores and self._class(target.value) is not None  # type: ignore[attr-defined]

    def _put(self, target: ast.expr, value: ast.expr) -> ast.stmt:
        if isinstance(target, ast.Subscript) and self._class(target.value) is not None:
            index = self._index(target, "__setitem__")
            made: ast.stmt = ast.Expr(self._call(target.value, "__setitem__", [*index, value], []))
        elif self._ours(target):
            cell = self.visit_Attribute(target)  # type: ignore[arg-type]
            assert isinstance(cell, ast.Subscript)
            function = ast.Attribute(cell.value, SET, ast.Load())
            made = ast.Expr(ast.Call(function, [value], []))
        else:
            made = ast.Assign([self.visit(target)], value)
        return ast.copy_location(made, target)

    def _new(self, which: str, cls: PlainClass, call: ast.Call) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for attribute in sorted(cls.fields):
            if attribute not in cls.stored:
                raise CannotPrint(
                    f"reads {attribute} of a new {cls.name}, which never sets it", call
                )
            empty = ast.List([], ast.Load())
            made.append(ast.Assign([ast.Name(_local(which, attribute), ast.Store())], empty))
        args = [self.visit(a) for a in call.args]
        keywords = [ast.keyword(k.arg, self.visit(k.value)) for k in call.keywords]
        if "__init__" in cls.methods:
            owner = ast.copy_location(ast.Name(which, ast.Load()), call)
            made.append(ast.Expr(self._call(owner, "__init__", args, keywords)))
        elif args or keywords:
            raise CannotPrint(f"gives a {cls.name} arguments that it does not take", call)
        return [ast.copy_location(s, call) for s in made]
