"""The programs, and how one of them is measured."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.overhead import hot, instructions, peers

PACKAGE = "pyperformance==1.11.0"
LONGEST_S = 600
INSTRUCTIONS_S = 0.05  # CPU of the shorter of the runs whose instructions are counted


class Bench:
    """The programs, and how to run one."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        self.peers: dict[str, str] = {}
        self._stores = 0
        shutil.copyfile(Path(__file__).with_name("stand_in.py"), folder / "pyperf.py")

    def programs(self) -> dict[str, list[str]]:
        """All programs that need nothing but pyperf, by name: the script and its arguments."""
        target = self.folder / "installed"
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target"]
        subprocess.run([*command, str(target), PACKAGE], check=True, stderr=subprocess.DEVNULL)
        found = {}
        for folder in sorted(target.glob("pyperformance/data-files/benchmarks/bm_*")):
            text = (folder / "pyproject.toml").read_text()
            if 'dependencies = ["pyperf"]' not in text:
                continue
            for variant in (folder / "pyproject.toml", *sorted(folder.glob("bm_*.toml"))):
                told = tomllib.loads(variant.read_text()).get("tool", {}).get("pyperformance", {})
                name = told.get("name", folder.name.removeprefix("bm_"))
                found[name] = [str(folder / "run_benchmark.py"), *told.get("extra_opts", ())]
        return found

    def use_peers(self) -> None:
        """Measure the peers as well."""
        self.peers = peers.prepared(self.folder)

    def measure(self, program: list[str], rounds: int, count: bool) -> dict[str, Any]:
        """CPU time over that of the plain run before it, in pairs; ``plain`` is A over A."""
        plain = [sys.executable, *program]
        first = self._run(plain, 0)
        if isinstance(first, str):
            return {"skipped": first}
        loops = first["loops"]
        kinds = ["plain", "watched", *(peer for peer, why in self.peers.items() if not why)]
        ratios: dict[str, list[float]] = {kind: [] for kind in kinds}
        cpu: list[float] = []
        store = failed = ""
        for _ in range(rounds):
            for kind in kinds:
                command, more = plain, peers.environment(kind, self.folder)
                if kind == "watched":
                    store = self.new_store()
                    command = self._watched(store, plain)
                elif kind != "plain":
                    command = peers.command(kind, program)
                before = self._run(plain, loops)
                fewer = max(1, loops // peers.SLOW.get(kind, 1))
                after = self._run(command, fewer, **more)
                if isinstance(before, str) or isinstance(after, str):
                    failed = f"{kind}: {before if isinstance(before, str) else after}"
                    if kind in ("plain", "watched"):
                        return {"skipped": failed}
                    continue
                cpu.append(before["cpu"])
                ratios[kind].append(after["cpu"] / fewer / (before["cpu"] / loops))
        row: dict[str, Any] = {"loops": loops, "cpu_s": round(statistics.median(cpu), 3)}
        row |= {
            kind: [round(ratio, 4) for ratio in found] for kind, found in ratios.items() if found
        }
        if failed:
            row["failed"] = failed
        last = hot.last_snapshot(store)
        if last is not None and last["program"]["cpu_s"]:
            # What the agent counts of itself: its thread and its looks, over the program's own.
            row["agent"] = round(last["program"]["agent_cpu_s"] / last["program"]["cpu_s"], 4)
        traced = self._run(plain, loops, OVERHEAD_WITH="trace")
        if isinstance(traced, str):
            row["hot"] = {"skipped": traced}
        else:
            row["hot"] = hot.compared(program[0], traced, statistics.median(cpu), last)
        if count:
            few = max(1, round(loops * INSTRUCTIONS_S / self.seconds))
            row["instructions"] = instructions.counted(
                self.folder,
                lambda watched, prefix, n: self._counted(program, watched, prefix, n),
                few,
            )
        return row

    def _counted(
        self, program: list[str], watched: bool, prefix: list[str], loops: int
    ) -> dict[str, Any] | str:
        command = [*prefix, sys.executable, *program]
        return self._run(self._watched(self.new_store(), command) if watched else command, loops)

    def repeated(self, command: list[str], loops: int, seconds: float) -> Any:
        """The CPU of rounds of so many loops (0: as many as take ``self.seconds``) that follow each other for so long, or why there are none."""
        return self._run(command, loops, OVERHEAD_FOR=str(seconds))

    def rewritten(self, store: str, command: list[str], *options: str) -> list[str]:
        """The command under selfsame, which rewrites what is hot unless ``options`` say otherwise."""
        selfsame = [sys.executable, "-m", "selfsame", "run", "--auto", *options]
        return [*selfsame, "--no-report", "--store", store, "--", *command]

    def new_store(self) -> str:
        """A folder for one."""
        self._stores += 1
        return str(self.folder / f"store-{self._stores}")

    def _watched(self, store: str, command: list[str]) -> list[str]:
        return self.rewritten(store, command, "--observe-only")

    def _run(self, command: list[str], loops: int, path: str = "", **more: str) -> Any:
        """The figures of a run, or why it left none."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        paths = [path, str(self.folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        environment = os.environ | more
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # it would compile what it imports anew
        environment |= {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONHASHSEED": "0",
            "OVERHEAD_S": str(self.seconds),
            "OVERHEAD_LOOPS": str(loops),
            "OVERHEAD_RESULT": str(result),
        }
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"longer than {LONGEST_S} s"
        if not result.exists():
            return (done.stderr.strip().splitlines() or ["it left no result"])[-1]
        return json.loads(result.read_text())
