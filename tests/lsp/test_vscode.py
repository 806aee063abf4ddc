"""The VS Code extension, with VS Code's own parts: its tokeniser, its protocol library, its packager.

They are installed from the registry of npm, so this needs Node.js and runs in the slow environment.
"""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from selfsame.grammar.vocabulary import PROPERTIES

EXTENSION = Path(__file__).parents[2] / "grammar" / "editors" / "vscode"
SCRIPTS = Path(__file__).parent / "editor"
PAGE = (Path(__file__).parents[2] / "docs" / "cdl.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```cdl\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PARTS = ("vscode-textmate", "vscode-oniguruma", "vscode-languageserver-protocol", "@vscode/vsce")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="no Node.js"),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory) -> Path:
    """A folder with the parts installed and the scripts in it."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text("{}")
    command = ["npm", "install", "--no-audit", "--no-fund", *PARTS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    if done.returncode:
        pytest.skip(f"npm cannot install: {done.stderr.splitlines()[-1:]}")
    for script in SCRIPTS.glob("*.js"):
        shutil.copy(script, folder)
    return folder


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_word_has_its_colour(node: Path) -> None:
    texts = [
        *BLOCKS,
        *(f"constraint a {{ {name}: 1 }}\n" for name in PROPERTIES),
        "constraint shop.**:Cart.*, !app:f#2 { never: [list-to-set, by-hold-2]; mode: auto }\n",
    ]
    files = [node / f"{number}.cdl" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    grammar = str(EXTENSION / "syntaxes" / "cdl.tmLanguage.json")
    found = json.loads(run(node, "node", "textmate.js", grammar, *map(str, files)))
    for text, tokens in zip(texts, found, strict=True):
        assert "".join(word for word, _ in tokens) == text.replace("\n", "")
    for name, tokens in zip(PROPERTIES, found[len(BLOCKS) :], strict=False):
        scopes = dict(tokens)
        assert scopes[name] == "support.type.property-name.cdl", name
        assert scopes["1"] == "constant.numeric.cdl"
    names = dict(found[-1])
    assert names["auto"] == "constant.language.cdl" and names["never"].startswith("support")
    assert {"to", "hold", "2"}.isdisjoint(names)  # inside the names of templates
    assert names["shop.**:Cart.*"] == names["app:f#2"] == "entity.name.type.cdl"
    for tokens in found[: len(BLOCKS)]:
        plain = [w for w, s in tokens if s == "source.cdl" and w.strip(" ,")]
        assert plain == []


def test_the_server_speaks_with_the_client_library(node: Path, tmp_path: Path) -> None:
    pytest.importorskip("pygls", reason="the language server is an extra")
    (tmp_path / "shop.py").write_text("def total(items):\n    return sum(items)\n")
    text = "constraint shop:total {\n  max_cpu_time: 1s\n  mode: ato\n}\n"
    server = (sys.executable, "-m", "selfsame", "lsp")
    said = json.loads(run(node, "node", "client.js", str(tmp_path), text, *server))
    (mistake,) = said["diagnostics"]
    assert mistake["range"]["start"] == {"line": 2, "character": 8}
    assert "did you mean `auto`?" in mistake["message"]
    assert "max_execution_time" in said["labels"] and "tenants" not in said["labels"]
    assert "CPU time of a call" in said["hover"]["contents"]["value"]
    places = said["definition"]
    (place,) = places if isinstance(places, list) else [places]
    assert place["uri"].endswith("/shop.py") and place["range"]["start"]["line"] == 0


def test_it_can_be_packaged(node: Path, tmp_path: Path) -> None:
    folder = tmp_path / "extension"
    shutil.copytree(EXTENSION, folder)
    run(folder, "npm", "install", "--no-audit", "--no-fund")
    vsce = str(node / "node_modules" / ".bin" / "vsce")
    run(folder, vsce, "package", "--allow-missing-repository", "--skip-license")
    (package,) = folder.glob("*.vsix")
    with zipfile.ZipFile(package) as archive:
        names = set(archive.namelist())
    main = json.loads((EXTENSION / "package.json").read_text())["main"]
    wanted = {
        main.removeprefix("./"),
        "syntaxes/cdl.tmLanguage.json",
        "language-configuration.json",
    }
    wanted.add("node_modules/vscode-languageclient/node.js")
    assert {f"extension/{name}" for name in wanted} <= names
