"""Finding values that hang on one another: those that are asked for first, cycles until nothing changes.

The keys ask for each other while their values are found. A group of keys that ask for each other in a
cycle is a strongly connected component, found while they are followed (Tarjan, 1972); it is repeated
until nothing in it changes before anybody outside of it sees a value, so that what hangs on it is found
once (as in the top-down solver of Le Charlier and Van Hentenryck, 1992).
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_DEEPEST = 18  # finds inside one another, so that long chains do not fill the stack


class _First(Exception):
    """Another key is to be found first, from where the stack is less deep."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Fixpoint(Generic[T]):
    """The values of keys, each found when it is first asked for, with the values that it asks for.

    ``closed`` is told of each that is known for good.

    A key is followed again where what ``seen`` gives of a value that it asked for is another now.
    ``find`` gets a key, how often it was followed with this time, and whom to ask for the values of
    others; as long as a cycle is open it is given what is known so far, at first ``least``. A key that
    was followed over ``most`` times changes nothing any more for those that asked for it.

    Where ``find`` raises an error, what is open stays so: it is followed again when it is asked for.
    """

    def __init__(
        self,
        find: Callable[[str, int, Callable[[str], T]], T],
        seen: Callable[[T], Hashable],
        least: T,
        most: int,
        closed: Callable[[str], None],
    ) -> None:
        self._find = find
        self._seen = seen
        self._least = least
        self._most = most
        self._closed = closed
        self._values: dict[str, T] = {}
        self._passes: dict[str, int] = {}
        self._ended: dict[str, int] = {}  # in which order they were followed to their end at first
        self._open: list[str] = []  # what may change, in the order in which it was met
        self._place: dict[str, int] = {}  # in that order
        self._waits: dict[str, int] = {}  # the first place in it that a key waits for
        self._stale: set[str] = set()  # what was found with a value that is another one now
        self._depth = 0
        self.asking: dict[str, set[str]] = {}
        """By key, who asked for it."""

    def __contains__(self, key: str) -> bool:
        """Whether a value is known for good."""
        return key in self._values and key not in self._place

    def known(self) -> set[str]:
        """The keys whose values are known for good."""
        return self._values.keys() - self._place.keys()

    def met(self) -> set[str]:
        """The keys that were asked for, known for good or not."""
        return set(self._values)

    def put(self, key: str, value: T) -> None:
        """Take a value for good that was found elsewhere."""
        self._values[key] = value

    def drop(self) -> None:
        """Forget what is open: it is found from the beginning when it is asked for."""
        for key in self._open:
            del self._values[key]
        self._open, self._place, self._waits, self._stale = [], {}, {}, set()

    def all_asking(self, key: str) -> list[str]:
        """The key and all that asked for it, directly or not, or were about to."""
        found = {key: None}
        todo = [key]
        while todo:
            more = self.asking.get(todo.pop(), set()) - found.keys()
            found.update(dict.fromkeys(more))
            todo += more
        return list(found)

    def value(self, key: str) -> T:
        """The value of a key, for good."""
        if key not in self._values:
            self._visit(key)
        if key in self._place:  # it waits for what an error left open
            self._settle(0)
            self._close(0)
        return self._values[key]

    def _visit(self, key: str) -> None:
        todo = [key]
        try:
            while todo:
                each = todo[-1]
                if each not in self._values:
                    self._values[each] = self._least
                    self._place[each] = self._waits[each] = len(self._open)
                    self._open.append(each)
                try:
                    self._follow(each)
                except _First as first:
                    todo.append(first.key)
                    continue
                self._ended[each] = len(self._ended)
                if self._waits[each] == self._place[each]:
                    self._settle(self._place[each])
                    self._close(self._place[each])
                todo.pop()
        except BaseException:
            self._stale.update(each for each in todo if each in self._place)
            raise

    def _ask(self, asking: str, key: str) -> T:
        try:
            if key not in self._values:
                if self._depth >= _DEEPEST:
                    raise _First(key)
                self._visit(key)
        finally:  # who asks for the first time sees what was found, and need not be told of it
            self.asking.setdefault(key, set()).add(asking)
        if key in self._place:
            self._waits[asking] = min(self._waits[asking], self._waits[key])
        return self._values[key]

    def _follow(self, key: str) -> None:
        passes = self._passes.get(key, 0) + 1
        self._stale.discard(key)
        self._depth += 1
        try:
            value = self._find(key, passes, lambda other: self._ask(key, other))
        finally:
            self._depth -= 1
        self._passes[key] = passes
        before, self._values[key] = self._values[key], value
        if passes <= self._most and self._seen(value) != self._seen(before):
            self._stale |= self.asking.get(key, set()) & self._place.keys()

    def _settle(self, place: int) -> None:
        """Follow what is stale from a place on until nothing is.

        In sweeps over all of it, each from what is asked for to who asks: where all ask for each other, one
        that was followed until it is stable is stale again with the next.
        """
        at = (-1, 0)
        while stale := [k for k in self._stale if self._place[k] >= place]:
            key = min(stale, key=lambda k: (self._turn(k) <= at, self._turn(k), k))
            at = self._turn(key)
            try:
                self._follow(key)
            except _First as first:
                self._stale.add(key)
                self._visit(first.key)
            except BaseException:
                self._stale.add(key)
                raise

    def _turn(self, key: str) -> tuple[int, int]:
        """What was never followed to its end was left by an error: the last that was asked for first."""
        return self._ended.get(key, len(self._ended)), -self._place[key]

    def _close(self, place: int) -> None:
        """What was met from a place on is known for good, unless it waits for something before."""
        first = min(self._waits[key] for key in self._open[place:])
        if first < place:
            self._waits[self._open[place]] = first
            return
        for key in self._open[place:]:
            del self._place[key], self._waits[key]
            self._closed(key)
        del self._open[place:]
