"""Each file in wrong/ has as many mistakes as its first line says, and the messages beside it."""

import re
from pathlib import Path

import pytest

from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.parse import parse_files

WRONG = Path(__file__).parent / "wrong"
FILES = sorted(WRONG.glob("*.cdl"))
# Words of the generated parser and of Python that a user must never see.
INTERNAL = re.compile(
    r"\b(?:LBRACE|RBRACE|LBRACK|WORD|NUMBER|PATTERN|SEPARATOR|JUNK|EOF)\b"
    r"|Context|Token|antlr|Traceback|Recognition|NoneType|line \d+:\d+ "
)


def messages(path: Path, monkeypatch: pytest.MonkeyPatch) -> CDLError:
    monkeypatch.chdir(WRONG)
    with pytest.raises(CDLError) as caught:
        parse_files([path.name])
    return caught.value


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 100


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_messages(path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    text = f"{messages(path, monkeypatch)}\n"
    golden = path.with_suffix(".txt")
    if update_golden:
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_one_mistake_is_one_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = re.match(rb"# mistakes: (\d+)\n", path.read_bytes())
    assert head is not None
    error = messages(path, monkeypatch)
    assert len(error.diagnostics) == int(head[1]), str(error)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_messages_speak_to_users(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for diagnostic in messages(path, monkeypatch).diagnostics:
        assert not INTERNAL.search(diagnostic.message + diagnostic.suggestion)
        assert len(diagnostic.message) < 200


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_places_lie_in_the_text(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for diagnostic in messages(path, monkeypatch).diagnostics:
        place = diagnostic.place
        assert place.path == path.name
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert place.width >= 1


def test_errors_of_all_files_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(WRONG)
    with pytest.raises(CDLError) as caught:
        parse_files(["mode.cdl", "undecodable.cdl", "partial.cdl", "not_there.cdl"])
    assert [d.place.path for d in caught.value.diagnostics] == [
        "mode.cdl",
        "undecodable.cdl",
        "partial.cdl",
        "not_there.cdl",
    ]
