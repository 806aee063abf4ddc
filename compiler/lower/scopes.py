"""Names by Python's rules: which scope a name belongs to, and who may have written it.

A scope is a module, class, function or lambda; comprehensions and type parameters lie *over* one:
their names are seen inside them only and never written from elsewhere. Which names a scope binds
is known when its walk ends, so uses wait until then.

What code that runs later or earlier than its place may do, it may do at any time: a name that an
inner function, a generator expression or a `global` reads or writes has no order.
"""

from collections.abc import Callable
from typing import Literal

from selfsame.compiler.lower.meeting import Meeting
from selfsame.compiler.lower.paths import UNBOUND, Paths, Value

Connect = Callable[[int, int, str], None]  # definition, use, variable
Over = tuple[tuple[frozenset[str], int], ...]  # names, the node that writes them
Kind = Literal["module", "class", "function"]


class Scope:
    """The names of one scope on the walk through it."""

    def __init__(
        self, connect: Connect, kind: Kind, outer: "Scope | None" = None, over: Over = ()
    ) -> None:
        self.connect = connect
        self.kind = kind
        self.outer = outer
        self.over = over  # what lies between this scope and the one around it
        self.paths = Paths()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self._uses: list[tuple[str, Value, int]] = []
        self._any: list[tuple[str, int]] = []
        self._late: dict[str, list[int]] = {}
        self._stars: list[int] = []

    # --- on the walk -------------------------------------------------------------------------

    def read(self, name: str, use: int) -> None:
        """``use`` reads ``name`` here and now."""
        if name in self.globals:
            self._module()._any.append((name, use))
        elif name in self.nonlocals:
            self._outward(name, use)
        else:
            self._uses.append((name, self.paths.read(name), use))

    def read_any(self, name: str, use: int, from_class: bool = False) -> None:
        """``use`` reads ``name`` at some time.

        ``from_class``: with the eyes of a type parameter's bound, which sees the class it stands in.
        """
        if self.kind == "class" and not from_class:
            self._outward(name, use, in_time=False)
        else:
            self._any.append((name, use))

    def write(self, name: str, definition: int) -> None:
        """``definition`` binds ``name`` here and now."""
        if name in self.globals:
            self._module()._write_late(name, definition)
        elif name in self.nonlocals:
            assert self.outer is not None
            self.outer.seen_inside()._write_late(name, definition)
        else:
            self.paths.write(name, definition)

    def write_any(self, name: str, definition: int) -> None:
        """``definition`` binds ``name`` of this scope at some time."""
        if name in self.globals or name in self.nonlocals:
            self.write(name, definition)
        else:
            self.paths.declare(name)
            self._write_late(name, definition)

    def delete(self, name: str) -> None:
        """``del``: nothing reaches beyond it."""
        if name not in self.globals and name not in self.nonlocals:
            self.paths.write(name, UNBOUND)

    def star(self, definition: int) -> None:
        """A star import: it may write any name of the module."""
        self._module()._stars.append(definition)

    def _write_late(self, name: str, definition: int) -> None:
        self._late.setdefault(name, []).append(definition)

    def seen_inside(self) -> "Scope":
        """This scope or, where it is a class's, the nearest whose names functions in it see."""
        scope = self
        while scope.kind == "class" and scope.outer is not None:
            scope = scope.outer
        return scope

    def _module(self) -> "Scope":
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    # --- at its end --------------------------------------------------------------------------

    def close(self) -> None:
        """Connect all uses. What is not this scope's is handed to the one around it."""
        late = self._own_late()
        meeting = Meeting()
        for name, value, use in self._uses:
            if name not in self.paths:
                self._outward(name, use)
                continue
            found = meeting.of(value)
            for definition in found:
                if definition != UNBOUND:
                    self.connect(definition, use, name)
                elif self.kind == "class":
                    self._global(name, use)
            for definition in late.get(name, ()):
                self.connect(definition, use, name)
            self._star(name, use)
        every: dict[str, list[int]] = {}
        for name, use in self._any:
            if name in self.globals:
                self._module()._any.append((name, use))
            elif name not in self.paths:
                self._outward(name, use, in_time=False)
            else:
                if name not in every:
                    every[name] = self.paths.every(name) + late.get(name, [])
                for definition in every[name]:
                    self.connect(definition, use, name)
                if self.kind == "class":
                    self._global(name, use)
                self._star(name, use)

    def _own_late(self) -> dict[str, list[int]]:
        """Late writes of this scope's own names; others belong to a scope around it."""
        own: dict[str, list[int]] = {}
        for name, definitions in self._late.items():
            if self.outer is None or (name in self.paths and name not in self.nonlocals):
                self.paths.declare(name)
                own[name] = definitions
            else:
                outer = self.outer.seen_inside()
                for definition in definitions:
                    outer._write_late(name, definition)
        return own

    def _outward(self, name: str, use: int, in_time: bool = True) -> None:
        """A name that this scope does not bind. A class runs where it stands: it reads in time."""
        scope: Scope | None = self
        while scope is not None and (scope is self or scope.kind == "class"):
            for names, definition in reversed(scope.over):
                if name in names:
                    self.connect(definition, use, name)
                    return
            scope = scope.outer
        if scope is None:
            self._star(name, use)
        elif self.kind == "class" and in_time and name not in self.nonlocals:
            scope.read(name, use)
        else:
            scope._any.append((name, use))

    def _global(self, name: str, use: int) -> None:
        """A name of a class that it may not have bound yet is read from the module."""
        scope: Scope | None = self
        while scope is not None and scope.kind == "class":
            scope = scope.outer
        if scope is None:
            return
        if scope.outer is None:
            scope.read(name, use)
        else:
            scope._module()._any.append((name, use))

    def _star(self, name: str, use: int) -> None:
        if self.outer is None:
            for definition in self._stars:
                self.connect(definition, use, name)
