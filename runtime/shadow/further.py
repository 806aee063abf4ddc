"""What else is done to a variation that passed its trial: every input of a small space.

It costs seconds, and is for survivors alone. What it finds is compared as any other input is, and one mismatch
takes the verdict back.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from selfsame.runtime.shadow.bench import Bench, NodeRefused
from selfsame.runtime.shadow.equality import Mismatch, Replay, Untold, replay_invented
from selfsame.runtime.shadow.process import Cancelled, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.request import OnEvent, Trial, TrialRequest

BOUNDED = 10_000
"""The most inputs of a space that is gone through, where there is time."""
INPUT_S = 0.0006
"""What comparing one small input takes, about."""


def further(
    trial: Trial,
    request: TrialRequest,
    *,
    bounded: int = 0,
    seconds: float = 0.0,
    on_event: OnEvent = lambda name, fields: None,
    cancel: threading.Event | None = None,
) -> Trial:
    """The trial with what more was found, for one that said "same"; any other as it is.

    ``bounded``: the most inputs of a space that are compared, all of them or no claim is made, in about
    ``seconds`` of wall time. Never raises for what a worker does.
    """
    if trial.same != "same":
        return trial
    begun = time.monotonic()
    evidence = list(trial.evidence)
    payloads = [*dict(request.captured), *request.corpus.payloads]

    def stage(name: str, act: Callable[[], str]) -> None:
        try:
            told = act()
        except (NodeRefused, Untold, WorkerFailed) as why:
            told, reason = "", str(why)
        except WorkerLost as why:
            told, reason = "", f"a worker {why}"
        except OSError as error:
            told, reason = "", f"no worker could be started: {type(error).__name__}"
        else:
            reason = ""
        evidence.extend([told] if told else [])
        on_event(name, {"node": request.address, "told": told, "reason": reason})

    try:
        if bounded and payloads and not request.outside:
            most = min(bounded, int(seconds / INPUT_S))
            stage("validated", lambda: _validated(request, payloads, most, seconds, cancel))
    except Mismatch as mismatch:
        trial = replace(
            trial,
            same="different",
            reason=str(mismatch),
            counterexample=mismatch.counterexample,
        )
    except Cancelled:
        pass
    spent = trial.seconds + time.monotonic() - begun
    return replace(trial, evidence=tuple(evidence), seconds=spent)


def _validated(
    request: TrialRequest,
    payloads: list[bytes],
    most: int,
    seconds: float,
    cancel: threading.Event | None,
) -> str:
    """Compare on every input of a space; what may be claimed then, or "". Raises Mismatch."""
    with Bench(request, payloads, cancel) as bench:
        space = bench.scope(most)
        count = len(space.payloads)
        if not count:
            return ""
        replay = Replay()
        until = time.monotonic() + seconds
        replay_invented(bench, bench.add(space.payloads), count, until, replay)
    if replay.invented == count:
        return f"validated over a bounded space of {count:,} inputs ({space.told})"
    return (
        f"fuzzed {replay.invented:,} more of the {count:,} inputs of a bounded space; "
        "the others said nothing, or there was no time"
    )
