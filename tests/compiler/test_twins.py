"""What a twin is made of: what it captures, and where one is refused."""

import ast
import marshal
import sys
import textwrap
from types import CodeType, FunctionType

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.errors import Skipped, UserError
from selfsame.compiler.identity import definitions
from selfsame.compiler.instrument.probes import CAPTURE, ENTER, LEAVE
from selfsame.compiler.instrument.twins import probed, probed_module, probed_source


def source_of(text):
    return Source("sample.py", "sample", textwrap.dedent(text))


def definition_of(source, name):
    return next(d for d in definitions(source) if d.address == f"sample:{name}")


def live(twin, calls, **names):
    """A function that runs ``twin`` and logs the placeholders' calls."""
    fill = {
        ENTER: lambda: calls.append("enter"),
        LEAVE: lambda: calls.append("leave"),
        CAPTURE: lambda values: calls.append(values),
    }
    code = marshal.loads(twin)
    constants = tuple(fill.get(c, c) if isinstance(c, str) else c for c in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), names)


def test_capture_gets_every_parameter_in_the_order_of_co_varnames():
    source = source_of(
        """
        class A:
            def f(self, a, /, b, *args, __c, d=4, **kwargs):
                b = lambda: a
                return 1
        """
    )
    d = definition_of(source, "A.f")
    twin = probed(source, d, "capture", 0)
    calls = []
    function = live(twin, calls)
    assert function("self", 1, 2, 3, _A__c=5, d=6, z=7) == 1
    assert calls == [("self", 1, 2, 5, 6, (3,), {"z": 7}), "leave"]
    plain = function_code(plain_code(source, 0), d.qualname, d.line)
    assert plain.co_varnames[:7] == ("self", "a", "b", "_A__c", "d", "args", "kwargs")
    assert marshal.loads(twin).co_varnames == plain.co_varnames


def test_capture_of_a_function_without_parameters():
    source = source_of("def f():\n    return 1\n")
    calls = []
    assert live(probed(source, definition_of(source, "f"), "capture", 0), calls)() == 1
    assert calls == [(), "leave"]


def test_leave_runs_once_on_every_way_out():
    source = source_of(
        """
        def f(n):
            for i in range(3):
                try:
                    if n == 0:
                        return "returned"
                    if n == 1:
                        raise ValueError(n)
                    if n == 2:
                        break
                finally:
                    if n == 3:
                        return "from finally"
            return f(0)
        """
    )
    calls = []
    function = live(probed(source, definition_of(source, "f"), "time", 0), calls)
    function.__globals__["f"] = function
    assert function(0) == "returned"
    with pytest.raises(ValueError, match="1") as error:
        function(1)
    assert error.traceback[-1].frame.f_globals is function.__globals__
    assert calls == ["enter", "leave"] * 2
    assert function(3) == "from finally"
    assert function(2) == "returned"
    assert calls == ["enter", "leave"] * 3 + ["enter", "enter", "leave", "leave"]


@pytest.mark.parametrize("optimize", [0, 1, 2])
def test_the_docstring_stays_where_python_looks_for_it(optimize):
    source = source_of('def f(a):\n    """What it does."""\n    assert a\n    return a\n')
    d = definition_of(source, "f")
    twin = marshal.loads(probed(source, d, "time", optimize))
    plain = function_code(plain_code(source, optimize), "f", 1)
    assert FunctionType(twin, {}).__doc__ == FunctionType(plain, {}).__doc__
    assert ("AssertionError" in map(str, twin.co_consts)) is False
    assert twin.co_firstlineno == plain.co_firstlineno


def test_twins_hold_the_plain_code_of_what_is_inside():
    source = source_of(
        """
        def f(a):
            class C:
                def m(self):
                    return a
            def g():
                return [a for _ in (1, 2)]
            return C, g, (x for x in a), lambda: 1
        """
    )
    plain = function_code(plain_code(source, 0), "f", 2)
    twin = marshal.loads(probed_module(source, "time", 0)["sample:f"])

    def inside(code):
        return [c for c in code.co_consts if isinstance(c, CodeType)]

    assert inside(twin) == inside(plain)
    assert len(inside(twin)) == 4


def test_as_many_nested_blocks_as_python_allows():
    depth = 18
    lines = [f"{'    ' * (i + 1)}for i{i} in a:" for i in range(depth)]
    text = "\n".join(["def deep(a):", *lines, "    " * (depth + 1) + "return a\n"])
    source = source_of(text)
    calls = []
    assert live(probed_module(source, "time", 0)["sample:deep"], calls)([7]) == [7]
    assert calls == ["enter", "leave"]


def test_code_that_needs_wide_arguments():
    """More than 255 constants and jumps over more than 255 code units."""
    body = "".join(f"        x += {i}.5\n        if x < {i}: return {i}\n" for i in range(400))
    source = source_of(f"def f(n):\n    x = 0.0\n    for _ in range(n):\n{body}    return x\n")
    calls = []
    function = live(probed_module(source, "time", 0)["sample:f"], calls)
    plain = FunctionType(function_code(plain_code(source, 0), "f", 1), {})
    assert [function(n) for n in range(3)] == [plain(n) for n in range(3)]
    assert calls == ["enter", "leave"] * 3


def test_a_leave_that_raises_breaks_nothing_else():
    """It never should; a KeyboardInterrupt may arrive there."""
    source = source_of("def f(a):\n    return 1 / a\n")
    twin = marshal.loads(probed(source, definition_of(source, "f"), "time", 0))
    calls = []

    def leave():
        calls.append("leave")
        raise KeyboardInterrupt

    fill = {ENTER: lambda: None, LEAVE: leave}
    constants = tuple(fill.get(c, c) if isinstance(c, str) else c for c in twin.co_consts)
    function = FunctionType(twin.replace(co_consts=constants), {})
    for argument in (1, 0):
        with pytest.raises(KeyboardInterrupt) as error:
            function(argument)
        assert (type(error.value.__context__) is ZeroDivisionError) is (argument == 0)
        assert sys.exc_info() == (None, None, None)
    assert calls == ["leave", "leave"]


def test_lambdas_wherever_they_stand():
    source = source_of(
        """
        class A:
            items = [(lambda x, __y=2: (x, __y)) for _ in range(2)]
            def f(self, key=lambda: 1, *args):
                return [key() for _ in sorted(args, key=lambda v: -v)]
        """
    )
    made = probed_module(source, "capture", 0)
    assert all(isinstance(t, bytes) for t in made.values())
    assert len(made) == 4


def test_reasons_are_raised_for_one_function():
    source = source_of("async def a():\n    yield\n\nasync def c(): pass\n")
    for name, reason in (("a", "^asynchronous generator: "), ("c", "^coroutine: ")):
        with pytest.raises(Skipped, match=reason):
            probed(source, definition_of(source, name), "capture", 0)
        with pytest.raises(Skipped, match=reason):
            probed_source(source, definition_of(source, name), "capture")


def test_a_module_that_does_not_compile_says_where():
    with pytest.raises(UserError) as error:
        probed_module(source_of("def f(): pass\nreturn 1\n"), "time", 0)
    assert error.value.diagnostics[0].place.line == 2


def test_an_unknown_kind_is_a_bug_of_the_caller():
    source = source_of("def f(): pass\n")
    with pytest.raises(ValueError, match="no such kind"):
        probed(source, definition_of(source, "f"), "memory", 0)


def test_all_together_gives_what_each_alone_gives():
    source = Source("ast.py", "ast", open(ast.__file__, encoding="utf-8").read())  # noqa: SIM115
    together = probed_module(source, "time", 0)
    asked = [d for d in definitions(source) if isinstance(together.get(d.address), bytes)][::25]
    assert len(asked) > 5
    for d in asked:
        assert marshal.loads(probed(source, d, "time", 0)) == marshal.loads(together[d.address])


def test_the_probe_can_be_read():
    source = source_of(
        '''
        def area(r):
            """Of a circle."""
            return 3 * r * r

        double = lambda v: 2 * v
        '''
    )
    assert probed_source(source, definition_of(source, "area")) == textwrap.dedent(
        '''\
        def area(r):
            """Of a circle."""
            enter()
            try:
                return 3 * r * r
            finally:
                leave()'''
    )
    text = probed_source(source, definition_of(source, "<lambda>"), "capture")
    assert text.splitlines()[:4] == [
        "def <lambda>(v):",
        "    capture((v,))",
        "    try:",
        "        return 2 * v",
    ]
    source = source_of("async def c(x):\n    return await x\n")
    assert probed_source(source, definition_of(source, "c")) == textwrap.dedent(
        """\
        async def c(x):
            begin()
            try:
                return await x
            except:
                fail()
                raise
            else:
                end()"""
    )
