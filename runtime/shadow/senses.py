"""Would the inputs show a change at all? What nobody would notice is no evidence that nothing changed.

The original is changed grossly in the places that the variation changes: each part of a condition goes
one way and the other whatever it was, what is stored is lost, a call for its effect is left out, of an
operation only its left operand is left, a loop around them ends after its first round. An input must tell
each from the original, as tests should kill mutants (DeMillo, Lipton, Sayward, "Hints on test data selection", 1978).
"""

import opcode
import sys
from collections.abc import Iterator, Sequence, Set
from itertools import islice
from types import CodeType

from selfsame.compiler.emit.assembly import Instruction, Position, assemble, disassemble
from selfsame.runtime.shadow.reach import Span, loaded, own_codes, returning, span

MOST, LOOPS = 12, 4
"""Changes that are tried, of more some from everywhere; and loops that end early."""
LOST = {"STORE_ATTR": 2, "STORE_SUBSCR": 3, "STORE_GLOBAL": 1, "STORE_NAME": 1}
"""What is taken from the stack instead of being stored."""
KEPT = frozenset(["STORE_FAST", "STORE_DEREF"])
"""What must be bound to something: to None, or to a text where it was bound to nothing much."""
SOMETHING = "\0lost"
CALLS = {"CALL": 1, "CALL_KW": 2}
"""What a call takes from the stack beside its arguments, but for the place of a receiver."""
IN_PLACE = opcode._nb_ops.index(("NB_INPLACE_ADD", "+="))  # type: ignore[attr-defined]
ENDS = frozenset(
    ["RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "YIELD_VALUE", "FOR_ITER"]
)


def changes(code: CodeType, places: Set[Span]) -> list[tuple[int, CodeType]]:
    """The function's code with one gross change each, and the line of it."""
    loops: list[tuple[int, CodeType]] = []
    others: list[tuple[int, CodeType]] = []
    for one in own_codes(code):
        loops += [(line, _within(code, one, changed)) for line, changed in _rounds(one, places)]
        others += [(line, _within(code, one, changed)) for line, changed in _of(one, places)]
    step = max(1, -(-len(others) // MOST))
    return loops[:LOOPS] + others[::step]


def _within(whole: CodeType, old: CodeType, new: CodeType) -> CodeType:
    """``whole`` with a code object in it exchanged for another."""
    if whole is old:
        return new
    held = tuple(
        _within(one, old, new) if isinstance(one, CodeType) else one for one in whole.co_consts
    )
    return whole.replace(co_consts=held)


def _of(code: CodeType, places: Set[Span]) -> Iterator[tuple[int, CodeType]]:
    plain, used = disassemble(code), loaded(code)
    ends = {
        end
        for index, one in enumerate(plain)
        if span(one.position) in places and (end := _use(plain, index)) is not None
    }
    # Of an inlined comprehension's variables there may be none to put back.
    put_back = {one.argument for one in plain if one.name == "LOAD_FAST_AND_CLEAR"}
    ends -= {
        end
        for end in ends
        if plain[end].name == "STORE_FAST"
        and (code.co_varnames[plain[end].argument] not in used or plain[end].argument in put_back)
    }
    # The test of a ``while`` is there twice: before the loop, and at its end.
    decisions = {_part(plain, end): end for end in sorted(ends) if _decides(plain[end])}
    others = {end for end in ends if not _decides(plain[end])}
    for end in sorted(others.union(decisions.values())):
        for holds in (False, True) if _decides(plain[end]) else (True,):
            fresh = disassemble(code)
            before = fresh[end - 1]
            nothing = before.name == "LOAD_CONST" and not code.co_consts[before.argument]
            constants = (*code.co_consts, SOMETHING if nothing else None, _nothing)
            done = (
                _decided(fresh, _part(plain, end), holds)
                if _decides(plain[end])
                else _lost(fresh, end, len(code.co_consts))
            )
            if done:
                size = code.co_stacksize + 1
                changed = assemble(code, fresh, co_consts=constants, co_stacksize=size)
                yield plain[end].position[0] or code.co_firstlineno, changed
    for index in _operations(plain, places):
        fresh = disassemble(code)
        _instead(fresh, index, [("POP_TOP", 0)])
        yield plain[index].position[0] or code.co_firstlineno, assemble(code, fresh)


def _operations(instructions: Sequence[Instruction], places: Set[Span]) -> list[int]:
    """The innermost binary operations that have one of the places in them, by their index."""
    spans = [
        (where, index)
        for index, one in enumerate(instructions)
        if one.name == "BINARY_OP" and (where := span(one.position)) is not None
    ]
    found: set[int] = set()
    for line, end_line, column, end_column, *_ in places:
        # Operations around one place lie in each other, and the innermost is the first to be done.
        around = (
            index
            for (begun, ended, left, right), index in spans
            if (begun, left) <= (line, column) and (end_line, end_column) <= (ended, right)
        )
        found.update(islice(around, 1))
    return sorted(found)


def _rounds(code: CodeType, places: Set[Span]) -> Iterator[tuple[int, CodeType]]:
    """The code with a ``for`` loop that ends after its first round, for each that has a place in it."""
    plain = disassemble(code)
    rounds = iter(returning(code).values())
    where = [span(one.position) or (next(rounds, None) if _returns(one) else None) for one in plain]
    for begin, head in enumerate(plain):
        back = [i for i, one in enumerate(plain) if one.target is head and i > begin]
        if head.name != "FOR_ITER" or not back:
            continue
        if places.isdisjoint(where[begin + 1 : back[-1] + 1]):
            continue
        fresh = disassemble(code)
        _end_early(fresh, begin, back)
        yield head.position[0] or code.co_firstlineno, assemble(code, fresh)


def _returns(one: Instruction) -> bool:
    """Whether it is a jump back to the head of a ``for`` loop."""
    return one.name == "JUMP_BACKWARD" and one.target is not None and one.target.name == "FOR_ITER"


def _end_early(instructions: list[Instruction], begin: int, back: Sequence[int]) -> None:
    """Lead the jumps back to the head of a loop to its end."""
    head = instructions[begin]
    assert head.target is not None
    place = instructions.index(head.target)
    before = instructions[place - 1]
    behind = instructions[place + (head.target.name == "END_FOR")]
    leave = Instruction(opcode.opmap["JUMP_FORWARD"], 0, head.position, behind, head.handler)
    first = leave
    if sys.version_info < (3, 13):  # then the iterator is taken from the stack in any case
        first = Instruction(opcode.opmap["POP_TOP"], 0, head.position, None, head.handler)
    for index in back:
        one = instructions[index]
        forward = one.name.replace("BACKWARD", "FORWARD")
        one.opcode, one.target = opcode.opmap[forward], first
    added = [leave] if first is leave else [first, leave]
    if before.name not in ENDS and (before.target is None or _decides(before)):
        # What is in front goes on here, as a ``break`` may: it goes past what is added.
        over = Instruction(
            opcode.opmap["JUMP_FORWARD"], 0, head.position, head.target, head.handler
        )
        added.insert(0, over)
    instructions[place:place] = added


def _use(instructions: list[Instruction], index: int) -> int | None:
    """Where the value that an instruction has to do with is decided on, stored, or thrown away."""
    for place in range(index, len(instructions)):
        name = instructions[place].name
        if _decides(instructions[place]) or name in LOST or name in KEPT or name == "POP_TOP":
            return place
        if name in ENDS or "JUMP" in name:
            return None
    return None


def _decides(one: Instruction) -> bool:
    """Whether it is a conditional jump."""
    return "JUMP" in one.name and "_IF_" in one.name


def _part(instructions: list[Instruction], place: int) -> tuple[Position, Position]:
    """What a conditional jump decides on: of a condition with parts, the jumps may all have its place."""
    return instructions[place].position, instructions[place - 1].position


def _decided(
    instructions: list[Instruction], where: tuple[Position, Position], holds: bool
) -> bool:
    """What is decided at a place always is as if the condition ``holds``, or as if it did not."""
    places = [
        i for i, one in enumerate(instructions) if _decides(one) and _part(instructions, i) == where
    ]
    for place in reversed(places):
        one = instructions[place]
        goes = one.name.partition("_IF_")[2].startswith(("TRUE", "NONE")) is holds
        kept = goes and one.name.endswith("_OR_POP")
        jump = "JUMP_BACKWARD" if "BACKWARD" in one.name else "JUMP_FORWARD"
        target, one.target = one.target, None
        first = [] if kept else [("POP_TOP", 0)]
        _instead(instructions, place, first + [(jump, 0)] * goes)
        if goes:
            instructions[place + len(first)].target = target
    return True


def _lost(instructions: list[Instruction], place: int, lost: int) -> bool:
    """What is at a place is not stored, or not called; False where it is nothing of the kind.

    ``lost`` and the one after it are the constants that are stored and called instead.
    """
    one = instructions[place]
    if one.name == "STORE_FAST" and _in_place(instructions[place - 1]):
        _instead(instructions, place, [("POP_TOP", 0)])  # it goes on as it was
    elif one.name in KEPT:
        store = (one.name, one.argument)
        _instead(instructions, place, [("POP_TOP", 0), ("LOAD_CONST", lost), store])
    elif one.name in LOST:
        _instead(instructions, place, [("POP_TOP", 0)] * LOST[one.name])
    else:
        return place > 0 and _left_out(instructions, place - 1, lost + 1)
    return True


def _in_place(one: Instruction) -> bool:
    """Whether it is the operator of ``x += 1``, so that ``x`` has a value."""
    return one.name == "BINARY_OP" and one.argument >= IN_PLACE


def _left_out(instructions: list[Instruction], place: int, nothing: int) -> bool:
    """Let a call go to a function that does nothing. False where it is no call.

    Where the receiver of a method would be there may be no object at all, which only a call takes
    from the stack: below the callee, and from Python 3.13 on above it.
    """
    call = instructions[place]
    above = sys.version_info >= (3, 13)
    if call.name == "CALL_FUNCTION_EX":
        begun = [("POP_TOP", 0)] * (call.argument & 1)
        if not above:
            begun += [("SWAP", 2), ("POP_TOP", 0)]
        first = place
    elif call.name in CALLS:
        begun = [("BUILD_TUPLE", call.argument + CALLS[call.name] - above)]
        first = place
        while instructions[first - 1].name in ("PRECALL", "KW_NAMES"):
            first -= 1
        del instructions[first + 1 : place + 1]
    else:
        return False
    quiet = [("LOAD_CONST", nothing), ("SWAP", 4 if above else 2)]
    quiet += [("POP_TOP", 0)] * above
    _instead(instructions, first, [*begun, *quiet, ("CALL_FUNCTION_EX", 0)])
    return True


def _instead(instructions: list[Instruction], place: int, others: list[tuple[str, int]]) -> None:
    """Other instructions in the place of one, the first as the very object: jumps may lead there."""
    one = instructions[place]
    (name, argument), *rest = others
    one.opcode, one.argument = opcode.opmap[name], argument
    instructions[place + 1 : place + 1] = [
        Instruction(opcode.opmap[name], argument, one.position, None, one.handler)
        for name, argument in rest
    ]


def _nothing(*_: object) -> None:
    """What is called instead."""
