"""Runs a test suite over a tree whose modules tell what their uses read, and judges their graphs.

    python tests/soundness/watched.py TREE [pytest arguments]

TREE holds the packages as an importer would search it. A module whose source the rewriting does not
bear (an enumeration's body sees its shadows as members) is imported as it is, and named. What is printed
last is one line of JSON: modules observed, pairs of definition and use, and those that are no edges.
"""

import importlib.abc
import importlib.machinery
import json
import re
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from edges import missing
from observe import Observed, prepared

from selfsame.compiler.cst.source import Source
from selfsame.compiler.lower import lower

# What reads the names of a class body by itself.
LEFT = re.compile(r"\b(enum|NamedTuple|TypedDict|Protocol)\b")


class Watching(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules of one tree, rewritten."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.observed: dict[str, tuple[Path, str, Observed]] = {}
        self.left: dict[str, str] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path or [str(self.tree)])
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        if self.tree not in Path(spec.origin).parents:
            return None
        text = Source.read(spec.origin, name).text
        if found := LEFT.search(text):
            self.left[name] = f"it mentions {found[0]}"
            return spec
        spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        assert spec is not None and spec.origin is not None
        found = Observed()
        text = Source.read(spec.origin, module.__name__).text
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            namespace = prepared(text, found, module.__name__, sys.maxsize)
        self.observed[module.__name__] = Path(spec.origin), text, found
        code = namespace.pop("ɵcode")
        kept = {n: v for n, v in vars(module).items() if v is not None}
        vars(module).update(namespace | kept | {"__builtins__": namespace["__builtins__"]})
        exec(code, vars(module))


def main() -> int:
    import pytest

    tree = Path(sys.argv[1]).resolve()
    watching = Watching(tree)
    sys.meta_path.insert(0, watching)
    code = int(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]]))
    pairs, wrong = 0, []
    for name, (path, text, found) in sorted(watching.observed.items()):
        pairs += len(found.pairs)
        graph = lower(Source(str(path), name, text))
        wrong += [f"{name}: {line}" for line in missing(graph, found)]
    for line in wrong:
        print(line)
    for name, why in sorted(watching.left.items()):
        print(f"left as it is: {name}: {why}")
    print(
        json.dumps(
            {
                "modules": len(watching.observed),
                "left": len(watching.left),
                "pairs": pairs,
                "no_edge": len(wrong),
                "pytest": code,
            }
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
