"""Collects the dependency set of a function from what its analysis relied on."""

import ast
from collections.abc import Iterable

from selfsame.compiler.analysis.met import Names
from selfsame.compiler.analysis.program import Module, Program
from selfsame.compiler.identity import Definition, content_hash
from selfsame.compiler.identity.dependencies import (
    attribute_names,
    binding_text,
    combined,
    global_names,
    layout_hash,
    python_version,
)


class Dependencies:
    """The dependency sets of one module's functions.

    Methods are found by name, so a set also tells which classes define the method names that were
    used, among the modules that this module imports, directly or not: a class added elsewhere in
    the program later changes no set.
    """

    def __init__(self, program: Program, module: Module, names: Names) -> None:
        self.program = program
        self.module = module
        self.names = names

    def of(
        self,
        definition: Definition,
        functions: Iterable[str],
        reads: Iterable[tuple[str, str]],
    ) -> dict[str, str]:
        """The set over ``functions``, the definition and all its callees, and the data they read."""
        found = {"python": python_version()}
        attributes: set[str] = set()
        for address in functions:
            relied, module = self.program.definition(address), self.program.of(address)
            if relied is None or module is None:
                continue
            found[address] = content_hash(relied.node)
            attributes.update(attribute_names(relied.node))
            self._class_of(relied.parent, found)
            for name in global_names(relied.node):
                self._name(module, name, found)
        for module_name, name in reads:
            source = self.program.modules.get(module_name)
            if source is not None:
                self._name(source, name, found)
        found["methods"] = self._methods(attributes)
        return dict(sorted(found.items()))

    def _name(self, module: Module, name: str, found: dict[str, str]) -> None:
        key = f"{module.name}:{name} (name)"
        if key in found:
            return
        bindings = module.bindings.get(name, [])
        statements = [b.statement for b in bindings if b.statement is not None]
        found[key] = binding_text(name, [s for s in statements if not _defines(s)])
        for binding in bindings:
            if binding.kind in ("def", "class"):
                found[key] = found[key].replace("builtin", "") + f" {binding.kind}"
                self._target(binding.target, found)
            elif binding.kind == "from":
                base, _, attribute = binding.target.partition(":")
                source = self.program.module(base)
                if source is not None:
                    self._name(source, attribute, found)

    def _target(self, address: str, found: dict[str, str]) -> None:
        definition = self.program.definition(address)
        if definition is None:
            return
        if isinstance(definition.node, ast.ClassDef):
            self._class_of(address, found)
        else:
            found.setdefault(address, content_hash(definition.node))

    def _class_of(self, address: str | None, found: dict[str, str]) -> None:
        info = self.program.classes.get(address or "")
        if info is None:
            return
        for each in self.names.mro(info.address)[0]:
            found.setdefault(f"{each.address} (layout)", layout_hash(each.node))

    def _methods(self, attributes: set[str]) -> str:
        modules = self._closure()
        parts = []
        for name, definers in sorted(self.program.methods.items()):
            if name in attributes or (name.startswith("__") and name.endswith("__")):
                addresses = sorted(a for info, a in definers if info.module.name in modules)
                parts += [f"{name}={address}" for address in addresses]
        stored = {
            name
            for module in modules
            if (source := self.program.modules.get(module)) is not None
            for name in source.stored_attributes & attributes
        }
        return combined([*parts, *sorted(stored)])

    def _closure(self) -> set[str]:
        seen = {self.module.name}
        queue = [self.module]
        while queue:
            for name in queue.pop().imports:
                module = self.program.modules.get(name)
                if module is not None and name not in seen:
                    seen.add(name)
                    queue.append(module)
        return seen


def _defines(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
