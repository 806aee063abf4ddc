"""``selfsame explain`` as users run it."""

import json
import subprocess
import sys

import pytest

from selfsame.grammar.vocabulary import FAMILIES, MEASURES, SETTINGS


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "app.py").write_text(
        "def f(x):  # selfsame: node_1\n    return x\ndef g(x):\n    return x\n"
    )
    (tmp_path / "a.cdl").write_text(
        "constraint **:** { mode: watch; error_rate: 1% }\n"
        "constraint node_1 { mode: auto; extends: batch }\n"
    )
    return tmp_path


def explain(folder, *arguments):
    command = [sys.executable, "-m", "selfsame", "explain", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_it_says_which_constraint_won_and_which_it_overrides(shop):
    done = explain(shop, "a.cdl", "--source", "app.py", "node_1")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.split("\n")
    assert lines[0] == "app:f"
    assert "  mode auto: a rewrite with evidence is swapped in by itself  (a.cdl:2)" in lines
    assert "  mode: overrides constraint **:**  (a.cdl:1)" in lines
    assert "  calls that raise, of all calls, at most 1%  (a.cdl:1)" in lines
    objective = "  where all bounds are met: minimise mean_execution_time  (a.cdl:2, profile batch)"
    assert objective in lines
    assert "app:g" not in lines
    assert "app:g\n" in explain(shop, "a.cdl").stdout


def test_json(shop):
    facts = json.loads(explain(shop, "a.cdl", "--json").stdout)
    mode = facts["app:f"]["properties"]["mode"]
    assert (mode["value"], mode["line"]) == ("auto", 2)
    assert mode["overrides"] == [{"path": "a.cdl", "line": 1}]
    assert facts["app:f"]["properties"]["partial"]["profile"] == "batch"


def test_nothing_speaks_of_it(shop):
    done = explain(shop, "a.cdl", "app:nothing")
    assert done.returncode == 1
    assert "no constraint speaks of a node named app:nothing" in done.stderr


def test_every_property_is_listed(shop):
    listed = json.loads(explain(shop, "--properties", "--json").stdout)
    assert set(listed) == {*MEASURES, *FAMILIES, *SETTINGS}
    assert "canary: 5% 25% 50% hold 10m" in explain(shop, "--properties").stdout


@pytest.mark.parametrize("arguments", [[], ["nowhere.cdl"], ["--no-such-option"]])
def test_wrong_usage(shop, arguments):
    done = explain(shop, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
