"""Whether an expression gives the same value all through a region of a **pure** function.

Nothing that was there before a call of a pure function is changed by it. So what is reached from
parameters and globals stays, and only what the function made itself can change: that is looked for
in the region, by what is written there. What is not on a list here is unknown.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache

from selfsame.compiler.analysis.flow import LIST_WRITERS, Flow
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.variables import EAGER
from selfsame.compiler.identity.order import COMPREHENSIONS

# Builtins whose result is made of what they are given, and that change none of it.
MAKERS = EAGER | {
    "dict",
    "len",
    "abs",
    "round",
    "int",
    "float",
    "str",
    "bool",
    "repr",
    "ord",
    "chr",
}
MAKERS |= {"range", "divmod", "pow", "hash", "isinstance", "bin", "hex", "ascii", "format"}
# These give iterators: only as an argument of one that uses it up at once.
LAZY = frozenset({"zip", "enumerate", "reversed"})
# Methods that change nothing, whatever builtin has them.
READING = frozenset(
    {"index", "count", "copy", "keys", "values", "items", "get", "lower", "upper", "title", "strip"}
    | {
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "splitlines",
        "join",
        "startswith",
        "endswith",
        "find",
    }
    | {
        "rfind",
        "replace",
        "format",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
    }
    | {"encode", "decode", "zfill", "ljust", "rjust", "center", "partition", "rpartition", "union"}
    | {
        "intersection",
        "difference",
        "issubset",
        "issuperset",
        "isdisjoint",
        "casefold",
        "translate",
    }
    | {"capitalize", "swapcase", "removeprefix", "removesuffix", "bit_length", "isnumeric"}
)
_VIEWS = frozenset({"keys", "values", "items", "get"})
WRITING = LIST_WRITERS | {"add", "discard", "update", "setdefault", "popitem", "appendleft"}
WRITING |= {"popleft", "extendleft"}
_PARTS = (
    *(ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Tuple),
    *(ast.List, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue, ast.Attribute, ast.Subscript),
    *(ast.Slice, ast.Starred, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
    *(ast.comprehension, ast.ListComp, ast.SetComp, ast.DictComp, ast.keyword),
)
_MADE = (ast.List, ast.ListComp, ast.Dict, ast.DictComp, ast.Set, ast.SetComp)


class Stable:
    """Answers for one pure function. ``reason`` and ``node`` say why the last answer was no yes.

    ``varies``: it was because the expression reads what the loop binds, as most do.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.reason = ""
        self.node: ast.AST | None = None
        self.varies = False
        self._defined = _methods(flow.module)
        self._changes: dict[int, list[tuple[str, ast.AST]]] = {}

    def regions(self, expr: ast.AST) -> list[tuple[ast.stmt, ast.AST]]:
        """What repeats the expression, outermost first: (statement, loop or comprehension).

        What is made once for the region stands in front of the statement.
        """
        found: list[tuple[ast.stmt, ast.AST]] = []
        outermost: ast.AST | None = None
        child, parent = expr, self.flow.parents.get(id(expr))
        while parent is not None and parent is not self.flow.function:
            if isinstance(parent, ast.For) and child in parent.body:
                found.append((parent, parent))
            elif isinstance(parent, ast.While) and child not in parent.orelse:
                found.append((parent, parent))
                outermost = None  # in its test: made anew in each round
            elif isinstance(parent, COMPREHENSIONS) and child is not parent.generators[0]:
                outermost = parent
            elif isinstance(parent, ast.comprehension) and child is not parent.iter:
                outermost = self.flow.parents[id(parent)]
            if isinstance(parent, ast.stmt) and outermost is not None:
                found.append((parent, outermost))
                outermost = None
            child, parent = parent, self.flow.parents.get(id(parent))
        return found[::-1]

    def stable(self, expr: ast.expr, region: ast.AST) -> Tri:
        """Whether the expression gives an equal value whenever it is evaluated in the region."""
        return self._stable(expr, region, expr)

    def _no(self, reason: str, node: ast.AST, varies: bool = False) -> Tri:
        self.reason, self.node, self.varies = reason, node, varies
        return Tri.UNKNOWN

    def _stable(self, node: ast.AST, region: ast.AST, whole: ast.expr) -> Tri:
        if isinstance(node, ast.Name):
            return self._name(node, region, whole)
        if isinstance(node, ast.Call):
            if self.gives_alike(node) is not Tri.YES:
                return Tri.UNKNOWN
        elif isinstance(node, ast.GeneratorExp):
            if not used_up(self.flow, node):
                return self._no("a generator runs when it is asked", node)
        elif isinstance(node, ast.Lambda):
            parent = self.flow.parents[id(node)]
            if not (isinstance(parent, ast.keyword) and parent.arg == "key"):
                return self._no("a function may be called later", node)
            own = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
            names = [n for n in ast.walk(node.body) if isinstance(n, ast.Name)]
            if any(n.id not in own and n.id in self.flow.bound.local for n in names):
                return self._no("its key reads variables", node)
            calls = (n for n in ast.walk(node.body) if isinstance(n, ast.Call))
            return Tri.of(all(self.gives_alike(c) for c in calls) or None)
        elif not isinstance(node, _PARTS) or getattr(node, "is_async", False):
            return self._no(f"what {_text(node)!r} gives may differ", node)
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.Call) and child is node.func and isinstance(child, ast.Name):
                continue
            if self._stable(child, region, whole) is not Tri.YES:
                return Tri.UNKNOWN
        return Tri.YES

    def was_there(self, expr: ast.expr) -> Tri:
        """Whether the expression's value, and what is reached from it, was there before the call."""
        while isinstance(expr, ast.Attribute | ast.Subscript):
            expr = expr.value
        if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
            return self.was_there(expr.func.value) if expr.func.attr in _VIEWS else Tri.UNKNOWN
        if not isinstance(expr, ast.Name):
            return Tri.UNKNOWN
        bound = self.flow.bound
        return Tri.of((expr.id not in bound.local or self._given(expr.id)) or None)

    def _given(self, name: str) -> bool:
        return name in self.flow.bound.params and not self.flow.defs(name)

    def gives_alike(self, call: ast.Call) -> Tri:
        """Whether a call gives the same for the same arguments, and changes nothing."""
        func = call.func
        if not self._keyed(call):
            return self._no("what its key does is not known", call)
        if isinstance(func, ast.Attribute):
            if func.attr in READING and func.attr not in self._defined:
                return Tri.YES
            return self._no(f"the method .{func.attr} may change something", call)
        if isinstance(func, ast.Name):
            if self.flow.is_builtin(func.id):
                if func.id in MAKERS or (func.id in LAZY and used_up(self.flow, call)):
                    return Tri.YES
                if takes_first(self.flow, call):
                    return Tri.YES
            elif self.pure_callee(call):
                return Tri.YES
        return self._no(f"what {_text(func)}() gives or changes is not known", call)

    def _keyed(self, call: ast.Call) -> bool:
        """Whether a ``key=`` is a lambda, which is judged with what is around it, or a builtin."""
        keys = [k.value for k in call.keywords if k.arg in ("key", None)]
        return all(
            isinstance(k, ast.Lambda) or (isinstance(k, ast.Name) and self.flow.is_builtin(k.id))
            for k in keys
        )

    def pure_callee(self, call: ast.Call) -> Tri:
        """Whether a function of the module is called that leaves no trace but its result."""
        address = self.flow.callee(call)
        if address is None or self.flow.facts is None:
            return Tri.UNKNOWN
        return self.flow.facts.effects(address).pure

    # Names

    def _name(self, node: ast.Name, region: ast.AST, whole: ast.expr) -> Tri:
        flow, name = self.flow, node.id
        owner = flow.owner(node)
        if owner is not None and owner is not flow.function:
            inner = flow.inside(owner, whole)
            return Tri.YES if inner else self._varies(name, node)
        if name not in flow.bound.local:
            # A global or builtin: a pure function binds none anew.
            return Tri.YES
        if flow.rebound(name, region) and not self._bound_alike(node, region):
            return self._varies(name, node)
        if self._given(name):
            return Tri.YES  # it was there before the call
        for other, place in self.changes(region):
            if other == name or not self.isolated(other):
                return self._no(f"{_text(place)!r} may change {name!r}", place)
        return Tri.YES

    def _varies(self, name: str, node: ast.AST) -> Tri:
        return self._no(f"{name!r} is bound again in every round", node, varies=True)

    def _bound_alike(self, node: ast.Name, region: ast.AST) -> bool:
        """Whether the variable is bound once, before this use in the round, to what is stable."""
        flow = self.flow
        defs = flow.defs(node.id)
        if len(defs) != 1 or defs[0].value is None or flow.captured(node.id):
            return False
        bound = flow.statement(defs[0].node)
        if not isinstance(bound, ast.Assign | ast.AnnAssign):
            return False
        block = flow.block(bound)
        later = block[block.index(bound) + 1 :]
        if not flow.inside(node, later):
            return False
        return self._stable(defs[0].value, region, defs[0].value) is Tri.YES

    def isolated(self, name: str) -> bool:
        """Whether only this name reaches the containers that the function made for it."""
        flow = self.flow
        if not name or name not in flow.bound.local or name in flow.bound.params:
            return False
        defs = flow.defs(name)
        if not defs or not all(self._made(d.value) for d in defs) or flow.captured(name):
            return False
        for use in flow.uses(name):
            parent = flow.parents[id(use)]
            if isinstance(parent, ast.Attribute):
                call = flow.parents[id(parent)]
                known = parent.attr in READING | WRITING
                if not (known and isinstance(call, ast.Call) and call.func is parent):
                    return False
            elif not flow.keeps(use):
                return False
        return True

    def _made(self, value: ast.expr | None) -> bool:
        if isinstance(value, _MADE):
            return True
        return (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Name)
            and value.func.id in ("list", "dict", "set", "sorted")
            and self.flow.is_builtin(value.func.id)
        )

    # What a region may change of what the function made

    def changes(self, region: ast.AST) -> list[tuple[str, ast.AST]]:
        """(variable, place): empty text where it is not one variable's own container."""
        if id(region) not in self._changes:
            self._changes[id(region)] = [
                change for node in ast.walk(region) for change in self._change(node)
            ]
        return self._changes[id(region)]

    def _change(self, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
        flow = self.flow
        if isinstance(node, ast.Attribute | ast.Subscript):
            stores = not isinstance(node.ctx, ast.Load)
            if stores:
                direct = isinstance(node, ast.Subscript)
                aug = isinstance(flow.parents[id(node)], ast.AugAssign)
                # `w[k] += v` may also change what `w[k]` holds.
                yield (_root(node.value) if direct and not aug else "", node)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if not starts_immutable(flow, node.target.id):
                yield node.target.id, node
        elif isinstance(node, ast.Call):
            yield from self._change_by_call(node)
        elif isinstance(
            node,
            ast.FunctionDef
            | ast.AsyncFunctionDef
            | ast.ClassDef
            | ast.With
            | ast.AsyncWith
            | ast.AsyncFor
            | ast.Await
            | ast.Yield
            | ast.YieldFrom
            | ast.Import
            | ast.ImportFrom,
        ):
            yield "", node

    def _change_by_call(self, call: ast.Call) -> Iterator[tuple[str, ast.AST]]:
        func = call.func
        if not self._keyed(call):
            yield "", call
        if isinstance(func, ast.Attribute):
            if func.attr in WRITING:
                yield _root(func.value), call
            elif func.attr not in READING or func.attr in self._defined:
                yield "", call
        elif isinstance(func, ast.Name):
            builtin = self.flow.is_builtin(func.id)
            known = builtin and (func.id in MAKERS or func.id in LAZY or _is_error(func.id))
            known = known or takes_first(self.flow, call)
            if not known and self.pure_callee(call) is not Tri.YES:
                yield "", call
        else:
            yield "", call


def used_up(flow: Flow, node: ast.AST) -> bool:
    """Whether a generator or iterator is used up where it stands, and kept by nobody."""
    parent = flow.parents[id(node)]
    if isinstance(parent, ast.For | ast.comprehension):
        return parent.iter is node
    if not (isinstance(parent, ast.Call) and node in parent.args):
        return False
    if isinstance(parent.func, ast.Attribute):
        return parent.func.attr == "join"
    name = parent.func.id if isinstance(parent.func, ast.Name) else ""
    if not flow.is_builtin(name):
        return False
    if name == "next":
        return takes_first(flow, parent) and node is parent.args[0]
    return name in EAGER or name == "dict" or (name in LAZY and used_up(flow, parent))


def takes_first(flow: Flow, call: ast.Call) -> bool:
    """Whether it is ``next(... for ... in ...)``: the generator, left halfway, is nobody else's."""
    return (
        isinstance(call.func, ast.Name)
        and call.func.id == "next"
        and flow.is_builtin("next")
        and bool(call.args)
        and isinstance(call.args[0], ast.GeneratorExp)
    )


def starts_immutable(flow: Flow, name: str) -> bool:
    """Whether a local starts as a number or text, so that ``+=`` makes a new one."""
    if name not in flow.bound.local or name in flow.bound.params or flow.captured(name):
        return False
    firsts = [d for d in flow.defs(name) if not isinstance(flow.parents[id(d.node)], ast.AugAssign)]
    return bool(firsts) and all(
        isinstance(d.value, ast.Constant | ast.JoinedStr)
        or (
            isinstance(d.value, ast.Call)
            and isinstance(d.value.func, ast.Name)
            and d.value.func.id in ("len", "int", "float", "str", "abs", "round")
            and flow.is_builtin(d.value.func.id)
        )
        for d in firsts
    )


def _root(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_error(name: str) -> bool:
    return name.endswith(("Error", "Exception", "Iteration", "Warning"))


@lru_cache(maxsize=16)
def _methods(module: ast.AST | None) -> frozenset[str]:
    """The names of all methods that the module's classes define."""
    if module is None:
        return frozenset()
    return frozenset(
        part.name
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _text(node: ast.AST) -> str:
    return ast.unparse(node).split("\n")[0] if isinstance(node, ast.expr | ast.stmt) else "this"


# What is worth computing once, and where it may be the same object each time

_COSTLY = EAGER | {"dict"}
_COSTLY_METHODS = frozenset(
    {"index", "count", "copy", "split", "rsplit", "splitlines", "join", "lower", "upper", "replace"}
    | {"strip", "format", "union", "intersection", "difference", "title", "translate", "casefold"}
)


def costs(expr: ast.expr, flow: Flow) -> bool:
    """Whether evaluating the expression takes more than a few steps, as far as can be seen."""
    if isinstance(expr, ast.ListComp | ast.SetComp | ast.DictComp):
        return True
    if not isinstance(expr, ast.Call):
        return False
    if isinstance(expr.func, ast.Attribute):
        return expr.func.attr in _COSTLY_METHODS
    if not isinstance(expr.func, ast.Name):
        return False
    if flow.is_builtin(expr.func.id):
        several = len(expr.args) > 1 and expr.func.id in ("min", "max")
        return expr.func.id in _COSTLY and bool(expr.args) and not several
    return True


def only_read(expr: ast.expr, flow: Flow) -> bool:
    """Whether what the expression gives is only looked at where it stands, by nobody who keeps it."""
    parent = flow.parents[id(expr)]
    if isinstance(parent, ast.Attribute):
        call = flow.parents[id(parent)]
        called = isinstance(call, ast.Call) and call.func is parent
        return called and parent.attr in READING
    if isinstance(parent, ast.Subscript):
        return parent.value is expr and isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Compare):
        return not any(isinstance(op, ast.Is | ast.IsNot) for op in parent.ops)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name):
        return flow.is_builtin(parent.func.id) and parent.func.id in MAKERS
    if isinstance(parent, ast.For | ast.comprehension):
        return parent.iter is expr
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is expr
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
        if not isinstance(target, ast.Name) or len(flow.defs(target.id)) != 1:
            return False
        name = target.id
        loads = flow.uses(name)
        return not flow.captured(name) and all(only_read(use, flow) for use in loads)
    return False


def made_anew(expr: ast.expr, flow: Flow) -> bool:
    """Whether the expression evidently makes a container, which could be changed."""
    if isinstance(expr, ast.ListComp | ast.SetComp | ast.DictComp):
        return True
    func = expr.func if isinstance(expr, ast.Call) else None
    if isinstance(func, ast.Attribute):
        return func.attr in ("split", "rsplit", "splitlines", "copy")
    named = func.id if isinstance(func, ast.Name) else ""
    return named in ("list", "sorted", "set", "dict") and flow.is_builtin(named)
