"""Calls: functions and methods of the module, builtins, ``math``, ``heapq`` and containers' methods."""

import ast
from collections.abc import Sequence

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.comprehensions import END, Comprehensions
from selfsame.compiler.emit.cython.inplace.containers_c import CHAR_TESTS
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    STR,
    WIDE,
    Kind,
    instance,
    item_of,
    join,
    list_of,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.state import Known, Value
from selfsame.compiler.emit.cython.inplace.values import Lacks
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.texts import TEXT_METHODS

_FLOAT_MATH = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "exp",
        "atan",
        "asin",
        "acos",
        "sinh",
        "cosh",
        "tanh",
        "sqrt",
        "log",
        "fabs",
    ]
)
_TEXT = {"word": STR, "bool": BOOL, "int": INT, "list": list_of(STR)}


class Calls(Comprehensions):
    """``_x_call`` gives the value of a call."""

    def _x_call(self, node: ast.Call) -> Value:
        if any(isinstance(a, ast.Starred) for a in node.args):
            raise CannotPrint("calls with a star", node)
        if any(k.arg is None for k in node.keywords):
            raise CannotPrint("calls with a star", node)
        which = self.program.names.math_function(node.func)
        base = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        free = isinstance(base, ast.Name) and base.id not in self.own_names
        if which is not None and free and not node.keywords:
            self.program.used_math.add(which)
            return self._math(which, [self.expression(a) for a in node.args], node)
        library = self._library(node.func)
        if library is not None:
            return self._of_library(library, node)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        if isinstance(node.func, ast.Name):
            return self._named(node, node.func.id)
        raise CannotPrint("calls the result of an expression", node)

    def _library(self, function: ast.expr) -> str | None:
        match function:
            case ast.Name(id=which) if which not in self.own_names:
                found = self.program.imports.get(which, "")
                return found if "." in found else None
            case ast.Attribute(value=ast.Name(id=base), attr=which) if base not in self.own_names:
                module = self.program.imports.get(base)
                return f"{module}.{which}" if module else None
        return None

    # functions of the unit

    def _named(self, node: ast.Call, which: str) -> Value:
        if which in self.own_names:
            value = self.some(self.load(which))
            if value.kind.name == "instance":
                return self.special(value, "__call__", self._plain(node), node)
            if value.kind == BOTTOM and not self.program.final:
                return value
            raise CannotPrint(f"calls {which}, a local", node)
        if which in self.program.classes and self.program.names.once(which):
            return self._new(which, node)
        function = self.program.names.function(which)
        if function is not None:
            values = [self.expression(a) for a in bound_arguments(function, node)]
            known = self.program.function(which, function, values)
            return self._called(known, values, node)
        if not self.program.names.builtin(which):
            raise CannotPrint(f"calls {which}, which has no exact compiled form", node)
        self.program.used_builtins.add(which)
        return self._builtin(which, node)

    def _plain(self, node: ast.Call) -> list[Value]:
        if node.keywords:
            raise CannotPrint("calls an instance by keyword", node)
        return [self.expression(a) for a in node.args]

    def _new(self, cls: str, node: ast.Call) -> Value:
        """An instance, and its ``__init__`` on it."""
        facts = self.program.classes[cls]
        self.program.used_classes.add(cls)
        init = facts.methods.get("__init__")
        if init is None:
            if node.args or node.keywords or "__init__" in facts.names:
                raise CannotPrint(f"makes a {cls} by an __init__ of another kind", node)
            return self.made(instance(cls), f"sf_make(&sf_k_{cls})")
        self._plain_function(init, node)
        values = self._bound(init, node)
        made = self.made(instance(cls), f"sf_make(&sf_k_{cls})")
        home = facts.homes["__init__"]
        known = self.program.function(f"{cls}__does____init__", init, [made, *values], home)
        self.program.methods.add((cls, "__init__"))
        if known.result not in (BOTTOM, NONE):
            raise CannotPrint(f"makes a {cls}, whose __init__ returns something", node)
        self._called(known, [made, *values], node)
        return made

    def _bound(self, method: ast.FunctionDef, node: ast.Call) -> list[Value]:
        """The arguments of a call of a method, without the instance."""
        outer = ast.Call(node.func, [ast.Constant(0), *node.args], node.keywords)
        return [
            self.expression(a) for a in bound_arguments(method, ast.copy_location(outer, node))[1:]
        ]

    def _plain_function(self, function: ast.FunctionDef, node: ast.AST) -> None:
        words = [d.id if isinstance(d, ast.Name) else "" for d in function.decorator_list]
        if words not in ([], ["property"]):
            raise CannotPrint(f"calls {function.name}, which is decorated", node)
        if function.args.vararg or function.args.kwarg:
            raise CannotPrint(f"calls {function.name}, which takes *args or **kwargs", node)

    def _called(self, known: Known, values: Sequence[Value], node: ast.AST) -> Value:
        """A call of a function of the unit."""
        self._plain_function(known.node, node)
        self.known.calls.add(known.name)
        passed = [self.converted(v, k, node) for v, k in zip(values, known.parameters, strict=True)]
        result = known.result
        text = f"sf_f_{known.name}({', '.join(['pool', 'depth - 1', *passed])})"
        if result in (BOTTOM, NONE):
            self.line(text)
            return Value(result, "None", fresh=True)
        if result.name == "wide" and not result.none:
            return self.checked(result, text)
        return self.made(result, text, fresh=known.fresh_result)

    def method_call(
        self,
        receiver: Value,
        name: str,
        method: ast.FunctionDef,
        arguments: list[Value],
        node: ast.AST,
    ) -> Value:
        """A call of a method on an instance, by position."""
        cls = receiver.kind.cls
        taken = method.args.posonlyargs + method.args.args
        if len(taken) != len(arguments) + 1 or method.args.kwonlyargs:
            raise CannotPrint(f"calls {name} with other arguments than it takes", node)
        self.program.used_classes.add(cls)
        facts = self.program.classes[cls]
        self.program.methods.add((cls, name))
        self.line(f"sf_own({receiver.text}, &sf_k_{cls})")
        values, home = [receiver, *arguments], facts.homes[name]
        known = self.program.function(f"{cls}__does__{method.name}", method, values, home)
        return self._called(known, values, node)

    def _above(self, base: str, which: str, receiver: Value, node: ast.Call) -> Value:
        """``super().which(...)`` or ``Base.which(self, ...)``: the method of a base, on its own instance."""
        if not base and which == "__init__" and not node.args and not node.keywords:
            return Value(NONE, "None", fresh=True)
        facts = self.program.classes.get(base)
        if facts is None or which not in facts.methods:
            raise CannotPrint(f"calls {which} of a base that does not have it", node)
        method, cls = facts.methods[which], receiver.kind.cls
        values = [receiver, *self._bound(method, node)]
        self.program.used_classes |= {base, cls}
        self.program.methods.add((base, which))
        self.line(f"sf_own({receiver.text}, &sf_k_{cls})")
        name = f"{cls}__does__{which}__of__{base}"
        known = self.program.function(name, method, values, facts.homes[which])
        return self._called(known, values, node)

    def _explicit(self, node: ast.Call, function: ast.Attribute) -> Value | None:
        """A call of a base's method that says so; None where it is no such call."""
        match function.value:
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
                if not self.inside or not self.program.names.builtin("super"):
                    raise CannotPrint("calls super outside of a class", node)
                receiver = self.load(self.taken[0])
                if receiver.kind.name != "instance" or receiver.kind.none:
                    raise CannotPrint("calls super of something else", node)
                base = self.program.classes[self.inside].base
                return self._above(base, function.attr, receiver, node)
            case ast.Name(id=base) if base in self.program.classes and base not in self.own_names:
                if not node.args:
                    raise CannotPrint(f"calls {function.attr} of a class", node)
                receiver = self.some(self.expression(node.args[0]))
                cls = receiver.kind.cls
                while cls in self.program.classes and cls != base:
                    cls = self.program.classes[cls].base
                if cls != base:
                    if receiver.kind == BOTTOM and not self.program.final:
                        return receiver
                    raise CannotPrint(f"calls {function.attr} of a class on another's", node)
                rest = ast.Call(node.func, node.args[1:], node.keywords)
                return self._above(base, function.attr, receiver, ast.copy_location(rest, node))
        return None

    @property
    def taken(self) -> list[str]:
        """The parameters."""
        raise NotImplementedError

    def _method(self, node: ast.Call, function: ast.Attribute) -> Value:
        above = self._explicit(node, function)
        if above is not None:
            return above
        base = self.expression(function.value)
        value = self.some(base)
        which, kind = function.attr, value.kind
        if kind == BOTTOM and not self.program.final:
            for argument in node.args:
                if not isinstance(argument, ast.Lambda):
                    self.expression(argument)
            return Value(BOTTOM, "0")
        if kind.name == "instance":
            return self.by_class(value, lambda one, cls: self._on_instance(one, cls, which, node))
        if node.keywords and not (kind.name == "list" and which == "sort"):
            raise CannotPrint(f"calls the method {which} by keyword", node)
        if kind.name in {"list", "dict", "set", "deque"}:
            done = getattr(self, f"_on_{kind.name}")(which, value, node, function.value)
            if done is not None:
                made: Value = done
                return made
        if kind == STR and which in TEXT_METHODS:
            return self._text(which, value, node)
        raise CannotPrint(f"calls the method {which} of {said(kind)}", node)

    def _on_instance(self, value: Value, cls: str, which: str, node: ast.Call) -> Value:
        facts = self.program.classes[cls]
        name = facts.spelled(which, self.inside)
        method = facts.methods.get(name)
        if method is None:
            raise Lacks(f"calls {which}, which {cls} does not have", node)
        return self.method_call(value, name, method, self._bound(method, node), node)

    def _text(self, which: str, value: Value, node: ast.Call) -> Value:
        given = [self.held(self.some(self.expression(a))) for a in node.args]
        for each in given:
            strings = (
                which == "join" and item_of(each.kind) == STR and each.kind.name in {"list", "row"}
            )
            if each.kind.name not in {"str", "int"} and not strings:
                raise CannotPrint(f"calls {which} with {said(each.kind)}", node)
        if which in CHAR_TESTS and not given:
            return self.made(BOOL, f"sf_text_{which}({value.text})")
        result = TEXT_METHODS[which]
        kind = list_of(STR) if result.kind == "list" else _TEXT.get(result.kind, STR)
        text = f"(<object>{value.text}).{which}({', '.join(map(self.boxed, given))})"
        return self.checked(kind, text) if kind.name != "list" else self.made(kind, text)

    # containers

    def _pool(self, value: Value) -> str:
        return "NULL" if value.fresh else "pool"

    def _on_list(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        pool = self._pool(value)
        none = Value(NONE, "None", fresh=True)
        given = [self.held(self.expression(a)) for a in node.args]
        item = item_of(value.kind)
        match which, given:
            case "append", [new]:
                self.line(f"sf_list_append({pool}, {value.text}, {self.boxed(new)})")
                self.refine(base, list_of(new.kind))
            case "pop", []:
                return self.checked(self._sure(item), f"sf_list_pop({pool}, {value.text})")
            case "pop", [at]:
                text = f"sf_list_pop_at({pool}, {value.text}, {self.whole(at, node)})"
                return self.checked(self._sure(item), text)
            case "insert", [at, new]:
                where = self.whole(at, node)
                self.line(f"sf_list_insert({pool}, {value.text}, {where}, {self.boxed(new)})")
                self.refine(base, list_of(new.kind))
            case "extend", [more]:
                return self.extended(value, more, base, node)
            case "reverse", []:
                self.line(f"sf_list_reverse({pool}, {value.text})")
            case "clear", []:
                self.line(f"sf_list_splice({pool}, {value.text}, 0, {END}, [])")
            case "copy", []:
                return self.made(value.kind, f"sf_part({value.text}, 0, {END}, 1)")
            case "sort", []:
                self.line(f"sf_list_sort({pool}, {value.text}, {self.backwards(node)})")
            case _:
                return None
        return none

    def extended(self, value: Value, more: Value, base: ast.expr, node: ast.AST) -> Value:
        """The items of another list or tuple at the end."""
        more = self.some(more)
        if more.kind.name not in {"list", "row", "tuple"}:
            if more.kind == BOTTOM and not self.program.final:
                return Value(NONE, "None", fresh=True)
            raise CannotPrint(f"extends a list by {said(more.kind)}", node)
        pool = self._pool(value)
        self.line(f"sf_list_splice({pool}, {value.text}, {END}, {END}, {self.boxed(more)})")
        self.refine(base, list_of(item_of(more.kind)))
        return Value(NONE, "None", fresh=True)

    def backwards(self, node: ast.Call) -> int:
        """1 for ``reverse=True``."""
        found = 0
        for keyword in node.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg != "reverse" or type(value) is not bool:
                raise CannotPrint("sorts by a key", node)
            found = int(value)
        return found

    def _on_dict(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        items = value.kind.parts[1]
        given = [self.held(self.expression(a)) for a in node.args]
        match which, given:
            case "get", [at] | [at, _]:
                other = given[1] if len(given) > 1 else Value(NONE, "None")
                key = self.key(at, node)
                kind = join(items, other.kind)
                text = f"sf_dict_object_or({value.text}, {key}, {self.boxed(other)})"
                return self.checked(self._sure(kind), text)
            case "setdefault", [at, new]:
                key = self.temp("object")
                self.line(f"{key} = {self.key(at, node)}")
                found = self.temp("bint")
                self.line(f"{found} = sf_dict_has({value.text}, {key})")
                with self.block(f"if not {found}"):
                    pool = self._pool(value)
                    self.line(f"sf_entry_put({pool}, {value.text}, {key}, {self.boxed(new)})")
                self.refine(base, Kind("dict", (at.kind, new.kind)))
                kind = self._sure(join(items, new.kind))
                return self.read(kind, "sf_dict", f"{value.text}, {key}")
            case "pop", [at]:
                self._drops(value, node)
                result = self.read(
                    self._sure(items), "sf_dict", f"{value.text}, {self.key(at, node)}"
                )
                result = self.held(result)
                self.line(f"sf_dict_drop({value.text}, {self.key(at, node)})")
                return result
        return None

    def _drops(self, value: Value, node: ast.AST) -> None:
        if not value.fresh:
            raise CannotPrint("takes an entry out of a dict or set that came in", node)
        self.program.drops_entries = True

    def _on_set(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        given = [self.held(self.expression(a)) for a in node.args]
        match which, given:
            case "add", [new]:
                key = self.key(new, node)
                self.line(f"sf_member_put({self._pool(value)}, {value.text}, {key})")
                self.refine(base, Kind("set", (new.kind,)))
                return Value(NONE, "None", fresh=True)
            case "discard", [old]:
                self._drops(value, node)
                self.line(f"sf_set_drop({value.text}, {self.key(old, node)})")
                return Value(NONE, "None", fresh=True)
            case "remove", [old]:
                self._drops(value, node)
                key = self.key(old, node)
                self.decline(f"not sf_set_has({value.text}, {key})")
                self.line(f"sf_set_drop({value.text}, {key})")
                return Value(NONE, "None", fresh=True)
        return None

    def _on_deque(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        if not value.fresh:
            raise CannotPrint("changes a deque that came in", node)
        given = [self.held(self.expression(a)) for a in node.args]
        match which, given:
            case "append" | "appendleft", [new]:
                self.line(f"(<object>{value.text}).{which}({self.boxed(new)})")
                self.refine(base, Kind("deque", (new.kind,)))
                return Value(NONE, "None", fresh=True)
            case "pop" | "popleft", []:
                return self.checked(
                    self._sure(item_of(value.kind)), f"(<object>{value.text}).{which}()"
                )
        return None

    def refine(self, base: ast.expr, kind: Kind) -> None:
        """What is put into a container tells what its place holds."""
        match base:
            case ast.Name(id=which) if self.spelled(which) in self.known.locals:
                name = self.spelled(which)
                old = self.known.locals[name]
                new = join(old, kind)
                if new != old and new.name == old.name:
                    self.known.locals[name] = new
                    self.program.changed = True
            case ast.Attribute(value=owner, attr=attribute):
                for cls in self.kind_of(owner).cls.split("|"):
                    if cls in self.program.classes:
                        spelled = self.program.classes[cls].spelled(attribute, self.inside)
                        old = self.program.attribute(cls, spelled)
                        if join(old, kind).name == old.name:
                            self.program.set_attribute(cls, spelled, kind)
            case ast.Subscript(value=outer):
                held = self.kind_of(outer)
                if held.name == "list":
                    self.refine(outer, list_of(kind))
                elif held.name == "dict":
                    self.refine(outer, Kind("dict", (held.parts[0], kind)))
            case ast.Call(func=ast.Attribute(value=outer, attr="setdefault")):
                held = self.kind_of(outer)
                if held.name == "dict":
                    self.refine(outer, Kind("dict", (held.parts[0], kind)))

    def kind_of(self, node: ast.expr) -> Kind:
        """What a place is known to hold, without writing anything."""
        match node:
            case ast.Name(id=which):
                return self.known.locals.get(self.spelled(which), BOTTOM).some
            case ast.Attribute(value=owner, attr=attribute):
                found = BOTTOM
                for cls in self.kind_of(owner).cls.split("|"):
                    if cls in self.program.classes:
                        spelled = self.program.classes[cls].spelled(attribute, self.inside)
                        found = join(found, self.program.attribute(cls, spelled))
                return found.some
            case ast.Subscript(value=outer):
                held = self.kind_of(outer)
                if held.name == "list":
                    return held.parts[0].some
                if held.name == "dict":
                    return held.parts[1].some
        return BOTTOM

    # builtins and libraries

    def _math(self, which: str, values: list[Value], node: ast.Call) -> Value:
        if any(v.kind == BOTTOM for v in values) and not self.program.final:
            return Value(BOTTOM, "0")
        values = [self.number(v, node) for v in values]
        whole = all(v.kind.name in {"int", "bool"} for v in values)
        match which, values:
            case ("gcd", [_, _]) | ("isqrt", [_]) if whole:
                return Value(INT, f"sf_{which}({', '.join(v.text for v in values)})")
            case "floor" | "ceil", [one]:
                if whole:
                    return Value(INT, self.whole(one, node))
                return Value(INT, f"sf_{which}({self._sure_double(one, node)})")
            case "atan2" | "pow", [one, two]:
                helper = {"pow": "sf_fpow"}.get(which, "sf_atan2")
                return Value(FLOAT, f"{helper}({self.double(one, node)}, {self.double(two, node)})")
            case "isnan" | "isinf", [one]:
                return Value(BOOL, f"sf_c_{which}({self.double(one, node)})")
            case "fabs", [one]:
                return Value(FLOAT, f"sf_c_fabs({self.double(one, node)})")
            case _, [one] if which in _FLOAT_MATH:
                return Value(FLOAT, f"sf_{which}({self.double(one, node)})")
        raise CannotPrint(f"calls math.{which}, which has no exact compiled form", node)

    def _sure_double(self, value: Value, node: ast.AST) -> str:
        if value.flag:
            return f"sf_need_float({value.text}, {value.flag})"
        return self.double(value, node)

    def _of_library(self, which: str, node: ast.Call) -> Value:
        if which == "collections.deque" and not node.keywords and len(node.args) <= 1:
            given = [self.some(self.expression(a)) for a in node.args]
            for value in given:
                if value.kind.name not in {"list", "row", "tuple", "nothing"}:
                    raise CannotPrint(f"makes a deque of {said(value.kind)}", node)
            item = item_of(given[0].kind) if given else BOTTOM
            inner = self.boxed(given[0]) if given else ""
            return self.made(Kind("deque", (item,)), f"sf_new_deque(({inner}))")
        if which.startswith("heapq.") and not node.keywords and node.args:
            return self._heap(which.partition(".")[2], node)
        raise CannotPrint(f"calls {which}, which has no exact compiled form", node)

    def _heap(self, which: str, node: ast.Call) -> Value:
        heap, *given = [self.held(self.some(self.expression(a))) for a in node.args]
        if heap.kind == BOTTOM and not self.program.final:
            return heap
        if heap.kind.name != "list":
            raise CannotPrint(f"takes {said(heap.kind)} for a heap", node)
        pool, item = self._pool(heap), self._sure(item_of(heap.kind))
        match which, given:
            case "heappush", [new]:
                self.line(f"sf_heap_push({pool}, {heap.text}, {self.boxed(new)})")
                self.refine(node.args[0], list_of(new.kind))
            case "heappop", []:
                return self.checked(item, f"sf_heap_pop({pool}, {heap.text})")
            case "heapify", []:
                self.line(f"sf_heapify({pool}, {heap.text})")
            case "heappushpop" | "heapreplace", [new]:
                self.refine(node.args[0], list_of(new.kind))
                last = int(which == "heapreplace")
                text = f"sf_heap_pushpop({pool}, {heap.text}, {self.boxed(new)}, {last})"
                return self.checked(join(item, new.kind), text)
            case _:
                raise CannotPrint(f"calls heapq.{which}", node)
        return Value(NONE, "None", fresh=True)

    def _builtin(self, which: str, node: ast.Call) -> Value:
        if which in {"sum", "any", "all", "min", "max", "list", "tuple", "set", "sorted", "dict"}:
            return self.gathered(which, node)
        if node.keywords:
            raise CannotPrint(f"calls {which}, which has no exact compiled form", node)
        if which == "range":
            return self.ranged(node.args, node)
        if which == "isinstance" and len(node.args) == 2:
            return self._isinstance(node)
        values = [self.some(self.expression(a)) for a in node.args]
        if any(v.kind == BOTTOM for v in values) and not self.program.final:
            return Value(BOTTOM, "0")
        if len(values) == 1:
            found = self._of_one(which, values[0], node)
            if found is not None:
                return found
        match which, values:
            case "pow", [one, two]:
                return self.operated(ast.Pow(), one, two, node)
            case "pow", [one, two, three]:
                text = ", ".join(self.whole(v, node) for v in (one, two, three))
                return Value(INT, f"sf_powmod({text})")
            case "divmod", [one, two]:
                one, two = self.held(one), self.held(two)
                parts = [self.operated(op, one, two, node) for op in (ast.FloorDiv(), ast.Mod())]
                return Value(tuple_of(*(p.kind for p in parts)), "", items=tuple(parts), fresh=True)
            case "round", [one, two] if one.kind == FLOAT and two.kind == INT:
                return self.checked(FLOAT, f"round({self.boxed(one)}, {self.boxed(two)})")
        raise CannotPrint(
            f"calls {which} on {', '.join(said(v.kind) for v in values) or 'nothing'}", node
        )

    def _of_one(self, which: str, value: Value, node: ast.Call) -> Value | None:
        kind = value.kind
        number = kind.name in NUMBERS
        match which:
            case "len" if kind.name == "instance":
                return self.special(value, "__len__", [], node)
            case "len":
                return Value(INT, self.length(value, node))
            case "bool":
                return Value(BOOL, self.truth_of(value, node))
            case "abs" if kind.name in {"int", "bool"}:
                return Value(INT, f"sf_abs({self.whole(value, node)})")
            case "abs" if kind == FLOAT:
                return Value(FLOAT, f"sf_c_fabs({value.text})")
            case "abs" if kind == WIDE:
                return self.held(Value(WIDE, f"sf_c_fabs({value.text})", value.flag))
            case "int" if kind.name in {"int", "bool"}:
                return Value(INT, self.whole(value, node))
            case "int" if number:
                return Value(INT, f"sf_trunc({value.text})")
            case "float" if number:
                return Value(FLOAT, self.double(value, node))
            case "int" | "float" if kind == STR:
                return self.checked(INT if which == "int" else FLOAT, f"{which}({value.text})")
            case "round" if kind == INT:
                return value
            case "round" if number and kind != BOOL:
                return Value(INT, f"sf_round({self._sure_double(value, node)})")
            case "ord" if kind == STR:
                return Value(INT, f"sf_ord_of({value.text})")
            case "chr" if kind == INT:
                return self.checked(STR, f"chr({value.text})")
            case "bytearray" | "bytes" if kind.name in {"int", "list", "row", "bytes", "bytearray"}:
                return self.made(Kind(which), f"{which}({self.boxed(value)})")
            case "str" if kind in (INT, FLOAT, BOOL, STR):
                return self.checked(STR, f"str({self.boxed(value)})")
        return None

    def _isinstance(self, node: ast.Call) -> Value:
        value = self.expression(node.args[0])
        match node.args[1]:
            case ast.Name(id=cls) if cls in self.program.classes and value.kind.name == "instance":
                return self._is_a(value, cls)
            case ast.Name(id="int" | "float" as word) if self.program.names.builtin(word):
                if value.kind.name in {"int", "float"} and not value.kind.none:
                    self.program.used_builtins.add(word)
                    return Value(BOOL, str(value.kind.name == word))
        if value.kind == BOTTOM and not self.program.final:
            return Value(BOOL, "False")
        raise CannotPrint("asks for a class that is not known", node)

    def _is_a(self, value: Value, wanted: str) -> Value:
        """``isinstance(value, wanted)`` of one that may be None."""
        value = self.held(value)

        def one(held: Value, cls: str) -> Value:
            self.line(f"sf_there({held.text}, &sf_k_{cls})")
            while cls and cls != wanted:
                cls = self.program.classes[cls].base
            return Value(BOOL, "True" if cls else "False")

        return self.either(
            [lambda: Value(BOOL, "False"), lambda: self.by_class(value, one)],
            [f"{value.text} is None"],
        )
