"""Functions of a source text, beside the same functions with their compiled code put in."""

import importlib.util
import marshal
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.scalar_function_to_cython import compile_sites
from selfsame.variants.site import Observed, Refusal, Site
from selfsame.variants.variation import Variation


def sites(text: str, names: Iterable[str], seen: Mapping[str, Mapping[str, str]]) -> list[Site]:
    """One site for each function of a text; ``seen``: function -> parameter -> type."""
    source = Source("sample.py", "sample", text)
    found = {d.address.partition(":")[2]: d for d in definitions(source)}
    return [
        Site(
            source,
            found[name],
            None,
            Observed(types={k: frozenset(v.split(";")) for k, v in seen.get(name, {}).items()}),
        )
        for name in names
    ]


def load(path: str, module: str) -> types.ModuleType:
    """The extension module at a path."""
    if module in sys.modules:
        return sys.modules[module]
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    sys.modules[module] = made
    return made


def swap_in(function: Any, variation: Variation, deopt: Callable[[], None]) -> None:
    """Put the variation into the live function, as the agent does."""
    values: dict[str, object] = {}
    for constant in variation.constants:
        if constant.kind == "deopt":
            values[constant.placeholder] = deopt
        else:
            extension = load(constant.path, constant.module)
            values[constant.placeholder] = getattr(extension, constant.attribute)
    code = marshal.loads(variation.code)
    constants = tuple(values.get(c, c) if isinstance(c, str) else c for c in code.co_consts)
    assert not any(isinstance(c, str) and c.startswith("\0selfsame") for c in constants)
    function.__code__ = code.replace(co_consts=constants)


def describe(value: object) -> object:
    """A value with its types: 1, 1.0 and True differ, -0.0 is not 0.0, NaN is itself."""
    if isinstance(value, list | tuple):
        return type(value).__name__, [describe(v) for v in value]
    return type(value).__name__, repr(value)


def answer(function: Callable[..., object], arguments: Iterable[object]) -> tuple[str, object]:
    """What a call returns, or raises."""
    try:
        return "returns", function(*arguments)
    except Exception as error:
        return "raises", f"{type(error).__name__}: {error}"


def structure(value: object) -> object:
    """A value with its types, and with which lists in it are one list."""
    met: dict[int, int] = {}

    def walk(part: object) -> object:
        if isinstance(part, list):
            if id(part) in met:
                return "the list", met[id(part)]
            met[id(part)] = len(met)
        if isinstance(part, list | tuple):
            return type(part).__name__, [walk(item) for item in part]
        return type(part).__name__, repr(part)

    return walk(value)


def outcome(function: Callable[..., object], arguments: Iterable[object]) -> object:
    """What a call does: its result with types, or its exception; and the arguments afterwards."""
    given = [list(a) if type(a) is list else a for a in arguments]
    try:
        result: object = describe(function(*given))
    except Exception as error:
        result = type(error), describe(error.args)
    return result, describe(given)


@dataclass
class Bench:
    """A module as it was, and the same module with every compiled function swapped in."""

    original: types.ModuleType
    compiled: types.ModuleType
    variations: dict[str, Variation] = field(repr=False)
    refusals: dict[str, Refusal]
    deopts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        text: str,
        names: Iterable[str],
        builder: Builder,
        seen: Mapping[str, Mapping[str, str]] | None = None,
    ) -> "Bench":
        """Compile the named functions of a text in one build."""
        names = list(names)
        modules = []
        for label in ("original", "compiled"):
            module = types.ModuleType(label)
            exec(compile(text, "sample.py", "exec"), module.__dict__)
            modules.append(module)
        bench = cls(*modules, variations={}, refusals={})
        results = compile_sites(sites(text, names, seen or {}), builder)
        for name, (result,) in zip(names, results, strict=True):
            if isinstance(result, Variation):
                bench.variations[name] = result
                bench.deopts[name] = 0
                swap_in(getattr(bench.compiled, name), result, bench._counter(name))
            else:
                bench.refusals[name] = result
        return bench

    def _counter(self, name: str) -> Callable[[], None]:
        def deopt() -> None:
            self.deopts[name] += 1

        return deopt

    def check(self, name: str, *arguments: object) -> None:
        """Both functions do the same with the arguments."""
        first = outcome(getattr(self.original, name), arguments)
        second = outcome(getattr(self.compiled, name), arguments)
        assert first == second, f"{name}{arguments!r}: {first} is not {second}"

    def check_fast(self, name: str, *arguments: object) -> None:
        """The same, and the compiled code did it."""
        before = self.deopts[name]
        self.check(name, *arguments)
        assert self.deopts[name] == before, f"{name}{arguments!r} ran the original"
