"""Metrics in the text formats of Prometheus and OpenMetrics, by `prometheus_client` (an extra)."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from selfsame.report.metrics import METRICS, look
from selfsame.runtime.versions.store import Store

_SUFFIX = {"s": "_seconds", "By": "_bytes", "1": ""}
_KINDS = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}


class _Look(Collector):
    """What a store says now."""

    def __init__(self, store: Store) -> None:
        self._points = look(store)

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        for metric in METRICS:
            points = self._points[metric.name]
            if not points:
                continue
            name = f"selfsame_{metric.name.replace('.', '_')}{_SUFFIX[metric.unit]}"
            names = [label for label, _ in points[0][0]]
            family = _KINDS[metric.kind](name, metric.told, labels=names)
            for labels, value in points:
                family.add_metric([text for _, text in labels], value)
            yield family


def exposition(store: Store, accept: str = "") -> tuple[bytes, str]:
    """The metrics as bytes and their content type, in the format that an ``Accept`` header asks for.

    Raises StoreError.
    """
    registry = CollectorRegistry()
    registry.register(_Look(store))
    encode, kind = choose_encoder(accept)
    return encode(registry), kind
