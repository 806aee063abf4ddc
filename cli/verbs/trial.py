"""``selfsame trial``: are two functions the same, and which is faster?"""

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from selfsame.cli.options import budget_option, seconds

if TYPE_CHECKING:
    from selfsame.runtime.shadow.request import Trial


@click.command(
    epilog="""\b
Example:
  selfsame trial shop.cart:total shop.cart:total_fast
  selfsame trial old.py:rank new.py:rank --budget 5s --json
  selfsame trial shop.cart:total new.py:total --workload 'bench.py --small'
  selfsame trial old.py:rank new.py:rank --symbolic 10s
"""
)
@click.argument("a")
@click.argument("b")
@click.argument("rest", nargs=-1, metavar="")
@budget_option("20s")
@click.option(
    "--workload",
    multiple=True,
    metavar="'SCRIPT ARG…'",
    help="A script that calls A; it is run as it is, and its calls are what is compared.",
)
@click.option(
    "--symbolic",
    callback=seconds,
    metavar="LENGTH",
    help="Search so long beyond the budget for an input that tells them apart, with CrossHair: 10s.",
)
@click.option("--json", "as_json", is_flag=True, help="Print facts, not words.")
def command(
    a: str,
    b: str,
    budget: float,
    workload: tuple[str, ...],
    rest: tuple[str, ...],
    symbolic: float,
    as_json: bool,
) -> None:
    """Are two functions the same, and is B faster than A?

    A and B are PACKAGE.MODULE:FUNCTION or FILE.py:FUNCTION; methods are FILE.py:CLASS.METHOD. Both
    run in sandboxed workers. Without a workload, calls are invented from the annotations,
    defaults, doctests and operations of A, tried on A, and mutated. At the end every input of a small
    space is compared, where the types have one.

    Exit code 0 if they are the same, 1 if they differ or it cannot be told.
    """
    from selfsame.runtime.shadow.further import BOUNDED
    from selfsame.runtime.shadow.pair import NoFunction, compare, named

    scripts = [shlex.split(script) for script in workload]
    if rest and not scripts:
        raise click.UsageError(f"{rest[0]!r} is a third function, and two are compared")
    if rest:
        scripts[-1] += rest
    path = [os.getcwd(), *sys.path]
    try:
        first = named(a, path)
        second = named(b, path, first)
    except NoFunction as error:
        raise click.BadParameter(str(error)) from None
    trial = compare(
        first, second, path, budget, workloads=scripts, bounded=BOUNDED, symbolic_s=symbolic
    )
    if as_json:
        import json

        print(json.dumps(_facts(trial), indent=2))
    else:
        _print(trial, a, b)
    sys.exit(0 if trial.same == "same" else 1)


def _facts(trial: "Trial") -> dict[str, Any]:
    speedup = trial.speedup
    return {
        "verdict": trial.same,
        "counterexample": trial.counterexample or None,
        "speedup": speedup and {"median": speedup.median, "low": speedup.low, "high": speedup.high},
        "faster": trial.faster,
        "evidence": list(trial.evidence),
        "notes": list(trial.notes),
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
    for note in trial.notes:
        print(f"  {note}")
