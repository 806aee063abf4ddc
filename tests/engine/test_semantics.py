"""The meaning of bounds, on recorded series with a clock of their own; and ``selfsame test``."""

import json
import subprocess
import sys

import pytest

from selfsame.compiler.errors import UserError
from selfsame.runtime.monitor.recorded import check_file

MINUTES = """
[[case.window]]
at = "1m"
calls = ["100 x 20ms"]
errors = { ValueError = 10, KeyError = 5 }
span = "10s"
[[case.window]]
at = "9m"
calls = ["100 x 1ms"]
span = "10s"
"""
REWRITTEN = """
[[case.window]]
at = "1m"
calls = ["CALLS x 10ms"]
[[case.window]]
at = "2m"
calls = ["100 x 11ms"]
rewrite = true
"""


def outcome(tmp_path, properties: str, series: str, head: str = "") -> str:
    """The verdict on the one bound of a constraint, over recorded windows."""
    (tmp_path / "a.cdl").write_text(f"constraint app:f {{ {properties} }}\n")
    (tmp_path / "a.toml").write_text(
        f'cdl = ["a.cdl"]\n[[case]]\nnode = "app:f"\n{head}\n{series}\n[case.expect]\nx = "pass"\n'
    )
    (checked,) = check_file(tmp_path / "a.toml")
    (verdict,) = checked.verdicts
    return verdict.outcome.value


def calls(*groups: str) -> str:
    return f"[[case.window]]\nat = '1m'\ncalls = {list(groups)!r}\n"


@pytest.mark.parametrize(
    ("bound", "now", "expected"),
    [
        # A window looks back from now: at 10 minutes, five of them hold the fast calls alone.
        ("mean_execution_time: 5ms", "10m", "fail"),
        ("mean_execution_time: 5ms over 5m", "10m", "pass"),
        ("mean_execution_time: 5ms over 9m", "10m", "fail"),
        ("mean_execution_time: 5ms over 1s", "10m", "inconclusive"),
        ("max_execution_time: 5ms over 2m", "10m", "pass"),
        ("max_execution_time: 5ms", "10m", "fail"),
        # The least number of samples: too little data neither passes nor fails.
        ("mean_execution_time: 5ms samples 200", "10m", "fail"),
        ("mean_execution_time: 5ms samples 201", "10m", "inconclusive"),
        ("mean_execution_time: 5ms over 5m samples 101", "10m", "inconclusive"),
        # Errors, all or by type.
        ("error_rate: < 7.5%", "10m", "fail"),
        ("error_rate: 7.5%", "10m", "pass"),
        ("error_rate[ValueError]: 5%", "10m", "pass"),
        ("error_rate[ValueError]: < 5%", "10m", "fail"),
        ("error_rate[shop.errors.KeyError]: < 2%", "10m", "fail"),
        ("error_rate[OSError]: < 1%", "10m", "pass"),
        ("error_rate: < 1% over 5m", "10m", "pass"),
        ("error_rate: < 1%", "0s", "fail"),
        # 200 calls in 20 seconds of open windows.
        ("throughput: >= 10/s", "10m", "pass"),
        ("throughput: > 10/s", "10m", "fail"),
        ("throughput: >= 599/m", "10m", "pass"),
        # What is not measured stays open.
        ("mean_cpu_time: 1s", "10m", "inconclusive"),
        ("latency[shop.db:load]: 1s", "10m", "inconclusive"),
        ("max_memory_usage: 1MB", "10m", "inconclusive"),
        ("time_share: < 20%", "10m", "inconclusive"),
    ],
)
def test_windows_samples_and_errors(tmp_path, bound, now, expected):
    assert outcome(tmp_path, bound, MINUTES, f'now = "{now}"') == expected


@pytest.mark.parametrize(
    ("bound", "groups", "expected"),
    [
        # One slow call is never the p99 of a hundred: 300 calls are needed to pass.
        ("p99_execution_time: 5ms", ["299 x 1ms"], "inconclusive"),
        ("p99_execution_time: 5ms", ["300 x 1ms"], "pass"),
        ("p99_execution_time: 5ms", ["29 x 9ms"], "inconclusive"),
        ("p99_execution_time: 5ms", ["30 x 9ms"], "fail"),
        ("p99_execution_time: 5ms", ["100 x 1ms", "1 x 9ms"], "inconclusive"),
        ("p99_execution_time: 5ms", ["100 x 1ms", "2 x 9ms"], "inconclusive"),
        ("p99_execution_time: 5ms", ["100 x 1ms", "3 x 9ms"], "fail"),
        ("p99_execution_time: 5ms", ["400 x 1ms", "3 x 9ms"], "pass"),
        ("p99_execution_time: 5ms samples 100", ["100 x 1ms"], "pass"),
        ("p99.9_execution_time: 5ms", ["2999 x 1ms"], "inconclusive"),
        ("p99.9_execution_time: 5ms", ["3000 x 1ms"], "pass"),
        ("p50_execution_time: 5ms", ["20 x 1ms", "9 x 9ms"], "inconclusive"),
        ("p50_execution_time: 5ms", ["20 x 1ms", "10 x 9ms"], "pass"),
        ("p50_execution_time: > 5ms", ["20 x 1ms", "10 x 9ms"], "fail"),
        ("p95_execution_time: > 5ms", ["30 x 1ms"], "inconclusive"),
        # A maximum fails after three calls over it, never by one outlier of the machine.
        ("max_execution_time: 5ms", ["100 x 1ms", "2 x 9s"], "pass"),
        ("max_execution_time: 5ms", ["100 x 1ms", "3 x 9ms"], "fail"),
        ("max_execution_time: 5ms", ["2 x 1ms"], "inconclusive"),
        ("mean_execution_time: < 5ms", [], "inconclusive"),
    ],
)
def test_quantiles_and_maxima(tmp_path, bound, groups, expected):
    assert outcome(tmp_path, bound, calls(*groups)) == expected


@pytest.mark.parametrize(
    ("bound", "original", "expected"),
    [
        ("mean_execution_time: <= 1.2 x baseline", 100, "pass"),
        ("mean_execution_time: < 1.05 x baseline", 100, "fail"),
        ("mean_execution_time: <= 1.2 x baseline", 29, "inconclusive"),
        ("mean_execution_time: <= 1.2 x baseline over 1s", 100, "inconclusive"),
        ("p50_execution_time: <= 0.5 x baseline", 100, "fail"),
        ("max_execution_time: <= 1.2 x baseline", 2, "inconclusive"),
        ("error_rate: <= 2 x baseline", 100, "inconclusive"),  # nothing has no multiple
    ],
)
def test_relative_bounds_compare_with_what_the_original_took(tmp_path, bound, original, expected):
    series = REWRITTEN.replace("CALLS", str(original))
    assert outcome(tmp_path, bound, series, 'now = "10m"') == expected


def test_the_original_is_its_own_baseline(tmp_path):
    assert outcome(tmp_path, "mean_execution_time: <= 1.2 x baseline", calls("50 x 1ms")) == "pass"
    assert outcome(tmp_path, "mean_execution_time: <= 0.5 x baseline", calls("50 x 1ms")) == "fail"
    few = outcome(tmp_path, "mean_execution_time: <= 1.2 x baseline", calls("9 x 1ms"))
    assert few == "inconclusive"


@pytest.mark.parametrize(
    ("bound", "head", "expected"),
    [
        ("memory_usage: 2MB", 'peaks = ["1MB", "2MB"]', "inconclusive"),
        ("memory_usage: 2MB", 'peaks = ["1MB", "2MB", "1MB"]', "pass"),
        ("memory_usage: 2MB", 'peaks = ["1MB", "2001KB", "1MB"]', "fail"),
        ("allocations: 100", "allocations = [90, 100, 80]", "pass"),
        ("mean_allocations: < 90", "allocations = [90, 100, 80]", "fail"),
        ("time_share: < 20%", 'share = "20%"', "fail"),
        ("time_share: 20%", 'share = "20%"', "pass"),
        ("time_share: 20% samples 9", 'share = "20%"', "inconclusive"),
    ],
)
def test_memory_and_share(tmp_path, bound, head, expected):
    assert outcome(tmp_path, bound, "", head) == expected


def test_precedence_and_inheritance_decide_which_bound_is_judged(tmp_path):
    (tmp_path / "a.cdl").write_text(
        "profile slow { mean_execution_time: 30ms; error_rate: 1% }\n"
        "constraint app:* { mean_execution_time: 1ms; p50_execution_time: 1ms }\n"
        "constraint hot { extends: slow; error_rate: 2% }\n"
    )
    (tmp_path / "a.toml").write_text(
        'cdl = ["a.cdl"]\n[[case]]\nname = "hot"\nnode = "app:f"\nlabels = ["hot"]\n'
        'window = [{ calls = ["98 x 20ms"], errors = { KeyError = 1 } }]\n'
        'expect = { mean_execution_time = "pass", p50_execution_time = "fail", error_rate = "pass" }\n'
        '[[case]]\nname = "other"\nnode = "app:g"\nwindow = [{ calls = ["98 x 20ms"] }]\n'
        'expect = { mean_execution_time = "fail", p50_execution_time = "fail" }\n'
    )
    assert [found.wrong for found in check_file(tmp_path / "a.toml")] == [(), ()]


def run(folder, *arguments):
    command = [sys.executable, "-m", "selfsame", "test", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_the_verb(tmp_path):
    (tmp_path / "a.cdl").write_text(
        "constraint app:f { p95_execution_time: 5ms, error_rate: 1% }\n"
    )
    text = (
        'cdl = ["a.cdl"]\n[[case]]\nname = "slow"\nnode = "app:f"\n'
        "[[case.window]]\nat = '1m'\ncalls = ['90 x 1ms', '10 x 20ms']\nerrors = { KeyError = 2 }\n"
        '[case.expect]\np95_execution_time = "fail"\nerror_rate = "%s"\n'
    )
    (tmp_path / "a.toml").write_text(text % "fail")
    done = run(tmp_path, "a.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "ok    a.toml: slow\n1 of 1 cases are as expected\n"
    (tmp_path / "a.toml").write_text(text % "pass")
    done = run(tmp_path, "a.toml")
    assert done.returncode == 1
    assert "expected error_rate: pass, got error_rate: fail, 2 % against <= 1 %" in done.stdout
    facts = json.loads(run(tmp_path, "--json", "a.toml").stdout)
    assert (facts["ok"], facts["cases"][0]["verdicts"]["error_rate"]) == (False, "fail")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1ms", "1MB", "'1MB' is not a time"),
        ("node =", "noed =", "unknown key `noed`"),
        ('"pass"', '"yes"', "mean_execution_time is 'yes'"),
        ("[case.expect]", "[case.expected]", "unknown key `expected`"),
        ('cdl = ["a.cdl"]', "cdl = []", "`cdl` names the files that are tested"),
        ("[[case]]", "[[case", "this file cannot be read"),
    ],
)
def test_mistakes_in_a_file_are_said(tmp_path, old, new, message):
    (tmp_path / "a.cdl").write_text("constraint app:f { mean_execution_time: 5ms }\n")
    text = (
        'cdl = ["a.cdl"]\n[[case]]\nnode = "app:f"\nwindow = [{ calls = ["9 x 1ms"] }]\n'
        '[case.expect]\nmean_execution_time = "pass"\n'
    )
    (tmp_path / "a.toml").write_text(text.replace(old, new))
    with pytest.raises(UserError) as caught:
        check_file(tmp_path / "a.toml")
    assert message in str(caught.value)
