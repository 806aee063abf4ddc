"""``selfsame trial``: are two functions the same, and which is faster?"""

import ast
import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

import click

from selfsame.cli.options import budget_option

if TYPE_CHECKING:
    from selfsame.compiler.identity.definitions import Definition
    from selfsame.runtime.shadow.loading import Target
    from selfsame.runtime.shadow.request import Trial
    from selfsame.runtime.shadow.usage import FunctionNode

INVENTED, AMPLIFIED = 250, 900
FEWEST = 20


@click.command(
    epilog="""\b
Example:
  selfsame trial shop.cart:total shop.cart:total_fast
  selfsame trial old.py:rank new.py:rank --budget 5s --json
"""
)
@click.argument("a")
@click.argument("b")
@budget_option("20s")
@click.option("--json", "as_json", is_flag=True, help="Print facts, not words.")
def command(a: str, b: str, budget: float, as_json: bool) -> None:
    """Are two functions the same, and is B faster than A?

    A and B are PACKAGE.MODULE:FUNCTION or FILE.py:FUNCTION. Both run in sandboxed workers, on
    inputs made from the annotations, defaults and doctest examples of A, and mutations of those.
    Of a file only imports, definitions and plain assignments are executed.

    Exit code 0 if they are the same, 1 if they differ or it cannot be told.
    """
    path = [os.getcwd(), *sys.path]
    first, function = _target(a, path)
    second, _ = _target(b, path)
    trial = _try(first, second, function, path, budget)
    if as_json:
        import json

        print(json.dumps(_facts(trial), indent=2))
    else:
        _print(trial, a, b)
    sys.exit(0 if trial.same == "same" else 1)


def _target(text: str, path: list[str]) -> "tuple[Target, FunctionNode]":
    """Where a function named on the command line is. Raises click.BadParameter."""
    from selfsame.compiler.cst.source import Source
    from selfsame.compiler.identity.definitions import definitions
    from selfsame.runtime.shadow.loading import Key, Target

    place, colon, name = text.rpartition(":")
    if not colon or not place or not name:
        raise click.BadParameter(f"{text!r} is not MODULE:FUNCTION or FILE.py:FUNCTION")
    is_file = place.endswith(".py")
    file = os.path.abspath(place) if is_file else _file_of(place, path)
    if file is None or not os.path.isfile(file):
        raise click.BadParameter(f"there is no {'file' if is_file else 'module'} {place!r}")
    module = os.path.basename(place)[:-3] if is_file else place
    found = definitions(Source.read(file, module))
    definition = next((d for d in found if d.address == f"{module}:{name}"), None)
    if definition is None:
        raise click.BadParameter(f"{place} has no function {name!r}{_near(name, found)}")
    node = definition.node
    if definition.kind == "class" or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise click.BadParameter(f"{text} is a {definition.kind}, and only functions can be tried")
    key = Key(module, definition.qualname, definition.line)
    return Target(module, file, is_file, key, definition.address), node


def _near(name: str, found: "list[Definition]") -> str:
    import difflib

    names = [d.address.partition(":")[2] for d in found if d.kind == "function"]
    near = difflib.get_close_matches(name, names, 1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _file_of(module: str, path: list[str]) -> str | None:
    """The file of a module, found without importing its packages."""
    where: list[str] | None = path
    spec = None
    parts = module.split(".")
    for index in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: index + 1]), where)
        if spec is None:
            return None
        where = list(spec.submodule_search_locations or [])
    origin = spec.origin if spec else None
    return origin if origin and origin.endswith(".py") else None


def _try(
    first: "Target", second: "Target", function: "FunctionNode", path: list[str], budget: float
) -> "Trial":
    from selfsame.compiler.identity import content_hash
    from selfsame.runtime.shadow.trial import TrialRequest, run_trial

    request = TrialRequest(
        module=first.module,
        path=first.path,
        is_main=first.is_main,
        key=first.key,
        address=first.address,
        other=second,
        content_hash=content_hash(function),
        captured=[],
        sys_path=path,
        cwd=os.getcwd(),
        optimize=sys.flags.optimize,
        min_calls=FEWEST,
        invented=INVENTED,
        amplified=AMPLIFIED,
        lazily=True,
        near=False,
        budget_s=budget,
    )
    return run_trial(request)


def _facts(trial: "Trial") -> dict[str, Any]:
    speedup = trial.speedup
    return {
        "verdict": trial.same,
        "counterexample": trial.counterexample or None,
        "speedup": speedup and {"median": speedup.median, "low": speedup.low, "high": speedup.high},
        "faster": trial.faster,
        "evidence": list(trial.evidence),
        "reason": trial.reason,
        "pairs": trial.pairs,
        "layers": list(trial.layers),
    }


def _print(trial: "Trial", a: str, b: str) -> None:
    evidence = ", ".join(trial.evidence) or "no evidence"
    if trial.same == "same":
        print(f"same: no input tells {a} from {b} ({evidence})")
        if trial.speedup is not None:
            s = trial.speedup
            print(f"{trial.faster}: {b} runs at {s.median:.2f}x ({s.low:.2f} to {s.high:.2f}),")
            print(f"  {trial.pairs} pairs; {trial.reason}")
    elif trial.same == "different":
        print(f"different: {trial.reason}")
        print(f"  {trial.counterexample}".replace("the variation", b).replace("the original", a))
    else:
        print(f"inconclusive: {trial.reason} ({evidence})")
