"""Code objects as lists of instructions, and back: for changes that must move nothing else.

Knows the formats of CPython 3.11 to 3.13: instructions with inline caches, the exception table
(Objects/exception_handling_notes.txt) and the location table (Objects/locations.md). Jumps and
handlers are references to instructions, so instructions can be inserted anywhere.
"""

import opcode
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from selfsame.compiler.errors import Skipped

Position = tuple[int | None, int | None, int | None, int | None]  # line, end line, column, end

NOWHERE: Position = (None, None, None, None)
SUPPORTED = ((3, 11), (3, 13))

_EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]
_JUMPS = frozenset(opcode.hasjrel)
_BACKWARD = frozenset(op for op in _JUMPS if "BACKWARD" in opcode.opname[op])
_LONG, _NO_COLUMNS, _NONE = 14, 13, 15


def _cache_sizes() -> list[int]:
    """Code units of inline cache after each opcode."""
    known: Any = opcode._inline_cache_entries  # type: ignore[attr-defined]
    if isinstance(known, dict):  # from 3.13, by name
        return [known.get(name, 0) for name in opcode.opname]
    return list(known)


_CACHES = _cache_sizes()


@dataclass(eq=False, slots=True)
class Instruction:
    """One instruction without its prefixes and caches; ``target`` is set for jumps only."""

    opcode: int
    argument: int = 0
    position: Position = NOWHERE
    target: "Instruction | None" = None
    handler: "Handler | None" = None

    @property
    def name(self) -> str:
        """``LOAD_FAST``."""
        return opcode.opname[self.opcode]


@dataclass(frozen=True, slots=True)
class Handler:
    """Where an exception goes, and what it finds on the stack: ``lasti`` below the exception."""

    target: Instruction
    depth: int
    lasti: bool


def disassemble(code: CodeType) -> list[Instruction]:
    """The instructions of ``code``. Raises Skipped on a Python whose formats are not known."""
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        raise Skipped(f"the code objects of Python {sys.version.split()[0]} are not known")
    raw = code.co_code
    positions = list(code.co_positions())
    found: list[Instruction] = []
    starts: dict[int, Instruction] = {}
    ends: list[int] = []
    unit = start = prefix = 0
    while unit * 2 < len(raw):
        op, argument = raw[unit * 2], raw[unit * 2 + 1] | prefix
        if op == _EXTENDED_ARG:
            prefix = argument << 8
            unit += 1
            continue
        instruction = Instruction(op, argument, positions[unit])
        unit += 1 + _CACHES[op]
        found.append(instruction)
        starts[start] = instruction
        ends.append(unit)
        start, prefix = unit, 0
    for instruction, end in zip(found, ends, strict=True):
        if instruction.opcode in _JUMPS:
            back = instruction.opcode in _BACKWARD
            instruction.target = starts[end + (-1 if back else 1) * instruction.argument]
    for first, length, goal, flags in exception_entries(code.co_exceptiontable):
        handler = Handler(starts[goal], flags >> 1, bool(flags & 1))
        for at in range(first, first + length):
            if at in starts:
                starts[at].handler = handler
    return found


def assemble(code: CodeType, instructions: list[Instruction], **changes: Any) -> CodeType:
    """``code`` with other instructions; ``changes`` are further arguments of ``replace``."""
    starts, sizes, size = _layout(instructions)
    raw = bytearray()
    for instruction, extended in zip(instructions, sizes, strict=True):
        for shift in range(extended * 8, 0, -8):
            raw += bytes((_EXTENDED_ARG, instruction.argument >> shift & 255))
        raw += bytes((instruction.opcode, instruction.argument & 255))
        raw += bytes(2 * _CACHES[instruction.opcode])
    return code.replace(
        co_code=bytes(raw),
        co_exceptiontable=_exception_table(instructions, starts, size),
        co_linetable=_location_table(instructions, starts, size, code.co_firstlineno),
        **changes,
    )


def _layout(instructions: list[Instruction]) -> tuple[dict[int, int], list[int], int]:
    """Where each instruction begins (by id), its number of prefixes, and the length: in units.

    Sets the arguments of jumps. Prefixes only ever grow, so it ends.
    """
    sizes = [_prefixes(i.argument) if i.target is None else 0 for i in instructions]
    while True:
        starts: dict[int, int] = {}
        ends: list[int] = []
        unit = 0
        for instruction, extended in zip(instructions, sizes, strict=True):
            starts[id(instruction)] = unit
            unit += extended + 1 + _CACHES[instruction.opcode]
            ends.append(unit)
        stable = True
        for index, (instruction, end) in enumerate(zip(instructions, ends, strict=True)):
            if instruction.target is None:
                continue
            distance = starts[id(instruction.target)] - end
            instruction.argument = -distance if instruction.opcode in _BACKWARD else distance
            if _prefixes(instruction.argument) > sizes[index]:
                sizes[index] = _prefixes(instruction.argument)
                stable = False
        if stable:
            return starts, sizes, unit


def _prefixes(argument: int) -> int:
    return max(0, (argument.bit_length() - 1) // 8)


def exception_entries(table: bytes) -> list[tuple[int, int, int, int]]:
    """(start, length, target, depth << 1 | lasti) of an exception table, in code units."""
    values: list[int] = []
    iterator = iter(table)
    for byte in iterator:
        value = byte & 63
        while byte & 64:
            byte = next(iterator)
            value = value << 6 | byte & 63
        values.append(value)
    quads = iter(values)
    return list(zip(quads, quads, quads, quads, strict=True))


def _exception_table(instructions: list[Instruction], starts: dict[int, int], size: int) -> bytes:
    out = bytearray()
    for handler, start, end in _runs([i.handler for i in instructions], instructions, starts, size):
        if handler is not None:
            flags = handler.depth << 1 | handler.lasti
            entry = (start, end - start, starts[id(handler.target)], flags)
            for index, value in enumerate(entry):
                digits = [value & 63]
                while value := value >> 6:
                    digits.append(value & 63 | 64)
                digits.reverse()
                digits[0] |= 0 if index else 128
                out += bytes(digits)
    return bytes(out)


def _location_table(
    instructions: list[Instruction], starts: dict[int, int], size: int, first: int
) -> bytes:
    out = bytearray()
    current = first
    places = [i.position for i in instructions]
    for (line, end_line, column, end_column), start, end in _runs(
        places, instructions, starts, size
    ):
        body = bytearray()
        kind = _NONE
        for at in range(start, end, 8):  # an entry covers eight code units at most
            if line is not None:
                body = bytearray(_signed(line - current))
                current = line
                kind = _NO_COLUMNS
                if None not in (end_line, column, end_column):
                    assert end_line is not None and column is not None and end_column is not None
                    kind = _LONG
                    for value in (end_line - line, column + 1, end_column + 1):
                        body += _unsigned(value)
            out.append(128 | kind << 3 | min(8, end - at) - 1)
            out += body
    return bytes(out)


def _runs(
    values: list[Any], instructions: list[Instruction], starts: dict[int, int], size: int
) -> Iterator[tuple[Any, int, int]]:
    """(value, first unit, unit after the last) for neighbours with equal values."""
    begin = 0
    for index, value in enumerate(values):
        following = values[index + 1] if index + 1 < len(values) else None
        last = index + 1 == len(values)
        if last or value != following:
            end = size if last else starts[id(instructions[index + 1])]
            yield value, begin, end
            begin = end


def _unsigned(value: int) -> bytes:
    digits = bytearray()
    while value >= 64:
        digits.append(value & 63 | 64)
        value >>= 6
    digits.append(value)
    return bytes(digits)


def _signed(value: int) -> bytes:
    return _unsigned(-value << 1 | 1 if value < 0 else value << 1)
