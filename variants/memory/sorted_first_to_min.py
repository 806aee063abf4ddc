"""The first of a sorted copy is the least: no copy, no sorting.

``sorted(xs)[0]`` makes and sorts a second list to read one element of it.

Before:
    def cheapest(prices):
        return sorted(prices)[0]

After:
    def cheapest(prices):
        return extreme(sorted, prices, False)

Precondition:
    None that must be known beforehand: ``extreme`` looks. Where the values are a list or tuple of
    exact ints, bools, texts or bytes, all of one type, it looks for the least; everything else is
    sorted as before (floats too: NaN sorts where it stands).

When it is wrong:
    Never, as far as values go: the first of equal ones is the first of the sorted ones.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, Local
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import SiteFacts

name, family = "sorted-first-to-min", "memory"
wins = {"memory": "O(n) -> O(1)", "time": "O(n log n) -> O(n)"}
deploy = "live"
helpers = {"extreme": "selfsame.runtime.agent.streams:extreme"}
watch = ["identity of equal values", "NaN", "comparisons of the user's own"]


def before(FUNCTION: Local, VALUES: Expr):
    FUNCTION(VALUES)[0]


def after(FUNCTION: Local, VALUES: Expr):
    extreme(FUNCTION, VALUES, False)


def where(m: Match, f: SiteFacts) -> Tri:
    """The name is that of the builtin."""
    if m.FUNCTION.id != "sorted":
        return f.no("it is not sorted", m.FUNCTION)
    return Tri.YES
