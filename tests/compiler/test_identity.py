"""Addresses, labels and content hashes; the same on every Python that runs this file."""

import ast
import json
import random
import sys
import types
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import (
    Definition,
    content_hash,
    definitions,
    find_module,
    identify,
    inner_nodes,
    labels,
    module_name,
)

HERE = Path(__file__).resolve().parent


def source(text: str, module: str = "m") -> Source:
    return Source(f"{module}.py", module, text)


def hash_of(text: str) -> str:
    return content_hash(ast.parse(text).body[0])


def test_golden_addresses_and_hashes(update_golden: bool) -> None:
    """One file for 3.11, 3.12 and 3.13."""
    sample = Source.read(HERE / "samples" / "identity.py.txt", "sample")
    rows = {
        e.address: [e.kind, list(e.labels), content_hash(e.node)]
        for e in identify(sample).by_address.values()
    }
    text = json.dumps(rows, indent=1) + "\n"
    golden = HERE / "golden" / "identity.json"
    if update_golden:
        golden.write_text(text)
    assert text == golden.read_text()


def _codes(code: types.CodeType) -> set[tuple[str, int]]:
    found = set()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            name = constant.co_name
            if name not in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
                found.add((constant.co_qualname, constant.co_firstlineno))
            found |= _codes(constant)
    return found


@pytest.mark.parametrize("path", [HERE / "samples" / "identity.py.txt", Path(ast.__file__)])
def test_qualname_and_line_are_the_code_objects_own(path: Path) -> None:
    s = Source.read(path, "m")
    ours = {(d.qualname, d.line) for d in definitions(s)}
    assert _codes(compile(s.text, str(path), "exec", dont_inherit=True)) <= ours


def test_addresses() -> None:
    s = source(
        "class C:\n"
        "    @property\n"
        "    def p(self): return [(lambda: x)() for x in self.q()]\n"
        "    @p.setter\n"
        "    def p(self, v):\n"
        "        def inner(): yield\n"
        "def f():\n"
        "    for a in b:\n"
        "        for c in a: pass\n"
        "    while 1: g(a.h(), h())\n"
    )
    assert [(d.address, d.kind, d.line, d.parent) for d in definitions(s)] == [
        ("m:C", "class", 1, None),
        ("m:C.p", "function", 2, "m:C"),
        ("m:C.p.<lambda>", "lambda", 3, "m:C.p"),
        ("m:C.p#2", "function", 4, "m:C"),
        ("m:C.p.inner", "generator", 6, "m:C.p#2"),
        ("m:f", "function", 7, None),
    ]
    assert [n.address for n in inner_nodes(s)] == [
        "m:C.p/comp[0]",
        "m:C.p/call[?][0]",
        "m:C.p/call[q][0]",
        "m:f/loop[0]",
        "m:f/loop[1]",
        "m:f/loop[2]",
        "m:f/call[g][0]",
        "m:f/call[h][0]",
        "m:f/call[h][1]",
    ]


def test_labels_reach_definitions_loops_comprehensions_and_calls() -> None:
    sample = Source.read(HERE / "samples" / "identity.py.txt", "s")
    assert labels(sample) == {
        "rank": ("s:rank",),
        "ranking": ("s:rank",),
        "second": ("s:rank",),
        "other": ("s:choose#2",),
        "outer_loop": ("s:rank/loop[0]",),
        "kept": ("s:rank/comp[0]",),
        "shown": ("s:rank/call[print][0]",),
    }
    assert [d.address for d in definitions(sample) if d.registered] == ["s:choose"]


def test_a_label_in_a_string_or_on_an_empty_line_is_none() -> None:
    s = source('x = "# selfsame: a"\n# selfsame: b\ndef f(): pass\ny = 1  # selfsame: c\n')
    assert labels(s) == {}
    assert identify(s).unplaced == (("b", 2), ("c", 4))


def test_decorators_of_other_packages_are_no_marks() -> None:
    s = source("@node('x')\n@graph.node('y')\n@algorithm\ndef f(): pass\n")
    (f,) = definitions(s)
    assert f.labels == () and not f.registered


SAME = [
    ("def f(a):\n  t = a\n  return t", "def f( a ):\n\n    x = a  # note\n    return (x)"),
    ("def f(a): return [x for x in a]", "def f(a): return [y for y in a]"),
    (
        "def f():\n n = 0\n def g():\n  nonlocal n\n  n += 1",
        "def f():\n k = 0\n def g():\n  nonlocal k\n  k += 1",
    ),
    ("def f(): return u'a' 'b'", 'def f(): return "ab"'),
    ("def f(x): return f'a' f'{x:}' ''", "def f(x): return f'a{x}'"),
    ("def f(): return 0x10", "def f(): return 1_6"),
    ("def f():\n try: pass\n except E as e: e", "def f():\n try: pass\n except E as x: x"),
]
DIFFERENT = [
    ("def f(a): return a", "def f(b): return b"),
    ("def f(): return 1", "def f(): return True"),
    ("def f(): return 1", "def f(): return 1.0"),
    ("def f(): return 0.0", "def f(): return -0.0"),
    ("def f(): return 'a'", "def f(): return b'a'"),
    ("def f(): '''a'''", "def f(): '''b'''"),
    ("def f(): return g", "def f(): return h"),
    ("def f(a): return a.g", "def f(a): return a.h"),
    ("def f():\n global n\n n = 1", "def f():\n global k\n k = 1"),
    ("def f():\n n = 1\n return locals()", "def f():\n k = 1\n return locals()"),
    ("def f():\n n = 1\n return n, m", "def f():\n m = 1\n return m, n"),
    ("def f():\n a = b = 1\n return a", "def f():\n a = b = 1\n return b"),
    ("def f():\n class C: n = 1", "def f():\n class C: k = 1"),
    ("def f():\n def g(): pass", "def f():\n def h(): pass"),
    ("def f(x): return f'{x!r}'", "def f(x): return f'{x!s}'"),
    ("def f(): return None", "def f(): return"),
    ("def f(x): return {None: x}", "def f(x): return {**x}"),
    ("async def f(): pass", "def f(): pass"),
    ("def f(a, b): pass", "def f(a, *, b): pass"),
    ("def f(x): f'a'", "def f(x): 'a'"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_hash_leaves_out_what_cannot_show(one: str, other: str) -> None:
    assert hash_of(one) == hash_of(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_the_hash_tells_apart_what_can_show(one: str, other: str) -> None:
    assert hash_of(one) != hash_of(other)


def test_a_tree_ten_thousand_deep_is_hashed() -> None:
    node: ast.expr = ast.Name("x", ast.Load())
    for _ in range(10_000):
        node = ast.BinOp(node, ast.Add(), ast.Constant(1))
    assert len(content_hash(node)) == 32


def test_hashes_of_one_module_are_stable_and_distinct() -> None:
    """Every function of ``ast`` that differs in text beyond its layout differs in hash."""
    s = Source.read(Path(ast.__file__), "ast")
    functions = [d for d in definitions(s) if d.kind == "function"]
    random.Random(1).shuffle(functions)
    hashes: dict[str, Definition] = {}
    for d in functions:
        known = hashes.setdefault(content_hash(d.node), d)
        assert ast.dump(known.node) == ast.dump(d.node)
    assert len(hashes) > 100


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_type_parameters_and_aliases() -> None:
    s = source(
        "class C[T]:\n    def m[U: int](self, x: U) -> T: return f'{f'{x}'}'\ntype A[T] = list[T]\n"
    )
    code = compile(s.text, "m.py", "exec")
    ours = {(d.qualname, d.line) for d in definitions(s)}
    assert ours == {("C", 1), ("C.m", 2)} and ours <= _codes(code)
    assert hash_of("def f[T](x: T): pass") != hash_of("def f[U](x: U): pass")


def test_module_names(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    for name in ("__init__.py", "cart.py", "my-script.py", "__main__.py"):
        (package / name).write_text("")
    roots = [tmp_path, package]
    assert module_name(package / "cart.py", roots) == "shop.cart"
    assert module_name(package / "__init__.py", roots) == "shop"
    assert module_name(package / "__main__.py", roots) == "shop.__main__"
    assert module_name(package / "my-script.py", roots) == "my-script"
    assert module_name(package / "cart.py", [package]) == "cart"
    assert module_name(package / "cart.py", []) == "cart"


def test_a_module_is_found_where_python_finds_it(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for root in (first, second):
        (root / "both").mkdir(parents=True)
        (root / "both.py").write_text("")
    (first / "plain").mkdir()  # without an __init__.py, the module beside it comes first
    (first / "plain.py").write_text("")
    (second / "both" / "__init__.py").write_text("")
    for name in ("both", "plain"):
        for roots in ([first], [second], [second, first], [first, second]):
            found = find_module(name, roots)
            spec = PathFinder.find_spec(name, [str(root) for root in roots])
            wanted = spec.origin if spec is not None else None
            assert (found.path if found is not None else None) == wanted
