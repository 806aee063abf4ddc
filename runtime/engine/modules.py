"""What the engine knows of the user's modules: sources, definitions, facts, and which can be probed.

A function is known to an agent by its key, ``(module, qualname, line)``; here the key gets its
address, and the code that the agent loaded is checked against the source that lies on disk.
"""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import CodeType

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.replayed import OutsideCall
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import compile_tree, function_code
from selfsame.compiler.errors import Skipped, UserError
from selfsame.compiler.identity import (
    Definition,
    InnerNode,
    content_hash,
    definitions,
    find_module,
)
from selfsame.compiler.identity.outlined import PREFIX, loop_path
from selfsame.compiler.instrument.probes import refused
from selfsame.compiler.instrument.twins import probed
from selfsame.compiler.outline import Outline, OutlinedLoop, OutlinedSource, outline
from selfsame.runtime.agent.codes import fingerprint, parameters
from selfsame.runtime.engine.installed import Installed

Key = tuple[str, str, int]
PATIENCE_S = 4.0
"""The processor time for the facts of one function: others wait meanwhile."""

OTHERS_CODE = "the loaded code is not what the source says (edited since, or another tool's)"


@dataclass(frozen=True)
class Node:
    """One function of a program: where it is, what it is, and why it is left alone (if it is)."""

    key: Key
    address: str
    definition: Definition
    module: "Module"
    blocked: str = ""

    @cached_property
    def code(self) -> CodeType:
        """The function's plain code, as it was compiled from the source."""
        return function_code(self.module.code, self.key[1], self.key[2])

    @property
    def untried(self) -> str:
        """Why it is watched but its calls cannot be captured and tried; empty where they can."""
        return refused(self.definition.kind, "capture")

    @property
    def parameters(self) -> int:
        """How many of the code's first variables are parameters, ``*args`` and ``**kwargs`` too."""
        return len(parameters(self.code))

    @cached_property
    def content_hash(self) -> str:
        """The content hash of the function's source."""
        return content_hash(self.definition.node)


class Module:
    """One module's source with what was derived from it; derived when first asked for."""

    def __init__(self, source: Source, resolve: "Modules", optimize: int, is_main: bool) -> None:
        self.source = source
        self.optimize = optimize
        self.is_main = is_main
        self._resolve = resolve
        self._twins: dict[tuple[str, ...], bytes | Skipped] = {}

    @cached_property
    def definitions(self) -> list[Definition]:
        """Every function, lambda and class of the module, in source order."""
        return definitions(self.source)

    @cached_property
    def code(self) -> CodeType:
        """The module compiled as the program compiled it."""
        return compile_tree(self.source.tree, self.source.path, self.optimize)

    @cached_property
    def facts(self) -> ModuleFacts:
        """Effects and dependency sets of the module's functions."""
        modules = self._resolve
        return ModuleFacts.of(
            self.source, modules.source, PATIENCE_S, self.is_main, modules.installed.absent
        )

    @cached_property
    def outline(self) -> Outline:
        """Which loops of a script can be functions, and why others cannot; nothing of other modules."""
        if isinstance(self.source, OutlinedSource):
            return self.source.outline
        return outline(self.source.tree, self.source.text) if self.is_main else Outline()

    def runs_once(self, qualname: str) -> str:
        """That code has no re-entry point because its loops are functions; empty where none is."""
        name = self.source.module
        loops = [loop_path(f.function.name) for f in self.outline.loops if _owner(f) == qualname]
        if not loops or not isinstance(self.source, OutlinedSource):
            return ""
        made = ", ".join(f"{name}:{path}" for path in loops)
        return "; ".join(
            [
                f"no re-entry point: it runs once, with loops that are functions ({made})",
                *self.outline.left_in(qualname),
            ]
        )

    def others(self, names: Collection[str]) -> list["Module"]:
        """The program's other modules of these names."""
        known = list(self._resolve.by_file.values())
        return [m for m in known if m is not self and m.source.module in names]

    def twin(
        self,
        definition: Definition,
        kind: str,
        listened: Sequence[OutsideCall] = (),
        inner: Sequence[InnerNode] = (),
    ) -> bytes:
        """The marshalled probed twin. Raises Skipped where the function is left alone.

        One that captures calls also records what the calls of outside functions in ``listened`` give. Each
        of ``inner`` is timed by itself, too.
        """
        addresses = [node.address for node in inner]
        wanted = (definition.address, f"{kind}, listening" if listened else kind, *addresses)
        if wanted not in self._twins:
            try:
                made = probed(self.source, definition, kind, self.optimize, listened, inner)
                self._twins[wanted] = made
            except Skipped as skip:
                self._twins[wanted] = skip
        found = self._twins[wanted]
        if isinstance(found, Skipped):
            raise found
        return found


def _owner(loop: OutlinedLoop) -> str:
    return loop.owner.name if loop.owner is not None else "<module>"


class Modules:
    """All modules of the programs on one engine. Safe to use from several threads."""

    def __init__(self, roots: Iterable[str] = ()) -> None:
        self.roots = tuple(roots)
        self.by_file: dict[str, Module] = {}
        self.nodes: dict[str, Node] = {}
        self.keys: dict[Key, Node] = {}
        self.problems: list[str] = []
        self.installed = Installed()
        self.asked: set[str] = set()  # names of modules that facts were asked of
        self._lock = threading.RLock()

    def register(
        self,
        name: str,
        file: str,
        rows: Sequence[tuple[str, int, int, str]],
        optimize: int,
        is_main: bool,
    ) -> list[Node]:
        """Take an agent's ``functions`` message; returns the nodes that are new."""
        with self._lock:
            outlined = any(row[0].startswith(PREFIX) for row in rows)
            try:
                module = self._module(name, file, optimize, is_main, outlined)
            except NotADirectoryError:
                archive = next((str(p) for p in Path(file).parents if p.is_file()), file)
                problem = (
                    f"{archive}: code in an archive is not watched; unpack it and start its folder"
                )
                if problem not in self.problems:
                    self.problems.append(problem)
                return []
            except (UserError, OSError) as error:
                self.problems.append(f"{file}: {error}")
                return []
            return [
                node
                for qualname, line, print_, kind in rows
                if (node := self._node(module, (name, qualname, line), print_, kind)) is not None
            ]

    def source(self, name: str) -> Source | None:
        """The source of a module of the user's, by its dotted name; None where it is not one."""
        with self._lock:
            self.asked.add(name)
            for module in self.by_file.values():
                if module.source.module == name:
                    return module.source
        return find_module(name, self.roots)

    @property
    def main(self) -> str:
        """The name of the module that runs as ``__main__``; empty where none is the user's."""
        return next((m.source.module for m in list(self.by_file.values()) if m.is_main), "")

    def left_at_top(self) -> list[str]:
        """Why loops at the top level of the script stay where they are."""
        mains = [m for m in list(self.by_file.values()) if m.is_main]
        return [text for module in mains for text in module.outline.left_in("<module>")]

    def algorithms(self) -> dict[str, str]:
        """The addresses of functions with ``@selfsame.algorithm`` at the top of a module, by name."""
        found: dict[str, str] = {}
        for module in list(self.by_file.values()):
            for definition in module.definitions:
                if definition.registered and "." not in definition.qualname:
                    found.setdefault(definition.qualname, definition.address)
        return found

    def find(self, address: str) -> Node | None:
        """The node at an address, if an agent has registered it."""
        return self.nodes.get(address)

    def _module(self, name: str, file: str, optimize: int, is_main: bool, outlined: bool) -> Module:
        found = self.by_file.get(file)
        if found is None or (outlined and not isinstance(found.source, OutlinedSource)):
            read = OutlinedSource.read if outlined else Source.read
            found = Module(read(file, name), self, optimize, is_main)
            found.definitions  # noqa: B018 - raises here where the file does not parse
            self.by_file[file] = found
        return found

    def _node(self, module: Module, key: Key, print_: int, kind: str) -> Node | None:
        if key in self.keys:
            return None
        named = [d for d in module.definitions if d.qualname == key[1] and d.kind != "class"]
        matches = [d for d in named if d.line == key[2]]
        if matches:
            definition = matches[0]
            blocked = self._blocked(module, definition, key, print_, len(matches))
        else:
            # Compiled anew from the source, it may begin at its `def` and not at its decorator.
            matches = [d for d in named if d.line < key[2] <= (d.node.end_lineno or d.line)]
            if len(matches) != 1:
                place = f"{key[0]}:{key[1]} line {key[2]}"
                self.problems.append(f"{place} is not in {module.source.path}")
                return None
            definition, blocked = matches[0], OTHERS_CODE
        node = Node(key, definition.address, definition, module, blocked)
        self.keys[key] = node
        if blocked != OTHERS_CODE or node.address not in self.nodes:
            self.nodes[node.address] = node
        return node

    def _blocked(
        self, module: Module, definition: Definition, key: Key, print_: int, matches: int
    ) -> str:
        """Why a function cannot be probed or changed; empty where it can."""
        if matches > 1:
            return "several functions share its name and line"
        try:
            code = function_code(module.code, key[1], key[2])
        except Skipped as skip:
            return skip.reason
        if fingerprint(code) != print_:
            return module.runs_once(definition.qualname) or OTHERS_CODE
        return ""

    def block(self, address: str, reason: str) -> Node:
        """Leave a node alone from now on, with the reason that users see."""
        with self._lock:
            node = self.nodes[address]
            if not node.blocked:
                node = replace(node, blocked=reason)
                self.nodes[address] = self.keys[node.key] = node
            return node
