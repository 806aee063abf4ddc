"""``serve``: the page of the newest run over HTTP, renewed as the program runs, and its metrics.

It listens on the loopback address alone and answers only requests that name it: a page of another
site cannot read it by giving its own name this address (DNS rebinding). It says what ``report``
says, and changes nothing.
"""

import html
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from selfsame.report.page import NothingWatched, page
from selfsame.runtime.versions.errors import StoreError
from selfsame.runtime.versions.store import Store

ADDRESS = "127.0.0.1"
PLAIN = "text/plain; charset=utf-8"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_WAITING = "Nothing was watched yet. This page renews itself; start a program: selfsame run SCRIPT"
logger = logging.getLogger(__name__)


class PageServer(ThreadingHTTPServer):
    """Serves the page of a store. ``port`` 0 takes a free one; ``every``: seconds to the next look.

    Raises OSError where the port is taken.
    """

    daemon_threads = True  # a connection that says nothing holds nobody up

    def __init__(self, store: Store, port: int, every: float) -> None:
        super().__init__((ADDRESS, port), _Handler)
        self.store = store
        self._one_at_a_time = Lock()
        self.every = every

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def text(self) -> tuple[HTTPStatus, str]:
        """The page now, or why there is none."""
        try:
            with self._one_at_a_time:
                return HTTPStatus.OK, page(self.store)
        except NothingWatched:
            return HTTPStatus.OK, f"<!doctype html><title>selfsame</title><p>{_WAITING}</p>"
        except StoreError as error:
            told = f"<!doctype html><title>selfsame</title><pre>{html.escape(str(error))}</pre>"
            return HTTPStatus.SERVICE_UNAVAILABLE, told

    def metrics(self, accept: str) -> tuple[HTTPStatus, bytes, str]:
        """The metrics now for Prometheus, or why there are none; and the content type."""
        try:
            from selfsame.report.prometheus import exposition

            with self._one_at_a_time:
                return HTTPStatus.OK, *exposition(self.store, accept)
        except ImportError:
            told = "Metrics need prometheus-client: pip install 'selfsame[metrics]'\n"
            return HTTPStatus.NOT_IMPLEMENTED, told.encode(), PLAIN
        except StoreError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n".encode(), PLAIN

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that went away in the middle is no news."""
        logger.debug("a request of %s failed", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    timeout = 30.0  # of a connection that says nothing
    server_version, sys_version = "selfsame", ""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, body: bool) -> None:
        name = self.headers.get("Host", "").rpartition(":")[0]
        if name not in (ADDRESS, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN, "Ask for it by its address", self.server.url)
            return
        path = self.path.partition("?")[0]
        if path == "/":
            status, text = self.server.text()
            data, kind = text.encode(), "text/html; charset=utf-8"
        elif path == "/metrics":
            status, data, kind = self.server.metrics(self.headers.get("Accept", ""))
        else:
            told = f"There are {self.server.url} and {self.server.url}metrics"
            self.send_error(HTTPStatus.NOT_FOUND, explain=told)
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        if path == "/":
            self.send_header("Content-Security-Policy", _POLICY)
            self.send_header("Refresh", f"{self.server.every:g}")
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)
