"""A list that is copied to add to it is added to.

``found = found + [x]`` makes a new list of all elements for each one more.

Before:
    def doubled(rows):
        found = []
        for row in rows:
            found = found + [row * 2]
        return found

After:
    def doubled(rows):
        found = []
        for row in rows:
            found.extend([row * 2])
        return found

Precondition:
    The variable is local, starts as a list that is made there, each of its uses is one that keeps no
    hold of the list, and it is not added to while it is iterated over.

When it is wrong:
    Never, as far as the values go: nobody else can tell the old list from the new one.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.closed_world import AS_A_WHOLE, TRUTH, World
from selfsame.compiler.rewrite.kinds import SAME
from selfsame.variants.facts import SiteFacts

name, family = "list-concat-to-extend", "container"
wins = {"time": "O(n) -> O(1) for each addition", "memory": "O(n) -> O(1) for each addition"}
deploy = "live"
site = "Q: Local"
define = {
    "Q = []": "Q = []",
    "Q = [EE]": "Q = [EE]",
    "Q = L": "Q = L",
    "Q = list()": "Q = list()",
    "Q = list(E)": "Q = list(E)",
    "Q = sorted(E)": "Q = sorted(E)",
}
uses = {
    "Q = Q + [EE]": "Q.extend([EE])",
    "Q = Q + L": "Q.extend(L)",
    "Q.append(E)": SAME,
    "Q.extend(E)": SAME,
    "Q += E": SAME,
    "Q.sort()": SAME,
    "Q.sort(key=E)": SAME,
    "Q.reverse()": SAME,
    "Q.pop()": SAME,
    "Q.pop(E)": SAME,
    "Q[E]": SAME,
    "E in Q": SAME,
    "E not in Q": SAME,
    **AS_A_WHOLE,
    "for x in Q: BODY": SAME,
    "return Q": SAME,
    "Q == []": SAME,
    "Q != []": SAME,
    TRUTH: SAME,
}
seeks = ("Q = Q + [EE]", "Q = Q + L")
watch = ["iteration while the list grows"]


def where(m: World, f: SiteFacts) -> Tri:
    """It is made anew in a loop, and not while it is iterated over or after it was returned."""
    made = [node for added in seeks for node in m.sites(added)]
    if not any(f.flow.in_loop(node) for node in made):
        return f.no("it is not added to in a loop", made[0])
    for loop in m.sites("for x in Q: BODY"):
        region = f.flow.iteration(loop)
        for node in made:
            if f.flow.inside(node, region):
                return f.no("the old one is iterated over while it is made anew", node)
    if not f.joined_by_texts(m):
        return Tri.NO
    for use in m.sites("return Q"):
        if f.flow.handles_errors(use):
            return f.no("it may be made anew once more after it was returned", use)
    return Tri.YES
