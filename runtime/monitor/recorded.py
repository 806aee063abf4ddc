"""Recorded metrics and the verdicts that are expected of them: ``selfsame test``.

A file is TOML::

    cdl = ["shop.cdl"]                     # paths from this file

    [[case]]
    name = "a slow hour"
    node = "shop.cart:Cart.total"          # labels = ["node_1"] where the source gives it some
    now = "1h"                             # when it is judged; the end of the last window if left out
    peaks = ["2MB", "3MB"]                 # memory of weighed calls; allocations = [100, 120]
    cpu_times = ["90 x 1ms", "3 x 8ms"]    # CPU time of captured calls
    share = "20%"                          # of the program's time

    [[case.window]]
    at = "50m"                             # when it closed
    calls = ["90 x 1ms", "10 x 20ms"]
    errors = { ValueError = 2 }
    span = "10s"                           # how long it was open; what its calls took if left out
    rewrite = true                         # a rewrite ran, not the original

    [case.expect]
    p95_execution_time = "fail"
    error_rate = "inconclusive"
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from selfsame.compiler.constraints import NodeName, bind
from selfsame.compiler.errors import UserError
from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.model import Document
from selfsame.grammar.parse import parse_files
from selfsame.grammar.vocabulary import UNITS, Dimension
from selfsame.grammar.words import listed, nearest
from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.graph import LiveNode
from selfsame.runtime.monitor.judge import Observation, Outcome, Verdict, judge
from selfsame.runtime.monitor.seen import Window

OUTCOMES = tuple(outcome.value for outcome in Outcome)
REWRITE = "rewrite"
_CASE = (
    "name",
    "node",
    "labels",
    "now",
    "peaks",
    "allocations",
    "cpu_times",
    "share",
    "window",
    "expect",
)
_WINDOW = ("at", "calls", "errors", "span", "rewrite")


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded series, and what is expected of each bound by its property."""

    name: str
    node: NodeName
    observation: Observation
    expect: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """A case that was judged: ``wrong`` are the sentences that say what was not as expected."""

    case: Case
    verdicts: Sequence[Verdict]
    wrong: tuple[str, ...]


def check_file(path: Path) -> list[Checked]:
    """Judge every case of a file. Raises UserError where it cannot be read, CDLError from CDL."""
    content = _content(path)
    files = content.get("cdl", [])
    if not isinstance(files, list) or not files:
        raise _wrong(path, "`cdl` names the files that are tested", 'cdl = ["shop.cdl"]')
    documents = parse_files([path.parent / str(file) for file in files])
    cases = content.get("case", [])
    if not isinstance(cases, list) or not cases:
        raise _wrong(path, "there is no case", "[[case]]")
    return [check_case(_case(path, number, raw), documents) for number, raw in enumerate(cases, 1)]


def check_case(case: Case, documents: Sequence[Document]) -> Checked:
    """Judge one case by the constraints of the documents that speak of its node."""
    found = bind(documents, [case.node]).of(case.node.address)
    verdicts = judge(found, case.observation) if found is not None else []
    return Checked(case, verdicts, tuple(_differences(case, verdicts)))


def _differences(case: Case, verdicts: Sequence[Verdict]) -> Iterator[str]:
    by_name = {verdict.bound: verdict for verdict in verdicts}
    for name, expected in case.expect.items():
        verdict = by_name.get(name)
        if verdict is None:
            near = nearest(name, by_name)
            yield f"no bound on {name} holds for {case.node.address}{f': {near}' if near else ''}"
        elif verdict.outcome.value != expected:
            yield f"expected {name}: {expected}, got {verdict.text()}"


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path, f"this file cannot be read: {error}") from error


def _case(path: Path, number: int, raw: Any) -> Case:
    where = f"case {number}"
    _known(path, where, raw, _CASE)
    if not isinstance(raw.get("node"), str):
        raise _wrong(path, f"{where} names no node", 'node = "shop.cart:Cart.total"')
    expect = raw.get("expect")
    if not isinstance(expect, dict) or not expect:
        raise _wrong(path, f"{where} expects nothing", "[case.expect]")
    for name, outcome in expect.items():
        if outcome not in OUTCOMES:
            raise _wrong(path, f"{where}: {name} is {outcome!r}", f"write {listed(OUTCOMES)}")
    live = LiveNode(raw["node"])
    for window in raw.get("window", []):
        live.windows.append(_window(path, where, window))
    last = max((w.at for w in live.windows), default=0.0)
    now = _amount(path, where, raw["now"], "time") if "now" in raw else last
    rewritten = any(w.rewrite for w in live.windows)
    share = _amount(path, where, raw["share"], "ratio") if "share" in raw else None
    observation = Observation(
        over=lambda over_s: live.recent(now, over_s, REWRITE if rewritten else ""),
        peaks=tuple(int(_amount(path, where, peak, "size")) for peak in raw.get("peaks", [])),
        allocations=tuple(int(n) for n in raw.get("allocations", [])),
        cpu_times=tuple(
            seconds
            for group in raw.get("cpu_times", [])
            for number, seconds in [_group(path, where, group)]
            for _ in range(number)
        ),
        share=share,
        baseline=Observation(over=lambda over_s: live.recent(now, over_s, ""))
        if rewritten
        else None,
    )
    name = str(raw.get("name", where))
    return Case(name, NodeName(raw["node"], tuple(raw.get("labels", ()))), observation, expect)


def _window(path: Path, where: str, raw: Any) -> Window:
    _known(path, f"a window of {where}", raw, _WINDOW)
    buckets: dict[int, int] = {}
    count = total = 0
    calls = raw.get("calls", [])
    for group in [calls] if isinstance(calls, str) else calls:
        number, seconds = _group(path, where, group)
        nanoseconds = round(seconds * 1e9)
        index = bucket(nanoseconds)
        buckets[index] = buckets.get(index, 0) + number
        count += number
        total += number * nanoseconds
    span = round(_amount(path, where, raw["span"], "time") * 1e9) if "span" in raw else total
    at = _amount(path, where, raw.get("at", "0s"), "time")
    rewrite = REWRITE if raw.get("rewrite") else ""
    return Window(at, count, total, total, dict(raw.get("errors", {})), buckets, span, rewrite)


def _group(path: Path, where: str, group: object) -> tuple[int, float]:
    """How many calls ``90 x 1ms`` are, and the seconds of each; one where no number is given."""
    times, separator, each = str(group).rpartition(" x ")
    number = int(times) if separator and times.strip().isdecimal() else 1
    return number, _amount(path, where, each if separator else group, "time")


def _amount(path: Path, where: str, text: object, dimension: Dimension) -> float:
    """A quantity such as ``10ms`` in SI. Raises UserError."""
    written = str(text).strip()
    number = written.rstrip("%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = written[len(number) :]
    try:
        return float(Decimal(number) * UNITS[dimension][unit])
    except (InvalidOperation, KeyError) as error:
        units = listed(unit for unit in UNITS[dimension] if unit)
        raise _wrong(path, f"{where}: {text!r} is not a {dimension}", f"units: {units}") from error


def _known(path: Path, where: str, raw: Any, known: Sequence[str]) -> None:
    if not isinstance(raw, dict):
        raise _wrong(path, f"{where} is no table")
    for name in raw:
        if name not in known:
            raise _wrong(path, f"{where}: unknown key `{name}`", nearest(name, known))


def _wrong(path: Path, message: str, suggestion: str = "") -> UserError:
    return UserError(Diagnostic(Place(str(path), 1), message, suggestion))
