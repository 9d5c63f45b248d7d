"""ClickHouse's HTTP interface over the embedded engine, as far as clickhouse-connect's clients use it. ASGI."""

import asyncio
import json
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.embedded.clickhouse import Engine
from deploy.embedded.clickhouse_request import BadRequest, Encoder, encoder_for, read_statement
from deploy.embedded.clickhouse_statement import ClickHouseError, Statement, Summary

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Results below this are sent whole, so that an error can still set the status.
_KEPT_BACK: Final = 1 << 20
_STALLED_SECONDS: Final = 60.0  # a client that reads nothing for so long would keep a query's thread
_TOO_MANY_QUERIES: Final = 202
_STATUS: Final = {
    400: frozenset({6, 26, 27, 36, 38, 41, 43, 53, 62, 72, 117, 131, 457}),
    403: frozenset({497}),
    404: frozenset({46, 47, 50, 56, 60, 63, 73, 79, 81, 115}),
    503: frozenset({_TOO_MANY_QUERIES}),
}


class ClientGone(Exception):
    """The client hung up while its result was being sent."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Queries at once, queries waiting, and bytes of one request's body (of all of them: twice that)."""

    concurrent: int = 8
    waiting: int = 256
    body_bytes: int = 256 << 20


@dataclass
class Application:
    """The ASGI application. Queries run in `bounds.concurrent` threads, never on the event loop."""

    engine: Engine
    bounds: Bounds = field(default_factory=Bounds)
    _pool: ThreadPoolExecutor = field(init=False)
    _queued: int = field(init=False, default=0)
    _held: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.bounds.concurrent, thread_name_prefix="query")

    def close(self) -> None:
        """Wait for the queries that run; those that wait are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        if scope["path"] in ("/ping", "/replicas_status") or (
            scope["path"] == "/" and not scope["query_string"] and scope["method"] in ("GET", "HEAD")
        ):
            await _respond(send, 200, [(b"content-type", b"text/html; charset=UTF-8")], b"Ok.\n")
            return
        held = [0]
        try:
            await self._answer(scope, receive, send, held)
        except BadRequest as error:
            await _respond(send, error.status, [], f"{error}\n".encode())
        except ClickHouseError as error:
            await _respond_error(send, error)
        except ClientGone:
            pass
        finally:
            self._held -= held[0]

    async def _answer(self, scope: Mapping[str, Any], receive: Receive, send: Send, held: list[int]) -> None:
        body = await self._read_body(receive, held)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        loop = asyncio.get_running_loop()
        if self._queued >= self.bounds.concurrent + self.bounds.waiting:
            raise ClickHouseError(
                _TOO_MANY_QUERIES,
                "Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)",
            )
        self._queued += 1
        try:
            reply = _Reply(loop, send, self.engine.timezone)
            await loop.run_in_executor(self._pool, self._run, scope, headers, body, reply)
        finally:
            self._queued -= 1
        await reply.finish()

    def _run(self, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes, reply: "_Reply") -> None:
        query = scope["query_string"].decode("latin-1")
        statement, transport = read_statement(scope["method"], query, headers, body, self.bounds.body_bytes)
        reply.begin(statement, transport, encoder_for(headers, transport))
        try:
            reply.summary = self.engine.run(statement, reply.write)
        except ClickHouseError as error:
            if not reply.started:
                raise
            reply.fail(error)

    async def _read_body(self, receive: Receive, held: list[int]) -> bytes:
        chunks: list[bytes] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk: bytes = message.get("body", b"")
            held[0] += len(chunk)
            self._held += len(chunk)
            if held[0] > self.bounds.body_bytes:
                raise BadRequest("Request body is too large", status=413)
            if self._held > 2 * self.bounds.body_bytes:
                raise BadRequest("Too many request bodies at once", status=503)
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


class _Reply:
    """One answer: kept back until whole or large, then streamed with the query's thread waiting for the client."""

    def __init__(self, loop: asyncio.AbstractEventLoop, send: Send, timezone: str) -> None:
        self.started = False
        self.summary: Summary | None = None
        self._loop = loop
        self._send = send
        self._timezone = timezone
        self._whole = False
        self._failed = False
        self._pieces: list[bytes] = []
        self._size = 0
        self._headers: Headers = []
        self._encoder: Encoder | None = None
        self._tag = secrets.token_hex(8)

    def begin(self, statement: Statement, transport: Mapping[str, str], encoder: Encoder | None) -> None:
        """Set what is known before the query runs. On the query's thread, as `write` and `fail` are."""
        query_id = transport.get("query_id") or str(uuid.uuid4())
        self._whole = statement.whole
        self._encoder = encoder
        self._headers = [
            (b"content-type", b"application/octet-stream"),
            (b"x-clickhouse-server-display-name", b"embedded"),
            (b"x-clickhouse-timezone", self._timezone.encode()),
            (b"x-clickhouse-format", statement.output_format.encode()),
            (b"x-clickhouse-query-id", query_id.encode("latin-1", "replace")),
            (b"x-clickhouse-exception-tag", self._tag.encode()),
        ]
        if encoder:
            self._headers.append((b"content-encoding", encoder.name.encode()))

    def write(self, chunk: bytes) -> None:
        """Take a piece of the result; blocks while the client is slower than the query."""
        self._size += len(chunk)
        self._pieces.append(self._encoder.encode(chunk) if self._encoder else chunk)
        if self.started or (self._size > _KEPT_BACK and not self._whole):
            self._flush()

    def fail(self, error: ClickHouseError) -> None:
        """Tell of an error after the status has gone out, as ClickHouse does: a marked block, then a broken-off body.

        The block alone is not enough: clickhouse-connect can overlook it and take the rows so far for the result.
        """
        self._failed = True
        tag, text = self._tag.encode(), error.text.encode()
        block = b"\r\n__exception__\r\n%b\r\n%b\n%d %b\r\n__exception__\r\n" % (tag, text, len(text) + 1, tag)
        self._pieces.append(self._encoder.encode(block) if self._encoder else block)
        self._flush()

    def _flush(self) -> None:
        data = b"".join(self._pieces)
        self._pieces.clear()
        try:
            asyncio.run_coroutine_threadsafe(self._stream(data), self._loop).result(_STALLED_SECONDS)
        except TimeoutError as error:
            raise ClientGone from error

    async def _stream(self, data: bytes) -> None:
        try:
            if not self.started:
                self.started = True
                await self._send({"type": "http.response.start", "status": 200, "headers": self._headers})
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
        except OSError as error:
            raise ClientGone from error

    async def finish(self) -> None:
        """Send what is left, or all of it. On the event loop."""
        if self._failed:
            return  # uvicorn closes the connection without the end of the body
        tail = self._encoder.finish() if self._encoder else b""
        if self.started:
            await self._send({"type": "http.response.body", "body": tail, "more_body": False})
            return
        if self.summary:
            self._headers.append((b"x-clickhouse-summary", _summary(self.summary)))
        await _respond(self._send, 200, self._headers, b"".join(self._pieces) + tail)


def _summary(summary: Summary) -> bytes:
    return json.dumps(
        {
            "read_rows": str(summary.read_rows),
            "read_bytes": str(summary.read_bytes),
            "written_rows": str(summary.written_rows),
            "written_bytes": str(summary.written_bytes),
            "elapsed_ns": str(int(summary.elapsed_seconds * 1e9)),
        }
    ).encode()


async def _respond_error(send: Send, error: ClickHouseError) -> None:
    status = next((status for status, codes in _STATUS.items() if error.code in codes), 500)
    headers: Headers = [
        (b"content-type", b"text/plain; charset=UTF-8"),
        (b"x-clickhouse-exception-code", str(error.code).encode()),
    ]
    await _respond(send, status, headers, f"{error.text}\n".encode())


async def _respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
