"""Algorithms that stand in another module than the node: are they there, do they take its calls?"""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped, UserError
from selfsame.compiler.identity import Definition, definitions, imported_module
from selfsame.grammar.words import nearest
from selfsame.variants.alternative import Plain, accepts
from selfsame.variants.facts import place
from selfsame.variants.site import Refusal, Site


class Elsewhere:
    """The functions of a tree, read when one is asked for. ``modules``: files by module."""

    def __init__(self, modules: Mapping[str, Path]) -> None:
        self._modules = modules
        self._read: dict[str, dict[str, Definition]] = {}

    def registered(self) -> Mapping[str, str]:
        """The addresses of functions with ``@selfsame.algorithm``, by name."""
        return self._registered

    @cached_property
    def _registered(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for module, path in self._modules.items():
            try:
                marked = b"algorithm" in path.read_bytes()
            except OSError:
                continue
            for definition in self._functions(module).values() if marked else ():
                if definition.registered and "." not in definition.qualname:
                    found.setdefault(definition.qualname, definition.address)
        return found

    def misfits(self, site: Site) -> Iterator[Refusal]:
        """Names of the site's algorithms that mean a function of another module that does not fit.

        Modules outside the tree are left to the run.
        """
        node = site.definition.node
        for name in site.constraints.algorithms:
            address = name if ":" in name else site.registered.get(name) or _imported(site, name)
            module, _, path = address.partition(":")
            if module == site.source.module or module not in self._modules:
                continue
            found = self._functions(module).get(path)
            if found is None or not isinstance(found.node, Plain):
                near = nearest(path, list(self._functions(module)))
                reason = f"{name}: there is no function {path} in {module}"
                yield Refusal(
                    "alternatives", f"{reason}; {near}" if near else reason, place(site, node)
                )
                continue
            first = self._replaced(site, name)
            if first is None:
                continue
            try:
                if found.kind != first.kind:
                    raise Skipped(f"it is a {found.kind}, not a {first.kind}")
                assert isinstance(first.node, Plain)
                accepts(first.node.args, found.node.args)
            except Skipped as skip:
                yield Refusal("alternatives", f"{name}: {skip.reason}", place(site, node))

    def _replaced(self, site: Site, name: str) -> Definition | None:
        """The function whose calls the one called ``name`` would take; None where that is open."""
        others = [other for other in site.constraints.algorithms if other != name]
        own = site.definition
        path = own.address.partition(":")[2]
        if not others or any(o in (path, path.rpartition(".")[2], own.address) for o in others):
            return own if isinstance(own.node, Plain) else None
        known = self._functions(site.source.module)
        beside = [known[other] for other in others if other in known]
        return beside[0] if beside and isinstance(beside[0].node, Plain) else None

    def _functions(self, module: str) -> dict[str, Definition]:
        found = self._read.get(module)
        if found is None:
            try:
                source = Source.read(self._modules[module], module)
                found = {d.address.partition(":")[2]: d for d in definitions(source)}
            except (UserError, OSError):  # it is a note of its own
                found = {}
            self._read[module] = found
        return found


def _imported(site: Site, name: str) -> str:
    """The address of what a `from` import at the top of the module calls ``name``; or "".

    Of relative imports too.
    """
    for statement in site.source.tree.body:
        if not isinstance(statement, ast.ImportFrom):
            continue
        for alias in statement.names:
            if (alias.asname or alias.name) == name:
                source = site.source
                module = imported_module(statement, source.module, source.path)
                return f"{module}:{alias.name}"
    return ""
