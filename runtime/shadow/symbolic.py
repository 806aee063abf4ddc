"""Searches by symbols for an input on which the two sides differ, with CrossHair; runs in a worker, in the sandbox.

CrossHair calls both with values that are formulas and follows every way through them, one after the other, asking
a solver (Z3) at each branch whether there is such an input. What it names is no verdict: every input that it
makes, one for each way it took, goes to the ordinary comparison. That all ways were taken is its word as well,
and passed on only where nothing here speaks against it.

Source: https://github.com/pschanely/CrossHair, ``diff_behavior.py``, from which the order of things is. The
comparison there takes 1, 1.0 and True for the same, so it is one of our own here.
"""

import copy
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.kinds import ATOMS, Seen, Unknown, told
from selfsame.runtime.shadow.payloads import anew

PATH_S: Final = 2.0
"""CPU seconds for one way; one that takes longer is left open."""
MOST_AGREEING: Final = 200
"""Of the ways on which the two agree, inputs of so many are handed over."""
ORDERS: Final = (("original", "variation"), ("variation", "original"))
"""Both: what makes many ways by itself may make few after the other."""
NOT_INSTALLED: Final = "CrossHair is not installed (pip install 'selfsame[symbolic]')"

_missing = "this worker was not started for it"

Fresh = Callable[[bytes, str], Call]
"""A call as a side gets it."""
Prepare = Callable[[Call, str], tuple[Any, tuple[Any, ...], dict[str, Any]]]
"""The function of a side with its arguments, once all is in place for a call."""
Values = Mapping[str, Any]


class CannotSearch(Exception):
    """There is nothing to search, or nothing to search with; the message is the reason."""


def prepare() -> None:
    """Import CrossHair, and all that it imports when it is first used; `Search` says where that failed.

    Before anything of the user's is loaded, from this interpreter's own ``sys.path``.
    """
    global _missing
    try:
        from crosshair import auditwall  # noqa: F401
        from crosshair.core_and_libs import NoTracing, proxy_for_type, standalone_statespace

        with standalone_statespace, NoTracing():
            proxy_for_type(int, "warm")
        _count_reals()
    except ModuleNotFoundError:
        _missing = NOT_INSTALLED
    except Exception as error:
        _missing = f"CrossHair does not load here ({type(error).__name__})"
    else:
        _missing = ""


@dataclass(slots=True)
class Found:
    """What a search came to so far, with the inputs that its latest slice made.

    ``differing`` are payloads on which CrossHair says that the two differ, ``agreeing`` one for each of
    some ways on which they do not. ``exhausted``: CrossHair says that the ``ways`` taken are all that there
    are; each was followed to its end, where the two had done the same. ``over``: there are no more to take.
    ``told`` is what was searched, in words.
    """

    differing: list[bytes] = field(default_factory=list)
    agreeing: list[bytes] = field(default_factory=list)
    ways: int = 0
    exhausted: bool = False
    over: bool = False
    told: str = ""


class Search:
    """One search for one node, gone on with in slices."""

    def __init__(
        self, seen: Seen, fresh: Fresh, prepare: Prepare, deopts: list[int], compiled: bool = False
    ) -> None:
        """``deopts`` counts the calls in which the variation ran the original. Raises CannotSearch."""
        if _missing:
            raise CannotSearch(_missing)
        from crosshair.statespace import RootNode

        self._seen, self._fresh, self._prepare = seen, fresh, prepare
        self.deopts, self._compiled = deopts, compiled
        self._call = anew(seen.call, seen.call.parameters)
        names = list(seen.kinds)
        self._held = {n: kind for n, kind in seen.kinds.items() if isinstance(kind, Unknown)}
        self._places = {f"a{i}": i for i, name in enumerate(names) if name not in self._held}
        if not self._places:
            why = [f"{name!r} is {kind}" for name, kind in self._held.items()]
            raise CannotSearch(why[0] if why else "it has no parameters")
        self._signature = inspect.Signature(
            [
                inspect.Parameter(
                    place,
                    inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    annotation=seen.kinds[names[index]],
                )
                for place, index in self._places.items()
            ]
        )
        self._roots = [RootNode() for _ in ORDERS]
        self._ways, self._agreed = [0] * len(ORDERS), [0] * len(ORDERS)
        self._over = [False] * len(ORDERS)
        self._turn = 0

    def go_on(self, seconds: float) -> Found:
        """Search for so many CPU seconds, until an input is found, or until there is nothing left."""
        from crosshair.auditwall import enabled_auditwall
        from crosshair.core import explore_paths
        from crosshair.options import DEFAULT_OPTIONS

        turn = self._turn
        judge = _Judge(self, ORDERS[turn])
        stats: Counter[str] = Counter()
        options = replace(
            DEFAULT_OPTIONS,
            per_condition_timeout=seconds,
            per_path_timeout=PATH_S,
            max_uninteresting_iterations=0,
            analysis_kind=(),
            stats=stats,
        )
        with enabled_auditwall():
            explore_paths(
                judge.both,
                self._signature,
                options,
                self._roots[turn],
                judge.judged,
                on_nondeterminism=lambda: None,
            )
        self._ways[turn] += stats["num_paths"]
        self._agreed[turn] += judge.agreed
        self._over[turn] = stats["exhaustion"] > 0
        found = judge.found
        whole = self._over[turn] and self._ways[turn] == self._agreed[turn]
        # No formula comes through a compiled variation: the original runs in its place.
        found.exhausted = whole and not (self._held or self._compiled or _reals["made"])
        found.ways = self._ways[turn] if found.exhausted else sum(self._ways)
        found.over = found.exhausted or all(self._over)
        found.told = self._told()
        self._turn = next((t for t in (1 - turn, turn) if not self._over[t]), turn)
        return found

    def run(self, side: str, values: Values) -> Any:
        """Call a side; only that is traced."""
        from crosshair.tracers import NoTracing

        with NoTracing():
            call = self._filled(values, side)
            function, positional, keywords = self._prepare(call, side)
        return function(*positional, **keywords)

    def payload(self, values: Values) -> bytes:
        """The payload of a call with these values."""
        call = self._filled(values, "original")
        return anew(call, call.parameters)

    def _filled(self, values: Values, side: str) -> Call:
        call = self._fresh(self._call, side)
        parameters = list(call.parameters)
        for place, index in self._places.items():
            parameters[index] = values[place]
        call.parameters = tuple(parameters)
        return call

    def _told(self) -> str:
        said = [f"{n}: {told(k)}" for n, k in self._seen.kinds.items() if n not in self._held]
        said += [f"{name} as it was in one call" for name in self._held]
        said += ["the variation is compiled, and was not looked into"] if self._compiled else []
        return "; ".join([*said, *self._seen.beside])


@dataclass
class _Ran:
    """How both sides ended on one way, each with its result and what it raised, and their arguments.

    ``gave_up``: the variation ran the original, which says nothing of what it does itself.
    """

    ended: tuple[tuple[Any, BaseException | None], ...]
    arguments: tuple[Values, Values]
    gave_up: bool


class _Judge:
    """Runs both sides on one way after the other, and says whether they did the same."""

    def __init__(self, search: Search, order: tuple[str, str]) -> None:
        self.found = Found()
        self.agreed = 0
        self._search = search
        self._order = order

    def both(self, arguments: inspect.BoundArguments) -> _Ran:
        """What CrossHair calls for each way; traced."""
        before = self._search.deopts[0]
        values = arguments.arguments, copy.deepcopy(arguments.arguments)
        ended = tuple(map(self._ended, self._order, values))
        return _Ran(ended, values, self._search.deopts[0] > before)

    def _ended(self, side: str, values: Values) -> tuple[Any, BaseException | None]:
        from crosshair.core import ExceptionFilter
        from crosshair.util import IgnoreAttempt

        with ExceptionFilter() as caught:
            try:
                return self._search.run(side, values), None
            except BaseException as end:
                if isinstance(end, Exception) or type(end).__module__.startswith("crosshair."):
                    raise  # CrossHair ends a way by raising
                return None, end
        if caught.user_exc is None:
            raise IgnoreAttempt
        return None, caught.user_exc[0]

    def judged(
        self,
        space: Any,
        before: inspect.BoundArguments,
        _after: inspect.BoundArguments,
        ran: _Ran | None,
        _error: BaseException | None,
        _stack: Any,
    ) -> bool:
        """What CrossHair calls at the end of each way, traced; True ends the slice."""
        from crosshair.core import ExceptionFilter, deep_realize
        from crosshair.tracers import NoTracing

        if ran is None:
            return False
        same: bool | None = None
        payload = b""
        with ExceptionFilter() as caught:
            same = _same(ran)
            space.detach_path()
            values = {place: deep_realize(value) for place, value in before.arguments.items()}
            with NoTracing():
                payload = self._search.payload(values)
        if caught.user_exc is not None or not payload:
            return False
        if same is False:
            self.found.differing.append(payload)
            return True
        self.agreed += same is True
        if len(self.found.agreeing) < MOST_AGREEING:
            self.found.agreeing.append(payload)
        return False


def _same(ran: _Ran) -> bool | None:
    """Whether both did the same; None where nobody here can tell."""
    (one, raised), (other, also) = ran.ended
    if raised is None or also is None:
        if raised is not also:
            return False
        answers = [_alike(one, other)]
    elif type(raised) is not type(also):
        return False
    else:
        answers = [_alike(raised.args, also.args)]
    before, after = (list(values.values()) for values in ran.arguments)
    answers += map(_alike, before, after)
    if type(one) in (list, dict, set, bytearray):  # is it one of the arguments?
        answers.append([one is a for a in before] == [other is a for a in after])
    if False in answers:
        return False
    return None if None in answers or ran.gave_up else True


def _alike(one: Any, other: Any) -> bool | None:
    """As the encoder compares, as far as formulas go: types strictly, dicts in their order."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind in (list, tuple):
        return _all_alike(one, other)
    if kind is dict:
        return _all_alike(list(one.items()), list(other.items()))
    if kind in ATOMS or kind in (type(None), bytearray, set, frozenset):
        return bool(one == other or (one != one and other != other))
    if kind is complex or isinstance(one, BaseException):
        return None
    from crosshair.behavior_compare import flexible_equal

    return None if flexible_equal(one, other) else False


def _all_alike(one: Any, other: Any) -> bool | None:
    if len(one) != len(other):
        return False
    answers = [_alike(*pair) for pair in zip(one, other, strict=True)]
    if False in answers:
        return False
    return None if None in answers else True


_reals: Counter[str] = Counter()
"""Floats for which CrossHair took real numbers: what it says of all of these is not of floats."""


def _count_reals() -> None:
    from crosshair.libimpl import builtinslib

    kind = getattr(builtinslib, "RealBasedSymbolicFloat", None)
    if kind is None:  # of another version: it is not known what it takes for floats
        _reals["made"] = 1
        return
    made = kind.__init__

    def counted(self: Any, *arguments: Any, **keywords: Any) -> None:
        _reals["made"] += 1
        made(self, *arguments, **keywords)

    kind.__init__ = counted
