"""Outside functions whose results can be recorded in the program, and given to the calls of a trial.

They take nothing and give a number, so a record of what they gave is all that a call learnt of the
outside. A call is one where it is written as ``module.function()`` or ``function()`` of a global name,
without arguments: then the capturing twin can listen right behind it, and a worker can bind the name
to what plays the record.
"""

import ast
from dataclasses import dataclass

_CLOCKS = "monotonic perf_counter process_time thread_time time"

REPLAYED: dict[str, str] = {
    **{f"time.{name}": "float" for name in _CLOCKS.split()},
    **{f"time.{name}_ns": "int" for name in _CLOCKS.split()},
    "random.random": "float",
}
"""The functions by dotted name, with the type of what they give."""


@dataclass(frozen=True, slots=True, order=True)
class OutsideCall:
    """A call of a function of `REPLAYED`: ``attribute`` is empty where the function itself is the global.

    ``place`` is the expression's: line, end line, column and end column in bytes, as code objects have them.
    """

    dotted: str
    name: str
    attribute: str
    place: tuple[int, int, int, int]

    @property
    def named(self) -> tuple[str, str, str]:
        """How the function is reached, and which it is: the same for all its calls."""
        return self.name, self.attribute, self.dotted


def outside_call(node: ast.AST, dotted: str) -> tuple[OutsideCall, ...]:
    """The call as one that can be replayed; nothing where it is written in another way."""
    if not dotted or not isinstance(node, ast.Call) or node.args or node.keywords:
        return ()
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if not isinstance(function, ast.Name) or node.end_lineno is None or node.end_col_offset is None:
        return ()
    place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
    return (OutsideCall(dotted, function.id, attribute, place),)
