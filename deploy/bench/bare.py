"""A server that does the least one can do: reads the body and answers 202. As uvicorn runs ingest, so it runs this."""

from __future__ import annotations

import socket
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import uvicorn

from deploy.bench.spawning import spawned

# As long as what ingest answers, with a position of eight partitions.
_ANSWER = b'{"accepted":100,"rejected":0,"errors":[],"position":"%b"}' % (b"x" * 120)
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_ANSWER))]


@contextmanager
def bare() -> Iterator[tuple[str, int]]:
    """Its address and its process, while the block runs."""
    with spawned("bare server", _serve) as process:
        yield f"http://127.0.0.1:{process.said()}", process.pid


def _serve(line: Connection) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    line.send(listening.getsockname()[1])
    settings = uvicorn.Config(
        _answer, lifespan="off", log_config=None, access_log=False, server_header=False, timeout_keep_alive=75
    )
    uvicorn.Server(settings).run([listening])


async def _answer(_scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 202, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})
