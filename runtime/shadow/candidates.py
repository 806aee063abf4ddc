"""Ways to make each parameter of one function: by annotation, default, use in the body, or example."""

import ast
import inspect
import operator
import pickle
import random
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfsame.runtime.shadow.atoms import Make
from selfsame.runtime.shadow.callers import passed
from selfsame.runtime.shadow.makers import Makers
from selfsame.runtime.shadow.states import States
from selfsame.runtime.shadow.usage import FunctionNode, guesses
from selfsame.runtime.shadow.vocabulary import Vocabulary, owner_of

OWN, HEIRS = 0.6, 6
"""The share of receivers that are of the class itself, and how many classes below it are used."""
OTHER = frozenset(["other", "that", "another", "rhs", "second"])
"""Names of parameters that mostly get an instance of the method's own class."""
PASSED = 0.4
"""What the module itself passes for a parameter, against all other ways to make it."""
WEAK = 0.12
"""A guess this much weaker than the best for a parameter is not tried while the best one works."""
LENT = 0.3
"""How likely a view, a bytearray or an array is where bytes are."""
GENERIC = (
    "int", "str", "list[int]", "float", "list[str]", "object", "dict[str, int]", "tuple[int, int]",
    "bool", "list[list[int]]", "Callable", "list[tuple[int, int]]", "None", "set[int]", "bytes", "Buffer",
)  # fmt: skip


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


class Parameters:
    """The parameters of one function, and the sources of what it is made with."""

    def __init__(
        self, function: types.FunctionType, module: types.ModuleType, words: Vocabulary
    ) -> None:
        self._function = function
        self._module = module
        self._trees: dict[str, dict[int, FunctionNode]] = {}
        self._makers = Makers(
            function.__globals__, words.constants, self.definition, words.patterns
        )
        self.examples: list[tuple[Any, ...]] = []

    def candidates(self, index: int, name: str) -> list[Candidate]:
        """Ways to make one parameter, by its position in the order of payloads."""
        function = self._function
        code = function.__code__
        named = code.co_argcount + code.co_kwonlyargcount
        node = self.definition(function)
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
            hints += [*_mixed(hints), *_lent(hints)]
            best = max([score for _, score in hints], default=0.0)
            owner = owner_of(function, self._module)
            if owner is not None and (name in OTHER or _operator(function.__name__)):
                add(owner.__qualname__, self._makers.instance(owner), max(best, 2.0))
            if has_default and default is not None:
                text = _type_text(default)
                add(text, self._makers.of(text), max(best, 2.0) * 1.5)
                best = max(best, 2.0) * 1.5
            for text, score in hints:
                if score >= WEAK * best:
                    add(text, self._makers.of(text), score)
            told = [score for text, score in hints if text[0] != "<"]
            if max(told, default=0.0) < 1.0 and default is None and not seen:
                for rank, text in enumerate(GENERIC):
                    add(text, self._makers.of(text), 0.6 / (1 + rank))
        total = sum(c.prior for c in found.values()) or 1.0
        if has_default and _plain(default):
            add(
                "default",
                lambda rng: default,
                total * (0.5 if stated is not None or best_of(found) else 1.0),
            )
        if passed := self._passed(name):
            add("as the module passes it", _copies(passed), PASSED * total)
        if seen:
            add("examples", _copies(seen), total)
        return list(found.values())

    def widen(self, candidates: list[list[Candidate]]) -> None:
        """Add the generic types to every parameter: nothing that was likelier is taken."""
        for ways in candidates:
            if len(ways) == 1 and ways[0].label in ("self", "*"):
                continue
            known = {c.label for c in ways}
            ways += [
                Candidate(text, make, 0.5)
                for text in GENERIC
                if text not in known and (make := self._makers.of(text)) is not None
            ]

    def learn(self, fresh: bool) -> None:
        """Whether the latest call that was made led along new ways."""
        self._makers.texts.learn(fresh)

    def states(self, live: Mapping[tuple[str, str], Any]) -> States:
        """What makes the globals that go with each call."""
        self.definition(self._function)
        functions = self._trees[self._function.__code__.co_filename]
        return States(live, self._module, functions, self._makers.of)

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
            item = self._one_by_one(guesses(_with_star(node, name), self._lookup).get(name, []))
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

    def _one_by_one(self, texts: Sequence[tuple[str, float]]) -> Make | None:
        """Makes items of guessed containers, each of one of the types that were guessed."""
        makes: list[Make] = []
        scores: list[float] = []
        for text, score in texts:
            if text.startswith(("list[", "tuple[")) and score >= WEAK * texts[0][1]:
                make = self._makers.of(text[text.index("[") + 1 : -1].removesuffix(", ..."))
                if make is not None:
                    makes.append(make)
                    scores.append(score)
        if not makes:
            return None
        return lambda rng: rng.choices(makes, scores)[0](rng)

    def _receiver(self, index: int) -> type | None:
        """The class of ``self`` or ``cls``, for the first parameter of a method."""
        if index != 0 or self._function.__code__.co_argcount == 0:
            return None
        owner = owner_of(self._function, self._module)
        entry = vars(owner).get(self._function.__name__) if owner is not None else None
        return None if isinstance(entry, staticmethod) else owner

    def _receives(self, owner: type, name: str) -> Make | None:
        """Makes ``self`` or ``cls``: of the class, and of those below it that inherit the method."""
        classes = [owner, *_heirs(owner, self._function.__name__)]
        makes = [make for cls in classes if (make := self._receiving(cls, owner, name)) is not None]
        if len(makes) < 2:
            return makes[0] if makes else None
        return lambda rng: (makes[0] if rng.random() < OWN else rng.choice(makes[1:]))(rng)

    def _receiving(self, cls: type, owner: type, name: str) -> Make | None:
        entry = vars(owner).get(self._function.__name__)
        if isinstance(entry, classmethod) or name in ("cls", "mcs", "mcls"):
            return lambda rng: cls
        if self._function.__name__ == "__init__":
            return lambda rng: object.__new__(cls)
        return self._makers.instance(cls)

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

    def definition(self, function: types.FunctionType) -> FunctionNode | None:
        """The function's definition in its file; None where that cannot be read."""
        code = function.__code__
        path = code.co_filename
        if path not in self._trees:
            self._trees[path] = _functions(path)
        return self._trees[path].get(code.co_firstlineno)

    def _passed(self, name: str) -> list[Any]:
        """What functions of the same file pass for a parameter, where their source says its value."""
        function = self._function
        callers = self._trees.get(function.__code__.co_filename, {}).values()
        return passed(callers, function, name)

    def _lookup(self, name: str) -> FunctionNode | None:
        found = self._function.__globals__.get(name)
        return self.definition(found) if isinstance(found, types.FunctionType) else None


def _operator(name: str) -> bool:
    """Whether a method is that of an operator, which mostly gets another of its own class."""
    return name.startswith("__") and hasattr(operator, name)


def _mixed(hints: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Lists of the two likeliest types of items at once, where lists of either are likely."""
    lists = [(text[5:-1], score) for text, score in hints if text.startswith("list[")]
    plain = [(item, score) for item, score in lists if item.isidentifier()][:2]
    if len(plain) < 2:
        return []
    (first, _), (second, score) = plain
    return [(f"list[{first} | {second}]", score)]


def _lent(hints: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """All that lets others see its bytes, where it is guessed that bytes are wanted."""
    return [("Buffer", LENT * score) for text, score in hints if text == "bytes"]


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


def _heirs(owner: type, name: str) -> list[type]:
    """Classes below one that inherit its method of that name, and that a payload can name."""
    entry = vars(owner).get(name)
    found: dict[str, type] = {}
    todo = [owner]
    while todo:
        below: list[type] = type.__subclasses__(todo.pop())
        for cls in below:
            todo.append(cls)
            place = vars(sys.modules.get(cls.__module__, owner)).get(cls.__qualname__)
            if place is cls and inspect.getattr_static(cls, name, None) is entry:
                found[f"{cls.__module__}.{cls.__qualname__}"] = cls
    return [found[place] for place in sorted(found)][:HEIRS]


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


def draw(candidates: list[Candidate], rng: random.Random, best: bool) -> Candidate:
    """One way among several, by weight; or the likeliest at first, for ``best``."""
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
