import ast
import importlib.util
import marshal
import sys
import textwrap
import types
import warnings
from pathlib import Path

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit import pyc
from selfsame.compiler.emit.functions import (
    all_codes,
    compile_tree,
    function_code,
    plain_code,
    with_function,
)
from selfsame.compiler.emit.trees import replaced
from selfsame.compiler.emit.whole import write_whole
from selfsame.compiler.errors import Skipped, UserError
from selfsame.compiler.identity import definitions


def source_of(text):
    return Source("sample.py", "sample", textwrap.dedent(text))


def definition_of(source, name):
    return next(d for d in definitions(source) if d.address == f"sample:{name}")


def function_node(text):
    return ast.parse(textwrap.dedent(text)).body[0]


MODULE = """
    from __future__ import annotations

    def outer(a, b=2):
        c = 3

        def inner(x, *rest, k=1):
            return a + c + x

        return inner

    class Shape:
        def __init__(self, size):
            self.__size = size

        def area(self):
            return self.__size

    class Square(Shape):
        @property
        def double(self):
            return super().area() * 2

    square = lambda v: v * v
    pair = (lambda: 1), (lambda: 2)

    def steps():
        yield 1
"""


def swapped(source, name, new, owner):
    """The module with one live function's code exchanged; ``owner(namespace)`` is the function."""
    namespace = {"__name__": "sample"}
    exec(plain_code(source, 0), namespace)
    function = owner(namespace)
    function.__code__ = with_function(
        source, definition_of(source, name), function_node(new), optimize=0
    )
    return namespace


def test_warnings_are_neither_shown_nor_raised():
    tree = ast.parse('x = 1\nif x is 1:\n    "text"()\n')
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("error")
        code = compile_tree(tree, "m.py", 0)
    assert seen == []
    assert "text" in code.co_consts


def test_a_module_that_does_not_compile_is_the_users_error():
    with pytest.raises(UserError) as error:
        compile_tree(ast.parse("x = 1\nreturn x\n"), "m.py", 0)
    assert error.value.diagnostics[0].render().startswith("m.py:2:1: does not compile: 'return'")


@pytest.mark.parametrize("optimize", [0, 1, 2])
def test_a_tree_gives_the_code_that_the_text_gives(optimize):
    text = Path(ast.__file__).read_text()
    source = Source(ast.__file__, "ast", text)
    direct = compile(text, ast.__file__, "exec", dont_inherit=True, optimize=optimize)
    assert plain_code(source, optimize) == direct


def test_function_code_names_one_or_says_why_not():
    source = source_of(MODULE)
    module = plain_code(source, 0)
    inner = definition_of(source, "outer.inner")
    assert function_code(module, inner.qualname, inner.line).co_freevars == ("a", "c")
    pair = [d for d in definitions(source) if d.kind == "lambda"][1]
    with pytest.raises(Skipped, match="cannot be told apart"):
        function_code(module, pair.qualname, pair.line)
    with pytest.raises(Skipped, match="never runs"):
        function_code(module, "outer", 99)


def test_a_method_keeps_mangling_and_the_class_cell():
    source = source_of(MODULE)
    new = "def area(self):\n    return self.__size * 10\n"
    namespace = swapped(source, "Shape.area", new, lambda n: n["Shape"].area)
    assert namespace["Square"](3).double == 60
    new = "def double(self):\n    return super().area() * 7\n"
    namespace = swapped(source, "Square.double", new, lambda n: n["Square"].double.fget)
    assert namespace["Square"](3).double == 21


def test_free_variables_that_a_rewrite_no_longer_uses_stay_referenced():
    source = source_of(MODULE)
    inner = definition_of(source, "outer.inner")
    new = function_node("def inner(x, *rest, k=1):\n    return x + c\n")
    code = with_function(source, inner, new, 0)
    assert code.co_freevars == ("a", "c")
    namespace = {}
    exec(plain_code(source, 0), namespace)
    live = namespace["outer"](1)
    live.__code__ = code
    assert live(5) == 8
    assert ast.unparse(new).count("\n") == 1  # the caller's node was not changed


def test_a_lambda_is_exchanged_for_a_lambda():
    source = source_of(MODULE)
    lambda_ = next(d for d in definitions(source) if d.kind == "lambda")
    code = with_function(source, lambda_, ast.parse("lambda v: v ** 2").body[0].value, 0)
    assert types.FunctionType(code, {})(5) == 25
    with pytest.raises(Skipped, match="a lambda for a lambda"):
        with_function(source, lambda_, function_node("def f(v): return v"), 0)


@pytest.mark.parametrize(
    ("name", "new", "reason"),
    [
        ("outer.inner", "def inner(x, *rest, k=1):\n    return a + b + c", "other variables"),
        ("outer.inner", "def inner(x, y, *rest, k=1):\n    return a + c", "parameters"),
        ("outer.inner", "def inner(y, *rest, k=1):\n    return a + c + y", "parameters"),
        ("outer.inner", "def inner(x, *rest, k=1):\n    yield a + c", "generator"),
        ("steps", "def steps():\n    return iter([1])", "generator"),
        ("outer", "def outer(a, b=2):\n    return\n    nonlocal zz", "no binding for nonlocal"),
    ],
)
def test_what_a_live_function_cannot_run_is_refused(name, new, reason):
    source = source_of(MODULE)
    with pytest.raises(Skipped, match=reason):
        with_function(source, definition_of(source, name), function_node(new), 0)


def test_the_new_function_stands_where_the_old_one_did():
    source = source_of(MODULE)
    outer = definition_of(source, "outer")
    code = with_function(source, outer, function_node("def anything(a, b=2):\n    return a"), 0)
    plain = function_code(plain_code(source, 0), "outer", outer.line)
    assert (code.co_name, code.co_qualname) == ("outer", "outer")
    assert code.co_firstlineno == plain.co_firstlineno
    assert code.co_filename == "sample.py"
    assert code.co_flags & 0x1000000 == plain.co_flags & 0x1000000 != 0  # from __future__


def test_the_shared_tree_is_never_changed():
    source = source_of(MODULE)
    before = ast.dump(source.tree, include_attributes=True)
    inner = definition_of(source, "outer.inner")
    new = replaced(source.tree, inner.node, ast.copy_location(ast.Pass(), inner.node))
    assert ast.dump(new) != ast.dump(source.tree)
    assert ast.dump(source.tree, include_attributes=True) == before


def test_a_deep_expression_is_walked_without_recursion():
    text = "x = " + " + ".join(["1"] * 900) + "\ndef f(a):\n    return a\n"
    source = Source("sample.py", "sample", text)
    code = with_function(source, definition_of(source, "f"), function_node("def f(a): return 2"), 0)
    assert 2 in code.co_consts


def test_a_pyc_runs_only_while_its_source_is_the_same(tmp_path):
    path = tmp_path / "m.py"
    path.write_text("value = 1\n")
    code = compile("value = 2\n", str(path), "exec")
    assert pyc.pyc_path(path, 0) == tmp_path / "__pycache__" / (
        f"m.{sys.implementation.cache_tag}.pyc"
    )
    assert pyc.pyc_path(path, 2).name.endswith(".opt-2.pyc")
    target = pyc.pyc_path(path, sys.flags.optimize)
    write_whole(target, pyc.pyc_bytes(code, path.read_bytes()))

    def imported():
        spec = importlib.util.spec_from_file_location("m", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.value

    assert imported() == 2
    assert marshal.loads(target.read_bytes()[16:]) == code
    path.write_text("value = 3\n")
    assert imported() == 3


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "m.bin"
    write_whole(target, b"first")
    with pytest.raises(TypeError):
        write_whole(target, "not bytes")
    assert target.read_bytes() == b"first"
    assert [p.name for p in target.parent.iterdir()] == ["m.bin"]


def test_every_code_object_is_found():
    names = {c.co_qualname for c in all_codes(plain_code(source_of(MODULE), 0))}
    assert {"<module>", "outer.<locals>.inner", "Square.double", "<lambda>", "steps"} <= names
