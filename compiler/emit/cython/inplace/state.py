"""What is known of the functions and classes that are compiled together, from round to round."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from selfsame.compiler.emit.cython.declining import LOOPS
from selfsame.compiler.emit.cython.inplace.error_classes import ErrorFacts
from selfsame.compiler.emit.cython.inplace.homes import Home, simple
from selfsame.compiler.emit.cython.inplace.kinds import ANY, BOTTOM, CLOSURE, NONE, Kind, join
from selfsame.compiler.emit.cython.inplace.linking import Linked
from selfsame.compiler.emit.cython.inplace.owning import Owning
from selfsame.compiler.emit.cython.refusal import CannotPrint

MOST_FUNCTIONS = 100
MOST_DECLINED = 4
_ERROR = "BaseException"  # no class of the tree is called like that


@dataclass(frozen=True, slots=True)
class Value:
    """An expression in C that has no effect: ``text``, of a ``kind``.

    ``flag``: of a wide one, the C variable that says whether Python has an int; of a range, whose text
    is its length, its start and step with a blank between them. ``items``: of a tuple
    that was not made yet; with a ``text`` it is a constant. ``fresh``: made in the call, so that what is done to it is not noted.
    """

    kind: Kind
    text: str
    flag: str = ""
    items: tuple["Value", ...] | None = None
    fresh: bool = False

    @property
    def unshared(self) -> bool:
        """Whether nothing that is done to it has to be noted."""
        return self.fresh or not self.kind.boxed or self.kind in (BOTTOM, NONE)


MADE = Value(ANY, "", fresh=True)
"""What is about to be made."""


@dataclass
class Closure:
    """A function that the call makes: ``node`` takes what it reads of the enclosing function last.

    ``captured``: the types of that. ``inside``: the class whose text it stands in.
    """

    number: int
    node: ast.FunctionDef
    home: Home
    inside: str
    captured: list[Kind]

    @property
    def name(self) -> str:
        """How a type names it."""
        return f"{CLOSURE}{self.number}"

    @property
    def sentinel(self) -> str:
        """The object in the unit that tells it from others."""
        return f"sf_l_{self.number}"


@dataclass
class Known:
    """One function: its types as far as they are known, and its text.

    ``home``: its module. ``inside``: the class whose text it stands in. ``unsure``: locals that some way leaves unbound. ``shared``: locals that may hold what was not made in the call;
    ``fresh`` (by parameter) and ``fresh_result``: what never does.
    """

    name: str
    node: ast.FunctionDef
    home: Home
    parameters: list[Kind]
    inside: str = ""
    locals: dict[str, Kind] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    fresh: list[bool] = field(default_factory=list)
    result: Kind = BOTTOM
    fresh_result: bool = True
    calls: set[str] = field(default_factory=set)
    loops: bool = False
    lines: list[str] = field(default_factory=list)

    def filled(self) -> list[Kind]:
        """What is known of the parameters within the function, in order."""
        taken = self.node.args
        names = [a.arg for a in taken.posonlyargs + taken.args + taken.kwonlyargs]
        return [self.locals.get(name, BOTTOM) for name in names]


class Program:
    """All of a unit: functions by name, the types of attributes, and what the unit relies on.

    ``declined``: the first lines of branches that are left to the original. ``hopeless``: functions without
    a compiled form, and why. ``catches``: whether something that is raised is caught; ``looks``: and looked at; ``caught``: the builtin classes. ``inits``: the functions that are
    an exception's ``__init__``. ``kinds_live``: of what functions store to globals. ``seen``: the types of attributes by a class's own name. ``observed``: whether calls were seen, so that what has no one type had several.
    """

    def __init__(
        self,
        linked: Linked,
        seen: Mapping[tuple[str, str], Kind],
        optimize: int,
        observed: bool,
    ) -> None:
        self.linked = linked
        self.classes = linked.classes
        self.observed = observed
        self.optimize = optimize
        self._seen = seen
        self._met: set[str] = set()
        self.attributes: dict[tuple[str, str], Kind] = {}
        self.owning = Owning(self.attributes)
        self.functions: dict[str, Known] = {}
        self.changed = False
        self.final = False
        self.catches = False
        self.used_builtins: set[str] = set()
        self.used_math: set[str] = set()
        self.brought: set[tuple[str, str]] = set()
        self.compared: set[str] = set()
        self.compared_with: set[str] = set()
        self.closures: dict[object, Closure] = {}
        self.first = ""
        self.makers: dict[str, tuple[ast.Lambda, str]] = {}
        self.called_math: set[str] = set()
        self.called_itertools: set[str] = set()
        self.patterns: dict[str, int] = {}
        self.outside: dict[str, tuple[Home, str]] = {}
        self.literals: dict[str, str] = {}
        self.tables: dict[str, Kind] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        self.named_called: set[tuple[str, str]] = set()
        self.named_own: set[tuple[str, str]] = set()
        self.named_defaults: dict[str, tuple[int | float | str | bool | None, ...]] = {}
        self.lists: set[str] = set()
        self.enums: set[str] = set()
        self.errors: set[str] = set()
        self.inits: dict[str, ErrorFacts] = {}
        self.looks = False
        self.caught: set[str] = set()
        self.uses_live = False
        self.kinds_live: dict[str, Kind] = {}
        self.shared: dict[tuple[str, str], ast.FunctionDef] = {}
        self.members: set[tuple[str, str]] = set()
        self.used_classes: set[str] = set()
        self.places: set[tuple[str, str]] = set()
        self.methods: set[tuple[str, str]] = set()
        self.declined: set[tuple[Home, int]] = set()
        self.hopeless: dict[str, CannotPrint] = {}

    def may_decline(self, known: Known, body: list[ast.stmt], other: list[ast.stmt]) -> bool:
        """Whether a branch can be left to the original: not one that loops, nor the last of an if.

        Of one function a few can be.
        """
        home, node = known.home, known.node
        loops = any(isinstance(n, LOOPS) for s in body for n in ast.walk(s))
        gone = len(other) == 1 and isinstance(other[0], ast.Raise)
        if loops or gone or any((home, s.lineno) in self.declined for s in other[:1]):
            return False
        self.declined.add((home, body[0].lineno))
        last = node.end_lineno or node.lineno
        own = [at for where, at in self.declined if where is home and node.lineno <= at <= last]
        return len(own) <= MOST_DECLINED

    def seed(self) -> None:
        """What was seen of the classes that are met for the first time."""
        for cls in list(self.classes):
            if cls not in self._met:
                self._met.add(cls)
                self.changed = True
                for (name, attribute), kind in self._seen.items():
                    if name == simple(cls):
                        old = self.attributes.get((cls, attribute), BOTTOM)
                        self.attributes[cls, attribute] = join(old, kind)

    def function(
        self,
        name: str,
        node: ast.FunctionDef,
        values: Sequence[Value],
        inside: str = "",
        home: Home | None = None,
    ) -> Known:
        """The function under a name, with the types of this call's arguments joined in.

        ``home``: its module, for what is no method; ``inside`` tells it of one.
        """
        kinds, fresh = [v.kind for v in values], [v.unshared for v in values]
        known = self.functions.get(name)
        if name in self.hopeless:
            raise self.hopeless[name]
        if known is None:
            if len(self.functions) >= MOST_FUNCTIONS:
                raise CannotPrint("calls too many functions", node)
            home = home or self.linked.home_of[inside]
            node = self.linked.lifted(home, node)
            known = self.functions[name] = Known(name, node, home, kinds, inside, fresh=fresh)
            self.changed = True
        joined = [join(a, b) for a, b in zip(known.parameters, kinds, strict=True)]
        if joined != known.parameters:
            known.parameters = joined
            self.changed = True
        both = [a and b for a, b in zip(known.fresh, fresh, strict=True)]
        if both != known.fresh:
            known.fresh = both
            self.changed = True
        return known

    def attribute(self, cls: str, attribute: str) -> Kind:
        """The type of an attribute of a class's instances."""
        self.used_classes.add(cls)
        self.places.add((cls, attribute))
        return self.attributes.get((cls, attribute), BOTTOM)

    def use_function(self, which: str) -> None:
        """Have a function of the tree come in with each call, for what is compared with it."""
        target = self.linked.functions[which]
        self.compared.add(which)
        self.tables[which] = ANY
        self.outside[which] = target.home, target.name

    def closure(
        self, key: object, node: ast.FunctionDef, home: Home, inside: str, values: Sequence[Value]
    ) -> Closure:
        """The function that is made at ``key``, with the types of what it has of this call joined in."""
        if key not in self.closures:
            nothing = [BOTTOM for _ in values]
            self.closures[key] = Closure(len(self.closures), node, home, inside, nothing)
        made = self.closures[key]
        joined = [join(a, b.kind) for a, b in zip(made.captured, values, strict=True)]
        if joined != made.captured:
            made.captured = joined
            self.changed = True
        return made

    def use_named(self, cls: str) -> None:
        """Have the class of a named tuple come in with each call, and be looked at."""
        self.tables[cls] = ANY
        self.outside[cls] = self.linked.named_of[cls]
        self.named[cls] = self.linked.named[cls]

    def use_list(self, cls: str) -> None:
        """Have a class of lists come in with each call, and be looked at."""
        self.tables[cls] = ANY
        self.outside[cls] = self.linked.list_of[cls]
        self.lists.add(cls)

    def use_enum(self, cls: str) -> None:
        """Have an enumeration come in with each call, and be looked at."""
        self.tables[cls] = ANY
        self.outside[cls] = self.linked.enum_of[cls]
        self.enums.add(cls)

    def use_error(self, cls: str) -> ErrorFacts:
        """Have an exception's class come in with each call, and be looked at, with those it derives from."""
        facts = self.linked.errors[cls]
        assert facts is not None
        if cls not in self.errors:
            self.tables[cls] = ANY
            self.outside[cls] = self.linked.error_of[cls]
            self.errors.add(cls)
            for name, value in facts.constants.items():
                self.set_in_error(name, self.linked.kind_of(self.linked.error_of[cls][0], value))
        if facts.own:
            self.use_error(facts.base)
        return facts

    def in_error(self, attribute: str) -> Kind:
        """The type of what exceptions of the tree have by a name."""
        return self.attributes.get((_ERROR, attribute), BOTTOM)

    def set_in_error(self, attribute: str, kind: Kind) -> None:
        """Join what is stored into that type."""
        old = self.in_error(attribute)
        new = join(old, kind)
        if new != old:
            self.attributes[_ERROR, attribute] = new
            self.changed = True

    def set_live(self, name: str, kind: Kind) -> None:
        """Join what a function stores to a global into the type of that."""
        old = self.kinds_live.get(name, BOTTOM)
        new = join(old, kind)
        if new != old:
            self.kinds_live[name] = new
            self.changed = True

    def field(self, cls: str, number: int) -> Kind:
        """The type of a field of a named tuple, as it is given and was seen."""
        seen = self._seen.get((simple(cls), str(number)), BOTTOM)
        return join(self.attributes.get((cls, str(number)), BOTTOM), seen)

    def set_field(self, cls: str, number: int, kind: Kind) -> None:
        """Join what a named tuple is made of into the type of its field."""
        old = self.field(cls, number)
        new = join(old, kind)
        if new != old:
            self.attributes[cls, str(number)] = new
            self.changed = True

    def set_attribute(self, cls: str, attribute: str, kind: Kind) -> Kind:
        """Join what is stored into the type of the attribute, and return that."""
        old = self.attribute(cls, attribute)
        new = join(old, kind)
        if new != old:
            self.attributes[cls, attribute] = new
            self.changed = True
        return new
