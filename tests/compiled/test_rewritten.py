"""A template's rewrite that is then compiled: the original's own answers, on odd values and errors too."""

import marshal
import random
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import compiler_status
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.codes import patch
from selfsame.runtime.agent.recorder import Counter
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.rewrites import Rewrites
from selfsame.variants.catalogue import template_named
from selfsame.variants.site import Observed, Site
from selfsame.variants.variation import Variation

MODULE = '''
def reached(links, start):
    """Queue and list of what was seen, both of which become something else."""
    seen, queue = [start], [start]
    while queue:
        for other in links[queue.pop(0)]:
            if other not in seen:
                seen.append(other)
                queue.append(other)
    return seen


def shared(words, known):
    count = 0
    for word in words:
        if word in known:
            count += 1
    return count


def totals(values, width):
    out = []
    for i in range(len(values) - width + 1):
        out.append(sum(values[i:i + width]))
    return out


def plain(values):
    return [value for value in values if value]


def noted(values, log):
    seen = []
    for value in values:
        if value not in seen:
            seen.append(value)
            log.append(value)
    return seen
'''
SOURCE = Source("app.py", "app", MODULE)

pytestmark = pytest.mark.skipif(not compiler_status()[0], reason="no C compiler")


class Cased(str):
    """Equal where only the case differs, and hashed as it is spelled."""

    def __eq__(self, other: object) -> bool:
        return str(self).lower() == str(other).lower()

    __hash__ = str.__hash__


def results(name: str) -> list[Any]:
    definition = next(d for d in definitions(SOURCE) if d.qualname == name)
    template = template_named("rewritten-then-compiled")
    assert template is not None
    facts = ModuleFacts.of(SOURCE, lambda wanted: None)
    return list(template.variations(Site(SOURCE, definition, facts, Observed(), optimize=0)))


def pair(name: str) -> tuple[Callable[..., Any], Callable[..., Any], Counter]:
    """The original, its variation as the agent puts it in, and the count of deopts."""
    (variation,) = results(name)
    assert isinstance(variation, Variation), variation
    namespace: dict[str, Any] = {}
    exec(compile(MODULE, "app.py", "exec"), namespace)
    rows = [
        (c.placeholder, c.kind, c.module, c.attribute, c.path, c.digest)
        for c in variation.constants
    ]
    deopts = Counter()
    held = Rewrites(Registry([]), lambda message: None, lambda key: None)
    code = patch(marshal.loads(variation.code), held.constants(rows, deopts))
    return namespace[name], types.FunctionType(code, namespace), deopts


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, str]:
    try:
        found = repr(function(*arguments))
    except Exception as error:
        found = repr(error)
    return found, repr(arguments)


@pytest.fixture(scope="module")
def reached() -> Iterator[Any]:
    yield pair("reached")


def test_two_templates_and_the_compiler(reached: Any) -> None:
    original, rewritten, deopts = reached
    rng = random.Random(2)
    for size in (1, 5, 60):
        links = {n: [rng.randrange(size) for _ in range(3)] for n in range(size)}
        assert rewritten(links, 0) == original(links, 0)
    assert deopts.count == 0
    assert (
        results("reached")[0].parameters["templates"]
        == "accumulator-list-to-set, list-pop0-to-deque, pure-function-to-cython"
    )


ODD: list[tuple[Any, ...]] = [
    ({0: [1.0, 1, True], 1.0: [float("nan")]}, 0),  # 1, 1.0 and True are one; NaN has no links
    ({0: [(1, [2])], (1,): []}, 0),  # what has no hash
    ({"a": [Cased("A"), Cased("b"), "B"], "b": [], "B": []}, "a"),
    ({0: iter([1, 2]), 1: [], 2: []}, 0),  # used up by reading it
    ({0: 7}, 0),
    ([], 0),
    (None, None),
]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_what_cannot_be_done_exactly_starts_over(reached: Any, number: int) -> None:
    original, rewritten, _ = reached

    def arguments() -> tuple[Any, ...]:
        links, start = ODD[number]
        if number == 3:
            links = {0: iter([1, 2]), 1: [], 2: []}
        return links, start

    first, second = outcome(original, arguments()), outcome(rewritten, arguments())
    assert first[0] == second[0]


@pytest.mark.parametrize("name", ["shared", "totals"])
def test_what_is_made_once_before_a_loop(name: str) -> None:
    original, rewritten, deopts = pair(name)
    rng = random.Random(3)
    for _ in range(60):
        values = [rng.randrange(20) for _ in range(rng.randrange(12))]
        if name == "shared":
            arguments: tuple[Any, ...] = (
                values,
                [rng.choice([1, "a", 2.0, None]) for _ in range(5)],
            )
        else:
            arguments = (values, rng.randrange(5))
        assert outcome(rewritten, arguments) == outcome(original, arguments)
    assert deopts.count == 0
    for odd in (([1], [[1]]), ([[1]], [[1], 1]), ([1.5], 2), (None, 1), ([1], {1})):
        assert outcome(rewritten, odd) == outcome(original, odd)
    assert deopts.count > 0


def test_it_is_only_made_where_a_template_applies_to_a_pure_function() -> None:
    assert results("plain") == []
    assert not any(isinstance(r, Variation) for r in results("noted"))
