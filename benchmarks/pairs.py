"""Pairs of functions that are the same, written by hand: ``NAME`` and ``NAME_2``.

What people rewrite by hand: loops and comprehensions, sets for lists, early exits, tables for
chains of ``if``, formulas for loops. Some say their types and some do not, as people's functions.
"""

import bisect
import collections
import functools
import heapq
import itertools
import math
import operator
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# lists and sets


def unique(items: list[int]) -> list[int]:
    seen: list[int] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def unique_2(items: list[int]) -> list[int]:
    return list(dict.fromkeys(items))


def squares(items: list[int]) -> list[int]:
    out = []
    for x in items:
        out.append(x * x)
    return out


def squares_2(items: list[int]) -> list[int]:
    return [x * x for x in items]


def flatten(rows: list[list[int]]) -> list[int]:
    out: list[int] = []
    for row in rows:
        out = out + row
    return out


def flatten_2(rows: list[list[int]]) -> list[int]:
    return list(itertools.chain.from_iterable(rows))


def common(a: list[str], b: list[str]) -> list[str]:
    return [x for x in a if x in b]


def common_2(a: list[str], b: list[str]) -> list[str]:
    known = set(b)
    return [x for x in a if x in known]


def evens(items):
    out = []
    for x in items:
        if x % 2 == 0:
            out.append(x)
    return out


def evens_2(items):
    return [x for x in items if x % 2 == 0]


def count_words(words: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        if word in found:
            found[word] += 1
        else:
            found[word] = 1
    return found


def count_words_2(words: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found


def by_length(words: list[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for word in words:
        if len(word) not in found:
            found[len(word)] = []
        found[len(word)].append(word)
    return found


def by_length_2(words: list[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(len(word), []).append(word)
    return found


def smallest(items: list[int], n: int) -> list[int]:
    return sorted(items)[:n] if n >= 0 else []


def smallest_2(items: list[int], n: int) -> list[int]:
    return heapq.nsmallest(n, items) if n >= 0 else []


def has_duplicates(items: list[int]) -> bool:
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] == items[j]:
                return True
    return False


def has_duplicates_2(items: list[int]) -> bool:
    return len(set(items)) != len(items)


def running(items: list[int]) -> list[int]:
    out = []
    total = 0
    for x in items:
        total += x
        out.append(total)
    return out


def running_2(items: list[int]) -> list[int]:
    return list(itertools.accumulate(items, initial=0))[1:]


def chunks(items: list[int], size: int) -> list[list[int]]:
    if size < 1:
        raise ValueError("size must be positive")
    out = []
    rest = items
    while rest:
        out.append(rest[:size])
        rest = rest[size:]
    return out


def chunks_2(items: list[int], size: int) -> list[list[int]]:
    if size < 1:
        raise ValueError("size must be positive")
    return [items[i : i + size] for i in range(0, len(items), size)]


def pairs_of(items):
    out = []
    for i in range(len(items) - 1):
        out.append((items[i], items[i + 1]))
    return out


def pairs_of_2(items):
    return list(zip(items, items[1:]))


def index_of(items: list[int], wanted: int) -> int:
    for i in range(len(items)):
        if items[i] == wanted:
            return i
    return -1


def index_of_2(items: list[int], wanted: int) -> int:
    for i, item in enumerate(items):
        if item == wanted:
            return i
    return -1


def rotate(items: list[int], n: int) -> list[int]:
    out = list(items)
    if not out:
        return out
    for _ in range(n % len(out)):
        out.append(out.pop(0))
    return out


def rotate_2(items: list[int], n: int) -> list[int]:
    if not items:
        return []
    n %= len(items)
    return items[n:] + items[:n]


def transpose(rows: list[tuple[int, int, int]]) -> list[list[int]]:
    if not rows:
        return []
    return [[row[i] for row in rows] for i in range(len(rows[0]))]


def transpose_2(rows: list[tuple[int, int, int]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows)]


def merge(a: list[int], b: list[int]) -> list[int]:
    out = []
    i = j = 0
    while i < len(a) and j < len(b):
        if b[j] < a[i]:
            out.append(b[j])
            j += 1
        else:
            out.append(a[i])
            i += 1
    return out + a[i:] + b[j:]


def merge_2(a: list[int], b: list[int]) -> list[int]:
    out = []
    left, right = collections.deque(a), collections.deque(b)
    while left and right:
        out.append(right.popleft() if right[0] < left[0] else left.popleft())
    return out + list(left) + list(right)


def insertion(items: list[int]) -> list[int]:
    out: list[int] = []
    for item in items:
        place = len(out)
        while place > 0 and out[place - 1] > item:
            place -= 1
        out.insert(place, item)
    return out


def insertion_2(items: list[int]) -> list[int]:
    return sorted(items)


def partition(items: list[int], pivot: int) -> tuple[list[int], list[int]]:
    return [x for x in items if x < pivot], [x for x in items if not x < pivot]


def partition_2(items: list[int], pivot: int) -> tuple[list[int], list[int]]:
    low: list[int] = []
    high: list[int] = []
    for x in items:
        (low if x < pivot else high).append(x)
    return low, high


def remove_all(items: list[int], wanted: int) -> None:
    while wanted in items:
        items.remove(wanted)


def remove_all_2(items: list[int], wanted: int) -> None:
    items[:] = [x for x in items if x != wanted]


def reverse_in_place(items: list[int]) -> None:
    i, j = 0, len(items) - 1
    while i < j:
        items[i], items[j] = items[j], items[i]
        i += 1
        j -= 1


def reverse_in_place_2(items: list[int]) -> None:
    items.reverse()


def all_positive(items):
    for x in items:
        if x <= 0:
            return False
    return True


def all_positive_2(items):
    return not any(x <= 0 for x in items)


def window_sums(items: list[int], width: int) -> list[int]:
    if width < 1:
        return []
    return [sum(items[i : i + width]) for i in range(len(items) - width + 1)]


def window_sums_2(items: list[int], width: int) -> list[int]:
    if width < 1 or width > len(items):
        return []
    total = sum(items[:width])
    out = [total]
    for i in range(width, len(items)):
        total += items[i] - items[i - width]
        out.append(total)
    return out


def run_lengths(text: str) -> list[tuple[str, int]]:
    out: list[tuple[str, int]] = []
    for c in text:
        if out and out[-1][0] == c:
            out[-1] = (c, out[-1][1] + 1)
        else:
            out.append((c, 1))
    return out


def run_lengths_2(text: str) -> list[tuple[str, int]]:
    return [(c, len(list(run))) for c, run in itertools.groupby(text)]


def difference_of(a: list[int], b: list[int]) -> set[int]:
    out = set()
    for x in a:
        if x not in b:
            out.add(x)
    return out


def difference_of_2(a: list[int], b: list[int]) -> set[int]:
    return set(a) - set(b)


def second_largest(items: list[int]) -> int | None:
    ranked = sorted(set(items), reverse=True)
    return ranked[1] if len(ranked) > 1 else None


def second_largest_2(items: list[int]) -> int | None:
    best = second = None
    for x in items:
        if best is None or x > best:
            best, second = x, best
        elif x != best and (second is None or x > second):
            second = x
    return second


def majority(items: list[int]) -> int | None:
    for x in items:
        if items.count(x) * 2 > len(items):
            return x
    return None


def majority_2(items: list[int]) -> int | None:
    for x, n in collections.Counter(items).items():
        if n * 2 > len(items):
            return x
    return None


def dot(a: list[int], b: list[int]) -> int:
    total = 0
    for i in range(min(len(a), len(b))):
        total += a[i] * b[i]
    return total


def dot_2(a: list[int], b: list[int]) -> int:
    return sum(map(operator.mul, a, b))


def place_of(ranked: list[int], wanted: int) -> int:
    ranked = sorted(ranked)
    n = 0
    for x in ranked:
        if x < wanted:
            n += 1
    return n


def place_of_2(ranked: list[int], wanted: int) -> int:
    return bisect.bisect_left(sorted(ranked), wanted)


def interleave(a: list[int], b: list[int]) -> list[int]:
    out = []
    for x, y in zip(a, b):
        out.append(x)
        out.append(y)
    return out


def interleave_2(a: list[int], b: list[int]) -> list[int]:
    return [x for pair in zip(a, b) for x in pair]


def drop_none(items: list[int | None]) -> list[int]:
    out = []
    for x in items:
        if x is not None:
            out.append(x)
    return out


def drop_none_2(items: list[int | None]) -> list[int]:
    return [x for x in items if x is not None]


def deep_sum(rows: list[list[int]]) -> int:
    total = 0
    for row in rows:
        for x in row:
            total += x
    return total


def deep_sum_2(rows: list[list[int]]) -> int:
    return sum(map(sum, rows))


def is_sorted(items: list[int]) -> bool:
    return items == sorted(items)


def is_sorted_2(items: list[int]) -> bool:
    return all(a <= b for a, b in zip(items, items[1:]))


def subsets(items: list[int]) -> list[list[int]]:
    out: list[list[int]] = [[]]
    for x in items[:6]:
        out = out + [one + [x] for one in out]
    return out


def subsets_2(items: list[int]) -> list[list[int]]:
    out: list[list[int]] = [[]]
    for x in items[:6]:
        for one in out[:]:
            out.append([*one, x])
    return out


# text


def join_lines(lines: list[str]) -> str:
    text = ""
    for line in lines:
        text += line + "\n"
    return text


def join_lines_2(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def palindrome(text: str) -> bool:
    for i in range(len(text) // 2):
        if text[i] != text[len(text) - 1 - i]:
            return False
    return True


def palindrome_2(text: str) -> bool:
    return text == text[::-1]


def vowels(text: str) -> int:
    n = 0
    for c in text:
        if c in "aeiou":
            n += 1
    return n


def vowels_2(text: str) -> int:
    return sum(text.count(c) for c in "aeiou")


def initials(name):
    out = ""
    for part in name.split():
        out += part[0].upper()
    return out


def initials_2(name):
    return "".join(part[:1].upper() for part in name.split())


def title_words(text: str) -> str:
    return " ".join([w[0].upper() + w[1:] for w in text.split()])


def title_words_2(text: str) -> str:
    out = []
    for w in text.split():
        out.append(w[:1].upper() + w[1:])
    return " ".join(out)


def caesar(text: str, shift: int) -> str:
    out = ""
    for c in text:
        if "a" <= c <= "z":
            out += chr((ord(c) - 97 + shift) % 26 + 97)
        else:
            out += c
    return out


def caesar_2(text: str, shift: int) -> str:
    letters = string.ascii_lowercase
    shift %= 26
    return text.translate(str.maketrans(letters, letters[shift:] + letters[:shift]))


def prefix(words: list[str]) -> str:
    if not words:
        return ""
    found = words[0]
    for word in words[1:]:
        while not word.startswith(found):
            found = found[:-1]
    return found


def prefix_2(words: list[str]) -> str:
    found = ""
    for letters in zip(*words):
        if len(set(letters)) > 1:
            break
        found += letters[0]
    return found


def digits_only(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


def digits_only_2(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def pad(text: str, width: int) -> str:
    while len(text) < min(width, 500):
        text = text + " "
    return text


def pad_2(text: str, width: int) -> str:
    return text.ljust(max(0, min(width, 500)))


def parse_pairs(text: str) -> dict[str, str]:
    found = {}
    for part in text.split("&"):
        if "=" in part:
            name, value = part.split("=", 1)
            found[name] = value
    return found


def parse_pairs_2(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split("&"))
    return {name: value for name, sign, value in parts if sign}


def longest(words: list[str]) -> str:
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best


def longest_2(words: list[str]) -> str:
    return max(words, key=len, default="")


def anagrams(a: str, b: str) -> bool:
    return sorted(a) == sorted(b)


def anagrams_2(a: str, b: str) -> bool:
    return len(a) == len(b) and collections.Counter(a) == collections.Counter(b)


def squeeze(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def squeeze_2(text: str) -> str:
    return re.sub(" +", " ", text)


def is_number(text: str) -> bool:
    if not text:
        return False
    for c in text:
        if c not in "0123456789":
            return False
    return True


def is_number_2(text: str) -> bool:
    return re.fullmatch("[0-9]+", text) is not None


def snake(name: str) -> str:
    out = []
    for i, c in enumerate(name):
        if "A" <= c <= "Z":
            if i > 0:
                out.append("_")
            out.append(c.lower())
        else:
            out.append(c)
    return "".join(out)


def snake_2(name: str) -> str:
    out = ""
    for c in name:
        if "A" <= c <= "Z":
            out += ("_" if out else "") + c.lower()
        else:
            out += c
    return out


def tail_lines(text: str, n: int) -> list[str]:
    lines = text.split("\n")
    return lines[-n:] if n > 0 else []


def tail_lines_2(text: str, n: int) -> list[str]:
    if n <= 0:
        return []
    return text.split("\n")[-n:]


def grade(score: int) -> str:
    if score >= 90:
        return "A"
    elif score >= 80:
        return "B"
    elif score >= 70:
        return "C"
    elif score >= 60:
        return "D"
    else:
        return "F"


def grade_2(score: int) -> str:
    return "FDCBA"[bisect.bisect_right((60, 70, 80, 90), score)]


def escape(text: str) -> str:
    out = ""
    for c in text:
        if c == "&":
            out += "&amp;"
        elif c == "<":
            out += "&lt;"
        elif c == ">":
            out += "&gt;"
        else:
            out += c
    return out


def escape_2(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def balanced(text: str) -> bool:
    depth = 0
    for c in text:
        if c == "(":
            depth += 1
        if c == ")":
            depth -= 1
        if depth < 0:
            return False
    return depth == 0


def balanced_2(text: str) -> bool:
    left = 0
    for c in text:
        left += (c == "(") - (c == ")")
        if left < 0:
            break
    return left == 0


def hamming(a: str, b: str) -> int:
    if len(a) != len(b):
        raise ValueError("not of the same length")
    n = 0
    for i in range(len(a)):
        if a[i] != b[i]:
            n += 1
    return n


def hamming_2(a: str, b: str) -> int:
    if len(a) != len(b):
        raise ValueError("not of the same length")
    return sum(x != y for x, y in zip(a, b))


def edit_distance(a: str, b: str) -> int:
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        rows[i][0] = i
    for j in range(len(b) + 1):
        rows[0][j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
    return rows[-1][-1]


def edit_distance_2(a: str, b: str) -> int:
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]


# numbers


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


# mappings


def invert(table: dict[str, int]) -> dict[int, str]:
    out = {}
    for name in table:
        out[table[name]] = name
    return out


def invert_2(table: dict[str, int]) -> dict[int, str]:
    return {value: name for name, value in table.items()}


def pick(table: dict[str, int], names: list[str]) -> dict[str, int]:
    out = {}
    for name in names:
        if name in table:
            out[name] = table[name]
    return out


def pick_2(table: dict[str, int], names: list[str]) -> dict[str, int]:
    return {name: table[name] for name in names if name in table}


def totals(rows: list[tuple[str, int]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for name, amount in rows:
        if name not in out:
            out[name] = 0
        out[name] = out[name] + amount
    return out


def totals_2(rows: list[tuple[str, int]]) -> dict[str, int]:
    out: dict[str, int] = collections.defaultdict(int)
    for name, amount in rows:
        out[name] += amount
    return dict(out)


def best_key(table: dict[str, int]) -> str | None:
    best = None
    for name in table:
        if best is None or table[name] > table[best]:
            best = name
    return best


def best_key_2(table: dict[str, int]) -> str | None:
    return max(table, key=table.__getitem__, default=None)


def overlay(base: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    out = base.copy()
    for name, value in other.items():
        out[name] = value
    return out


def overlay_2(base: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {**base, **other}


def ranked(table: dict[str, int]) -> list[str]:
    names = list(table.keys())
    names.sort(key=lambda name: table[name])
    return names


def ranked_2(table: dict[str, int]) -> list[str]:
    return [name for name, _ in sorted(table.items(), key=operator.itemgetter(1))]


def without(table: dict[str, int], least: int) -> dict[str, int]:
    out = dict(table)
    for name in list(out):
        if out[name] < least:
            del out[name]
    return out


def without_2(table: dict[str, int], least: int) -> dict[str, int]:
    return {name: value for name, value in table.items() if not value < least}


def nested_get(table: dict[str, dict[str, int]], a: str, b: str) -> int:
    if a in table:
        if b in table[a]:
            return table[a][b]
    return 0


def nested_get_2(table: dict[str, dict[str, int]], a: str, b: str) -> int:
    return table.get(a, {}).get(b, 0)


def reachable(graph: dict[str, list[str]], start: str) -> set[str]:
    seen = {start}
    todo = [start]
    while todo:
        node = todo.pop(0)
        for other in graph.get(node, []):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def reachable_2(graph: dict[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(graph.get(node, ()))
    return seen


def degrees(edges: list[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for a, b in edges:
        found[a] = found.get(a, 0) + 1
        found[b] = found.get(b, 0) + 1
    return found


def degrees_2(edges: list[tuple[int, int]]) -> dict[int, int]:
    return dict(collections.Counter(itertools.chain.from_iterable(edges)))


# objects, errors, iterators


@dataclass
class Item:
    """A thing with a price."""

    name: str
    price: int
    tags: list[str]


def total_price(items: list[Item]) -> int:
    total = 0
    for item in items:
        total = total + item.price
    return total


def total_price_2(items: list[Item]) -> int:
    return sum(item.price for item in items)


def tagged(items: list[Item], tag: str) -> list[str]:
    out = []
    for item in items:
        if tag in item.tags:
            out.append(item.name)
    return out


def tagged_2(items: list[Item], tag: str) -> list[str]:
    return [item.name for item in items if tag in item.tags]


def cheapest(items: list[Item]) -> Item:
    best = items[0]
    for item in items[1:]:
        if item.price < best.price:
            best = item
    return best


def cheapest_2(items: list[Item]) -> Item:
    best = items[0]
    for i in range(1, len(items)):
        if items[i].price < best.price:
            best = items[i]
    return best


def discount(items: list[Item], percent: int) -> None:
    for item in items:
        item.price = item.price - item.price * percent // 100


def discount_2(items: list[Item], percent: int) -> None:
    for item in items:
        item.price -= percent * item.price // 100


def to_int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def to_int_2(text: str) -> int | None:
    result = None
    try:
        result = int(text)
    except ValueError:
        pass
    return result


def first_or(items: list[int], default: int) -> int:
    try:
        return items[0]
    except IndexError:
        return default


def first_or_2(items: list[int], default: int) -> int:
    return items[0] if items else default


def countdown(n: int) -> Iterator[int]:
    n = n % 50
    while n > 0:
        yield n
        n -= 1


def countdown_2(n: int) -> Iterator[int]:
    yield from range(n % 50, 0, -1)


def doubled(items: list[int]) -> Iterator[int]:
    for x in items:
        yield x * 2


def doubled_2(items: list[int]) -> Iterator[int]:
    return (x * 2 for x in items)


def applied(function: Callable[[int], int], items: list[int]) -> list[int]:
    out = []
    for x in items:
        out.append(function(x))
    return out


def applied_2(function: Callable[[int], int], items: list[int]) -> list[int]:
    return list(map(function, items))


def checked(x: int, low: int, high: int) -> int:
    if x < low or x > high:
        raise ValueError(f"{x} is not in {low}..{high}")
    return x


def checked_2(x: int, low: int, high: int) -> int:
    if low <= x <= high:
        return x
    raise ValueError(f"{x} is not in {low}..{high}")


def greet(name, greeting="hello", punctuation="!"):
    return greeting + ", " + name + punctuation


def greet_2(name, greeting="hello", punctuation="!"):
    return "".join((greeting, ", ", name, punctuation))


def roman(n: int) -> str:
    n = n % 4000
    out = ""
    for value, letters in (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
        (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ):  # fmt: skip
        while n >= value:
            out += letters
            n -= value
    return out


def roman_2(n: int) -> str:
    n = n % 4000
    ones = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    tens = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC")
    hundreds = ("", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM")
    return "M" * (n // 1000) + hundreds[n // 100 % 10] + tens[n // 10 % 10] + ones[n % 10]


def luhn(text: str) -> bool:
    total = 0
    for i, c in enumerate(reversed([c for c in text if c in "0123456789"])):
        d = int(c)
        if i % 2 == 1:
            d *= 2
            if d > 9:
                d -= 9
        total += d
    return total % 10 == 0


def luhn_2(text: str) -> bool:
    numbers = [ord(c) - 48 for c in text if c in "0123456789"][::-1]
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    return (sum(numbers[::2]) + sum(doubled[d] for d in numbers[1::2])) % 10 == 0


def overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    if a[1] < b[0]:
        return False
    if b[1] < a[0]:
        return False
    return True


def overlap_2(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[1] >= b[0] and b[1] >= a[0]


def knapsack(weights: list[int], limit: int) -> int:
    limit = limit % 200
    weights = [abs(w) % 50 for w in weights[:8]]
    best = 0
    for mask in range(1 << len(weights)):
        weight = sum(w for i, w in enumerate(weights) if mask >> i & 1)
        if best < weight <= limit:
            best = weight
    return best


def knapsack_2(weights: list[int], limit: int) -> int:
    limit = limit % 200
    sums = {0}
    for w in weights[:8]:
        sums |= {s + abs(w) % 50 for s in sums}
    return max(s for s in sums if s <= limit)
