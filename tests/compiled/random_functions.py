"""Random functions of numbers, texts and lists: what people write, without the sense."""

import random

KINDS = ("int", "float", "bool", "str", "list[int]", "list[float]", "list[str]", "list[list[int]]")
COMPARE = ("<", "<=", "==", "!=", ">", ">=")
INDENT = "    "


class Writer:
    """Writes one function. Variables keep the kind with which they were made, mostly."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.names: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.lines: list[str] = []
        self.count = 0
        # One in three functions also has what the compiler is known to refuse.
        self.exotic = seed % 3 == 0
        self.walking = 0  # a list that grows while it is walked over has no end
        self.looping = 0  # what grows by its own size in a loop would fill the memory

    def function(self, name: str) -> tuple[str, dict[str, str]]:
        """The text, and the kind of each parameter."""
        kinds = self.chance.choices(
            KINDS, weights=(5, 4, 1, 2, 5, 4, 2, 3), k=self.chance.randint(1, 3)
        )
        parameters = {f"p{i}": kind for i, kind in enumerate(kinds)}
        for parameter, kind in parameters.items():
            self.names[kind].append(parameter)
        self.block(1, self.chance.randint(2, 6))
        self.put(1, f"return {self.result()}")
        return "\n".join([f"def {name}({', '.join(parameters)}):", *self.lines]), parameters

    def result(self) -> str:
        picked = [self.any() for _ in range(self.chance.randint(1, 3))]
        return picked[0] if len(picked) == 1 else ", ".join(picked)

    def put(self, depth: int, text: str) -> None:
        self.lines.append(INDENT * depth + text)

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def pick(self, kind: str) -> str | None:
        return self.chance.choice(self.names[kind]) if self.names[kind] else None

    def any(self) -> str:
        kind = self.chance.choice([k for k in KINDS if self.names[k]] or ["int"])
        return self.expression(kind, 1)

    def block(self, depth: int, statements: int) -> None:
        before = {kind: list(names) for kind, names in self.names.items()}
        for _ in range(statements):
            self.statement(depth)
        if depth > 1 and self.chance.random() < 0.8:
            self.names = before  # what a branch makes may be unbound behind it

    def held(self, depth: int) -> None:
        """Dicts, sets and tuples of the function's own, and what is read of them."""
        d, n, text, x = (self.fresh() for _ in range(4))
        e = self.expression
        how = self.chance.random()
        key = self.chance.choice(("int", "str"))
        if how < 0.35:
            self.put(depth, f"{d} = {{}}")
            self.put(depth, f"for {x} in {self.pick('list[int]') or '(3, 1, 3)'}:")
            self.put(depth + 1, f"{d}[{x}] = {d}.get({x}, {e('int', 0)}) + 1")
            self.put(depth, f"{n} = len({d}) + {d}[{e('int', 1)} % 4]")
            self.put(depth, f"for {x} in {d}.{self.chance.choice(('keys', 'values'))}():")
            self.put(depth + 1, f"{n} = {n} - {x}")
        elif how < 0.55:
            self.put(depth, f"{d} = set()")
            self.put(depth, f"for {x} in range({e('int', 1)} % 7):")
            self.put(depth + 1, f"{d}.add({e(key, 1)})")
            self.put(depth, f"{n} = len({d}) + ({e(key, 1)} in {d})")
        elif how < 0.8:
            self.put(depth, f"{d} = []")
            self.put(depth, f"for {x} in range({e('int', 1)} % 5):")
            self.put(depth + 1, f"{d}.append(({x}, {e('float', 0)}, {e('str', 0)}))")
            self.put(depth, f"{x}, {self.fresh()}, {text} = {d}.pop()")
            self.put(depth, f"{n} = len({d}) + {x} + len({text})")
        else:
            self.put(
                depth, f"{text} = f'{{{e('int', 1)}:>4}}|{{{e('float', 1)}!r}}' + {e('str', 1)}"
            )
            self.put(depth, f"{text} = '-'.join([{e('str', 1)}, {text}.strip()])")
            self.put(depth, f"{n} = len({text}) + {text}.find({e('str', 0)})")
            self.names["str"].append(text)
        self.names["int"].append(n)

    def statement(self, depth: int) -> None:
        makers = [self.assign] * 5 + [self.held] + [self.change] * 4 + [self.store] * 3
        if depth < 4:
            makers += [self.branch] * 2 + [self.loop] * 3 + [self.protect] * self.exotic
        if depth > 1:
            makers += [self.leave]
        self.chance.choice(makers)(depth)

    def assign(self, depth: int) -> None:
        kind = self.chance.choice((*KINDS, "int", "float", "int", "list[int]"))
        value = self.expression(kind, 2)
        name = self.pick(kind) if self.chance.random() < 0.3 else None
        if name is None:
            name = self.fresh()
            self.names[kind].append(name)
        elif self.exotic and self.chance.random() < 0.2:
            value = self.any()  # a variable that changes its kind
        other = self.pick(kind)
        if other and self.chance.random() < 0.15:
            self.put(
                depth, f"{name}, {other} = {self.expression(kind, 1)}, {self.expression(kind, 1)}"
            )
        else:
            self.put(depth, f"{name} = {value}")

    def change(self, depth: int) -> None:
        kind = self.chance.choice(
            ("int", "float", "int", "float", *(("str", "list[int]") if self.exotic else ()))
        )
        name = self.pick(kind)
        if name is None or (self.walking and kind == "list[int]"):
            return self.assign(depth)
        operator = {
            "int": self.chance.choice(("+", "-", "*", "//", "%", "&", "|", "^", ">>", "<<", "**")),
            "float": self.chance.choice(("+", "-", "*", "/", "//", "%", "**")),
        }.get(kind, "+")
        if self.looping and (operator in ("*", "**", "<<") or kind in ("str", "list[int]")):
            operator, value = "+", self.literal(kind)
        else:
            value = self.expression(kind, 1)
        if operator in ("<<", ">>", "**"):
            value = self.chance.choice(
                ("1", "2", "3", f"({value} % 5)" if kind == "int" else "0.5")
            )
        self.put(depth, f"{name} {operator}= {value}")
        return None

    def store(self, depth: int) -> None:
        kind = self.chance.choice(("list[int]", "list[float]", "list[list[int]]", "list[str]"))
        name = self.pick(kind)
        if name is None:
            return self.assign(depth)
        if self.walking:
            how = "pop()" if self.chance.random() < 0.5 else "reverse()"
            self.put(depth, f"{name}.{how}")
            return None
        element = kind[5:-1]
        how = self.chance.random()
        if how < 0.35 and kind != "list[list[int]]":
            self.put(depth, f"{name}[{self.index(name)}] = {self.expression(element, 1)}")
        elif how < 0.35:
            self.put(
                depth,
                f"{name}[{self.index(name)}][{self.expression('int', 1)}] = {self.expression('int', 1)}",
            )
        elif how < 0.6:
            element = self.expression(element, 1)
            change = self.chance.choice(
                (f"insert({self.expression('int', 1)}, {element})", "pop(-1)")
            )
            self.put(depth, f"{name}.{change}")
        elif how < 0.75:
            self.put(depth, f"{name}.append({self.expression(element, 1)})")
        elif how < 0.85:
            self.put(
                depth,
                f"{name}.{self.chance.choice(('reverse()', 'pop(0)', 'pop()', 'clear()', 'sort()'))}",
            )
        elif how < 0.92 and kind in ("list[int]", "list[float]"):
            self.put(
                depth,
                f"{name}[{self.index(name)}] {self.chance.choice('+-*')}= {self.expression('int', 1)}",
            )
        else:
            self.put(
                depth,
                f"{name}[{self.expression('int', 1)}:{self.expression('int', 1)}] = {self.expression(kind, 1)}",
            )
        return None

    def index(self, name: str) -> str:
        chance = self.chance.random()
        if chance < 0.4:
            return f"{self.expression('int', 1)} % len({name})"
        return self.chance.choice(("0", "-1", "1")) if chance < 0.7 else self.expression("int", 1)

    def branch(self, depth: int) -> None:
        self.put(depth, f"if {self.expression('bool', 2)}:")
        self.block(depth + 1, self.chance.randint(1, 3))
        if self.chance.random() < 0.4:
            self.put(depth, "else:")
            self.block(depth + 1, self.chance.randint(1, 2))

    def loop(self, depth: int) -> None:
        before = {kind: list(names) for kind, names in self.names.items()}
        name = self.fresh()
        how = self.chance.random()
        listed = self.chance.choice(
            ("list[int]", "list[float]", "str", "list[str]", "list[list[int]]")
        )
        over = self.pick(listed)
        if how < 0.35 or over is None:
            stop = self.chance.choice((f"{self.expression('int', 1)} % 9", "5", "12"))
            self.put(
                depth, f"for {name} in range({self.chance.choice(('', '1, ', '-3, '))}{stop}):"
            )
            self.names["int"].append(name)
        elif how < 0.6:
            self.put(depth, f"for {name} in {over}:")
            self.names["str" if listed == "str" else listed[5:-1]].append(name)
        elif how < 0.75:
            item = self.fresh()
            self.put(depth, f"for {name}, {item} in enumerate({over}):")
            self.names["int"].append(name)
            self.names["str" if listed == "str" else listed[5:-1]].append(item)
        elif how < 0.85:
            self.put(depth, f"for {name} in range(len({over})):")
            self.names["int"].append(name)
        else:
            self.put(depth, f"{name} = {self.chance.randint(0, 6)}")
            self.put(depth, f"while {name} > 0:")
            self.put(depth + 1, f"{name} -= 1")
        walks = over is not None and 0.35 <= how < 0.75
        self.looping += 1
        self.walking += walks
        self.block(depth + 1, self.chance.randint(1, 4))
        self.walking -= walks
        self.looping -= 1
        if self.chance.random() < 0.1:
            self.put(depth, "else:")
            self.block(depth + 1, 1)
        if self.chance.random() < 0.7:
            self.names = before

    def protect(self, depth: int) -> None:
        self.put(depth, "try:")
        self.block(depth + 1, self.chance.randint(1, 2))
        self.put(
            depth,
            f"except {self.chance.choice(('IndexError', 'ValueError', '(ZeroDivisionError, OverflowError)', 'Exception'))}:",
        )
        self.block(depth + 1, 1)

    def leave(self, depth: int) -> None:
        inside = any(line.lstrip().startswith(("for ", "while ")) for line in self.lines)
        if not inside or self.chance.random() < 0.4 or not self.in_loop(depth):
            self.put(depth, f"return {self.result()}")
        else:
            self.put(depth, self.chance.choice(("break", "continue")))

    def in_loop(self, depth: int) -> bool:
        for line in reversed(self.lines):
            here = (len(line) - len(line.lstrip())) // len(INDENT)
            if here < depth:
                depth = here
                if line.lstrip().startswith(("for ", "while ")):
                    return True
        return False

    def expression(self, kind: str, depth: int) -> str:
        name = self.pick(kind)
        if name is not None and (depth <= 0 or self.chance.random() < 0.45):
            return name
        if depth <= 0:
            return self.literal(kind)
        return getattr(self, "_" + kind.replace("[", "_").replace("]", ""))(depth - 1)

    def literal(self, kind: str) -> str:
        return self.chance.choice(
            {
                "int": ("0", "1", "2", "-1", "7", "10", "255", "2147483648", "4611686018427387904"),
                "float": ("0.0", "1.0", "0.5", "-2.5", "1e300", "-0.0", "0.1"),
                "bool": ("True", "False"),
                "str": ("''", "'a'", "'ab'", "'é'", "'zebra'"),
                "list[int]": ("[]", "[0]", "[1, 2, 3]", "[0] * 5", "list(range(4))"),
                "list[float]": ("[0.0]", "[1.5, -2.0]", "[0.0] * 3"),
                "list[str]": ("['a']", "['', 'b']"),
                "list[list[int]]": ("[[0] * 3 for _ in range(3)]", "[[1, 2], [3]]")
                + ("[[0] * 2] * 2",) * self.exotic,
            }[kind]
        )

    def _int(self, depth: int) -> str:
        e = self.expression
        text, numbers, rows = self.pick("str"), self.pick("list[int]"), self.pick("list[list[int]]")
        forms = [
            lambda: (
                f"({e('int', depth)} {self.chance.choice(('+', '-', '//', '%', '&', '|', '^') if self.looping else ('+', '-', '*', '//', '%', '&', '|', '^'))} {e('int', depth)})"
            ),
            lambda: (
                f"({e('int', depth)} {'>>' if self.looping else self.chance.choice(('<<', '>>', '**'))} {self.chance.choice(('1', '2', '3'))})"
            ),
            lambda: f"{self.chance.choice(('-', '~', '+'))}{e('int', depth)}",
            lambda: f"{self.chance.choice(('min', 'max'))}({e('int', depth)}, {e('int', depth)})",
            lambda: f"abs({e('int', depth)})",
            lambda: f"int({e('float', depth)})",
            lambda: f"({e('int', depth)} if {e('bool', depth)} else {e('int', depth)})",
            lambda: f"round({e('float', depth)})",
            lambda: self.literal("int"),
        ]
        if text:
            forms += [lambda: f"len({text})", lambda: f"ord({text}[{self.index(text)}])"]
        if numbers:
            forms += [lambda: f"{numbers}[{self.index(numbers)}]"] * 3
            forms += [lambda: f"len({numbers})"] + [lambda: f"sum({numbers})"] * self.exotic
        if rows:
            forms += [lambda: f"{rows}[{self.index(rows)}][{e('int', depth)}]"]
        return self.chance.choice(forms)()

    def _float(self, depth: int) -> str:
        e = self.expression
        numbers = self.pick("list[float]")
        forms = [
            lambda: (
                f"({e('float', depth)} {self.chance.choice(('+', '-', '*', '/', '//', '%'))} {e('float', depth)})"
            ),
            lambda: (
                f"({e('float', depth)} {self.chance.choice(('+', '-', '*', '/'))} {e('int', depth)})"
            ),
            lambda: f"({e('int', depth)} / {e('int', depth)})",
            lambda: f"({e('float', depth)} ** {self.chance.choice(('2', '0.5', '-1', '3.0'))})",
            lambda: f"-{e('float', depth)}",
            lambda: f"abs({e('float', depth)})",
            lambda: f"float({e('int', depth)})",
            lambda: (
                f"{self.chance.choice(('min', 'max'))}({e('float', depth)}, {e('float', depth)})"
            ),
            lambda: (
                f"math.{self.chance.choice(('sqrt', 'sin', 'floor', 'exp'))}({e('float', depth)}) * 1.0"
            ),
            lambda: self.literal("float"),
        ]
        if numbers:
            forms += [lambda: f"{numbers}[{self.index(numbers)}]"] * 3
            forms += [lambda: f"sum({numbers})"] * self.exotic
        return self.chance.choice(forms)()

    def _bool(self, depth: int) -> str:
        e = self.expression
        kind = self.chance.choice(("int", "float", "int", "str"))
        numbers = self.pick("list[int]")
        forms = [
            lambda: f"{e(kind, depth)} {self.chance.choice(COMPARE)} {e(kind, depth)}",
            lambda: f"{e('int', depth)} < {e('int', depth)} <= {e('int', depth)}",
            lambda: f"not {e('bool', depth)}",
            lambda: f"({e('bool', depth)} {self.chance.choice(('and', 'or'))} {e('bool', depth)})",
            lambda: f"{e('int', depth)} {self.chance.choice(COMPARE)} {e('float', depth)}",
            lambda: f"bool({e('int', depth)})",
        ]
        if numbers:
            forms += [lambda: f"{e('int', depth)} {self.chance.choice(('in', 'not in'))} {numbers}"]
            forms += [lambda: f"bool({numbers})", lambda: f"{numbers} == {e('list[int]', depth)}"]
        return f"({self.chance.choice(forms)()})"

    def _str(self, depth: int) -> str:
        e = self.expression
        text = self.pick("str")
        forms = [lambda: f"({e('str', depth)} + {self.literal('str') if self.looping else e('str', depth)})", lambda: self.literal("str"),
                 lambda: f"chr({e('int', depth)} % 300)", lambda: f"str({e('int', depth)})"]  # fmt: skip
        if not self.exotic:
            forms = forms[1:2]
        if text:
            forms += [lambda: f"{text}[{self.index(text)}]"] * 2
        if text and self.exotic:
            forms += [lambda: f"{text}[{e('int', depth)}:]", lambda: f"{text}.upper()"]
        return self.chance.choice(forms)()

    def _list_int(self, depth: int) -> str:
        e = self.expression
        numbers, x = self.pick("list[int]"), self.fresh()
        forms = [lambda: self.literal("list[int]"),
                 lambda: f"[{e('int', depth)}, {e('int', depth)}]",
                 lambda: f"[0] * ({e('int', depth)} % 9)",
                 lambda: f"[{x} * {'3' if self.looping else e('int', 0)} for {x} in range({e('int', depth)} % 7)]"]  # fmt: skip
        if numbers:
            forms += [lambda: f"[{x} + 1 for {x} in {numbers}]",
                      lambda: f"{numbers}[:]", lambda: f"{numbers}[{e('int', depth)}:]",
                      lambda: f"sorted({numbers})", lambda: f"{numbers}[::-2]"]  # fmt: skip
        if numbers and self.exotic:
            forms += [lambda: f"list({numbers})", lambda: f"({numbers} + {'[7]' if self.looping else e('list[int]', depth)})",
                      lambda: f"[{x} + 1 for {x} in {numbers} if {x} > {e('int', 0)}]", lambda: f"{numbers}[::-1]"]  # fmt: skip
        rows = self.pick("list[list[int]]")
        if rows:
            forms += [lambda: f"{rows}[{self.index(rows)}]"]
        return self.chance.choice(forms)()

    def _list_float(self, depth: int) -> str:
        e = self.expression
        numbers, x = self.pick("list[float]"), self.fresh()
        forms = [
            lambda: self.literal("list[float]"),
            lambda: f"[{e('float', depth)}, {e('float', depth)}]",
        ]
        if numbers:
            forms += [lambda: f"[{x} * {e('float', 0)} for {x} in {numbers}]"]
        return self.chance.choice(forms)()

    def _list_str(self, depth: int) -> str:
        text = self.pick("str")
        forms = [lambda: self.literal("list[str]"), lambda: f"[{self.expression('str', depth)}]"]
        if text and self.exotic:
            forms += [lambda: f"list({text})", lambda: f"{text}.split('a')"]
        return self.chance.choice(forms)()

    def _list_list_int(self, depth: int) -> str:
        rows = self.pick("list[list[int]]")
        forms = [
            lambda: self.literal("list[list[int]]"),
            lambda: f"[{self.expression('list[int]', depth)}]",
        ]
        if rows and self.exotic:
            forms += [lambda: f"{rows}[:]", lambda: f"[row[:] for row in {rows}]"]
        return self.chance.choice(forms)()
