"""Function-local facts: each answer, and that what is not shown is unknown."""

import ast
from dataclasses import dataclass

import pytest

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.quiet import Need, Quiet
from selfsame.compiler.analysis.tri import Tri


def flow_of(text: str, facts: object = None) -> Flow:
    module = ast.parse(text)
    functions = [n for n in module.body if isinstance(n, ast.FunctionDef)]
    return Flow(functions[-1], module, "m", facts)  # type: ignore[arg-type]


def loop_of(flow: Flow) -> ast.stmt:
    return next(n for n in ast.walk(flow.function) if isinstance(n, ast.For | ast.While))


def named(flow: Flow, name: str) -> ast.Name:
    return flow.uses(name)[0]


def test_three_values() -> None:
    assert Tri.YES and not Tri.NO and not Tri.UNKNOWN
    assert Tri.of(None) is Tri.UNKNOWN and Tri.of(False) is Tri.NO
    assert (Tri.YES & Tri.UNKNOWN) is Tri.UNKNOWN and (Tri.NO & Tri.UNKNOWN) is Tri.NO
    assert (Tri.YES | Tri.UNKNOWN) is Tri.YES and (Tri.NO | Tri.UNKNOWN) is Tri.UNKNOWN
    assert ~Tri.UNKNOWN is Tri.UNKNOWN and ~Tri.NO is Tri.YES


def test_locals_and_builtins() -> None:
    flow = flow_of("max = 1\ndef f(a):\n    global g\n    g = b = a\n    return len(b)\n")
    assert flow.is_local("a") is flow.is_local("b") is Tri.YES
    assert flow.is_local("g") is flow.is_local("len") is Tri.NO
    assert flow.is_builtin("len")
    assert not flow.is_builtin("max") and not flow.is_builtin("a")


def test_a_comprehension_has_variables_of_its_own() -> None:
    flow = flow_of("def f(x, xs):\n    y = [x for x in xs if (z := x)]\n    return x, y, z\n")
    assert len(flow.uses("x")) == 1
    assert [type(d.node) for d in flow.defs("z")] == [ast.Name]
    assert not flow.captured("xs")


@pytest.mark.parametrize(
    ("use", "captured"),
    [
        ("[a for _ in xs]", False),
        ("any(a for _ in xs)", False),
        ("(a for _ in xs)", True),
        ("lambda: a", True),
        ("lambda a: a", False),
    ],
)
def test_what_runs_at_another_time_captures(use, captured) -> None:
    assert flow_of(f"def f(a, xs):\n    return {use}\n").captured("a") is captured


@pytest.mark.parametrize(
    ("use", "escapes"),
    [
        ("q.append(1)", Tri.NO),
        ("len(q), q[0], q[1:], 1 in q, not q, [*q], f'{q}'", Tri.NO),
        ("sum(x for x in q)", Tri.NO),
        ("print(q)", Tri.NO),
        ("g(q)", Tri.UNKNOWN),
        ("[q]", Tri.UNKNOWN),
        ("q == xs", Tri.UNKNOWN),
        ("q + xs", Tri.UNKNOWN),
        ("iter(q)", Tri.UNKNOWN),
        ("q.other()", Tri.UNKNOWN),
        ("q.append", Tri.UNKNOWN),
        ("(lambda: q)", Tri.UNKNOWN),
        ("(yield q)", Tri.UNKNOWN),
    ],
)
def test_escapes(use, escapes) -> None:
    flow = flow_of(f"def f(xs):\n    q = [1]\n    {use}\n    return q\n")
    assert flow.escapes("q") is escapes


def test_only_lists_made_here_are_out_of_reach() -> None:
    for made in ("xs", "xs or []", "xs[:]", "g()"):
        assert flow_of(f"def f(xs):\n    q = {made}\n    q[0]\n").escapes("q") is Tri.UNKNOWN
    assert flow_of("def f(q):\n    q[0]\n").escapes("q") is Tri.UNKNOWN
    shadowed = "def list(x):\n    return x\ndef f(xs):\n    q = list(xs)\n    q[0]\n"
    assert flow_of(shadowed).escapes("q") is Tri.UNKNOWN


def test_may_alias() -> None:
    flow = flow_of("def f(xs, ys):\n    q = []\n    r = q\n    s = [1]\n    return s[0]\n")
    assert flow.may_alias("xs", "ys") is flow.may_alias("q", "r") is Tri.UNKNOWN
    assert flow.may_alias("s", "xs") is flow.may_alias("s", "q") is Tri.NO
    assert flow.may_alias("s", "s") is Tri.YES


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("x in q", Tri.YES),
        ("g(x)", Tri.YES),
        ("q.append(x)", Tri.NO),
        ("q[0] = x", Tri.NO),
        ("q[0] += x", Tri.NO),
        ("del q[0]", Tri.NO),
        ("q = []", Tri.NO),
        ("q.index(x)", Tri.YES),
        ("g(q)", Tri.UNKNOWN),
    ],
)
def test_invariant(body, answer) -> None:
    flow = flow_of(f"def f(xs):\n    q = [1]\n    for x in xs:\n        {body}\n    q[0]\n")
    assert flow.invariant(named(flow, "q"), loop_of(flow)) is answer


def test_constants_do_not_change_and_parameters_may() -> None:
    flow = flow_of("def f(xs, q):\n    for x in xs:\n        x in q\n")
    assert flow.invariant(named(flow, "q"), loop_of(flow)) is Tri.UNKNOWN
    assert flow.invariant(ast.Constant(1), loop_of(flow)) is Tri.YES


def test_live_after() -> None:
    flow = flow_of(
        "def f(xs):\n    a = b = c = 0\n    for x in xs:\n        a = b = c = x\n"
        "    return b, lambda: c\n"
    )
    loop = loop_of(flow)
    assert flow.live_after("a", loop) is flow.live_after("x", loop) is Tri.NO
    assert flow.live_after("b", loop) is Tri.YES
    assert flow.live_after("c", loop) is Tri.UNKNOWN


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("x", Tri.NO),
        ("for y in x:\n            break", Tri.NO),
        ("for y in x:\n            pass\n        else:\n            break", Tri.YES),
        ("break", Tri.YES),
        ("return", Tri.YES),
        ("(lambda: (yield))", Tri.NO),
    ],
)
def test_jumps(body, answer) -> None:
    flow = flow_of(f"def f(xs):\n    for x in xs:\n        {body}\n")
    loop = loop_of(flow)
    assert isinstance(loop, ast.For)
    assert flow.jumps(loop.body) is answer


@dataclass
class Pure:
    pure: Tri


class CalleesThatArePure:
    """Facts of a module in which only ``good`` is known to be pure."""

    def effects(self, address: str) -> Pure:
        return Pure(Tri.YES if address == "m:good" else Tri.UNKNOWN)

    def dependencies(self, address: str) -> dict[str, str]:
        return {}


@pytest.mark.parametrize(
    ("expr", "answer"),
    [
        ("1 + 2", Tri.YES),
        ("'a'.upper() + str(3)", Tri.YES),
        ("len([1, 2])", Tri.YES),
        ("math.sqrt(2)", Tri.YES),
        ("good(1)", Tri.YES),
        ("good(a)", Tri.UNKNOWN),
        ("other(1)", Tri.UNKNOWN),
        ("a + 1", Tri.UNKNOWN),
        ("a.b", Tri.UNKNOWN),
        ("a[0]", Tri.UNKNOWN),
        ("a is None", Tri.YES),
        ("(a, [a], lambda: a())", Tri.YES),
        ("f'{a}'", Tri.UNKNOWN),
        ("{a: 1}", Tri.UNKNOWN),
        ("[x for x in range(3) if x > 1]", Tri.YES),
        ("[x for x in a]", Tri.UNKNOWN),
        ("max([1, 2], key=a)", Tri.UNKNOWN),
        ("print(1)", Tri.UNKNOWN),
    ],
)
def test_pure(expr, answer) -> None:
    text = (
        "import math\ndef good(x):\n    return x\ndef other(x):\n    return x\n"
        f"def f(a):\n    return {expr}\n"
    )
    flow = flow_of(text, CalleesThatArePure())
    (returned,) = flow.function.body
    assert isinstance(returned, ast.Return) and returned.value is not None
    assert flow.pure(returned.value) is answer


def demands(text: str) -> tuple[dict[str, tuple[Need, bool]], list[str]]:
    """What the loop of the last function demands: name -> (need, in each round), and offences."""
    flow = flow_of(text)
    quiet = Quiet(flow, [loop_of(flow)])
    offences = [reason for _, reason in quiet.offences()]
    if offences:
        return {}, offences
    return {d.name: (d.need, d.loop is not None) for d in quiet.demands()}, []


def test_demands_before_the_loop_and_in_each_round() -> None:
    found, offences = demands(
        "def f(rows, k, n, out=()):\n    total = 0\n    for row in rows:\n"
        "        for x in row:\n            if x.strip() and len(k):\n"
        "                total += x.count('a') * n\n"
    )
    assert offences == []
    assert found == {
        "rows": (Need.CONTAINER, False),
        "row": (Need.CONTAINER, True),
        "x": (Need.PLAIN, True),
        "k": (Need.CONTAINER, False),
        "n": (Need.PLAIN, False),
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("y = g(x)", "the call 'g' may run any code"),
        ("x.y = 1", "storing to 'x.y' may run code of its own"),
        ("xs[0] = 1", "storing to 'xs[0]' may run code of its own"),
        ("a, b = x", "unpacking may run code of the value's own"),
        ("with x: pass", "a with here may run code of its own"),
        ("import os", "a import here may run code of its own"),
        ("print(x)", "print() may run code of the elements' own"),
        ("os.stat", "the attribute .stat of 'os' may run code of its own"),
        ("raise x", "raising 'x' may run code of its own"),
        ("sorted(xs)", "sorted() may run code of the elements' own"),
        ("assert x", "a assert here may run code of its own"),
    ],
)
def test_offences(body, reason) -> None:
    text = f"import os\ndef f(xs):\n    for x in xs:\n        {body}\n"
    found, offences = demands(text)
    assert found == {} and reason in offences


def test_a_name_computed_from_plain_values_is_plain() -> None:
    found, offences = demands(
        "def f(n):\n    total, parts = 0, []\n    for i in range(10):\n        j = i * 2\n"
        "        total += j % 3\n        parts.append(str(total))\n        parts[0] = 'a'\n"
    )
    assert offences == [] and found == {}


def test_looking_at_ones_own_variables() -> None:
    seen = ["locals()", "eval('a')", "sys._getframe()", "inspect.stack()", "builtins.vars()"]
    for call in seen:
        assert flow_of(f"def f(a):\n    return {call}\n").sees_locals() is not None
    for call in ("a.stack()", "a.eval()", "a.dir"):
        assert flow_of(f"def f(a):\n    return {call}\n").sees_locals() is None
    own = "def locals():\n    return 1\ndef f(a):\n    return locals()\n"
    assert flow_of(own).sees_locals() is None
