"""One function of the program as the agent holds it: its live objects, and the code put into them.

``__code__`` has one owner at a time: what is found there must be what was put there, otherwise
another tool has come and the function is left to it, for good.
"""

from __future__ import annotations

from _thread import allocate_lock
from _weakref import ref

from selfsame.runtime.agent.backend import swap
from selfsame.runtime.agent.codes import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FunctionType

    Key = tuple[str, str, int]
    Make = Callable[[CodeType], CodeType]

KIND = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, async generator
STARS = 0x4 | 0x8

# Held while code objects are exchanged. Who closes a window inside the program never waits for it.
lock = allocate_lock()


# By id, code that was put into functions, with whose it is; the sampler drops what is gone.
placed: dict[int, tuple[CodeType, Key | None]] = {}


class Refused(Exception):
    """Why something was not done; the message is the reason that users see."""


class NotHere(Refused):
    """As Refused, for a reason that this process alone has: others may do it."""


def check(plain: CodeType, code: CodeType) -> None:
    """Raises Refused where a function that runs ``plain`` cannot run ``code`` instead."""
    if (plain.co_flags ^ code.co_flags) & KIND:
        raise Refused("it would change between function, generator and coroutine")
    if plain.co_freevars != code.co_freevars:
        raise Refused("it would need other variables of the enclosing function")
    if _parameters(plain) != _parameters(code):
        raise Refused("its parameters would change")


def _parameters(code: CodeType) -> tuple[object, ...]:
    stars = code.co_flags & STARS
    count = code.co_argcount + code.co_kwonlyargcount + bool(stars & 4) + bool(stars & 8)
    return (
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        stars,
        code.co_varnames[:count],
    )


class Held:
    """One function object: what it ran when it was found, and what was put there last."""

    __slots__ = ("function", "plain", "put")

    def __init__(self, function: FunctionType) -> None:
        self.function = ref(function)
        self.plain = function.__code__
        self.put = self.plain


class Slot:
    """All live function objects with one key, which run the same code.

    ``rewrite`` and ``window`` make the code to run from the plain one; the window is on top.
    ``stood_down`` says why the function is left alone from now on (empty: it is not).
    """

    def __init__(self, key: Key, code: CodeType) -> None:
        self.key = key
        self.plain = code
        self.fingerprint = fingerprint(code)
        self.held: dict[int, Held] = {}
        self.rewrite: Make | None = None
        self.window: Make | None = None
        self.stood_down = ""
        self._made: dict[tuple[int, int], tuple[Make, CodeType, CodeType]] = {}

    def add(self, function: FunctionType) -> bool:
        """Take in a function object with this key; whether it is new. ``apply`` changes it."""
        known = self.held.get(id(function))
        if known is not None and known.function() is function:
            return False
        code = function.__code__
        if code is not self.plain and fingerprint(code) != self.fingerprint:
            self.stood_down = self.stood_down or "several functions share its name and line"
            return False
        self.held[id(function)] = Held(function)
        return True

    def live(self) -> list[tuple[FunctionType, Held]]:
        """The function objects that still exist."""
        found = []
        for number, held in list(self.held.items()):
            function = held.function()
            if function is None:
                self.held.pop(number, None)
            else:
                found.append((function, held))
        return found

    def apply(self) -> None:
        """Bring every function object to what it should run. Call with ``lock`` held.

        Raises Refused where nothing was changed because a new code does not fit, or where another
        tool has put its own code there; then the function is left alone.
        """
        make = self.window or self.rewrite
        live = self.live()
        wanted = [self._code(make, held.plain) for _, held in live]
        for (function, held), code in zip(live, wanted, strict=True):
            if held.put is code and function.__code__ is code:
                continue
            if swap(function, held.put, code):
                held.put = code
            else:
                self.stand_down("another tool changed its code")
        if self.stood_down:
            raise NotHere(self.stood_down)

    def stand_down(self, reason: str) -> None:
        """Leave the function alone from now on; objects that still run our code get theirs back."""
        self.stood_down = self.stood_down or f"stood down: {reason}"
        self.window = self.rewrite = None
        self.restore()

    def restore(self) -> None:
        """Put the plain code back wherever it is still ours."""
        for function, held in self.live():
            if held.put is not held.plain and swap(function, held.put, held.plain):
                held.put = held.plain

    def foreign(self) -> bool:
        """Whether another tool has put its own code into one of the objects that we changed."""
        return any(
            held.put is not held.plain and function.__code__ is not held.put
            for function, held in self.live()
        )

    def forget_made(self) -> None:
        """Drop the codes of what is no longer in."""
        keep = (self.window, self.rewrite)
        self._made = {k: m for k, m in self._made.items() if m[0] in keep}

    def _code(self, make: Make | None, plain: CodeType) -> CodeType:
        if make is None:
            return plain
        number = (id(make), id(plain))
        found = self._made.get(number)
        if found is None or found[0] is not make or found[1] is not plain:
            code = make(plain)
            check(plain, code)
            found = self._made[number] = (make, plain, code)
            placed[id(code)] = (code, self.key)
        return found[2]

    def holds(self, code: CodeType) -> bool:
        """Whether a code made for this function is still kept."""
        return any(found[2] is code for found in self._made.values())
