"""Which containers of a function get out of its hands."""

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.cst.source import Source

PRELUDE = """
import unheard_of
ITEMS = []
class Kept:
    last = None
    def put(self, x): Kept.last = x
def look(x): return len(x)
def keep(o, x): o.x = x
def same(x): return x
def over(x): return iter(x)
def f(a, g):
    x = [1]
"""


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("return len(x)", "no"),
        ("x.append(a)", "no"),
        ("return [v for v in x]", "no"),
        ("return sorted(x)[0]", "no"),
        ("return look(x)", "no"),
        ("print(x)", "no"),
        ("for v in x: a.append(v)", "no"),
        ("y = [x]\n    return len(y)", "no"),
        ("return x", "yes"),
        ("return {'k': [x]}", "yes"),
        ("a.append(x)", "yes"),
        ("ITEMS.append(x)", "yes"),
        ("keep(a, x)", "yes"),
        ("return same(x)", "yes"),
        ("return iter(x)", "yes"),
        ("return x.append", "yes"),
        ("yield x", "yes"),
        ("Kept.last = x", "yes"),
        ("Kept().put(x)", "yes"),
        ("type(Kept()).last = x", "yes"),
        ("look.last = x", "yes"),
        ("for Kept.last in [x]: pass", "yes"),
        ("setattr(Kept, 'last', x)", "yes"),
        ("setattr(Kept, str(a), x)", "yes"),
        ("globals()['k'] = x", "yes"),
        ("locals()['k'] = x", "no"),
        ("exec(g)", "unknown"),
        ("raise ValueError(x)", "yes"),
        ("global ITEMS\n    ITEMS = x", "yes"),
        ("return over(x)", "unknown"),
        ("g(x)", "unknown"),
        ("unheard_of.put(x)", "unknown"),
        ("return lambda: x", "unknown"),
        ("with unheard_of.here(x): pass", "unknown"),
    ],
)
def test_a_list_of_the_function(line: str, answer: str) -> None:
    source = Source("m.py", "m", PRELUDE + f"    {line}\n")
    facts = ModuleFacts.of(source, lambda name: source if name == "m" else None)
    found = facts.containers("m:f")
    assert found is not None
    (made,) = [c for c in found if (c.line, c.column) == (12, 8)]
    assert (made.type, made.escapes) == ("list", Tri(answer))


def test_what_a_function_is_given_that_is_not_followed_may_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (
        "KEPT = []\n"
        "def g(x):\n    KEPT.append(x)\n"
        + "    KEPT.append([v for u in x for v in u])\n"
        * 40
        + "def f(n):\n    out = [n]\n    return g(out)\n"
        "def alone(n):\n    out = [n]\n    return len(out)\n"
    )
    monkeypatch.setattr("selfsame.compiler.analysis.holding._MOST_WORK", 100)
    facts = ModuleFacts.of(Source("m.py", "m", text), lambda name: None)
    assert any("too intricate" in reason for reason in facts.effects("m:g").reasons)
    assert [c.escapes for c in facts.containers("m:f") or ()] == [Tri.UNKNOWN]
    assert [c.escapes for c in facts.containers("m:alone") or ()] == [Tri.NO]
