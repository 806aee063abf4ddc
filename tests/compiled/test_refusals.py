"""What is not compiled, with the reason and the place that a person gets."""

import pytest
from compiled_workbench import sites

from selfsame.variants.compiled.observed_types import one_type
from selfsame.variants.compiled.scalar_function_to_cython import compile_sites
from selfsame.variants.site import Refusal

REFUSED = {
    "stores_attribute": ("def f(a: int):\n    a.x = 1\n", "stores to an attribute", 2),
    "writes_words": ("def f(a: list[str]):\n    a.sort()\n", "not made in this call", 2),
    "other_items": ("def f(a: list[int]):\n    a[0] = 2.5\n", "puts a float into a list of int", 2),
    "changes_within": (
        "def g(a):\n    a.append(1)\n    return len(a)\ndef f(a: list[int]):\n    return len(a) > 3 and g(a) > 2\n",
        "changes a list, within an expression", 5),
    "global_store": ("def f(a: int):\n    global g\n    g = a\n", "a global statement", 2),
    "unknown_global": ("import os\ng = os.getpid()\ndef f(a: int):\n    return a + g\n", "reads g", 4),
    "unknown_call": ("def f(a: int):\n    print(a)\n    return a\n", "calls print", 2),
    "shadowed": ("def len(x): return 1\ndef f(a: str):\n    return len(a, 1)\n", "calls len", 3),
    "shadowed_later": ("def f(a: str):\n    return len(a)\nlen = max\n", "calls len", 2),
    "shadowed_by_global": (
        "def f(a: str):\n    return len(a)\ndef g():\n    global len\n    len = max\n", "calls len", 2),
    "star_import": ("from os import *\ndef f(a: str):\n    return len(a)\n", "calls len", 3),
    "yield": ("def f(a: int):\n    yield a\n", "it is a generator", 1),
    "async": ("async def f(a: int):\n    return a\n", "it is a coroutine", 1),
    "closure": ("def f(a: int):\n    return (lambda: a)()\n", "calls the result of an expression", 2),
    "locals": ("def f(a: int):\n    return len(locals())\n", "own variables by name", 2),
    "stars": ("def f(*a: int):\n    return 1\n", "takes *args or **kwargs", 1),
    "two_types": ("def f(a: int):\n    b = 'x'\n    b = a\n    return b\n", "b is a str in one place and an int in another", 3),
    "slice": ("def f(a: bytes):\n    return len(a[1:])\n", "takes a slice of a bytes", 2),
    "big": ("def f(a: int):\n    return a + 10000000000000000000\n", "more than 64 bits", 2),
    "identity": ("def f(a: int):\n    return a is 1\n", "compares identities", 2),
    "dict": ("def f(a: int):\n    return {a: [1]}\n", "puts a list of int into a dict", 2),
    "float_key": ("def f(a: float):\n    return {a: 1}\n", "looks for a float", 2),
    "changing_loop": (
        "def f(a: int):\n    d = {a: 1}\n    for k in d:\n        d[k + 1] = 2\n    return d\n",
        "changes a dict or set in a loop", 3),
    "in_place": ("def f(a: int):\n    b = [a]\n    b *= 2\n    return b\n", "repeats a list in place", 3),
    "slice_step": ("def f(a: list[int]):\n    a[::2] = []\n", "a slice with a step", 2),
    "sort_key": ("def f(a: list[int]):\n    a.sort(key=abs)\n", "sorts by a key", 2),
    "shared_rows": ("def f(a: int):\n    b = [[0] * a] * a\n    return a\n", "share their elements", 2),
    "no_type": ("def f(a):\n    return a\n", "nothing was seen of the type of a", 1),
    "odd_type": ("def f(a: dict[str, int]):\n    return 1\n", "nothing was seen of the type of a", 1),
    "decorated_recursion": (
        "import functools\n@functools.cache\ndef f(a: int):\n    return f(a - 1) if a else 0\n",
        "through a decorator", 3),
    "mixed_results": (
        "def g(a: int):\n    if a:\n        return a\n    return None\ndef f(a: int):\n    return g(a)\n", "whose results have several types", 6),
    "reserved_global": ("pool = [1, 2]\ndef f(a: int):\n    return pool[a]\n", "reads pool", 3),
    "clashing_global": (
        "n = 5\ndef g(a: int):\n    return a + n\ndef f(n: int):\n    return g(n)\n",
        "reads the global n", 4),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_the_reason_and_the_place(case: str, builder) -> None:
    text, reason, line = REFUSED[case]
    ((result,),) = compile_sites(sites(text, ["f"], {}), builder)
    assert isinstance(result, Refusal), result.source
    assert reason in result.reason
    assert result.place is not None and result.place.path == "sample.py"
    assert line in (0, result.place.line)
    assert result.template == "scalar-function-to-cython"


def test_a_decorated_method_is_refused(builder) -> None:
    text = "class C:\n    @property\n    def m(self):\n        return 1\n"
    ((result,),) = compile_sites(sites(text, ["C.m"], {}), builder)
    assert isinstance(result, Refusal) and "method" in result.reason


@pytest.mark.parametrize(
    ("seen", "type_"),
    [
        ({"int"}, "int"),
        ({"list[]", "list[float]"}, "list[float]"),
        ({"list[list[int]|list[]]"}, "list[list[int]]"),
        ({"list[]", "list[list[int]]"}, "list[list[int]]"),
    ],
)
def test_observations_that_agree(seen: set[str], type_: str) -> None:
    assert one_type("a", seen, None) == type_


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"int", "float"}, "float and int: what is compiled takes one type"),
        ({"list[]"}, "only seen empty"),
        ({"list[int|str]"}, "list\\[int\\] and list\\[str\\]"),
        ({"shop.Cart"}, "no compiled form"),
        ({"set[int]"}, "no compiled form"),
    ],
)
def test_observations_that_do_not(seen: set[str], words: str) -> None:
    from selfsame.compiler.emit.cython import CannotPrint

    with pytest.raises(CannotPrint, match=words):
        one_type("a", seen, None)
