"""Loads the user's module in a worker and finds the function of a node in it.

A module that programs import is imported by name, under audit. A script is not run again: of its
statements only imports, definitions and assignments without unknown calls are executed.
"""

import ast
import copy
import gc
import importlib
import importlib.util
import sys
import types
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from selfsame.compiler.analysis.scripts import executed
from selfsame.compiler.identity.outlined import PREFIX
from selfsame.compiler.outline import OutlinedSource
from selfsame.runtime.shadow.audit import Audit


class CannotLoad(Exception):
    """The module or the function cannot be had in a worker; the message is a reason for users."""


class Key(NamedTuple):
    """What the agent calls a function: module, qualified name, first line."""

    module: str
    qualname: str
    line: int


@dataclass(frozen=True, slots=True)
class Home:
    """A module: its name, its file, whether it ran as a script.

    ``from_file``: no import by name leads to the file, which is loaded under that name all the same.
    """

    module: str
    path: str
    is_main: bool
    from_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Home):
    """Where a function is: its module, key and address."""

    key: Key
    address: str


@dataclass(slots=True)
class Loaded:
    """A module in the worker, and the names of a script's that were not assigned.

    ``apart`` are functions whose defaults need such a name: they have no name, for who calls them
    without these arguments would need it too. A captured call has all of its arguments.
    ``imported`` are the modules that came with it, those of the standard library left out;
    ``beside`` modules that it does not import, by name, and what came with them is among the former.
    """

    module: types.ModuleType
    name: str
    dropped: frozenset[str] = frozenset()
    apart: tuple[types.FunctionType, ...] = ()
    imported: tuple[types.ModuleType, ...] = ()
    beside: dict[str, types.ModuleType] = field(default_factory=dict)

    def bring(self, home: Home, audit: Audit) -> None:
        """Load a module beside this one: calls hold what it defines. Raises as `load` does."""
        other = load(home, audit)
        self.beside[home.module] = other.module
        self.imported += tuple(
            m for m in (other.module, *other.imported) if m not in (self.module, *self.imported)
        )


def load(home: Home, audit: Audit) -> Loaded:
    """Import the module or execute a script's definitions. Raises CannotLoad with the reason."""
    known = set(sys.modules)
    with audit.watching("import") as flags:
        try:
            loaded = _script(home) if home.is_main else _imported(home)
        except BaseException as error:
            # The message of the error may hold a value; its type and the missing module may not.
            what = flags[0] if flags else _safe(error)
            raise CannotLoad(f"importing {home.module} in a worker {what}") from None
    if flags:
        raise CannotLoad(f"importing {home.module} {flags[0]}")
    loaded.imported = tuple(
        module
        for name, module in list(sys.modules.items())
        if name not in known
        and type(module) is types.ModuleType
        and name.partition(".")[0] not in sys.stdlib_module_names
    )
    return loaded


def _safe(error: BaseException) -> str:
    name = type(error).__name__
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    return f"raises {name}" + (f" for {missing}" if missing else "")


def _imported(home: Home) -> Loaded:
    name = home.module
    if not home.from_file:
        return Loaded(sys.modules.get(name) or importlib.import_module(name), name)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == home.path:
        return Loaded(known, name)
    spec = importlib.util.spec_from_file_location(name, home.path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Loaded(module, name)


def _script(home: Home) -> Loaded:
    with open(home.path, "rb") as file:
        raw = file.read()
    if isinstance(home, Target) and home.key.qualname.startswith(PREFIX):
        tree = OutlinedSource.decoded(raw, home.path, home.module).tree
    else:
        tree = ast.parse(raw, home.path)
    name = home.module if home.from_file else "__main__"
    module = types.ModuleType(name)
    module.__file__ = home.path
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == home.path:
        return Loaded(known, home.module)
    sys.modules[name] = module
    futures = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    dropped: set[str] = set()
    apart: list[types.FunctionType] = []
    namespace = vars(module)
    for statement, runs in executed(tree.body):
        if not runs:
            dropped |= _bound(statement)
            continue
        before = [] if statement in futures else futures
        if _executed(statement, before, home.path, namespace, dropped):
            continue
        dropped |= _bound(statement)  # it needs what was dropped, so it is dropped as well
        bare = _without_defaults(statement)
        if bare is not None and _executed(bare, before, home.path, namespace, dropped):
            apart.append(namespace.pop(bare.name))
    return Loaded(module, home.module, frozenset(dropped), tuple(apart))


def _executed(
    statement: ast.stmt,
    futures: Sequence[ast.stmt],
    path: str,
    namespace: dict[str, Any],
    dropped: Collection[str],
) -> bool:
    """Whether a statement could be executed: it may need a name that was dropped."""
    code = compile(ast.Module([*futures, statement], []), path, "exec", dont_inherit=True)
    try:
        exec(code, namespace)
    except NameError as error:
        if error.name not in dropped:
            raise
        return False
    return True


def _without_defaults(statement: ast.stmt) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """A function's definition with no defaults; None where it is no bare function."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    if statement.decorator_list:
        return None
    bare = copy.deepcopy(statement)
    bare.args.defaults = []
    bare.args.kw_defaults = [None] * len(bare.args.kwonlyargs)
    return bare


def _bound(statement: ast.stmt) -> set[str]:
    names = {
        n.id
        for n in ast.walk(statement)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return names | ({statement.name} if hasattr(statement, "name") else set())


def find_function(target: Target, loaded: Loaded) -> types.FunctionType:
    """The function object of the node. Raises CannotLoad where there is none, or more than one.

    Functions are found among all objects by their code's name, file and first line, so wrapped and
    nested ones are found too, where the import made them.
    """
    namespace = vars(loaded.module)
    found: dict[int, types.FunctionType] = {}
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType and thing.__globals__ is namespace:
            code = thing.__code__
            if code.co_qualname == target.key.qualname and code.co_firstlineno == target.key.line:
                found[id(thing)] = thing
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        why = "its file may have changed, or it is made only while the program runs"
        raise CannotLoad(
            f"{target.address} is not among the functions that the import makes: {why}"
        )
    raise CannotLoad(f"{target.address} is {len(found)} functions with one code")
