"""How amounts that were measured are shown: with a unit that reads well."""

from collections.abc import Mapping
from functools import partial
from typing import Any


def show(metric: str, value: float) -> str:
    """A value with a unit that reads well."""
    if metric in ("memory_usage", "volume"):
        for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
            if value >= size:
                return f"{value / size:.3g} {unit}"
        return f"{value:.0f} B"
    if metric in ("error_rate", "time_share"):
        return f"{value * 100:.3g} %"
    if metric == "allocations":
        return f"{value:,.0f}"
    if metric == "throughput":
        return f"{value:.3g}/s"
    return show_seconds(value)


def memory_text(memory: Mapping[str, Any]) -> str:
    """What is known of a node's memory (`LiveNode.memory`) in one sentence; empty if nothing."""
    if memory.get("unmeasured"):
        return f"memory is not measured here, because {memory['unmeasured']}"
    if not memory.get("calls"):
        return ""
    show_bytes = partial(show, "memory_usage")
    text = f"peak {show_bytes(memory['peak_bytes'])}, median {show_bytes(memory['median_bytes'])}"
    if memory["allocations"] is not None:
        text += f", {memory['allocations']:,} allocations"
    text += f" a call ({memory['calls']} calls weighed by {memory['how']})"
    if memory["how"] == "window":
        text += f", for which the program paused {memory['pause_ns'] / 1e6:.0f} ms in all"
    before = memory["original_peak_bytes"]
    return f"{text}; the original {show_bytes(before)}" if memory["rewritten"] and before else text


def show_seconds(value: float) -> str:
    """Seconds as s, ms, us or ns."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.0f} ns"
