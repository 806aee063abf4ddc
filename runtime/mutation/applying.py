"""Accepted rewrites that have a source form, written into the user's files.

A rewrite has one where it is Python that stands for itself: no check at run time with the original
behind it, no helper of selfsame's, no machine code. Content hash and dependency set must be what
they were when it was tried.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.edits import written
from selfsame.compiler.errors import SelfsameError, Skipped
from selfsame.compiler.identity import content_hash, definitions
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.mutation.adoption import Place, check_current, node_of, remake
from selfsame.runtime.versions.errors import Unknown, WrongPython
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Variation

OURS: Final = "selfsame"


@dataclass
class Patch:
    """One file: its text as it is and as it is to be, and the nodes that are rewritten in it."""

    path: Path
    raw: bytes
    before: str
    after: str
    nodes: list[str] = field(default_factory=list)

    def data(self) -> bytes:
        """The bytes of the new text, with the encoding and the line ends of the old one.

        Raises Skipped where the line ends are mixed.
        """
        encoding, _ = tokenize.detect_encoding(io.BytesIO(self.raw).readline)
        ends = self.raw.count(b"\r\n"), self.raw.count(b"\n"), self.raw.count(b"\r")
        if (ends[0] and len(set(ends)) > 1) or (ends[2] and not ends[0]):
            raise Skipped("the line ends of its file are mixed")
        return self.after.replace("\n", "\r\n" if ends[0] else "\n").encode(encoding)


@dataclass
class Plan:
    """What would be written, by file; and why the rest is not, by node."""

    patches: dict[Path, Patch] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


def plan(store: Store, place: Place, entries: Iterable[NodeEntry]) -> Plan:
    """What `apply` would write of ``entries``. Every file is looked at before any is changed."""
    modules = Modules(place.roots)
    made = Plan()
    for entry in entries:
        try:
            _add(made, store, modules, place, entry)
        except Skipped as skip:
            made.left[entry.address] = skip.reason
        except SelfsameError as error:
            made.left[entry.address] = str(error)
    return made


def _add(made: Plan, store: Store, modules: Modules, place: Place, entry: NodeEntry) -> None:
    if not entry.runs:
        raise Skipped(f"it is {entry.state}: what runs in full can be written")
    node = node_of(entry.address, modules, place)
    check_current(node, modules, entry)
    try:
        variation = store.get_rewrite(entry.rewrite)
    except (Unknown, WrongPython):
        variation = remake(node, entry)
    new, imports = source_form(variation)
    path = Path(node.module.source.path).resolve()
    patch = made.patches.get(path)
    if patch is None:
        text = node.module.source.text
        patch = Patch(path, path.read_bytes(), text, text)
        if Source.decoded(patch.raw, path, "").text != text:
            raise Skipped("its file has changed just now")
    # Another node of the file may have been rewritten already.
    source = Source(str(path), node.module.source.module, patch.after)
    definition = next((d for d in definitions(source) if d.address == entry.address), None)
    if definition is None or content_hash(definition.node) != entry.content_hash:
        raise Skipped("it overlaps with another rewrite of this file: apply again after a run")
    patch.after = written(source, definition, new, imports)
    patch.data()
    patch.nodes.append(entry.address)
    made.patches[path] = patch


def source_form(
    variation: Variation,
) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, list[tuple[str, str]]]:
    """The rewrite as Python that stands for itself, and its (module, name) imports.

    Raises Skipped where it has no such form.
    """
    imports = []
    for constant in variation.constants:
        if constant.kind == "extension":
            raise Skipped("it has no source form: it is machine code")
        if constant.kind == "memory":
            raise Skipped(
                "it has no source form: its results are forgotten with what they rely on, which code "
                "that stands for itself cannot see; functools.lru_cache(maxsize=...) is near it, where "
                "1 and 1.0, or 0.0 and -0.0, may share a result and all arguments have a hash"
            )
        if constant.kind == "deopt":
            raise Skipped(
                "it has no source form: it checks at run time, and goes back to the original"
            )
        if constant.module.partition(".")[0] == OURS:
            raise Skipped(
                f"it has no source form: {constant.attribute} is a helper inside selfsame"
            )
        if constant.module.partition(".")[0] not in sys.stdlib_module_names:
            raise Skipped(f"{constant.module} would have to be imported by its module")
        imports.append((constant.module, constant.attribute))
    if variation.guards:
        raise Skipped(f"it has no source form: it is right only where {variation.guards[0]}")
    try:
        (new,) = ast.parse(variation.source).body
    except (SyntaxError, ValueError):
        raise Skipped("it has no source form: it is no function in Python") from None
    if not isinstance(new, ast.FunctionDef | ast.AsyncFunctionDef):
        raise Skipped("it has no source form: it is no function of its own")
    return new, imports
