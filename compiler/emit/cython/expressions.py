"""Expressions of the small language; comprehensions become loops before the statement."""

import ast
import copy
import math
import sys
from collections.abc import Callable

from selfsame.compiler.emit.cython.inplace.texts_c import CHAR_TESTS
from selfsame.compiler.emit.cython.iteration import Iterables, call, constant, name, store
from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import (
    Renamer,
    all_names,
    assigned_names,
    must_rename,
)
from selfsame.compiler.emit.cython.texts import METHODS

INT_MIN, INT_MAX = -(1 << 63), (1 << 63) - 1
Action = Callable[[ast.expr], list[ast.stmt]]
_FOLDS = frozenset({"min", "max"})
_PLAIN = frozenset({"len", "abs", "ord", "chr", "int", "float", "bool", "round", "pow", "complex"})
_INSPECTORS = frozenset(
    {"locals", "vars", "dir", "eval", "exec", "globals", "super", "input", "breakpoint"}
)


class Expressions:
    """Shared state of one function's normalisation."""

    def __init__(self, function: ast.FunctionDef, module: ModuleNames) -> None:
        self.module = module
        self.locals = assigned_names(function)
        self._taken = all_names(function)
        self.out: list[ast.stmt] = []
        self.in_place: set[ast.BinOp] = set()
        self.alone: set[ast.Call] = set()
        self.totals: set[str] = set()
        self.trusted: set[str] = set()
        self.used_globals: dict[str, str] = {}
        self.used_builtins: set[str] = set()
        self.used_math: set[str] = set()
        self.callees: dict[str, ast.FunctionDef] = {}
        self.mappings = _mappings(function)
        self.iterables = Iterables(self.keep, self.expression, self.iterated, self.builtin)

    def fresh(self, hint: str) -> str:
        """A new local name."""
        number = 1
        while (made := f"{hint}_{number}") in self._taken:
            number += 1
        self._taken.add(made)
        self.locals.add(made)
        return made

    def keep(self, value: ast.expr, hint: str) -> str:
        """Store ``value`` in a new local before the statement, and return its name."""
        made = self.fresh(hint)
        self.out.append(store(made, value))
        return made

    def iterated(self, node: ast.expr) -> ast.expr:
        """What a loop goes over; a dict or set gives its keys."""
        if isinstance(node, ast.Name) and node.id in self.mappings:
            return call(".keys", self.expression(node))
        return self.expression(node)

    def builtin(self, which: str) -> bool:
        """Whether the name is that builtin here; it is then recorded as relied on."""
        if which in self.locals or not self.module.builtin(which):
            return False
        self.used_builtins.add(which)
        return True

    def expression(self, node: ast.expr) -> ast.expr:
        """``node`` in the small language. Raises CannotPrint."""
        folded = constant_value(node)
        if folded is not None:
            if type(folded) is int and not INT_MIN <= folded <= INT_MAX:
                raise CannotPrint("has an int literal of more than 64 bits", node)
            return ast.copy_location(ast.Constant(folded), node)
        method = getattr(self, f"_x_{type(node).__name__.lower()}", None)
        if method is None:
            words = _WORDS.get(type(node), f"a {type(node).__name__} expression")
            raise CannotPrint(f"has {words}", node)
        made: ast.expr = method(node)
        return ast.copy_location(made, node)

    def _x_constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, complex) and math.isfinite(node.value.imag):
            return node
        raise CannotPrint(f"has the literal {node.value!r}"[:60], node)

    def _x_name(self, node: ast.Name) -> ast.expr:
        if node.id in self.locals:
            return ast.Name(node.id, ast.Load())
        if self.module.once(node.id) and not must_rename(node.id):
            value = self.module.literals.get(node.id)
            if value is not None:
                self.used_globals[node.id] = repr(value)
                if type(value) is int and not INT_MIN <= value <= INT_MAX:
                    raise CannotPrint("reads a global of more than 64 bits", node)
                return ast.Constant(value)
            if node.id in self.module.tables:
                self.used_globals[node.id] = ""
                return ast.Name(node.id, ast.Load())
        raise CannotPrint(f"reads {node.id}, whose value is not known from the module's text", node)

    def _x_attribute(self, node: ast.Attribute) -> ast.expr:
        which = self.module.math_function(node)
        if isinstance(node.value, ast.Name) and node.value.id in self.locals:
            which = None
        value = getattr(math, which, None) if which else None
        if which and isinstance(value, float):
            self.used_math.add(which)
            return ast.Constant(value)
        if node.attr in ("real", "imag"):
            return call(f".{node.attr}", self.expression(node.value))
        raise CannotPrint(f"reads the attribute {node.attr}", node)

    def _x_binop(self, node: ast.BinOp) -> ast.expr:
        return ast.BinOp(self.expression(node.left), node.op, self.expression(node.right))

    def _x_unaryop(self, node: ast.UnaryOp) -> ast.expr:
        return ast.UnaryOp(node.op, self.expression(node.operand))

    def _x_boolop(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, [self.expression(v) for v in node.values])

    def _x_ifexp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(*(self.expression(e) for e in (node.test, node.body, node.orelse)))

    def _x_list(self, node: ast.List) -> ast.expr:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            raise CannotPrint("has a star in a list", node)
        return ast.List([self.expression(e) for e in node.elts], ast.Load())

    def _x_tuple(self, node: ast.Tuple) -> ast.expr:
        if any(isinstance(e, ast.Starred) for e in node.elts) or not node.elts:
            raise CannotPrint("has an empty tuple, or one with a star", node)
        return ast.Tuple([self.expression(e) for e in node.elts], ast.Load())

    def _x_dict(self, node: ast.Dict) -> ast.expr:
        if any(k is None for k in node.keys):
            raise CannotPrint("spreads a dict out", node)
        made = self.keep(ast.Dict([], []), "made")
        for key, value in zip(node.keys, node.values, strict=True):
            assert key is not None
            self._entry(made, self.expression(key), self.expression(value))
        return name(made)

    def _entry(self, made: str, key: ast.expr, value: ast.expr) -> None:
        self.out.append(ast.Assign([ast.Subscript(name(made), key, ast.Store())], value))

    def _x_set(self, node: ast.Set) -> ast.expr:
        made = self.keep(call("sf_new_set"), "made")
        for element in node.elts:
            self.out.append(ast.Expr(call("sf_include", name(made), self.expression(element))))
        return name(made)

    def _x_setcomp(self, node: ast.SetComp) -> ast.expr:
        made = self.keep(call("sf_new_set"), "made")
        self._nest(node, lambda elt: [ast.Expr(call("sf_include", name(made), elt))])
        return name(made)

    def _x_dictcomp(self, node: ast.DictComp) -> ast.expr:
        made = self.keep(ast.Dict([], []), "made")
        pair = ast.ListComp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)

        def put(elt: ast.expr) -> list[ast.stmt]:
            assert isinstance(elt, ast.Tuple)
            key, value = elt.elts
            return [ast.Assign([ast.Subscript(name(made), key, ast.Store())], value)]

        self._nest(ast.copy_location(pair, node), put)
        return name(made)

    def _x_joinedstr(self, node: ast.JoinedStr) -> ast.expr:
        parts: list[ast.expr] = []
        for part in node.values:
            if not isinstance(part, ast.FormattedValue):
                parts.append(part)
                continue
            how: list[ast.expr] = [
                ast.Constant(chr(part.conversion) if part.conversion > 0 else "")
            ]
            spec = part.format_spec
            if isinstance(spec, ast.JoinedStr):
                if not all(isinstance(v, ast.Constant) for v in spec.values):
                    raise CannotPrint("has a format that is computed", node)
                how += [v for v in spec.values if isinstance(v, ast.Constant)]
            parts.append(call("sf_shown", self.expression(part.value), *how))
        return name(self.keep(call("sf_joined", *parts), "text"))

    def _x_subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Slice):
            return call("sf_slice", self.expression(node.value), *self.bounds(node.slice))
        return ast.Subscript(self.expression(node.value), self.expression(node.slice), ast.Load())

    def _named(self, node: ast.expr) -> ast.expr:
        """What may be a new list gets a name: a callee does not take over its arguments."""
        slices = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        slices = slices and node.func.id == "sf_slice"  # type: ignore[attr-defined]
        fresh = isinstance(node, ast.List) or slices
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Add):
            fresh = isinstance(node.left, ast.List) or isinstance(node.right, ast.List)
        return name(self.keep(node, "v")) if fresh else node

    def bounds(self, node: ast.Slice) -> list[ast.expr]:
        """Where a slice starts, where it stops, and its step, which must be a literal."""
        step = constant_value(node.step) if node.step is not None else 1
        if type(step) is not int or not 0 < abs(step) <= INT_MAX:
            raise CannotPrint("takes a slice whose step is not a literal int", node)
        ends = (0, INT_MAX) if step > 0 else (INT_MAX, INT_MIN)
        return [
            constant(missing)
            if given is None or (isinstance(given, ast.Constant) and given.value is None)
            else self.expression(given)
            for given, missing in zip((node.lower, node.upper), ends, strict=True)
        ] + [constant(step)]

    def _x_compare(self, node: ast.Compare) -> ast.expr:
        pairs: list[ast.expr] = []
        left = self.expression(node.left)
        for op, node_right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn) and isinstance(
                node_right, ast.Tuple | ast.List | ast.Set
            ):
                if len(node.ops) > 1 or not node_right.elts:
                    raise CannotPrint("chains a membership test", node)
                return self._among(left, op, node_right.elts)
            if isinstance(op, ast.Is | ast.IsNot):
                raise CannotPrint("compares identities", node)
            right = self.expression(node_right)
            pairs.append(ast.Compare(left, [op], [right]))
            left = right
        return pairs[0] if len(pairs) == 1 else ast.BoolOp(ast.And(), pairs)

    def _among(self, left: ast.expr, op: ast.cmpop, items: list[ast.expr]) -> ast.expr:
        equal: list[ast.expr] = [
            ast.Compare(copy.deepcopy(left), [ast.Eq()], [self.expression(e)]) for e in items
        ]
        any_of = equal[0] if len(equal) == 1 else ast.BoolOp(ast.Or(), equal)
        return any_of if isinstance(op, ast.In) else ast.UnaryOp(ast.Not(), any_of)

    def _x_call(self, node: ast.Call) -> ast.expr:
        if any(isinstance(a, ast.Starred) for a in node.args):
            raise CannotPrint("calls with a star", node)
        which = self.module.math_function(node.func)
        if which is not None and not node.keywords:
            base = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            if isinstance(base, ast.Name) and base.id not in self.locals:
                self.used_math.add(which)
                return call(f"math.{which}", *map(self.expression, node.args))
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in CHAR_TESTS and not node.args and not node.keywords:
                return call(f".{node.func.attr}", self.expression(node.func.value))
            if node.func.attr == "join" and len(node.args) == 1 and not node.keywords:
                between, parts = self.expression(node.func.value), self.listed(node.args[0])
                return name(self.keep(call(".join", between, parts), "text"))
            if node.func.attr == "copy" and not node.args and not node.keywords:
                whole = self.bounds(ast.Slice())
                return call("sf_slice", self.expression(node.func.value), *whole)
            if node.func.attr in METHODS and not node.keywords:
                parts_ = [self.expression(a) for a in (node.func.value, *node.args)]
                return name(self.keep(call(f".{node.func.attr}", *parts_), "got"))
            raise CannotPrint(f"calls the method {node.func.attr}", node)
        if not isinstance(node.func, ast.Name):
            raise CannotPrint("calls the result of an expression", node)
        return self._named_call(node, node.func.id)

    def _named_call(self, node: ast.Call, which: str) -> ast.expr:
        if which == "sf_some":
            return call(which, *map(self.expression, node.args))
        if which in self.locals:
            raise CannotPrint(f"calls {which}, a local", node)
        function = self.module.function(which)
        if function is not None:
            self.callees[which] = function
            given = bound_arguments(function, node)
            return call(which, *map(self._named, map(self.expression, given)))
        if which == "sorted" and len(node.args) == 1 and self.builtin(which):
            made = name(self.made_list(node.args[0]))
            self.out.append(ast.Expr(call("sf_sort", made, self.order(node.keywords, node))))
            return made
        if which == "set" and not node.keywords and len(node.args) <= 1 and self.builtin(which):
            made = name(self.keep(call("sf_new_set"), "made"))
            if node.args:
                item = self.fresh("item")
                each = ast.ListComp(
                    name(item),
                    [ast.comprehension(ast.Name(item, ast.Store()), node.args[0], [], 0)],
                )
                self._nest(each, lambda elt: [ast.Expr(call("sf_include", made, elt))])
            return made
        if which == "dict" and not node.keywords and not node.args and self.builtin(which):
            return ast.Dict([], [])
        if which == "str" and not node.keywords and len(node.args) == 1 and self.builtin(which):
            shown = call("sf_shown", self.expression(node.args[0]), ast.Constant("s"))
            return name(self.keep(call("sf_joined", shown), "text"))
        if node.keywords or which in _INSPECTORS or not self.builtin(which):
            raise CannotPrint(f"calls {which}, which has no exact compiled form", node)
        if (
            len(node.args) == 1
            and isinstance(node.args[0], ast.GeneratorExp | ast.ListComp)
            and which in {"sum", "any", "all", "min", "max"}
        ):
            return self._accumulate(which, node.args[0])
        if which == "list" and len(node.args) <= 1:
            return name(self.made_list(node.args[0] if node.args else None))
        if which in _FOLDS and node.args:
            arguments = node.args
            if len(arguments) == 1 and isinstance(arguments[0], ast.List | ast.Tuple):
                arguments = arguments[0].elts
                if not arguments:
                    raise CannotPrint(f"takes {which} of nothing", node)
            parts = [self.expression(a) for a in arguments]
            if len(node.args) == 1 and len(arguments) == 1:
                if isinstance(node.args[0], ast.List | ast.Tuple):
                    return parts[0]
                return call(which, parts[0])
            result = parts[0]
            for part in parts[1:]:
                result = ast.copy_location(call(which, result, part), node)
            return result
        if which in _PLAIN or (which == "sum" and len(node.args) == 1):
            return call(which, *map(self.expression, node.args))
        raise CannotPrint(f"calls {which}, which has no exact compiled form", node)

    def listed(self, node: ast.expr) -> ast.expr:
        """What can be taken as a list: a list as it is, all else as a new list."""
        if isinstance(node, ast.Name | ast.List | ast.ListComp | ast.Subscript | ast.BinOp):
            return self.expression(node)
        return name(self.made_list(node))

    def made_list(self, items: ast.expr | None) -> str:
        """A new list of what ``items`` gives, in a new local; its name."""
        made = self.fresh("made")
        self.out.append(store(made, ast.List([], ast.Load())))
        if items is not None:
            item = self.fresh("item")
            self._loop(ast.Name(item, ast.Store()), items, [], made, name(item))
        return made

    def order(self, keywords: list[ast.keyword], node: ast.AST) -> ast.expr:
        """1 for the smallest first, -1 for ``reverse=True``."""
        by = 1
        for keyword in keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg != "reverse" or type(value) is not bool:
                raise CannotPrint("sorts by a key", node)
            by = -1 if value else 1
        return constant(by)

    def _x_listcomp(self, node: ast.ListComp) -> ast.expr:
        made = self.fresh("made")
        self.out.append(store(made, ast.List([], ast.Load())))
        self._nest(node, lambda elt: [ast.Expr(call("sf_append", name(made), elt))])
        return name(made)

    def _accumulate(self, which: str, node: ast.GeneratorExp | ast.ListComp) -> ast.expr:
        held = self.fresh(which)
        if which == "sum":
            if sys.version_info >= (3, 12):
                # From 3.12 on the sum of floats is compensated: only ints may take this road.
                self.totals.add(held)
            self.out.append(store(held, constant(0)))
            self._nest(node, lambda elt: [store(held, ast.BinOp(name(held), ast.Add(), elt))])
        elif which in {"any", "all"}:
            self.out.append(store(held, ast.Constant(which == "all")))

            def stop(elt: ast.expr) -> list[ast.stmt]:
                test = elt if which == "any" else ast.UnaryOp(ast.Not(), elt)
                return [ast.If(test, [store(held, ast.Constant(which == "any")), ast.Break()], [])]

            if len(node.generators) > 1:
                raise CannotPrint(f"takes {which} over two loops", node)
            self._nest(node, stop)
        else:
            seen = self.fresh("seen")
            self.out.append(store(seen, ast.Constant(False)))

            def best(elt: ast.expr) -> list[ast.stmt]:
                item = self.fresh("item")
                op = ast.Lt() if which == "min" else ast.Gt()
                better = ast.Compare(name(item), [op], [name(held)])
                test = ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), name(seen)), better])
                return [store(item, elt), ast.If(test, [store(held, name(item))], []),
                        store(seen, ast.Constant(True))]  # fmt: skip

            self.trusted.add(held)
            self._nest(node, best)
            self.out.append(
                ast.If(ast.UnaryOp(ast.Not(), name(seen)), [ast.Expr(call("sf_deopt"))], [])
            )
        return name(held)

    def _nest(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, act: Action) -> None:
        """The loops of a comprehension, whose targets are names of its own."""
        targets = {
            n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)
        }
        table = {old: self.fresh(old) for old in sorted(targets)}
        first = node.generators[0].iter
        inner = Renamer(table).visit(copy.deepcopy(node))
        inner.generators[0].iter = first
        if any(g.is_async for g in node.generators):
            raise CannotPrint("has an asynchronous comprehension", node)
        self.out += self._generators(inner, 0, act)

    def _generators(
        self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, depth: int, act: Action
    ) -> list[ast.stmt]:
        outer, self.out = self.out, []
        generator = node.generators[depth]
        counter = self.fresh("k")
        steps = self.iterables.over(generator.iter, counter)
        self.out.append(store(counter, steps.start))
        before, self.out = self.out, []
        self.assign(generator.target, steps.item)
        self.out.append(store(counter, call("sf_inc", name(counter))))
        for test in generator.ifs:
            self.out.append(
                ast.If(ast.UnaryOp(ast.Not(), self.expression(test)), [ast.Continue()], [])
            )
        if depth + 1 < len(node.generators):
            body = self.out + self._generators(node, depth + 1, act)
        else:
            elt = self.expression(node.elt)
            body = self.out + act(elt)
        self.out = outer
        return [*before, ast.While(steps.test, body, [])]

    def _loop(
        self, target: ast.expr, iterable: ast.expr, ifs: list[ast.expr], made: str, elt: ast.expr
    ) -> None:
        node = ast.ListComp(elt, [ast.comprehension(target, iterable, ifs, 0)])
        self._nest(node, lambda e: [ast.Expr(call("sf_append", name(made), e))])

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        """``target = value``: the statements' half knows how."""
        raise NotImplementedError


def bound_arguments(
    function: ast.FunctionDef, node: ast.Call, anew: bool = False
) -> list[ast.expr]:
    """One argument for each parameter, where keywords and literal defaults say which.

    ``anew``: the defaults are made for each call, so that they need be no literals.
    """
    taken = function.args
    names = [a.arg for a in taken.posonlyargs + taken.args]
    found = dict(zip(names, node.args, strict=False))
    keywords = [k.arg for k in node.keywords]
    unclear = {None, *found, *(a.arg for a in taken.posonlyargs)}
    clash = len(node.args) > len(names) or len(set(keywords)) < len(keywords)
    clash = clash or not unclear.isdisjoint(keywords)
    # Python evaluates arguments in the order of the call.
    simple = all(isinstance(k.value, ast.Name | ast.Constant) for k in node.keywords)
    places = [names.index(k) for k in keywords if k in names]
    simple |= len(places) == len(keywords) and places == sorted(places)
    if clash or (len(node.keywords) > 1 and not simple):
        raise CannotPrint(f"calls {function.name} with unclear arguments", node)
    found |= {str(k.arg): k.value for k in node.keywords}
    late = names[len(names) - len(taken.defaults) :]
    defaults: dict[str, ast.expr | None] = dict(zip(late, taken.defaults, strict=True))
    defaults |= dict(zip([a.arg for a in taken.kwonlyargs], taken.kw_defaults, strict=True))
    made = []
    for which in [*names, *(a.arg for a in taken.kwonlyargs)]:
        value = found.pop(which, None)
        if value is None:
            value = defaults.get(which)
            if value is None or not (anew or _literal(value)):
                raise CannotPrint(f"calls {function.name} without {which}", node)
        made.append(value)
    if found:
        raise CannotPrint(f"calls {function.name} with arguments that it does not take", node)
    return made


def _literal(node: ast.expr) -> bool:
    return constant_value(node) is not None or (
        isinstance(node, ast.Constant) and node.value is None
    )


def _mappings(function: ast.FunctionDef) -> set[str]:
    """Names that are only ever given a new dict or set."""
    made: dict[str, bool] = {}
    for node in ast.walk(function):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=which)], value=value)
                | ast.AnnAssign(target=ast.Name(id=which), value=value)
            ):
                empty = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
                empty = empty and value.func.id in {"set", "dict"}  # type: ignore[union-attr]
                display = isinstance(value, ast.Dict | ast.Set | ast.DictComp | ast.SetComp)
                made[which] = made.get(which, True) and (empty or display)
    return {which for which, always in made.items() if always}


_WORDS: dict[type[ast.expr], str] = {
    ast.GeneratorExp: "a generator expression",
    ast.Lambda: "a lambda",
    ast.NamedExpr: "an assignment expression",
    ast.Starred: "a star",
}
