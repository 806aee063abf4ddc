"""Facts in a closed world: what comes in is known, and no more may be assumed than that."""

import textwrap

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.worlds import Named, World
from selfsame.compiler.cst.source import Source

PRELUDE = """
import functools, math, sys
import unheard_of
CACHE = {}
class Loud:
    def __init__(self): print(1)
    def __eq__(self, other): print(1)
    def __hash__(self): print(1)
    def __iter__(self): print(1)
    def __next__(self): print(1)
    def __add__(self, other): print(1)
    def __call__(self): print(1)
    def get(self, key): print(key)
class Quiet:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other.n
    def get(self, key): return self.n
def loud(x): print(x)
def quiet(x): return x
"""

LOUD, QUIET = ("m", "Loud"), ("m", "Quiet")


def facts(text: str) -> ModuleFacts:
    source = Source("m.py", "m", PRELUDE + textwrap.dedent(text))
    return ModuleFacts.of(source, lambda name: source if name == "m" else None)


def answer(text: str, *named: tuple[str, str], address: str = "m:f") -> Tri:
    """Whether ``f`` may be shadowed on calls in which these classes and functions are named."""
    found = facts(text)
    return found.effects(address, found.seen([Named(*n, True) for n in named])).shadowable


PLAIN_IS_ENOUGH = [
    "def f(d, k): return d.get(k)",
    "def f(a, b): return a == b",
    "def f(xs):\n for x in xs: pass",
    "def f(it): return next(it)",
    "def f(a, b): return a + b in CACHE",
    "def f(d): return CACHE[d].get(d)",
    "def f(xs, key): return sorted(xs, key=key)",
    "def f(x): return x()",
    "def f(x): return type(x)(x)",
    "def f(s): return s.replace('a')",
    "def f(x, seen=[]): return seen[0].get(x)",
]


@pytest.mark.parametrize("text", PLAIN_IS_ENOUGH)
def test_on_data_of_builtin_types_no_class_of_the_tree_counts(text: str) -> None:
    found = facts(text)
    assert found.effects("m:f").shadowable is not Tri.YES
    assert found.plain("m:f").shadowable is Tri.YES, found.plain("m:f").reasons
    assert answer(text) is Tri.YES
    assert answer(text, ("collections", "OrderedDict"), ("builtins", "complex")) is Tri.YES


@pytest.mark.parametrize("text", [t for t in PLAIN_IS_ENOUGH if "replace" not in t])
def test_a_class_that_was_seen_counts(text: str) -> None:
    assert answer(text, LOUD) is not Tri.YES


def test_a_class_that_was_seen_and_is_quiet_does_no_harm() -> None:
    text = "def f(d, k): return d.get(k) == k"
    assert answer(text, QUIET) is Tri.YES
    assert answer(text, QUIET, LOUD) is Tri.UNKNOWN


@pytest.mark.parametrize(
    ("named", "harmless"),
    [
        (("m", "quiet"), True),
        (("m", "loud"), False),
        (("builtins", "len"), True),
        (("builtins", "print"), False),
        (("math", "sqrt"), True),
        (("unheard_of", "thing"), False),
        (("argparse", "Namespace"), False),
        (("", ""), False),
    ],
)
def test_what_is_called_must_have_been_seen(named: tuple[str, str], harmless: bool) -> None:
    for text in (
        "def f(xs, key): return sorted(xs, key=key)",
        "def g(h, x): return h(x)\ndef f(h, x): return g(h, x)",
    ):
        assert (answer(text, named) is Tri.YES) is harmless


BOUND = """
class Counter:
    @classmethod
    def made(cls, x): return cls().more(x)
    @staticmethod
    def same(x): return x
    def add(self, x): return self.more(x)
    def more(self, x): return x
class Shouter(Counter):
    def more(self, x): print(x)
"""


@pytest.mark.parametrize(
    ("named", "harmless"),
    [
        ([("m", "Counter"), ("m", "Counter.add")], True),
        ([("m", "Shouter"), ("m", "Counter.add")], False),
        ([("m", "Counter"), ("m", "Counter.made")], True),
        ([("m", "Shouter"), ("m", "Counter.made")], False),
        ([("m", "Counter"), ("m", "Counter.same")], True),
        ([("builtins", ".list.append")], True),
        ([("builtins", ".list.append"), QUIET], True),
        ([("builtins", ".list.index"), LOUD], False),
        ([("re", "_compile"), ("builtins", ".Pattern.match")], True),
        ([("builtins", ".list.unheard_of")], False),
    ],
)
def test_a_bound_method_brings_its_receiver(named: list[tuple[str, str]], harmless: bool) -> None:
    text = BOUND + "def f(call, x): return call(x)"
    bound = ("selfsame.runtime.agent.reduce", "bound")
    assert (answer(text, bound, *named) is Tri.YES) is harmless


def test_a_match_that_comes_in_is_data() -> None:
    made = (("re", "_compile"), ("selfsame.runtime.agent.reduce", "matched"))
    assert answer("def f(m): return m.group(1).lower()", *made) is Tri.YES


def test_a_class_that_comes_in_brings_its_bases() -> None:
    text = (
        "class Base:\n def __init__(self): print(1)\n"
        "class Given(Base):\n def __init__(self): pass\n"
        "def f(cls): return cls.__mro__[1]()"
    )
    assert answer(text, ("m", "Given")) is not Tri.YES
    assert answer(text.replace("print(1)", "pass"), ("m", "Given")) is Tri.YES


MET_ON_THE_WAY = [
    "def make(): return [Loud.__new__(Loud)]\ndef f(k): return make()[0].get(k)",
    "def g(x): return x[0].get(1)\ndef f(k): return g([Loud()])",
    "def f(k): return sys.modules['x'].get(k)",
]


@pytest.mark.parametrize("text", MET_ON_THE_WAY)
def test_what_is_made_or_found_on_the_way_counts(text: str) -> None:
    assert answer(text) is not Tri.YES


KEPT = [
    "def g(o, seen=[]): return seen[0].get(o)\ndef f(o): return g(o)",
    "@functools.lru_cache\ndef g(x): return [x]\ndef f(o): return g(1)[0].get(o)",
    "def f(k): return unheard_of.TABLE[1].get(k)",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_kept_from_the_import_on_counts(text: str) -> None:
    assert answer(text) is Tri.YES
    assert answer(f"{text}\nmade = Loud()") is not Tri.YES


HELD = [
    ("t = Loud()", False),
    ("t = {}", False),
    ("t = [1]", False),
    ("t = dict()", False),
    ("t = unheard_of.x", False),
    ("t = ()", True),
    ("t = (1, 'a')", True),
    ("t = None", True),
    ("t = math.pi", False),
    ("u = {}", True),
]


@pytest.mark.parametrize(("line", "quiet"), HELD)
def test_what_a_class_holds_counts_where_it_is_read(line: str, quiet: bool) -> None:
    text = f"class C:\n {line}\n def f(self, k): return self.t.get(k)\n"
    assert (answer(text, ("m", "C"), address="m:C.f") is Tri.YES) is ("Loud" not in text)
    text += "made = Loud()\n"
    assert (answer(text, ("m", "C"), address="m:C.f") is Tri.YES) is quiet


@pytest.mark.parametrize(
    "store", ["C.t = x", "cls.t = x", "type(x).t = x", "x.__class__.t = x", "setattr(C, n, x)"]
)
def test_what_is_stored_on_a_class_elsewhere_counts(store: str) -> None:
    text = "class C:\n t = 1\n def f(self, k): return self.t.get(k)\n"
    assert answer(text, ("m", "C"), address="m:C.f") is Tri.YES
    text += f"def other(cls, x, n):\n {store}\n"
    assert answer(text, ("m", "C"), address="m:C.f") is Tri.YES
    text += "other(C, Loud(), 't')\n"
    assert answer(text, ("m", "C"), address="m:C.f") is not Tri.YES


def test_a_subclass_that_was_not_seen_does_not_count() -> None:
    text = (
        "class A:\n def f(self): return self.step()\n def step(self): return 1\n"
        "class B(A):\n def step(self): print(1)\n"
    )
    assert answer(text, ("m", "A"), address="m:A.f") is Tri.YES
    assert answer(text, ("m", "B"), address="m:A.f") is Tri.UNKNOWN
    assert facts(text).effects("m:A.f").shadowable is Tri.UNKNOWN
    assert facts(text).plain("m:A.f").shadowable is Tri.YES


def test_a_class_with_a_base_of_another_package_tells_nothing() -> None:
    text = "class C(unheard_of.Base): pass\ndef f(a, b): return a == b"
    assert answer(text, ("m", "C")) is not Tri.YES


def test_the_open_world_is_what_is_not_closed() -> None:
    found = facts("def f(d, k): return d.get(k)")
    assert found.seen([Named("numpy", "ndarray", False)]) is None
    assert found.seen([]) == World()
    itself = World(frozenset({"m:Quiet"}), frozenset({("class", "m:Quiet")}))
    assert found.seen([Named(*QUIET, True)]) == itself
    assert found.seen([Named(*QUIET, False)]) == World(frozenset({"m:Quiet"}))


def test_an_instance_is_not_its_class() -> None:
    found = facts("def f(a):\n a.n = a.n + 1\n return a")
    for value, answer in ((False, Tri.YES), (True, Tri.UNKNOWN)):
        world = found.seen([Named(*QUIET, value)])
        assert found.effects("m:f", world).shadowable is answer


def test_dependencies_in_a_world_hold_what_is_called_there() -> None:
    found = facts("def f(d, k): return d.get(k)")
    world = found.seen([Named(*QUIET, False)])
    assert "m:Quiet.get" in found.dependencies("m:f", world)


MODULES = """
import helpers
from helpers import hush as hushed
def f(x, y): return x.hush(y)
def g(x, y): return x.shout(y)
def carried(x, y): return [x, y]
def reads(x): return x.hush
def data(x): return x.SEEN
def called(x, y): return x(y)
def sets(x): x.hush = None
def by_name(x, name): return getattr(x, name)
def space(x): return x.__dict__
def own(x, y): return x.keys()
"""
HELPERS = """
SEEN = []
def hush(x): return x
def shout(x): print(x)
"""


@pytest.mark.parametrize(
    ("function", "harmless"),
    [
        *(("f", True), ("g", False), ("carried", True), ("reads", True), ("called", True)),
        *(("sets", False), ("by_name", False), ("space", False), ("own", True)),
    ],
)
def test_a_module_that_comes_in_brings_what_it_has(function: str, harmless: bool) -> None:
    sources = {"m": Source("m.py", "m", MODULES), "helpers": Source("h.py", "helpers", HELPERS)}
    found = ModuleFacts.of(sources["m"], sources.get)
    came_in = found.seen([Named("helpers", "", True)])
    assert (found.effects(f"m:{function}", came_in).shadowable is Tri.YES) is harmless
    if (
        function == "f"
    ):  # of other packages' classes nothing is known, and modules may be among them
        opened = found.seen([Named("helpers", "", True), Named("unheard_of", "Thing", False)])
        assert found.effects("m:f", opened).shadowable is not Tri.YES
        answering = Source("h.py", "helpers", HELPERS + "def __getattr__(name): print(name)\n")
        other = ModuleFacts.of(sources["m"], {**sources, "helpers": answering}.get)
        assert (
            other.effects("m:reads", other.seen([Named("helpers", "", True)])).shadowable is Tri.YES
        )
        assert (
            other.effects("m:own", other.seen([Named("helpers", "", True)])).shadowable
            is not Tri.YES
        )


def test_data_of_a_module_that_comes_in_is_read() -> None:
    sources = {"m": Source("m.py", "m", MODULES), "helpers": Source("h.py", "helpers", HELPERS)}
    found = ModuleFacts.of(sources["m"], sources.get)
    came_in = found.seen([Named("helpers", "", True)])
    assert ("helpers", "SEEN") in found.effects("m:data", came_in).globals_read


CLOSURES = """
def outer(x):
    def inner(y): return x
    return inner
def carries(call, xs): return [call, *xs]
def calls(call, x): return call(x)
def sorts(xs, key): return sorted(xs, key=key)
"""


def test_a_function_that_holds_more_than_its_code_says_may_be_carried_and_not_called() -> None:
    made = ("selfsame.runtime.agent.closures", "filled")
    line = PRELUDE.count("\n") + 3
    for came_in in (("m", f"outer.<locals>.inner:{line}"), ("functools", "partial")):
        assert answer(CLOSURES, made, came_in, address="m:carries") is Tri.YES
        assert answer(CLOSURES, made, came_in, address="m:calls") is not Tri.YES
        assert answer(CLOSURES, made, came_in, address="m:sorts") is not Tri.YES
    found = facts(CLOSURES)
    world = found.seen([Named("m", f"outer.<locals>.inner:{line}", False)])
    assert world == World(code=frozenset({("closure", "m:outer.inner")}))
    assert found.seen([Named("m", "outer.<locals>.inner:1", False)]) is None


@pytest.mark.parametrize(
    ("text", "pure"),
    [
        ("def f(out, x): return out.getvalue()", Tri.YES),
        ("def f(out, x): out.write(x)", Tri.NO),
        ("def f(out, x):\n write = out.write\n write(x)", Tri.NO),
        ("def f(out, x): return x(out)", Tri.YES),
    ],
)
def test_a_stream_in_memory_that_comes_in_may_be_changed(text: str, pure: Tri) -> None:
    found = facts(text)
    world = found.seen([Named("_io", "StringIO", False)])
    effects = found.effects("m:f", world)
    assert effects.shadowable is Tri.YES and (effects.pure is Tri.YES) is (pure is Tri.YES)


MAKER = ("selfsame.runtime.agent.reduce", "maker")
MISSING = """
def looks(d, k): return d[k]
def asks(d, k): return d.get(k)
def counts(d, ks):
    for k in ks: d[k] += 1
class Holder:
    def __init__(self, d): self.d = d
def inside(h, k): return h.d[k]
def own(k):
    d = {1: 2}
    return d[k]
"""


@pytest.mark.parametrize("address", ["m:looks", "m:counts", "m:inside"])
def test_a_dict_that_calls_code_for_what_it_lacks_may_call_all_that_came_in(address: str) -> None:
    held = ("m", "Holder")
    assert answer(MISSING, held, MAKER, ("builtins", "list"), address=address) is Tri.YES
    assert answer(MISSING, held, MAKER, ("m", "quiet"), address=address) is Tri.YES
    assert answer(MISSING, held, MAKER, ("m", "loud"), address=address) is not Tri.YES
    assert answer(MISSING, held, MAKER, LOUD, address=address) is not Tri.YES
    assert answer(MISSING, held, ("m", "loud"), address=address) is Tri.YES


@pytest.mark.parametrize("address", ["m:asks", "m:own"])
def test_what_asks_no_dict_that_came_in_for_an_item_calls_none_of_it(address: str) -> None:
    assert answer(MISSING, MAKER, ("m", "loud"), address=address) is Tri.YES
