"""Searching what stays the same, again and again, becomes one index and look-ups.

``x in self.banned``, ``row["id"] in known``, ``word in STOP``: in a pure function what was there
before the call stays as it is, so the set for it can be made once, on the first search.

Before:
    def allowed(lines, shop):
        found = []
        for sku, count in lines:
            if sku not in shop["banned"]:
                found.append((sku, count))
        return found

After:
    def allowed(lines, shop):
        try:
            whole(lines)
            steady(shop)
            found = []
            once = ...
            for sku, count in lines:
                if not (sku in (once if once is not ... else (once := searched(whole(shop['banned'])))) if type(sku) is str or type(sku) is int or plain(sku) else declined()):
                    found.append((sku, count))
            return found
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        found = []
        for sku, count in lines:
            if sku not in shop['banned']:
                found.append((sku, count))
        return found

Precondition:
    The effect facts say that the function leaves no trace but its result, and in the loop nothing
    changes what is searched. Where it is a list or tuple, every element is plain, and so is every
    value that is looked up; otherwise the original runs from its start.

When it is wrong:
    Where another thread or a signal handler changes the list during the call. For short lists, or
    loops of few rounds, it is slower, which the trial shows.
"""

import ast

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, once, plain
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import RetryFacts

name, family = "repeated-search-to-index", "algorithm"
wins = {"time": "O(n * m) -> O(n + m)"}
deploy = "live"
retries = True
helpers = {
    "searched": "selfsame.runtime.agent.prepared:searched",
    "declined": "selfsame.runtime.agent.prepared:declined",
}
watch = ["TypeError of unhashable values", "NaN", "equality of the user's own", "memory of the set"]


def before(X: Expr, YS: Expr):
    X in YS  # noqa: B015


def after(X: Expr, YS: Expr):
    probe in once(searched(YS)) if plain(probe := X) else declined()


def where(m: Match, f: RetryFacts) -> Tri:
    """What is searched stays the same while it is searched, and is no set, dict or literal."""
    literals = ast.Constant | ast.List | ast.Tuple | ast.Set | ast.Dict | ast.JoinedStr
    if isinstance(m.YS, literals | ast.SetComp | ast.DictComp):
        return f.silent("what is searched is no variable")
    if isinstance(m.YS, ast.Name) and not (
        f.may_be(m.YS, "list", "tuple") and f.size(m.YS, at_least=8)
    ):
        return Tri.NO
    return f.repeats(m, m.YS)
