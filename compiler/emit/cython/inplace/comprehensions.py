"""Loops within expressions: comprehensions, and what is made of all that something holds."""

import ast
from collections.abc import Callable
from dataclasses import replace

from selfsame.compiler.emit.cython.inplace.generators import Generators, Taker
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOTTOM,
    RANGE,
    SETS,
    Kind,
    item_of,
    join,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.values import END
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_LAZY = frozenset({"enumerate", "map", "range", "reversed", "zip"})
_LENGTHS = frozenset({"__len__", "__length_hint__"})
_Loop = ast.ListComp | ast.GeneratorExp | ast.SetComp


class Comprehensions(Generators):
    """New lists, sets and dicts of what is gone through."""

    def _x_listcomp(self, node: ast.ListComp) -> Value:
        return self._collected(node)

    def _collected(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        made = self.made(list_of(BOTTOM), "[]")
        kind = BOTTOM

        def put(value: Value) -> None:
            nonlocal kind
            kind = join(kind, value.kind)
            self.line(f"sf_list_append(NULL, {made.text}, {self.boxed(value, made)})")

        self._nested(node, put)
        return Value(list_of(kind), made.text, fresh=True)

    def _x_setcomp(self, node: ast.SetComp) -> Value:
        return self._set_of(node)

    def _set_of(self, node: _Loop) -> Value:
        made = self.made(Kind("set", (BOTTOM,)), "set()")
        kind = BOTTOM

        def put(value: Value) -> None:
            nonlocal kind
            kind = join(kind, value.kind)
            if value.kind != BOTTOM:
                self.line(f"sf_member_put(NULL, {made.text}, {self.key(value, node)})")

        self._nested(node, put)
        return Value(Kind("set", (kind,)), made.text, fresh=True)

    def _x_dictcomp(self, node: ast.DictComp) -> Value:
        made = self.made(Kind("dict", (BOTTOM, BOTTOM)), "{}")
        kinds = [BOTTOM, BOTTOM]
        pair = ast.Tuple([node.key, node.value], ast.Load())

        def put(value: Value) -> None:
            assert value.items is not None
            at, new = value.items
            kinds[:] = [join(kinds[0], at.kind), join(kinds[1], new.kind)]
            if BOTTOM not in (at.kind, new.kind):
                key = self.key(at, node)
                self.line(f"sf_entry_put(NULL, {made.text}, {key}, {self.boxed(new, made)})")

        self._nested(ast.copy_location(ast.ListComp(pair, node.generators), node), put)
        return Value(Kind("dict", tuple(kinds)), made.text, fresh=True)

    def _x_generatorexp(self, node: ast.GeneratorExp) -> Value:
        raise CannotPrint("hands on a generator expression", node)

    def _nested(self, node: _Loop, act: Callable[[Value], None], stop: str = "") -> None:
        """The loops of a comprehension, whose targets are names of its own; ``stop`` ends them."""
        self.count += 1
        targets = {
            n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)
        }
        scope = {t: f"sf_{t}_{self.count}" for t in targets}

        def inner(at: int) -> None:
            generator = node.generators[at]
            if generator.is_async:
                raise CannotPrint("has an asynchronous comprehension", node)

            def body() -> None:
                for test in generator.ifs:
                    found = self.truth(test)
                    with self.block(f"if not {found}"):
                        self.next_round()
                if at + 1 < len(node.generators):
                    inner(at + 1)
                else:
                    act(self.expression(node.elt))

            self.loop(generator.iter, Taker(generator.target, body, stop), outside=not at)

        self.scopes.append(scope)
        inner(0)
        self.scopes.pop()

    def _as_table(self, node: ast.expr) -> Value | None:
        """``set(other)`` of a set or dict, whose table says in which order the new one is; else None."""
        value = self._if_kind(node, SETS | {"dict"})
        if value is None:
            return None
        return self.made(Kind("set", value.kind.parts[:1]), f"sf_set_of({value.text})")

    def _if_kind(self, node: ast.expr, names: frozenset[str]) -> Value | None:
        """The value where it is of one of these types; else None, and nothing is written."""
        if isinstance(node, ast.GeneratorExp | ast.ListComp):
            return None
        mark = self.mark()
        try:
            value = self.held(self.some(self.expression(node)))
        except CannotPrint:
            value = Value(BOTTOM, "0")  # a loop over it may have a form
        if value.kind.name in names:
            return value
        self.take_back(mark)
        return None

    def frozen(self, node: ast.Call) -> Value:
        """``frozenset(...)``."""
        if len(node.args) > 1 or node.keywords:
            raise CannotPrint("calls frozenset with other arguments than it takes", node)
        if not node.args:
            return self.made(Kind("frozenset", (BOTTOM,)), "frozenset()")
        (given,) = node.args
        value = self._if_kind(given, SETS | {"dict"}) or self._listed(given)
        if value.kind == BOTTOM:
            return value
        return self.made(Kind("frozenset", value.kind.parts[:1]), f"sf_frozen_of({value.text})")

    def _copied_dict(self, node: ast.Call) -> Value:
        """``dict(other)``, or what pairs give."""
        if len(node.args) != 1:
            raise CannotPrint("makes a dict of several", node)
        (given,) = node.args
        match given:
            case (
                ast.GeneratorExp(elt=ast.Tuple(elts=[key, value]))
                | ast.ListComp(elt=ast.Tuple(elts=[key, value]))
            ) if not any(isinstance(part, ast.Starred) for part in (key, value)):
                made = ast.DictComp(key, value, given.generators)
                return self._x_dictcomp(ast.copy_location(made, given))
            case ast.Call(func=ast.Name(id="zip" | "enumerate")):
                return self._of_pairs(given)
            case ast.GeneratorExp():
                raise CannotPrint("makes a dict of pairs", node)
        mark = self.mark()
        held = self.some(self.expression(given))
        if held.kind.name == "dict":
            return self.made(replace(held.kind, cls=""), f"sf_dict_copy({held.text})")
        if held.kind == BOTTOM and not self.program.final:
            return held
        if held.kind.name in {"list", "row"}:
            self.take_back(mark)
            return self._of_pairs(given)
        raise CannotPrint(f"makes a dict of {said(held.kind)}", node)

    def _of_pairs(self, given: ast.expr) -> Value:
        """``{key: value for key, value in given}``."""
        key, value = (ast.copy_location(ast.Name(n, ast.Load()), given) for n in ("key", "value"))
        stores: list[ast.expr] = [ast.Name(n.id, ast.Store()) for n in (key, value)]
        target = ast.copy_location(ast.Tuple(stores, ast.Store()), given)
        loop = ast.comprehension(target, given, [], 0)
        return self._x_dictcomp(ast.copy_location(ast.DictComp(key, value, [loop]), given))

    def _each(self, node: ast.expr) -> ast.GeneratorExp:
        """``(x for x in node)``; a generator expression as it is."""
        if isinstance(node, ast.GeneratorExp):
            return node
        if isinstance(node, ast.ListComp):
            return ast.copy_location(ast.GeneratorExp(node.elt, node.generators), node)
        item = ast.Name("item", ast.Load())
        loop = ast.comprehension(ast.Name("item", ast.Store()), node, [], 0)
        return ast.copy_location(ast.GeneratorExp(ast.copy_location(item, node), [loop]), node)

    def _listed(self, node: ast.expr) -> Value:
        """A new list of what there is."""
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return self._collected(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._collected(self._each(node))
        source = self._generator(node)
        if source is not None:
            # What makes a list of an instance asks how long it may be, which runs code of the user's.
            if source.name == "__iter__" and _LENGTHS & self.program.classes[source.cls].names:
                raise CannotPrint("makes a list of an instance that has a length", node)
            return self._collected(self._each(node))
        match node:
            case ast.Call(func=ast.Attribute(value=base, attr="keys"), args=[], keywords=[]) if (
                self.kind_of(base).name == "dict"
            ):
                return self._listed(base)
            case ast.Call(func=ast.Attribute(attr="keys" | "values" | "items"), args=[]):
                return self._collected(self._each(node))
        mark = self.mark()
        value = self.all_members(node) or self.held(self.some(self.expression(node)))
        kind = value.kind
        if kind == BOTTOM and not self.program.final:
            return value
        listed = self.as_list(value)
        if listed is not None:
            return listed
        self.take_back(mark)
        return self._collected(self._each(node))

    def as_list(self, value: Value) -> Value | None:
        """A new list of what a container holds; None where there is no such form."""
        kind = value.kind
        text = "" if kind == RANGE else self.bare(value)
        listed = {"list": f"sf_part({text}, 0, {END}, 1)", "dict": f"sf_dict_keys({text})"}
        listed |= dict.fromkeys(SETS, f"sf_set_keys({text})")
        listed |= dict.fromkeys(["iterator", "row", "tuple", "str", "array"], f"list({text})")
        if kind.name not in listed:
            return None
        item = kind.parts[0] if kind.name == "dict" else item_of(kind)
        return self.made(list_of(item), listed[kind.name])

    def given_one_by_one(self, node: ast.expr) -> bool:
        """Whether ``node`` makes its items while they are taken, so that they are put in one by one."""
        match node:
            case ast.GeneratorExp():
                return True
            case ast.Call(func=ast.Name(id=which)):
                return not self.own(which) and (
                    (which in _LAZY and self.names.builtin(which))
                    or self._generator(node) is not None
                )
            case ast.Call(func=ast.Attribute(attr="keys" | "values" | "items"), args=[]):
                return True
        return False
