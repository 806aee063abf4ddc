# cython: infer_types=True, boundscheck=False, wraparound=False
# cython: initializedcheck=False, binding=False
# mypy: disable-error-code="name-defined,attr-defined,no-any-return,has-type"
# ruff: noqa: F821
"""Probes: what the ``enter()`` and ``leave()`` of a probed twin call.

One file for two forms: compiled with ``recorder.pxd`` (no allocation once a thread's stack has
grown to its depth), or as it is, where the extension is missing. All times are nanoseconds of the
monotonic clock.
"""

from __future__ import annotations

import sys
from time import monotonic_ns

from selfsame.runtime.agent.handlers import raised_by_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    import cython  # type: ignore[import-untyped]

    from selfsame.runtime.agent.windows import Taker
else:
    # Cython folds ``cython.compiled`` when it compiles; uncompiled, this is all there is of it.
    from selfsame.runtime.agent import uncompiled as cython

if not cython.compiled:
    from _thread import _local

    from selfsame.runtime.link.histogram import bucket

    _threads = _local()

BUCKETS = 768
PASSES = 10
"""So often for each call that a window is to have its calls may run on before it is over."""
COMPILED: bool = cython.compiled


def calibrate() -> bool:
    """Let the compiled clock change to the time stamp counter; call again while it says False."""
    if cython.compiled:
        return ss_calibrate(20_000_000) != 0
    return True


def now() -> int:
    """Nanoseconds on the recorder's clock."""
    if cython.compiled:
        return ss_now()
    return monotonic_ns()


class Counter:
    """Counts how often ``hit`` was called: a rewrite's deopts."""

    def __init__(self) -> None:
        self.count = 0

    def hit(self) -> None:
        """Count one."""
        self.count += 1


class Frame:
    """One call in progress. Frames are used again, so they are empty between calls."""

    def __init__(self) -> None:
        self.probe: Probe | None = None
        self.mark = 0
        self.start = 0
        self.children = 0
        self.handled = 0
        self.token = -1
        self.outermost = True
        self.spent = 0
        self.spent_outermost = 0


class Stack:
    """The calls in progress in one thread, the innermost last."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.spare: list[Frame] = []
        self.depth = 0

    def __dealloc__(self) -> None:
        if cython.compiled:
            ss_forget(cython.cast(cython.pointer(cython.void), self))

    def push(
        self,
        probe: Probe,
        mark: cython.longlong,
        handled: cython.longlong,
        token: cython.longlong,
        again: cython.bint,
    ) -> cython.int:
        """Begin a call, or go on with one that was suspended."""
        depth = self.depth
        if depth:
            # An enter whose leave never came, of a Python frame that is gone: its place was
            # taken by the frame that calls now.
            top: Frame = self.frames[depth - 1]
            if top.mark == mark:
                self.find(probe, 0)
                depth = self.depth
        outermost = True
        if probe.active:
            index = depth
            while index:
                index -= 1
                above: Frame = self.frames[index]
                if above.probe is probe:
                    outermost = False
                    break
        if depth == len(self.frames):
            self.frames.append(Frame())
        frame: Frame = self.frames[depth]
        if not again:
            frame.children = 0
            frame.token = token
            probe.entered += 1
        self.depth = depth + 1
        probe.active += 1
        probe.passes += 1
        frame.probe = probe
        frame.mark = mark
        frame.handled = handled
        frame.outermost = outermost
        if cython.compiled:
            frame.start = ss_now()
        else:
            frame.start = monotonic_ns()
        return 0

    def skip(self, spent: cython.longlong) -> None:
        """Leave time that was selfsame's out of all calls in progress."""
        for index in range(self.depth):
            frame: Frame = self.frames[index]
            frame.start += spent

    def keep(self) -> None:
        """Put another frame in the place of the one that ``find`` has just given back."""
        self.frames[self.depth] = self.spare.pop() if self.spare else Frame()

    def again(self, frame: Frame) -> None:
        """Have the next ``push`` use ``frame``, which was kept while its call was suspended."""
        if self.depth == len(self.frames):
            self.frames.append(frame)
        else:
            self.spare.append(self.frames[self.depth])
            self.frames[self.depth] = frame

    def find(self, probe: Probe, mark: cython.longlong) -> Frame | None:
        """End the call of ``probe`` in the Python frame ``mark``; None where it never began.

        What was begun inside it and not ended is dropped. With ``mark`` 0 the innermost call is
        dropped.
        """
        index = self.depth
        if index:
            top: Frame = self.frames[index - 1]
            if top.mark == mark and top.probe is probe:  # nearly always
                self.depth = index - 1
                top.probe = None
                probe.active -= 1
                return top
        while index:
            index -= 1
            frame: Frame = self.frames[index]
            if mark == 0 or (frame.mark == mark and frame.probe is probe):
                while self.depth > index:
                    self.depth -= 1
                    dropped: Frame = self.frames[self.depth]
                    owner: Probe | None = dropped.probe
                    dropped.probe = None
                    if owner is not None:
                        owner.active -= 1
                        if mark == 0 or self.depth > index:
                            owner.lost += 1
                return frame
        return None


def current() -> Stack:
    """The stack of the running thread."""
    if cython.compiled:
        found: Stack = ss_stack()
        return found if found is not None else first()
    try:
        return _threads.stack
    except AttributeError:
        return first()


def first() -> Stack:
    """Give the running thread its stack."""
    stack = Stack()
    if cython.compiled:
        ss_adopt(stack)
    else:
        _threads.stack = stack
    return stack


class Probe:
    """What one window records of one function.

    After ``limit`` calls (0: never) ``leave`` calls ``on_close()`` once, which puts the plain code
    back; so it does as soon as ``taker`` is full and the calls that it took have ended. In a capture
    window ``taker`` is asked for one call in ``rate``: ``taker.take(arguments) -> token`` before the
    call, ``taker.done(token, nanoseconds, outermost)`` after it.

    A generator, a coroutine or an asynchronous generator calls ``begin``, ``suspend`` and ``resume``
    around each time it is suspended, and ``end`` or ``fail``; in a capture window ``receive`` takes
    the place of ``begin``. Its call is what lies between, its time
    that in which it ran; it counts when it has ended. Thousands may be in progress at once: where
    ``limit`` are, ``on_close()`` is called as well, and no others are recorded. And one may run on
    thousands of times (``passes`` counts them: they are what a window costs): when all have run
    `PASSES` times ``limit`` times, the next to end is the last. A window that is over records none on.

    ``total`` adds up calls that are not inside another call of the same function in the same thread
    (``outermost`` of them); ``own`` leaves out the calls to other probed functions; ``lost`` counts
    enters without a leave.

    ``inner`` is 0, or the number of a loop, a comprehension or a call inside the function, from 1 to 63: it
    is in the same Python frame as the function, whose own time it is, and ends with its window.
    """

    def __init__(
        self, limit: int = 0, on_close: Callable[[], None] | None = None, inner: int = 0
    ) -> None:
        self.inner = inner
        self.limit = limit
        self.on_close = on_close
        self.taker: Taker | None = None
        self.sated = False
        self.rate = 1
        self.calls = 0
        self.total = 0
        self.own = 0
        self.outermost = 0
        self.lost = 0
        self.entered = 0
        self.passes = 0
        self.active = 0
        self.errors: dict[str, int] = {}
        self.suspended: dict[int, Frame] = {}
        self.closed = 0
        self.opened = now()
        if cython.compiled:
            for index in range(BUCKETS):
                self.counts[index] = 0
        else:
            self.counts = [0] * BUCKETS

    def enter(self) -> None:
        """The first thing a probed function does."""
        if self.inner and self.closed:
            return
        stack: Stack = current()
        if cython.compiled:
            thread = PyThreadState_Get()
            stack.push(self, ss_frame(thread) + self.inner, ss_handled(thread), -1, False)
        else:
            mark = id(sys._getframe(1)) + self.inner
            stack.push(self, mark, id(sys.exception()), -1, False)

    def capture(self, arguments: tuple[object, ...]) -> None:
        """In place of ``enter`` in a capture window; ``arguments`` are the parameters' values."""
        stack: Stack = current()
        token = self._taken(stack, arguments)
        if cython.compiled:
            thread = PyThreadState_Get()
            stack.push(self, ss_frame(thread), ss_handled(thread), token, False)
        else:
            stack.push(self, id(sys._getframe(1)), id(sys.exception()), token, False)

    def heard(self, what: tuple[int, object]) -> None:
        """What a call of an outside function gave, in a capture window; the first says which one."""
        taker = self.taker
        if taker is not None:
            try:
                taker.heard(what[0], what[1])  # type: ignore[union-attr]
            except Exception as error:
                # The stack may be full: what was not heard makes the records useless.
                taker.deaf = True  # type: ignore[union-attr]
                if raised_by_program(error):
                    raise

    def _taken(self, stack: Stack, arguments: object) -> cython.longlong:
        """The token of a call that is captured, -1 of one that is not."""
        token: cython.longlong = -1
        if self.taker is not None and not self.sated and self.entered % self.rate == 0:
            began = now()
            token = self.taker.take(arguments)  # type: ignore[arg-type]
            self.sated = self.taker.full
            stack.skip(now() - began)
        return token

    def _done(
        self,
        stack: Stack,
        token: cython.longlong,
        spent: cython.longlong,
        outermost: cython.bint,
    ) -> None:
        """A captured call has ended."""
        if token >= 0 and self.taker is not None:
            began = now()
            self.taker.done(token, spent, bool(outermost))
            stack.skip(now() - began)

    def leave(self) -> None:
        """The last thing a probed function does, also when an exception leaves it."""
        stack: Stack = current()
        if cython.compiled:
            end = ss_now()
            thread = PyThreadState_Get()
            mark = ss_frame(thread) + self.inner
            handled = ss_handled(thread)
        else:
            end = monotonic_ns()
            mark = id(sys._getframe(1)) + self.inner
            handled = id(sys.exception())
        frame: Frame | None = stack.find(self, mark)
        if frame is None:
            return
        # Read before anything can run code that uses the frame again.
        before = frame.handled
        token = frame.token
        outermost = frame.outermost
        spent = end - frame.start
        if spent < 0:
            spent = 0
        if stack.depth:
            caller: Frame = stack.frames[stack.depth - 1]
            caller.children += frame.children if self.inner else spent
        self.calls += 1
        if outermost:
            self.total += spent
            self.outermost += 1
        if spent > frame.children:
            self.own += spent - frame.children
        if cython.compiled:
            self.counts[ss_bucket(spent)] += 1
        else:
            self.counts[bucket(spent)] += 1
        if handled != before:
            self._error()
        self._done(stack, token, spent, outermost)
        if self.calls == self.limit or (self.sated and not self.taker.pending):  # type: ignore[union-attr]
            self._finish()

    def begin(self) -> None:
        """The first thing a function does that may be suspended."""
        if cython.compiled:
            mark = ss_frame(PyThreadState_Get())
        else:
            mark = id(sys._getframe(1))
        self._begun(mark, None)

    def receive(self, arguments: tuple[object, ...]) -> None:
        """In place of ``begin`` in a capture window; ``arguments`` are the parameters' values."""
        if cython.compiled:
            mark = ss_frame(PyThreadState_Get())
        else:
            mark = id(sys._getframe(1))
        self._begun(mark, arguments)

    def _begun(self, mark: cython.longlong, arguments: object) -> None:
        """A call began that may be suspended; the arguments are None where none are captured."""
        if self.closed:
            return
        stack: Stack = current()
        if self.suspended:
            # It was given up without a word, and its place was taken.
            left: Frame | None = self.suspended.pop(mark, None)
            if left is not None:
                self._ended(stack, left)
        going = len(self.suspended) + self.active
        if self.limit and going >= self.limit:
            return
        token = self._taken(stack, arguments) if arguments is not None else -1
        stack.push(self, mark, 0, token, False)
        frame: Frame = stack.frames[stack.depth - 1]
        frame.spent = 0
        frame.spent_outermost = 0
        if going + 1 == self.limit and self.on_close is not None:
            self.on_close()

    def suspend(self) -> None:
        """Before each instruction that gives a value and waits to be asked again."""
        if self.closed and not self.active:
            return
        stack: Stack = current()
        if cython.compiled:
            end = ss_now()
            mark = ss_frame(PyThreadState_Get())
        else:
            end = monotonic_ns()
            mark = id(sys._getframe(1))
        frame: Frame | None = stack.find(self, mark)
        if frame is None:
            return
        if self.closed:
            return
        self._ran(stack, frame, end)
        stack.keep()
        self.suspended[mark] = frame

    def resume(self) -> None:
        """When it goes on, also with an exception that is thrown in."""
        if not self.suspended:
            return
        if cython.compiled:
            mark = ss_frame(PyThreadState_Get())
        else:
            mark = id(sys._getframe(1))
        frame: Frame | None = self.suspended.pop(mark, None)
        if frame is None:
            return
        stack: Stack = current()
        stack.again(frame)
        stack.push(self, mark, 0, -1, True)

    def end(self) -> None:
        """When it returns."""
        self._over(False)

    def fail(self) -> None:
        """When an exception leaves it; ``GeneratorExit`` is how one that is given up ends."""
        self._over(True)

    def _over(self, failed: cython.bint) -> None:
        stack: Stack = current()
        if cython.compiled:
            end = ss_now()
            mark = ss_frame(PyThreadState_Get())
        else:
            end = monotonic_ns()
            mark = id(sys._getframe(2))
        frame: Frame | None = stack.find(self, mark)
        if frame is not None:
            self._ran(stack, frame, end)
        elif self.suspended:
            frame = self.suspended.pop(mark, None)
        if frame is None:
            return
        if failed and not isinstance(sys.exception(), GeneratorExit):
            self._error()
        self._ended(stack, frame)

    def _ran(self, stack: Stack, frame: Frame, end: cython.longlong) -> None:
        """Add the time since ``frame`` was begun or resumed."""
        spent = end - frame.start
        if spent < 0:
            spent = 0
        frame.spent += spent
        if frame.outermost:
            frame.spent_outermost += spent
        if stack.depth:
            caller: Frame = stack.frames[stack.depth - 1]
            caller.children += spent

    def _ended(self, stack: Stack, frame: Frame) -> None:
        """Count a call that was suspended meanwhile."""
        spent = frame.spent
        self.calls += 1
        outermost = frame.spent_outermost != 0 or spent == 0
        if outermost:
            self.total += frame.spent_outermost
            self.outermost += 1
        if spent > frame.children:
            self.own += spent - frame.children
        if cython.compiled:
            self.counts[ss_bucket(spent)] += 1
        else:
            self.counts[bucket(spent)] += 1
        self._done(stack, frame.token, spent, outermost)
        enough = self.limit and (self.calls >= self.limit or self.passes >= PASSES * self.limit)
        if enough or (self.sated and not self.taker.pending):  # type: ignore[union-attr]
            self._finish()

    def _error(self) -> None:
        error = sys.exception()
        if error is not None:
            name = type(error).__name__
            self.errors[name] = self.errors.get(name, 0) + 1

    def _finish(self) -> None:
        if not self.closed:
            self.close()
            if self.on_close is not None:
                self.on_close()

    def close(self) -> None:
        """Note when the window ended; the first call counts."""
        if not self.closed:
            self.closed = now()
            self.suspended = {}

    def snapshot(self) -> dict[str, object]:
        """The fields of a ``window`` message, over all calls so far."""
        counts = self.counts
        buckets = {}
        for index in range(BUCKETS):
            if counts[index]:
                buckets[index] = counts[index]
        return {
            "calls": self.calls,
            "errors": dict(self.errors),
            "total_ns": self.total,
            "own_ns": self.own,
            "outermost": self.outermost,
            "lost": self.lost,
            "passes": self.passes,
            "buckets": buckets,
            "span_ns": (self.closed or now()) - self.opened,
        }
