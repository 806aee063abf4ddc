"""What the text raises, and the handlers of callers that catch it.

``raise ValueError(...)`` notes its class, or the exception where a handler looks at it, and gives the call up; a
handler for that class, in the same function or one that called it, takes the note back and goes on. What nobody
takes back is given up in the end, and the original raises it itself. So none catches what a helper of C raises.
"""

import ast
from collections.abc import Callable, Iterator

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.calls import Calls
from selfsame.compiler.emit.cython.inplace.endings import leaves
from selfsame.compiler.emit.cython.inplace.error_classes import RAISED, ErrorFacts, builtin_error
from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, ERROR, NONE
from selfsame.compiler.emit.cython.inplace.state import Known, Program, Value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Raising(Calls):
    """``_s_raise`` writes a raise statement, ``catching`` the handlers around a block."""

    def __init__(self, program: Program, known: Known) -> None:
        super().__init__(program, known)
        # Of each handler around: its name for what it has caught, and the variable that holds it.
        self._handlers: list[tuple[str, str]] = []

    def _s_raise(self, node: ast.Raise) -> None:
        mark = self.mark()
        try:
            if self.program.catches and self._raised(node):
                return
        except CannotPrint:
            pass
        self.take_back(mark)
        self.line("sf_deopt()")

    def _raised(self, node: ast.Raise) -> bool:
        """Writes what is on its way to a handler from here on; False where Python has to raise it."""
        if node.exc is None:
            held = self._handlers[-1][1] if self._handlers and not self.leaving else ""
            if held:
                self.line(f"sf_raise_again(pool, {held})")
            return bool(held)
        if not self._plain_cause(node.cause):
            return False
        if isinstance(node.exc, ast.Name) and self.own(node.exc.id):
            value = self.load(node.exc.id)
            if value.kind == ERROR:
                self.line(f"sf_raise_again(pool, {value.text})")
            return value.kind == ERROR
        cls, arguments = node.exc, list[ast.expr]()
        if isinstance(node.exc, ast.Call):
            cls, arguments = node.exc.func, node.exc.args
        which = self._error_named(cls)
        if not which or any(isinstance(a, ast.Starred) for a in arguments):
            return False
        facts = self._with_init(which)
        if facts is not None and isinstance(node.exc, ast.Call):
            self.line(f"sf_raise({self._made_by(which, facts, node.exc).text})")
            return True
        if facts is not None or (isinstance(node.exc, ast.Call) and node.exc.keywords):
            return False
        given = [self.held(self.expression(argument)) for argument in arguments]
        cls_text = self._class_text(which)
        if self.program.looks:
            items = "".join(f"{self.boxed(value)}, " for value in given)
            cls_text = f"sf_new_error({cls_text}, ({items}))"
        self.line(f"sf_raise({cls_text})")
        return True

    def _plain_cause(self, cause: ast.expr | None) -> bool:
        """Whether ``from cause`` is right as it stands, and does nothing but to show the cause."""
        match cause:
            case None | ast.Constant(value=None):
                return True
            case ast.Name(id=which):
                return any(which == name for name, _ in self._handlers)
        return False

    def _error_named(self, node: ast.expr) -> str:
        """The exception class of the tree that ``node`` names, as the unit calls it, or the builtin; else empty."""
        found = self.target(node)
        if found is not None and found.kind == "error":
            self._rely_on(found.spelled)
            return found.spelled
        which = builtin_error(node, self.names)
        if which not in RAISED or self.own(which):
            return ""
        self.program.used_builtins.add(which)
        return which

    def _rely_on(self, cls: str) -> None:
        facts = self.program.use_error(cls)
        while facts.own:
            facts = self.program.use_error(facts.base)
        self.program.used_builtins.add(facts.base)

    def _class_text(self, which: str) -> str:
        return f"sf_g_{which}" if which in self.program.errors else which

    def _with_init(self, which: str) -> ErrorFacts | None:
        """The class above, or itself, whose ``__init__`` stands in the text; None where that is a builtin's."""
        if which not in self.program.errors:
            return None
        facts = self.program.use_error(which)
        while facts.init is None and facts.own:
            facts = self.program.use_error(facts.base)
        return facts if facts.init is not None else None

    def _made_by(self, cls: str, facts: ErrorFacts, node: ast.Call) -> Value:
        """``ParseError(...)`` of a class with an ``__init__`` of its own."""
        assert facts.init is not None
        values = self._given_to(facts.init, node)
        items = "".join(f"{self.boxed(value)}, " for value in values[: len(node.args)])
        made = self.made(ERROR, f"sf_new_error(sf_g_{cls}, ({items}))")
        self._initialised(made, facts, values, node)
        return made

    def _given_to(self, init: ast.FunctionDef, node: ast.Call) -> list[Value]:
        outer = ast.Call(node.func, [ast.Constant(0), *node.args], node.keywords)
        given = bound_arguments(init, ast.copy_location(outer, node))
        return [self.held(self.expression(each)) for each in given[1:]]

    def _initialised(
        self, made: Value, facts: ErrorFacts, values: list[Value], node: ast.AST
    ) -> None:
        """A call of the ``__init__`` of an exception's class."""
        assert facts.init is not None
        name, home = f"{facts.name}__does____init__", self.program.linked.error_of[facts.name][0]
        self.program.inits[name] = facts
        known = self.program.function(name, facts.init, [made, *values], home=home)
        if known.result not in (BOTTOM, NONE):
            raise CannotPrint("has an __init__ that returns something", node)
        self.called(known, [made, *values], node)

    def above_error(self, node: ast.Call, function: ast.Attribute) -> Value | None:
        """``super().__init__(...)`` in the ``__init__`` of an exception's class; None for another call."""
        facts = self.program.inits.get(self.known.name)
        if facts is None or function.attr != "__init__" or self.leaving or self.scopes:
            return None
        arguments = node.args
        match function.value:
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]) if self.names.builtin(
                "super"
            ) and not self.own("super"):
                pass
            case ast.Name() if (
                node.args
                and self._error_named(function.value) == facts.base
                and isinstance(node.args[0], ast.Name)
                and node.args[0].id == self.taken[0]
            ):
                arguments = node.args[1:]
            case _:
                return None
        receiver = self.load(self.taken[0])
        if receiver.kind != ERROR or any(isinstance(a, ast.Starred) for a in arguments):
            raise CannotPrint("calls super of something else", node)
        rest = ast.copy_location(ast.Call(node.func, arguments, node.keywords), node)
        base = self._with_init(facts.base)
        if base is not None:
            assert base.init is not None
            self._initialised(receiver, base, self._given_to(base.init, rest), node)
        elif node.keywords:
            raise CannotPrint("makes an exception by keyword", node)
        else:
            builtin = facts
            while builtin.own:
                builtin = self.program.use_error(builtin.base)
            items = [self.held(self.expression(a)) for a in arguments]
            text = "".join(f"{self.boxed(value)}, " for value in items)
            self.line(f"sf_init_error({receiver.text}, {builtin.base}, ({text}))")
        return Value(NONE, "None", fresh=True)

    # handlers

    def catching(self, node: ast.Try, write: Callable[[], None]) -> None:
        """What ``write`` writes, within the handlers. Raises CannotPrint where one of these has no form."""
        if not self.program.catches:
            self.program.catches = self.program.changed = True
        before, ways = set(self.bound), list[set[str]]()
        with self.block("try"):
            write()
        after = set(self.bound)
        with self.block("except BaseException"):
            for at, handler in enumerate(node.handlers):
                self.bound = set(before)
                looks = self._looks(handler)
                caught = f"sf_caught(pool, {self._classes(handler)}, {int(looks)})"
                with self.block(f"{'elif' if at else 'if'} {caught}"):
                    self._handled_by(handler, looks)
                self.bound.discard(handler.name or "")
                if not leaves(handler.body):
                    ways.append(set(self.bound))
            with self.block("else"):
                self.line("raise")
        self.bound = after
        if node.orelse:
            with self.block("else"):
                self.statements(node.orelse)
        if not leaves(node.orelse or node.body):
            ways.append(set(self.bound))
        self.bound = set.intersection(*ways) if ways else after

    def _handled_by(self, handler: ast.ExceptHandler, looks: bool) -> None:
        """The statements of a handler."""
        held = ""
        if looks:
            held = self.made(ERROR, "sf_taken()").text
            if not self.program.looks:
                self.program.looks = self.program.changed = True
            if handler.name:
                self.store(handler.name, Value(ERROR, held, fresh=True))
        self._handlers.append((handler.name or "", held))
        self.statements(handler.body)
        self._handlers.pop()

    def _looks(self, handler: ast.ExceptHandler) -> bool:
        """Whether a handler looks at what it catches. Raises CannotPrint where its name is used otherwise, too."""
        inside = {n for s in handler.body for n in ast.walk(s)}
        again = any(isinstance(n, ast.Raise) and n.exc is None for n in inside)
        if handler.name is None:
            return again
        if not self.own(handler.name):
            raise CannotPrint("binds a global to what it catches", handler)
        readers = set[ast.AST]()
        for each in ast.walk(self.known.node):
            if isinstance(each, ast.ExceptHandler) and each.name == handler.name:
                held = {n for s in each.body for n in ast.walk(s)}
                if any(isinstance(n, ast.ExceptHandler) and n.name == each.name for n in held):
                    raise CannotPrint("catches two exceptions under one name", handler)
                readers |= held
        # Behind the handler the name has no value.
        named = (n for n in ast.walk(self.known.node) if _is(n, handler.name))
        if self.leaving or any(not _reads(n) or n not in readers for n in named):
            raise CannotPrint("uses the name of a caught exception for something else", handler)
        return again or any(_is(n, handler.name) for n in inside)

    def caught_named(self, node: ast.expr | None) -> str:
        """The class of exceptions that a handler names, in C; empty where that is not known."""
        if node is None:
            self.program.used_builtins.add("BaseException")
            return "BaseException" if self.names.builtin("BaseException") else ""
        found = self.target(node)
        if found is not None and found.kind == "error":
            self._rely_on(found.spelled)
            return self._class_text(found.spelled)
        which = builtin_error(node, self.names)
        if not which or self.own(which):
            return ""
        self.program.used_builtins.add(which)
        return which

    def _classes(self, handler: ast.ExceptHandler) -> str:
        """The classes that a handler is for, as a tuple of Python's."""
        found = [self.caught_named(each) for each in caught_by(handler)]
        if not all(found):
            raise CannotPrint("catches what is not known", handler)
        return f"({', '.join(found)},)"


def caught_by(handler: ast.ExceptHandler) -> Iterator[ast.expr | None]:
    """What a handler names, one after the other; None where it catches all."""
    if isinstance(handler.type, ast.Tuple):
        yield from handler.type.elts
    else:
        yield handler.type


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _reads(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
