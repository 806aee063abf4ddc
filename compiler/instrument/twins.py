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
from collections.abc import Iterable, Sequence
from opcode import opmap
from types import CodeType

from selfsame.compiler.analysis.replayed import OutsideCall
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
from selfsame.compiler.identity import Definition, InnerNode, definitions
from selfsame.compiler.instrument.inner import timed
from selfsame.compiler.instrument.keepers import kept_by
from selfsame.compiler.instrument.probes import (
    BEGIN,
    CAPTURE,
    END,
    ENTER,
    FAIL,
    HEARD,
    KINDS,
    LEAVE,
    RECEIVE,
    RESUME,
    SUSPEND,
    readable,
    refused,
)
from selfsame.runtime.agent.codes import parameters

_RETURNS = frozenset(opmap[n] for n in ("RETURN_VALUE", "RETURN_CONST") if n in opmap)
_RERAISE, _RESUME, _YIELD, _SEND = (opmap[n] for n in ("RERAISE", "RESUME", "YIELD_VALUE", "SEND"))
_DEPTH_1 = 4  # of RESUME's argument
_AWAITED = 0x80 | 0x100 | 0x200  # coroutine, iterable coroutine, asynchronous generator
_SUSPENDED = 0x20 | _AWAITED  # and generator


def probed(
    source: Source,
    definition: Definition,
    kind: str,
    optimize: int = -1,
    listened: Sequence[OutsideCall] = (),
    inner: Sequence[InnerNode] = (),
) -> bytes:
    """The marshalled twin of one function, for ``kind`` ``"time"`` or ``"capture"``.

    Its constants hold the placeholders of probes.py as callees. One that captures also says, behind each
    of ``listened``, what it gave: ``heard((number, result))`` has the number of the function among
    `named_of` of them. Raises Skipped with the reason where the function is left alone, or one of
    ``listened`` is not in its own code; UserError where the module does not compile.
    """
    reason = refused(definition.kind, kind) or kept_by(source, definition)
    if reason:
        raise Skipped(reason)
    plain = function_code(plain_code(source, optimize), definition.qualname, definition.line)
    return marshal.dumps(twin(plain, kind, listened, inner=inner))


def named_of(calls: Iterable[OutsideCall]) -> list[tuple[str, str, str]]:
    """The functions called, each once: the global's name, the attribute, the dotted name."""
    return sorted({call.named for call in calls})


def probed_module(source: Source, kind: str, optimize: int = -1) -> dict[str, bytes | str]:
    """Address -> marshalled twin, or the reason why there is none; every function of the module.

    Raises UserError where the module does not compile.
    """
    codes: dict[tuple[str, int], list[CodeType]] = {}
    for code in all_codes(plain_code(source, optimize)):
        codes.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
    return {
        d.address: kept_by(source, d) or _made(d, codes.get((d.qualname, d.line), []), kind)
        for d in definitions(source)
        if d.kind != "class"
    }


def probed_source(source: Source, definition: Definition, kind: str = "time") -> str:
    """The probed function as readable text. Raises Skipped where it is left alone."""
    if definition.address not in {d.address for d in definitions(source)}:
        raise Skipped("its definition is not in this source")
    return readable(definition, kind)


def twin(
    plain: CodeType,
    kind: str,
    listened: Sequence[OutsideCall] = (),
    reached: Sequence[tuple[str, str, str]] = (),
    inner: Sequence[InnerNode] = (),
) -> CodeType:
    """The twin of a function's code. Nested code objects are the plain code's own.

    ``listened``: what these calls give is told to ``heard``. ``reached``: of a rewrite, whose calls have
    other places, what every call by these names gives, as `named_of` has them. ``inner``: of these loops,
    comprehensions and calls, each is timed by a probe of its own. Raises Skipped where there is none of
    this kind, or one of ``inner`` cannot be timed.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of probe: {kind!r}")
    suspended = bool(plain.co_flags & _SUSPENDED)
    if kind == "capture" and plain.co_flags & _AWAITED:
        raise Skipped(refused("coroutine", kind))
    if suspended:
        names = (RECEIVE if kind == "capture" else BEGIN, END, FAIL)
    else:
        names = (CAPTURE if kind == "capture" else ENTER, LEAVE, LEAVE)
    constants = _Constants(plain)
    opening, closing, failing = (constants.of(name) for name in names)
    user = disassemble(plain)
    if inner:
        user = timed(user, inner, constants.calling, constants.handling)
    begin = next(i for i, x in enumerate(user) if x.opcode == _RESUME) + 1
    arguments = list(_parameters(plain, user[begin].position)) if kind == "capture" else []
    handling = _Handling(failing, None)
    body = [*user[:begin], *_call(opening, arguments, user[begin].position)]
    ways_out: dict[int, Instruction] = {}
    for instruction in user[begin:]:
        if instruction.opcode in _RETURNS:
            leaving = _call(closing, [], instruction.position)
            ways_out[id(instruction)] = leaving[0]
            body += leaving
            instruction.handler = None
        elif instruction.handler is None:
            instruction.handler = handling.handler
        body.append(instruction)
    if listened or reached:
        body = _listening(plain, body, listened, reached, constants)
    for instruction in body:
        if instruction.target is not None:
            instruction.target = ways_out.get(id(instruction.target), instruction.target)
    if suspended:
        body = _suspending(body, constants)
    return assemble(
        plain,
        body + handling.instructions,
        co_consts=tuple(constants.values),
        # The handler finds what was there and three more, or the call the parameters; then the
        # callee.
        co_stacksize=max(plain.co_stacksize + 3 * (suspended or bool(inner)), 4, len(arguments))
        + (4 if listened or reached else 2),
    )


def _listening(
    plain: CodeType,
    body: list[Instruction],
    calls: Sequence[OutsideCall],
    reached: Sequence[tuple[str, str, str]],
    constants: "_Constants",
) -> list[Instruction]:
    """Behind each of the calls, tell what it gave: the result stays where it is."""
    numbers = {named: number for number, named in enumerate(reached or named_of(calls))}
    wanted = {call.place: call for call in calls}
    missed = set(wanted)
    new: list[Instruction] = []
    for at, instruction in enumerate(body):
        new.append(instruction)
        if instruction.name != "CALL":
            continue
        call = wanted.get(instruction.position)  # type: ignore[arg-type]
        if call is not None:
            if not _loads(plain, body[:at], call.name, call.attribute, call.local):
                raise Skipped(f"line {call.place[0]}: `{call.dotted}` is called in another way")
            missed.discard(call.place)
            number = constants.number(numbers[call.named])
        else:
            named = [n for n in reached if _loads(plain, body[:at], n[0], n[1])]
            if not named or instruction.argument:
                continue
            number = constants.number(numbers[named[0]])
        pair = [
            Instruction(opmap["LOAD_CONST"], number, instruction.position),
            Instruction(opmap["COPY"], 4, instruction.position),
            Instruction(opmap["BUILD_TUPLE"], 2, instruction.position),
        ]
        telling = _call(constants.of(HEARD), pair, instruction.position)
        for added in telling:
            added.handler = instruction.handler
        new += telling
    if missed:
        line = min(missed)[0]
        raise Skipped(f"line {line}: the call of an outside function is in code of its own")
    return new


def _loads(
    plain: CodeType, before: list[Instruction], name: str, attribute: str, local: str = ""
) -> bool:
    """Whether what stands before a call without arguments loads just this function."""
    found = [x for x in before[-4:] if x.name not in ("PRECALL", "PUSH_NULL", "CACHE")]
    if local:
        load = found[-1]
        both = load.name == "LOAD_FAST_LOAD_FAST"
        place = load.argument & 15 if both else load.argument
        return (both or load.name in _LOCAL) and plain.co_varnames[place : place + 1] == (local,)
    if attribute:
        load = found.pop()
        names = load.argument >> (sys.version_info >= (3, 12))
        if load.name not in ("LOAD_METHOD", "LOAD_ATTR"):
            return False
        if plain.co_names[names] != attribute:
            return False
    return (
        bool(found)
        and found[-1].name == "LOAD_GLOBAL"
        and plain.co_names[found[-1].argument >> 1] == name
    )


_LOCAL = ("LOAD_FAST", "LOAD_FAST_CHECK")


class _Constants:
    """The plain code's constants, and those of the twin behind them."""

    def __init__(self, plain: CodeType) -> None:
        self.values: list[object] = list(plain.co_consts)
        self._mine: dict[str, int] = {}

    def of(self, name: str) -> int:
        """The index of a placeholder."""
        if name not in self._mine:
            self._mine[name] = len(self.values)
            self.values.append(name)
        return self._mine[name]

    def calling(self, name: str, position: Position) -> list[Instruction]:
        """A call of a placeholder."""
        return _call(self.of(name), [], position)

    def handling(self, name: str, outer: Handler | None) -> tuple[Handler, list[Instruction]]:
        """A handler that calls a placeholder and goes on to ``outer``, with its instructions."""
        made = _Handling(self.of(name), outer)
        return made.handler, made.instructions

    def number(self, value: int) -> int:
        """The index of a number."""
        self.values.append(value)
        return len(self.values) - 1


class _Handling:
    """Calls ``callee`` when an exception passes, which then goes on to ``outer``.

    It is raised again as it was: with the place where it was raised, as ``with`` does.
    """

    def __init__(self, callee: int, outer: Handler | None) -> None:
        first = Instruction(opmap["PUSH_EXC_INFO"])
        cleanup = Instruction(opmap["COPY"], 3)
        depth = outer.depth if outer is not None else 0
        inside = [first, *_call(callee, [], NOWHERE), Instruction(_RERAISE, 2)]
        for instruction in inside:
            instruction.handler = Handler(cleanup, depth + 2, True)
        after = [cleanup, Instruction(opmap["POP_EXCEPT"]), Instruction(_RERAISE, 1)]
        for instruction in after:
            instruction.handler = outer
        self.handler = Handler(first, depth, True)
        self.instructions = [*inside, *after]


def _suspending(body: list[Instruction], constants: _Constants) -> list[Instruction]:
    """Say before each instruction that suspends that it does, and after it that it goes on.

    The interpreter looks at what stands beside it: ``RESUME`` must follow, and 3.11 finds the end
    of ``await`` and ``yield from`` by the ``SEND`` before it. There the call stands between, and a
    second ``SEND``, which is never run, keeps its place; and what is thrown into ``await`` comes out
    at the jump back. An exception that is thrown in, also by
    ``close()``, goes on without ``RESUME``. From 3.12 on ``close()`` does not throw where it sees
    no handler: the depth that it looks at counts one more for the probe's.
    """
    suspend, resume = constants.of(SUSPEND), constants.of(RESUME)
    new: list[Instruction] = []
    thrown: list[Instruction] = []
    moved: dict[int, Instruction] = {}
    for at, instruction in enumerate(body):
        if instruction.opcode == _YIELD:
            calling = _call(suspend, [], instruction.position)
            for added in calling:
                added.handler = instruction.handler
            send = body[at - 1]
            if send.opcode == _SEND and sys.version_info < (3, 12):
                again = Instruction(_SEND, 0, send.position, send.target, send.handler)
                skip = Instruction(opmap["JUMP_FORWARD"], 0, instruction.position, instruction)
                skip.handler = instruction.handler
                calling += [skip, again]
            else:
                moved[id(instruction)] = calling[0]
            new += calling
            handling = _Handling(resume, instruction.handler)
            thrown += handling.instructions
            instruction.handler = handling.handler
            if send.opcode == _SEND and sys.version_info < (3, 12):
                body[at + 2].handler = handling.handler  # the jump back to SEND
            if sys.version_info[:2] == (3, 12):
                instruction.argument += 1
        new.append(instruction)
        if instruction.opcode == _RESUME and body[at - 1].opcode == _YIELD:
            if sys.version_info >= (3, 13):
                instruction.argument &= ~_DEPTH_1
            calling = _call(resume, [], instruction.position)
            for added in calling:
                added.handler = instruction.handler
            new += calling
    for instruction in new:
        if instruction.target is not None:
            instruction.target = moved.get(id(instruction.target), instruction.target)
    return new + thrown


def _made(definition: Definition, found: list[CodeType], kind: str) -> bytes | str:
    reason = refused(definition.kind, kind)
    if reason:
        return reason
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
    names = parameters(code)
    for index, name in enumerate(names):
        # A parameter that inner functions use became a cell before RESUME, in the same slot.
        load = "LOAD_DEREF" if name in code.co_cellvars else "LOAD_FAST"
        yield Instruction(opmap[load], index, position)
    yield Instruction(opmap["BUILD_TUPLE"], len(names), position)
