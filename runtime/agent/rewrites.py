"""Rewrites: what was sent for each node, what is put in, and how it comes out again."""

from __future__ import annotations

import sys
from marshal import loads

from selfsame.runtime.agent import memo
from selfsame.runtime.agent.codes import patch, placeholders
from selfsame.runtime.agent.recorder import Counter
from selfsame.runtime.agent.relied import Elsewhere, Relied, rows_of
from selfsame.runtime.agent.sums import sha256
from selfsame.runtime.agent.swap import NotHere, Refused, lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import CodeType, ModuleType
    from typing import Any

    from selfsame.runtime.agent.registry import Registry
    from selfsame.runtime.agent.relied import Rows
    from selfsame.runtime.agent.swap import Key, Slot
    from selfsame.runtime.link.wire import Message

    Constants = Iterable[tuple[str, str, str, str, str, str]]

# What may be imported for a rewrite. Not all of the standard library: the thread that first imports
# threading becomes its main thread, and the agent's is not the one.
QUIET = frozenset(
    ("array", "bisect", "collections", "functools", "heapq", "itertools", "math", "operator")
)

_extensions: dict[tuple[str, str], ModuleType] = {}


class Rewrite:
    """One rewrite of one node, as it was sent; ``make`` gives the code for a plain code object."""

    def __init__(
        self,
        key: Key,
        address: str,
        number: str,
        code: CodeType,
        mapping: dict[str, object],
        rows: Rows = (),
    ) -> None:
        self.rows = list(rows)
        self.relied: Relied | None = None
        self.key = key
        self.address = address
        self.id = number
        self.code = patch(code, mapping)
        left = placeholders(self.code)
        if left:
            raise Refused(f"it has placeholders without a meaning: {sorted(left)}")

    def make(self, plain: CodeType) -> CodeType:
        """The code to put in; the same for every function object."""
        return self.code


class Rewrites:
    """What is held and what runs, by address. ``send`` gets ``installed`` and ``removed``."""

    def __init__(
        self,
        registry: Registry,
        send: Callable[[Message], None],
        before: Callable[[Key], None],
    ) -> None:
        self.registry = registry
        self.send = send
        self.before = before  # closes the window of a key
        self.held: dict[str, Rewrite] = {}
        self.installed: dict[str, Rewrite] = {}
        self.waiting: dict[str, Rewrite] = {}  # what one relied on is not here now

    def install(self, message: Message) -> str:
        """Carry out an ``install`` message; the answer says whether it is in, or why not.

        Returns why not, too; empty where it is in.
        """
        reason, here = "", False
        address, number = str(message["address"]), str(message["rewrite"])
        rewrite: Rewrite | None = None
        try:
            mapping = self.constants(message["constants"], Counter())
            code = loads(message["code"])
            rewrite = Rewrite(
                tuple(message["key"]), address, number, code, mapping, rows_of(message)
            )
            self.held[address] = rewrite
            self.waiting.pop(address, None)
            self._put(rewrite)
        except Elsewhere as refused:
            assert rewrite is not None  # only putting it in asks where the function is
            reason = str(refused)
            self.waiting[address] = rewrite
            self._answer(address, number, reason, here=True, waits=True)
            return reason
        except Refused as refused:
            reason, here = str(refused), isinstance(refused, NotHere)
        except Exception as error:
            reason, here = f"{type(error).__name__}: {error}", True
        if reason and rewrite is not None:  # else what is held is an earlier one, still good
            self.held.pop(address, None)
        self._answer(address, number, reason, here)
        return reason

    def converge(self, nodes: Mapping[str, Mapping[str, Any]], off: bool) -> None:
        """Run what the orders name and nothing else."""
        for address, rewrite in list(self.installed.items()):
            named = (nodes.get(address) or {}).get("rewrite")
            if off or named != rewrite.id:
                self.remove(address, "switched off" if off else "the orders name it no more")
        for address, rewrite in list(self.waiting.items()):
            if off or (nodes.get(address) or {}).get("rewrite") != rewrite.id:
                del self.waiting[address]
        if off:
            return
        for address, rewrite in list(self.held.items()):
            named = (nodes.get(address) or {}).get("rewrite")
            if (
                named == rewrite.id
                and address not in self.installed
                and address not in self.waiting
            ):
                try:
                    self._put(rewrite)
                except Elsewhere as refused:
                    self.waiting[address] = rewrite
                    self._answer(address, rewrite.id, str(refused), here=True, waits=True)
                except Refused as refused:
                    del self.held[address]
                    self._answer(address, rewrite.id, str(refused), isinstance(refused, NotHere))
                else:
                    self._answer(address, rewrite.id, "")

    def remove(self, address: str, reason: str) -> None:
        """Put the original back; the rewrite stays held."""
        rewrite = self.installed.pop(address)
        self.before(rewrite.key)
        memo.forget(address)
        slot = self.registry.slots[rewrite.key]
        with lock:
            if slot.rewrite == rewrite.make:
                slot.rewrite = None
                try:
                    slot.apply()
                except Refused as refused:
                    reason = str(refused)
                slot.forget_made()
        self.send({"t": "removed", "address": address, "rewrite": rewrite.id, "reason": reason})

    def tick(self) -> None:
        """Leave to other tools what they changed; rewrite function objects that are new."""
        for address, rewrite in list(self.installed.items()):
            slot = self.registry.slots[rewrite.key]
            if slot.stood_down or slot.foreign():
                with lock:
                    slot.stand_down("another tool changed its code")
                self.held.pop(address, None)
                self.remove(address, slot.stood_down)
            elif rewrite.relied is not None and (name := rewrite.relied.broken()):
                self.remove(address, f"it relied on {name}, which was bound anew here")
                self.waiting[address] = rewrite
        for address, rewrite in list(self.waiting.items()):
            self._again(address, rewrite)
        while self.registry.late:
            slot = self.registry.late.pop()
            with lock:
                try:
                    slot.apply()
                except Refused:
                    pass  # the next tick finds that it has stood down

    def _again(self, address: str, rewrite: Rewrite) -> None:
        """Put a rewrite in again where all that it relied on is as it was."""
        if rewrite.relied is not None and rewrite.relied.broken():
            return
        try:
            self._put(rewrite)
        except Elsewhere:
            return
        except Refused as refused:
            self.held.pop(address, None)
            self._answer(address, rewrite.id, str(refused), isinstance(refused, NotHere))
        else:
            self._answer(address, rewrite.id, "")
        del self.waiting[address]

    def running(self, key: Key) -> str:
        """The id of the rewrite that a function runs; empty for the original."""
        for rewrite in self.installed.values():
            if rewrite.key == key:
                return rewrite.id
        return ""

    def constants(self, rows: Constants, deopts: Counter) -> dict[str, object]:
        """What the placeholders of a rewrite stand for. Raises Refused with the reason."""
        return {row[0]: constant(*row[1:], deopts) for row in rows}

    def _put(self, rewrite: Rewrite) -> None:
        slot: Slot | None = self.registry.slot(rewrite.key)
        if slot is None or not slot.live():
            raise NotHere("no live function object can be reached in this process")
        if slot.stood_down:
            raise NotHere(slot.stood_down)
        if rewrite.relied is None:
            rewrite.relied = Relied(rewrite.rows, self.registry)
        self.before(rewrite.key)
        memo.rely(rewrite.address, rewrite.relied.broken)
        with lock:
            previous = slot.rewrite
            slot.rewrite = rewrite.make
            try:
                slot.apply()
            except Refused:
                if not slot.stood_down:
                    slot.rewrite = previous
                raise
            slot.forget_made()
        earlier = self.installed.get(rewrite.address)
        if earlier is not None and earlier.id != rewrite.id:
            memo.forget(rewrite.address)  # else the earlier one's results would stay for nothing
        self.installed[rewrite.address] = rewrite

    def _answer(
        self, address: str, number: str, reason: str, here: bool = False, waits: bool = False
    ) -> None:
        """``here``: the reason is this process's alone; ``waits``: it may pass."""
        self.send(
            {
                "t": "installed",
                "address": address,
                "rewrite": number,
                "ok": not reason,
                "reason": reason,
                "here": here,
                "waits": waits,
            }
        )


def constant(
    kind: str, module: str, attribute: str, path: str, digest: str, deopts: Counter
) -> object:
    """One constant of a rewrite: ``import``, ``extension``, ``deopt`` or ``memory``."""
    if kind == "deopt":
        return deopts.hit
    if kind == "import":
        found: object = _imported(module)
    elif kind == "memory":
        found = memo.memory(path, digest, int(module))
    elif kind == "extension":
        found = _extension(module, path, digest)
    else:
        raise Refused(f"constants of the kind {kind!r} are not known")
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise NotHere(f"{module} has no {attribute}") from None
    return found


def _imported(name: str) -> ModuleType:
    """A module that is there already, a quiet one, or one of selfsame's."""
    found = sys.modules.get(name)
    if found is not None:
        return found
    if not name.startswith("selfsame.") and name not in QUIET:
        raise NotHere(f"it needs {name}, which this process has not imported")
    __import__(name)
    return sys.modules[name]


def _extension(name: str, path: str, digest: str) -> ModuleType:
    """The compiled module in a file whose sha256 is ``digest``; loaded once."""
    found = _extensions.get((path, digest))
    if found is not None:
        return found
    try:
        with open(path, "rb") as file:
            actual = sha256(file.read())
    except OSError as error:
        raise NotHere(f"{path}: {error.strerror}") from error
    if actual != digest:
        raise NotHere(f"{path} is not the file that was built")
    # importlib.util would import threading, in the wrong thread.
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import ExtensionFileLoader

    loader = ExtensionFileLoader(name, path)
    spec = ModuleSpec(name, loader, origin=path)
    try:
        module = loader.create_module(spec)
        loader.exec_module(module)
    except ImportError as error:
        raise NotHere(f"{path} cannot be loaded: {error}") from error
    _extensions[path, digest] = module
    return module
