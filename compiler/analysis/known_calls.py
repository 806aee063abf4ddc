"""A call of code that is not of the tree, by its entry in the tables of what is known."""

import ast
from dataclasses import replace

from selfsame.compiler.analysis.frame import PLACE, SEED, Mutation
from selfsame.compiler.analysis.known import HASHES, ORDERS, SHOWS, Known
from selfsame.compiler.analysis.known_methods import EFFECT, METHODS
from selfsame.compiler.analysis.passing import PLAIN_TYPES, Arguments, Passing
from selfsame.compiler.analysis.replayed import OutsideCall, outside_call
from selfsame.compiler.analysis.values import (
    ANY,
    BOTTOM,
    DATA,
    Value,
    holders,
    join,
    of_type,
    ordered,
)

DEEP = frozenset({*HASHES, *ORDERS, *SHOWS, "__bool__", "__len__"})
_REDIRECTS = frozenset({"file", "source"})  # print's, which may be any object, and warn's
_STREAMS = frozenset({("known", "sys.stdout"), ("known", "sys.stderr")})
_LISTENING = ("emit", "handle", "filter", "format", "formatMessage", "formatException")
_SEEDS = frozenset({"int", "float", "str", "bytes", "bool"})
_SEEDING = ("__abs__", "__hash__", "__index__", "encode")
_WITH_ATTRIBUTES = ("def", "class", "module", "closure")  # what can be given attributes of its own


def _to_people(given: Arguments) -> bool:
    """Whether a line goes where lines go, or to a stream that is named: ``print(x, file=sys.stderr)``."""
    others = [value for name, value in given.keywords.items() if name in _REDIRECTS]
    if not given.written or given.named:
        return False
    return all(value.is_code and value.refs <= _STREAMS for value in others)


def _unseeded(given: Arguments) -> bool:
    """Whether there is no first argument, or it is None in any case."""
    seed = given.at(0)
    none = seed is not None and seed.types == frozenset({"NoneType"})
    return not given.all() or (none and not given.spread)


def _seeded(given: Arguments) -> bool:
    """Whether the first argument is a number or a text: None is a seed from the system."""
    seed = given.at(0)
    types = seed.types if seed is not None and not given.spread else None
    return bool(types) and types is not None and types <= _SEEDS


class KnownCalls(Passing):
    """The part of the analysis that calls known functions and methods."""

    def call(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """The result of calling ``callee``."""
        raise NotImplementedError

    def special(self, node: ast.AST, name: str, value: Value, *others: Value) -> Value:
        """A special method that may run on ``value``."""
        raise NotImplementedError

    def apply_known(
        self, node: ast.AST, entry: Known, receiver: Value | None, given: Arguments, shown: str
    ) -> Value:
        """A call of known code by its entry."""
        if entry.outgoing and _to_people(given):
            return self.send(node, entry, given, shown)
        if entry.outside:
            call = self.replayable(node, entry.replayed)
            told = f"calls `{shown}`, which {entry.outside}"
            level = "reaches out" if entry.outside == EFFECT and not call else "no"
            self.problem(node, level, told, replayed=call)
            if call:
                return of_type(entry.type)
            if shown != "print":
                self.lost += given.all()
            return ANY
        if entry.seeds and not _seeded(given):
            if _unseeded(given):
                told = f"calls `{shown}` without a seed, which draws random numbers"
                self.problem(node, "no", told)
                return ANY
            self.mutate(node, Value(frozenset({SEED})), f"calls `{shown}`", sure=False)
            entry = replace(entry, runs=_SEEDING)
        everything = given.all() if receiver is None else [receiver, *given.all()]
        if entry.placed and any(self.is_placed(value, entry.placed) for value in given.all()):
            line = getattr(node, "lineno", self.definition.line)
            self.mutations.add(Mutation(PLACE, line, f"calls `{shown}`", False))
        handed: list[Value] = []  # what called arguments give
        for where in entry.calls:
            if shown == "iter" and len(given.positional) < 2 and not given.spread:
                continue  # only `iter(f, sentinel)` calls
            for callback in given.options(where):
                result = self.call_back(node, callback, everything, shown)
                # A sort's keys go nowhere; those of groups are given out.
                handed += [result] if where != "key" or shown.endswith("groupby") else []
        for name in entry.runs:
            for value in everything:
                given_by = self.special(node, name, value, *everything)
                if name == "__iter__":
                    given_by = self.parts(given_by, "{}")
                handed += [given_by] if name not in DEEP else []
        for where in entry.mutates:
            changing = given.options(where) if where >= 0 else [receiver] if receiver else []
            for changed in changing:
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
        if entry.result == "second" and len(given.positional) == 2 and not given.spread:
            return given.positional[1]
        if entry.result == "second":
            return self.mixed(everything)
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
                self.carry(root, everything)
        if shown.endswith("__new__"):  # an instance of a class that it was given
            found = {r for value in everything for r in value.refs if r[0] == "class"}
            for class_ in ordered(found):
                self.hold(made.own, self.names.of_instances(str(class_[1]), "*"))
        if entry.result not in ("copy", "flat") and entry.type not in ("dict", "Counter"):
            self.hold(made.own, made)  # rows of them
        return made

    def is_placed(self, value: Value, methods: tuple[str, ...]) -> bool:
        """Whether a value is, by its type, one that is told by its place unless it has one of ``methods``."""
        if methods == ("id",):
            return True
        for type_ in value.types or ():
            inside, outside = (
                self.names.mro(type_) if type_ in self.names.program.classes else ([], [])
            )
            if type_ in ("object", "function") or (
                inside
                and not set(outside) - {"object"}
                and not any(name in info.methods for info in inside for name in methods)
                and not any(self.names.is_dataclass(info) for info in inside)
            ):
                return True
        return False

    def replayable(self, node: ast.AST, dotted: str) -> tuple[OutsideCall, ...]:
        """A call of an outside function as one that can be replayed; nothing where it cannot."""
        inside = self.module.bound_in(self.definition)
        own = inside.local | inside.params

        def is_global(name: str) -> bool:
            return self.enclosing(name) is None

        return outside_call(node, dotted, self.definition.node, own, is_global)

    def enclosing(self, name: str) -> Value | None:
        """A name of a function around this one."""
        raise NotImplementedError

    def send(self, node: ast.AST, entry: Known, given: Arguments, shown: str) -> Value:
        """A call that shows its arguments to people: prints, logs or warns."""
        told = f"calls `{shown}`, which {entry.outside}"
        listening = self.listening()
        self.problem(node, "no", told + listening, outgoing=not listening)
        everything = given.all()
        for where in entry.calls:
            for callback in given.options(where):
                self.call_back(node, callback, everything, shown)
        before, self.mutations = self.mutations, set()
        for name in entry.runs:
            for value in everything:
                self.special(node, name, value, *everything)
        if self.mutations and shown != "print":  # a trial takes what is logged as it is
            self.problem(
                node, "no", f"calls `{shown}`, and showing what it is given changes something"
            )
        self.mutations |= before
        if shown != "print":
            self.lost += everything  # a record of it may be kept
        return of_type(entry.type)

    def listening(self) -> str:
        """Which code of the tree is told what is shown to people, and may change what others read."""
        program = self.names.program
        if program.stored_attributes & {"stdout", "stderr"} and program.methods.get("write"):
            return ", maybe to a stream of the program's own"
        if program.stored_attributes & {"showwarning", "_showwarnmsg"}:
            return ", and warnings are shown by the program itself"
        for info, bases in self.names.told_by_logging():
            if "?logging.Logger" in bases:
                return f", and `{info.address}` may do the logging"
            of_self = not any(base.endswith("Handler") for base in bases)  # else nobody can read it
            for name in _LISTENING:
                for address in info.methods.get(name, ()):
                    changed = {m.root[0] for m in self.lookup(address).mutations}
                    if "global" in changed or (of_self and changed & {"param", "in"}):
                        return f", and `{address}` may be told and changes something"
        return ""

    def made_anew(self, node: ast.AST) -> Value:
        """New objects of any class: of what others have they hold only what is their class's."""
        made = self.new(node, "")
        self.hold(made.own, made)
        for name in sorted(self.names.class_data):
            self.hold(made.own, self.of_classes(DATA, name), name)
        return made

    def put(self, changed: Value, puts: str, given: Arguments) -> None:
        """What a known function puts into an object that it changes."""
        into = holders(changed)
        for index, value in enumerate(given.all() if puts != "none" else ()):
            if puts in ("all", "pairs") or given.spread:
                parts = self.parts(value)
                self.hold(into, value)
                self.hold(into, parts)
                if puts == "pairs":
                    self.hold(into, self.parts(parts))
            else:
                self.hold(into, value, "{}" if puts == "entry" and index == 0 else "[]")

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
            self.carry(root, [mapping])
        return made

    def store_on_code(self, node: ast.AST, owner: Value) -> None:
        """An attribute of ``owner`` is set: it may be a function or class that came in."""
        met = self.world is not None and any(ref[0] in _WITH_ATTRIBUTES for ref in self.world.code)
        if met and owner.types is None and any(root[0] != "new" for root in owner.own):
            self.problem(node, "unknown", "may set an attribute of a function, class or module")

    def call_back(self, node: ast.AST, callback: Value, others: list[Value], shown: str) -> Value:
        """Known code calls an argument with parts of the others; gives what that returns."""
        types = callback.types
        if types is not None and (types <= PLAIN_TYPES or types <= set(METHODS)):
            return BOTTOM
        part = self.mixed(others)
        given = Arguments([part], {}, True)
        # A place of its own: what the argument makes is not what the call makes.
        inner = self.called_back.setdefault(id(node), ast.copy_location(ast.Pass(), node))
        return self.call(inner, callback, given, f"{shown}(... callback ...)")

    def of_classes(self, owner: Value, name: str) -> Value:
        """The data under ``name`` of the classes of the tree that a value may be an instance of."""
        if owner.types is None:
            return self.names.of_any(name)
        types = set(owner.types & set(self.names.program.classes))
        types |= {c.address for t in sorted(types) for c in self.names.subclasses(t)}
        return join(self.names.of_instances(t, name) for t in sorted(types))
