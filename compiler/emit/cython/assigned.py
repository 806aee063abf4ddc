"""Ways through a function: which locals are assigned on all of them, which run off its end."""

import ast
from collections.abc import Callable, Mapping


def assured(
    body: list[ast.stmt], known: set[str], local: set[str], fresh: Callable[[str], str]
) -> list[ast.stmt]:
    """The body with a check before each read of a name that some way leaves unassigned.

    Names in ``known`` always have a value. ``fresh`` makes a new local name.
    """
    flow = _Flow(local)
    flow.block(body, set(known))
    if not flow.unsure:
        return body
    flags = {which: fresh(f"{which}_is_set") for which in sorted(flow.unsure)}
    start: list[ast.stmt] = [_flag(f, False) for f in flags.values()]
    return start + _checked(body, flags)


def _flag(which: str, value: bool) -> ast.stmt:
    return ast.Assign([ast.Name(which, ast.Store())], ast.Constant(value))


def _checked(body: list[ast.stmt], flags: Mapping[str, str]) -> list[ast.stmt]:
    made: list[ast.stmt] = []
    for statement in body:
        for which in sorted(_reads(statement) & set(flags)):
            unset = ast.UnaryOp(ast.Not(), ast.Name(flags[which], ast.Load()))
            decline = ast.Call(ast.Name("sf_deopt", ast.Load()), [], [])
            made.append(ast.copy_location(ast.If(unset, [ast.Expr(decline)], []), statement))
        if isinstance(statement, ast.If | ast.While):
            statement.body = _checked(statement.body, flags)
            statement.orelse = _checked(statement.orelse, flags)
        made.append(statement)
        match statement:
            case ast.Assign(targets=[ast.Name(id=which)]) if which in flags:
                made.append(_flag(flags[which], True))
    return made


def _reads(statement: ast.stmt) -> set[str]:
    """Names that a statement reads itself, not in its blocks."""
    whole = statement.test if isinstance(statement, ast.If | ast.While) else statement
    return {
        n.id for n in ast.walk(whole) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }


class _Flow:
    """Follows the ways through a block. None stands for a way that has left it."""

    def __init__(self, local: set[str]) -> None:
        self.local = local
        self.unsure: set[str] = set()
        self.breaks: list[set[str] | None] = []

    def block(self, body: list[ast.stmt], state: set[str] | None) -> set[str] | None:
        for statement in body:
            if state is None:
                return None
            state = self.statement(statement, state)
        return state

    def statement(self, node: ast.stmt, state: set[str]) -> set[str] | None:
        match node:
            case ast.If(test=test, body=yes, orelse=no):
                self.reads(test, state)
                return _meet(self.block(yes, set(state)), self.block(no, set(state)))
            case ast.While(test=test, body=yes, orelse=no):
                self.reads(test, state)
                self.breaks.append(None)
                self.block(yes, set(state))
                left = self.breaks.pop()
                forever = isinstance(test, ast.Constant) and test.value is True
                ended = None if forever else self.block(no, set(state))
                return _meet(left, ended)
            case ast.Break():
                self.breaks[-1] = _meet(self.breaks[-1], state)
                return None
            case ast.Continue():
                return None
            case ast.Return():
                self.reads(node, state)
                return None
            case ast.Expr(value=ast.Call(func=ast.Name(id="sf_deopt"))):
                return None
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                self.reads(value, state)
                state.add(target)
                return state
        self.reads(node, state)
        return state

    def reads(self, node: ast.AST, state: set[str]) -> None:
        for inner in ast.walk(node):
            if (
                isinstance(inner, ast.Name)
                and isinstance(inner.ctx, ast.Load)
                and inner.id in self.local
                and inner.id not in state
            ):
                self.unsure.add(inner.id)


def _meet(a: set[str] | None, b: set[str] | None) -> set[str] | None:
    if a is None:
        return b
    return a if b is None else a & b


def ends(body: list[ast.stmt]) -> bool:
    """Whether control never runs off the end of the block."""
    if not body:
        return False
    match body[-1]:
        case ast.Return():
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="sf_deopt"))):
            return True
        case ast.If(body=yes, orelse=no):
            return ends(yes) and ends(no)
        case ast.While(test=ast.Constant(value=True), body=inner):
            return not _breaks(inner)
    return False


def _breaks(body: list[ast.stmt]) -> bool:
    for statement in body:
        if isinstance(statement, ast.Break):
            return True
        if isinstance(statement, ast.If) and (_breaks(statement.body) or _breaks(statement.orelse)):
            return True
        if isinstance(statement, ast.While | ast.For) and _breaks(statement.orelse):
            return True
        if isinstance(statement, ast.Try):
            blocks = [statement.body, statement.orelse, statement.finalbody]
            if any(map(_breaks, [*blocks, *(h.body for h in statement.handlers)])):
                return True
    return False
