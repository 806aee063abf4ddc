"""Random functions compiled and compared with themselves: results, exceptions, arguments, aliasing."""

import copy
import random
from collections.abc import Callable

import pytest
from compiled_values import FLOATS, INTS, TEXTS
from compiled_workbench import Bench, answer, structure
from random_functions import Writer

from selfsame.compiler.emit.build import Builder

CALLS = 60
BATCH = 25


def value(kind: str, chance: random.Random) -> object:
    """An argument of a kind, often one at which C and Python part."""
    if kind == "int":
        return chance.choice([chance.choice(INTS), *(chance.randint(-20, 20) for _ in range(3))])
    if kind == "float":
        return chance.choice([chance.choice(FLOATS), chance.uniform(-10, 10)])
    if kind == "bool":
        return chance.random() < 0.5
    if kind == "str":
        letters = "".join(chance.choices("abz", k=chance.randint(0, 8)))
        return chance.choice([chance.choice(TEXTS), letters])
    items = [value(kind[5:-1], chance) for _ in range(chance.choice((0, 1, 2, 3, 5, 8)))]
    if items and chance.random() < 0.2 and kind == "list[list[int]]":
        items.append(items[0])
    return items


def share(arguments: list[object], kinds: list[str], chance: random.Random) -> None:
    """Now and then one list is given twice, as itself or as a row."""
    for i, kind in enumerate(kinds):
        for j in range(i):
            if kind.startswith("list") and kinds[j] == kind and chance.random() < 0.3:
                arguments[i] = arguments[j]
            rows = arguments[j]
            if kinds[j] == f"list[{kind}]" and isinstance(rows, list) and chance.random() < 0.3:
                rows.append(arguments[i])


def outcome(function: Callable[..., object], arguments: list[object]) -> object:
    """Result or exception and the arguments afterwards, with who shares what."""
    return structure([*answer(function, arguments), arguments])


def compare(seeds: range, builder: Builder) -> int:
    """Compile the functions of the seeds and compare; how many calls stayed in compiled code."""
    seen: dict[str, dict[str, str]] = {}
    texts = ["import math"]
    for seed in seeds:
        text, kinds = Writer(seed).function(f"f{seed}")
        texts.append(text)
        seen[f"f{seed}"] = kinds
    bench = Bench.of("\n\n\n".join(texts) + "\n", seen, builder, seen)
    stayed = 0
    for name in bench.variations:
        chance = random.Random(name)
        for _ in range(CALLS):
            arguments = [value(kind, chance) for kind in seen[name].values()]
            share(arguments, list(seen[name].values()), chance)
            deopts = bench.deopts[name]
            one = outcome(getattr(bench.original, name), copy.deepcopy(arguments))
            two = outcome(getattr(bench.compiled, name), copy.deepcopy(arguments))
            assert one == two, f"seed {name[1:]}: {name}{tuple(arguments)!r}"
            stayed += bench.deopts[name] == deopts
    return stayed


def test_random_functions_agree(builder: Builder) -> None:
    # Most arguments lie where C and Python part, so many calls end in the original.
    assert compare(range(BATCH), builder) > 0


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, BATCH))
def test_more_random_functions_agree(builder: Builder, first: int) -> None:
    compare(range(first, first + BATCH), builder)
