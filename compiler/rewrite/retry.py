"""A pure function's rewrite that may give up anywhere, with the original behind it.

``try: REWRITTEN``, which returns or gives up with an error; then ``deopt(); ORIGINAL``. A call of a
pure function leaves no trace, so the original can start over: an error is raised by the user's own
lines, and a helper that meets what it cannot do exactly declines. Only what is used up by reading
it, an iterator, must be told beforehand: ``whole`` declines those.
"""

import ast
from collections.abc import Callable, Mapping, Sequence

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.stable import (
    MAKERS,
    READING,
    starts_immutable,
    takes_first,
    used_up,
)
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.variables import EAGER
from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.clone import Cloner
from selfsame.compiler.rewrite.placeholders import FRESH, deopt_call, imported, unless_interrupted

PREPARED = "selfsame.runtime.agent.prepared"
# Builtins and methods that leave an iterator which they are given as it is.
_HARMLESS = (MAKERS - EAGER - {"dict"}) | {"type", "getattr", "hasattr", "callable"}
_STORING = READING - {"join", "union", "intersection", "difference", "issubset", "issuperset"}
_STORING = (_STORING - {"isdisjoint"}) | {"append", "add", "insert", "pop", "remove", "discard"}
_STORING |= {"setdefault", "sort", "clear", "reverse", "popleft", "appendleft"}


def refuse(flow: Flow, function: ast.AST) -> None:
    """Raise Skipped where a call that was left halfway could not be told from one that was not."""
    for node in ast.walk(function):
        if isinstance(node, ast.ExceptHandler):
            names = (
                {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                if (node.type is not None)
                else {"BaseException"}
            )
            if "BaseException" in names or not all(flow.is_builtin(n) for n in names):
                raise Skipped("it catches more than errors of Python's own")
        elif isinstance(node, ast.Try):
            for inner in (n for part in node.finalbody for n in ast.walk(part)):
                if isinstance(inner, ast.Return | ast.Break | ast.Continue):
                    raise Skipped("it leaves a finally block early")
        elif isinstance(node, ast.With | ast.AsyncWith):
            raise Skipped("a with statement may take what is raised in it")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node is not function:
                raise Skipped("a function or class is defined inside")
        elif isinstance(node, ast.GeneratorExp):
            if not used_up(flow, node):
                raise Skipped("it makes a generator that may outlive the call")
        elif isinstance(node, ast.Lambda):
            parent = flow.parents[id(node)]
            if not (isinstance(parent, ast.keyword) and parent.arg == "key"):
                raise Skipped("it makes a function that may outlive the call")
        elif isinstance(node, ast.Attribute) and node.attr in ("__next__", "send", "throw"):
            raise Skipped("it takes from an iterator")
        elif isinstance(node, ast.Name) and node.id in ("next", "iter", "super", "__class__"):
            parent = flow.parents[id(node)]
            if not (isinstance(parent, ast.Call) and takes_first(flow, parent)):
                raise Skipped(f"it uses {node.id}")


def retried(
    function: ast.FunctionDef,
    flow: Flow,
    replace: Mapping[int, Callable[[Cloner], object]],
    before: Mapping[int, Sequence[ast.stmt]],
) -> ast.FunctionDef:
    """A copy of ``function`` that tries the rewritten body first.

    ``replace``: id of an expression or statement -> what makes the new one. ``before``: id of a
    statement -> what stands in front of it.
    """
    entry, tried = declining(function, flow, replace, before)
    return tried_first(function, flow, [*entry, *tried])


def declining(
    function: ast.FunctionDef,
    flow: Flow,
    replace: Mapping[int, Callable[[Cloner], object]],
    before: Mapping[int, Sequence[ast.stmt]],
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The function's statements, rewritten, and the checks that come first of all.

    Both decline what reading would use up.
    """
    cloner = Cloner()
    entry = _checks(function, flow, cloner)
    for node in ast.walk(function):
        first, maker = before.get(id(node)), replace.get(id(node))
        if first is not None:
            cloner.replace[id(node)] = _preceded(node, first, maker, cloner)
        elif maker is not None:
            cloner.replace[id(node)] = _made(maker, cloner)
    body = _body(function)[1]
    tried = cloner.nodes(body)
    if not isinstance(body[-1], ast.Return | ast.Raise):
        tried.append(ast.Return(None))
    return entry, tried


def tried_first(
    function: ast.FunctionDef, flow: Flow, tried: Sequence[ast.stmt]
) -> ast.FunctionDef:
    """A copy of ``function`` in which its body stands behind ``tried``, which returns or gives up."""
    head, body = _body(function)
    names = sorted(flow.bound.params)
    rebound = [p for p in names if flow.defs(p)]
    saved = [_assign(FRESH + "given_" + p, ast.Name(p, ast.Load())) for p in rebound]
    again = [_assign(p, ast.Name(FRESH + "given_" + p, ast.Load())) for p in rebound]
    for name in sorted(flow.bound.local - flow.bound.params):
        if flow.bound_first(name) is not Tri.YES:
            # Read before it is bound, it must raise, whatever the first try left in it.
            again += [_assign(name, ast.Constant(None)), ast.Delete([ast.Name(name, ast.Del())])]
    declined = ast.ExceptHandler(imported(PREPARED, "Declined"), None, [ast.Pass()])
    handlers = [unless_interrupted(), declined]
    attempt = ast.Try(list(tried), handlers, [], [])
    new: ast.FunctionDef = Cloner().node(function)
    rest = Cloner().nodes(body)
    new.body = [*Cloner().nodes(head), *saved, attempt, deopt_call(), *again, *rest]
    at = body[0]
    for statement in new.body:
        for part in ast.walk(statement):
            if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
                part.lineno, part.col_offset = at.lineno, at.col_offset  # type: ignore[attr-defined]
                part.end_lineno, part.end_col_offset = at.lineno, at.col_offset + 1  # type: ignore[attr-defined]
    return new


def _body(function: ast.FunctionDef) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The docstring, and the statements behind it."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    cut = 1 if documented and len(function.body) > 1 else 0
    return function.body[:cut], function.body[cut:]


def _preceded(
    node: ast.AST,
    first: Sequence[ast.stmt],
    maker: Callable[[Cloner], object] | None,
    cloner: Cloner,
) -> Callable[[], object]:
    def make() -> list[object]:
        del cloner.replace[id(node)]
        new = maker(cloner) if maker is not None else cloner.node(node)
        return [*Cloner().nodes(list(first)), *(new if isinstance(new, list) else [new])]

    return make


def _made(maker: Callable[[Cloner], object], cloner: Cloner) -> Callable[[], object]:
    return lambda: maker(cloner)


def _checks(function: ast.FunctionDef, flow: Flow, cloner: Cloner) -> list[ast.stmt]:
    """Has the clone check what is taken apart; checks of parameters stand at the entry."""
    entry: dict[tuple[str, str], ast.stmt] = {}
    for name in _looked_into(function, flow, cloner):
        entry[name, "items"] = ast.Expr(_steady(ast.Name(name, ast.Load())))
    for node in ast.walk(function):
        for part in _taken_apart(node, flow):
            if not isinstance(part, ast.Name | ast.Attribute | ast.Subscript):
                continue
            if isinstance(part, ast.Name):
                if flow.owner(part) is flow.function and part.id in flow.bound.params:
                    if not flow.defs(part.id):
                        check = _whole(ast.Name(part.id, ast.Load()))
                        entry.setdefault((part.id, ""), ast.Expr(check))
                        continue
                elif _solid(part, flow):
                    continue
            cloner.around[id(part)] = _whole
    return [entry[check] for check in sorted(entry)]


def _looked_into(function: ast.FunctionDef, flow: Flow, cloner: Cloner) -> set[str]:
    """The parameters of which items are read, so that a ``defaultdict`` may get some.

    Of others, of which more than items is read, the clone checks what items are read of.
    """
    items: list[ast.expr] = []
    others: set[str] = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            continue
        parent = flow.parents.get(id(node))
        if isinstance(parent, ast.Subscript) and parent.value is node:
            if isinstance(parent.ctx, ast.Load) and not isinstance(parent.slice, ast.Slice):
                items.append(node)
        elif _read_whole(node, parent):
            others.add(ast.unparse(node))
    found = set()
    for node in items:
        if isinstance(node, ast.Name):
            if flow.owner(node) is flow.function and node.id in flow.bound.params:
                if not flow.defs(node.id):
                    found.add(node.id)
                    continue
            elif _solid(node, flow):
                continue
        if ast.unparse(node) in others:
            cloner.around[id(node)] = _steady
    return found


def _read_whole(node: ast.AST, parent: ast.AST | None) -> bool:
    """Whether more is read where an expression stands than one of its items."""
    match parent:
        case ast.Call(func=ast.Attribute(attr=name), args=args) if node in args:
            return name not in _STORING
        case ast.Attribute(attr=name):
            return name != "get"
        case ast.Compare(left=left, ops=ops):
            return node is not left and any(isinstance(op, ast.In | ast.NotIn) for op in ops)
        case ast.For(iter=over) | ast.comprehension(iter=over):
            return over is node
        case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
            return value is node
        case ast.Call() | ast.keyword() | ast.Starred() | ast.Dict():
            return True
    return False


def _whole(value: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(imported(PREPARED, "whole"), [value], []), value)


def _steady(value: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(imported(PREPARED, "steady"), [value], []), value)


def _taken_apart(node: ast.AST, flow: Flow) -> list[ast.expr]:
    """The expressions that a node uses up, if they are iterators."""
    if isinstance(node, ast.For | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Load):
        return [node.value]
    if isinstance(node, ast.Assign):
        spread = any(
            isinstance(t, ast.Tuple | ast.List)
            or (isinstance(t, ast.Subscript) and isinstance(t.slice, ast.Slice))
            for t in node.targets
        )
        return [node.value] if spread else []
    if isinstance(node, ast.AugAssign):
        # Only a list takes its other operand apart.
        counts = isinstance(node.target, ast.Name) and starts_immutable(flow, node.target.id)
        return [] if counts else [node.value]
    if isinstance(node, ast.Compare):
        pairs = zip(node.ops, node.comparators, strict=True)
        return [right for op, right in pairs if isinstance(op, ast.In | ast.NotIn)]
    if isinstance(node, ast.Call):
        func = node.func
        arguments = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(func, ast.Attribute) and func.attr in _STORING:
            return []
        if isinstance(func, ast.Name) and flow.is_builtin(func.id):
            alone = func.id in ("min", "max") and len(node.args) > 1
            return [] if func.id in _HARMLESS or alone else arguments
        return arguments
    return []


def _solid(name: ast.Name, flow: Flow) -> bool:
    """Whether a variable only ever holds what is evidently no iterator."""
    owner = flow.owner(name)
    defs = flow.defs(name.id, owner) if owner is not None else []
    return bool(defs) and all(_solid_value(d.value, flow) or _counted(d.node, flow) for d in defs)


def _solid_value(value: ast.expr | None, flow: Flow) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in MAKERS and flow.is_builtin(value.func.id)
    return isinstance(
        value,
        ast.Constant
        | ast.List
        | ast.Tuple
        | ast.Dict
        | ast.Set
        | ast.ListComp
        | ast.DictComp
        | ast.SetComp
        | ast.JoinedStr
        | ast.Compare,
    )


def _counted(node: ast.AST, flow: Flow) -> bool:
    """Whether a name is bound by a loop over ``range``."""
    loop = flow.parents.get(id(node))
    if not isinstance(loop, ast.For | ast.comprehension) or loop.target is not node:
        return False
    made = loop.iter
    ranged = isinstance(made, ast.Call) and isinstance(made.func, ast.Name)
    return ranged and made.func.id == "range" and flow.is_builtin("range")  # type: ignore[attr-defined]


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)
