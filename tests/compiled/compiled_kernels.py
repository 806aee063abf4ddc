"""Functions as people write them: each is compiled, swapped in, and compared with itself."""

import math
import random

SIZE = 64
MASK = 0xFFFFFFFF
TABLE = [3, 1, 4, 1, 5, 9, 2, 6]


def levenshtein(a, b):
    """Distance of two strings, by rows."""
    if len(a) < len(b):
        a, b = b, a
    prev = list(range(len(b) + 1))
    for i, x in enumerate(a):
        cur = [i + 1]
        for j, y in enumerate(b):
            cur.append(min(prev[j + 1] + 1, cur[j] + 1, prev[j] + (x != y)))
        prev = cur
    return prev[-1]


def levenshtein_tokens(a: list[str], b: list[str]):
    rows, columns = len(a) + 1, len(b) + 1
    prev = [0] * columns
    cur = [0] * columns
    for j in range(columns):
        prev[j] = j
    for i in range(1, rows):
        cur[0] = i
        for j in range(1, columns):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            best = prev[j] + 1
            if cur[j - 1] + 1 < best:
                best = cur[j - 1] + 1
            if prev[j - 1] + cost < best:
                best = prev[j - 1] + cost
            cur[j] = best
        prev, cur = cur, prev
    return prev[columns - 1]


def edit_table(a: str, b: str):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        table[i][0] = i
    for j in range(len(b) + 1):
        table[0][j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            if a[i - 1] == b[j - 1]:
                table[i][j] = table[i - 1][j - 1]
            else:
                table[i][j] = 1 + min(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1])
    return table[len(a)][len(b)]


def within(a: str, b: str, limit: int):
    """Whether the distance is at most ``limit``, given up early."""
    if abs(len(a) - len(b)) > limit:
        return False
    prev = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        cur = [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            cur[j] = min(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + (x != y))
        if min(cur) > limit:
            return False
        prev = cur
    return prev[-1] <= limit


def lcs_length(a: str, b: str):
    prev = [0 for _ in range(len(b) + 1)]
    for x in a:
        cur = [0]
        for j in range(len(b)):
            if x == b[j]:
                cur.append(prev[j] + 1)
            else:
                cur.append(max(prev[j + 1], cur[-1]))
        prev = cur
    return prev[-1]


def collatz(n: int):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


def longest_collatz(limit: int):
    best, best_steps = 1, 0
    for start in range(1, limit):
        steps = collatz(start)
        if steps > best_steps:
            best, best_steps = start, steps
    return best, best_steps


def gcd(a: int, b: int):
    while b:
        a, b = b, a % b
    return a


def mandelbrot(cx: float, cy: float, limit: int):
    x = y = 0.0
    for i in range(limit):
        if x * x + y * y > 4.0:
            return i
        x, y = x * x - y * y + cx, 2.0 * x * y + cy
    return limit


def mandelbrot_rows(width: int, height: int, limit: int):
    rows = []
    for py in range(height):
        row = []
        for px in range(width):
            x0 = px / width * 3.5 - 2.5
            y0 = py / height * 2.0 - 1.0
            x = 0.0
            y = 0.0
            i = 0
            while x * x + y * y <= 4.0 and i < limit:
                x, y = x * x - y * y + x0, 2 * x * y + y0
                i += 1
            row.append(i)
        rows.append(row)
    return rows


def fnv(text: str):
    h = 2166136261
    for c in text:
        h = ((h ^ ord(c)) * 16777619) & MASK
    return h


def polynomial(data: bytes):
    h = 0
    for byte in data:
        h = (h * 6364136223846793005 + byte) % (1 << 61)
    return h


def adler(data: bytes):
    a, b = 1, 0
    for byte in data:
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return (b << 16) | a


def sieve(n: int):
    flags = [True] * (n + 1)
    for i in range(2, n + 1):
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
    return [i for i in range(2, n + 1) if flags[i]]


def dot(a: list[float], b: list[float]):
    total = 0
    for x, y in zip(a, b):  # noqa: B905
        total += x * y
    return total


def fibonacci(n: int):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def fib(n: int):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def is_prime(n: int):
    if n < 2:
        return False
    if n % 2 == 0:
        return n == 2
    i = 3
    while i * i <= n:
        if n % i == 0:
            return False
        i += 2
    return True


def knapsack(weights: list[int], values: list[int], room: int):
    best = [0] * (room + 1)
    for w, v in zip(weights, values):  # noqa: B905
        for r in range(room, w - 1, -1):
            best[r] = max(best[r], best[r - w] + v)
    return best[room]


def moving_sum(values: list[int], width: int):
    sums = []
    total = 0
    for i in range(len(values)):
        total += values[i]
        if i >= width:
            total -= values[i - width]
        if i >= width - 1:
            sums.append(total)
    return sums


def insertion_sorted(values: list[int]):
    out = []
    for v in values:
        out.append(v)
        i = len(out) - 1
        while i > 0 and out[i - 1] > out[i]:
            out[i - 1], out[i] = out[i], out[i - 1]
            i -= 1
    return out


def matmul(a: list[list[float]], b: list[list[float]]):
    n, m, p = len(a), len(b), len(b[0])
    out = [[0.0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            total = 0.0
            for k in range(m):
                total += a[i][k] * b[k][j]
            out[i][j] = total
    return out


def variance(values: list[float]):
    if not values:
        return None
    mean = 0.0
    for v in values:
        mean += v
    mean /= len(values)
    spread = 0
    for v in values:
        spread += (v - mean) ** 2
    return math.sqrt(spread / len(values))


def spectral(n: int):
    u = [1.0] * n
    v = [0.0] * n
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += u[j] / ((i + j) * (i + j + 1) // 2 + i + 1)
        v[i] = s
    total = 0.0
    for i in range(n):
        total += u[i] * v[i]
    return total


def vowels(text: str):
    return sum(1 for c in text if c in "aeiou")


def is_palindrome(text: str):
    i, j = 0, len(text) - 1
    while i < j:
        while i < j and not text[i].isalnum():
            i += 1
        while i < j and not text[j].isalnum():
            j -= 1
        if text[i] != text[j]:
            return False
        i += 1
        j -= 1
    return True


def balanced(text: str):
    stack = []
    for c in text:
        if c == "(" or c == "[":
            stack.append(c)
        elif c in (")", "]"):
            if not stack:
                return False
            top = stack.pop()
            if (c == ")") != (top == "("):
                return False
    return not stack


def luhn(digits: str):
    total = 0
    for i, c in enumerate(reversed(digits)):
        d = int(c)
        if i % 2:
            d = d * 2
            if d > 9:
                d -= 9
        total += d
    return total % 10 == 0


def hamming(a: list[str], b: list[str]):
    return sum(x != y for x, y in zip(a, b))  # noqa: B905


def binary_search(values: list[int], wanted: int):
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(values) and values[low] == wanted else -1


def pick(n: int):
    total = 0
    for i in range(n):
        total = total * 10 + TABLE[i % 8]
    return total % (SIZE * SIZE)


def pascal(n: int):
    rows = [[1]]
    for i in range(1, n):
        last = rows[i - 1]
        row = [1]
        for j in range(1, i):
            row.append(last[j - 1] + last[j])
        row.append(1)
        rows.append(row)
    return rows


def newton(x: float):
    if x < 0:
        raise ValueError(f"no root of {x}")
    guess = x
    for _ in range(50):
        if guess == 0:
            break
        guess = (guess + x / guess) / 2
    return guess


def words(count: int, seed: int = 1) -> list[str]:
    """Not compiled: inputs."""
    chance = random.Random(seed)
    return ["".join(chance.choice("abcde") for _ in range(3)) for _ in range(count)]


TYPES: dict[str, dict[str, str]] = {
    "levenshtein": {"a": "str", "b": "str"},
}
COMPILED = [
    "levenshtein",
    "levenshtein_tokens",
    "edit_table",
    "within",
    "lcs_length",
    "collatz",
    "longest_collatz",
    "gcd",
    "mandelbrot",
    "mandelbrot_rows",
    "fnv",
    "polynomial",
    "adler",
    "sieve",
    "dot",
    "fibonacci",
    "fib",
    "is_prime",
    "knapsack",
    "moving_sum",
    "insertion_sorted",
    "matmul",
    "variance",
    "spectral",
    "vowels",
    "is_palindrome",
    "balanced",
    "luhn",
    "hamming",
    "binary_search",
    "pick",
    "pascal",
    "newton",
]
