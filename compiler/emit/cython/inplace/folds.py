"""Builtins and functions that go over everything there is: ``sum``, ``min`` by a key, ``reduce``, ``map``."""

import ast
import sys

from selfsame.compiler.emit.cython.inplace.by_name import BY_NAME, COMPARISONS, OPERATORS
from selfsame.compiler.emit.cython.inplace.comprehensions import Comprehensions
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import BOOL, BOTTOM, INT, WIDE, Kind, list_of
from selfsame.compiler.emit.cython.inplace.loops import Steps
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Folds(Comprehensions):
    """``gathered`` gives the value of ``sum(...)`` and the like."""

    def gathered(self, which: str, node: ast.Call) -> Value:
        """``sum``, ``any``, ``all``, ``min``, ``max``, ``list``, ``tuple``, ``set``, ``sorted``, ``dict``."""
        if which == "sorted" and len(node.args) == 1:
            made, (key, reverse) = self._listed(node.args[0]), self.order(node)
            if made.kind == BOTTOM:
                return made
            if key is not None:
                return self.keyed(made, key, reverse)
            self.line(f"sf_list_sort(NULL, {made.text}, {reverse})")
            return made
        if which in {"min", "max"} and node.keywords:
            return self._best_by_keyword(which, node)
        if node.keywords:
            raise CannotPrint(f"calls {which} by keyword", node)
        if not node.args:
            empty = {"list": list_of(BOTTOM), "set": Kind("set", (BOTTOM,))}
            empty["dict"] = Kind("dict", (BOTTOM, BOTTOM))
            if which not in empty:
                raise CannotPrint(f"calls {which} on nothing", node)
            return self.made(empty[which], {"list": "[]", "set": "set()", "dict": "{}"}[which])
        if which == "dict":
            return self._copied_dict(node)
        if which in {"min", "max"} and len(node.args) > 1:
            return self._best_of(which, node)
        if len(node.args) > 1:
            raise CannotPrint(f"calls {which} with several arguments", node)
        (given,) = node.args
        match which:
            case "list":
                return self._listed(given)
            case "tuple":
                same = self._if_kind(given, frozenset({"row", "tuple"}))
                if same is not None:
                    return same  # as Python has it of what is one
                made = self._listed(given)
                if made.kind == BOTTOM:
                    return made
                return self.made(Kind("row", made.kind.parts), f"tuple({made.text})")
            case "set":
                held = self._as_table(given)
                return held if held is not None else self._set_of(self._each(given))
        if isinstance(given, ast.List | ast.Tuple):
            raise CannotPrint(f"takes {which} of a display", node)
        return self._folded(which, self._each(given), node)

    def order(self, node: ast.Call) -> tuple[ast.expr | None, int]:
        """The key of a sort, and 1 for ``reverse=True``: the methods' part knows."""
        raise NotImplementedError

    def keyed(self, value: Value, key: ast.expr, reverse: int) -> Value:
        """A list in the order of its items' keys: the methods' part knows how."""
        raise NotImplementedError

    def mapped(self, function: ast.expr, *nodes: ast.expr) -> Steps:
        """``map(function, *nodes)``."""
        self.count += 1
        names = [f"sf_mapped_{self.count}_{number}" for number in range(len(nodes))]
        of_one = len(nodes) == 1
        scope, body = self.key_of(function, *names) if of_one else self._of(function, *names)

        def made(items: list[Value]) -> Value:
            self.scopes.append(scope)
            for name, item in zip(names, items, strict=True):
                self.store(name, item)
            found = self.held(self.expression(body))
            self.scopes.pop()
            return found

        return self.side_by_side(nodes, made, acts=True)

    def _folded(
        self, which: str, each: ast.GeneratorExp, node: ast.Call, default: Value | None = None
    ) -> Value:
        self.count += 1
        name = f"sf_{which}_{self.count}"
        if which in {"any", "all"}:
            self.store(name, Value(BOOL, "False" if which == "any" else "True"))
            stop = f"v_{name}" if which == "any" else f"not v_{name}"

            def test(value: Value) -> None:
                self.line(f"v_{name} = {self.truth_of(value, node)}")

            self._nested(each, test, stop)
            return self.load(name)
        if which == "sum":
            self.store(name, Value(INT, "0"))

            def add(value: Value) -> None:
                value = self.as_kind(value, WIDE)
                if value.kind.name in {"float", "wide"} and sys.version_info >= (3, 12):
                    raise CannotPrint("sums floats, which this Python does with compensation", node)
                self.store(name, self.operated(ast.Add(), self.load(name), value, node))

            self._nested(each, add)
            self.bound.add(name)
            return self.load(name)
        seen = self.made(BOOL, "False").text

        def better(value: Value) -> None:
            value = self.held(self.some(value))
            with self.block(f"if not {seen}"):
                self.line(f"{seen} = True")
                self.store(name, value)
                self.next_round()
            self.bound.add(name)
            op = ast.Lt() if which == "min" else ast.Gt()
            with self.block(f"if {self.compared(op, value, self.load(name), node)}"):
                self.store(name, value)

        self._nested(each, better)
        self._where_nothing(name, seen, default)
        return self.load(name)

    def _where_nothing(self, name: str, seen: str, default: Value | None) -> None:
        """What there was nothing to choose from for is the default, or Python's to refuse."""
        if default is None:
            self.decline(f"not {seen}")
        else:
            with self.block(f"if not {seen}"):
                self.store(name, default)
        self.bound.add(name)

    def _best_by_keyword(self, which: str, node: ast.Call) -> Value:
        """``min`` and ``max`` with a key, a default, or both."""
        named = {k.arg: k.value for k in node.keywords}
        if not named.keys() <= {"key", "default"} or not node.args:
            raise CannotPrint(f"calls {which} by keyword", node)
        key, last = named.get("key"), named.get("default")
        given = node.args[0]
        if len(node.args) > 1:
            if last is not None or any(isinstance(each, ast.Starred) for each in node.args):
                raise CannotPrint(f"calls {which} by keyword", node)
            given = ast.copy_location(ast.List(node.args, ast.Load()), node)
        default = None
        if last is not None:
            if not is_still(last):
                raise CannotPrint("has a default that is computed", last)
            default = self.held(self.expression(last))
        if key is None:
            if isinstance(given, ast.List | ast.Tuple):
                raise CannotPrint(f"takes {which} of a display", node)
            return self._folded(which, self._each(given), node, default)
        return self._best_by_key(which, given, key, default)

    def _best_by_key(
        self, which: str, given: ast.expr, key: ast.expr, default: Value | None
    ) -> Value:
        """The first of the items with the least or greatest key."""
        self.count += 1
        item, name, held = (f"sf_{part}_{self.count}" for part in ("item", which, "key"))
        scope, body = self.key_of(key, item)
        seen = self.made(BOOL, "False").text

        def better(value: Value) -> None:
            value = self.held(value)
            self.scopes.append(scope)
            self.store(item, value)
            found = self.held(self.some(self.expression(body)))
            self.scopes.pop()
            with self.block(f"if not {seen}"):
                self.line(f"{seen} = True")
                self.store(name, value)
                self.store(held, found)
                self.next_round()
            self.bound |= {name, held}
            op = ast.Lt() if which == "min" else ast.Gt()
            with self.block(f"if {self.compared(op, found, self.load(held), key)}"):
                self.store(name, value)
                self.store(held, found)

        self._nested(self._each(given), better)
        self._where_nothing(name, seen, default)
        return self.load(name)

    def _of(self, function: ast.expr, *names: str) -> tuple[dict[str, str], ast.expr]:
        """What a function gives of several locals, ``operator.add`` too, and under which names these stand there."""
        free = not self.own(_first_name(function))
        called = library_name(function, self.home.imports) if free else ""
        module, _, which = called.rpartition(".")
        if module != "operator" or which not in BY_NAME or len(names) != 2:
            return _applied(function, *names)
        left, right = (ast.Name(each, ast.Load()) for each in names)
        body: ast.expr
        if which in OPERATORS:
            body = ast.BinOp(left, OPERATORS[which], right)
        else:
            body = ast.Compare(left, [COMPARISONS[which]], [right])
        body = ast.fix_missing_locations(ast.copy_location(body, function))
        return {each: each for each in names}, body

    def reduced(self, function: ast.expr, node: ast.expr, first: ast.expr | None) -> Value:
        """``functools.reduce(function, node, first)``."""
        self.count += 1
        name, item = f"sf_reduced_{self.count}", f"sf_reduced_item_{self.count}"
        scope, body = self._of(function, name, item)
        seen = self.made(BOOL, "False" if first is None else "True").text
        if first is not None:
            if not is_still(first):
                raise CannotPrint("reduces from a value that is computed", first)
            self.store(name, self.expression(first))

        def fold(value: Value) -> None:
            value = self.held(value)
            if first is None:
                with self.block(f"if not {seen}"):
                    self.line(f"{seen} = True")
                    self.store(name, value)
                    self.next_round()
                self.bound.add(name)
            self.scopes.append(scope)
            self.store(item, value)
            found = self.held(self.expression(body))
            self.scopes.pop()
            self.store(name, found)

        self._nested(self._each(node), fold)
        self.decline(f"not {seen}")
        self.bound.add(name)
        return self.load(name)

    def _best_of(self, which: str, node: ast.Call) -> Value:
        values = [self.held(self.some(self.expression(a))) for a in node.args]
        kinds = {v.kind.name for v in values}
        if kinds in ({"int"}, {"float"}):
            helper = f"sf_{'' if kinds == {'int'} else 'f'}{which}"
            best = values[0]
            for value in values[1:]:
                best = Value(best.kind, f"{helper}({best.text}, {value.text})")
            return best
        self.count += 1
        name = f"sf_{which}_{self.count}"
        self.store(name, values[0])
        for value in values[1:]:
            op = ast.Lt() if which == "min" else ast.Gt()
            with self.block(f"if {self.compared(op, value, self.load(name), node)}"):
                self.store(name, value)
        return self.load(name)

    def key_of(self, key: ast.expr, item: str) -> tuple[dict[str, str], ast.expr]:
        """What gives the key of a local, and under which names it stands there. Raises CannotPrint."""
        if isinstance(key, ast.Call) and not self.own(_first_name(key.func)):
            read = ast.copy_location(ast.Name(item, ast.Load()), key)
            got = _got(library_name(key.func, self.home.imports), key, read)
            if got is not None:
                return {item: item}, got
        return _applied(key, item)


def _parameters(function: ast.Lambda, number: int) -> list[str]:
    taken = function.args
    alone = [n for n in ast.walk(taken) if isinstance(n, ast.arg)]
    if len(taken.args) != number or len(alone) != number or taken.defaults:
        raise CannotPrint(
            f"calls a lambda of other than {number} arguments for each item", function
        )
    if any(isinstance(n, ast.NamedExpr) for n in ast.walk(function)):
        raise CannotPrint("binds a name in a lambda", function)
    return [a.arg for a in taken.args]


def is_still(node: ast.expr) -> bool:
    """Whether it is a name or a literal, which gives the same whenever it is evaluated."""
    return isinstance(node, ast.Constant | ast.Name) or constant_value(node) is not None


def _applied(function: ast.expr, *names: str) -> tuple[dict[str, str], ast.expr]:
    """What a function gives of some locals, and under which names these stand there. Raises CannotPrint."""
    if isinstance(function, ast.Lambda):
        return dict(zip(_parameters(function, len(names)), names, strict=True)), function.body
    given: list[ast.expr] = [
        ast.copy_location(ast.Name(name, ast.Load()), function) for name in names
    ]
    call = ast.copy_location(ast.Call(function, given, []), function)
    return dict(zip(names, names, strict=True)), call


def _first_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _got(called: str, key: ast.Call, item: ast.expr) -> ast.expr | None:
    """What ``operator.itemgetter(...)`` or ``attrgetter(...)`` gets of an item; None where ``key`` is another call."""
    whats = [p.value if isinstance(p, ast.Constant) else constant_value(p) for p in key.args]
    if key.keywords or not whats or None in whats:
        return None
    parts: list[ast.expr] = []
    for what in whats:
        part: ast.expr = item
        if called == "operator.itemgetter":
            part = ast.Subscript(item, ast.Constant(what), ast.Load())
        elif called == "operator.attrgetter" and isinstance(what, str):
            for name in what.split("."):
                part = ast.Attribute(part, name, ast.Load())
        else:
            return None
        parts.append(ast.copy_location(part, key))
    made = parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())
    return ast.fix_missing_locations(ast.copy_location(made, key))
