"""Lists of instances of a plain class as one list for each attribute.

``for b in bodies: b.x += b.vx`` becomes ``for b_at in range(len(bodies_of_x)): bodies_of_x[b_at] +=
bodies_of_vx[b_at]``. The attributes are read before the call and, where it stores to them, written
back behind it. The guards see to it that no instance is in the list twice.
"""

import ast
import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.plain_classes import Field, Flattened, PlainClass
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import all_names, assigned_names
from selfsame.compiler.identity.names import mangled

_BUILTINS = frozenset({"len", "range", "max", "enumerate"})  # what the rewritten form calls


def with_columns(
    flat: Flattened, classes: Mapping[str, PlainClass], lists: Mapping[str, str]
) -> Flattened:
    """``lists``: parameter -> name of its items' class. Raises CannotPrint."""
    if not lists:
        return flat
    for builtin in sorted(_BUILTINS):
        if not flat.names.builtin(builtin):
            raise CannotPrint(f"takes a list of instances where {builtin} is not the builtin")
    held = [*lists.values(), *flat.owners.values(), *flat.classes]
    if len(set(held)) < len(held):
        raise CannotPrint("takes instances of one class in several ways", flat.function)
    entry = copy.deepcopy(flat.function)
    fields, guards, names = list(flat.fields), list(flat.guards), flat.names
    made: dict[str, ast.FunctionDef] = {}
    for which, cls in lists.items():
        if cls not in classes:
            raise CannotPrint(f"{which} holds {cls}, which is no plain class of this module")
        group = _Group(classes[cls], names)
        first = group.add(entry, which)
        group.run()
        entry = first.function
        made |= {c.function.name: c.function for c in group.found.values() if c is not first}
        fields += first.fields()
        guards += [
            f"type({which}) is list",
            f"all([type(sf_one) is {cls} for sf_one in {which}])",
            f"len({{id(sf_one) for sf_one in {which}}}) == len({which})",
        ]
        for method in sorted(group.methods):
            own = f"getattr(sf_one.{method}, '__func__', None) is {cls}.{method}"
            guards.append(f"all([{own} for sf_one in {which}])")
    return replace(
        flat,
        function=entry,
        names=replace(
            names,
            functions=names.functions | made,
            bound=names.bound + Counter(dict.fromkeys(made, 1)),
        ),
        methods=flat.methods | made,
        fields=fields,
        guards=tuple(guards),
        classes=tuple(sorted({*flat.classes, *lists.values()})),
        used=tuple(sorted({*flat.used, *lists.values()})),
    )


class _Group:
    """The functions that one list, or an element of it, is handed through."""

    def __init__(self, cls: PlainClass, names: ModuleNames) -> None:
        self.cls = cls
        self.names = names
        self.found: dict[str, _Columns] = {}
        self.read: set[str] = set()
        self.stored: set[str] = set()
        self.methods: set[str] = set()

    def add(self, function: ast.FunctionDef, which: str) -> "_Columns":
        """The function, and those that it hands the list ``which`` or an element on to."""
        made = _Columns(which, None, self, function)
        self.found[function.name] = made
        made.scan()
        return made

    def called(self, node: ast.Call, within: "_Columns") -> str | None:
        """The name of the function for a call that is given the list, or made on an element."""
        match node.func:
            case ast.Attribute(value=owner, attr=method) if within.element(owner):
                if not isinstance(owner, ast.Name):
                    raise CannotPrint(f"calls {method} of an element that has no name", node)
                within.own_name(method, node)
                if method not in self.cls.methods:
                    raise CannotPrint(f"calls {method} of an element", node)
                self.methods.add(mangled(method, self.cls.name))
                name = f"{self.cls.name}__does__{method}"
                self._method(self.cls.methods[method], name)
                return name
            case ast.Name(id=which):
                at = [i for i, a in enumerate(node.args) if within.is_list(a)]
                function = self.names.function(which)
                if not at or function is None:
                    return None
                taken = [a.arg for a in function.args.posonlyargs + function.args.args]
                if len(at) > 1 or at[0] >= len(taken) or function.args.vararg:
                    raise CannotPrint(f"hands a list of instances to {which} in several ways", node)
                name = f"{which}__does__{taken[at[0]]}"
                if name not in self.found:
                    copied = copy.deepcopy(function)
                    copied.name = name
                    self.add(copied, taken[at[0]])
                return name
        return None

    def _method(self, method: ast.FunctionDef, name: str) -> None:
        if name in self.found:
            return
        copied = copy.deepcopy(method)
        copied.name = name
        taken = copied.args.posonlyargs + copied.args.args
        if not taken:
            raise CannotPrint(f"{method.name} takes no self", method)
        made = self.found[name] = _Columns(name, taken[0].arg, self, copied)
        made.scan()

    def run(self) -> None:
        """Rewrite all of them. Raises CannotPrint."""
        if not self.read:
            raise CannotPrint(f"reads no attribute of {self.cls.name}")
        for each in self.found.values():
            each.run()


class _Columns(ast.NodeTransformer):
    """Rewrites one list's uses; ``at`` names the local that holds an element's place."""

    def __init__(
        self, which: str, receiver: str | None, group: _Group, function: ast.FunctionDef
    ) -> None:
        self.which = which
        self.receiver = receiver
        self.group = group
        self.cls = group.cls
        self.function = function
        self.items = _items(function, which) if receiver is None else {receiver}

    def scan(self) -> None:
        """Note the attributes that are used, and the functions that are called."""
        function = self.function
        for name in (n for n in ast.walk(function) if isinstance(n, ast.Name)):
            if name.id == (self.receiver or self.which) and not isinstance(name.ctx, ast.Load):
                raise CannotPrint(f"binds {name.id} anew", name)
        for hidden in sorted(_BUILTINS & assigned_names(function)):
            raise CannotPrint(f"takes a list of instances, and binds {hidden}", function)
        called = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and self.group.called(node, self):
                called.add(id(node.func))
        for node in ast.walk(function):
            plain = isinstance(node, ast.Attribute) and id(node) not in called
            if plain and isinstance(node, ast.Attribute) and self.element(node.value):
                self._note(node)
        places = {self.at(i) for i in self.items} | {self._end("low"), self._end("high")}
        taken = all_names(function)
        if places & taken or any(n.startswith(self.column("")) for n in taken):
            raise CannotPrint("has a name like that of an element's place", function)

    def is_list(self, node: ast.expr) -> bool:
        """Whether the expression is the list as a whole."""
        return isinstance(node, ast.Name) and node.id == self.which

    def run(self) -> None:
        """Make the function one on columns. Raises CannotPrint where the list or an item is used whole."""
        function = self.function
        if ast.get_docstring(function, clean=False) is not None:
            del function.body[0]
        function.body = self._block(function.body) or [ast.Pass()]
        gone = self.receiver or self.which
        for part in (function.args.args, function.args.posonlyargs):
            part[:] = [a for a in part if a.arg != gone]
        more = [self.column(a) for a in sorted(self.group.read)]
        more += [self.at(self.receiver)] if self.receiver else []
        function.args.kwonlyargs += [ast.arg(n) for n in more]
        function.args.kw_defaults += [None] * len(more)
        ast.fix_missing_locations(function)
        for node in ast.walk(self.function):
            if isinstance(node, ast.Name) and node.id in {self.which, *self.items}:
                raise CannotPrint(f"uses {node.id}, of {self.cls.name} instances, as a whole", node)

    def fields(self) -> list[Field]:
        """The columns, by attribute."""
        return [
            Field(
                self.which,
                mangled(a, self.cls.name),
                self.column(a),
                cell=False,
                column=True,
                stored=a in self.group.stored,
            )
            for a in sorted(self.group.read)
        ]

    def at(self, item: str) -> str:
        """The local that holds the place of an element."""
        return f"{item}_at_{self.which}"

    def column(self, attribute: str) -> str:
        """The list of an attribute's values."""
        return f"{self.which}_each_{attribute}"

    def _end(self, which: str) -> str:
        return f"{self.which}_{which}"

    def own_name(self, attribute: str, node: ast.expr) -> None:
        """Refuse ``b.__x`` outside the class, where it is spelled as it stands, or in another one's."""
        if self.receiver is None and mangled(attribute, self.cls.name) != attribute:
            raise CannotPrint(f"uses {attribute}, a private name, outside {self.cls.name}", node)

    def _note(self, node: ast.Attribute) -> None:
        self.own_name(node.attr, node)
        if node.attr in self.cls.methods or node.attr in self.cls.other:
            raise CannotPrint(f"calls the method {node.attr} of an element", node)
        if isinstance(node.ctx, ast.Del):
            raise CannotPrint(f"deletes {node.attr} of an element", node)
        if node.attr in self.cls.constants:
            raise CannotPrint(f"reads {node.attr}, which the class has", node)
        self.group.read.add(node.attr)
        if not isinstance(node.ctx, ast.Load):
            self.group.stored.add(node.attr)

    def element(self, node: ast.expr) -> bool:
        """Whether the expression is an element of the list."""
        if isinstance(node, ast.Name):
            return node.id in self.items
        return _index_of(node, self.which) is not None

    def _length(self) -> ast.expr:
        column = ast.Name(self.column(min(self.group.read)), ast.Load())
        return ast.Call(ast.Name("len", ast.Load()), [column], [])

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in body:
            made += self._statement(statement)
        return made

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.Assign(targets=[ast.Name(id=item)], value=value) if item in self.items:
                index = _index_of(value, self.which)
                assert index is not None
                return self._place(item, self.visit(index), node)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
                targets
            ) == len(values) and any(self.element(v) for v in values):
                # What is on the right may depend on names that are bound on the left.
                parts: list[ast.stmt] = []
                for target, value in zip(targets, values, strict=True):
                    part = ast.copy_location(ast.Assign([target], value), node)
                    bound = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
                    reads = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
                    if bound & reads:
                        raise CannotPrint("unpacks elements that depend on each other", node)
                    parts.append(part)
                return self._block(parts)
            case ast.For():
                return self._loop(node)
            case ast.If(test=test) | ast.While(test=test):
                node.test = self.visit(test)
                node.body, node.orelse = self._block(node.body), self._block(node.orelse)
                return [node]
            case ast.Try():
                node.body, node.orelse = self._block(node.body), self._block(node.orelse)
                node.finalbody = self._block(node.finalbody)
                for handler in node.handlers:
                    handler.body = self._block(handler.body)
                return [node]
        return [self.visit(node)]

    def _place(self, item: str, index: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        """``a = bodies[i]``: the place, which must be one."""
        at = self.at(item)
        text = (
            f"if {at} < 0:\n    {at} += {ast.unparse(self._length())}\n"
            f"if {at} < 0 or {at} >= {ast.unparse(self._length())}:\n    raise IndexError"
        )
        made: list[ast.stmt] = [ast.Assign([ast.Name(at, ast.Store())], index)]
        return _located([*made, *ast.parse(text).body], node)

    def _loop(self, node: ast.For) -> list[ast.stmt]:
        before: list[ast.stmt] = []
        span = self._span(node.iter, before, node)
        match node:
            case ast.For(target=ast.Name(id=item)) if item in self.items and span is not None:
                node.target, node.iter = ast.Name(self.at(item), ast.Store()), span
            case ast.For(
                target=ast.Tuple(elts=[number, ast.Name(id=item)]),
                iter=ast.Call(func=ast.Name(id="enumerate"), args=[listed], keywords=[]),
            ) if item in self.items and isinstance(listed, ast.Name):
                whole = self._span(listed, before, node)
                assert whole is not None
                node.target, node.iter = ast.Name(self.at(item), ast.Store()), whole
                first = ast.Assign([number], ast.Name(self.at(item), ast.Load()))
                node.body = [ast.copy_location(first, node), *node.body]
            case _:
                node.iter = self.visit(node.iter)
                node.target = self.visit(node.target)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return _located([*before, node], node)

    def _span(self, node: ast.expr, before: list[ast.stmt], place: ast.stmt) -> ast.expr | None:
        """``range`` over the places of ``bodies`` or of a slice of it without a step."""
        length = ast.unparse(self._length())
        match node:
            case ast.Name(id=self.which):
                ends = [length]
            case ast.Subscript(
                value=ast.Name(id=self.which), slice=ast.Slice(lower=low, upper=high, step=None)
            ):
                ends = []
                for which, end in (("low", low), ("high", high)):
                    if end is None:
                        ends.append("0" if which == "low" else length)
                        continue
                    name = self._end(which)
                    before.append(ast.Assign([ast.Name(name, ast.Store())], self.visit(end)))
                    text = f"if {name} < 0:\n    {name} = max({name} + {length}, 0)\n"
                    text += f"if {name} > {length}:\n    {name} = {length}\n"
                    before += ast.parse(text).body
                    ends.append(name)
            case _:
                return None
        span = ast.parse(f"range({', '.join(ends)})", mode="eval").body
        _located(before, place)
        return ast.copy_location(span, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """``a.x`` and ``bodies[i].x``."""
        if not self.element(node.value):
            return self.generic_visit(node)
        index = self._place_of(node.value)
        held = ast.Name(self.column(node.attr), ast.Load())
        return ast.copy_location(ast.Subscript(held, index, node.ctx), node)

    def _place_of(self, node: ast.expr) -> ast.expr:
        """The place of an element: a local's, or the index itself, which the column checks."""
        if isinstance(node, ast.Name):
            return ast.Name(self.at(node.id), ast.Load())
        index = _index_of(node, self.which)
        assert index is not None
        made: ast.expr = self.visit(index)
        return made

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """``a is b``: no instance is in the list twice."""
        match node:
            case ast.Compare(
                left=ast.Name(id=a),
                ops=[ast.Is() | ast.IsNot() as op],
                comparators=[ast.Name(id=b)],
            ) if {a, b} <= self.items:
                same = ast.Eq() if isinstance(op, ast.Is) else ast.NotEq()
                left, right = (ast.Name(self.at(n), ast.Load()) for n in (a, b))
                return ast.copy_location(ast.Compare(left, [same], [right]), node)
        return self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """``for b in bodies`` of a comprehension."""
        match node:
            case ast.comprehension(target=ast.Name(id=item), iter=ast.Name(id=self.which)):
                if item in self.items:
                    node.target = ast.Name(self.at(item), ast.Store())
                    node.iter = ast.Call(ast.Name("range", ast.Load()), [self._length()], [])
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``len(bodies)``."""
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=self.which)], keywords=[]):
                return ast.copy_location(self._length(), node)
        name = self.group.called(node, self)
        if name is None:
            return self.generic_visit(node)
        callee = self.group.found[name]
        passed: list[tuple[str, ast.expr]] = [
            (callee.column(a), ast.Name(self.column(a), ast.Load()))
            for a in sorted(self.group.read)
        ]
        if isinstance(node.func, ast.Attribute):
            assert callee.receiver is not None
            place = self._place_of(node.func.value)
            passed.append((callee.at(callee.receiver), place))
        args = [self.visit(a) for a in node.args if not self.is_list(a)]
        keywords = [ast.keyword(k.arg, self.visit(k.value)) for k in node.keywords]
        keywords += [ast.keyword(n, v) for n, v in passed]
        new = ast.Call(ast.Name(name, ast.Load()), args, keywords)
        return ast.fix_missing_locations(ast.copy_location(new, node))


def _index_of(node: ast.expr, which: str) -> ast.expr | None:
    """The index of ``bodies[index]``; None for anything else."""
    match node:
        case ast.Subscript(value=ast.Name(id=base), slice=index) if base == which:
            return None if isinstance(index, ast.Slice | ast.Tuple) else index
    return None


def _items(function: ast.FunctionDef, which: str) -> set[str]:
    """Locals that are only ever bound to elements of the list."""
    bound: dict[str, set[int]] = {}
    elements: dict[str, set[int]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.setdefault(name, set()).add(id(node))
            case ast.arg(arg=name):
                bound.setdefault(name, set()).add(id(node))
        pairs: list[tuple[ast.expr, bool]] = []
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=value):
                pairs = [(target, _index_of(value, which) is not None)]
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = [
                    (t, _index_of(v, which) is not None)
                    for t, v in zip(targets, values, strict=False)
                ]
            case ast.comprehension(target=ast.Name() as target, iter=iterable):
                pairs = [(target, _is_list(iterable, which, slices=False))]
            case ast.For(target=ast.Name() as target, iter=iterable):
                pairs = [(target, _is_list(iterable, which, slices=True))]
            case ast.For(
                target=ast.Tuple(elts=[_, target]),
                iter=ast.Call(func=ast.Name(id="enumerate"), args=[listed]),
            ):
                pairs = [(target, _is_list(listed, which, slices=False))]
        for target, found in pairs:
            if found and isinstance(target, ast.Name):
                elements.setdefault(target.id, set()).add(id(target))
    return {name for name, places in elements.items() if places == bound[name]}


def _is_list(node: ast.expr, which: str, slices: bool) -> bool:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and slices:
        return isinstance(node.value, ast.Name) and node.value.id == which and not node.slice.step
    return isinstance(node, ast.Name) and node.id == which


def _located(made: list[ast.stmt], place: ast.stmt) -> list[ast.stmt]:
    """Give new statements the place of the one that they came from, for refusals."""
    for statement in made:
        for node in ast.walk(statement):
            unplaced = statement is not place or not getattr(node, "lineno", 0)
            if isinstance(node, ast.expr | ast.stmt) and node is not place and unplaced:
                ast.copy_location(node, place)
    return made
