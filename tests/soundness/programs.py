"""Random programs: every kind of binding and jump, always ended, never the same for long.

``program(choose)`` gives the text of a module; ``choose(n)`` picks a number below ``n``, so that both
Hypothesis (``programs()``) and a seeded ``random.Random`` (``seeded(seed)``) can drive it. A program
defines functions, generators, coroutines, classes and globals, and ends with calls of them, each in
a ``try``. Loops are bounded, functions call only those defined before them, and nothing outside
the program is touched; errors of every kind (unbound names, wrong types, missing keys) are common.
"""

import random
import sys
import warnings
from collections.abc import Callable

from hypothesis import strategies as st

Choose = Callable[[int], int]

NAMES = ("a", "b", "c", "d")
GLOBALS = ("G", "H")
TYPES = ("T", "U")  # type parameters, from 3.12 on
GENERIC = sys.version_info >= (3, 12)
DEPTH = 3

HEAD = '''\
class Swallow:
    """A context manager that swallows errors, or does not."""

    def __init__(self, swallows):
        self.swallows = swallows

    def __enter__(self):
        return [self.swallows]

    def __exit__(self, kind, error, trace):
        return self.swallows

    async def __aenter__(self):
        return 7

    async def __aexit__(self, kind, error, trace):
        return self.swallows


class Box:
    def __init__(self, value=0):
        self.value = value

    def grow(self, by):
        self.value += by
        return self

    def set(self, value):
        self.value = value
        return self


async def ticks(n):
    for tick in range(n):
        yield tick


def drive(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value


G = 1
H = [2, 3]
'''


LOUD = """\
HEARD = []


class Loud(Box):
    kept = None

    def __call__(self, *args, **more):
        HEARD.append("call")
        return self.value

    def __iter__(self):
        HEARD.append("iter")
        return iter([1, 2])

    def __getitem__(self, key):
        HEARD.append("item")
        if key > 1:
            raise IndexError(key)
        return key

    def __setitem__(self, key, value):
        HEARD.append("store")

    def set(self, value):
        HEARD.append("set")
        Loud.kept = value
        return self

    @classmethod
    def made(cls, value):
        return cls(value)
"""
for _name in ("eq", "add", "radd", "iadd", "sub", "mod", "or", "lt", "contains"):
    LOUD += f"""
    def __{_name}__(self, other):
        HEARD.append("{_name}")
        return self is other
"""
for _name, _result in (
    ("hash", "1"),
    ("bool", "True"),
    ("len", "2"),
    ("str", "'s'"),
    ("repr", "'r'"),
):
    LOUD += f"""
    def __{_name}__(self):
        HEARD.append("{_name}")
        return {_result}
"""
for _name in ("get", "append", "grow"):
    LOUD += f"""
    def {_name}(self, other):
        HEARD.append("{_name}")
        return other
"""


class Maker:
    """Writes one program; a ``loud`` one has a class whose methods all write to a global."""

    def __init__(self, choose: Choose, loud: bool = False) -> None:
        self.choose = choose
        self.loud = loud
        self.lines: list[str] = []
        self.functions: list[tuple[str, str, int]] = []  # name, kind, number of parameters
        self.fresh = 0
        self.kind = "function"  # of the function that is being written
        self.tries = 0  # bodies of `try` and `with` that are open
        self.loops = 0  # open loops of that function: where break and continue may stand
        self.outer: list[str] = []  # the names that `nonlocal` may take
        self.nested = 0
        self.declared: set[str] = set()
        self.types: tuple[str, ...] = ()  # the type parameters that are seen here

    # --- choices -----------------------------------------------------------------------------

    def one(self, *options: str) -> str:
        return options[self.choose(len(options))]

    def chance(self, percent: int) -> bool:
        return self.choose(100) >= 100 - percent

    def name(self) -> str:
        return self.one(*NAMES)

    def box(self, value: str) -> str:
        return (
            f"{self.one('Box', 'Box', 'Loud', 'Loud.made')}({value})"
            if self.loud
            else f"Box({value})"
        )

    def new(self, stem: str) -> str:
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # --- expressions -------------------------------------------------------------------------

    def expression(self, level: int = 2) -> str:
        if level == 0 or self.chance(35):
            return self.one(*NAMES, *GLOBALS, "0", "1", "2", "[]", "{}", "'k'", "(1, 2)")
        sub = lambda: self.expression(level - 1)  # noqa: E731
        if self.chance(6):
            return self.risky(sub)
        options: list[Callable[[], str]] = [
            lambda: f"({sub()} {self.one('and', 'or')} {sub()})",
            lambda: f"({sub()} {self.one('==', 'is', 'is not', '!=')} {sub()})",
            lambda: f"({sub()} in [{sub()}, {sub()}])",
            lambda: f"({sub()} if {sub()} else {sub()})",
            lambda: f"({self.name()} := {sub()})",
            lambda: f"[{sub()}, {sub()}]",
            lambda: f"({sub()}, {sub()})",
            lambda: f"{{'k': {sub()}, 'x': {self.name()}}}",
            lambda: f"(not {sub()})",
            lambda: f"f'{{{self.name()}}}{{{self.name()}!r:>{{{self.one('1', '2')}}}}}'",
            lambda: f"(lambda {self.name()}, *, {self.one('x', 'y')}={sub()}: {sub()})({sub()})",
            lambda: f"(lambda: {sub()})()",
            lambda: self.comprehension(level),
            lambda: f"{self.one('list', 'sorted')}({self.safe_iterable()})",
            lambda: f"{self.one('str', 'bool')}({sub()})",
            lambda: f"{self.box(sub())}{self.one('', '.value', '.set(a)')}",
            self.call,
        ]
        if self.kind in ("generator", "asyncgen"):
            options.append(lambda: f"(yield {sub()})")
        if self.kind == "generator":
            options.append(lambda: f"(yield from {self.iterable()})")
        return options[self.choose(len(options))]()

    def risky(self, sub: Callable[[], str]) -> str:
        """An expression that often fails: operands of any type."""
        options: list[Callable[[], str]] = [
            lambda: f"({sub()} {self.one('-', '//', '%', '|')} {sub()})",
            lambda: f"({sub()} {self.one('+ 1', '+ [1]', '* 2')})",
            lambda: f"({sub()} {self.one('<', 'in', 'not in')} {sub()})",
            lambda: f"[{sub()}, *{self.name()}]",
            lambda: f"{{**{self.name()}, {sub()}: {sub()}}}",
            lambda: f"{self.name()}[{sub()}]",
            lambda: f"{self.name()}[{self.one('0', '1', ':1', '-1:', '::2')}]",
            lambda: f"{self.name()}.{self.one('pop()', 'copy()', 'append(a)', 'get(b)', 'value')}",
            lambda: f"Box({sub()}).grow(1).value",
            lambda: f"{self.one('len', 'list', 'sum', 'sorted')}({sub()})",
        ]
        return options[self.choose(len(options))]()

    def safe_iterable(self) -> str:
        return self.one("range(2)", "[1, 2]", "(a, b)", "'xy'", "{'k': 1}", "[]", "[[1, 2], [3]]")

    def iterable(self) -> str:
        return self.name() if self.chance(4) else self.safe_iterable()

    def comprehension(self, level: int) -> str:
        name = self.name()
        clauses = f"for {name} in {self.iterable()}"
        if self.chance(30):
            clauses += f" if {self.expression(level - 1)}"
        if self.chance(30):
            clauses += f" for {self.name()} in {self.one('range(2)', f'[{name}, 1]')}"
        body = self.expression(level - 1)
        if "yield" in body + clauses or (":= " in body + clauses and self.kind == "class"):
            body, clauses = name, f"for {name} in [1, 2]"
        for target in NAMES:  # a comprehension may not rebind its own target
            if f"for {target} in" in clauses and f"({target} :=" in body + clauses:
                body, clauses = name, f"for {name} in [1, 2]"
        head, _, source = clauses.partition(" in ")
        if ":=" in source:  # nor assign in an iterable
            clauses = f"{head} in [1, 2]"
        return self.one(
            f"[{body} {clauses}]",
            f"list({body} {clauses})",
            f"{{str({body}) {clauses}}}",
            f"{{str({name}): {body} {clauses}}}",
        )

    def call(self) -> str:
        callable_ = [f for f in self.functions if f[1] != "class"]
        if not callable_:
            return "len('abc')"
        name, kind, count = callable_[self.choose(len(callable_))]
        arguments = ", ".join(self.one(*NAMES, "1", "[1, 2]") for _ in range(count))
        if kind == "generator":
            return f"list({name}({arguments}))"
        if kind == "coroutine":
            return f"drive({name}({arguments}))"
        if kind == "asyncgen":
            return f"str({name}({arguments}))[:3]"
        return f"{name}({arguments})"

    def target(self) -> str:
        if self.chance(70):
            return self.name()
        if self.chance(80):
            return self.unpacking()
        return self.one(
            f"{self.name()}, {self.name()}",
            f"{self.name()}, *{self.name()}",
            f"[{self.name()}, ({self.name()}, {self.name()})]",
            f"{self.name()}[{self.name()}]",
            f"{self.name()}[0]",
            f"{self.name()}.value",
        )

    def unpacking(self) -> str:
        return self.one(
            f"{self.name()}, {self.name()}",
            f"{self.name()}, *{self.name()}",
            f"[{self.name()}, ({self.name()}, {self.name()})]",
        )

    # --- statements --------------------------------------------------------------------------

    def block(self, depth: int, level: int) -> None:
        for _ in range(1 + self.choose(3)):
            self.statement(depth, level)

    def statement(self, depth: int, level: int) -> None:
        simple = [
            self.assign, self.assign, self.assign, self.augment, self.expression_statement,
            self.delete, self.annotate, self.assertion, self.import_,
        ]  # fmt: skip
        if self.kind != "class":
            simple += [self.leave, self.raise_]
        compound = [
            self.if_, self.if_, self.for_, self.while_, self.try_, self.try_, self.try_finally,
            self.with_, self.match_, self.define, self.class_, self.groups,
        ]  # fmt: skip
        if GENERIC:
            simple.append(self.alias)
            if self.types:
                simple.append(self.use_type)
        pool = simple + (compound if level > 0 else [])
        pool[self.choose(len(pool))](depth, level)

    def assign(self, depth: int, level: int) -> None:
        extra = f"{self.name()} = " if self.chance(15) else ""
        target = self.target()
        value = self.expression()
        if "," in target and self.chance(80):  # as many values as targets, mostly
            value = self.one("(1, (2, 3))", "[a, [b, 1]]", "('x', 'yz')")
        self.put(depth, f"{extra}{target} = {value}")

    def augment(self, depth: int, level: int) -> None:
        if self.chance(60):  # numbers, which this fits
            name = self.name()
            self.put(depth, f"{name} = {self.one('1', '2')}")
            self.put(depth, f"{name} {self.one('+=', '-=', '|=')} {self.one('1', '2')}")
            return
        place = self.one(*NAMES, f"{self.name()}[0]", f"{self.name()}.value")
        self.put(depth, f"{place} {self.one('+=', '-=', '|=')} {self.expression(1)}")

    def expression_statement(self, depth: int, level: int) -> None:
        self.put(depth, self.expression())

    def delete(self, depth: int, level: int) -> None:
        name = self.name()
        self.put(depth, f"del {name if self.chance(90) else name + '[0]'}")
        if self.chance(85):
            self.put(depth, f"{name} = {self.expression(1)}")

    def annotate(self, depth: int, level: int) -> None:
        name = self.name()
        if name in self.declared:
            self.put(depth, f"{name} = 1")
            return
        self.put(depth, f"{name}: int{self.one('', f' = {self.expression(1)}')}")

    def assertion(self, depth: int, level: int) -> None:
        holds = "" if self.chance(20) else " or True"
        self.put(depth, f"assert {self.expression(1)}{holds}, {self.expression(1)}")

    def import_(self, depth: int, level: int) -> None:
        self.put(depth, f"{self.one('import math as', 'from math import pi as')} {self.name()}")

    def leave(self, depth: int, level: int) -> None:
        words = ["pass"]
        if self.loops:
            words += ["break", "continue", "break", "continue"]
        if self.kind not in ("module", "class", "handler"):
            words.append("return" if self.kind == "asyncgen" else f"return {self.expression(1)}")
        word = words[self.choose(len(words))]
        if self.chance(85):
            self.put(depth, f"if {self.expression(1)}:")
            depth += 1
        self.put(depth, word)

    def raise_(self, depth: int, level: int) -> None:
        if not self.tries and self.chance(80):
            return self.assign(depth, level)
        if self.chance(90):
            self.put(depth, f"if {self.expression(1)}:")
            depth += 1
        error = self.one(
            "ValueError", "KeyError('k')", "TypeError(a)", "ExceptionGroup('g', [ValueError()])"
        )
        self.put(depth, f"raise {error}{self.one('', ' from None')}")
        return None

    def if_(self, depth: int, level: int) -> None:
        self.put(depth, f"if {self.expression()}:")
        self.block(depth + 1, level - 1)
        if self.chance(30):
            self.put(depth, f"elif {self.expression()}:")
            self.block(depth + 1, level - 1)
        if self.chance(50):
            self.put(depth, "else:")
            self.block(depth + 1, level - 1)

    def loop_body(self, depth: int, level: int) -> None:
        self.loops += 1
        self.block(depth, level)
        self.loops -= 1

    def for_(self, depth: int, level: int) -> None:
        if self.kind in ("coroutine", "asyncgen") and self.chance(40):
            self.put(depth, f"async for {self.name()} in ticks(2):")
        else:
            self.put(depth, self.for_head())
        self.loop_body(depth + 1, level - 1)
        if self.chance(25):
            self.put(depth, "else:")
            self.block(depth + 1, level - 1)

    def for_head(self) -> str:
        if self.chance(75):
            return f"for {self.name()} in {self.iterable()}:"
        target = self.one(
            f"{self.name()}, {self.name()}", f"{self.name()}, *{self.name()}", f"{self.name()}[0]"
        )
        return f"for {target} in {self.one('[(1, 2), (3, 4)]', '{1: 2}.items()', self.iterable())}:"

    def while_(self, depth: int, level: int) -> None:
        left = self.new("left")
        self.put(depth, f"{left} = {1 + self.choose(3)}")
        test = self.one(left, f"{left} and {self.name()}", f"{left} > 0", "True")
        self.put(depth, f"while {test}:")
        self.put(depth + 1, f"{left} -= 1")
        if test == "True":
            self.put(depth + 1, f"if {left} < 0:")
            self.put(depth + 2, "break")
        self.loop_body(depth + 1, level - 1)
        if self.chance(25):
            self.put(depth, "else:")
            self.block(depth + 1, level - 1)

    def try_(self, depth: int, level: int) -> None:
        self.put(depth, "try:")
        self.tries += 1
        self.block(depth + 1, level - 1)
        self.tries -= 1
        gone: list[str] = []
        for _ in range(1 + self.choose(2)):
            kind = self.one("ValueError", "(TypeError, KeyError)", "LookupError", "Exception")
            self.put(depth, f"except {kind}{self.bound_error(gone)}:")
            self.block(depth + 1, level - 1)
        if self.chance(30):
            self.put(depth, "except Exception:")
            self.block(depth + 1, level - 1)
        if self.chance(30):
            self.put(depth, "else:")
            self.block(depth + 1, level - 1)
        if self.chance(30):
            self.put(depth, "finally:")
            self.block(depth + 1, level - 1)
        self.rebind(depth, gone)

    def bound_error(self, gone: list[str]) -> str:
        if self.chance(50):
            return ""
        gone.append(self.name())
        return f" as {gone[-1]}"

    def rebind(self, depth: int, gone: list[str]) -> None:
        """The names of handlers are unbound after them; mostly that is not wanted."""
        for name in gone:
            if self.chance(85):
                self.put(depth, f"{name} = {self.one('1', '[1, 2]', '{0: 1}')}")

    def try_finally(self, depth: int, level: int) -> None:
        self.put(depth, "try:")
        self.block(depth + 1, level - 1)
        self.put(depth, "finally:")
        self.block(depth + 1, level - 1)

    def groups(self, depth: int, level: int) -> None:
        loops, self.loops = self.loops, 0  # no jump may leave an `except*`
        kind, self.kind = self.kind, "handler" if self.kind == "function" else self.kind
        if self.kind not in ("handler", "module", "class"):
            self.loops, self.kind = loops, kind
            return self.try_(depth, level)
        gone: list[str] = []
        self.put(depth, "try:")
        self.tries += 1
        self.block(depth + 1, level - 1)
        self.tries -= 1
        for error in ("ValueError", "(TypeError, KeyError)"):
            self.put(depth, f"except* {error}{self.bound_error(gone)}:")
            self.block(depth + 1, level - 1)
        self.rebind(depth, gone)
        self.loops, self.kind = loops, kind
        return None

    def with_(self, depth: int, level: int) -> None:
        word = "async with" if self.kind == "coroutine" and self.chance(50) else "with"
        items = f"Swallow({self.one('True', 'False', 'a')}){self.one('', f' as {self.name()}')}"
        if self.chance(25):
            items += f", Swallow(True) as {self.one('a', 'b', '[c]', '(d,)')}"
            if word != "with":
                items = "Swallow(True) as a, Swallow(False) as b"
        self.put(depth, f"{word} {items}:")
        self.block(depth + 1, level - 1)

    def match_(self, depth: int, level: int) -> None:
        self.put(depth, f"match {self.expression(1)}:")
        for _ in range(1 + self.choose(2)):
            pattern = self.one(
                f"[{self.name()}, 2]",
                "[a, *b]",
                f"{{'k': {self.name()}}}",
                "{'k': a, **b}",
                "Box(value=c)",
                f"int() | str() as {self.name()}",
                "0 | None",
            )
            guard = f" if {self.expression(1)}" if self.chance(40) else ""
            self.put(depth + 1, f"case {pattern}{guard}:")
            self.block(depth + 2, level - 1)
        if self.chance(50):
            self.put(depth + 1, f"case {self.one('_', self.name())}:")
            self.block(depth + 2, level - 1)

    # --- definitions -------------------------------------------------------------------------

    def type_parameters(self) -> tuple[str, ...]:
        """The type parameters of a definition: mostly none."""
        return (self.one(*TYPES),) if GENERIC and self.chance(35) else ()

    def brackets(self, names: tuple[str, ...]) -> str:
        """Type parameters as text; what bounds one is evaluated when it is asked for."""
        if not names:
            return ""
        bound = self.one("", "", ": G", f": ({self.name()}, {self.name()})")
        return f"[{', '.join(n + bound for n in names)}]"

    def ask_bound(self, depth: int, of: str, names: tuple[str, ...]) -> None:
        if names and self.chance(60):
            self.put(depth, f"{self.name()} = {of}.__type_params__[0].__bound__")

    def alias(self, depth: int, level: int) -> None:
        """A type alias, whose value is evaluated when it is asked for."""
        name, names = self.new("Alias"), self.type_parameters()
        value = ", ".join([*names, *self.types, self.name(), self.one("G", "H", *NAMES)])
        self.put(depth, f"type {name}{self.brackets(names)} = ({value})")
        if self.chance(50):
            self.assign(depth, level)
        self.put(depth, f"{self.name()} = {name}.__value__")
        self.ask_bound(depth, name, names)

    def use_type(self, depth: int, level: int) -> None:
        seen = self.one(*self.types)
        self.put(
            depth,
            self.one(
                f"{self.name()} = {seen}", f"{self.name()} = (lambda: [{seen}, {self.name()}])()"
            ),
        )

    def inside(self, kind: str, write: Callable[[], None]) -> None:
        kept = self.kind, self.loops, self.declared, self.tries, self.types
        self.kind, self.loops, self.declared, self.tries = kind, 0, set(), 0
        write()
        self.kind, self.loops, self.declared, self.tries, self.types = kept

    def define(self, depth: int, level: int) -> None:
        """A function in a function (or class, or branch), which may write names of its outer one."""
        if self.nested > 1:
            return self.assign(depth, level)
        name = self.new("inner")
        may_rebind = self.kind not in ("module", "class", "handler") and self.nested == 0
        parameter = self.one("", *NAMES)
        free = [n for n in NAMES if n != parameter]
        types = self.type_parameters()
        hint = f": {types[0]}" if types else ""
        header = f"{self.brackets(types)}({parameter}{f'{hint}=1' if parameter else ''})"

        def write() -> None:
            self.put(depth, f"def {name}{header}:")
            self.types = (*self.types, *types)
            if may_rebind and self.chance(60):
                shared = free[self.choose(len(free))]
                if shared in self.outer:
                    self.declared.add(shared)
                    self.put(depth + 1, f"nonlocal {shared}")
            elif self.chance(30):
                shared = free[self.choose(len(free))]
                self.declared.add(shared)
                self.put(depth + 1, f"global {shared}")
            for other in NAMES:  # else they are unbound where the body assigns them later
                if other != parameter and other not in self.declared and self.chance(65):
                    self.put(depth + 1, f"{other} = {self.one('0', '[1, 2]', '{}')}")
            self.block(depth + 1, level - 1)
            self.put(depth + 1, f"return {self.name()}")

        self.nested += 1
        self.inside("function", write)
        self.nested -= 1
        self.ask_bound(depth, name, types)
        self.put(
            depth, self.one(f"{name}()", f"{self.name()} = {name}()", f"{self.name()} = {name}")
        )
        return None

    def class_(self, depth: int, level: int) -> None:
        if self.nested > 1:
            return self.assign(depth, level)
        name = self.new("Local")
        types = self.type_parameters()

        def write() -> None:
            self.put(depth, f"class {name}{self.brackets(types)}{self.one('', '(Box)')}:")
            self.types = (*self.types, *types)
            self.block(depth + 1, level - 1)
            self.put(depth + 1, f"def method(self, {self.name()}=1):")
            self.put(depth + 2, f"return {', '.join([self.name(), *types])}")

        self.nested += 1
        self.inside("class", write)
        self.nested -= 1
        self.ask_bound(depth, name, types)
        self.put(depth, f"{self.name()} = {name}().method()")
        return None

    def function(self, index: int) -> None:
        kind = self.one("function", "function", "function", "generator", "coroutine", "asyncgen")
        name = f"f{index}"
        count = self.choose(4)
        parameters = list(NAMES[:count])
        text = ", ".join(parameters)
        if count > 1 and self.chance(30):
            text = ", ".join([*parameters[:-1], f"{parameters[-1]}={self.one('1', '[]', 'G')}"])
        if self.chance(20):
            text += ", *rest, **more" if text else "*rest, **more"

        def write() -> None:
            prefix = "async " if kind in ("coroutine", "asyncgen") else ""
            self.put(0, f"{prefix}def {name}({text}):")
            written = [g for g in GLOBALS if self.chance(25)]
            if written:
                self.put(1, f"global {', '.join(written)}")
                self.put(1, f"{written[0]} = {self.one('5', '[6]', 'a')}")
            # Names that a nested function may declare nonlocal have to be bound by this one.
            self.outer = [*parameters]
            for other in NAMES[count:]:
                if self.chance(93):
                    self.put(1, f"{other} = {self.one('0', '[1, 2, 3]', '{0: 1}', self.box('3'))}")
                    self.outer.append(other)
            self.block(1, DEPTH)
            self.block(1, DEPTH - 1)
            if kind in ("generator", "asyncgen"):
                self.put(1, f"yield {self.name()}")
            elif self.chance(70):
                self.put(1, f"return {self.expression(1)}")

        self.inside(kind, write)
        self.outer = []
        self.functions.append((name, kind, count))

    def run(self) -> str:
        self.lines += (HEAD.replace("G = 1\n", LOUD + "\n\nG = 1\n") if self.loud else HEAD).split(
            "\n"
        )
        for index in range(1 + self.choose(2)):
            self.function(index)
        self.kind = "module"
        for name in NAMES:
            if self.chance(90):
                self.put(0, f"{name} = {self.one('0', '[1, 2]', '{}', 'G')}")
        for _ in range(self.choose(3)):
            self.put(0, "try:")
            self.statement(1, 2)
            self.put(0, "except Exception:")
            self.put(1, "pass")
        for _ in range(2):
            for name, kind, count in self.functions:
                arguments = ", ".join(
                    self.one("0", "3", "[1, 2, 3]", "{'k': 1}", "'text'", "None", self.box("2"))
                    for _ in range(count)
                )
                call = f"{name}({arguments})"
                if kind == "generator":
                    call = f"list({call})"
                elif kind == "coroutine":
                    call = f"drive({call})"
                elif kind == "asyncgen":
                    call = f"drive(all_of({call}))"
                self.put(0, "try:")
                self.put(1, f"result = {call}")
                self.put(0, "except Exception:")
                self.put(1, "pass")
        text = "\n".join(self.lines) + "\n"
        helper = "async def all_of(source):\n    return [item async for item in source]\n\n\n"
        return text.replace("def drive(", helper + "def drive(", 1)


def program(choose: Choose, loud: bool = False) -> str:
    """The text of one program. It parses; what CPython's compiler refuses is rare: see ``valid``."""
    return Maker(choose, loud).run()


def valid(text: str) -> bool:
    """Whether CPython compiles it: a name may be global after it was used, say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `1 is 2` is worth a warning to people
            compile(text, "<program>", "exec")
    except SyntaxError:
        return False
    return True


def seeded(seed: int, loud: bool = False) -> str:
    """A valid program from a seed: the same on every run."""
    chance = random.Random(seed)
    while True:
        text = program(chance.randrange, loud)
        if valid(text):
            return text


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Valid programs that Hypothesis can shrink."""
    data = iter(draw(st.lists(st.integers(0, 99), min_size=50, max_size=4000)))
    # Where the list ends the first option is taken: the simplest.
    return program(lambda n: next(data, 0) % n)
