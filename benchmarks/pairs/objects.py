"""Pairs on objects, errors and iterators."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


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
