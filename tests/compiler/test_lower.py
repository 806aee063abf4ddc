"""Def-use edges by reaching definitions: who may have written what a node reads."""

import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir import Graph, Node, Span, parse, print_graph, verify
from selfsame.compiler.ir.operations import (
    Assign,
    Call,
    Comprehension,
    Container,
    Function,
    Import,
    Module,
    Opaque,
    Try,
)
from selfsame.compiler.ir.parser import parse_notes
from selfsame.compiler.lower import lower


def graph(text: str) -> Graph:
    found = lower(Source("m.py", "m", textwrap.dedent(text)))
    assert verify(found) == []
    assert parse(print_graph(found)) == found
    return found


def reaching(text: str) -> dict[str, set[int]]:
    """Variable -> lines of the definitions that reach the line marked with ``# here``."""
    text = textwrap.dedent(text)
    line = next(i for i, t in enumerate(text.split("\n"), 1) if "# here" in t)
    found = graph(text)
    lines: dict[str, set[int]] = {}
    for edge in found.edges:
        if found.nodes[edge.use].span.line == line and edge.variable != "=":
            lines.setdefault(edge.variable, set()).add(found.nodes[edge.definition].span.line)
    return lines


CASES = [
    ("x = 1\nx = 2\nx  # here", {"x": {2}}),
    ("if a:\n    x = 1\nelse:\n    x = 2\nx  # here", {"x": {2, 4}}),
    ("x = 0\nif a:\n    x = 1\nx  # here", {"x": {1, 3}}),
    ("if a:\n    x = 1\nelif b:\n    x = 2\nelse:\n    raise E\nx  # here", {"x": {2, 4}}),
    ("def f(x):\n    if x:\n        x = 1\n        return x\n    return x  # here", {"x": {1}}),
    ("x = 0\nfor i in a:\n    x  # here\n    x = 1", {"x": {1, 4}}),
    ("x = 0\nfor i in a:\n    x = 1\n    x  # here", {"x": {3}}),
    ("x = 0\nwhile x:\n    x += 1  # here", {"x": {1, 3}}),
    ("x = 0\nfor i in a:\n    if i:\n        continue\n    x = 1\nx  # here", {"x": {1, 5}}),
    ("x = 0\nfor i in a:\n    x = 1\n    if i:\n        x = 2\n        break\n    x = 3\nx  # here",
     {"x": {1, 5, 7}}),
    ("x = 0\nfor i in a:\n    x = 1\n    break\nelse:\n    x = 2\nx  # here", {"x": {3, 6}}),
    ("x = 0\nfor i in a:\n    for j in b:\n        x  # here\n        if j: break\n        x = 1\n    x = 2",
     {"x": {1, 6, 7}}),
    ("x = 0\nfor i in a:\n    for j in b:\n        pass\n    x  # here\n    x = 1", {"x": {1, 6}}),
    ("for i in a:\n    for j in b:\n        if j:\n            x  # here\n    x = 1", {"x": {5}}),
    ("for i in a: pass\ni  # here", {"i": {1}}),
    ("x = 0\ntry:\n    x = 1\n    x = 2\nexcept E as e:\n    x, e  # here", {"x": {1, 3, 4}, "e": {5}}),
    ("x = 0\ntry:\n    x = 1\nexcept E:\n    x = 2\nelse:\n    x = 3\nx  # here", {"x": {5, 7}}),
    ("x = 0\ntry:\n    x = 1\nfinally:\n    x  # here", {"x": {1, 3}}),
    ("with a as x:\n    x = 1\nx  # here", {"x": {1, 2}}),
    ("x = 1\ndel x\nx  # here", {}),
    ("x = 1\ny = [x for x in x]  # here", {"x": {1, 2}}),
    ("x = 1\ny = [x for z in a]  # here", {"x": {1}}),
    ("x = 1\nx = x + 1  # here", {"x": {1}}),
    ("x = 1\nx[x] = (x := 2)  # here", {"x": {2}}),
    ("match a:\n    case [x, *y] if x:\n        x, y  # here", {"x": {2}, "y": {2}}),
    ("x = 1\ndef f():\n    return x  # here\nx = 2", {"x": {1, 4}}),
    ("def f(x):\n    def g():\n        return x  # here\n    x = 2\n    return g", {"x": {1, 4}}),
    ("def f(x):\n    def g():\n        nonlocal x\n        x = 2\n    g()\n    return x  # here",
     {"x": {1, 4}}),
    ("x = 1\ndef f():\n    global x\n    x = 2\nx  # here", {"x": {1, 4}}),
    ("x = 1\nclass C:\n    y = x  # here\n    x = 2", {"x": {1}}),
    ("class C:\n    x = 1\n    def f(self):\n        return x  # here", {}),
    ("class C:\n    x = 1\n    y = x  # here", {"x": {2}}),
    ("import a.b, c as d\na, d  # here", {"a": {1}, "d": {1}}),
    ("x = 1\nf = lambda x: g(x)  # here", {"x": {2}}),
    ("def f(x): return x\ng = [(lambda x: x)(x) for x in f(1)]  # here", {"x": {2}, "f": {1}}),
    ("x = 1\nif (x := 2):\n    x  # here", {"x": {2}}),
    ("while True:\n    if a:\n        x = 1\n    else:\n        break\n    x  # here", {"x": {3}}),
    ("def f(x=1, *, y: int = 2):\n    return x, y  # here", {"x": {1}, "y": {1}}),
    ("x = 1\nf'{x!r:>{x}}' 'a'  # here", {"x": {1}}),
    ("def f():\n    return f  # here", {"f": {1}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_reaching_definitions(text: str, expected: dict[str, set[int]]) -> None:
    assert reaching(text) == expected


def test_values_go_to_the_node_around() -> None:
    found = graph("x = f(g(1), [h(y) for y in z])\n")
    values = {(e.definition, e.use) for e in found.edges if e.variable == "="}
    kinds = [n.operation for n in found.nodes]
    assert [type(k).__name__ for k in kinds] == [
        "Module",
        "Assign",
        "Call",
        "Call",
        "Comprehension",
        "Call",
    ]
    assert values == {(2, 1), (3, 2), (4, 2), (5, 4)}


def test_a_call_knows_its_arguments_and_an_assignment_its_stores() -> None:
    found = graph("a.b[i] = c.d(x, *y, k=z, **w)\n")
    assert found.nodes[1].operation == Assign("plain", ("a.b[]",))
    assert found.nodes[3].operation == Container("put", "a.b")
    assert found.nodes[3].reads == ("a", "i")
    assert found.nodes[2].operation == Call("c.d", 1, ("k",), True)


def test_what_is_not_treated_is_named() -> None:
    found = graph("from os import *\n")
    assert found.nodes[1].operation == Opaque("from os import *")
    assert found.nodes[1].writes == ("*",)


def test_spans_count_characters_and_begin_at_decorators() -> None:
    found = graph("é = 'ü'; x = f(é)\n@d\ndef g(): pass\n")
    spans = {n.kind: n.span for n in found.nodes}
    assert spans["call"] == Span(1, 14, 1, 18)
    assert spans["function"] == Span(2, 1, 3, 14)


GROWING = {
    "ifs": ("def f(c, x):\n", "    if x == {0}: x = c[{0}]\n"),
    "loops": ("def f(x):\n", "    for i in x: x = g(x)\n"),
    "globals": ("k = 0\n", "def f{0}():\n    global k\n    k = k + 1\n"),
    "the same again": ("", "import os\ndef f(x): return g(os.sep)\ndef g(x): return f(x)\n"),
    "in a class": ("x = 0\nclass C:\n", "    if x: x = {0}\n"),
    "star imports": ("", "from m{0} import *\nprint(a{0})\n"),
    "except*": ("def f(x):\n    try: g()\n", "    except* E{0} as e: x = h(e, x)\n"),
}


@pytest.mark.parametrize("name", GROWING)
def test_edges_grow_with_the_lines(name: str) -> None:
    head, line = GROWING[name]
    few, many = (
        graph(head + "".join(line.format(i) for i in range(n))).count_edges() for n in (200, 400)
    )
    assert many < 2.1 * few


def test_many_definitions_meet_in_a_join() -> None:
    text = "def f(c, x):\n" + "".join(f"    if c: x = {n}\n" for n in range(40)) + "    return x\n"
    found = graph(text)
    join = found.find("m:f/join[0]")
    use = found.find("m:f/statement[0]")
    assert join is not None and use is not None
    assert [e.definition for e in found.definitions(use.id)] == [join.id]
    reached = [found.nodes[d].span.line for d in found.reaching(use.id, "x")]
    assert reached == list(range(1, 42))


def test_columns_of_a_long_line_count_characters() -> None:
    """A line longer than the stride of the marks from which columns are counted."""
    words = [f"f('{'é😀a'[n % 3] * n}')" for n in range(120)]
    line = "x = [" + ", ".join(words) + "]"
    found = graph(line + "\n")
    calls = [n.span for n in found.nodes if n.kind == "call"]
    assert [line[s.column - 1 : s.end_column - 1] for s in calls] == words


def test_a_long_sum_is_lowered() -> None:
    terms = " + ".join(f"f({n})" for n in range(400))
    assert len(graph(f"x = {terms}\n")) == 402


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_type_parameters() -> None:
    found = reaching(
        "type A[T] = list[T]\ndef f[T](x: T) -> A:\n    y: T = x  # here\n    return y\n"
    )
    assert found["x"] == {2} and found["T"] == {2}


_WORDS = st.text(min_size=1, max_size=12).filter(lambda s: s.strip() != "")
_NAMES = st.lists(_WORDS, max_size=3, unique=True).map(lambda names: tuple(sorted(names)))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph the text must carry, whether or not the verifier would let it pass."""
    made = Graph(draw(_WORDS), draw(_WORDS))
    operations = st.one_of(
        st.builds(Function, st.sampled_from(["def", "lambda"]), _NAMES, _NAMES),
        st.builds(Call, _WORDS, st.integers(0, 9), _NAMES, st.booleans()),
        st.builds(Assign, st.just("plain"), _NAMES),
        st.builds(Opaque, _WORDS),
        st.builds(Import, _NAMES),
        st.builds(Comprehension, _WORDS, st.integers(0, 9)),
        st.builds(Container, _WORDS, _WORDS),
        st.just(Try()),
    )
    count = draw(st.integers(1, 6))
    for number in range(count):
        last = number - 1
        above = [last] if last >= 0 else []
        while above and made.nodes[above[-1]].parent >= 0:
            above.append(made.nodes[above[-1]].parent)
        made.add(
            Node(
                number,
                draw(operations) if number else Module(),
                Span(*(draw(st.integers(0, 99)) for _ in range(4))),
                draw(st.sampled_from(above)) if number else -1,
                draw(st.one_of(st.just(""), _WORDS.map(lambda w, n=number: f"{w}{n}"))),
                draw(st.sampled_from(["", "0123456789abcdef" * 2])),
                draw(_NAMES),
                draw(_NAMES),
            )
        )
    places = st.integers(0, count - 1)
    for definition, use, variable in draw(st.lists(st.tuples(places, places, _WORDS), max_size=8)):
        made.connect(definition, use, variable)
    return made


@settings(max_examples=200, deadline=None)
@given(graphs(), st.dictionaries(_WORDS, _WORDS, max_size=3))
def test_every_graph_survives_its_text(made: Graph, metrics: dict[str, str]) -> None:
    assert parse(print_graph(made)) == made
    notes = {n.address: metrics for n in made.nodes if n.address and metrics}
    text = print_graph(made, notes)
    assert parse(text) == made
    assert parse_notes(text) == notes
