"""Generators of the module, and of its classes, that a loop goes over: their statements stand in the loop's place.

``for x in evens(n): BODY`` becomes the statements of ``evens`` with ``x = VALUE`` and ``BODY`` where it
yields. ``break`` and ``return`` leave all its loops by a flag.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.bound_methods import bound_methods
from selfsame.compiler.emit.cython.inplace.homes import Home
from selfsame.compiler.emit.cython.inplace.kinds import INT, Kind
from selfsame.compiler.emit.cython.inplace.loops import Loops
from selfsame.compiler.emit.cython.inplace.ranges import listed_ranges
from selfsame.compiler.emit.cython.inplace.state import Known, Program, Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import assigned_names

MOST_NESTED, MOST_LINES = 5, 6_000
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal,
    ast.Await,
)  # fmt: skip


@dataclass(frozen=True)
class Taker:
    """What is done with each value: ``act``, after it was stored to ``target``; ``stop`` ends it.

    ``counter``: the variable with the number that ``enumerate`` puts before each value.
    """

    target: ast.expr
    act: Callable[[], None]
    stop: str
    counter: str = ""


@dataclass(frozen=True)
class Place:
    """Where the text stands: names, loops and the generator that is written out, if any.

    ``modes``: for each loop around, empty, or the flag of the generator whose value is worked on.
    ``leaving``: the flag of the generator that the text belongs to: 1 where its taker has enough, 2
    where it has returned.
    """

    scopes: tuple[dict[str, str], ...]
    names: frozenset[str]
    home: Home
    inside: str
    modes: tuple[str, ...] = ()
    leaving: str = ""
    taker: "tuple[Taker, Place] | None" = None
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """How far the text is written, and what is known there: so much stays when the rest is taken back."""

    lines: int
    depth: int
    bound: frozenset[str]
    place: Place
    several: Value | None


@dataclass(frozen=True)
class Source:
    """A generator, and where its text stands; of a method, ``on`` is the expression of the instance of ``cls``."""

    function: ast.FunctionDef
    home: Home
    inside: str = ""
    cls: str = ""
    name: str = ""
    on: ast.expr | None = None

    @property
    def spelled(self) -> str:
        """What it is called, told apart from those of other classes."""
        return f"{self.cls}.{self.function.name}"


@dataclass(frozen=True)
class Started:
    """A generator with its arguments: values, or other generators that were not gone through yet."""

    source: Source
    values: "dict[str, Value | Started]"


class Generators(Loops):
    """``loop`` writes a loop over anything."""

    modes: tuple[str, ...] = ()
    leaving = ""
    taker: tuple[Taker, Place] | None = None
    within: tuple[str, ...] = ()

    def __init__(self, program: Program, known: Known) -> None:
        super().__init__(program, known)
        self.waiting: dict[str, Started] = {}

    def place(self) -> Place:
        """Where we are."""
        names = frozenset(self.own_names)
        scopes = tuple(self.scopes)
        home, inside = self.home, self.inside
        return Place(scopes, names, home, inside, self.modes, self.leaving, self.taker, self.within)

    def go(self, to: Place) -> None:
        """Write on as if the text stood there."""
        self.scopes, self.modes = list(to.scopes), to.modes
        self.home, self.inside = to.home, to.inside
        self.leaving, self.taker, self.within = to.leaving, to.taker, to.within
        self.rename(set(to.names))

    def mark(self) -> Mark:
        """What `take_back` goes back to, where what is written from here on turns out to have no form."""
        return Mark(len(self.lines), self.depth, frozenset(self.bound), self.place(), self.several)

    def take_back(self, to: Mark) -> None:
        """Write on as if nothing had been written since."""
        del self.lines[to.lines :]
        self.depth, self.bound, self.several = to.depth, set(to.bound), to.several
        self.go(to.place)

    def rename(self, names: set[str]) -> None:
        """Take these for the names that the function binds: the statements' half keeps them."""
        raise NotImplementedError

    def statements(self, body: list[ast.stmt]) -> None:
        """A block's statements: the statements' half knows how."""
        raise NotImplementedError

    def loop(
        self,
        node: ast.expr,
        taker: Taker,
        orelse: Callable[[], None] | None = None,
        outside: bool = False,
    ) -> None:
        """``for target in node``. ``outside``: ``node`` is not in the innermost scope of names."""
        hidden = [self.scopes.pop()] if outside else []
        counted = self._counted(node)
        called = self._started(counted[0] if counted else node)
        if called is not None:
            if counted:
                start = self.whole(self.expression(counted[1]), node)
                taker = replace(taker, counter=self.temp("long long"))
                self.line(f"{taker.counter} = {start}")
            self.scopes += hidden
            self._written_out(called, taker, orelse)
        else:
            steps = self.over(node)
            self.scopes += hidden
            with self.stepping(steps, taker.target, taker.stop):
                self.modes = (*self.modes, "")
                taker.act()
                self.modes = self.modes[:-1]
            if orelse is not None:
                with self.block("else"):
                    orelse()
        self.left()

    def left(self) -> None:
        """Behind a loop of a generator: go on out, where it is left."""
        if self.leaving:
            with self.block(f"if {self.leaving}"):
                self.line("break")

    def next_round(self) -> None:
        """``continue``."""
        self.line("break" if self.modes and self.modes[-1] else "continue")

    def enough(self) -> None:
        """``break``."""
        if self.modes and self.modes[-1]:
            self.line(f"{self.modes[-1]} = 1")
        self.line("break")

    def returned(self) -> None:
        """``return`` in a generator."""
        for flag in self.modes:
            if flag:
                self.line(f"{flag} = 1")
        self.line(f"{self.leaving} = 2")
        self.line("break")

    def _counted(self, node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
        """What ``enumerate`` goes over where that is a generator, and the first number."""
        match node:
            case ast.Call(func=ast.Name(id="enumerate"), args=[over, *first], keywords=named):
                first += [k.value for k in named if k.arg == "start"]
                free = not self.own("enumerate") and self.names.builtin("enumerate")
                if not free or len(first) > 1 or len(node.args) + len(named) != len(first) + 1:
                    return None
                if self._generator(over) is not None:
                    self.program.used_builtins.add("enumerate")
                    return over, first[0] if first else ast.Constant(0)
        return None

    def kind_of(self, node: ast.expr) -> Kind:
        """What a place is known to hold: the methods' part knows."""
        raise NotImplementedError

    def _generator(self, node: ast.expr) -> Source | None:
        match node:
            case ast.Call(func=ast.Name(id=which)) if not self.own(which):
                function = self.names.function(which)
                found = Source(function, self.home) if function is not None else None
            case ast.Call(func=ast.Attribute(value=base, attr=which)):
                found = self._of_instance(base, which)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                found = self._of_instance(node, "__iter__")
            case _:
                return None
        if found is None or not _yields(found.function):
            return None
        if isinstance(node, ast.Call) and any(isinstance(a, ast.Starred) for a in node.args):
            raise CannotPrint("calls with a star", node)
        return found

    def _of_instance(self, node: ast.expr, which: str) -> Source | None:
        """The method that an instance of one class has."""
        kind = self.kind_of(node)
        facts = self.program.classes.get(kind.cls) if kind.name == "instance" else None
        name = facts.spelled(which, self.inside) if facts is not None else ""
        if facts is None or name not in facts.methods:
            return None
        inside = facts.homes[name]
        home = self.program.linked.home_of[inside]
        return Source(facts.methods[name], home, inside, kind.cls, name, node)

    def _started(self, node: ast.expr) -> "Started | None":
        """A call of a generator, with its arguments; None where ``node`` is something else."""
        if isinstance(node, ast.Name) and self.spelled(node.id) in self.waiting:
            return self.waiting[self.spelled(node.id)]
        source = self._generator(node)
        if source is None:
            return None
        function, taken = source.function, source.function.args
        parameters = [a.arg for a in taken.posonlyargs + taken.args + taken.kwonlyargs]
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        values: dict[str, Value | Started] = {}
        if source.on is not None:
            if not parameters:
                raise CannotPrint(f"calls {function.name}, which takes no instance", node)
            values[parameters[0]] = self._receiver(source, source.on)
            call = ast.Call(call.func, [ast.Constant(0), *call.args], call.keywords)
        arguments = bound_arguments(function, ast.copy_location(call, node))
        for name, given in zip(parameters, arguments, strict=True):
            if name in values:
                continue
            if isinstance(given, ast.Lambda):  # what it reads may be bound anew between two items
                raise CannotPrint("hands a function that it makes to a generator", given)
            # A generator that is gone through once and from its start can wait until then.
            later = self._started(given) if _walked_once(function, name) else None
            values[name] = later or self.held(self.expression(given))
        return Started(source, values)

    def _receiver(self, source: Source, node: ast.expr) -> Value:
        """The instance whose method it is, looked at when it is called."""
        value = self.held(self.some(self.expression(node)))
        if value.kind.cls != source.cls:
            raise CannotPrint(f"calls {source.function.name} of {said(value.kind)}", node)
        self.program.used_classes.add(source.cls)
        self.program.methods.add((source.cls, source.name))
        self.line(f"sf_own({value.text}, &sf_k_{source.cls})")
        return value

    def _written_out(
        self, called: "Started", taker: Taker, orelse: Callable[[], None] | None
    ) -> None:
        source, function = called.source, called.source.function
        taken = function.args
        if taken.vararg or taken.kwarg or function.decorator_list:
            raise CannotPrint(f"loops over {function.name}, which takes or is more", function)
        if source.spelled in self.within or len(self.within) >= MOST_NESTED:
            raise CannotPrint(f"loops over {function.name} within itself", function)
        for part in (n for s in function.body for n in ast.walk(s)):
            if isinstance(part, _SCOPES):
                raise CannotPrint(f"has a {type(part).__name__}", part)
        self.known.loops = True
        self.count += 1
        self.kept_methods = {**self.kept_methods, **bound_methods(function)}
        names = assigned_names(function) | {_PASSED}
        scope = {n: f"sf_{n}_{self.count}" for n in names}
        here, flag = self.place(), self.temp("int")
        self.line(f"{flag} = 0")
        for name in sorted(scope.values()):
            self.bound.discard(name)
            if name in self.known.unsure:
                self.line(f"v_{name}_set = False")
        self.go(
            Place(
                (scope,),
                frozenset(names),
                source.home,
                source.inside,
                (),
                flag,
                (taker, here),
                (*self.within, source.spelled),
            )
        )
        self.listed_ranges |= listed_ranges(function, self.is_builtin)
        for name, value in called.values.items():
            if isinstance(value, Started):
                self.waiting[scope[name]] = value
            else:
                self.store(name, value)
        with self.block("while True"):
            self.statements(function.body)
            self.line("break")
        self.go(here)
        if orelse is not None:
            with self.block(f"if {flag} != 1"):
                orelse()

    def given(self, value: Value, node: ast.AST) -> None:
        """``yield value``: what takes it, in its place."""
        if self.taker is None:
            raise CannotPrint("has a yield", node)
        if len(self.lines) > MOST_LINES:
            raise CannotPrint("loops over generators whose statements would be too many", node)
        taker, there = self.taker
        here, flag = self.place(), self.leaving
        self.go(replace(there, modes=(*there.modes, flag)))
        with self.block("while True"):
            if taker.counter:
                number = self.made(INT, taker.counter)
                value = self._together([number, self.held(value)])
                self.line(f"{taker.counter} = sf_add({taker.counter}, 1)")
            self.assign(taker.target, value)
            taker.act()
            self.line("break")
        self.go(here)
        if taker.stop:
            with self.block(f"if {taker.stop}"):
                self.line(f"{flag} = 1")
        self.left()

    def passed_on(self, node: ast.YieldFrom) -> None:
        """``yield from``."""
        name = ast.copy_location(ast.Name(_PASSED, ast.Store()), node)
        read = ast.copy_location(ast.Name(_PASSED, ast.Load()), node)
        self.loop(node.value, Taker(name, lambda: self.given(self.expression(read), node), ""))


_PASSED = "sf_passed"


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(function))


def _walked_once(function: ast.FunctionDef, name: str) -> bool:
    """Whether all that is done with a parameter is one loop over it, in no other loop."""
    uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name]
    return len(uses) == 1 and any(
        isinstance(s, ast.For) and s.iter is uses[0] for s in function.body
    )
