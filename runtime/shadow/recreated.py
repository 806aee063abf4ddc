"""Finds the code that captured functions run, among the functions of the modules that are loaded.

The same walk as the agent's finds them (`selfsame.runtime.agent.functions`), so what it knew is found here
where the module is of the same revision: a fingerprint of the code goes with its name and line.
"""

import sys
import types
from collections import defaultdict
from importlib.machinery import SourceFileLoader

from selfsame.runtime.agent import closures
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.agent.functions import functions

Place = tuple[str, int]
"""A qualified name and a first line."""

Codes = defaultdict[Place, list[types.CodeType]]

_CODES: dict[int, tuple[types.ModuleType, Codes]] = {}
_READ: dict[int, types.ModuleType] = {}
"""The modules whose files were read."""


def know(module: types.ModuleType) -> Codes:
    """All code of a module's functions, by place; looked for once, before a variation is put in."""
    found = _CODES.get(id(module))
    if found is None:
        codes: Codes = defaultdict(list)
        file, name = getattr(module, "__file__", None) or "", module.__name__
        for function in functions(vars(module), file, name):
            _add(codes, function.__code__)
        found = _CODES[id(module)] = module, codes
    return found[1]


def _add(codes: Codes, code: types.CodeType) -> None:
    """A code object with all that is inside it."""
    known = codes[code.co_qualname, code.co_firstlineno]
    if all(each is not code for each in known):
        known.append(code)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                _add(codes, constant)


def _of_file(module: types.ModuleType) -> types.CodeType | None:
    """The code of a module as the import system has it: what only tables hold is in there too."""
    path = getattr(module, "__file__", None)
    if id(module) in _READ or not isinstance(path, str):
        return None
    _READ[id(module)] = module
    loader = SourceFileLoader(module.__name__, path)
    try:
        if module.__name__ != "__main__":
            return loader.get_code(module.__name__)
        return loader.source_to_code(loader.get_data(path), path)
    except (ImportError, OSError, SyntaxError):
        return None


def function(
    name: str, qualname: str, line: int, marked: int, cells: tuple[types.CellType, ...] | None
) -> types.FunctionType:
    """A captured function, made again. Raises LookupError where its code is not there as it was."""
    module = sys.modules.get(name)
    if type(module) is not types.ModuleType:
        raise LookupError(f"a function of {name}, which a worker does not import")
    place, codes = (qualname, line), know(module)
    code = _marked(codes[place], marked)
    if code is None and (whole := _of_file(module)) is not None:
        _add(codes, whole)
        code = _marked(codes[place], marked)
    if code is not None and len(code.co_freevars) == len(cells or ()):
        return types.FunctionType(code, vars(module), None, None, cells)
    raise LookupError(f"a function of {name} whose code is not found in a worker")


def _marked(codes: list[types.CodeType], marked: int) -> types.CodeType | None:
    return next((code for code in codes if fingerprint(code) == marked), None)


def origin(value: types.FunctionType) -> "closures.Origin | None":
    """Where the code of a function stands, for payloads that are made here; None where `function` would not find it."""
    name, code = value.__globals__.get("__name__"), value.__code__
    module = sys.modules.get(name) if isinstance(name, str) else None
    if type(module) is not types.ModuleType or vars(module) is not value.__globals__:
        return None
    place = code.co_qualname, code.co_firstlineno
    if all(known is not code for known in know(module)[place]):
        return None
    return module.__name__, *place, fingerprint(code)
