"""What calls feel of being shadowed: ``python -m benchmarks.live_cost [--json] [--rounds N] [--seconds S]``.

The work of the demo as requests to a service: each reads the functions out of a part of a source file,
spells them, and ranks how near they are to each other. Requests come at fixed times whether the last one is
done or not, so that a pause is felt by all that wait for it; a call's latency is from when it was due. The
same service runs plain, in the mode ``shadow`` (calls are captured and tried, nothing is changed), where p99
says what that costs, and ``auto``, where what is promoted also makes it shorter: A B C A B C, and ratios are
of medians over the rounds. ``plain`` over ``plain`` says what the machine does to such a ratio.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

EXAMPLE: Final = Path(__file__).parents[1] / "examples" / "near_duplicates" / "near_duplicates.py"
SERVICE: Final = """
import json, random, sys, sysconfig, time
from pathlib import Path
import near_duplicates as work

LINES = 40

def serve(text):
    found = work.extract(text)
    keep = set(work.KEEP)
    spelt = [work.spell(work.normalise(work.TOKEN.findall(body), keep))[:work.LONGEST] for _, body in found]
    return work.sort_b([(work.edit_distance(a, b), i) for i, a in enumerate(spelt) for b in spelt[:i]])

def main(seconds, rate, result):
    paths = work.modules([Path(sysconfig.get_path("stdlib"))], 120)
    texts = [path.read_text(encoding="utf-8", errors="replace").split("\\n") for path in paths]
    rng = random.Random(5)
    latencies, answers, n = [], 0, 0
    began = time.perf_counter()
    while (due := began + n / rate) < began + seconds:
        lines = rng.choice(texts)
        start = rng.randrange(max(1, len(lines) - LINES))
        text = "\\n".join(lines[start : start + LINES])
        if (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        answers += len(serve(text))
        latencies.append(time.perf_counter() - due)
        n += 1
    Path(result).write_text(json.dumps({"latencies": latencies, "answers": answers}))

main(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
"""
KINDS: Final = ("plain", "again", "shadow", "auto")


def once(folder: Path, kind: str, seconds: float, rate: float) -> dict[str, float]:
    """One run of the service: p50 and p99 of its calls in milliseconds, and what it answered."""
    result, store = folder / "result.json", folder / "store"
    shutil.rmtree(store, ignore_errors=True)
    program = ["service.py", str(seconds), str(rate), str(result)]
    command = [sys.executable, *program]
    if kind in ("shadow", "auto"):
        watched = ["-m", "selfsame", "run", "--auto", "--no-report", "--store", str(store)]
        watched += ["--observe-only"] if kind == "shadow" else []
        command = [sys.executable, *watched, *program]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    told = json.loads(result.read_text())
    ranked = statistics.quantiles(told["latencies"], n=100)
    return {"p50": 1e3 * ranked[49], "p99": 1e3 * ranked[98], "answers": told["answers"]}


def summed_up(rows: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Each kind's medians, over those of the plain runs."""
    plain = {part: statistics.median(row[part] for row in rows["plain"]) for part in ("p50", "p99")}
    result: dict[str, Any] = {"plain": {part: round(ms, 3) for part, ms in plain.items()}}
    for kind in KINDS[1:]:
        result[kind] = {
            part: round(statistics.median(row[part] for row in rows[kind]) / plain[part], 4)
            for part in ("p50", "p99")
        }
    answers = {row["answers"] for found in rows.values() for row in found}
    return result | {"answers are the same": len(answers) == 1}


def main(arguments: list[str]) -> int:
    """Measure; 1 where the service answered otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live_cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON, with each run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each run")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    options = parser.parse_args(arguments)
    rows: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory(prefix="selfsame-live-") as name:
        folder = Path(name)
        (folder / "service.py").write_text(SERVICE)
        shutil.copy2(EXAMPLE, folder)
        for _ in range(options.rounds):
            for kind in KINDS:
                rows[kind].append(once(folder, kind, options.seconds, options.rate))
                if not options.json:
                    print(kind, rows[kind][-1], flush=True)
    result = summed_up(rows)
    print(json.dumps(result | ({"runs": rows} if options.json else {}), indent=1))
    return 0 if result["answers are the same"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
