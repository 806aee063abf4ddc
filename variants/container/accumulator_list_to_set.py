"""A list that remembers what was seen gets a set beside it.

``x not in seen`` looks at every element of the list; in the set it looks at one. The list stays,
in its order, for everything else.

Before:
    def unique(rows):
        seen = []
        for row in rows:
            if row not in seen:
                seen.append(row)
        return seen

After:
    def unique(rows):
        seen = []
        index = set()
        for row in rows:
            if not (row in index if type(row) is str or type(row) is int or plain(row) else row in seen):
                seen.append((added := row))
                if index is not seen:
                    if type(added) is str or type(added) is int or plain(added):
                        index.add(added)
                    else:
                        index = seen
        return seen

Precondition:
    The variable is local, starts as a list that is made there, only grows by one element at a time,
    and nothing else may hold the list before the function returns it.

When it is wrong:
    Never, as far as the values go: a value whose ``==`` or ``hash`` could be user code is searched
    in the list, and once one was appended every search is. For short lists it is slower and it
    takes a set's memory.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.closed_world import AS_A_WHOLE, TRUTH, World
from selfsame.compiler.rewrite.kinds import SAME
from selfsame.variants.facts import SiteFacts

name, family = "accumulator-list-to-set", "container"
wins = {"time": "O(n) -> O(1) for each search"}
deploy = "live"
helpers = {"started": "selfsame.runtime.agent.helpers:started"}
site = "Q: Local"
define = {
    "Q = []": "Q = []\nindex = set()",
    "Q = list()": "Q = list()\nindex = set()",
    "Q = [EE]": "Q = [EE]\nindex = started(Q)",
    "Q = L": "Q = L\nindex = started(Q)",
    "Q = list(E)": "Q = list(E)\nindex = started(Q)",
    "Q = sorted(E)": "Q = sorted(E)\nindex = started(Q)",
}
_ADD = """
Q.append(added := E)
if index is not Q:
    if plain(added):
        index.add(added)
    else:
        index = Q
"""
uses = {
    "E in Q": "probe in index if plain(probe := E) else probe in Q",
    "E not in Q": "not (probe in index if plain(probe := E) else probe in Q)",
    "Q.append(E)": _ADD,
    "Q += [E]": _ADD,
    "Q = Q + [E]": _ADD,
    "Q.sort()": SAME,
    "Q.sort(key=E)": SAME,
    "Q.reverse()": SAME,
    **AS_A_WHOLE,
    "enumerate(Q)": SAME,
    "Q[E]": SAME,
    "for x in Q: BODY": SAME,
    "return Q": SAME,
    TRUTH: SAME,
}
ADDED = ("Q.append(E)", "Q += [E]", "Q = Q + [E]")
seeks = ("E in Q", "E not in Q")
watch = ["identity of equal values of other types", "memory of the set"]


def where(m: World, f: SiteFacts) -> Tri:
    """It is both searched and appended to in a loop."""
    searches = [*m.sites("E in Q"), *m.sites("E not in Q")]
    if not any(m.count(added) for added in ADDED):
        return f.no("nothing is appended to it")
    if not f.joined_by_texts(m):
        return Tri.NO
    for node in m.sites("Q = Q + [E]"):
        if m.count("enumerate(Q)") or any(
            f.flow.inside(node, f.flow.iteration(loop)) for loop in m.sites("for x in Q: BODY")
        ):
            return f.no("it is bound anew while the old one is iterated over", node)
    if not any(f.flow.in_loop(node) for node in searches):
        return f.no("it is not searched in a loop", searches[0])
    if not f.flow.bound_first(m.name):
        return f.no("it may be searched before it is defined", searches[0])
    for search in searches:
        if f.flow.in_iterable(search):
            return f.no("it is searched in the iterable of a comprehension", search)
    return Tri.YES
