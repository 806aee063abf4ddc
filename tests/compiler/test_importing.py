"""What the import of a tree leaves behind: of which classes there are instances, and what is not installed."""

import textwrap

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.importing import made_at_import
from selfsame.compiler.analysis.interprocedural import analysis_of
from selfsame.compiler.analysis.program import shared
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.cst.source import Source

CLASSES = """
import functools, importlib, sys
class A:
    def __init__(self): pass
    def make(self): return B()
class B:
    def __len__(self): return C() and 1
class C: pass
def build(): return A()
"""


def made(text: str, script: bool = False) -> str:
    """The classes of which the import of a module makes instances, in one word; ``any``."""
    source = Source("m.py", "m", CLASSES + textwrap.dedent(text))
    program = shared(lambda name: source if name == "m" else None, source, script)
    found = made_at_import(analysis_of(program).names)
    return (
        "any" if found is None else "".join(sorted(a.partition(":")[2].lstrip("_") for a in found))
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", ""),
        ("x = A()", "A"),
        ("x = A().make()", "ABC"),
        ("x = build()", "A"),
        ("def f(): return A()", ""),
        ("def f(x=A()): return x", "A"),
        ("def f(): return A()\nx = f()", "A"),
        ("x = [build]", "A"),
        ("x = lambda: C()", "C"),
        ("class D(A): pass", ""),
        ("class D:\n x = C()", "C"),
        ("class D:\n def f(self): return C()", ""),
        ("class D:\n def f(self): return C()\nx = D().f()", "CD"),
        ("class D:\n def __eq__(self, o): return C()\nx = D()", "CD"),
        ("class D(unheard):\n def run(self): return C()", "CD"),
        ("import enum\nclass D(enum.Enum):\n x = 1", "D"),
        ("def deco(f): return f\n@deco\ndef f(): return C()", "C"),
        ("@functools.lru_cache\ndef f(): return C()", ""),
        ("def f(x: A = None) -> B: return x", ""),
        ("x = isinstance(1, A)", ""),
        ("if __name__ == '__main__': x = A()", ""),
        ("x = getattr(build(), 'make')", "ABC"),
        ("x = getattr(build(), input())", "ABC"),
        ("x = globals()['A']", "ABC"),
        ("import m\nx = getattr(m, input())", "ABC"),
        ("x = getattr(importlib.import_module(input()), input())", "any"),
        ("x = A.__subclasses__()", "any"),
        ("x = eval(input())", "ABC"),
    ],
)
def test_classes_that_the_import_makes_instances_of(text: str, expected: str) -> None:
    assert made(text) == expected


def test_of_a_script_only_definitions_and_plain_assignments_are_executed() -> None:
    text = "build()\nx = [1, 2]\nclass D:\n y = C()\n"
    assert made(text) == "AC"
    assert made(text, script=True) == "C"


LOUD = """
class Loud:
    def __init__(self): pass
    def __eq__(self, other): print(open("x").read())
"""


def plain(text: str, absent: tuple[str, ...] = ()) -> ModuleFacts:
    source = Source("m.py", "m", LOUD + textwrap.dedent(text))
    return ModuleFacts.of(
        source, lambda n: source if n == "m" else None, absent=lambda name: name in absent
    )


HELD = [
    "class T:\n table = [{}]\n def f(self, x): return self.table[0] == x",
    "def g(x, known=[{}]): return known[0] == x\ndef f(x): return g(x)",
    "import unheard_of\ndef f(x): return unheard_of.table[0] == x",
    "import functools\n@functools.lru_cache\ndef kept(n): return [{}]\ndef f(x): return kept(1)[0] == x",
]


@pytest.mark.parametrize("text", HELD)
def test_what_no_call_brings_along_is_as_the_import_left_it(text: str) -> None:
    address = "m:T.f" if "class T" in text else "m:f"
    assert plain(text.format("1")).plain(address).replayable is Tri.YES
    held = text.format("Loud()") if "{}" in text else f"{text}\nunheard_of.put(Loud())"
    assert plain(held).plain(address).replayable is not Tri.YES
    later = text.format("1") + "\ndef more(): T.table.append(Loud())\n"
    assert plain(later).plain(address).replayable is Tri.YES
    assert plain(later + "more()\n").plain(address).replayable is not Tri.YES


FALLBACK = """
try:
    import faster
except ImportError:
    faster = None
if faster:
    add = faster.add
else:
    def add(a, b): return a + b
def f(a, b): return add(a, b)
"""


def test_what_is_not_installed_is_never_called() -> None:
    assert plain(FALLBACK).plain("m:f").replayable is not Tri.YES
    assert plain(FALLBACK, ("faster",)).plain("m:f").replayable is Tri.YES
    assert plain(FALLBACK, ("other",)).plain("m:f").replayable is not Tri.YES
    # A rewrite may run where it is installed.
    assert plain(FALLBACK, ("faster",)).effects("m:f").replayable is not Tri.YES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "try: xrange\nexcept NameError: xrange = range\ndef f(n): return list(xrange(n))",
            Tri.YES,
        ),
        ("xrange = xrange\ndef f(n): return list(xrange(n))", Tri.YES),
        (
            "import builtins\nbuiltins.xrange = Loud\ndef f(n): return xrange()\n",
            Tri.UNKNOWN,
        ),
        (
            "u = lambda x: x\nA = u('a')\ndef g(x, how=A): return how == x\ndef f(x): return g(x)",
            Tri.YES,
        ),
        (
            "def u(x): return Loud()\nA = u('a')\ndef g(x, how=A): return how == x\ndef f(x): return g(x)",
            Tri.UNKNOWN,
        ),
    ],
)
def test_names_that_are_bound_in_more_than_one_way(text: str, expected: Tri) -> None:
    assert plain(text).plain("m:f").replayable is expected
