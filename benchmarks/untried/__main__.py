"""Are the templates right where nothing checks them? A tree's own tests with every rewrite put in.

The tests run plain, then once more to capture calls of the tree's functions. Of every function that may
be shadowed on these calls, each rewrite that templates make is put in without a trial, one of each
function at a time, and the tests run again. A rewrite is the same function for any input: so every
test must end as it did. Outcomes that differ between the two runs without rewrites are left out.

    python -m benchmarks.untried --json src/humanize -- tests
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.untried.making import make
from benchmarks.untried.plugin import Key
from selfsame.runtime.engine.rollout import constants_of
from selfsame.variants.variation import Variation

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Measure; 1 where a test ends in another way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", type=Path, help="the folder of the package")
    parser.add_argument("arguments", nargs="*", help="of pytest, as it is run in this folder")
    parser.add_argument("--seconds", type=float, default=600.0, help="for making the rewrites")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tree = options.tree.resolve()
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(tree, options.arguments, Path(folder))
        plain = tests.run()
        again = tests.run(capture=True)
        steady = {t: end for t, end in plain["outcomes"].items() if _ends(again, t) == _word(end)}
        made = make(tree, again["captured"], options.seconds)
        figures: dict[str, Any] = {
            "functions": made.functions,
            "left": dict(made.left),
            "templates": dict(Counter(v.template for vs in made.rewrites.values() for v in vs)),
            "tests": len(steady),
            "unsteady": len(plain["outcomes"]) - len(steady),
        }
        runs = []
        for turn in range(max(map(len, made.rewrites.values()), default=0)):
            chosen = {key: vs[turn] for key, vs in made.rewrites.items() if len(vs) > turn}
            ran = tests.run(chosen)
            differ = {t: _told(ran, t) for t in steady if _ends(ran, t) != _word(steady[t])}
            runs.append(
                {
                    "in": sum(not why for why in ran["put_in"].values()),
                    "not in": dict(Counter(why for why in ran["put_in"].values() if why)),
                    "deopts": sum(ran["deopts"].values()),
                    "differ": differ,
                    "with": [f"{v.address} [{v.template}]" for v in chosen.values()],
                }
            )
    figures["runs"] = runs
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:10} {value}")
    return 1 if any(run["differ"] for run in runs) else 0


class Tests:
    """The tree's tests, as often as is wished, each time in a process of their own."""

    def __init__(self, tree: Path, arguments: list[str], folder: Path) -> None:
        self.tree = tree
        self.arguments = arguments
        self.folder = folder

    def run(
        self, rewrites: dict[Key, Variation] | None = None, capture: bool = False
    ) -> dict[str, Any]:
        """What the plugin found. Raises SystemExit where pytest could not run."""
        into = self.folder / "found"
        into.unlink(missing_ok=True)
        asked = {"into": str(into)}
        if capture:
            asked["capture"] = f"{self.tree}/"
        if rewrites is not None:
            rows = {key: (v.code, constants_of(v)) for key, v in rewrites.items()}
            (self.folder / "rewrites").write_bytes(pickle.dumps(rows))
            asked["rewrites"] = str(self.folder / "rewrites")
        paths = [str(self.tree.parent), str(ROOT), os.environ.get("PYTHONPATH", "")]
        plugin = ["-p", "benchmarks.untried.plugin", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *plugin, *self.arguments],
            env=os.environ
            | {"UNTRIED": json.dumps(asked), "PYTHONHASHSEED": "0"}
            | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            capture_output=True,
            text=True,
            check=False,
        )
        if not into.exists() or done.returncode > 1:  # 1: some tests fail, as they may
            raise SystemExit(
                f"pytest did not run the tests:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        found: dict[str, Any] = pickle.loads(into.read_bytes())
        return found


def _word(outcome: str) -> str:
    return outcome.partition("\n")[0]


def _told(run: dict[str, Any], test: str) -> str:
    return str(run["outcomes"].get(test, "did not run"))


def _ends(run: dict[str, Any], test: str) -> str:
    return _word(_told(run, test))


if __name__ == "__main__":
    sys.exit(main())
