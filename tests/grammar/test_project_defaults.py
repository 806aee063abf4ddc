"""``run`` takes the project's ``[tool.selfsame]`` along."""

import json
import subprocess
import sys


def test_a_run_takes_the_defaults_of_the_project(tmp_path):
    (tmp_path / "app.py").write_text("def f():\n    return 1\nf()\nprint('done')\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.selfsame]\ncache_memory = "10MB"\ncdl = ["a.cdl"]\n'
    )
    (tmp_path / "a.cdl").write_text(
        "constraint app:f { mean_execution_time: 1s; extends: batch }\n"
    )
    command = [sys.executable, "-m", "selfsame", "run", "app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    status = [sys.executable, "-m", "selfsame", "status", "--json"]
    found = subprocess.run(status, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    snapshot = json.loads(found.stdout)
    assert [path.rpartition("/")[2] for path in snapshot["cdl"]] == ["pyproject.toml"]


def test_a_mistake_in_the_project_never_stops_the_program(tmp_path):
    (tmp_path / "app.py").write_text("print('done')\n")
    (tmp_path / "pyproject.toml").write_text('[tool.selfsame]\nmode = "ato"\n')
    command = [sys.executable, "-m", "selfsame", "run", "app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert "pyproject.toml:2:1: mode takes `watch`, `shadow`, `approve` or `auto`" in done.stderr
    assert "the program runs in mode watch" in done.stderr
