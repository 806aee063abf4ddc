"""The two decorators a program may use to speak to selfsame. Neither wraps nor changes a function."""

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def node(label: str) -> Callable[[F], F]:
    """Give a function a label that CDL can name: ``@selfsame.node("rank")``.

    The label is read from the source, so the function is returned as it is.
    Raises TypeError where the label is not a string (``@selfsame.node`` without parentheses).
    """
    if not isinstance(label, str):
        raise TypeError('selfsame.node takes a label: @selfsame.node("rank")')

    def mark(function: F) -> F:
        return function

    return mark


def algorithm(function: F) -> F:
    """Register a function as an alternative that ``algorithm: [...]`` in CDL may name.

    The registration is read from the source, so the function is returned as it is.
    """
    return function
