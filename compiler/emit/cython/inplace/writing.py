"""The text of one function as it grows: lines, temporaries, locals, and reads that are checked."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from selfsame.compiler.emit.cython.inplace.class_facts import shown
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    ERROR,
    INT,
    NONE,
    NUMBERS,
    RANGE,
    UNBOXED,
    UNSIGNED,
    WIDE,
    Kind,
    c_type,
    is_closure,
    join,
)
from selfsame.compiler.emit.cython.inplace.owning import ITEMS, Place
from selfsame.compiler.emit.cython.inplace.state import MADE, Known, Program, Value
from selfsame.compiler.emit.cython.refusal import CannotPrint

_TYPES = {name: name for name in ("list", "dict", "set", "frozenset", "tuple")} | {"row": "tuple"}
_TYPES |= {"str": "str", "bytes": "bytes", "bytearray": "bytearray"}


class Writing:
    """Writes statements of Cython; ``bound``: the locals that have a value on every way to here."""

    def __init__(self, program: Program, known: Known) -> None:
        self.program = program
        self.known = known
        self.inside = known.inside
        self.home = known.home
        self.lines: list[str] = []
        self.depth = 1
        self.temps: dict[str, str] = {}
        self.bound: set[str] = set()
        self.scopes: list[dict[str, str]] = []
        self.count = 0
        self.gone_over: ast.expr | None = None  # what a loop goes over, and nothing else sees

    # text

    def line(self, text: str) -> None:
        """A line at the depth where we are."""
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """``head:`` with what is written inside; names bound there are not bound behind it."""
        self.line(f"{head}:")
        self.depth += 1
        before, at = set(self.bound), len(self.lines)
        yield
        if len(self.lines) == at:
            self.line("pass")
        self.depth -= 1
        self.bound = before

    def temp(self, kind: str) -> str:
        """A new C variable."""
        name = f"t{len(self.temps) + 1}"
        self.temps[name] = kind
        return name

    def decline(self, test: str) -> None:
        """Leave the call to the original where the test holds."""
        with self.block(f"if {test}"):
            self.line("sf_deopt()")

    # values

    def held(self, value: Value) -> Value:
        """The value in a variable that nothing else stores to."""
        if value.items is not None and value.text:
            return value
        if value.items is not None:
            return Value(
                value.kind, "", items=tuple(map(self.held, value.items)), fresh=value.fresh
            )
        if value.kind in (BOTTOM, NONE):
            return value
        if value.kind.name == "wide" and not value.kind.none:
            name, flag = self.temp("double"), self.temp("int")
            self.line(f"{name} = {value.text}")
            self.line(f"{flag} = {value.flag}")
            return Value(value.kind, name, flag)
        if value.kind == RANGE:
            names = [self.temp("long long") for _ in range(3)]
            for name, text in zip(names, [value.text, *value.flag.split()], strict=True):
                self.line(f"{name} = {text}")
            return Value(RANGE, names[0], " ".join(names[1:]))
        name = self.temp(c_type(value.kind))
        self.line(f"{name} = {value.text}")
        return Value(value.kind, name, fresh=value.fresh)

    def made(self, kind: Kind, text: str, fresh: bool = True) -> Value:
        """What an effect gives, in a variable."""
        return self.held(Value(kind, text, fresh=fresh))

    def boxed(self, value: Value, owner: Value | None = None, place: Place = ITEMS) -> str:
        """The Python object, which ``owner`` is to hold at a place; without one, anything may hold it."""
        if value.kind.name == "iterator" and self.program.final:
            # It may ask things of its items that Python's own would not.
            raise CannotPrint("hands on an iterator")
        if is_closure(value.kind) and self.program.final:
            raise CannotPrint("keeps a function that it makes")
        # An owner that is not fresh on all ways here may be on this one.
        self.program.owning.keep(value.kind, value.fresh, place)
        if owner is None or not owner.fresh:
            self.program.owning.let_out(value.kind)
        return self.bare(value)

    def bare(self, value: Value) -> str:
        """The Python object, which nothing is to hold but variables."""
        kind = value.kind
        if value.items is not None and value.text:
            return f"(<object>{value.text})"
        if value.items is not None:
            inner = "".join(f"{self.boxed(v, MADE)}, " for v in value.items)
            return f"({inner})"
        if kind == RANGE:
            if self.program.final:
                raise CannotPrint("hands on a range")
            return "None"
        if kind == ERROR:
            raise CannotPrint("hands on an exception")
        if kind.none:
            return value.text
        if kind.name == "wide":
            return f"sf_box_wide({value.text}, {value.flag})"
        if kind.name == "bool":
            return f"(True if {value.text} else False)"
        if kind in (NONE, BOTTOM):
            return "None"
        if kind.name == "float":
            if _is_literal(value.text):
                return f"(<object>(<double>{value.text}))"
            return f"sf_box_float({value.text})"
        if kind.name == "int":
            return f"(<object>(<long long>{value.text}))"
        return value.text

    def read(self, kind: Kind, helper: str, arguments: str, own: bool = False) -> Value:
        """What a helper family (``sf_get``) reads, checked to be of the kind; ``own``: made in the call."""
        if kind.name in UNBOXED and not kind.none and kind != UNSIGNED:
            return self.made(kind, f"{helper}_{kind.name}({arguments})", fresh=False)
        return self.checked(kind, f"{helper}_object({arguments})", own)

    def owns(self, owner: Value, place: Place = ITEMS) -> bool:
        """Whether what an object holds at a place was made in the call."""
        return owner.fresh and self.program.owning.owns(place)

    def checked(self, kind: Kind, text: str, own: bool = False) -> Value:
        """An object that was read, of the kind or declined; it is only claimed to be an instance."""
        if kind == BOTTOM and not self.program.final:
            return Value(BOTTOM, "0")
        kind = ANY if kind == BOTTOM else kind
        held = self.temp("object")
        self.line(f"{held} = {text}")
        return self.narrowed(kind, held, own)

    def narrowed(self, kind: Kind, held: str, own: bool = False) -> Value:
        """The object in the variable ``held``, as ``checked`` has it."""
        if kind.name in UNBOXED and not kind.none:
            return self.made(kind, f"sf_exact_{kind.name}({held})", fresh=False)
        if kind.name == "wide" and not kind.none:
            name, flag = self.temp("double"), self.temp("int")
            self.line(f"{name} = sf_wide({held}, &{flag})")
            return Value(WIDE, name, flag)
        wrong = self._unlike(kind, held)
        if wrong:
            self.decline(f"{held} is not None and ({wrong})" if kind.none else wrong)
        if not own:
            self.program.owning.comes_in(kind)
        return Value(kind, held, fresh=own)

    def _unlike(self, kind: Kind, held: str) -> str:
        """The test that an object is not of a kind, None left out; empty where it is only claimed to be."""
        what = _TYPES.get(kind.name)
        if kind.name == "iterator":
            # One that came in could not be put back where the call is given up.
            raise CannotPrint("reads an iterator out of something")
        if kind == NONE:
            return f"{held} is not None"
        if is_collection(kind):
            return f"not {is_collection(kind)}({held})"
        if what is not None:
            wrong = f"type({held}) is not {what}"
            if kind.name == "tuple":
                wrong = f"{wrong} or sf_seq_len({held}) != {len(kind.parts)}"
            return wrong
        if kind.name == "named":
            self.program.use_named(kind.cls)
            number = len(self.program.named[kind.cls])
            return f"type({held}) is not sf_g_{kind.cls} or sf_seq_len({held}) != {number}"
        if kind.name == "own_list":
            self.program.use_list(kind.cls)
            return f"type({held}) is not sf_g_{kind.cls}"
        if kind.name == "member":
            self.program.use_enum(kind.cls)
            return f"type({held}) is not sf_g_{kind.cls}"
        return f"not sf_is_match({held})" if kind.name == "match" else ""

    def some(self, value: Value) -> Value:
        """The value where it is not None, else a deopt."""
        kind = value.kind
        if kind == NONE and not self.program.final:
            return Value(BOTTOM, "0")  # what else it may be is not known yet
        if not kind.none:
            return value
        if kind.name in NUMBERS | {"unsigned"}:
            return self.narrowed(kind.some, value.text)
        if kind.name != "instance":
            self.decline(f"{value.text} is None")
        return Value(kind.some, value.text, fresh=value.fresh)

    def number(self, value: Value, node: ast.AST) -> Value:
        """An unboxed number; refuses all else."""
        value = self.some(value)
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind == ANY and self.program.observed:
            value = self.narrowed(WIDE, self.held(value).text)
        if value.kind.name == "member" and self.program.linked.is_whole(value.kind.cls):
            value = self.made(INT, f"sf_member_int({value.text})")
        if value.kind.name not in NUMBERS:
            raise CannotPrint(f"uses {said(value.kind)} as a number", node)
        return value

    def whole(self, value: Value, node: ast.AST) -> str:
        """An int (or bool) as ``long long``."""
        if value.kind == ANY and self.program.observed:
            value = self.narrowed(INT, self.held(value).text)
        value = self.number(value, node)
        if value.kind == BOTTOM:
            return "0"
        if value.flag and value.kind == WIDE:
            self.decline(f"not {value.flag}")
            return f"(<long long>{value.text})"
        if value.kind.name not in {"int", "bool"}:
            raise CannotPrint(f"has {said(value.kind)} where an int belongs", node)
        return f"(<long long>{value.text})" if value.kind == BOOL else value.text

    def double(self, value: Value, node: ast.AST, exact: bool = False) -> str:
        """A number as ``double``; ``exact``: an int that is not exactly that is declined."""
        value = self.number(value, node)
        if value.kind == BOTTOM:
            return "0.0"
        if value.kind.name in {"float", "wide"}:
            return value.text
        try:
            literal = int(value.text)
        except ValueError:
            return f"sf_exact({value.text})" if exact else f"(<double>{value.text})"
        return repr(float(literal)) if abs(literal) <= 1 << 53 else f"sf_exact({literal}LL)"

    # locals

    declared: frozenset[str] = frozenset()

    def put_live(self, name: str, value: Value) -> None:
        """A store to a global: the part for these knows how."""
        raise NotImplementedError

    def spelled(self, name: str) -> str:
        """The name of a local in this scope."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return name

    def load(self, name: str) -> Value:
        """A local."""
        name = self.spelled(name)
        if self.program.final and name not in self.known.locals:
            # Handlers are left to Python, and may have held the only value.
            raise CannotPrint(f"reads {name}, which no statement here binds")
        if name not in self.bound:
            if name not in self.known.unsure:
                self.known.unsure.add(name)
                self.program.changed = True
            self.decline(f"not v_{name}_set")
        kind = self.known.locals.get(name, BOTTOM)
        fresh = name not in self.known.shared
        if kind.name == "wide" and not kind.none:
            return Value(kind, f"v_{name}", f"v_{name}_int")
        if kind == RANGE:
            return Value(kind, f"v_{name}", f"v_{name}_start v_{name}_step")
        if not fresh:
            self.program.owning.comes_in(kind)
        return Value(kind, f"v_{name}", fresh=fresh)

    def store(self, name: str, value: Value) -> None:
        """``name = value`` for a local, or what is declared ``global``."""
        if name in self.declared and self.spelled(name) == name:
            self.put_live(name, value)
            return
        name = self.spelled(name)
        old = self.known.locals.get(name, BOTTOM)
        kind = join(old, value.kind)
        if kind != old or name not in self.known.locals:
            self.known.locals[name] = kind
            self.program.changed = True
        if kind.boxed and not value.unshared and name not in self.known.shared:
            self.known.shared.add(name)
            self.program.changed = True
        self.bound.add(name)
        self._still_told_apart(value, kind)
        if kind == BOTTOM:
            return
        if kind == RANGE and value.kind == BOTTOM:
            if self.program.final:
                raise CannotPrint("hands on a range")
        elif kind == RANGE:
            held = self.held(Value(kind, value.text, value.flag))
            for suffix, text in zip(
                ("", "_start", "_step"), [held.text, *held.flag.split()], strict=True
            ):
                self.line(f"v_{name}{suffix} = {text}")
        elif kind == value.kind == ERROR:
            self.line(f"v_{name} = {value.text}")
        elif kind.boxed and not (kind.name == "wide" and not kind.none):
            self.line(f"v_{name} = {self.bare(value)}")
        elif kind == WIDE:
            exact = value.kind == INT
            self.line(f"v_{name} = {f'sf_exact({value.text})' if exact else value.text}")
            self.line(f"v_{name}_int = {value.flag or int(exact)}")
        else:
            self.line(f"v_{name} = {value.text}")
        if name in self.known.unsure:
            self.line(f"v_{name}_set = True")

    def _still_told_apart(self, value: Value, kind: Kind) -> None:
        if value.kind.name == "iterator" and kind.name != "iterator" and self.program.final:
            raise CannotPrint("has an iterator or something else in one place")
        if is_closure(value.kind) and kind.name != "function" and self.program.final:
            raise CannotPrint("has a function that it makes or something else in one place")

    def converted(self, value: Value, kind: Kind, node: ast.AST) -> str:
        """The value for a parameter or result of the kind."""
        if kind == value.kind == ERROR:
            return value.text
        self._still_told_apart(value, kind)
        if kind == RANGE:
            return ", ".join([value.text, *value.flag.split()] if value.kind == RANGE else "000")
        if kind.boxed:
            return self.bare(value)
        if value.kind.name != kind.name or value.kind.none:
            if value.kind == BOTTOM or not self.program.final:
                return "0"
            raise CannotPrint(f"has {said(value.kind)} where {said(kind)} belongs", node)
        return value.text

    def declarations(self, taken: list[str]) -> list[str]:
        """The C variables of all locals and temporaries."""
        made = []
        for name, kind in sorted(self.known.locals.items()):
            if name in self.known.unsure and name not in taken:
                made.append(f"    cdef bint v_{name}_set = False")
            if name in taken:
                continue
            if kind == RANGE:
                made += [f"    cdef long long v_{name}{s} = 0" for s in ("", "_start", "_step")]
            elif kind == WIDE:
                made += [f"    cdef double v_{name} = 0.0", f"    cdef int v_{name}_int = 0"]
            else:
                c = c_type(kind)
                made.append(f"    cdef {c} v_{name} = {'None' if c == 'object' else '0'}")
        for name, c in self.temps.items():
            made.append(f"    cdef {c} {name} = {'None' if c == 'object' else '0'}")
        return made


def is_collection(kind: Kind) -> str:
    """The helper that says whether an object is of exactly this class of ``collections``, or an array of
    this type code; empty for others.
    """
    if kind.name == "array":
        return f"sf_is_array_{kind.cls}"
    which = kind.cls.rpartition(".")[2] if kind.name == "dict" else ""
    which = "deque" if kind.name == "deque" else which
    return f"sf_is_{which}" if which else ""


def _is_literal(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def said(kind: Kind) -> str:
    """A type as a person says it."""
    if kind == ANY:
        return "something of unknown type"
    if kind == BOTTOM:
        return "something that was never seen"
    text = (
        shown(str(kind))
        .replace("row[", "tuple[")
        .replace("wide", "int or float")
        .replace("unsigned", "int")
    )
    return f"an {text}" if text[0] in "aeiou" else f"a {text}"
