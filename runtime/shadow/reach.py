"""Where two functions differ as code, line by line: no evidence counts for a line that never ran."""

import dis
from collections.abc import Iterator
from difflib import SequenceMatcher
from types import CodeType

NOTHING = frozenset(
    [
        "RESUME",
        "NOP",
        "CACHE",
        "MAKE_CELL",
        "COPY_FREE_VARS",
        "RETURN_GENERATOR",
        "POP_TOP",
        "PRECALL",
        "EXTENDED_ARG",
    ]
)
Line = tuple[int, tuple[str, ...]]


def own_codes(code: CodeType) -> list[CodeType]:
    """The code of a function and of all that is defined in it."""
    found = [code]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found += own_codes(constant)
    return found


def differing(a: CodeType, b: CodeType) -> tuple[set[int], set[int]]:
    """Line numbers of ``a`` that ``b`` has no like of, and of ``b`` that ``a`` has none of.

    Lines are alike by their instructions, names and constants, wherever in the file they are.
    """
    left, right = list(_lines(a)), list(_lines(b))
    matcher = SequenceMatcher(None, [ops for _, ops in left], [ops for _, ops in right], False)
    only_a, only_b = set(), set()
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag != "equal":
            only_a |= {line for line, _ in left[a_from:a_to]}
            only_b |= {line for line, _ in right[b_from:b_to]}
    return only_a, only_b


def _lines(code: CodeType) -> Iterator[Line]:
    """Runs of instructions of one line, in the order of the code."""
    for one in own_codes(code):
        line = 0
        ops: list[str] = []
        for instruction in dis.get_instructions(one):
            where = instruction.positions.lineno if instruction.positions else None
            if instruction.opname in NOTHING or where is None:
                continue
            if where != line and ops:
                yield line, tuple(ops)
                ops = []
            line = where
            value = instruction.argval
            plain = (
                "" if isinstance(value, CodeType) or "JUMP" in instruction.opname else repr(value)
            )
            ops.append(f"{instruction.opname} {plain}")
        if ops:
            yield line, tuple(ops)
