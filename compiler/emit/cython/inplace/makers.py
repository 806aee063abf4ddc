"""``defaultdict(lambda: [0, 0])``: the lambda is the function's own, handed in with each call; what it gives is made in C."""

import ast
import math

from selfsame.compiler.emit.cython.inplace.heaps import Heaps
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    STR,
    Kind,
    join,
    list_of,
    parse_kind,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint

# What a defaultdict's entries are, by the builtin type that makes them.
FACTORIES = {"list": list_of(BOTTOM), "set": Kind("set", (BOTTOM,)), "int": INT, "float": FLOAT}
FACTORIES |= {"dict": Kind("dict", (BOTTOM, BOTTOM)), "str": STR, "bool": BOOL}
_EMPTY = {"int": '("c", 0)', "float": '("c", 0.0)', "str": '("c", "")', "bool": '("c", False)'}
_EMPTY |= {"list": '("l",)', "dict": '("d",)', "set": '("s",)'}
_REPEATED = (
    ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda,
)  # fmt: skip
Recipe = tuple[str, Kind]


class Makers(Heaps):
    """``made_by_lambda`` gives the dict."""

    def made_by_lambda(self, maker: ast.Lambda) -> Value:
        """A defaultdict whose entries a lambda makes, of literals and empty containers."""
        if any(isinstance(n, ast.arg) for n in ast.walk(maker)):
            raise CannotPrint("makes a defaultdict of a lambda with arguments", maker)
        function = self.known.node
        inside = any(n is maker for n in ast.walk(function))
        again = (
            any(part is maker for part in ast.walk(n))
            for n in ast.walk(function)
            if isinstance(n, _REPEATED) and n is not maker
        )
        if self.known.name != self.program.first or not inside or any(again):
            # Each run of it has a lambda of its own.
            raise CannotPrint("makes defaultdicts of a lambda again and again", maker)
        text, kind = self._recipe(maker.body)
        at = f"{maker.lineno}_{maker.col_offset}"
        self.program.makers[at] = maker, text
        kind = Kind("dict", (BOTTOM, kind), "collections.defaultdict")
        return self.made(kind, f"sf_new_defaultdict(sf_d_{at})")

    def _recipe(self, node: ast.expr) -> Recipe:
        """How C makes what an expression gives. Raises CannotPrint."""
        scalar = constant_value(node)
        if isinstance(scalar, float) and not math.isfinite(scalar):
            scalar = None
        if type(scalar) is int and abs(scalar) >= 1 << 62:
            raise CannotPrint("makes a defaultdict of a number of many bits", node)
        if scalar is not None:
            return f'("c", {scalar!a})', parse_kind(type(scalar).__name__)
        match node:
            case ast.Constant(value=None):
                return '("c", None)', NONE
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                made = [self._recipe(part) for part in parts]
                texts = "".join(f", {text}" for text, _ in made)
                if isinstance(node, ast.Tuple):
                    return f'("t"{texts},)', tuple_of(*(kind for _, kind in made))
                item = BOTTOM
                for _, kind in made:
                    item = join(item, kind)
                return f'("l"{texts},)', list_of(item)
            case ast.Dict(keys=[]):
                return '("d",)', FACTORIES["dict"]
            case ast.Call(keywords=[]):
                return self._called_recipe(node)
        raise CannotPrint("makes a defaultdict of a lambda that computes", node)

    def _called_recipe(self, node: ast.Call) -> Recipe:
        first = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        free = isinstance(first, ast.Name) and not self.own(first.id)
        which = node.func.id if isinstance(node.func, ast.Name) and free else ""
        library = library_name(node.func, self.home.imports) if free else ""
        match which, node.args:
            case _, [] if which in _EMPTY and self.names.builtin(which):
                self.program.used_builtins.add(which)
                return _EMPTY[which], FACTORIES[which]
            case "float", [ast.Constant(value=str(text))] if self.names.builtin(which):
                if text.strip("+-").lower() in ("inf", "infinity") and len(text) < 10:
                    self.program.used_builtins.add(which)
                    return f'("c", float({text!a}))', FLOAT
            case _, [ast.Name(id=made_by)] if library == "collections.defaultdict":
                if made_by in FACTORIES and not self.own(made_by) and self.names.builtin(made_by):
                    self.program.used_builtins.add(made_by)
                    parts = BOTTOM, FACTORIES[made_by]
                    return f'("f", {made_by})', Kind("dict", parts, library)
            case _, [] if library == "collections.Counter":
                return '("n",)', Kind("dict", (BOTTOM, INT), library)
            case _, [] if library == "collections.deque":
                return '("q",)', Kind("deque", (BOTTOM,))
        raise CannotPrint("makes a defaultdict of a lambda that computes", node)
