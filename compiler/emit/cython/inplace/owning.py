"""What objects that were made in the call hold: as long as it is others that were, what is read out of them is as new.

Nothing that is done to such an object has to be noted, since it goes with the call when that is given up. The items of
all containers are one place here, and an attribute of a class is one. A place is mixed once something that came in may be
there: because the text puts it there; for items also because a container came in, whose items a copy of it holds; and because
what holds the place was put into something that came in, where others, as threads, can reach it.
"""

from collections.abc import Mapping

from selfsame.compiler.emit.cython.inplace.kinds import ANY, UNBOXED, Kind

Place = tuple[str, str]
ITEMS: Place = ("", "")
_ALL = "*"
_EVERYWHERE: Place = (_ALL, _ALL)
# What nothing can be done to, and what holds no object.
_LASTING = UNBOXED | {
    "wide", "str", "bytes", "None", "nothing", "member", "pattern", "match", "range", "function",
}  # fmt: skip
_EMPTY = frozenset({"instance", "array", "bytearray", "random", "error"})


def lasts(kind: Kind) -> bool:
    """Whether objects of a kind are always as they were."""
    return kind.name in _LASTING


class Owning:
    """``mixed``: the places; ``held``: what was put into containers that were made in the call."""

    def __init__(self, attributes: Mapping[Place, Kind]) -> None:
        self._attributes = attributes
        self.changed = False
        self.mixed: set[Place] = set()
        self.held: set[Kind] = set()

    def owns(self, place: Place) -> bool:
        """Whether what a new object has at a place is new as well."""
        return self.mixed.isdisjoint({place, (place[0], _ALL), _EVERYWHERE})

    def comes_in(self, kind: Kind) -> None:
        """A value that was not made in the call."""
        if not lasts(kind) and kind.name not in _EMPTY:
            self._mix(ITEMS)

    def keep(self, kind: Kind, fresh: bool, place: Place) -> None:
        """A value is put at a place of what may be a new object."""
        if lasts(kind):
            return
        if not fresh:
            self._mix(place)
        if place == ITEMS and kind not in self.held:
            self.held.add(kind)
            self.changed = True

    def let_out(self, kind: Kind) -> None:
        """A value is put where others can reach it, and all that it holds."""
        met: set[Place | Kind] = set()
        ahead = [kind]
        while ahead:
            found = ahead.pop()
            if lasts(found) or found in met:
                continue
            met.add(found)
            if found == ANY or found.name == "error":
                self._mix(_EVERYWHERE)
            for cls in found.cls.split("|") if found.name in ("instance", "named") else []:
                self._mix((cls, _ALL))
                ahead += [held for at, held in list(self._attributes.items()) if at[0] == cls]
            if found.name != "instance":
                self._mix(ITEMS)
                ahead += [*self.held, *found.parts]

    def _mix(self, place: Place) -> None:
        if place not in self.mixed:
            self.mixed.add(place)
            self.changed = True
