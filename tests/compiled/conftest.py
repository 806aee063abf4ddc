"""One builder for all tests of compiled code, and the kernels' text."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfsame.compiler.emit.build import Builder

# Tests are not a package: what these share is imported from beside them.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    made = Builder(tmp_path_factory.mktemp("builds"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def kernels_text() -> str:
    return (Path(__file__).parent / "compiled_kernels.py").read_text(encoding="utf-8")
