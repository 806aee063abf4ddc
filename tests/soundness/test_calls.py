"""What a call really ran is among the functions that its node names, where it names any."""

import warnings

import pytest
from calls import contradicted, observed_calls
from programs import seeded
from test_library import STDLIB, USES

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir.classes import Classes
from selfsame.compiler.pipeline import lower_source

CLASSES = """\
class Shape:
    def __init__(self, n):
        self.n = self.scaled(n)

    def scaled(self, n):
        return self.factor() * n

    def factor(self):
        return 1

    @classmethod
    def make(cls, n):
        return cls.default(n)

    @staticmethod
    def default(n):
        return Shape(n)


class Square(Shape):
    def factor(self):
        return super().factor() + 1


class Odd(Square):
    def scaled(self, n):
        def inner():
            return self.factor() + n
        return inner()

    @staticmethod
    def default(n):
        return Odd(n)


for kind in (Shape, Square, Odd):
    kind(2), kind.make(3)
Shape(1), Square(2), Odd(3), Shape.factor(Square(1)), Odd.make(4)
"""


def run(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "program.py", "exec"), {"__name__": "program"})


def judged(text: str) -> tuple[list[str], int]:
    observed = observed_calls(lambda: run(text), "program.py")
    return contradicted(lower_source(Source("program.py", "program", text)), observed)


def test_classes() -> None:
    wrong, known = judged(CLASSES)
    assert wrong == [] and known >= 12


def test_programs() -> None:
    total = 0
    for seed in range(60):
        wrong, known = judged(seeded(seed))
        assert wrong == [], f"seed {seed}"
        total += known
    assert total > 120


def test_a_planted_fault_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Classes, "_with_those_below", lambda self, node: [node])
    assert judged(CLASSES)[0] != []


@pytest.mark.parametrize("name", [n for n in USES if (STDLIB / n).read_text("utf-8").isascii()])
def test_library(name: str) -> None:
    path = str(STDLIB / name)
    source = Source.read(path, name.removesuffix(".py"))
    namespace: dict[str, object] = {"__name__": source.module}
    exec(compile(source.text, path, "exec"), namespace)
    observed = observed_calls(lambda: USES[name](namespace), path)
    wrong, _ = contradicted(lower_source(source), observed)
    assert wrong == []
