"""Whole trials in real workers: same, different, faults, refusals; and that no value gets out."""

import json
import logging
import os
import pickle
import random
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.runtime.agent.capture import dump
from selfsame.runtime.shadow import process
from selfsame.runtime.shadow.equality import (
    Mismatch,
    Replay,
    _Comparing,
    _LeftOut,
    replay_amplified,
)
from selfsame.runtime.shadow.forkserver import environment
from selfsame.runtime.shadow.outcome import EXACT, Outcome
from selfsame.runtime.shadow.sandbox import layers
from selfsame.runtime.shadow.timing import time_sides
from selfsame.runtime.shadow.trial import TrialRequest, run_trial
from selfsame.variants.variation import Constant

SECRET = "hunter2-correct-horse"
SAME = "def score(xs, k):\n    return [x * k + OFFSET for x in xs]\n"
EARLY = """
def find(text, words):
    found = dict.fromkeys(word for word in words if word in text)
    if not found:
        raise LookupError(text)
    return list(found)
"""


QUADRATIC = """def score(xs, k):
    out = []
    for x in xs:
        out = out + [x * k + OFFSET]
    return out


"""
WASTEFUL = """def score(xs, k):
    copies = [list(xs) for _ in range(20)]
    out = []
    for x in xs:
        out.append(x * k + OFFSET)
    return out


"""
RECURSIVE = """def score(xs, k):
    if type(xs) is int:
        return xs * k
    out = 0
    for x in xs:
        copies = list(xs) * 200
        out += score(x, k)
    return out


"""


def instead(bench: Any, name: str, score: str) -> Any:
    """A module like the bench's, with another ``score`` in it."""
    start, end = bench.text.index("def score"), bench.text.index("def find")
    return type(bench)(bench.folder, bench.text[:start] + score + bench.text[end:], name)


def test_the_same_and_faster_is_promotable(bench: Any, numbers: list[bytes]) -> None:
    trial = instead(bench, "quadratic", QUADRATIC).trial("score", SAME, numbers)
    assert trial.same == "same", trial.reason
    assert trial.faster == "faster", trial.reason
    assert trial.promotable
    assert trial.speedup is not None
    assert trial.speedup.low > 1.05
    assert trial.pairs >= 20
    assert trial.captured == 60
    assert trial.evidence == ("replayed 60", f"fuzzed {trial.invented + trial.amplified}")


@pytest.mark.parametrize("needed", [1, 26, 50])
def test_every_captured_call_is_compared_once(
    bench: Any, numbers: list[bytes], needed: int
) -> None:
    slow = instead(bench, "quadratic", QUADRATIC)
    trial = slow.trial("score", SAME, numbers, to_beat=1.0, min_calls=needed)
    assert trial.promotable and trial.captured == 60, trial.reason


def test_of_a_recursive_function_the_outermost_calls_are_timed(bench: Any, make: Any) -> None:
    """Nine in ten of its calls are leaves, on which nothing is gained, and all time is in the others."""
    known = instead(bench, "recursive", RECURSIVE)
    lean = RECURSIVE.replace("        copies = list(xs) * 200\n", "")
    rng = random.Random(7)
    trees = [[[rng.randrange(99) for _ in range(9)] for _ in range(9)] for _ in range(6)]
    calls = [make(value, 3) for value in (*range(54), *trees)]
    outermost = frozenset(range(54, 60))
    trial = known.trial("score", lean, calls, outermost=outermost, amplified=20)
    assert (trial.same, trial.faster) == ("same", "faster"), trial.reason
    assert trial.captured == 60, "the others are compared all the same"
    assert trial.speedup is not None and trial.speedup.low > 1.5
    assert known.trial("score", lean, calls, budget_s=5.0, amplified=20).faster != "faster"


def test_the_same_code_is_never_faster(bench: Any, numbers: list[bytes]) -> None:
    own = bench.text[bench.text.index("def score") : bench.text.index("def find")]
    trial = bench.trial("score", own, numbers, budget_s=15.0)
    assert trial.same == "same"
    assert trial.faster != "faster"
    assert not trial.promotable


def test_slower_is_the_same_and_not_promotable(bench: Any, numbers: list[bytes]) -> None:
    trial = bench.trial("score", QUADRATIC, numbers)
    assert trial.same == "same", trial.reason
    assert trial.faster == "not faster"


def test_what_is_far_from_a_gain_is_compared_no_further(bench: Any, numbers: list[bytes]) -> None:
    wasteful = WASTEFUL.replace("(20)", "(2000)")
    trial = bench.trial("score", wasteful, numbers, to_beat=1.0)
    assert (trial.same, trial.faster, trial.promotable) == ("inconclusive", "not faster", False)
    assert "times as fast at a first look" in trial.reason
    assert (trial.captured, trial.amplified, trial.pairs) == (24, 0, 0)
    wrong = wasteful.replace("x * k", "x + k")
    assert bench.trial("score", wrong, numbers, to_beat=1.0).same == "different"
    asked_for = bench.trial("score", wasteful, numbers)
    assert (asked_for.same, asked_for.faster) == ("same", "not faster"), asked_for.reason


def test_of_calls_that_take_long_a_few_are_looked_at_first(
    bench: Any, numbers: list[bytes]
) -> None:
    wasteful = WASTEFUL.replace("(20)", "(2000)")
    slow = [(payload, 150_000_000) for payload in numbers]
    trial = bench.trial("score", wasteful, (), captured=slow, to_beat=1.0)
    assert "times as fast at a first look" in trial.reason
    assert trial.captured == 2


def test_what_another_beats_by_far_is_compared_no_further(bench: Any, numbers: list[bytes]) -> None:
    slow = instead(bench, "quadratic", QUADRATIC)
    trial = slow.trial("score", SAME, numbers, to_beat=100_000.0)
    assert (trial.same, trial.faster, trial.promotable) == ("inconclusive", "not faster", False)
    assert "where another is 100000.0 times as fast" in trial.reason
    passed = slow.trial("score", SAME, numbers, to_beat=1.01)
    assert passed.promotable and passed.captured == 60, passed.reason


def test_of_a_recursive_function_the_outermost_calls_are_looked_at(bench: Any, make: Any) -> None:
    known = instead(bench, "recursive", RECURSIVE)
    lean = RECURSIVE.replace("        copies = list(xs) * 200\n", "")
    trees = [[[n] * 9 for _ in range(9)] for n in range(6)]
    calls = [make(value, 3) for value in (*range(54), *trees)]
    found = known.trial("score", lean, calls, outermost=frozenset(range(54, 60)), to_beat=1.5)
    assert found.captured == 60, found.reason


FAULTS = {
    "wrong": ("    return [x * k + OFFSET for x in xs][::-1]", "the result differs"),
    "wrong type": ("    return tuple(x * k + OFFSET for x in xs)", "the result differs"),
    "float": ("    return [x * float(k) + OFFSET for x in xs]", "the result differs"),
    "mutates": ("    xs.append(1); return [x * k + OFFSET for x in xs[:-1]]", "argument 1"),
    "aliases": ("    xs[:] = [x * k + OFFSET for x in xs]; return xs", "argument 1"),
    "global": ("    global OFFSET; OFFSET = 4; return [x * k + 3 for x in xs]", "globals"),
    "folded type": ("    return [x * k + OFFSET for x in xs] if type(k) is int else []", "differ|returned"),
    "raises": ("    raise ValueError(xs)", "one returned, the other raised"),
    "exits": ("    raise SystemExit(0)", "one returned, the other raised"),
    "base": ("    raise BaseException", "one returned, the other raised"),
    "spins": ("    while True: pass", "20 times as long"),
    "swallows": ("    while True:\n        try:\n            while True: pass\n        except BaseException: pass", "20 times|did not answer"),
    "bomb": ("    return [0] * (1 << 40)", "one returned, the other raised"),
    "grows": ("    a = [0]\n    while True: a = a + a", "the other raised|20 times|did not answer"),
    "recurses": ("    return score(xs, k)", "one returned, the other raised"),
    "dies": ("    import os; os._exit(0)", "exit code 0"),
    "aborts": ("    import os; os.abort()", "SIGABRT"),
    "crashes": ("    import faulthandler; faulthandler._sigsegv()", "SIGSEGV"),
    "prints": ("    print(end='x'); return [x * k + OFFSET for x in xs]", "prints"),
    "writes": ("    import os; os.write(2, b'x'); return [x * k + OFFSET for x in xs]", "prints"),
    "opens": ("    open('/tmp/selfsame-must-not-exist', 'w'); return xs", "opens a file"),
    "reads": ("    open('/etc/passwd'); return xs", "opens a file"),
    "hides": ("    try: open('/etc/passwd')\n    except OSError: pass\n    return [x * k + OFFSET for x in xs]", "opens a file"),
    "forks": ("    import os; os.fork(); return xs", "forks"),
    "kills": ("    import os; os.kill(os.getppid(), 9); return xs", "sends a signal"),
    "starts": ("    import subprocess; subprocess.run(['true']); return xs", "starts a process"),
    "connects": ("    import socket; socket.socket(); return xs", "uses the network"),
    "threads": ("    import threading; threading.Thread(target=int).start(); return xs", "starts a thread"),
    "ctypes": ("    import ctypes; ctypes.CDLL('libc.so.6').getpid(); return xs", "ctypes"),
    "limits": ("    import sys; sys.setrecursionlimit(9999); return [x * k + OFFSET for x in xs]", "limits"),
    "signals": ("    import signal; signal.signal(10, signal.SIG_IGN); return [x * k + OFFSET for x in xs]", "signals"),
    "streams": ("    import sys; sys.stdout = None; return [x * k + OFFSET for x in xs]", "streams"),
    "generator": ("    return (x for x in xs)", "cannot be compared"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_variation_with_a_fault_is_different(
    bench: Any, numbers: list[bytes], fault: str
) -> None:
    body, expected = FAULTS[fault]
    trial = bench.trial("score", f"def score(xs, k):\n{body}\n", numbers)
    assert trial.same == "different", trial
    assert any(part in trial.reason for part in expected.split("|")), trial.reason
    assert not trial.promotable
    assert not os.path.exists("/tmp/selfsame-must-not-exist")


def test_a_sleeping_hang_meets_the_deadline(
    bench: Any, numbers: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.runtime.shadow.bench.GRACE_S", 0.5)
    asleep = "def score(xs, k):\n    import select\n    select.select([], [], [], 1000)\n"
    trial = bench.trial("score", asleep, numbers)
    assert trial.same == "different"
    assert trial.reason == "the variation's worker did not answer in time"


REFUSALS = {
    "outside": "a call opens a file",
    "noisy": "a call prints",
    "counting": "disagrees with itself",
    "keeping": "a call changes what a class holds",
    "lazily": "cannot be compared: a generator",
}


@pytest.mark.parametrize("function", REFUSALS)
def test_originals_that_may_not_be_shadowed(
    bench: Any, numbers: list[bytes], function: str
) -> None:
    trial = bench.trial(function, f"def {function}(xs, k):\n    return xs\n", numbers)
    assert trial.same == "inconclusive"
    assert REFUSALS[function] in trial.refused
    assert not trial.promotable


IMPORTS = {
    "raise ValueError('hunter2-correct-horse')": "raises ValueError",
    "import no_such_module": "raises ModuleNotFoundError for no_such_module",
    "open('/tmp/selfsame-must-not-exist', 'w')": "opens a file",
    "try:\n    import socket; socket.socket()\nexcept OSError:\n    pass": "uses the network",
    "import os; os.system('true')": "starts a process",
    "import threading; threading.Thread(target=int).start()": "starts a thread",
    "import os; os._exit(3)": "ended with exit code 3",
}


@pytest.mark.parametrize("statement", IMPORTS)
def test_imports_with_outside_effects_refuse_the_node(
    tmp_path: Any, bench: Any, numbers: list[bytes], statement: str
) -> None:
    name = f"effects_{list(IMPORTS).index(statement)}"
    other = type(bench)(tmp_path, f"{bench.text}\n{statement}\n", name)
    trial = other.trial("score", SAME, numbers)
    assert trial.same == "inconclusive"
    assert IMPORTS[statement] in trial.refused
    assert SECRET not in repr(trial)


def test_a_script_is_not_run_again(tmp_path: Any, bench: Any, numbers: list[bytes]) -> None:
    script = bench.text + "\nimport sys\nwork = launch()\nstate = work.state\n"
    script += "def launch(): raise SystemExit\nif __name__ == '__main__':\n    launch()\n"
    app = type(bench)(tmp_path, script, "app")
    trial = app.trial("score", SAME, numbers, is_main=True, budget_s=8.0)
    assert trial.same == "same", trial.reason


def test_classes_have_what_a_script_gives_them(
    tmp_path: Any, bench: Any, numbers: list[bytes]
) -> None:
    script = "class Level:\n    LOW = None\n\n    def __init__(self, n):\n        self.n = n\n\n\n"
    script += "Level.LOW = Level(3)\nLevel.NAMES: dict = {'a': 1}\n\n\n"
    script += "def score(xs, k):\n    return [x * Level.LOW.n for x in xs] + list(Level.NAMES)\n"
    same = "def score(xs, k):\n    n = Level.LOW.n\n    return [x * n for x in xs] + ['a']\n"
    app = type(bench)(tmp_path, script, "app")
    trial = app.trial("score", same, numbers, is_main=True, budget_s=8.0)
    assert (trial.same, trial.captured) == ("same", len(set(numbers))), trial.reason


def test_a_script_that_needs_what_is_dropped_is_refused(
    tmp_path: Any, bench: Any, numbers: list[bytes]
) -> None:
    script = "TABLE = connect()\n\n\ndef score(xs, k):\n    return TABLE\n"
    app = type(bench)(tmp_path, script, "app")
    trial = app.trial("score", SAME, numbers, is_main=True)
    assert trial.refused == "a call needs TABLE, which a worker cannot make"


def test_defaults_that_are_dropped_are_given_with_each_call(
    tmp_path: Any, bench: Any, numbers: list[bytes]
) -> None:
    script = "TABLE = connect()\n\n\ndef score(xs, k=TABLE):\n    return [x * k for x in xs]\n"
    script += "\n\ndef call(xs, k):\n    return score(xs)\n"
    same = "def score(xs, k=TABLE):\n    found = [x * k for x in xs]\n    return found\n"
    app = type(bench)(tmp_path, script, "app")
    trial = app.trial("score", same, numbers, is_main=True, budget_s=8.0)
    assert trial.same == "same", trial.reason
    trial = app.trial("call", "def call(xs, k):\n    return score(xs)\n", numbers, is_main=True)
    assert trial.refused == "a call needs score, which a worker cannot make"


def test_a_variation_that_asks_sooner_for_what_is_dropped_decides_nothing(
    tmp_path: Any, bench: Any, make: Any
) -> None:
    script = "TABLE = connect()\n\n\ndef score(xs, k):\n    return xs if k < 3 else xs + TABLE\n"
    sooner = "def score(xs, k):\n    table = TABLE\n    return xs if k < 3 else xs + table\n"
    app = type(bench)(tmp_path, script, "app")
    key = ("app", "TABLE")
    calls = [dump({"args": ([n], n % 5), "globals": {key: [n]}}, 1 << 20) for n in range(60)]
    trial = app.trial("score", sooner, calls, is_main=True, budget_s=8.0)
    assert (trial.same, trial.captured) == ("same", 60), trial.reason
    calls = [make([n], n % 3) for n in range(60)]
    trial = app.trial("score", sooner, calls, is_main=True, budget_s=8.0)
    assert (trial.same, trial.captured) == ("inconclusive", 0), trial.reason
    assert "a call of the variation needs TABLE" in trial.reason
    printing = sooner.replace("    table =", "    print(k)\n    table =")
    trial = app.trial("score", printing, calls, is_main=True, budget_s=8.0)
    assert trial.same == "different", trial.reason


def test_methods_of_calling(bench: Any, make: Any, loaded_module: Any) -> None:
    item = loaded_module.Item
    calls = [
        make([item(n, SECRET), item(1, "b")], n % 5, (n,) * (n % 3), {"extra": n} if n % 2 else {})
        for n in range(60)
    ]
    same = """
def total(items, *rest, scale=1, **more):
    price = 0
    for item in items:
        price += item.price
    return price * scale + len(rest) + len(more)
"""
    trial = bench.trial("total", same, calls, near=False)
    assert trial.same == "same", trial
    wrong = same.replace("len(more)", "len(rest)")
    trial = bench.trial("total", wrong, calls)
    assert trial.same == "different"
    assert trial.counterexample.startswith(
        "(items: list of 2 (shop.Item with 2 attributes), scale: int, rest: tuple"
    )


def test_the_live_global_counts_and_not_the_imported_one(bench: Any, make: Any) -> None:
    calls = [make([n, n + 1], n, OFFSET=17) for n in range(60)]
    folded = "def score(xs, k):\n    return [x * k + {} for x in xs]\n"
    assert bench.trial("score", folded.format(17), calls, budget_s=6.0).same == "same"
    assert bench.trial("score", folded.format(3), calls).same == "different"


def test_recursion_meets_the_variation_too(bench: Any, make: Any) -> None:
    calls = [make([n], n % 12) for n in range(60)]
    wrong = (
        "def fib(xs, k):\n    return k if k < 2 else fib(xs, k - 1) + fib(xs, k - 2) * (k != 11)\n"
    )
    trial = bench.trial("fib", wrong, calls)
    assert trial.same == "different"


def test_deopts_are_counted_and_do_not_win(bench: Any, numbers: list[bytes]) -> None:
    guarded = "def score(xs, k):\n    '\\0selfsame:d'()\n    return [x * k + OFFSET for x in xs]\n"
    constants = (Constant("\0selfsame:d", "deopt"),)
    trial = bench.trial("score", guarded, numbers, constants=constants)
    assert trial.same == "inconclusive"
    assert trial.captured < len(numbers)  # that is not looked at for longer than it takes to see
    assert trial.deopts == 1.0
    assert trial.faster == "not faster"
    assert "falls back to the original on 100% of captured calls" in trial.reason


def test_deopts_on_calls_that_were_made_up_do_not_count(bench: Any, numbers: list[bytes]) -> None:
    guarded = (
        "def score(xs, k):\n    if type(k) is not int or not xs or k > 1000 or k < 0:\n"
        "        '\\0selfsame:d'()\n    return [x * k + OFFSET for x in xs]\n"
    )
    constants = (Constant("\0selfsame:d", "deopt"),)
    trial = bench.trial("score", guarded, numbers, constants=constants, invented=200, timed=False)
    assert trial.same == "same" and trial.invented > 100
    assert trial.deopts == 0.0


def test_import_constants(bench: Any, numbers: list[bytes]) -> None:
    text = "def score(xs, k):\n    return ['\\0selfsame:a'(x * k, OFFSET) for x in xs]\n"
    constants = (Constant("\0selfsame:a", "import", "operator", "add"),)
    trial = bench.trial("score", text, numbers, constants=constants, amplified=5, budget_s=6.0)
    assert trial.captured == 60
    lost = bench.trial("score", text, numbers)
    assert "placeholders" in lost.reason
    assert (lost.same, lost.refused) == ("inconclusive", "")


def test_too_few_distinct_calls_are_inconclusive(bench: Any, numbers: list[bytes]) -> None:
    trial = bench.trial("score", SAME, numbers[:1] * 500)
    assert trial.same == "inconclusive"
    assert trial.reason == "1 distinct captured calls, and 50 are needed"


def test_payloads_that_are_no_captures_are_not_unpickled(bench: Any, numbers: list[bytes]) -> None:
    evil = b"cos\nsystem\n(S'touch /tmp/selfsame-must-not-exist'\ntR."
    trial = bench.trial(
        "score", SAME, [*numbers, *[evil + b"#%d" % n for n in range(9)], b"junk"], budget_s=8.0
    )
    assert not os.path.exists("/tmp/selfsame-must-not-exist")
    assert trial.captured == 60
    assert trial.left_out >= 10


@pytest.mark.parametrize("partly", [True, False])
def test_what_was_not_captured_of_instances_decides_nothing(
    bench: Any, loaded_module: Any, partly: bool
) -> None:
    """Of a call that was captured in part, an AttributeError says that a part is missing."""
    calls = []
    for number in range(70):
        item = loaded_module.Item(number, "b")
        del item.label
        if number < 15:
            del item.price
        content = {"args": ([item], number, (), {}), "globals": {}}
        calls.append(pickle.dumps({**content, "partly": True} if partly else content))
    text = "def total(items, *rest, scale=1, **more):\n    return sum([i.price for i in items]) * scale + len(rest) + len(more)\n"
    trial = bench.trial("total", text, calls, amplified=0, timed=False)
    assert (trial.same, trial.captured) == ("same", 55 if partly else 70), trial.reason


LATE_NOISE = """def score(xs, k):
    return __import__("time").perf_counter_ns() if k == 90 else [x * k + OFFSET for x in xs]
"""


def test_noise_of_a_late_call_is_left_out_and_no_difference(bench: Any, make: Any) -> None:
    calls = [make([k, k + 1], k, OFFSET=3) for k in range(120)]
    noisy = instead(bench, "late", LATE_NOISE)
    how = {"amplified": 0, "timed": False, "min_calls": 110}
    trial = noisy.trial("score", LATE_NOISE.replace("x * k", "k * x"), calls, **how)
    assert (trial.same, trial.captured, trial.left_out) == ("same", 119, 1), trial.reason
    wrong = LATE_NOISE.replace("[x", "[k == 91 or x")
    found = noisy.trial("score", wrong, calls, **how)
    assert found.same == "different" and "result" in found.reason, found.reason


def test_an_original_that_is_late_beside_a_variation_is_not_taken_for_it() -> None:
    fine = Outcome("returned", nanoseconds=1000)

    class Quick:
        """A worker in which the original is in time when it is asked once more."""

        request = SimpleNamespace(tolerance=EXACT, typed=False)

        def calls(self, *_: Any) -> list[list[Outcome]]:
            return [[fine]]

        def describe(self, *_: Any) -> str:
            return ""

    comparing = _Comparing(Quick(), Replay(), live=True)  # type: ignore[arg-type]
    late = Outcome("late", nanoseconds=1000)
    with pytest.raises(_LeftOut, match="calls take too long"):
        comparing._judge(("captured", 0), [fine, fine], [late])
    assert comparing._judge_alone(("captured", 0), [fine], [fine]) == (fine, fine)
    with pytest.raises(Mismatch, match="does not return"):
        comparing._judge_alone(("captured", 0), [fine], [late])


@pytest.mark.parametrize(("gain", "most"), [(40, 80), (1, 280)])
def test_where_much_is_gained_the_original_is_timed_beside_few_calls(
    monkeypatch: pytest.MonkeyPatch, gain: int, most: int
) -> None:
    timed: list[str] = []

    class Sides:
        request = SimpleNamespace(margin=0.05, alpha=0.01, content_hash="c")

        def time_all(self, place: str, inputs: Any, order: Any, each_s: float) -> list[list[float]]:
            timed.extend(name for _ in inputs for name in order)
            cost = {"original": 80_000_000.0, "variation": 60_000_000.0 / gain}
            return [[cost[name] * calls for name in order] for _, calls, _ in inputs]

    kept: Any = [(("captured", number), 80_000_000) for number in range(60)]
    found = time_sides(Sides(), kept, time.monotonic() + 60.0)  # type: ignore[arg-type]
    assert found.faster == "faster", found.reason
    assert timed.count("variation") > 185
    assert timed.count("original") < most


def test_memory(bench: Any, make: Any) -> None:
    calls = [make(list(range(3000 + n)), 3, OFFSET=3) for n in range(50)]
    other = instead(bench, "wasteful", WASTEFUL)
    trial = other.trial("score", SAME, calls, objective="memory", near=False)
    assert trial.same == "same", trial.reason
    assert trial.leaner == "leaner", trial.reason
    assert trial.memory is not None
    assert trial.memory.median > 2.0
    assert trial.promotable


def test_no_value_gets_out(
    bench: Any, texts: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    events: list[Any] = []
    wrong = EARLY.replace("list(found)", "sorted(found)")
    for variation in (EARLY, wrong, "def find(text, words):\n    raise ValueError(text)\n"):
        request: TrialRequest = bench.request("find", variation, texts, budget_s=6.0)
        trial = run_trial(request, lambda name, fields: events.append((name, fields)))
        said = repr(trial) + json.dumps(trial.as_json()) + repr(events) + caplog.text
        assert "hunter2" not in said
        assert "correct-horse" not in said
    assert trial.counterexample
    assert {name for name, _ in events} == {"trial started", "trial", "same"}


def test_the_counterexample_is_the_same_each_time(bench: Any, texts: list[bytes]) -> None:
    wrong = EARLY.replace("list(found)", "sorted(found)")
    first, again = (bench.trial("find", wrong, texts) for _ in range(2))
    assert first.counterexample == again.counterexample != ""
    assert (first.captured, first.amplified) == (again.captured, again.amplified)


def test_cancelling(bench: Any, numbers: list[bytes]) -> None:
    cancel = threading.Event()
    request = bench.request("score", "def score(xs, k):\n    while True: pass\n", numbers)
    threading.Timer(0.5, cancel.set).start()
    trial = run_trial(request, cancel=cancel)
    assert (trial.same, trial.reason) == ("inconclusive", "cancelled")


def test_no_worker_is_left_behind(bench: Any, numbers: list[bytes]) -> None:
    bench.trial("score", "def score(xs, k):\n    while True: pass\n", numbers)
    assert not [pid for server in children(os.getpid()) for pid in children(server)]


def children(of: int) -> set[int]:
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == of:
                found.add(int(name))
    return found


def test_a_worker_that_is_killed_is_never_a_pass(
    bench: Any, numbers: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = process.Worker.ask

    def interrupted(worker: Any, message: Any, *rest: Any) -> Any:
        if message["t"] == "time":
            worker._process.kill()
            time.sleep(0.05)
        return ask(worker, message, *rest)

    monkeypatch.setattr(process.Worker, "ask", interrupted)
    trial = bench.trial("score", SAME, numbers)
    assert trial.same == "inconclusive"
    assert "SIGKILL" in trial.reason or "stopped listening" in trial.reason


def test_layers_say_what_is_there() -> None:
    found = {layer.name: layer for layer in layers()}
    assert found["audit hook"].available
    assert found["resource limits"].available
    assert all(layer.available or layer.reason for layer in found.values())


def test_no_agent_starts_in_a_worker() -> None:
    variables = environment(
        {
            "SELFSAME_LINK": "x",
            "PYTHONPATH": f"/a/runtime/agent/bootstrap{os.pathsep}/b",
            "PYTHONHASHSEED": "random",
            "HOME": "/root",
        }
    )
    assert variables == {"PYTHONPATH": "/b", "PYTHONHASHSEED": "0", "HOME": "/root"}


STATEFUL = """
import rates

from rates import SEEN

COUNT = 0


def note(x):
    global COUNT
    COUNT += 1
    if x not in SEEN:
        SEEN[x] = x * x
    return rates.read(x)


def spoil(x):
    rates.Table.rows.append(x)
    return x


def tally(x):
    rates.Table.count += 1
    return x
"""
RATES = """
SEEN = {}


def read(x):
    return SEEN[x]


class Table:
    rows = []
    count = 0
"""


@pytest.fixture
def stateful(bench: Any, tmp_path: Any) -> Any:
    (tmp_path / "rates.py").write_text(RATES)
    return type(bench)(tmp_path, STATEFUL, "stateful")


def _noted() -> list[bytes]:
    return [
        pickle.dumps(
            {
                "args": (n % 40,),
                "globals": {
                    ("rates", "SEEN"): {m: -m for m in range(0, n, 3)},
                    ("stateful", "COUNT"): n,
                },
            }
        )
        for n in range(60)
    ]


NOTES = {
    "same": ("SEEN.setdefault(x, x * x)", "COUNT += 1", ""),
    "forgets": ("pass", "COUNT += 1", "different"),
    "counts otherwise": ("SEEN.setdefault(x, x * x)", "COUNT += 2", "state of the globals"),
    "keeps more": ("SEEN.setdefault(x, x * x); SEEN[x, x] = 1", "COUNT += 1", "state of the globals"),
    "order": ("SEEN[x] = SEEN.pop(x, x * x)", "COUNT += 1", "state of the globals"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NOTES)
def test_what_a_call_does_to_data_of_modules_is_compared(stateful: Any, kind: str) -> None:
    """Under all the names that modules have for it: `note` and `read` see one and the same dict."""
    keep, count, expected = NOTES[kind]
    text = f"def note(x):\n    global COUNT\n    {count}\n    {keep}\n    return rates.read(x)\n"
    trial = stateful.trial("note", text, _noted())
    assert trial.same == ("different" if expected else "same"), trial.reason
    if expected != "different":
        assert expected in trial.reason
    assert trial.captured == 60 or expected


@pytest.mark.parametrize("function", ["spoil", "tally"])
def test_a_call_that_changes_what_a_class_of_another_module_holds_is_refused(
    stateful: Any, make: Any, function: str
) -> None:
    calls = [make(n) for n in range(60)]
    trial = stateful.trial(function, f"def {function}(x):\n    return x\n", calls)
    assert "changes what a class holds" in trial.refused


def test_what_takes_the_original_too_long_is_not_given_to_the_variation() -> None:
    asked: dict[str, list[int]] = {"original": [], "variation": []}

    class Stub:
        request = SimpleNamespace(tolerance=EXACT, typed=False)

        def calls(self, name: str, sides: Any, inputs: Any, how: Any) -> list[list[Outcome]]:
            found = []
            for _, number in inputs:
                asked[name].append(number)
                late = number == 7
                found.append(
                    [Outcome("late" if late else "returned")] * (1 if late else len(sides))
                )
                if late:
                    break
            return found

        def twice(self, which: Any) -> bool:
            return False

    replay = Replay()
    replay_amplified(Stub(), 60, time.monotonic() + 5.0, replay)  # type: ignore[arg-type]
    assert (replay.amplified, replay.left_out) == (60, 1)
    assert set(asked["original"]) == set(range(61))
    assert set(asked["variation"]) == set(range(61)) - {7}
