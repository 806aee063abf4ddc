"""A function that a loop calls with the same arguments again and again is called once for each.

``shipping(order["weight"], zone)`` for every order of a day: there are fewer weights than orders.
Results are kept while the loop runs, and forgotten with it.

Before:
    def shipping(weight, zone):
        return max([step * zone % 97 for step in range(1, weight)])

    def total(orders, zone):
        return sum([shipping(order["weight"], zone) for order in orders])

After:
    def total(orders, zone):
        try:
            whole(orders)
            whole(zone)
            once = ...
            return sum([(result if (result := (once if once is not ... else (once := forgetful(shipping))).get(key, ...)) is not ... else remembered(once if once is not ... else (once := forgetful(shipping)), key, shipping(given_0, given_1))) if (key := ((given_0 := whole(order['weight'])), (given_1 := zone))) and (type(given_0) is int or type(given_0) is str) and (type(given_1) is int or type(given_1) is str) else shipping(given_0, given_1) for order in orders])
        except Exception:
            if interrupted():
                raise
        except Declined:
            pass
        selfsame_deopt()
        return sum([shipping(order['weight'], zone) for order in orders])

Precondition:
    The effect facts say that both functions leave no trace but their results. Only calls whose
    arguments are exact texts or integers are remembered, and only plain results; at most 100,000.

When it is wrong:
    Where another thread or a signal handler changes what the function reads during the loop. Where
    few calls come again it is slower, which the trial shows.
"""

import ast

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, once
from selfsame.compiler.rewrite.pattern import Match
from selfsame.compiler.rewrite.placeholders import FRESH, builtin
from selfsame.variants.facts import RetryFacts

name, family = "repeated-call-to-memo", "memoise"
wins = {"time": "O(n * c) -> O(u * c + n)"}
deploy = "live"
retries = True
helpers = {
    "forgetful": "selfsame.runtime.agent.prepared:forgetful",
    "remembered": "selfsame.runtime.agent.prepared:remembered",
}
watch = ["identity of equal results", "memory of the results"]

MOST_ARGUMENTS = 4
_WORK = (ast.For, ast.While, ast.Call, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def before(CALLED: Expr):
    CALLED


def after(EXACT: Expr, FUNCTION: Expr, KEY: Expr, AGAIN: Expr):
    (
        result
        if (result := once(forgetful(FUNCTION)).get(KEY, ...)) is not ...
        else remembered(once(forgetful(FUNCTION)), KEY, AGAIN)
    ) if EXACT else AGAIN


def where(m: Match, f: RetryFacts) -> Tri:
    """A pure function of the tree that does some work is called in a loop, its arguments vary."""
    call = m.CALLED
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return f.silent("it calls no function")
    if call.keywords or not 0 < len(call.args) <= MOST_ARGUMENTS:
        return f.silent("its arguments are not few and plain")
    if any(isinstance(a, ast.Starred) for a in call.args) or _in_function(call, f):
        return f.silent("its arguments are not all there")
    if f.stable.pure_callee(call) is not Tri.YES or not _works(call, f):
        return f.silent("the function is not known to be worth it")
    if f.flow.in_iterable(call):
        return f.silent("nothing may be bound there")
    if _counts(call, f):
        return f.silent("no two of its calls have the same arguments")
    if f.repeats(m) is not Tri.YES or f.differs(call) is not Tri.YES:
        return Tri.NO
    given = [FRESH + f"given_{place}" for place in range(len(call.args))]
    loaded: list[ast.expr] = [ast.Name(name, ast.Load()) for name in given]
    exact: list[ast.expr] = [_exact(argument) for argument in loaded]
    # Every argument is evaluated once, all of them before the first is looked at.
    bound = [_bound(name, argument) for name, argument in zip(given, call.args, strict=True)]
    key = loaded[0]
    if len(given) > 1:
        key = ast.Name(FRESH + "key", ast.Load())
        exact.insert(0, _bound(FRESH + "key", ast.Tuple(list(bound), ast.Load())))
    else:
        exact = [_exact(bound[0], loaded[0])]
    m.bindings["EXACT"] = exact[0] if len(exact) == 1 else ast.BoolOp(ast.And(), exact)
    m.bindings["FUNCTION"] = call.func
    m.bindings["KEY"] = key
    m.bindings["AGAIN"] = ast.Call(call.func, loaded, [])
    return Tri.YES


def _bound(name: str, value: ast.expr) -> ast.expr:
    return ast.NamedExpr(ast.Name(name, ast.Store()), value)


def _exact(first: ast.expr, again: ast.expr | None = None) -> ast.expr:
    """``type(first) is int or type(again) is str``."""
    kinds = [ast.Call(builtin("type"), [value], []) for value in (first, again or first)]
    known = [
        ast.Compare(kind, [ast.Is()], [builtin(exact)])
        for kind, exact in zip(kinds, ("int", "str"), strict=True)
    ]
    return ast.BoolOp(ast.Or(), list(known))


def _in_function(call: ast.Call, f: RetryFacts) -> bool:
    """Whether it stands in a lambda, where what is bound is not seen outside."""
    parent = f.flow.parents.get(id(call))
    while parent is not None and parent is not f.flow.function:
        if isinstance(parent, ast.Lambda):
            return True
        parent = f.flow.parents.get(id(parent))
    return False


def _counts(call: ast.Call, f: RetryFacts) -> bool:
    """Whether one loop alone repeats it, over a range whose number is one of the arguments."""
    regions = [region for _, region in f.stable.regions(call)]
    if len(regions) != 1:
        return False
    (loop,) = regions
    clauses = loop.generators if hasattr(loop, "generators") else [loop]
    if len(clauses) != 1 or not isinstance(clauses[0], ast.For | ast.comprehension):
        return False
    target, source = clauses[0].target, clauses[0].iter
    counted = isinstance(source, ast.Call) and ast.unparse(source.func) == "range"
    return counted and any(ast.dump(a) == ast.dump(_loaded(target)) for a in call.args)


def _loaded(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target


def _works(call: ast.Call, f: RetryFacts) -> bool:
    """Whether the function does more than a look-up costs: it has a loop or calls something."""
    assert isinstance(call.func, ast.Name)
    own = f.flow.function
    if isinstance(own, ast.FunctionDef) and own.name == call.func.id:
        return False  # a recursion has a template of its own
    for statement in f.site.source.tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == call.func.id:
            return any(isinstance(n, _WORK) for n in ast.walk(statement))
    return True  # of another module
