"""Payloads made here, in the form of captured ones, and the live state that goes with them."""

import copyreg
import io
import pickle
import re
import types
from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any

from selfsame.runtime.agent import closures, reduce
from selfsame.runtime.agent.capture import Later
from selfsame.runtime.agent.capture import dump as captured
from selfsame.runtime.agent.shared import GENERATOR, draws, state
from selfsame.runtime.shadow.inputs import Call

MOST_BYTES = 200_000
"""What a payload, or a global that goes with one, may take."""
MOST_CAPTURED = 16 << 20


def dump(
    parameters: tuple[Any, ...], live: Mapping[tuple[str, str], Any], partly: bool = False
) -> bytes:
    """A payload in the form of a capture. Unlike the agent's it may run code of the user's."""
    written = io.BytesIO()
    content: dict[str, object] = {"args": parameters, "globals": dict(live)}
    if partly:
        content["partly"] = True
    try:
        _Pickler(written, 5).dump(content)
    except RecursionError:  # objects that lead from one to the next
        later = Later()
        return captured({**content, "later": later}, MOST_CAPTURED, later=later)
    return written.getvalue()


def anew(call: Call, parameters: Iterable[Any]) -> bytes:
    """The payload of a call with other parameters."""
    return dump(tuple(parameters), call.globals, call.partly)


def view(data: bytes | bytearray, code: str, shape: tuple[int, ...]) -> memoryview:
    """A view of bytes with items of a format, in so many dimensions."""
    whole = memoryview(data)
    return whole if (code, shape) == ("B", whole.shape) else whole.cast(code, shape)  # type: ignore[call-overload]


def _viewed(value: memoryview) -> tuple[Any, ...]:
    data = value.tobytes()
    return view, (data if value.readonly else bytearray(data), value.format, value.shape)


REDUCED: ChainMap[Any, Any] = ChainMap(
    {
        memoryview: _viewed,
        re.Match: reduce.match,
        **dict.fromkeys((types.ModuleType, types.MethodType, types.CellType), reduce.reduce),
    },
    copyreg.dispatch_table,
)
"""How values are written that pickle does not know: for payloads alone, the user's code sees no change."""


class _Pickler(pickle.Pickler):
    """As pickle does it, but for functions that no name leads to."""

    dispatch_table = REDUCED

    def reducer_override(self, value: Any) -> Any:
        return closures.reduced(value) if type(value) is types.FunctionType else NotImplemented


def live_globals(
    function: types.FunctionType, module: types.ModuleType
) -> dict[tuple[str, str], Any]:
    """The module's own containers that the function reads, and the names it assigns.

    And the generator behind ``random``, where the module's code draws from it.

    They go with each call, so that no call sees what another one left behind.
    """
    found: dict[tuple[str, str], Any] = {}
    namespace = vars(module)
    todo, done = [function.__code__], set()
    while todo:
        code = todo.pop()
        if code in done:
            continue
        done.add(code)
        todo += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for name in code.co_names:
            value = namespace.get(name)
            if isinstance(value, types.FunctionType) and value.__globals__ is namespace:
                todo.append(value.__code__)
            elif draws(value):
                found[GENERATOR] = state()
            elif not name.startswith("__") and _state(value) and name in namespace:
                found[module.__name__, name] = value
    for key, value in list(found.items()):
        try:
            if len(pickle.dumps(value, 5)) > MOST_BYTES:
                del found[key]
            Call.of(dump((), {key: value}))
        except Exception:  # what cannot be copied stays as the import made it
            del found[key]
    return found


def _state(value: object) -> bool:
    """Whether a global may change or be assigned, and is small enough to go with every call."""
    if isinstance(value, (list, dict, set, bytearray)):
        return len(value) <= 2000
    return value is None or type(value) in (int, float, str, bool)
