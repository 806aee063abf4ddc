"""Two functions by hand: the machinery of trials for `selfsame trial`, its API and its pytest helper."""

import ast
import difflib
import inspect
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.machinery import PathFinder
from types import CodeType
from typing import Any

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import SelfsameError
from selfsame.compiler.identity import content_hash
from selfsame.compiler.identity.definitions import Definition, definitions
from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.shadow.further import BOUNDED, further
from selfsame.runtime.shadow.loading import Key, Target
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.request import OnEvent, Trial, TrialRequest
from selfsame.runtime.shadow.trial import run_trial
from selfsame.runtime.shadow.workload import WorkloadFailed, calls_in

FEWEST = 20
INVENTED, AMPLIFIED = 250, 900
LEFT = 0.1
"""The share of the budget that is left for a small space, however long the trial took."""


class NoFunction(Exception):
    """There is no function where one was named; the message says what is there instead."""


@dataclass(frozen=True, slots=True)
class Place:
    """A function: where it is, its definition, and the folder its module is imported from."""

    target: Target
    definition: Definition
    root: str = ""


def named(text: str, path: Sequence[str], besides: Place | None = None) -> Place:
    """``PACKAGE.MODULE:FUNCTION`` or ``FILE.py:FUNCTION``. Raises NoFunction.

    ``besides`` is the other function of a pair, whose module keeps its name.
    """
    place, colon, name = text.rpartition(":")
    if not colon or not place or not name:
        raise NoFunction(f"{text!r} is not MODULE:FUNCTION or FILE.py:FUNCTION")
    if place.endswith(".py"):
        file = os.path.abspath(place)
        if not os.path.isfile(file):
            raise NoFunction(f"there is no file {place!r}")
        module, root = _package(file)
        if besides is not None and besides.target.path != file and besides.target.module == module:
            module += "_2"
        own = _file_of(module, [root, *path])
        return _place(text, module, file, name, own != file, root)
    found = _file_of(place, path)
    if found is None or not os.path.isfile(found):
        raise NoFunction(f"there is no module {place!r}")
    return _place(text, place, found, name, False, "")


def of_function(function: Any) -> Place:
    """A function object: a plain function of a module that lies in a file. Raises NoFunction."""
    function = getattr(function, "__func__", function)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    name = getattr(function, "__qualname__", repr(type(function)))
    if not isinstance(code, CodeType):
        raise NoFunction(f"{name} is not a function written in Python")
    file = os.path.abspath(code.co_filename)
    if not os.path.isfile(file):
        raise NoFunction(f"{name} is not in a file: workers could not load it")
    module = function.__module__
    root = ""
    if module == "__main__" or _file_of(module, sys.path) != file:
        module, root = _package(file)
    found = definitions(Source.read(file, module))
    for definition in found:
        if (definition.qualname, definition.line) == (code.co_qualname, code.co_firstlineno):
            own = _file_of(module, [*([root] if root else []), *sys.path])
            return _located(name, module, file, definition, own != file, root)
    raise NoFunction(f"{name} is no longer in {file} where it was when the file was loaded")


def compare(
    first: Place,
    second: Place,
    path: Sequence[str],
    budget_s: float = 20.0,
    calls: Iterable[bytes] = (),
    workloads: Sequence[Sequence[str]] = (),
    on_event: OnEvent = lambda name, fields: None,
    bounded: int = 0,
    symbolic_s: float = 0.0,
) -> Trial:
    """Are they the same, and is the second faster?

    ``calls`` are payloads; ``workloads`` are scripts with their arguments that are run, unconfined,
    to see calls of the first. Without either, calls are invented. ``bounded``: the most inputs of a small
    space that are gone through at the end, in what is left of the time; ``symbolic_s``: wall time beyond it
    for a search by symbols (`selfsame.runtime.shadow.further`).
    """
    roots = [place.root for place in (first, second) if place.root]
    found = list(path) if not roots else [*dict.fromkeys(roots), *path]
    payloads = list(calls)
    for workload in workloads:
        try:
            payloads += calls_in(workload, first.target, found, budget_s)
        except WorkloadFailed as failed:
            return Trial(first.target.address, "inconclusive", "inconclusive", str(failed))
    request = replace(request_for(first, found, budget_s, payloads), other=second.target)
    trial = run_trial(request, on_event)
    files = [place.target for place in (first, second) if place.target.from_file]
    if trial.refused.startswith("importing") and files:
        # A script that does things when it is imported: its definitions alone may do.
        other = replace(second.target, is_main=second.target.from_file)
        request = replace(request, is_main=first.target.from_file, other=other)
        trial = run_trial(request, on_event)
    left = max(budget_s - trial.seconds, LEFT * budget_s)
    return further(
        trial, request, bounded=bounded, seconds=left, symbolic_s=symbolic_s, on_event=on_event
    )


def request_for(
    place: Place, path: Sequence[str], budget_s: float, payloads: Sequence[bytes] = ()
) -> TrialRequest:
    """A trial of the function at ``place`` against what is still to be said (``other``, ``code``)."""
    target = place.target
    return TrialRequest(
        module=target.module,
        path=target.path,
        is_main=target.is_main,
        from_file=target.from_file,
        key=target.key,
        address=target.address,
        content_hash=content_hash(place.definition.node),
        captured=[(payload, 0) for payload in payloads],
        sys_path=path,
        cwd=os.getcwd(),
        optimize=sys.flags.optimize,
        min_calls=1 if payloads else FEWEST,
        invented=0 if payloads else INVENTED,
        amplified=AMPLIFIED,
        lazily=True,
        near=False,
        typed=True,
        reached=True,
        budget_s=budget_s,
    )


def trial(
    f: Any,
    g: Any,
    calls: Iterable[tuple[Any, ...] | dict[str, Any]] = (),
    *,
    budget_s: float = 20.0,
    symbolic_s: float = 0.0,
) -> Trial:
    """Are two functions the same, and is the second faster? `selfsame trial` for function objects.

    ``f`` and ``g`` are functions or methods of modules that lie in files. ``calls`` are calls of
    ``f``: a tuple of positional arguments, or a dict of keyword arguments. Without any, calls are
    invented. Both run in sandboxed workers, on copies; ``budget_s`` is wall time. With ``symbolic_s`` it is
    searched so long beyond it with CrossHair for an input that tells them apart.

    Raises TypeError for what is no such function, and for calls that do not fit or cannot be pickled.
    """
    try:
        first = of_function(f)
        second = of_function(g)
    except NoFunction as error:
        raise TypeError(str(error)) from None
    if first.target.module == second.target.module and first.target.path != second.target.path:
        renamed = f"{second.target.path}:{second.definition.qualname}"
        second = named(renamed, sys.path, first)
    path = [os.getcwd(), *sys.path]
    payloads = [_payload(f, call) for call in calls]
    return compare(
        first, second, path, budget_s, calls=payloads, bounded=BOUNDED, symbolic_s=symbolic_s
    )


def assert_selfsame(
    f: Any,
    g: Any,
    calls: Iterable[tuple[Any, ...] | dict[str, Any]] = (),
    *,
    budget_s: float = 10.0,
) -> None:
    """Raise AssertionError unless ``g`` is the same function as ``f``, as `trial` judges it.

    What is inconclusive does not pass: the message says what is missing.
    """
    found = trial(f, g, calls, budget_s=budget_s)
    names = f"{g.__qualname__} is not {f.__qualname__}"
    if found.same == "different":
        raise AssertionError(f"{names}: {found.reason}\n  {found.counterexample}")
    if found.same == "inconclusive":
        told = f"it cannot be told whether {g.__qualname__} is {f.__qualname__}"
        raise AssertionError(f"{told}: {found.reason}")


def _payload(function: Any, call: tuple[Any, ...] | dict[str, Any]) -> bytes:
    """One call in the form of a capture. Raises TypeError."""
    function = getattr(function, "__func__", function)
    positional = call if isinstance(call, tuple) else ()
    keywords = call if isinstance(call, dict) else {}
    if not isinstance(call, (tuple, dict)):
        raise TypeError(f"a call is a tuple or a dict of arguments, not a {type(call).__name__}")
    bound = inspect.signature(function).bind(*positional, **keywords)
    bound.apply_defaults()
    names = parameters(inspect.unwrap(function).__code__)
    try:
        return dump(tuple(bound.arguments[name] for name in names), {})
    except Exception as error:
        raise TypeError(f"a call cannot be copied: {type(error).__name__}: {error}") from None


def _place(text: str, module: str, file: str, name: str, from_file: bool, root: str) -> Place:
    try:
        found = definitions(Source.read(file, module))
    except (SelfsameError, SyntaxError, ValueError) as error:
        raise NoFunction(f"{file} cannot be read: {error}") from None
    definition = next((d for d in found if d.address == f"{module}:{name}"), None)
    if definition is None:
        place = text.rpartition(":")[0]
        raise NoFunction(f"{place} has no function {name!r}{_near(name, found)}")
    return _located(text, module, file, definition, from_file, root)


def _located(
    text: str, module: str, file: str, definition: Definition, from_file: bool, root: str
) -> Place:
    if definition.kind == "class" or not isinstance(
        definition.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    ):
        raise NoFunction(f"{text} is a {definition.kind}, and only functions can be tried")
    key = Key(module, definition.qualname, definition.line)
    target = Target(module, file, False, from_file, key=key, address=definition.address)
    return Place(target, definition, root)


def _near(name: str, found: Sequence[Definition]) -> str:
    names = [d.address.partition(":")[2] for d in found if d.kind != "class"]
    near = difflib.get_close_matches(name, names, 1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _package(file: str) -> tuple[str, str]:
    """The dotted name of a file by the packages it lies in, and the folder above these."""
    folder, parts = os.path.dirname(file), [os.path.basename(file)[:-3]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts), folder


def _file_of(module: str, path: Sequence[str]) -> str | None:
    """The file of a module, found without importing its packages."""
    where: Sequence[str] | None = path
    spec = None
    parts = module.split(".")
    for index in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: index + 1]), where)
        if spec is None:
            return None
        where = list(spec.submodule_search_locations or [])
    origin = spec.origin if spec else None
    return os.path.abspath(origin) if origin and origin.endswith(".py") else None
