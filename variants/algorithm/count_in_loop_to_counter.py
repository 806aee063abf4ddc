"""Counting one value after the other in the same list becomes one count of all.

``words.count(w)`` looks at every word; counted once, each is a look-up.

Before:
    def frequencies(words):
        return [(word, words.count(word)) for word in words]

After:
    def frequencies(words):
        try:
            whole(words)
            once = ...
            return [(word, (once if once is not ... else (once := Counted(words))).count(word)) for word in words]
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        return [(word, words.count(word)) for word in words]

Precondition:
    The effect facts say that the function leaves no trace but its result, and in the loop nothing
    changes what is counted. It is an exact list or tuple of plain values, or a text of which
    single characters are counted, and what is asked for is plain; otherwise the original runs from
    its start.

When it is wrong:
    Where another thread or a signal handler changes the list during the call. For short lists, or
    loops of few rounds, it is slower, which the trial shows.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, once
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import RetryFacts

name, family = "count-in-loop-to-counter", "algorithm"
wins = {"time": "O(n * m) -> O(n + m)"}
deploy = "live"
retries = True
helpers = {"Counted": "selfsame.runtime.agent.prepared:Counted"}
watch = ["equality of the user's own", "NaN", "memory of the counts"]


def before(X: Expr, YS: Expr):
    YS.count(X)


def after(X: Expr, YS: Expr):
    once(Counted(YS)).count(X)


def where(m: Match, f: RetryFacts) -> Tri:
    """What is counted stays the same, what is asked for does not."""
    return f.repeats(m, m.YS) and f.differs(m.X)
