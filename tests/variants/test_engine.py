"""The quasi-quote engine by itself: matching, substitution, guarded emission, placeholders."""

import ast
from collections.abc import Sequence

import pytest

from selfsame.compiler.errors import InternalError
from selfsame.compiler.rewrite.apply import Accepted, find, guard_texts, rewrite
from selfsame.compiler.rewrite.pattern import same
from selfsame.compiler.rewrite.placeholders import FRESH, placeholders, readable
from selfsame.compiler.rewrite.quasi import read

JOIN = """
from __future__ import annotations

def before(A: Expr, B: Expr, x: Target, y: Target, KX: Only[x], KY: Only[y], BODY: Block):
    for x in A:
        for y in B:
            if KX == KY:
                BODY

def prepare(B: Expr, y: Target, KY: Only[y]):
    rows = [(KY, y) for y in B]

def after(A: Expr, x: Target, y: Target, KX: Only[x], BODY: Block):
    for x in A:
        for key, y in rows:
            if key == KX:
                BODY
"""


def function(text: str) -> ast.FunctionDef:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    return node


def rewritten(template: str, text: str, guards: Sequence[str] = ()) -> ast.FunctionDef:
    quasi = read(template, "template.py")
    node = function(text)
    accepted = [Accepted(m, guards) for m in find(quasi, node)]
    new = rewrite(node, quasi, {}, accepted)
    assert isinstance(new, ast.FunctionDef)
    return new


def body(text: str) -> str:
    return ast.unparse(ast.parse(text))


def test_statements_with_blocks_targets_and_only() -> None:
    new = rewritten(
        JOIN,
        "def f(left, right):\n    for a, n in left:\n        for b in right:\n"
        "            if a == b.key:\n                print(a)\n                print(b)\n    return 1\n",
        ["type(B) is list"],
    )
    assert readable(new) == body(
        """
def f(left, right):
    ok = False
    try:
        if type(right) is list:
            rows = [(b.key, b) for b in right]
            ok = True
    except Exception:
        if interrupted():
            raise
    if ok:
        for a, n in left:
            for key, b in rows:
                if key == a:
                    print(a)
                    print(b)
    else:
        selfsame_deopt()
        for a, n in left:
            for b in right:
                if a == b.key:
                    print(a)
                    print(b)
    return 1
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        # A key that mentions both targets, or neither; statements too many; another operator.
        "for x in A:\n        for y in B:\n            if x == y + x:\n                pass",
        "for x in A:\n        for y in B:\n            if 1 == y:\n                pass",
        "for x in A:\n        for y in B:\n            if x == y:\n                pass\n            p()",
        "for x in A:\n        for y in B:\n            if x != y:\n                pass",
        "for x in A:\n        for y in B:\n            if x == y:\n                pass\n        else:\n            p()",
    ],
)
def test_what_only_looks_alike_does_not_match(text) -> None:
    quasi = read(JOIN, "template.py")
    assert list(find(quasi, function(f"def f(A, B):\n    {text}\n"))) == []


DOUBLE = "def before(X: Expr):\n    X + X\n\ndef after(X: Expr):\n    2 * X\n"


def test_expressions_anywhere_but_in_nested_functions() -> None:
    new = rewritten(
        DOUBLE, "def f(a, b):\n    g = lambda: b + b\n    return [a.c + a.c, a + b][0]\n"
    )
    assert readable(new) == body(
        "def f(a, b):\n    g = lambda: b + b\n    return [2 * a.c, a + b][0]\n"
    )


def test_a_guarded_expression_keeps_the_original_and_counts() -> None:
    new = rewritten(DOUBLE, "def f(a):\n    return a + a\n", ["type(X) is int"])
    expected = "2 * a if type(a) is int else selfsame_deopt() or a + a"
    assert readable(new) == body(f"def f(a):\n    return {expected}\n")


def test_equal_code_is_the_same_but_for_place_and_context() -> None:
    def expr(text: str) -> ast.expr:
        return ast.parse(text, mode="eval").body

    assert same(expr("a [ 0 ]"), expr("a[0]"))
    for one, other in (("0.0", "-0.0"), ("1", "True"), ("1", "1.0"), ("'a'", "b'a'"), ("a", "b")):
        assert not same(expr(one), expr(other))


def test_a_block_takes_as_few_statements_as_it_can() -> None:
    template = (
        "def before(X: Expr, BODY: Block):\n    open(X)\n    BODY\n    close(X)\n\n"
        "def after(X: Expr, BODY: Block):\n    BODY\n    both(X)\n"
    )
    quasi = read(template, "template.py")
    node = function(
        "def f(a, b):\n    open(a)\n    one()\n    close(b)\n    close(a)\n    close(a)\n"
    )
    (match,) = list(find(quasi, node))
    assert [ast.unparse(s) for s in match.BODY] == ["one()", "close(b)"]
    helpers = {"both": "helpers:both"}
    new = rewrite(node, quasi, helpers, [Accepted(match)])
    assert readable(new) == body(
        "def f(a, b):\n    one()\n    close(b)\n    both(a)\n    close(a)\n"
    )


def test_every_line_is_one_of_the_functions_and_user_code_keeps_its_own() -> None:
    text = (
        "def f(left, right):\n    x = 1\n    for a in left:\n        for b in right:\n"
        "            if a == b:\n                raise KeyError(\n                    a)\n"
    )
    new = rewritten(JOIN, text, ["type(B) is list"])
    lines = {n.lineno for n in ast.walk(new) if hasattr(n, "lineno")}
    assert lines <= set(range(1, 8))
    raised = [n for n in ast.walk(new) if isinstance(n, ast.Raise) and n.exc]
    assert [(n.lineno, n.col_offset) for n in raised] == [(6, 16), (6, 16)]
    guard = next(n for n in ast.walk(new) if isinstance(n, ast.Try))
    assert {n.lineno for n in ast.walk(guard) if hasattr(n, "lineno")} == {3, 4, 5}


def test_two_places_get_names_of_their_own_that_no_source_can_have() -> None:
    loop = (
        "    for x in A:\n        for y in B:\n            if x == y:\n                print(x)\n"
    )
    new = rewritten(JOIN, "def f(A, B):\n" + loop + loop)
    names = {n.id for n in ast.walk(new) if isinstance(n, ast.Name)}
    fresh = {n for n in names if n.startswith(FRESH)}
    assert {n[len(FRESH) :] for n in fresh} == {
        *("rows", "key", "ok"),
        *("rows_1", "key_1", "ok_1"),
    }
    assert not any(n.isidentifier() for n in fresh)


def test_readable_names_do_not_clash_with_the_users() -> None:
    loop = (
        "    for x in A:\n        for y in B:\n            if x == y:\n                print(x)\n"
    )
    text = readable(rewritten(JOIN, "def f(A, B, rows):\n" + loop))
    assert "_rows = [(y, y) for y in B]" in text


def test_the_original_is_not_changed() -> None:
    text = "def f(A, B):\n    for x in A:\n        for y in B:\n            if x == y:\n                pass"
    node = function(text)
    quasi = read(JOIN, "template.py")
    before = ast.dump(node, include_attributes=True)
    rewrite(node, quasi, {}, [Accepted(m) for m in find(quasi, node)])
    assert ast.dump(node, include_attributes=True) == before


def test_placeholders_of_a_code_object() -> None:
    new = rewritten(DOUBLE, "def f(a):\n    return a + a\n", ["type(X) is int"])
    module = ast.Module([new], [])
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(module, "sample.py", "exec")
    found = sorted(p[1:] for p in placeholders(code))
    assert found == [
        ("deopt", "", ""),
        ("import", "builtins", "int"),
        ("import", "builtins", "type"),
    ]


def test_guards_are_shown_with_the_users_code() -> None:
    quasi = read(DOUBLE, "template.py")
    (match,) = find(quasi, function("def f(a):\n    return a.b + a.b\n"))
    assert guard_texts(Accepted(match, ["type(X) is int"])) == ["type(a.b) is int"]


def test_a_wrong_template_is_our_own_bug() -> None:
    with pytest.raises(InternalError, match="X needs a kind"):
        read("def before(X):\n    X\n", "template.py")
    with pytest.raises(InternalError, match="X has two kinds"):
        read("def before(X: Expr):\n    X\n\ndef after(X: Target):\n    X\n", "template.py")
    with pytest.raises(InternalError, match="does not say what 'nowhere' is"):
        rewritten(
            "def before(X: Expr):\n    X + X\n\ndef after(X: Expr):\n    nowhere(X)\n",
            "def f(a):\n    return a + a\n",
        )
