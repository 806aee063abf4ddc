"""Pairs on mappings."""

import collections
import itertools
import operator


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
