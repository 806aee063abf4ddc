from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from selfsame.runtime.agent.functions import functions, kind_of, module_name
from selfsame.runtime.agent.registry import Registry, matches

SOURCE = """
    import functools
    from functools import lru_cache, partial, wraps, cached_property
    from json import dumps  # not ours

    def plain(): return 1
    def gen(): yield 1
    async def co(): return 1
    async def agen(): yield 1
    short = lambda: 1

    @lru_cache
    def cached(): return 1

    def around(f):
        @wraps(f)
        def wrapper(*a): return f(*a)
        return wrapper

    @around
    def decorated(): return 1

    def counter():
        n = 0
        def up():
            nonlocal n
            n += 1
            return n
        return up
    up = counter()
    down = counter()

    class Base:
        def method(self): return 1
        @staticmethod
        def static(): return 1
        @classmethod
        def cls(cls): return 1
        @property
        def prop(self): return 1
        @prop.setter
        def prop(self, value): pass
        @cached_property
        def once(self): return 1
        class Inner:
            def deep(self): return 1

    def _hidden(x, y): return x
    bound = partial(_hidden, 1)
    del _hidden

    def _in_list(): return 1
    table = {"a": [1], "b": _in_list}
    del _in_list

    @functools.singledispatch
    def show(x): return "x"
    @show.register
    def _(x: int): return "int"

    class Trap:
        touched = []
        def __getattr__(self, name):
            Trap.touched.append(name)
            raise AttributeError(name)
        @property
        def __class__(self):
            Trap.touched.append("__class__")
            return object
    trap = Trap()
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    path = tmp_path / "walked.py"
    path.write_text(textwrap.dedent(SOURCE))
    spec = importlib.util.spec_from_file_location("walked", path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["walked"] = made
    spec.loader.exec_module(made)
    yield made
    del sys.modules["walked"]


def test_every_way_to_hold_a_function_is_followed(module: ModuleType) -> None:
    assert module.__file__ is not None
    found = functions(module.__dict__, module.__file__, "walked")
    names = sorted(f.__code__.co_qualname for f in found)
    assert names == sorted(
        [
            *("plain", "gen", "co", "agen", "<lambda>", "cached", "around", "decorated"),
            *("around.<locals>.wrapper", "counter", "counter.<locals>.up", "counter.<locals>.up"),
            *("Base.method", "Base.static", "Base.cls", "Base.prop", "Base.prop", "Base.once"),
            *("Base.Inner.deep", "_hidden", "_in_list", "show", "_"),
            *("Trap.__getattr__", "Trap.__class__"),
        ]
    )
    assert module.Trap.touched == []


def test_kinds(module: ModuleType) -> None:
    kinds = [kind_of(getattr(module, n).__code__) for n in ("plain", "gen", "co", "agen", "short")]
    assert kinds == ["function", "generator", "coroutine", "asyncgen", "lambda"]


def test_closures_share_a_slot_and_later_functions_are_found(
    module: ModuleType, tmp_path: Path
) -> None:
    registry = Registry([])
    registry.watch([str(tmp_path)], [])
    registry.scan(0.0)
    (first,) = registry.news
    assert first["module"] == "walked" and first["file"] == module.__file__
    assert {row[3] for row in first["rows"]} == {
        "function",
        "generator",
        "coroutine",
        "asyncgen",
        "lambda",
    }
    up = module.up.__code__
    slot = registry.slots["walked", "counter.<locals>.up", up.co_firstlineno]
    assert {f for f, _ in slot.live()} == {module.up, module.down}
    registry.news.clear()
    exec(compile("def later(): return 1", module.__file__, "exec"), module.__dict__)
    registry.scan(1.0)
    assert [row[0] for row in registry.news[0]["rows"]] == ["later"]


def test_a_program_that_imports_nothing_more_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent's first look may come before ``__main__`` has its file, and its functions."""
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    registry = Registry([])
    registry.watch([str(tmp_path)], [])
    registry.scan(0.0)
    assert registry.news == []
    main.__file__ = str(tmp_path / "app.py")
    exec(compile("def late(): return 1", main.__file__, "exec"), main.__dict__)
    registry.scan(1.0)
    assert [(m["module"], m["rows"][0][0]) for m in registry.news] == [("app", "late")]


def test_a_function_that_is_gone_is_not_kept_alive(module: ModuleType, tmp_path: Path) -> None:
    registry = Registry([])
    registry.watch([str(tmp_path)], [])
    registry.scan(0.0)
    slot = registry.slots["walked", "plain", module.plain.__code__.co_firstlineno]
    assert len(slot.live()) == 1
    del module.plain
    assert slot.live() == []


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("json", "json", True),
        ("json.decoder", "json", True),
        ("json.decoder", "json.*", True),
        ("jsonx", "json", False),
        ("jsonx", "json*", True),
        ("a.tests.b", "*.tests", True),
        ("a.b", "*.tests", False),
    ],
)
def test_patterns(name: str, pattern: str, expected: bool) -> None:
    assert matches(name, pattern) is expected


def test_only_what_lies_in_the_users_directories(tmp_path: Path) -> None:
    registry = Registry(["wanted"])
    registry.watch([str(tmp_path)], [str(tmp_path / "venv")])
    assert registry.users("a", str(tmp_path / "a.py"))
    assert not registry.users("b", str(tmp_path / "venv" / "b.py"))
    assert not registry.users("c", str(tmp_path) + "-other/c.py")
    assert registry.users("wanted.part", "/usr/lib/wanted/part.py")


def test_links_are_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "elsewhere"
    (inside / "shop").mkdir(parents=True)
    (outside / "venv").mkdir(parents=True)
    (inside / "venv").symlink_to(outside / "venv")
    (outside / "mine").symlink_to(inside / "shop")
    registry = Registry([])
    registry.watch([str(inside)], [])
    assert registry.users("cart", str(inside / "shop" / "cart.py"))
    assert registry.users("cart", str(outside / "mine" / "cart.py"))
    assert not registry.users("six", str(inside / "venv" / "six.py"))


def test_the_main_module_has_the_name_of_its_file() -> None:
    main = ModuleType("__main__")
    assert module_name(main) is None
    main.__file__ = "/x/app.py"
    assert module_name(main) == "app"
    main.__spec__ = importlib.util.spec_from_loader("pkg.__main__", None)
    assert module_name(main) == "pkg.__main__"
    assert module_name(ModuleType("shop.cart")) == "shop.cart"
