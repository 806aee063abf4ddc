"""Where a store is, and which places are refused."""

import logging
import os
from pathlib import Path

import pytest

from selfsame.runtime.versions.errors import StoreRefused
from selfsame.runtime.versions.location import locate_store, store_directory
from selfsame.runtime.versions.store import Store


@pytest.mark.parametrize("mark", [".selfsame", "pyproject.toml", ".git"])
def test_the_nearest_directory_with_a_projects_mark(tmp_path: Path, mark: str) -> None:
    deep = tmp_path / "project" / "src" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "project" / mark).mkdir()
    assert locate_store(deep) == tmp_path / "project" / ".selfsame"
    assert not list(deep.iterdir())


def test_without_a_project_where_the_program_runs(tmp_path: Path) -> None:
    assert locate_store(tmp_path) == tmp_path / ".selfsame"


def test_a_home_directory_is_nobodys_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    assert locate_store(tmp_path / "work") == tmp_path / "work" / ".selfsame"


def test_a_place_that_cannot_be_written_gets_a_store_in_the_users_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # /proc cannot be written by anyone, root included.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = Path("/proc/self/task")
    with caplog.at_level(logging.WARNING, "selfsame.versions"):
        found = locate_store(place)
    assert found.parent == tmp_path / "selfsame"
    assert locate_store(place) == found
    assert "cannot be written; the store is" in caplog.text
    with Store.open(found) as store:
        assert store.head().parent == ""


def test_a_store_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(StoreRefused, match="cannot be made"):
        Store.open("/proc/self/task/store")


def test_urls_and_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = tmp_path / "s"
    for text in ("s", "sqlite:///s", f"sqlite:///{expected}", str(expected), "s/store.db"):
        assert store_directory(text) == expected
    with Store.open(f"sqlite:///{expected}/store.db") as store:
        assert store.directory == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://user:hunter2@host/db", "PostgreSQL is not supported"),
        ("postgres://host/db", "PostgreSQL is not supported"),
        ("postgresql+psycopg://host/db", "PostgreSQL is not supported"),
        ("mysql://host/db", "no such kind of store"),
        ("sqlite://host/path", "not a store's URL"),
        ("sqlite:///", "not a store's URL"),
    ],
)
def test_other_urls_are_refused_without_repeating_their_secrets(url: str, reason: str) -> None:
    with pytest.raises(StoreRefused, match=reason) as error:
        Store.open(url)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("name", [".", "store.db"])
def test_a_store_that_everyone_can_write_is_refused(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "store"
    Store.open(directory).close()
    path = directory / name
    path.chmod(path.stat().st_mode | 0o002)
    with pytest.raises(StoreRefused, match="chmod o-w"):
        Store.open(directory)


def test_a_store_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(tmp_path / "store").close()
    owner = (tmp_path / "store").stat().st_uid
    if owner == 0:
        os.chown(tmp_path / "store", 12345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(StoreRefused, match="belongs to another user"):
        Store.open(tmp_path / "store")
