"""Inner functions that are only called become functions of their own.

``def go(i): return memo[i]`` within ``f`` becomes ``f__does__go(i, memo)``: what it reads of the
enclosing function is passed to it. A name that it binds by ``nonlocal`` becomes a list of one item.
"""

import ast
from collections import Counter
from dataclasses import replace

from selfsame.compiler.emit.cython.handed import is_lambda, with_functions
from selfsame.compiler.emit.cython.instances import SET
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import all_names, assigned_names, bound_names

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TYPES = frozenset(
    {"int", "float", "bool", "str", "bytes", "list", "tuple", "dict", "set", "object"}
)
_GENERIC = frozenset({"list", "dict", "set", "tuple", "frozenset"})
_TYPING = frozenset({"List", "Dict", "Set", "Tuple", "Optional", "Union", "Callable", "Any"})
_SUSPENDS = (ast.Yield, ast.YieldFrom, ast.Await)


def lifted(function: ast.FunctionDef, names: ModuleNames) -> tuple[ast.FunctionDef, ModuleNames]:
    """The function without inner functions, and the names with them. Raises CannotPrint.

    >>> tree = ast.parse("def f(a):\\n    def g(b):\\n        return a + b\\n    return g(1)")
    >>> outer, names = lifted(tree.body[0], ModuleNames.of(tree))
    >>> print(ast.unparse(outer))
    def f(a):
        return f__does__g(1, a=a)
    >>> print(ast.unparse(names.functions["f__does__g"]))
    def f__does__g(b, *, a):
        return a + b
    """
    if not any(isinstance(s, ast.FunctionDef) or is_lambda(s) for s in function.body):
        return function, names
    outer = with_functions(function, names)
    if not any(isinstance(s, ast.FunctionDef) for s in outer.body):
        return function, names
    inner = {s.name: s for s in outer.body if isinstance(s, ast.FunctionDef)}
    for each in inner.values():
        _plain(each, outer, inner, names)
    _defined_first(outer, set(inner))
    outer.body = [s for s in outer.body if not isinstance(s, ast.FunctionDef)]
    shared = {n for f in inner.values() for n in _nonlocal(f)}
    for which in sorted(shared):
        _share(which, outer, inner)
    own = assigned_names(outer)
    reads = {name: _read(f, own) for name, f in inner.items()}
    calls = {name: _called(f) & set(inner) for name, f in inner.items()}
    for _ in inner:
        for name in inner:
            for other in calls[name]:
                reads[name] |= reads[other]
    made = {name: f"{outer.name}__does__{name}" for name in inner}
    if any(n in names.bound for n in made.values()):
        raise CannotPrint("has an inner function with a name that the module has", function)
    for body in (outer, *inner.values()):
        _Calls(body, made, reads).visit(body)
    for name, each in inner.items():
        each.name = made[name]
        each.args.kwonlyargs += [ast.arg(n) for n in sorted(reads[name])]
        each.args.kw_defaults += [None] * len(reads[name])
        ast.fix_missing_locations(each)
    widened = replace(
        names,
        functions=names.functions | {f.name: f for f in inner.values()},
        bound=names.bound + Counter(dict.fromkeys(made.values(), 1)),
    )
    return ast.fix_missing_locations(outer), widened


def _defined_first(outer: ast.FunctionDef, inner: set[str]) -> None:
    """Refuse a call that may come before the inner functions are all bound."""
    met = False
    for statement in outer.body:
        if isinstance(statement, ast.FunctionDef):
            if met:
                raise CannotPrint(
                    f"calls inner functions before {statement.name} is one", statement
                )
        else:
            met |= bool(_called(statement) & inner)


def _plain(
    each: ast.FunctionDef,
    outer: ast.FunctionDef,
    inner: dict[str, ast.FunctionDef],
    names: ModuleNames,
) -> None:
    """Refuse what is more than a function that is called."""
    taken = each.args
    defaults = [*taken.defaults, *(d for d in taken.kw_defaults if d is not None)]
    if each.decorator_list or taken.vararg or taken.kwarg or any(map(_computed, defaults)):
        raise CannotPrint(
            "has an inner function with defaults that are computed, stars or decorators", each
        )
    for node in ast.walk(each):
        if (isinstance(node, _SCOPES) and node is not each) or isinstance(node, ast.Global):
            raise CannotPrint("has an inner function with a scope within it, or a global", node)
        if isinstance(node, _SUSPENDS):
            raise CannotPrint("has an inner function that is a generator", node)
    hints = [a.annotation for a in _arguments(each)] + [each.returns]
    for hint in hints:
        if hint is not None and not _is_type(hint, names):
            raise CannotPrint("has an inner function with an annotation that may fail", each)
    bound = [f.name for f in ast.walk(outer) if isinstance(f, ast.FunctionDef)]
    mentions = [n for n in ast.walk(outer) if isinstance(n, ast.Name) and n.id == each.name]
    called = {id(n.func) for n in ast.walk(outer) if isinstance(n, ast.Call)}
    rest = [s for s in outer.body if not isinstance(s, ast.FunctionDef)]
    elsewhere = bound_names(rest).union(*(assigned_names(f) for f in inner.values()))
    elsewhere |= {n.arg for n in _arguments(outer)}
    if bound.count(each.name) > 1 or each.name in elsewhere:
        raise CannotPrint(f"binds {each.name} more than once", each)
    for node in mentions:
        if id(node) not in called:
            raise CannotPrint(f"does more with its inner function {each.name} than call it", node)


def _computed(default: ast.expr) -> bool:
    """Whether a default is more than a literal that nobody can change."""
    return not isinstance(default, ast.Constant)


def _is_type(hint: ast.expr, names: ModuleNames) -> bool:
    """Whether an annotation is there whenever it is looked at, and looking at it does nothing."""
    match hint:
        case ast.Constant():
            return True
        case ast.Name(id=which):
            return which in _TYPES or names.once(which)
        case ast.Subscript(value=ast.Name(id=which), slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple | ast.List) else [inner]
            generic = which in _GENERIC or (which in _TYPING and names.once(which))
            return generic and all(_is_type(part, names) for part in parts)
        case ast.List(elts=parts):
            return all(_is_type(part, names) for part in parts)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            texts = [
                s for s in (left, right) if isinstance(s, ast.Constant) and s.value is not None
            ]
            return not texts and all(_is_type(side, names) for side in (left, right))
    return False


def _arguments(outer: ast.FunctionDef | ast.Lambda) -> list[ast.arg]:
    return [n for n in ast.walk(outer) if isinstance(n, ast.arg)]


def _nonlocal(each: ast.FunctionDef) -> set[str]:
    return {n for s in ast.walk(each) if isinstance(s, ast.Nonlocal) for n in s.names}


def _read(each: ast.FunctionDef, own: set[str]) -> set[str]:
    """Names of the enclosing function that an inner one reads."""
    mine = assigned_names(each)
    targets = {n.id for n in ast.walk(each) if isinstance(n, ast.Name) and _bound_inside(n)}
    found = {n.id for n in ast.walk(each) if isinstance(n, ast.Name)} & own - mine
    lent = {a.arg for n in ast.walk(each) if isinstance(n, ast.Lambda) for a in _arguments(n)}
    if lent & (own | mine):
        raise CannotPrint(f"has a lambda that takes {min(lent & (own | mine))} as well", each)
    if found & targets:
        raise CannotPrint(f"binds {min(found & targets)} in a comprehension as well", each)
    return found


def _bound_inside(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _called(each: ast.stmt) -> set[str]:
    return {
        n.func.id
        for n in ast.walk(each)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }


class _Calls(ast.NodeTransformer):
    """Passes on what an inner function reads, wherever it is called."""

    def __init__(
        self, body: ast.FunctionDef, made: dict[str, str], reads: dict[str, set[str]]
    ) -> None:
        self.made = made
        self.reads = reads
        # A name that something within ``body`` binds anew would be another one there.
        mine = assigned_names(body) if body.name in made else set()
        inner = [n for n in ast.walk(body) if isinstance(n, ast.comprehension)]
        self.hidden = mine | {
            n.id for c in inner for n in ast.walk(c.target) if isinstance(n, ast.Name)
        }

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """A call of an inner function gets more arguments, by keyword."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.made:
            passed = sorted(self.reads[node.func.id])
            if self.hidden & set(passed):
                clash = min(self.hidden & set(passed))
                raise CannotPrint(f"has another {clash} where it calls {node.func.id}", node)
            for given in node.keywords:
                if given.arg is None or given.arg in passed:
                    raise CannotPrint(f"calls {node.func.id} with unclear keywords", node)
            node.keywords += [ast.keyword(n, ast.Name(n, ast.Load())) for n in passed]
            node.func = ast.copy_location(ast.Name(self.made[node.func.id], ast.Load()), node.func)
        return node


def _share(which: str, outer: ast.FunctionDef, inner: dict[str, ast.FunctionDef]) -> None:
    """Make a name that an inner function binds a list of one item everywhere."""
    if which not in assigned_names(outer):
        raise CannotPrint(f"binds {which} of a function further out", outer)
    cell = f"{which}_shared"
    if cell in all_names(outer).union(*(all_names(f) for f in inner.values())):
        raise CannotPrint(f"has a name like that of the shared {which}", outer)
    for each in inner.values():
        if which in assigned_names(each) and which not in _nonlocal(each):
            continue
        _Share(which, cell).visit(each)
        each.body = each.body or [ast.Pass()]
    given = which in {a.arg for a in _arguments(outer)}
    _Share(which, cell).visit(outer)
    first: list[ast.expr] = [ast.Name(which, ast.Load())] if given else []
    start = ast.Assign([ast.Name(cell, ast.Store())], ast.List(first, ast.Load()))
    documented = ast.get_docstring(outer, clean=False) is not None
    outer.body.insert(documented, ast.copy_location(start, outer.body[0]))


class _Share(ast.NodeTransformer):
    def __init__(self, which: str, cell: str) -> None:
        self.which = which
        self.cell = cell

    def _place(self, node: ast.Name) -> ast.Subscript:
        held = ast.Name(self.cell, ast.Load())
        return ast.copy_location(ast.Subscript(held, ast.Constant(0), node.ctx), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST | None:
        """The name is shared in another way."""
        node.names = [n for n in node.names if n != self.which]
        return node if node.names else None

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """A store gives the list its item, its first one too."""
        match node.targets:
            case [ast.Name(id=target)] if target == self.which:
                give = ast.Attribute(ast.Name(self.cell, ast.Load()), SET, ast.Load())
                stored = ast.Expr(ast.Call(give, [self.visit(node.value)], []))
                return ast.copy_location(stored, node)
        return self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """``n += 1``."""
        node.value = self.visit(node.value)
        if isinstance(node.target, ast.Name) and node.target.id == self.which:
            node.target = self._place(node.target)
        else:
            node.target = self.visit(node.target)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A read; other ways to bind the name are refused."""
        if node.id != self.which:
            return node
        if not isinstance(node.ctx, ast.Load):
            raise CannotPrint(f"binds {self.which}, which an inner function binds too", node)
        return self._place(node)
