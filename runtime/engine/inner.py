"""What CDL names inside functions: loops, comprehensions and calls that are timed by themselves."""

from collections.abc import Sequence

from selfsame.compiler.constraints.bind import Binding
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import InnerNode, identify
from selfsame.compiler.instrument.inner import MOST, untimed
from selfsame.runtime.engine.modules import Modules, Node


class Inner:
    """Those of each function. What cannot be timed by itself is among ``problems``, with why."""

    def __init__(self, modules: Modules) -> None:
        self.problems: list[str] = []
        self._modules = modules
        self._binding: Binding | None = None
        self._known = 0
        self._of: dict[str, tuple[InnerNode, ...]] = {}

    def bind(self, binding: Binding | None) -> None:
        """Take what the constraints name; again where functions have come."""
        known = len(self._modules.nodes)
        if binding is self._binding and known == self._known:
            return
        self._binding, self._known = binding, known
        self._of, self.problems = {}, []
        for address in binding.inside if binding is not None else ():
            if not self._bounded(address):
                continue
            owner = address.partition("/")[0]
            node = self._modules.find(owner)
            if self._modules.find(address) is not None:
                continue  # the loop is a function by now
            if node is None:
                if self._in_no_function(owner):
                    self._left(address, "it is in no function")
                continue
            found = identify(node.module.source).by_address.get(address)
            if not isinstance(found, InnerNode):
                continue
            here = self._of.get(owner, ())
            why = untimed(found)
            if not why and len(here) >= MOST:
                why = f"{MOST} of one function are timed at most"
            if why or node.blocked:
                self._left(address, why or node.blocked)
            else:
                self._of[owner] = (*here, found)

    def _in_no_function(self, owner: str) -> bool:
        """Whether code is a module's or a class's; False where its module is not there yet."""
        name = owner.partition(":")[0]
        loaded = [m for m in list(self._modules.by_file.values()) if m.source.module == name]
        functions = {d.address for m in loaded for d in m.definitions if d.kind != "class"}
        return bool(loaded) and owner not in functions

    def _bounded(self, address: str) -> bool:
        found = self._binding.of(address) if self._binding is not None else None
        return found is not None and bool(found.bounds)

    def functions(self) -> list[str]:
        """The functions in which something is timed."""
        return list(self._of)

    def of(self, address: str) -> tuple[InnerNode, ...]:
        """What is timed in a function, in the order in which a twin numbers it."""
        return self._of.get(address, ())

    def addresses(self) -> list[str]:
        """All that is timed."""
        return [node.address for nodes in self._of.values() for node in nodes]

    def within(self, address: str) -> str:
        """That one is worked on as a part of its function; empty for what is not timed inside one."""
        owner = address.partition("/")[0]
        here = any(one.address == address for one in self.of(owner))
        return f"it is rewritten with {owner}, of which it is a part" if here else ""

    def twin(self, node: Node) -> tuple[bytes, Sequence[InnerNode]]:
        """The twin that times a function, and what is timed in it. Raises Skipped where there is none."""
        while inner := self.of(node.address):
            try:
                return node.module.twin(node.definition, "time", inner=inner), inner
            except Skipped:
                node.module.twin(node.definition, "time")  # raises where it is the function's
                self._leave_one(node)
        return node.module.twin(node.definition, "time"), ()

    def _leave_one(self, node: Node) -> None:
        """Find which one cannot be timed, and leave it out."""
        for one in self.of(node.address):
            try:
                node.module.twin(node.definition, "time", inner=[one])
            except Skipped as skip:
                self._left(one.address, skip.reason)
                self._of[node.address] = tuple(n for n in self.of(node.address) if n is not one)
                return
        for one in self.of(node.address):
            self._left(one.address, "it cannot be timed beside the others")
        del self._of[node.address]

    def _left(self, address: str, why: str) -> None:
        self.problems.append(f"{address} is not timed by itself: {why}")
