"""Probed twins: for a function, the code object that does the same and is timed or captured.

A twin is compiled in its place in the module, so that cells, mangling and flags are right, and
every instruction of the user's keeps its line and columns. See probes.py for its form.
"""

import ast
import dis
import marshal
from collections.abc import Callable
from types import CodeType

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import (
    all_codes,
    check_exchangeable,
    compile_tree,
    plain_code,
)
from selfsame.compiler.emit.trees import Spot, mapped, spot
from selfsame.compiler.errors import Skipped, UserError
from selfsame.compiler.identity import Definition, definitions
from selfsame.compiler.instrument.exits import transparent
from selfsame.compiler.instrument.lambdas import hoisted
from selfsame.compiler.instrument.probes import (
    CAPTURE,
    ENTER,
    NOWHERE,
    REFUSED,
    Position,
    probe,
    readable,
)

_RESUME = dis.opmap["RESUME"]
_IN_COMPREHENSION = "lambda inside a comprehension: no statement can stand in its scope"

Key = tuple[str, int]  # qualified name, first line


def probed(source: Source, definition: Definition, kind: str, optimize: int = -1) -> bytes:
    """The marshalled twin of one function, for ``kind`` ``"time"`` or ``"capture"``.

    Its constants hold the placeholders of probes.py as callees. Raises Skipped with the reason
    where the function is left alone, UserError where the module does not compile.
    """
    found = _Twins(source, kind, optimize).make([definition])[definition.address]
    if isinstance(found, str):
        raise Skipped(found)
    return marshal.dumps(found)


def probed_module(source: Source, kind: str, optimize: int = -1) -> dict[str, bytes | str]:
    """Address -> marshalled twin, or the reason why there is none; every function of the module.

    One compile for all (a second one where there are lambdas). Raises UserError where the module
    does not compile.
    """
    wanted = [d for d in definitions(source) if d.kind != "class"]
    made = _Twins(source, kind, optimize).make(wanted)
    return {a: t if isinstance(t, str) else marshal.dumps(t) for a, t in made.items()}


def probed_source(source: Source, definition: Definition, kind: str = "time") -> str:
    """The probed function as readable text. Raises Skipped where it is left alone."""
    if definition.address not in {d.address for d in definitions(source)}:
        raise Skipped("its definition is not in this source")
    return readable(definition, kind)


class _Twins:
    """Makes the twins of some functions of one module."""

    def __init__(self, source: Source, kind: str, optimize: int) -> None:
        self.source = source
        self.kind = kind
        self.optimize = optimize
        self.plain = _by_key(plain_code(source, optimize))

    def make(self, wanted: list[Definition]) -> dict[str, CodeType | str]:
        """A twin or a reason for each definition, in their order."""
        reasons = {d.address: self.reason(d) for d in wanted}
        todo = [d for d in wanted if reasons[d.address] is None]
        made: dict[str, CodeType | str] = {}
        for group in (
            [d for d in todo if d.kind != "lambda"],
            [d for d in todo if d.kind == "lambda"],
        ):
            made |= self.together(group)
        return {d.address: reasons[d.address] or made[d.address] for d in wanted}

    def reason(self, definition: Definition) -> str | None:
        if definition.kind in REFUSED:
            return REFUSED[definition.kind]
        codes = self.plain.get((definition.qualname, definition.line), [])
        if not codes:
            return "the compiler drops it: it is in code that never runs"
        if len(codes) > 1:
            return (
                f"line {definition.line} has two definitions with this name, "
                "which cannot be told apart"
            )
        return None

    def together(self, group: list[Definition]) -> dict[str, CodeType | str]:
        """One compile for all; where that fails, halves, until the one to blame is alone."""
        if not group:
            return {}
        try:
            probed = compile_tree(self.tree(group), self.source.path, self.optimize)
        except UserError as error:
            if len(group) == 1:
                return {group[0].address: f"its probe {error.diagnostics[0].message}"}
            half = len(group) // 2
            return self.together(group[:half]) | self.together(group[half:])
        twins = _by_key(probed, CAPTURE if self.kind == "capture" else ENTER)
        return {d.address: self.twin(d, twins.get((d.qualname, d.line), [])) for d in group}

    def tree(self, group: list[Definition]) -> ast.Module:
        first: dict[Spot, Position] = {
            spot(d.node): _first_position(self.plain[d.qualname, d.line][0]) for d in group
        }
        if group[0].kind == "lambda":
            return hoisted(self.source.tree, self.lambda_change(first))

        def change(statement: ast.stmt) -> list[ast.stmt]:
            if isinstance(statement, ast.FunctionDef) and spot(statement) in first:
                return [probe(statement, self.kind, first[spot(statement)])]
            return [statement]

        return mapped(self.source.tree, change)

    def lambda_change(
        self, first: dict[Spot, Position]
    ) -> Callable[[ast.Lambda, ast.FunctionDef], ast.FunctionDef]:
        def change(old: ast.Lambda, function: ast.FunctionDef) -> ast.FunctionDef:
            # One that is not asked for still stands: it is the scope of the lambdas inside it.
            place = first.get(spot(old))
            return function if place is None else probe(function, self.kind, place)

        return change

    def twin(self, definition: Definition, found: list[CodeType]) -> CodeType | str:
        if not found and definition.kind == "lambda":
            return _IN_COMPREHENSION
        if len(found) != 1:
            return "its probe cannot be told apart from another definition on its line"
        plain = self.plain[definition.qualname, definition.line][0]
        try:
            return _finished(plain, found[0])
        except Skipped as skip:
            return skip.reason


def _by_key(module: CodeType, placeholder: str | None = None) -> dict[Key, list[CodeType]]:
    """The code objects below a module's, by key; only those with ``placeholder`` where given."""
    found: dict[Key, list[CodeType]] = {}
    for code in all_codes(module):
        if code is not module and (placeholder is None or placeholder in code.co_consts):
            found.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
    return found


def _first_position(code: CodeType) -> Position:
    """Where the user's first instruction stands: the one after RESUME."""
    positions = list(code.co_positions())
    index = code.co_code[::2].index(_RESUME) + 1
    line, end_line, column, end_column = positions[index] if index < len(positions) else NOWHERE
    if line is None:
        return NOWHERE
    if end_line is None or column is None or end_column is None:
        return line, line, -1, -1
    return line, end_line, column, end_column


def _finished(plain: CodeType, twin: CodeType) -> CodeType:
    """The twin with the plain code's own nested code objects. Raises Skipped where they differ."""
    check_exchangeable(plain, twin)
    for what in ("co_flags", "co_cellvars", "co_varnames", "co_name"):
        if getattr(plain, what) != getattr(twin, what):
            raise Skipped(f"a probe would change its {what}")
    inside = [c for c in plain.co_consts if isinstance(c, CodeType)]
    constants = list(twin.co_consts)
    places = [i for i, c in enumerate(constants) if isinstance(c, CodeType)]
    if len(inside) != len(places):
        raise Skipped("a probe would change the functions inside it")
    for own, place in zip(inside, places, strict=True):
        other = constants[place]
        if (own.co_qualname, own.co_firstlineno) != (other.co_qualname, other.co_firstlineno):
            raise Skipped("a probe would change the order of the functions inside it")
        constants[place] = own
    return transparent(twin.replace(co_consts=tuple(constants)))
