"""Probed twins: for a function, the code object that does the same and is timed or captured.

A twin is the plain code with calls put between its instructions::

    RESUME                          RESUME
                                    enter()                 at the first instruction's place
    LOAD_FAST  a                    LOAD_FAST  a
    ...                             ...
                                    leave()                 at the return's place
    RETURN_VALUE                    RETURN_VALUE
                             lost:  leave()                 nowhere
                                    RERAISE

``lost`` handles what nothing else does, and restores the failing instruction as ``with`` does. So
each of the user's instructions is there once, in order, with its line and columns, its handlers and
its stack; a tracer, a traceback and ``tb_frame.f_lineno`` are the plain code's. The same probe made
in the tree, as ``try``/``finally``, merges ways out that the compiler keeps apart: their places are
lost, and lambdas have no statements. ``probes.py`` still shows it that way, for reading.
"""

import marshal
import sys
from collections.abc import Iterable
from opcode import opmap
from types import CodeType

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.assembly import (
    NOWHERE,
    Handler,
    Instruction,
    Position,
    assemble,
    disassemble,
)
from selfsame.compiler.emit.functions import all_codes, function_code, plain_code
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import Definition, definitions
from selfsame.compiler.instrument.probes import CAPTURE, ENTER, KINDS, LEAVE, REFUSED, readable

_RETURNS = frozenset(opmap[n] for n in ("RETURN_VALUE", "RETURN_CONST") if n in opmap)
_RERAISE, _RESUME = opmap["RERAISE"], opmap["RESUME"]
_SUSPENDED = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, async gen


def probed(source: Source, definition: Definition, kind: str, optimize: int = -1) -> bytes:
    """The marshalled twin of one function, for ``kind`` ``"time"`` or ``"capture"``.

    Its constants hold the placeholders of probes.py as callees. Raises Skipped with the reason
    where the function is left alone, UserError where the module does not compile.
    """
    if definition.kind in REFUSED:
        raise Skipped(REFUSED[definition.kind])
    module = plain_code(source, optimize)
    return marshal.dumps(twin(function_code(module, definition.qualname, definition.line), kind))


def probed_module(source: Source, kind: str, optimize: int = -1) -> dict[str, bytes | str]:
    """Address -> marshalled twin, or the reason why there is none; every function of the module.

    Raises UserError where the module does not compile.
    """
    codes: dict[tuple[str, int], list[CodeType]] = {}
    for code in all_codes(plain_code(source, optimize)):
        codes.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
    return {
        d.address: _made(d, codes.get((d.qualname, d.line), []), kind)
        for d in definitions(source)
        if d.kind != "class"
    }


def probed_source(source: Source, definition: Definition, kind: str = "time") -> str:
    """The probed function as readable text. Raises Skipped where it is left alone."""
    if definition.address not in {d.address for d in definitions(source)}:
        raise Skipped("its definition is not in this source")
    return readable(definition, kind)


def twin(plain: CodeType, kind: str) -> CodeType:
    """The twin of a function's code. Nested code objects are the plain code's own."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of probe: {kind!r}")
    if plain.co_flags & _SUSPENDED:
        raise Skipped(REFUSED["generator"])
    constants = [*plain.co_consts, CAPTURE if kind == "capture" else ENTER, LEAVE]
    opening, closing = len(constants) - 2, len(constants) - 1
    user = disassemble(plain)
    begin = next(i for i, x in enumerate(user) if x.opcode == _RESUME) + 1
    arguments = list(_parameters(plain, user[begin].position)) if kind == "capture" else []
    lost = Instruction(opmap["PUSH_EXC_INFO"])
    cleanup = Instruction(opmap["COPY"], 3)
    body = [*user[:begin], *_call(opening, arguments, user[begin].position)]
    ways_out: dict[int, Instruction] = {}
    for instruction in user[begin:]:
        if instruction.opcode in _RETURNS:
            leaving = _call(closing, [], instruction.position)
            ways_out[id(instruction)] = leaving[0]
            body += leaving
            instruction.handler = None
        elif instruction.handler is None:
            instruction.handler = Handler(lost, 0, True)
        body.append(instruction)
    for instruction in body:
        if instruction.target is not None:
            instruction.target = ways_out.get(id(instruction.target), instruction.target)
    handling = [lost, *_call(closing, [], NOWHERE), Instruction(_RERAISE, 2)]
    for instruction in handling:
        instruction.handler = Handler(cleanup, 2, True)
    body += [*handling, cleanup, Instruction(opmap["POP_EXCEPT"]), Instruction(_RERAISE, 1)]
    return assemble(
        plain,
        body,
        co_consts=tuple(constants),
        # The handler finds lasti and two exceptions, or the call the parameters; then the callee.
        co_stacksize=max(plain.co_stacksize, 4, len(arguments)) + 2,
    )


def _made(definition: Definition, found: list[CodeType], kind: str) -> bytes | str:
    if definition.kind in REFUSED:
        return REFUSED[definition.kind]
    if not found:
        return "the compiler drops it: it is in code that never runs"
    if len(found) > 1:
        return (
            f"line {definition.line} has two definitions with this name, which cannot be told apart"
        )
    return marshal.dumps(twin(found[0], kind))


def _call(callee: int, arguments: Iterable[Instruction], position: Position) -> list[Instruction]:
    """Call the constant ``callee`` with what ``arguments`` leave on the stack: a value or none."""
    pushed = list(arguments)
    count = int(bool(pushed))
    load = Instruction(opmap["LOAD_CONST"], callee, position)
    null = Instruction(opmap["PUSH_NULL"], 0, position)
    found = [load, null] if sys.version_info >= (3, 13) else [null, load]
    found += pushed
    if sys.version_info < (3, 12):
        found.append(Instruction(opmap["PRECALL"], count, position))
    found.append(Instruction(opmap["CALL"], count, position))
    found.append(Instruction(opmap["POP_TOP"], 0, position))
    return found


def _parameters(code: CodeType, position: Position) -> Iterable[Instruction]:
    """Push one tuple of all parameters, in the order of ``co_varnames``."""
    stars = bool(code.co_flags & 4) + bool(code.co_flags & 8)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]
    for index, name in enumerate(names):
        # A parameter that inner functions use became a cell before RESUME, in the same slot.
        load = "LOAD_DEREF" if name in code.co_cellvars else "LOAD_FAST"
        yield Instruction(opmap[load], index, position)
    yield Instruction(opmap["BUILD_TUPLE"], len(names), position)
