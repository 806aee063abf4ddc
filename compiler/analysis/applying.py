"""What a call does: known functions by their entries, the tree's functions by their summaries."""

import ast

from selfsame.compiler.analysis.frame import Applied, Given, Summary
from selfsame.compiler.analysis.known import Known
from selfsame.compiler.analysis.known_functions import GETTER
from selfsame.compiler.analysis.known_methods import (
    DRAWS,
    METHODS,
    NUMBERS,
)
from selfsame.compiler.analysis.methods import Methods
from selfsame.compiler.analysis.passing import PLAIN_TYPES, Arguments, as_iterated, half
from selfsame.compiler.analysis.program import ClassInfo, Module
from selfsame.compiler.analysis.static import known_entry
from selfsame.compiler.analysis.values import (
    ANY,
    ARGUMENTS_CLASS,
    BOTTOM,
    IMPORTED,
    NOTHING,
    Ref,
    Root,
    Value,
    join,
    ordered,
    within,
)
from selfsame.compiler.identity import Definition
from selfsame.runtime.agent.shared import GENERATOR

BY_ANY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "vars"})
_MADE_ANEW = ("dict", "frozenset", "int", "list", "set", "str", "tuple")
_BUILTIN_TYPES = frozenset(METHODS) | PLAIN_TYPES | {"function", "type", "module"}


class Calls(Methods):
    """The part of the analysis that follows calls."""

    def call(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """The result of calling ``callee``; effects are noted at ``node``."""
        results = [self.run(node, ref, given, shown) for ref in ordered(callee.refs)]
        if not callee.is_code:
            results.append(self.call_unknown(node, callee, given, shown))
        return join(results) if results else BOTTOM

    def call_unknown(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """A call of something that is not, or not only, known code."""
        getters = sorted(t for t in callee.types or () if t.startswith(GETTER))
        if getters:
            return join([self.got(node, getter, given) for getter in getters])
        if callee.types == frozenset({"namedtuple type"}):
            return self.new(node, "namedtuple", *given.all())
        if not callee.own:
            return BOTTOM  # a number, a text, None: the call raises
        if callee.types is not None and callee.types <= self.names.program.classes.keys():
            return self.method(node, callee, "__call__", given, shown)
        self.meet(callee)
        if self.world is not None:
            return self.call_met(node, callee, given, shown)
        reached = self.mixed(given.all())
        passed = sorted(r for r in callee.own if r[0] in ("param", "in"))
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
        if getter != GETTER:
            self.any_of_modules(node, part)
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
            if ref[0] in ("closure", "partial"):
                text = (
                    f"calls `{shown}`, which may be a function that holds more than its code says"
                )
                self.problem(node, "unknown", text)
                continue
            if ref[0] in ("module", "memory file", "maker"):  # not to be called: see `of_modules`
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
        if (draw := _drawn(dotted)) is not None:
            self.reads.add(GENERATOR)
            receiver = Value(frozenset({("global", ".".join(GENERATOR))}), frozenset({NUMBERS}))
            return self.apply_known(node, draw, receiver, given, name)
        attributes = BOTTOM
        if name in BY_ANY_NAME and given.positional:
            attributes = self.any_attribute(node, name, given)
        replaced = self.names.program.is_replaced(dotted)
        if entry is None or replaced:
            why = "which the program replaces" if replaced else "whose effects are not known"
            self.problem(node, "unknown", f"calls `{name}`, {why}")
            for value in given.all():
                self.let_go(node, value)
            return self.mixed(given.all())
        # `str.join(sep, parts)`: a method taken from its class has its receiver in front.
        if any(where < 0 for where in entry.mutates) and given.positional:
            receiver, rest = given.split()
            return self.apply_known(node, entry, receiver, rest, name)
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
            found = [("class", t) for t in self.names.classes_met()]
            found += [("known", f"builtins.{name}") for name in _MADE_ANEW]
            return Value(frozenset({ARGUMENTS_CLASS}), frozenset({"type"}), frozenset(found))
        own = frozenset({ARGUMENTS_CLASS}) if not exact else NOTHING
        return Value(own, frozenset({"type"}) if exact else None, frozenset(found))

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
        for method in self.in_classes(inside, "__del__"):  # with the call, or later, or never
            self.apply_method(node, method, made, Arguments(), f"{shown}.__del__")
        for method in self.in_classes(inside, "_missing_"):  # of an enumeration
            self.apply_method(node, method, made, given, f"{shown}._missing_")
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
        """A call of a function of the tree, by its summary.

        The same call has the same effects for as long as all that it looks up is the same.
        """
        summary = self.lookup(address)
        # What is being followed already counts.
        key = (id(node), address, shown, kind, given.key, tuple(self.passing))
        before = self.applied.get(key)
        if before is not None and all(map(self.holds, before.reads)):
            self.worked(before.work)
            self.problems |= before.problems
            self.mutations |= before.mutations
            self.calls_arguments |= before.calls_arguments
            self.lost += before.lost
            self.reading += before.reads
            return before.result
        definition = self.names.program.definition(address)
        module = self.names.program.of(address)
        if definition is None or module is None or isinstance(definition.node, ast.ClassDef):
            return self.call_unknown(node, ANY, given, shown)
        outer = self.begin()
        self.reading.append(self.calls(address, summary))
        work = self.work
        try:
            result = self.apply_summary(node, definition, module, summary, given, shown, kind)
            if not self.looked_around:
                self.applied[key] = Applied(
                    tuple(dict.fromkeys(self.reading)),
                    self.work - work,
                    result,
                    frozenset(self.problems),
                    frozenset(self.mutations),
                    frozenset(self.calls_arguments),
                    tuple(self.lost),
                )
        finally:
            self.end(outer)
        return result

    def apply_summary(
        self,
        node: ast.AST,
        definition: Definition,
        module: Module,
        summary: Summary,
        given: Arguments,
        shown: str,
        kind: str,
    ) -> Value:
        """The effects of a call and its result, in this function's terms."""
        address = definition.address
        assert not isinstance(definition.node, ast.ClassDef)
        self.callees.add(address)
        self.reads |= summary.reads
        self.raises = self.raises or summary.raises
        bound = self.bind(definition.node.args, given, module, definition.parent)
        for _ in range(2 if summary.calls_arguments else 0):
            before, learnt = dict(bound), self.learnt
            for root, passed in summary.calls_in_order:
                self.call_passed(node, address, root, passed, bound, shown)
            if bound == before and self.learnt == learnt:
                break  # else what one call gives, another may get
        substitute = self.substitution(bound)
        self.take_problems(node, summary, address, shown, kind == "cached")
        self.looked_around = self.looked_around or bool(summary.rebinds)
        for name, rebound in sorted(summary.rebinds, key=_name):
            value = self.received(node, rebound, bound, substitute)
            if name in self.env:
                self.env[name] = join([self.env[name], value])
            else:
                self.rebound.setdefault(name, []).append(value)
        if summary.lost:
            self.lost.append(Value(substitute(summary.lost)))
        for root, sure in summary.changes_in_order:
            self.mutate(node, Value(substitute(frozenset({root}))), f"calls `{shown}`", sure)
        made = BOTTOM
        if any(other == ("new", "") for _, _, other in summary.links):
            made = self.received(node, Given(BOTTOM, summary.made, True), bound, substitute)
            self.hold(made.own, made)
        for link in summary.links_in_order:
            holder, where, other = link
            value = made if other == ("new", "") else half(other, bound, substitute)
            code = self.code_in([other], bound)
            value = Value(value.own, value.types, value.refs | code) if code else value
            self.hold(substitute(frozenset({(holder[0], str(holder[1]))})), value, where)
        result = self.received(node, summary.returns, bound, substitute)
        if kind == "cached":
            shared = ("global", f"the cache of {_last(address)}")
            if result.types is None or not result.types <= PLAIN_TYPES:
                self.meets.add(IMPORTED)
            return Value(result.own | {shared}, result.types, result.refs)
        if kind == "manager":
            return Value(result.own, frozenset({"manager"}))
        return result

    def take_problems(
        self, node: ast.AST, summary: Summary, address: str, shown: str, cached: bool = False
    ) -> None:
        """A callee's problems are the caller's, but for those that are its own only.

        What one prints whose answers are kept depends on who called it before.
        """
        for outgoing, level in summary.levels:
            compared = outgoing and not cached
            self.problem(node, level, f"calls `{shown}`", via=address, outgoing=compared)

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
            held = self.reached(self.parts(actual, as_iterated(field.removesuffix(".*"))))
            actual = Value(frozenset(r for r in own if r[0] != "new"), None, held.refs)
            if not actual.own:
                actual = Value(NOTHING, frozenset({"function"}), held.refs)
        refs = self.moved(passed.refs, substitute) | self.code_in(passed.own, bound)
        arguments = Value(substitute(passed.own), None, refs)
        given = Arguments([arguments], {}, True, named=[arguments])
        if any(
            at == (address, root) and within(actual, earlier) and within(arguments, passed_on)
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


def _drawn(dotted: str) -> Known | None:
    """The method of the shared generator that a function of ``random`` is; None of any other."""
    module, _, name = dotted.rpartition(".")
    entry = DRAWS.get(name) if module == GENERATOR[0] and name[:1] != "_" else None
    return None if entry is None or entry.outside else entry


_MOST_PASSING = 6  # functions that call what they are given, one inside the other


def _name(rebound: tuple[str, Given]) -> str:
    return rebound[0]


def _last(address: str) -> str:
    return address.rsplit(":", 1)[-1]
