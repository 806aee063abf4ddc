"""First-order mutants of a function: classic ones, and the mistakes that an optimiser makes.

A mutant is a copy of the function's definition with one change. The classic operators are those of
Offutt et al., "An experimental determination of sufficient mutant operators" (TOSEM 1996), with
statements and calls of Python added; the optimiser-like ones are wrong versions of rewrites that
this project or its like make.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    """A changed definition; ``family`` is "classic" or "optimiser", ``line`` that of the change."""

    kind: str
    family: str
    line: int
    node: FunctionNode


Change = Callable[[ast.AST], ast.AST | None]
"""Gets a node of a fresh copy, and gives what stands in its place; None takes a statement out."""

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Add, ast.Pow), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitOr,), ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
}  # fmt: skip
SWAPPED = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "append": "extend",
    "lstrip": "rstrip",
}
SWAPPED |= {
    "startswith": "endswith",
    "find": "rfind",
    "index": "rindex",
    "lower": "upper",
    "rsplit": "split",
}
COPIES = ("list", "tuple", "dict", "set", "sorted", "copy", "deepcopy")


def mutants(function: FunctionNode) -> list[Mutant]:
    """All first-order mutants, in the order of the source."""
    found: list[Mutant] = []
    nodes = list(_own(function))
    for position, node in enumerate(nodes):
        for kind, family, change in _changes(node):
            fresh = copy.deepcopy(function)
            target = list(_own(fresh))[position]
            replaced = _Replace(target, change).visit(fresh)
            ast.fix_missing_locations(replaced)
            if ast.dump(replaced) != ast.dump(function):
                found.append(Mutant(kind, family, getattr(node, "lineno", 0), replaced))
    memo = _untyped_cache(function)
    if memo is not None:
        found.append(Mutant("untyped cache", "optimiser", function.lineno, memo))
    return found


def _own(function: FunctionNode) -> Iterator[ast.AST]:
    """The nodes of the body, docstring and annotations left out."""
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.AnnAssign):
            todo += [child for child in (node.value, node.target) if child is not None]
        elif isinstance(node, ast.JoinedStr):
            continue
        else:
            todo += reversed(list(ast.iter_child_nodes(node)))


class _Replace(ast.NodeTransformer):
    """Puts a changed node in the place of one."""

    def __init__(self, target: ast.AST, change: Change) -> None:
        self._target = target
        self._change = change

    def visit(self, node: ast.AST) -> ast.AST:
        if node is not self._target:
            visited: ast.AST = super().visit(node)
            return visited
        changed = self._change(node)
        if changed is None:
            changed = ast.Pass()
        return ast.copy_location(changed, node)


def _changes(node: ast.AST) -> Iterator[tuple[str, str, Change]]:
    yield from _expressions(node)
    yield from _statements(node)
    yield from _mistakes(node)


def _expressions(node: ast.AST) -> Iterator[tuple[str, str, Change]]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield "comparison", "classic", _compared(index, other)
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            for operator in OPERATORS.get(type(op), ()):
                yield "operator", "classic", _operated(operator)
        case ast.BoolOp(op=op):
            other_op = ast.Or if isinstance(op, ast.And) else ast.And
            yield "and/or", "classic", lambda n: ast.BoolOp(other_op(), n.values)  # type: ignore[attr-defined]
            yield "condition dropped", "classic", lambda n: n.values[0]  # type: ignore[attr-defined]
        case ast.UnaryOp():
            yield "unary dropped", "classic", lambda n: n.operand  # type: ignore[attr-defined]
        case ast.Constant(value=bool(value)):
            yield "constant", "classic", lambda n: ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", "classic", lambda n: ast.Constant(value + 1)
            yield "constant", "classic", lambda n: ast.Constant(value - 1)
        case ast.Constant(value=float(value)):
            yield "constant", "classic", lambda n: ast.Constant(value + 1.0)
        case ast.Constant(value=str(value)):
            yield "constant", "classic", lambda n: ast.Constant(value + "x" if value else "x")
        case ast.IfExp():
            yield "branches", "classic", lambda n: ast.IfExp(n.test, n.orelse, n.body)  # type: ignore[attr-defined]
        case ast.Call(func=ast.Name(id=name)) if name in SWAPPED:
            yield (
                "call",
                "classic",
                lambda n: ast.Call(ast.Name(SWAPPED[name], ast.Load()), n.args, n.keywords),
            )  # type: ignore[attr-defined]
        case ast.Call(func=ast.Attribute(attr=name)) if name in SWAPPED:
            yield (
                "call",
                "classic",
                lambda n: ast.Call(
                    ast.Attribute(n.func.value, SWAPPED[name], ast.Load()), n.args, n.keywords
                ),
            )  # type: ignore[attr-defined]
    if (
        isinstance(node, ast.Call)
        and len(node.args) == 2
        and not any(isinstance(a, ast.Starred) for a in node.args)
    ):
        yield "arguments swapped", "classic", lambda n: ast.Call(n.func, n.args[::-1], n.keywords)  # type: ignore[attr-defined]


def _compared(index: int, other: type[ast.cmpop]) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Compare)
        ops = [other() if i == index else op for i, op in enumerate(node.ops)]
        return ast.Compare(node.left, ops, node.comparators)

    return change


def _operated(operator: type[ast.operator]) -> Change:
    def change(node: ast.AST) -> ast.AST:
        if isinstance(node, ast.AugAssign):
            return ast.AugAssign(node.target, operator(), node.value)
        assert isinstance(node, ast.BinOp)
        return ast.BinOp(node.left, operator(), node.right)

    return change


def _statements(node: ast.AST) -> Iterator[tuple[str, str, Change]]:
    match node:
        case ast.If() | ast.While():
            yield (
                "condition negated",
                "classic",
                lambda n: type(n)(ast.UnaryOp(ast.Not(), n.test), n.body, n.orelse),
            )  # type: ignore[attr-defined, call-arg]
        case ast.Return(value=ast.expr()):
            yield "returns None", "classic", lambda n: ast.Return(ast.Constant(None))
        case ast.Break():
            yield "break/continue", "classic", lambda n: ast.Continue()
        case ast.Continue():
            yield "break/continue", "classic", lambda n: ast.Break()
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield "statement dropped", "classic", lambda n: None


def _mistakes(node: ast.AST) -> Iterator[tuple[str, str, Change]]:
    """What a careless optimiser does."""
    match node:
        case ast.If(body=[ast.Return() | ast.Raise() | ast.Continue() | ast.Break()], orelse=[]):
            yield "guard dropped", "optimiser", lambda n: None
        case ast.Raise() | ast.Assert():
            yield "check dropped", "optimiser", lambda n: None
        case ast.Call(func=ast.Name(id=name), args=[ast.expr()], keywords=[]) if name in COPIES:
            yield "copy dropped", "optimiser", lambda n: n.args[0]  # type: ignore[attr-defined]
        case ast.Call(func=ast.Attribute(attr="copy"), args=[]):
            yield "copy dropped", "optimiser", lambda n: n.func.value  # type: ignore[attr-defined]
        case ast.Subscript(slice=ast.Slice(lower=None, upper=None, step=None), ctx=ast.Load()):
            yield "copy dropped", "optimiser", lambda n: n.value  # type: ignore[attr-defined]
        case ast.BinOp(op=ast.Div()):
            yield "integer division", "optimiser", _operated(ast.FloorDiv)
        case ast.BinOp(op=ast.FloorDiv()):
            yield "float division", "optimiser", _operated(ast.Div)
        case ast.Slice(lower=lower, upper=upper) if lower or upper:
            yield "window off by one", "optimiser", _moved_slice
        case ast.Call(func=ast.Name(id="range"), args=args) if args:
            yield "window off by one", "optimiser", _shorter_range
        case ast.Call(func=ast.Name(id="sorted")):
            yield "wrong order of ties", "optimiser", _sorted_backwards
        case ast.Call(func=ast.Name(id="max" | "min"), args=[_]):
            yield "wrong order of ties", "optimiser", _last_of_ties
        case ast.For(body=body) if len(body) > 1 or not isinstance(
            body[0], (ast.Return, ast.Break)
        ):
            yield (
                "loop left early",
                "optimiser",
                lambda n: ast.For(n.target, n.iter, [*n.body, ast.Break()], n.orelse),
            )  # type: ignore[attr-defined]
        case ast.Try(handlers=[_, *_]):
            yield (
                "handler dropped",
                "optimiser",
                lambda n: ast.If(ast.Constant(True), [*n.body, *n.orelse, *n.finalbody], []),
            )  # type: ignore[attr-defined]


def _moved_slice(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Slice)
    if node.upper is not None:
        return ast.Slice(node.lower, ast.BinOp(node.upper, ast.Sub(), ast.Constant(1)), node.step)
    assert node.lower is not None
    return ast.Slice(ast.BinOp(node.lower, ast.Add(), ast.Constant(1)), None, node.step)


def _shorter_range(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Call)
    args = list(node.args)
    where = 0 if len(args) == 1 else 1
    args[where] = ast.BinOp(args[where], ast.Sub(), ast.Constant(1))
    return ast.Call(node.func, args, node.keywords)


def _sorted_backwards(node: ast.AST) -> ast.AST:
    """``sorted(x)`` as ``sorted(reversed(list(x)))``: what is equal comes out the other way round."""
    assert isinstance(node, ast.Call)
    args = [_backwards(node.args[0]), *node.args[1:]] if node.args else []
    return ast.Call(node.func, args, node.keywords)


def _last_of_ties(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Call)
    return ast.Call(node.func, [_backwards(node.args[0])], node.keywords)


def _backwards(value: ast.expr) -> ast.expr:
    inner = ast.Call(ast.Name("list", ast.Load()), [value], [])
    return ast.Call(ast.Name("reversed", ast.Load()), [inner], [])


def _untyped_cache(function: FunctionNode) -> FunctionNode | None:
    """The function behind a cache in which 1, 1.0 and True are one key, and results are shared."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    generator = any(
        isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await)) for n in ast.walk(function)
    )
    stars = arguments.vararg or arguments.kwarg or arguments.kwonlyargs
    if generator or stars or not plain or isinstance(function, ast.AsyncFunctionDef):
        return None
    if plain[0].arg in ("self", "cls") or function.decorator_list:
        return None
    fresh = copy.deepcopy(function)
    text = f"""
def {function.name}():
    import types
    memo = types.__dict__.setdefault("_memo_of_{function.name}", {{}})
    key = ({", ".join(p.arg for p in plain)},)
    def compute({", ".join(p.arg for p in plain)}):
        pass
    try:
        if key not in memo:
            memo[key] = compute(*key)
        return memo[key]
    except TypeError:
        return compute(*key)
"""
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.FunctionDef)
    compute = next(n for n in made.body if isinstance(n, ast.FunctionDef))
    compute.body = fresh.body
    fresh.body = made.body
    return fresh
