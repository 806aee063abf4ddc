"""A small tree of modules as it was, beside the same tree with functions of one of them swapped in."""

import marshal
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from compiled_workbench import load
from test_in_place import shape

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.emit.cython.unit import Unit, module_text
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.capture import dump
from selfsame.runtime.mutation.observe import observe, words_of
from selfsame.variants.compiled.in_place_function_to_cython import print_site
from selfsame.variants.compiled.scalar_function_to_cython import dependencies
from selfsame.variants.compiled.trampoline import trampoline
from selfsame.variants.site import Site

Make = Callable[[Any], tuple[Any, ...]]
"""Arguments from the modules of one side, by attribute."""


class Side:
    """One copy of the tree; its modules are attributes, ``shop.model`` as ``shop_model``."""

    def __init__(self, texts: Mapping[str, str], packages: frozenset[str]) -> None:
        self.modules: dict[str, types.ModuleType] = {}
        for name in texts:
            module = self.modules[name] = types.ModuleType(name)
            module.__file__ = f"{name}.py"
            module.__package__ = name if name in packages else name.rpartition(".")[0]
            if name in packages:
                module.__path__ = []
        with self.imported():
            for name, text in texts.items():
                exec(compile(text, f"{name}.py", "exec"), self.modules[name].__dict__)
                outer, _, inner = name.rpartition(".")
                if outer:
                    setattr(self.modules[outer], inner, self.modules[name])

    def __getattr__(self, name: str) -> Any:
        return self.modules[name.replace("_", ".")]

    @contextmanager
    def imported(self) -> Iterator[None]:
        """While this copy is the one that imports find."""
        sys.modules.update(self.modules)
        yield
        for name in self.modules:
            del sys.modules[name]


class Across:
    """Both sides; ``examples``: function of ``app`` -> arguments that are captured."""

    def __init__(
        self,
        builder: Builder,
        texts: Mapping[str, str],
        examples: Mapping[str, Make | list[Make]],
    ) -> None:
        packages = frozenset(n.rpartition(".")[0] for n in texts) - {""}
        self.original, self.compiled = Side(texts, packages), Side(texts, packages)
        self.deopts = dict.fromkeys(examples, 0)
        self.units: dict[str, Unit] = {}
        self.relied: dict[str, dict[str, str]] = {}
        sources = {
            n: Source(f"{n}/__init__.py" if n in packages else f"{n}.py", n, t)
            for n, t in texts.items()
        }
        source = sources["app"]
        facts = ModuleFacts.of(source, sources.get)
        found = {d.address.partition(":")[2]: d for d in definitions(source)}
        sites = {}
        with self.original.imported():
            for name, example in examples.items():
                code = attrgetter(name)(self.original.app).__code__
                parameters = code.co_varnames[: code.co_argcount]
                makers = example if isinstance(example, list) else [example]
                calls = [{"args": make(self.original), "globals": {}} for make in makers]
                seen = observe(
                    [dump(call, 1_000_000) for call in calls], parameters, words_of(source)
                )
                sites[name] = Site(source, found[name], facts, seen)
        for name, site in sites.items():
            self.units[name] = print_site(site, also=True)
            self.relied[name] = dependencies(site, self.units[name])
        built = builder.build(module_text(list(self.units.values()), ""), {HEADER: header_text()})
        for name, unit in self.units.items():
            code, constants = trampoline(
                sites[name], found[name].node, built, unit.entry, unit.globals
            )  # type: ignore[arg-type]
            values: dict[str, object] = {}
            for constant in constants:
                if constant.kind == "deopt":
                    values[constant.placeholder] = self._counter(name)
                elif constant.kind == "import":
                    found_in: Any = self.compiled.modules[constant.module]
                    for part in constant.attribute.split("."):
                        found_in = getattr(found_in, part)
                    values[constant.placeholder] = found_in
                else:
                    extension = load(constant.path, constant.module)
                    values[constant.placeholder] = getattr(extension, constant.attribute)
            made = marshal.loads(code)
            held = tuple(values.get(c, c) if isinstance(c, str) else c for c in made.co_consts)
            put = made.replace(co_consts=held)
            attrgetter(name)(self.compiled.app).__code__ = put
            assert hash(put)

    def _counter(self, name: str) -> Callable[[], None]:
        def deopt() -> None:
            self.deopts[name] += 1

        return deopt

    def check(self, name: str, make: Make) -> None:
        """Both do the same with what ``make`` builds of each side's classes."""
        outcomes = []
        for side in (self.original, self.compiled):
            arguments = make(side)
            try:
                done: tuple[str, object] = "returns", attrgetter(name)(side.app)(*arguments)
            except Exception as error:
                done = "raises", f"{type(error).__name__}: {error}"
            outcomes.append(shape((done, arguments)))
        assert outcomes[0] == outcomes[1]

    def check_fast(self, name: str, make: Make) -> None:
        """The same, and the compiled code did it."""
        before = self.deopts[name]
        self.check(name, make)
        assert self.deopts[name] == before, f"{name} ran the original"

    def check_redone(self, name: str, make: Make) -> None:
        """The same, and the original did it."""
        before = self.deopts[name]
        self.check(name, make)
        assert self.deopts[name] == before + 1, f"{name} did not run the original"
