"""The table ``tool.selfsame`` of a ``pyproject.toml``: defaults for all nodes, and CDL files.

[tool.selfsame]
cdl = ["shop.cdl"]       # as `import shop.cdl`
mode = "watch"           # as `constraint **:** { mode: watch }`
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from selfsame.grammar.composed import Composer
from selfsame.grammar.diagnostics import CDLError, Diagnostic, Place
from selfsame.grammar.model import Document


def find_project(folder: Path) -> Path | None:
    """The ``pyproject.toml`` of a folder or the nearest above it, if it has ``tool.selfsame``."""
    for above in (folder, *folder.parents):
        path = above / "pyproject.toml"
        if path.is_file():
            try:
                content = tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                return None  # not ours to report: who reads it for other reasons does
            return path if _table(content) else None
    return None


def parse_project(text: str, path: str) -> Document:
    """The document that the table says. Raises CDLError with every mistake, at its place."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = Place(path, int(found[1]), int(found[2])) if found else Place(path, 1)
        message = str(error).partition(" (at ")[0]
        diagnostic = Diagnostic(place, f"this file is not TOML: {message[:1].lower()}{message[1:]}")
        raise CDLError((diagnostic,), {path: text}) from error
    composer = Composer(path, text)
    table = dict(_table(content))
    _files(table.pop("cdl", []), composer)
    if table:
        composer.add("constraint **:** {\n")
        for name, value in table.items():
            _property(name, value, composer)
        composer.add("}\n")
    return composer.document()


def _table(content: dict[str, Any]) -> dict[str, Any]:
    tool = content.get("tool")
    table = tool.get("selfsame") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def _files(files: object, composer: Composer) -> None:
    start, stop = _key("cdl", composer)
    listed = files if isinstance(files, list) else [files]
    for file in listed:
        if not isinstance(file, str) or '"' in file or "\n" in file:
            composer.fail(start, stop, "`cdl` is a list of paths", 'cdl = ["shop.cdl"]')
            continue
        composer.add('import "')
        composer.written(file, start, stop)
        composer.add('"\n')


def _property(name: str, value: object, composer: Composer) -> None:
    start, stop = _key(name, composer)
    word, bracket, subject = name.partition("[")
    composer.value(word, start, stop, "a property")
    if bracket:
        composer.add("[")
        composer.value(subject.removesuffix("]"), start, stop, "what is in brackets")
        composer.add("]")
    composer.add(": ")
    if isinstance(value, list):
        composer.add("[")
        for number, part in enumerate(value):
            composer.add(", " if number else "")
            composer.value(str(part), start, stop, f"a name of `{name}`")
        composer.add("]")
    elif isinstance(value, bool):
        composer.written("yes" if value else "no", start, stop)
    elif isinstance(value, str | int | float):
        composer.value(str(value), start, stop, f"`{name}`")
    else:
        composer.fail(start, stop, f"`{name}` is text in quotes", f'{name} = "…"')
    composer.add("\n")


def _key(name: str, composer: Composer) -> tuple[int, int]:
    """The offsets of a key in the table, or of the table's own head."""
    text = composer.origin.text
    head = re.search(r"^\s*\[\s*tool\s*\.\s*selfsame\s*\]", text, re.MULTILINE)
    start = head.end() if head is not None else 0
    following = re.compile(r"^\s*\[", re.MULTILINE).search(text, start)
    end = following.start() if following is not None else len(text)
    key = re.compile(rf"""^[ \t]*["']?({re.escape(name)})["']?[ \t]*=""", re.MULTILINE)
    found = key.search(text, start, end)
    if found is not None:
        return found.start(1), found.end(1)
    return (head.start(), head.end()) if head is not None else (0, 1)
