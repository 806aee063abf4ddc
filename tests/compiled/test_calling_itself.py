"""A pure function that calls itself does so in C, while its name leads to its own compiled code."""

import random
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest
from compiled_workbench import swap_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import compiler_status
from selfsame.compiler.emit.cython import CannotPrint
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.pure_function_to_cython import print_site, variations
from selfsame.variants.site import Observed, Site
from selfsame.variants.variation import Variation

TEXT = """
class Unknown(Exception):
    pass


def shown(value):
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{k}:{shown(v)}" for k, v in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([shown(v) for v in value]) + "]"
    raise Unknown(type(value).__name__)


def valued(node, env):
    kind = node[0]
    if kind == "num":
        return node[1]
    if kind == "var":
        try:
            return env[node[1]]
        except KeyError:
            raise Unknown(node[1]) from None
    a = valued(node[2], env)
    b = valued(node[3], env)
    return a + b if node[1] == "+" else a // b


def count(n):
    return 0 if n == 0 else 1 + count(n - 1)


def total(rows, of=0):
    for row in rows:
        of = total(row, of) if type(row) is list else of + row
    return of


def either(n):
    try:
        return 1 // n if n < 3 else either(n - 1)
    except ZeroDivisionError:
        return either(2)
    finally:
        n = 7
"""
NAMES = ("shown", "valued", "count", "total", "either")
SEEN = {"total": {"rows": frozenset({"list[int]"})}}


def site_of(name: str, text: str = TEXT) -> Site:
    source = Source("sample.py", "sample", text)
    (definition,) = [d for d in definitions(source) if d.address == f"sample:{name}"]
    facts = ModuleFacts.of(source, lambda wanted: None)
    return Site(source, definition, facts, Observed(types=SEEN.get(name, {})))


def module() -> types.ModuleType:
    made = types.ModuleType("sample")
    exec(compile(TEXT, "sample.py", "exec"), made.__dict__)
    return made


@pytest.fixture(scope="module")
def built() -> dict[str, Variation]:
    available, why = compiler_status()
    if not available:
        pytest.skip(why)
    found: dict[str, Variation] = {}
    for name in NAMES:
        assert "sf_again(v_" in print_site(site_of(name)).text
        (made,) = variations(site_of(name))
        assert isinstance(made, Variation), made
        found[name] = made
    return found


@pytest.fixture
def pair(built: dict[str, Variation]) -> Iterator[tuple[Any, Any, list[str]]]:
    """The plain module, the one with compiled code put in, and who declined."""
    plain, fast = module(), module()
    declined: list[str] = []
    for name, variation in built.items():
        swap_in(getattr(fast, name), variation, lambda name=name: declined.append(name))
    yield plain, fast, declined


def told(module: Any, name: str, *given: Any) -> tuple[str, str]:
    try:
        value = getattr(module, name)(*given)
    except Exception as error:
        return type(error).__name__, str(error)
    return type(value).__name__, repr(value)


TREES = st.recursive(
    st.none() | st.integers() | st.floats() | st.booleans() | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.integers() | st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
SUMS = st.recursive(
    st.tuples(st.just("num"), st.integers() | st.floats() | st.sampled_from([0, -0.0, 1 << 80]))
    | st.tuples(st.just("var"), st.sampled_from(["x", "y", "unknown", []])),
    lambda inner: st.tuples(st.just("bin"), st.sampled_from("+/"), inner, inner),
    max_leaves=12,
)
drawn = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@drawn
@given(tree=TREES, sum_=SUMS)
def test_results_and_errors_are_those_of_the_original(pair: Any, tree: Any, sum_: Any) -> None:
    plain, fast, _ = pair
    env = {"x": 3, "y": -0.0}
    assert told(fast, "shown", tree) == told(plain, "shown", tree)
    assert told(fast, "valued", sum_, env) == told(plain, "valued", sum_, env)
    assert told(fast, "total", [tree]) == told(plain, "total", [tree])


def test_numbers_in_lists_and_errors_that_are_caught_on_the_way(pair: Any) -> None:
    plain, fast, declined = pair
    rng = random.Random(1)
    for _ in range(50):
        rows = [rng.choice([1, -0.0, 1 << 70, True, [2, [3.5, []]]]) for _ in range(5)]
        assert told(fast, "total", rows) == told(plain, "total", rows)
    for n in (5, 3, 2, 1, 0, -1, 50):
        assert told(fast, "either", n) == told(plain, "either", n)
    assert not declined


def test_what_its_name_leads_to_now_is_what_is_called(pair: Any) -> None:
    _, fast, _ = pair
    own = fast.shown
    calls: list[Any] = []

    def noted(value: Any) -> Any:
        calls.append(value)
        return own(value)

    fast.shown = noted
    assert own([1, [2]]) == "[1,[2]]" and calls == [1, [2], 2]


def test_code_that_is_put_back_on_the_way_is_run(pair: Any) -> None:
    plain, fast, _ = pair
    original = plain.shown.__code__

    class Back(dict):  # type: ignore[type-arg]
        def items(self) -> Any:
            fast.shown.__code__ = original
            return {"inner": [1, 2]}.items()

    assert fast.shown([Back(), [3], "x"][:2]) == "[{inner:[1,2]},[3]]"
    assert fast.shown.__code__ is original


def test_it_goes_as_deep_as_the_interpreter_allows_and_no_deeper(pair: Any) -> None:
    plain, fast, _ = pair

    def deepest(count: Any) -> int:
        low, high = 0, 5000
        while low < high:
            middle = (low + high + 1) // 2
            try:
                count(middle)
                low = middle
            except RecursionError:
                high = middle - 1
        return low

    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(600)
        assert abs(deepest(fast.count) - deepest(plain.count)) <= 3
        for _ in range(3):  # what is counted is given back
            with pytest.raises(RecursionError):
                fast.count(5000)
        assert abs(deepest(fast.count) - deepest(plain.count)) <= 3
    finally:
        sys.setrecursionlimit(limit)


def test_a_thread_with_a_small_stack(pair: Any) -> None:
    _, fast, _ = pair
    found: list[object] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(fast.count(300)))
        thread.start()
        thread.join(60)
    finally:
        threading.stack_size(before)
    assert found == [300]


@pytest.mark.parametrize(
    "body",
    [
        "def f(n): return f(n=n - 1) if n else 0",
        "def f(n, m=1): return f(n - 1) if n else 0",
        "def f(*n): return f(*n[1:]) if n else 0",
        "def f(n): return sum(f(m) for m in range(n))",
        "def f(n):\n    f = str\n    return f(n)",
        "class C:\n    def f(self, n): return f(self, n - 1)\ndef f(self, n): return n",
    ],
)
def test_other_ways_to_call_are_left_as_they_are(body: str) -> None:
    name = "C.f" if "class" in body else "f"
    try:
        text = print_site(site_of(name, body)).text
    except CannotPrint as refusal:
        assert "no loop" in refusal.reason or "leave a trace" in refusal.reason
    else:
        assert "sf_again" not in text
