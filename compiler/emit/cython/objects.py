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
from selfsame.compiler.emit.cython.object_rules import ObjectForm, calls_itself
from selfsame.compiler.emit.cython.printer import print_objects
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.functions import all_codes

PREFIX = "v_"
MOST_NESTED = 100  # calls within calls on the C stack; deeper ones run the original
USED = ("sf_interrupted", "sf_text_append", "sf_tick", "sf_whole")
USED_AGAIN = ("sf_deeper", "sf_runs", "sf_shallower")


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
    again = not scope and recursive(function) and function.name in data
    again = again and function.name not in rebound
    if again:
        form.again = (function.name, len(parameters), data)
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
            *(f"    {DECLARATIONS[name]}" for name in USED + USED_AGAIN * again),
            "",
            "DEOPT = object()",
            "cdef int sf_nested = 0",
            *(f"cdef object {name} = {value}" for value, name in form.constants.items()),
            "",
            "",
            _entry(entry, [form.spelled(p) for p in [*parameters, *data]], given, kinds, body)
            if not again
            else _recursive(
                entry,
                form.spelled(function.name),
                [form.spelled(p) for p in parameters],
                [form.spelled(p) for p in data],
                given,
                kinds,
                body,
            ),
        ]
    )
    shown = {p: observed.get(p, "object") for p in parameters}
    return ObjectUnit(entry, text, shown, tuple(data), guards, tuple(sorted(builtins)))


def recursive(function: ast.FunctionDef) -> bool:
    """Whether it calls itself, by its name and with all of its arguments, in a form that C can run."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or function.decorator_list:
        return False
    count = len(arguments.posonlyargs + arguments.args)
    nodes = list(ast.walk(function))
    if any(isinstance(n, ast.Lambda | ast.GeneratorExp) for n in nodes):
        return False  # Cython has no closures in a function of C's
    return any(calls_itself(n, function.name, count) for n in nodes)


def _recursive(
    entry: str,
    own: str,
    parameters: list[str],
    passed: list[str],
    given: Mapping[str, str],
    kinds: Mapping[str, str],
    body: list[ast.stmt],
) -> str:
    """As `_entry`, where the function calls itself: in C, while its name leads to this very code.

    An error ends all such calls at once, and the outermost one declines. Deeper than `MOST_NESTED`,
    and with arguments of other types, it is called as everyone calls it.
    """
    inner = {name: kind for name, kind in kinds.items() if name not in given}
    typed = [f"{given.get(p, 'object')} {p}" for p in parameters]
    values = ", ".join([*parameters, *passed])
    tests = [f"type({p}) is {kind}" for p, kind in given.items()]
    lines = ["cdef object sf_self = None", "cdef unsigned sf_calls = 0", ""]
    lines += [f"cdef object sf_body({', '.join([*typed, *passed])}):"]
    lines += _declared(inner)
    lines += [f"    {line}".rstrip() for line in print_objects(body).splitlines()]
    lines += ["    return None", "", f"cdef object sf_again(sf_callee, {values}):"]
    near = [*tests, f"sf_nested < {MOST_NESTED}", "sf_runs(sf_callee, sf_self)", "sf_deeper()"]
    lines += ["    global sf_nested", f"    if not ({' and '.join(near)}):"]
    lines += [
        f"        return sf_callee({', '.join(parameters)})",
        "    sf_nested += 1",
        "    try:",
    ]
    lines += ["        sf_tick(&sf_calls)", f"        return sf_body({values})"]
    lines += ["    finally:", "        sf_nested -= 1", "        sf_shallower()", ""]
    lines += [f"def {entry}({values}):", "    global sf_nested"]
    for test in [*tests, f"sf_nested < {MOST_NESTED}"]:
        lines += [f"    if not ({test}):", "        return DEOPT"]
    lines += ["    sf_nested += 1", "    try:", f"        return sf_body({values})", *_DECLINES]
    return "\n".join([*lines, "", f"sf_self = {entry}"]) + "\n"


def _entry(
    entry: str,
    taken: list[str],
    given: Mapping[str, str],
    kinds: Mapping[str, str],
    body: list[ast.stmt],
) -> str:
    """The Python-visible function: guards, the body, every error to a deopt."""
    arguments = [f"{p}_given" if p in given else p for p in taken]
    lines = [f"def {entry}({', '.join(arguments)}):", "    global sf_nested", *_declared(kinds)]
    tests = [f"type({p}_given) is {kind}" for p, kind in given.items()]
    for test in [*tests, f"sf_nested < {MOST_NESTED}"]:
        lines += [f"    if not ({test}):", "        return DEOPT"]
    lines += [f"    {p} = {p}_given" for p in given]
    lines += ["    sf_nested += 1", "    try:"]
    lines += [f"        {line}".rstrip() for line in print_objects(body).splitlines()]
    return "\n".join([*lines, "        return None", *_DECLINES]) + "\n"


def _declared(kinds: Mapping[str, str]) -> list[str]:
    """The locals of C, and the count by which a loop looks up now and then."""
    declared: list[ast.stmt] = [Declare("unsigned", "sf_ticks", "0")]
    declared += [Declare(kind, name, None) for name, kind in sorted(kinds.items())]
    return [f"    {line}" for line in print_objects(declared).splitlines() if line.strip()]


_DECLINES = [
    "    except BaseException:",
    "        if sf_interrupted():",
    "            raise",
    "        return DEOPT",
    "    finally:",
    "        sf_nested -= 1",
]


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
