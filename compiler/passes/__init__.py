"""Passes over the ICO: one file each, found by the pipeline under their file's name.

A pass is a module with three functions. ``requires(graph)`` gives what must hold and does not,
``call(graph)`` changes the graph in place, ``ensures(graph)`` gives what must hold afterwards and
does not. Every pass takes a valid ICO and leaves a valid one: the verifier runs before the first and
after each. Its docstring shows a module, and its ICO before and after; a test runs that.
"""

from types import ModuleType

from selfsame.compiler.errors import InternalError
from selfsame.compiler.ir import Graph, Problem, verify
from selfsame.compiler.ir.verifier import report


def run(graph: Graph, passes: tuple[ModuleType, ...], check: bool = True) -> None:
    """Run passes one after another. Raises InternalError, with the graph and what is wrong beside
    its lines, where one of them is given or leaves a graph that does not hold together."""
    done = ["lowering"]
    if check:
        _hold(graph, verify(graph), done)
    for module in passes:
        if check:
            _hold(graph, module.requires(graph), [*done, f"{_name(module)} was to run"])
        module.call(graph)
        done.append(_name(module))
        if check:
            _hold(graph, verify(graph) or module.ensures(graph), done)


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2].replace("_", "-")


def _hold(graph: Graph, problems: list[Problem], done: list[str]) -> None:
    if problems:
        after = ", ".join(done)
        raise InternalError(f"the graph of {graph.path}, after {after}:\n{report(graph, problems)}")
