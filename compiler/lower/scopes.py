"""Names by Python's rules: which scope a name belongs to, and who may have written it.

A scope is a module, class, function or lambda; comprehensions and type parameters lie *over* one:
their names are seen inside them only and never written from elsewhere. Which names a scope binds
is known when its walk ends, so uses wait until then.

What code that runs later or earlier than its place may do, it may do at any time: a name that an
inner function, a generator expression or a `global` reads or writes has no order.

Where more than ``MANY`` definitions reach a use, its edge comes from a join node of the scope, which
has edges from all definitions of that name there: so edges grow with the uses and the definitions, not
with their product.
"""

from collections.abc import Sequence
from typing import Literal

from selfsame.compiler.ir.graph import ANY
from selfsame.compiler.lower.drafts import Draft, Drafts
from selfsame.compiler.lower.meeting import Meeting
from selfsame.compiler.lower.paths import MANY, UNBOUND, Paths, Value

Over = tuple[tuple[frozenset[str], int], ...]  # names, the node that writes them
Kind = Literal["module", "class", "function"]


class Scope:
    """The names of one scope on the walk through it."""

    def __init__(
        self,
        drafts: Drafts,
        owner: Draft,
        kind: Kind,
        outer: "Scope | None" = None,
        over: Over = (),
    ) -> None:
        self.drafts = drafts
        self.connect = drafts.connect
        self.owner = owner  # the node that the scope is of
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
        self._joins: dict[str, int] = {}

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
            at_any_time = late.get(name, ())
            if found is None or len(found) + len(at_any_time) > MANY:
                if name not in self._joins:
                    self._join(name, [*self.paths.every(name), *at_any_time])
                self.connect(self._joins[name], use, name)
            else:
                for definition in found:
                    if definition != UNBOUND:
                        self.connect(definition, use, name)
                for definition in at_any_time:
                    self.connect(definition, use, name)
            if self.kind == "class" and (found is None or UNBOUND in found):
                self._global(name, use)
            self._star(name, use)
        anywhere: dict[str, list[int]] = {}
        for name, use in self._any:
            if name in self.globals:
                self._module()._any.append((name, use))
            elif name not in self.paths:
                self._outward(name, use, in_time=False)
            else:
                if name not in anywhere:
                    found_anywhere = [*self.paths.every(name), *late.get(name, ())]
                    if len(found_anywhere) > MANY:
                        found_anywhere = [self._join(name, found_anywhere)]
                    anywhere[name] = found_anywhere
                for definition in anywhere[name]:
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
            many = len(self._stars) > MANY
            for definition in (self._join(ANY, self._stars),) if many else self._stars:
                self.connect(definition, use, name)

    def _join(self, name: str, definitions: Sequence[int]) -> int:
        """The node where all of a name's many definitions meet."""
        if name not in self._joins:
            self._joins[name] = self.drafts.join(self.owner, name, definitions)
        return self._joins[name]
