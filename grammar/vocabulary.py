"""The words of CDL in tables: properties, units, families of variations, modes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Metric = Literal["execution_time", "cpu_time", "memory_usage", "error_rate", "time_share"]
Statistic = Literal["max", "mean", "p50", "p95", "p99", "ratio"]
Comparator = Literal["<", "<=", ">", ">="]
Family = Literal["algorithm", "container", "refactor", "memory", "specialise", "memoise", "compile"]
Mode = Literal["watch", "shadow", "approve", "auto"]
Dimension = Literal["time", "size", "ratio"]

COMPARATORS: Final[tuple[Comparator, ...]] = ("<", "<=", ">", ">=")
MODES: Final[tuple[Mode, ...]] = ("watch", "shadow", "approve", "auto")
FAMILIES: Final[tuple[Family, ...]] = (
    "algorithm",
    "container",
    "refactor",
    "memory",
    "specialise",
    "memoise",
    "compile",
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What the property of a bound speaks of. ``dimension`` says which units it takes."""

    metric: Metric
    statistic: Statistic
    dimension: Dimension


def _measures() -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    timed: tuple[Metric, ...] = ("execution_time", "cpu_time")
    statistics: tuple[Statistic, ...] = ("max", "mean", "p50", "p95", "p99")
    for metric in timed:
        for statistic in statistics:
            found[f"{statistic}_{metric}"] = Measure(metric, statistic, "time")
    found["max_memory_usage"] = Measure("memory_usage", "max", "size")
    found["error_rate"] = Measure("error_rate", "ratio", "ratio")
    found["time_share"] = Measure("time_share", "ratio", "ratio")
    return found


#: The properties that state a bound, by the name under which they are printed.
MEASURES: Final = _measures()
#: Other spellings of the same properties.
SHORT_FORMS: Final = {"memory_usage": "max_memory_usage"}
OTHER_PROPERTIES: Final = ("never", "partial", "mode", "equality")
PROPERTIES: Final = (*MEASURES, *SHORT_FORMS, *FAMILIES, *OTHER_PROPERTIES)

#: How many SI units (seconds, bytes, or the ratio 1) one of each is.
UNITS: Final[dict[Dimension, dict[str, Decimal]]] = {
    "time": {
        "ns": Decimal("1e-9"),
        "us": Decimal("1e-6"),
        "ms": Decimal("1e-3"),
        "s": Decimal(1),
        "m": Decimal(60),
        "h": Decimal(3600),
    },
    "size": {
        "B": Decimal(1),
        "KB": Decimal(1000),
        "MB": Decimal(1000**2),
        "GB": Decimal(1000**3),
        "KiB": Decimal(1024),
        "MiB": Decimal(1024**2),
        "GiB": Decimal(1024**3),
    },
    "ratio": {"%": Decimal("0.01"), "": Decimal(1)},
}
#: Spellings that mean a unit above and are printed as it.
UNIT_ALIASES: Final = {"µs": "us", "μs": "us"}  # the micro sign, and the Greek letter
#: One value of each dimension, as errors show it.
EXAMPLES: Final[dict[Dimension, str]] = {"time": "10ms", "size": "1MB", "ratio": "0.1%"}
DIMENSION_WORDS: Final[dict[Dimension, str]] = {
    "time": "a time",
    "size": "a size",
    "ratio": "a ratio",
}


def property_of(metric: Metric, statistic: Statistic) -> str:
    """The property that states a bound on ``statistic`` of ``metric``. Raises KeyError."""
    for name, measure in MEASURES.items():
        if (measure.metric, measure.statistic) == (metric, statistic):
            return name
    raise KeyError((metric, statistic))
