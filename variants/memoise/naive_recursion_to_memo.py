"""A recursive function remembers, within one call from outside, what it has computed.

A function that calls itself twice computes the same again and again. Here the first call keeps
the results of the calls that it leads to, and forgets them when it returns.

Before:
    def paths(rows, columns):
        if rows == 0 or columns == 0:
            return 1
        return paths(rows - 1, columns) + paths(rows, columns - 1)

After:
    def paths(rows, columns):
        try:
            whole(columns)
            whole(rows)
            memo = {}

            def inner(rows, columns):
                if not ((type(rows) is int or type(rows) is str) and (type(columns) is int or type(columns) is str)):
                    declined()
                key = (rows, columns)
                result = memo.get(key, ...)
                if result is not ...:
                    return result
                if rows == 0 or columns == 0:
                    result = kept(1)
                    if len(memo) < 100000:
                        memo[key] = result
                    return result
                result = kept(inner(rows - 1, columns) + inner(rows, columns - 1))
                if len(memo) < 100000:
                    memo[key] = result
                return result
            return inner(rows, columns)
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        if rows == 0 or columns == 0:
            return 1
        return paths(rows - 1, columns) + paths(rows, columns - 1)

Precondition:
    The effect facts say that the function leaves no trace but its result. It is a function at the
    top of its module, bound once, that calls itself at two places, or in a loop. A parameter that
    every such call passes on as it is belongs to no key; the others must be exact texts or
    integers, and what is remembered plain; otherwise the original runs from its start. At most
    100,000 results are kept.

When it is wrong:
    Where other code binds the name of the function anew at run time, or another thread changes what
    is read during the call. Where no call comes twice it is slower, which the trial shows.
"""

import ast
import sys
from collections.abc import Callable, Sequence
from typing import Any

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.variables import times_stored
from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.clone import Cloner
from selfsame.compiler.rewrite.placeholders import FRESH, builtin
from selfsame.compiler.rewrite.retry import declining, tried_first
from selfsame.variants.build import build
from selfsame.variants.retry import Retry, helper
from selfsame.variants.site import Refusal, Site
from selfsame.variants.template import flow_of, title
from selfsame.variants.variation import Variation

name, family = "naive-recursion-to-memo", "memoise"
wins = {"time": "O(calls) -> O(different calls)"}
deploy = "live"
watch = ["identity of equal results", "memory of the results", "depth of recursion"]

MOST = 100_000
INNER, MEMO, KEY, RESULT = (FRESH + n for n in ("inner", "memo", "key", "result"))


def variations(site: Site, template: Any) -> list[Variation | Refusal]:
    """The function with an inner one that remembers; nothing where it does not call itself."""
    function = site.definition.node
    if site.definition.kind != "function" or not isinstance(function, ast.FunctionDef):
        return []
    flow = flow_of(function, site)
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == function.name
        and function.name not in flow.bound.local
    ]
    if not calls or (len(calls) == 1 and not flow.in_loop(calls[0])):
        return []
    retry = Retry(site, flow)
    _check(site, function, calls)
    new = _remembering(function, retry.flow, calls)
    ast.fix_missing_locations(new)
    return [build(site, name, family, new, summary=title(template.doc), watch=watch)]


def _check(site: Site, function: ast.FunctionDef, calls: Sequence[ast.Call]) -> None:
    """Raise Skipped where a call of the name may be one of another function, or is not simple."""
    if site.definition.address.partition(":")[2] != function.name or function.decorator_list:
        raise Skipped("it is decorated, or not at the top of its module")
    if times_stored(site.source.tree, function.name) != 1:
        raise Skipped("its name is bound more than once in its module")
    args = function.args
    if args.vararg or args.kwarg or args.kwonlyargs:
        raise Skipped("its parameters are not all plain ones")
    mentions = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == function.name]
    if len(mentions) != len(calls):
        raise Skipped("it hands itself on")
    for call in calls:
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        if call.keywords or starred or len(call.args) != len(args.posonlyargs) + len(args.args):
            raise Skipped("it calls itself with other than plain arguments")


def _remembering(
    function: ast.FunctionDef, flow: Flow, calls: Sequence[ast.Call]
) -> ast.FunctionDef:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    varying = [
        place
        for place, parameter in enumerate(names)
        if flow.defs(parameter) or not all(_is_name(c.args[place], parameter) for c in calls)
    ]
    if not varying:
        raise Skipped("it calls itself with what it was called with")
    replace: dict[int, Callable[[Cloner], object]] = {}
    for call in calls:
        replace[id(call)] = _inner_call(call, varying)
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            replace[id(node)] = _kept(node)
    entry, body = declining(function, flow, replace, {})
    given = [names[place] for place in varying]
    inner = ast.FunctionDef(
        INNER,
        ast.arguments([], [ast.arg(p) for p in given], None, [], [], None, []),
        [*_recalled(given), *body],
        [],
    )
    if sys.version_info >= (3, 12):
        inner.type_params = []
    first = ast.Return(ast.Call(_load(INNER), [_load(p) for p in given], []))
    return tried_first(function, flow, [*entry, _store(MEMO, ast.Dict([], [])), inner, first])


def _inner_call(call: ast.Call, varying: Sequence[int]) -> Callable[[Cloner], object]:
    def make(cloner: Cloner) -> ast.expr:
        arguments = [cloner.node(call.args[place]) for place in varying]
        return ast.copy_location(ast.Call(_load(INNER), arguments, []), call)

    return make


def _kept(node: ast.Return) -> Callable[[Cloner], object]:
    """``return E``: the value is checked and remembered first."""
    value = node.value
    assert value is not None

    def make(cloner: Cloner) -> list[ast.stmt]:
        length = ast.Call(builtin("len"), [_load(MEMO)], [])
        room = ast.Compare(length, [ast.Lt()], [ast.Constant(MOST)])
        slot = ast.Subscript(_load(MEMO), _load(KEY), ast.Store())
        new: list[ast.stmt] = [
            _store(RESULT, helper("kept", cloner.node(value))),
            ast.If(room, [ast.Assign([slot], _load(RESULT))], []),
            ast.Return(_load(RESULT)),
        ]
        for statement in new:
            ast.copy_location(statement, node)
        return new

    return make


def _recalled(given: Sequence[str]) -> list[ast.stmt]:
    """Look the arguments up; whatever is no exact text or integer declines."""
    checks: list[ast.expr] = []
    for parameter in given:
        kind = ast.Call(builtin("type"), [_load(parameter)], [])
        known = [
            ast.Compare(kind, [ast.Is()], [builtin("int")]),
            ast.Compare(kind, [ast.Is()], [builtin("str")]),
        ]
        checks.append(ast.BoolOp(ast.Or(), list(known)))
    test = checks[0] if len(checks) == 1 else ast.BoolOp(ast.And(), checks)
    key: ast.expr = _load(given[0])
    if len(given) > 1:
        key = ast.Tuple([_load(p) for p in given], ast.Load())
    known_result = ast.Attribute(_load(MEMO), "get", ast.Load())
    return [
        ast.If(ast.UnaryOp(ast.Not(), test), [ast.Expr(helper("declined"))], []),
        _store(KEY, key),
        _store(RESULT, ast.Call(known_result, [_load(KEY), ast.Constant(...)], [])),
        ast.If(
            ast.Compare(_load(RESULT), [ast.IsNot()], [ast.Constant(...)]),
            [ast.Return(_load(RESULT))],
            [],
        ),
    ]


def _is_name(node: ast.expr, wanted: str) -> bool:
    return isinstance(node, ast.Name) and node.id == wanted


def _load(variable: str) -> ast.Name:
    return ast.Name(variable, ast.Load())


def _store(variable: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(variable, ast.Store())], value)
