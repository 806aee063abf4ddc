"""``optimize``: a workload runs once, unchanged; the work follows; what passed is written down."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.text import parse_manifest

PROGRAM = """
import random, sys, time

def shared(words, known):
    count = 0
    for word in words:
        if word in known:
            count += 1
    return count

total = 0
rng = random.Random(5)
print("ready", flush=True)
end = time.process_time() + 3.0
calls = 0
while time.process_time() < end or calls < 600:
    known = [f"k{rng.randrange(10_000)}" for _ in range(150)]
    total += shared([f"k{rng.randrange(10_000)}" for _ in range(150)], known) >= 0
    calls += 1
print("ok", total == calls)
"""


def optimize(folder: Path, *words: str) -> list[str]:
    (folder / "app.py").write_text(PROGRAM)
    return [sys.executable, "-m", "selfsame", "optimize", "--store", "store", *words]


def test_a_workload_becomes_a_manifest(tmp_path: Path) -> None:
    done = subprocess.run(
        optimize(tmp_path, "--budget", "90s", "-o", "app.lock", "--json", "app.py"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    *printed, facts = done.stdout.splitlines()
    assert printed == ["ready", "ok True"]
    assert done.returncode == 0, done.stderr
    manifest = parse_manifest((tmp_path / "app.lock").read_text())
    entry = manifest.nodes["app:shared"]
    assert entry.state == "active" and entry.rewrite != "original" and entry.evidence
    said = json.loads(facts)
    assert (said["exit_code"], said["manifest"]) == (0, "app.lock")
    assert said["rewrites"]["app:shared"]["speedup"] == entry.speedup
    with Store.open(tmp_path / "store", create=False) as store:
        head = store.head().manifest.nodes["app:shared"]
        assert head.state == "proposed" and head.rewrite == entry.rewrite
        assert store.get_rewrite(entry.rewrite).template == entry.template
    assert "app.lock: 1 rewrite: app:shared" in done.stderr


def test_the_same_call_again_and_again(tmp_path: Path) -> None:
    text = PROGRAM.replace('known = [f"k{rng.randrange(10_000)}" for _ in range(150)]', "pass")
    text = text.replace(
        'shared([f"k{rng.randrange(10_000)}" for _ in range(150)], known)', "ours()"
    )
    text = text.replace("total = 0", "WORDS = [f'k{n * 7 % 501}' for n in range(150)]\ntotal = 0")
    text = text.replace("ours()", "shared(WORDS, WORDS[::-1])")
    command = optimize(tmp_path, "--budget", "90s", "-o", "app.lock", "app.py")
    (tmp_path / "app.py").write_text(text)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    entry = parse_manifest((tmp_path / "app.lock").read_text()).nodes["app:shared"]
    assert entry.rewrite != "original"
    replayed, fuzzed = entry.evidence
    assert replayed == "replayed 1", "all that the program calls it with"
    assert int(fuzzed.removeprefix("fuzzed ")) >= 150


def test_the_program_fails(tmp_path: Path) -> None:
    command = optimize(tmp_path, "--json", "--", sys.executable, "-c", "raise SystemExit(7)")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 7
    assert json.loads(done.stdout) == {"exit_code": 7, "manifest": None, "rewrites": {}}
    assert "nothing passed: no manifest is written" in done.stderr
    assert not (tmp_path / "selfsame.lock").exists()


def test_interrupted_work_ends(tmp_path: Path) -> None:
    process = subprocess.Popen(
        optimize(tmp_path, "--budget", "100m", "app.py"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert process.stdout.readline() == "ok True\n"
    assert process.stderr is not None
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(process.stderr))
    reader.start()
    began = time.monotonic()
    while process.poll() is None and time.monotonic() - began < 60:
        if not any("interrupted" in line for line in said):
            process.send_signal(signal.SIGINT)  # ignored until the program has ended
        time.sleep(0.2)
    reader.join(60)
    error = "".join(said)
    assert process.returncode in (0, 1), error
    assert "interrupted: no more is tried" in error and "Traceback" not in error
