"""Random programs of small functions: little besides what their arguments decide.

What such a function does depends on what comes in: on plain data it has no effect, on a ``Loud`` one it
writes to a global. So facts that take too little to come in are soon found wrong on them.
"""

import random

from programs import LOUD, valid

HEAD = f"""\
class Box:
    shared = (1, 2)

    def __init__(self, value=0):
        self.value = value

    def grow(self, by):
        self.value += by
        return self

    @property
    def twice(self):
        return [self.value, self.value]


{LOUD}

class Noisy:
    def __get__(self, owner, kind):
        HEARD.append("get")
        return 1


class Holder(Box):
    held = Noisy()
    plain = None
    box = Box([1])

    def look(self, key):
        return self.box.value == key


def loud(x, *more):
    HEARD.append("function")
    return x


def quiet(x, *more):
    return x


TABLE = {{1: [2], "k": Box(3)}}
"""

EXPRESSIONS = (
    "{a} == {b}",
    "{a} in [{b}, 1]",
    "{a} + {b}",
    "{a}.get({b})",
    "{a}[0]",
    "{a}[{b}]",
    "{a}.value",
    "{a}.twice",
    "{a}.held",
    "{a}.look({b})",
    "{a}.grow(1)",
    "{a}({b})",
    "len({a})",
    "list({a})",
    "sorted([{a}, {b}])",
    "sorted([1, 2], key={a})",
    "list(map({a}, [1]))",
    "f'{{{a}}}'",
    "not {a}",
    "[{a}, {b}]",
    "{{'k': {a}}}",
    "{{{a}: 1}}",
    "({a} or {b})",
    "next(iter({a}))",
    "[v for v in {a} if v == {b}]",
    "type({a})({b})",
    "{a}.made({b})",
    "Box({a})",
    "TABLE.get({a})",
    "isinstance({a}, Box)",
    "max([{a}], default={b})",
)
ARGUMENTS = (
    "1", "'k'", "[1, 2]", "{'k': 1}", "None", "(1, 'x')", "[[1], [2]]", "Box(2)", "[Box([1])]",
    "Loud(1)", "[Loud(2)]", "{'k': Loud(1)}", "Box(Loud(1))", "Holder(1)", "quiet", "loud", "len",
    "Box", "Loud", "Holder(quiet)", "Holder(loud)",
)  # fmt: skip


class _Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines = [HEAD]
        self.functions: list[str] = []

    def name(self) -> str:
        return self.random.choice(["a", "b", "c"])

    def expression(self) -> str:
        if self.functions and self.random.random() < 0.2:
            return f"{self.random.choice(self.functions)}({self.name()}, {self.name()})"
        if self.random.random() < 0.1:
            return self.random.choice(ARGUMENTS)
        return self.random.choice(EXPRESSIONS).format(a=self.name(), b=self.name())

    def statement(self, depth: int) -> None:
        pad = "    " * depth
        kind = self.random.randrange(10)
        if kind < 4:
            self.lines.append(f"{pad}{self.name()} = {self.expression()}")
        elif kind == 4:
            self.lines.append(f"{pad}if {self.expression()}:")
            self.statement(depth + 1)
        elif kind == 5:
            self.lines.append(f"{pad}for {self.name()} in {self.expression()}:")
            self.statement(depth + 1)
        elif kind == 6:
            self.lines.append(
                f"{pad}{self.name()}{self.random.choice(['.value', '[0]'])} = {self.name()}"
            )
        elif kind == 7:
            self.lines.append(f"{pad}{self.name()} += {self.name()}")
        elif kind == 8:
            self.lines.append(f"{pad}c = lambda x, *more: {self.expression()}")
        else:
            self.lines.append(f"{pad}{self.expression()}")

    def text(self) -> str:
        for index in range(self.random.randrange(2, 5)):
            default = self.random.choice(["", "=[]", "=1", "=TABLE"])
            self.lines.append(f"def f{index}(a, b{default}):\n    c = None")
            for _ in range(self.random.randrange(1, 4)):
                self.statement(1)
            self.lines.append(f"    return {self.name()}\n")
            self.functions.append(f"f{index}")
        if self.random.random() < 0.2:
            self.lines.append(f"Box.shared = {self.random.choice(ARGUMENTS)}")
        for _ in range(10):
            arguments = ", ".join(self.random.choice(ARGUMENTS) for _ in range(2))
            self.lines.append(f"try:\n    {self.random.choice(self.functions)}({arguments})")
            self.lines.append("except Exception:\n    pass")
        return "\n".join(self.lines) + "\n"


def small(seed: int) -> str:
    """A valid program from a seed: the same on every run."""
    for attempt in range(100):
        text = _Writer(seed * 100 + attempt).text()
        if valid(text):
            return text
    raise AssertionError("no program is valid")
