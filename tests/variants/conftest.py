"""A workbench: a source text, a template, and both functions as Python runs them."""

import importlib
import marshal
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent import memo
from selfsame.variants.catalogue import templates
from selfsame.variants.site import AnyTemplate, Observed, Refusal, Site
from selfsame.variants.variation import Variation


def patched(code: types.CodeType, values: Mapping[str, object]) -> types.CodeType:
    """The code with its placeholders replaced, at any depth."""
    constants = []
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            constant = patched(constant, values)
        elif isinstance(constant, str) and constant in values:
            constant = values[constant]
        assert not (isinstance(constant, str) and constant.startswith("\0selfsame"))
        constants.append(constant)
    return code.replace(co_consts=tuple(constants))


@dataclass
class Outcome:
    """What a call did: its result or exception, its arguments afterwards, the exception's lines."""

    result: object
    error: object
    arguments: object
    lines: tuple[tuple[str, int], ...]

    def same(self, other: "Outcome") -> bool:
        return describe(self.result) == describe(other.result) and (
            self.error == other.error and describe(self.arguments) == describe(other.arguments)
        )


def describe(value: object) -> object:
    """A value with its types, so that 1, 1.0 and True differ and NaN is itself."""
    if isinstance(value, list | tuple):
        return type(value).__name__, [describe(v) for v in value]
    if isinstance(value, set | frozenset):
        return type(value).__name__, sorted(map(repr, value))
    if isinstance(value, dict):
        return "dict", [(describe(k), describe(v)) for k, v in value.items()]
    return type(value).__name__, repr(value)


class Pair:
    """The original of a module's function and its variation, in modules of their own."""

    def __init__(self, text: str, variation: Variation, line: int) -> None:
        self.variation = variation
        self.deopts = 0
        self.memory = memo.Memory(0)
        self.original = self._function(text, None, variation.address, line)
        self.rewritten = self._function(text, variation, variation.address, line)

    def _deopt(self) -> None:
        self.deopts += 1

    def _function(
        self, text: str, variation: Variation | None, address: str, line: int
    ) -> Callable[..., Any]:
        module = types.ModuleType("sample")
        sys.modules["sample"] = module
        exec(compile(text, "sample.py", "exec"), module.__dict__)
        value: Any = module
        for part in address.partition(":")[2].split("."):
            value = getattr(value, part)
        if variation is None:
            return value  # type: ignore[no-any-return]
        values: dict[str, object] = {}
        for constant in variation.constants:
            if constant.kind == "deopt":
                values[constant.placeholder] = self._deopt
            elif constant.kind == "memory":
                self.memory = memo.memory(str(id(self)), constant.digest, int(constant.module))
                values[constant.placeholder] = getattr(self.memory, constant.attribute)
            else:
                found = importlib.import_module(constant.module)
                values[constant.placeholder] = getattr(found, constant.attribute)
        function = value
        function.__code__ = patched(marshal.loads(variation.code), values)
        assert function.__code__.co_firstlineno == line
        return function  # type: ignore[no-any-return]

    def run(self, function: Callable[..., Any], make: Callable[[], tuple[Any, ...]]) -> Outcome:
        arguments = make()
        try:
            return Outcome(function(*arguments), None, arguments, ())
        except Exception as error:
            lines = []
            trace = error.__traceback__
            while trace is not None:
                name = trace.tb_frame.f_code.co_name
                lines.append((name, trace.tb_lineno))
                trace = trace.tb_next
            return Outcome(None, (type(error), describe(error.args)), arguments, tuple(lines[1:]))

    def check(self, make: Callable[[], tuple[Any, ...]]) -> Outcome:
        """Both on fresh arguments: same result, exception, place of it, and arguments after."""
        first = self.run(self.original, make)
        second = self.run(self.rewritten, make)
        assert first.same(second), (first, second, self.variation.source)
        assert first.lines == second.lines, (first, second)
        return second


class Bench:
    """Makes pairs and refusals of a template."""

    def results(
        self,
        template: str,
        text: str,
        name: str = "",
        observed: Observed | None = None,
        others: Mapping[str, str] | None = None,
        **wishes: Any,
    ) -> list[Variation | Refusal]:
        """``others``: the texts of other modules of the program, by name."""
        source = Source("sample.py", "sample", text)
        facts: ModuleFacts | None = None
        if others:
            known = {name: Source(f"{name}.py", name, t) for name, t in others.items()}
            facts = ModuleFacts.of(source, known.get)
        found = definitions(source)
        chosen = [d for d in found if not name or d.address == f"sample:{name}"][-1]
        (rule,) = [t for t in templates() if t.name == template]
        site = Site(source, chosen, facts, observed or Observed(), AnyTemplate(**wishes))
        self.line = chosen.line
        return rule.variations(site)

    def pair(
        self,
        template: str,
        text: str,
        name: str = "",
        observed: Observed | None = None,
        others: Mapping[str, str] | None = None,
        **wishes: Any,
    ) -> Pair:
        results = self.results(template, text, name, observed, others, **wishes)
        variations = [r for r in results if isinstance(r, Variation)]
        assert len(variations) == 1, results
        return Pair(text, variations[0], self.line)

    def refused(self, template: str, text: str, name: str = "", **wishes: Any) -> Refusal:
        (result,) = self.results(template, text, name, **wishes)
        assert isinstance(result, Refusal), result.source
        return result


@pytest.fixture
def bench() -> Bench:
    return Bench()


class Odd:
    """Equal to an int or text, with a hash that does not agree."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return other == self.value

    def __hash__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return f"Odd({self.value!r})"


class Unhashable(Odd):
    """Has ``==`` and no hash."""

    __hash__ = None  # type: ignore[assignment]


class Raising(Odd):
    """Raises when it is compared."""

    def __eq__(self, other: object) -> bool:
        raise KeyError("compared")

    __hash__ = Odd.__hash__


class Text(str):
    """A text whose ``==`` is its own."""

    def __eq__(self, other: object) -> bool:
        return str(self).lower() == str(other).lower()

    __hash__ = str.__hash__


class Meta(type):
    """Classes that compare and cannot be hashed."""

    def __eq__(cls, other: object) -> bool:
        raise RuntimeError("a class was compared")

    __hash__ = None  # type: ignore[assignment]


class Strange(metaclass=Meta):
    """An instance of a class that must not be hashed or compared."""

    def __repr__(self) -> str:
        return "Strange()"


def pool() -> list[object]:
    """Fresh values of every sort; the same index is the same object within one pool."""
    nan = float("nan")
    return [
        *(0, 1, 2, 3, -1, 1 << 70, True, False, None),
        *(0.0, -0.0, 1.0, 2.5, nan, float("nan"), float("inf"), 1 + 0j),
        *("", "a", "b", "A", "ab", "1", b"a", b""),
        *((), (1, 2), (1.0, 2), ("a", (nan, None)), (nan,), (1, [2])),
        *([], [1], {1}, frozenset({1}), {"a": 1}, bytearray(b"a"), range(3)),
        *(Odd(1), Odd("a"), Unhashable(2), Raising(3), Text("a"), Text("B"), Strange()),
        *(int, str, ..., object),
    ]


PLAIN = 25  # how many of the pool come first and are plain


@pytest.fixture
def values() -> Callable[[list[int]], list[object]]:
    """Values from a fresh pool by index; call it once for all arguments of a run."""

    def chosen(indices: list[int]) -> list[object]:
        fresh = pool()
        return [fresh[i % len(fresh)] for i in indices]

    return chosen
