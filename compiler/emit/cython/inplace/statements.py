"""Statements of one function, in order; what is done to objects is noted where it has to be."""

import ast
from collections.abc import Callable

from selfsame.compiler.emit.cython.declining import LOOPS
from selfsame.compiler.emit.cython.inplace.borrowed import Brought
from selfsame.compiler.emit.cython.inplace.bound_methods import bound_methods
from selfsame.compiler.emit.cython.inplace.callables import passed_lambdas
from selfsame.compiler.emit.cython.inplace.endings import ends_early, leaves
from selfsame.compiler.emit.cython.inplace.generators import Taker
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOTTOM,
    ERROR,
    INT,
    NONE,
    RANGE,
    UNSIGNED,
    c_type,
    is_closure,
    join,
)
from selfsame.compiler.emit.cython.inplace.naming import read_before
from selfsame.compiler.emit.cython.inplace.ranges import listed_ranges
from selfsame.compiler.emit.cython.inplace.state import Known, Program, Value
from selfsame.compiler.emit.cython.inplace.storing import Storing
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import assigned_names

_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Nonlocal,
    ast.Yield, ast.YieldFrom, ast.Await,
)  # fmt: skip


class Statements(Storing):
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
        self.listed_ranges = listed_ranges(node, self.is_builtin)
        self.passed_lambdas = passed_lambdas(node)
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
        gone = self._as_far(known.node.body, self._may_decline_rest)
        if not (gone or ends_early(known.node.body)):
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
        known_here = value.kind.name == "iterator" or is_closure(value.kind)
        if (value.kind in (ERROR, RANGE) or known_here) and self.program.final:
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
        """One branch of an if; whether nothing goes on behind it."""
        may = self.program.may_decline
        return self._as_far(body, lambda at: may(self.known, body[at:], other)) or leaves(body)

    def _as_far(self, body: list[ast.stmt], may_decline: Callable[[int], bool]) -> bool:
        """A block up to a statement without a compiled form, from which on it is the original's.

        Whether there is one.
        """
        for at, statement in self.merged(body):
            mark = self.mark()
            try:
                self.statements([statement])
            except CannotPrint:
                if not may_decline(at):
                    raise
                self.take_back(mark)
                self.line("sf_deopt()")
                return True
        return False

    def _may_decline_rest(self, at: int) -> bool:
        """Whether the function's body can be left to the original from there on: where it loops, and may return, ahead of it."""
        body = self.known.node.body
        ahead = [n for s in body[:at] for n in ast.walk(s)]
        loops = any(isinstance(n, LOOPS) for n in ahead)
        returns = any(isinstance(n, ast.Return) for n in ahead)
        return loops and returns and self.program.may_decline(self.known, body[at:], [])

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
