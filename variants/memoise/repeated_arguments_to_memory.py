"""A pure function keeps its results from one call to the next, where the same arguments come again.

What a program asks again and again, for each row, request or frame, is computed once. The results
are held within `cache_memory` of CDL (8 MB where it does not say), the oldest half go where there are more, and all
of them where the rewrite is taken out or something it relies on is bound anew.

Before:
    RATE = 7

    def weight(step):
        return step * 3 % 11

    def shipping(grams, zone):
        best = 0
        for step in range(grams):
            best = max(best, weight(step) * RATE)
        return zone + str(best)

After:
    def shipping(grams, zone):
        given = key = None
        try:
            given = (grams, zone, RATE, weight)
            key = given if (type(grams) is int or type(grams) is str) and (type(zone) is int or type(zone) is str) and (type(RATE) is int or type(RATE) is str) and type(weight) is FUNCTION else frozen(given, 1)
            result = recall(key, ...)
        except Exception:
            if interrupted():
                raise
            result = ...
        if result is not ...:
            return result
        selfsame_deopt()
        began = missed()
        best = 0
        for step in range(grams):
            best = max(best, weight(step) * RATE)
        return keep(began, key, given, 1, zone + str(best), (globals().get('RATE'), globals().get('weight')))

Precondition:
    The same arguments were seen to come again, in at least half of the calls. The effect facts say
    that the function leaves no trace but its result. It reads nothing beyond its arguments but functions, constants
    and globals of its module, which belong to the key with their exact types. It calls something or loops, is no inner
    function, does not call itself and has no cache yet. A method must not read its object, and nothing
    may ask which of two equal objects it is given (`is`). What has no key (an instance, a set, NaN, a long
    list) is computed as before. Plain results are kept; a new list or dict of plain values is copied
    for every caller. An exception is not kept.

When it is wrong:
    Where a list or dict that it reads is changed by another thread during a call and changed back.
    Equal results may be one object. Where few calls come again it is slower: a call of the original
    that finds nothing counts as a deopt, and where four in five do, it is rolled back.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.remembering import Reads, reads
from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.clone import Cloner
from selfsame.compiler.rewrite.placeholders import (
    FRESH,
    MARK,
    builtin,
    deopt_call,
    imported,
    unless_interrupted,
)
from selfsame.variants.build import build
from selfsame.variants.site import Refusal, Site
from selfsame.variants.template import flow_of, title
from selfsame.variants.variation import Variation

name, family = "repeated-arguments-to-memory", "memoise"
wins = {"time": "each different call is computed once"}
deploy = "live"
watch = ["identity of equal results", "memory of the results", "depth of recursion"]

LEAST_REPEATS = 0.5
KEYED = frozenset({"int", "str", "float", "bool", "bytes", "complex", "NoneType", "tuple", "list"})
KEYED |= {"dict"}
LONGEST = 512  # items of a container in a key, as in selfsame.runtime.agent.memo
_EXACT = frozenset({"int", "str"})
_WORK = (ast.For, ast.While, ast.Call, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SECRET = frozenset({"password", "passwd", "passphrase", "secret", "secrets", "credential", "hmac"})
_SECRET |= {"credentials", "otp", "csrf", "crypt", "crypto", "encrypt", "decrypt", "authenticate"}
_MEMO = "selfsame.runtime.agent.memo"
GIVEN, KEY, RESULT, BEGAN = (FRESH + n for n in ("given", "key", "result", "began"))


def variations(site: Site, template: Any) -> list[Variation | Refusal]:
    """The function with a memory of its results. Raises Skipped where it may have none."""
    function = _function(site)
    if function is None:
        return []
    repeats = site.observed.repeats
    if repeats is None:
        raise Skipped("whether its arguments come again was not seen")
    if repeats < LEAST_REPEATS:
        raise Skipped(f"the arguments of {repeats:.0%} of its calls had come before: too few")
    flow, read, given = _looked_at(site, function)
    new = _remembering(site, flow, function, read, given)
    ast.fix_missing_locations(new)
    made = build(
        site,
        name,
        family,
        new,
        summary=title(template.doc),
        watch=watch,
        parameters={"most_bytes": str(site.constraints.cache_bytes)},
    )
    relied = json.dumps(sorted(made.dependencies.items()))
    digest = hashlib.sha256(relied.encode()).hexdigest()
    address = site.definition.address
    constants = tuple(
        replace(c, path=address, digest=digest) if c.kind == "memory" else c for c in made.constants
    )
    return [replace(made, constants=constants)]


def could(site: Site) -> Refusal | None:
    """Why it can have no memory, whatever comes; None where calls decide."""
    function = _function(site)
    try:
        if function is None:
            raise Skipped(f"it is a {site.definition.kind}, not a function of its own")
        _looked_at(site, function)
    except Skipped as skip:
        return Refusal(name, skip.reason)
    return None


def _function(site: Site) -> ast.FunctionDef | None:
    node = site.definition.node
    plain = site.definition.kind == "function" and isinstance(node, ast.FunctionDef)
    return node if plain and isinstance(node, ast.FunctionDef) else None


def _looked_at(site: Site, function: ast.FunctionDef) -> tuple[Flow, Reads, list[str]]:
    """The function's flow, what it reads, and the parameters that belong to the key."""
    if site.constraints.cache_bytes <= 0:
        raise Skipped("`cache_memory` leaves no room for results")
    if any("cache" in ast.unparse(d) for d in function.decorator_list):
        raise Skipped("it has a cache already")
    if not any(isinstance(n, _WORK) for n in ast.walk(function)):
        raise Skipped("it does no more than a look-up costs")
    words = {word for n in (site.definition.address, *_names(function)) for word in _words(n)}
    if secret := sorted(words & _SECRET):
        raise Skipped(
            f"it may hold secrets ({secret[0]!r}): they are not kept, nor told by its time"
        )
    flow = flow_of(function, site)
    looking = flow.sees_locals()
    if looking is not None:
        raise Skipped("it may look at its own variables by name")
    facts = site.facts
    if not isinstance(facts, ModuleFacts):
        facts = ModuleFacts.of(site.source, lambda wanted: None)
    read = reads(facts, site.definition.address)
    hidden = [n for n in (*read.data, *read.functions) if n in flow.bound.local]
    if hidden:
        raise Skipped(f"what it calls reads {hidden[0]}, and it has a variable of that name")
    for part in read.data:
        if why := _unkeyed(site, part):
            raise Skipped(f"it reads {part}, {why}")
    for node in ast.walk(function):
        ends = bool(getattr(node, "finalbody", None)) or isinstance(node, ast.With | ast.AsyncWith)
        if ends and any(isinstance(n, ast.Return) for n in ast.walk(node)):
            raise Skipped("something runs after its result is made: `finally` or `with`")
    return flow, read, _parameters(site, function, flow)


def _names(function: ast.FunctionDef) -> list[str]:
    return [a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)]


def _words(identifier: str) -> list[str]:
    """The words of a name: ``checkUser_password`` has three."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z]+", " ", identifier).lower().split()


def _parameters(site: Site, function: ast.FunctionDef, flow: Flow) -> list[str]:
    arguments = function.args
    if arguments.kwarg is not None:
        raise Skipped(f"any keyword may come in: **{arguments.kwarg.arg}")
    every = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    static = any(
        isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list
    )
    if site.definition.parent is not None and not static and every:
        if flow.all_mentions(every[0]):
            raise Skipped(f"it reads {every[0]!r}, whose attributes may change between calls")
        del every[0]
    every += [a.arg for a in arguments.kwonlyargs]
    if arguments.vararg is not None:
        every.append(arguments.vararg.arg)
    for parameter in every:
        seen = {t.partition("[")[0] for t in site.observed.types.get(parameter, ())}
        if seen and not seen & KEYED:
            kinds = " or ".join(sorted(seen))
            raise Skipped(f"{parameter!r} was only seen to be {kinds}: there is no key for it")
    return every


def _remembering(
    site: Site, flow: Flow, function: ast.FunctionDef, read: Reads, given: Sequence[str]
) -> ast.FunctionDef:
    most = site.constraints.cache_bytes
    cloner = Cloner()
    copied = False
    for node in _own(function.body):
        if isinstance(node, ast.Return):
            new = _made_here(node.value, flow)
            copied |= new
            method = _of_memory("keep_new" if new else "keep", most)
            cloner.replace[id(node)] = _kept(node, cloner, method, read)
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    head = function.body[: 1 if documented and len(function.body) > 1 else 0]
    body = function.body[len(head) :]
    rewritten = cloner.nodes(body)
    if not isinstance(body[-1], ast.Return | ast.Raise):
        ending = _keeping(ast.Constant(None), _of_memory("keep", most), read)
        rewritten.append(ast.copy_location(ending, body[-1]))
    asked = _asked(site, read, given, most, copied)
    for statement in asked:
        for part in ast.walk(statement):
            if "lineno" in part._attributes:
                ast.copy_location(part, body[0])
                part.end_lineno, part.end_col_offset = body[0].lineno, body[0].col_offset + 1  # type: ignore[attr-defined]
    made: ast.FunctionDef = Cloner().node(function)
    made.body = [*Cloner().nodes(head), *asked, *rewritten]
    return made


def _asked(
    site: Site, read: Reads, given: Sequence[str], most: int, copied: bool
) -> list[ast.stmt]:
    """The statements that look for the result, in front of the function's own."""
    parts = [*given, *read.data, *read.functions]
    own, functions = [*given, *read.data], read.functions
    elsewhere = [
        ast.Subscript(imported(module, "__dict__"), ast.Constant(of), ast.Load())
        for module, of in read.elsewhere
    ]
    values = [*map(_load, own), *elsewhere, *map(_load, functions)]
    key: ast.expr = _call(_MEMO, "frozen", _load(GIVEN), ast.Constant(len(functions)))
    exact = [_exactly(site, part, part in read.functions) for part in parts]
    checks = [e for e in exact if e is not None]
    if len(checks) == len(parts) and not read.elsewhere:
        test = checks[0] if len(checks) == 1 else ast.BoolOp(ast.And(), checks)
        key = ast.IfExp(test, _load(GIVEN), key) if checks else _load(GIVEN)
    nothing = ast.Constant(...)
    recall = ast.Call(_of_memory("recall", most), [_load(KEY), nothing], [])
    found: ast.expr = _call(_MEMO, "again", _load(RESULT)) if copied else _load(RESULT)
    return [
        ast.Assign([_stored(GIVEN), _stored(KEY)], ast.Constant(None)),
        ast.Try(
            [
                ast.Assign([_stored(GIVEN)], ast.Tuple(values, ast.Load())),
                ast.Assign([_stored(KEY)], key),
                ast.Assign([_stored(RESULT)], recall),
            ],
            [unless_interrupted(ast.Assign([_stored(RESULT)], nothing))],
            [],
            [],
        ),
        ast.If(ast.Compare(_load(RESULT), [ast.IsNot()], [nothing]), [ast.Return(found)], []),
        deopt_call(),
        ast.Assign([_stored(BEGAN)], ast.Call(_of_memory("missed", most), [], [])),
    ]


def _exactly(site: Site, part: str, function: bool) -> ast.expr | None:
    """A check in place that a value is its own key; None where that is not to be expected."""
    kind = ast.Call(builtin("type"), [_load(part)], [])
    if function:
        return ast.Compare(kind, [ast.Is()], [imported(_MEMO, "FUNCTION")])
    seen = site.observed.types.get(part, frozenset())
    if part not in site.observed.types:
        seen = _written(site, part)
    if not seen <= _EXACT:
        return None
    return ast.BoolOp(
        ast.Or(),
        [
            ast.Compare(ast.Call(builtin("type"), [_load(part)], []), [ast.Is()], [builtin(exact)])
            for exact in ("int", "str")
        ],
    )


def _written(site: Site, part: str) -> frozenset[str]:
    """The types of what the module's top level gives a name, as far as they are written there."""
    found: set[str] = set()
    for statement in site.source.tree.body:
        if isinstance(statement, ast.Assign) and part in map(_name, statement.targets):
            value = statement.value
            found.add(type(value.value).__name__ if isinstance(value, ast.Constant) else "?")
    return frozenset(found)


def _unkeyed(site: Site, part: str) -> str:
    """Why a global of the module, as it is written there, cannot belong to a key; empty where it may."""
    for statement in site.source.tree.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if value is None or part not in map(_name, targets):
            continue
        called = _name(value.func) if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Set | ast.SetComp) or called == "set":
            return "a set, which may change between calls and has no key"
        items = getattr(value, "elts", getattr(value, "keys", ()))
        if isinstance(value, ast.DictComp | ast.ListComp) or len(items) > LONGEST:
            return "which may change between calls and is too large for a key"
    return ""


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _made_here(value: ast.expr | None, flow: Flow) -> bool:
    """Whether a result is a list or dict that the call has made, and that nobody else holds."""
    if isinstance(value, ast.Name) and value.id not in flow.bound.params:
        defs = flow.defs(value.id) if flow.is_local(value.id) else []
        # `found += more` changes a list or dict in place.
        made = [d for d in defs if not isinstance(flow.parents[id(d.node)], ast.AugAssign)]
        return bool(made) and all(
            not isinstance(d.value, ast.Name) and _made_here(d.value, flow) for d in made
        )
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in ("list", "dict", "sorted") and flow.is_builtin(value.func.id)
    return isinstance(value, ast.List | ast.ListComp | ast.Dict | ast.DictComp)


def _own(statements: Iterable[ast.stmt]) -> Iterable[ast.AST]:
    """All nodes of a function's body but for those of functions and classes inside."""
    stack: list[ast.AST] = list(statements)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def _kept(node: ast.Return, cloner: Cloner, method: ast.Constant, read: Reads) -> Any:
    def make() -> ast.stmt:
        value = ast.Constant(None) if node.value is None else cloner.node(node.value)
        return ast.copy_location(_keeping(value, method, read), node)

    return make


def _keeping(value: ast.expr, method: ast.Constant, read: Reads) -> ast.Return:
    """The result is given out by the memory, which is told what the names mean after the call."""
    here = ast.Call(builtin("globals"), [], [])
    now = [
        *(_meaning(here, name) for name in read.data),
        *(_meaning(imported(module, "__dict__"), name) for module, name in read.elsewhere),
        *(_meaning(here, name) for name in read.functions),
    ]
    called = ast.Constant(len(read.functions))
    held = ast.Tuple(now, ast.Load())
    arguments = [_load(BEGAN), _load(KEY), _load(GIVEN), called, value, held]
    return ast.Return(ast.Call(method, arguments, []))


def _meaning(namespace: ast.expr, name: str) -> ast.expr:
    """What a global is now; None where there is none, which is no error here."""
    return ast.Call(ast.Attribute(namespace, "get", ast.Load()), [ast.Constant(name)], [])


def _of_memory(method: str, most: int) -> ast.Constant:
    return ast.Constant(f"{MARK}memory:{most}:{method}")


def _call(module: str, attribute: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(imported(module, attribute), list(arguments), [])


def _load(variable: str) -> ast.Name:
    return ast.Name(variable, ast.Load())


def _stored(variable: str) -> ast.Name:
    return ast.Name(variable, ast.Store())
