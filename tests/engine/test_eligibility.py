"""Which nodes are captured at all, and which captured calls may be run again."""

from collections import OrderedDict, defaultdict, deque
from pathlib import Path

import pytest

from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.capture import dump
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.eligibility import (
    globals_wanted,
    outside_calls,
    runs_dry,
    sends,
    why_never,
    why_not,
    world,
)
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.mutation.observe import named

APP = """\
TABLE = {}
class Loud:
    def __eq__(self, other): return open("x")
    def __hash__(self): return 1
    def get(self, key): print(key)
def look(d, k):
    return d.get(k), TABLE.get(k)
def same(xs, x, key=None):
    return [y for y in xs if y == x]
def says(x):
    print(x)
def writes(x):
    open(x)
import time
from time import time as clock
def asks(x):
    return x, time.time(), clock()
def passes_on(x):
    return asks(x)
def waits(x):
    time.sleep(x)
    return time.time()
def holds(x):
    clock = time.time
    return clock()
def notes(x):
    Loud.seen = x
def chosen(x):
    return KINDS[x]()
def opens(x):
    return chosen(x), open("x")
def may_open(x, path):
    if path:
        open(path)
    return x
def may_write(x, path):
    if not path:
        return x
    else:
        return writes(path)
def falls_back(x, path):
    try:
        return 1 / x
    except ZeroDivisionError:
        return open(path)
def by_case(x, path):
    match x:
        case 1:
            return open(path)
def below(x, path):
    return may_open(x, path)
def at_the_end(xs, path):
    for x in xs:
        if x:
            return x
    open(path)
def may_wait(x):
    if x:
        time.sleep(x)
"""


class Loud:
    """Stands for the class of that name in ``APP``."""


Loud.__module__ = "app"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Modules:
    import sys
    from types import ModuleType

    path = tmp_path / "app.py"
    path.write_text(APP)
    home = ModuleType("app")
    home.Loud = Loud  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app", home)
    source = Source.read(path, "app")
    code = plain_code(source, 0)
    found = Modules([str(tmp_path)])
    rows = [
        (d.qualname, d.line, fingerprint(function_code(code, d.qualname, d.line)), d.kind)
        for d in definitions(source)
        if d.kind != "class"
    ]
    found.register("app", str(path), rows, 0, False)
    return found


def captured(*args: object) -> bytes:
    return dump({"args": args, "globals": {}}, 1 << 20)


def with_attribute(value: object, held: object) -> object:
    value.held = held  # type: ignore[attr-defined]
    return value


@pytest.mark.parametrize(
    ("value", "itself"),
    [
        (Loud(), False),
        ([Loud(), {1: Loud()}, with_attribute(Loud(), (Loud(),))], False),
        (Loud, True),
        ([{"kind": Loud}], True),
        ({Loud: 1}, True),
        ({frozenset([Loud]): 1}, True),
        (with_attribute(Loud(), [Loud]), True),
        (deque([Loud()]), False),
        (deque([1, Loud]), True),
        (OrderedDict(kind=Loud), True),
        (defaultdict(list, kind=Loud), True),
        (defaultdict(list, kind=Loud()), False),
        ((Loud(), [Loud()], Loud), True),
    ],
)
def test_a_class_is_told_from_its_instances(modules: Modules, value: object, itself: bool) -> None:
    found = {(one.module, one.name): one.value for one in named([captured(value)])}
    assert found["app", "Loud"] is itself


class Made:
    @classmethod
    def again(cls) -> "Made":
        return cls()


class Other(Made):
    pass


def test_a_class_method_brings_its_class() -> None:
    found = {(one.name, one.value) for one in named([captured(Other.again)])}
    assert found == {("Other", True), ("Other.again", False)}


def test_plain_data_is_shadowed_whatever_classes_the_tree_has(modules: Modules) -> None:
    node = modules.nodes["app:look"]
    assert not node.module.facts.effects(node.address).shadowable
    assert why_never(node) == ""
    assert why_not(node, world(modules, node, [captured({"a": 1}, "a"), captured({}, 2.5)])) == ""
    assert globals_wanted(node) == [("app", "TABLE")]


@pytest.mark.parametrize("received", [Loud(), {1: [Loud()]}])
def test_what_a_method_may_do_is_run_dry(modules: Modules, received: object) -> None:
    node = modules.nodes["app:look"]
    seen = world(modules, node, [captured({}, "a"), captured(received, 1)])
    assert why_not(node, seen) == "" and runs_dry(node, seen)
    assert "has outside effects" in node.module.facts.effects(node.address, seen).told


def test_what_a_known_function_surely_does_is_not(modules: Modules) -> None:
    node = modules.nodes["app:passes_on"]
    why = why_not(node, world(modules, node, [captured(1)]))
    assert "depends on the clock" in why


def test_of_what_cannot_be_opened_nothing_is_known(modules: Modules) -> None:
    same = modules.nodes["app:same"]
    assert runs_dry(same, world(modules, same, [b"nonsense"]))


def test_what_has_an_effect_on_any_data_is_never_captured(modules: Modules) -> None:
    assert "has outside effects" in why_never(modules.nodes["app:writes"])


def test_what_prints_is_captured_and_compared(modules: Modules) -> None:
    says, look = modules.nodes["app:says"], modules.nodes["app:look"]
    assert why_never(says) == "" and sends(says, World()) and not sends(look, World())
    assert why_not(says, world(modules, says, [captured(1)])) == ""
    facts = says.module.facts.plain("app:says")
    assert not facts.shadowable and not facts.pure  # what templates ask stays as it is


def test_what_asks_the_clock_itself_may_be_replayed(modules: Modules) -> None:
    why = {
        name: why_never(modules.nodes[f"app:{name}"])
        for name in ("asks", "passes_on", "waits", "holds")
    }
    assert not why["asks"]
    assert "depends on the clock" in why["passes_on"]
    assert why["waits"].startswith("line") and "`time.sleep`" in why["waits"]
    assert not why["holds"]
    (held,) = outside_calls(modules.nodes["app:holds"])
    assert (held.named, held.local) == (("time", "time", "time.time"), "clock")
    asks = modules.nodes["app:asks"]
    assert {call.named for call in outside_calls(asks)} == {
        ("time", "time", "time.time"),
        ("clock", "", "time.time"),
    }
    seen = world(modules, asks, [dump({"args": (1,), "globals": {}}, 1000)])
    assert why_not(asks, seen) == ""
    facts = asks.module.facts.plain("app:asks")
    assert not facts.shadowable and not facts.pure  # what templates ask stays as it is


IN_A_BRANCH = ["may_open", "may_write", "falls_back", "by_case", "below", "at_the_end"]


@pytest.mark.parametrize("name", ["notes", "chosen", *IN_A_BRANCH])
def test_what_facts_do_not_tell_is_run_dry(modules: Modules, name: str) -> None:
    node = modules.nodes[f"app:{name}"]
    seen = world(modules, node, [captured("a")])
    assert why_never(node) == "" and why_not(node, seen) == "" and runs_dry(node, seen)
    facts = node.module.facts
    assert facts.never_cleared(node.address)  # what is weighed at once has to be known
    plain = facts.plain(node.address)
    assert not plain.replayable and not plain.shadowable and not plain.pure  # nor do templates


def test_what_surely_reaches_out_is_not_run_dry(modules: Modules) -> None:
    assert "has outside effects" in why_never(modules.nodes["app:opens"])
    assert "depends on the clock" in why_never(modules.nodes["app:may_wait"])  # no sandbox sees it


def test_what_facts_clear_is_not_looked_after(modules: Modules) -> None:
    node = modules.nodes["app:look"]
    assert not runs_dry(node, world(modules, node, [captured({"a": 1}, "a")]))


def test_code_in_an_archive_is_said_once(tmp_path: Path) -> None:
    archive = tmp_path / "app.pyz"
    archive.write_bytes(b"PK")
    modules = Modules([str(tmp_path)])
    for name in ("__main__", "lib"):
        file = str(archive / f"{name}.py")
        assert modules.register(name, file, [("f", 1, 0, "function")], 0, False) == []
    (problem,) = modules.problems
    assert problem.startswith(f"{archive}: code in an archive is not watched")
