"""A type for every local and expression of a group of functions compiled together.

One type per local for the whole function: the join of all that is stored to it. The rules only
ever widen, so going round until nothing changes ends.
"""

import ast

from selfsame.compiler.emit.cython.assigned import ends
from selfsame.compiler.emit.cython.giving import given_names
from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.normalise import Normalised
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.rules import word
from selfsame.compiler.emit.cython.types import FLOAT, INT, NONE, UNKNOWN, Type, as_held, settled
from selfsame.compiler.emit.cython.valuing import Valuing


class Inference(Valuing):
    """Types of ``entry`` and of the functions of its module that it calls."""

    def __init__(self, module: ModuleNames, entry: ast.FunctionDef, writes: bool = False) -> None:
        self.module = module
        self.writes = writes
        self.functions: dict[str, Inferred] = {}
        self.changed = False
        self.now: Inferred
        self.entry = Normalised(entry, module)

    def run(self, parameters: tuple[Type, ...], tables: dict[str, Type]) -> dict[str, Inferred]:
        """All functions with their types; the entry is the first."""
        self.functions = {}
        entry = Inferred(self.entry, parameters)
        entry.variables.update(tables)
        self._start(self.entry.name, entry)
        for _ in range(60):
            self.changed = False
            self._round()
            if not self.changed:
                break
        else:
            raise CannotPrint("its types do not settle")
        for function in self.functions.values():
            function.variables = {k: settled(t) for k, t in function.variables.items()}
            function.types.clear()
        self._round(again=False)
        for function in self.functions.values():
            self.now = function
            self._check_walks()
        return self.functions

    def _check_walks(self) -> None:
        for loop, body in self.now.small.walks:
            for node in (n for s in body for n in ast.walk(s)):
                base: ast.expr | None = None
                match node:
                    case ast.Assign(targets=[ast.Subscript(value=base)]):
                        pass
                    case ast.Call(func=ast.Name(id=which), args=[base, *_]):
                        if which not in {"sf_include", "sf_exclude", "sf_pop_at"}:
                            base = None
                            if which in self.now.small.callees:
                                raise CannotPrint("calls out of a loop over a dict or set", loop)
                if base is not None and self.now.types[base].kind in {"dict", "set"}:
                    raise CannotPrint("changes a dict or set in a loop over one", loop)

    def _start(self, name: str, function: Inferred) -> None:
        function.variables.update(zip(function.small.parameters, function.parameters, strict=True))
        self.functions[name] = function
        self.changed = True

    def _follow(self, function: Inferred) -> None:
        """Which names may stand for a part of an argument, by what is known now."""

        def holds(node: ast.expr) -> bool:
            return function.types.get(node, UNKNOWN).kind in {"list", "dict", "set"}

        taken = {
            p for p, k in zip(function.small.parameters, function.parameters, strict=True)
            if k.kind in {"list", "dict", "set"}
        }  # fmt: skip
        small = function.small
        found = given_names(small.body, taken, set(small.callees), holds)
        if found != function.given:
            function.given = found
            self.changed = True

    def _round(self, again: bool = True) -> None:
        for function in list(self.functions.values()):
            self.now = function
            if again:
                self._follow(function)
            self._block(function.small.body)
            if not ends(function.small.body):
                self._returned(NONE)

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=target)], value=value):
                    self._store(target, self.of(value), statement)
                    self._alias(value, self.now.variables[target])
                case ast.Assign(targets=[ast.Subscript() as place], value=value):
                    self.of(place.slice)
                    self.of(place.value)
                    self._item(place.value, self.of(value), statement)
                    self.of(place)
                    self._alias(value, self.of(place))
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_append" | "sf_cell"), args=[base, value])
                ):
                    if self.of(base).code:
                        raise CannotPrint("changes the length of an array", statement)
                    self._item(base, self.of(value), statement)
                    kind = self.of(base)
                    if kind.kind == "list":
                        self._alias(value, kind.item)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_insert"), args=[base, at, value])
                ):
                    self._whole(self.of(at), at)
                    self._item(base, self.of(value), statement)
                    self._alias(value, self._flat(base, statement).item)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_splice"), args=[base, low, high, value])
                ):
                    self._whole(self.of(low), low)
                    self._whole(self.of(high), high)
                    self._joined(base, value, statement)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_include" | "sf_exclude"), args=[base, key])
                ):
                    held, key_kind = self.of(base), self._key(key)
                    if held != UNKNOWN and held.kind != "set":
                        raise CannotPrint(f"calls add on a {word(held)}", statement)
                    self._changes(base)
                    self._alias(base, Type("set", (key_kind,)), statement)
                case ast.Expr(value=ast.Call(func=ast.Name(id="sf_reverse" | "sf_sort")) as made):
                    held = self._flat(made.args[0], statement)
                    sorts = made.func.id == "sf_sort" if isinstance(made.func, ast.Name) else False
                    if sorts and held.kind == "list" and held.item not in (INT, FLOAT, UNKNOWN):
                        raise CannotPrint(f"sorts a {word(held)}", statement)
                case ast.Expr(value=value):
                    self.of(value)
                case ast.If(test=test, body=yes, orelse=no):
                    self.of(test)
                    self._block(yes)
                    self._block(no)
                case ast.While(test=test, body=yes, orelse=no):
                    self.of(test)
                    self._block(yes)
                    self._block(no)
                case ast.Return(value=value) if value is not None:
                    self._returned(self._result(value))
                case _:
                    pass

    def _result(self, value: ast.expr) -> Type:
        if isinstance(value, ast.Tuple):
            kinds = tuple(self._result(e) for e in value.elts)
            return UNKNOWN if UNKNOWN in kinds else Type("tuple", tuple(map(as_held, kinds)))
        kind = self.of(value)
        if kind.kind == "list" and (kind.frozen or kind.boxed) and not self.writes:
            raise CannotPrint("returns an argument's list", value)
        if kind.kind == "list" and kind.item.kind == "token":
            raise CannotPrint("returns a list of strings", value)
        if kind.kind in {"token", "truth"}:
            raise CannotPrint(f"returns a {word(kind)}", value)
        return kind

    def _returned(self, kind: Type) -> None:
        if kind != UNKNOWN and kind not in self.now.returns:
            # A type that has widened replaces what it was.
            kept = {k for k in self.now.returns if not (k.kind == kind.kind == "list")}
            if kind.kind == "wide":
                kept = {k for k in kept if k not in (INT, FLOAT)}
            elif kind in (INT, FLOAT) and any(k.kind == "wide" for k in kept):
                return
            self.now.returns = kept | {kind}
            self.changed = True
