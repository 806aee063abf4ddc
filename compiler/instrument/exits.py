"""Makes a probed code object leave by an exception as the plain one does.

CPython compiles ``try``/``finally`` so that, when an exception passes, the frame's last
instruction becomes the re-raise: ``traceback.tb_frame.f_lineno`` and ``f_lasti`` of a finished
frame would name it instead of the statement that failed. A ``with`` block does better: its handler
is entered with the failing instruction on the stack, and the re-raise restores it. This gives the
probe's handler the same two bits::

    before   body -> handler, depth 0          PUSH_EXC_INFO  leave()  RERAISE 0 -> depth 1
    after    body -> handler, depth 0, lasti   PUSH_EXC_INFO  leave()  RERAISE 2 -> depth 2
"""

import dis
from types import CodeType

from selfsame.compiler.errors import InternalError
from selfsame.compiler.instrument.probes import LEAVE

_PUSH_EXC_INFO = dis.opmap["PUSH_EXC_INFO"]
_PUSH_NULL = dis.opmap["PUSH_NULL"]
_LOAD_CONST = dis.opmap["LOAD_CONST"]
_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
_RERAISE = dis.opmap["RERAISE"]

Entry = tuple[int, int, int, int]  # start, length, target (in code units), depth << 1 | lasti


def transparent(code: CodeType) -> CodeType:
    """``code`` with its outermost handler made transparent; as it is where it has none."""
    body = bytearray(code.co_code)
    entries = _entries(code.co_exceptiontable)
    handlers = {target for _, _, target, flags in entries if flags == 0}
    found = [target for target in handlers if _is_ours(code, body, target * 2)]
    if not found:
        return code
    if len(found) > 1:
        raise InternalError(f"{code.co_qualname}: two handlers look like the probe's")
    target = found[0]
    at = target * 2
    while body[at] != _RERAISE:
        at += 2
    if body[at + 1] != 0:
        raise InternalError(f"{code.co_qualname}: the probe's handler does not end in RERAISE 0")
    body[at + 1] = 2
    table = b"".join(_encoded(_changed(entry, target)) for entry in entries)
    return code.replace(
        co_code=bytes(body), co_exceptiontable=table, co_stacksize=code.co_stacksize + 1
    )


def _changed(entry: Entry, handler: int) -> Entry:
    start, length, target, flags = entry
    if target == handler and flags == 0:
        return start, length, target, 1
    if start == handler:  # what cleans up after the handler finds one value more on the stack
        return start, length, target, flags + 2
    return entry


def _is_ours(code: CodeType, body: bytearray, at: int) -> bool:
    """Whether the handler at byte ``at`` starts with the call of ``leave``."""
    if body[at] != _PUSH_EXC_INFO:
        return False
    at += 2
    if body[at] == _PUSH_NULL:  # before the callee up to 3.12, after it from 3.13
        at += 2
    argument = 0
    while body[at] == _EXTENDED_ARG:
        argument = (argument | body[at + 1]) << 8
        at += 2
    return body[at] == _LOAD_CONST and code.co_consts[argument | body[at + 1]] == LEAVE


def _entries(table: bytes) -> list[Entry]:
    """The exception table (Objects/exception_handling_notes.txt in CPython), in code units."""
    values: list[int] = []
    iterator = iter(table)
    for byte in iterator:
        value = byte & 63
        while byte & 64:
            byte = next(iterator)
            value = value << 6 | byte & 63
        values.append(value)
    return [
        (values[i], values[i + 1], values[i + 2], values[i + 3]) for i in range(0, len(values), 4)
    ]


def _encoded(entry: Entry) -> bytes:
    out = bytearray()
    for index, value in enumerate(entry):
        first = 128 if index == 0 else 0
        digits = [value & 63]
        while value := value >> 6:
            digits.append(value & 63)
        for place, digit in enumerate(reversed(digits)):
            more = 64 if place < len(digits) - 1 else 0
            out.append(digit | more | (first if place == 0 else 0))
    return bytes(out)
