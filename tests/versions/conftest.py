"""A store in a directory of its own, and the real command line on it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store


@dataclass(frozen=True)
class Said:
    """What a verb left: its exit code and both outputs."""

    code: int
    out: str
    err: str


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def entry() -> NodeEntry:
    return NodeEntry(
        address="shop.cart:Cart.total",
        content_hash="5f0c" * 8,
        state="active",
        rewrite="41d07a55c09e1f02",
        template="sum-of-generator",
        family="algorithm",
        speedup="2.4x (2.1 to 2.7)",
        reason="max_execution_time is violated: 12 ms of 10 ms",
        evidence=("fuzzed 500", "replayed 812"),
        dependencies={"shop.cart:price": "77ab", "python": "3.11"},
    )


@pytest.fixture
def selfsame(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Runs a verb as the console script does, on the store of the test unless told otherwise."""

    def run(*arguments: str, location: Path | None = None) -> Said:
        from selfsame.cli.main import main

        where = str(location or store.directory)
        monkeypatch.setattr(sys, "argv", ["selfsame", *arguments, "--store", where])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return Said(int(stop.value.code or 0), out, err)

    return run
