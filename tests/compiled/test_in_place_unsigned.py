"""Compiled in place: ints of 64 bits without a sign, as generators of random numbers and hashes have them."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
MASK64 = (1 << 64) - 1
BITS = 64
MODULUS = 2**64
GOLDEN = 0x9E3779B97F4A7C15
TABLE = [0xBF58476D1CE4E5B9, 7, 1 << 63]


class Generator:
    MULTIPLIER = 0xD1342543DE82EF95

    def __init__(self, state):
        self.state = state

    def draw(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK64
        return self.state >> 33

    def real(self):
        self.state = (self.state * Generator.MULTIPLIER + 1) % 2**64
        return self.state / 2**64


class Own:
    def __init__(self, n):
        self.n = n

    def __mul__(self, other):
        return Own(self.n * other)

    def __and__(self, other):
        return -self.n

    def __iand__(self, other):
        return self.n


def rotated(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK64


def xorshift(state, n):
    x = state
    for _ in range(n):
        x ^= (x << 13) & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 7
        x ^= (x << 17) & 0xFFFFFFFFFFFFFFFF
    return x


def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h ^= b
        h = (h * 0x100000001b3) & 0xFFFFFFFFFFFFFFFF
    return h


def fnv_in_steps(data):
    h = 0xcbf29ce484222325
    for b in data:
        h ^= b
        h *= 0x100000001b3
        h &= MASK64
    return h


def splitmix(state, n):
    found = []
    for _ in range(n):
        state = (state + GOLDEN) & MASK64
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        found.append(z ^ (z >> 31))
    return found


def drawn(generator, n):
    found = []
    for _ in range(n):
        found.append((generator.draw(), generator.real()))
    return found


def xoshiro(s, n):
    total = 0
    for _ in range(n):
        total = (total + rotated(s[1] * 5 & MASK64, 7) * 9) & MASK64
        t = (s[1] << 17) & MASK64
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 45)
    return total


def mixed(numbers, a, k):
    found = []
    h = 1 << 63
    for n in numbers:
        h = (h * GOLDEN + n) % MODULUS
        found.append(h)
        found.append((n * a * n - h) & MASK64)
        found.append((~h & MASK64, -n & MASK64, n & MASK64, ~n & MASK64))
        found.append((h & 0xFFFFFFFF, h & 255, TABLE[h % 3], h % 10, h // 3, h >> 1, h >> k))
        found.append((h & n, n & h, h > n, h <= n, n == h, n != h, n < h, h < 5, h > 1 << 63))
        found.append((h / 2**64, h / MASK64, h * 0.5, float(h), h / 3, h / 2.5, 0.25 + h))
        found.append((str(h), f"{h} {h:5d}", hex(h), bool(h), isinstance(h, int)))
        found.append((h is None, not h, abs(h), int(h), {h: n}[h], h in [n, 7, h], max(h, 7), "%d" % h))
        found.append((h % 2**32, h ^ MASK64, h | 5, 5 ^ h, divmod(h, 1000), h % (h | 1), 9 % (h | 1)))
        found.append(((h << k | h >> 64 - k) & MASK64, (n << k) & MASK64, (h * h + a) % (1 << BITS)))
    return h, found


def leaving(numbers, a):
    h = 1 << 63
    found = []
    for n in numbers:
        found.append((h ^ n, h | n, h + n, h - n, h * n, h // n, h % n, n - h, n % h))
        found.append((h == 0.5, h < 2.5, h != n / 2, h + 0.5 > n))
        h = (h + a) & MASK64
        found.append((h << 1, -h, ~h, h - 5, h + h, +h))
    return found


def steps(values, a):
    found = []
    for value in values:
        value *= a
        value &= MASK64
        found.append(value)
    return found


def optional(values, a):
    found = []
    last = None
    for value in values:
        found.append(last == value or last == a)
        if last is not None and last > a:
            found.append(last)
        last = (value * GOLDEN) & MASK64
    return found, last


def kept(counts, n):
    h = 1
    for _ in range(n):
        h = (h * GOLDEN) & MASK64
        counts[h] = counts.get(h, 0) + 1
        counts["last"] = h
    return counts
"""

EXAMPLES: dict[str, Make] = {
    "xorshift": lambda m: (88172645463325252, 3),
    "fnv": lambda m: (b"abc",),
    "fnv_in_steps": lambda m: (b"abc",),
    "splitmix": lambda m: (1, 3),
    "drawn": lambda m: (m.Generator(42), 3),
    "xoshiro": lambda m: ([1, 2, 3, 4], 3),
    "mixed": lambda m: ([1, 2, 300], 7, 5),
    "leaving": lambda m: ([1, 2], 3),
    "steps": lambda m: ([1, 2], 3),
    "optional": lambda m: ([1, 2, 3], 3),
    "kept": lambda m: ({"last": 1}, 3),
}
EDGES = [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"leaving"}))
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@pytest.mark.parametrize("state", EDGES)
def test_all_64_bits_come_in(made: InPlace, state: int) -> None:
    made.check_fast("xorshift", lambda m: (state, 99))
    made.check_fast("splitmix", lambda m: (state, 99))
    made.check_fast("drawn", lambda m: (m.Generator(state), 99))
    made.check_fast("xoshiro", lambda m: ([state, 1, state, 3], 99))


@pytest.mark.parametrize("state", [-1, -(1 << 63), 1 << 64, 1 << 99, 1.0, True, None])
def test_what_is_longer_or_negative(made: InPlace, state: Any) -> None:
    made.check("xorshift", lambda m: (state, 9))
    made.check("splitmix", lambda m: (state, 9))
    made.check("drawn", lambda m: (m.Generator(state), 9))
    made.check("xoshiro", lambda m: ([state, 1, state, 3], 9))
    made.check("fnv", lambda m: ([1, state, 3],))
    made.check("fnv_in_steps", lambda m: ([state],))


WHOLE = st.one_of(
    st.integers(-9, 9),
    st.sampled_from([*EDGES, -1, -(1 << 63)]),
    st.integers(-(1 << 63), (1 << 63) - 1),
)
SHORT = WHOLE.filter(lambda n: n < 1 << 63)


@settings(deadline=None, max_examples=200)
@given(st.lists(SHORT, max_size=4), SHORT, st.integers(0, 64))
def test_any_bits(made: InPlace, numbers: list[int], a: int, k: int) -> None:
    made.check_fast("mixed", lambda m: (list(numbers), a, k))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(WHOLE, st.just(1 << 64), st.just(1.5))), WHOLE, st.integers(-1, 99))
def test_what_leaves_the_range(made: InPlace, numbers: list[Any], a: int, k: int) -> None:
    made.check("mixed", lambda m: (list(numbers), a, k))
    made.check("leaving", lambda m: (list(numbers), a))
    made.check("optional", lambda m: (list(numbers), a))


def test_what_says_itself_what_a_product_is(made: InPlace) -> None:
    made.check_fast("steps", lambda m: ([1 << 62, 3], 5))
    made.check("steps", lambda m: ([m.Own(3), 4], 1 << 62))
    made.check("steps", lambda m: ([True, 2.0], 3))


def written(draw: random.Random, depth: int = 3, known: bool = False) -> str:
    """An expression of ``u`` and ``v`` of 64 bits, and ``i`` and ``j``, which have signs."""
    if depth == 0 or draw.random() < 0.1:
        names = ["u", "v", "u", "v", "i", "j"]
        constants = ["MASK64", "5", "0xFF", "GOLDEN", "-3", "1 << 63"]
        return f"({draw.choice(names + constants if known else names)})"
    left, right = written(draw, depth - 1), written(draw, depth - 1, True)
    match draw.randrange(12):
        case 0 | 1 | 2:
            mask = draw.choice(["& MASK64", "% MODULUS", "& 0xFFFFFFFF", "& (1 << 63)", "& v"])
            return f"(({left} {draw.choice('+-*^|&')} {right}) {mask})"
        case 3 | 4:
            by = draw.choice(["1", "0", "31", "63", "64", "(j & 63)", "(64 - (j & 63))"])
            way = draw.choice([">>", ">>", "<<"])
            return f"(({left} {way} {by}){draw.choice(['', ' & MASK64'])})"
        case 5:
            return f"({draw.choice(['~', '-', '+'])}{left}{draw.choice(['', ' & MASK64'])})"
        case 6:
            return f"({left} {draw.choice(['//', '%'])} ({right} | 1))"
        case 7:
            return f"({left} if {left} {draw.choice(['<', '<=', '==', '!=', '>'])} {right} else {right})"
        case 8:
            return f"max({left}, {right})"
    return f"({left} {draw.choice('&|^+-*')} {right})"


DRAWN = random.Random(64)
EXPRESSIONS = [written(DRAWN) for _ in range(40)]
DRAWN_TEXT = TEXT + "".join(
    f"""
def drawn_{at}(values, i, j):
    found = []
    for value in values:
        u = (value * GOLDEN) & MASK64
        v = (u ^ (u >> 32)) * GOLDEN & MASK64
        w = {expression}
        found.append((w, w / 2, {expression} > u))
    return found
"""
    for at, expression in enumerate(EXPRESSIONS)
)


@pytest.fixture(scope="module")
def expressions(builder: Any) -> InPlace:
    names = [f"drawn_{at}" for at in range(len(EXPRESSIONS))]
    return InPlace(builder, DRAWN_TEXT, dict.fromkeys(names, lambda m: ([1, 2], 3, 4)))


@settings(deadline=None, max_examples=40)
@given(WHOLE, WHOLE, WHOLE)
def test_drawn_expressions(expressions: InPlace, value: int, i: int, j: int) -> None:
    for at in range(len(EXPRESSIONS)):
        expressions.check(f"drawn_{at}", lambda m: ([value], i, j))


def test_most_drawn_expressions_run_compiled(expressions: InPlace) -> None:
    before = sum(expressions.deopts.values())
    for at in range(len(EXPRESSIONS)):
        expressions.check(f"drawn_{at}", lambda m: ([5], 3, 4))
    assert sum(expressions.deopts.values()) - before < len(EXPRESSIONS) // 2
