"""A host of its own for the page of a shop, which tells when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any


class _Handler(SimpleHTTPRequestHandler):
    """Serves files; what is posted is told."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012 -- as the parent's

    def __init__(self, *args: Any, told: SimpleQueue[str], **more: Any) -> None:
        self._told = told
        super().__init__(*args, **more)

    def do_POST(self) -> None:
        """Note what the page says."""
        said = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
        self.send_response(204)
        self.end_headers()
        self._told.put(said)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, SimpleQueue[str]]]:
    """Serve a folder; gives its address and what pages tell."""
    told: SimpleQueue[str] = SimpleQueue()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder), told=told)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", told
        finally:
            server.shutdown()
            thread.join()
