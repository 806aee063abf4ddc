"""What a call does: known functions by their entries, the tree's functions by their summaries."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from selfsame.compiler.analysis.frame import Frame, Given, Summary
from selfsame.compiler.analysis.known import HASHES, ORDERS, SHOWS, Known
from selfsame.compiler.analysis.known_functions import GETTER
from selfsame.compiler.analysis.known_methods import (
    BY_NAME,
    METHODS,
    OUTSIDE_NAMES,
    known_method,
    known_methods,
)
from selfsame.compiler.analysis.program import ClassInfo, Module
from selfsame.compiler.analysis.static import known_entry, type_of_literal
from selfsame.compiler.analysis.values import (
    ANY,
    ANYTHING,
    ARGUMENTS_CLASS,
    BOTTOM,
    DATA,
    NOTHING,
    Ref,
    Root,
    Value,
    code,
    join,
    lean,
    of_type,
)

_PLAIN_TYPES = frozenset(
    ["int", "float", "complex", "bool", "str", "bytes", "NoneType", "range", "ellipsis"]
)
BY_ANY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "vars"})
_MADE_ANEW = ("dict", "frozenset", "int", "list", "set", "str", "tuple")
_BUILTIN_TYPES = frozenset(METHODS) | _PLAIN_TYPES | {"function", "type", "module"}


@dataclass(slots=True)
class Arguments:
    """The arguments of one call; ``spread``: some came with ``*`` or ``**``."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    spread: bool = False
    receivers: int = 0  # how many come first whatever is spread

    def all(self) -> list[Value]:
        """Every argument."""
        return [*self.positional, *self.keywords.values()]

    def at(self, where: int | str) -> Value | None:
        """The argument at a position or under a keyword, if it was given."""
        if isinstance(where, str):
            return self.keywords.get(where)
        return self.positional[where] if where < len(self.positional) else None

    def after(self, receiver: Value) -> "Arguments":
        """With a receiver in front."""
        positional = [receiver, *self.positional]
        return Arguments(positional, self.keywords, self.spread, self.receivers + 1)


class Calls(Frame):
    """The part of the analysis that follows calls."""

    def call(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """The result of calling ``callee``; effects are noted at ``node``."""
        results = [self.run(node, ref, given, shown) for ref in callee.refs]
        if not callee.is_code:
            results.append(self.call_unknown(node, callee, given, shown))
        return join(results) if results else BOTTOM

    def call_unknown(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """A call of something that is not, or not only, known code."""
        getters = sorted(t for t in callee.types or () if t.startswith(GETTER))
        if getters:
            return join([self.got(node, getter, given) for getter in getters])
        if not callee.own:
            return BOTTOM  # a number, a text, None: the call raises
        if callee.types is not None and callee.types <= set(self.names.program.classes):
            return self.method(node, callee, "__call__", given, shown)
        self.meet(callee)
        if self.world is not None:
            return self.call_met(node, callee, given, shown)
        reached = self.mixed(given.all())
        passed = [r for r in callee.own if r[0] in ("param", "in")]
        if passed and all(r[0] in ("param", "in", "new") for r in callee.own):
            # Who calls this function knows what it passes, and follows the call then.
            self.calls_arguments.update((root, self.outside(reached)) for root in passed)
            direct = all(kind == "param" for kind, _ in passed)
            base = passed[0][1].partition(".")[0]
            where = "an argument" if direct else f"reached from argument `{base}`"
            self.lost.append(reached)
            self.problem(node, "unknown", f"calls `{shown}`, {where}", own_only=True)
        else:
            if not any(ref[0] == "known" for ref in callee.refs):
                self.problem(node, "unknown", f"calls `{shown}`, which is not known")
            self.let_go(node, reached)
        return Value(reached.own | callee.own, None, reached.refs)

    def got(self, node: ast.AST, getter: str, given: Arguments) -> Value:
        """What ``operator.itemgetter`` or ``attrgetter`` takes from its arguments."""
        part = self.mixed(given.all())
        for name in ("__getitem__", "__missing__", "__getattr__", "__getattribute__"):
            self.special(node, name, part)
        attributes = set(getter.removeprefix(f"{GETTER} of ").replace(".", " ").split())
        if "*" in attributes:
            attributes = set(self.names.program.properties) | self.names.class_data
        found = [part]
        for name in sorted(attributes if getter != GETTER else ()):
            found.append(self.of_classes(Value(), name))
            if self.names.descriptors(name) and any(d for d in self.names.descriptors(name)):
                self.problem(node, "unknown", f"reads `{name}`, which may run code of its class")
            for _ in range(2):  # the second name of `a.b` is read of what the first gave
                for info in self.names.properties(name):
                    for address in info.methods.get(name, ()):
                        no_more = Arguments([], {}, True)
                        found.append(
                            self.apply_method(node, address, self.mixed(found), no_more, name)
                        )
        return self.mixed(found)

    def call_met(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """A call of a value of unknown type in a closed world: what may be called in it is known."""
        assert self.world is not None
        passed = [r for r in callee.own if r[0] in ("param", "in")]
        reached = self.mixed(given.all())
        # What was made and passed on the way from the outermost call is known to the caller alone.
        self.calls_arguments.update((root, self.outside(reached)) for root in passed)
        self.lost.append(reached)
        receiver = Value(callee.own)
        results = []
        for ref in sorted(self.world.code):
            if ref[0] == "method":
                results.append(self.method(node, receiver, ref[1], given, shown))
                continue
            results.append(self.run(node, ref, given, shown))
            if ref[0] == "def" and self.names.program.is_method(ref[1]):  # it may be bound
                results.append(self.run(node, ref, given.after(receiver), shown))
        for _, address in self.names.methods("__call__"):
            results.append(self.apply_method(node, address, receiver, given, shown))
        data = {("global", f"{module}.{name}") for module, name in self.reads}
        if any(r[0] not in ("param", "in", "new") for r in callee.own - data):
            if not any(ref[0] == "known" for ref in callee.refs):
                self.problem(node, "unknown", f"calls `{shown}`, which is not known")
            self.let_go(node, reached)
        return Value(
            reached.own | callee.own | frozenset().union(*(r.own for r in results)),
            None,
            reached.refs.union(*(r.refs for r in results)),
        )

    def let_go(self, node: ast.AST, value: Value) -> None:
        """Unknown code gets hold of ``value`` and may change it."""
        reached = self.reached(value)
        self.lost.append(Value(reached.own))
        self.mutate(node, Value(reached.own), "passes it to unknown code", sure=False)

    def mixed(self, values: Iterable[Value]) -> Value:
        """Anything that is reached from any of ``values``."""
        reached = [self.reached(v) for v in values]
        return Value(
            frozenset().union(*(r.own for r in reached)),
            None,
            frozenset().union(*(r.refs for r in reached)),
        )

    # --- one callee --------------------------------------------------------------------------

    def run(self, node: ast.AST, ref: Ref, given: Arguments, shown: str) -> Value:
        """The result of calling one piece of code."""
        kind, target = ref[0], ref[1]
        receiver = ref[2] if len(ref) == 3 else BOTTOM
        if kind in ("def", "cached", "manager"):
            return self.apply(node, target, given, shown, kind)
        if kind == "bound":
            return self.apply(node, target, given.after(receiver), shown, "def")
        if kind == "virtual":
            return self.method(node, receiver, target, given, shown)
        if kind == "super":
            return self.super_call(node, target, receiver, given, shown)
        if kind == "class":
            return self.construct(node, target, given, shown)
        if kind == "known":
            return self.apply_known_name(node, target, given, shown)
        self.problem(node, "unknown", f"calls `{shown}`, which is a module")
        return ANY

    def apply_known_name(self, node: ast.AST, dotted: str, given: Arguments, shown: str) -> Value:
        """A call of a function that is not of the tree, by its dotted name."""
        entry = known_entry(dotted)
        name = dotted.removeprefix("builtins.")
        if name == "type" and len(given.positional) == 1:
            return self.type_of(given.positional[0])
        attributes = BOTTOM
        if name in BY_ANY_NAME and given.positional:
            attributes = self.any_attribute(node, name, given)
        if entry is None:
            self.problem(node, "unknown", f"calls `{name}`, whose effects are not known")
            for value in given.all():
                self.let_go(node, value)
            return self.mixed(given.all())
        # `str.join(sep, parts)`: a method taken from its class has its receiver in front.
        if any(where < 0 for where in entry.mutates) and given.positional:
            rest = Arguments(given.positional[1:], given.keywords, given.spread)
            return self.apply_known(node, entry, given.positional[0], rest, name)
        result = self.apply_known(node, entry, None, given, name)
        if not attributes.own and not attributes.refs:
            return result
        return Value(result.own | attributes.own, None, result.refs | attributes.refs)

    def any_attribute(self, node: ast.AST, function: str, given: Arguments) -> Value:
        """``getattr(x, name)`` and its like with a name that is not known, or ``vars(x)``."""
        raise NotImplementedError

    def type_of(self, value: Value) -> Value:
        """``type(x)``: the classes of the tree that it may be, and its data as a class's."""
        found = [("class", t) for t in value.types or () if t in self.names.program.classes]
        exact = value.types is not None and len(found) == len(value.types)
        if self.world is not None and value.types is None:
            self.meet(value)
            found = [("class", t) for t in sorted(self.names.met or ())]
            found += [("known", f"builtins.{name}") for name in _MADE_ANEW]
            return Value(frozenset({ARGUMENTS_CLASS}), frozenset({"type"}), frozenset(found))
        own = frozenset({ARGUMENTS_CLASS}) if not exact else NOTHING
        return Value(own, frozenset({"type"}) if exact else None, frozenset(found))

    def apply_known(
        self, node: ast.AST, entry: Known, receiver: Value | None, given: Arguments, shown: str
    ) -> Value:
        """A call of known code by its entry."""
        if entry.outside:
            self.problem(node, "no", f"calls `{shown}`, which {entry.outside}")
            if shown != "print":
                self.lost += given.all()
            return ANY
        everything = given.all() if receiver is None else [receiver, *given.all()]
        handed: list[Value] = []  # what called arguments give
        for where in entry.calls:
            callback = given.at(where)
            if shown == "iter" and len(given.positional) < 2:
                continue  # only `iter(f, sentinel)` calls
            if callback is not None:
                result = self.call_back(node, callback, everything, shown)
                # A sort's keys go nowhere; those of groups are given out.
                handed += [result] if where != "key" or shown.endswith("groupby") else []
        for name in entry.runs:
            for value in everything:
                given_by = self.special(node, name, value, *everything)
                if name == "__iter__":
                    given_by = self.parts(given_by, "{}")
                handed += [given_by] if name not in _DEEP else []
        for where in entry.mutates:
            changed = receiver if where < 0 else given.at(where)
            if changed is not None:
                self.mutate(node, changed, f"calls `{shown}`")
                if shown in ("setattr", "delattr"):
                    self.store_on_code(node, changed)
                self.put(changed, entry.puts, given)
        if entry.result == "anew":
            return Value(self.made_anew(node).own)
        if entry.result == "data":
            return of_type(entry.type) if entry.type else DATA
        if entry.result == "element" or (entry.result == "entry" and receiver is None):
            return self.mixed([self.parts(v) for v in everything] + given.all() + handed)
        if entry.result == "first":
            objects = [v for v in handed if v.own or v.refs]
            return join([everything[0] if everything else ANY, *objects])
        if receiver is not None and entry.result in ("entry", "values", "pairs"):
            return self.of_mapping(node, entry.result, receiver, given)
        contents = [self.parts(value) for value in everything]
        if entry.result == "flat":
            contents = [self.parts(part) for part in contents]
        if entry.result == "fresh":
            contents += everything
        if entry.type in ("dict", "Counter"):  # from pairs, or with keywords
            contents += [self.parts(part) for part in contents] + list(given.keywords.values())
        contents += handed
        made = self.new(node, entry.type, *contents)
        if entry.type == "iterator":
            for root in made.own:
                self.carries[root] = everything
        if shown.endswith("__new__"):  # an instance of a class that it was given
            for class_ in {r for value in everything for r in value.refs if r[0] == "class"}:
                self.hold(made.own, self.names.of_instances(str(class_[1]), "*"))
        if entry.result not in ("copy", "flat") and entry.type not in ("dict", "Counter"):
            self.hold(made.own, made)  # rows of them
        return made

    def made_anew(self, node: ast.AST) -> Value:
        """New objects of any class: of what others have they hold only what is their class's."""
        made = self.new(node, "")
        self.hold(made.own, made)
        for name in sorted(self.names.class_data):
            self.hold(made.own, self.of_classes(DATA, name), name)
        return made

    def put(self, changed: Value, puts: str, given: Arguments) -> None:
        """What a known function puts into an object that it changes."""
        for index, value in enumerate(given.all()):
            if puts in ("all", "pairs") or given.spread:
                parts = self.parts(value)
                self.hold(changed.own, value)
                self.hold(changed.own, parts)
                if puts == "pairs":
                    self.hold(changed.own, self.parts(parts))
            else:
                self.hold(changed.own, value, "{}" if puts == "entry" and index == 0 else "[]")

    def of_mapping(self, node: ast.AST, result: str, mapping: Value, given: Arguments) -> Value:
        """What a method of a dict gives: one of its values or the default, all values, or pairs."""
        values = self.parts(mapping, "[]")
        if result == "entry":
            default = given.all() if given.spread else given.all()[1:]
            return join([Value(values.own, None, values.refs), *default])
        made = self.new(node, "iterator", part="of the mapping")
        if result == "pairs":
            pair = self.new(node, "tuple", part="a pair of it")
            self.hold(pair.own, self.parts(mapping, "{}*"), "[0]")
            self.hold(pair.own, values, "[1]")
            values = pair
        self.hold(made.own, values, "[]")
        for root in made.own:
            self.carries[root] = [mapping]
        return made

    def store_on_code(self, node: ast.AST, owner: Value) -> None:
        """An attribute of ``owner`` is set: it may be a function or class that came in."""
        met = self.world is not None and any(ref[0] in _WITH_ATTRIBUTES for ref in self.world.code)
        if met and owner.types is None and any(root[0] != "new" for root in owner.own):
            self.problem(node, "unknown", "may set an attribute of a function or class")

    def call_back(self, node: ast.AST, callback: Value, others: list[Value], shown: str) -> Value:
        """Known code calls an argument with parts of the others; gives what that returns."""
        types = callback.types
        if types is not None and (types <= _PLAIN_TYPES or types <= set(METHODS)):
            return BOTTOM
        part = self.mixed(others)
        given = Arguments([part], {}, True)
        # A place of its own: what the argument makes is not what the call makes.
        inner = self.called_back.setdefault(id(node), ast.copy_location(ast.Pass(), node))
        return self.call(inner, callback, given, f"{shown}(... callback ...)")

    # --- methods -----------------------------------------------------------------------------

    def method(
        self, node: ast.AST, receiver: Value, name: str, given: Arguments, shown: str
    ) -> Value:
        """The result of ``receiver.name(...)``."""
        if receiver.types is None:
            return self.unknown_method(node, receiver, name, given, shown)
        results = []
        for type_ in sorted(receiver.types - {"NoneType"}):
            narrowed = Value(receiver.own, frozenset({type_}))
            if type_ in self.names.program.classes:
                results.append(self.tree_method(node, narrowed, type_, name, given, shown))
                continue
            entry = known_method(type_, name)
            if entry is not None:
                results.append(self.apply_known(node, entry, narrowed, given, name))
            elif type_ in METHODS and name not in BY_NAME:
                results.append(BOTTOM)  # AttributeError
            elif type_ in _PLAIN_TYPES and name.startswith("__"):
                results.append(BOTTOM)
            elif type_ not in METHODS or name.startswith("__"):
                self.problem(node, "unknown", f"calls method `{name}` of a {type_}")
                self.lost += [receiver, *given.all()]
                results.append(self.mixed([receiver, *given.all()]))
        return join(results) if results else BOTTOM

    def tree_method(
        self, node: ast.AST, receiver: Value, class_: str, name: str, given: Arguments, shown: str
    ) -> Value:
        """A method of an instance of a class of the tree, or of one that inherits from it."""
        results = self.call_of_class(node, receiver, name, given, shown)
        inside, outside = self.names.mro(class_)
        found = self.in_classes(inside, name)
        overriding = [
            a for info in self.names.subclasses(class_) for a in info.methods.get(name, ())
        ]
        for address in dict.fromkeys([*found, *overriding]):
            results.append(self.apply_method(node, address, receiver, given, shown))
        if not found:
            entries = [e for e in (known_method(b, name) for b in outside) if e is not None]
            stored = name in self.names.program.stored_attributes
            if entries and not stored:
                results += [self.apply_known(node, e, receiver, given, name) for e in entries]
            elif name.startswith("__") and name.endswith("__") and "?" not in str(outside):
                entry = known_method("object", name)
                if entry is not None:
                    results.append(self.apply_known(node, entry, receiver, given, name))
            elif not results or stored:
                held = self.parts(receiver, name)
                results.append(self.call_unknown(node, held, given, shown))
        return join(results) if results else BOTTOM

    def of_classes(self, owner: Value, name: str) -> Value:
        """The data under ``name`` of the classes of the tree that a value may be an instance of."""
        if owner.types is None:
            return self.names.of_any(name)
        types = set(owner.types & set(self.names.program.classes))
        types |= {c.address for t in types for c in self.names.subclasses(t)}
        return join(self.names.of_instances(t, name) for t in sorted(types))

    def call_of_class(
        self, node: ast.AST, receiver: Value, name: str, given: Arguments, shown: str
    ) -> list[Value]:
        """The results of ``receiver.name(...)`` where that may be data of a class: ``show = print``."""
        if name not in self.names.class_data:
            return []
        common = self.of_classes(receiver, name)
        callee = Value(common.own, common.types, common.refs)
        return [self.call(node, callee, given, shown)] if callee.own or callee.refs else []

    def in_classes(self, classes: Iterable[ClassInfo], name: str) -> list[str]:
        """The definitions of a method in the first class of the order that has it."""
        for info in classes:
            if name in info.methods:
                return info.methods[name]
        return []

    def apply_method(
        self, node: ast.AST, address: str, receiver: Value, given: Arguments, shown: str
    ) -> Value:
        """A method found by name: how it was decorated says what comes first."""
        definition = self.names.program.definition(address)
        decorators = getattr(definition.node, "decorator_list", []) if definition else []
        kinds = {d.id for d in decorators if isinstance(d, ast.Name)}
        value = self.names.function(address)
        if not value.is_code:
            self.problem(node, "unknown", f"calls `{shown}`, whose decorator is not known")
            self.lost += [receiver, *given.all()]
            return self.mixed([receiver, *given.all()])
        if "classmethod" in kinds:
            class_ = address.rsplit(".", 1)[0]
            given = given.after(code(("class", class_)))
        elif "staticmethod" not in kinds:
            given = given.after(receiver)
        return join([self.run(node, ref, given, shown) for ref in value.refs])

    def unknown_method(
        self, node: ast.AST, receiver: Value, name: str, given: Arguments, shown: str
    ) -> Value:
        """A method of a value of any type: every builtin and every class of the tree counts."""
        program, closed = self.names.program, self.world is not None
        if name in OUTSIDE_NAMES:  # what library functions gave may be a handle of the system's
            closed = closed and all(root[0] in ("param", "in") for root in receiver.own)
        self.meet(receiver)
        results = self.call_of_class(node, receiver, name, given, shown)
        entries = BY_NAME.get(name, []) if closed else known_methods(name, len(given.positional))
        candidates = self.names.methods(name) if closed or entries or name not in _OUTSIDE else ()
        for entry in dict.fromkeys(entries):
            results.append(self.apply_known(node, entry, receiver, given, name))
        for _, address in candidates:
            results.append(self.apply_method(node, address, receiver, given, shown))
        stored = name in program.stored_attributes and name not in BY_NAME
        if stored or not (entries or candidates):
            held = self.parts(receiver, name)
            if stored or closed:  # no type that is met has it: what is called was stored there
                results.append(self.call_unknown(node, held, given, shown))
            else:
                text = f"calls method `{name}` of a value whose type is not known"
                self.problem(node, "unknown", text)
                for value in [receiver, *given.all()]:
                    self.let_go(node, value)
                results.append(self.mixed([receiver, *given.all()]))
        return join(results)

    def special(self, node: ast.AST, name: str, value: Value, *others: Value) -> Value:
        """A special method that may run on ``value``; those of ``_DEEP`` on what it holds, too.

        Gives what the tree's own methods of that name return.
        """
        program = self.names.program
        types = value.types
        if types is None:
            self.meet(value)
        methods = self.names.methods(name)
        if not methods:
            return BOTTOM
        if types is not None and types <= _PLAIN_TYPES:
            return BOTTOM
        found = []
        for info, address in methods:
            if types is not None and types <= set(program.classes):
                family = {c.address for t in types for c in self.names.mro(t)[0]} | {
                    c.address for t in types for c in self.names.subclasses(t)
                }
                if info.address not in family:
                    continue
            part = self.mixed([value]) if name in _DEEP else value
            given = Arguments(list(others), {}, True)
            found.append(self.apply_method(node, address, part, given, name))
        return join(found)

    def super_call(
        self, node: ast.AST, class_: str, receiver: Value, given: Arguments, shown: str
    ) -> Value:
        """``super().name(...)``: ``class_`` is ``address/name``."""
        address, _, name = class_.rpartition("/")
        inside, outside = self.names.mro(address)
        found = self.in_classes(inside[1:], name)
        results = [self.apply_method(node, a, receiver, given, shown) for a in found]
        if not found:
            entries = [e for e in (known_method(b, name) for b in outside or ["object"]) if e]
            for entry in entries:
                results.append(self.apply_known(node, entry, receiver, given, name))
            if not entries:
                self.problem(node, "unknown", f"calls `super().{name}`, which is not known")
                self.lost += [receiver, *given.all()]
                results.append(self.mixed([receiver, *given.all()]))
        return join(results)

    # --- functions and classes of the tree ----------------------------------------------------

    def construct(self, node: ast.AST, address: str, given: Arguments, shown: str) -> Value:
        """A new instance of a class of the tree."""
        inside, outside = self.names.mro(address)
        self.meets.add(address)
        made = self.new(node, address)
        for base in outside:
            if base.startswith("?"):
                text = f"makes a `{shown}`, of whose `{base[1:]}` nothing is known"
                self.problem(node, "unknown", text)
        init = self.in_classes(inside, "__init__")
        new = self.in_classes(inside, "__new__")
        for method in (*init, *new):
            called = f"{shown}.{method.rsplit('.', 1)[-1]}"
            result = self.apply_method(node, method, made, given, called)
            if method in new:  # it may give an instance that others have
                others = frozenset(r for r in result.own if r[0] != "new")
                made = Value(made.own | others, made.types)
        if not init:
            for value in given.all():
                self.hold(made.own, value)
            if any(base != "object" for base in outside):  # a container of what it is given
                self.hold(made.own, self.mixed(given.all()))
            for post in self.in_classes(inside, "__post_init__"):
                self.apply_method(node, post, made, Arguments(), f"{shown}.__post_init__")
            for info in inside:
                if self.names.is_dataclass(info):
                    self.factories(node, info, shown)
        return made

    def factories(self, node: ast.AST, info: ClassInfo, shown: str) -> None:
        """The ``default_factory`` calls that a dataclass's ``__init__`` makes."""
        for value in info.data.values():
            if isinstance(value, ast.Call):
                for keyword in value.keywords:
                    if keyword.arg == "default_factory":
                        factory = self.names.expression(info.module, keyword.value)
                        self.call(node, factory, Arguments(), f"{shown}'s default_factory")

    def apply(self, node: ast.AST, address: str, given: Arguments, shown: str, kind: str) -> Value:
        """A call of a function of the tree, by its summary."""
        definition = self.names.program.definition(address)
        module = self.names.program.of(address)
        if definition is None or module is None or isinstance(definition.node, ast.ClassDef):
            return self.call_unknown(node, ANY, given, shown)
        summary = self.lookup(address)
        self.callees.add(address)
        self.reads |= summary.reads
        self.raises = self.raises or summary.raises
        bound = self.bind(definition.node.args, given, module)
        for _ in range(2 if summary.calls_arguments else 0):  # what one call gives, another may get
            for root, passed in sorted(summary.calls_arguments, key=repr):
                self.call_passed(node, address, root, passed, bound, shown)
        substitute = self.substitution(bound)
        self.take_problems(node, summary, address, shown)
        for name, rebound in summary.rebinds:
            value = self.received(node, rebound, substitute)
            if name in self.env:
                self.env[name] = join([self.env[name], value])
            else:
                self.rebound.setdefault(name, []).append(value)
        if summary.lost:
            self.lost.append(Value(substitute(summary.lost)))
        for mutation in summary.mutations:
            own = substitute(frozenset({mutation.root}))
            self.mutate(node, Value(own), f"calls `{shown}`", mutation.sure)
        made = BOTTOM
        if any(other == ("new", "") for _, _, other in summary.links):
            made = self.received(node, Given(BOTTOM, summary.made, True), substitute)
            self.hold(made.own, made)
        for link in sorted(summary.links, key=repr):
            holder, where, other = link
            value = made if other == ("new", "") else _half(other, bound, substitute)
            self.hold(substitute(frozenset({(holder[0], str(holder[1]))})), value, where)
        result = self.received(node, summary.returns, substitute)
        if kind == "cached":
            shared = ("global", f"the cache of {_last(address)}")
            if result.types is None or not result.types <= _PLAIN_TYPES:
                self.meets.add(ANYTHING)  # what other callers made it keep
            return Value(result.own | {shared}, result.types, result.refs)
        if kind == "manager":
            return Value(result.own, frozenset({"manager"}))
        return result

    def received(
        self,
        node: ast.AST,
        given: Given,
        substitute: Callable[[frozenset[Root]], frozenset[Root]],
    ) -> Value:
        """What a callee hands out, in this function's terms."""
        known = given.known
        result = Value(substitute(known.own), known.types, self.moved(known.refs, substitute))
        if given.fresh:
            inside = given.inside
            held = Value(substitute(inside.own), None, self.moved(inside.refs, substitute))
            made = self.new(node, "", held, part="of the callee")
            result = Value(result.own | made.own, result.types, result.refs)
        return result

    def take_problems(self, node: ast.AST, summary: Summary, address: str, shown: str) -> None:
        """A callee's problems are the caller's, but for those that are its own only."""
        levels = {p.level for p in summary.problems if not p.own_only}
        if levels:
            level = "no" if "no" in levels else "unknown"
            self.problem(node, level, f"calls `{shown}`", via=address)

    def call_passed(
        self,
        node: ast.AST,
        address: str,
        root: Root,
        passed: Value,
        bound: dict[str, Value],
        shown: str,
    ) -> None:
        """A function of the tree calls what it was given, or something reached from that.

        Whatever comes out of that call is then taken to be the argument, or held by it.
        """
        kind, path = root
        name, _, field = path.partition(".")
        actual = bound.get(name, BOTTOM)
        substitute = self.substitution(bound)
        if kind == "in":
            own = substitute(frozenset({root}))
            held = self.reached(self.parts(actual, _iterated(field.removesuffix(".*"))))
            actual = Value(frozenset(r for r in own if r[0] != "new"), None, held.refs)
            if not actual.own:
                actual = Value(NOTHING, frozenset({"function"}), held.refs)
        arguments = Value(substitute(passed.own), None, self.moved(passed.refs, substitute))
        given = Arguments([arguments], {}, True)
        if any(
            at == (address, root) and _within(actual, earlier) and _within(arguments, passed_on)
            for at, earlier, passed_on in self.passing
        ):
            return  # it is being followed already, with no less in it
        if len(self.passing) >= _MOST_PASSING:
            self.problem(
                node, "unknown", f"calls `{shown}`, which calls what it is given, and so on"
            )
            self.let_go(node, arguments)
            result = Value(arguments.own | actual.own, None, arguments.refs)
        else:
            self.passing.append(((address, root), actual, arguments))
            result = self.call(node, actual, given, f"{shown}({name}=...)")
            self.passing.pop()
        if kind == "in":
            self.hold(bound.get(name, BOTTOM).own, result, field)
        elif name in bound:
            before = bound[name]
            bound[name] = Value(before.own | result.own, before.types, before.refs | result.refs)

    def bind(self, parameters: ast.arguments, given: Arguments, module: Module) -> dict[str, Value]:
        """Parameter -> what is passed for it, defaults included."""
        bound: dict[str, Value] = {}
        for passed in given.all():
            self.meet(passed)
        plain = parameters.posonlyargs + parameters.args
        anything = self.mixed(given.all()[given.receivers :]) if given.spread else BOTTOM
        for index, parameter in enumerate(plain):
            options = []
            if index < len(given.positional):
                options.append(given.positional[index])
            if parameter.arg in given.keywords:
                options.append(given.keywords[parameter.arg])
            default = index - (len(plain) - len(parameters.defaults))
            if default >= 0 and (not options or (given.spread and index >= given.receivers)):
                options.append(self.default(parameters.defaults[default], module))
            if index >= given.receivers:
                options.append(anything)
            bound[parameter.arg] = join(options)
        for parameter, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            found = given.keywords.get(parameter.arg)
            default_value = self.default(value, module) if value is not None else BOTTOM
            bound[parameter.arg] = join([found if found is not None else default_value, anything])
        for extra in (parameters.vararg, parameters.kwarg):
            if extra is not None:
                rest = self.mixed(given.all())
                bound[extra.arg] = Value(rest.own, None, rest.refs)
        return bound

    def default(self, node: ast.expr, module: Module) -> Value:
        """A default value: one object for all calls."""
        value = self.names.expression(module, node)
        if value.is_code or type_of_literal(node) in _PLAIN_TYPES or isinstance(node, ast.Constant):
            return value
        if not (isinstance(node, ast.Tuple) and not node.elts):
            self.meets.add(ANYTHING)  # what earlier calls put there
        return Value(frozenset({("global", f"{module.name}.a default value")}), value.types)

    def substitution(self, bound: dict[str, Value]) -> Callable[[frozenset[Root]], frozenset[Root]]:
        """From a callee's roots to this function's."""

        kept: dict[frozenset[Root], frozenset[Root]] = {}

        def substitute(roots: frozenset[Root]) -> frozenset[Root]:
            """The objects that the callee's ``roots`` are here."""
            if roots in kept:
                return kept[roots]
            own: set[Root] = set()
            for root in roots:
                kind, name = root
                if kind == "param":
                    own |= bound.get(name, BOTTOM).own
                elif kind == "in":
                    base, _, field = name.partition(".")
                    own |= self.reached_by(bound.get(base, BOTTOM), field)
                elif kind == "free" and name in self.env:
                    own |= self.env[name].own
                elif kind == "in-free" and name.partition(".")[0] in self.env:
                    base, _, field = name.partition(".")
                    own |= self.reached_by(self.env[base], field)
                else:
                    own.add(root)
            result = kept[roots] = lean(own)
            return result

        return substitute

    def reached_by(self, value: Value, path: str) -> frozenset[Root]:
        """The objects at ``lines``, or all reached from there (``lines.*``), or from anywhere (``*``)."""
        if path == "*":
            return self.reached(self.parts(value)).own
        if path.endswith(".*"):
            first = self.parts(value, _iterated(path.removesuffix(".*")))
            return self.reached(self.parts(first)).own
        return self.parts(value, _iterated(path)).own

    def moved(
        self, refs: frozenset[Ref], substitute: Callable[[frozenset[Root]], frozenset[Root]]
    ) -> frozenset[Ref]:
        """Refs with the roots of their receivers in this function's terms."""
        return frozenset(
            (r[0], r[1], Value(substitute(r[2].own), r[2].types)) if len(r) == 3 else r
            for r in refs
        )


def _iterated(path: str) -> str:
    """An argument's items are what subscripts and iterations of it gave."""
    return "{}" if path == "[]" else path


def _half(
    other: Root | Ref,
    bound: dict[str, Value],
    substitute: Callable[[frozenset[Root]], frozenset[Root]],
) -> Value:
    if other[0] == "param":
        return bound.get(str(other[1]), BOTTOM)
    if len(other) == 2 and other[0] in ("in", "free", "in-free", "global", "class", "unknown"):
        return Value(substitute(frozenset({(other[0], other[1])})))
    return Value(NOTHING, None, frozenset({other}))


def _within(value: Value, other: Value) -> bool:
    types = other.types is None or (value.types is not None and value.types <= other.types)
    return types and value.own <= other.own and value.refs <= other.refs


_MOST_PASSING = 6  # functions that call what they are given, one inside the other
_DEEP = frozenset({*HASHES, *ORDERS, *SHOWS, "__bool__", "__len__"})


def _last(address: str) -> str:
    return address.rsplit(":", 1)[-1]


_WITH_ATTRIBUTES = ("def", "class")  # what can be given attributes of its own
_OUTSIDE = frozenset(
    [
        "write",
        "writelines",
        "read",
        "readline",
        "readlines",
        "recv",
        "send",
        "sendall",
        "flush",
        "close",
        "commit",
        "execute",
    ]
)
