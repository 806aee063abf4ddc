"""Adding up parts of the same list again and again becomes one running total.

``sum(values[:i])`` adds up to i values each time; with running totals it is one subtraction.

Before:
    def balances(amounts):
        return [sum(amounts[: day + 1]) for day in range(len(amounts))]

After:
    def balances(amounts):
        try:
            once = ...
            return [(once if once is not ... else (once := Summed(amounts))).between(None, day + 1) for day in range(len(amounts))]
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        return [sum(amounts[:day + 1]) for day in range(len(amounts))]

Precondition:
    The effect facts say that the function leaves no trace but its result, and in the loop nothing
    changes the list. It is an exact list, tuple or range of exact ints; otherwise, floats too, which
    add up differently in another order, the original runs from its start.

When it is wrong:
    Where another thread or a signal handler changes the list during the call. For few or short
    parts it is slower, which the trial shows.
"""

import ast

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, once
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import RetryFacts

name, family = "range-sum-to-prefix", "algorithm"
wins = {"time": "O(n * k) -> O(n + k)"}
deploy = "live"
retries = True
helpers = {"Summed": "selfsame.runtime.agent.prepared:Summed"}
watch = ["rounding", "bool among the ints", "slices past the ends"]


def before(FUNCTION: Expr, YS: Expr, PART: Expr):
    FUNCTION(YS[PART])


def after(YS: Expr, START: Expr, STOP: Expr):
    once(Summed(YS)).between(START, STOP)


def where(m: Match, f: RetryFacts) -> Tri:
    """It is Python's sum of a slice with a step of one, of a list that stays the same."""
    if not (isinstance(m.FUNCTION, ast.Name) and m.FUNCTION.id == "sum"):
        return f.silent("it is no sum")
    if not (isinstance(m.PART, ast.Slice) and m.PART.step is None and f.flow.is_builtin("sum")):
        return f.silent("it is no slice")
    nothing = ast.Constant(None)
    m.bindings["START"] = m.PART.lower or nothing
    m.bindings["STOP"] = m.PART.upper or nothing
    return f.repeats(m, m.YS) and f.differs(m.PART)
