"""Runs a module so that every call tells which function of the module it ran at once."""

import dis
import inspect
import sys
from collections.abc import Callable
from types import CodeType, FrameType

from selfsame.compiler.identity.names import own_name
from selfsame.compiler.ir import CALLEE, Graph
from selfsame.compiler.ir.operations import Call, Class, Function

Span = tuple[int, int, int, int]  # lines from 1, columns in bytes from 0
CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")
LATE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def observed_calls(run: Callable[[], object], path: str) -> set[tuple[Span, tuple[int, str]]]:
    """(where a call stands, (first line, name) of the function that it ran), within one file.

    Calls that operators, ``with`` or ``for`` make are no calls of the text (3.13 gives ``__exit__``
    the place of the context expression), and a generator runs later than it is called: both are left out.
    """
    found: set[tuple[Span, tuple[int, str]]] = set()

    def event(frame: FrameType, what: str, _: object) -> None:
        code, caller = frame.f_code, frame.f_back
        if what != "call" or caller is None or code.co_flags & LATE:
            return
        if code.co_filename != path or caller.f_code.co_filename != path:
            return
        if (
            not code.co_flags & inspect.CO_OPTIMIZED
            or code.co_name[0] == "<"
            or code.co_name == "__exit__"
        ):
            return
        at = _instruction(caller.f_code, caller.f_lasti)
        if dis.opname[caller.f_code.co_code[at]] not in CALLS:
            return
        line, end_line, column, end_column = list(caller.f_code.co_positions())[at // 2]
        if line and end_line and column is not None and end_column is not None:
            where = (line, column, end_line, end_column)
            found.add((where, (code.co_firstlineno, code.co_name)))

    sys.setprofile(event)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def _instruction(code: CodeType, at: int) -> int:
    """The place of the instruction whose caches a frame may stand behind."""
    while dis.opname[code.co_code[at]] == "CACHE":
        at -= 2
    return at


def contradicted(
    graph: Graph, observed: set[tuple[Span, tuple[int, str]]]
) -> tuple[list[str], int]:
    """The calls that ran a function that is none of those that their node names; how many name any.

    Only for sources of ASCII: columns are then the same in bytes and characters.
    """
    calls = {
        (n.span.line, n.span.column - 1, n.span.end_line, n.span.end_column - 1): n
        for n in graph.nodes
        if isinstance(n.operation, Call)
    }
    wrong, known = [], 0
    for where, (line, name) in sorted(observed):
        call = calls.get(where)
        edges = graph.definitions(call.id) if call else []
        named = [graph.nodes[e.definition] for e in edges if e.variable == CALLEE]
        ours = [n for n in named if isinstance(n.operation, Function | Class)]
        if not ours:
            continue
        known += 1
        functions = {n.span.line: own_name(n.address) for n in ours if n.kind == "function"}
        # A class alone says that an instance is made, not by which function.
        made = name in ("__init__", "__new__") and name not in functions.values()
        if line not in functions and not (made and any(n.kind == "class" for n in ours)):
            wrong.append(f"line {where[0]} ran {name} of line {line}, not of {sorted(functions)}")
    return wrong, known
