"""What several templates would change in one function, changed together.

A search that becomes a look-up beside a queue that becomes a deque: each alone leaves the other's
time, so neither shows what both give.

Before:
    def reached(links, start):
        queue, seen = [start], [start]
        while queue:
            for other in links[queue.pop(0)]:
                if other not in seen:
                    seen.append(other)
                    queue.append(other)
        return seen

After:
    def reached(links, start):
        queue, seen = (deque([start]), [start])
        index_100 = started(seen)
        while queue:
            for other in links[queue.popleft() if queue else [].pop(0)]:
                if not (other in index_100 if type(other) is str or type(other) is int or plain(other) else other in seen):
                    seen.append((added_100 := other))
                    if index_100 is not seen:
                        if type(added_100) is str or type(added_100) is int or plain(added_100):
                            index_100.add(added_100)
                        else:
                            index_100 = seen
                    queue.append(other)
        return seen

Precondition:
    That of each of the templates, which are asked in turn. What one changes, no other touches.

When it is wrong:
    Where one of them is.
"""

import ast
from dataclasses import dataclass
from functools import partial
from typing import Any

from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.clone import Cloner
from selfsame.variants.build import build
from selfsame.variants.retry import Parts, Retry
from selfsame.variants.site import Refusal, Site
from selfsame.variants.template import flow_of
from selfsame.variants.variation import Variation

name, family = "several-together", "algorithm"
wins = {"time": "O(...) -> what the templates give together"}
deploy = "live"
combines = True
watch = ["what each of the templates watches"]


@dataclass(frozen=True, slots=True)
class Together:
    """What templates change in one function: ``used`` are those that do, ``watched`` what they watch.

    ``retry`` is there where the function is pure, and may start over.
    """

    parts: Parts
    retry: Retry | None
    used: list[str]
    watched: list[str]


def variations(site: Site, template: Any) -> list[Variation | Refusal]:
    """One variation, where at least two templates or variables have a part in it."""
    made = together(site)
    function = site.definition.node
    if made is None or not isinstance(function, ast.FunctionDef):
        return []
    parts, retry, used = made.parts, made.retry, made.used
    if len(used) < 2 and len(parts.variables) < 2:
        return []
    if retry is not None and retry.places:
        new = retry.changed()
    else:
        cloner = Cloner()
        for number, maker in parts.replace.items():
            cloner.replace[number] = partial(maker, cloner)
        new = ast.fix_missing_locations(cloner.node(function))
    summary = f"Together: {', '.join(used)}"
    parameters = {"templates": ", ".join(used)}
    return [
        build(site, name, family, new, summary=summary, watch=made.watched, parameters=parameters)
    ]


def together(site: Site) -> Together | None:
    """What all templates would change in a function; None where none may."""
    from selfsame.variants.catalogue import templates

    function = site.definition.node
    if site.definition.kind != "function" or not isinstance(function, ast.FunctionDef):
        return None
    flow = flow_of(function, site)
    if flow.sees_locals() is not None:
        return None
    try:
        retry: Retry | None = Retry(site, flow)
    except Skipped:
        retry = None
    parts = Parts(retry.replace if retry is not None else {}, retry)
    used: list[str] = []
    watched: list[str] = []
    # What a variable holds comes first: an index that grows is better than one made again.
    for other in sorted(templates(), key=lambda t: t.family != "container"):
        if other.deploy != "live" or not site.constraints.allows(other.name, other.family):
            continue
        before = len(parts.replace)
        other.contribute(site, flow, parts)
        if len(parts.replace) > before:
            used.append(other.name)
            watched += [what for what in other.watch if what not in watched]
    return Together(parts, retry, used, watched)
