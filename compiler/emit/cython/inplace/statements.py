"""Statements of one function, in order; what is done to objects is noted where it has to be."""

import ast
from collections.abc import Callable

from selfsame.compiler.emit.cython.inplace.borrowed import Brought
from selfsame.compiler.emit.cython.inplace.bound_methods import bound_methods
from selfsame.compiler.emit.cython.inplace.endings import ends_early, leaves
from selfsame.compiler.emit.cython.inplace.generators import Taker
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    ERROR,
    FLOAT,
    INT,
    NONE,
    RANGE,
    SETS,
    STR,
    UNSIGNED,
    Kind,
    c_type,
    item_of,
    join,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.matching import Matching
from selfsame.compiler.emit.cython.inplace.naming import read_before
from selfsame.compiler.emit.cython.inplace.operators import in_place_method
from selfsame.compiler.emit.cython.inplace.records import entry_of
from selfsame.compiler.emit.cython.inplace.sets import IN_PLACE
from selfsame.compiler.emit.cython.inplace.state import Known, Program, Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import assigned_names

_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Nonlocal,
    ast.Yield, ast.YieldFrom, ast.Await,
)  # fmt: skip

_BYTES = frozenset({"bytes", "bytearray"})


class Statements(Matching):
    """Writes a function once, with the types that are known so far."""

    def __init__(self, program: Program, known: Known) -> None:
        super().__init__(program, known)
        node = known.node
        for part in (n for s in node.body for n in ast.walk(s)):
            if isinstance(part, _SCOPES):
                raise CannotPrint(f"has a {type(part).__name__}", part)
        arguments = node.args
        self._taken = [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
        self._names = assigned_names(node) - self.declared
        self.kept_methods = bound_methods(node)
        if arguments.vararg or arguments.kwarg:
            raise CannotPrint("takes *args or **kwargs", node)
        for name in self._names:
            if name.startswith("sf_") or not name.isascii():
                raise CannotPrint(f"binds {name}, a name that C does not spell", node)

    @property
    def own_names(self) -> set[str]:
        """The names that the function binds."""
        return self._names

    @property
    def taken(self) -> list[str]:
        """The parameters."""
        return self._taken

    def rename(self, names: set[str]) -> None:
        """Take these for the names that the function binds."""
        self._names = names

    def run(self) -> None:
        """Write the function into ``known.lines``. Raises CannotPrint."""
        known = self.known
        known.calls.clear()
        for at, (name, kind) in enumerate(zip(self.taken, known.parameters, strict=True)):
            if kind == INT and known.locals.get(name) == UNSIGNED:
                known.parameters[at] = UNSIGNED
                self.program.changed = True
        for at, (name, kind) in enumerate(zip(self.taken, known.parameters, strict=True)):
            if kind == RANGE:
                self.store(name, Value(kind, f"a_{name}", f"sf_start_{name} sf_step_{name}"))
                continue
            given = Value(kind, f"a_{name}", fresh=known.fresh[at])
            if kind.name == "wide" and not kind.none:
                given = self.narrowed(kind, f"a_{name}")
            self.store(name, given)
        self.line("sf_enter(depth)")
        self.statements(known.node.body)
        if not ends_early(known.node.body):
            self._return(Value(NONE, "None"), known.node)
        parameters = [
            f"long long a_{name}, long long sf_start_{name}, long long sf_step_{name}"
            if kind == RANGE
            else f"{c_type(kind)} a_{name}"
            for name, kind in zip(self.taken, known.parameters, strict=True)
        ]
        result = known.result
        c = "object" if result.boxed else c_type(result)
        fails = {"long long": " except? -1987654321", "double": " except? -1.98765432125e-300"}
        fails |= {"bint": " except -1", "unsigned long long": " except? 1987654321"}
        taken = ", ".join(["sf_pool *pool", "long depth", *parameters])
        head = f"cdef {c} sf_f_{known.name}({taken}){fails.get(c, '')}:"
        declared = [*self.declarations([]), "    cdef unsigned sf_ticks = 0"]
        known.lines = [head, *declared, *self.lines]

    def statements(self, body: list[ast.stmt]) -> None:
        """A block's statements."""
        for _, statement in self.merged(body):
            method = getattr(self, f"_s_{type(statement).__name__.lower()}", None)
            if method is None:
                raise CannotPrint(f"has a {type(statement).__name__} statement", statement)
            early = read_before(statement)
            if early is not None:
                raise CannotPrint("binds a name that the expression has read", early)
            depth, here = self.depth, self.place()
            try:
                method(statement)
            except CannotPrint:
                # With what is known in a later round it may have a form.
                if self.program.final:
                    raise
                self.depth = depth
                self.go(here)

    def _x_namedexpr(self, node: ast.NamedExpr) -> Value:
        value = self.held(self.expression(node.value))
        self.store(node.target.id, value)
        return value

    def _s_pass(self, node: ast.Pass) -> None:
        self.line("pass")

    def _s_brought(self, node: Brought) -> None:
        self.program.brought |= {*node.what}
        self.line("pass")

    def _s_global(self, node: ast.Global) -> None:
        self.line("pass")

    def _s_break(self, node: ast.Break) -> None:
        self.finish(node)
        self.enough()

    def _s_continue(self, node: ast.Continue) -> None:
        self.finish(node)
        self.next_round()

    def _s_expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Yield):
            given = node.value.value or ast.copy_location(ast.Constant(None), node)
            self.given(self.held(self.expression(given)), node)
        elif isinstance(node.value, ast.YieldFrom):
            self.passed_on(node.value)
        elif not isinstance(node.value, ast.Constant):
            value = self.expression(node.value)
            self.held(value)  # what it computes may fail

    def _s_assert(self, node: ast.Assert) -> None:
        if self.program.optimize > 0:
            return
        test = f"not {self.truth(node.test)}"
        match node.msg:
            case None:
                self.missed("AssertionError", test)
            case ast.Constant(value=str(said)):
                self.missed("AssertionError", test, repr(said))
        self.decline(test)

    def _s_return(self, node: ast.Return) -> None:
        if self.leaving:
            if node.value is not None:
                raise CannotPrint("returns something from a generator", node)
            self.returned()
            return
        value = Value(NONE, "None") if node.value is None else self.expression(node.value)
        if (value.kind in (ERROR, RANGE) or value.kind.name == "iterator") and self.program.final:
            raise CannotPrint(f"returns {said(value.kind)}", node)
        if self.leaves_some(node):
            value = self.held(value)
            self.finish(node)
        self._return(value, node)

    def _return(self, value: Value, node: ast.AST) -> None:
        result = join(self.known.result, value.kind)
        if result != self.known.result:
            self.known.result = result
            self.program.changed = True
        if not value.unshared and self.known.fresh_result:
            self.known.fresh_result = False
            self.program.changed = True
        if value.kind == BOTTOM:
            self.line("return None" if result.boxed else "return 0")
            return
        self.line(f"return {self.converted(value, result, node)}")

    def _s_if(self, node: ast.If) -> None:
        settled = self.settled(node.test)
        if settled is not None:
            self.statements(node.body if settled else node.orelse)
            return
        self._either_way(self.truth(node.test), node.body, node.orelse)

    def _either_way(self, test: str, yes: list[ast.stmt], no: list[ast.stmt]) -> None:
        """The first statements where the test holds in C, else the second."""
        before, left = set(self.bound), [False, False]
        with self.block(f"if {test}"):
            left[0] = self._branch(yes, no)
            after = set(self.bound)
        other = before
        if no:
            with self.block("else"):
                left[1] = self._branch(no, yes)
                other = set(self.bound)
        self.bound = other if left[0] else after if left[1] else after & other

    def _branch(self, body: list[ast.stmt], other: list[ast.stmt]) -> bool:
        """One branch of an if; whether nothing goes on behind it.

        From a statement without a compiled form on it is the original's.
        """
        for at, statement in self.merged(body):
            mark = self.mark()
            try:
                self.statements([statement])
            except CannotPrint:
                if not self.program.may_decline(self.known, body[at:], other):
                    raise
                self.take_back(mark)
                self.line("sf_deopt()")
                return True
        return leaves(body)

    def _s_while(self, node: ast.While) -> None:
        self.known.loops = True
        forever = isinstance(node.test, ast.Constant) and node.test.value
        with self.block("while True"):
            self.line("sf_tick(&sf_ticks)")
            outer = self.modes
            if not forever:
                test = self.truth(node.test)
                if not node.orelse:
                    with self.block(f"if not {test}"):
                        self.line("break")
                elif any(
                    isinstance(n, ast.Break | ast.Continue | ast.Return)
                    for s in node.orelse
                    for n in ast.walk(s)
                ):
                    raise CannotPrint("leaves more by the else of a while", node)
                else:
                    with self.block(f"if not {test}"):
                        self.statements(node.orelse)
                        self.line("break")
            self.modes = (*outer, "")
            self.statements(node.body)
            self.modes = outer
        self.left()

    def _s_for(self, node: ast.For) -> None:
        orelse = (lambda: self.statements(node.orelse)) if node.orelse else None
        self.loop(node.iter, Taker(node.target, lambda: self.statements(node.body), ""), orelse)

    def _s_assign(self, node: ast.Assign) -> None:
        unpacked = len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple | ast.List)
        listed = unpacked and self.given_one_by_one(node.value)
        value = self._listed(node.value) if listed else self.expression(node.value)
        if len(node.targets) > 1:
            value = self.held(value)
        for target in node.targets:
            self.assign(target, value)

    def _s_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.expression(node.value))

    def assign(self, target: ast.expr, value: Value) -> None:
        """``target = value``."""
        match target:
            case ast.Name(id=which):
                self.store(which, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._spread(parts, value, target)
            case ast.Attribute():
                value = self.held(value)
                owner = self.owner(target)
                if owner is not None:
                    self.put(owner, target.attr, value, target)
            case ast.Subscript(slice=ast.Slice()):
                self._put_slice(target, value)
            case ast.Subscript():
                value = self.held(value)
                base = self.some(self.expression(target.value))
                self._put_item(base, self.expression(target.slice), value, target)
            case _:
                raise CannotPrint("stores to a star", target)

    def _put_item(self, base: Value, at: Value, value: Value, node: ast.Subscript) -> None:
        pool = "NULL" if base.fresh else "pool"
        match base.kind.name:
            case "list" | "own_list":
                index = self.index_within(base, self.whole(at, node), node, "list assignment index")
                place = f"{pool}, {base.text}, {index}"
                if value.kind == FLOAT:
                    self.line(f"sf_list_put_float({place}, {value.text})")
                else:
                    self.line(f"sf_list_put({place}, {self.boxed(value, base)})")
                self.refine(node.value, list_of(value.kind))
            case "dict":
                place = f"{pool}, {base.text}, {self.key(at, node)}"
                if value.kind == FLOAT:
                    self.line(f"sf_entry_put_float({place}, {value.text})")
                else:
                    self.line(f"sf_entry_put({place}, {self.boxed(value, base)})")
                self.refine(node.value, entry_of(base.kind, node, at.kind, value.kind))
            case "bytearray" if base.fresh:
                index, byte = self.whole(at, node), self.whole(value, node)
                self.line(f"sf_byte_put({base.text}, {index}, {byte})")
            case "array":
                self.put_in_array(base, at, value, node)
            case "instance":
                self.special(base, "__setitem__", [at, value], node)
            case "nothing" if not self.program.final:
                pass
            case "any" if self.unknown(base):
                base, at = self.held(base), self.held(at)
                entries = Kind("dict", (ANY, ANY))
                if at.kind.name in {"int", "bool"}:
                    with self.block(f"if type({base.text}) is list"):
                        self._put_item(Value(list_of(ANY), base.text), at, value, node)
                    with self.block("else"):
                        self._put_item(self.as_kind(base, entries), at, value, node)
                else:
                    self._put_item(self.as_kind(base, entries), at, value, node)
            case _:
                raise CannotPrint(f"stores to an item of {said(base.kind)}", node)

    def _put_slice(self, target: ast.Subscript, value: Value) -> None:
        assert isinstance(target.slice, ast.Slice)
        value = self.held(self.some(value))
        if value.items is not None:
            value = self.held(Value(value.kind, self.bare(value), fresh=True))
        base = self.some(self.expression(target.value))
        low, high, step = self.bounds(target.slice)
        if BOTTOM in (base.kind, value.kind) and not self.program.final:
            return
        if base.kind.name == "bytearray" and base.fresh and value.kind.name in _BYTES:
            self.line(f"sf_bytes_splice({base.text}, {low}, {high}, {step}, {value.text})")
            return
        if base.kind.name != "list":
            raise CannotPrint(f"stores to a slice of {said(base.kind)}", target)
        if value.kind.name not in {"list", "row", "tuple"}:
            raise CannotPrint(f"puts {said(value.kind)} in the place of a slice", target)
        pool = "NULL" if base.fresh else "pool"
        more = self.boxed(value, base)
        if step == "1":
            self.line(f"sf_list_splice({pool}, {base.text}, {low}, {high}, {more})")
        else:
            self.line(f"sf_list_stride({pool}, {base.text}, {low}, {high}, {step}, {more})")
        self.refine(target.value, list_of(item_of(value.kind)))

    def _spread(self, parts: list[ast.expr], value: Value, node: ast.AST) -> None:
        places = [p.value if isinstance(p, ast.Starred) else p for p in parts]
        if value.items is None:
            value = self.some(value)
        if value.kind == BOTTOM and not self.program.final:
            for place in places:
                self.assign(place, Value(BOTTOM, "0"))
            return
        if any(isinstance(p, ast.Starred) for p in parts):
            held = self._items_and_rest(parts, value, node)
        elif value.items is not None:
            if len(value.items) != len(parts):
                raise CannotPrint("unpacks a tuple of another length", node)
            # All are taken before the first is stored.
            held = [self.held(v) for v in value.items]
        elif value.kind.name == "tuple":
            kinds = value.kind.parts
            if len(kinds) != len(parts):
                raise CannotPrint("unpacks a tuple of another length", node)
            value = self.held(value)
            own = self.owns(value)
            held = [
                self.read(k, "sf_tuple", f"{value.text}, {i}", own) for i, k in enumerate(kinds)
            ]
        elif value.kind.name == "named":
            if len(self.program.linked.named[value.kind.cls]) != len(parts):
                raise CannotPrint("unpacks a named tuple of another length", node)
            value = self.held(value)
            held = [self.field_at(value, i) for i in range(len(parts))]
        elif value.kind.name in {"list", "row"}:
            value = self.held(value)
            self.decline(f"sf_seq_len({value.text}) != {len(parts)}")
            kind = self._sure(item_of(value.kind))
            own = self.owns(value)
            held = [self.read(kind, "sf_seq", f"{value.text}, {i}", own) for i in range(len(parts))]
        else:
            raise CannotPrint(f"unpacks {said(value.kind)}", node)
        for place, item in zip(places, held, strict=True):
            self.assign(place, item)

    def _items_and_rest(self, parts: list[ast.expr], value: Value, node: ast.AST) -> list[Value]:
        """What ``first, *rest = values`` stores: what is left over becomes a new list."""
        if value.kind.name not in {"list", "row", "tuple"}:
            raise CannotPrint(f"unpacks {said(value.kind)} with a star", node)
        value = self.held(Value(value.kind, self.boxed(value)))
        at = next(i for i, part in enumerate(parts) if isinstance(part, ast.Starred))
        behind, item = len(parts) - at - 1, self._sure(item_of(value.kind))
        size = self.made(INT, f"sf_seq_len({value.text})").text
        self.decline(f"{size} < {len(parts) - 1}")
        held = [self.read(item, "sf_seq", f"{value.text}, {i}") for i in range(at)]
        ends = f"{at}, {size} - {behind}, 1"
        rest = f"sf_part({value.text}, {ends})"
        rest = rest if value.kind.name == "list" else f"list({rest})"
        held.append(self.made(list_of(item), rest))
        places = [f"{value.text}, {size} - {behind - i}" for i in range(behind)]
        return held + [self.read(item, "sf_seq", place) for place in places]

    def _s_augassign(self, node: ast.AugAssign) -> None:
        match node.target:
            case ast.Name(id=which):
                own = self.own(which)
                old = self.load(which) if own else self.live(which, node)
                self._in_place(node, old, lambda new: self.store(which, new))
            case ast.Attribute() as target:
                owner = self.owner(target)
                if owner is None:
                    self.expression(node.value)
                    return
                owner = self.held(owner)
                attribute = target.attr
                old = self.get(owner, attribute, target)
                self._in_place(node, old, lambda new: self.put(owner, attribute, new, target))
            case ast.Subscript(slice=at) as target if not isinstance(at, ast.Slice):
                base = self.held(self.some(self.expression(target.value)))
                if base.kind == BOTTOM and not self.program.final:
                    self.expression(at)
                    self.expression(node.value)
                    return
                where = self.held(self.expression(at))
                old = self.item(base, where, target)
                self._in_place(node, old, lambda new: self._put_item(base, where, new, target))
            case _:
                raise CannotPrint("changes a slice in place", node)

    def _in_place(self, node: ast.AugAssign, old: Value, put: Callable[[Value], None]) -> None:
        value = self.expression(node.value)
        kind = old.kind
        if kind.some.name == "list":
            if not isinstance(node.op, ast.Add):
                raise CannotPrint("changes a list in place by an operator", node)
            self.extended(self.some(old), self.held(value), node.target, node)
            put(Value(kind, old.text, fresh=old.fresh))
            return
        if kind == Kind("set", kind.parts) and value.kind.name in SETS:
            old, which = self.held(old), IN_PLACE.get(type(node.op), "")
            if which:
                self._with_other(which, old, self.held(value), node, node.target)
                put(Value(kind, old.text, fresh=old.fresh))
                return
        if kind.some.name in {"set", "dict", "deque", "bytearray", "array"}:
            raise CannotPrint(f"changes {said(kind)} in place by an operator", node)
        if kind.some.name == "instance":
            own = in_place_method(node.op)
            if any(own in self.program.classes[cls].names for cls in kind.cls.split("|")):
                put(self.special(self.some(old), own, [value], node))
                return
        both = kind == STR and value.kind == STR and isinstance(node.op, ast.Add)
        if both and isinstance(node.target, ast.Name):
            put(Value(STR, f"sf_text_append({old.text}, {value.text})"))
            return
        put(self.operated(node.op, old, value, node))

    def _s_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise CannotPrint("deletes a name or an attribute", target)
            if isinstance(target.slice, ast.Slice):
                if target.slice.step is not None:
                    raise CannotPrint("deletes a slice with a step", target)
                self._put_slice(target, Value(list_of(BOTTOM), "[]"))
                continue
            base = self.some(self.expression(target.value))
            at = self.expression(target.slice)
            pool = "NULL" if base.fresh else "pool"
            if base.kind.name == "list":
                self.made(STR, f"sf_list_pop_at({pool}, {base.text}, {self.whole(at, node)})")
            elif base.kind.name == "dict":
                self.line(f"sf_entry_drop({pool}, {base.text}, {self.key(at, node)})")
            elif base.kind != BOTTOM or self.program.final:
                raise CannotPrint(f"deletes an item of {said(base.kind)}", node)
