"""Makes one call in a worker: watched, within a CPU budget, and read into an `Outcome`."""

import collections
import dis
import gc
import io
import os
import signal
import sys
import time
import warnings
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import FunctionType, TracebackType
from typing import Any

from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.shadow.audit import EFFECTS, Audit
from selfsame.runtime.shadow.consume import Consumed, consumed
from selfsame.runtime.shadow.deadline import Deadline, OutOfTime
from selfsame.runtime.shadow.definitions import changed, class_name, held_by
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder, digest
from selfsame.runtime.shadow.inputs import Call, Refused
from selfsame.runtime.shadow.layouts import own_state
from selfsame.runtime.shadow.live import Live, encoded
from selfsame.runtime.shadow.order import in_one_order
from selfsame.runtime.shadow.outcome import Outcome, Tolerance, coded
from selfsame.runtime.shadow.outgoing import Outgoing
from selfsame.runtime.shadow.replay import Replay
from selfsame.runtime.shadow.shape import shape, shape_of_call
from selfsame.runtime.shadow.sides import Sides
from selfsame.runtime.shadow.steps import TOLD, Interruption, Looks, interrupted
from selfsame.runtime.shadow.surroundings import Lookout

CHANGING = (list, dict, set, bytearray, collections.deque, array, io.IOBase)
ENCODER_DEPTH = 20_000
REMEMBERED = 64
# That of `signal` makes an enum of each handler, and took half the time of a small trial.
getsignal: Callable[[int], object] = vars(sys.modules["_signal"])["getsignal"]
SIGNALS = sorted(map(int, signal.valid_signals()))


class Caller:
    """Calls either side of a node on inputs, with whatever could escape being watched."""

    def __init__(
        self,
        sides: Sides,
        audit: Audit,
        output: int,
        lazily: bool = False,
        replay: Replay | None = None,
        outgoing: Outgoing | None = None,
        watched: bool = False,
    ) -> None:
        """``lazily``: iterators that a call returns are read, and what they give is compared.

        ``replay`` stands in for the outside functions that the node calls, ``outgoing`` takes what it
        prints and logs. ``watched``: what a call leaves behind in the program's modules is looked for.

        Those of a generator function are read step by step, whether or not that is asked for.
        """
        self._lazily = lazily
        self.replay = replay
        self._outgoing = outgoing
        self._sides = sides
        self.live = Live(sides)
        self.lookout = Lookout(self.live) if watched else None
        self._audit = audit
        self._output = output
        self._deadline = Deadline(Caller._disarm, _Guarded.__exit__)
        self._apart = False
        self._collects = True
        self._given: dict[str, dict[int, object]] = {"original": {}, "variation": {}}

    @property
    def steps(self) -> bool:
        """Whether the node is a generator function: what it gives is read step by step."""
        return self._sides.suspends

    @property
    def copies(self) -> int:
        """How many copies of an input one outcome takes."""
        return 2 if self.steps else 1

    def prepare(self, call: Call, side: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """The function and its arguments, with the globals that came with the call in place."""
        function = self._sides.use(side)
        positional, keywords = call.arguments(self._sides.original)
        self.live.put(call, side)
        if self.replay is not None:
            self.replay.start(call.given)
        if self._outgoing is not None:
            self._outgoing.start()
        return function, positional, keywords

    def globals_read(self, call: Call) -> bytes:
        """The globals that came with a call, to be compared; ``?`` where they cannot be."""
        return encoded(_values(call))

    def outcome(
        self,
        inputs: Sequence[Call],
        side: str,
        budget_s: float,
        tolerance: Tolerance,
        first: bool,
        twice: Call | None = None,
        received: bytes = b"",
    ) -> Outcome:
        """Call once; a generator function once more. ``inputs`` are `copies` copies of one input.

        ``received`` stands for the input; it is made from it where none is given. ``first`` also tells
        whether the call changes what classes hold, as a flag. ``twice`` is one copy more: what a second
        call on the very same objects does, with the state that this one has, belongs to the outcome, for
        what is kept by identity.
        """
        call = inputs[0]
        try:
            function, positional, keywords = self.prepare(call, side)
            if self.lookout is not None:
                self.lookout.begin(call)
            if not received:
                received = digest(Encoder().part((call.parameters, _values(call))))
        except (Refused, CannotCompare) as refusal:
            return Outcome("refused", reason=str(refusal))
        before = self.live.classes() if first else []
        given = held_by(call.parameters)
        state, written = self._state(), os.fstat(self._output).st_size
        deopts = self._sides.deopts[0]
        error: BaseException | None = None
        result: object = None
        looks = Looks(call.parameters, tolerance, self._lazily)
        self._deadline.late = False
        with self._audit.watching("call") as flags, _warned(self._outgoing) as warned:
            begun = time.thread_time_ns()
            try:
                self._arm(budget_s)
                result = function(*positional, **keywords)
                if self._sides.suspends:
                    result, error = looks.read(result)
                elif self._lazily:
                    result = consumed(result)
            except BaseException as caught:
                error = caught
            finally:
                self._disarm()
            spent = time.thread_time_ns() - begun - looks.spent
        played: tuple[tuple[str, bytes], ...] = ()
        if self.replay is not None:
            played = (("calls of outside functions", digest(repr(self.replay.asked).encode())),)
        if self._outgoing is not None:
            played += (("what is printed and logged", self._outgoing.told),)
        self._after(state, written)
        deopts = self._sides.deopts[0] - deopts
        if self._deadline.late:
            return Outcome("late", flags=_own(flags), input=received, nanoseconds=spent)
        if side == "original" and self.replay is not None and (strayed := self.replay.strayed):
            return Outcome("refused", flags=tuple(flags), reason=strayed, input=received)
        if self._outgoing is not None and (unread := self._outgoing.refused):
            return Outcome("refused", flags=tuple(flags), reason=unread, input=received)
        if call.partly and isinstance(error, AttributeError):
            told = "reads what was not captured with the call"
            return Outcome(
                "refused", flags=tuple(flags), reason=told, input=received, unreadable=True
            )
        if first and self.live.classes() != before:
            self._audit.flag("changes what a class holds")
        if self.lookout is not None and (what := self.lookout.changed(first)):
            self._audit.flag(what)
        if changed(given):
            self._audit.flag("changes a class that it is given")
        missing = error.name if isinstance(error, NameError) else None
        lacks = missing in self._sides.loaded.dropped
        if lacks:
            self._audit.flag(f"needs {missing}, which a worker cannot make")
        try:
            parts, floats = self._parts(call, side, result, error, tolerance)
            home = function.__code__.co_filename
            parts += (*played, ("list of warnings", _told(warned, tolerance, home)))
            if self._sides.suspends:
                parts += looks.parts()
            if len(inputs) > 1 and not tolerance.unordered:
                again = Interruption.of(received, looks.steps, self._sides.ways)
                with self._audit.watching("call") as more, _warned(self._outgoing):
                    parts += self._interrupted(inputs[1], side, again, budget_s, tolerance)
                self._after(state, written)
                flags += [flag for flag in more if flag not in flags]
            elif twice is not None and not self._sides.suspends:
                with self._audit.watching("call") as more, _warned(self._outgoing):
                    for value, fresh in zip(call.parameters, twice.parameters, strict=True):
                        _reset(value, fresh)
                    parts += self._second(
                        function, call, (positional, keywords), budget_s, tolerance
                    )
                self._after(state, written)
                flags += [flag for flag in more if flag not in flags]
            if self._deadline.late:
                return Outcome("late", flags=_own(flags), input=received, nanoseconds=spent)
        except CannotCompare as refusal:
            return Outcome("refused", flags=tuple(flags), reason=str(refusal), input=received)
        return Outcome(
            "returned" if error is None else "raised",
            parts,
            floats,
            tuple(flags),
            raised="" if error is None else class_name(type(error)),
            input=received,
            nanoseconds=spent,
            deopts=deopts,
            mistyped=_mistyped(error, result),
            shared=self._given_before(side, result),
            lacks=lacks,
        )

    def _second(
        self,
        function: Any,
        call: Call,
        arguments: tuple[tuple[Any, ...], dict[str, Any]],
        budget_s: float,
        tolerance: Tolerance,
    ) -> tuple[tuple[str, bytes], ...]:
        """What the same call does once more, and its arguments then. Raises CannotCompare."""
        found: object
        try:
            self._arm(budget_s)
            found = function(*arguments[0], **arguments[1])
            if self._lazily:
                found = consumed(found)
        except OutOfTime:
            return ()
        except BaseException as error:
            found = error
        finally:
            self._disarm()
        encoder = Encoder(tolerance.floats, tolerance.any_message)
        if tolerance.unordered:
            found = in_one_order(encoder, found)
        asked = tuple(self.replay.asked) if self.replay is not None else ()
        if self._outgoing is not None and self._outgoing.refused:
            raise CannotCompare(self._outgoing.refused)
        sent = self._outgoing.told if self._outgoing is not None else b""
        data = encoder.part((found, call.parameters, asked, sent))
        return (("second call on the same objects", digest(data)), *coded(encoder.codes))

    def _interrupted(
        self,
        call: Call,
        side: str,
        interruption: Interruption,
        budget_s: float,
        tolerance: Tolerance,
    ) -> tuple[tuple[str, bytes], ...]:
        """What a generator does that is not read to its end. Raises CannotCompare."""
        function, positional, keywords = self.prepare(call, side)
        found: list[object] = []
        try:
            self._arm(budget_s)
            iterator = function(*positional, **keywords)
            if isinstance(iterator, Iterator):
                found = interrupted(iterator, call.parameters, interruption)
        except OutOfTime:
            return ()
        except BaseException as error:
            found.append(error)
        finally:
            self._disarm()
        encoder = Encoder(tolerance.floats, tolerance.any_message)
        data = encoder.part((found, call.parameters, self.live.now(call, side)))
        return ((TOLD[interruption.way], digest(data)), *coded(encoder.codes))

    def _given_before(self, side: str, result: object) -> bool:
        if not _may_change(result):
            return False
        given = self._given[side]
        if len(given) >= REMEMBERED:
            given.clear()
        before = id(result) in given
        given[id(result)] = result  # held, so that no other object gets its place
        return before

    def guarded(self, seconds: float) -> AbstractContextManager[None]:
        """A block of other work, such as examples, watched and timed like a call."""
        return _Guarded(
            self._audit.watching("call"), lambda: self._arm(seconds), lambda: self._disarm()
        )

    def described(self, call: Call, side: str, budget_s: float) -> tuple[str, str]:
        """The shapes of an input and of what the side makes of it."""
        function, positional, keywords = self.prepare(call, side)
        received = shape_of_call(parameters(function.__code__), call.parameters)
        try:
            with self._audit.watching("call"):
                try:
                    self._arm(budget_s)
                    result = function(*positional, **keywords)
                    read = self._lazily or self._sides.suspends
                    ended = "returns " + shape(consumed(result) if read else result)
                finally:
                    self._disarm()
        except BaseException as error:
            ended = f"raises {class_name(type(error)).removeprefix('builtins.')}"
        return received, ended

    @contextmanager
    def collecting_in_calls(self) -> Iterator[None]:
        """A block in which the cyclic collector runs in calls alone.

        Copies of inputs and what is written of results are no garbage, and most of the time for a large
        input would go into looking at it again and again.
        """
        self._apart = True
        gc.disable()
        try:
            yield
        finally:
            self._apart = False
            gc.enable()

    def _arm(self, budget_s: float) -> None:
        if self._apart:
            gc.enable()
        self._deadline.begin(budget_s)

    def _disarm(self) -> None:
        self._deadline.end()
        self._collects = gc.isenabled()
        if self._apart:
            gc.disable()

    def _parts(
        self,
        call: Call,
        side: str,
        result: object,
        error: BaseException | None,
        tolerance: Tolerance,
    ) -> tuple[tuple[tuple[str, bytes], ...], bytes]:
        encoder = Encoder(tolerance.floats, tolerance.any_message)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, ENCODER_DEPTH))
        try:
            values = enumerate(call.parameters, 1)
            parts = [(f"argument {n} after the call", encoder.part(v)) for n, v in values]
            state = self.live.now(call, side)
            parts.append(("state of the globals after the call", encoder.part(state)))
            if error is None:
                if tolerance.unordered:
                    result = in_one_order(encoder, result)
                parts.append(("result", encoder.part(result)))
                # The bytes of a tuple say what is in it, not which one it is.
                told = type(result) is tuple and len(result) > 0
                given = [n for n, v in enumerate(call.parameters, 1) if told and v is result]
                parts.append(("which argument the result is", repr(given).encode()))
            else:
                parts.append(("exception", encoder.part(error)))
            parts += coded(encoder.codes)
        finally:
            sys.setrecursionlimit(limit)
        return tuple((label, digest(data)) for label, data in parts), encoder.floats.tobytes()

    def _state(self) -> tuple[object, ...]:
        """What a call must leave alone beside its arguments and globals."""
        return (
            sys.getrecursionlimit(), sys.getswitchinterval(), self._collects, gc.get_threshold(),
            sys.stdin, sys.stdout, sys.stderr, len(sys.path), sys.displayhook, sys.excepthook,
            [getsignal(number) for number in SIGNALS],
        )  # fmt: skip

    def _after(self, state: tuple[object, ...], written: int) -> None:
        if self._state() != state:
            self._audit.flag("changes limits, signals or streams of the process")
            sys.setrecursionlimit(state[0])  # type: ignore[arg-type]
            self._collects = True
            if not self._apart:
                gc.enable()
            self._deadline.watch()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                self._audit.flag("closes a stream")
        if os.fstat(self._output).st_size != written:
            self._audit.flag("prints")


class _Guarded(AbstractContextManager[None]):
    """A block inside of another, with something that is done at once at its begin and its end."""

    def __init__(
        self,
        outer: AbstractContextManager[object],
        begin: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
        self._outer, self._begin, self._end = outer, begin, end

    def __enter__(self) -> None:
        self._outer.__enter__()
        self._begin()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        self._end()
        return self._outer.__exit__(kind, error, traceback)


def _reset(value: Any, fresh: Any) -> None:
    """Give a stream or an instance the state of another one of its kind."""
    if type(value) in (io.StringIO, io.BytesIO):
        if not value.closed:
            value.__setstate__(fresh.__getstate__())
        return
    state = own_state(value)
    if state is not None and type(value) is type(fresh) and value is not fresh:
        state.clear()
        state.update(vars(fresh))


@contextmanager
def _warned(outgoing: Outgoing | None) -> Iterator[list[warnings.WarningMessage]]:
    """Every warning of a block, whatever the filters: a program may show it, or make it an error."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        if outgoing is not None:
            take = vars(warnings)["_showwarnmsg_impl"]  # which the end of the block puts back

            def taken(message: warnings.WarningMessage) -> None:
                take(message)
                outgoing.warned()

            vars(warnings)["_showwarnmsg_impl"] = taken
        yield found


def _told(found: list[warnings.WarningMessage], tolerance: Tolerance, home: str) -> bytes:
    """A digest of warnings, and of which are said to be of ``home``, the function's file.

    A program shows those of one place once.
    """
    encoder = Encoder(any_message=tolerance.any_message)
    told: list[tuple[object, ...]] = [(one.category, one.message) for one in found]
    told.append(tuple("" if one.filename == home else one.filename for one in found))
    return digest(encoder.whole(told))


def _may_change(value: object) -> bool:
    """Whether all who hold a value would see what is done to it: a container, or an object with attributes."""
    kind = type(value)
    if issubclass(kind, CHANGING):
        return True
    attributes = kind.__dictoffset__ != 0 and kind.__setattr__ is object.__setattr__
    return attributes and not issubclass(kind, (type, FunctionType))


def _mistyped(error: BaseException | None, result: object) -> bool:
    """Whether an operator or a function in C complained about a type, and no ``raise`` did."""
    if error is None and type(result) is Consumed:
        error = result.error
    if error is None or type(error) not in (TypeError, AttributeError):
        return False
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    if innermost is None:
        return True
    operation = innermost.tb_frame.f_code.co_code[innermost.tb_lasti]
    return dis.opname[operation] not in ("RAISE_VARARGS", "RERAISE")


def _own(flags: list[str]) -> tuple[str, ...]:
    """The flags of a call whose time ran out.

    Where that was in a tracer of ours, the interpreter takes it out, which is an event like the call's.
    """
    return tuple(flag for flag in flags if flag != EFFECTS["sys.settrace"])


def _values(call: Call) -> list[object]:
    return [call.globals[name] for name in sorted(call.globals)]
