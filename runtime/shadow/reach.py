"""Where two functions differ as code: no evidence counts for a place that no input came to."""

import dis
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import NamedTuple

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
ANONYMOUS = frozenset(["<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>", "<lambda>"])
GIVING = frozenset(["YIELD_VALUE", "LIST_APPEND", "SET_ADD", "MAP_ADD", "RETURN_VALUE"])
LEAPT_OVER = "END_FOR "
"""Where a loop ends, and what no loop comes to in 3.13: it goes on behind."""
OF_PROCESS = {
    "sys": frozenset(["argv", "orig_argv"]),
    "os": frozenset(["environ", "environb", "getcwd", "getcwdb"]),
    "locale": frozenset(["localeconv", "getlocale", "nl_langinfo"]),
}
"""What belongs to the process, by module: it is the same for all inputs."""
JUMPS = frozenset([*dis.hasjrel, *dis.hasjabs])
"""What has a place in the code for its argument: it moves with all that is in front of it."""
Span = tuple[int, ...]
"""Where an expression or statement is in its file: line, end line, column, end column.

And the offset of an instruction, where others have that place too.
"""


class Row(NamedTuple):
    """One instruction: its place, what it does, and where it may go on from there if it decides.

    ``stores`` and ``loads`` are the local names that it assigns and reads. ``gives``: of a generator expression,
    comprehension or lambda, where its code gives something.
    """

    where: Span
    text: str
    offset: int
    ways: tuple[Span, ...] = ()
    stores: frozenset[str] = frozenset()
    loads: frozenset[str] = frozenset()
    gives: Span | None = None


def returning(code: CodeType) -> dict[int, Span]:
    """Places for jumps back to the head of a loop that the compiler gave none, by offset, in order.

    In Python 3.11 those that several lines go on to are of no line: their place is that of the head.
    """
    return _returning(list(dis.get_instructions(code)))


def _returning(instructions: Sequence[dis.Instruction]) -> dict[int, Span]:
    found: dict[int, Span] = {}
    heads = {one.offset: _told(one) for one in instructions if one.opname == "FOR_ITER"}
    for one in instructions:
        head = heads.get(one.argval) if one.opname == "JUMP_BACKWARD" else None
        if head is not None and _told(one) is None:
            found[one.offset] = exact(head, one.offset)
    return found


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


def exact(where: Span, offset: int) -> Span:
    """The place of one instruction alone."""
    return *where, offset


def differing(a: CodeType, b: CodeType) -> tuple[set[Span], set[Span]]:
    """Places in ``a`` that ``b`` has no like of, and in ``b`` that ``a`` has none of.

    Lines are alike by their instructions, names and constants, wherever in the file they are; in
    lines that are not alike, single instructions are held against each other. A value that only got
    a name, to be used once and at once, is the same code. What is decided in such
    a line, or on a local that is assigned there, must have gone both ways: the places where an ``if``
    or a loop leads belong to it.
    """
    left, right = list(_lines(a)), list(_lines(b))
    only_a: set[Row] = set()
    only_b: set[Row] = set()
    ways_a: set[Span] = set()
    ways_b: set[Span] = set()
    for rows_a, rows_b in _unlike_rows(left, right):
        for in_a, in_b in _unlike(_texts(rows_a), _texts(rows_b)):
            only_a.update(rows_a[in_a])
            only_b.update(rows_b[in_b])
        ways_a |= _decided(rows_a, left) | _given(rows_a)
        ways_b |= _decided(rows_b, right) | _given(rows_b)
    return ways_a | _places(only_a, left), ways_b | _places(only_b, right)


def _places(unlike: set[Row], lines: Sequence[Sequence[Row]]) -> set[Span]:
    """The places of rows; where one that is alike has the same, it is not enough that something ran there.

    Of instructions that do the same in the same place, any may be the one that was added.
    """
    unlike = {row for row in unlike if not row.text.startswith(LEAPT_OVER)}
    others = [row for line in lines for row in line if row not in unlike]
    shared = {row.where for row in others}
    twins = {(row.where, row.text) for row in unlike}
    exactly = {row for row in unlike if row.where in shared}
    exactly.update(row for row in others if (row.where, row.text) in twins)
    return {exact(row.where, row.offset) for row in exactly} | {
        row.where for row in unlike if row.where not in shared
    }


def unvaried(
    code: CodeType, other: CodeType, places: set[Span], namespace: Mapping[str, object]
) -> set[int]:
    """Lines of these places that read what no input varies: what belongs to the process.

    And such lines that the other has in an inner function, which it need not call each time. ``namespace`` has
    the globals of the code, so that a name imported from a module is seen for what it is.
    """
    lines = {place[0] for place in places}
    outermost = {_texts(rows) for rows in _lines_of(other)}
    lines |= {rows[0].where[0] for rows in _lines_of(code) if _texts(rows) not in outermost}
    found: set[int] = set()
    for one in own_codes(code):
        instructions = [i for i in dis.get_instructions(one) if i.opname != "CACHE"]
        for name, member in pairwise(instructions):
            line = name.positions.lineno if name.positions else None
            if name.opname != "LOAD_GLOBAL" or line is None or line not in lines:
                continue
            asked = member.argval if member.opname in ("LOAD_ATTR", "LOAD_METHOD") else None
            of_module = asked in OF_PROCESS.get(name.argval, ())
            if of_module or _origin(namespace.get(name.argval)) in _ORIGINS:
                found.add(line)
    return found


_BELOW = {"sys": "sys", "os": "posix", "locale": "_locale"}
_ORIGINS = {(_BELOW[module], name) for module, names in OF_PROCESS.items() for name in names}


def _origin(value: object) -> tuple[str, str]:
    """The module and the name of a function; of one that wraps another, those of the other."""
    if type(value) not in (FunctionType, BuiltinFunctionType):
        return "", ""
    return str(getattr(value, "__module__", "")), str(getattr(value, "__name__", ""))


def changed(a: CodeType, b: CodeType) -> set[Span]:
    """Places in ``a`` that ``b`` has no like of or has more in front of, and not where they lead."""
    return {
        row.where
        for rows_a, rows_b in _unlike_rows(list(_lines(a)), list(_lines(b)))
        for in_a, _ in _unlike(_texts(rows_a), _texts(rows_b))
        for row in rows_a[in_a] or rows_a[in_a.start : in_a.start + 1]
    }


def _unlike_rows(
    left: Sequence[Sequence[Row]], right: Sequence[Sequence[Row]]
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Instructions of lines that are not alike."""
    for of_a, of_b in _unlike([_texts(x) for x in left], [_texts(x) for x in right]):
        rows_a = [row for line in left[of_a] for row in line]
        rows_b = [row for line in right[of_b] for row in line]
        if _texts(rows_a) != _texts(rows_b):  # else the same, on more or fewer lines
            yield rows_a, rows_b


def _given(rows: Sequence[Row]) -> set[Span]:
    """Where generator expressions and their like give what these rows are about: what none gives, none shows."""
    return {row.gives for row in rows if row.gives is not None}


def _decided(rows: Sequence[Row], lines: Sequence[Sequence[Row]]) -> set[Span]:
    """Where decisions lead that are made in these rows, or on what they assign."""
    found = {place for row in rows for place in row.ways}
    stored = {name for row in rows for name in row.stores}
    for line in lines:
        if any(row.loads & stored for row in line):
            found |= {place for row in line for place in row.ways}
    return found


def _unlike(a: Sequence[object], b: Sequence[object]) -> Iterator[tuple[slice, slice]]:
    matcher = SequenceMatcher(None, a, b, False)
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag != "equal":
            yield slice(a_from, a_to), slice(b_from, b_to)


def _texts(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row.text for row in rows)


def _lines(code: CodeType) -> Iterator[list[Row]]:
    """Runs of instructions of one line, in the order of the code and of what is defined in it."""
    for one in own_codes(code):
        yield from _lines_of(one)


def _lines_of(code: CodeType) -> Iterator[list[Row]]:
    rows: list[Row] = []
    instructions = list(dis.get_instructions(code))
    named, depths = _only_named(instructions), _depths(instructions)
    rounds = _returning(instructions)
    for index, instruction in enumerate(instructions):
        where = _told(instruction) or rounds.get(instruction.offset)
        if where is None or index in named:
            continue
        if rows and rows[-1].where[0] != where[0]:
            yield rows
            rows = []
        name, value = instruction.opname, instruction.argval
        elsewhere = instruction.opcode in JUMPS or isinstance(value, CodeType)
        plain = str(depths.get(value, "")) if elsewhere else repr(value)
        ways = _ways(instructions, index)
        text, offset = f"{name} {plain}", instruction.offset
        rows.append(Row(where, text, offset, ways, *_locals(name, value), _gives(value)))
    if rows:
        yield rows


def _depths(instructions: Sequence[dis.Instruction]) -> dict[object, int]:
    """In how many loops a ``for`` loop stands, by the offset of its head: what goes on in which is told apart."""
    heads = [(i.offset, i.argval) for i in instructions if i.opname == "FOR_ITER"]
    return {head: sum(begin < head < end for begin, end in heads) for head, _ in heads}


def _gives(value: object) -> Span | None:
    """Where the code of a generator expression, comprehension or lambda gives something; None for anything else."""
    if not isinstance(value, CodeType) or value.co_name not in ANONYMOUS:
        return None
    giving = (i for i in dis.get_instructions(value) if i.opname in GIVING)
    return next((exact(place, i.offset) for i in giving if (place := _told(i))), None)


def _only_named(instructions: Sequence[dis.Instruction]) -> set[int]:
    """Pairs that store a local and load it, where no other instruction has to do with that local."""
    uses = Counter(i.argval for i in instructions if i.opname in ("STORE_FAST", "LOAD_FAST"))
    others = {
        name
        for i in instructions
        if "_FAST" in i.opname and i.opname not in ("STORE_FAST", "LOAD_FAST")
        for name in (i.argval if isinstance(i.argval, tuple) else (i.argval,))
    }
    found: set[int] = set()
    for index, (one, two) in enumerate(pairwise(instructions)):
        pair = (one.opname, two.opname) == ("STORE_FAST", "LOAD_FAST") and one.argval == two.argval
        once = uses[one.argval] == 2 and one.argval not in others
        if pair and once and not two.is_jump_target:
            found |= {index, index + 1}
    return found


def _told(instruction: dis.Instruction) -> Span | None:
    """The place of an instruction that stands for something in the source."""
    if instruction.opname in NOTHING or instruction.opname in UNWINDING:
        return None
    return span(instruction.positions) if instruction.positions else None


def _locals(name: str, value: object) -> tuple[frozenset[str], frozenset[str]]:
    """The local names that an instruction assigns and reads; from 3.13 on some do two things."""
    if "_FAST" not in name:
        return frozenset(), frozenset()
    names = value if isinstance(value, tuple) else (value,)
    kinds = [part for part in name.split("_") if part in ("LOAD", "STORE")]
    found = list(zip(kinds, map(str, names), strict=False))
    return (
        frozenset(local for kind, local in found if kind == "STORE"),
        frozenset(local for kind, local in found if kind == "LOAD"),
    )


def loaded(code: CodeType) -> set[str]:
    """The local names that are read anywhere in a code object."""
    return {name for i in dis.get_instructions(code) for name in _locals(i.opname, i.argval)[1]}


def _ways(instructions: Sequence[dis.Instruction], index: int) -> tuple[Span, ...]:
    """Where a conditional jump leads: to the place that follows it, and to its target's."""
    instruction = instructions[index]
    if not ("JUMP" in instruction.opname and "_IF_" in instruction.opname):
        return ()
    target = instruction.argval
    onward = (i for i in instructions[index + 1 :] if _told(i))
    there = (i for i in instructions if i.offset >= target and _told(i))
    found = [next(onward, None), next(there, None)]
    return tuple(place for i in found if i is not None and (place := _told(i)))
