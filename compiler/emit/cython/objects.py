"""A pure function as Cython on ordinary objects: Python's own operations without the interpreter.

Nothing is unboxed, so nothing can overflow or be rounded: what is won is the dispatch. Expressions
that Cython would compute in C (lengths, literals of two types, comparisons) are cast to objects.
What raises, or would use up an iterator, is left to the original, so the function must be pure.
"""

import ast
import dis
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType

from selfsame.compiler.emit.cython.containers import typed_containers
from selfsame.compiler.emit.cython.helpers import DECLARATIONS, HEADER
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.nodes import Declare
from selfsame.compiler.emit.cython.object_rules import ObjectForm
from selfsame.compiler.emit.cython.printer import print_objects
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.functions import all_codes

PREFIX = "v_"
MOST_NESTED = 100  # calls within calls on the C stack; deeper ones run the original
USED = ("sf_interrupted", "sf_text_append", "sf_tick", "sf_whole")


@dataclass(frozen=True)
class ObjectUnit:
    """``text`` is a whole ``.pyx``: ``entry`` takes the parameters, then ``globals``, by position."""

    entry: str
    text: str
    parameters: dict[str, str]
    globals: tuple[str, ...]
    guards: tuple[str, ...]
    builtins: tuple[str, ...]


def print_pure(
    function: ast.FunctionDef,
    code: CodeType,
    module: ast.Module,
    observed: Mapping[str, str],
    scope: str,
    header: str,
) -> ObjectUnit:
    """The function as Cython. Raises CannotPrint with reason and place.

    ``code`` is its plain code; ``observed`` gives parameters their one type, where it is a
    container's; ``scope`` is the class that it is a method of, or empty.
    """
    if code.co_freevars:
        names = ", ".join(code.co_freevars)
        raise CannotPrint(f"uses {names} of an enclosing function", function)
    data, builtins = _outer_names(function, code, ModuleNames.of(module), module)
    parameters = _parameters(function.args)
    form = ObjectForm(PREFIX, builtins, scope)
    rebound = form.stored(function)
    handles = any(isinstance(n, ast.Try) and n.handlers for n in ast.walk(function))
    kinds = {
        form.spelled(p): kind
        for p, kind in observed.items()
        if kind in ("list", "dict", "set", "tuple") and p not in rebound and not handles
    }
    given = dict(kinds)
    if not handles:
        kinds |= typed_containers(function, form, {form.spelled(p) for p in parameters})
    form.kinds, form.handles = kinds, handles
    body = form.body(function.body)
    entry = f"compiled_{function.name}" if function.name.isascii() else "compiled_function"
    guards = tuple(f"type({name[len(PREFIX) :]}) is {kind}" for name, kind in given.items())
    text = "\n".join(
        [
            *(f"# {line}".rstrip() for line in header.splitlines()),
            "# cython: language_level=3, binding=False, infer_types=False, nonecheck=True",
            "# cython: boundscheck=True, wraparound=True, cdivision=False, embedsignature=False",
            "",
            f'cdef extern from "{HEADER}":',
            *(f"    {DECLARATIONS[name]}" for name in USED),
            "",
            "DEOPT = object()",
            "cdef int sf_nested = 0",
            *(f"cdef object {name} = {value}" for value, name in form.constants.items()),
            "",
            "",
            _entry(entry, [form.spelled(p) for p in [*parameters, *data]], given, kinds, body),
        ]
    )
    shown = {p: observed.get(p, "object") for p in parameters}
    return ObjectUnit(entry, text, shown, tuple(data), guards, tuple(sorted(builtins)))


def _entry(
    entry: str,
    taken: list[str],
    given: Mapping[str, str],
    kinds: Mapping[str, str],
    body: list[ast.stmt],
) -> str:
    """The Python-visible function: guards, the body, every error to a deopt."""
    arguments = [f"{p}_given" if p in given else p for p in taken]
    declared: list[ast.stmt] = [Declare("unsigned", "sf_ticks", "0")]
    declared += [Declare(kind, name, None) for name, kind in sorted(kinds.items())]
    lines = [f"def {entry}({', '.join(arguments)}):", "    global sf_nested"]
    lines += [f"    {line}" for line in print_objects(declared).splitlines() if line.strip()]
    tests = [f"type({p}_given) is {kind}" for p, kind in given.items()]
    for test in [*tests, f"sf_nested < {MOST_NESTED}"]:
        lines += [f"    if not ({test}):", "        return DEOPT"]
    lines += [f"    {p} = {p}_given" for p in given]
    lines += ["    sf_nested += 1", "    try:"]
    lines += [f"        {line}".rstrip() for line in print_objects(body).splitlines()]
    lines += ["        return None", "    except BaseException:", "        if sf_interrupted():"]
    lines += ["            raise", "        return DEOPT", "    finally:", "        sf_nested -= 1"]
    return "\n".join(lines) + "\n"


def _parameters(arguments: ast.arguments) -> list[str]:
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    listed += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [a.arg for a in listed]


def _outer_names(
    function: ast.FunctionDef, code: CodeType, names: ModuleNames, module: ast.Module
) -> tuple[list[str], frozenset[str]]:
    """What the code reads from outside: names of the module (sorted), and builtins."""
    read = {
        str(i.argval)
        for part in all_codes(code)
        for i in dis.get_instructions(part)
        if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    always = _always_bound(module)
    data, builtins = [], set()
    for name in sorted(read):
        if names.builtin(name):
            builtins.add(name)
        elif name not in always:
            raise CannotPrint(f"reads {name}, which the module may not have bound", function)
        elif not name.isascii() or keyword.iskeyword(name):
            raise CannotPrint(f"reads {name}, a name that C does not spell", function)
        else:
            data.append(name)
    return data, frozenset(builtins)


def _always_bound(module: ast.Module) -> set[str]:
    """Names that the module's own statements bind whatever happens, and never delete."""
    found: set[str] = set()
    for statement in module.body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(statement.name)
            case ast.Import() | ast.ImportFrom():
                found |= {(a.asname or a.name).partition(".")[0] for a in statement.names}
            case ast.Assign() | ast.AnnAssign() if statement.value is not None:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                )
                found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    deleted = {
        n.id for n in ast.walk(module) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)
    }
    return found - deleted
