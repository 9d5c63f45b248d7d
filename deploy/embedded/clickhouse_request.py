"""From an HTTP request of a ClickHouse client to a statement: URL, body, encodings, external tables. Pure."""

import re
import sys
import zlib
from collections.abc import Mapping
from email.message import Message
from typing import Final, Protocol
from urllib.parse import parse_qsl

import lz4.frame

from deploy.embedded.clickhouse_statement import ExternalTable, Statement, split_insert

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# What clients put into the URL for the transport; everything else there is a setting of the query.
_TRANSPORT: Final = frozenset({
    "query", "database", "default_format", "query_id", "session_id", "session_timeout", "session_check", "quota_key",
    "user", "password", "role", "buffer_size", "wait_end_of_query", "compress", "decompress", "stacktrace",
    "enable_http_compression", "http_zlib_compression_level", "client_protocol_version", "close_session",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "cancel_http_readonly_queries_on_client_close",
})  # fmt: skip
_EXTERNAL: Final = re.compile(r"(\w+)_(format|structure|types)\Z")


class BadRequest(Exception):
    """The request cannot be read as one of ClickHouse's HTTP interface."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Encoder(Protocol):
    """Compresses an answer piece by piece; `name` is its Content-Encoding."""

    name: str

    def encode(self, data: bytes) -> bytes:
        """What can be given out so far."""
        ...

    def finish(self) -> bytes:
        """What is left."""
        ...


class _Gzip:
    name = "gzip"

    def __init__(self) -> None:
        self._state = zlib.compressobj(level=1, wbits=31)

    def encode(self, data: bytes) -> bytes:
        return self._state.compress(data) + self._state.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._state.flush()


class _Lz4:
    """One frame; the clients' decoders stop at the end of the first."""

    name = "lz4"

    def __init__(self) -> None:
        self._state = lz4.frame.LZ4FrameCompressor(auto_flush=True)
        self._begun = False

    def encode(self, data: bytes) -> bytes:
        head = b"" if self._begun else self._state.begin()
        self._begun = True
        return bytes(head + self._state.compress(data))

    def finish(self) -> bytes:
        head = b"" if self._begun else self._state.begin()
        return bytes(head + self._state.flush())


class _Zstd:
    name = "zstd"

    def __init__(self) -> None:
        self._state = zstd.ZstdCompressor(level=1)

    def encode(self, data: bytes) -> bytes:
        return self._state.compress(data, zstd.ZstdCompressor.FLUSH_BLOCK)

    def finish(self) -> bytes:
        return self._state.flush()


def encoder_for(headers: Mapping[str, str], transport: Mapping[str, str]) -> Encoder | None:
    """The compression the client asked for in the header and enabled in the URL, as ClickHouse wants both."""
    if transport.get("enable_http_compression") != "1":
        return None
    accepted = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")}
    for encoder in (_Lz4, _Zstd, _Gzip):
        if encoder.name in accepted:
            return encoder()
    return None


def read_statement(
    method: str, query_string: str, headers: Mapping[str, str], body: bytes, limit: int
) -> tuple[Statement, dict[str, str]]:
    """The statement a request asks for, and its transport options.

    `limit` bounds the body after decompression. The text is the URL's `query`, then a newline and the body, unless the
    body is an insert's data.
    """
    fields = dict(parse_qsl(query_string, keep_blank_values=True))
    body = _decompress(body, headers.get("content-encoding", ""), limit)
    files: dict[str, bytes] = {}
    if headers.get("content-type", "").startswith("multipart/form-data"):
        values, files = _read_form(headers["content-type"], body)
        fields, body = {**fields, **values}, b""
    sql, data = _split(fields.get("query", ""), body)
    transport = {name: value for name, value in fields.items() if name in _TRANSPORT}
    external = tuple(_external(name, content, fields) for name, content in files.items())
    settings = {
        name: value
        for name, value in fields.items()
        if name not in _TRANSPORT and not name.startswith("param_") and not _describes(name, files)
    }
    if method in ("GET", "HEAD"):
        settings.setdefault("readonly", "2")
    statement = Statement(
        sql=sql,
        database=fields.get("database") or headers.get("x-clickhouse-database") or None,
        params={name.removeprefix("param_"): value for name, value in fields.items() if name.startswith("param_")},
        settings=settings,
        external=external,
        data=data,
        default_format=fields.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated",
        whole=fields.get("wait_end_of_query") == "1",
    )
    return statement, transport


def _split(query: str, body: bytes) -> tuple[str, bytes | None]:
    if query and body and re.match(r"\s*INSERT\s", query, re.IGNORECASE):
        return query, body
    text, data = split_insert(query.encode() + b"\n" + body if query and body else query.encode() or body)
    try:
        return text.decode(), data
    except UnicodeDecodeError as error:
        raise BadRequest("The query is not UTF-8") from error


def _describes(name: str, files: Mapping[str, bytes]) -> bool:
    found = _EXTERNAL.match(name)
    return found is not None and found[1] in files


def _external(name: str, content: bytes, fields: Mapping[str, str]) -> ExternalTable:
    structure = fields.get(f"{name}_structure")
    if not structure:
        types = fields.get(f"{name}_types")
        if not types:
            raise BadRequest(f"External table {name} has neither structure nor types")
        structure = ", ".join(f"_{number} {kind}" for number, kind in enumerate(_split_types(types), 1))
    return ExternalTable(name, structure, fields.get(f"{name}_format", "TabSeparated"), content)


def _split_types(types: str) -> list[str]:
    """`A,Tuple(B,C)` has two types: commas count outside parentheses only."""
    parts, depth = [""], 0
    for character in types:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _read_form(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    """Values and files of a multipart form; binary-safe, where `email` would rewrite line ends."""
    boundary = _header(content_type, "boundary")
    if not boundary:
        raise BadRequest("multipart/form-data without a boundary")
    values: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        head, separator, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not separator:
            continue
        disposition = next(
            (line for line in head.decode().split("\r\n") if line.lower().startswith("content-disposition:")), ""
        ).partition(":")[2]
        name = _header(disposition, "name")
        if _header(disposition, "filename") is None:
            values[name or ""] = content.decode()
        else:
            files[name or ""] = content
    return values, files


def _header(value: str, parameter: str) -> str | None:
    message = Message()
    message["x"] = value.strip()
    found = message.get_param(parameter, header="x")
    return found if isinstance(found, str) else None


def _decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its Content-Encoding, refused when it would grow beyond the limit."""
    if encoding in ("", "identity"):
        return body
    try:
        plain = _inflate(body, encoding, limit + 1)
    except (zlib.error, zstd.ZstdError, RuntimeError, EOFError) as error:
        raise BadRequest(f"Cannot decompress the body as {encoding}: {error}") from error
    if len(plain) > limit:
        raise BadRequest("Request body is too large", status=413)
    return plain


def _inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Decode all frames: clients compress each block of an insert on its own."""
    plain = bytearray()
    while body and len(plain) < limit:
        if encoding == "gzip":
            gzip = zlib.decompressobj(wbits=31)
            plain += gzip.decompress(body, limit - len(plain))
            body = gzip.unused_data
        elif encoding == "lz4":
            frame = lz4.frame.LZ4FrameDecompressor()
            plain += frame.decompress(body, limit - len(plain))
            body = frame.unused_data or b""
        elif encoding == "zstd":
            decoder = zstd.ZstdDecompressor()
            plain += decoder.decompress(body, limit - len(plain))
            body = decoder.unused_data
        else:
            raise BadRequest(f"Content-Encoding {encoding} is not supported", status=415)
    return bytes(plain)
