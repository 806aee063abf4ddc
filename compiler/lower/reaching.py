"""Which definitions of a name reach a use: one ``Scope`` for each module, class and function.

One walk is enough. In a loop, a name that the body has not yet bound stands for "what the loop
begins with", a negative number; when the loop ends it is known what that is, and the uses are
connected then.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Reaching = dict[str, frozenset[int]]
Connect = Callable[[int, int, str], None]
_NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class State:
    """What reaches a point; ``alive`` is False after a jump."""

    reaching: Reaching
    alive: bool = True


@dataclass(slots=True)
class _Loop:
    before: State
    token: int
    uses: list[tuple[str, int]] = field(default_factory=list)
    breaks: list[Reaching] = field(default_factory=list)
    continues: list[Reaching] = field(default_factory=list)


class Scope:
    """The names of one scope on the walk through it."""

    def __init__(self, connect: Connect, outer: "Scope | None", is_class: bool = False) -> None:
        self.connect = connect
        self.outer = outer
        self.is_class = is_class
        self.now = State({})
        self.log: list[tuple[str, int]] = []
        self.local: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self._uses: list[tuple[str, int]] = []
        self._captured: list[tuple[str, int]] = []
        self._unbound: list[tuple[str, int]] = []
        self._late: dict[str, list[int]] = {}
        self._loops: list[_Loop] = []
        self._open: list[_Loop] = []

    # --- names -------------------------------------------------------------------------------

    def read(self, name: str, use: int) -> None:
        """``use`` reads ``name`` here."""
        if name in self.globals or name in self.nonlocals:
            self._outward(name, use)
            return
        self._uses.append((name, use))
        self._arrive(self._reaching(name), name, use)

    def write(self, name: str, definition: int) -> None:
        """``definition`` binds ``name`` here."""
        if name in self.globals:
            self._module().late(name, definition)
        elif name in self.nonlocals and self.outer is not None:
            self.outer.late(name, definition)
        else:
            self.local.add(name)
            self.log.append((name, definition))
            self.now.reaching[name] = frozenset((definition,))

    def delete(self, name: str) -> None:
        """Nothing reaches beyond a ``del``."""
        self.local.add(name)
        self.now.reaching[name] = _NONE

    def late(self, name: str, definition: int) -> None:
        """A function inside binds a name of this scope: that may happen at any time."""
        if self.outer is not None and (self.is_class or name in self.nonlocals):
            self.outer.late(name, definition)
        else:
            self.local.add(name)
            self._late.setdefault(name, []).append(definition)

    def _reaching(self, name: str) -> frozenset[int]:
        found = self.now.reaching.get(name)
        if found is None:
            if not self._open:
                return _NONE
            found = self.now.reaching[name] = frozenset((self._open[-1].token,))
        return found

    def _arrive(self, definitions: Iterable[int], name: str, use: int) -> None:
        known = False
        for definition in definitions:
            known = True
            if definition < 0:
                self._loops[-definition - 1].uses.append((name, use))
            else:
                self.connect(definition, use, name)
        if not known:
            if self.is_class:
                self._outward(name, use)
            else:
                self._unbound.append((name, use))

    def _outward(self, name: str, use: int) -> None:
        if self.is_class and self.outer is not None:
            self.outer.visible().read(name, use)
        else:
            self._captured.append((name, use))

    def visible(self) -> "Scope":
        """This scope or, where it is a class's, the nearest around it whose names are seen inside."""
        scope = self
        while scope.is_class and scope.outer is not None:
            scope = scope.outer
        return scope

    def _module(self) -> "Scope":
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    def close(self) -> None:
        """The scope ends: what it left open is of the scopes around it, where any definition counts."""
        for name, definitions in self._late.items():
            for read, use in self._uses:
                if read == name:
                    for definition in definitions:
                        self.connect(definition, use, name)
        every: dict[str, list[int]] = {}
        for name, definition in self.log:
            every.setdefault(name, []).append(definition)
        for name, definitions in self._late.items():
            every.setdefault(name, []).extend(definitions)
        outer = self.outer.visible() if self.outer is not None else None
        # What nothing reached here is not bound (after a `del`), or it is a name from outside.
        self._captured += [(n, u) for n, u in self._unbound if n not in self.local]
        for name, use in self._captured:
            if name in every and name not in self.globals and not self.is_class:
                for definition in every[name]:
                    self.connect(definition, use, name)
            elif outer is not None and name not in self.local:
                target = self._module() if name in self.globals else outer
                target.captured(name, use)

    def captured(self, name: str, use: int) -> None:
        """A function inside reads a name that it does not bind."""
        self._captured.append((name, use))

    # --- paths -------------------------------------------------------------------------------

    def fork(self) -> State:
        """A copy of what reaches this point."""
        return State(dict(self.now.reaching), self.now.alive)

    def jump(self) -> None:
        """Nothing after this is reached."""
        self.now = State({}, False)

    def merge(self, states: Iterable[State]) -> None:
        """Several paths meet here."""
        alive = [s.reaching for s in states if s.alive]
        if not alive:
            self.now = State({}, False)
            return
        if len(alive) == 1:
            self.now = State(alive[0])
            return
        missing = frozenset((self._open[-1].token,)) if self._open else _NONE
        names = set().union(*alive)
        self.now = State(
            {name: frozenset().union(*(a.get(name, missing) for a in alive)) for name in names}
        )

    def after_any(self, start: State, mark: int) -> State:
        """Where an exception may lead from any point since ``mark`` in the log."""
        reaching = dict(start.reaching)
        missing = frozenset((self._open[-1].token,)) if self._open else _NONE
        for name, definition in self.log[mark:]:
            reaching[name] = reaching.get(name, missing) | {definition}
        return State(reaching)

    def enter_loop(self) -> None:
        """A loop begins: before its test, or before its target is bound."""
        loop = _Loop(self.now, -len(self._loops) - 1)
        self._loops.append(loop)
        self._open.append(loop)
        self.now = State({})

    def leave(self, word: str) -> None:
        """``break`` or ``continue``."""
        if self._open and self.now.alive:
            loop = self._open[-1]
            (loop.breaks if word == "break" else loop.continues).append(self.now.reaching)
        self.jump()

    def end_body(self) -> "_Ending":
        """The body of the innermost loop ends; what follows is its ``else``."""
        loop = self._open.pop()
        ends = [*loop.continues, *([self.now.reaching] if self.now.alive else [])]
        self.now = loop.before
        ending = _Ending(self, loop, ends)
        for name, use in loop.uses:
            self._arrive(ending.header(name), name, use)
        for name in set().union(*ends) if ends else ():
            self.now.reaching[name] = ending.header(name)
        return ending


class _Ending:
    """What a loop begins each turn with, once its body is known."""

    def __init__(self, scope: Scope, loop: _Loop, ends: list[Reaching]) -> None:
        self.scope = scope
        self.loop = loop
        self.ends = ends
        self.before = dict(loop.before.reaching)
        self.missing = frozenset((scope._open[-1].token,)) if scope._open else _NONE
        self._kept: Reaching = {}

    def header(self, name: str) -> frozenset[int]:
        """The definitions that reach the loop's beginning, from before it and from its body."""
        if name not in self._kept:
            found = set(self.before.get(name, self.missing))
            for end in self.ends:
                found |= end.get(name, _NONE)
            found.discard(self.loop.token)
            self._kept[name] = frozenset(found)
        return self._kept[name]

    def finish(self) -> None:
        """After the ``else``: the breaks come in."""
        states = [self.scope.now]
        for end in self.loop.breaks:
            resolved = dict(self.before)
            for name, definitions in end.items():
                if self.loop.token in definitions:
                    definitions = (definitions - {self.loop.token}) | self.header(name)
                resolved[name] = definitions
            for name in set().union(*self.ends) if self.ends else ():
                if name not in end:
                    resolved[name] = self.header(name)
            states.append(State(resolved))
        self.scope.merge(states)
