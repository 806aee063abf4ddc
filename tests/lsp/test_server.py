"""``selfsame lsp``, spoken to as an editor does: JSON-RPC on its stdin and stdout."""

import json
import subprocess
import sys
import threading
from queue import Queue

import pytest

pytest.importorskip("pygls", reason="the language server is an extra")

DEADLINE_S = 60
TEXT = "constraint node_1 { mode: ato }\nconstraint shop:total { max_cpu_time: 1s; cache_memory: 1MB }\n"


class Editor:
    """One end of the protocol."""

    def __init__(self, folder):
        self.folder = folder
        self.uri = (folder / "shop.cdl").as_uri()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "selfsame", "lsp"],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.incoming = Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.number = 0
        root = {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}
        self.capabilities = self.ask("initialize", root)["capabilities"]
        self.tell("initialized", {})

    def _listen(self):
        while True:
            header = b""
            while not header.endswith(b"\r\n\r\n"):
                byte = self.process.stdout.read(1)
                if not byte:
                    return
                header += byte
            length = int(header.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            self.incoming.put(json.loads(self.process.stdout.read(length)))

    def _send(self, message):
        data = json.dumps({"jsonrpc": "2.0"} | message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def tell(self, method, params):
        self._send({"method": method, "params": params})

    def ask(self, method, params):
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.incoming.get(timeout=DEADLINE_S)
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def at(self, method, line, column):
        position = {"line": line, "character": column}
        return self.ask(method, {"textDocument": {"uri": self.uri}, "position": position})

    def open(self, text):
        item = {"uri": self.uri, "languageId": "cdl", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return self.diagnostics()

    def change(self, text):
        item = {"uri": self.uri, "version": 2}
        params = {"textDocument": item, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", params)
        return self.diagnostics()

    def diagnostics(self):
        while True:
            message = self.incoming.get(timeout=DEADLINE_S)
            if message.get("method") == "textDocument/publishDiagnostics":
                return message["params"]["diagnostics"]

    def close(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(timeout=DEADLINE_S)


@pytest.fixture
def editor(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "shop.py").write_text(
        "x = 1\n\ndef total(rows):  # selfsame: node_1\n    return sum(rows)\n"
    )
    made = Editor(project)
    yield made
    if made.process.poll() is None:
        made.process.kill()
    made.process.wait()


def test_an_editor_s_session(editor):
    mistakes = editor.open(TEXT)
    assert [(m["severity"], m["message"]) for m in mistakes] == [
        (1, "mode takes `watch`, `shadow`, `approve` or `auto`, not `ato`\ndid you mean `auto`?")
    ]
    assert mistakes[0]["range"] == {
        "start": {"line": 0, "character": 26},
        "end": {"line": 0, "character": 29},
    }
    right = editor.change(TEXT.replace("ato", "auto") + "constraint shop:totl { }\n")
    assert [(m["severity"], m["range"]["start"]["line"]) for m in right] == [(2, 2)]
    assert "did you mean `shop:total`?" in right[0]["message"]

    hover = editor.at("textDocument/hover", 1, 30)
    assert "CPU time of a call" in hover["contents"]["value"]
    hover = editor.at("textDocument/hover", 0, 14)
    assert "shop:total\n" in hover["contents"]["value"]
    assert "mode auto" in hover["contents"]["value"]

    place = editor.at("textDocument/definition", 1, 15)
    assert place["uri"].endswith("/project/shop.py")
    assert place["range"]["start"] == {"line": 2, "character": 0}
    assert editor.at("textDocument/definition", 1, 30) is None

    editor.change("constraint shop:total { max_ex")
    labels = [i["label"] for i in editor.at("textDocument/completion", 0, 30)["items"]]
    assert labels == ["max_execution_time"]

    editor.change("constraint a{mode:auto}\n")
    options = {"tabSize": 2, "insertSpaces": True}
    params = {"textDocument": {"uri": editor.uri}, "options": options}
    (edit,) = editor.ask("textDocument/formatting", params)
    assert edit["newText"] == "constraint a {\n  mode: auto\n}\n"
    assert editor.close() == 0


def test_loops_labels_and_algorithms(editor):
    (editor.folder / "shop.py").write_text(
        "def total(rows):  # selfsame: node_1\n"
        "    n = 0\n    for row in rows:\n        n += row\n    return n\n"
        "def total_of(rows, start):\n    return sum(rows, start)\n"
    )
    text = "constraint shop:total/loop[0], node_1 { mode: auto }\n"
    editor.open(text)
    editor.tell("textDocument/didSave", {"textDocument": {"uri": editor.uri}})
    assert editor.diagnostics() == []
    place = editor.at("textDocument/definition", 0, 16)
    assert place["range"]["start"]["line"] == 2
    place = editor.at("textDocument/definition", 0, 33)
    assert place["range"]["start"]["line"] == 0

    wrong = editor.change("constraint node_1 { algorithm: [total, total_of, totl_of] }\n")
    assert [(m["severity"], m["range"]["start"]["character"]) for m in wrong] == [(2, 39), (2, 49)]
    assert "it needs 2 arguments, and gets 1" in wrong[0]["message"]
    assert "did you mean `total_of`?" in wrong[1]["message"]

    def offered(text):
        editor.change(text)
        found = editor.at("textDocument/completion", 0, len(text))
        return [item["label"] for item in found["items"]]

    assert "shop:total/loop[0]" in offered("constraint shop:total/")
    assert "node_1" in offered("constraint nod")
    assert "10ms" in offered("constraint a { max_execution_time: 10")
    assert "list-pop0-to-deque" in offered("constraint a { container: [list")
    assert "any_message" in offered("constraint a { equality: any")


def test_columns_are_counted_in_utf_16(editor):
    (mistake,) = editor.open("# 😀\nconstraint 𝒶 { mode: ato }\n")[:1]
    assert mistake["range"]["start"]["line"] == 1
