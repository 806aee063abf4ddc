"""selfsame makes a running Python program faster by rewriting its own code.

Importing this package costs next to nothing: each name below is loaded when it is first used.
"""

TYPE_CHECKING = False  # every program's agent imports this package, and typing takes 8 ms
if TYPE_CHECKING:
    from selfsame.runtime.agent.marks import algorithm as algorithm
    from selfsame.runtime.agent.marks import node as node
    from selfsame.runtime.shadow.pair import assert_selfsame as assert_selfsame
    from selfsame.runtime.shadow.pair import trial as trial

__version__ = "0.1.0"

_HOMES = {
    "algorithm": "selfsame.runtime.agent.marks",
    "node": "selfsame.runtime.agent.marks",
    "trial": "selfsame.runtime.shadow.pair",
    "assert_selfsame": "selfsame.runtime.shadow.pair",
}

__all__ = ["__version__", "algorithm", "assert_selfsame", "node", "trial"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'selfsame' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
