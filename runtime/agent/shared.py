"""The generator behind the functions of ``random``: what all of a program draw from, as data of a call.

A call that draws from it is captured with its state, and a worker gives both sides that state: they
draw the same numbers, and must leave it the same.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    State: TypeAlias = tuple[bytes, float | None]

GENERATOR = ("random", "_inst")
"""Module and name."""


def state() -> State:
    """Its state now, as `put` takes it. Raises Unpicklable where the functions of ``random`` are others'."""
    from selfsame.runtime.agent.naming import Unpicklable
    from selfsame.runtime.agent.reduce import drawn

    home = sys.modules[GENERATOR[0]].__dict__
    generator = home.get(GENERATOR[1])
    for name in home.get("__all__", ()):
        if not name[:1].islower():
            continue  # a class
        function: Any = home.get(name)
        own = type(function) in (MethodType, BuiltinFunctionType)
        if not own or function.__self__ is not generator:
            raise Unpicklable(f"random.{name} is not the standard library's here")
    if type(generator) is not home.get("Random"):
        raise Unpicklable("the generator of random is not the standard library's here")
    return drawn(generator)


def draws(value: object) -> bool:
    """Whether a value is ``random``, or one of its functions that draw."""
    home = sys.modules.get(GENERATOR[0])
    if home is None:
        return False
    if value is home:
        return True
    own: Any = value if type(value) in (MethodType, BuiltinFunctionType) else None
    return own is not None and own.__self__ is home.__dict__.get(GENERATOR[1])


def put(state: State) -> None:
    """Let the functions of ``random`` draw on from a state. Raises struct.error for what is none."""
    import random
    from struct import unpack

    generator: Any = random.__dict__[GENERATOR[1]]
    words, gauss_next = state
    generator.setstate((random.Random.VERSION, unpack("<625I", words), gauss_next))
