"""Pairs on lists and sets."""

import bisect
import collections
import heapq
import itertools
import operator


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
