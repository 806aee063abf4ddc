"""Finding the place of one value after the other becomes one table of places.

``header.index(name)`` looks at one element after the other; in the table it looks at one.

Before:
    def ranks(players, results):
        return [results.index(player) for player in players]

After:
    def ranks(players, results):
        try:
            whole(players)
            once = ...
            return [(once if once is not ... else (once := Placed(results))).index(player) for player in players]
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        return [results.index(player) for player in players]

Precondition:
    The effect facts say that the function leaves no trace but its result, and in the loop nothing
    changes what is searched. It is an exact list or tuple of plain values, or a text of which
    single characters are looked for, and what is looked for is plain and in it; otherwise the
    original runs from its start.

When it is wrong:
    Where another thread or a signal handler changes the list during the call. Where values are
    missing often, both run; for short lists it is slower, which the trial shows.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, once
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import RetryFacts

name, family = "index-in-loop-to-positions", "algorithm"
wins = {"time": "O(n * m) -> O(n + m)"}
deploy = "live"
retries = True
helpers = {"Placed": "selfsame.runtime.agent.prepared:Placed"}
watch = ["ValueError where it is missing", "equality of the user's own", "NaN"]


def before(X: Expr, YS: Expr):
    YS.index(X)


def after(X: Expr, YS: Expr):
    once(Placed(YS)).index(X)


def where(m: Match, f: RetryFacts) -> Tri:
    """What is searched stays the same, what is looked for does not."""
    return f.repeats(m, m.YS) and f.differs(m.X)
