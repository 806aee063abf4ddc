"""Compiled in place: a method that is not the one of the text, from the first call on, is Python's to call."""

from collections.abc import Callable
from typing import Any

import pytest
from test_in_place import InPlace, Make

TEXT = """
class Shape:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side

    @property
    def edge(self):
        return self.side + 0

    @staticmethod
    def twice(x):
        return x + x


class Square(Shape):
    def name(self):
        return "square"


def {name}(shapes):
    total = 0
    for shape in shapes:
        total += {what}
    return total
"""

WAYS: dict[str, tuple[str, str, Callable[[], Any]]] = {
    "method": ("shape.area()", "area", lambda: lambda self: 1000),
    "property": ("shape.edge", "edge", lambda: property(lambda self: 1000)),
    "static": ("shape.twice(shape.side)", "twice", lambda: staticmethod(lambda x: 1000)),
}


@pytest.mark.parametrize("which", WAYS)
@pytest.mark.parametrize("on", ["Shape", "Square"])
def test_replaced_before_the_first_call(builder: Any, which: str, on: str) -> None:
    what, attribute, make = WAYS[which]
    name = f"total_{which}_{on.lower()}"
    examples: dict[str, Make] = {name: lambda m: ([m.Square(2), m.Square(3)],)}
    bench = InPlace(builder, TEXT.format(name=name, what=what), examples)
    for module in (bench.original, bench.compiled):
        setattr(getattr(module, on), attribute, make())
    bench.check(name, lambda m: ([m.Square(2), m.Square(3)],))
    assert bench.deopts[name] == 1


@pytest.mark.parametrize("which", WAYS)
def test_as_the_text_has_it(builder: Any, which: str) -> None:
    what, attribute, make = WAYS[which]
    name = f"kept_{which}"
    examples: dict[str, Make] = {name: lambda m: ([m.Square(2), m.Square(3)],)}
    bench = InPlace(builder, TEXT.format(name=name, what=what), examples)
    bench.check_fast(name, lambda m: ([m.Square(2), m.Square(3)],))
    for module in (bench.original, bench.compiled):
        setattr(module.Square, attribute, make())
    bench.check(name, lambda m: ([m.Square(2), m.Square(3)],))
    assert bench.deopts[name] == 1


def test_another_class_in_the_place_of_the_class(builder: Any) -> None:
    examples: dict[str, Make] = {"total": lambda m: ([m.Square(2)],)}
    bench = InPlace(builder, TEXT.format(name="total", what="shape.area()"), examples)
    for module in (bench.original, bench.compiled):

        class Square(module.Shape):  # type: ignore[misc, name-defined]
            def area(self) -> int:
                return 1000

        module.Square = Square
    bench.check("total", lambda m: ([m.Square(2)],))
