"""One function, with those of its module that it calls, as the text of a compiled module's part."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from selfsame.compiler.emit.cython.depths import Depths
from selfsame.compiler.emit.cython.helpers import DECLARATIONS, HEADER, declarations
from selfsame.compiler.emit.cython.infer import Inference
from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.lower import Lowering, Shape
from selfsame.compiler.emit.cython.module_names import literal_guards
from selfsame.compiler.emit.cython.plain_classes import Flattened
from selfsame.compiler.emit.cython.printer import print_cython
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import must_rename
from selfsame.compiler.emit.cython.types import (
    COMPLEX,
    INT,
    NONE,
    WORD,
    Type,
    c_name,
    family,
    list_of,
    parse_type,
    thawed,
)


@dataclass(frozen=True)
class Unit:
    """``text`` defines ``entry``, which takes the parameters and then ``globals`` by position.

    ``declined``: the first lines of branches in which the original runs. ``relied``: what of other
    modules is in it, and functions that came in as values, with digests. ``lambdas``: the lines of those of the
    module's own that are in it.
    """

    entry: str
    text: str
    used: frozenset[str]
    parameters: dict[str, str]
    globals: tuple[str, ...]
    guards: tuple[str, ...]
    builtins: tuple[str, ...]
    math: tuple[str, ...]
    functions: tuple[str, ...]
    classes: tuple[str, ...]
    arrays: bool
    declined: tuple[int, ...] = ()
    relied: Mapping[str, str] = field(default_factory=dict)
    lambdas: tuple[int, ...] = ()


def print_unit(flat: Flattened, observed: Mapping[str, str], entry: str) -> Unit:
    """Compile ``flat.function`` for the observed types. Raises CannotPrint with reason and place.

    ``observed`` maps every parameter to one type, as ``"int"`` or ``"list[list[float]]"``.
    """
    last: CannotPrint | None = None
    # Lists read in place, flat copies and strings as numbers have different uses: any that will do.
    # What changes its arguments costs a copy back, so a form that does not is tried first.
    for writes in (False, True):
        last = None
        for deep, words in ((False, False), (True, False), (False, True), (True, True)):
            inference = Inference(flat.names, flat.function, writes)
            try:
                return _Printing(inference, flat, observed, entry, deep, words).unit()
            except CannotPrint as refused:
                last = last or refused
    assert last is not None
    raise last


class _Printing:
    def __init__(
        self,
        inference: Inference,
        flat: Flattened,
        observed: Mapping[str, str],
        entry: str,
        deep: bool,
        words: bool,
    ) -> None:
        function = flat.function
        self.flat = flat
        self.words = words
        self.entry = entry
        self.writes = inference.writes
        self.small = inference.entry
        originals = [
            a.arg for a in function.args.posonlyargs + function.args.args + function.args.kwonlyargs
        ]
        self.named = dict(zip(originals, self.small.parameters, strict=True))
        self.fields = {self.named[f.local]: f for f in flat.fields}
        self.observed = {self.named[k]: v for k, v in observed.items() if k in self.named}
        depths = Depths(inference.module).of(self.small)
        kinds = []
        for parameter in self.small.parameters:
            kinds.append(self._parameter(parameter, function, deep, depths))
        if self.writes:
            kinds = self._to_write(kinds)
        tables = {}
        for table, literal in self.small.used_globals.items():
            if not literal:
                self.observed[table] = inference.module.tables[table]
                tables[table] = self._parameter(table, function, deep, depths)
        self.tables = tables
        self.functions = inference.run(tuple(kinds), tables)
        rows = {re.split(r"\[", v)[1] for v in self.observed.values() if v.count("[") > 1}
        if len(rows) > 1:
            raise CannotPrint("takes rows that are lists and rows that are tuples", function)
        for each in self.functions.values():
            each.row_kind = rows.copy().pop() if rows else "list"
        self.row_kind = rows.pop() if rows else "list"

    def _to_write(self, kinds: list[Type]) -> list[Type]:
        """Lists that may be written to: all of them as copies, or all in place.

        A copy would not see what is written to the same list in place.
        """
        copied = any(
            k.kind == "list" and not k.boxed and not self._cell(p)
            for p, k in zip(self.small.parameters, kinds, strict=True)
        )
        made = []
        for parameter, kind in zip(self.small.parameters, kinds, strict=True):
            whole = parse_type(self.observed[parameter])
            if copied and whole is not None and kind.boxed and kind.item != WORD:
                kind = whole
            made.append(thawed(kind))
        return made

    def _cell(self, parameter: str) -> bool:
        """Whether a parameter is an attribute that is stored to, as a list of one item."""
        return parameter in self.fields and self.fields[parameter].cell

    def _parameter(
        self, parameter: str, function: ast.FunctionDef, deep: bool, depths: Mapping[str, int]
    ) -> Type:
        text = self.observed.get(parameter)
        if text is None:
            raise CannotPrint(f"nothing is known of the type of {parameter}", function)
        kind = parse_type(text)
        if kind is None:
            raise CannotPrint(f"{parameter} is {text}, which has no compiled form", function)
        if kind.kind != "list":
            return kind
        if self._cell(parameter):
            if kind.item.kind not in {"int", "float", "bool"}:
                raise CannotPrint(
                    f"stores to {self._shown(parameter)}, which is no number", function
                )
            return kind
        if kind.item.kind == "token":
            if not self.words and (deep or depths.get(parameter, 0) > 1):
                return kind
            return replace(list_of(WORD, frozen=True, boxed=True), fixed=kind.fixed)
        if kind.item.kind == "list" and kind.item.item.kind not in {"int", "float", "bool"}:
            raise CannotPrint(f"{parameter} is {text}, which has no compiled form", function)
        if kind.code:
            return kind
        # A copy costs one pass: worth it only where elements are read many times over.
        passes = 3 if kind.item.kind == "list" else 2
        if deep or depths.get(parameter, 0) >= passes:
            return kind
        return _boxed(kind)

    def unit(self) -> Unit:
        functions = self.functions
        flat = any(
            t.kind == "list" and not t.boxed
            for f in functions.values()
            for t in (*f.variables.values(), *f.types.values())
        )
        flat |= self.writes
        shape = Shape(flat, _recursive(functions))
        prefix = f"{self.entry}_c_"
        lowered: list[ast.stmt] = []
        for number, function in enumerate(functions.values()):
            tables = self.tables if number == 0 else {}
            entry = number == 0 and not shape.recursive
            lowered.append(Lowering(function, shape, prefix, tables, entry).run())
        literals = self._literals()
        clash = set(literals) & {*self.small.parameters, *self.named}
        if clash:
            raise CannotPrint(
                f"calls a function that reads the global {min(clash)}, a parameter here"
            )
        text = print_cython(lowered) + "\n\n" + self._wrapper(shape, prefix, literals)
        used = {n for n in re.findall(r"\bsf_\w+", text) if n in DECLARATIONS}
        return Unit(
            self.entry,
            text,
            frozenset(used),
            {self._shown(v): self._typed(v) for v in self.named.values()} | self.flat.owners,
            (*self.tables, *literals, *self.flat.classes),
            (
                *self._owner_guards(),
                *self.flat.guards,
                *self._guards(literals, False, True),
                *self._guards(literals, True, True),
            ),
            tuple(sorted({b for f in functions.values() for b in f.small.used_builtins})),
            tuple(sorted({m for f in functions.values() for m in f.small.used_math})),
            tuple(n for n in functions if n != self.small.name and n not in self.flat.methods),
            self.flat.used,
            any(text.startswith("array[") for text in self.observed.values()),
        )

    def _literals(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for function in self.functions.values():
            found |= {k: v for k, v in function.small.used_globals.items() if v}
        return dict(sorted(found.items()))

    def _typed(self, parameter: str) -> str:
        kind = self.observed[parameter]
        return kind[5:-1] if self._cell(parameter) else kind

    def _shown(self, parameter: str) -> str:
        """A parameter as the user wrote it: an attribute with its owner."""
        if parameter in self.fields:
            return self.fields[parameter].shown
        return {v: k for k, v in self.named.items()}.get(parameter, parameter)

    def _owner_guards(self) -> list[str]:
        """What the wrapper checks of instances before it reads their attributes."""
        guards = [f"type({p}) is {cls}" for p, cls in self.flat.owners.items()]
        pairs = combinations(self.flat.owners.items(), 2)
        return guards + [f"{a} is not {b}" for (a, one), (b, two) in pairs if one == two]

    def _guards(self, literals: Mapping[str, str], fields: bool, written: bool) -> list[str]:
        """What the wrapper checks: of attributes where ``fields``, else of all else.

        ``written``: with the names that the user wrote.
        """
        guards = []
        for taken in [*self.small.parameters, *self.tables]:
            if (taken in self.fields) is not fields:
                continue
            shown = self._shown(taken) if written else taken
            kind = self.observed[taken]
            kind = kind.removeprefix("list[") if self._cell(taken) else kind
            guards.append(f"type({shown}) is {kind.rstrip(']').partition('[')[0]}")
        if fields:
            return guards
        for literal, value in literals.items():
            guards += literal_guards(literal, ast.literal_eval(value))
        return guards

    def _wrapper(self, shape: Shape, prefix: str, literals: Mapping[str, str]) -> str:
        """The Python-visible function: guards, arguments to C, and every error to a deopt."""
        taken = [*self.small.parameters, *self.tables]
        kinds = dict(
            zip(self.small.parameters, self.functions[self.small.name].parameters, strict=True)
        )
        kinds |= self.tables
        visible = [self.named.get(p, p) for p in self.flat.parameters]
        names = [*visible, *self.tables, *literals, *self.flat.classes]
        outside = {*self.flat.owners, *(f.owner for f in self.flat.fields)}
        clash = set(self.flat.classes) & {*visible, *self.tables, *literals}
        if clash or any(must_rename(p) for p in (*outside, *self.flat.classes)):
            raise CannotPrint("has a parameter that is called like a class", self.flat.function)
        lines = [f"def {self.entry}({', '.join(names)}):"]
        if shape.pool:
            lines.append("    cdef sf_pool pool")
        if any(k.item.kind == "token" for k in kinds.values() if k.kind == "list"):
            lines.append("    cdef dict numbers = {}")
        guards = self._owner_guards() + self._guards(literals, False, False)
        if guards:
            lines += [f"    if not ({' and '.join(guards)}):", "        return DEOPT"]
        if self.fields or self.flat.guards:
            lines.append("    try:")
            if self.flat.guards:
                lines.append(f"        if not ({' and '.join(self.flat.guards)}):")
                lines.append("            return DEOPT")
            for local, field in self.fields.items():
                read = f"{field.owner}.{field.attribute}"
                if field.column:
                    read = f"[sf_one.{field.attribute} for sf_one in {field.owner}]"
                lines.append(f"        {local} = {read}")
            lines += ["    except AttributeError:", "        return DEOPT"]
            guards = self._guards(literals, True, False) or ["True"]
            lines += [f"    if not ({' and '.join(guards)}):", "        return DEOPT"]
        if shape.pool:
            lines.append(f"    sf_open(&pool, {int(self.writes)})")
        lines.append("    try:")
        arguments = ["&pool"] * shape.pool + ["sf_depth()"] * shape.recursive
        arguments += [self._incoming(n, kinds[n]) for n in taken]
        lines.append(f"        result = {prefix}{self.small.name}({', '.join(arguments)})")
        result = self.functions[self.small.name].result
        lines.append("        sf_sound()")
        if result is not None and result.kind == "list":
            lines.append(f"        answer = sf_{family(result)}_box(result)")
        if self.writes:
            lines += ["        sf_commit(&pool)", *self._written_back("        ")]
        lines += ["    except BaseException:", "        if sf_interrupted():"]
        if self.writes:
            # What was written until then is seen, as it is when the original is interrupted.
            lines += ["            sf_commit(&pool)", *self._written_back(" " * 12)]
        if shape.pool:
            lines.append("            sf_close(&pool)")
        lines.append("            raise")
        if self.writes:
            lines.append("        sf_undo(&pool)")
        if shape.pool:
            lines.append("        sf_close(&pool)")
        lines.append("        return DEOPT")
        if shape.pool:
            lines.append("    sf_close(&pool)")
        lines.append(f"    return {_answer(result)}")
        if result is not None:
            lines.insert(1, f"    cdef {c_name(result)} result")
        return "\n".join(lines) + "\n"

    def _written_back(self, indent: str) -> list[str]:
        """What gives the instances of a list the attributes that its columns hold now."""
        lines = []
        for local, held in self.fields.items():
            if held.stored:
                place = f"sf_one.{held.attribute}"
                lines.append(f"{indent}for sf_one, sf_new in zip({held.owner}, {local}):")
                lines.append(f"{indent}    if {place} is not sf_new:")
                lines.append(f"{indent}        {place} = sf_new")
        return lines

    def _incoming(self, parameter: str, kind: Type) -> str:
        if self._cell(parameter):
            field = self.fields[parameter]
            value = f"sf_int_of({parameter})" if kind.item == INT else parameter
            made = f"sf_{family(kind)}_cell_in"
            return f"{made}(&pool, {field.owner}, {field.attribute!r}, {value})"
        match kind.kind:
            case "int":
                return f"sf_int_of({parameter})"
            case "complex":
                return f"sf_complex_in({parameter})"
            case "str" | "bytes":
                return f"sf_text_of({parameter})"
            case "list" if kind.code:
                return f"sf_{family(kind)}_array_in(&pool, {parameter}, {ord(kind.code)})"
            case "list" if kind.boxed:
                return parameter
            case "list" if kind.item.kind == "token":
                return f"sf_tokens_in(&pool, {parameter}, numbers)"
            case "list" if kind.item.kind == "list":
                return f"sf_{family(kind.item)}_rows_in(&pool, {parameter}, {self.row_kind})"
            case "list":
                return f"sf_{c_name(kind).lower()}_in(&pool, {parameter})"
        return parameter


def module_text(units: list[Unit], header: str) -> str:
    """The ``.pyx`` that holds the units. ``header`` says what it is, one comment line each."""
    used = set().union({"sf_interrupted"}, *(u.used for u in units))
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    lines += [
        "# cython: language_level=3, binding=False, cdivision=True, boundscheck=False",
        "# cython: wraparound=False, initializedcheck=False, embedsignature=False",
        "",
        *(["from array import array", ""] if any(u.arrays for u in units) else []),
        f'cdef extern from "{HEADER}":',
        *(f"    {line}" for line in declarations(used)),
        "",
        *(
            f"ctypedef sf_list *{kind}"
            for kind in ("Ints", "Floats", "Bools", "Chars", "Rows", "Objects")
        ),
        "",
        "DEOPT = object()",
    ]
    return "\n".join(lines) + "\n\n\n" + "\n\n".join(u.text for u in units)


def _answer(result: Type | None) -> str:
    """What the wrapper returns, where ``result`` is the type of the C function's."""
    if result == NONE:
        return "None"
    if result == COMPLEX:
        return "sf_complex_box(result)"
    return "answer" if result is not None and result.kind == "list" else "result"


def _boxed(kind: Type) -> Type:
    item = _boxed(kind.item) if kind.item.kind == "list" else kind.item
    return replace(kind, items=(item,), frozen=True, boxed=True)


def _recursive(functions: Mapping[str, Inferred]) -> bool:
    """Whether calls among the functions can come round."""

    def reaches(start: str, seen: set[str]) -> set[str]:
        for callee in functions[start].calls:
            if callee not in seen:
                seen.add(callee)
                reaches(callee, seen)
        return seen

    return any(name in reaches(name, set()) for name in functions)
