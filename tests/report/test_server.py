"""The page over HTTP: it is the store's own, it renews itself, and other sites cannot read it."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from selfsame.report.server import PageServer
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.versions.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def server(store: Store) -> Iterator[PageServer]:
    with PageServer(store, 0, 1.5) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


def ask(
    server: PageServer, path: str = "/", method: str = "GET", host: str = ""
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def watched(run: str) -> dict[str, object]:
    graph = LivingGraph()
    graph.node("shop:total")
    return graph.snapshot() | {
        "run": run,
        "command": ["python", f"{run}.py"],
        "mode": "watch",
        "cdl": [],
        "agents": [],
        "processes": 1,
        "functions": 1,
        "left_alone": {},
        "problems": [],
        "at": 1.0,
        "running": True,
    }


def test_the_page_follows_the_store(server: PageServer, store: Store) -> None:
    answer, text = ask(server)
    assert answer.status == 200 and "Nothing was watched yet" in text
    store.put_snapshot("first", watched("first"))
    answer, text = ask(server, "/?again")
    assert answer.status == 200 and "first.py" in text
    assert answer.headers["Refresh"] == "1.5" and answer.headers["Cache-Control"] == "no-store"
    store.put_snapshot("second", watched("second"))
    assert "second.py" in ask(server, host=f"localhost:{server.server_port}")[1]


def test_metrics_are_beside_the_page(server: PageServer, store: Store) -> None:
    store.put_snapshot("first", watched("first"))
    answer, text = ask(server, "/metrics")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain")
    assert "selfsame_program_processes 1.0" in text.splitlines()
    assert ask(server, "/metrics", host="elsewhere.example")[0].status == 403
    assert "/metrics" in ask(server, "/other")[1]


def test_a_silent_connection_holds_nobody_up(server: PageServer, store: Store) -> None:
    store.put_snapshot("first", watched("first"))
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=30):
        assert "first.py" in ask(server)[1]


def test_other_sites_and_other_pages_get_nothing(server: PageServer, store: Store) -> None:
    store.put_snapshot("first", watched("first"))
    for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1.evil.example:80"):
        answer, text = ask(server, host=host)
        assert answer.status == 403 and "first.py" not in text
    assert ask(server, "/../store.db")[0].status == 404
    assert ask(server, method="POST")[0].status == 501
    answer, text = ask(server, method="HEAD")
    assert answer.status == 200 and not text and int(answer.headers["Content-Length"]) > 1000


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path, store: Store) -> None:
    command = [sys.executable, "-m", "selfsame", "serve", "--store", str(tmp_path / "store")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[0]
        port = url.rstrip("/").rpartition(":")[2]
        connection = HTTPConnection("127.0.0.1", int(port), timeout=60)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        taken = subprocess.run([*command, "--port", port], capture_output=True, text=True)
        assert taken.returncode == 1
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in taken.stderr
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
