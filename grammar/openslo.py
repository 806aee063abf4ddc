"""Turns OpenSLO objectives into CDL: ratios into error rates, thresholds into percentiles.

What has no meaning for a node of a program is refused, with the reason. Source: the OpenSLO
specification, version openslo/v1.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.names import selector_mistake
from selfsame.grammar.vocabulary import UNITS

#: The annotation that says which node an objective is about; without it, the objective's name.
NODE: Final = "selfsame/node"
_WINDOW: Final = {"m": ("m", 1), "h": ("h", 1), "d": ("h", 24), "w": ("h", 168)}
_OPERATORS: Final = {"lte": "<=", "lt": "<"}
_QUANTILES: Final = {0.5: "p50", 0.95: "p95", 0.99: "p99", 0.999: "p99.9"}


class _Refused(Exception):
    """What cannot be said in CDL, and what could be done."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of the YAML, and the line that it starts on."""

    data: Any
    line: int


def from_openslo(
    entries: Iterable[Entry], path: str, unit: str = ""
) -> tuple[str, list[Diagnostic]]:
    """CDL text for the SLOs of a file, and what of them has no meaning in CDL.

    ``unit`` is that of thresholds on times, which OpenSLO leaves to the source of the metric.
    """
    known = [entry for entry in entries if isinstance(entry.data, Mapping)]
    indicators = {
        str(_at(e.data, "metadata", "name")): e.data.get("spec", {})
        for e in known
        if e.data.get("kind") == "SLI"
    }
    blocks: list[str] = []
    refused: list[Diagnostic] = []
    for entry in known:
        if entry.data.get("kind") != "SLO":
            continue
        name = str(_at(entry.data, "metadata", "name") or "")
        try:
            blocks.append(_constraint(entry.data, name, indicators, unit))
        except _Refused as reason:
            message = f"the SLO `{name}` {reason}"
            refused.append(Diagnostic(Place(path, entry.line), message, reason.suggestion))
    if not blocks and not refused:
        refused.append(Diagnostic(Place(path, 1), "there is no SLO in this file", "kind: SLO"))
    return "\n".join(blocks), refused


def _constraint(data: Any, name: str, indicators: Mapping[str, Any], unit: str) -> str:
    spec = data.get("spec") or {}
    node = str(_at(data, "metadata", "annotations", NODE) or name)
    if not node or selector_mistake(node):
        raise _Refused(
            f"names no node: {node!r}", f"an annotation says it: {NODE}: shop.cart:total"
        )
    if spec.get("budgetingMethod", "Occurrences") != "Occurrences":
        raise _Refused(
            "counts slices of time, and CDL counts calls", "budgetingMethod: Occurrences"
        )
    indicator = _at(spec, "indicator", "spec") or indicators.get(str(spec.get("indicatorRef")))
    if not isinstance(indicator, Mapping):
        raise _Refused("has no indicator in this file")
    window = _window(spec)
    objectives = spec.get("objectives") or []
    if not isinstance(objectives, list) or not objectives:
        raise _Refused("has no objective")
    lines = [_bound(indicator, objective, unit) + window for objective in objectives]
    note = f"# SLO {name}"
    if "ratioMetric" in indicator:
        note += ": its ratio is taken as calls that raise, of all calls"
    return "\n".join((note, f"constraint {node} {{", *(f"  {line}" for line in lines), "}", ""))


def _bound(indicator: Mapping[str, Any], objective: Any, unit: str) -> str:
    if not isinstance(objective, Mapping):
        raise _Refused("has an objective that is no mapping")
    target = objective.get("target")
    if target is None and isinstance(objective.get("targetPercent"), int | float):
        target = objective["targetPercent"] / 100
    if not isinstance(target, int | float) or not 0 < target < 1:
        raise _Refused(
            f"has the target {target!r}, which no ratio can miss or meet", "target: 0.99"
        )
    ratio = indicator.get("ratioMetric")
    if isinstance(ratio, Mapping):
        if "total" not in ratio or not ("good" in ratio or "bad" in ratio):
            raise _Refused("has a ratio without a total, or without good or bad")
        return f"error_rate: <= {round((1 - target) * 100, 9):g}%"
    if "thresholdMetric" not in indicator:
        raise _Refused("has an indicator that is neither a ratio nor a threshold")
    operator = _OPERATORS.get(str(objective.get("op", "lte")))
    if operator is None:
        raise _Refused(f"wants values {objective.get('op')}, and a time is bounded from above")
    quantile = _QUANTILES.get(round(target, 6))
    if quantile is None:
        raise _Refused(f"is about {target:.6g} of the calls", "CDL knows 0.5, 0.95, 0.99 and 0.999")
    value = objective.get("value")
    if not isinstance(value, int | float) or value <= 0:
        raise _Refused(f"has the threshold {value!r}")
    if unit not in UNITS["time"]:
        raise _Refused("has a threshold without a unit", "--unit ms says in which it is")
    return f"{quantile}_execution_time: {operator} {value:g}{unit}"


def _window(spec: Mapping[str, Any]) -> str:
    windows = spec.get("timeWindow") or []
    if not windows:
        return ""
    duration = str(_at(windows[0], "duration") or "")
    found = re.fullmatch(r"(\d+)([mhdw])", duration)
    if found is None:
        raise _Refused(f"has the window {duration!r}", "minutes, hours, days or weeks: 5m, 1h, 28d")
    unit, factor = _WINDOW[found[2]]
    return f" over {int(found[1]) * factor}{unit}"


def _at(data: Any, *path: str) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data
