"""``run --auto`` makes loops of code that runs once functions; the program does what it does without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOT = """
import os, random

def main():
    rng = random.Random(1)
    total = rounds = 0
    while not os.path.exists("stop"):
        rows = [rng.randrange(100_000) for _ in range(300)]
        best = 0
        for x in rows:
            for y in rows:
                if (x ^ y) % 97 == 3 and x + y > best:
                    best = x + y
        assert best == max((x + y for x in rows for y in rows if (x ^ y) % 97 == 3), default=0)
        total += best
        rounds += 1
    print(rounds > 0, total > 0)

if __name__ == "__main__":
    main()
"""

FAILS = """
import sys, time, warnings

def check(row, number):
    if number > 3 and time.monotonic() > end:
        warnings.warn("late", stacklevel=2)
        raise ValueError(f"row {len(row)}")

def main():
    kept = []
    while True:
        row = [1, 2, 3, 4, 5]
        for number in row:
            kept.append(number)
            check(
                row, number)
        for number in row * 2000:
            number += 1

squares = [n * n for n in range(3)]
end = time.monotonic() + 1.5
print(sys.argv, __file__, __name__, sorted(n for n in globals() if "loop" in n))
try:
    main()
except ValueError as error:
    raise RuntimeError("in the end") from error
"""


def run(folder: Path, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=seconds
    )


def nodes(folder: Path) -> dict[str, dict[str, object]]:
    done = run(folder, "-m", "selfsame", "status", "--store", "store", "--json")
    return {row["address"]: row for row in json.loads(done.stdout)["nodes"]}


AUTO = ("-m", "selfsame", "run", "--store", "store", "--auto", "--no-report")


def test_errors_and_warnings_come_from_the_same_lines(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FAILS)
    plain = run(tmp_path, "app.py", "a", "b")
    outlined = run(tmp_path, *AUTO, "app.py", "a", "b")
    assert plain.returncode == outlined.returncode == 1
    assert outlined.stdout == plain.stdout
    assert "in main" in plain.stderr
    assert outlined.stderr == plain.stderr
    assert "app:main/loop[2]" in nodes(tmp_path)


def test_files_that_are_left_open_are_written_at_the_end(tmp_path: Path) -> None:
    text = FAILS.replace("import sys", "left = open('out', 'w')\nleft.write('all')\nimport sys", 1)
    (tmp_path / "app.py").write_text(text)
    run(tmp_path, *AUTO, "app.py")
    assert "app:main/loop[2]" in nodes(tmp_path)
    assert (tmp_path / "out").read_text() == "all"


@pytest.mark.parametrize("file", ["shop/batch.py", "shop/batch/__main__.py"])
def test_the_same_of_a_module_that_is_run(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(FAILS)
    plain = run(tmp_path, "-m", "shop.batch")
    outlined = run(tmp_path, *AUTO, "-m", "shop.batch")
    assert "in main" in plain.stderr
    assert (outlined.stdout, outlined.stderr) == (plain.stdout, plain.stderr)
    module = file.removesuffix(".py").replace("/", ".")
    assert f"{module}:main/loop[2]" in nodes(tmp_path)


def test_what_is_not_outlined_is_said_with_its_reason(tmp_path: Path) -> None:
    text = FAILS.replace("kept.append(number)", "kept.append(number) or locals()")
    (tmp_path / "app.py").write_text(text)
    run(tmp_path, *AUTO, "app.py")
    found = nodes(tmp_path)
    assert "app:main/loop[2]" not in found
    (tmp_path / "app.py").write_text(FAILS)
    run(tmp_path, *AUTO, "--no-outline", "app.py")
    assert "app:main/loop[2]" not in nodes(tmp_path)


def test_a_script_that_was_changed_meanwhile_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os, time\n"
        "for k in range(2):\n"
        "    for m in range(100):\n"
        "        time.sleep(0.01)\n"
        "print('first')\n"
    )
    # In the program's own process alone, where it is there before the script is compiled.
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nif os.environ.get('SELFSAME_LINK'): open('app.py', 'a').write('print(1)\\n')\n"
    )
    inherited = filter(None, [os.environ.get("PYTHONPATH")])
    done = subprocess.run(
        [sys.executable, *AUTO, "app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *inherited])},
    )
    assert done.stdout == "first\n1\n"
    assert "no loop is outlined: the script is not the one that was read" in done.stderr


def until_replaced(folder: Path, *words: str) -> None:
    """Run the script until its loop runs a rewrite."""
    (folder / "stop").unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, *words, "app.py"],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for _ in range(120):
        try:
            process.wait(2)
            break
        except subprocess.TimeoutExpired:
            pass
        found = nodes(folder) if (folder / "store").exists() else {}
        if found.get("app:main/loop[1]", {}).get("rewrite"):
            (folder / "stop").touch()
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (0, "True True\n", "")
    assert (folder / "stop").exists(), "no rewrite came in"


@pytest.mark.slow
def test_a_hot_loop_of_a_main_is_replaced_and_so_it_is_in_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HOT)
    until_replaced(tmp_path, *AUTO)
    said = str(nodes(tmp_path)["app:main"]["blocked"])
    assert said.startswith("no re-entry point: it runs once, with loops that are functions")
    until_replaced(tmp_path, *(word for word in AUTO if word != "--auto"))
