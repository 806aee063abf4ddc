"""A typed function to a ``cdef`` function."""

import ast

from selfsame.compiler.emit.cython.expressions import INT_MAX
from selfsame.compiler.emit.cython.hoisting import hoist
from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.iteration import call, constant, name
from selfsame.compiler.emit.cython.lower_expressions import Values
from selfsame.compiler.emit.cython.nodes import AddressOf, Cast, CFunction, Declare
from selfsame.compiler.emit.cython.ranging import steady
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.rules import word
from selfsame.compiler.emit.cython.types import (
    BOOL,
    CHAR,
    HELD,
    NONE,
    TEXT,
    WORD,
    Type,
    bad_value,
    c_name,
    family,
    same_list,
)


class Shape:
    """What all functions of a unit take besides their arguments."""

    def __init__(self, pool: bool, recursive: bool) -> None:
        self.pool = pool
        self.recursive = recursive

    def parameters(self) -> list[str]:
        """The hidden parameters' declarations."""
        return ["sf_pool *pool"] * self.pool + ["long depth"] * self.recursive

    def passed_on(self) -> list[ast.expr]:
        """The hidden arguments of a call from one function of the unit to another."""
        made: list[ast.expr] = []
        if self.pool:
            made.append(name("pool"))
        if self.recursive:
            made.append(ast.BinOp(name("depth"), ast.Sub(), ast.Constant(1)))
        return made


class Lowering(Values):
    """Lowers one function. ``table_kinds``: hidden parameters that stand for global tables."""

    def __init__(
        self, function: Inferred, shape: Shape, prefix: str, tables: dict[str, Type], entry: bool
    ) -> None:
        small = function.small
        flags = {
            local: small.fresh(f"{local}_is_int")
            for local, kind in sorted(function.variables.items())
            if kind.kind in {"wide", "half"}
        }
        super().__init__(function, flags, prefix)
        self.shape = shape
        self.tables = tables
        self.entry = entry
        self.extra = shape.passed_on()
        self.out: list[ast.stmt] = []
        # Cython wants declarations outside of loops.
        self.declared: list[ast.stmt] = []
        self.given: set[str] = set()

    def run(self) -> CFunction:
        """The ``cdef`` function. Raises CannotPrint."""
        function, small = self.function, self.function.small
        local = set(function.variables)
        stored = {
            n.id
            for s in small.body
            for n in ast.walk(s)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        parameters = self.shape.parameters()
        head: list[ast.stmt] = []
        first: list[ast.stmt] = []
        given = [*zip(small.parameters, function.parameters, strict=True), *self.tables.items()]
        for local_name, kind in given:
            have = function.variables[local_name]
            flat = kind.kind == "list" and not kind.boxed
            if have.kind == kind.kind and not (flat and local_name in stored):
                parameters.append(f"{c_name(kind)} {local_name}")
                local.discard(local_name)
                self.given.add(local_name)
                continue
            incoming = small.fresh(f"{local_name}_in")
            parameters.append(f"{c_name(kind)} {incoming}")
            if have == WORD:
                value: ast.expr = name(incoming)
                if kind.kind == "str":
                    value = call("sf_text_object", value)
                first += [_set(local_name, value)]
            elif have.kind == "half":
                made = "sf_complex_zero" if kind.kind == "int" else ""
                first += [_set(local_name, call(made, name(incoming)) if made else name(incoming))]
                first += [_set(self.flags[local_name], ast.Constant(int(bool(made))))]
            elif have.kind == "wide":
                whole = kind.kind == "int"
                value = call("sf_exact", name(incoming)) if whole else name(incoming)
                first += [_set(local_name, value)]
                first += [_set(self.flags[local_name], ast.Constant(int(whole)))]
            else:
                first += [_set(local_name, call("sf_ref", name(incoming)))]
        for local_name in sorted(local):
            kind = function.variables[local_name]
            if kind == NONE:
                raise CannotPrint(f"{local_name} is None")
            head.append(Declare(c_name(kind), local_name, _initial(kind)))
        for flag in sorted(self.flags.values()):
            head.append(Declare("bint", flag, "0"))
        body = self.block(small.body)
        if any(isinstance(n, ast.While) for s in small.body for n in ast.walk(s)):
            head.append(Declare("unsigned", "sf_ticks", "0"))
        if self.shape.recursive:
            first.insert(0, _do("sf_enter", name("depth")))
        result = function.result
        return CFunction(
            c_name(result) if result else "object",
            self.prefix + small.name,
            parameters,
            bad_value(result) if result else "",
            head + self.declared + first + body,
        )

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of a block."""
        outer, self.out = self.out, []
        for statement in body:
            self._statement(statement)
        made, self.out = self.out, outer
        return made or [ast.Pass()]

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                self._store(target, value)
            case ast.Assign(targets=[ast.Subscript() as place], value=value) if (
                place in self.unchecked
            ):
                put = f"sf_{family(self.kind(place.value))}_set"
                at = self.low(place.slice)
                self.out.append(_do(put, self.base(place.value), at, self._member(value)))
            case ast.Assign(targets=[ast.Subscript(value=base, slice=index)], value=value) if (
                self.kind(base).kind == "dict"
            ):
                entry = (self.value(base), self.boxed(index), self.boxed(value))
                self.out.append(_do("sf_dict_put", *entry))
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_pop_at"), args=[base, key])) if (
                self.kind(base).kind == "dict"
            ):
                self.out.append(_do("sf_dict_drop", self.value(base), self.boxed(key)))
            case ast.Expr(
                value=ast.Call(
                    func=ast.Name(id="sf_include" | "sf_exclude" as how), args=[base, key]
                )
            ):
                act = "sf_set_put" if how == "sf_include" else "sf_set_drop"
                self.out.append(_do(act, self.value(base), self.boxed(key)))
            case ast.Assign(targets=[ast.Subscript(value=base, slice=index)], value=value):
                self._put(base, self.whole(index), value)
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_append"), args=[base, value])):
                self._append(self.base(base), self.kind(base), value)
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_cell"), args=[base, value])):
                self._cell(base, value)
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_insert"), args=[base, at, value])):
                kind = self.kind(base)
                rows = kind.item.kind == "list"
                item = self.owned(value, kind.item) if rows else self._member(value)
                if kind.item.kind in {"word", "tuple"}:
                    item = self.boxed(value)
                insert = f"sf_{family(kind)}_insert"
                self.out.append(_do(insert, self.base(base), self.whole(at), item))
            case ast.Expr(
                value=ast.Call(func=ast.Name(id="sf_splice"), args=[base, low, high, more])
            ):
                self._splice(base, self.whole(low), self.whole(high), more)
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_reverse"), args=[base])):
                self.out.append(_do(f"sf_{family(self.kind(base))}_reverse", self.base(base)))
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_sort"), args=[base, by])):
                self.out.append(_do(f"sf_{family(self.kind(base))}_sort", self.base(base), by))
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_pop" | "sf_pop_at")) as taken):
                gone = self.value(taken)
                rows = self.kind(taken).kind == "list" and not self.kind(taken).boxed
                self.out.append(_do("sf_drop", name("pool"), gone) if rows else ast.Expr(gone))
            case ast.Expr(value=value):
                self.out.append(ast.Expr(self.value(value)))
            case ast.If(test=test, body=yes, orelse=no):
                condition = self.truth(test)
                self.out.append(ast.If(condition, self.block(yes), self.block(no) if no else []))
            case ast.While():
                for row, kind, where in hoist(node, self.function, self.function.small.fresh):
                    self.declared.append(Declare(c_name(kind), row, None))
                    looked = call("sf_rows_peek", self.base(where.value), self.whole(where.slice))
                    self.out.append(_set(row, looked))
                self._loop(node)
            case ast.Return(value=value) if value is not None:
                self._return(value)
            case ast.Break() | ast.Continue() | ast.Pass():
                self.out.append(node)
            case _:
                raise CannotPrint(f"has a {type(node).__name__} statement", node)

    def _loop(self, node: ast.While) -> None:
        found = steady(node, self.function)
        if not found.accesses:
            self.out.append(self._while(node))
            return
        fits: ast.expr = constant(1)
        for base, first, last in found.ends:
            fit = call("sf_fits", self.whole(first), self.whole(last), self.length(base))
            fits = (
                ast.BinOp(fits, ast.BitAnd(), fit)
                if isinstance(fits, ast.BinOp | ast.Call)
                else fit
            )
        self.unchecked = found.accesses
        fast: list[ast.stmt] = [_do("sf_touch", name(n)) for n in sorted(found.written)]
        fast.append(self._while(node))
        self.unchecked = set()
        self.out.append(ast.If(fits, fast, [self._while(node)]))

    def _while(self, node: ast.While) -> ast.stmt:
        condition = self.truth(node.test)
        tick: list[ast.stmt] = [ast.Expr(call("sf_tick", AddressOf("sf_ticks")))]
        orelse = self.block(node.orelse) if node.orelse else []
        return ast.While(condition, tick + self.block(node.body), orelse)

    def _store(self, target: str, value: ast.expr) -> None:
        kind = self.function.variables[target]
        if value in self.function.small.in_place and kind.kind == "list":
            assert isinstance(value, ast.BinOp)
            end = constant(INT_MAX)
            self._splice(value.left, end, end, value.right)
        elif kind.kind == "list" and not kind.boxed:
            made = self.owned(value, kind)
            self.out.append(_do("sf_set", name("pool"), AddressOf(target), made))
        elif kind.kind == "wide":
            have = self.kind(value).kind
            if have == "wide":
                assert isinstance(value, ast.Name)
                flag: ast.expr = name(self.flags[value.id])
            else:
                flag = ast.Constant(int(have == "int"))
            self.out.append(_set(target, self.double(value, exact=True)))
            self.out.append(_set(self.flags[target], flag))
        elif kind.kind == "half":
            have = self.kind(value).kind
            zero: ast.expr = ast.Constant(int(have == "int"))
            if have == "int":
                made = call("sf_complex_zero", self.whole(value))
            elif isinstance(value, ast.Name) and have == "half":
                made, zero = value, name(self.flags[value.id])
            else:
                made = self.complex(value)
            self.out.append(_set(target, made))
            self.out.append(_set(self.flags[target], zero))
        elif kind.kind == "int":
            self.out.append(_set(target, self.whole(value)))
        elif kind == WORD and self.kind(value) != WORD:
            self.out.append(_set(target, self.boxed(value)))
        else:
            self.out.append(_set(target, self.value(value)))

    def _cell(self, base: ast.expr, value: ast.expr) -> None:
        kind = self.kind(base)
        held = f"sf_{family(kind)}_cell"
        if kind.item.kind == "list":
            made = self.owned(value, kind.item)
            self.out.append(_do(held, name("pool"), self.base(base), made))
        else:
            word = kind.item.kind in {"word", "tuple"}
            item = self.boxed(value) if word else self._member(value)
            self.out.append(_do(held, self.base(base), item))

    def _splice(self, base: ast.expr, low: ast.expr, high: ast.expr, more: ast.expr) -> None:
        kind = self.kind(base)
        made = self.owned(more, kind)
        helper = f"sf_{family(kind)}_splice"
        self.out.append(_do(helper, name("pool"), self.base(base), low, high, made))

    def _put(self, base: ast.expr, index: ast.expr, value: ast.expr) -> None:
        kind = self.kind(base)
        if kind.item.kind in {"word", "tuple"} and not kind.boxed:
            self.out.append(_do("sf_objects_put", self.base(base), index, self.boxed(value)))
        elif kind.boxed:
            helper = f"sf_seq_put_{_stored(kind.item)}"
            self.out.append(_do(helper, name("pool"), self.base(base), index, self._member(value)))
        elif kind.item.kind == "list":
            made = self.owned(value, kind.item)
            self.out.append(_do("sf_rows_store", name("pool"), self.base(base), index, made))
        else:
            put = f"sf_{family(kind)}_put"
            self.out.append(_do(put, self.base(base), index, self._member(value)))

    def _append(self, base: ast.expr, kind: Type, value: ast.expr) -> None:
        if kind.item.kind in {"word", "tuple"} and not kind.boxed:
            self.out.append(_do("sf_objects_append", base, self.boxed(value)))
        elif kind.boxed:
            helper = f"sf_seq_append_{_stored(kind.item)}"
            self.out.append(_do(helper, name("pool"), base, self._member(value)))
        elif kind.item.kind == "list":
            made = self.owned(value, kind.item)
            self.out.append(_do("sf_rows_push", name("pool"), base, made))
        else:
            self.out.append(_do(f"sf_{family(kind)}_append", base, self._member(value)))

    def _member(self, value: ast.expr) -> ast.expr:
        kind = self.kind(value).kind
        if kind == "wide":
            return self.sure_double(value)
        return self.whole(value) if kind == "int" else self.value(value)

    def owned(self, node: ast.expr, kind: Type) -> ast.expr:
        """A list with a reference that the taker keeps."""
        helper = f"sf_{family(kind)}"
        if not isinstance(node, ast.List) and not same_list(self.kind(node), kind):
            raise CannotPrint(f"a {word(self.kind(node))} where a {word(kind)} belongs", node)
        match node:
            case ast.List(elts=[]):
                return call(f"{helper}_new", name("pool"))
            case ast.List(elts=[one]) if kind.item.kind not in {"list", "word", "tuple"}:
                return call(f"{helper}_one", name("pool"), self._member(one))
            case ast.List(elts=elements):
                made = self.function.small.fresh("made")
                self.declared.append(Declare(c_name(kind), made, None))
                self.out.append(_set(made, call(f"{helper}_new", name("pool"))))
                for element in elements:
                    self._append(name(made), kind, element)
                return name(made)
            case ast.BinOp(op=ast.Add()):
                left, right = self.owned(node.left, kind), self.owned(node.right, kind)
                return call(f"{helper}_concat", name("pool"), left, right)
            case ast.BinOp():
                lists = self.kind(node.left).kind == "list"
                base, times = (node.left, node.right) if lists else (node.right, node.left)
                made_once = self.owned(base, kind)
                return call(f"{helper}_repeat", name("pool"), made_once, self.whole(times))
            case ast.Call(func=ast.Name(id="sf_pop" | "sf_pop_at")):
                return self.value(node)
            case ast.Call(func=ast.Name(id=which)) if which in self.function.small.callees:
                return self.value(node)
            case ast.Call(func=ast.Name(id="sf_slice"), args=[base, *ends]):
                parts = [self.base(base), *map(self.whole, ends)]
                return call(f"{helper}_slice", name("pool"), *parts)
        return call("sf_ref", self.base(node))

    def _return(self, node: ast.expr) -> None:
        result = self.function.result
        value: ast.expr
        if result == NONE:
            value = constant(0)
        elif result is not None and result.kind == "list":
            value = self.owned(node, result)
        elif result is not None:
            value = self.value(node) if result.kind == "tuple" else self._member(node)
        else:
            value = self.boxed(node)
        locals_to_drop = [] if self.entry else self._own_lists()
        if locals_to_drop:
            held = self.function.small.fresh("answer")
            self.declared.append(Declare(c_name(result) if result else "object", held, None))
            self.out.append(_set(held, value))
            for local in locals_to_drop:
                self.out.append(_do("sf_set", name("pool"), AddressOf(local), name("NULL")))
            value = name(held)
        self.out.append(ast.Return(value))

    def _own_lists(self) -> list[str]:
        """Lists that a function which is called again and again must not pile up."""
        return [
            local
            for local, kind in sorted(self.function.variables.items())
            if kind.kind == "list" and not kind.boxed and local not in self.given
        ]

    def boxed(self, node: ast.expr) -> ast.expr:
        """The Python object that Python would return."""
        if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
            return node if node.value is None else Cast("object", node)
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self.boxed(e) for e in node.elts], ast.Load())
        kind = self.kind(node)
        if kind.kind == "list" and kind.boxed:
            return self.base(node)
        if kind.kind == "list":
            if isinstance(node, ast.List) and not node.elts:
                return node
            if kind.item.kind == "unknown":
                raise CannotPrint("returns a list that is always empty", node)
            rows = kind.item.kind == "list"
            shared = kind.item.frozen and not kind.item.fixed
            plain = {"int", "float", "bool", "word", "tuple"}
            if rows and (kind.item.item.kind not in plain or shared):
                raise CannotPrint("returns a list of lists that has no exact compiled form", node)
            if not isinstance(node, ast.Name):
                made = self.function.small.fresh("made")
                self.declared.append(Declare(c_name(kind), made, None))
                self.out.append(_set(made, self.owned(node, kind)))
                node_out: ast.expr = name(made)
            else:
                node_out = self.base(node)
            which = f"sf_{family(kind.item)}_rows_box" if rows else f"sf_{family(kind)}_box"
            return call(which, node_out)
        if kind.kind == "wide":
            assert isinstance(node, ast.Name)
            return call("sf_box_wide", node, name(self.flags[node.id]))
        if kind.kind in {"complex", "half"}:
            return call("sf_complex_box", self.complex(node))
        if kind == BOOL:
            return ast.IfExp(self.value(node), ast.Constant(True), ast.Constant(False))
        if kind.kind in {"str", "bytes"}:
            return call("sf_text_object", self.value(node))
        if kind == CHAR:
            # Constants, and what is computed of them, are ints in C: as objects they must be str.
            return Cast("Py_UCS4", self.value(node))
        return self.value(node)


def _stored(item: Type) -> str:
    """How the helpers for lists in place call an item."""
    return item.kind if item.kind in {"int", "float", "bool"} else "object"


def _set(target: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def _do(helper: str, *arguments: ast.expr) -> ast.stmt:
    return ast.Expr(call(helper, *arguments))


def _initial(kind: Type) -> str | None:
    if kind.kind in {"word", *HELD}:
        return "None"
    if kind.kind in TEXT:
        return None
    if kind.kind in {"complex", "half"}:
        return None
    if kind.kind == "list":
        return "None" if kind.boxed else "NULL"
    return "0"
