"""What gives the same in every round of a loop is computed once.

``max(values)`` in ``[v / max(values) for v in values]`` looks at all of them for each of them. It is
computed where it is first needed: a loop that never gets there computes nothing.

Before:
    def normalised(values):
        return [value / max(values) for value in values]

After:
    def normalised(values):
        try:
            whole(values)
            once = ...
            return [value / (once if once is not ... else (once := kept(max(values)))) for value in values]
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        return [value / max(values) for value in values]

Precondition:
    The effect facts say that the function leaves no trace but its result, and in the loop nothing
    changes what the expression reads. Its value is plain, or it is a list, set or dict of plain
    values that is only read where it stands; otherwise the original runs from its start.

When it is wrong:
    Where another thread or a signal handler changes what is read during the call, or the program
    asks whether two equal immutable values are one object.
"""

import ast

from selfsame.compiler.analysis.stable import costs, made_anew, only_read
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, once
from selfsame.compiler.rewrite.pattern import Match
from selfsame.compiler.rewrite.placeholders import imported
from selfsame.variants.facts import RetryFacts

name, family = "hoist-loop-invariant", "refactor"
wins = {"time": "O(n * c) -> O(n + c)"}
deploy = "live"
retries = True
watch = ["identity of equal values", "when an error is raised"]


def before(COMPUTED: Expr):
    COMPUTED


def after(CHECKED: Expr, COMPUTED: Expr):
    once(CHECKED(COMPUTED))


def where(m: Match, f: RetryFacts) -> Tri:
    """It costs something, gives the same in every round, and nobody keeps what it gives."""
    if not costs(m.COMPUTED, f.flow) or f.flow.in_iterable(m.COMPUTED):
        return f.silent("it costs little")
    if isinstance(f.flow.parents[id(m.COMPUTED)], ast.Expr):
        return f.silent("what it gives is not used")
    read = only_read(m.COMPUTED, f.flow)
    if not read and made_anew(m.COMPUTED, f.flow):
        return f.silent("what it makes may be changed")
    checked = "read" if read else "kept"
    m.bindings["CHECKED"] = imported("selfsame.runtime.agent.prepared", checked)
    return f.repeats(m, m.COMPUTED)
