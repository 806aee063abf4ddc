from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from types import CodeType, FunctionType
from typing import Any

from selfsame.runtime.agent.codes import fingerprint, patch, placeholders

SOURCE = textwrap.dedent(
    """
    def f(a, b=2, *c, d, **e):
        "docs"
        x = {1: (2, 3.5, None, ...), "s": b"t"}
        if a in {"p", "q", "r", 7}:
            return [y for y in x if y != a]
        def inner():
            return a, x
        return inner, lambda z: z + 1j
    """
)


def code_of(source: str, name: str = "f") -> CodeType:
    module = compile(source, "file.py", "exec")
    (found,) = [c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == name]
    return found


def test_live_and_fresh_code_are_the_same_also_once_specialised() -> None:
    scope: dict[str, Any] = {}
    exec(
        compile("def f(n):\n    t = 0\n    for i in range(n): t += i\n    return t", "x", "exec"),
        scope,
    )
    for _ in range(50):
        scope["f"](100)
    fresh = code_of("def f(n):\n    t = 0\n    for i in range(n): t += i\n    return t")
    assert fingerprint(scope["f"].__code__) == fingerprint(fresh)


def test_it_does_not_depend_on_the_hash_seed() -> None:
    program = (
        f"from selfsame.runtime.agent.codes import fingerprint\n"
        f"print(fingerprint(compile({SOURCE!r}, 'file.py', 'exec')))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(seen) == 1


def test_what_differs_has_another_fingerprint() -> None:
    changed = [
        SOURCE,
        SOURCE.replace("z + 1j", "z + 2j"),
        SOURCE.replace("3.5", "3.25"),
        SOURCE.replace("return a, x", "return x, a"),
        SOURCE.replace('"r"', '"rr"'),
        SOURCE.replace("b=2, *c", "b=2, c=3, *"),
        SOURCE.replace("y != a", "y == a"),
    ]
    assert len({fingerprint(code_of(text)) for text in changed}) == len(changed)


def test_layout_does_not_matter() -> None:
    assert fingerprint(code_of(SOURCE)) == fingerprint(code_of("# a comment\n\n" + SOURCE))


def test_patch_replaces_at_any_depth_and_leaves_others_alone() -> None:
    code = code_of('def f():\n    a = "one"\n    return lambda: ("two"[0:], "three")')
    assert patch(code, {"nothing": 1}) is code
    function = FunctionType(patch(code, {"two": [9, 8], "three": 3}), {})
    assert function()() == ([9, 8], 3)
    assert placeholders(code_of('def f():\n    return lambda: "\\0selfsame:enter"')) == {
        "\0selfsame:enter"
    }


def test_nested_code_of_a_twin_becomes_the_plain_one() -> None:
    plain = code_of(
        "def f():\n    g = lambda: 1; h = lambda: 2\n    def k(): return g, h\n    return k"
    )
    twin = code_of(
        "def f():\n    g = lambda: 1; h = lambda: 2\n    def k(): return g, h\n    return k"
    )
    inside = [c for c in plain.co_consts if isinstance(c, CodeType)]
    made = [c for c in patch(twin, {}, plain).co_consts if isinstance(c, CodeType)]
    assert len(inside) == 3
    assert all(a is b for a, b in zip(made, inside, strict=True))
