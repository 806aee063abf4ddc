"""Pure functions compiled on objects: Python's own results, errors and argument states."""

import collections
import random
import signal
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from compiled_values import FLOATS, INTS
from compiled_workbench import load

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import compiler_status, shared_builder
from selfsame.compiler.emit.cython import CannotPrint
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.pure_function_to_cython import print_site
from selfsame.variants.site import Observed, Site

MODULE = '''
import collections

Match = collections.namedtuple("Match", "size start")
LIMIT = 3


def waited(n, rest):
    found = 0
    try:
        for i in range(n):
            found = i
    except ValueError:
        found = -1
    count = 0
    for one in rest:
        count += 1
    return found, count


def longest(a, b):
    best = Match(0, 0)
    table = {}
    for i, x in enumerate(a):
        fresh = {}
        for j in range(len(b)):
            if b[j] == x:
                fresh[j] = size = table.get(j - 1, 0) + 1
                if size > best.size:
                    best = Match(size, i - size + 1)
        table = fresh
    return best


def mixed(rows, flag):
    """Types that C would join: each stays what it is."""
    out = []
    for row in rows:
        out.append(1 if flag else 2.5)
        out.append(row and 0.0)
        out.append(min(1, 2.5))
        out.append(len(rows) / 2)
        out.append(-7 // (len(rows) + 1))
        out.append((len(rows) == 2) + 1)
        out.append((1 if flag else 2) << 70)
        out.append(2**63 * 3)
        out.append(1.0 // 0.1)
        out.append("%d%%" % 1.5)
        out.append(f"{row!r:>8}|{len(rows):03d}")
        out.append("abc"[1] * 2)
        out.append(row in ("a", "b", 1))
        out.append(float(1) // 0.1)
        out.append([x for x in (3, 1, 2) if x != LIMIT])
    return out


def reckoned(pairs):
    out = []
    for a, b in pairs:
        grown = 0
        grown += a
        scaled = -0.0
        scaled *= a
        less = 0.0
        less -= a
        out += [a + b, a - b, a * b, grown, scaled, less, a + 0, 0 + a, a - 0, 0 - a]
        out += [a * -1, -1 * a, a * 0, a + 0.0, -0.0 + a, a * 0.0, a < b, a == b, a == 0]
        for i in range(2):
            out.append(a + i)
            out.append(a * i)
        if b:
            out += [a / b, a // b, a % b]
    return out


def words(text, keep=("a",), *rest, sep=" ", **named):
    counts = {}
    total = 0
    for word in text.split(sep):
        try:
            counts[word] += 1
        except KeyError:
            counts[word] = 1
        total += any(word.startswith(k) for k in keep) + len(rest) + len(named)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    while ranked and ranked[-1][1] < 2:
        ranked.pop()
    else:
        total += 100
    double, struct, cdef = 1, 2, 3
    return ranked, total, double + struct + cdef


def paired(rows):
    queue = list(rows)
    total = []
    while queue:
        a, b = queue.pop(0) if len(queue) > 1 else queue.pop() or queue
        total.append(a * b)
    return total


def spread(rows):
    total = []
    for a, b in rows:
        for [c, d] in rows:
            total.append((a, c, [b, d]))
    return total


def ratio(numbers):
    total = 0
    for n in numbers:
        total += 1 / n
    return total


class Node:
    def __init__(self, value, below):
        self.value = value
        self.__below = below

    def total(self):
        found = 0
        for below in self.__below:
            found = found + below * self.value
        return found
'''


def refused(text: str, name: str = "f") -> str:
    with pytest.raises(CannotPrint) as caught:
        print_site(site_of(text, name))
    return caught.value.reason


def site_of(text: str, name: str, types_seen: dict[str, frozenset[str]] | None = None) -> Site:
    source = Source("sample.py", "sample", text)
    (definition,) = [d for d in definitions(source) if d.address == f"sample:{name}"]
    facts = ModuleFacts.of(source, lambda wanted: None)
    return Site(source, definition, facts, Observed(types=types_seen or {}))


def compiled(
    name: str, seen: dict[str, frozenset[str]] | None = None
) -> tuple[Callable[..., Any], Callable[..., Any], object]:
    """The original, the compiled function with what it reads, and what declines."""
    available, why = compiler_status()
    if not available:
        pytest.skip(why)
    module = types.ModuleType("sample")
    exec(compile(MODULE, "sample.py", "exec"), module.__dict__)
    unit = print_site(site_of(MODULE, name, seen))
    built = shared_builder().build(unit.text, {HEADER: header_text()})
    extension = load(built.path, built.module)
    entry = getattr(extension, unit.entry)
    outer = [getattr(module, g) for g in unit.globals]
    value: Any = module
    for part in name.split("."):
        value = getattr(value, part)
    return value, lambda *given: entry(*given, *outer), extension.DEOPT


def exactly(value: object) -> object:
    if isinstance(value, list | tuple):
        return type(value).__name__, [exactly(v) for v in value]
    return type(value), repr(value)


def test_dictionaries_and_named_tuples() -> None:
    original, fast, _ = compiled("longest", {"a": frozenset({"list[int]"})})
    rng = random.Random(1)
    for _ in range(200):
        a = [rng.randrange(4) for _ in range(rng.randrange(12))]
        b = [rng.randrange(4) for _ in range(rng.randrange(12))]
        assert exactly(fast(a, b)) == exactly(original(a, b))


def test_a_guard_declines_another_container() -> None:
    _, fast, declined = compiled("longest", {"a": frozenset({"list[int]"})})
    assert fast((1, 2), [1, 2]) is declined


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("rows", [[], [0, "x"], [1, "a", None], [1.5, [2]]])
def test_types_that_c_would_join(rows: list[object], flag: bool) -> None:
    original, fast, _ = compiled("mixed")
    assert exactly(fast(rows, flag)) == exactly(original(rows, flag))


def test_numbers_of_two_kinds_are_reckoned_with_as_python_does() -> None:
    original, fast, declined = compiled("reckoned")
    numbers = [*INTS, *FLOATS, True, False, 1j]
    for a in numbers:
        for b in numbers:
            try:
                expected = exactly(original([(a, b)]))
            except (OverflowError, TypeError):
                assert fast([(a, b)]) is declined
            else:
                assert exactly(fast([(a, b)])) == expected, (a, b)


def test_handlers_stars_lambdas_and_names_of_c() -> None:
    original, fast, _ = compiled("words")
    text = "a b a c b a double"
    assert exactly(fast(text, ("a", "b"), " ", (), {})) == exactly(original(text, ("a", "b")))
    expected = original(text, ("a",), 1, 2, sep="b", k=1)
    assert exactly(fast(text, ("a",), "b", (1, 2), {"k": 1})) == exactly(expected)


def test_what_raises_is_left_to_the_original() -> None:
    original, fast, declined = compiled("ratio")
    assert exactly(fast([1, 2, 4.0])) == exactly(original([1, 2, 4.0]))
    assert fast([1, 0]) is declined
    assert fast(None) is declined


def test_an_iterator_is_declined_before_anything_is_taken_from_it() -> None:
    _, fast, declined = compiled("ratio")
    numbers = iter([1, 2, 4])
    assert fast(numbers) is declined
    assert next(numbers) == 1


class Drained:
    """What it goes over is gone then, and yet it is no iterator."""

    def __init__(self, items: list[object]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[object]:
        while self.items:
            yield self.items.pop(0)


def test_what_is_used_up_by_going_over_it_is_declined() -> None:
    _, fast, declined = compiled("ratio")
    drained = Drained([1, 2, "x"])
    assert fast(drained) is declined
    assert drained.items == [1, 2, "x"]
    assert fast(collections.deque([1, 2, 4])) == fast([1, 2, 4])


@pytest.mark.parametrize("name", ["paired", "spread"])
def test_an_iterator_that_a_container_held_is_not_taken_apart(name: str) -> None:
    original, fast, declined = compiled(name)
    assert exactly(fast([(1, 2), [3, "x"]])) == exactly(original([(1, 2), [3, "x"]]))
    held = iter([1, 2])
    assert fast([held]) is declined
    assert next(held) == 1


def test_an_interrupt_that_a_handler_caught_is_over() -> None:
    def stop(*_: object) -> None:
        raise ValueError

    _, fast, declined = compiled("waited")
    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
        assert fast(1 << 40, [1]) == (-1, 1)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    assert fast(3, iter([1])) is declined


def test_private_attributes_of_a_method() -> None:
    original, fast, _ = compiled("Node.total")
    node = original.__globals__["Node"]
    tree = node(1, [2, 3.5, True])
    assert exactly(fast(tree)) == exactly(original(tree))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return a + 1", "it has no loop"),
        ("for x in a:\n  a.append(x)", "leave a trace"),
        ("for x in a:\n  print(x)", "leave a trace"),
        ("return [(lambda: x) for x in a]", "may outlive the call"),
        ("g = (x for x in a)\n return list(g)", "may outlive the call"),
        ("for x in a:\n  try:\n   x + 1\n  except:\n   pass", "errors of Python's own"),
        ("for x in a:\n  try:\n   x + 1\n  finally:\n   return 1", "leaves a finally block early"),
        ("for x in a:\n  if x is 1000:\n   return x", "compares a literal by identity"),
        ("n = 0\n for x in a:\n  n += maybe\n return n", "may not have bound"),
    ],
)
def test_what_has_no_exact_form_is_refused(body: str, reason: str) -> None:
    text = f"if __name__ == 'x':\n    maybe = 1\ndef f(a):\n {body}\n"
    assert reason in refused(text)
