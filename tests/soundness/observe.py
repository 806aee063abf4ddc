"""Runs a module so that every use of a name tells which definition it really read.

Beside each variable ``x`` lives a shadow, ``ɵx``, which is bound wherever ``x`` is, with the number of
that place, and obeys the same ``global``, ``nonlocal`` and ``del``. So Python's own scoping says
which definition a use sees: a use of ``x`` becomes ``ɵuse(place, ɵx, x)``. The shadow of a type
parameter is one too, and the number of its place is its bound.
"""

import ast
import builtins
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import resolve_name
from typing import Any

SHADOW = "ɵ"
OUTSIDE = -1  # what nothing in the module defines: builtins


class OutOfSteps(BaseException):
    """The program read enough names."""


@dataclass(frozen=True)
class Place:
    """Where a name is used or defined: line from 1, column in characters from 0."""

    line: int
    column: int
    name: str


@dataclass
class Observed:
    """What a run did. ``pairs`` are (use, definition)."""

    pairs: set[tuple[Place, Place]] = field(default_factory=set)
    error: BaseException | None = None


def observe(text: str, name: str = "program", steps: int = 200_000) -> Observed:
    """Run ``text`` as a module of that name, at most so many uses long."""
    found = Observed()
    namespace = prepared(text, found, name, steps)
    try:
        exec(namespace.pop("ɵcode"), namespace)
    except (Exception, OutOfSteps) as error:
        found.error = error
    return found


def prepared(text: str, found: Observed, name: str, steps: int) -> dict[str, Any]:
    """A namespace in which ``ɵcode`` can be run; uses go to ``found`` while it lives."""
    tree = ast.parse(text)
    writer = _Writer()
    tree.body = writer.block(tree.body)
    ast.fix_missing_locations(tree)
    places = writer.places
    left = steps

    def use(place: int, definition: Any, value: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfSteps
        if not isinstance(definition, int):  # the shadow of a type parameter
            definition = definition.__bound__
        if definition != OUTSIDE:
            found.pairs.add((places[place], places[definition]))
        return value

    def star(namespace: dict[str, Any], name: str, place: int) -> None:
        """``name`` as written, with its dots, was just imported."""
        module = sys.modules[resolve_name(name, namespace["__package__"])]
        names = getattr(module, "__all__", [n for n in vars(module) if n[0] != "_"])
        namespace.update({SHADOW + n: place for n in names})

    known = dict(vars(builtins))
    known |= {SHADOW + n: OUTSIDE for n in known}
    known |= {"ɵuse": use, "ɵstar": star}
    namespace: dict[str, Any] = {"__name__": name, "__builtins__": known, "__file__": name}
    namespace |= {SHADOW + n: OUTSIDE for n in (*namespace, "__doc__", "__package__", "__spec__")}
    namespace |= {"__doc__": None, "__package__": None, "__spec__": None}
    namespace["ɵcode"] = compile(tree, f"<{name}>", "exec")
    return namespace


class _Writer(ast.NodeTransformer):
    """Rewrites a module; the tree keeps its positions."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.fresh = 0

    # --- pieces ------------------------------------------------------------------------------

    def place(self, node: Any, name: str) -> ast.Constant:
        self.places.append(Place(node.lineno, node.col_offset, name))
        return ast.Constant(len(self.places) - 1)

    def shadow(self, name: str, context: ast.expr_context) -> ast.Name:
        return ast.Name(SHADOW + name, context)

    def bound(self, node: Any, name: str) -> ast.stmt:
        """``ɵname = place``."""
        return ast.Assign([self.shadow(name, ast.Store())], self.place(node, name))

    def used(self, node: Any, name: str) -> ast.Call:
        return ast.Call(
            ast.Name("ɵuse", ast.Load()),
            [self.place(node, name), self.shadow(name, ast.Load()), ast.Name(name, ast.Load())],
            [],
        )

    def temporary(self) -> str:
        self.fresh += 1
        return f"ɵ{self.fresh}"

    def block(self, body: Iterable[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for statement in body:
            new = self.visit(statement)
            out += new if isinstance(new, list) else [new]
        return out

    def store(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """``target = value``, one name at a time, as CPython does it."""
        if isinstance(target, ast.Name):
            return [ast.Assign([target], value), self.bound(target, target.id)]
        if isinstance(target, ast.Tuple | ast.List):
            names = [self.temporary() for _ in target.elts]
            parts: list[ast.expr] = []
            for name, element in zip(names, target.elts, strict=True):
                part: ast.expr = ast.Name(name, ast.Store())
                parts.append(
                    ast.Starred(part, ast.Store()) if isinstance(element, ast.Starred) else part
                )
            out: list[ast.stmt] = [ast.Assign([ast.Tuple(parts, ast.Store())], value)]
            for name, element in zip(names, target.elts, strict=True):
                inner = element.value if isinstance(element, ast.Starred) else element
                out += self.store(inner, ast.Name(name, ast.Load()))
            return out
        return [ast.Assign([self.visit(target)], value)]

    # --- expressions -------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.used(node, node.id) if isinstance(node.ctx, ast.Load) else node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        name = node.target.id
        pair: list[ast.expr] = [
            ast.NamedExpr(node.target, self.visit(node.value)),
            ast.NamedExpr(self.shadow(name, ast.Store()), self.place(node.target, name)),
        ]
        return ast.Subscript(ast.Tuple(pair, ast.Load()), ast.Constant(0), ast.Load())

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self.visit(node.args)
        for argument in _arguments(node.args):
            node.args.kwonlyargs.append(ast.arg(SHADOW + argument.arg))
            node.args.kw_defaults.append(self.place(argument, argument.arg))
        node.body = self.visit(node.body)
        return node

    def comprehension(self, node: Any) -> Any:
        clauses: list[ast.comprehension] = []
        for clause in node.generators:
            conditions = [self.visit(c) for c in clause.ifs]
            clauses.append(
                ast.comprehension(clause.target, self.visit(clause.iter), [], clause.is_async)
            )
            for name in ast.walk(clause.target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    where = ast.Tuple([self.place(name, name.id)], ast.Load())
                    clauses.append(
                        ast.comprehension(self.shadow(name.id, ast.Store()), where, [], 0)
                    )
            clauses[-1].ifs = conditions
        node.generators = clauses
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                setattr(node, part, self.visit(getattr(node, part)))
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    # --- statements --------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        value = self.temporary()
        out: list[ast.stmt] = [ast.Assign([ast.Name(value, ast.Store())], self.visit(node.value))]
        for target in node.targets:
            out += self.store(target, ast.Name(value, ast.Load()))
        return out

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is not None:
            node.value = self.visit(node.value)
        if not isinstance(node.target, ast.Name):
            node.target = self.visit(node.target)
            return [node]
        if node.value is not None:
            return [node, self.bound(node.target, node.target.id)]
        again = ast.AnnAssign(self.shadow(node.target.id, ast.Store()), ast.Constant(0), None, 1)
        return [node, again] if node.simple else [node]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        node.value = self.visit(node.value)
        if isinstance(node.target, ast.Name):
            name = node.target.id
            return [ast.Expr(self.used(node.target, name)), node, self.bound(node.target, name)]
        node.target = self.visit(node.target)
        return [node]

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Name):
                out.append(ast.Expr(self.used(target, target.id)))
                out.append(ast.Delete([target, self.shadow(target.id, ast.Del())]))
            elif isinstance(target, ast.Tuple | ast.List):
                out += self.visit_Delete(ast.Delete(target.elts))
            else:
                out.append(ast.Delete([self.visit(target)]))
        return out

    def imported(self, node: Any) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for alias in node.names:
            if isinstance(node, ast.ImportFrom) and alias.name == "*":
                written = "." * node.level + (node.module or "")
                call = ast.parse(f"ɵstar(globals(), {written!r}, 0)").body[0]
                out.append(node)
                assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
                call.value.args[2] = self.place(node, "*")
                out.append(call)
                continue
            one = ast.Import([alias])
            if isinstance(node, ast.ImportFrom):
                one = ast.ImportFrom(node.module, [alias], node.level)  # type: ignore[assignment]
            out += [one, self.bound(alias, alias.asname or alias.name.partition(".")[0])]
        return out

    visit_Import = visit_ImportFrom = imported

    def visit_Global(self, node: Any) -> ast.stmt:
        node.names = [*node.names, *(SHADOW + n for n in node.names)]
        return node

    visit_Nonlocal = visit_Global

    def type_parameters(self, node: Any) -> None:
        """Visits what bounds them, and gives each its shadow."""
        parameters = getattr(node, "type_params", [])
        shadows = []
        for parameter in parameters:
            bound = getattr(parameter, "bound", None)
            if bound is not None:
                parameter.bound = self.visit(bound)
            if getattr(parameter, "default_value", None) is not None:
                parameter.default_value = self.visit(parameter.default_value)
            shadow: Any = ast.TypeVar(  # type: ignore[attr-defined, unused-ignore]
                name=SHADOW + parameter.name, bound=self.place(parameter, parameter.name)
            )
            shadows.append(shadow)
        parameters[:0] = shadows

    def visit_TypeAlias(self, node: Any) -> list[ast.stmt]:
        self.type_parameters(node)
        node.value = self.visit(node.value)
        return [node, self.bound(node, node.name.id)]

    def definition(self, node: Any) -> list[ast.stmt]:
        self.type_parameters(node)
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        if isinstance(node, ast.ClassDef):
            node.bases = [self.visit(b) for b in node.bases]
            node.keywords = [self.visit(k) for k in node.keywords]
            return [node, self.bound(node, node.name)]
        self.visit(node.args)
        if node.returns is not None:
            node.returns = self.visit(node.returns)
        node.body = [*(self.bound(a, a.arg) for a in _arguments(node.args)), *node.body]
        return [node, self.bound(node, node.name)]

    def visit_FunctionDef(self, node: Any) -> list[ast.stmt]:
        body = self.block(node.body)
        node.body = body
        return self.definition(node)

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def visit_If(self, node: Any) -> ast.stmt:
        node.test = self.visit(node.test)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        return node

    visit_While = visit_If

    def visit_For(self, node: Any) -> ast.stmt:
        item = self.temporary()
        node.iter = self.visit(node.iter)
        bound = self.store(node.target, ast.Name(item, ast.Load()))
        node.target = ast.Name(item, ast.Store())
        node.body, node.orelse = [*bound, *self.block(node.body)], self.block(node.orelse)
        return node

    visit_AsyncFor = visit_For

    def visit_With(self, node: Any) -> ast.stmt:
        first, *rest = node.items
        body: list[ast.stmt] = []
        first.context_expr = self.visit(first.context_expr)
        if first.optional_vars is not None:
            item = self.temporary()
            body = self.store(first.optional_vars, ast.Name(item, ast.Load()))
            first.optional_vars = ast.Name(item, ast.Store())
        inside = [self.visit_With(type(node)(rest, node.body))] if rest else self.block(node.body)
        node.items, node.body = [first], [*body, *inside]
        return node

    visit_AsyncWith = visit_With

    def visit_Try(self, node: Any) -> ast.stmt:
        node.body = self.block(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                handler.type = self.visit(handler.type)
            body = self.block(handler.body)
            if handler.name:
                # The name goes at the handler's end, and its shadow with it.
                bound = self.bound(handler, handler.name)
                gone = [
                    ast.Assign([self.shadow(handler.name, ast.Store())], ast.Constant(None)),
                    ast.Delete([self.shadow(handler.name, ast.Del())]),
                ]
                body = [ast.Try([bound, *body], [], [], gone)]
            handler.body = body
        node.orelse, node.finalbody = self.block(node.orelse), self.block(node.finalbody)
        return node

    visit_TryStar = visit_Try

    def visit_Match(self, node: ast.Match) -> ast.stmt:
        node.subject = self.visit(node.subject)
        for case in node.cases:
            tests: list[ast.expr] = []
            for part in ast.walk(case.pattern):
                name = getattr(part, "rest", None) or getattr(part, "name", None)
                if isinstance(name, str):
                    target = self.shadow(name, ast.Store())
                    where = ast.NamedExpr(target, self.place(part, name))
                    tests.append(ast.Tuple([where], ast.Load()))
            case.pattern = self.visit(case.pattern)
            if case.guard is not None:
                tests.append(self.visit(case.guard))
            if tests:
                case.guard = ast.BoolOp(ast.And(), tests) if len(tests) > 1 else tests[0]
            case.body = self.block(case.body)
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.pattern:
        return node  # a dotted name must stay one

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.pattern:
        return node


def _arguments(node: ast.arguments) -> list[ast.arg]:
    found = [*node.posonlyargs, *node.args, *node.kwonlyargs]
    return found + [a for a in (node.vararg, node.kwarg) if a is not None]
