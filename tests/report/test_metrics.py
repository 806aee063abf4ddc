"""Metrics for Prometheus and OpenTelemetry: both say what the store says, by the same names."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from selfsame.cli.verbs.serve import command
from selfsame.report.metrics import look
from selfsame.report.opentelemetry import Sender
from selfsame.report.prometheus import exposition
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.versions.store import Store

ROW = {
    "share": 0.75,
    "calls": 40,
    "mean_s": 0.002,
    "p50_s": None,
    "p99_s": 0.009,
    "original_mean_s": 0.02,
    "errors": {"ValueError": 2},
    "memory": {"peak_bytes": 4096},
    "rewrite": "",
    "canary": {"rewrite": "1f", "share": 0.25},
    "deopts": 3,
    "verdicts": ["max_execution_time: 9 ms <= 10 ms", "error_rate: 5% < 1%", "cpu_time: ?"],
    "outcomes": ["pass", "fail", "inconclusive"],
}
EXPECTED = {
    ("node.time_share", 0.75, ()),
    ("node.calls", 40.0, ()),
    ("node.execution_time", 0.002, (("statistic", "mean"),)),
    ("node.execution_time", 0.009, (("statistic", "p99"),)),
    ("node.original_execution_time", 0.02, ()),
    ("node.errors", 2.0, (("error", "ValueError"),)),
    ("node.peak_memory", 4096.0, ()),
    ("node.rewrite", 0.25, (("rewrite", "1f"),)),
    ("node.deopts", 3.0, ()),
    ("node.bound", 1.0, (("bound", "max_execution_time"),)),
    ("node.bound", 0.0, (("bound", "error_rate"),)),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def watched(store: Store) -> Store:
    snapshot = LivingGraph().snapshot() | {"running": True, "processes": 2}
    snapshot["nodes"] = [{"address": 'shop:"total"', **ROW}, {"address": "shop:quiet"}]
    store.put_snapshot("run", snapshot)
    store.add_event("promoted", "shop:total", "faster")
    return store


def test_what_was_measured_is_there_and_nothing_else(watched: Store) -> None:
    found = {
        (name, value, labels[1:])
        for name, points in look(watched).items()
        for labels, value in points
        if name.startswith("node.")
    }
    assert found == EXPECTED
    nodes = {dict(labels)["node"] for labels, _ in look(watched)["node.time_share"]}
    assert nodes == {'shop:"total"'}


def test_a_store_without_a_run(store: Store) -> None:
    found = look(store)
    assert found["off"] == [((), 0.0)]
    assert not any(points for name, points in found.items() if name.startswith(("node", "program")))


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_prometheus_reads_it(watched: Store, accept: str) -> None:
    data, kind = exposition(watched, accept)
    parse = openmetrics_families if "openmetrics" in kind else text_string_to_metric_families
    assert ("openmetrics" in kind) == bool(accept)
    samples = {
        (
            sample.name,
            sample.labels.get("node", ""),
            sample.labels.get("statistic", ""),
        ): sample.value
        for family in parse(data.decode())
        for sample in family.samples
    }
    assert samples["selfsame_node_execution_time_seconds", 'shop:"total"', "p99"] == 0.009
    assert samples["selfsame_program_processes", "", ""] == 2
    assert samples["selfsame_node_peak_memory_bytes", 'shop:"total"', ""] == 4096


def test_a_collector_gets_it(watched: Store) -> None:
    received: list[ExportMetricsServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/metrics"
            data = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(ExportMetricsServiceRequest.FromString(data))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with Sender(watched, f"http://127.0.0.1:{collector.server_port}/", every_s=3600):
                pass  # what ends it sends once more
        finally:
            collector.shutdown()
            thread.join()
    (resource,) = received[-1].resource_metrics
    sent = {metric.name: metric for metric in resource.scope_metrics[0].metrics}
    assert set(sent) == {f"selfsame.{name}" for name, points in look(watched).items() if points}
    assert sent["selfsame.node.peak_memory"].unit == "By"
    (point,) = sent["selfsame.node.peak_memory"].gauge.data_points
    assert (point.as_double, point.attributes[0].value.string_value) == (4096.0, 'shop:"total"')
    promoted = [
        point.as_double
        for point in sent["selfsame.events"].sum.data_points
        if point.attributes[0].value.string_value == "promoted"
    ]
    assert promoted == [1.0] and sent["selfsame.events"].sum.is_monotonic


def test_an_address_that_is_no_url_is_told_at_once() -> None:
    found = CliRunner().invoke(command, ["--otlp", "127.0.0.1:4318"])
    assert found.exit_code == 2
    assert "try http://127.0.0.1:4318" in found.output


def test_a_collector_that_never_answers_does_not_hold_up_the_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.report.opentelemetry.ENDING_S", 0.2)
    monkeypatch.setattr("selfsame.report.opentelemetry.TIMEOUT_S", 600.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with Sender(store, f"http://{host}:{port}", 0.05):
            silent.settimeout(60.0)
            connection, _ = silent.accept()
    connection.close()
