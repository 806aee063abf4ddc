"""A loop that looks for equal keys in a loop becomes one index and look-ups.

``for row in rows: if row.key == key: ...`` looks at every row each time; the index gives the rows
with that key, in their order. The same for ``[row for row in rows if row.key == key]``, for what rows
hold, ``sum(p.price for row in rows for p in row.parts if p.key == key)``, and for places:
``for j in range(i + 1, len(rows)): a, b = rows[i], rows[j]; if a.key == b.key: ...``.

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
            if interrupted():
                raise
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
    nothing changes the rows or their keys. The inner loop does nothing but the comparison (it may give
    names to what is compared), and its variables are not read after it. The rows are a list, tuple or dict, and all keys are plain;
    otherwise the original runs from its start.

When it is wrong:
    Where another thread or a signal handler changes the rows during the call. For few rows, or a
    match that comes first mostly, it is slower, which the trial shows.
"""

import ast
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
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
    if isinstance(node, ast.For) and isinstance(node.body[-1], ast.If):
        plain = all(isinstance(statement, ast.Assign) for statement in node.body[:-1])
        if plain and not node.body[-1].orelse:
            test = node.body[-1].test
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
    named = _named(loop, flow) if isinstance(loop, ast.For) else {}
    if named is None:
        return "what it binds before the comparison is more than a plain value"
    through = _through(loop, flow)
    if through is None:
        return "it asks something of what holds the rows"
    target, outermost = _row(through, Cloner()), through[0].iter
    varying = stored_names(target)
    targets = varying | named.keys()
    if any(not isinstance(n, ast.Name | ast.Tuple | ast.expr_context) for n in ast.walk(target)):
        return "what it binds is no plain variable"
    sides = [test.left, test.comparators[0]]
    rows = varying | {name for name, value in named.items() if loaded_names(value) & varying}
    own = [s for s in sides if loaded_names(s) & rows]
    if len(own) != 1:
        return "the comparison is not of a row's key with something else"
    key = own[0]
    probe = sides[1 - sides.index(key)]
    parts = [key, *(value for name, value in named.items() if name in loaded_names(key))]
    parts += [inner.iter for inner in through[1:]]
    evaluated = (test, *named.values())
    if any(isinstance(n, ast.NamedExpr) for part in evaluated for n in ast.walk(part)):
        return "the comparison binds a variable"
    if named.keys() - loaded_names(key) - loaded_names(probe):
        return "what it binds before the comparison is not compared"
    if isinstance(loop, ast.For):
        inner = [*loop.body, *loop.orelse]
        for variable in targets:
            read = [n for n in flow.uses(variable) if not flow.inside(n, inner)]
            if read or flow.captured(variable):
                return f"{variable!r} may be read after the loop"
    if not _asked_alike(probe, loop, retry):
        return f"what the rows are compared with may differ: {retry.stable.reason}"
    slots = _slots(loop, parts, flow)
    stays = slots if slots is not None else outermost
    whole = slots is not None and _is_item(key, slots)
    statement = _start(outermost, [] if whole else parts, rows, stays, retry)
    if statement is None:
        found = retry.stable.regions(outermost)
        return retry.stable.reason if found and not retry.stable.varies else ""
    made = _index(through, None if whole else _spelled(key, named, Cloner()), slots)
    lazy = isinstance(loop, ast.For)
    variable = retry.name_once(statement, made, None if lazy else made)
    source: ast.expr = reading(variable, made) if lazy else ast.Name(variable, ast.Load())

    def matching(cloner: Cloner) -> ast.expr:
        method = ast.Attribute(Cloner().node(source), "matching", ast.Load())
        asked = [_spelled(probe, named, cloner)]
        asked += [cloner.node(loop.iter)] if slots is not None else []
        call = ast.Call(method, asked, [])
        for part in ast.walk(call):
            if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
                ast.copy_location(part, test)
        return call

    def clause(cloner: Cloner) -> ast.comprehension:
        assert isinstance(loop, ast.comprehension)
        rest = _rest(loop.ifs[0], cloner)
        ifs = [*([rest] if rest is not None else []), *cloner.nodes(loop.ifs[1:])]
        return ast.comprehension(_row(through, cloner), matching(cloner), ifs, 0)

    def make_loop(cloner: Cloner) -> ast.AST:
        assert isinstance(loop, ast.For)
        iterable = matching(cloner)
        *named_first, hit = loop.body
        assert isinstance(hit, ast.If)
        rest = _rest(hit.test, cloner)
        body = cloner.nodes(hit.body)
        if rest is not None:
            body = [ast.copy_location(ast.If(rest, body, []), hit)]
        body = [*cloner.nodes(named_first), *body]
        new = ast.For(cloner.node(loop.target), iterable, body, cloner.nodes(loop.orelse))
        return ast.copy_location(new, loop)

    around = flow.parents[id(loop)]

    def make_around(cloner: Cloner) -> ast.AST:
        """The comprehension with one clause for those that led to the rows."""
        behind = cloner.nodes(around.generators[len(through) :])  # type: ignore[attr-defined]
        fields: dict[str, Any] = {"generators": [clause(cloner), *behind]}
        for field, value in ast.iter_fields(around):
            if field not in fields:
                fields[field] = cloner.node(value)
        return ast.copy_location(type(around)(**fields), around)

    if isinstance(loop, ast.For):
        retry.replace[id(loop)] = make_loop
    elif len(through) == 1:
        retry.replace[id(loop)] = clause
    else:
        retry.replace[id(around)] = make_around
    retry.places.append(loop.iter)
    return ""


def _through(
    loop: ast.For | ast.comprehension, flow: Flow
) -> Sequence[ast.For | ast.comprehension] | None:
    """The loop, behind those of its comprehension that lead to its rows; None where these do more."""
    if isinstance(loop, ast.For):
        return [loop]
    generators: list[ast.comprehension] = flow.parents[id(loop)].generators  # type: ignore[attr-defined]
    before = generators[: generators.index(loop)]
    if not any(loaded_names(loop.iter) & stored_names(outer.target) for outer in before):
        return [loop]
    if any(outer.ifs or outer.is_async for outer in before):
        return None
    return [*before, loop]


def _row(through: Sequence[ast.For | ast.comprehension], cloner: Cloner) -> ast.expr:
    """What the loops bind, as the target of one."""
    copies = [cloner.node(loop.target) for loop in through]
    row: ast.expr = copies[0] if len(copies) == 1 else ast.Tuple(copies, ast.Store())
    return row


def _named(loop: ast.For, flow: Flow) -> dict[str, ast.expr] | None:
    """What the inner loop binds before the comparison, by name; None where that is no plain value."""
    found: dict[str, ast.expr] = {}
    for statement in loop.body[:-1]:
        assert isinstance(statement, ast.Assign)
        for part in (p for target in statement.targets for p in ast.walk(target)):
            if isinstance(part, ast.Tuple | ast.expr_context):
                continue
            defs = flow.defs(part.id) if isinstance(part, ast.Name) else []
            if not isinstance(part, ast.Name) or len(defs) != 1 or defs[0].value is None:
                return None
            found[part.id] = defs[0].value
    together = any(loaded_names(value) & found.keys() for value in found.values())
    return None if together else found


def _spelled(node: ast.expr, named: Mapping[str, ast.expr], cloner: Cloner) -> ast.expr:
    """A copy of an expression with the values in the place of the names that stand for them."""
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in named]
    values = {id(n): partial(cloner.node, named[n.id]) for n in names}
    made: ast.expr = replace(cloner, replace={**cloner.replace, **values}).node(node)
    return made


def _start(
    rows_of: ast.expr,
    parts: list[ast.expr],
    rows: AbstractSet[str],
    stays: ast.expr,
    retry: Retry,
) -> ast.stmt | None:
    """The statement in front of which the index may be made; ``parts`` are what makes a row's key."""
    for statement, region in retry.stable.regions(rows_of):
        if retry.stable.stable(stays, region) is not Tri.YES:
            continue
        if _keys(parts, rows, stays, region, retry):
            return statement
    return None


def _asked_alike(probe: ast.expr, loop: ast.For | ast.comprehension, retry: Retry) -> bool:
    """Whether what the rows are compared with is the same for all of them."""
    if isinstance(loop, ast.For):
        return retry.stable.stable(probe, loop) is Tri.YES
    flow, around = retry.flow, retry.flow.parents[id(loop)]
    retry.stable.reason = "the comprehension does more than to look"
    if any(isinstance(n, ast.NamedExpr) for n in ast.walk(around)):
        return False
    if isinstance(probe, ast.Name) and flow.is_local(probe.id) and not flow.captured(probe.id):
        return True  # a comprehension binds nothing outside itself
    return not retry.stable.changes(around)


def _slots(loop: ast.For | ast.comprehension, parts: list[ast.expr], flow: Flow) -> ast.expr | None:
    """The sequence that a loop over a range of its places looks through; None for other loops.

    ``parts`` make the key: the place is in them as the index of one sequence and nowhere else.
    """
    ranged, place_ = loop.iter, loop.target
    if not (
        isinstance(ranged, ast.Call)
        and isinstance(ranged.func, ast.Name)
        and ranged.func.id == "range"
        and flow.is_builtin("range")
        and flow.is_builtin("len")
        and isinstance(place_, ast.Name)
    ):
        return None
    nodes = [node for part in parts for node in ast.walk(part)]
    items = [n for n in nodes if isinstance(n, ast.Subscript) and _is_item(n, n.value, place_.id)]
    places = [n for n in nodes if isinstance(n, ast.Name) and n.id == place_.id]
    sequences = {ast.dump(item.value) for item in items}
    if len(sequences) != 1 or len(places) != len(items):
        return None
    return items[0].value


def _is_item(node: ast.expr, sequence: ast.expr, place_: str | None = None) -> bool:
    """Whether it is ``sequence[place]``, of a given place or of any variable."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Name):
        return False
    return node.value is sequence and place_ in (None, node.slice.id)


def _index(
    through: Sequence[ast.For | ast.comprehension], key: ast.expr | None, slots: ast.expr | None
) -> ast.expr:
    """What is asked for a key; without a ``key`` that is a whole item of ``slots``."""
    row = _row(through, Cloner())
    if key is None:
        assert slots is not None
        return helper("Slots", slots)
    if slots is not None:
        size = ast.Call(ast.Name("len", ast.Load()), [Cloner().node(slots)], [])
        ranged = ast.Call(ast.Name("range", ast.Load()), [size], [])
        return helper("Slots", ast.ListComp(key, [ast.comprehension(row, ranged, [], 0)]))
    clauses = [
        ast.comprehension(loop.target, helper("lasting", loop.iter), [], 0) for loop in through
    ]
    pairs = ast.ListComp(ast.Tuple([key, row], ast.Load()), clauses)
    return helper("Joined", _loading(Cloner().node(pairs)))


def _keys(
    parts: list[ast.expr], rows: AbstractSet[str], source: ast.expr, region: ast.AST, retry: Retry
) -> bool:
    """Whether the key of a row, made by ``parts``, is the same whenever it is computed in the region."""
    stable = retry.stable
    for node in (node for part in parts for node in ast.walk(part)):
        if isinstance(node, ast.Name) and node.id not in rows:
            if stable.stable(node, region) is not Tri.YES:
                return False
        elif isinstance(node, ast.Lambda | ast.GeneratorExp) or (
            isinstance(node, ast.Call) and stable.gives_alike(node) is not Tri.YES
        ):
            return False
    # A row may be changed through another name, unless the function only changes its own.
    for variable, changed in stable.changes(region) if parts else ():
        if not stable.isolated(variable) and not stable.was_there(source):
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
