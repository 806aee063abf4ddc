"""Compiled in place: of a decorated function the body is, and the decorator does what it did."""

import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
from compiled_workbench import swap_in
from test_in_place import captured

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.emit.cython.unit import module_text
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.in_place_function_to_cython import print_site
from selfsame.variants.compiled.trampoline import trampoline
from selfsame.variants.site import Site
from selfsame.variants.variation import Variation

TEXT = """
import functools

CALLS = []


def noted(function):
    @functools.wraps(function)
    def wrapper(*given):
        CALLS.append(given)
        return function(*given) + [len(CALLS)]
    return wrapper


@noted
def doubled(xs):
    return [2 * x for x in xs]


@functools.cache
def squares(n):
    return [k * k for k in range(n)]


class Row:
    def __init__(self, cells):
        self.cells = cells

    @property
    def total(self):
        found = 0
        for cell in self.cells:
            found += cell
        return found

    @noted
    def times(self, by):
        return [cell * by for cell in self.cells]

    @staticmethod
    def made(n):
        return [k for k in range(n)]

    @classmethod
    def of(cls, n):
        return [k for k in range(n)]


@noted
def fallen(n):
    return [n] if n < 1 else [x for k in range(2) for x in fallen(n - 1)]
"""


@pytest.fixture
def module() -> Iterator[Any]:
    made = types.ModuleType("sample")
    exec(compile(TEXT, "sample.py", "exec"), made.__dict__)
    sys.modules["sample"] = made
    yield made
    del sys.modules["sample"]


def compiled(builder: Builder, function: Any, qualname: str, call: tuple[Any, ...]) -> list[int]:
    """Swaps the compiled body in; how often it gave up is counted in what is given back."""
    source = Source("sample.py", "sample", TEXT)
    definition = {d.qualname: d for d in definitions(source)}[qualname]
    code = function.__code__
    seen = captured(call, code.co_varnames[: code.co_argcount])
    site = Site(source, definition, None, seen)
    unit = print_site(site, also=True)
    built = builder.build(module_text([unit], ""), {HEADER: header_text()})
    made, constants = trampoline(site, definition.node, built, unit.entry, unit.globals)
    gave_up: list[int] = []
    swap_in(
        function, Variation(qualname, "", "", "", "", made, constants), lambda: gave_up.append(1)
    )
    return gave_up


def test_a_decorator_still_does_what_it_does(module: Any, builder: Builder) -> None:
    gave_up = compiled(builder, module.doubled.__wrapped__, "doubled", ([1, 2],))
    assert module.doubled([1, 2]) == [2, 4, 1] and module.doubled([3]) == [6, 2]
    assert module.CALLS == [([1, 2],), ([3],)] and not gave_up
    assert module.doubled(["a"]) == ["aa", 3] and gave_up == [1]


def test_a_cache_keeps_what_the_compiled_body_gave(module: Any, builder: Builder) -> None:
    compiled(builder, module.squares.__wrapped__, "squares", (3,))
    assert module.squares(3) == [0, 1, 4] and module.squares(3) is module.squares(3)
    assert module.squares.cache_info().hits == 2


def test_properties_and_decorated_methods(module: Any, builder: Builder) -> None:
    row = module.Row([1, 2])
    gave_up = compiled(builder, module.Row.__dict__["total"].fget, "Row.total", (row,))
    gave_up += compiled(builder, module.Row.times.__wrapped__, "Row.times", (row, 3))
    assert row.total == 3 and row.times(3) == [3, 6, 1] and not gave_up


@pytest.mark.parametrize(
    ("qualname", "reason"),
    [
        ("fallen", "calls fallen"),
        ("Row.made", "takes no instance"),
        ("Row.of", "takes no instance"),
    ],
)
def test_what_is_refused(qualname: str, reason: str) -> None:
    source = Source("sample.py", "sample", TEXT)
    definition = {d.qualname: d for d in definitions(source)}[qualname]
    with pytest.raises(Skipped, match=reason):
        print_site(Site(source, definition, None, captured((3,), ("n",))), also=True)
