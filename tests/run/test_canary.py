"""A rewrite runs for a share of the time first; one that disappoints there is rolled back."""

from pathlib import Path

from selfsame.runtime.versions import changes
from selfsame.runtime.versions.store import Store

from .planted import plant, start, stop, wait_for

SUM = """
def work(n):
    total = 0
    for i in range(n):
        total += i
    return total
"""
FAST = "def work(n):\n    m = len(range(n))\n    return m * (m - 1) // 2"
CALL = "n = rng.randrange(100, 3000); assert work(n) == n * (n - 1) // 2"


def test_a_good_rewrite_goes_from_canary_to_full(tmp_path: Path) -> None:
    rewrite = plant(tmp_path, SUM, FAST, CALL)
    process = start(tmp_path)
    try:
        wait_for(tmp_path, lambda e: e is not None and e.state == "active")
    finally:
        error = stop(tmp_path, process)
    assert process.returncode == 0, error
    with Store.open(tmp_path / "store", create=False) as store:
        entry = store.head().manifest.nodes["app:work"]
        assert entry.rewrite == rewrite and entry.canary == ""
        assert any(line.startswith("canaried ") for line in entry.evidence)
        assert "slices of its canary" in store.head().reason
        kinds = [event.kind for event in store.events(address="app:work")]
        assert kinds.index("compared") < kinds.index("in-full")


def test_a_slow_rewrite_never_runs_in_full(tmp_path: Path) -> None:
    slow = "def work(n):\n    return sum([i for i in range(n) for _ in (0, 1)]) // 2"
    plant(tmp_path, SUM, slow, CALL)
    process = start(tmp_path)
    try:
        wait_for(tmp_path, lambda e: e is not None and e.state == "barred")
    finally:
        error = stop(tmp_path, process)
    assert process.returncode == 0, error
    with Store.open(tmp_path / "store", create=False) as store:
        reason = store.head().manifest.nodes["app:work"].reason
        assert "mean" in reason or "times as long" in reason
        assert not any(event.kind == "installed" for event in store.events())


def test_a_frozen_canary_waits(tmp_path: Path) -> None:
    plant(tmp_path, SUM, FAST, CALL)
    with Store.open(tmp_path / "store") as store:
        store.commit(changes.freeze_everything("ada"), author="ada", reason="freeze")
    process = start(tmp_path)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        with Store.open(tmp_path / "store", create=False) as store:
            end = store.last_event() + 1
            while not store.snapshots() or not store.snapshots()[0]["nodes"]:
                assert process.poll() is None
            assert store.last_event() <= end + 2
            assert store.head().manifest.nodes["app:work"].state == "canary"
            store.commit(changes.thaw_everything(), author="ada", reason="thaw")
        wait_for(tmp_path, lambda e: e is not None and e.state == "active")
    finally:
        error = stop(tmp_path, process)
    assert process.returncode == 0, error
