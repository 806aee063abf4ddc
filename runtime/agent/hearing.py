"""What calls of outside functions gave while a call was captured, so that a worker can give it again.

A call's record has what was given between its beginning and its end in its thread, by whatever of
the function ran there: a call inside a captured call of the same function belongs to both.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from types import BuiltinFunctionType, ModuleType

from selfsame.runtime.agent.naming import Unpicklable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Given = tuple[str, float | int]

MOST = 4096  # of what one call was given


class Hearing:
    """The records of the calls in progress, by thread and token.

    ``functions``: name and attribute by which the program calls each in ``namespace``, and its dotted
    name. Only where that is the standard library's own function, a record can stand for it.
    """

    def __init__(
        self, functions: Sequence[tuple[str, str, str]], namespace: Mapping[str, object]
    ) -> None:
        self._functions = [
            (name, attribute, dotted, _own(dotted)) for name, attribute, dotted in functions
        ]
        self._namespace = namespace
        self._records: dict[int, dict[int, list[Given]]] = {}
        self._why: dict[int, str] = {}

    def begin(self, token: int) -> None:
        """A call begins in this thread."""
        self._records.setdefault(get_ident(), {})[token] = []

    def heard(self, number: int, result: object) -> None:
        """A function gave this to one of the calls in progress in this thread."""
        records = self._records.get(get_ident())
        if not records:
            return
        name, attribute, dotted, own = self._functions[number]
        why = ""
        if own is None or _found(self._namespace, name, attribute) is not own:
            why = f"{dotted} is not the standard library's here"
        elif type(result) is not float and type(result) is not int:
            why = f"{dotted} gave no number"
        for token, record in records.items():
            if why or len(record) >= MOST:
                self._why[token] = why or f"more than {MOST:,} calls of outside functions"
            else:
                record.append((dotted, result))  # type: ignore[arg-type]

    def end(self, token: int) -> list[Given]:
        """What the call was given, in order. Raises Unpicklable where that cannot be replayed."""
        records = self._records.get(get_ident(), {})
        record = records.pop(token, None)
        if not records:
            self._records.pop(get_ident(), None)
        why = self._why.pop(token, "")
        if record is None:
            why = "it ended in another thread"
        if why:
            raise Unpicklable(why)
        assert record is not None
        return record


def _own(dotted: str) -> object:
    """The standard library's function; None where something else has its place."""
    module, _, name = dotted.rpartition(".")
    found = sys.modules.get(module)
    value = vars(found).get(name) if type(found) is ModuleType else None
    return value if type(value) is BuiltinFunctionType else None


def _found(namespace: Mapping[str, object], name: str, attribute: str) -> object:
    """What a call by these names reaches now, found without running code of the program's."""
    value = namespace.get(name)
    if not attribute:
        return value
    return vars(value).get(attribute) if type(value) is ModuleType else None
