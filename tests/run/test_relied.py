"""What a rewrite relied on is bound anew in the running program: the rewrite goes, and comes back."""

import time
from pathlib import Path

import pytest

from selfsame.runtime.versions.store import Store

from .planted import plant, start, stop

SHOP = """
LIMIT = 7

def price(item):
    return item * 2

class Till:
    def add(self, items):
        return sum(items)

def work(items):
    return Till().add([price(item) for item in items]) + LIMIT
"""
FAST = "def work(items):\n    return 2 * sum(items) + 7"
CALL = """
items = list(range(50))
work(items)
if os.path.exists("go"):
    os.remove("go")
    import unittest.mock
    with {patch}:
        end = time.monotonic() + 30
        while work(items) == 2457 and time.monotonic() < end:
            time.sleep(0.0005)
        print(work(items), flush=True)
"""
PATCHES = {
    "callee": ("unittest.mock.patch('__main__.price', lambda item: 0)", 7),
    "constant": ("unittest.mock.patch('__main__.LIMIT', 1000)", 3450),
    "method": ("unittest.mock.patch.object(Till, 'add', lambda self, items: 1)", 8),
}


def seen(store: Store, kind: str, count: int) -> None:
    """Wait for so many events of a kind."""
    end = time.monotonic() + 60
    while len([e for e in store.events() if e.kind == kind]) < count:
        assert time.monotonic() < end, [(e.kind, e.reason) for e in store.events()]
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["callee", "constant", "method"])
def test_a_patch_takes_the_rewrite_out_and_its_end_puts_it_back(tmp_path: Path, name: str) -> None:
    patch, value = PATCHES[name]
    plant(tmp_path, SHOP, FAST, CALL.format(patch=patch), state="active")
    process = start(tmp_path)
    try:
        with Store.open(tmp_path / "store", create=False) as store:
            seen(store, "installed", 1)
            (tmp_path / "go").touch()
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            # The rewrite gives 2457 whatever is patched; the original does not.
            assert process.stdout.readline() == f"{value}\n"
            seen(store, "installed", 2)
    finally:
        error = stop(tmp_path, process)
    assert process.returncode == 0, error
    with Store.open(tmp_path / "store", create=False) as store:
        assert store.head().manifest.nodes["app:work"].state == "active"
        (removed,) = [e for e in store.events() if e.kind == "removed"]
        assert "bound anew here" in removed.reason
