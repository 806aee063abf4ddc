"""What is confirmed as a violation, and when: with calls, windows and noise on a simulated clock."""

import random
from collections.abc import Callable

import pytest

from selfsame.compiler.constraints.bind import NodeName, bind
from selfsame.grammar.parse import parse_text
from selfsame.runtime.engine.candidates import CONFIRMATIONS
from selfsame.runtime.engine.schedule import BOUND_INTERVAL_S, CALLS
from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.confirm import Confirmation
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.judge import Observation, Outcome, judge
from selfsame.runtime.monitor.seen import Window

NODE = "app:busy"
BOUND = "mean_execution_time: 115us over 1s samples 150"
RATE, MEAN_S = 1000, 100e-6


class Simulation:
    """A node that is called ``RATE`` times a second; its windows and the judge on one clock."""

    def __init__(self, seed: int, text: str = BOUND) -> None:
        self.draw = random.Random(seed)
        found = bind([parse_text(f"constraint {NODE} {{ {text} }}", "t.cdl")], [NodeName(NODE)])
        constraints = found.of(NODE)
        assert constraints is not None
        self.constraints = constraints
        self.graph, self.confirmation, self.now = LivingGraph(), Confirmation(), 0.0

    def run(
        self,
        seconds: float,
        slower: Callable[[float], float],
        noise: Callable[[float], float] = lambda now: 1.0,
    ) -> float | None:
        """The moment at which a violation is confirmed; None where none is within ``seconds``."""
        end = self.now + seconds
        while self.now < end:
            self.now += BOUND_INTERVAL_S + 0.1 * self.draw.random()  # ticks of engine and agent
            began, total, seen, buckets = self.now, 0, 0.0, dict[int, int]()
            for _ in range(CALLS):
                self.now += 1 / RATE
                seen += noise(self.now) / CALLS  # the agent counts it from begin to end
                typical = MEAN_S * slower(self.now) * noise(self.now)
                spent = int(1e9 * typical * self.draw.lognormvariate(-0.045, 0.3))
                total += spent
                buckets[bucket(spent)] = buckets.get(bucket(spent), 0) + 1
            seen *= self.draw.uniform(0.95, 1.05)
            span = int((self.now - began) * 1e9)
            window = Window(
                self.now, CALLS, total, total, {}, buckets, span, "", CALLS, max(1.0, seen)
            )
            self.graph.saw(NODE, window)
            live, now = self.graph.node(NODE), self.now
            verdicts = judge(
                self.constraints, Observation(over=lambda s, n=live, t=now: n.recent(t, s, ""))
            )
            if self.confirmation.take(verdicts, self.now, 0.0) >= CONFIRMATIONS:
                return self.now
        return None


@pytest.mark.parametrize("seed", range(20))
def test_a_slowdown_of_1_3_is_confirmed_within_two_seconds(seed: int) -> None:
    simulation = Simulation(seed)
    assert simulation.run(10.0, lambda now: 1.0) is None
    changed = simulation.now + simulation.draw.random()
    confirmed = simulation.run(10.0, lambda now: 1.3 if now >= changed else 1.0)
    assert confirmed is not None
    assert changed < confirmed <= changed + 2.0


@pytest.mark.parametrize("seed", range(1))
def test_an_hour_of_a_steady_program_violates_nothing(seed: int) -> None:
    """Other programs take the machine now and then, for some seconds, by up to three times."""
    simulation = Simulation(seed)

    def noise(now: float) -> float:
        minute, second = divmod(now, 60.0)
        return 1.2 + (minute * 7 % 18) / 10 if 20 <= second < 20 + minute % 9 else 1.0

    assert simulation.run(3600.0, lambda now: 1.0, noise) is None
    assert simulation.run(10.0, lambda now: 1.3) is not None


def test_what_is_slow_beyond_the_noise_fails_and_the_rest_is_said() -> None:
    simulation = Simulation(1)

    def outcome(slowed: float, mean_ns: int) -> tuple[Outcome, str]:
        window = Window(
            0.0, 200, 200 * mean_ns, 0, {}, {bucket(mean_ns): 200}, 10**9, "", 200, slowed
        )
        graph = LivingGraph()
        graph.saw(NODE, window)
        observation = Observation(over=lambda s: graph.node(NODE).recent())
        (found,) = judge(simulation.constraints, observation)
        return found.outcome, found.reason

    assert outcome(1.0, 150_000)[0] is Outcome.FAIL
    assert outcome(1.2, 150_000)[0] is Outcome.FAIL
    assert outcome(3.0, 110_000)[0] is Outcome.PASS
    inconclusive, reason = outcome(1.5, 150_000)
    assert inconclusive is Outcome.INCONCLUSIVE
    assert reason.endswith("while the machine was 1.5 x slower")
