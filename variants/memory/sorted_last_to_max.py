"""The last of a sorted copy is the greatest: no copy, no sorting.

``sorted(xs)[-1]`` makes and sorts a second list to read one element of it.

Before:
    def dearest(prices):
        return sorted(prices)[-1]

After:
    def dearest(prices):
        return extreme(sorted, prices, True)

Precondition:
    As for sorted-first-to-min: the values are looked at, and sorted where they are not a list or
    tuple of exact ints, bools, texts or bytes, all of one type.

When it is wrong:
    Never, as far as values go: the last of equal ones is the last of the sorted ones.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, Local
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import SiteFacts
from selfsame.variants.memory import sorted_first_to_min

name, family = "sorted-last-to-max", "memory"
wins = {"memory": "O(n) -> O(1)", "time": "O(n log n) -> O(n)"}
deploy = "live"
helpers = {"extreme": "selfsame.runtime.agent.streams:extreme"}
watch = ["identity of equal values", "NaN", "comparisons of the user's own"]


def before(FUNCTION: Local, VALUES: Expr):
    FUNCTION(VALUES)[-1]


def after(FUNCTION: Local, VALUES: Expr):
    extreme(FUNCTION, VALUES, True)


def where(m: Match, f: SiteFacts) -> Tri:
    """As for the first."""
    return sorted_first_to_min.where(m, f)
