"""Statements and expressions in the form that Cython runs exactly as Python does."""

import ast
import copy
from collections.abc import Sequence
from typing import ClassVar

from selfsame.compiler.emit.cython.nodes import AddressOf, Cast
from selfsame.compiler.emit.cython.refusal import CannotPrint

STATEMENTS = (
    *(ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.Return, ast.Expr),
    *(ast.Pass, ast.Break, ast.Continue, ast.Try, ast.Raise, ast.Assert, ast.Delete),
)
EXPRESSIONS = (
    *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.Slice),
    *(ast.JoinedStr, ast.FormattedValue, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred),
    *(ast.Name, ast.List, ast.Tuple),
)
# Builtins that take the arguments apart at once: a lambda or generator given to them does not stay.
CONSUMERS = frozenset({"sum", "any", "all", "min", "max", "sorted", "list", "tuple", "set", "dict"})
CONSUMERS |= {"frozenset"}
# Builtins that leave an iterator which they are given as it is.
HARMLESS = frozenset(
    {"len", "isinstance", "issubclass", "type", "ord", "chr", "abs", "int", "float", "str", "repr"}
    | {"bool", "hash", "round", "range", "getattr", "hasattr", "callable", "divmod", "pow", "slice"}
    | {"format", "ascii", "bin", "hex", "oct"}
)
NEVER = frozenset({"super", "__debug__", "__class__", "locals", "globals", "vars", "dir", "eval"})
OWN = (ast.Name, ast.Attribute, ast.Subscript)
# Methods that hand out what a container holds.
HELD = frozenset({"pop", "popleft", "get", "setdefault"})


class ObjectForm(ast.NodeTransformer):
    """Changes copies of a function's statements. ``constants``: text -> name of a module constant."""

    MARKED: ClassVar[tuple[str, ...]] = ("__next__", "send", "throw", "__anext__")

    def __init__(self, prefix: str, builtins: frozenset[str], scope: str) -> None:
        self.prefix = prefix
        self.builtins = builtins
        self.scope = scope.lstrip("_")
        self.kinds: dict[str, str] = {}
        self.handles = False  # whether a local is looked at after an error
        self.constants: dict[str, str] = {}
        self.again: tuple[str, int, Sequence[str]] | None = None
        """Its own name, how many arguments it takes, and the globals that are passed on beside them."""
        self._consumed = False

    def stored(self, function: ast.FunctionDef) -> set[str]:
        """Every name that the function binds beside its parameters. Raises CannotPrint."""
        names = {
            n.id
            for n in ast.walk(function)
            if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
        }
        names |= {a.arg for n in ast.walk(function) if isinstance(n, ast.Lambda) for a in _args(n)}
        taken = names | {a.arg for a in _args(function)}
        clash = self.builtins & taken
        if clash:
            raise CannotPrint(f"uses {min(clash)} both as a builtin and as its own name", function)
        if self.builtins & NEVER:
            raise CannotPrint(f"calls {min(self.builtins & NEVER)}", function)
        if not all(name.isascii() for name in taken):
            raise CannotPrint("has a name that C does not spell", function)
        return names

    def spelled(self, name: str) -> str:
        """A name of the function's as the printed text has it."""
        name = self._mangled(name)
        return name if name in self.builtins else self.prefix + name

    def body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements, changed. Raises CannotPrint."""
        found: list[ast.stmt] = []
        for statement in statements:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            new = self.visit(copy.deepcopy(statement))
            found += new if isinstance(new, list) else [new]
        return found or [ast.Pass()]

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Refuse what is on neither list."""
        if isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS):
            raise CannotPrint(f"has a statement that is left to Python: {_word(node)}", node)
        if isinstance(node, ast.expr) and not isinstance(node, EXPRESSIONS):
            raise CannotPrint(f"has an expression that is left to Python: {_word(node)}", node)
        outer, self._consumed = self._consumed, False
        new = super().generic_visit(node)
        self._consumed = outer
        return new

    # names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """All but builtins get a prefix: C and Cython have words of their own."""
        return ast.copy_location(ast.Name(self.spelled(node.id), node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """A lambda's parameter."""
        return ast.arg(self.spelled(node.arg), None)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Private names are a class's own."""
        if node.attr in self.MARKED:
            raise CannotPrint(f"calls {node.attr} of an iterator", node)
        self.generic_visit(node)
        node.attr = self._mangled(node.attr)
        node.value = self._object_if_literal(node.value)
        return node

    # statements

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """A local's annotation is never evaluated."""
        if not isinstance(node.target, ast.Name):
            raise CannotPrint("annotates an attribute or element", node)
        if node.value is None:
            return ast.Pass()
        return self.visit(ast.copy_location(ast.Assign([node.target], node.value), node))  # type: ignore[no-any-return]

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """What is unpacked, or put into a slice, must not be an iterator."""
        takes_apart = any(
            isinstance(t, ast.Tuple | ast.List)
            or (isinstance(t, ast.Subscript) and isinstance(t.slice, ast.Slice))
            for t in node.targets
        )
        self.generic_visit(node)
        if takes_apart:
            node.value = self._whole(node.value)
        else:
            node.value = self._object(node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """``x += y`` extends a list by what it is given, and lets a text grow where it is."""
        self.generic_visit(node)
        node.value = self._whole(node.value)
        number = isinstance(node.value, ast.Constant) and not isinstance(node.value.value, str)
        binds = any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.value))
        target = node.target
        if not isinstance(node.op, ast.Add) or number or binds or self.handles:
            return node
        if not isinstance(target, ast.Name) or target.id in self.kinds:
            return node
        grown = _call("sf_text_append", ast.Name(target.id, ast.Load()), self._object(node.value))
        return ast.copy_location(ast.Assign([target], grown), node)

    def visit_If(self, node: ast.If) -> ast.AST:
        """Only the truth of a test is asked for."""
        self.generic_visit(node)
        node.test = _truth(node.test)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        """Signals and other threads get their turn in every loop."""
        self.generic_visit(node)
        apart = []
        if isinstance(node.target, ast.Tuple | ast.List) and isinstance(node.iter, OWN):
            # What is unpacked must be no iterator either.
            item = ast.Call(ast.Name("sf_whole", ast.Load()), [ast.Name("sf_item", ast.Load())], [])
            apart = [ast.copy_location(ast.Assign([node.target], item), node)]
            node.target = ast.Name("sf_item", ast.Store())
        node.iter = self._whole(self._object_if_literal(node.iter))
        node.body = [_tick(), *apart, *node.body]
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        """As ``for``."""
        self.generic_visit(node)
        node.test = _truth(node.test)
        node.body = [_tick(), *node.body]
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """A handler must not catch what declines the whole call, nor see Cython's messages."""
        for handler in node.handlers:
            names = (
                {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)}
                if (handler.type is not None)
                else {"BaseException"}
            )
            if handler.name is not None:
                raise CannotPrint("looks at an exception that it catches", handler)
            if names & {"BaseException", "SystemExit"} or not names <= self.builtins:
                raise CannotPrint("catches more than errors of Python's own", handler)
        for statement in node.finalbody:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.Return | ast.Break | ast.Continue):
                    raise CannotPrint("leaves a finally block early", inner)
        self.generic_visit(node)
        for handler in node.handlers:
            # What a signal handler raised is dealt with: later errors are declined again.
            handler.body = [ast.Expr(_call("sf_interrupted")), *handler.body]
        return node

    # expressions

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Only where it cannot stay behind: see ``visit_Call``."""
        if not self._consumed:
            raise CannotPrint("makes a function that may outlive the call", node)
        if node.args.defaults or node.args.kw_defaults:
            raise CannotPrint("has a lambda with defaults", node)
        self.generic_visit(node)
        node.body = self._object(node.body)
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Only where it cannot stay behind: see ``visit_Call``."""
        if not self._consumed:
            raise CannotPrint("makes a generator that may outlive the call", node)
        return self._comprehension(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """As a loop."""
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """As a loop."""
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """As a loop."""
        return self._comprehension(node)

    def _comprehension(self, node: ast.AST) -> ast.AST:
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                raise CannotPrint("binds a name inside a comprehension", inner)
            if isinstance(inner, ast.comprehension) and inner.is_async:
                raise CannotPrint("has an asynchronous comprehension", inner)
        self.generic_visit(node)
        for inner in getattr(node, "generators", []):
            inner.iter = self._whole(self._object_if_literal(inner.iter))
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A builtin's result is an object; arguments that are taken apart are no iterators."""
        function = node.func
        named = function.id if isinstance(function, ast.Name) else ""
        builtin = named if named in self.builtins else ""
        joins = isinstance(function, ast.Attribute) and function.attr in ("join", "sort")
        own = self.again if self.again and calls_itself(node, *self.again[:2]) else None
        consumed = builtin in CONSUMERS or joins
        node.func = self.visit(node.func)
        args = [self._argument(arg, consumed) for arg in node.args]
        for keyword in node.keywords:
            keyword.value = self._argument(keyword.value, consumed and keyword.arg == "key")
            keyword.arg = self._mangled(keyword.arg) if keyword.arg else None
        alone = builtin in ("min", "max") and len(args) > 1
        if not (builtin in HARMLESS or alone):
            args = [self._whole(a) for a in args]
            for keyword in node.keywords:
                keyword.value = self._whole(keyword.value)
        if own is not None:
            passed = [ast.Name(self.spelled(name), ast.Load()) for name in own[2]]
            return _call("sf_again", node.func, *args, *passed)
        boxes = builtin and builtin != "range"  # min(1, 2.5) would be a C double
        node.args = [self._object(a) for a in args] if boxes else args
        return Cast("object", node) if builtin and builtin not in ("range", "enumerate") else node

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        """What is spread out must not be an iterator."""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self._whole(node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """One side at least is an object; ``%`` of a literal is not taken apart by Cython."""
        self.generic_visit(node)
        text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str | bytes)
        if text or not (_is_object(node.left) or _is_object(node.right)):
            node.left = Cast("object", node.left)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Only literals have a sign in C."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not) and not isinstance(node.operand, ast.Constant):
            node.operand = self._object(node.operand)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Its two values keep their types."""
        self.generic_visit(node)
        node.body, node.orelse = self._object(node.body), self._object(node.orelse)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """Its values keep their types."""
        self.generic_visit(node)
        node.values = [self._object(v) for v in node.values]
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        """The value is an object."""
        self.generic_visit(node)
        node.value = self._object(node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Containers of constants are made once, as Python makes them."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        for number, op in enumerate(node.ops, 1):
            if isinstance(op, ast.Is | ast.IsNot):
                for side in sides[number - 1 : number + 1]:
                    if isinstance(side, ast.Constant) and side.value not in (None, True, False):
                        raise CannotPrint("compares a literal by identity", node)
            elif isinstance(op, ast.In | ast.NotIn):
                sides[number] = self._container(sides[number])
            elif not (_is_object(sides[number - 1]) or _is_object(sides[number])):
                sides[number - 1] = Cast("object", sides[number - 1])
        node.left, node.comparators = sides[0], sides[1:]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """A literal is no C string."""
        self.generic_visit(node)
        node.value = self._object_if_literal(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """``"".join((..., format(x, "spec"), ...))``."""
        parts: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                parts.append(self._formatted(part))
            else:
                parts.append(part)
        join = ast.Attribute(ast.Constant(""), "join", ast.Load())
        return Cast("object", ast.Call(join, [ast.Tuple(parts, ast.Load())], []))

    def _formatted(self, part: ast.FormattedValue) -> ast.expr:
        value = self._object(self.visit(part.value))
        shower = {114: "repr", 115: "str", 97: "ascii"}.get(part.conversion)
        if shower is not None:
            value = _call(shower, value)
        spec: ast.expr = ast.Constant("")
        if part.format_spec is not None:
            spec = self.visit(part.format_spec)
        return Cast("object", _call("format", value, spec))

    # helpers

    def _argument(self, node: ast.expr, consumed: bool) -> ast.expr:
        """An argument; ``consumed`` where a lambda or generator cannot outlive the call."""
        outer, self._consumed = self._consumed, consumed
        new: ast.expr = self.visit(node)
        self._consumed = outer
        return new

    def _mangled(self, name: str) -> str:
        if self.scope and name.startswith("__") and not name.endswith("__"):
            return f"_{self.scope}{name}"
        return name

    def _whole(self, node: ast.expr) -> ast.expr:
        """The expression, declined at run time where it is an iterator."""
        match node:
            case ast.Call(func=ast.Attribute(attr=which)) if which in HELD:
                pass
            case ast.IfExp():
                node.body, node.orelse = self._whole(node.body), self._whole(node.orelse)
                return node
            case ast.BoolOp():
                node.values = [self._whole(value) for value in node.values]
                return node
            case ast.Name(id=which) if which in self.kinds:
                return node
            case _ if not isinstance(node, OWN):
                return node
        return ast.Call(ast.Name("sf_whole", ast.Load()), [node], [])

    def _object(self, node: ast.expr) -> ast.expr:
        return node if _is_object(node) else Cast("object", node)

    def _object_if_literal(self, node: ast.expr) -> ast.expr:
        return Cast("object", node) if isinstance(node, ast.Constant) else node

    def _container(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            if not all(isinstance(e, ast.Constant) for e in node.elts):
                return Cast("object", node)
            elements = "".join(f"{ast.unparse(e)}, " for e in node.elts)
            text = f"({elements})"
            if isinstance(node, ast.Set):
                text = f"frozenset({text})"
            name = self.constants.setdefault(text, f"sf_constant_{len(self.constants)}")
            return ast.Name(name, ast.Load())
        return self._whole(self._object_if_literal(node))


def calls_itself(node: ast.AST, name: str, parameters: int) -> bool:
    """Whether this is a call by that name that gives every parameter, and by its place."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and not node.keywords
        and len(node.args) == parameters
        and not any(isinstance(a, ast.Starred) for a in node.args)
    )


def _is_object(node: ast.expr) -> bool:
    """Whether Cython holds the value as an object for certain."""
    if isinstance(node, ast.Constant):
        return node.value is None or node.value is Ellipsis
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not) and _is_object(node.operand)
    if isinstance(node, ast.BoolOp):
        return all(_is_object(v) for v in node.values)
    if isinstance(node, ast.IfExp):
        return _is_object(node.body) and _is_object(node.orelse)
    return not isinstance(node, ast.Compare)


def _truth(test: ast.expr) -> ast.expr:
    """A test whose parts may be C's truth values."""
    if isinstance(test, ast.BoolOp):
        test.values = [_truth(v.value if isinstance(v, Cast) else v) for v in test.values]
    return test


def _args(node: ast.Lambda | ast.FunctionDef) -> list[ast.arg]:
    return [n for n in ast.walk(node.args) if isinstance(n, ast.arg)]


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _tick() -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name("sf_tick", ast.Load()), [AddressOf("sf_ticks")], []))


def _word(node: ast.AST) -> str:
    return ast.unparse(node).split("\n")[0][:40]
