"""Comparing goes on after a promotion: what a rewrite does wrong later is found."""

import math
import pickle
import random
from typing import Any

import pytest

from selfsame.runtime.shadow.comparison import Comparison, _leaks, compare

from .conftest import Bench, Make

GOOD = "def score(xs, k):\n    return [x * k + OFFSET for x in xs]\n"
# Wrong for one of a hundred calls.
RARELY_WRONG = GOOD.replace("x * k", "x * k + (len(xs) == 217)")
SLOW_IF_LARGE = (
    "def score(xs, k):\n    out = [x * k + OFFSET for x in xs]\n"
    "    if len(xs) > 5_000:\n        for x in xs: sum(range(40))\n    return out\n"
)
KEEPS = (
    "import collections\n"
    "def score(xs, k):\n    out = [x * k + OFFSET for x in xs]\n"
    "    collections.__dict__.setdefault('kept', []).append(bytes(100))\n    return out\n"
)
DIES = (
    "def score(xs, k):\n    if len(xs) == 217:\n"
    "        import os\n        os.abort()\n"
    "    return [x * k + OFFSET for x in xs]\n"
)


def run(
    bench: Bench, calls: list[bytes], variation: str, amplified: int = 0, promised: float = 1.0
) -> Comparison:
    request = bench.request("score", variation, calls, amplified=amplified, promised=promised)
    return compare(request)


@pytest.fixture(scope="module")
def calls(make: Make) -> list[bytes]:
    rng = random.Random(6)
    sizes = [rng.randrange(100, 200) for _ in range(60)] + [217] + [9_000] * 4
    return [make([rng.randrange(1000) for _ in range(n)], 3, OFFSET=3) for n in sizes]


def test_a_good_rewrite_is_the_same(bench: Bench, calls: list[bytes]) -> None:
    found = run(bench, calls, GOOD, amplified=20)
    assert found.verdict == "same" and not found.bad, found
    assert found.compared >= len(calls)


def test_a_rewrite_that_is_wrong_for_a_rare_call(bench: Bench, calls: list[bytes]) -> None:
    found = run(bench, calls, RARELY_WRONG)
    assert found.verdict == "different" and found.bad
    assert "list" in found.counterexample
    assert str(pickle.loads(calls[0])["args"][0][:3])[1:-1] not in found.counterexample


def test_a_rewrite_that_is_slow_for_large_calls_alone(bench: Bench, calls: list[bytes]) -> None:
    found = run(bench, calls, SLOW_IF_LARGE)
    assert found.verdict == "slower", found
    assert "times as long" in found.reason


def test_as_slow_as_its_trial_promised_is_no_disappointment(
    bench: Bench, calls: list[bytes]
) -> None:
    found = run(bench, calls, SLOW_IF_LARGE, promised=0.01)
    assert found.verdict == "same", found


def test_a_rewrite_that_keeps_memory(bench: Bench, calls: list[bytes]) -> None:
    found = run(bench, calls, KEEPS)
    assert found.verdict == "leaks", found
    assert "bytes for good" in found.reason


def test_a_rewrite_that_ends_its_worker(bench: Bench, calls: list[bytes]) -> None:
    found = run(bench, calls, DIES)
    assert found.verdict == "different" and "worker" in found.reason, found


def test_no_pass_follows_one_that_keeps_next_to_nothing(bench: Bench, calls: list[bytes]) -> None:
    asked: list[str] = []
    kept = {"variation": 10_000, "original": 9_900}

    class Counting:
        def retained(self, name: str, number: int, each_s: float, least: float) -> int:
            asked.append(name)
            return kept[name]

    counting: Any = Counting()
    assert not _leaks(counting, 60, math.inf) and asked == ["variation", "original"]
    kept["variation"] = 250  # of 50 calls
    assert not _leaks(counting, 60, math.inf) and asked[2:] == ["variation"]
    kept.update(variation=10_000, original=0)
    assert "each call keeps 200 bytes for good" in _leaks(counting, 60, math.inf)
