"""Makes calls for a function that nobody was seen calling; runs in a worker, in the sandbox.

Candidate types of each parameter come from annotations, defaults, operations and names (`usage`),
values from `makers`, whole calls from the doctests of the module. Then the function is called: a
combination that it rejects by accident (a TypeError or AttributeError that nobody wrote) loses
weight, one that takes it along new ways is kept. What is left are payloads like captured ones.
"""

import ast
import pickle
import random
import time
import types
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from selfsame.runtime.shadow.amplify import Amplifier
from selfsame.runtime.shadow.calls import OutOfTime
from selfsame.runtime.shadow.coverage import Coverage, Places
from selfsame.runtime.shadow.examples import Enough, docstrings, recording, run_doctest
from selfsame.runtime.shadow.inputs import Call, Refused, parameter_names
from selfsame.runtime.shadow.makers import CannotMake, Make, Makers
from selfsame.runtime.shadow.outcome import Outcome
from selfsame.runtime.shadow.reach import Span
from selfsame.runtime.shadow.usage import FunctionNode, guesses

MOST_BYTES = 200_000
WEAK = 0.12
"""A guess this much weaker than the best for a parameter is not tried while the best one works."""
RAISING = 0.2
"""The share of kept calls that may raise without showing anything new."""
EXAMPLES = 60
ATTEMPT_S, TRACED_S = 0.05, 1.0
"""CPU seconds for one call, and for one of which every instruction is traced."""
MAKING_S = 0.2
"""CPU seconds for the arguments of one call: classes of the user's are called for them."""
GENERIC: tuple[str, ...] = (
    "int",
    "str",
    "list[int]",
    "float",
    "list[str]",
    "dict[str, int]",
    "tuple[int, int]",
    "bool",
)
GENERIC += ("list[list[int]]", "Callable", "list[tuple[int, int]]", "None", "set[int]", "bytes")


@dataclass(slots=True)
class Candidate:
    """One way to make one parameter, and how it fared."""

    label: str
    make: Make
    prior: float
    taken: int = 0
    tried: int = 0

    @property
    def weight(self) -> float:
        """Prior times the share of calls that the function took."""
        return self.prior * (self.taken + 1.0) / (self.tried + 1.5)


@dataclass(slots=True)
class Invented:
    """Payloads, whether more different ones could not be found, and why there are none."""

    payloads: list[bytes] = field(default_factory=list)
    exhausted: bool = False
    reason: str = ""
    examples: int = 0
    steps: int = 0
    labels: tuple[str, ...] = ()


Try = Callable[[bytes, str, float], Outcome]


class Inventor:
    """For one function in a worker. ``attempt`` makes a call and says how it ended."""

    def __init__(
        self,
        function: types.FunctionType,
        module: types.ModuleType,
        seed: str,
        constants: Sequence[Any],
        files: frozenset[str],
        attempt: Try,
        guard: Callable[[float], AbstractContextManager[object]],
    ) -> None:
        self._function = function
        self._module = module
        self._seed = seed
        self._attempt = attempt
        self._guard = guard
        self._constants = constants
        self._trees: dict[str, dict[int, FunctionNode]] = {}
        self._makers = Makers(function.__globals__, constants, self._definition)
        self._globals = live_globals(function, module)
        self._coverage = Coverage(files)
        self.examples: list[tuple[Any, ...]] = []
        self.side = "original"
        self._refused: Counter[str] = Counter()

    def invent(self, count: int, seconds: float) -> Invented:
        """Up to ``count`` different payloads that the function takes."""
        end = time.monotonic() + seconds
        found = Invented()
        kept: dict[bytes, None] = {}
        for payload in self._recorded(min(seconds / 2, 3.0)):
            self._judge(payload, kept, found, always=True)
        found.examples = len(kept)
        names = parameter_names(self._function.__code__)
        candidates = [self._candidates(i, name) for i, name in enumerate(names)]
        missing = [name for name, c in zip(names, candidates, strict=True) if not c]
        if missing:
            found.reason = f"nothing says what {missing[0]!r} may be: annotate it"
        else:
            self._search(candidates, count, end, kept, found)
        found.payloads = list(kept)
        found.steps = len(self._coverage.seen)
        found.labels = tuple(max(c, key=lambda k: k.weight).label for c in candidates if c)
        commonest = max(self._refused, key=self._refused.__getitem__, default="")
        if not kept and not found.reason:
            found.reason = _why(names, commonest)
        elif kept:
            found.reason = commonest
        return found

    def explore(self, payloads: Sequence[bytes], seconds: float, most: int) -> list[bytes]:
        """Mutations of payloads that take new ways through the code, to be mutated in turn."""
        end = time.monotonic() + seconds
        corpus = sorted(payloads, key=len)  # what the small ones reach need not be traced again
        kept: dict[bytes, None] = {}
        found = Invented()
        for payload in corpus[:200]:
            if time.monotonic() > end - seconds / 2:
                break
            self._judge(payload, {}, found, always=True)
        number = 0
        while time.monotonic() < end and len(kept) < most and number < 4000:
            amplifier = Amplifier(f"{self._seed}:explore", corpus, self._constants, near=False)
            for _ in range(100):
                number += 1
                try:
                    call = amplifier.make(number)
                    payload = dump(call.parameters, call.globals)
                except Exception:  # a mutation that cannot be pickled is not kept
                    continue
                if time.monotonic() > end:
                    break
                if self._judge(payload, kept, found, always=False):
                    corpus.append(payload)
        return list(kept)

    def reaching(
        self, wanted: set[Span], codes: Sequence[types.CodeType], tries: Iterable[bytes], end: float
    ) -> set[Span]:
        """Which of these places no call among ``tries`` reached that says anything."""
        places = Places(codes)
        left = set(wanted)
        for payload in tries:
            if not left or time.monotonic() > end:
                break
            with places.recording():
                outcome = self._attempt(payload, self.side, TRACED_S)
            if usable(outcome):
                left -= places.last
        return left

    # calls that are made already

    def _recorded(self, seconds: float) -> list[bytes]:
        end = time.monotonic() + seconds
        found: dict[bytes, None] = {}

        def record(parameters: tuple[Any, ...]) -> None:
            try:
                found.setdefault(dump(parameters, self._globals))
            except Exception:  # what cannot be pickled cannot be an input
                pass
            if len(found) >= EXAMPLES or time.monotonic() > end:
                raise Enough

        for text in docstrings(self._function, self._module):
            if time.monotonic() > end or len(found) >= EXAMPLES:
                break
            try:
                with recording(self._function.__code__, record), self._guard(seconds):
                    run_doctest(text, vars(self._module))
            except BaseException:  # Enough, or an example that ends the interpreter
                continue
        for payload in found:
            self.examples.append(Call.of(payload).parameters)
        return list(found)

    # the search

    def _search(
        self,
        candidates: list[list[Candidate]],
        count: int,
        end: float,
        kept: dict[bytes, None],
        found: Invented,
    ) -> None:
        rng = random.Random(self._seed)
        tries = idle = raised = 0
        widened = False
        while len(kept) < count and time.monotonic() < end and tries < 40 * count:
            tries += 1
            chosen = [_draw(c, rng, tries < 4) for c in candidates]
            for candidate in chosen:
                candidate.tried += 1
            try:
                with self._guard(MAKING_S):
                    row = tuple(candidate.make(rng) for candidate in chosen)
                    payload = dump(row, self._globals)
            except (Exception, SystemExit, OutOfTime) as error:  # what the user's constructor does
                self._refused[_made_nothing(error)] += 1
                continue
            if payload in kept:
                idle += 1
                if idle > 30 * len(kept) + 200:
                    found.exhausted = True
                    return
                continue
            outcome, fresh = self._run(payload)
            if not usable(outcome):
                self._refused[_why_not(outcome)] += 1
                if tries == 400 and not kept and not widened:
                    widened = True
                    self._widen(candidates)
                continue
            for candidate in chosen:
                candidate.taken += 1
            if outcome.ended == "raised" and not fresh:
                if raised > RAISING * (len(kept) + 5):
                    continue
                raised += 1
            kept[payload] = None

    def _judge(
        self, payload: bytes, kept: dict[bytes, None], found: Invented, always: bool
    ) -> bool:
        """Call; keep the payload where the call is usable, and new or ``always`` wanted."""
        if payload in kept or len(payload) > MOST_BYTES:
            return False
        outcome, fresh = self._run(payload)
        if not usable(outcome):
            self._refused[_why_not(outcome)] += 1
            return False
        if fresh or always:
            kept[payload] = None
        return bool(fresh)

    def _run(self, payload: bytes) -> tuple[Outcome, int]:
        with self._coverage.recording():
            outcome = self._attempt(payload, self.side, ATTEMPT_S)
        return outcome, self._coverage.new()

    def _candidates(self, index: int, name: str) -> list[Candidate]:
        """Ways to make one parameter, by its position in the order of payloads."""
        function = self._function
        code = function.__code__
        named = code.co_argcount + code.co_kwonlyargcount
        node = self._definition(function)
        found: dict[str, Candidate] = {}

        def add(label: str, make: Make | None, prior: float) -> None:
            if make is not None and label not in found:
                found[label] = Candidate(label, make, prior)

        seen = [e[index] for e in self.examples]
        if index >= named:
            return [self._star(name, index, code, node, seen)]
        owner = self._receiver(index)
        if owner is not None:
            add("self", self._receives(owner, name), 1.0)
            if seen:
                add("examples", _copies(seen), 3.0)
            return list(found.values())
        annotation = _parameter(node, name)
        has_default, default = self._default(name)
        stated = self._makers.of(annotation) if annotation is not None else None
        if stated is not None:
            assert annotation is not None
            add(ast.unparse(annotation), stated, 1.0)
        else:
            hints = guesses(node, self._lookup).get(name, []) if node is not None else []
            best = max([score for _, score in hints], default=0.0)
            if has_default and default is not None:
                text = _type_text(default)
                add(text, self._makers.of(text), max(best, 2.0) * 1.5)
                best = max(best, 2.0) * 1.5
            for text, score in hints:
                if score >= WEAK * best:
                    add(text, self._makers.of(text), score)
            if best < 1.0 and not seen:
                for rank, text in enumerate(GENERIC):
                    add(text, self._makers.of(text), 0.6 / (1 + rank))
        total = sum(c.prior for c in found.values()) or 1.0
        if has_default and _plain(default):
            add(
                "default",
                lambda rng: default,
                total * (0.5 if stated is not None or best_of(found) else 1.0),
            )
        if seen:
            add("examples", _copies(seen), total)
        return list(found.values())

    def _widen(self, candidates: list[list[Candidate]]) -> None:
        for ways in candidates:
            if len(ways) == 1 and ways[0].label == "self":
                continue
            known = {c.label for c in ways}
            ways += [
                Candidate(text, make, 0.5)
                for text in GENERIC
                if text not in known and (make := self._makers.of(text)) is not None
            ]

    def _star(
        self,
        name: str,
        index: int,
        code: types.CodeType,
        node: FunctionNode | None,
        seen: list[Any],
    ) -> Candidate:
        """``*args`` and ``**kwargs``: a few of what they are annotated or used as, or none."""
        arguments = node.args if node is not None else None
        is_tuple = bool(code.co_flags & 0x04) and index == code.co_argcount + code.co_kwonlyargcount
        star = arguments and (arguments.vararg if is_tuple else arguments.kwarg)
        item = self._makers.of(star.annotation) if star and star.annotation else None
        if item is None and is_tuple and node is not None:
            texts = guesses(_with_star(node, name), self._lookup).get(name, [])
            texts = [(t, s) for t, s in texts if t.startswith(("list[", "tuple["))]
            for text, _ in texts:
                inner = text[text.index("[") + 1 : -1].removesuffix(", ...")
                item = self._makers.of(inner)
                if item is not None:
                    break
        maker = item or self._makers.of("int")
        assert maker is not None

        def make(rng: random.Random) -> Any:
            if seen and rng.random() < 0.4:
                return _copy(rng.choice(seen))
            if is_tuple:
                return tuple(maker(rng) for _ in range(rng.choice((0, 1, 2, 2, 3))))
            if item is None:
                return {}
            return {
                k: maker(rng) for k in rng.sample(("a", "b", "c", "key"), rng.choice((0, 1, 2)))
            }

        return Candidate("*", make, 1.0)

    def _receiver(self, index: int) -> type | None:
        """The class of ``self`` or ``cls``, for the first parameter of a method."""
        if index != 0 or self._function.__code__.co_argcount == 0:
            return None
        owner: Any = self._module
        parts = self._function.__qualname__.split(".")
        for part in parts[:-1]:
            owner = vars(owner).get(part) if part != "<locals>" else None
            if owner is None:
                return None
        if not isinstance(owner, type):
            return None
        return None if isinstance(vars(owner).get(parts[-1]), staticmethod) else owner

    def _receives(self, owner: type, name: str) -> Make | None:
        entry = vars(owner).get(self._function.__name__)
        if isinstance(entry, classmethod) or name in ("cls", "mcs", "mcls"):
            return lambda rng: owner
        if self._function.__name__ == "__init__":
            return lambda rng: object.__new__(owner)
        return self._makers.instance(owner)

    def _default(self, name: str) -> tuple[bool, Any]:
        function = self._function
        code = function.__code__
        regular = code.co_varnames[: code.co_argcount]
        values = function.__defaults__ or ()
        if name in regular:
            position = regular.index(name) - (len(regular) - len(values))
            return (True, values[position]) if position >= 0 else (False, None)
        keywords: Mapping[str, Any] = function.__kwdefaults__ or {}
        return (name in keywords), keywords.get(name)

    # the source

    def _definition(self, function: types.FunctionType) -> FunctionNode | None:
        code = function.__code__
        path = code.co_filename
        if path not in self._trees:
            self._trees[path] = _functions(path)
        return self._trees[path].get(code.co_firstlineno)

    def _lookup(self, name: str) -> FunctionNode | None:
        found = self._function.__globals__.get(name)
        return self._definition(found) if isinstance(found, types.FunctionType) else None


def usable(outcome: Outcome) -> bool:
    """Whether a call says anything: it ended, touched nothing, and was not merely mistyped."""
    if outcome.flags or outcome.ended not in ("returned", "raised"):
        return False
    return not outcome.mistyped


def _why_not(outcome: Outcome) -> str:
    if outcome.flags:
        return f"a call {outcome.flags[0]}"
    if outcome.mistyped:
        return f"it raises {outcome.raised.removeprefix('builtins.')}"
    return outcome.reason or "calls take too long"


def dump(parameters: tuple[Any, ...], live: Mapping[tuple[str, str], Any]) -> bytes:
    """A payload in the form of a capture. Unlike the agent's it may run code of the user's."""
    return pickle.dumps({"args": parameters, "globals": dict(live)}, 5)


def live_globals(
    function: types.FunctionType, module: types.ModuleType
) -> dict[tuple[str, str], Any]:
    """The module's own containers that the function reads, and the names it assigns.

    They go with each call, so that no call sees what another one left behind.
    """
    found: dict[tuple[str, str], Any] = {}
    namespace = vars(module)
    todo, done = [function.__code__], set()
    while todo:
        code = todo.pop()
        if code in done:
            continue
        done.add(code)
        todo += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for name in code.co_names:
            value = namespace.get(name)
            if isinstance(value, types.FunctionType) and value.__globals__ is namespace:
                todo.append(value.__code__)
            elif not name.startswith("__") and _state(value) and name in namespace:
                found[module.__name__, name] = value
    for key, value in list(found.items()):
        try:
            if len(pickle.dumps(value, 5)) > MOST_BYTES:
                del found[key]
            Call.of(dump((), {key: value}))
        except Exception:  # what cannot be copied stays as the import made it
            del found[key]
    return found


def _state(value: object) -> bool:
    """Whether a global may change or be assigned, and is small enough to go with every call."""
    if isinstance(value, (list, dict, set, bytearray)):
        return len(value) <= 2000
    return value is None or type(value) in (int, float, str, bool)


def _functions(path: str) -> dict[int, FunctionNode]:
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read(), path)
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[int, FunctionNode] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            found[first] = node
        elif isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, node)
    return found


def _parameter(node: FunctionNode | None, name: str) -> ast.expr | None:
    if node is None:
        return None
    arguments = node.args
    for parameter in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if parameter.arg == name:
            return parameter.annotation
    return None


def _with_star(node: FunctionNode, name: str) -> FunctionNode:
    """The definition with ``*name`` as an ordinary parameter, for `guesses`."""
    arguments = node.args
    plain = ast.arguments(
        posonlyargs=[], args=[ast.arg(name)], kwonlyargs=[], kw_defaults=[], defaults=[],
        vararg=None, kwarg=arguments.kwarg,
    )  # fmt: skip
    if isinstance(node, ast.Lambda):
        return ast.Lambda(plain, node.body)
    return ast.FunctionDef(node.name, plain, node.body, [])


def _draw(candidates: list[Candidate], rng: random.Random, best: bool) -> Candidate:
    if best:
        return max(candidates, key=lambda c: c.prior)
    strong = max(c.weight for c in candidates)
    likely = [c for c in candidates if c.weight >= WEAK * strong]
    return rng.choices(likely, [c.weight for c in likely])[0]


def _copies(seen: list[Any]) -> Make:
    return lambda rng: _copy(rng.choice(seen))


def _copy(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value, 5))


def _type_text(value: Any) -> str:
    kind = type(value)
    if kind is tuple and value:
        return f"tuple[{', '.join(_type_text(v) for v in value)}]"
    if kind in (list, set, frozenset) and value:
        return f"{kind.__name__}[{_type_text(next(iter(value)))}]"
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType):
        return "Callable"
    return "type" if isinstance(value, type) else kind.__name__


def _plain(value: Any) -> bool:
    try:
        _copy(value)
    except Exception:  # a default that cannot be pickled, such as a marker object
        return False
    return value is None or type(value) is not object


def best_of(found: dict[str, Candidate]) -> float:
    """The highest prior; 0.0 for none."""
    return max((c.prior for c in found.values()), default=0.0)


def _made_nothing(error: BaseException) -> str:
    if isinstance(error, OutOfTime):
        return "what makes its arguments does not come to an end"
    if isinstance(error, CannotMake):
        return f"no {error} could be made"
    if isinstance(error, Refused):
        return str(error)
    return f"what was made cannot be copied ({type(error).__name__})"


def _why(names: tuple[str, ...], last: str) -> str:
    told = f" ({last})" if last else ""
    return (
        f"no call was found that the function takes{told}: annotate {', '.join(names)}, "
        "add a doctest example, or give a workload"
    )
