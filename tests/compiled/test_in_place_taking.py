"""Compiled in place: what is taken out of dicts, sets and deques that came in, and put back where the call fails."""

from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
from collections import deque


class Cache:
    def __init__(self, room):
        self.room = room
        self.held = {}
        self.waiting = deque()

    def get(self, key):
        if key not in self.held:
            return -1
        value = self.held.pop(key)
        self.held[key] = value
        return value

    def put(self, key, value):
        if key in self.held:
            del self.held[key]
        elif len(self.held) >= self.room:
            for oldest in self.held:
                break
            del self.held[oldest]
        self.held[key] = value
        self.waiting.append(key)


def cached(cache, keys):
    found = []
    for key in keys:
        value = cache.get(key)
        if value < 0:
            cache.put(key, key * 2)
        found.append(100 // (key + 3))
    return found


def worked_off(cache, times):
    done = []
    while cache.waiting:
        key = cache.waiting.popleft()
        done.append(key)
        if times:
            times -= 1
            cache.waiting.appendleft(key + 1)
        100 // key
    return done


def emptied(held, limit, by):
    gone = 0
    for key in list(held):
        if held[key] < limit:
            gone += held.pop(key)
            gone += held.pop(key, 1)
    if limit > 5:
        held.update({"more": 100 // by})
    if limit > 8:
        held.popitem()
    if limit > 9:
        held.clear()
    return gone, 100 // by


def walked(held, at, by):
    seen = []
    for key, value in held.items():
        seen.append((key, value))
        if key == at:
            old = held.pop(key)
            held[key + by] = old
        if len(seen) > 20:
            break
    return seen, 10 // (by + 2)


def sieved(members, others, by):
    for x in others:
        members.discard(x)
        members.add(x + 1)
    if 7 in members:
        members.remove(7)
    members -= others
    members |= {40, 41}
    members.add(members.pop())
    return 10 // by
"""

EXAMPLES: dict[str, Make] = {
    "cached": lambda m: (m.Cache(2), [1, 2, 3, 1, 2, 2]),
    "worked_off": lambda m: (filled(m, [1, 2]), 1),
    "emptied": lambda m: ({"a": 1, "b": 7}, 3, 2),
    "walked": lambda m: ({1: 2, 3: 4}, 9, 1),
    "sieved": lambda m: ({1, 2, 3}, {2, 5}, 1),
}


def filled(module: Any, keys: list[int]) -> Any:
    cache = module.Cache(3)
    for key in keys:
        cache.put(key, key)
    return cache


def with_holes(keys: list[int], without: list[int]) -> dict[int, int]:
    held = {key: key * 10 for key in keys}
    for key in without:
        held.pop(key, None)
    return held


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


KEYS = st.lists(st.integers(-4, 6), max_size=14)


@settings(deadline=None, max_examples=150)
@given(KEYS, KEYS, st.integers(1, 4))
def test_a_cache_with_calls_that_fail(
    made: InPlace, first: list[int], keys: list[int], room: int
) -> None:
    def make(m: Any) -> tuple[Any, ...]:
        cache = m.Cache(room)
        for key in first:
            cache.put(key, key)
        return cache, list(keys)

    (made.check if -3 in keys else made.check_fast)("cached", make)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(-2, 5), max_size=6), st.integers(0, 3))
def test_a_queue_that_came_in(made: InPlace, keys: list[int], times: int) -> None:
    made.check("worked_off", lambda m: (filled(m, keys), times))


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(st.text("abc", max_size=2), st.integers(0, 9), max_size=6),
    st.integers(0, 10),
    st.integers(0, 1),
)
def test_entries_come_back_in_their_order(
    made: InPlace, held: dict[str, int], limit: int, by: int
) -> None:
    made.check("emptied", lambda m: (dict(held), limit, by))


@settings(deadline=None, max_examples=150)
@given(KEYS, KEYS, st.integers(-4, 6), st.integers(-3, 8))
def test_a_dict_that_changes_while_it_is_gone_through(
    made: InPlace, keys: list[int], without: list[int], at: int, by: int
) -> None:
    made.check("walked", lambda m: (with_holes(keys, without), at, by))


@settings(deadline=None, max_examples=150)
@given(st.sets(st.integers(-4, 60)), st.sets(st.integers(-4, 60)), st.integers(0, 1))
def test_sets_come_back_in_their_order(
    made: InPlace, members: set[int], others: set[int], by: int
) -> None:
    made.check("sieved", lambda m: (set(members), set(others), by))
    orders = []
    for module in (made.original, made.compiled):
        held = set(members)
        with suppress(ZeroDivisionError):
            module.sieved(held, others, by)
        orders.append(list(held))
    assert orders[0] == orders[1]


@settings(deadline=None, max_examples=60)
@given(KEYS, KEYS, st.integers(-4, 6))
def test_who_goes_through_a_dict_goes_on_where_he_was(
    made: InPlace, keys: list[int], without: list[int], at: int
) -> None:
    """What fails changes nothing, and places that are free in the dict stay so."""
    seen = []
    for module in (made.original, made.compiled):
        held, met = with_holes(keys, without), []
        try:
            for key in held:
                met.append(key)
                if key == at:
                    try:
                        module.walked(held, at, -2)
                    except (ZeroDivisionError, RuntimeError):
                        held[key] = held.pop(at, held.pop(at - 2, 0))
        except RuntimeError as error:
            met.append(str(error))
        seen.append((met, list(held.items())))
    assert seen[0] == seen[1]


def test_other_classes_are_left_to_python(made: InPlace) -> None:
    for kind in (OrderedDict, Counter, lambda d: defaultdict(int, d)):
        made.check("emptied", lambda m, kind=kind: (kind({"a": 1, "b": 7}), 3, 0))
        made.check("emptied", lambda m, kind=kind: (kind({"a": 1, "b": 7}), 9, 1))
    made.check("sieved", lambda m: (frozenset({1}), {2}, 1))

    def short(m: Any) -> tuple[Any, ...]:
        cache = filled(m, [])
        cache.waiting = deque([1, 2, 0], 3)
        return cache, 1

    made.check("worked_off", short)


def test_two_names_for_one_dict(made: InPlace) -> None:
    def make(m: Any) -> tuple[Any, ...]:
        one = {1, 7, 9}
        return one, one, 0

    made.check("sieved", make)
    made.check("sieved", lambda m: (*make(m)[:2], 1))
