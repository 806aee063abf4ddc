"""Where two functions differ as code: no evidence counts for a place that no input came to."""

import dis
from collections.abc import Iterator, Sequence
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
UNWINDING = frozenset(
    ["PUSH_EXC_INFO", "POP_EXCEPT", "RERAISE", "COPY", "SWAP", "WITH_EXCEPT_START", "CLEANUP_THROW"]
)
"""What the compiler adds for exceptions that nobody handles."""
Span = tuple[int, int, int, int]
"""Where an expression or statement is in its file: line, end line, column, end column."""
Row = tuple[Span, str]


def own_codes(code: CodeType) -> list[CodeType]:
    """The code of a function and of all that is defined in it."""
    found = [code]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found += own_codes(constant)
    return found


def span(position: tuple[int | None, int | None, int | None, int | None]) -> Span | None:
    """A position of `CodeType.co_positions`; None where the compiler added the instruction."""
    line, end_line, column, end_column = position
    if line is None:
        return None
    return line, end_line or line, -1 if column is None else column, end_column or -1


def differing(a: CodeType, b: CodeType) -> tuple[set[Span], set[Span]]:
    """Places in ``a`` that ``b`` has no like of, and in ``b`` that ``a`` has none of.

    Lines are alike by their instructions, names and constants, wherever in the file they are; in
    lines that are not alike, single instructions are held against each other.
    """
    left, right = list(_lines(a)), list(_lines(b))
    only_a: set[Span] = set()
    only_b: set[Span] = set()
    for of_a, of_b in _unlike([_texts(x) for x in left], [_texts(x) for x in right]):
        rows_a = [row for line in left[of_a] for row in line]
        rows_b = [row for line in right[of_b] for row in line]
        for in_a, in_b in _unlike(_texts(rows_a), _texts(rows_b)):
            only_a |= {where for where, _ in rows_a[in_a]}
            only_b |= {where for where, _ in rows_b[in_b]}
    return only_a, only_b


def _unlike(a: Sequence[object], b: Sequence[object]) -> Iterator[tuple[slice, slice]]:
    matcher = SequenceMatcher(None, a, b, False)
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag != "equal":
            yield slice(a_from, a_to), slice(b_from, b_to)


def _texts(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(text for _, text in rows)


def _lines(code: CodeType) -> Iterator[list[Row]]:
    """Runs of instructions of one line, in the order of the code."""
    for one in own_codes(code):
        rows: list[Row] = []
        for instruction in dis.get_instructions(one):
            where = span(instruction.positions) if instruction.positions else None
            name = instruction.opname
            if name in NOTHING or name in UNWINDING or where is None:
                continue
            if rows and rows[-1][0][0] != where[0]:
                yield rows
                rows = []
            value = instruction.argval
            plain = "" if isinstance(value, CodeType) or "JUMP" in name else repr(value)
            rows.append((where, f"{name} {plain}"))
        if rows:
            yield rows
