"""Facts about one function's own code, three-valued; whatever is not shown is unknown.

Two questions carry most rewrites: may a name's object change within a region, and can code that
is not on this page (a method of the user's, a callee) reach that object at all.
"""

import ast
from typing import Protocol

from selfsame.compiler.analysis.names import Function
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.variables import Def, Region, Variables, times_stored
from selfsame.compiler.cst.source import Source

# What sees the names or the frame of the function it stands in: builtins, and attributes.
SEES_LOCALS = frozenset({"locals", "vars", "dir", "eval", "exec", "breakpoint"})
FRAMES = frozenset({"_getframe", "_getframemodulename", "currentframe", "f_locals", "tb_frame"})
LIST_READERS = frozenset({"index", "count", "copy"})
LIST_WRITERS = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort"}
)
# Builtins that read what they are given and keep nothing of it.
READERS = frozenset(
    {"len", "sorted", "min", "max", "sum", "any", "all", "list", "tuple", "set", "frozenset"}
    | {"print", "str", "repr", "bool", "dict"}
)
LAZY_READERS = frozenset({"enumerate", "zip", "reversed", "iter"})


class EffectsLike(Protocol):
    """What is asked of a callee's effects."""

    @property
    def pure(self) -> Tri:
        """Whether a call leaves no trace but its result."""
        ...

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something is not known to be well, those that weigh most first."""
        ...


class CalleeFacts(Protocol):
    """What is asked of a module's facts (``ModuleFacts`` gives it)."""

    def effects(self, address: str) -> EffectsLike:
        """The effects of the function at an address."""
        ...

    def dependencies(self, address: str) -> dict[str, str]:
        """The dependency set of the function at an address."""
        ...

    def source(self, module: str) -> Source | None:
        """Another module of the tree, by its dotted name; None where there is none."""
        ...


class Flow(Variables):
    """The facts of one function. ``facts`` answers for the functions that it calls."""

    def __init__(
        self,
        function: Function,
        module: ast.Module | None = None,
        module_name: str = "",
        facts: CalleeFacts | None = None,
    ) -> None:
        super().__init__(function, module)
        self.module_name = module_name
        self.facts = facts

    def fresh(self, expr: ast.expr | None) -> bool:
        """Whether the expression makes an exact new list that nothing else holds."""
        if isinstance(expr, ast.List | ast.ListComp):
            return True
        if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Name):
            return expr.func.id in ("list", "sorted") and self.is_builtin(expr.func.id)
        return False

    def own_list(self, name: str) -> Tri:
        """Whether the variable only ever holds exact lists that this function made itself."""
        if self.is_local(name) is not Tri.YES or name in self.bound.params:
            return Tri.UNKNOWN
        defs = self.defs(name)
        # An augmented assignment keeps the list but may hand it to the other operand's `__radd__`.
        return Tri.of((bool(defs) and all(self.fresh(d.value) for d in defs)) or None)

    def escapes(self, name: str) -> Tri:
        """Whether code that is not in this function may get hold of the variable's list."""
        if not self.own_list(name) or self.captured(name):
            return Tri.UNKNOWN
        for use in self.uses(name):
            if not self.keeps(use):
                return Tri.UNKNOWN
        return Tri.NO

    def keeps(self, use: ast.Name) -> bool:
        """Whether the use hands the list to nobody who could keep it or change it later."""
        parent = self.parents[id(use)]
        if isinstance(parent, ast.Tuple) and isinstance(parent.ctx, ast.Load):
            return isinstance(self.parents[id(parent)], ast.Return)
        if isinstance(parent, ast.Subscript):
            return parent.value is use
        if isinstance(parent, ast.Attribute):
            call = self.parents[id(parent)]
            known = parent.attr in LIST_READERS | LIST_WRITERS
            return known and isinstance(call, ast.Call) and call.func is parent
        if isinstance(parent, ast.Compare):
            return (
                len(parent.ops) == 1
                and isinstance(parent.ops[0], ast.In | ast.NotIn)
                and parent.comparators[0] is use
                and parent.left is not use
            )
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name):
            reader = parent.func.id
            if use is parent.func or not self.is_builtin(reader) or parent.keywords:
                return False
            outer = self.parents[id(parent)]
            looped = isinstance(outer, ast.For | ast.comprehension) and outer.iter is parent
            return reader in READERS or (reader in LAZY_READERS and looped)
        if isinstance(parent, ast.For | ast.comprehension):
            return parent.iter is use
        if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
            return parent.test is use
        if isinstance(parent, ast.UnaryOp):
            return isinstance(parent.op, ast.Not)
        return isinstance(parent, ast.Return | ast.FormattedValue | ast.Starred)

    def may_alias(self, a: str, b: str) -> Tri:
        """Whether two variables may hold the same list."""
        if a == b:
            return Tri.YES
        for one in (a, b):
            if self.escapes(one) is Tri.NO:
                return Tri.NO
        return Tri.UNKNOWN

    def writes_to(self, name: str, region: Region) -> ast.AST | None:
        """The first place in the region that changes the variable's list through the variable."""
        for use in self.uses(name):
            if not self.inside(use, region):
                continue
            parent = self.parents[id(use)]
            if isinstance(parent, ast.Subscript) and parent.value is use:
                if not isinstance(parent.ctx, ast.Load):
                    return parent
                if isinstance(self.parents[id(parent)], ast.AugAssign):
                    return parent
            if isinstance(parent, ast.Attribute) and parent.attr not in LIST_READERS:
                return parent
        return None

    def invariant(self, expr: ast.expr, region: Region) -> Tri:
        """Whether the expression means the same unchanged object all through the region.

        For a name: never rebound in the region; its list, if it has one, not changed through the
        name, and out of everyone else's reach.
        """
        if isinstance(expr, ast.Constant):
            return Tri.YES
        if not isinstance(expr, ast.Name) or self.owner(expr) is not self.function:
            return Tri.UNKNOWN
        if self.rebound(expr.id, region) or self.writes_to(expr.id, region) is not None:
            return Tri.NO
        return Tri.of(self.escapes(expr.id) is Tri.NO or None)

    def pure(self, expr: ast.expr) -> Tri:
        """Whether evaluating the expression leaves no trace and runs no code of unknown effect."""
        from selfsame.compiler.analysis.quiet import Quiet

        quiet = Quiet(self, [expr])
        quiet.guardable = False
        return Tri.of(not quiet.offences() or None)

    def callee(self, call: ast.Call) -> str | None:
        """The address of the function of this module that is called, where that is certain."""
        if not isinstance(call.func, ast.Name) or self.module is None:
            return None
        name = call.func.id
        if name in self.bound.local or times_stored(self.module, name) != 1:
            return None
        for node in self.module.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
                return f"{self.module_name}:{name}"
        return None

    def is_code(self, name: str) -> bool:
        """Whether a global name is bound by an import, ``def`` or ``class`` of the module."""
        if name in self.bound.local or self.module is None:
            return self.is_builtin(name)
        bound: set[str] = set()
        for node in ast.walk(self.module):
            if isinstance(node, ast.Import | ast.ImportFrom):
                bound |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                bound.add(node.name)
        return name in bound or self.is_builtin(name)

    def is_module(self, expr: ast.expr, module: str) -> bool:
        """Whether the expression is a global name that only ``import module`` binds."""
        if not isinstance(expr, ast.Name) or self.module is None or expr.id in self.bound.local:
            return False
        bound = [
            alias.name
            for node in self.module.body
            if isinstance(node, ast.Import)
            for alias in node.names
            if (alias.asname or alias.name) == expr.id
        ]
        return bound == [module] and times_stored(self.module, expr.id) == 1

    def sees_locals(self) -> ast.AST | None:
        """The place where the function may look at its own variables by name, if there is one."""
        for node in ast.walk(self.function):
            if isinstance(node, ast.Name):
                if node.id in FRAMES or (node.id in SEES_LOCALS and self.is_builtin(node.id)):
                    return node
            elif isinstance(node, ast.Attribute):
                # `inspect.stack()`, `builtins.exec()`, but not `self.stack` or `model.eval()`.
                module = isinstance(node.value, ast.Name) and node.value.id
                if node.attr in FRAMES or (module == "inspect" and node.attr in ("stack", "trace")):
                    return node
                if module == "builtins" and node.attr in SEES_LOCALS:
                    return node
        return None


__all__ = ["CalleeFacts", "Def", "EffectsLike", "Flow", "Region"]
