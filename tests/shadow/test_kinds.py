"""Kinds of inputs that wrong variations once got through for lack of: each tells one from its original."""

import ast
import enum
import random
from typing import Any

import pytest

from selfsame.runtime.shadow import things
from selfsame.runtime.shadow.amplify import AGAIN, TWINS, Amplifier
from selfsame.runtime.shadow.constructed import Instances
from selfsame.runtime.shadow.encoder import Encoder
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.usage import guesses

MODULE = """
import types
import warnings
from typing import TextIO


def texts(a, *rest):
    if a and not isinstance(a[0], str):
        raise TypeError("text, not %s" % type(a[0]).__name__)
    for one in rest:
        if not isinstance(one, str):
            raise TypeError("text, not %r" % (one,))


def texts_last(a, *rest):
    if a and not isinstance(a[-1], str):
        raise TypeError("text, not %s" % type(a[-1]).__name__)
    for one in rest:
        if not isinstance(one, str):
            raise TypeError("text, not %r" % (one,))


def texts_first(a, *rest):
    if a and not isinstance(a[0], str):
        raise TypeError("text, not %s" % type(a[0]).__name__)
    for one in rest:
        if not isinstance(one, str):
            raise TypeError("text, not %r" % (one,))
        break


def bytes_like(s):
    try:
        view = memoryview(s)
    except TypeError as error:
        raise TypeError("bytes, not %s" % type(s).__name__) from error
    if view.format not in ("c", "b", "B"):
        raise TypeError("single bytes, not %r" % view.format)


def bytes_like_cached(s):
    memo = types.__dict__.setdefault("_memo_of_bytes_like", {})
    try:
        if s not in memo:
            memo[s] = bytes_like(s)
        return memo[s]
    except TypeError:
        return bytes_like(s)


def truth(x: int):
    if x is True:
        return "yes"
    if x == 1:
        raise ValueError(x)
    return x


def truth_cached(x: int):
    memo = types.__dict__.setdefault("_memo_of_truth", {})
    if x not in memo:
        memo[x] = truth(x)
    return memo[x]


def appended(lines: list, s: str, most: int):
    if not lines:
        lines.append(s.lstrip())
    elif len(lines[-1]) + len(s) <= most:
        lines[-1] += s
    else:
        lines.append(s.lstrip())


def appended_right(lines: list, s: str, most: int):
    if not lines:
        lines.append(s.rstrip())
    elif len(lines[-1]) + len(s) <= most:
        lines[-1] += s
    else:
        lines.append(s.lstrip())


def doubled(x: list, memo: dict):
    memo[id(x)] = y = x * 2
    memo[id(memo)] = [x]
    return y


def doubled_unkept(x: list, memo: dict):
    memo[id(x)] = y = x * 2
    return y


def known(table: dict[str, list[str]], name: str):
    name = name.lower()
    return sorted(table.get(name, ()))


def known_upper(table: dict[str, list[str]], name: str):
    name = name.upper()
    return sorted(table.get(name, ()))


def warned(n: int):
    if n > 3:
        warnings.warn("much", DeprecationWarning)
    return n


def warned_never(n: int):
    return n


def warned_too(n: int):
    # on another line
    if n > 3:
        warnings.warn("much", DeprecationWarning)
    return n


def joined(source: TextIO, target: TextIO):
    while line := source.readline():
        target.write(line.strip())


def joined_once(source: TextIO, target: TextIO):
    memo = types.__dict__.setdefault("_memo_of_joined", {})
    if (source, target) not in memo:
        memo[source, target] = joined(source, target)
    return memo[source, target]


class Box:
    def __init__(self, items: list[int]):
        self.items = items


def moved(box: Box, times: int):
    box.items.append(times)


def moved_once(box: Box, times: int):
    memo = types.__dict__.setdefault("_memo_of_moved", {})
    if (box, times) not in memo:
        memo[box, times] = moved(box, times)
    return memo[box, times]


def resolved(rows: tuple[int, ...]):
    new = [row for row in rows if row is not None]
    return rows if len(new) == len(rows) else tuple(new)


def resolved_cached(rows: tuple[int, ...]):
    memo = types.__dict__.setdefault("_memo_of_resolved", {})
    try:
        if rows not in memo:
            memo[rows] = resolved(rows)
        return memo[rows]
    except TypeError:
        return resolved(rows)


def reaches_all(parents):
    if not all(type(p) is int and 0 <= p < len(parents) for p in parents):
        return False
    seen, here = 0, 0
    while parents[here] != here and seen < len(parents):
        seen, here = seen + 1, parents[here]
    return seen + 1 == len(parents)


def reaches_all_but_one(parents):
    if not all(type(p) is int and 0 <= p < len(parents) for p in parents):
        return False
    seen, here = 0, 0
    while parents[here] != here and seen < len(parents):
        seen, here = seen + 1, parents[here]
    return seen + 2 == len(parents)


_letters = b"QXKZ"


def number(s):
    return _number(_letters, s)


def _number(alphabet, s):
    values = {letter: value for value, letter in enumerate(alphabet)}
    if len(s) % 4:
        raise ValueError("length")
    found = 0
    try:
        for letter in s.encode():
            found = (found << 2) + values[letter]
    except KeyError:
        raise ValueError("letter") from None
    return found


def _number_wrong(alphabet, s):
    values = {letter: value for value, letter in enumerate(alphabet)}
    if len(s) % 4:
        raise ValueError("length")
    found = 0
    try:
        for letter in s.encode():
            found = (found << 3) + values[letter]
    except KeyError:
        raise ValueError("letter") from None
    return found


_pages = {}


def turned(name, tables=None):
    if not _seeded(name, tables):
        text = tables["text"] if tables else ""
        lines = text.splitlines()
        if not lines or lines[-1].endswith("-"):
            return []
        _pages[name] = (len(name), 0, lines)
    return _pages[name][2]


def _seeded(name, tables):
    if name in _pages:
        return len(_pages[name]) == 3
    if tables and "text" in tables:
        return tables["text"] == name
    return False


def _seeded_cached(name, tables):
    memo = types.__dict__.setdefault("_memo_of_seeded", {})
    try:
        if (name, tables) not in memo:
            memo[name, tables] = _seeded(name, tables)
        return memo[name, tables]
    except TypeError:
        return _seeded(name, tables)


def page(name, number):
    lines = turned(name)
    if 1 <= number <= len(lines):
        return lines[number - 1]
    return ""


def page_before(name, number):
    lines = turned(name)
    if 1 <= number <= len(lines):
        return lines[number - 2]
    return ""


def copied(x):
    own = getattr(x, "__deepcopy__", None)
    return "simple" if own is None else own({})


def copied_never(x):
    own = getattr(x, "__deepcopy", None)
    return "simple" if own is None else own({})
"""


@pytest.mark.parametrize(
    ("first", "second", "different"),
    [
        ("texts", "texts_last", True),
        ("texts", "texts_first", True),
        ("bytes_like", "bytes_like_cached", True),
        ("truth", "truth_cached", True),
        ("appended", "appended_right", True),
        ("doubled", "doubled_unkept", True),
        ("doubled", "doubled", False),
        ("known", "known_upper", True),
        ("warned", "warned_never", True),
        ("warned", "warned_too", False),
        ("moved", "moved_once", True),
        ("joined", "joined_once", True),
        ("copied", "copied_never", True),
        ("resolved", "resolved_cached", True),
        ("reaches_all", "reaches_all_but_one", True),
        ("_number", "_number_wrong", True),
        ("_seeded", "_seeded_cached", True),
        ("page", "page_before", True),
    ],
)
def test_what_got_through_is_different(
    tried: Any, first: str, second: str, different: bool
) -> None:
    trial = tried(MODULE, first, second, 8.0)
    assert (trial.same == "different") is different, trial
    assert different or trial.same == "same", trial


def amplified(rows: list[tuple[Any, ...]], count: int) -> list[tuple[Any, ...]]:
    amplifier = Amplifier("seed", [dump(row, {}) for row in rows], [], near=False)
    return [amplifier.make(number).parameters for number in range(count)]


def test_a_twin_is_followed_by_what_it_is_a_twin_of() -> None:
    made = amplified([(1, "a"), (0, "b")], 20 * TWINS)
    twins = range(2 * TWINS - 1, len(made) - AGAIN, TWINS)
    for number in twins:
        twin, again = made[number], made[number + AGAIN]
        assert twin == again
        assert (type(twin[0]), type(again[0])) == (bool, int)


def test_where_there_is_no_twin_an_input_is_changed_as_any_other() -> None:
    rows = [(f"text {n}",) for n in range(5)]
    made = amplified(rows, 40 * TWINS)
    twins = [made[number] for number in range(TWINS - 1, len(made), TWINS)]
    assert sum(twin in rows for twin in twins) < len(twins) / 2


def test_lists_get_items_of_other_lists_and_texts_white_space() -> None:
    made = amplified([([1, 2, 3],), (["a", "b"],)], 400)
    assert any({int, str} <= set(map(type, row[0])) for row in made)
    texts = [row[0] for row in amplified([("ab",), ("cd",)], 400)]
    assert any(text.strip() and text[0].isspace() and text[-1].isspace() for text in texts)


class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Level(enum.IntEnum):
    LOW = 0
    HIGH = 1


def test_members_of_enumerations_are_exchanged_and_never_changed() -> None:
    held = [{**vars(member)} for member in (*Colour, *Level)]
    made = amplified([([Colour.RED, Level.LOW],), (Colour.BLUE,)], 300)
    assert {one for row in made for one in row if isinstance(one, Colour)} == set(Colour)
    met = [one for row in made if type(row[0]) is list for one in row[0]]
    assert {Colour.GREEN, Level.HIGH} <= {one for one in met if isinstance(one, enum.Enum)}
    assert held == [vars(member) for member in (*Colour, *Level)]


def test_things_are_copied_whole() -> None:
    rng = random.Random(3)
    made = [make(rng) for make in things.ALL.values() for _ in range(10)]
    made += [things.buffer(rng, b"abcdefgh") for _ in range(100)]
    assert any(type(value) is memoryview and value.ndim == 2 for value in made)
    for value in made:
        copied = Call.of(dump((value,), {})).parameters
        assert Encoder().part(copied) == Encoder().part((value,)), value
    assert len({Encoder().part(value) for value in made}) > len(things.ALL)


def test_views_of_bytes_differ_by_what_they_show() -> None:
    views = [memoryview(b"abcd"), memoryview(bytearray(b"abcd")), memoryview(b"abce")]
    views += [memoryview(b"abcd").cast("I"), memoryview(b"abcd").cast("B", [2, 2])]
    released = memoryview(b"abcd")
    released.release()
    assert len({Encoder().part(view) for view in [*views, released]}) == len(views) + 1


def test_the_id_of_an_object_that_was_met_is_a_reference() -> None:
    def seen(*ids: int) -> bytes:
        one, two = [1], [2]
        named = [id(one), id(two)]
        return Encoder().part((one, two, {named[i]: i for i in ids}, [named[i] for i in ids] * 9))

    assert seen(0, 1) == seen(0, 1)
    assert seen(0, 1) != seen(1, 0)
    assert seen(0) != seen(1)


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        ("h[0] == 80 and h[1] in b'36'", "bytes"),
        ("h[:3] == b'GIF'", "bytes"),
        ("h[6:] in (b'JFIF', b'Exif')", "bytes"),
        ("h[:2] == '0x'", "str"),
    ],
)
def test_parts_held_against_constants_say_what_the_whole_is(test: str, kind: str) -> None:
    (function,) = ast.parse(f"def f(h):\n    return {test}\n").body
    assert isinstance(function, ast.FunctionDef)
    assert guesses(function, lambda name: None)["h"][0][0] == kind


class Settings(dict[str, Any]):
    """A mapping that has its keys from the start, and takes no others."""

    def __init__(self) -> None:
        super().__init__(path="", age=0)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self:
            raise KeyError(key)
        super().__setitem__(key, value)


def test_a_mapping_that_fills_itself_is_made_with_other_values_of_the_same_types() -> None:
    make = Instances(Settings, [], list)
    found = [make(random.Random(seed)) for seed in range(60)]
    assert all(list(one) == ["path", "age"] for one in found)
    assert {type(one["path"]) for one in found} == {str}
    assert any(one["path"] for one in found) and any(one["age"] for one in found)
    assert Settings() in found
