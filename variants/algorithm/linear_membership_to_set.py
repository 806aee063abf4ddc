"""Searching a list in a loop becomes one index and look-ups.

``x in ys`` compares with every element; a set made once before the loop looks at one.

Before:
    def known(words, names):
        count = 0
        for word in words:
            if word in names:
                count += 1
        return count

After:
    def known(words, names):
        count = 0
        ok = False
        try:
            if container(words):
                index = membership_index(names)
                ok = True
        except Exception:
            if interrupted():
                raise
        if ok:
            for word in words:
                if word in index if type(word) is str or type(word) is int or plain(word) else word in (index := names):
                    count += 1
        else:
            selfsame_deopt()
            for word in words:
                if word in names:
                    count += 1
        return count

Precondition:
    The list stays as it is while the loop runs: it is not changed in the loop, and either no code
    outside the function can reach it, or no code outside the function runs in the loop. What that
    depends on is checked: exact types of what is iterated over and computed with. Every element is
    an exact str, int, float, complex, bool, bytes or None, or an exact tuple of those.

When it is wrong:
    Where another thread, a signal handler or a finaliser changes the list while the loop runs. For
    short lists, or loops of few rounds, it is slower, which the trial shows.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, Local, Loop, plain, with_hole
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import SiteFacts

name, family = "linear-membership-to-set", "algorithm"
wins = {"time": "O(n * m) -> O(n + m)"}
deploy = "live"
helpers = {"membership_index": "selfsame.runtime.agent.helpers:membership_index"}
watch = ["TypeError of unhashable values", "NaN", "equality of the user's own", "memory of the set"]


def before(LOOP: Loop, X: Expr, YS: Local):
    with_hole(LOOP, X in YS)


def prepare(YS: Local):
    index = membership_index(YS)


def after(LOOP: Loop, X: Expr, YS: Local):
    with_hole(LOOP, probe in index if plain(probe := X) else probe in (index := YS))


def doubt(YS: Local):
    # The loop was handed something whose methods may change the list: search the list itself.
    index = YS


def where(m: Match, f: SiteFacts) -> Tri:
    """The list is long enough and stays as it is; a ``while`` must not wait for it to change."""
    if not (f.may_be(m.YS, "list", "tuple") and f.size(m.YS, at_least=8)):
        return Tri.NO
    waits = f.flow.waits(m.window[0])
    if waits and not any(f.changes(hole.bindings["X"], m.window) for hole in m.holes):
        return Tri.NO
    return f.unchanged(m.YS, m)
