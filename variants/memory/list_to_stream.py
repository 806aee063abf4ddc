"""A list made only to be added up is never there as a whole.

``sum([f(x) for x in xs])`` holds every value until the last is made; here at most 512 are there at
once. The same for ``len``, ``any``, ``all``, ``min`` and ``max`` of a list comprehension.

Before:
    def total(rows):
        return sum([price * count for price, count in rows])

After:
    def total(rows):
        return consumed(sum, lambda part: [price * count for price, count in part], rows)

Precondition:
    None that must be known beforehand: ``consumed`` looks at the function and at the values. It
    takes values in while they are all exact ints, all floats, all texts, and so on. With the first
    other one it collects the rest, so that code of the user's runs in the order in which it did. A
    function that only has the name of the builtin gets its list.

When it is wrong:
    Where the expression looks at the stack, or ends just below the recursion limit. Short lists
    need no less memory, which the trial shows.
"""

import ast

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Comprehension, Local, each, source
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import SiteFacts

name, family = "list-to-stream", "memory"
wins = {"memory": "O(n) -> O(1)"}
deploy = "live"
helpers = {"consumed": "selfsame.runtime.agent.streams:consumed"}
watch = ["order of effects", "exceptions in the middle", "StopIteration", "time: it may be slower"]

CONSUMERS = frozenset({"sum", "len", "any", "all", "min", "max"})


def before(FUNCTION: Local, VALUES: Comprehension):
    FUNCTION(VALUES)


def after(FUNCTION: Local, VALUES: Comprehension):
    consumed(FUNCTION, each(VALUES), source(VALUES))


def where(m: Match, f: SiteFacts) -> Tri:
    """The name is that of a builtin that keeps none of the values."""
    if m.FUNCTION.id not in CONSUMERS:
        return f.no(f"{m.FUNCTION.id!r} may keep the list", m.FUNCTION)
    if any(generator.is_async for generator in m.VALUES.generators):
        return f.no("it is asynchronous", m.VALUES)
    for node in ast.walk(m.VALUES):
        if isinstance(node, ast.NamedExpr):
            return f.no("`:=` binds a variable of the function", node)
        if isinstance(node, ast.Name) and node.id in ("super", "__class__"):
            return f.no("super() means another function in a lambda", node)
    return Tri.YES
