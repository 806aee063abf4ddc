"""Is a mutant that no trial told apart another function? A second opinion, by other means.

Nothing here is shared with the trials: inputs come from Hypothesis strategies for the types seen,
results are compared by a walk of their own, and both functions are called in one process. It finds
differences, and never shows that there is none.

Started as ``python -m benchmarks.judge SECONDS``, once for a function: stdin has what it is asked about,
and then the code of one mutant after the other, pickled; for each, a line with `MARK` and JSON is printed.
"""

import copy
import gc
import importlib
import itertools
import json
import marshal
import os
import pickle
import random
import signal
import sys
import time
import types
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

READ = 300
MARK = "judged "
"""What an answer begins with: what is judged may print."""


class _Late(BaseException):
    """A call took too long."""


def strategy(samples: list[Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of the types of the samples, containers of the types of what is in theirs."""
    kinds: dict[type, list[Any]] = {}
    for sample in samples[:400]:
        kinds.setdefault(type(sample), []).append(sample)
    return st.one_of([_of(kind, values, depth) for kind, values in kinds.items()])


def _of(kind: type, values: list[Any], depth: int) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.one_of(st.integers(-12, 12), st.integers(-500, 500), st.sampled_from(values))
    if kind is float:
        return st.one_of(st.floats(), st.floats(-100, 100, width=16), st.sampled_from(values))
    if kind is str:
        letters = "".join(dict.fromkeys("".join(values)))[:80] or "ab "
        words = st.lists(st.sampled_from(values), max_size=3).map("".join)
        return st.one_of(st.text(letters, max_size=12), words, st.text(max_size=5))
    if kind is bytes:
        return st.one_of(st.binary(max_size=12), st.sampled_from(values))
    if depth < 4 and kind in (list, set, frozenset):
        inside = [x for value in values for x in value]
        if not inside:
            return st.builds(kind)
        return st.lists(strategy(inside, depth + 1), max_size=7).map(kind)
    if depth < 4 and kind is tuple:
        sizes = {len(value) for value in values}
        if len(sizes) == 1 and sizes != {0}:
            columns = zip(*values, strict=True)
            return st.tuples(*(strategy(list(column), depth + 1) for column in columns))
        inside = [x for value in values for x in value]
        return (
            st.lists(strategy(inside, depth + 1), max_size=5).map(tuple) if inside else st.just(())
        )
    if depth < 4 and kind is dict:
        keys = [k for value in values for k in value]
        items = [v for value in values for v in value.values()]
        if not keys:
            return st.builds(dict)
        return st.dictionaries(strategy(keys, depth + 1), strategy(items, depth + 1), max_size=6)
    return st.sampled_from(range(len(values))).map(lambda index: copy.deepcopy(values[index]))


def told(value: Any, depth: int = 0) -> Any:
    """A value as something that compares exactly: types, signs of zero, order, what iterators give."""
    kind = type(value)
    if depth > 20:
        return "deep"
    if kind is float:
        return ("float", value.hex())
    if value is None or kind in (int, str, bytes, bool):
        return (kind.__name__, value)
    if kind in (list, tuple):
        return (kind.__name__, [told(x, depth + 1) for x in value])
    if kind is dict:
        return ("dict", [(told(k, depth + 1), told(v, depth + 1)) for k, v in value.items()])
    if kind in (set, frozenset):
        return (kind.__name__, sorted((told(x, depth + 1) for x in value), key=repr))
    if isinstance(value, Iterator):
        return ("iterator", [told(x, depth + 1) for x in itertools.islice(value, READ)])
    if isinstance(value, BaseException):
        return (kind.__name__, told(value.args, depth + 1))
    try:
        state = dict(sorted(vars(value).items()))
    except TypeError:
        return (
            (kind.__name__, repr(value)) if kind.__repr__ is not object.__repr__ else kind.__name__
        )
    inside = list(value) if isinstance(value, (list, tuple, dict, set)) else []
    return (kind.__name__, told(state, depth + 1), told(inside, depth + 1))


def outcome(function: Any, positional: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """What a call gives or raises, and its arguments afterwards."""
    signal.setitimer(signal.ITIMER_REAL, 2.0)
    try:
        found = ("returned", told(function(*positional, **keywords)))
    except (Exception, _Late) as error:
        found = ("raised", told(error))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return found, told((positional, keywords))


class Judge:
    """For one function: inputs, and what the original does with each, made once for all mutants of it."""

    def __init__(self, request: dict[str, Any], seconds: float) -> None:
        """Make inputs for so long. Raises what Hypothesis and an import raise."""
        sys.path[:0] = request["path"]
        importlib.import_module(request["module"])
        self._function = function_of(request)
        self._rows: list[tuple[tuple[Any, ...], Any]] = []
        seen = [pickle.loads(payload)["args"] for payload in request["payloads"]]
        rows = [row for row in seen if _copied(row)]
        if not rows:
            raise TypeError("no input can be copied")
        columns = [strategy([row[i] for row in rows]) for i in range(len(rows[0]))]
        end = time.monotonic() + seconds

        @settings(
            max_examples=3000, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(st.tuples(*columns))
        def make(row: tuple[Any, ...]) -> None:
            if time.monotonic() < end:
                self._rows.append((row, self._original(row)))

        make()

    def _original(self, row: tuple[Any, ...]) -> Any:
        return outcome(self._function, *_call(self._function, copy.deepcopy(row)))

    def differs(self, code: bytes, seconds: float) -> dict[str, Any]:
        """Look for a difference for so long."""
        function = self._function
        other = types.FunctionType(
            marshal.loads(code),
            function.__globals__,
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        other.__kwdefaults__ = function.__kwdefaults__
        end, tried = time.monotonic() + seconds, 0
        for row, one in self._rows:
            if time.monotonic() > end:
                break
            tried += 1
            two = outcome(other, *_call(function, copy.deepcopy(row)))
            if one == two or one != self._original(row):
                continue
            mistyped = one[0][0] == "raised" and one[0][1][0] in ("TypeError", "AttributeError")
            if not mistyped and "_Late" not in (one[0][1][0], two[0][1][0]):
                told = {"on": repr(row)[:300], "one": repr(one)[:200], "two": repr(two)[:200]}
                return {"differs": True, "tried": tried} | told
        return {"differs": False, "tried": tried}


def _copied(row: tuple[Any, ...]) -> bool:
    try:
        copy.deepcopy(row)
    except Exception:  # a view of memory, or a class with a way of its own
        return False
    return True


def function_of(request: dict[str, Any]) -> types.FunctionType:
    """The function that a request names, of a module that is loaded. Raises LookupError."""
    namespace = vars(sys.modules[request["module"]])
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType and thing.__globals__ is namespace:
            own = thing.__code__
            if (own.co_qualname, own.co_firstlineno) == (request["qualname"], request["line"]):
                return thing
    raise LookupError(request["qualname"])


def _call(
    function: types.FunctionType, row: tuple[Any, ...]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    code = function.__code__
    named = code.co_argcount + code.co_kwonlyargcount
    positional = list(row[: code.co_argcount])
    keywords = dict(
        zip(code.co_varnames[code.co_argcount : named], row[code.co_argcount : named], strict=True)
    )
    rest = list(row[named:])
    if code.co_flags & 4:
        positional += rest.pop(0)
    if code.co_flags & 8:
        keywords |= rest.pop(0)
    return tuple(positional), keywords


def _late(_signal: int, _frame: Any) -> None:
    raise _Late


def main() -> None:
    """Judge the mutants whose codes come on stdin, each in a fork of what made the inputs."""
    signal.signal(signal.SIGALRM, _late)
    random.seed(0)
    asked, seconds = sys.stdin.buffer, float(sys.argv[1])
    request = pickle.load(asked)
    broken, judge = "", None
    try:
        judge = Judge(request, seconds)
    except (HypothesisException, ImportError, LookupError, RecursionError, TypeError) as error:
        broken = f"{type(error).__name__}: {error}"[:200]
    while True:
        try:
            code = pickle.load(asked)
        except EOFError:
            return
        if not (child := os.fork()):
            found = {"differs": False, "tried": 0, "error": broken}
            try:
                if judge is not None:
                    found = judge.differs(code, seconds)
            except (RecursionError, TypeError) as error:
                found["error"] = f"{type(error).__name__}: {error}"[:200]
            print("\n" + MARK + json.dumps(found), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            print("\n" + MARK + json.dumps({"differs": False, "tried": 0, "error": "it ended"}))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
