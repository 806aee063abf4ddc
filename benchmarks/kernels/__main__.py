"""Kernels of 26 kinds against themselves, compiled: ``python -m benchmarks.kernels [--json] [NAME…]``.

Each program is run twice with types noted at its functions' calls; then each function is compiled
for them, unboxed where that is possible, on objects where not, and put in. A function that declines
most of its calls is left as it was, as the watch would leave it. Original and compiled program run
in turns on the same inputs, fresh ones for every call; results and arguments are compared. A ratio
is the median over rounds of thread CPU time.
"""

import argparse
import contextlib
import gc
import importlib.util
import json
import random
import statistics
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import Definition, definitions
from selfsame.runtime.agent.capture import Unpicklable, dump
from selfsame.runtime.mutation.observe import observe, type_name
from selfsame.variants.compiled import in_place_function_to_cython as in_place
from selfsame.variants.compiled import pure_function_to_cython as objects
from selfsame.variants.compiled import scalar_function_to_cython as unboxed
from selfsame.variants.site import Observed, Refusal, Site
from selfsame.variants.variation import Variation

PROGRAMS = Path(__file__).parent / "programs"
HOW = {unboxed.name: "unboxed", in_place.name: "in place", objects.name: "on objects"}
WORKBENCH = Path(__file__).parents[2] / "tests" / "compiled" / "compiled_workbench.py"
ROUNDS, MOST_TYPES, MOST_CAPTURED, MOST_BYTES = 7, 40, 20, 1_000_000
ENOUGH = 4_000_000  # ns of the original's time in one round


def workbench() -> Any:
    """The module of the tests that puts a variation into a function."""
    spec = importlib.util.spec_from_file_location("compiled_workbench", WORKBENCH)
    assert spec is not None and spec.loader is not None
    module = sys.modules["compiled_workbench"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Row:
    """``same``: results, errors and arguments agreed. ``how``: what was done with each function."""

    kernel: str
    ratio: float
    same: bool
    how: dict[str, str] = field(default_factory=dict)
    declined: dict[str, int] = field(default_factory=dict)


@dataclass
class Program:
    """One copy of a program, with its functions by name."""

    module: types.ModuleType
    functions: dict[str, types.FunctionType]

    @classmethod
    def load(cls, path: Path, known: Iterable[str]) -> "Program":
        module = types.ModuleType(path.stem)
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
        functions = {}
        for name in known:
            value: Any = module
            for part in name.split("."):
                value = getattr(value, part, None)
            if isinstance(value, types.FunctionType) and name != "make":
                functions[name] = value
        return cls(module, functions)

    def arguments(self, seed: int) -> tuple[Any, ...]:
        made: tuple[Any, ...] = self.module.make(random.Random(seed))
        return made

    def run(self, arguments: Iterable[Any]) -> object:
        return self.module.ENTRY(*arguments)


def note(program: Program) -> dict[str, Observed]:
    """The types of the arguments of every function in two runs."""
    seen: dict[str, dict[str, set[str]]] = {}
    calls: dict[str, list[bytes]] = {}
    names = {f.__code__: name for name, f in program.functions.items()}

    def profile(frame: types.FrameType, event: str, _: object) -> None:
        name = names.get(frame.f_code) if event == "call" else None
        if name is None:
            return
        if len(calls.setdefault(name, [])) < MOST_CAPTURED:
            count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
            given = [frame.f_locals.get(n) for n in frame.f_code.co_varnames[:count]]
            with contextlib.suppress(Unpicklable):
                calls[name].append(dump({"args": given, "globals": {}}, MOST_BYTES))
        code, found = frame.f_code, seen.setdefault(name, {})
        for parameter in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            kinds = found.setdefault(parameter, set())
            if parameter in frame.f_locals and len(kinds) < MOST_TYPES:
                value = frame.f_locals[parameter]
                kinds.add(type_name(value))
                for attribute, held in getattr(value, "__dict__", {}).items():
                    found.setdefault(f"{parameter}.{attribute}", set()).add(type_name(held))
                for item in value if isinstance(value, list) else ():
                    for attribute, held in getattr(item, "__dict__", {}).items():
                        found.setdefault(f"{parameter}[].{attribute}", set()).add(type_name(held))

    for seed in (1, 2):
        arguments = program.arguments(seed)
        sys.modules[program.module.__name__] = (
            program.module
        )  # where a pickle looks for its classes
        sys.setprofile(profile)
        try:
            program.run(arguments)
        finally:
            sys.setprofile(None)
            del sys.modules[program.module.__name__]
    noted = {}
    for name, kinds in seen.items():
        code = program.functions[name].__code__
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        types_seen = {k: frozenset(v) for k, v in kinds.items()}
        noted[name] = replace(observe(calls.get(name, []), parameters), types=types_seen)
    return noted


def variation(site: Site) -> Variation | str:
    """The compiled form, unboxed first; or both reasons why there is none."""
    reasons = []
    for template in (unboxed, in_place, objects):
        (made,) = template.variations(site)
        if isinstance(made, Variation):
            return made
        assert isinstance(made, Refusal)
        reasons.append(f"{template.name}: {made.reason}")
    return "; ".join(reasons)


def shown(value: object, met: dict[int, int]) -> object:
    """A value with its types, and which containers in it are one."""
    if isinstance(value, list | tuple | dict | set) or hasattr(value, "__dict__"):
        if id(value) in met:
            return "again", met[id(value)]
        met[id(value)] = len(met)
    kind = type(value).__name__
    if isinstance(value, list | tuple):
        return kind, [shown(v, met) for v in value]
    if isinstance(value, dict):
        return kind, [(shown(k, met), shown(v, met)) for k, v in value.items()]
    state = getattr(value, "__dict__", None)
    if state is not None and not isinstance(value, type):
        return kind, shown(state, met)
    return kind, repr(value)


def outcome(program: Program, arguments: tuple[Any, ...]) -> object:
    """What a run does: its result or error, and the arguments afterwards."""
    try:
        done: tuple[str, object] = ("returns", program.run(arguments))
    except Exception as error:
        done = ("raises", f"{type(error).__name__}: {error}")
    return shown([*done, list(arguments)], {})


def compile_into(path: Path, original: Program, compiled: Program, row: Row, bench: Any) -> None:
    """Put what can be compiled into the second program."""
    source = Source(str(path), path.stem, path.read_text(encoding="utf-8"))
    known = {d.address.partition(":")[2]: d for d in definitions(source)}
    facts = ModuleFacts.of(source, lambda wanted: None)
    plain = {name: f.__code__ for name, f in compiled.functions.items()}
    calls: Counter[str] = Counter()
    for name, seen in note(original).items():
        definition: Definition = known[name]
        made = variation(Site(source, definition, facts, seen))
        if isinstance(made, str):
            row.how[name] = made
            continue
        row.how[name] = HOW[made.template]
        row.declined[name] = 0

        def declines(name: str = name) -> None:
            row.declined[name] += 1

        bench.swap_in(compiled.functions[name], made, declines)
    codes = {f.__code__: name for name, f in compiled.functions.items()}

    def count(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in codes:
            calls[codes[frame.f_code]] += 1

    arguments = compiled.arguments(3)
    sys.setprofile(count)
    try:
        compiled.run(arguments)
    finally:
        sys.setprofile(None)
    for name, declined in row.declined.items():
        if declined * 2 > calls[name]:
            compiled.functions[name].__code__ = plain[name]
            row.how[name] += f"; declined {declined} of {calls[name]} calls, left as it was"


def measure(path: Path, bench: Any) -> Row:
    """One kernel's row."""
    source = Source(str(path), path.stem, path.read_text(encoding="utf-8"))
    names = [d.address.partition(":")[2] for d in definitions(source)]
    original, compiled = (Program.load(path, names) for _ in range(2))
    row = Row(path.stem, 0.0, True)
    compile_into(path, original, compiled, row, bench)
    for seed in range(10, 15):
        one, two = original.arguments(seed), compiled.arguments(seed)
        row.same &= outcome(original, one) == outcome(compiled, two)
    once = timed(original.run, [original.arguments(4)])
    repeats = max(1, min(50, ENOUGH // once))
    ratios = []
    gc.disable()
    try:
        for number in range(ROUNDS):
            seeds = [100 * (number + 1) + k for k in range(repeats)]
            spent = []
            for program in (original, compiled):
                spent.append(timed(program.run, [program.arguments(s) for s in seeds]))
            ratios.append(spent[0] / spent[1])
    finally:
        gc.enable()
    row.ratio = statistics.median(ratios)
    return row


def timed(run: Callable[[Any], object], inputs: list[Any]) -> int:
    """Thread CPU time in ns of one run for each input; at least 1."""
    start = time.thread_time_ns()
    for arguments in inputs:
        run(arguments)
    return max(1, time.thread_time_ns() - start)


def main(argv: list[str] | None = None) -> int:
    """Print the rows; 1 where a result differed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print facts as JSON")
    parser.add_argument("--why", action="store_true", help="say what became of each function")
    parser.add_argument("name", nargs="*", help="kernels to run (default: all)")
    given = parser.parse_args(argv)
    paths = sorted(PROGRAMS.glob("*.py"))
    unknown = set(given.name) - {p.stem for p in paths}
    if unknown:
        parser.error(f"no kernel {min(unknown)}; there are {', '.join(p.stem for p in paths)}")
    bench = workbench()
    rows = []
    for path in paths:
        if given.name and path.stem not in given.name:
            continue
        row = measure(path, bench)
        rows.append(row)
        if not given.json:
            mark = "" if row.same else "  DIFFERS"
            print(f"{row.ratio:8.2f}  {row.kernel}{mark}", flush=True)
            if given.why:
                for name, how in row.how.items():
                    print(f"{'':10}  {name}: {how}")
    mean = statistics.geometric_mean(row.ratio for row in rows)
    same = sum(row.same for row in rows)
    if given.json:
        print(json.dumps({"geomean": mean, "same": same, "kernels": [asdict(r) for r in rows]}))
    else:
        print(f"{mean:8.2f}  geometric mean; {same} of {len(rows)} agree")
    return 0 if same == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
