"""A list used as a queue becomes a deque.

``pop(0)`` moves every element that is left; ``popleft`` moves none.

Before:
    def drain(start, links):
        queue = [start]
        order = []
        while queue:
            node = queue.pop(0)
            order.append(node)
            queue.extend([n for n in links if n > node])
        return order

After:
    def drain(start, links):
        queue = deque([start])
        order = []
        while queue:
            node = queue.popleft() if queue else [].pop(0)
            order.append(node)
            queue.extend([n for n in links if n > node])
        return order

Precondition:
    The variable is local, only ever defined as a new list, and each of its uses is one that a
    deque has too: ends, length, truth, membership, iteration without change. Nothing else may hold
    the list. An empty queue raises what an empty list raises.

When it is wrong:
    Never, as far as the values go; for short queues it is slower, which the trial shows.
"""

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.closed_world import AS_A_WHOLE, TRUTH, World
from selfsame.compiler.rewrite.kinds import SAME
from selfsame.variants.facts import SiteFacts

name, family = "list-pop0-to-deque", "container"
wins = {"time": "O(n) -> O(1) for each pop(0) or insert(0, ...)"}
deploy = "live"
helpers = {"deque": "collections:deque"}
site = "Q: Local"
define = {
    "Q = []": "Q = deque()",
    "Q = [EE]": "Q = deque([EE])",
    "Q = L": "Q = deque(L)",
    "Q = list()": "Q = deque()",
    "Q = list(E)": "Q = deque(list(E))",
    "Q = sorted(E)": "Q = deque(sorted(E))",
}
uses = {
    "Q.pop(0)": "Q.popleft() if Q else [].pop(0)",
    "Q.insert(0, E)": "Q.appendleft(E)",
    "del Q[0]": "if Q:\n    Q.popleft()\nelse:\n    del [][0]",
    "Q = Q[1:]": "if Q:\n    Q.popleft()",
    "Q.pop()": "Q.pop() if Q else [].pop()",
    "Q[0]": "Q[0] if Q else [][0]",
    "Q[-1]": "Q[-1] if Q else [][-1]",
    "Q.append(E)": SAME,
    "Q.extend([EE])": SAME,
    "Q.extend(L)": SAME,
    "Q.extend(E)": "Q.extend(list(E))",
    "Q += [EE]": "Q.extend([EE])",
    "Q += L": "Q.extend(L)",
    "Q += E": "Q.extend(list(E))",
    "Q = Q + [EE]": "Q.extend([EE])",
    "Q = Q + L": "Q.extend(L)",
    "Q.clear()": SAME,
    **AS_A_WHOLE,
    "return Q": "return list(Q)",
    "Q == []": "not Q",
    "Q != []": "not not Q",
    "E in Q": SAME,
    "E not in Q": SAME,
    "for x in Q: BODY": SAME,
    TRUTH: SAME,
}
seeks = ("Q.pop(0)", "Q.insert(0, E)", "del Q[0]", "Q = Q[1:]")
EXTENDED = ("Q.extend(E)", "Q += E")
CHANGES = (
    *seeks,
    *EXTENDED,
    "Q += [EE]",
    "Q += L",
    "Q = Q + [EE]",
    "Q = Q + L",
    "Q.pop()",
    "Q.append(E)",
    "Q.extend([EE])",
    "Q.extend(L)",
    "Q.clear()",
)
watch = ["IndexError text", "iteration while the queue changes"]


def where(m: World, f: SiteFacts) -> Tri:
    """It is not changed while it is iterated over, nor read after it was extended in part."""
    for node in [node for extended in EXTENDED for node in m.sites(extended)]:
        # `list` asks for the length as `list.extend` does, but what was added before an error is
        # not in the queue: nobody sees that unless the error is handled here.
        if f.flow.handles_errors(node):
            return f.no("it may be extended in part when an error is handled", node)
    if not f.joined_by_texts(m):
        return Tri.NO
    for use in m.sites("return Q"):
        if f.flow.handles_errors(use):
            return f.no("it may be changed once more after it was returned", use)
    for loop in m.sites("for x in Q: BODY"):
        region = f.flow.iteration(loop)
        for change in CHANGES:
            for node in m.sites(change):
                if f.flow.inside(node, region):
                    return f.no("it is changed while it is iterated over", node)
    return Tri.YES
