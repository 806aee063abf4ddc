"""Whether calls of a node may be run again in a worker: what its effects are, on what is captured.

Few functions have no effect whatever they are given: any class may bring an ``__eq__`` that writes a
file. So calls are captured where the function has none on data of builtin types, and what they are
seen to hold then says for which classes and functions it must have none. Where facts do not tell, and
nothing is known to reach out of the process, the calls are run dry: watched by the sandbox, the audit
hook and `selfsame.runtime.shadow.surroundings`, which refuse the node for what really happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from selfsame.compiler.analysis.reading import Reading
from selfsame.compiler.analysis.replayed import OutsideCall
from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.errors import SelfsameError, Skipped
from selfsame.runtime.engine.modules import Modules, Node
from selfsame.runtime.mutation.observe import named


def why_never(node: Node) -> str:
    """Why no call of the node may be run again; empty where it depends on what is captured."""
    why = node.module.facts.never_shadowable(node.address)
    if calls := outside_calls(node):
        try:
            node.module.twin(node.definition, "capture", calls)
        except Skipped as skip:
            return f"what outside functions give cannot be recorded: {skip.reason}"
    return why


def globals_wanted(node: Node) -> list[tuple[str, str]]:
    """The data of modules that must come with a captured call."""
    facts = node.module.facts
    plain = facts.plain(node.address)
    return list(dict.fromkeys([*facts.globals_read(node.address), *plain.globals_read]))


def outside_calls(node: Node) -> tuple[OutsideCall, ...]:
    """The calls of outside functions whose results are recorded with a captured call, and replayed.

    None where a call may be run again without that, or not at all.
    """
    found = node.module.facts.plain(node.address)
    return found.replayed if found.replayable or found.dry else ()


def sends(node: Node, held: World | None) -> bool:
    """Whether calls that hold this may print or log, or code below them: a trial compares that."""
    return node.module.facts.effects(node.address, held).outgoing or runs_dry(node, held)


def runs_dry(node: Node, held: World | None) -> bool:
    """Whether only a worker can tell what calls that hold this leave behind: it looks at all of it."""
    return not node.module.facts.effects(node.address, held).replayable


MOST_READ = 500_000
"""Characters of source: of a larger program, calls are captured whole."""


@dataclass
class Parts:
    """What of instances is captured of a node's calls, where not all: found out in advance."""

    modules: Modules
    _found: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _reading: Reading | None = None
    _read: int = 0

    def prepare(self, node: Node) -> None:
        """Find out what the node can touch of objects; again where modules came since."""
        modules = list(self.modules.by_file.values())
        if self._read != len(modules):
            sources = [module.source for module in modules]
            small = sum(len(source.text) for source in sources) <= MOST_READ
            self._reading, self._found = Reading(sources) if small else None, {}
            self._read = len(modules)
        if node.address not in self._found:
            reading = self._reading
            try:
                touched = reading.touched(node.definition.node) if reading is not None else None
            except SelfsameError:  # a module that cannot be parsed
                touched = None
            self._found[node.address] = touched

    def of(self, address: str) -> dict[str, object]:
        """What the agent is told of it; nothing where calls are captured whole."""
        attributes, reading = self._found.get(address), self._reading
        if attributes is None or reading is None:
            return {}
        return {"attributes": sorted(attributes), "classes": reading.plain_classes}


def world(modules: Modules, node: Node, payloads: Iterable[bytes]) -> World | None:
    """What captured calls were seen to hold; None where that says nothing."""
    main = modules.main
    found = {
        one._replace(module=main) if one.module == "__main__" and main else one
        for one in named(payloads)
    }
    return node.module.facts.seen(sorted(found))


def why_not(node: Node, held: World | None) -> str:
    """Why calls of the node that hold this may not be run again; empty where they may."""
    found = node.module.facts.effects(node.address, held)
    if not (found.replayable or found.dry):
        return found.told
    if not set(found.replayed) <= set(outside_calls(node)):
        return f"what outside functions gave was not recorded with the calls: {found.told}"
    missing = set(found.globals_read) - set(globals_wanted(node))
    if missing:
        return f"it reads `{min(missing)[1]}`, which was not captured with the calls"
    return ""
