"""Why a loop stays where it is: a function made of it could be told from it, or would not pay."""

import ast
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from selfsame.compiler.identity.scopes import bound_beside
from selfsame.compiler.outline.assigned import Assigned, opens_files
from selfsame.compiler.outline.once import inside
from selfsame.compiler.outline.onlookers import (
    SEES_LOCALS,
    caller_shown,
    counts_references,
    hinted,
    named_in_texts,
    whole_script,
)
from selfsame.compiler.outline.scope import Try, Uses, locals_of, uses_of
from selfsame.compiler.outline.tries import assigned_by_handlers, kept_error

AT_ONCE = frozenset(
    {"sum", "any", "all", "min", "max", "sorted", "list", "tuple", "set", "frozenset", "dict"}
)
"""Builtins that are done with a generator expression when they return."""
MOST_VARIABLES = 16
MOST_WORK = 20_000
"""Nodes of functions that are gone through, for each loop all of its function's: some 0.1 s."""
ALONE = (
    "no loop is around it, and it is not over a range: a function made of it would be called once"
)
FEW_OF_PARTS = 1_000
FEW_ITERATIONS = 16
"""A loop known to have fewer is left: calling a function would cost more than it could win."""


@dataclass(frozen=True)
class Variables:
    """What the function that a loop becomes takes and gives back.

    ``empty`` are those that may have no value where the loop begins, of which nobody ever reads that:
    the owner begins with None for them. So the object that such a variable has when the loop is done
    lives as long as it does without.
    """

    parameters: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()  # global


class Refused(Exception):
    """The message is the reason that users see."""


class Script:
    """What is asked of a whole script: ``rebound`` are the names that it binds anywhere.

    Of these none is surely a builtin. ``reason`` says why nothing of it is outlined, if nothing is.
    """

    def __init__(self, nodes: list[ast.AST], text: str) -> None:
        self.rebound = _rebound(nodes)
        self.words = named_in_texts(nodes)
        self.reason = whole_script(nodes, text, self.rebound)
        self.work = MOST_WORK


class Owner:
    """What is asked of a function again and again, for each of its loops."""

    def __init__(self, function: ast.FunctionDef, script: Script) -> None:
        self.function = function
        self.names = locals_of(function)
        self.uses = uses_of(function.body)
        self.files = "open" not in script.rebound
        self.surely = Assigned(function, self.names, self.files)
        self.size = 0
        self.reason = ""
        for node in inside(function.body):
            self.size += 1
            if isinstance(node, ast.Name) and node.id in SEES_LOCALS:
                self.reason = f"{node.id} in line {node.lineno} may see its variables"
            elif type(node).__name__ == "TypeAlias":
                self.reason = "a type of the function's own may be looked at later"


def of_module(loop: ast.For | ast.While, script: Script) -> Variables:
    """The variables of a loop at the top level, all of them globals. Raises Refused."""
    few = _few(loop, script.rebound)
    if few:
        raise Refused(few)
    _check(loop, script)
    uses = uses_of([loop])
    if any(isinstance(n, ast.AnnAssign) for n in inside([loop])):
        raise Refused("it annotates a global")
    return Variables(declared=tuple(sorted(uses.stores | uses.gone)))


def of_parts(loop: ast.stmt, owner: Owner, around: Sequence[ast.stmt], script: Script) -> Variables:
    """The variables of a loop over a range, of which some iterations at a time are a call. Raises Refused."""
    if not (isinstance(loop, ast.For) and _is_range(loop.iter, script.rebound)):
        raise Refused(ALONE)
    assert isinstance(loop.iter, ast.Call)
    if len(loop.iter.args) > 2 or any(isinstance(a, ast.Starred) for a in loop.iter.args):
        raise Refused("its range may have steps")
    count = _count(loop, script.rebound)
    if count is not None and count < FEW_OF_PARTS:
        raise Refused(f"it has {count} iterations, too few for several calls")
    if loop.orelse or _leaves(loop.body, ast.Break):
        raise Refused("it is left by break, so that not all of its parts are run")
    return _variables(loop, [loop.target, *loop.body], owner, around, script)


def of_function(
    loop: ast.For | ast.While, owner: Owner, around: Sequence[ast.stmt], script: Script
) -> Variables:
    """The variables of a loop in a function; ``around`` are the statements that it stands in. Raises Refused."""
    few = _few(loop, script.rebound)
    if few:
        raise Refused(few)
    return _variables(loop, [loop], owner, around, script)


def _variables(
    loop: ast.For | ast.While,
    code: Sequence[ast.AST],
    owner: Owner,
    around: Sequence[ast.stmt],
    script: Script,
) -> Variables:
    """Those of the function that ``code``, the loop or what it does with each item, becomes. Raises Refused."""
    _check(loop, script)
    if owner.reason:
        raise Refused(owner.reason)
    script.work -= owner.size
    if script.work < 0:
        raise Refused("the script is too large to look at all of its loops before it starts")
    names, whole, uses = owner.names, owner.uses, uses_of(code)
    read_at_all = {n.id for n in uses.loads}
    read, stored = read_at_all & names, uses.stores & names
    if any(isinstance(n, ast.Global | ast.Nonlocal) for n in inside([loop])):
        raise Refused("it declares a name global or nonlocal")
    _first((read | stored) & whole.gone, "{} is deleted in the function")
    around_it = [] if loop in code else [c for c in ast.iter_child_nodes(loop) if c not in code]
    outside = uses_of([*_pieces(owner.function.body, loop), *around_it])
    _shared(loop, names, whole, uses, outside, script)
    _first(
        counts_references(loop) & names - stored, "how often {} is held may be looked at (resize)"
    )
    _first(hinted(read_at_all, names, script.rebound), "nothing of the script defines {}")
    own = set(map(id, uses.loads))
    for name in owner.surely.unsure:
        if id(name) in own:
            # Read where it has a value from an earlier iteration only, or from nowhere.
            raise Refused(f"{name.id} may have no value in line {name.lineno}")
    begun = owner.surely.at.get(id(loop), frozenset())
    without = Assigned(owner.function, names, owner.files, opaque=loop)
    after = {n.id for n in without.unsure if id(n) not in own}
    _first((stored - begun) & after, "{} may be read behind it and have no value")
    # What the loop was left with by an error is read when it is run again, too, and an error that is
    # held keeps what the loop had, whatever is assigned in the function meanwhile.
    held = stored & ({n.id for n in outside.loads} | outside.captured | read & begun)
    for statement in around:
        if isinstance(statement, Try):
            _first(held, "it is in a try, which may see {} half done")
            let_go = assigned_by_handlers(statement, loop) & (read | stored)
            _first(let_go, "it is in a try, which may let go of {} and have its error")
            if (read | stored) & outside.stores and (error := kept_error(statement)):
                raise Refused(f"it is in a try, which may keep {error} and what the loop then had")
        if isinstance(statement, ast.With) and not (owner.files and opens_files(statement)):
            _first(held, "it is in a with, which may let {} be seen half done")
    kept = {n for n in stored - begun if not _plain_number(n, owner.function, script.rebound)}
    parameters, results = ((read | stored) & begun) | kept, (stored & begun) | kept
    _first(
        script.words & (names - parameters - stored),
        "a text of the script has the word {}, which a library may look for among the variables",
    )
    if len(parameters) > MOST_VARIABLES:
        raise Refused(f"it has more than {MOST_VARIABLES} variables")
    return Variables(
        parameters=tuple(sorted(parameters)),
        results=tuple(sorted(results)),
        empty=tuple(sorted(kept)),
        declared=tuple(sorted(uses.stores & whole.declared)),
    )


def _shared(
    loop: ast.stmt, names: frozenset[str], whole: Uses, uses: Uses, outside: Uses, script: Script
) -> None:
    """Refuse variables that code sees which is defined in the loop or around it, and may run later."""
    _first(uses.captured & names, "what is defined in it keeps {}")
    _first(uses.stores & names & outside.captured, "an inner function shares {} with it")
    read = {n.id for n in uses.loads} & names
    _first(read & outside.rebound_inside, "an inner function assigns to {}")
    lazy = (uses.lazy - _gone_through(loop, script.rebound)) & whole.stores
    _first(names & (lazy | uses.stores & outside.lazy), "a generator expression may read {} later")


def _check(loop: ast.For | ast.While, script: Script) -> None:
    """What is so of every loop. Raises Refused."""
    if script.reason:
        raise Refused(script.reason)
    if _leaves(loop.orelse, ast.Break, ast.Continue):
        raise Refused("its else leaves the loop around it")
    for node in inside([loop]):
        if caller_shown(node, 1):
            raise Refused(
                f"line {getattr(node, 'lineno', loop.lineno)} names the code that called it"
            )
        if isinstance(node, ast.Return):
            raise Refused(f"it returns from the function in line {node.lineno}")
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield | ast.YieldFrom):
            raise Refused("it can be suspended")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            raise Refused(f"it defines {node.name}")
        if isinstance(node, ast.Name) and node.id in SEES_LOCALS:
            raise Refused(f"{node.id} in line {node.lineno} may see its variables")


def _leaves(body: Iterable[ast.AST], *ways: type[ast.stmt]) -> bool:
    """Whether a ``break`` or ``continue`` in some statements belongs to a loop around them."""
    for node in body:
        if isinstance(node, ways):
            return True
        inner = node.orelse if isinstance(node, ast.For | ast.While) else ast.iter_child_nodes(node)
        if not isinstance(node, ast.expr) and _leaves(inner, *ways):
            return True
    return False


def _first(names: Set[str], reason: str) -> None:
    if names:
        raise Refused(reason.format(min(names)))


def _pieces(body: Sequence[ast.AST], loop: ast.stmt) -> Iterator[ast.AST]:
    for node in body:
        if node is loop:
            continue
        if any(n is loop for n in inside([node])):
            yield from _pieces(list(ast.iter_child_nodes(node)), loop)
            if isinstance(node, ast.ExceptHandler) and node.name:
                yield ast.ExceptHandler(None, node.name, [])
        else:
            yield node


def _gone_through(loop: ast.stmt, rebound: frozenset[str]) -> set[str]:
    """Names that only such generator expressions read as a builtin goes through at once."""
    at_once: set[int] = set()
    names: set[str] = set()
    kept: set[str] = set()
    for node in inside([loop]):
        if isinstance(node, ast.Call) and len(node.args) == 1 and _goes_through(node.func, rebound):
            at_once.add(id(node.args[0]))
        elif isinstance(node, ast.GeneratorExp):
            # A call comes before what is inside of it.
            (names if id(node) in at_once else kept).update(uses_of([node]).lazy)
    return names - kept


def _goes_through(function: ast.expr, rebound: frozenset[str]) -> bool:
    if isinstance(function, ast.Attribute):  # "".join
        value = function.value
        return (
            function.attr == "join"
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
        )
    return isinstance(function, ast.Name) and function.id in AT_ONCE - rebound


def _few(loop: ast.For | ast.While, rebound: frozenset[str]) -> str:
    """That a loop has but few iterations, where it says so itself, and nothing long in them."""
    if isinstance(loop, ast.While) or any(
        isinstance(n, ast.For | ast.While) for s in loop.body for n in inside([s])
    ):
        return ""
    count = _count(loop, rebound)
    if count is None or count >= FEW_ITERATIONS:
        return ""
    return f"it has {count} iterations: a call for them would cost more than it could win"


def _count(loop: ast.For, rebound: frozenset[str]) -> int | None:
    """How many iterations a loop says that it has at most; None where it does not say."""
    if isinstance(loop.iter, ast.Tuple | ast.List | ast.Set):
        return len(loop.iter.elts)
    if isinstance(loop.iter, ast.Constant) and isinstance(loop.iter.value, str | bytes):
        return len(loop.iter.value)
    if not _is_range(loop.iter, rebound):
        return None
    assert isinstance(loop.iter, ast.Call)
    values = [a.value for a in loop.iter.args if isinstance(a, ast.Constant)]
    if len(values) < len(loop.iter.args) or not all(isinstance(v, int) for v in values):
        return None
    try:
        return len(range(*values))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _is_range(node: ast.expr, rebound: frozenset[str]) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "range"
        and "range" not in rebound
        and not node.keywords
    )


def _plain_number(name: str, function: ast.FunctionDef, rebound: frozenset[str]) -> bool:
    """Whether all that a function assigns to a name are numbers of a range, lengths, truths or constants.

    When these are let go of is no matter: with the loop, and not with the function.
    """
    light: set[int] = set()
    nodes = list(inside(function.body))
    for node in nodes:
        if isinstance(node, ast.For) and _is_range(node.iter, rebound):
            light.add(id(node.target))
        elif isinstance(node, ast.Assign) and _light(node.value, rebound):
            light.update(map(id, node.targets))
        elif isinstance(node, ast.AugAssign) and _light(node.value, rebound):
            light.add(id(node.target))
    return name not in _otherwise_bound(nodes) and all(
        id(node) in light
        for node in nodes
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    )


def _otherwise_bound(nodes: Sequence[ast.AST]) -> set[str]:
    """The names that statements bind which do not have them as nodes of their own."""
    return {name for node in nodes for name in bound_beside(node)}


def _light(value: ast.expr, rebound: frozenset[str]) -> bool:
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in {"len", "ord", "id", "hash", "bool"} - rebound
    )


def _rebound(nodes: list[ast.AST]) -> frozenset[str]:
    found = _otherwise_bound(nodes)
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return frozenset(found)
