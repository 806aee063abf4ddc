from __future__ import annotations

import gc
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest

from selfsame.runtime.agent import backend
from selfsame.runtime.agent.recorder import Counter
from selfsame.runtime.agent.rewrites import constant
from selfsame.runtime.agent.swap import Refused, Slot, check


def function(source: str, name: str = "f") -> FunctionType:
    scope: dict[str, Any] = {}
    exec(source, scope)
    found = scope[name]
    assert isinstance(found, FunctionType)
    return found


def slot_of(*functions: FunctionType) -> Slot:
    slot = Slot(("m", "f", 1), functions[0].__code__)
    for found in functions:
        assert slot.add(found)
    return slot


@pytest.fixture(params=["native", "fallback"])
def back(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "fallback":
        monkeypatch.setattr(backend, "native", None)
    elif backend.native is None:
        pytest.skip("the extensions are not built")
    yield


def test_a_rewrite_goes_in_and_out(back: None) -> None:
    f = function("def f(x): return x + 1")
    plain = f.__code__
    new = function("def f(x): return x + 2").__code__
    slot = slot_of(f)
    slot.rewrite = lambda _: new
    slot.apply()
    assert f(1) == 3
    slot.rewrite = None
    slot.apply()
    assert f.__code__ is plain and f(1) == 2


def test_a_window_is_on_top_of_a_rewrite(back: None) -> None:
    f = function("def f(): return 1")
    slot = slot_of(f)
    two, three = (function(f"def f(): return {n}").__code__ for n in (2, 3))
    slot.rewrite = lambda _: two
    slot.window = lambda _: three
    slot.apply()
    assert f() == 3
    slot.window = None
    slot.apply()
    assert f() == 2


def test_all_closures_of_one_code_are_exchanged(back: None) -> None:
    make = function("def f(n):\n    def g(): return n\n    return g")
    one, two = make(1), make(2)
    other = function("def f(n):\n    def g(): return n * 10\n    return g")(0)
    slot = slot_of(one, two)
    slot.rewrite = lambda _: other.__code__
    slot.apply()
    assert (one(), two()) == (10, 20)
    slot.restore()
    assert (one(), two()) == (1, 2)


def test_anothers_change_is_never_undone(back: None) -> None:
    f = function("def f(): return 1")
    slot = slot_of(f)
    ours = function("def f(): return 2").__code__
    slot.rewrite = lambda _: ours
    slot.apply()
    theirs = function("def f(): return 3").__code__
    f.__code__ = theirs
    assert slot.foreign()
    slot.rewrite = None
    with pytest.raises(Refused, match="stood down: another tool"):
        slot.apply()
    assert f.__code__ is theirs
    slot.restore()
    assert f.__code__ is theirs


def test_one_object_lost_to_another_tool_gives_the_rest_back(back: None) -> None:
    make = function("def f(n):\n    def g(): return n\n    return g")
    one, two = make(1), make(2)
    slot = slot_of(one, two)
    ours = function("def f(n):\n    def g(): return -n\n    return g")(0).__code__
    slot.rewrite = lambda _: ours
    slot.apply()
    two.__code__ = theirs = function("def f(n):\n    def g(): return [n]\n    return g")(0).__code__
    slot.stand_down("another tool changed its code")
    assert one() == 1 and two.__code__ is theirs


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(a, b=1): yield a", "generator"),
        ("async def f(a, b=1): return a", "generator and coroutine"),
        ("def f(a): return a", "parameters"),
        ("def f(a, c=1): return a", "parameters"),
        ("def f(a, *, b=1): return a", "parameters"),
        ("def f(a, b=1, *c): return a", "parameters"),
        ("def f(a, /, b=1): return a", "parameters"),
    ],
)
def test_what_does_not_fit_is_refused(source: str, reason: str) -> None:
    plain = function("def f(a, b=1): return a")
    slot = slot_of(plain)
    other = function(source).__code__
    slot.rewrite = lambda _: other
    with pytest.raises(Refused, match=reason):
        slot.apply()
    assert plain(5) == 5 and plain.__code__ is slot.plain


def test_other_cells_are_refused() -> None:
    closure = function("def f(n, m):\n    def g(): return n\n    return g")(1, 2)
    other = function("def f(n, m):\n    def g(): return m\n    return g")(1, 2)
    with pytest.raises(Refused, match="variables of the enclosing"):
        check(closure.__code__, other.__code__)


def test_swapping_under_threads_gives_no_wrong_result(back: None) -> None:
    f = function("def f(x): return x + 1")
    same = function("def f(x):\n    y = x\n    return y + 1").__code__
    slot = slot_of(f)
    make: Callable[[CodeType], CodeType] = lambda _: same  # noqa: E731
    stop, wrong = threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            wrong.extend(n for n in range(200) if f(n) != n + 1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(5000):
        slot.rewrite = make if number % 2 else None
        slot.apply()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong and not slot.stood_down


@pytest.mark.skipif(backend.native is None, reason="the extensions are not built")
def test_swap_keeps_the_version_that_specialisation_needs() -> None:
    f = function("def f(x): return x")
    plain, new = f.__code__, function("def f(x): return -x").__code__
    gc.collect()
    blocks = sys.getrefcount(plain), sys.getrefcount(new)
    for _ in range(100):
        assert backend.swap(f, plain, new)
        assert not backend.swap(f, plain, new)
        assert f(1) == -1
        assert backend.swap(f, new, plain)
        assert f(1) == 1
    gc.collect()
    assert (sys.getrefcount(plain), sys.getrefcount(new)) == blocks
    with pytest.raises(TypeError):
        backend.native.swap(len, plain, new)


@pytest.mark.skipif(
    backend.native is None or sys.version_info < (3, 13), reason="3.13 with the extensions"
)
def test_on_313_calls_are_specialised_again_after_a_swap() -> None:
    import dis

    f = function("def f(x): return x")
    same = function("def f(x): return x").__code__
    scope: dict[str, Any] = {"f": f}
    exec("def loop():\n    for i in range(500): f(i)", scope)

    def specialised() -> bool:
        scope["loop"].__code__ = scope["loop"].__code__.replace()
        scope["loop"]()
        scope["loop"]()
        names = [i.opname for i in dis.get_instructions(scope["loop"], adaptive=True)]
        return "CALL_PY_EXACT_ARGS" in names

    assert specialised()
    assert backend.swap(f, f.__code__, same)
    assert specialised()


def test_constants_of_rewrites() -> None:
    counter = Counter()
    assert constant("import", "math", "sqrt", "", "", counter) is __import__("math").sqrt
    deopt = constant("deopt", "", "", "", "", counter)
    assert callable(deopt)
    assert deopt() is None and deopt() is None
    assert counter.count == 2
    with pytest.raises(Refused, match="not imported"):
        constant("import", "a_module_that_is_nowhere", "x", "", "", counter)
    with pytest.raises(Refused, match="has no"):
        constant("import", "math", "nothing.like.this", "", "", counter)
    with pytest.raises(Refused, match="not known"):
        constant("other", "", "", "", "", counter)


def test_an_extension_is_loaded_only_with_its_digest(tmp_path: Any) -> None:
    import _struct
    import hashlib
    import shutil

    if not getattr(_struct, "__file__", None):
        pytest.skip("_struct is built in here")
    path = tmp_path / "_struct.so"
    shutil.copy(_struct.__file__, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    row = ("extension", "_struct", "calcsize", str(path))
    found = constant(*row, digest, Counter())
    assert callable(found) and found("=I") == 4
    assert sys.modules["_struct"] is _struct
    changed = tmp_path / "changed.so"
    changed.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(Refused, match="not the file"):
        constant("extension", "_struct", "calcsize", str(changed), digest, Counter())
    with pytest.raises(Refused, match="No such file"):
        constant("extension", "x", "y", str(tmp_path / "none.so"), "", Counter())


def test_tools_are_seen(back: None) -> None:
    if sys.gettrace() or sys.getprofile():
        pytest.skip("a tracer is at work in this test run")
    assert backend.tools() == ""
    sys.settrace(lambda *_: None)
    try:
        if backend.native is not None:
            assert "tracer" in backend.tools()
    finally:
        sys.settrace(None)
    threading.settrace(lambda *_: None)
    try:
        assert "tracer" in backend.tools()
    finally:
        threading.settrace(None)  # type: ignore[arg-type]
    if sys.version_info >= (3, 12):
        sys.monitoring.use_tool_id(3, "a-debugger")
        try:
            assert "a-debugger" in backend.tools()
        finally:
            sys.monitoring.free_tool_id(3)
    assert backend.tools() == ""


def test_warnings_are_as_they_were() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = function("def f(): return 1")
        slot = slot_of(f)
        new = function("def f(): return 2").__code__
        slot.rewrite = lambda _: new
        slot.apply()
        assert f() == 2
