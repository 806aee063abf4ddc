"""How often is chance called a gain, and how soon is a gain seen? ``python -m benchmarks.false_promotion --json``

The noise is measured first: functions of four sizes are timed against themselves as a trial times
two sides, by pairs in sandboxed workers, with nothing to win. Trials are then simulated at a known
gain: runs of neighbouring measured pairs, drawn at random, so that what lasts from pair to pair stays
in; on top of these a machine that drifts, one whose mood lasts (AR(1)), and one that warms up, which
hit whichever side comes second, or first. One looks after every pair, up to the cap of a trial.

``false``: the share of trials that promote at a true median gain of exactly the margin.
``power``: the share that see a real gain within so many pairs, under the measured noise.
A few of the simulated trials are gone through again by the class that trials use.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from selfsame.runtime.shadow.bench import Bench
from selfsame.runtime.shadow.equality import Replay, replay_invented
from selfsame.runtime.shadow.pair import named, request_for
from selfsame.runtime.shadow.statistics import CLIP, Comparison, half_width, log_e_value
from selfsame.runtime.shadow.timing import Clock, typical

MARGIN, ALPHA, LEAST, MOST = 0.05, 0.01, 20, 800
BLOCK = 25
"""Neighbouring measured pairs that stay together."""
AT_ONCE = 500
CHECKED = 20
FUNCTIONS = """
def tiny(xs: list[int]) -> int:
    return len(xs) + 1


def small(xs: list[int]) -> int:
    total = 0
    for x in xs:
        total += x * 3
    return total


def middle(xs: list[int]) -> int:
    total = 0
    for _ in range(30):
        for x in xs:
            total += x * 3
    return total


def large(words: list[str]) -> list[str]:
    found = []
    for _ in range(150):
        found = sorted(w.lower() for w in words)
    return found
"""
Array = np.ndarray[Any, np.dtype[np.float64]]


def measured(pairs: int) -> dict[str, Array]:
    """Logarithms of first over second for each function against itself, in the order of time."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "timed.py").write_text(FUNCTIONS)
        for name in ("tiny", "small", "middle", "large"):
            place = named(f"{folder}/timed.py:{name}", sys.path)
            path = [folder, *(p for p in sys.path if p)]
            request = replace(request_for(place, path, 60.0), other=place.target)
            with Bench(request, [], None) as bench:
                payloads = bench.invent(60, 5.0)["payloads"]
                bench.add(payloads)
                replay = Replay()
                replay_invented(bench, 0, len(payloads), math.inf, replay)
                clock = Clock(bench, replay.kept, ("original", "original"))
                costs = (typical(clock.turns(*clock.draw())) for _ in range(pairs))
                ratios = [a / max(b, 1.0) for a, b in costs if a]
            found[name] = np.log(np.array(ratios))
    return found


def resampled(noise: Array, rng: np.random.Generator, trials: int, pairs: int) -> Array:
    """Rows of measured pairs around a median of 0: runs of neighbours, begun at random."""
    centred = noise - np.median(noise)
    blocks = -(-pairs // BLOCK)
    starts = rng.integers(0, len(centred) - BLOCK, (trials, blocks))
    index = (starts[:, :, None] + np.arange(BLOCK)).reshape(trials, -1)[:, :pairs]
    # Which side came first was drawn for each pair: noise has no side of its own.
    found: Array = centred[index] * rng.choice([-1.0, 1.0], index.shape)
    return found


def drift(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """A machine that becomes slower by up to a half over a trial, jump by jump."""
    jumps = rng.random(shape) < 0.02
    steps = np.cumsum(jumps * rng.exponential(0.03, shape), axis=1)
    found: Array = rng.choice([-1.0, 1.0], shape) * np.minimum(0.5, steps)
    return found


def lasting(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """What another program does to the machine: it lasts, and hits whichever side is second."""
    mood = np.zeros(shape)
    steps = rng.normal(0.0, 0.05, shape)
    for k in range(1, shape[1]):
        mood[:, k] = 0.95 * mood[:, k - 1] + steps[:, k]
    found: Array = rng.choice([-1.0, 1.0], shape) * mood
    return found


def warm_up(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Whichever side comes first is up to twice as slow, less and less over fifty pairs."""
    found: Array = rng.choice([-1.0, 1.0], shape) * 0.7 * np.exp(-np.arange(shape[1]) / 50.0)
    return found


ADDED: dict[str, Callable[[np.random.Generator, tuple[int, int]], Array]] = {
    "alone": lambda rng, shape: np.zeros(shape),
    "drift": drift,
    "lasting": lasting,
    "warm-up": warm_up,
    "all": lambda rng, shape: drift(rng, shape) + lasting(rng, shape) + warm_up(rng, shape),
}


def promoted(ratios: Array) -> Any:
    """For each row of ratios: the number of pairs at which it promotes, 0 where it never does."""
    n = np.arange(1, ratios.shape[1] + 1)
    wins = np.cumsum(ratios > 1.0 + MARGIN, axis=1)
    needed = np.array([_needed(int(k)) for k in n])
    x = np.clip(np.log(ratios), -CLIP, CLIP)
    mean = np.cumsum(x, axis=1) / n
    square = np.cumsum(x * x, axis=1)
    variance = np.maximum(0.0, square - n * mean**2) / np.maximum(1, n - 1)
    widths = np.array([half_width(int(k), ALPHA) for k in n])
    above = mean - np.sqrt(variance) * widths > 0.0
    for_gain = (wins >= needed) & above & (n >= LEAST)
    given_up = (n - wins >= needed) & (n >= LEAST)
    never = ratios.shape[1] + 1
    won = np.where(for_gain.any(axis=1), for_gain.argmax(axis=1) + 1, never)
    lost = np.where(given_up.any(axis=1), given_up.argmax(axis=1) + 1, never)
    return np.where(won < lost, won, 0)


def _needed(pairs: int) -> int:
    """The least number of wins among so many pairs that is evidence enough; more than all for none."""
    wins = np.arange(pairs + 1)
    enough = log_e_value(wins, pairs - wins) >= -math.log(ALPHA)
    return int(np.argmax(enough)) if enough.any() else pairs + 1


def by_the_class(ratios: Array) -> int:
    """One row, as a trial goes through it."""
    comparison = Comparison(MARGIN, ALPHA, LEAST, MOST)
    for ratio in ratios:
        comparison.add(1e6 * float(ratio), 1e6)
        if comparison.decision != "undecided":
            break
    return len(comparison.ratios) if comparison.decision == "faster" else 0


def simulated(
    noise: Array, added: str, gain: float, trials: int, seed: int, pairs: int = MOST
) -> list[int]:
    """When each trial promotes; ``gain`` is the true median of original/variation less 1."""
    rng = np.random.default_rng(seed)
    found: list[int] = []
    for start in range(0, trials, AT_ONCE):
        rows = min(AT_ONCE, trials - start)
        errors = resampled(noise, rng, rows, pairs) + ADDED[added](rng, (rows, pairs))
        ratios = (1.0 + gain) * np.exp(errors)
        decided = promoted(ratios)
        if start == 0:
            for row, expected in zip(ratios[:CHECKED], decided, strict=False):
                assert by_the_class(row) == expected, "the simulation is not what trials do"
        found += [int(k) for k in decided]
    return found


def facts(trials: int, pairs: int, seed: int) -> dict[str, Any]:
    """Everything: noise measured, shares by noise and disturbance, power."""
    noise = measured(pairs)
    false: dict[str, dict[str, float]] = {}
    power: dict[str, dict[str, float]] = {}
    for name, errors in noise.items():
        false[name] = {
            added: float(np.mean([k > 0 for k in simulated(errors, added, MARGIN, trials, seed)]))
            for added in ADDED
        }
        few = max(200, trials // 10)
        ten = simulated(errors, "alone", 0.10, few, seed)
        thirty = simulated(errors, "alone", 0.30, few, seed)
        power[name] = {
            "10 % within 50 pairs": float(np.mean([0 < k <= 50 for k in ten])),
            "10 % ever": float(np.mean([k > 0 for k in ten])),
            "10 % median pairs": float(np.median([k or MOST for k in ten])),
            "30 % within 20 pairs": float(np.mean([0 < k <= 20 for k in thirty])),
            "30 % median pairs": float(np.median([k or MOST for k in thirty])),
        }
    spread = {
        name: {
            "p5": float(np.percentile(e, 5)),
            "p95": float(np.percentile(e, 95)),
            "next to next": float(np.corrcoef(e[:-1], e[1:])[0, 1]),
        }
        for name, e in noise.items()
    }
    return {
        "trials": trials,
        "pairs_measured": pairs,
        "false": false,
        "worst_false": max(max(row.values()) for row in false.values()),
        "power": power,
        "noise": spread,
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print facts, not words")
    parser.add_argument("--trials", type=int, default=10_000, help="for each noise and disturbance")
    parser.add_argument("--pairs", type=int, default=1500, help="measured for each function")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = facts(asked.trials, asked.pairs, asked.seed)
    if asked.json:
        print(json.dumps(found, indent=1))
        return
    print(f"false promotions in {asked.trials:,} trials at exactly {MARGIN:.0%}:")
    for name, row in found["false"].items():
        print(f"  {name:8}", "  ".join(f"{added} {share:.2%}" for added, share in row.items()))
    print("power:")
    for name, row in found["power"].items():
        print(f"  {name:8}", "  ".join(f"{what}: {value:.3g}" for what, value in row.items()))


if __name__ == "__main__":
    main()
