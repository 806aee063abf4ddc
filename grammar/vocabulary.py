"""The words of CDL in tables: properties, units, families of variations, modes.

The tables are what the parser checks against, what errors suggest from, and what the reference page
(``grammar/reference.py``) and the editors are generated from.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Metric = Literal[
    "execution_time",
    "cpu_time",
    "memory_usage",
    "allocations",
    "error_rate",
    "time_share",
    "throughput",
    "volume",
    "latency",
]
Statistic = Literal["max", "mean", "p50", "p95", "p99", "p99.9", "ratio", "rate"]
Comparator = Literal["<", "<=", ">", ">="]
Family = Literal["algorithm", "container", "refactor", "memory", "specialise", "memoise", "compile"]
Mode = Literal["watch", "shadow", "approve", "auto"]
Dimension = Literal["time", "size", "ratio", "count", "rate"]
#: What a key may name in brackets: ``error_rate[ValueError]``, ``latency[shop.db:load]``.
Subject = Literal["", "exception", "callee"]
#: The forms of value that a setting takes.
Form = Literal[
    "word", "flag", "amount", "number", "names", "equality", "objective", "steps", "windows"
]

COMPARATORS: Final[tuple[Comparator, ...]] = ("<", "<=", ">", ">=")
MODES: Final[tuple[Mode, ...]] = ("watch", "shadow", "approve", "auto")
FAMILIES: Final[dict[Family, str]] = {
    "algorithm": "other algorithms: functions in scope or registered with `@selfsame.algorithm`",
    "container": "other containers",
    "refactor": "refactorings",
    "memory": "memory savings",
    "specialise": "specialisation to observed values",
    "memoise": "memoisation",
    "compile": "compiled code",
}
DECLARATIONS: Final = ("constraint", "profile", "selection", "import")
#: What can make a version be rolled back; `rollback` takes some of them.
ROLLBACKS: Final = ("bounds", "slower", "errors", "mismatch", "deopts")
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Measure:
    """What the property of a bound speaks of. ``dimension`` says which units it takes."""

    metric: Metric
    statistic: Statistic
    dimension: Dimension
    subject: Subject = ""


#: Each metric: its dimension, statistics, what may stand in brackets, and what it means.
METRICS: Final[dict[Metric, tuple[Dimension, tuple[Statistic, ...], Subject, str]]] = {
    "execution_time": (
        "time",
        ("max", "mean", "p50", "p95", "p99", "p99.9"),
        "",
        "wall time of a call, with its callees",
    ),
    "cpu_time": (
        "time",
        ("max", "mean", "p50", "p95", "p99", "p99.9"),
        "",
        "CPU time of a call, with its callees",
    ),
    "latency": (
        "time",
        ("max", "mean", "p50", "p95", "p99", "p99.9"),
        "callee",
        "time of a call along an edge: from this node to the one in brackets, or to any",
    ),
    "memory_usage": ("size", ("max",), "", "peak memory of a call"),
    "volume": (
        "size",
        ("max", "mean"),
        "callee",
        "size of what a call passes along an edge: to the node in brackets, or to any",
    ),
    "allocations": ("count", ("max", "mean"), "", "allocations of a call"),
    "error_rate": (
        "ratio",
        ("ratio",),
        "exception",
        "calls that raise, of all calls; with an exception's name, those that raise it",
    ),
    "time_share": ("ratio", ("ratio",), "", "time spent here, of the whole program's"),
    "throughput": ("rate", ("rate",), "", "calls that end in a unit of time, in one process"),
}


def _measures() -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for metric, (dimension, statistics, subject, _) in METRICS.items():
        for statistic in statistics:
            alone = statistic in ("ratio", "rate")
            name = metric if alone else f"{statistic}_{metric}"
            found[name] = Measure(metric, statistic, dimension, subject)
    return found


#: The properties that state a bound, by the name under which they are printed.
MEASURES: Final = _measures()
#: Other spellings of the same properties.
SHORT_FORMS: Final = {
    "memory_usage": "max_memory_usage",
    "allocations": "max_allocations",
    "volume": "max_volume",
    "latency": "max_latency",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a setting takes and means. ``words`` are the choices of a word, or examples of names."""

    form: Form
    group: str
    example: str
    meaning: str
    words: tuple[str, ...] = ()
    dimension: Dimension = "count"


SETTINGS: Final[dict[str, Shape]] = {
    "never": Shape(
        "names",
        "change",
        "never: [memoise]",
        "templates and families that are never used; alone, the node is never touched",
    ),
    "candidates": Shape(
        "number", "change", "candidates: 8", "how many variations are tried on a node at most"
    ),
    "build_time": Shape(
        "amount",
        "change",
        "build_time: 30s",
        "time that building a node's variations may take",
        dimension="time",
    ),
    "shadow_cpu": Shape(
        "amount",
        "change",
        "shadow_cpu: 5%",
        "share of a core that trials of a node may use",
        dimension="ratio",
    ),
    "cache_memory": Shape(
        "amount",
        "change",
        "cache_memory: 10MB",
        "memory that a memoised node may keep results in from call to call; 8MB where it is not said",
        dimension="size",
    ),
    "timing": Shape(
        "word",
        "protect",
        "timing: preserve",
        "`preserve`: how long a call takes must not change, so nothing is rewritten",
        ("preserve", "free"),
    ),
    "tenants": Shape(
        "names",
        "protect",
        "tenants: [customer_id]",
        "parameters that tell tenants apart: nothing is memoised across them",
    ),
    "irreversible": Shape(
        "flag",
        "protect",
        "irreversible: yes",
        "what it does cannot be undone: it is never changed without a person's approval",
    ),
    "mode": Shape("word", "decide", "mode: watch", "how far selfsame may go by itself", MODES),
    "partial": Shape(
        "flag",
        "decide",
        "partial: no",
        "whether an improvement that does not yet meet its bound is taken",
    ),
    "objective": Shape(
        "objective",
        "decide",
        "objective: minimise p99_execution_time",
        "what is improved where all bounds are met already",
    ),
    "equality": Shape(
        "equality",
        "decide",
        "equality: tolerance rel 1e-9",
        "when two results count as equal: floats within a tolerance, items in any order, "
        "exceptions with any message, only calls in which the original raised nothing",
    ),
    "shadow_samples": Shape(
        "number",
        "rollout",
        "shadow_samples: 200",
        "how many captured calls a trial needs at least",
    ),
    "shadow_rate": Shape(
        "amount",
        "rollout",
        "shadow_rate: 5%",
        "share of the calls that are captured for trials",
        dimension="ratio",
    ),
    "canary": Shape(
        "steps",
        "rollout",
        "canary: 5% 25% 50% hold 10m",
        "shares of the time for which a new version runs, in slices, step by step; least time of each step",
        dimension="ratio",
    ),
    "probation": Shape(
        "amount",
        "rollout",
        "probation: 1%",
        "share of the calls that are compared with the original for good, within the budget of shadow work; "
        "0% compares none",
        dimension="ratio",
    ),
    "rollback": Shape(
        "names",
        "rollout",
        "rollback: [bounds, errors]",
        f"what makes a version be rolled back: some of {', '.join(ROLLBACKS)}; `any` is the default",
        ROLLBACKS,
    ),
    "freeze": Shape(
        "windows",
        "rollout",
        "freeze: Fri 16:00 to Mon 08:00",
        "when no new version is let in, in the machine's local time; what ran before goes on, and is "
        "taken back where it disappoints",
    ),
    "extends": Shape(
        "names", "reuse", "extends: interactive", "profiles whose properties hold here too"
    ),
}
#: Settings whose names may stand alone, without brackets, and are never `any` or `none`.
LONE_NAMES: Final = ("extends", "tenants")
#: Only in a selection: what it selects.
NODES: Final = "nodes"
PROPERTIES: Final = (*MEASURES, *SHORT_FORMS, *FAMILIES, *SETTINGS)

#: How many SI units (seconds, bytes, the ratio 1, per second) one of each is.
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
    "count": {"": Decimal(1)},
    "rate": {"/s": Decimal(1), "/m": Decimal(1) / 60, "/h": Decimal(1) / 3600},
}
#: Spellings that mean a unit above and are printed as it.
UNIT_ALIASES: Final = {"µs": "us", "μs": "us"}  # the micro sign, and the Greek letter
#: How a multiple of the baseline is written: `1.2 x baseline`.
TIMES: Final = ("x", "×")
#: One value of each dimension, as errors show it.
EXAMPLES: Final[dict[Dimension, str]] = {
    "time": "10ms",
    "size": "1MB",
    "ratio": "0.1%",
    "count": "1000",
    "rate": ">= 100/s",
}
DIMENSION_WORDS: Final[dict[Dimension, str]] = {
    "time": "a time",
    "size": "a size",
    "ratio": "a ratio",
    "count": "a number",
    "rate": "a rate",
}


def property_of(metric: Metric, statistic: Statistic) -> str:
    """The property that states a bound on ``statistic`` of ``metric``. Raises KeyError."""
    for name, measure in MEASURES.items():
        if (measure.metric, measure.statistic) == (metric, statistic):
            return name
    raise KeyError((metric, statistic))
