"""Folders of modules without links in their paths: the same as `os.path.realpath`, with fewer looks."""

import os
from pathlib import Path

import pytest

from selfsame.runtime.agent.registry import Registry


def test_folders_are_found_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one/two/three", "one/two/four", "other/five"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "one")
    (tmp_path / "one" / "two" / "up").symlink_to("../../other")
    names = ["one/two/three", "one/two/four", "link/two/three", "link/two/up/five", "one/../other"]
    folders = [*(f"{tmp_path}/{name}" for name in names), f"{tmp_path}/gone/away", "/", "relative"]
    registry = Registry([])
    for folder in folders:
        found = registry._folder_of(f"{folder.rstrip('/')}/m.py")
        assert found == os.path.realpath(folder).rstrip("/") + "/"

    looks: list[object] = []
    real = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path: looks.append(path) or real(path))
    (tmp_path / "one" / "two" / "five").mkdir()
    assert registry._folder_of(f"{tmp_path}/one/two/five/m.py") == f"{tmp_path}/one/two/five/"
    assert len(looks) == 1


def test_modules_are_judged_again_only_where_other_folders_are_the_users(tmp_path: Path) -> None:
    registry = Registry([])
    registry.watch([str(tmp_path)], [])
    registry.scan(0.0)
    judged = dict(registry._judged)
    assert judged
    registry.watch([str(tmp_path)], [])
    assert registry._judged == judged
    registry.watch([str(tmp_path)], [str(tmp_path / "left")])
    assert not registry._judged
