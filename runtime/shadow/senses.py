"""Would the inputs show a change at all? What nobody would notice is no evidence that nothing changed.

The original is changed grossly in the places that the variation changes: a decision goes the other
way, what is stored is lost, a call for its effect is left out. An input must tell the result from the
original, as tests should kill mutants (DeMillo, Lipton, Sayward, "Hints on test data selection", 1978).
"""

import opcode
from collections.abc import Iterator, Set
from types import CodeType

from selfsame.compiler.emit.assembly import Instruction, assemble, disassemble
from selfsame.runtime.shadow.reach import Span, loaded, own_codes, span

MOST = 8
"""Changes that are tried; of more, some from everywhere."""
OTHER_WAY = {
    "FALSE": "TRUE",
    "TRUE": "FALSE",
    "NONE": "NOT_NONE",
    "NOT_NONE": "NONE",
}
LOST = {"STORE_ATTR": 2, "STORE_SUBSCR": 3, "STORE_GLOBAL": 1, "STORE_NAME": 1}
"""What is taken from the stack instead of being stored."""
KEPT = frozenset(["STORE_FAST", "STORE_DEREF"])
"""What must be bound to something: to None, or to a text where it was bound to nothing much."""
SOMETHING = "\0lost"
CALLS = {"CALL": 2, "CALL_KW": 3}
"""What a call takes from the stack beside its arguments."""
ENDS = frozenset(
    ["RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "YIELD_VALUE", "FOR_ITER"]
)
_POP, _CONST = opcode.opmap["POP_TOP"], opcode.opmap["LOAD_CONST"]


def changes(code: CodeType, places: Set[Span]) -> list[tuple[int, CodeType]]:
    """The function's code with one gross change each, and the line of it."""
    found = [
        (line, _within(code, one, changed))
        for one in own_codes(code)
        for line, changed in _of(one, places)
    ]
    step = max(1, -(-len(found) // MOST))
    return found[::step]


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
    ends -= {
        end
        for end in ends
        if plain[end].name == "STORE_FAST" and code.co_varnames[plain[end].argument] not in used
    }
    for end in sorted(ends):
        fresh = disassemble(code)
        line = fresh[end].position[0]
        before = fresh[end - 1]
        nothing = before.name == "LOAD_CONST" and not code.co_consts[before.argument]
        constants = (*code.co_consts, SOMETHING if nothing else None)
        if _changed(fresh, end, len(constants) - 1):
            yield line or code.co_firstlineno, assemble(code, fresh, co_consts=constants)


def _use(instructions: list[Instruction], index: int) -> int | None:
    """Where the value that an instruction has to do with is decided on, stored, or thrown away."""
    for place in range(index, len(instructions)):
        name = instructions[place].name
        if _turned(name) or name in LOST or name in KEPT or name == "POP_TOP":
            return place
        if name in ENDS or "JUMP" in name:
            return None
    return None


def _turned(name: str) -> str:
    """The conditional jump that goes the other way; "" for what is none."""
    head, between, tail = name.partition("_IF_")
    condition, join, rest = tail.partition("_OR_")
    other = OTHER_WAY.get(condition, "")
    found = f"{head}{between}{other}{join}{rest}"
    return found if "JUMP" in head and other and found in opcode.opmap else ""


def _changed(instructions: list[Instruction], place: int, lost: int) -> bool:
    """Change what is at a place; False where it is nothing that can be left out."""
    one = instructions[place]
    if other := _turned(one.name):
        one.opcode = opcode.opmap[other]
        return True
    if one.name in KEPT:
        return _replaced(instructions, place, 1, lost, kept=_copy(one))
    if one.name in LOST:
        return _replaced(instructions, place, LOST[one.name], None)
    call = instructions[place - 1] if place else one
    extra = CALLS.get(call.name)
    taken = call.argument + extra if extra else 3 + (call.argument & 1)
    if extra is None and call.name != "CALL_FUNCTION_EX":
        return False
    first = place - 1
    while instructions[first - 1].name in ("PRECALL", "KW_NAMES"):
        first -= 1
    del instructions[first + 1 : place]
    return _replaced(instructions, first, taken, lost)


def _copy(one: Instruction) -> Instruction:
    return Instruction(one.opcode, one.argument, one.position, one.target, one.handler)


def _replaced(
    instructions: list[Instruction],
    place: int,
    taken: int,
    lost: int | None,
    kept: Instruction | None = None,
) -> bool:
    """Take so much from the stack instead, put constant ``lost`` there, and do what is ``kept`` with it."""
    one = instructions[place]
    more: list[Instruction] = [
        Instruction(_POP, 0, one.position, None, one.handler) for _ in range(taken - 1)
    ]
    if lost is not None:
        more.append(Instruction(_CONST, lost, one.position, None, one.handler))
    if kept is not None:
        more.append(kept)
    one.opcode, one.argument = _POP, 0  # in its place: a jump may lead here
    instructions[place + 1 : place + 1] = more
    return True
