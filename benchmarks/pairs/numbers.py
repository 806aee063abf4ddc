"""Pairs on numbers."""

import functools
import math
import operator


def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return abs(a)


def gcd_2(a: int, b: int) -> int:
    return math.gcd(a, b)


def is_prime(n: int) -> bool:
    if n > 5000:
        n = n % 5000
    if n < 2:
        return False
    for k in range(2, n):
        if n % k == 0:
            return False
    return True


def is_prime_2(n: int) -> bool:
    if n > 5000:
        n = n % 5000
    return n >= 2 and all(n % k for k in range(2, math.isqrt(n) + 1))


def fib(n: int) -> int:
    n = n % 18
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fib_2(n: int) -> int:
    a, b = 0, 1
    for _ in range(n % 18):
        a, b = b, a + b
    return a


def triangle(n: int) -> int:
    return sum(range(1, min(n, 2000) + 1))


def triangle_2(n: int) -> int:
    n = min(n, 2000)
    return n * (n + 1) // 2 if n > 0 else 0


def clamp(x: float, low: float, high: float) -> float:
    if x < low:
        return low
    if x > high:
        return high
    return x


def clamp_2(x: float, low: float, high: float) -> float:
    return low if x < low else high if x > high else x


def digits(n: int) -> list[int]:
    n = abs(n)
    out = []
    while True:
        out.insert(0, n % 10)
        n //= 10
        if n == 0:
            return out


def digits_2(n: int) -> list[int]:
    return [ord(c) - 48 for c in str(abs(n))]


def bits(n: int) -> int:
    n = abs(n)
    count = 0
    while n:
        count += n & 1
        n >>= 1
    return count


def bits_2(n: int) -> int:
    return abs(n).bit_count()


def collatz(n: int) -> int:
    n = abs(n) % 1000 + 1
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def collatz_2(n: int) -> int:
    n = abs(n) % 1000 + 1
    steps = 0
    while n > 1:
        if n & 1:
            n = 3 * n + 1
        else:
            n >>= 1
        steps += 1
    return steps


def power(base: int, exponent: int) -> int:
    exponent = exponent % 50
    result = 1
    for _ in range(exponent):
        result *= base
    return result


def power_2(base: int, exponent: int) -> int:
    return base ** (exponent % 50)


def leap(year: int) -> bool:
    if year % 400 == 0:
        return True
    if year % 100 == 0:
        return False
    return year % 4 == 0


def leap_2(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def sign(x: int) -> int:
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0


def sign_2(x: int) -> int:
    return (x > 0) - (x < 0)


def sieve(n: int) -> list[int]:
    n = n % 300
    return [k for k in range(2, n) if all(k % d for d in range(2, k))]


def sieve_2(n: int) -> list[int]:
    n = n % 300
    open_ = [True] * max(n, 2)
    for k in range(2, n):
        if open_[k]:
            for m in range(k * k, n, k):
                open_[m] = False
    return [k for k in range(2, n) if open_[k]]


def distance(x: tuple[int, int], y: tuple[int, int]) -> int:
    return abs(x[0] - y[0]) + abs(x[1] - y[1])


def distance_2(x: tuple[int, int], y: tuple[int, int]) -> int:
    (a, b), (c, d) = x, y
    return abs(a - c) + abs(b - d)


def average(items: list[float]) -> float:
    if not items:
        return 0.0
    total = 0.0
    for x in items:
        total += x
    return total / len(items)


def average_2(items: list[float]) -> float:
    if len(items) == 0:
        return 0.0
    return functools.reduce(operator.add, items, 0.0) / len(items)


def polynomial(coefficients: list[int], x: int) -> int:
    return sum(c * x**k for k, c in enumerate(coefficients))


def polynomial_2(coefficients: list[int], x: int) -> int:
    total = 0
    for c in reversed(coefficients):
        total = total * x + c
    return total


def to_base(n: int, base: int) -> str:
    if not 2 <= base <= 16:
        raise ValueError("base out of range")
    n = abs(n)
    out = ""
    while n > 0:
        out = "0123456789abcdef"[n % base] + out
        n = n // base
    return out or "0"


def to_base_2(n: int, base: int) -> str:
    if not 2 <= base <= 16:
        raise ValueError("base out of range")
    n, out = abs(n), []
    while n:
        n, digit = divmod(n, base)
        out.append("0123456789abcdef"[digit])
    return "".join(reversed(out)) or "0"


def divisors(n: int) -> list[int]:
    n = abs(n) % 2000
    return [k for k in range(1, n + 1) if n % k == 0]


def divisors_2(n: int) -> list[int]:
    n = abs(n) % 2000
    low = [k for k in range(1, math.isqrt(n) + 1) if n % k == 0]
    return low + [n // k for k in reversed(low) if k * k != n]


def fizz(n: int) -> str:
    if n % 15 == 0:
        return "FizzBuzz"
    if n % 5 == 0:
        return "Buzz"
    if n % 3 == 0:
        return "Fizz"
    return str(n)


def fizz_2(n: int) -> str:
    text = ("Fizz" if n % 3 == 0 else "") + ("Buzz" if n % 5 == 0 else "")
    return text or str(n)


def root(n: int) -> int:
    n = abs(n) % 100000
    k = 0
    while (k + 1) * (k + 1) <= n:
        k += 1
    return k


def root_2(n: int) -> int:
    return math.isqrt(abs(n) % 100000)


def ceil_div(a: int, b: int) -> int:
    return a // b if a % b == 0 else a // b + 1


def ceil_div_2(a: int, b: int) -> int:
    rest = a % b
    return a // b + (rest != 0)


def hours(seconds: int) -> str:
    h = seconds // 3600
    m = seconds % 3600 // 60
    s = seconds % 60
    return "%02d:%02d:%02d" % (h, m, s)


def hours_2(seconds: int) -> str:
    m, s = divmod(seconds, 60)
    h, m = divmod(m, 60)
    return f"{h:02d}:{m:02d}:{s:02d}"
