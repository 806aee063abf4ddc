"""A module on disk, captured calls of it, and variations of it, for trials in real workers."""

import importlib
import marshal
import pickle
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from selfsame.runtime.shadow.loading import Key
from selfsame.runtime.shadow.pair import compare, named
from selfsame.runtime.shadow.trial import Trial, TrialRequest, run_trial

SECRET = "hunter2-correct-horse"
ORIGINAL = """
import collections

OFFSET = 3


class Item:
    def __init__(self, price, label):
        self.price = price
        self.label = label


def score(xs, k):
    out = []
    for x in xs:
        out.append(x * k + OFFSET)
    return out


def find(text, words):
    found = []
    for word in words:
        if word in text and word not in found:
            found.append(word)
    if not found:
        raise LookupError(text)
    return found


def total(items, *rest, scale=1, **more):
    return sum(item.price for item in items) * scale + len(rest) + len(more)


def outside(xs, k):
    with open("/tmp/selfsame-must-not-exist", "w") as file:
        file.write("x")
    return xs


def noisy(xs, k):
    print(len(xs))
    return xs


counter = 0


def counting(xs, k):
    global counter
    counter += 1
    return counter


class Seen:
    keys = []


def keeping(xs, k):
    Seen.keys.append(k)
    return xs


def lazily(xs, k):
    return (x for x in xs)


def fib(xs, k):
    return k if k < 2 else fib(xs, k - 1) + fib(xs, k - 2)
"""


def function_code(text: str, name: str, path: str) -> CodeType:
    """The code of a function defined at the top of ``text``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # a placeholder is a string that is called
        module = compile(text, path, "exec")
    found = [c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == name]
    return found[0]


class Bench:
    """Requests for one module on disk."""

    def __init__(self, folder: Path, text: str = ORIGINAL, name: str = "shop") -> None:
        self.path = str(folder / f"{name}.py")
        self.name = name
        self.text = text
        self.folder = folder
        Path(self.path).write_text(text)

    def request(
        self, function: str, variation: str, calls: Sequence[bytes], **options: Any
    ) -> TrialRequest:
        line = function_code(self.text, function, self.path).co_firstlineno
        code = marshal.dumps(function_code(variation, function, self.path))
        fields: dict[str, Any] = {
            "module": self.name,
            "path": self.path,
            "key": Key(self.name, function, line),
            "address": f"{self.name}:{function}",
            "content_hash": f"hash of {function}",
            "code": code,
            "captured": [(payload, 20_000) for payload in calls],
            "sys_path": [str(self.folder), *sys.path],
            "cwd": str(self.folder),
            "budget_s": 30.0,
            "amplified": 60,
        }
        return TrialRequest(**fields | options)

    def trial(self, function: str, variation: str, calls: Sequence[bytes], **options: Any) -> Trial:
        return run_trial(self.request(function, variation, calls, **options))


def payload(*parameters: Any, **global_values: Any) -> bytes:
    values = {("shop", name): value for name, value in global_values.items()}
    return pickle.dumps({"args": parameters, "globals": values})


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def numbers() -> list[bytes]:
    """60 calls of ``score(xs, k)``, with the live value of the global that it reads."""
    rng = random.Random(4)
    sizes = [rng.randrange(100, 300) for _ in range(60)]
    return [
        payload([rng.randrange(10**6) for _ in range(n)], rng.randrange(9), OFFSET=3) for n in sizes
    ]


@pytest.fixture(scope="session")
def texts() -> list[bytes]:
    """60 calls of ``find(text, words)``, each with a secret in it."""
    rng = random.Random(5)
    words = ["alpha", "beta", "gamma", SECRET]
    return [
        payload(
            f"{SECRET} {rng.random()} {rng.choice(words)}", rng.choices(words, k=rng.randrange(6))
        )
        for _ in range(60)
    ]


Make = Callable[..., bytes]


@pytest.fixture(scope="session")
def make() -> Make:
    return payload


Tried = Callable[[str, str, str, float], Trial]


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    """Compares two functions of a text, as `selfsame trial` does, in so many seconds."""

    def by_name(text: str, first: str, second: str, seconds: float) -> Trial:
        file = tmp_path / "sample.py"
        file.write_text(text)
        one, other = (named(f"{file}:{name}", []) for name in (first, second))
        return compare(one, other, [str(tmp_path)], seconds)

    return by_name


@pytest.fixture
def loaded_module(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module itself, so that payloads may hold instances of its classes."""
    monkeypatch.syspath_prepend(str(bench.folder))
    yield importlib.import_module("shop")
    sys.modules.pop("shop", None)
