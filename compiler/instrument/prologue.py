"""What a compiled module runs before and after its own code: two calls that name it to the agent.

In the tree, after the docstring and the ``__future__`` imports, and once more as the last
statement (``finished`` for ``loaded``)::

    try:
        __import__("selfsame.runtime.agent.loaded", None, None, ("loaded",)).loaded("shop/cart.py")
    except ModuleNotFoundError:
        __import__("sys").modules.setdefault("selfsame.runtime.agent.loaded", None)
    except Exception:
        pass

No name is bound in the module. Where selfsame is not installed, the entry in ``sys.modules`` makes
the next attempt fail at once instead of searching the whole path again.
"""

import ast
import copy
from types import CodeType

Position = tuple[int, int, int, int]

# Instructions without a place take that of the one before, or none: no tracer sees them.
NOWHERE: Position = (-1, -1, -1, -1)
HOME = "selfsame.runtime.agent.loaded"


def registered(tree: ast.Module, plain: CodeType, key: str) -> ast.Module:
    """A copy of ``tree`` that registers itself; ``plain`` is its code as it is.

    ``key`` is the module's path below the index, with ``/``. The first call stands where the first
    instruction after it stands, the second nowhere: a tracer sees no new line.
    """
    at = _prologue_index(tree)
    if at == len(tree.body):
        return tree
    new = copy.copy(tree)
    first = _position(tree.body[at], plain)
    new.body = [
        *tree.body[:at],
        _guarded("loaded", key, first),
        *tree.body[at:],
        _guarded("finished", key, NOWHERE),
    ]
    return new


def _prologue_index(tree: ast.Module) -> int:
    """The index of the first statement after the docstring and the ``__future__`` imports."""
    at = int(ast.get_docstring(tree, clean=False) is not None)
    while at < len(tree.body):
        statement = tree.body[at]
        if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
            break
        at += 1
    return at


def _position(statement: ast.stmt, plain: CodeType) -> Position:
    decorators = getattr(statement, "decorator_list", None)
    start = decorators[0].lineno if decorators else statement.lineno
    for line, end_line, column, end_column in plain.co_positions():
        if line is not None and start <= line <= (statement.end_lineno or start):
            if end_line is None or column is None or end_column is None:
                return line, line, -1, -1
            return line, end_line, column, end_column
    return start, start, -1, -1


def _guarded(function: str, key: str, position: Position) -> ast.stmt:
    text = (
        "try:\n"
        f"    __import__({HOME!r}, None, None, ('loaded',)).{function}({key!r})\n"
        "except ModuleNotFoundError:\n"
        f"    __import__('sys').modules.setdefault({HOME!r}, None)\n"
        "except Exception:\n"
        "    pass\n"
    )
    statement = ast.parse(text).body[0]
    assert isinstance(statement, ast.Try)
    for node in ast.walk(statement):
        if "lineno" in node._attributes:
            _move(node, NOWHERE)
    for node in (statement, *(n for s in statement.body for n in ast.walk(s))):
        if "lineno" in node._attributes:
            _move(node, position)
    return statement


def _move(node: ast.AST, position: Position) -> None:
    names = ("lineno", "end_lineno", "col_offset", "end_col_offset")
    for name, value in zip(names, position, strict=True):
        setattr(node, name, value)
