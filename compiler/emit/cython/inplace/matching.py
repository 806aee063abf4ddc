"""Match statements: what a pattern asks of a value, in the order in which Python asks it."""

import ast
from dataclasses import replace

from selfsame.compiler.emit.cython.inplace.endings import always
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    Kind,
    item_of,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.tries import Tries
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_SEQUENCES = frozenset({"list", "row", "tuple"})
_LIST_OR_TUPLE = 16 | 32  # as in sf_is_one

Bindings = list[tuple[str, Value]]


class Matching(Tries):
    """``_s_match`` writes a match statement."""

    def _branch(self, body: list[ast.stmt], other: list[ast.stmt]) -> bool:
        """One branch, and whether nothing goes on behind it: the statements' half knows how."""
        raise NotImplementedError

    def _s_match(self, node: ast.Match) -> None:
        value = self.expression(node.subject)
        if value.items is None or self.program.final:
            value = self.held(value)
        self._cases(node.cases, value)

    def _cases(self, cases: list[ast.match_case], value: Value) -> None:
        first, *rest = cases
        bindings: Bindings = []
        found = self.temp("bint")
        self._fits(first.pattern, value, found, bindings)
        before, after = set(self.bound), list[set[str]]()
        if first.guard is not None:
            with self.block(f"if {found}"):
                self._bind(bindings)
                self.line(f"{found} = {self.truth(first.guard)}")
        with self.block(f"if {found}"):
            self._bind(bindings)
            if not self._branch(first.body, []):
                after.append(set(self.bound))
        if rest:
            with self.block("else"):
                self._cases(rest, value)
                after.append(set(self.bound))
        elif not always(first):
            after.append(before)
        self.bound = before.union(set.intersection(*after)) if after else before

    def _bind(self, bindings: Bindings) -> None:
        for name, value in bindings:
            self.store(name, value)

    def _fits(self, pattern: ast.pattern, value: Value, found: str, bindings: Bindings) -> None:
        """Writes whether a value fits a pattern into the variable ``found``; what it binds is added."""
        match pattern:
            case ast.MatchValue(value=wanted):
                other = self.expression(wanted)
                self.line(f"{found} = {self.compared(ast.Eq(), value, other, pattern)}")
            case ast.MatchSingleton(value=wanted):
                other = self.expression(ast.copy_location(ast.Constant(wanted), pattern))
                self.line(f"{found} = {self.compared(ast.Is(), value, other, pattern)}")
            case ast.MatchAs(pattern=inner, name=name):
                self.line(f"{found} = True")
                if inner is not None:
                    self._fits(inner, value, found, bindings)
                if name is not None:
                    bindings.append((name, value))
            case ast.MatchOr(patterns=ways):
                self._one_fits(ways, value, found)
            case ast.MatchSequence(patterns=parts):
                self._in_order(parts, value, found, bindings, pattern)
            case ast.MatchClass() if value.kind.name == "instance" or value.kind == BOTTOM:
                self._instance(pattern, value, found, bindings)
            case _:
                raise CannotPrint(f"has a {type(pattern).__name__[5:].lower()} pattern", pattern)

    def _one_fits(self, ways: list[ast.pattern], value: Value, found: str) -> None:
        bindings: Bindings = []
        self._fits(ways[0], value, found, bindings)
        if bindings:
            raise CannotPrint("binds a name in one of several patterns", ways[0])
        if len(ways) > 1:
            with self.block(f"if not {found}"):
                self._one_fits(ways[1:], value, found)

    def _beside_none(self, value: Value, found: str) -> Value:
        """The value where it is not None, to be used where ``found`` holds."""
        if not value.kind.none:
            self.line(f"{found} = True")
            return value
        self.line(f"{found} = {value.text} is not None")
        return replace(value, kind=value.kind.some)

    def _in_order(
        self,
        parts: list[ast.pattern],
        value: Value,
        found: str,
        bindings: Bindings,
        node: ast.pattern,
    ) -> None:
        if value.items is not None:
            value = self.held(Value(value.kind, self.boxed(value)))
        if self.unknown(value):
            self.line(f"{found} = sf_is_one({value.text}, {_LIST_OR_TUPLE})")
            value = Value(Kind("row", (ANY,)), value.text)
        else:
            value = self._beside_none(value, found)
        kind = value.kind
        stars = [i for i, part in enumerate(parts) if isinstance(part, ast.MatchStar)]
        if kind.name not in _SEQUENCES:
            if kind.name in {"any", "instance", "named", "deque", "range", "array"}:
                raise CannotPrint(f"takes {said(kind)} for a sequence", node)
            self.line(f"{found} = False")
            return
        if kind.name == "tuple":
            if stars:
                kind = Kind("row", (item_of(kind),))
            elif len(kind.parts) != len(parts):
                self.line(f"{found} = False")
                return
        elif not stars:
            with self.block(f"if {found}"):
                self.line(f"{found} = sf_seq_len({value.text}) == {len(parts)}")
        if not stars:
            stars = [len(parts)]
        else:
            with self.block(f"if {found}"):
                self.line(f"{found} = sf_seq_len({value.text}) >= {len(parts) - 1}")
        (at, *_), item = stars, self._sure(item_of(kind))
        for i, part in enumerate(parts):
            if isinstance(part, ast.MatchAs) and part.pattern is None and part.name is None:
                continue
            with self.block(f"if {found}"):
                if isinstance(part, ast.MatchStar):
                    if part.name is not None:
                        ends = f"{at}, sf_seq_len({value.text}) - {len(parts) - 1 - at}, 1"
                        rest = f"list(sf_part({value.text}, {ends}))"
                        bindings.append((part.name, self.made(list_of(item), rest)))
                    continue
                place = str(i) if i < at else f"sf_seq_len({value.text}) - {len(parts) - i}"
                if kind.name == "tuple":
                    one = self.read(kind.parts[i], "sf_tuple", f"{value.text}, {i}")
                else:
                    one = self.read(item, "sf_seq", f"{value.text}, {place}")
                self._fits(part, one, found, bindings)

    def _instance(
        self, pattern: ast.MatchClass, value: Value, found: str, bindings: Bindings
    ) -> None:
        """``Add(left, right)``: of a class of the user's, by its attributes."""
        wanted = self.class_named(pattern.cls)
        facts = self.program.classes.get(wanted)
        if facts is None or facts.names & {"__match_args__"}:
            raise CannotPrint("has a pattern of a class that is not known", pattern)
        fields = list(facts.fields or ()) if facts.written else []
        if len(pattern.patterns) > len(fields):
            raise CannotPrint("has a pattern with items of a class that says not which", pattern)
        asked = [*zip(fields, pattern.patterns, strict=False)]
        asked += zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
        if value.kind == BOTTOM:
            if self.program.final:
                raise CannotPrint("has a pattern of what was never seen", pattern)
            self.line(f"{found} = False")
            for _, part in asked:
                self._fits(part, value, found, bindings)
            return
        self.line(f"{found} = {self._is_a(value, wanted, pattern).text}")
        classes = [c for c in value.kind.cls.split("|") if wanted in {c, *self._line(c)}]
        if not classes:
            for _, part in asked:
                self._fits(part, Value(BOTTOM, "0"), found, bindings)
            return
        some = Value(Kind("instance", cls="|".join(classes)), value.text, fresh=value.fresh)
        for name, part in asked:
            with self.block(f"if {found}"):
                self._fits(part, self.held(self.get(some, name, pattern)), found, bindings)

    def _line(self, cls: str) -> set[str]:
        return self.above(self.program.classes[cls])
