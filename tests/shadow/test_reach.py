"""Which places of two functions are unlike, and which of them ran."""

import ast
import copy
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from selfsame.runtime.shadow.coverage import Places
from selfsame.runtime.shadow.pair import compare, named
from selfsame.runtime.shadow.reach import changed, differing, own_codes, unvaried
from selfsame.runtime.shadow.senses import changes


def function(text: str) -> FunctionType:
    namespace: dict[str, FunctionType] = {}
    exec(compile(text, "<text>", "exec"), namespace)
    return namespace["f"]


def unreached(text: str, other: str, *calls: object) -> list[int]:
    """Lines of ``text`` with places unlike ``other`` that no call came to."""
    one, two = function(text), function(other)
    wanted, _ = differing(one.__code__, two.__code__)
    places = Places(own_codes(one.__code__))
    for call in calls:
        with places.recording():
            one(call)
        wanted -= places.last
    return sorted({where[0] for where in wanted})


PAIR = "def f(x):\n    return {} if x else {}\n"
CHAIN = "def f(x):\n    if x or x {} 0:\n        return 1\n    return 2\n"


@pytest.mark.parametrize(
    ("expression", "lines"),
    [
        ("sys.argv[1:]", {3}),
        ("[os.environ.get(n) for n in x]", {3}),
        ("os.getpid()", set()),
        ("x.environ", set()),  # of an input, which is varied
        ("sys.path", set()),
        ("localeconv()['decimal_point']", {3}),
        ("getcwd() + x", {3}),
        ("join(x, x)", set()),
    ],
)
def test_what_no_input_varies_is_told(expression: str, lines: set[int]) -> None:
    imports = (
        "import os, sys; from os import getcwd; from os.path import join; from locale import *"
    )
    text = f"{imports}\ndef f(x):\n    return {{}}\n"
    one = function(text.format(expression))
    other = function(text.format(f"({expression}, 1)")).__code__
    places = differing(one.__code__, other)[0] | {(3, 3, 0, 0)}
    assert unvaried(one.__code__, other, places, one.__globals__) == lines
    assert unvaried(one.__code__, one.__code__, set(), one.__globals__) == set()
    kept = function(
        f"{imports}\ndef f(x):\n    def g(x):\n        return {expression}\n    return g(x)\n"
    )
    assert unvaried(one.__code__, kept.__code__, set(), one.__globals__) == lines


def test_a_difference_there_is_not_called_the_same(tmp_path: Path) -> None:
    file = tmp_path / "started.py"
    body = "(x: int):\n    return x, sys.argv[{}:]\n"
    file.write_text(f"import sys\ndef f{body.format(5)}def g{body.format(6)}")
    found = compare(named(f"{file}:f", []), named(f"{file}:g", []), [], 5.0)
    assert found.same == "inconclusive"
    assert "line 3 of the original reads what belongs to the process" in found.reason


def test_the_same_text_elsewhere_is_alike() -> None:
    text = "def f(x):\n    for k in range(x):\n        x += k\n    return [k for k in [x]]\n"
    assert unreached(text, "\n\n" + text) == []


def test_a_loop_that_only_moved_is_alike() -> None:
    text = "def f(xs):\n    try:\n        for x in xs:\n            if x:\n                return x\n    {}\n"
    a, b = text.format("finally: pass"), text.format("finally: xs = 1, 2, xs and 3")
    assert unreached(a, b, [0]) == []


def test_a_value_that_only_got_a_name_is_alike() -> None:
    plain = "def f(x):\n    if x > 5:\n        return 1\n    return x\n"
    named = "def f(x):\n    {0} = x > 5\n    if {0}:\n        return 1\n    return x\n"
    if sys.version_info < (3, 13):  # later both are one instruction, and the place must be reached
        assert unreached(plain, named.format("known"), 0) == []
    assert unreached(plain, named.format("x"), 0) != []
    assert unreached(plain, named.format("known").replace(">", ">="), 0) != []
    again = named.format("known").replace("return x", "return known or x")
    assert unreached(plain, again, 0) != []


def test_an_arm_that_never_ran() -> None:
    a, b = PAIR.format("'a'", "'b'"), PAIR.format("'a'", "'c'")
    assert unreached(a, b, 1) == [2]
    assert unreached(a, b, 1, 0) == []


def test_the_part_of_a_condition_that_was_never_asked() -> None:
    a, b = CHAIN.format("=="), CHAIN.format("!=")
    assert unreached(a, b, 1, 2, 3) == [2, 4]
    assert unreached(a, b, 0) == [4]
    assert unreached(a, b, 0, "") == []


def test_what_is_decided_must_go_both_ways() -> None:
    text = (
        "def f(x):\n    if {} x:\n        x = 1\n    while x > {}:\n        x -= 1\n    return x\n"
    )
    a, b = text.format("not", 3), text.format("not not", 3)
    assert unreached(a, b, 1) == [3]
    assert unreached(a, b, 1, 0) == []
    a, b = text.format("not", 3), text.format("not", 2)
    assert unreached(a, b, 1) == [5]
    assert unreached(a, b, 5) == []


def test_what_is_decided_on_a_local_assigned_there() -> None:
    text = "def f(x):\n    y = getattr(x, {}, None)\n    if y is not None:\n        x = y\n    return x\n"
    a, b = text.format("'real'"), text.format("'imag'")
    assert unreached(a, b, "text") == [4]
    assert unreached(a, b, "text", 3) == []


def test_a_handler() -> None:
    text = "def f(x):\n    try:\n        return int(x)\n    except ValueError:\n        return {}\n"
    a, b = text.format("'no'"), text.format("None")
    assert unreached(a, b, "1") == [5]
    assert unreached(a, b, "") == []


def test_what_is_defined_inside() -> None:
    text = "def f(x):\n    return [k {} 2 for k in x]\n"
    assert unreached(text.format("+"), text.format("-"), ()) == [2]
    assert unreached(text.format("+"), text.format("-"), (1,)) == []


def test_what_lies_where_something_alike_does_must_run_itself() -> None:
    text = "def f(x):\n    for k in x:\n        if k:\n            continue\n        str(k)\n"
    tree = ast.parse(text)
    loop = tree.body[0].body[0]  # type: ignore[attr-defined]
    loop.body.append(ast.copy_location(ast.Break(), loop))
    namespace: dict[str, FunctionType] = {}
    exec(compile(tree, "<text>", "exec"), namespace)
    left_early = namespace["f"]
    _, wanted = differing(function(text).__code__, left_early.__code__)
    places = Places(own_codes(left_early.__code__))
    with places.recording():
        left_early([1, 1])
    wanted -= places.last
    assert wanted
    with places.recording():
        left_early([1, 0, 1])
    assert not wanted - places.last


BEFORE = """
def f(values, limit, seen):
    total = 0
    if limit > 3 and values:
        total = limit
    for value in values:
        seen.append(value)
        total += value
    seen[0] = total
    return [x for x in values if x < limit]
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("limit > 3", "limit > 4", 4),
        ("total = limit", "total = limit + 1", 5),
        ("seen.append(value)", "pass", 7),
        ("total += value", "total += value * 2", 8),
        ("seen[0] = total", "seen[0] = -total", 9),
        ("if x < limit", "if x <= limit", 10),
    ],
)
def test_what_is_changed_is_lost_or_always_goes_one_way(old: str, new: str, line: int) -> None:
    one, two = function(BEFORE), function(BEFORE.replace(old, new))
    found = changes(one.__code__, changed(one.__code__, two.__code__))
    assert line in [at for at, _ in found]
    calls: list[tuple[object, ...]] = [
        ([1], 5, [0]),
        ([1, 7], 2, [0]),
        ([1, 2], 4, [9]),
        ([], 4, [9]),
    ]
    for _, code in found:
        assert any(_ended(FunctionType(code, {}), call) != _ended(one, call) for call in calls)


ROUNDS = """
def f(values, seen):
    for value in values:
        if value < 0:
            continue
        for other in seen:
            if other > value:
                break
            value += other
        else:
            seen.append(value)
    return [x + y for x in values for y in seen]
"""


def test_a_loop_around_what_is_changed_ends_after_its_first_round() -> None:
    one, two = function(ROUNDS), function(ROUNDS.replace("value += other", "value -= other"))
    found = changes(one.__code__, changed(one.__code__, two.__code__))
    outer, inner = (FunctionType(code, {}) for line, code in found if line in (3, 6))
    assert outer([1, 2, 3], seen := []) == [2, 3, 4]
    assert seen == [1]
    assert outer([-1, 2], seen := []) == []
    assert inner([5], seen := [1, 2]) == [6, 7, 11]
    assert seen == [1, 2, 6]


GIVEN = "def f(n):\n    found = (1 // n for i in range({}))\n    return sum(found) if n else 0\n"


def test_what_a_generator_expression_is_over_shows_where_it_gives_something() -> None:
    assert unreached(GIVEN.format("n"), GIVEN.format("n - 1"), 0, -1) == [2]
    assert unreached(GIVEN.format("n"), GIVEN.format("n - 1"), 2, 0) == []


FOUND = """
def f(values, known):
    match = None
    for value in values:
        if match is not None:
            if value in known:
                raise LookupError(value)
            break
        if value in known:
            match = value
    return match
"""


def test_so_does_one_whose_break_goes_on_where_it_ends() -> None:
    one = function(FOUND)
    two = function(FOUND.replace("match = value\n", "match = value\n        break\n"))
    found = changes(one.__code__, changed(one.__code__, two.__code__))
    (ended,) = (FunctionType(code, {}) for line, code in found if line == 4)
    for _ in range(3):
        assert [ended([1, 2], [1]), ended([3, 1], [1]), ended([], [1])] == [1, None, None]


NESTED = """
def f(rows, unique):
    found = []
    for row in rows:
        if row:
            for value in row:
                found.append(value)
                if unique and value in rows:
                    break
    return found
"""


def test_the_loop_that_ends_early_is_the_one_that_is_changed() -> None:
    one = function(NESTED)
    two = function(NESTED.replace("  break\n", "  break\n                break\n"))
    found = changes(one.__code__, changed(one.__code__, two.__code__))
    ended = [FunctionType(code, {}) for line, code in found if line == 6]
    assert [f([[1, 2], [3]], False) for f in ended] == [[1, 3]]


def test_each_part_of_a_condition_goes_both_ways() -> None:
    text = "def f(a, b):\n    if a in (1, 2) and not b:\n        return 5\n    return 6\n"
    one, two = function(text), function(text.replace(" and not b", ""))
    found = changes(one.__code__, changed(one.__code__, two.__code__))
    told = [
        [FunctionType(code, {})(a, b) for a, b in ((1, 0), (1, 1), (3, 0))] for _, code in found
    ]
    assert [5, 5, 6] in told


def test_of_an_operation_around_what_is_changed_only_its_left_operand_is_left() -> None:
    text = "def f(a, b):\n    return (a << 2) + (b * 10 - 1)\n"
    one = function(text)
    inner, outer = function(text.replace("2", "3")), function(text.replace("1)", "7)"))
    for other, value in ((inner, 3 + 49), (outer, 12 + 50)):
        found = changes(one.__code__, changed(one.__code__, other.__code__))
        assert [FunctionType(code, {})(3, 5) for _, code in found] == [value]


def _ended(f: FunctionType, call: tuple[object, ...]) -> object:
    call = copy.deepcopy(call)
    try:
        return f(*call), call
    except TypeError:  # on None, where a number was lost
        return None


def test_the_test_of_a_while_is_one_decision() -> None:
    text = "def f(x):\n    while x {} 3:\n        x -= 2\n    return x\n"
    one, two = function(text.format(">")), function(text.format(">="))
    never, always = changes(one.__code__, changed(one.__code__, two.__code__))
    assert [FunctionType(never[1], {})(x) for x in (1, 3, 9)] == [1, 3, 9]
    with pytest.raises(OverflowError):  # else it would not come to an end
        FunctionType(always[1], {})(Falling(5))


class Falling(int):
    """Comes to an end."""

    def __sub__(self, other: int) -> "Falling":
        if self < -100:
            raise OverflowError
        return Falling(int(self) - other)


CALLING = """
def f(values, seen):
    seen.append(values)
    list.insert(seen, 0, 1)
    list.sort(seen, key=str, reverse=True)
    list.extend(*(seen, [1]))
    list.sort(seen, **{"key": str})
    seen.extend(map(len, [values for _ in seen]))
    try:
        (seen.pop if values else seen.clear)()
    except IndexError:
        seen.append(5)
    return seen
"""


@pytest.mark.parametrize("line", [3, 4, 5, 6, 7, 8, 10, 12])
def test_a_call_for_its_effect_is_left_out(line: int) -> None:
    lines = CALLING.splitlines()
    indent = " " * (len(lines[line - 1]) - len(lines[line - 1].lstrip()))
    other = "\n".join([*lines[: line - 1], indent + "pass", *lines[line:]])
    one, two = function(CALLING), function(other)
    found = changes(one.__code__, changed(one.__code__, two.__code__))
    for values in ([], [7]):
        wanted = two(values, [3, 2])
        # Several times, for a stack that is not even would show.
        got = [
            [FunctionType(code, {})(values, [3, 2]) for _ in range(3)]
            for at, code in found
            if at == line
        ]
        assert [wanted] * 3 in got


def test_what_no_input_shows_leaves_it_open(tmp_path: Path) -> None:
    file = tmp_path / "logs.py"
    file.write_text(
        "class Log:\n    def check(self, size):\n        pass\n\n"
        "    def size(self, text: str):\n        self.check(len(text))\n        return len(text)\n\n"
        "    def size_unchecked(self, text: str):\n        return len(text)\n\n"
        "    def size_again(self, text: str):\n        self.check(len(text))\n        n = len(text)\n"
        "        return n\n"
    )
    one = named(f"{file}:Log.size", [])
    dropped = compare(one, named(f"{file}:Log.size_unchecked", []), [], 15.0)
    assert (dropped.same, "no input shows what line 6" in dropped.reason) == ("inconclusive", True)
    assert compare(one, named(f"{file}:Log.size_again", []), [], 15.0).same == "same"


LOOPS = """
class Base:
    \"""Nothing is known that has what it asks for.\"""


def names(bases: list[type]):
    found = []
    for base in bases:
        if isinstance(base, type):
            continue
        if hasattr(base, "__names_of_selfsame__"):
            found.append(base)
    return found


def names_of_first(bases: list[type]):
    found = []
    for base in bases:
        if isinstance(base, type):
            break
        if hasattr(base, "__names_of_selfsame__"):
            found.append(base)
    return found


def names_turned(bases: list[type]):
    found = []
    for base in bases:
        if not isinstance(base, type):
            if hasattr(base, "__names_of_selfsame__"):
                found.append(base)
    return found
"""


def test_where_no_input_shows_more_than_the_first_round_of_a_loop_it_stays_open(tried: Any) -> None:
    trial = tried(LOOPS, "names", "names_of_first", 8.0)
    assert (trial.same, trial.reason) == (
        "inconclusive",
        "no input shows what line 8 of the original does",
    )
