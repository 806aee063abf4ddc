"""What else is done to a variation that passed its trial: every input of a small space, many mutated ones, and a
search by symbols.

They cost seconds, and are for survivors. What they find is compared as any other input is, and one mismatch takes
the verdict back. The search is also for a trial that came to no verdict, as an input may not have come where the
two differ: it can only be called different then.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from selfsame.runtime.shadow.bench import NAMES, Bench, NodeRefused, remaining
from selfsame.runtime.shadow.equality import (
    Mismatch,
    Replay,
    Untold,
    replay_amplified,
    replay_invented,
)
from selfsame.runtime.shadow.process import Cancelled, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.request import OnEvent, Trial, TrialRequest
from selfsame.runtime.shadow.symbolic import Found

BOUNDED: Final = 10_000
"""The most inputs of a space that is gone through, where there is time."""
INPUT_S: Final = 0.0006
"""What comparing one small input takes, about."""
EXPLORED_SHARE: Final = 0.5
EXPLORED: Final = 500
"""Of the time for mutations, and of inputs: those that take new ways, to be mutated in turn."""
MUTATED: Final = 10_000
SYMBOLIC_S: Final = 10.0
"""What a search by symbols is worth; of those that find anything, most do so in the first seconds."""
SLICE_S: Final = 1.0
"""CPU seconds of a search, after which what it found so far is compared: what comes then may not return."""
NOT_SEARCHED: Final = "not searched symbolically"
Stage = Callable[[], tuple[str, str]]
"""Gives a claim and a note, either of which may be ""."""


def further(
    trial: Trial,
    request: TrialRequest,
    *,
    bounded: int = 0,
    seconds: float = 0.0,
    mutated_s: float = 0.0,
    symbolic_s: float = 0.0,
    on_event: OnEvent = lambda name, fields: None,
    cancel: threading.Event | None = None,
) -> Trial:
    """The trial with what more was found.

    ``bounded``: the most inputs of a space that are compared, all of them or no claim is made, in about
    ``seconds`` of wall time. ``mutated_s``: wall time for mutations of the calls at hand, and of those that take
    new ways. ``symbolic_s``: wall time for a search by symbols. Never raises for what a worker does.
    """
    payloads = [*dict(request.captured), *request.corpus.payloads]
    if trial.same == "different" or trial.refused or not payloads:
        return trial
    begun = time.monotonic()
    stages: list[tuple[str, str, Stage]] = []
    if bounded and trial.same == "same" and not request.outside:
        most = min(bounded, int(seconds / INPUT_S))
        validate = partial(_validated, request, payloads, most, seconds, cancel)
        stages.append(("validated", "of a small space", validate))
    if mutated_s and trial.same == "same" and request.amplified:
        mutate = partial(_mutated, request, payloads, mutated_s, cancel)
        stages.append(("mutated", "that was mutated", mutate))
    if symbolic_s:
        search = partial(_searched, request, payloads, symbolic_s, cancel)
        stages.append(("searched", "that CrossHair found", search))
    for name, whose, stage in stages:
        try:
            claim, note = _safely(stage)
        except Mismatch as mismatch:
            trial = replace(
                trial,
                same="different",
                reason=f"{mismatch}, on an input {whose}",
                counterexample=mismatch.counterexample,
            )
            on_event(name, {"node": request.address, "same": trial.same, "reason": trial.reason})
            break
        except Cancelled:
            break
        trial = replace(
            trial,
            evidence=(*trial.evidence, *([claim] if claim else [])),
            notes=(*trial.notes, *([note] if note else [])),
        )
        on_event(name, {"node": request.address, "claim": claim, "note": note})
    return replace(trial, seconds=trial.seconds + time.monotonic() - begun)


def _safely(stage: Stage) -> tuple[str, str]:
    """A claim and a note; the reason, as a note, where a worker did not do it. Raises Mismatch or Cancelled."""
    try:
        return stage()
    except (NodeRefused, Untold, WorkerFailed) as why:
        return "", str(why)
    except WorkerLost as lost:
        return "", f"a worker {lost}"
    except OSError as error:
        return "", f"no worker could be started: {type(error).__name__}"


def _validated(
    request: TrialRequest,
    payloads: list[bytes],
    most: int,
    seconds: float,
    cancel: threading.Event | None,
) -> tuple[str, str]:
    """Compare on every input of a space. Raises Mismatch."""
    with Bench(request, payloads, cancel) as bench:
        space = bench.scope(most)
        count = len(space.payloads)
        if not count:
            return "", ""
        found = _compared(bench, space.payloads, time.monotonic() + seconds)
    if found.invented == count:
        told = f"validated over a bounded space of {count:,} inputs ({space.told})"
        if found.deopts_made:
            told += f", of which {found.deopts_made:,} are left to the original"
        return told, ""
    return "", (
        f"{found.invented:,} of the {count:,} inputs of a small space gave the same; "
        "the others said nothing, or there was no time"
    )


def _mutated(
    request: TrialRequest, payloads: list[bytes], seconds: float, cancel: threading.Event | None
) -> tuple[str, str]:
    """Compare on mutations, of what takes new ways too. Raises Mismatch."""
    with Bench(request, payloads, cancel) as bench:
        until = time.monotonic() + seconds
        fresh, _ = bench.explore(EXPLORED_SHARE * seconds, EXPLORED, NAMES)
        found = _compared(bench, fresh, until)
        replay_amplified(bench, MUTATED, until, found)
    made = found.invented + found.amplified
    return (f"fuzzed {made:,} more" if made else ""), ""


def _compared(bench: Bench, payloads: Sequence[bytes], until: float) -> Replay:
    """What came of these inputs. Raises Mismatch."""
    replay = Replay()
    replay_invented(bench, bench.add(payloads), len(payloads), until, replay)
    return replay


def _searched(
    request: TrialRequest, payloads: list[bytes], seconds: float, cancel: threading.Event | None
) -> tuple[str, str]:
    """Search by symbols, and compare on what it names. Raises Mismatch.

    A claim only where CrossHair says that it took every way, and named no input that the two agree on after all.
    """
    for what, asked in (
        ("what it is given from outside", request.outside),
        ("what it keeps between calls", request.sequence),
    ):
        if asked:
            return "", f"{NOT_SEARCHED}: {what} has no symbols"
    found, named = Found(), 0
    asked_of = replace(request, budget_s=seconds)
    with (
        Bench(asked_of, payloads, cancel, names=("variation",), symbolic=True) as searching,
        Bench(request, payloads, cancel) as bench,
    ):
        begun = time.monotonic()  # what starting and importing took is not the search's
        while not found.over and (left := remaining(begun + seconds)) > 0:
            try:
                found = searching.search(min(SLICE_S, left), left)
            except WorkerFailed as why:
                return "", _ended(found, str(why)) if found.ways else f"{NOT_SEARCHED}: {why}"
            except WorkerLost as lost:
                return "", _ended(found, f"its worker {lost}")
            named += len(found.differing)
            made = [*found.differing, *found.agreeing]
            _compared(bench, made, begun + seconds + SLICE_S)
        took = time.monotonic() - begun
    if found.exhausted and not named:
        told = f"CrossHair took every way through both, {found.ways:,} in all"
        return f"symbolically searched: {told} ({found.told})", ""
    if named:
        told = f"named {named:,} inputs on which the two would differ, and they agree there"
    else:
        told = (
            f"took {found.ways:,} ways in {took:.0f} s and found no input on which the two differ"
        )
    return "", f"CrossHair {told}: that is no proof ({found.told})"


def _ended(found: Found, why: str) -> str:
    return f"the symbolic search came to no end after {found.ways:,} ways: {why}"
