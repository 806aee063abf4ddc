"""The user's modules in this process, and the slot of every function found in them."""

from __future__ import annotations

import os
import sys
from stat import S_ISLNK
from time import monotonic
from types import CodeType, ModuleType

from selfsame.runtime.agent import turns
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.agent.functions import (
    functions,
    key_of,
    kind_of,
    module_name,
    nested,
)
from selfsame.runtime.agent.swap import Slot, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any

    from selfsame.runtime.agent.closures import Origin
    from selfsame.runtime.agent.swap import Key
    from selfsame.runtime.link.wire import Message

FIRST_AGAIN_S = 0.25
LAST_AGAIN_S = 15.0
SLICE_S = 0.002  # how long one scan may go on
OWN = ("selfsame", "sitecustomize", "usercustomize")


def matches(name: str, pattern: str) -> bool:
    """Whether a module is named by a pattern with ``*``, or lies inside a package that is."""
    parts = name.split(".")
    return any(_glob(".".join(parts[:n]), pattern) for n in range(len(parts), 0, -1))


def _glob(text: str, pattern: str) -> bool:
    first, star, rest = pattern.partition("*")
    if not star:
        return text == first
    if not text.startswith(first):
        return False
    tail = text[len(first) :]
    return not rest or any(_glob(tail[n:], rest) for n in range(len(tail) + 1))


class Module:
    """One module of the user's: when it was looked through, and how large it was then."""

    def __init__(self, name: str, module: ModuleType, file: str) -> None:
        self.name = name
        self.namespace: dict[str, Any] = module.__dict__
        self.file = file
        self.size = -1
        self.due = 0.0
        self.pause = FIRST_AGAIN_S


class Registry:
    """Finds modules and functions as they come; ``rows`` are what the engine was not told yet."""

    def __init__(self, include: list[str]) -> None:
        self.include = include
        self.roots: list[str] = []
        self.leave: list[str] = []
        self.modules: dict[int, Module] = {}
        self.by_name: dict[str, Module] = {}
        self.files: dict[str, str] = {}
        self.slots: dict[Key, Slot] = {}
        # By id, all code that is the user's, kept alive; the key is None for comprehensions.
        self.codes: dict[int, tuple[CodeType, Key | None]] = {}
        self.news: list[Message] = []
        self.late: list[Slot] = []  # rewritten, with a new function object that is not yet
        self.outlined: list[FunctionType] = []  # functions that no namespace has
        self._fingerprints: dict[int, tuple[CodeType, int]] = {}  # with the code, kept alive
        self._known = 0
        self._told: tuple[list[str], list[str]] = ([], [])  # to `watch`, the last time
        self._judged: dict[str, int] = {}
        # Links in the paths of their files are to be followed.
        self._undecided: dict[str, tuple[ModuleType, str]] = {}
        self._folders: dict[str, str] = {}  # a folder as modules name it -> without links

    def forget(self) -> None:
        """Let go of all that is the program's."""
        for held in (self.modules, self.by_name, self.slots, self.codes, self._undecided):
            held.clear()
        for found in (self.late, self.outlined):
            found.clear()

    def watch(self, roots: list[str], leave: list[str]) -> None:
        """Which directories are the user's; where they are others than before, modules are judged again."""
        if (roots, leave) == self._told:
            return
        self._told = roots, leave
        self.roots = [_folder(path) for path in roots]
        self.leave = [_folder(path) for path in leave]
        self._judged.clear()
        self._undecided.clear()
        self._folders = {root.rstrip(os.sep): root for root in self.roots}
        self._known = 0

    def scan(self, now: float) -> None:
        """Take in new modules, and look again through those that grew or are due."""
        if len(sys.modules) != self._known:
            self._known = len(sys.modules)
            for name, module in list(sys.modules.items()):
                if type(module) is ModuleType and self._judged.get(name) != id(module):
                    self._judge(name, module)
        began = monotonic()
        for known in list(self.modules.values()):
            if monotonic() - began > SLICE_S:
                break
            grown = len(known.namespace) != known.size
            if now >= known.due or (grown and now >= known.due - known.pause + FIRST_AGAIN_S / 2):
                known.pause = FIRST_AGAIN_S if grown else min(LAST_AGAIN_S, known.pause * 2)
                known.due = now + known.pause
                self.look(known)
        self._decide()

    def _decide(self) -> None:
        """Judge modules in folders that were not met before; the likelier ones first.

        Each look at the file system gives the interpreter up, which a busy program has back for
        5 ms: so only few in one scan.
        """
        began = monotonic()
        for name in sorted(self._undecided, key=self._elsewhere):
            if monotonic() - began > SLICE_S:
                break
            module, file = self._undecided.pop(name)
            self._folder_of(file)
            self._judge(name, module)

    def look(self, known: Module) -> None:
        """Find the functions of one module."""
        known.size = len(known.namespace)
        rows = []
        name = str(known.namespace.get("__name__"))
        own = [f for f in self.outlined if f.__globals__ is known.namespace]
        for function in (*functions(known.namespace, known.file, name), *own):
            turns.give()
            code = function.__code__
            key = (known.name, code.co_qualname, code.co_firstlineno)
            if id(code) not in self.codes and id(code) not in placed:
                self.know(known.name, code)
            slot = self.slots.get(key)
            if slot is None:
                slot = self.slots[key] = Slot(key, code)
                rows.append((key[1], key[2], slot.fingerprint, kind_of(code)))
            if slot.add(function) and slot.rewrite is not None:
                self.late.append(slot)
            for inner in nested(slot.plain):
                inner_key = (known.name, inner.co_qualname, inner.co_firstlineno)
                if inner_key not in self.slots:
                    made = self.slots[inner_key] = Slot(inner_key, inner)
                    rows.append((*inner_key[1:], made.fingerprint, kind_of(inner)))
        if rows:
            self.news.append(
                {"t": "functions", "module": known.name, "file": known.file, "rows": rows}
            )

    def know(self, module: str, code: CodeType) -> None:
        """Note that ``code`` and all that is inside it belong to a module of the user's."""
        if id(code) not in self.codes:
            self.codes[id(code)] = (code, key_of(module, code))
            for constant in code.co_consts:
                if isinstance(constant, CodeType):
                    self.know(module, constant)

    def namespace(self, module: str) -> dict[str, Any] | None:
        """The namespace of a module by the name that the engine knows it by."""
        known = self.by_name.get(module)
        if known is not None:
            return known.namespace
        found = sys.modules.get(module)
        return None if found is None else found.__dict__

    def ours(self, function: FunctionType) -> bool:
        """Whether a function runs what was put there by us."""
        code = function.__code__
        slot = self.slots.get(
            (self.files.get(code.co_filename, ""), code.co_qualname, code.co_firstlineno)
        )
        held = slot.held.get(id(function)) if slot is not None else None
        return held is not None and held.put is code

    def origin(self, function: FunctionType) -> Origin | None:
        """Where a module's file has the code of a function, whatever runs in its place now; None of any other."""
        code, space = function.__code__, function.__globals__
        name = space.get("__name__")
        home = sys.modules.get(name) if type(name) is str else None
        if type(name) is not str or type(home) is not ModuleType or home.__dict__ is not space:
            return None
        if id(code) in placed:  # a twin of it, or a rewrite
            key = placed[id(code)][1]
            return (name, *key[1:], self.slots[key].fingerprint) if key is not None else None
        if code.co_filename != space.get("__file__"):
            return None
        _, marked = self._fingerprints.get(id(code), (code, None))
        if marked is None:
            marked = fingerprint(code)
            self._fingerprints[id(code)] = code, marked
        return name, code.co_qualname, code.co_firstlineno, marked

    def slot(self, key: Key) -> Slot | None:
        """The slot of a key, after another look where none of its function objects is known."""
        found = self.slots.get(key)
        if found is None or not found.held:
            module = self.by_name.get(key[0])
            if module is not None:
                self.look(module)
        return self.slots.get(key)

    def all_again(self) -> None:
        """Tell a new engine everything: what was told before is news again."""
        self.news.clear()
        rows: dict[str, list[tuple[str, int, int, str]]] = {}
        for (name, qualname, line), slot in self.slots.items():
            row = (qualname, line, slot.fingerprint, kind_of(slot.plain))
            rows.setdefault(name, []).append(row)
        for name, found in rows.items():
            file = self.by_name[name].file
            self.news.append({"t": "functions", "module": name, "file": file, "rows": found})

    def _judge(self, key: str, module: ModuleType) -> None:
        file = module.__dict__.get("__file__")
        if type(file) is not str:
            if key == "__main__":  # it gets its file before it runs, and may import nothing more
                self._known = 0
            return
        self._judged[key] = id(module)
        if not file.endswith(".py") and key not in ("__main__", "__mp_main__"):
            return
        name = module_name(module)
        if name is None or name.partition(".")[0] in OWN or id(module.__dict__) in self.modules:
            return
        if not self.included(name) and os.path.dirname(file) not in self._folders:
            self._undecided[key] = (module, file)
            return
        if not self.users(name, file):
            return
        known = Module(name, module, file)
        self.modules[id(module.__dict__)] = known
        self.by_name[name] = known
        self.files[file] = name

    def included(self, name: str) -> bool:
        """Whether a module is watched because of its name."""
        return any(matches(name, pattern) for pattern in self.include)

    def users(self, name: str, file: str) -> bool:
        """Whether a module is to be watched."""
        if self.included(name):
            return True
        path = self._folder_of(file) + os.path.basename(file)
        inside = max((len(r) for r in self.roots if path.startswith(r)), default=0)
        left = max((len(r) for r in self.leave if path.startswith(r)), default=0)
        return inside > left

    def _elsewhere(self, name: str) -> bool:
        file = self._undecided[name][1]
        return not any(file.startswith(root) for root in self.roots)

    def _folder_of(self, file: str) -> str:
        return self._resolved(os.path.dirname(file))

    def _resolved(self, folder: str) -> str:
        found = self._folders.get(folder)
        if found is None:
            found = self._folders[folder] = self._without_links(folder)
        return found

    def _without_links(self, folder: str) -> str:
        """A folder as `_folder` has it, by what is known of the one above: a look at one name, not at all."""
        above, name = os.path.split(folder)
        if not name or name in (os.curdir, os.pardir) or not os.path.isabs(above):
            return _folder(folder)
        try:
            link = S_ISLNK(os.lstat(folder).st_mode)
        except OSError:
            link = True  # whoever is asked next says what it is
        return _folder(folder) if link else self._resolved(above) + name + os.sep


def _folder(path: str) -> str:
    return os.path.realpath(path).rstrip(os.sep) + os.sep
