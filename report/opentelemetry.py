"""Metrics sent to an OpenTelemetry collector, by OTLP over HTTP (`opentelemetry-sdk`, an extra)."""

import logging
import time
from collections.abc import Callable, Iterable

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from selfsame.report.metrics import METRICS, Labels, look
from selfsame.runtime.versions.errors import StoreError
from selfsame.runtime.versions.store import Store

FRESH_S = 0.2
"""All metrics of one collection are of one look."""
TIMEOUT_S = 10.0
ENDING_S = 2.0
"""How long the last sending may take: somebody waits for the end."""
logger = logging.getLogger(__name__)


class Sender:
    """Sends a store's metrics to the collector at ``endpoint`` (``http://host:4318``) each ``every_s`` seconds.

    Until it is closed; use it as a context manager. A collector that does not answer is told to the log.
    """

    def __init__(self, store: Store, endpoint: str, every_s: float) -> None:
        self._store = store
        self._points: dict[str, list[tuple[Labels, float]]] = {}
        self._looked = -FRESH_S
        exporter = OTLPMetricExporter(f"{endpoint.rstrip('/')}/v1/metrics", timeout=TIMEOUT_S)
        reader = PeriodicExportingMetricReader(exporter, every_s * 1e3)
        resource = Resource.create({"service.name": "selfsame"})
        self._provider = MeterProvider([reader], resource, shutdown_on_exit=False)
        meter = self._provider.get_meter("selfsame")
        kinds = {
            "gauge": meter.create_observable_gauge,
            "counter": meter.create_observable_counter,
        }
        for metric in METRICS:
            give = self._giver(metric.name)
            kinds[metric.kind](f"selfsame.{metric.name}", [give], metric.unit, metric.told)

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_: object) -> None:
        """Send once more, and end."""
        self._provider.shutdown(ENDING_S * 1e3)

    def _giver(self, name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def give(_options: CallbackOptions) -> Iterable[Observation]:
            self._look()
            return [
                Observation(value, dict(labels)) for labels, value in self._points.get(name, ())
            ]

        return give

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < FRESH_S:
            return
        self._looked = now
        try:
            self._points = look(self._store)
        except StoreError as error:
            logger.warning("the store could not be read: %s", error)
            self._points = {}
