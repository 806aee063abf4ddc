"""A loop that looks for equal keys in a loop becomes one index and look-ups.

``for row in rows: if row.key == key: ...`` looks at every row each time; the index gives the rows
with that key, in their order. The same for ``[row for row in rows if row.key == key]``.

Before:
    def joined(orders, items):
        found = []
        for sku, count in orders:
            for item in items:
                if item["sku"] == sku:
                    found.append((count, item))
        return found

After:
    def joined(orders, items):
        try:
            whole(items)
            whole(orders)
            found = []
            once = ...
            for sku, count in orders:
                for item in (once if once is not ... else (once := Joined([(item['sku'], item) for item in lasting(items)]))).matching(sku):
                    found.append((count, item))
            return found
        except Exception:
            pass
        except Declined:
            pass
        selfsame_deopt()
        found = []
        for sku, count in orders:
            for item in items:
                if item['sku'] == sku:
                    found.append((count, item))
        return found

Precondition:
    The effect facts say that the function leaves no trace but its result, and in the outer loop
    nothing changes the rows or their keys. The inner loop does nothing but the comparison, and its
    variable is not read after it. The rows are a list, tuple or dict, and all keys are plain;
    otherwise the original runs from its start.

When it is wrong:
    Where another thread or a signal handler changes the rows during the call. For few rows, or a
    match that comes first mostly, it is slower, which the trial shows.
"""

import ast
from typing import Any

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.clone import Cloner
from selfsame.compiler.rewrite.pattern import loaded_names, stored_names
from selfsame.variants.build import build
from selfsame.variants.facts import place
from selfsame.variants.retry import Parts, Retry, helper, reading
from selfsame.variants.site import Refusal, Site
from selfsame.variants.template import flow_of, title
from selfsame.variants.variation import Variation

name, family = "nested-loop-to-hash-join", "algorithm"
wins = {"time": "O(n * m) -> O(n + m)"}
deploy = "live"
watch = ["order", "NaN keys", "equality and hash of the user's own", "memory of the index"]


def variations(site: Site, template: Any) -> list[Variation | Refusal]:
    """One variation with every inner loop of the function that can be looked up."""
    function = site.definition.node
    if site.definition.kind != "function" or not isinstance(function, ast.FunctionDef):
        return []
    flow = flow_of(function, site)
    if not any(_test(node) is not None for node in ast.walk(function)):
        return []
    retry = Retry(site, flow)
    refusals = contribute(site, flow, Parts(retry.replace, retry))
    if not retry.places:
        return refusals
    summary = f"{title(template.doc)} (line {retry.lines()})"
    made = build(site, name, family, retry.changed(), summary=summary, watch=watch)
    return [made, *refusals]


def contribute(site: Site, flow: Flow, parts: Parts) -> list[Variation | Refusal]:
    """Every inner loop of a pure function that can be looked up; why others cannot."""
    refusals: list[Variation | Refusal] = []
    if parts.retry is None:
        return refusals
    for loop in ast.walk(site.definition.node):
        if _test(loop) is None:
            continue
        assert isinstance(loop, ast.For | ast.comprehension)
        reason = _join(loop, parts.retry, flow)
        if reason:
            refusals.append(Refusal(name, reason, place(site, loop.iter)))
    return refusals


def _test(node: ast.AST) -> ast.Compare | None:
    """The comparison that everything in the inner loop hangs on."""
    test: ast.expr | None = None
    if isinstance(node, ast.For) and len(node.body) == 1 and isinstance(node.body[0], ast.If):
        if not node.body[0].orelse:
            test = node.body[0].test
    elif isinstance(node, ast.comprehension) and node.ifs and not node.is_async:
        test = node.ifs[0]
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        test = test.values[0]
    if isinstance(test, ast.Compare) and [type(op) for op in test.ops] == [ast.Eq]:
        return test
    return None


def _join(loop: ast.For | ast.comprehension, retry: Retry, flow: Flow) -> str:
    """Replace the loop in ``retry``, or say why not."""
    test = _test(loop)
    assert test is not None
    targets = stored_names(loop.target)
    if any(
        not isinstance(n, ast.Name | ast.Tuple | ast.expr_context) for n in ast.walk(loop.target)
    ):
        return "what it binds is no plain variable"
    sides = [test.left, test.comparators[0]]
    own = [s for s in sides if loaded_names(s) & targets]
    if len(own) != 1:
        return "the comparison is not of a row's key with something else"
    key = own[0]
    probe = sides[1 - sides.index(key)]
    if any(isinstance(n, ast.NamedExpr) for n in ast.walk(test)):
        return "the comparison binds a variable"
    if isinstance(loop, ast.For):
        inner = [*loop.body, *loop.orelse]
        for variable in targets:
            read = [n for n in flow.uses(variable) if not flow.inside(n, inner)]
            if read or flow.captured(variable):
                return f"{variable!r} may be read after the loop"
    if not _asked_alike(probe, loop, retry):
        return f"what the rows are compared with may differ: {retry.stable.reason}"
    slots = _slots(loop, key, flow)
    stays = slots if slots is not None else loop.iter
    statement = _start(loop, key, stays, retry)
    if statement is None:
        found = retry.stable.regions(loop.iter)
        return retry.stable.reason if found and not retry.stable.varies else ""
    made = _index(loop, key, slots)
    lazy = isinstance(loop, ast.For)
    variable = retry.name_once(statement, made, None if lazy else made)
    source: ast.expr = reading(variable, made) if lazy else ast.Name(variable, ast.Load())

    def matching(cloner: Cloner) -> ast.expr:
        method = ast.Attribute(Cloner().node(source), "matching", ast.Load())
        asked = [cloner.node(probe), *([cloner.node(loop.iter)] if slots is not None else [])]
        call = ast.Call(method, asked, [])
        for part in ast.walk(call):
            if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
                ast.copy_location(part, test)
        return call

    def make(cloner: Cloner) -> ast.AST:
        iterable = matching(cloner)
        if isinstance(loop, ast.comprehension):
            rest = _rest(loop.ifs[0], cloner)
            ifs = [*([rest] if rest is not None else []), *cloner.nodes(loop.ifs[1:])]
            return ast.comprehension(cloner.node(loop.target), iterable, ifs, 0)
        (hit,) = loop.body
        assert isinstance(hit, ast.If)
        rest = _rest(hit.test, cloner)
        body = cloner.nodes(hit.body)
        if rest is not None:
            body = [ast.copy_location(ast.If(rest, body, []), hit)]
        new = ast.For(cloner.node(loop.target), iterable, body, cloner.nodes(loop.orelse))
        return ast.copy_location(new, loop)

    retry.replace[id(loop)] = make
    retry.places.append(loop.iter)
    return ""


def _start(
    loop: ast.For | ast.comprehension, key: ast.expr, stays: ast.expr, retry: Retry
) -> ast.stmt | None:
    """The statement in front of which the index may be made."""
    for statement, region in retry.stable.regions(loop.iter):
        if retry.stable.stable(stays, region) is not Tri.YES:
            continue
        if stays is not loop.iter or _keys(loop, key, region, retry):
            return statement
    return None


def _asked_alike(probe: ast.expr, loop: ast.For | ast.comprehension, retry: Retry) -> bool:
    """Whether what the rows are compared with is the same for all of them."""
    if isinstance(loop, ast.For):
        return retry.stable.stable(probe, loop) is Tri.YES
    around = retry.flow.parents[id(loop)]
    binds = any(isinstance(n, ast.NamedExpr) for n in ast.walk(around))
    retry.stable.reason = "the comprehension does more than to look"
    return not binds and not retry.stable.changes(around)


def _slots(loop: ast.For | ast.comprehension, key: ast.expr, flow: Flow) -> ast.expr | None:
    """The sequence that a loop over a range of its places looks through; None for other loops."""
    ranged = loop.iter
    if not (
        isinstance(ranged, ast.Call)
        and isinstance(ranged.func, ast.Name)
        and ranged.func.id == "range"
        and flow.is_builtin("range")
        and isinstance(loop.target, ast.Name)
        and isinstance(key, ast.Subscript)
        and isinstance(key.slice, ast.Name)
        and key.slice.id == loop.target.id
    ):
        return None
    return None if loop.target.id in loaded_names(key.value) else key.value


def _index(loop: ast.For | ast.comprehension, key: ast.expr, slots: ast.expr | None) -> ast.expr:
    if slots is not None:
        return helper("Slots", slots)
    clause = ast.comprehension(loop.target, helper("lasting", loop.iter), [], 0)
    pairs = ast.ListComp(ast.Tuple([key, loop.target], ast.Load()), [clause])
    return helper("Joined", _loading(Cloner().node(pairs)))


def _keys(loop: ast.For | ast.comprehension, key: ast.expr, region: ast.AST, retry: Retry) -> bool:
    """Whether the key of a row is the same whenever it is computed in the region."""
    stable = retry.stable
    targets = stored_names(loop.target)
    for node in ast.walk(key):
        if isinstance(node, ast.Name) and node.id not in targets:
            if stable.stable(node, region) is not Tri.YES:
                return False
        elif isinstance(node, ast.Lambda | ast.GeneratorExp) or (
            isinstance(node, ast.Call) and stable.gives_alike(node) is not Tri.YES
        ):
            return False
    # A row may be changed through another name, unless the function only changes its own.
    for variable, changed in stable.changes(region):
        if not stable.isolated(variable) and not stable.was_there(loop.iter):
            stable.reason = f"{ast.unparse(changed).splitlines()[0]!r} may change the rows"
            stable.varies = False
            return False
    return True


def _rest(test: ast.expr, cloner: Cloner) -> ast.expr | None:
    """What else the test asks, after the comparison."""
    if not isinstance(test, ast.BoolOp):
        return None
    values = cloner.nodes(test.values[1:])
    if len(values) == 1:
        return values[0]  # type: ignore[no-any-return]
    return ast.copy_location(ast.BoolOp(ast.And(), values), test)


def _loading(node: ast.ListComp) -> ast.ListComp:
    """A target is stored to in its clause, and read in the pair."""
    assert isinstance(node.elt, ast.Tuple)
    for part in ast.walk(node.elt):
        if isinstance(part, ast.Name | ast.Tuple):
            part.ctx = ast.Load()
    return node
