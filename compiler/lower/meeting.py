"""From where paths join to the definitions that meet there.

Sets grow with what is met, and a chain of joins has one for each: those over ``MANY`` are not kept,
so that the work is linear in the joins.
"""

from selfsame.compiler.lower.paths import MANY, Phi, Value

Definitions = frozenset[int] | None  # None: more than MANY


class Meeting:
    """The definitions of phis, each found once; phis of loops refer to each other in circles."""

    def __init__(self) -> None:
        self._found: dict[Phi, Definitions] = {}
        self._alone: dict[int, frozenset[int]] = {}

    def of(self, value: Value) -> Definitions:
        """All definitions that ``value`` may stand for; None where they are many."""
        if isinstance(value, int):
            found = self._alone.get(value)
            if found is None:
                found = self._alone[value] = frozenset((value,))
            return found
        return self._found[value] if value in self._found else self._resolve(value)

    def _resolve(self, root: Phi) -> Definitions:
        """Tarjan's strongly connected components: all phis of a circle mean the same."""
        order: dict[Phi, int] = {root: 0}
        lowest: dict[Phi, int] = {root: 0}
        component = [root]
        stack: list[tuple[Phi, int]] = [(root, 0)]
        while stack:
            phi, position = stack.pop()
            operands = phi.operands
            while position < len(operands):
                other = operands[position]
                position += 1
                if isinstance(other, int) or other in self._found:
                    continue
                if other in order:
                    lowest[phi] = min(lowest[phi], order[other])
                    continue
                stack.append((phi, position))
                order[other] = lowest[other] = len(order)
                component.append(other)
                phi, position, operands = other, 0, other.operands
            if lowest[phi] == order[phi]:
                self._close(phi, component)
            if stack:
                above = stack[-1][0]
                lowest[above] = min(lowest[above], lowest[phi])
        return self._found[root]

    def _close(self, phi: Phi, component: list[Phi]) -> None:
        members = []
        while True:
            member = component.pop()
            members.append(member)
            if member is phi:
                break
        sets = set()
        for member in members:
            for operand in member.operands:
                if isinstance(operand, int):
                    sets.add(self.of(operand))
                elif operand in self._found:
                    sets.add(self._found[operand])
        found = _union(sets)
        for member in members:
            self._found[member] = found


def _union(sets: set[Definitions]) -> Definitions:
    """One set that all agree on is shared: most joins change nothing."""
    if len(sets) == 1:
        return sets.pop()
    found: set[int] = set()
    for each in sets:
        if each is None:
            return None
        found |= each
        if len(found) > MANY:
            return None
    return frozenset(found)
