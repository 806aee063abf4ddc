"""Records the calls that doctests and workloads make of a function, whoever makes them.

A profile function (`sys.setprofile`) sees every call of one code object, however it was reached,
and pickles the parameters before the body runs. Nothing of the program is replaced.
"""

import doctest
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from selfsame.runtime.agent.codes import parameters

Record = Callable[[tuple[Any, ...]], None]


class Enough(BaseException):
    """Raised out of a run that gave as many calls as were wanted; few handlers catch it."""


@contextmanager
def recording(code: types.CodeType, record: Record) -> Iterator[None]:
    """Give ``record`` the parameters of every call of ``code`` in this thread, before it runs."""
    names, first = parameters(code), first_offset(code)

    def profile(frame: types.FrameType, event: str, _arg: Any) -> None:
        if event == "call" and frame.f_code is code and frame.f_lasti <= first:
            values = frame.f_locals
            if all(name in values for name in names):
                record(tuple(values[name] for name in names))

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


def first_offset(code: types.CodeType) -> int:
    """The offset up to which a frame has just begun: a resumed generator is no new call."""
    import dis

    for instruction in dis.get_instructions(code):
        if instruction.opname == "RESUME":
            return instruction.offset
    return 0


def docstrings(function: Any, module: types.ModuleType) -> Iterable[str]:
    """The function's own docstring first, then those of its class, its module and the rest of it."""
    found: dict[str, None] = {}

    def add(thing: Any) -> None:
        doc = getattr(thing, "__doc__", None)
        if isinstance(doc, str) and ">>>" in doc:
            found.setdefault(inspect.cleandoc(doc))

    add(function)
    namespace = vars(module)
    owner = namespace.get(function.__qualname__.partition(".")[0])
    add(owner)
    name = function.__name__
    add(module)
    rest: list[Any] = []
    for value in list(namespace.values()):
        if getattr(value, "__module__", None) == module.__name__:
            rest.append(value)
            if isinstance(value, type):
                rest += [v for v in vars(value).values() if callable(v)]
    rest.sort(key=lambda v: name not in (getattr(v, "__doc__", None) or ""))
    for value in rest:
        add(value)
    return found


def run_doctest(text: str, namespace: dict[str, Any]) -> None:
    """Execute the examples of a docstring, whatever they print or raise, until the first `Enough`."""
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return
    scope = dict(namespace)
    for example in examples:
        try:
            code = compile(example.source, "<doctest>", "single")
            exec(code, scope)
        except Exception:  # an example may show an error
            continue
