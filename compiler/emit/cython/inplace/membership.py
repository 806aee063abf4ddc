"""What is in a container, and where: told without code of the user's."""

import ast

from selfsame.compiler.emit.cython.inplace.attributes import Attributes
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    BYTES_LIKE,
    INT,
    NONE,
    NUMBERS,
    STR,
    Kind,
    hashes_plainly,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_SOUGHT = frozenset({"int", "unsigned", "bool", "str", "tuple", "row", "named", "nothing"})


class Membership(Attributes):
    """Looks for values: in C where they are keys, else by comparing one after the other."""

    def compared(self, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> str:
        """A comparison, as a C truth value: the operators' part knows how."""
        raise NotImplementedError

    def unmade(self, node: ast.expr) -> tuple[Value, bool] | None:
        """The dict or list that ``node`` copies, and whether the copy is a list: the calls' half knows how."""
        raise NotImplementedError

    def among_copied(self, node: ast.Compare, left: Value) -> str | None:
        """Whether ``left`` is in what the right side copies, without the copy; None where that copies nothing."""
        (op,), (container,) = node.ops, node.comparators
        if not isinstance(op, ast.In | ast.NotIn) or left.items is not None:
            return None
        if not hashes_plainly(left.kind) or left.kind == BOTTOM:
            return None
        left = self.held(left)
        copied = self.unmade(container)
        if copied is None:
            return None
        held, listed = copied
        if held.kind == BOTTOM:
            return "False"
        if held.kind.name == "dict" and listed:
            # A copy is looked through with ==, which finds what the dict does where all keys are plain.
            found = self.made(BOOL, f"sf_keys_have({held.text}, {self.bare(left)})").text
        else:
            found = self.member(left, held, node)
        return found if isinstance(op, ast.In) else f"(not {found})"

    def member(self, left: Value, right: Value, node: ast.AST) -> str:
        """Whether ``left`` is in ``right``, in C."""
        if right.items is not None:
            left = self.held(left)
            if not right.items:
                return "False"
            if left.kind.name in {"float", "wide"} and not left.kind.none:
                self.decline(f"{left.text} != {left.text}")  # NaN is found by its identity
            found = self.temp("bint")
            self._among(left, right.items, found, node)
            return found
        match right.kind.name:
            case "nothing":
                return "False"
            case "dict":
                return self.made(BOOL, f"sf_dict_has({right.text}, {self.key(left, node)})").text
            case "set" | "frozenset":
                return self.made(BOOL, f"sf_set_has({right.text}, {self.key(left, node)})").text
            case "range":
                return self._in_range(left, right, node)
            case "array" if left.kind.name in NUMBERS and not left.kind.none:
                return self.made(BOOL, f"({self.boxed(left)} in (<object>{right.text}))").text
            case "bytes" | "bytearray" if left.kind.name in BYTES_LIKE | {"int"}:
                return self.made(BOOL, f"({self.boxed(left)} in (<object>{right.text}))").text
            case "str" if left.kind == STR:
                return self.made(BOOL, f"sf_text_in({right.text}, {left.text})").text
            case "list" | "own_list" | "row" | "tuple":
                if left.kind.name == "instance":
                    return f"({self.index_in(left, right, node)} >= 0)"
                self._sought(left, node)
                return self.made(BOOL, f"sf_among({right.text}, {self.bare(left)})").text
        if self.unknown(right) and (hashes_plainly(left.kind) or self.unknown(left)):
            return self.made(BOOL, f"sf_holds({right.text}, {self.bare(left)})").text
        raise CannotPrint(f"looks into {said(right.kind)}", node)

    def _in_range(self, left: Value, right: Value, node: ast.AST) -> str:
        if left.kind == BOTTOM and not self.program.final:
            return "False"
        if left.kind not in (INT, BOOL):
            raise CannotPrint(f"looks for {said(left.kind)} in a range", node)
        held = ", ".join([self.whole(left, node), right.text, *right.flag.split()])
        return self.made(BOOL, f"sf_in_range({held})").text

    def _sought(self, value: Value, node: ast.AST) -> None:
        """Sees to it that what equals the value in a list is told without code of the user's."""
        if value.kind.name in {"float", "wide"} and not value.kind.none:
            self.decline(f"{value.text} != {value.text}")  # NaN is found by its identity
        elif self.unknown(value):
            return  # it is asked when it is there, as all that it is compared with
        elif value.kind.name not in _SOUGHT or value.kind.none:
            raise CannotPrint(f"looks for {said(value.kind)} in a list", node)

    def equal_themselves(self, *kinds: Kind) -> bool:
        """Whether these are instances of classes that do not say what they equal, or None; not all None."""
        classes = [cls for kind in kinds for cls in kind.cls.split("|") if kind.name == "instance"]
        return (
            bool(classes)
            and all(kind.name == "instance" or kind == NONE for kind in kinds)
            and not any(self.program.classes[c].names & {"__eq__", "__ne__"} for c in classes)
        )

    def index_in(self, sought: Value, items: Value, node: ast.AST) -> str:
        """Where in a list the first item stands that equals a value; -1 where none does."""
        if sought.kind.name != "instance":
            self._sought(sought, node)
            return self.made(INT, f"sf_index_of({items.text}, {self.bare(sought)})").text
        if ("|" in sought.kind.cls or sought.kind.none) and self.equal_themselves(sought.kind):
            return self.made(INT, f"sf_self_index_of({items.text}, {sought.text})").text
        facts = self.facts(sought.kind, node)
        if sought.kind.none or facts.names & {"__eq__", "__ne__"}:
            raise CannotPrint(f"looks for {said(sought.kind)} in a list", node)
        which = f"&sf_k_{self.class_of(sought)}"
        self.line(f"sf_own({sought.text}, {which})")
        return self.made(INT, f"sf_own_index_of({items.text}, {sought.text}, {which})").text

    def count_in(self, sought: Value, items: Value, node: ast.AST) -> Value:
        """How many items of a list equal a value."""
        self._sought(sought, node)
        return self.made(INT, f"sf_count_of({items.text}, {self.bare(sought)})")

    def _among(self, left: Value, items: tuple[Value, ...], found: str, node: ast.AST) -> None:
        self.line(f"{found} = {self.compared(ast.Eq(), left, items[0], node)}")
        if len(items) > 1:
            with self.block(f"if not {found}"):
                self._among(left, items[1:], found, node)

    def key(self, value: Value, node: ast.AST) -> str:
        """A key as an object. NaN is found by identity, and so is refused."""
        kind = value.kind
        if value.items is not None:
            kind = tuple_of(*(v.kind for v in value.items))
        if kind.name == "instance" and not kind.none:
            facts = self.facts(kind, node)
            if facts.wrote >= {"__eq__", "__hash__"} and facts.fields:
                value = self.held(value)
                self.line(f"sf_own({value.text}, &sf_k_{self.class_of(value)})")
                self.program.methods |= {(kind.cls, "__eq__"), (kind.cls, "__hash__")}
                self.boxed(value)
                self.decline(f"not sf_fields_are_keys({value.text}, {tuple(facts.fields)!r})")
                return value.text
            if facts.names & {"__eq__", "__hash__"}:
                raise CannotPrint(f"looks for a {kind.cls}, which says itself what it equals", node)
            self.line(f"sf_own({value.text}, &sf_k_{kind.cls})")
        elif kind.name == "member":
            return self.boxed(value)
        elif self.unknown(value) or (kind.none and hashes_plainly(kind.some)):
            return self.plain(value).text
        elif kind.name == "named" and not kind.none:
            value = self.held(value)
            self.decline(f"not sf_named_key({value.text})")
            return value.text
        elif kind == NONE:
            return "None"
        elif kind.some.name in {"float", "wide"}:
            value = self.held(self.some(value))
            self.decline(f"{value.text} != {value.text}")
            return self.boxed(value)
        elif kind.name in {"row", "tuple"} and not hashes_plainly(kind):
            value = self.held(Value(kind, self.bare(value)))
            self.decline(f"not sf_named_key({value.text})")
            return value.text
        elif kind.name == "frozenset" and not kind.none:
            value = self.held(value)
            self.decline(f"not sf_frozen_key({value.text})")
            return value.text
        elif not hashes_plainly(kind):
            raise CannotPrint(f"looks for {said(kind)} in a dict or set", node)
        return self.boxed(value)
