"""``selfsame import openslo``: what can be said in CDL is, the rest is refused with a reason."""

import subprocess
import sys

import pytest

from selfsame.grammar.parse import parse_text

pytest.importorskip("yaml", reason="reading OpenSLO is an extra")

RATIO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: checkout
  annotations: { selfsame/node: "shop.cart:checkout" }
spec:
  indicator: { spec: { ratioMetric: { good: {}, total: {} } } }
  timeWindow: [{ duration: 28d }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.999 }]
"""
LATENCY = """\
---
kind: SLI
metadata: { name: time }
spec: { thresholdMetric: {} }
---
kind: SLO
metadata: { name: node_1 }
spec:
  indicatorRef: time
  timeWindow: [{ duration: 5m }]
  objectives:
    - { target: 0.99, op: lte, value: 250 }
    - { targetPercent: 50, op: lt, value: 40 }
"""


def run(folder, text, *arguments):
    (folder / "slo.yaml").write_text(text)
    command = [sys.executable, "-m", "selfsame", "import", "openslo", "slo.yaml", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_ratios_and_thresholds(tmp_path):
    done = run(tmp_path, RATIO + LATENCY, "--unit", "ms")
    assert (done.returncode, done.stderr) == (0, "")
    ratio, latency = parse_text(done.stdout).constraints
    assert ratio.selectors[0].text == "shop.cart:checkout"
    assert [(b.property, b.comparator, b.window_s) for b in ratio.bounds] == [
        ("error_rate", "<=", 28 * 86400.0)
    ]
    assert ratio.bounds[0].value == pytest.approx(0.001)
    assert [(b.property, b.comparator, b.value) for b in latency.bounds] == [
        ("p99_execution_time", "<=", 0.25),
        ("p50_execution_time", "<", 0.04),
    ]
    assert "# SLO checkout: its ratio is taken as calls that raise" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("target: 0.999", "target: 1.0", "has the target 1.0"),
        ("target: 0.999", "target: 99.9", "has the target 99.9"),
        ("Occurrences", "Timeslices", "counts slices of time"),
        ("28d", "1M", "has the window '1M'"),
        ("good: {}, ", "", "has a ratio without a total, or without good or bad"),
        ("ratioMetric", "otherMetric", "has an indicator that is neither a ratio nor a threshold"),
        ("shop.cart:checkout", "shop cart", "names no node"),
        ("kind: SLO", "kind: Service", "there is no SLO in this file"),
        ("kind: SLO", "kind: [", "this file is not YAML"),
    ],
)
def test_what_has_no_meaning_is_refused(tmp_path, old, new, reason):
    done = run(tmp_path, RATIO.replace(old, new))
    assert done.returncode == 2
    assert reason in done.stderr
    assert "slo.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_can_be_said_is_printed_beside_what_cannot(tmp_path):
    done = run(tmp_path, RATIO + LATENCY)
    assert done.returncode == 2
    assert "the SLO `node_1` has a threshold without a unit" in done.stderr
    assert len(parse_text(done.stdout).constraints) == 1
