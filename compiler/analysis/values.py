"""What an expression may be, as far as effects need to know: which objects, which types, which code.

A **root** stands for objects: ``("param", p)`` is the argument ``p`` itself and ``("in", p)`` all that
is reached from it; ``("free", x)`` and ``("in-free", x)`` the same for a name of an enclosing function;
``("global", "m.x")`` a module's data; ``("class", address)`` a class's own attributes; ``("new", n)``
what the ``n``-th allocation of this function made, which nobody else has; ``("unknown", "")`` anything.
What is reached from ``p`` says through which attribute: ``("in", "p.lines")``, ``p.[]`` for its items,
``p.lines.*`` for all that is reached from there, ``p.*`` for all that is reached from ``p``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Root = tuple[str, str]
NOTHING: frozenset[Root] = frozenset()

ARGUMENTS_CLASS: Root = ("class", "of an argument")

# What a name may stand for when it is called: ("def", address), ("cached", address),
# ("manager", address), ("class", address), ("known", dotted name), ("module", name),
# ("bound", address, receiver), ("virtual", method name, receiver), ("super", class, receiver).
Ref = tuple[str, str] | tuple[str, str, "Value"]

ANYTHING = "*"
"""In place of a class's address: an instance of any class of the tree."""

IMPORTED = "imported"
"""In place of a class's address: an instance of any class of which the import of the tree made one.

What no captured call brings along (what classes, default values, caches and other packages hold) is in
a worker as the import left it, but for what the call itself puts there.
"""

CODE = frozenset({"function", "type", "module"})


@dataclass(frozen=True, slots=True)
class Value:
    """``own``: the objects it may be; ``types``: the types it may have, None where any; ``refs``: code."""

    own: frozenset[Root] = NOTHING
    types: frozenset[str] | None = None
    refs: frozenset[Ref] = frozenset()

    @property
    def is_code(self) -> bool:
        """Whether ``refs`` is all that a call of it may run."""
        types = self.types
        return types is not None and types <= CODE | {"NoneType"} and bool(types & CODE)

    def without_code(self) -> "Value":
        """The same objects; for receivers inside a ref, which would nest without end."""
        return Value(self.own, self.types) if self.refs else self


BOTTOM = Value(NOTHING, frozenset())
DATA = Value()
ANY = Value(frozenset({("unknown", "")}))


def lean(own: Iterable[Root]) -> frozenset[Root]:
    """The same objects in fewer roots: all that is reached from ``p`` has what ``p.lines`` holds."""
    own = frozenset(own)
    if len(own) < 2:
        return own
    wide = {(root[0], root[1][:-2]) for root in own if root[1][-2:] == ".*" and _is_all(*root)}
    if not wide:
        return own
    return frozenset(
        root
        for root in own
        if root[0] not in ("in", "in-free")
        or _is_all(*root)
        or (root[0], root[1].partition(".")[0]) not in wide
    )


def _is_all(kind: str, name: str) -> bool:
    return kind in ("in", "in-free") and name.partition(".")[2] == "*"


def ordered(refs: Iterable[Ref]) -> list[Ref]:
    """The same code in one order: that of a set is another in each process.

    Following code has a limit, and asks for facts that are made when they are first asked for.
    """
    found = list(refs)
    return found if len(found) < 2 else sorted(found, key=spelled)


def spelled(part: "Root | Ref | Value") -> str:
    """A text that is the same for equal parts, in any process."""
    if isinstance(part, Value):
        types = "any" if part.types is None else sorted(part.types)
        return f"{sorted(part.own)} {types} {[spelled(ref) for ref in ordered(part.refs)]}"
    if len(part) == 3:
        return f"{part[0]} {part[1]} {spelled(part[2])}"
    return f"{part[0]} {part[1]}"


_ONE: dict[Ref, Ref] = {}
_MOST_KEPT = 50_000


def one(ref: Ref) -> Ref:
    """The one object for all equal refs: sets see at once that they have it."""
    if len(_ONE) > _MOST_KEPT:
        _ONE.clear()
    return _ONE.setdefault(ref, ref)


def with_receivers(refs: Iterable[Ref], change: Callable[[Value], Value]) -> frozenset[Ref]:
    """The same code, with other receivers of its methods."""
    return frozenset(one((r[0], r[1], change(r[2]))) if len(r) == 3 else r for r in refs)


def within(value: Value, other: Value) -> bool:
    """Whether ``other`` may be all that ``value`` may."""
    types = other.types is None or (value.types is not None and value.types <= other.types)
    return types and value.own <= other.own and value.refs <= other.refs


def fewest(refs: frozenset[Ref]) -> frozenset[Ref]:
    """The same code without methods of which the receiver is within that of the same method.

    What a receiver may be grows while functions are followed, and what it was before says no more.
    """
    by_method: dict[tuple[str, str], list[tuple[Ref, Value]]] = {}
    bound = 0
    for ref in refs:
        if len(ref) == 3:
            bound += 1
            by_method.setdefault((ref[0], ref[1]), []).append((ref, ref[2]))
    if len(by_method) == bound:
        return refs
    return refs - {
        ref
        for alike in by_method.values()
        for ref, receiver in alike
        if any(other is not ref and within(receiver, wider) for other, wider in alike)
    }


def join(values: Iterable[Value]) -> Value:
    """What is one of ``values``."""
    own: frozenset[Root] = NOTHING
    types: frozenset[str] | None = frozenset()
    refs: frozenset[Ref] = frozenset()
    for value in values:
        own |= value.own
        if value.refs and value.refs != refs:
            refs = fewest(refs | value.refs) if refs else value.refs
        types = None if types is None or value.types is None else types | value.types
    return Value(own, types, refs)


def of_type(*names: str) -> Value:
    """A value without identity (a number, a text): nobody can change it."""
    return Value(NOTHING, frozenset(names))


def holders(value: Value) -> frozenset[Root]:
    """The roots that hold what is put into ``value``: of a class or function, as the data of classes are."""
    return value.own | {
        ("class", str(ref[1])) for ref in value.refs if ref[0] not in ("bound", "virtual", "super")
    }


def code(*refs: Ref) -> Value:
    """A function or class."""
    return Value(NOTHING, frozenset({"function"}), frozenset(refs))
