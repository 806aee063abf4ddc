"""Scripts with outlined loops do what they do without: values, errors, tracebacks, and when objects die."""

import builtins
import re
import traceback
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from selfsame.compiler.cst.source import Source
from selfsame.compiler.outline import outline, prepared
from selfsame.runtime.agent.outlined import put_in


def shown(value: object) -> str:
    """Its text without addresses."""
    return re.sub(r"0x[0-9a-f]+", "0x", repr(value))


def observed(code: CodeType, space: dict[str, Any], told: list[str]) -> dict[str, Any]:
    """What is seen of running a script: what it told, how it ended, and its globals."""

    class Mortal:
        """Tells when it is let go of."""

        def __init__(self, name: object) -> None:
            self.name = name

        def __del__(self) -> None:
            told.append(f"{self.name} died")

        def __repr__(self) -> str:
            return f"Mortal({self.name})"

    space |= {"__name__": "__main__", "__builtins__": builtins, "Mortal": Mortal}
    space.setdefault("flip", lambda: None)
    space["tell"] = lambda *values: told.append(shown(values))
    error = ""
    entries: list[object] = []
    named: dict[str, str] = {}

    def names() -> None:
        for name, value in space.items():
            if not callable(value) and name != "__builtins__":
                named[name] = shown(value)

    try:
        exec(code, space)
        names()
    except Exception as raised:
        told.append("out")
        # Now: to format an error, Python 3.12 looks into frames, and takes names out of modules.
        names()
        error = f"{type(raised).__name__}: {shown(raised)}"
        at = raised.__traceback__
        assert at is not None
        for frame, line in list(traceback.walk_tb(at.tb_next)):
            entries.append((frame.f_code.co_filename, frame.f_code.co_name, line))
        entries.append(traceback.format_exception(raised)[2:])
        del frame, at, raised
    # What a traceback keeps is let go of at once, and in whichever order.
    at_last = told.index("out") if error else len(told)
    told[at_last:] = sorted(told[at_last:])
    return {"told": list(told), "error": error, "entries": entries, "globals": named}


def both(text: str, path: str = "/nowhere/app.py") -> int:
    """Run a script as it is and with its loops outlined, compare; how many loops were outlined."""
    source = Source(path, "app", text)
    found = outline(source.tree, text)
    made = prepared(source, found, -1)
    # More than once: the interpreter may name another line once it has specialised the code.
    plain = [observed(made.plain, {}, []) for _ in range(3)]
    space: dict[str, Any] = {}
    _, gates, code = put_in(made.changed, made.loops, path, space)

    def flip() -> None:
        for gate in gates.values():
            gate[:] = [] if gate else [None]

    for shut in (False, True):
        for gate in gates.values():
            gate[:] = [] if shut else [None]
        space.clear()
        space["flip"] = flip
        other = observed(code, space, [])
        assert other in plain, (other, plain[0], "shut" if shut else "open")
    return len(found.loops)


WRITTEN = {
    "sums": """
def main():
    out = []
    for rows in [[1, 2], [], [3, 4, 5]]:
        total = 0
        for x in rows:
            y = x * x
            total += y
        out.append(total)
    tell(out)
main()
""",
    "an error inside": """
def main():
    for rows in [[1, 2], [4, 0, 5]]:
        total = 0
        for x in rows:
            total += 10 // x
        tell(total)
def outer():
    main()
outer()
""",
    "an error in what it calls": """
def part(x):
    return 10 // x
def main():
    kept = Mortal("kept")
    for rows in [[1, 2], [4, 0, 5]]:
        total = 0
        for x in rows:
            total += part(
                x)
        tell(total)
try:
    main()
except ZeroDivisionError as error:
    tell("caught")
    raise ValueError("more") from error
""",
    "the top level": """
total = 0
for rows in [[1, 2], [4, 5]]:
    for x in rows:
        total += x
        tell(globals()["total"], [x * k for k in rows])
    else:
        tell("else")
for rows in [[1], [0]]:
    while rows:
        last = 1 // rows.pop()
        for _ in range(3):
            missing_name if last > 1 else None
""",
    "unbound at the top level": """
for rows in [[], [1]]:
    for x in rows:
        tell(nothing)
""",
    "objects that die": """
def main():
    one = Mortal("one")
    for rows in [range(2), range(0), range(3)]:
        one = Mortal(f"one of {len(rows)}")
        for n in rows:
            two = Mortal(f"two {n}")
            one = Mortal(f"inner {n}")
            tell("iteration", n)
        tell("between")
    tell("end of main")
main()
""",
    "break, continue, else": """
def main():
    for stop in range(4):
        seen = []
        for n in range(20):
            if n % 2:
                continue
            if n > 2 * stop:
                break
            seen.append(n)
        else:
            tell("never")
        n = len(seen)
        while n:
            n -= 1
            if n == 1:
                break
        else:
            tell("else", stop)
        tell(seen)
main()
""",
    "handlers inside": """
def main():
    for rows in [[1, 0], [2, "x"]]:
        bad = 0
        for x in rows:
            try:
                tell(1 // x)
            except ZeroDivisionError:
                bad += 1
            finally:
                tell("finally")
        tell(bad)
main()
""",
    "comprehensions and lambdas": """
def main():
    scale = 3
    for rows in [[3, 1, 2], [5, 4]]:
        best = []
        for x in rows:
            best.append(sorted([y * x * scale for y in rows], key=lambda v: -v))
            best.append(sum(y * x for y in rows))
            best.append((lambda v: v + 1).__qualname__)
        tell(best)
main()
""",
    "objects that a number takes the place of": """
def main():
    for n in range(5):
        if n % 2 == 0:
            k = Mortal(n)
        for k in range(20):
            pass
        tell("done")
        for x in [n] * 20:
            m = len([x])
        tell("done again")
        m = Mortal(n + 10)
main()
""",
    "tries around": """
def main():
    total = 0
    for rows in [[1, 3, 5], [4, 5]]:
        try:
            for x in rows:
                total += x
                if x == 3:
                    raise ValueError(total)
        except ValueError as error:
            tell("caught", str(error))
        try:
            for y in rows:
                tell(y)
                raise ValueError
        except ValueError as error:
            tell(f"{error}")
    tell("end")
main()
""",
    "in a handler": """
def main():
    try:
        1 // 0
    except ZeroDivisionError:
        for rows in [[1, 2], [0]]:
            for x in rows:
                if not x:
                    raise
main()
""",
    "a range in parts": """
def main(n, start):
    number = 0
    seen = Mortal("seen")
    for k in range(start, n):
        number += k
        if k % 5 == 0:
            flip()
            continue
        one = Mortal(str(k))
        seen = Mortal("seen " + str(k))
        number += sum(k for k in range(k))
    tell(number, seen)
main(40, 2)
main(3, 7)
main(-3, 0)
""",
    "an error in a part of a range": """
def main(n):
    for k in range(n):
        10 // (30 - k)
        flip()
main(50)
""",
    "a range that is another one later": """
import builtins
real = range
def main(n):
    try:
        for k in range(n):
            builtins.range = lambda *a: [-1]
            tell(k)
            flip()
            flip()
    finally:
        builtins.range = real
main(20)
""",
    "what is no range": """
def main(n):
    for k in range(n):
        tell(k)
main("x")
""",
    "globals of a function": """
count = 0
def main():
    global count
    for rows in [[3, 1, 2], [5, 4]]:
        for x in rows:
            count += x
            look()
def look():
    tell(count)
main()
""",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_script_does_the_same_with_its_loops_outlined(name: str) -> None:
    assert both(WRITTEN[name]) >= 1


NAMES = ("a", "b", "c", "x", "y")
Draw = Callable[..., Any]


@st.composite
def expressions(draw: Draw) -> str:
    name, other = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    return str(
        draw(
            st.sampled_from(
                [
                    *(str(n) for n in range(4)),
                    name,
                    f"({name} + {other})",
                    f"({name} * 2 - {other})",
                    f"(7 // ({name} - 2))",
                    f"len([{name}, {other}])",
                    f"sum([{name} for {name} in range({other})])",
                    f"sum({name} * k for k in range(3))",
                    f"Mortal({name!r})",
                    f"({name} := {other})",
                    f"({name} if {other} else 1)",
                    f"(lambda: {name})",
                ]
            )
        )
    )


@st.composite
def blocks(draw: Draw, depth: int, looped: bool) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(statements(depth, looped))
    return lines


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@st.composite
def statements(draw: Draw, depth: int, looped: bool) -> list[str]:
    name, value = draw(st.sampled_from(NAMES)), draw(expressions())
    simple = [
        [f"{name} = {value}"],
        [f"{name} += {value}"],
        [f"tell({value})"],
        [f"{name} = Mortal({name!r} + str(len(seen)))", "seen.append(0)"],
        [f"del {name}"],
        ["pass"],
    ]
    if looped:
        simple += [[f"if {value}: break"], [f"if {value}: continue"]]
    kind = draw(st.sampled_from(["simple", "simple", "for", "while", "if", "try", "with"]))
    if kind == "simple" or not depth:
        return list(draw(st.sampled_from(simple)))
    inside = indented(draw(blocks(depth - 1, looped or kind in ("for", "while"))))
    other = indented(draw(blocks(depth - 1, looped)))
    if kind == "for":
        over = draw(st.sampled_from(["range(17)[:3]", "[1, 2, 3]", "[]", "(a, b)", "range(20)"]))
        head = [f"for {name} in {over}:", *inside]
        return [*head, "else:", *other] if draw(st.booleans()) else head
    if kind == "while":
        number = draw(st.integers(0, 10**6))
        head = [f"k{number} = 0", f"while k{number} < 3:", f"    k{number} += 1", *inside]
        return [*head, "else:", *other] if draw(st.booleans()) else head
    if kind == "if":
        return [f"if {value}:", *inside, "else:", *other]
    if kind == "try":
        caught = draw(
            st.sampled_from(["except ZeroDivisionError:", f"except TypeError as {name}:"])
        )
        return ["try:", *inside, caught, *other, "finally:", "    tell('finally')"]
    return ["with suppress(ZeroDivisionError):", *inside]


@st.composite
def scripts(draw: Draw) -> str:
    body = draw(blocks(2, True))
    before = draw(
        st.lists(st.sampled_from([f"{n} = {i}" for i, n in enumerate(NAMES)]), max_size=5)
    )
    lines = [*before, "for outer in range(3):", *indented(["seen.append(1)", *body])]
    lines += draw(blocks(1, False))
    if draw(st.booleans()):
        value = draw(expressions())
        inside = [f"if k % 3: {draw(st.sampled_from(NAMES))} = {value}", *draw(blocks(1, False))]
        lines += ["for k in range(len(seen) * 7):", *indented(["flip()", *inside])]
    lines = ["seen = []", *lines, "tell(seen)"]
    if draw(st.booleans()):
        lines = ["def main():", *indented(lines), "main()"]
    return "\n".join(["from contextlib import suppress", *lines, ""])


outlined_in: list[int] = []


@settings(max_examples=150)
@given(scripts())
def test_drawn_scripts_do_the_same(text: str) -> None:
    note(text)
    try:
        compile(text, "drawn", "exec")
    except SyntaxError:
        return
    if outline(Source("drawn", "drawn", text).tree, text).loops:
        outlined_in.append(both(text))


def test_loops_of_drawn_scripts_are_outlined() -> None:
    assert len(outlined_in) > 10
