"""Every pass does what its docstring shows, and says where what it needs does not hold."""

import importlib
import pkgutil
import re
import textwrap
from types import ModuleType

import pytest

import selfsame.compiler.passes
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import InternalError
from selfsame.compiler.ir import CALLEE, Graph, parse, print_graph, verify
from selfsame.compiler.lower import lower
from selfsame.compiler.passes import known_callees, known_methods, run

PASSES = [
    importlib.import_module(f"selfsame.compiler.passes.{found.name}")
    for found in pkgutil.iter_modules(selfsame.compiler.passes.__path__)
]


def section(module: ModuleType, title: str) -> str:
    """The indented block below a title of a docstring."""
    assert module.__doc__ is not None
    match = re.search(rf"^{title}:\n\n((?: {{4}}.*\n|\n)+)", module.__doc__, re.MULTILINE)
    assert match is not None, f"{module.__name__} has no {title}"
    return textwrap.dedent(match[1]).strip() + "\n"


def shown(graph: Graph) -> str:
    """The text without places and hashes, as docstrings have it."""
    body = print_graph(graph).split("\n", 1)[1]
    return re.sub(r" @\d+:\d+-\d+:\d+ #[0-9a-f]{32}$", "", body, flags=re.MULTILINE)


@pytest.mark.parametrize("module", PASSES, ids=lambda m: m.__name__)
def test_a_pass_does_what_its_docstring_shows(module: ModuleType) -> None:
    graph = lower(Source("m.py", "m", section(module, "Module")))
    assert shown(graph) == section(module, "Before")
    assert module.requires(graph) == []
    module.call(graph)
    assert shown(graph) == section(module, "After")
    assert verify(graph) == module.ensures(graph) == []
    assert parse(print_graph(graph)) == graph


def called(text: str) -> set[tuple[int, int]]:
    """(line of a call, line of what it calls)."""
    graph = lower(Source("m.py", "m", textwrap.dedent(text)))
    run(graph, (known_callees, known_methods))
    nodes = graph.nodes
    return {
        (nodes[e.use].span.line, nodes[e.definition].span.line)
        for e in graph.edges
        if e.variable == CALLEE
    }


C = "class C:\n    def f(self): pass\n\n    def g(self):\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(): pass\nf()", {(2, 1)}),
        ("class C: pass\ndef g():\n    return C()", {(3, 1)}),
        ("if a:\n    def f(): pass\nelse:\n    def f(): pass\nf()", {(5, 2), (5, 4)}),
        ("@d\ndef f(): pass\nf()", set()),
        ("def f(): pass\nf = d(f)\nf()", set()),
        ("def f(f):\n    f()", set()),
        ("def len(x): pass\nlen(1)", set()),
        ("def f(): pass\ndef g():\n    global f\n    f = 1\nf()", set()),
        ("def f(): pass\nfrom m import *\nf()", set()),
        ("class C:\n    def f(self):\n        self.f()\n        f()", {(3, 2)}),
        ("def f():\n    def g(): pass\n    return g()", {(3, 2)}),
        ("from m import f as g, h\ng(h())", {(2, 1)}),
        ("import a.b, c as d\na.b.f(), a.f(), d.f(), d.e.f()", {(2, 1)}),
        ("from m import o\no.f()", set()),
        (C + "        self.f()", {(5, 2)}),
        (C + "        def h(): self.f()\n        lambda: self.f()", {(5, 2), (6, 2)}),
        (C + "        self = other\n        self.f()", set()),
        (C + "        self.f()\nclass D(C):\n    def f(self): pass", {(5, 2), (5, 7)}),
        (C + "        self.f()\nD = C\nclass E(D):\n    def f(self): pass", {(5, 2), (5, 8)}),
        (C + "        self.f()\nclass D(C):\n    f = 1", set()),
        (C + "        self.f()\nclass D(C):\n    @d\n    def f(self): pass", set()),
        (C + "        self.f()\nx.f = 1", set()),
        (C + "        self.f()\nfor x.f in y: pass", set()),
        (C + "        self.f()\nwith y as (a, x.f): pass", set()),
        (C + "        self.f()\n[0 for x.f in y]", set()),
        (C + "        self.f()\nsetattr(x, y, 1)", set()),
        (C + "        self.f()\n    def i(self, x=(f := 1)): pass", set()),
        (
            "class B:\n    def f(self): pass\nclass C(B):\n    def g(self):\n        self.f()",
            {(5, 2)},
        ),
        ("class C(B):\n    def f(self): pass\n    def g(self):\n        self.f()", {(4, 2)}),
        ("class C(B):\n    def g(self):\n        self.f()", set()),
        (
            "class C:\n    @staticmethod\n    def f(): pass\n    @classmethod\n    def g(cls):\n        cls.f()",
            {(6, 2)},
        ),
        ("class C:\n    def f(self): pass\n    @staticmethod\n    def g(x):\n        x.f()", set()),
        ("class C:\n    def f(self): pass\n    def g(*self):\n        self.f()", set()),
        (
            "class C:\n    def __f(self): pass\n    def g(self):\n        self.__f()\nclass D(C):\n    def __f(self): pass",
            {(4, 2)},
        ),
        ("class C:\n    def f(self): pass\nC.f(1)", {(3, 2)}),
        (
            "class B: pass\nfor x in y:\n    class C(C, B):\n        def f(self): pass\n    C.f(1)",
            {(5, 4)},
        ),
        (C + "        self.f()\n" + "class D(C):\n    def f(self): pass\n" * 16, set()),
        (
            "class C(metaclass=M):\n    def f(self): pass\n    def __init__(self): pass\nC.f(C())",
            {(4, 1)},
        ),
        ("class B:\n    def __init__(self): pass\nclass C(B): pass\nC()", {(4, 3), (4, 2)}),
        ("if a:\n    def f(): pass\n" * 20 + "f()", set()),
    ],
)
def test_which_callees_are_known(text: str, expected: set[tuple[int, int]]) -> None:
    assert called(text) == expected


def test_a_pass_that_breaks_the_graph_is_named_beside_its_lines() -> None:
    broken = ModuleType("selfsame.compiler.passes.break_it")
    broken.requires = broken.ensures = lambda graph: []  # type: ignore[attr-defined]
    broken.call = lambda graph: graph.connect(0, 1, "nothing")  # type: ignore[attr-defined]
    graph = lower(Source("m.py", "m", "x = 1\n"))
    with pytest.raises(InternalError) as error:
        run(graph, (known_callees, broken))
    message = str(error.value)
    assert "after lowering, known-callees, break-it" in message
    assert "%1 assign plain" in message
    assert "  ^ has an edge for nothing and does not read it" in message


def test_requires_is_held() -> None:
    graph = lower(Source("m.py", "m", "def f(): pass\nf()\n"))
    run(graph, (known_callees,))
    with pytest.raises(InternalError, match="has an edge to its callee"):
        run(graph, (known_callees,))
