"""What the objects hold that one function has to do with, as far as it was learnt.

What was looked up is kept with the objects that it was read from, and is found anew only when more was
learnt of one of these.
"""

import ast
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from selfsame.compiler.analysis.met import Names
from selfsame.compiler.analysis.values import (
    ANYTHING,
    BOTTOM,
    NOTHING,
    Ref,
    Root,
    Value,
    fewest,
    join,
    lean,
    with_receivers,
)


class TooIntricate(Exception):
    """Following a function would take more work than any answer is worth."""


@dataclass(slots=True)
class Cell:
    """What an object holds: other objects, and code."""

    own: frozenset[Root] = NOTHING
    refs: frozenset[Ref] = frozenset()


class Seen(Protocol):
    """What is known of a function: of two that are seen the same, callers are the same."""

    @property
    def seen(self) -> Hashable:
        """All that makes a difference to a function that calls it."""
        ...


@dataclass(slots=True, eq=False)
class Read:
    """What was looked up, and the work that it took.

    Either a part of objects (``of``), which is the same as long as the ``stamp`` of these is; or found
    by other ``reads``; or what is known of a function that is ``called``. ``learnt`` is how much had
    been learnt in all when it was last the same, -1 once it is not.
    """

    value: Value
    work: int
    learnt: int
    of: tuple[frozenset[Root], str] | None = None
    objects: tuple[Root, ...] = ()
    stamp: int = 0
    reads: tuple["Read", ...] = ()
    called: tuple[str, Seen] | None = None


Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True, eq=False)
class Holding:
    """The objects of one function under analysis, and what they hold."""

    names: Names
    lookup: Callable[[str], Seen]
    heap: dict[Root, dict[str, Cell]] = field(default_factory=dict, init=False)
    inside: dict[Root, list[Root]] = field(
        default_factory=dict, init=False
    )  # by argument: what of it holds something
    made: dict[Root, str] = field(default_factory=dict, init=False)
    news: dict[tuple[int, str], int] = field(default_factory=dict, init=False)
    places: dict[Root, ast.expr] = field(default_factory=dict, init=False)  # by what is made there
    carries: dict[Root, list[Value]] = field(
        default_factory=dict, init=False
    )  # by iterators: what they go over
    meets: set[str] = field(default_factory=set, init=False)
    work: int = field(default=0, init=False)
    grown: int = field(default=0, init=False)  # how often an object turned out to hold more
    learnt: int = field(default=0, init=False)  # how often more became known of what objects hold
    of_each: dict[Root, int] = field(
        default_factory=dict, init=False
    )  # the same, of each object, and of all of an argument
    known_parts: dict[tuple[frozenset[Root], str], Read] = field(default_factory=dict, init=False)
    known_reach: dict[tuple[frozenset[Root], frozenset[Ref]], Read] = field(
        default_factory=dict, init=False
    )
    known_calls: dict[str, Read] = field(default_factory=dict, init=False)
    reading: list[Read] = field(
        default_factory=list, init=False
    )  # what was looked up for what is being found

    def new(self, node: ast.AST, type_: str, *contents: Value, part: str = "") -> Value:
        """An object that this function makes at ``node``, holding what ``contents`` are."""
        root = ("new", str(self.news.setdefault((id(node), part), len(self.news))))
        if not part and isinstance(node, ast.expr):
            self.places[root] = node
        for value in contents:
            self.hold([root], value)
        self.heap.setdefault(root, {})
        if self.made.get(root) != type_:
            self.made[root] = type_
            self._learn(root)
        return Value(frozenset({root}), frozenset({type_}) if type_ else None)

    def meet(self, value: Value) -> None:
        """``value`` goes where its roots are not looked at: instances of which classes may it be?

        What comes in with the outermost call is of the world that is assumed; the rest is noted.
        """
        if ("unknown", "") in value.own:
            self.meets.add(ANYTHING)

    def hold(self, roots: Iterable[Root], value: Value, field: str = "*") -> None:
        """``value`` is now reached from each of ``roots``: in an attribute, as an item (``[]``, ``[1]``) or key (``{}``)."""
        self.meet(value)
        own, refs = value.own, value.refs
        if refs:
            refs = with_receivers(refs, Value.without_code)
        for root in roots:
            fields = self.heap.get(root)
            if fields is None:
                fields = self.heap[root] = {}
                if root[0] in ("in", "in-free"):
                    self.inside.setdefault((root[0], base_of(root[1])), []).append(root)
            cell = fields.get(field)
            if cell is None:
                cell = fields[field] = Cell()
            more = cell.refs if refs <= cell.refs else fewest(cell.refs | refs)
            if not own <= cell.own or more != cell.refs:
                cell.own |= own
                cell.refs = more
                self.grown += 1
                self._learn(root)

    def _learn(self, root: Root) -> None:
        self.learnt += 1
        self.of_each[root] = self.of_each.get(root, 0) + 1
        if root[0] in ("in", "in-free"):
            argument = (root[0], base_of(root[1]))
            self.of_each[argument] = self.of_each.get(argument, 0) + 1

    def carry(self, root: Root, values: list[Value]) -> None:
        """An iterator goes over ``values``."""
        self.carries[root] = values

    def parts(self, value: Value, field: str = "*") -> Value:
        """What is stored in ``value``: in one attribute, or anywhere in it.

        ``[]`` is what subscripts give, ``{}`` what an iteration does (of a dict the keys), ``{}*`` the
        keys alone, ``[1]`` the second that is unpacked. An argument's items are all in ``p.[]``.
        """
        if value.refs:
            self.meets.update(str(ref[1]) for ref in value.refs if ref[0] == "class")
        key = (value.own, field)
        return self.looked_up(self.known_parts, key, lambda: self._counted(self._parts(*key)))

    def looked_up(self, known: dict[Key, Read], key: Key, find: Callable[[], Read]) -> Value:
        """What was found before for a key; the work of finding it counts as often as it is asked for."""
        found = known.get(key)
        if found is not None and self.holds(found):
            self.worked(found.work)
        else:
            found = known[key] = find()
        self.reading.append(found)
        return found.value

    def calls(self, address: str, known: Seen) -> Read:
        """That a function is called of which so much is known."""
        found = self.known_calls.get(address)
        if found is None or found.called is None or found.called[1] is not known:
            found = self.known_calls[address] = Read(
                BOTTOM, 0, self.learnt, called=(address, known)
            )
        return found

    def holds(self, read: Read) -> bool:
        """Whether what was looked up would be the same now."""
        if read.learnt != self.learnt and read.learnt >= 0:
            same = self._stamp(read.objects) == read.stamp and all(map(self.holds, read.reads))
            if not same and read.of is not None:
                now = self._parts(*read.of)
                same = now.value == read.value
                read.objects, read.stamp, read.work = now.objects, now.stamp, now.work
            if same and read.called is not None:
                address, before = read.called
                same = self.lookup(address).seen == before.seen
            read.learnt = self.learnt if same else -1
        return read.learnt >= 0

    def _stamp(self, objects: Iterable[Root]) -> int:
        known = self.of_each
        return sum([known[each] for each in objects if each in known])

    def worked(self, more: int) -> None:
        """Count work. Raises TooIntricate where it is too much for one function."""
        self.work += more
        if self.work > _MOST_WORK:
            raise TooIntricate

    def _counted(self, read: Read) -> Read:
        self.worked(read.work)
        return read

    def _parts(self, roots: frozenset[Root], field: str) -> Read:
        named = "[]" if field[0] in "[{" else field
        own: set[Root] = set()
        refs: set[Ref] = set()
        related: dict[Root, None] = {}  # each once: the roots of one argument overlap
        anywhere: set[Root] = set()
        classes: set[str] = set()
        for root in roots:
            kind, name = root
            # The objects of another root may be among those of this one.
            related[root] = None
            if kind in ("in", "in-free"):
                base, _, path = name.partition(".")
                if path == "*":
                    anywhere.add((kind, base))
                else:
                    related[kind, f"{base}.*"] = None
                own.add(root if name.endswith(".*") else (kind, f"{name}.*"))
            elif kind in ("param", "free"):
                own.add(("in" if kind == "param" else "in-free", f"{name}.{named}"))
            elif kind != "new":
                own.add(root)
            elif field[0] not in "[{" and self.made.get(root) in self.names.program.classes:
                classes.add(self.made[root])
        for class_ in sorted(classes):
            common = self.names.of_instances(class_, field)
            own |= common.own
            refs |= common.refs
        objects = (*related, *anywhere)
        for argument in anywhere:
            related.update(dict.fromkeys(self.inside.get(argument, ())))
        work = len(roots) + len(related)
        for known in related:
            for stored, cell in self.heap.get(known, _NOTHING_HELD).items():
                if field == "*" or stored in (field, "*") or _gives(field, stored):
                    own |= cell.own
                    refs |= cell.refs
        value = Value(lean(own), None, fewest(frozenset(refs)))
        return Read(value, work, self.learnt, (roots, field), objects, self._stamp(objects))

    def reached(self, value: Value) -> Value:
        """All that is reached from ``value``, itself included."""
        key = (value.own, value.refs)
        return self.looked_up(self.known_reach, key, lambda: self._reached(value))

    def _reached(self, value: Value) -> Read:
        outer, self.reading = self.reading, []
        before = self.work
        own: set[Root] = set()
        refs = set(value.refs)
        queue = [value]
        while queue:
            item = queue.pop()
            receivers = [r[2] for r in item.refs if len(r) == 3 and not r[2].own <= own]
            if receivers:  # all at once: the work is the same in any order
                queue.append(join(receivers))
            if item.own <= own:
                continue
            own |= item.own
            deeper = self.parts(item)
            refs |= deeper.refs
            queue.append(deeper)
        found = Value(lean(own), None, fewest(frozenset(refs)))
        reads, self.reading = tuple(self.reading), outer
        return Read(found, self.work - before, self.learnt, reads=reads)


def base_of(name: str) -> str:
    """The argument or variable of a path: ``p`` of ``p.lines``."""
    return name.partition(".")[0]


def _gives(read: str, stored: str) -> bool:
    """Whether a way of reading items gives what was stored as ``[]``, as a key or at a position."""
    if read == "[]":
        return stored.startswith("[")
    if read == "{}":
        return stored.startswith(("[", "{"))
    if read == "{}*":
        return stored == "{}"
    return read.startswith("[") and stored in ("[]", "{}")


_MOST_WORK = 24_000  # objects looked at over one function: a tenth of a second
_NOTHING_HELD: dict[str, Cell] = {}
