"""Rewrites that no trial should have passed: each is rolled back by itself, and not tried again."""

import signal
import time
from pathlib import Path

import pytest

from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.word import closed

from .planted import CALL, CRASH, PLANTED, SUM, plant, start, stop, wait_for


@pytest.mark.parametrize(
    "name",
    [
        "wrong for a rare input",
        pytest.param("slow for large inputs alone", marks=pytest.mark.slow),
        pytest.param("keeps memory", marks=pytest.mark.slow),
    ],
)
def test_a_planted_rewrite_is_rolled_back(tmp_path: Path, name: str) -> None:
    rewrite, call, word = PLANTED[name]
    planted = plant(tmp_path, SUM, rewrite, call, state="active")
    process = start(tmp_path, "--auto")
    try:
        wait_for(tmp_path, lambda e: e is not None and e.state == "barred")
        with Store.open(tmp_path / "store", create=False) as store:
            while not (removed := [e for e in store.events() if e.kind == "removed"]):
                assert process.poll() is None
                time.sleep(0.05)
    finally:
        error = stop(tmp_path, process)
    assert process.returncode == 0, error
    with Store.open(tmp_path / "store", create=False) as store:
        entry = store.head().manifest.nodes["app:work"]
        assert word in entry.reason
        # Nothing is proposed again for the same content, in this run or another one.
        assert closed(store.head().manifest, "app:work", entry.content_hash) == entry
        assert [e.numbers["rewrite"] for e in removed] == [planted]


def test_a_rewrite_that_crashes_the_program_is_barred_after_two_deaths(tmp_path: Path) -> None:
    plant(tmp_path, SUM, CRASH, CALL)
    # The first comparison would find it too, and may come first.
    (tmp_path / "app.cdl").write_text("constraint app:work { rollback: [slower] }")
    for state in ("canary", "barred"):
        process = start(tmp_path, "--cdl", "app.cdl")
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGSEGV
        with Store.open(tmp_path / "store", create=False) as store:
            entry = store.head().manifest.nodes["app:work"]
            assert entry.state == state, [e.reason for e in store.events()]
            assert all("died of SIGSEGV" in line for line in entry.suspected)
            assert len(entry.suspected) == (1 if state == "canary" else 2)
    process = start(tmp_path)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    error = stop(tmp_path, process)
    assert process.returncode == 0, error
