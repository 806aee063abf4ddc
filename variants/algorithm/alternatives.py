"""The user's own alternatives: another function takes over.

``algorithm: [sort_a, sort_b]`` in a constraint names functions that may stand for each other. Where
the node is ``sort_a``, its code becomes that of ``sort_b``; where the node calls ``sort_a``, its
calls go to ``sort_b``. A single name, ``algorithm: [sort_b]``, may stand for the node itself.

Before:
    def sort_b(rows):
        return sorted(rows)
    def sort_a(rows):
        ranked = list(rows)
        ranked.sort()
        return ranked

After:
    def sort_a(rows):
        return sorted(rows)

Precondition:
    The other function is in scope (in the module or class, imported, a builtin, or written as
    ``module:function``), takes every call that the first takes, and does not call the first. Its
    body is taken over where both stand beside each other, name their parameters alike and neither
    is decorated; otherwise it is called.

When it is wrong:
    Where the two functions are not the same: that is the user's word, and the trial tests it.
"""

import ast
from collections.abc import Sequence

from selfsame.compiler.analysis.flow import FRAMES, SEES_LOCALS, Flow
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.compiler.rewrite.clone import Cloner
from selfsame.compiler.rewrite.placeholders import imported
from selfsame.variants.alternative import Alternative, Plain, forwarding, resolve, same_parameters
from selfsame.variants.build import build
from selfsame.variants.facts import place
from selfsame.variants.site import Refusal, Site
from selfsame.variants.template import Template
from selfsame.variants.variation import Variation

name, family = "alternatives", "algorithm"
wins = {"time": "whatever the alternative gives", "memory": "whatever the alternative gives"}
deploy = "live"
watch = ["everything: only the user says that the two are the same"]


def variations(site: Site, template: Template) -> list[Variation | Refusal]:
    """One for each alternative to the function that the node is, or calls."""
    names = site.constraints.algorithms
    node = site.definition.node
    if not names:
        return []
    if not isinstance(node, Plain):
        return [Refusal(name, "it is no function with a name", place(site, node))]
    own = site.definition.address.partition(":")[2]
    is_one = [n for n in names if n in (own, own.rpartition(".")[2], site.definition.address)]
    results: list[Variation | Refusal] = []
    called = [] if is_one else [n for n in names if _calls(site, node, n)]
    if len(names) == 1:
        if is_one or called:
            lone = f"it {'is' if is_one else 'calls'} {names[0]}, and no other function is named"
            return [Refusal(name, lone, place(site, node))]
        is_one = [own]
    if not is_one and not called:
        reason = f"it is none of {', '.join(names)} and calls none of them"
        return [Refusal(name, reason, place(site, node))]
    for current in is_one or called:
        for other in names:
            if other == current or other in (is_one or called):
                continue
            try:
                alternative = resolve(site, other)
                if is_one:
                    results.append(_become(site, template, node, alternative))
                else:
                    results.append(_call_instead(site, template, node, current, alternative))
            except Skipped as skip:
                results.append(Refusal(name, f"{other}: {skip.reason}", place(site, node)))
    return results


def _become(site: Site, template: Template, node: Plain, other: Alternative) -> Variation:
    """The node with the other's body, or with a call of it."""
    _no_way_back(site, node, other)
    body: list[ast.stmt]
    if other.definition is not None and _body_fits(site, node, other.definition.node):
        assert isinstance(other.definition.node, Plain)
        body = [Cloner().node(s) for s in other.definition.node.body]
        how = "its body"
    else:
        body = [forwarding(node, other)]
        how = "a call of it"
    new = Cloner().node(node)
    new.body = body
    # A docstring of the original's stays what tools show; one of the other's would be dead text.
    for statement in body:
        for part in ast.walk(statement):
            if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
                ast.copy_location(part, node.body[-1])
    ast.fix_missing_locations(new)
    return build(
        site,
        template.name,
        template.family,
        new,
        summary=f"{other.name} takes over, by {how}",
        watch=template.watch,
        parameters={"alternative": other.placeholder or other.name},
        relied=other.dependencies,
    )


def _call_instead(
    site: Site, template: Template, node: Plain, current: str, other: Alternative
) -> Variation:
    """The node with its calls of ``current`` going to the other."""
    _no_way_back(site, node, other)
    if other.definition is not None:
        _compatible(site, current, other)
    cloner = Cloner()
    lines: list[str] = []
    for call in _calls(site, node, current):
        lines.append(str(call.lineno))
        cloner.replace[id(call.func)] = _naming(other, call.func)
    new = cloner.node(node)
    return build(
        site,
        template.name,
        template.family,
        new,
        summary=f"calls {other.name} instead of {current} (line {', '.join(lines)})",
        watch=template.watch,
        parameters={"alternative": other.placeholder or other.name, "instead_of": current},
        relied=other.dependencies,
    )


def _naming(other: Alternative, func: ast.expr) -> "_Naming":
    return _Naming(other, func)


class _Naming:
    """Makes the expression that names the alternative, at the place of the old one."""

    def __init__(self, other: Alternative, func: ast.expr) -> None:
        self.other = other
        self.func = func

    def __call__(self) -> ast.expr:
        new: ast.expr
        if self.other.placeholder:
            new = imported(*self.other.placeholder.split(":"))
        else:
            new = ast.parse(self.other.expression, mode="eval").body
        for part in ast.walk(new):
            ast.copy_location(part, self.func)
        return new


def _calls(site: Site, node: Plain, current: str) -> list[ast.Call]:
    """The node's calls of ``current``, a plain or dotted name that no local hides."""
    flow = Flow(node, site.source.tree, site.source.module, site.facts)
    head = current.partition(".")[0]
    if head in flow.bound.local:
        return []
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name | ast.Attribute)
        and ast.unparse(call.func) == current
        and not _hidden(flow, node, call, head)
    ]


def _hidden(flow: Flow, node: Plain, call: ast.Call, head: str) -> bool:
    """Whether a nested function or comprehension has a variable of its own with that name."""
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    return flow.owner(root) is not node


def _no_way_back(site: Site, node: Plain, other: Alternative) -> None:
    """Refuse an alternative that leads back to the node: the two would call each other forever."""
    if other.definition is None:
        return
    known: dict[str, list[ast.AST]] = {}
    for definition in definitions(site.source):
        if isinstance(definition.node, Plain):
            known.setdefault(definition.node.name, []).append(definition.node)
    method = "." in site.definition.address.partition(":")[2]
    seen: set[str] = set()
    work: list[ast.AST] = [other.definition.node]
    while work:
        for part in ast.walk(work.pop()):
            name = part.id if isinstance(part, ast.Name) else ""
            if isinstance(part, ast.Attribute) and method:
                name = part.attr
            if name == node.name:
                raise Skipped(f"it leads back to {node.name}, which it would replace")
            if name in known and name not in seen:
                seen.add(name)
                work += known[name]


def _body_fits(site: Site, node: Plain, other: ast.AST) -> bool:
    """Whether the other's body means the same in the place of the node's."""
    if type(other) is not type(node):
        return False
    assert isinstance(other, Plain)
    if not same_parameters(node.args, other.args) or other.decorator_list:
        return False
    for part in ast.walk(other):
        # These depend on the function they stand in: its name, its frame, its class, its cells.
        if isinstance(part, ast.Name) and part.id in SEES_LOCALS | FRAMES | {"super", "__class__"}:
            return False
        if isinstance(part, ast.Attribute) and part.attr in FRAMES:
            return False
        if isinstance(part, ast.Nonlocal):
            return False
    return True


def _compatible(site: Site, current: str, other: Alternative) -> None:
    """Refuse where the two are known, and the other cannot take the calls of the first."""
    assert other.definition is not None
    try:
        first = resolve(site, current)
    except Skipped:
        return
    if first.definition is not None and isinstance(first.definition.node, Plain):
        forwarding(first.definition.node, other)


__all__: Sequence[str] = ["variations"]
