"""What each construct of Python runs: the rules by which ``Quiet`` judges a region."""

import ast
import builtins

from selfsame.compiler.analysis.quiet import (
    COPIES,
    PLAIN_CALLS,
    QUIET_WRITES,
    REDUCERS,
    Kind,
    Need,
    Quiet,
)
from selfsame.compiler.analysis.tri import Tri

# These run nothing themselves; their parts are judged.
_SILENT = (
    ast.Expr,
    ast.Pass,
    ast.Break,
    ast.Continue,
    ast.Constant,
    ast.Name,
    ast.Tuple,
    ast.List,
    ast.Return,
    ast.keyword,
    ast.expr_context,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
    ast.Slice,
    ast.Lambda,
    ast.JoinedStr,
    ast.Try,
    ast.Delete,
)


def judge(quiet: Quiet, node: ast.AST) -> None:
    """Note what ``node`` demands or offends with, and judge its parts."""
    if isinstance(node, ast.Lambda):
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                quiet.visit(default)
        return
    rule = _RULES.get(type(node))
    if rule is not None:
        rule(quiet, node)
    elif not isinstance(node, _SILENT):
        what = type(node).__name__.lower()
        quiet.offend(node, f"a {what} here may run code of its own")
        return
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.For | ast.comprehension):
        for child in ast.iter_child_nodes(node):
            quiet.visit(child)


def _binary(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.BinOp)
    for part in (node.left, node.right):
        quiet.need(part, Need.PLAIN, "an operator on")


def _unary(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.UnaryOp)
    if isinstance(node.op, ast.Not):
        _truth(quiet, node.operand)
    else:
        quiet.need(node.operand, Need.PLAIN, "an operator on")


def _truth(quiet: Quiet, test: ast.expr) -> None:
    if not isinstance(test, ast.BoolOp):
        quiet.need(test, Need.CONTAINER, "the truth of")


def _test(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.If | ast.While | ast.IfExp)
    _truth(quiet, node.test)


def _bool(quiet: Quiet, node: ast.AST) -> None:
    # The last operand's truth is asked only by a test around it, which cannot be told from here.
    assert isinstance(node, ast.BoolOp)
    for value in node.values:
        _truth(quiet, value)


def _compare(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.Compare)
    left = node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        if not isinstance(op, ast.Is | ast.IsNot):
            quiet.need(left, Need.PLAIN, "a comparison of")
            quiet.need(right, Need.PLAIN, "a comparison with")
        left = right


def _format(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.FormattedValue)
    quiet.need(node.value, Need.PLAIN, "formatting")


def _subscript(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.Subscript)
    quiet.need(node.value, Need.SEQUENCE, "a subscript of")
    if not isinstance(node.slice, ast.Slice):
        quiet.need(node.slice, Need.PLAIN, "a subscript by")
    else:
        for bound in (node.slice.lower, node.slice.upper, node.slice.step):
            if bound is not None:
                quiet.need(bound, Need.PLAIN, "a slice by")


def _attribute(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.Attribute)
    if quiet.kind(node.value) is Kind.LIST and node.attr in QUIET_WRITES | {"copy"}:
        return
    if quiet.flow.is_module(node.value, "math"):
        return
    quiet.need(node.value, Need.PLAIN, f"the attribute .{node.attr} of")


def _call(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.Call)
    func = node.func
    arguments = [a.value if isinstance(a, ast.Starred) else a for a in node.args]
    arguments += [k.value for k in node.keywords]
    if isinstance(func, ast.Attribute):
        if quiet.kind(func.value) is Kind.LIST:
            # What is only stored is not touched; `extend` iterates over it.
            for argument in arguments if func.attr != "append" else ():
                quiet.need(argument, Need.CONTAINER, "iterating over")
        else:
            for argument in arguments:
                quiet.need(argument, _joinable(func), "passing on")
        return
    if isinstance(func, ast.Name):
        if quiet.flow.is_builtin(func.id):
            _builtin(quiet, func.id, node, arguments)
            return
        address = quiet.flow.callee(node)
        if address and quiet.flow.facts and quiet.flow.facts.effects(address).pure is Tri.YES:
            for argument in arguments:
                quiet.need(argument, Need.PLAIN, "passing on")
            return
    quiet.offend(node, f"the call {ast.unparse(func)!r} may run any code")


def _joinable(func: ast.Attribute) -> Need:
    return Need.CONTAINER if func.attr == "join" else Need.PLAIN


def _builtin(quiet: Quiet, name: str, call: ast.Call, arguments: list[ast.expr]) -> None:
    if name == "isinstance" and len(arguments) == 2 and isinstance(arguments[1], ast.Name):
        quiet.need(arguments[0], Need.PLAIN, "isinstance() of")
        if quiet.flow.is_builtin(arguments[1].id):
            return
    elif name == "len" or name in ("enumerate", "zip", "reversed", "list", "tuple"):
        for argument in arguments:
            quiet.need(argument, Need.CONTAINER, f"{name}() of")
        return
    elif name in PLAIN_CALLS or name == "range":
        for argument in arguments:
            quiet.need(argument, Need.PLAIN, f"{name}() of")
        return
    elif (
        isinstance(getattr(builtins, name), type)
        and issubclass(getattr(builtins, name), BaseException)
    ) or (
        (name in REDUCERS or name in COPIES)
        and all(quiet.kind(a) in (Kind.PLAIN, Kind.PLAINS) for a in arguments)
    ):
        return
    quiet.offend(call, f"{name}() may run code of the elements' own")


def _iterate(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.For | ast.comprehension)
    quiet.need(node.iter, Need.CONTAINER, "iterating over")
    kind = quiet.kind(node.iter)
    quiet.visit(node.iter)
    _target(quiet, node.target, kind in (Kind.TUPLES, Kind.PLAIN, Kind.PLAINS))
    rest: list[ast.AST] = (
        [*node.body, *node.orelse] if isinstance(node, ast.For) else list(node.ifs)
    )
    if isinstance(node, ast.comprehension):
        for test in node.ifs:
            _truth(quiet, test)
    for child in rest:
        quiet.visit(child)


def _assign(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.Assign | ast.AnnAssign)
    if node.value is None:
        return
    quiet.visit(node.value)
    unpacks = quiet.kind(node.value) is not Kind.UNKNOWN
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        _target(quiet, target, unpacks)


def _target(quiet: Quiet, target: ast.expr, unpacks: bool) -> None:
    if isinstance(target, ast.Name):
        return
    if isinstance(target, ast.Tuple | ast.List):
        if not unpacks:
            quiet.offend(target, "unpacking may run code of the value's own")
        for part in target.elts:
            inner = part.value if isinstance(part, ast.Starred) else part
            _target(quiet, inner, False)
        return
    if isinstance(target, ast.Subscript) and quiet.kind(target.value) is Kind.LIST:
        _subscript(quiet, target)
        quiet.visit(target.slice)
        return
    quiet.offend(target, f"storing to {ast.unparse(target)!r} may run code of its own")


def _augmented(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.AugAssign)
    if isinstance(node.target, ast.Name):
        load = node.target
        quiet.need(load, Need.PLAIN, "an operator on")
        quiet.need(node.value, Need.PLAIN, "an operator on")
    else:
        quiet.offend(node, "storing here may run code of the object's own")


def _comprehension(quiet: Quiet, node: ast.AST) -> None:
    if isinstance(node, ast.SetComp | ast.DictComp):
        key = node.key if isinstance(node, ast.DictComp) else node.elt
        quiet.need(key, Need.PLAIN, "hashing")


def _keys(quiet: Quiet, node: ast.AST) -> None:
    assert isinstance(node, ast.Set | ast.Dict)
    for key in node.keys if isinstance(node, ast.Dict) else node.elts:
        if key is None:
            quiet.offend(node, "unpacking a mapping may run code of its own")
        else:
            quiet.need(key, Need.PLAIN, "hashing")


def _handler(quiet: Quiet, node: ast.AST) -> None:
    # Matching runs `__subclasscheck__` of what is named, unless Python's own exceptions are.
    assert isinstance(node, ast.ExceptHandler)
    named = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    for kind in named:
        if kind is None or (isinstance(kind, ast.Name) and quiet.flow.is_builtin(kind.id)):
            continue
        quiet.offend(kind, f"catching {ast.unparse(kind)!r} may run code of its own")


def _raise(quiet: Quiet, node: ast.AST) -> None:
    # A call is judged as a call; a bare class is called without one.
    assert isinstance(node, ast.Raise)
    for part in (node.exc, node.cause):
        known = isinstance(part, ast.Name) and quiet.flow.is_builtin(part.id)
        if part is not None and not known and not isinstance(part, ast.Call | ast.Constant):
            quiet.offend(part, f"raising {ast.unparse(part)!r} may run code of its own")


def _nothing(quiet: Quiet, node: ast.AST) -> None:
    pass


_RULES = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.If: _test,
    ast.While: _test,
    ast.IfExp: _test,
    ast.BoolOp: _bool,
    ast.Compare: _compare,
    ast.FormattedValue: _format,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.For: _iterate,
    ast.comprehension: _iterate,
    ast.Assign: _assign,
    ast.AnnAssign: _assign,
    ast.AugAssign: _augmented,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Set: _keys,
    ast.Dict: _keys,
    ast.NamedExpr: _nothing,
    ast.ExceptHandler: _handler,
    ast.Raise: _raise,
}
