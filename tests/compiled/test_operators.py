"""Every operator and builtin over every pair of types, with the values where C and Python part."""

import pytest
from compiled_values import FLOATS, INTS, RIGHT, TEXTS, mixed
from compiled_workbench import Bench
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

BINARY = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%",
          "lt": "<", "le": "<=", "eq": "==", "ne": "!=", "gt": ">", "ge": ">="}  # fmt: skip
WHOLE = {"and_": "&", "or_": "|", "xor": "^", "shl": "<<", "shr": ">>"}
NUMBERS = ("int", "float", "bool")
ONE = {
    "neg": ("-a", NUMBERS),
    "pos": ("+a", NUMBERS),
    "invert": ("~a", ("int",)),
    "not_": ("not a", (*NUMBERS, "str", "bytes", "list[int]")),
    "abs_": ("abs(a)", NUMBERS),
    "int_": ("int(a)", NUMBERS),
    "float_": ("float(a)", NUMBERS),
    "bool_": ("bool(a)", (*NUMBERS, "str", "list[float]")),
    "round_": ("round(a)", ("int", "float")),
    "len_": ("len(a)", ("str", "bytes", "list[int]", "list[str]", "list[list[int]]", "tuple[int]")),
    "chr_": ("chr(a)", ("int",)),
    "square": ("a ** 2", NUMBERS[:2]),
    "cube": ("a ** 3", NUMBERS[:2]),
    "inverse": ("a ** -1", NUMBERS[:2]),
    "root": ("a ** 0.5", NUMBERS[:2]),
    "hash_": ("(a * 31 + 7 ^ a << 5) & 0xFFFFFFFF", ("int",)),
    "hash_61": ("(a * a - a) % (1 << 61)", ("int",)),
    "masked_shift": ("(a >> 3) & 0xFF", ("int",)),
    "chain": ("0 < a <= 10", NUMBERS),
    "among": ("a in (1, 2, 5)", NUMBERS),
    "pick": ("a if a > 1 else 7", ("int",)),
    "min_": ("min(a)", ("list[int]", "list[float]")),
    "max_": ("max(a)", ("list[int]", "list[float]")),
    "sum_": ("sum(a)", ("list[int]",)),
    "sum_squares": ("sum(x * x for x in a)", ("list[int]",)),
    "any_": ("any(x > 3 for x in a)", ("list[int]", "list[float]", "tuple[int]")),
    "all_": ("all(x > 3 for x in a)", ("list[int]", "list[float]")),
    "max_of": ("max(x * x for x in a)", ("list[int]", "list[float]")),
    "copy": ("list(a)", ("list[int]", "list[float]", "list[bool]", "tuple[int]", "str", "bytes")),
    "reverse": ("[x for x in reversed(a)]", ("list[int]", "str", "list[float]")),
    "evens": ("[x for x in a if x % 2 == 0]", ("list[int]", "list[float]")),
    "flat": ("[x for row in a for x in row]", ("list[list[int]]", "list[list[float]]")),
    "first": ("a[0]", ("str", "bytes", "list[int]", "list[float]", "list[bool]", "tuple[int]")),
    "last": ("a[-1]", ("str", "bytes", "list[int]", "list[float]")),
    "corner": ("a[-1][0]", ("list[list[int]]", "list[list[float]]")),
    "twice": ("[a, a] * 3", ("int", "float", "bool")),
    "digits": ("[c.isdigit() or c.isspace() for c in a]", ("str",)),
    "letters": ("[c.isalpha() and not c.isupper() for c in a]", ("str",)),
    "codes": ("[ord(c) for c in a]", ("str",)),
    "values": ("[int(c) for c in a]", ("str",)),
    "dots": ("[i * x for i, x in enumerate(a, 1)]", ("list[int]", "bytes", "list[float]")),
    "pair": ("(a, a + 1)", ("int", "float")),
    "root_": ("math.sqrt(a)", NUMBERS),
    "sine": ("math.sin(a)", NUMBERS[:2]),
    "log": ("math.log(a)", NUMBERS[:2]),
    "exp": ("math.exp(a)", NUMBERS[:2]),
    "floor": ("math.floor(a)", NUMBERS[:2]),
    "ceil": ("math.ceil(a)", NUMBERS[:2]),
    "isqrt": ("math.isqrt(a)", ("int",)),
    "circle": ("2 * math.pi * a", NUMBERS[:2]),
    "is_nan": ("math.isnan(a)", NUMBERS[:2]),
}
TWO = {
    "power": ("a ** b", "int", "int"),
    "power_float": ("a ** b", "float", "float"),
    "power_mixed": ("a ** b", "float", "int"),
    "min_int": ("min(a, b)", "int", "int"),
    "max_float": ("max(a, b)", "float", "float"),
    "gcd": ("math.gcd(a, b)", "int", "int"),
    "atan2": ("math.atan2(a, b)", "float", "float"),
    "text_eq": ("a == b", "str", "str"),
    "text_lt": ("a < b", "str", "str"),
    "bytes_le": ("a <= b", "bytes", "bytes"),
    "text_at": ("a[b]", "str", "int"),
    "list_at": ("a[b]", "list[int]", "int"),
    "float_at": ("a[b]", "list[float]", "int"),
    "head_in": ("a[0] in b", "str", "str"),
    "head_eq": ("a[0] == b", "str", "str"),
    "value_in": ("b in [x for x in a]", "list[int]", "int"),
    "both": ("a and b", "int", "int"),
    "either": ("a or b", "float", "float"),
    "tokens": ("[x != y for x, y in zip(a, b)]", "list[str]", "list[str]"),
    "products": ("[x * y for x, y in zip(a, b)]", "list[int]", "list[float]"),
    "swap": ("(b, a)", "int", "float"),
}
THREE = {
    "powmod": ("pow(a, b, c)", "int", "int", "int"),
    "between": ("a < b < c", "int", "float", "int"),
}
STATEMENTS = """
def widens(a: list[float]):
    s = 0
    for x in a:
        s += x
    return s

def widens_int(n: int, a: list[float]):
    s = n
    for x in a:
        s = s * x
    return s

def halves(n: int):
    x = n
    for _ in range(3):
        x = x / 2
    return x

def compares_wide(n: int, a: list[float]):
    best = n
    for x in a:
        if x > best:
            best = x
    return best

def ranges(a: int, b: int, c: int):
    out = []
    for i in range(a, b, c):
        out.append(i)
        if len(out) > 20:
            break
    else:
        out.append(-1)
    return out

def backwards(a: int, b: int):
    out = [0]
    for i in reversed(range(a, b)):
        out.append(i)
        if len(out) > 20:
            break
    return out

def stack(a: list[int]):
    held = []
    for x in a:
        if x % 3 == 0 and held:
            y = held.pop()
            held.append(y * x)
        else:
            held.append(x)
    while len(held) > 3:
        held.pop()
    return held

def aliases(n: int):
    a = [1, 2, 3]
    b = a
    b[0] = n
    a.append(4)
    c = b + [n] * 2
    b = [9]
    return a[0] + len(a) * 10 + c[-1] + len(b)

def grows_while_read(n: int):
    a = [n]
    for x in a:
        if len(a) < 10:
            a.append(x - 1)
    return a

def writes(a: list[int], i: int, v: int):
    b = [x for x in a]
    b[i] = v
    b[-i] += v
    return b

def grid(n: int, m: int):
    if n > 20 or m > 20:
        return None
    rows = [[i * j for j in range(m)] for i in range(n)]
    rows[0][-1] = 7
    rows[-1] = rows[0]
    return rows

def unpacks(a: list[list[float]]):
    total = 0.0
    for x, y in a:
        total += x * y
    return total

def divides(a: int, b: int):
    q, r = divmod(a, b)
    assert q * b + r == a
    return q, r

def last_of(a: list[int]):
    for x in a:
        y = x
    else:
        y = 5
    return y

def several(a: int):
    if a == 1:
        return None
    if a == 2:
        return 2.5
    if a == 3:
        return True
    if a == 4:
        return (a, [a], (1.0, False))
    return a

def falls_off(a: int):
    if a > 0:
        return a

def boundary(n: int):
    total = 0
    for i in range(9223372036854775800, n, 3):
        total ^= i
    return total

def nested_break(a: list[int], b: list[int]):
    for x in a:
        for y in b:
            if x == y:
                return x
            if y > x:
                break
        else:
            continue
        if x < 0:
            break
    else:
        return -1
    return -2

def while_all(a: list[int]):
    n = len(a)
    while n > 0 and any(x > n for x in a):
        n -= 1
    return n

def shadow(a: list[int]):
    x = 10
    b = [x * 2 for x in a]
    return x + len(b)

def is_even(n: int):
    if n <= 0:
        return True
    return is_odd(n - 1)

def is_odd(n: int):
    if n <= 0:
        return False
    return is_even(n - 1)

def counted(a: list[int], width: int):
    total = 0
    for i in range(len(a)):
        total += window(a, i, width)
    return total

def window(a: list[int], start: int, width: int):
    held = []
    for i in range(start, min(start + width, len(a))):
        held.append(a[i])
    best = 0
    for x in held:
        best = max(best, x)
    return best

def longest(a: list[str]):
    best = a[0]
    for x in a:
        if len(x) > len(best) or x == "aeiou":
            best = x
    return best

def count_words(a: list[str], wanted: str):
    n = 0
    for x in a:
        if x == wanted or x != "a" and x[-1] == "b" and x:
            n += 1
        for c in x:
            if c in "xyz\\x00" or c in wanted:
                n += 10
    return n

def chosen(a: str, b: str):
    if a < b:
        a, b = b, a
    if a == "ab":
        return "none"
    return (a, 1, "both")

def pairs_of(a: list[str], b: list[str]):
    n = 0
    for x in a:
        for y in b:
            if x == y and x != "":
                n += 1
    return n

def own_words(numbers: list[str], pool: list[str], object: int):
    double = 0
    for list in numbers:
        for type in pool:
            if list == type:
                double += object
    return double

def letters(s: str, n: int):
    return n, 'a', 'x' if n > 1 else s[0], ('b' if n else 'c', True)

def nothing_found(n: int):
    return [], n + 1

def keyword_only(a: int, *, double: float = 2.0, cdef: int = 3):
    return a * cdef + double
"""
STATEMENT_NAMES = [
    line[4 : line.index("(")] for line in STATEMENTS.splitlines() if line.startswith("def ")
]
SMALL = {"ranges", "grid", "is_even", "is_odd", "aliases", "backwards", "boundary"}


def functions() -> dict[str, tuple[str, dict[str, str]]]:
    """Name -> text and types."""
    found: dict[str, tuple[str, dict[str, str]]] = {}

    def add(name: str, body: str, **types: str) -> None:
        text = f"def {name}({', '.join(types)}):\n    return {body}\n"
        found[name] = (text, types)

    for name, sign in BINARY.items():
        for a in NUMBERS:
            for b in NUMBERS:
                add(f"{name}_{a}_{b}", f"a {sign} b", a=a, b=b)
    for name, sign in WHOLE.items():
        for a in ("int", "bool"):
            for b in ("int", "bool"):
                add(f"{name}_{a}_{b}", f"a {sign} b", a=a, b=b)
    for name, (body, kinds) in ONE.items():
        for number, kind in enumerate(kinds):
            add(f"{name}_{number}", body, a=kind)
    for name, (body, a, b) in TWO.items():
        add(name, body, a=a, b=b)
    for name, (body, a, b, c) in THREE.items():
        add(name, body, a=a, b=b, c=c)
    return found


FUNCTIONS = functions()


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    text = "import math\n" + "\n".join(text for text, _ in FUNCTIONS.values())
    seen = {name: types for name, (_, types) in FUNCTIONS.items()}
    return Bench.of(text, FUNCTIONS, builder, seen)


@pytest.fixture(scope="module")
def statements(builder) -> Bench:
    return Bench.of(STATEMENTS, STATEMENT_NAMES, builder)


def test_everything_compiles(bench: Bench, statements: Bench) -> None:
    assert {n: r.reason for n, r in bench.refusals.items()} == {}
    assert {n: r.reason for n, r in statements.refusals.items()} == {}


EDGES = {"int": INTS, "float": FLOATS, "bool": [False, True], "str": TEXTS}


WITH_EDGES = [name for name, (_, types) in FUNCTIONS.items() if set(types.values()) <= set(EDGES)]


@pytest.mark.parametrize("name", WITH_EDGES)
def test_the_values_where_c_and_python_part(bench: Bench, name: str) -> None:
    _, types = FUNCTIONS[name]
    choices = [EDGES[kind] for kind in types.values()]
    if len(choices) == 1:
        for a in choices[0]:
            bench.check(name, a)
    elif len(choices) == 2:
        for a in choices[0]:
            for b in choices[1]:
                if not huge(name, a, b):
                    bench.check(name, a, b)
    else:
        for a in (0, 1, -1, 3, 2**53 + 1, 2**63 - 1):
            for b in (0, 1, 5, 2.0**53, 2**62) if name == "between" else (0, 1, 5, 2**62):
                for c in (-3, 0, 1, 7, 2**63 - 1):
                    bench.check(name, a, b, c)


def huge(name: str, a: object, b: object) -> bool:
    """Whether Python itself would need a number of billions of digits."""
    whole = isinstance(b, int) and isinstance(a, int)
    return whole and abs(int(b)) > 10_000 and name.startswith(("shl", "power"))


def test_what_there_is_no_room_for_fails_on_both_sides(bench: Bench) -> None:
    bench.check("mul_int_int", [1], 2**31)
    bench.check("products", [2**31], [[1.0]])


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arguments_agree(bench: Bench, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FUNCTIONS)), label="function")
    _, types = FUNCTIONS[name]
    arguments = [data.draw(mixed(kind), label=p) for p, kind in types.items()]
    if len(arguments) != 2 or not huge(name, *arguments):
        bench.check(name, *arguments)


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_statements_agree(statements: Bench, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(STATEMENT_NAMES), label="function")
    types = statements.variations[name].parameters
    small = name in SMALL or data.draw(st.booleans())
    arguments = [data.draw(mixed(kind, small), label=p) for p, kind in types.items()]
    if name == "keyword_only":
        arguments = arguments[:1]
    if name == "boundary":
        arguments = [2**63 - 1 if type(a) is int and a % 2 else a for a in arguments]
    if name in {"is_even", "is_odd"}:
        arguments = [min(a, 900) if type(a) is int else a for a in arguments]
    statements.check(name, *arguments)


@given(st.sampled_from(["int", "float", "str", "list[int]"]), st.data())
@example("int", None)
@settings(max_examples=5)
def test_what_was_drawn_is_of_the_type(kind: str, data: st.DataObject | None) -> None:
    if data is not None:
        assert type(data.draw(RIGHT[kind])).__name__ == kind.partition("[")[0]


ORDINARY = {
    "widens": [([],), ([0.5, 1.5],), ([-0.0],)],
    "widens_int": [(3, []), (3, [0.5]), (2**53, [1.0])],
    "halves": [(7,), (0,)],
    "compares_wide": [(3, [1.0, 2.0]), (3, [4.0])],
    "ranges": [(0, 10, 3), (10, 0, -2), (0, 0, 1), (5, 1, 1)],
    "stack": [([1, 2, 3, 4, 6, 9],), ([],)],
    "aliases": [(5,)],
    "grows_while_read": [(3,)],
    "writes": [([1, 2, 3], 1, 5)],
    "grid": [(1, 4), (30, 1)],
    "unpacks": [([[1.0, 2.0], [3.0, 4.0]],)],
    "divides": [(7, 2), (-7, 2), (7, -2)],
    "last_of": [([1, 2],), ([],)],
    "several": [(n,) for n in range(6)],
    "falls_off": [(1,), (-1,)],
    "boundary": [(2**63 - 1,)],
    "nested_break": [([1, 2], [2, 1]), ([-5], [1]), ([], [])],
    "while_all": [([5, 1],)],
    "shadow": [([1, 2],)],
    "is_even": [(7,), (500,)],
    "counted": [([1, 5, 2, 8], 2)],
    "keyword_only": [(4,)],
    "own_words": [(["a", "b"], ["b"], 7)],
    "longest": [(["a", "abc", "é"],), (["aeiou", "x"],)],
    "count_words": [(["ab", "x", "b"], "x")],
    "chosen": [("x", "y"), ("ab", "a")],
    "pairs_of": [(["a", ""], ["a", "a", ""])],
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_arguments_stay_in_compiled_code(statements: Bench, name: str) -> None:
    for arguments in ORDINARY[name]:
        statements.check_fast(name, *arguments)
