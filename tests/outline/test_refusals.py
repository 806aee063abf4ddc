"""Loops that stay where they are, each with its reason."""

import ast
import sys

import pytest

from selfsame.compiler.outline import outline

MAIN = """
def main(rows):
    total = last = 0
    for row in rows:
        {}
    return total
main([[1]])
"""
STAYS = {
    "for x in row:\n            return x": "it returns from the function in line 6",
    "for x in row:\n            locals()": "locals in line 6 may see its variables",
    "for x in row: pass\n        exec('')": "exec in line 6 may see its variables",
    "for x in row: total += y\n        y = 1": "y may have no value in line 5",
    "for x in row: y = x\n    print(y)": "y may be read behind it and have no value",
    "for x in row: total += x\n        del x": "x is deleted in the function",
    "for x in row: call = lambda: total": "what is defined in it keeps total",
    "for x in row: last = x\n    get = lambda: last": "an inner function shares last with it",
    "for x in row: keep(x * y for y in row)": "a generator expression may read x later",
    "try:\n            for x in row: total += 1 // x\n        except ValueError: print(total)": (
        "it is in a try, which may see total half done"
    ),
    "with suppress(ValueError):\n            for x in row: total += 1": (
        "it is in a with, which may let total be seen half done"
    ),
    "try:\n            for x in row: last = last + 1 // x\n        except ValueError: pass": (
        "it is in a try, which may see last half done"
    ),
    "try:\n            for x in row: tell(total)\n        except ValueError: total = 1": (
        "it is in a try, which may let go of total and have its error"
    ),
    "try:\n            for x in row: 1 // x\n        except ValueError as e: keep(e)": (
        "it is in a try, which may keep e and what the loop then had"
    ),
    "for x in row: pass\n        else: break": "its else leaves the loop around it",
    "for x in row:\n            def f(): pass": "it defines f",
    "for x in row: global z; z = x": "it declares a name global or nonlocal",
    "for x in range(15): total += x": "it has 15 iterations: a call for them would cost more",
    "for x in (1, 2): total += x": "it has 2 iterations: a call for them would cost more",
    "for x in row: sys._getframe()": "the script may look at its own stack (_getframe in line 5)",
    "for x in row: pass\n        import inspect": "the script may look at its own stack (inspect in",
    "for x in row: x\n    getattr(sys, '_getframe')()": "the script may look at its own stack (_getframe",
    "for x in row: x\n    signal(2, lambda n, f: f.f_code.co_qualname)": (
        "the script may look at its own stack (co_qualname in line 6)"
    ),
    "for x in row: x\n    import cProfile": "the script may look at its calls (cProfile in line 6)",
    "for x in row: log.info(x, stack_info=True)": "the script may look at its own stack (line 5)",
    "for x in row: warn(x, stacklevel=2)": "line 5 names the code that called it",
    "for x in row: x\n    def f(): warn(1, UserWarning, 3)": (
        "the script may look at its own stack (line 6)"
    ),
    "for x in row: builtins.eval('x')": "its variables may be looked at under another name (line 5)",
    "for x in row: x\n    look = eval": "its variables may be looked at under another name (line 6)",
    "for x in row: tota": "nothing of the script defines tota",
    "for x in row: rows.resize(x)": "how often rows is held may be looked at (resize)",
    "for x in row: sum(x * y for y in row)\n    match rows:\n        case sum: pass": (
        "a generator expression may read x later"
    ),
    "for x in row: selfsame_loop_0 = 1": "the script has names that begin with selfsame_loop_",
    "for x in row: x.query('x > @last')\n    import pandas": (
        "a text of the script has the word last, which a library may look for among the variables"
    ),
}


@pytest.mark.parametrize("inside", STAYS)
def test_a_loop_stays_with_a_reason(inside: str) -> None:
    text = MAIN.format(inside)
    found = outline(ast.parse(text), text)
    assert not found.loops
    assert any(left.reason.startswith(STAYS[inside]) for left in found.left), found.left


ONCE = {
    "main()": True,
    "if __name__ == '__main__':\n    raise SystemExit(main())": True,
    "def first(): main()\nfirst()": True,
    "for k in range(3): main()": False,
    "call(main)": False,
    "main()\nmain = 3": False,
    "def first(): main()": False,
    "def first(): main()\nfirst()\nfor k in [1]: first()": False,
}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="functions have no types of their own")
def test_functions_with_types_of_their_own_stay() -> None:
    text = "def main[T](a: T):\n    for row in a:\n        for x in row: tell(T)\nmain([[1]])\n"
    assert not outline(ast.parse(text), text).loops


@pytest.mark.parametrize("called", ONCE)
def test_functions_that_run_once_are_those_that_nothing_calls_again(called: str) -> None:
    text = f"def main():\n    for row in [[1]]:\n        for x in row: tell(x)\n{called}\n"
    found = outline(ast.parse(text), text)
    assert [loop.function.name for loop in found.loops] == ["selfsame_loop_1_of_main"] * ONCE[
        called
    ]


PARTS = {
    "for k in range(n): tell(k)": "",
    "for k in range(3, n):\n        if k: continue": "",
    "for k in range(0, n, 2): tell(k)": "its range may have steps",
    "for k in range(900): tell(k)": "it has 900 iterations, too few for several calls",
    "for k in range(n):\n        if k: break": "it is left by break, so that not all of its parts are run",
    "for k in n: tell(k)": "no loop is around it, and it is not over a range",
    "while n: tell(n)": "no loop is around it, and it is not over a range",
}


@pytest.mark.parametrize("loop", PARTS)
def test_a_loop_over_a_range_is_run_in_parts(loop: str) -> None:
    text = f"def main(n):\n    {loop}\nmain(3)\n"
    found = outline(ast.parse(text), text)
    assert [taken.parts for taken in found.loops] == [True] * (not PARTS[loop])
    assert all(left.reason.startswith(PARTS[loop]) for left in found.left)


def test_a_function_whose_name_a_case_or_an_error_takes_does_not_run_once() -> None:
    text = "def main():\n    for r in range(40):\n        for x in range(100):\n            r += x\nmain()\n"
    again = (
        "match 1:\n    case main:\n        pass\n",
        "try:\n    1\nexcept ValueError as main:\n    1\n",
    )
    assert outline(ast.parse(text), text).owners == ["main"]
    for more in again:
        assert outline(ast.parse(text + more), text + more).owners == []
