"""Locals that are None for a while: the value beside a flag that says that there is none.

``best = None`` becomes ``best_is_none = True``; ``best is None`` reads the flag; where the value is
needed, ``sf_some(best_is_none, best)`` gives it, or declines the call.
"""

import ast
import copy
from itertools import product

from selfsame.compiler.emit.cython.renaming import all_names

MOST_RETURNED = 2  # such locals in one result


def with_flags(function: ast.FunctionDef) -> tuple[ast.FunctionDef, set[str]]:
    """The function with flags, and the locals that have one.

    >>> f = ast.parse("def f(a):\\n    b = None\\n    if a:\\n        b = a\\n    return b is None").body[0]
    >>> print(ast.unparse(with_flags(f)[0]))
    def f(a):
        b_is_none = True
        if a:
            b = a
            b_is_none = False
        return b_is_none
    """
    optional = _optional(function)
    if not optional:
        return function, set()
    new = copy.deepcopy(function)
    flags = _Flags(optional)
    new.body = [s for old in new.body for s in flags.statement(old)]
    return ast.fix_missing_locations(new), optional


def _flag(which: str) -> str:
    return f"{which}_is_none"


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _optional(function: ast.FunctionDef) -> set[str]:
    """Locals that are given None somewhere, and are bound by plain statements alone."""
    given: set[str] = set()
    plain: set[int] = set()
    copies: set[tuple[str, str]] = set()
    for node in ast.walk(function):
        targets: list[ast.expr] = []
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Tuple(elts=values)) if len(
                parts
            ) == len(values):
                # A name that is in another target as well is told apart by the order of the stores.
                met = [n.id for t in parts for n in ast.walk(t) if isinstance(n, ast.Name)]
                none = [t for t, v in zip(parts, values, strict=True) if _is_none(v)]
                once = [t for t in none if isinstance(t, ast.Name) and met.count(t.id) == 1]
                given |= {t.id for t in once}
                targets = [t for t in parts if t not in none or t in once]
            case ast.Assign(targets=[ast.Tuple(elts=targets)]):
                pass
            case ast.Assign(targets=[_, _, *_] as targets, value=value) if _is_none(value):
                given |= {t.id for t in targets if isinstance(t, ast.Name)}
            case ast.Assign(targets=[ast.Name(id=which) as target], value=value):
                targets = [target]
                either = isinstance(value, ast.IfExp) and (
                    _is_none(value.body) or _is_none(value.orelse)
                )
                given |= {which} if _is_none(value) or either else set()
                copies |= {(which, value.id)} if isinstance(value, ast.Name) else set()
            case ast.AnnAssign(target=ast.Name(id=which) as target, value=ast.expr() as value):
                targets = [target]
                given |= {which} if _is_none(value) else set()
            case ast.AugAssign(target=target):
                targets = [target]
            case ast.For(target=ast.Tuple(elts=targets)):
                pass
            case ast.For(target=target):
                targets = [target]
        plain |= {id(t) for t in targets if isinstance(t, ast.Name)}
    for _ in copies:
        given |= {copied for copied, original in copies if original in given}
    bound = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
    other = {n.id for n in bound if not isinstance(n.ctx, ast.Load) and id(n) not in plain}
    other |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
    return {n for n in given - other if _flag(n) not in all_names(function)}


class _Flags(ast.NodeTransformer):
    def __init__(self, optional: set[str]) -> None:
        self.optional = optional

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        """A statement with the flags that it sets."""
        made = self._statement(node)
        for statement in made:
            ast.copy_location(statement, node)
        return made

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.AnnAssign(target=ast.Name(id=which) as target, value=ast.expr() as value) if (
                which in self.optional
            ):
                return self._statement(ast.Assign([target], value))
            case ast.Assign(targets=[ast.Name(id=which) as target], value=value) if (
                which in self.optional
            ):
                if _is_none(value):
                    return [self._set(which, True)]
                if isinstance(value, ast.IfExp) and (
                    _is_none(value.body) or _is_none(value.orelse)
                ):
                    ways = [ast.Assign([copy.copy(target)], v) for v in (value.body, value.orelse)]
                    branches = [self.statement(ast.copy_location(w, node)) for w in ways]
                    return [ast.If(self.truth(value.test), *branches)]
                if isinstance(value, ast.Name) and value.id in self.optional:
                    held = ast.Name(_flag(value.id), ast.Load())
                    moved = ast.Assign([ast.Name(_flag(which), ast.Store())], held)
                    return [node, moved]
                return [ast.Assign([target], self.visit(value)), self._set(which, False)]
            case ast.Assign(targets=[ast.Tuple(elts=parts)]):
                return self._tuple(node, parts)
            case ast.Assign(targets=[_, _, *_] as targets, value=value) if _is_none(value):
                alone = [ast.copy_location(ast.Assign([t], value), node) for t in targets]
                return [s for one in alone for s in self._statement(one)]
            case ast.AugAssign(target=ast.Name(id=which)) if which in self.optional:
                unset = ast.If(ast.Name(_flag(which), ast.Load()), [ast.Raise()], [])
                node.value = self.visit(node.value)
                return [unset, node]
            case ast.Return(value=value) if value is not None:
                return self._return(node, value)
            case ast.For(target=target):
                node.iter = self.visit(node.iter)
                node.body = [*self._bound(target), *self._block(node.body)]
                node.orelse = self._block(node.orelse)
                return [node]
            case ast.If(test=test) | ast.While(test=test):
                node.test = self.truth(test)
                node.body, node.orelse = self._block(node.body), self._block(node.orelse)
                return [node]
            case ast.Try():
                node.body, node.orelse = self._block(node.body), self._block(node.orelse)
                node.finalbody = self._block(node.finalbody)
                return [node]
        return [self.visit(node)]

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [made for old in body for made in self.statement(old)]

    def _set(self, which: str, value: bool) -> ast.stmt:
        return ast.Assign([ast.Name(_flag(which), ast.Store())], ast.Constant(value))

    def _bound(self, target: ast.expr) -> list[ast.stmt]:
        names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
        return [self._set(n, False) for n in names if n in self.optional]

    def _tuple(self, node: ast.Assign, parts: list[ast.expr]) -> list[ast.stmt]:
        """Names that are given None are left out of the tuple: that can be done behind it."""
        values = node.value.elts if isinstance(node.value, ast.Tuple) else []
        gone = {
            t.id
            for t, v in zip(parts, values, strict=False)
            if isinstance(t, ast.Name) and t.id in self.optional and _is_none(v)
        }
        kept = [not (isinstance(t, ast.Name) and t.id in gone) for t in parts]
        after = [self._set(n, True) for n in sorted(gone)]
        if gone:
            assert isinstance(node.value, ast.Tuple)
            parts = [t for t, keep in zip(parts, kept, strict=True) if keep]
            values = [v for v, keep in zip(values, kept, strict=True) if keep]
            if not parts:
                return after
            node.targets = [ast.Tuple(parts, ast.Store())]
            node.value = ast.Tuple(values, ast.Load())
        node.value = self.visit(node.value)
        # A place on the left may be reckoned with names that are bound beside it.
        node.targets = [self.visit(t) for t in node.targets]
        return [node, *(s for t in parts for s in self._bound(t)), *after]

    def _return(self, node: ast.Return, value: ast.expr) -> list[ast.stmt]:
        """``return best``: None by a way of its own."""
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        names = [p.id for p in parts if isinstance(p, ast.Name) and p.id in self.optional]
        if not 0 < len(set(names)) <= MOST_RETURNED:
            node.value = self.visit(value)
            return [node]
        made: list[ast.stmt] = []
        which = sorted(set(names))
        for ways in product((True, False), repeat=len(which)):
            none = {n for n, is_none in zip(which, ways, strict=True) if is_none}
            shown = [self._returned(copy.deepcopy(p), none) for p in parts]
            result = ast.Tuple(shown, ast.Load()) if isinstance(value, ast.Tuple) else shown[0]
            end: ast.stmt = ast.Return(result)
            tests: list[ast.expr] = [ast.Name(_flag(n), ast.Load()) for n in sorted(none)]
            if tests:
                end = ast.If(
                    tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests), [end], []
                )
            made.append(end)
        return made

    def _returned(self, part: ast.expr, none: set[str]) -> ast.expr:
        if isinstance(part, ast.Name) and part.id in self.optional:
            return ast.Constant(None) if part.id in none else part
        made: ast.expr = self.visit(part)
        return made

    def truth(self, node: ast.expr) -> ast.expr:
        """A test of which only the truth matters: None is false."""
        match node:
            case ast.Name(id=which) if which in self.optional:
                some = ast.UnaryOp(ast.Not(), ast.Name(_flag(which), ast.Load()))
                return ast.copy_location(ast.BoolOp(ast.And(), [some, node]), node)
            case ast.UnaryOp(op=ast.Not()):
                node.operand = self.truth(node.operand)
                return node
            case ast.BoolOp():
                node.values = [self.truth(v) for v in node.values]
                return node
        made: ast.expr = self.visit(node)
        return made

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """``best is None``."""
        match node:
            case ast.Compare(
                left=ast.Name(id=which), ops=[ast.Is() | ast.IsNot() as op], comparators=[other]
            ) if which in self.optional and _is_none(other):
                flag: ast.expr = ast.Name(_flag(which), ast.Load())
                none = flag if isinstance(op, ast.Is) else ast.UnaryOp(ast.Not(), flag)
                return ast.copy_location(none, node)
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """``not best``."""
        return self.truth(node) if isinstance(node.op, ast.Not) else self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Only the truth of the test matters."""
        node.test = self.truth(node.test)
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """The value, where there is one."""
        if node.id not in self.optional or not isinstance(node.ctx, ast.Load):
            return node
        parts: list[ast.expr] = [ast.Name(_flag(node.id), ast.Load()), node]
        return ast.copy_location(ast.Call(ast.Name("sf_some", ast.Load()), parts, []), node)
