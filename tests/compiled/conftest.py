"""One builder for all tests of compiled code, and the kernels' text."""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from selfsame.compiler.emit.build import Builder

if TYPE_CHECKING:
    from test_in_place import InPlace

# Tests are not a package: what these share is imported from beside them.
sys.path.insert(0, str(Path(__file__).parent))


ROOM = 3 << 29
"""Bytes that a test may take: `[1] * 2**31`, which a drawn list leads to, is to fail at once on both sides."""


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Give each test so much memory and no more."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + ROOM, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    made = Builder(tmp_path_factory.mktemp("builds"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def kernels_text() -> str:
    return (Path(__file__).parent / "compiled_kernels.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, builder: Builder) -> "InPlace":
    """The functions of the module's ``TEXT``, compiled in place by its ``EXAMPLES``; others make their own."""
    from test_in_place import InPlace

    return InPlace(builder, request.module.TEXT, request.module.EXAMPLES)
