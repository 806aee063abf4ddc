"""The rule of promotion: a significant improvement, and within the constraints.

The bound that was violated is met, and no bound that was met is broken. What the variation will do
in the program is predicted from what the original did there and the ratio measured in the trial.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfsame.compiler.constraints.bind import ConstraintSet
from selfsame.grammar.model import Canary
from selfsame.runtime.monitor.amounts import show
from selfsame.runtime.monitor.judge import Outcome, Verdict
from selfsame.runtime.shadow.trial import Trial
from selfsame.runtime.versions.manifest import share_text

CANARY_SHARE, RARE_SHARE, RARE_CALLS_A_S = "25%", "50%", 30.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a variation may be promoted, and the sentence that says why (not)."""

    promote: bool
    reason: str


def decide(
    trial: Trial, constraints: ConstraintSet | None, verdicts: Sequence[Verdict]
) -> Decision:
    """Apply the rule to one trial. ``verdicts`` are the original's, from the running program."""
    if not trial.promotable:
        return Decision(False, trial.reason)
    gain = _gain(trial)
    if trial.kept is not None:
        gain += f" ({trial.kept.told})"
    if constraints is None:
        return Decision(True, gain)
    kept = []
    for verdict in verdicts:
        problem, text = _after(trial, constraints, verdict)
        if problem:
            hint = "; a smaller `cache_memory` makes it smaller" if trial.kept is not None else ""
            return Decision(False, f"{gain}, but {problem}{hint * ('memory' in problem)}")
        if text:
            kept.append(text)
    return Decision(True, "; ".join([gain, *kept]))


def _after(trial: Trial, constraints: ConstraintSet, verdict: Verdict) -> tuple[str, str]:
    """What becomes of one bound: a problem (or none), and what is predicted in words."""
    if verdict.value is None or verdict.outcome is Outcome.INCONCLUSIVE:
        return "", ""
    bound = next(b for b in constraints.bounds if b.property == verdict.bound)
    predicted = _predict(verdict, trial, bound.subject)
    if predicted is None:
        return f"{verdict.bound} has a bound, and the two sides were not weighed", ""
    words = f"{verdict.bound} {show(verdict.metric, verdict.value)} -> {show(verdict.metric, predicted)}"
    if bound.holds(predicted, verdict.baseline):
        return "", words
    limit = f"{bound.comparator} {show(verdict.metric, verdict.threshold)}"
    if verdict.outcome is Outcome.PASS:
        return f"{words} would break a bound that is met ({limit})", ""
    if constraints.partial:
        return "", f"{words}, still not {limit} (partial is allowed)"
    return f"{words} is still not {limit}; `partial: yes` would accept it", ""


def _predict(verdict: Verdict, trial: Trial, subject: str) -> float | None:
    if verdict.value is None:
        return None
    if verdict.metric == "error_rate":
        return verdict.value * _errors_left(trial, subject.rpartition(".")[2])
    if verdict.metric == "memory_usage":
        if trial.memory is None:
            return None
        # What is kept between calls is there at the peak of a call, too.
        held = trial.kept.most_bytes if trial.kept is not None else 0
        return verdict.value / trial.memory.median + held
    if trial.speedup is None:
        return verdict.value
    if verdict.metric in ("execution_time", "cpu_time"):
        return verdict.value / trial.speedup.median
    if verdict.metric == "throughput":
        return verdict.value * trial.speedup.median
    if verdict.metric == "time_share":
        faster = verdict.value / trial.speedup.median
        return faster / (1 - verdict.value + faster)
    return verdict.value


def _errors_left(trial: Trial, name: str) -> float:
    """The share of the errors (of one class, where ``name`` is not empty) that remains."""

    def count(raised: Mapping[str, int]) -> int:
        return sum(n for kind, n in raised.items() if not name or kind.rpartition(".")[2] == name)

    before = count(trial.raised)
    return count(trial.raised_after) / before if before else 1.0


def _gain(trial: Trial) -> str:
    words = [(trial.speedup, "faster"), (trial.memory, "smaller")]
    match trial.objective:
        case "errors":
            return f"it returns in {trial.cured} captured calls in which the original raises"
        case "memory":
            words = words[1:]
        case "time":
            words = words[:1]
    told = [f"{effect.median:.1f} times {word}" for effect, word in words if effect]
    return " and ".join(told) or words[0][1]


def first_share(steps: Canary | None, calls_a_s: float = math.inf) -> str:
    """The share of the time that a new rewrite has at first: CDL's first step, or 25 %.

    Of a function that is called seldom, 50 %: its few calls would take long to tell anything.
    """
    if steps:
        return share_text(min(0.5, steps.steps[0]))
    return RARE_SHARE if calls_a_s < RARE_CALLS_A_S else CANARY_SHARE
