"""Trials of what keeps results between calls: timed on the calls as they came, and on nothing else."""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.watch import DEOPT_CALLS, disappoints
from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.graph import LiveNode, LivingGraph
from selfsame.runtime.monitor.seen import Window
from selfsame.runtime.mutation.sample import repeated
from selfsame.runtime.shadow.request import Kept, Trial
from selfsame.runtime.shadow.trial import run_trial
from selfsame.variants.catalogue import template_named
from selfsame.variants.site import AnyTemplate, Observed, Site
from selfsame.variants.variation import Variation

TEXT = """
RATE = 7


def shipping(grams, zone):
    best = 0
    for step in range(grams):
        best = max(best, step * RATE % 11)
    return zone + str(best)
"""


@pytest.fixture(scope="module")
def memoised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Variation]:
    path = tmp_path_factory.mktemp("memoised") / "parcels.py"
    path.write_text(TEXT)
    source = Source.read(path, "parcels")
    (definition,) = definitions(source)
    template = template_named("repeated-arguments-to-memory")
    assert template is not None
    site = Site(source, definition, None, Observed(repeats=0.9), AnyTemplate(cache_bytes=100_000))
    (made,) = template.variations(site)
    assert isinstance(made, Variation)
    return path, made


def trial(
    bench: Any,
    make: Any,
    memoised: tuple[Path, Variation],
    order: Sequence[int],
    weight: Callable[[int], object] = lambda n: 200 + n,
    **options: Any,
) -> Trial:
    path, variation = memoised
    calls = [make(weight(n), "ab"[n % 2]) for n in range(60)]
    known = type(bench)(path.parent, TEXT, "parcels")
    request = known.request("shipping", TEXT, calls, sequence=order, budget_s=15.0, **options)
    return run_trial(
        dataclasses.replace(request, code=variation.code, constants=variation.constants)
    )


def test_the_gain_is_that_of_the_calls_as_they_came(bench, make, memoised) -> None:
    for _ in range(3):  # a busy machine hides it now and then
        found = trial(bench, make, memoised, [*range(60), *range(60)] * 4)
        if found.faster == "faster":
            break
    assert (found.same, found.faster) == ("same", "faster"), found.reason
    assert found.kept is not None and (found.kept.calls, found.kept.answered) == (480, 420)
    assert found.kept.results == 60 and 0 < found.kept.bytes <= found.kept.most_bytes == 100_000
    assert found.speedup is not None and 1.5 < found.speedup.median < 8.5  # one in eight computes
    assert "memoised: 420 of 480 observed calls had come before" in found.evidence[1]


def test_calls_that_do_not_repeat_gain_nothing(bench, make, memoised) -> None:
    found = trial(bench, make, memoised, list(range(60)))
    assert (found.same, found.faster) == ("same", "not faster"), found.reason
    assert found.kept is not None and found.kept.answered == 0


def test_the_order_of_calls_is_kept_with_their_repetitions() -> None:
    captures = Captures()
    captures.want("a:f", 10)
    captures.add("a:f", [(b"x", 5), (b"y", 5), (b"x", 6)], {}, 3)
    captures.add("a:f", [(b"y", 5), (b"z", 5)], {}, 2)
    assert captures.sequence("a:f", captures.calls("a:f")) == [0, 1, 0, 1, 2]
    assert [payload for payload, _ in captures.calls("a:f")] == [b"x", b"y", b"z"]
    assert captures.sequence("a:g", []) == []


def test_a_call_that_was_once_outermost_is() -> None:
    captures = Captures()
    captures.want("a:f", 10)
    captures.add("a:f", [(b"x", 5), (b"y", 3), (b"z", 1)], {}, 3, nested=[1, 2])
    assert captures.outermost("a:f", captures.calls("a:f")) == {0}
    captures.add("a:f", [(b"w", 5), (b"z", 1), (b"y", 3)], {}, 3, nested=[1])
    calls = captures.calls("a:f")
    assert captures.outermost("a:f", calls) == {0, 1, 3}
    assert captures.sequence("a:f", calls) == [0, 1, 2, 3, 2, 1]
    assert captures.outermost("a:g", calls) == set()
    assert repeated([0, 1] * 50) == 0.98 and repeated([0, 1, 0]) is None


def test_where_no_result_can_be_kept_nothing_is_compared(
    bench: Any, make: Any, memoised: tuple[Path, Variation]
) -> None:
    order = [n % 6 for n in range(240)]
    without_a_key = trial(
        bench, make, memoised, order, lambda n: re.RegexFlag(200 + n), to_beat=1.0
    )
    assert (without_a_key.same, without_a_key.faster) == ("inconclusive", "not faster")
    assert "calls found a kept result" in without_a_key.reason
    assert without_a_key.captured == 0
    assert trial(bench, make, memoised, order, to_beat=1.0).promotable


def test_it_is_rolled_back_where_hardly_any_call_comes_again() -> None:
    live = LiveNode("a:f")
    live.rewritten_calls = DEOPT_CALLS
    live.deopts = int(DEOPT_CALLS * 0.7)
    assert disappoints(live, "r", memoises=True) is None
    assert disappoints(live, "r") is not None
    live.deopts = int(DEOPT_CALLS * 0.9)
    found = disappoints(live, "r", memoises=True)
    assert found is not None and found.reason == "180 of 200 calls found no result that was kept"


def test_what_it_may_hold_is_told() -> None:
    assert Kept(100, 80, 20, 5_000, 8_000_000).told == (
        "memoised: 80 of 100 observed calls had come before; "
        "20 results in 5,000 bytes, at most 8,000,000"
    )


def test_a_few_calls_that_waited_do_not_make_a_rewrite_slower() -> None:
    def window(rewrite: str, each_ns: int, waiting: int, slow: int = 0) -> Window:
        buckets = Counter({bucket(each_ns): 200 - waiting - slow})
        buckets[bucket(10_000_000)] += waiting
        buckets[bucket(10 * each_ns)] += slow
        total = (200 - waiting - slow) * each_ns + waiting * 10_000_000 + slow * 10 * each_ns
        return Window(1.0, 200, total, 0, {}, dict(buckets), 1, rewrite)

    before = [window("", 25_000, 0) for _ in range(3)]
    live = LiveNode("a:f", [*before, *(window("r", 4_000, 1) for _ in range(3))])
    assert live.recent(rewrite="r").mean_s > 1.25 * live.recent(rewrite="").mean_s
    assert disappoints(live, "r") is None
    for worse in (window("r", 40_000, 0), window("r", 25_000, 0, slow=20)):
        live = LiveNode("a:f", [*before, *[worse] * 3])
        found = disappoints(live, "r")
        assert found is not None and found.kind == "slower"


def test_windows_that_open_inside_a_recursion_do_not_make_a_rewrite_slower() -> None:
    def window(rewrite: str, each_ns: int, outermost: int) -> Window:
        counts = {bucket(each_ns): 200}
        return Window(1.0, 200, outermost * each_ns, 0, {}, counts, 1, rewrite, outermost)

    whole = [window("r", 90_000, 200)] * 3
    assert disappoints(LiveNode("a:f", [*[window("", 30_000, 200)] * 3, *whole]), "r") is not None
    live = LiveNode("a:f", [*[window("", 30_000, 120)] * 3, *whole])
    assert live.recent(rewrite="").nested and not live.recent(rewrite="r").nested
    assert disappoints(live, "r") is None
    graph = LivingGraph()
    graph.nodes["a:f"] = live
    assert graph.snapshot()["nodes"][0]["original_mean_s"] is None
