"""The effects of each kind of statement: a walk with strong updates, joined where paths meet."""

import ast
from collections.abc import Iterable

from selfsame.compiler.analysis.expressions import Expressions
from selfsame.compiler.analysis.known import HASHES, IN_PLACE, ITERATES, MAPPING
from selfsame.compiler.analysis.known_functions import QUIET_MODULES
from selfsame.compiler.analysis.passing import Arguments
from selfsame.compiler.analysis.values import (
    ANY,
    BOTTOM,
    NOTHING,
    Value,
    code,
    holders,
    join,
    of_type,
    ordered,
)
from selfsame.compiler.identity.order import header
from selfsame.compiler.identity.scopes import parameters

_IMMUTABLE = frozenset(
    [
        "int",
        "float",
        "complex",
        "bool",
        "str",
        "bytes",
        "NoneType",
        "number",
        "tuple",
        "frozenset",
        "range",
    ]
)
_NEVER_EXTENDS = frozenset(["int", "float", "complex", "bool", "NoneType", "number"])
Env = dict[str, Value]


class Statements(Expressions):
    """The whole analysis of one function's body."""

    def analyse(self) -> None:
        """Walk the body until nothing new is learnt about what objects hold."""
        node = self.definition.node
        assert not isinstance(node, ast.ClassDef)
        bound = self.module.bound_in(self.definition)
        self.scope_names = bound.local
        self.globals_declared = bound.globals
        self.nonlocals_declared = bound.nonlocals
        self.loops: dict[int, Env] = {}
        self.problems, self.mutations, self.calls_arguments = set(), set(), set()
        self.passing, self.partial, self.work = [], False, 0
        self.learnt += 1  # of what it calls more may be known than when it was followed before
        for _ in range(8):
            before = self.grown
            self.returned = []
            self.handed = []
            self.lost = []
            self.reading = []
            self.rebound = {}
            self.classes_made: list[ast.ClassDef] = []
            self.env = self._parameters(node.args)
            if isinstance(node, ast.Lambda):
                self.returned.append(self.value(node.body))
            else:
                self.block(node.body)
            for made in self.classes_made:
                self.lost += [
                    value
                    for inner in ast.walk(made)
                    if isinstance(inner, ast.Name)
                    for value in self.held.get(inner.id, ())
                ]
            if self.grown == before or all(map(self.holds, self.reading)):
                return  # all that was looked up on the way would be the same again
        self.problem(node, "unknown", "is too intricate to follow")
        self.partial = True

    def _parameters(self, args: ast.arguments) -> Env:
        env = {name: Value(frozenset({("param", name)}), None) for name in sorted(parameters(args))}
        for extra, type_ in ((args.vararg, "tuple"), (args.kwarg, "dict")):
            if extra is not None:  # the container is the call's own, its items are the caller's
                held = Value(frozenset({("in", f"{extra.arg}.*"), ("param", extra.arg)}))
                env[extra.arg] = self.new(extra, type_, held)
        plain = args.posonlyargs + args.args
        parent = self.definition.parent
        if plain and parent in self.names.program.classes and parent is not None:
            node = self.definition.node
            kinds = {d.id for d in getattr(node, "decorator_list", []) if isinstance(d, ast.Name)}
            first = plain[0].arg
            if "classmethod" in kinds or getattr(node, "name", "") in (
                "__new__",
                "__init_subclass__",
            ):
                below = {("class", c.address) for c in self.names.subclasses(parent)}
                refs = frozenset({("class", parent), *below})
                env[first] = Value(NOTHING, frozenset({"type"}), refs)
            elif "staticmethod" not in kinds and not isinstance(node, ast.Lambda):
                env[first] = Value(env[first].own, frozenset({parent}))
        return env

    # --- assignment --------------------------------------------------------------------------

    def bind_target(self, target: ast.expr, value: Value) -> None:
        """Assign ``value`` to a target of any form."""
        if isinstance(target, ast.Name):
            self.bind_name(target, target.id, value)
        elif isinstance(target, ast.Attribute):
            self.store_attribute(target, self.value(target.value), target.attr, value)
        elif isinstance(target, ast.Subscript):
            owner = self.value(target.value)
            key = self.value(target.slice)
            self.store_item(target, owner, key, value)
        elif isinstance(target, ast.Starred):
            self.bind_target(target.value, self.new(target, "list", value))
        elif isinstance(target, ast.Tuple | ast.List):
            items = self.items_of(target, value)
            starred = any(isinstance(element, ast.Starred) for element in target.elts)
            for index, element in enumerate(target.elts):
                known = items.types is not None or starred
                self.bind_target(element, items if known else self.parts(value, f"[{index}]"))

    def store_item(self, node: ast.AST, owner: Value, key: Value, value: Value) -> None:
        """``owner[key] = value``."""
        self.mutate(node, owner, "sets an item")
        into = holders(owner)
        self.hold(into, value, "[]")
        self.hold(into, key, "{}")
        mapping = owner.types is not None and owner.types <= {"dict", "Counter"}
        if not mapping and (key.types is None or "slice" in key.types):
            self.hold(into, self.parts(value, "{}"), "[]")
        self.special(node, "__setitem__", owner, key, value)
        for name in HASHES:
            self.special(node, name, key)

    def bind_name(self, node: ast.AST, name: str, value: Value) -> None:
        """``name = value``, with the declared scope of the name."""
        if name in self.globals_declared:
            root = ("global", f"{self.module.name}.{name}")
            self.mutate(node, Value(frozenset({root})), f"assigns `{name}`")
            self.hold([root], value)
            self.handed.append(value)
        elif name in self.nonlocals_declared:
            self.rebound.setdefault(name, []).append(value)
            self.problem(node, "no", f"writes to `{name}` of an enclosing function", own_only=True)
        else:
            self.env[name] = value
            if value.own:
                kept = self.held.setdefault(name, [])
                if value not in kept:
                    kept.append(value)

    def augmented(self, node: ast.AugAssign) -> None:
        """``target += value``: in place where the target may be mutable."""
        before = (
            self.name(node.target.id)
            if isinstance(node.target, ast.Name)
            else self.value(node.target)
        )
        right = self.value(node.value)
        result = self.operator(node, node.op, before, right)
        immutable = before.types is not None and before.types <= _IMMUTABLE
        if not immutable:
            given = [self.special(node, special, before, right) for special in IN_PLACE]
            for special in (*ITERATES, *MAPPING):  # of a list or a dict that takes the items
                self.special(node, special, right)
            sure = before.types is not None and bool(before.types & {"list", "set", "dict"})
            number = right.types is not None and right.types <= _NEVER_EXTENDS
            # A number added to a builtin container raises; an array of another package takes it.
            if not number or isinstance(node.op, ast.Mult) or self.names.program.foreign:
                self.mutate(
                    node,
                    Value(before.own, before.types),
                    f"changes `{_shown(node.target)}` in place",
                    sure,
                )
            self.hold(before.own, self.parts(right))
            mapping = before.types is None or before.types & {"dict", "Counter"}
            if mapping and isinstance(node.op, ast.BitOr):  # from pairs
                self.hold(before.own, self.parts(self.parts(right)))
            result = join([before, result, *(v for v in given if v.own or v.refs)])
        self.bind_target(node.target, result)

    # --- control flow ------------------------------------------------------------------------

    def block(self, body: Iterable[ast.stmt]) -> None:
        """Run statements one after another. What follows a jump is walked too: it costs little."""
        rest = iter(body)
        for statement in rest:
            self.statement(statement)
            if _may_leave(statement):
                break
        with self.branch():
            for statement in rest:
                self.statement(statement)

    def branches(self, *blocks: Iterable[ast.stmt]) -> None:
        """Several paths from here; afterwards any of them may have been taken."""
        start = dict(self.env)
        ends = []
        for body in blocks:
            self.env = dict(start)
            with self.branch():
                self.block(body)
            ends.append(self.env)
        self.env = _joined(ends)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        """A loop, until its variables are stable."""
        state = _joined([self.env, self.loops.get(id(node), self.env)])
        for _ in range(12):
            self.env = dict(state)
            if isinstance(node, ast.While):
                self.asked(node, self.value(node.test))
            else:
                self.bind_target(node.target, self.iterated(node.iter))
            self.block(node.body)
            after = _joined([state, self.env])
            if after == state:
                break
            state = after
        else:
            self.problem(node, "unknown", "has a loop that is too intricate to follow")
            self.partial = True
        self.loops[id(node)] = state
        self.env = dict(state)
        self.block(node.orelse)
        self.env = _joined([state, self.env])

    def tried(self, node: ast.stmt) -> None:
        """``try``: a handler may begin after any part of the body."""
        assert isinstance(node, ast.Try | ast.TryStar)
        start = dict(self.env)
        self.block(node.body)
        middle = _joined([start, self.env])
        ends = []
        self.block(node.orelse)
        ends.append(self.env)
        for handler in node.handlers:
            self.env = dict(middle)
            if handler.type is not None:
                met = set(self.meets)
                self.value(handler.type)
                # To be asked whether it is the class of an exception makes nothing.
                self.meets = met
                self.known_reach.clear()
            if handler.name:
                # Whoever raised it may have put there what it was given.
                self.env[handler.name] = self.new(handler, "exception", *middle.values())
            with self.branch():
                self.block(handler.body)
            ends.append(self.env)
        self.env = _joined([middle, *ends]) if node.finalbody else _joined(ends)
        self.block(node.finalbody)

    def managed(self, node: ast.stmt) -> None:
        """``with``: known managers and those of the tree; of another nothing is known."""
        assert isinstance(node, ast.With | ast.AsyncWith)
        if isinstance(node, ast.AsyncWith):
            self.problem(node, "no", "suspends at `async with`")
        classes = set(self.names.program.classes)
        for item in node.items:
            value = self.value(item.context_expr)
            types = value.types or frozenset()
            entered = self.mixed([value])
            if types and types <= classes:
                given = self.special(node, "__enter__", value)
                self.special(node, "__exit__", value)
                entered = Value(entered.own | given.own, None, entered.refs | given.refs)
            elif not types or not types <= {"manager", "memory file", "memoryview"}:
                shown = ast.unparse(item.context_expr)[:40]
                self.problem(node, "unknown", f"enters `{shown}`, which is not known")
                self.lost.append(entered)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, entered)
        self.block(node.body)

    def matched(self, node: ast.Match) -> None:
        """``match``: names of patterns are parts of the subject."""
        subject = self.value(node.subject)
        self.special(node, "__eq__", subject)
        parts = self.mixed([subject])
        start = dict(self.env)
        ends = [start]
        for case in node.cases:
            self.env = dict(start)
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "rest", None) or getattr(pattern, "name", None)
                if isinstance(name, str) and isinstance(pattern, ast.pattern):
                    self.bind_name(pattern, name, parts)
                elif isinstance(pattern, ast.MatchValue):
                    self.value(pattern.value)
                elif isinstance(pattern, ast.MatchSequence):
                    self.items_of(pattern, parts)
                elif isinstance(pattern, ast.MatchMapping):
                    self.unpacked(pattern, parts)
                    self.special(pattern, "get", parts)
                elif isinstance(pattern, ast.MatchClass):
                    parts = self.matched_attributes(pattern, parts)
            if case.guard is not None:
                self.asked(case.guard, self.value(case.guard))
            with self.branch():
                self.block(case.body)
            ends.append(self.env)
        self.env = _joined(ends)

    def matched_attributes(self, pattern: ast.MatchClass, parts: Value) -> Value:
        """``parts`` with what the attributes give that a pattern reads."""
        found = [parts]
        for name in pattern.kwd_attrs:
            found.append(self.attribute_of(pattern, parts, name))
        class_ = self.value(pattern.cls)
        for ref in ordered(class_.refs) if pattern.patterns else ():  # those of `__match_args__`
            owner = Value(parts.own, frozenset({str(ref[1])}) if ref[0] == "class" else None)
            given = Arguments([owner], {}, False)
            found.append(self.any_attribute(pattern, "getattr", given))
        return self.mixed(found)

    # --- statements --------------------------------------------------------------------------

    def statement(self, node: ast.stmt) -> None:
        """One statement."""
        match node:
            case ast.Expr():
                self.value(node.value)
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    if not self.paired(target, node.value):
                        self.bind_target(target, value)
            case ast.AnnAssign():
                if node.value is not None:
                    self.bind_target(node.target, self.value(node.value))
            case ast.AugAssign():
                self.augmented(node)
            case ast.Return():
                self.returned.append(self.value(node.value) if node.value else of_type("NoneType"))
            case ast.If():
                self.asked(node, self.value(node.test))
                self.branches(node.body, node.orelse)
            case ast.For() | ast.While():
                self.loop(node)
            case ast.AsyncFor():
                self.problem(node, "no", "suspends at `async for`")
                self.loop(node)
            case ast.Try() | ast.TryStar():
                self.tried(node)
            case ast.With() | ast.AsyncWith():
                self.managed(node)
            case ast.Match():
                self.matched(node)
            case ast.Raise():
                self.raises = True
                for part in (node.exc, node.cause):
                    value = self.value(part)
                    self.handed.append(value)
                    if value.is_code:
                        for ref in ordered(value.refs):
                            if ref[0] == "class":
                                self.call(node, value, Arguments(), str(ref[1]).split(":")[-1])
            case ast.Assert():
                self.raises = True
                self.asked(node, self.value(node.test))
                self.handed.append(self.value(node.msg))
            case ast.Delete():
                self.deleted(node)
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.defined(node)
            case ast.ClassDef():
                self.class_defined(node)
            case ast.Pass() | ast.Break() | ast.Continue() | ast.Global() | ast.Nonlocal():
                pass
            case _:
                text = f"has a {type(node).__name__} statement, which is not understood"
                self.problem(node, "unknown", text)

    def paired(self, target: ast.expr, value: ast.expr) -> bool:
        """``a, b = x, y`` binds each name to its own value; False where it has not that form."""
        if not (isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)):
            return False
        if len(target.elts) != len(value.elts) or any(
            isinstance(e, ast.Starred) for e in (*target.elts, *value.elts)
        ):
            return False
        found = self.values(value.elts)
        for element, item in zip(target.elts, found, strict=True):
            self.bind_target(element, item)
        return True

    def deleted(self, node: ast.Delete) -> None:
        """``del``: of a name nothing happens, of an item or attribute its owner changes."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.bind_name(target, target.id, BOTTOM)
            elif isinstance(target, ast.Attribute):
                self.store_attribute(target, self.value(target.value), target.attr, BOTTOM)
            elif isinstance(target, ast.Subscript):
                owner = self.value(target.value)
                self.value(target.slice)
                self.mutate(target, owner, "deletes an item")
                self.special(target, "__delitem__", owner)

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """An import inside a function: of a module of the tree, it may run that module's code."""
        for name, binding in self.module.imported(node):
            module = binding.target.partition(":")[0]
            if module not in QUIET_MODULES:
                self.problem(node, "unknown", f"imports `{module}`, whose code may run then")
            if binding.kind == "module":
                value = self.names.imported_module(binding.target)
            else:
                value = self.names.from_import(binding.target)
            self.bind_name(node, name, value)

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A nested function: its defaults are evaluated now, its body when it is called."""
        for part in (*node.decorator_list, *header(node)):
            if isinstance(part, ast.expr):
                self.value(part)
        value = self.names.function(self.module.address_of[id(node)])
        if not value.is_code:
            decorators = self.values(node.decorator_list)
            for decorator in decorators:
                self.call(node, decorator, Arguments(), f"the decorator of {node.name}")
            value = ANY
        self.bind_name(node, node.name, value)

    def class_defined(self, node: ast.ClassDef) -> None:
        """A class made inside a function: its body runs now."""
        self.problem(node, "unknown", f"makes the class `{node.name}` anew")
        self.classes_made.append(node)
        self.bind_name(node, node.name, code(("class", self.module.address_of[id(node)])))


def _joined(envs: list[Env]) -> Env:
    names: set[str] = set().union(*envs)
    return {name: join(env[name] for env in envs if name in env) for name in sorted(names)}


def _shown(target: ast.expr) -> str:
    return ast.unparse(target)[:40]


def _may_leave(statement: ast.stmt) -> bool:
    """Whether a statement with blocks may end the call, or a round of the loop around it."""
    if not isinstance(statement, ast.If | ast.For | ast.While | ast.Try | ast.With | ast.Match):
        return False
    loops = isinstance(statement, ast.For | ast.While)
    leaving = (ast.Return, ast.Raise) if loops else (ast.Return, ast.Raise, ast.Break, ast.Continue)
    todo: list[ast.AST] = [statement]
    for node in todo:
        if isinstance(node, leaving):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            todo += ast.iter_child_nodes(node)
    return False
