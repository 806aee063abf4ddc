"""Windows and rewrites in running programs, asked for by a tiny engine."""

from __future__ import annotations

import marshal
import pickle
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import pytest

from selfsame.compiler.instrument import twins
from selfsame.runtime.link.control import CONTROL, ORDERS, pack
from selfsame.runtime.link.wire import whole

from .conftest import ANSWERS, Asked

if TYPE_CHECKING:
    from .conftest import Engine, Peer

PROGRAM = """\
import sys, time
RATE = [3]
def price(n, tags=()):
    if n < 0: raise ValueError("negative")
    return n * RATE[0] + len(tags)
def other(n):
    return n
def make(k):
    def add(n):
        return n + k
    return add
one, two = make(1), make(2)
"""


class Program(Asked):
    """A program that evaluates lines, with its agent."""

    def __init__(self, engine: Engine, text: str = PROGRAM, **env: str) -> None:
        self.engine = engine
        self.path = engine.folder / "app.py"
        self.path.write_text(text + ANSWERS)
        self.process = engine.start(
            str(self.path), stdin=subprocess.PIPE, env=engine.environment(**env)
        )
        engine.wait(lambda: engine.messages("functions"))
        self.peer: Peer = next(p for p in engine.peers if p.of("functions"))
        rows = [r for m in self.peer.of("functions") for r in m["rows"]]
        self.keys = {row[0]: ("app", row[0], row[1]) for row in rows}

    def end(self) -> str:
        _, error = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, error
        return error

    def wait(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        self.engine.wait(lambda: len(self.peer.of(kind)) >= count)
        return self.peer.of(kind)

    def until(self, expression: str, expected: str) -> None:
        """Ask until the answer is there: a swap takes a tick."""
        self.engine.wait(lambda: self.ask(expression) == expected)

    def open(self, name: str, kind: str, body: str, arguments: str, **more: Any) -> None:
        code = twin(self.path, name, kind, body, arguments, self.keys[name][2])
        self.put(name, kind, code, **more)

    def put(self, name: str, kind: str, code: CodeType, **more: Any) -> None:
        self.peer.send(
            **{"t": "open", "key": self.keys[name], "kind": kind, "calls": 0, "max_s": 60.0}
            | {"code": marshal.dumps(code), "globals": [], "budget": 65536, "rate": 1}
            | more
        )
        time.sleep(0.15)  # the agent takes it at its next tick


def compiled(path: Path, source: str, name: str, line: int) -> CodeType:
    """The code of a function that stands at ``line`` of a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = compile("\n" * (line - 1) + source, str(path), "exec")
    (code,) = [c for c in module.co_consts if isinstance(c, CodeType)]
    assert code.co_qualname == name
    return code


def twin(path: Path, name: str, kind: str, body: str, arguments: str, line: int) -> CodeType:
    names = ", ".join(part.partition("=")[0] for part in arguments.split(", "))
    opening = (
        f'"\\0selfsame:capture"(({names},))'
        if kind in ("capture", "shape")
        else '"\\0selfsame:enter"()'
    )
    source = f'def {name}({arguments}):\n    {opening}\n    try:\n{body}\n    finally:\n        "\\0selfsame:leave"()\n'
    return compiled(path, source, name, line)


PRICE = (
    "        if n < 0: raise ValueError('negative')\n        return n * RATE[0] + len(tags)",
    "n, tags=()",
)


def orders(folder: Path, generation: int, nodes: dict[str, str | None], off: bool = False) -> None:
    import json

    text = {
        "format": 1,
        "generation": generation,
        "version": "v",
        "nodes": {a: {"rewrite": r, "state": "rolled-out"} for a, r in nodes.items()},
    }
    scratch = folder / "scratch"
    scratch.write_text(json.dumps(text))
    scratch.replace(folder / ORDERS)
    data = pack(generation, off=off)
    if (folder / CONTROL).exists():
        with (folder / CONTROL).open("r+b") as file:
            file.write(data)
    else:
        (folder / CONTROL).write_bytes(data)


def test_a_time_window_closes_itself_after_its_calls(engine: Engine) -> None:
    program = Program(engine)
    program.open("price", "time", *PRICE, calls=3)
    assert [program.ask("price(2)"), program.ask("price(2, 'ab')")] == ["6", "8"]
    assert program.ask("price(-1)") == "ValueError"
    (window,) = program.wait("window")
    assert window["key"] == program.keys["price"] and window["closed"] == "calls"
    assert window["calls"] == 3 and window["errors"] == {"ValueError": 1}
    assert window["total_ns"] >= window["own_ns"] > 0
    assert sum(window["buckets"].values()) == 3
    assert program.ask("'selfsame' in repr(price.__code__.co_consts)") == "False"
    assert program.end() == ""


@pytest.mark.parametrize("extensions", [True, False])
def test_windows_leave_no_garbage_to_the_program(engine: Engine, extensions: bool) -> None:
    if not extensions:
        engine.without_extensions()
    program = Program(engine, "import gc\n" + PROGRAM)
    program.ask("price(1)")
    program.ask("gc.collect() and 0")
    for times in (1, 2, 3):
        program.open("price", "time", *PRICE, calls=2)
        assert [program.ask("price(2)"), program.ask("price(2)")] == ["6", "6"]
        program.wait("window", times)
        program.open("price", "capture", "        return n", "n, tags=()", calls=1)
        assert program.ask("price(1, [7])") == "1"
        program.wait("captured", times)
    time.sleep(0.2)  # the tick that reported has ended
    assert program.ask("gc.collect()") == "0"
    assert program.end() == ""


@pytest.mark.parametrize("extensions", [True, False])
def test_once_enough_have_begun_new_generators_run_the_plain_code(
    engine: Engine, extensions: bool
) -> None:
    if not extensions:
        engine.without_extensions()
    text = "def numbers(n):\n    yield n\n    yield n + 1\nkept = []\n"
    program = Program(engine, PROGRAM + text)
    module = compile(program.path.read_text(), str(program.path), "exec")
    (code,) = [c for c in module.co_consts if getattr(c, "co_name", "") == "numbers"]
    program.put("numbers", "time", twins.twin(code, "time"), calls=2)
    begun = "[kept.append(numbers(n)) or next(kept[-1]) for n in range(4)]"
    assert program.ask(begun) == "[0, 1, 2, 3]"
    probed = "['selfsame' in repr(g.gi_code.co_consts) for g in kept]"
    assert program.ask(probed) == "[True, True, False, False]"
    assert not program.peer.of("window")  # those in progress are waited for
    assert program.ask("[list(g) for g in kept]") == "[[1], [2], [3], [4]]"
    (window,) = program.wait("window")
    assert (window["calls"], window["closed"], window["lost"]) == (2, "calls", 0)
    assert program.end() == ""


def test_the_same_without_the_extensions(engine: Engine) -> None:
    engine.without_extensions()
    test_a_time_window_closes_itself_after_its_calls(engine)
    assert engine.messages("hello")[0]["recorder"] == "python"


def test_a_window_closes_after_its_time_and_at_the_end(engine: Engine) -> None:
    program = Program(engine)
    program.open("price", "time", *PRICE, max_s=0.3)
    assert program.ask("price(2)") == "6"
    (window,) = program.wait("window")
    assert (window["closed"], window["calls"]) == ("time", 1)
    program.open("price", "time", *PRICE)
    program.ask("price(2)")
    program.end()
    assert [w["calls"] for w in program.wait("window", 2)] == [1, 1]


def test_a_window_on_a_closure_is_on_every_object(engine: Engine) -> None:
    program = Program(engine)
    source = program.path.read_text().replace(
        "        return n + k",
        '        "\\0selfsame:enter"()\n        try:\n            return n + k\n'
        '        finally:\n            "\\0selfsame:leave"()',
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = compile(source, str(program.path), "exec")
    (make,) = [c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == "make"]
    (add,) = [c for c in make.co_consts if isinstance(c, CodeType)]
    program.peer.send(
        t="open",
        key=program.keys["make.<locals>.add"],
        kind="time",
        calls=2,
        max_s=60.0,
        code=marshal.dumps(add),
    )
    time.sleep(0.15)
    assert [program.ask("one(1)"), program.ask("two(1)")] == ["2", "3"]
    (window,) = program.wait("window")
    assert (window["calls"], window["closed"]) == (2, "calls")
    program.end()


def test_captured_calls_are_as_before_the_call(engine: Engine) -> None:
    program = Program(engine)
    body = "        tags.append(1)\n        return n"
    code = {"globals": [("app", "RATE"), ("app", "missing")], "calls": 3}
    program.open("price", "capture", body, "n, tags=()", **code)
    assert program.ask("price(1, [7])") == "1"
    assert program.ask("price(1, [lambda: 1])") == "1"
    assert program.ask("price(2, [8])") == "2"
    (message,) = program.wait("captured")
    assert message["seen"] == 3 and message["closed"] == "calls"
    (refused,) = message["refused"].items()
    assert refused == ("a function that is not found under its name, __main__.<lambda>", 1)
    parts = [part for piece in program.wait("piece") for part in piece["data"]]
    payloads = whole(parts, [size for size, _ in message["calls"]])
    values = [pickle.loads(payload) for payload in payloads]
    assert [v["args"] for v in values] == [(1, [7]), (2, [8])]
    assert values[0]["globals"] == {("app", "RATE"): [3]}
    assert all(spent > 0 for _, spent in message["calls"])
    program.end()


def test_what_cannot_be_opened_says_why(engine: Engine) -> None:
    program = Program(engine)
    program.open("price", "time", *PRICE)
    program.open("price", "capture", *PRICE)
    (refused,) = program.wait("captured")
    assert refused["closed"] == "another window is open on it"
    program.open("other", "time", "        return n", "n, m")
    assert program.wait("window")[0]["closed"] == "its parameters would change"
    program.peer.send(
        t="open", key=("app", "nothing", 1), kind="time", calls=1, max_s=1.0, code=b""
    )
    assert program.wait("window", 2)[1]["closed"] == "no such function in this process"
    assert [program.ask("price(1)"), program.ask("other(2)")] == ["3", "2"]
    assert program.end() == ""


@pytest.mark.parametrize(
    ("kind", "told"), [("time", "window"), ("capture", "captured"), ("shape", "shaped")]
)
def test_what_cannot_be_opened_says_as_much_as_what_was(
    engine: Engine, kind: str, told: str
) -> None:
    program = Program(engine)
    probe = "time" if kind == "time" else "capture"
    code = twin(program.path, "price", probe, *PRICE, program.keys["price"][2])
    program.put("price", kind, code, calls=1)
    assert program.ask("price(2)") == "6"
    (opened,) = program.wait(told)
    program.peer.send(t="open", key=("app", "no", 1), kind=kind, calls=1, max_s=1.0, code=b"")
    _, refused = program.wait(told, 2)
    assert set(refused) == set(opened)
    program.end()


def test_a_tracer_keeps_windows_closed(engine: Engine) -> None:
    program = Program(engine)
    program.open("price", "time", *PRICE)
    assert program.ask("sys.settrace(lambda *a: None)") == "None"
    (window,) = program.wait("window")
    assert window["closed"].startswith("stood aside: a tracer")
    program.open("price", "time", *PRICE)
    assert program.wait("window", 2)[1]["closed"].startswith("stood aside: a tracer")
    program.ask("sys.settrace(None)")
    program.open("price", "time", *PRICE, calls=1)
    assert program.ask("price(1)") == "3"
    assert program.wait("window", 3)[2]["closed"] == "calls"
    program.end()


def test_another_tools_code_is_left_alone(engine: Engine) -> None:
    program = Program(engine)
    program.open("price", "time", *PRICE)
    assert (
        program.ask("setattr(price, '__code__', (lambda n, tags=(): 'theirs').__code__)") == "None"
    )
    (window,) = program.wait("window")
    assert window["closed"] == "stood down: another tool changed its code"
    program.open("price", "time", *PRICE)
    assert program.wait("window", 2)[1]["closed"].startswith("stood down")
    assert program.ask("price(1)") == "theirs"
    assert program.end() == ""


def install(program: Program, rewrite: str, source: str, **more: Any) -> None:
    code = compiled(program.path, source, "price", program.keys["price"][2])
    program.peer.send(
        **{"t": "install", "key": program.keys["price"], "address": "app:price"}
        | {"rewrite": rewrite, "code": marshal.dumps(code), "constants": []}
        | more
    )


def test_a_rewrite_comes_and_goes_by_the_orders(engine: Engine) -> None:
    orders(engine.folder, 1, {"app:price": "r1"})
    program = Program(engine)
    install(program, "r1", "def price(n, tags=()):\n    return 'r1'")
    assert program.wait("installed")[0]["ok"] is True
    assert program.ask("price(1)") == "r1"
    orders(engine.folder, 2, {"app:price": None})
    program.until("price(1)", "3")
    (removed,) = program.wait("removed")
    assert removed["address"] == "app:price" and removed["rewrite"] == "r1"
    orders(engine.folder, 3, {"app:price": "r1"})
    program.until("price(1)", "r1")
    orders(engine.folder, 4, {"app:price": "r1"}, off=True)
    program.until("price(1)", "3")
    orders(engine.folder, 5, {"app:price": "r1"})
    program.until("price(1)", "r1")
    install(program, "r2", "def price(n, tags=()):\n    return 'r2'")
    program.until("price(1)", "r2")
    assert program.end() == ""


def test_a_persons_word_is_taken_without_an_engine(engine: Engine) -> None:
    orders(engine.folder, 1, {"app:price": "r1"})
    program = Program(engine)
    install(program, "r1", "def price(n, tags=()):\n    return 'r1'")
    program.until("price(1)", "r1")
    engine.listener.close()
    program.peer.connection.shutdown(2)
    assert program.ask("price(1)") == "r1"
    orders(engine.folder, 2, {}, off=True)
    program.until("price(1)", "3")
    assert program.end() == ""


def test_a_rewrite_with_constants_and_its_window(engine: Engine) -> None:
    program = Program(engine)
    rewrite = (
        "def price(n, tags=()):\n"
        "    if n > 100:\n"
        "        '\\0selfsame:deopt'()\n"
        "        return n * RATE[0] + len(tags)\n"
        "    return '\\0selfsame:sqrt'(n)"
    )
    constants = [
        ("\0selfsame:sqrt", "import", "math", "isqrt", "", ""),
        ("\0selfsame:deopt", "deopt", "", "", "", ""),
    ]
    orders(engine.folder, 1, {"app:price": "r1"})
    install(program, "r1", rewrite, constants=constants)
    program.until("price(9)", "3")
    assert program.ask("price(200)") == "600"
    body = "\n".join("    " + line for line in rewrite.splitlines()[1:])
    program.open("price", "time", *PRICE)
    assert program.wait("window")[0]["closed"] == "it runs the rewrite r1"
    program.open("price", "time", body, "n, tags=()", rewrite="r1", constants=constants, calls=3)
    assert [program.ask(f"price({n})") for n in (9, 200, 16)] == ["3", "600", "4"]
    assert program.wait("window", 2)[1]["calls"] == 3
    (deopts,) = program.wait("deopts")
    assert (deopts["deopts"], deopts["calls"], deopts["rewrite"]) == (1, 3, "r1")
    assert program.ask("price(9)") == "3"
    assert program.end() == ""


@pytest.mark.parametrize(
    ("source", "constants", "reason"),
    [
        ("def price(n): return 1", [], "parameters"),
        ("def price(n, tags=()): yield 1", [], "generator"),
        ("def price(n, tags=()): return '\\0selfsame:x'", [], "without a meaning"),
        (
            "def price(n, tags=()): return '\\0selfsame:x'",
            [("\0selfsame:x", "extension", "m", "f", "/nowhere.so", "")],
            "No such file",
        ),
    ],
)
def test_a_rewrite_that_does_not_fit_is_refused(
    engine: Engine, source: str, constants: list[Any], reason: str
) -> None:
    program = Program(engine)
    install(program, "r1", source, constants=constants)
    (answer,) = program.wait("installed")
    assert answer["ok"] is False and reason in answer["reason"]
    assert program.ask("price(1)") == "3"
    assert program.end() == ""


def test_new_closures_are_rewritten_too(engine: Engine) -> None:
    program = Program(engine)
    source = program.path.read_text().replace("return n + k", "return ['new', n, k]")
    module = compile(source, str(program.path), "exec")
    (make,) = [c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == "make"]
    (add,) = [c for c in make.co_consts if isinstance(c, CodeType)]
    orders(engine.folder, 1, {"app:make.add": "r"})
    program.peer.send(
        t="install",
        key=program.keys["make.<locals>.add"],
        address="app:make.add",
        rewrite="r",
        code=marshal.dumps(add),
        constants=[],
    )
    program.until("one(1)", "['new', 1, 1]")
    program.ask("globals().update(three=make(3))")
    program.until("three(1)", "['new', 1, 3]")
    program.end()


def test_an_error_of_the_agents_restores_and_is_one_line(engine: Engine) -> None:
    orders(engine.folder, 1, {"app:price": "r1"})
    program = Program(engine)
    install(program, "r1", "def price(n, tags=()):\n    return 'r1'")
    program.until("price(1)", "r1")
    program.peer.send(t="open")  # no engine sends this: it has no key
    program.until("price(1)", "3")
    error = program.end()
    assert error.count("\n") == 1
    assert error.startswith("selfsame: stopped in this process, the originals run: KeyError")


def test_a_fork_with_an_open_window(engine: Engine) -> None:
    program = Program(engine, PROGRAM.replace("import sys, time", "import os, sys, time"))
    program.open("price", "time", *PRICE)
    assert program.ask("price(1)") == "3"
    answer = program.ask(
        "(lambda pid: os._exit(price(2)) if not pid else os.waitpid(pid, 0)[1])(os.fork())"
    )
    assert int(answer) >> 8 == 6
    assert program.ask("price(1)") == "3"
    program.end()
    (window,) = program.wait("window")
    assert window["calls"] == 2


def test_quit_stops_the_agent_and_not_the_program(engine: Engine) -> None:
    program = Program(engine)
    program.peer.send(t="quit")
    program.wait("bye")
    assert program.ask("price(1)") == "3"
    assert program.end() == ""


def test_windows_under_load_from_many_threads(engine: Engine) -> None:
    text = PROGRAM + (
        "def run():\n"
        "    import threading\n"
        "    wrong = []\n"
        "    def work():\n"
        "        for n in range(30000):\n"
        "            if price(n) != n * 3: wrong.append(n)\n"
        "    ts = [threading.Thread(target=work) for _ in range(4)]\n"
        "    [t.start() for t in ts]; [t.join() for t in ts]\n"
        "    return wrong\n"
    )
    program = Program(engine, text)
    code = marshal.dumps(twin(program.path, "price", "time", *PRICE, program.keys["price"][2]))

    def again(peer: Peer, message: dict[str, Any]) -> None:
        if message["t"] == "window" and message["closed"] == "calls":
            opened(peer)

    def opened(peer: Peer) -> None:
        peer.send(
            t="open", key=program.keys["price"], kind="time", calls=100, max_s=60.0, code=code
        )

    engine.on = again
    opened(program.peer)
    time.sleep(0.1)
    assert program.ask("run()") == "[]"
    engine.on = lambda peer, message: None
    windows = program.wait("window")
    assert all(w["calls"] >= 100 for w in windows if w["closed"] == "calls")
    assert all(w["lost"] == 0 for w in windows)
    assert program.end() == ""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is of 3.12")
def test_a_monitoring_tool_keeps_windows_closed(engine: Engine) -> None:
    program = Program(engine)
    assert program.ask("sys.monitoring.use_tool_id(1, 'coverage')") == "None"
    program.open("price", "time", *PRICE)
    assert program.wait("window")[0]["closed"] == "stood aside: coverage uses sys.monitoring"
    program.end()
