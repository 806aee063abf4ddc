"""What inputs are invented from: patterns, tables and helpers of the module, and what it keeps."""

import ast
import random
import re
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.agent import reduce
from selfsame.runtime.shadow.callers import passed
from selfsame.runtime.shadow.candidates import Parameters
from selfsame.runtime.shadow.examples import recording
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.makers import Makers
from selfsame.runtime.shadow.matching import matching
from selfsame.runtime.shadow.pair import compare, named
from selfsame.runtime.shadow.payloads import dump, live_globals
from selfsame.runtime.shadow.rows import links
from selfsame.runtime.shadow.texts import Texts
from selfsame.runtime.shadow.usage import guessed
from selfsame.runtime.shadow.vocabulary import Vocabulary

PATTERNS = [
    r"(?P<year>\d{4})-(\d\d)(?:-(\d\d))?$",
    r"\A\s*(?P<sign>[-+]?)(?=\d|\.\d)(?P<num>\d*|\d+(_\d+)*)",
    r"([a-z]+)=\1",
    r"(a)?(?(1)b|c)",
    r"[^\W\d_]+\Z",
    r"(?i:HEAD)er\b",
    rb"\x00+|[\x80-\xff]{2,}",
]


@pytest.mark.parametrize(
    ("annotation", "leads"),
    [
        ("dict[str, list[str]]", lambda v: v),
        ("dict[int, set[int]]", lambda v: v),
        ("dict[str, str]", lambda v: [v]),
        ("dict[str, tuple[str, ...]]", lambda v: v),
        ("dict[str, list[tuple[str, int]]]", lambda v: [to for to, _ in v]),
        ("Mapping[str, dict[str, float]]", lambda v: v),
    ],
)
def test_graphs_lead_to_their_own_keys(annotation: str, leads: Any) -> None:
    """In a third of the made ones each value does; the others may lead to where nothing is."""
    make = Makers({}, (), lambda function: None).of(annotation)
    assert make is not None
    made = [make(random.Random(seed)) for seed in range(300)]
    filled = [m for m in made if any(leads(value) for value in m.values())]
    closed = [m for m in filled if all(set(leads(value)) <= set(m) for value in m.values())]
    assert len(filled) / 3 < len(closed) < len(filled)
    assert len({type(value) for m in made for value in m.values()}) == 1


@pytest.mark.parametrize(
    ("annotation", "value", "linked"),
    [
        ("list[str]", ["x", "y", "z"], ["a", "a", "a"]),
        ("tuple[str, ...]", ("x", "y", "z"), ("a", "a", "a")),
        ("tuple[str, int, str]", ("x", 1, "z"), ("a", 1, "a")),
        ("dict[str, list[int]]", {"x": [1]}, {"a": [1]}),
    ],
)
def test_what_leads_to_keys_is_like_what_was_made(annotation: str, value: Any, linked: Any) -> None:
    link = links(ast.parse(annotation, mode="eval").body, ast.Name("str", ast.Load()))
    assert link is not None
    assert link(["a"], value, random.Random(0)) == linked


@pytest.mark.parametrize("annotation", ["tuple[()]", "list[int]", "Callable[..., str]"])
def test_what_holds_no_keys_leads_to_none(annotation: str) -> None:
    assert links(ast.parse(annotation, mode="eval").body, ast.Name("str", ast.Load())) is None


@pytest.mark.parametrize("text", PATTERNS)
def test_texts_are_made_that_a_pattern_finds(text: str | bytes) -> None:
    pattern: re.Pattern[Any] = re.compile(text)
    made = [matching(pattern, random.Random(seed)) for seed in range(40)]
    assert all(type(one) is type(text) for one in made)
    assert sum(pattern.search(one) is not None for one in made) >= 20
    assert len(set(made)) > 3 or "(?(1)" in str(text) or "HEAD" in str(text)


@given(st.sampled_from(PATTERNS[:6]), st.integers(0, 500))
def test_a_match_goes_with_a_payload_and_is_the_same_again(text: str, seed: int) -> None:
    made = "- " + matching(re.compile(text), random.Random(seed)) + " 12-x"
    for found in re.finditer(text, made):
        again = Call.of(dump((found,), {})).parameters[0]
        assert (again.regs, again.re, again.string) == (found.regs, found.re, found.string)


def test_a_match_that_is_not_found_again_is_refused() -> None:
    found = next(m for m in [re.compile("a|ab").fullmatch("ab")] if m)
    kept = reduce.matched(*reduce.match(found)[1])
    assert kept.regs == found.regs
    with pytest.raises(reduce.Unpicklable):
        reduce.matched(re.compile("b"), "a", "match", 0, 1)


MODULE = """
import re

_SHAPE = re.compile(r"(\\d+)x(\\d+)@([a-z]{3})")
UNITS = {"furlong": 201, "chain": 20}
_seen = {}
LIMIT = 7


class Ratio:
    def __init__(self, top: int, bottom: int) -> None:
        if bottom == 0:
            raise ZeroDivisionError("bottom")
        self.real = top
        self.imag = bottom

    def plus(a, b):
        return a.real * b.imag + b.real * a.imag

    def plus_wrong(a, b):
        return a.real ** b.imag + b.real * a.imag


def area(text):
    found = _SHAPE.match(text)
    return int(found[1]) * int(found[2]) if found else None


def area_wrong(text):
    found = _SHAPE.match(text)
    return int(found[1]) + int(found[2]) if found else None


def _unit(name):
    if name == "ell of cloth":
        return 45
    return UNITS[name]


def inches(count: int, name: str):
    return count * _unit(name)


def inches_wrong(count: int, name: str):
    return count * _unit(name) + (name == "furlong")


def remember(name: str, size: int):
    entry = _seen.get(name)
    if entry is not None and len(entry) == 2:
        low, high = _seen[name]
        _seen[name] = (min(low, size), max(high, size))
        return True
    _seen[name] = (size, size)
    return False


def remember_wrong(name: str, size: int):
    entry = _seen.get(name)
    if entry is not None and len(entry) == 2:
        low, high = _seen[name]
        _seen[name] = (min(low, size), high)
        return True
    _seen[name] = (size, size)
    return False


def known(name: str):
    if name in _seen:
        return len(name)
    return 0


_kept = {}


def known_wrong(name: str):
    if name not in _kept:
        _kept[name] = len(name) if name in _seen else 0
    return _kept[name]


def side(match):
    return match.group(1)


def side_wrong(match):
    return match.group(0)


def warns(size: int):
    if size > 3:
        import warnings
        warnings.warn("large", stacklevel=1)
    return size


def warns_wrong(size: int):
    if size > 3:
        import warnings
        warnings.warn("large", stacklevel=2)
    return size
"""


@pytest.mark.parametrize(
    "name", ["Ratio.plus", "area", "inches", "remember", "known", "side", "warns"]
)
def test_what_the_module_is_written_with_tells_wrong_rewrites(tmp_path: Path, name: str) -> None:
    file = tmp_path / "measures.py"
    file.write_text(MODULE)
    one = named(f"{file}:{name}", [str(tmp_path)])
    other = named(f"{file}:{name}_wrong", [str(tmp_path)])
    again = compare(one, other, [str(tmp_path)], 15.0)
    assert again.same == "different", again.reason


def _module() -> types.ModuleType:
    module = types.ModuleType("measures")
    exec(compile(MODULE, "measures.py", "exec"), vars(module))
    return module


def test_words_of_helpers_and_tables_are_known_and_its_own_come_first() -> None:
    module = _module()
    function = module.inches
    words = Vocabulary(function, [function.__code__], module)
    assert {"furlong", "chain", "ell of cloth", 45}.issubset(words.constants)
    assert not words.patterns
    assert Vocabulary(module.area, [module.area.__code__], module).patterns == [module._SHAPE]


def test_numbers_are_known_as_letters_where_the_code_asks_for_those() -> None:
    module = _module()
    exec("def odd(c): return ord(c) == 0xFFFE\ndef even(b): return b[0] == 0x8A", vars(module))
    letters, single = (Vocabulary(f, [f.__code__], module) for f in (module.odd, module.even))
    assert {"\ufffe", "\uffff", "\ufffd"}.issubset(letters.constants)
    assert b"\x8a" in single.constants
    assert "\x8a" not in single.constants


def test_numbers_are_known_as_they_are_written_where_the_code_reads_numbers() -> None:
    module = _module()
    exec("def octet(t): return int(t) > 0xFF\ndef plain(n): return n > 0xFF", vars(module))
    written, plain = (Vocabulary(f, [f.__code__], module) for f in (module.octet, module.plain))
    assert {"254", "255", "256"}.issubset(written.constants)
    assert "255" not in plain.constants


def test_numbers_are_known_as_bytes_where_the_code_reads_numbers_from_those() -> None:
    module = _module()
    exec("def word(b): return unpack('!I', b)[0] // 614125 + 7", vars(module))
    known = Vocabulary(module.word, [module.word.__code__], module).constants
    assert {n.to_bytes(4, "big") for n in (614124, 614125, 614126)}.issubset(known)
    assert (7).to_bytes(4, "big") not in known


def test_only_what_the_module_changes_is_met_in_other_states(tmp_path: Path) -> None:
    file = tmp_path / "measures.py"
    file.write_text(MODULE)
    module = types.ModuleType("measures")
    exec(compile(MODULE, str(file), "exec"), vars(module))
    rng = random.Random(1)
    for function, name in ((module.remember, "_seen"), (module._unit, "UNITS")):
        live = live_globals(function, module)
        ways = Parameters(function, module, Vocabulary(function, [function.__code__], module))
        states = ways.states(live)
        held = [states.draw(("a", 1), rng)[1]["measures", name] for _ in range(50)]
        assert (len({repr(one) for one in held}) > 5) is (name == "_seen")


def test_what_is_put_into_a_container_says_what_is_in_it() -> None:
    (node,) = ast.parse(
        "def f(name):\n    if len(kept[name]) == 1:\n        return True\n"
        "    kept[name] = (name,)\n    size, first, last = kept[name]\n"
    ).body
    assert isinstance(node, ast.FunctionDef)
    found = {text for text, _ in guessed(node, "kept")}
    assert {"dict[str, tuple[int]]", "dict[str, tuple[int, int, int]]"} <= found


def test_names_in_a_stored_tuple_say_what_is_in_it() -> None:
    (node,) = ast.parse(
        "def f(name, text):\n    lines = text.splitlines()\n    lines[-1] += 'x'\n"
        "    kept[name] = (None, 0, lines, f'{name}')\n"
    ).body
    assert isinstance(node, ast.FunctionDef)
    found = {text for text, _ in guessed(node, "kept")}
    assert "dict[str, tuple[None, int, list[str], str]]" in found


CALLING = """
TABLE = {"a": 1}
marker = object()


def one(text, size=7, more=None):
    local = "x"
    inner(TABLE, more, size)
    inner(text, local, keyed=marker)
    return inner(*text, keyed=4)


def inner(table, other, count=0, *, keyed=None):
    return table


class Reader:
    def read(self, limit=None):
        return self.feed("all", limit)

    def feed(self, kind, limit):
        return kind
"""


def test_what_the_module_itself_passes_is_known() -> None:
    module = types.ModuleType("calling")
    exec(compile(CALLING, "calling.py", "exec"), vars(module))
    nodes = [n for n in ast.walk(ast.parse(CALLING)) if isinstance(n, ast.FunctionDef)]
    found = {
        name: passed(nodes, module.inner, name) for name in ("table", "other", "count", "keyed")
    }
    assert found == {"table": [{"a": 1}], "other": [None], "count": [7], "keyed": [4]}
    assert passed(nodes, module.Reader.feed, "kind") == ["all"]
    assert passed(nodes, module.Reader.feed, "limit") == [None]


def test_kinds_of_texts_that_led_along_new_ways_are_made_more_often() -> None:
    texts, rng = Texts(["own"], []), random.Random(2)

    def tables(count: int) -> int:
        return sum(_is_table(texts(rng)) for _ in range(count))

    before = tables(2000)
    texts.learn(False)
    for _ in range(1500):
        texts.learn(_is_table(texts(rng)))
    assert tables(2000) > 2 * before > 0


def _is_table(text: str) -> bool:
    lines = text.splitlines()
    counts = [{line.count(separator) for line in lines} for separator in ",;|"]
    return len(lines) > 2 and any(len(one) == 1 and 0 not in one for one in counts)


def test_words_are_found_in_code_whose_constants_have_no_hash() -> None:
    """A rewrite may have the namespace of a module among its constants."""
    module = types.ModuleType("words")
    exec(
        "def helper(x): return x == 'inner'\ndef f(x): return helper(x) or x == 'outer'",
        vars(module),
    )
    code = module.f.__code__
    rewritten = code.replace(co_consts=(*code.co_consts, {}))
    with pytest.raises(TypeError):
        hash(rewritten)
    assert "outer" in Vocabulary(module.f, [code, rewritten], module).constants
    module.f.__code__ = rewritten
    seen: list[tuple[Any, ...]] = []
    with recording(rewritten, seen.append):
        module.f(1)
    assert seen == [(1,)]


ENCODED = """
def quoted(text: str):
    return text.encode("utf-8", "strict")


def loosely(text: str):
    return text.encode("utf-8", "replace")
"""


def test_texts_that_cannot_be_encoded_are_among_the_inputs(tried: Any) -> None:
    trial = tried(ENCODED, "quoted", "loosely", 6.0)
    assert trial.same == "different", trial
