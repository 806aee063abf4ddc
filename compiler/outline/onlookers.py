"""What of a script may look at its frames, its variables or who holds them, other than by their names."""

import ast
import builtins
import re
import sys
from collections.abc import Set

from selfsame.compiler.identity.outlined import PREFIX
from selfsame.compiler.outline.once import inside

SEES_LOCALS = frozenset({"locals", "vars", "dir", "eval", "exec", "super", "breakpoint"})
SEES_FRAMES = frozenset(
    {"inspect", "_getframe", "_getframemodulename", "_current_frames", "_current_exceptions"}
    | {"currentframe", "f_back", "f_locals", "f_lasti", "tb_lasti"}
    | {"co_qualname", "co_firstlineno", "co_varnames"}
    | {"print_stack", "format_stack", "extract_stack", "walk_stack", "getouterframes", "set_trace"}
    | {"settrace", "setprofile", "getrefcount", "get_referrers"}
    | {"dump_traceback", "dump_traceback_later"}
)
COUNTS_CALLS = frozenset({"cProfile", "profile", "trace", "tracemalloc", "coverage", "cgitb"})
"""Modules, in whose reports calls or variables of functions are seen."""
SHOWS = frozenset({"stack_info", "capture_locals", "show_locals", "log_locals"})
"""Keywords of calls that show the stack or variables of it."""


def whole_script(nodes: list[ast.AST], text: str, rebound: Set[str]) -> str:
    """Why nothing of a script is outlined; empty where something may be."""
    if PREFIX in text:
        return f"the script has names that begin with {PREFIX}"
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    for node in nodes:
        line = getattr(node, "lineno", 0)
        for name in _mentioned(node):
            if name in SEES_FRAMES:
                return f"the script may look at its own stack ({name} in line {line})"
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = {a.name for a in node.names} | {getattr(node, "module", None)}
            if "*" in modules:
                return f"names may stand for anything (import * in line {line})"
            if found := modules & COUNTS_CALLS:
                return f"the script may look at its calls ({min(map(str, found))} in line {line})"
        if caller_shown(node, 2):
            return f"the script may look at its own stack (line {line})"
        if _is_other_name(node, called, rebound):
            return f"its variables may be looked at under another name (line {line})"
    return ""


def _mentioned(node: ast.AST) -> list[str]:
    """The names that a node may stand for: also as a text, as ``getattr`` takes it."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [*(a.name for a in node.names), getattr(node, "module", None) or ""]
    if isinstance(node, ast.keyword):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    return [node.attr] if isinstance(node, ast.Attribute) else [getattr(node, "id", "")]


def caller_shown(node: ast.AST, levels: int) -> bool:
    """Whether a call shows the stack, or names code that is more than ``levels`` calls away."""
    if not isinstance(node, ast.Call):
        return False
    named = {k.arg: k.value for k in node.keywords}
    if any(not isinstance(v, ast.Constant) or v.value for k, v in named.items() if k in SHOWS):
        return True
    level = named.get("stacklevel")
    function = node.func
    if getattr(function, "attr", getattr(function, "id", "")) == "warn" and len(node.args) > 2:
        level = node.args[2]
    if level is None:
        return False
    value = level.value if isinstance(level, ast.Constant) else None
    return not isinstance(value, int) or value > levels


def _is_other_name(node: ast.AST, called: set[int], rebound: Set[str]) -> bool:
    """Whether what sees variables is handed on, or called as an attribute of ``builtins``."""
    if isinstance(node, ast.Attribute):
        value = node.value
        return (
            node.attr in SEES_LOCALS
            and isinstance(value, ast.Name)
            and value.id in {"builtins", "__builtins__"}
        )
    return (
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and node.id in SEES_LOCALS - rebound
        and id(node) not in called
    )


def hinted(names: Set[str], variables: Set[str], rebound: Set[str]) -> set[str]:
    """The names that nothing defines, and for which Python would say that a variable was meant.

    It looks at all variables of the frame where an error comes from.
    """
    module = {"__file__", "__builtins__", "__cached__", "__annotations__"}
    return {
        name
        for name in names - variables - rebound - module - set(dir(builtins))
        if any(_alike(name.lower(), variable.lower()) for variable in variables)
    }


def _alike(name: str, other: str) -> bool:
    """Whether about a third of two names, or less, is different; Python asks for somewhat more."""
    from difflib import SequenceMatcher

    both = len(name) + len(other)
    return SequenceMatcher(None, name, other).ratio() >= 0.6 - 1 / both


def counts_references(loop: ast.stmt) -> set[str]:
    """The variables that are arrays maybe, whose ``resize`` fails where others hold them too."""
    return {
        node.func.value.id
        for node in inside([loop])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "resize"
        and isinstance(node.func.value, ast.Name)
    }


def named_in_texts(nodes: list[ast.AST]) -> frozenset[str]:
    """Words in the texts of a script: libraries may look for variables of these names in its frames.

    As ``frame.query("a > @limit")`` does. Nothing of Python's own library does, nor what only prints.
    """
    modules: set[str] = set()
    skipped: set[int] = set()
    texts: list[tuple[int, str]] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            modules.update(a.name.partition(".")[0] for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add("" if node.level else (node.module or "").partition(".")[0])
        elif isinstance(node, ast.JoinedStr | ast.Expr):
            skipped.update(
                map(id, node.values if isinstance(node, ast.JoinedStr) else [node.value])
            )
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "print":
                skipped.update(map(id, node.args))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append((id(node), node.value))
    if modules <= sys.stdlib_module_names:
        return frozenset()
    words = (re.findall(r"\w+", text) for number, text in texts if number not in skipped)
    return frozenset(word for found in words for word in found)
