"""A rewritten function in its file: what is the same keeps its text, and the module its meaning."""

import ast

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.edits import written
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions

SHOP = '''\
"""A shop."""
import os

TAX = {  "de":19 }  # percent


class Cart:
    def total( self, items ):
        # the odd layout stays
        found = [ ]
        for item in items :  # each
            if item.ok:
                found.append( item.price )   # with tax
            else:
                log( "not ok",  item )
        return sum( found )


def drain(queue):
\torder = []
\twhile queue:
\t\torder.append(queue.pop(0))
\treturn order
'''


def change(text: str, address: str, new: str, *imports: tuple[str, str]) -> str:
    source = Source("shop.py", "shop", text)
    definition = next(d for d in definitions(source) if d.address == address)
    (function,) = ast.parse(new).body
    assert isinstance(function, ast.FunctionDef)
    return written(source, definition, function, imports)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [x for x in old if x not in new], [x for x in new if x not in old]


TOTAL = """
def total(self, items):
    found = []
    for item in items:
        if item.ok:
            found.append({price})
        else:
            log("not ok", item)
    return {result}
"""


def test_one_expression_is_all_that_changes() -> None:
    new = TOTAL.format(price="item.price * 2", result="sum(found)")
    gone, come = changed_lines(SHOP, change(SHOP, "shop:Cart.total", new))
    assert gone == ["                found.append( item.price )   # with tax"]
    assert come == ["                found.append( item.price * 2 )   # with tax"]


def test_two_places_and_an_import() -> None:
    new = TOTAL.format(price="deque([item])", result="max(found, key='price')")
    text = change(SHOP, "shop:Cart.total", new, ("collections", "deque"))
    gone, come = changed_lines(SHOP, text)
    assert len(gone) == 2
    assert come[0] == "from collections import deque"
    assert come[1:] == [
        "                found.append( deque([item]) )   # with tax",
        '        return max(found, key="price")',  # quotes as the function has them
    ]
    assert text.index("import os\nfrom collections import deque\n") > 0


def test_statements_come_and_go_with_the_indentation_of_the_file() -> None:
    new = """
def drain(queue):
    order = []
    index = 0
    while queue:
        if index:
            order.append(1)
        order.append(queue.pop(0))
    return order
"""
    text = change(SHOP, "shop:drain", new)
    gone, come = changed_lines(SHOP, text)
    assert gone == []
    assert come == ["\tindex = 0", "\t\tif index:", "\t\t\torder.append(1)"]
    back = change(text, "shop:drain", "def drain(queue):\n" + textwrap_of(SHOP))
    assert back == SHOP


def textwrap_of(text: str) -> str:
    return text.partition("def drain(queue):\n")[2].replace("\t", "    ")


def test_an_import_that_is_there_is_not_made_again() -> None:
    text = SHOP.replace("import os\n", "from collections import deque, Counter\n")
    new = TOTAL.format(price="deque([item])", result="sum(found)")
    assert change(text, "shop:Cart.total", new, ("collections", "deque")).count("import") == 1


def test_a_module_without_imports_gets_one_at_its_top() -> None:
    text = "#!/usr/bin/python\nX = 1\ndef f(a):\n    return [a]\n"
    made = change(text, "shop:f", "def f(a):\n    return deque(a)", ("collections", "deque"))
    assert made == (
        "#!/usr/bin/python\nfrom collections import deque\n\nX = 1\ndef f(a):\n    return deque(a)\n"
    )


def test_characters_beyond_ascii_are_counted() -> None:
    text = 'def f(a):\n    "ä"; b = "öü"; return g("é", a)  # ß\n'
    made = change(text, "shop:f", 'def f(a):\n    "ä"\n    b = "öü"\n    return g("é", [a])')
    assert made == text.replace(", a)", ", [a])")


@pytest.mark.parametrize(
    ("text", "new", "imports", "reason"),
    [
        ("def f(a): return a\n", "def f(a, b): return a", (), "parameters"),
        ("@x\ndef f(a): return a\n", "def f(a): return a", (), "decorators"),
        ("def f(a): b = a; return b\n", "def f(a):\n    b = a\n    x()\n    return b", (), "line"),
        (
            "deque = 1\ndef f(a): return a\n",
            "def f(a): return deque(a)",
            (("collections", "deque"),),
            "something else",
        ),
        (
            "def f(a): return a\ndef len(x): pass\n",
            "def f(a): return len(a)",
            (("builtins", "len"),),
            "something else",
        ),
    ],
)
def test_what_cannot_be_said_cleanly_is_refused(
    text: str, new: str, imports: tuple[tuple[str, str], ...], reason: str
) -> None:
    with pytest.raises(Skipped) as error:
        change(text, "shop:f", new, *imports)
    assert reason in error.value.reason
