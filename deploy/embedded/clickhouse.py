"""ClickHouse inside this process: the one module that touches chDB, and where its hazards end.

Every request gets a connection of its own, closed afterwards. So settings, temporary tables and the bytes that a
query failing halfway leaves on its handle die with the request (0.3 ms, measured against reusing a handle).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from chdb import _chdb

from deploy.embedded.clickhouse_config import Limits, write_configuration
from deploy.embedded.clickhouse_statement import (
    ClickHouseError,
    ExternalTable,
    Statement,
    Summary,
    quoted,
    refuse_disk_access,
    split_format,
    streams,
)
from deploy.embedded.lock import AlreadyInUse, DirectoryLock

Sink = Callable[[bytes], None]

_CHUNK: Final = 8 * 1024 * 1024
_BAD_ARGUMENTS: Final = 36
_SYNTAX_ERROR: Final = 62
# Texts of statements that may run; the longest are some hundred KiB.
_VETTED_KEPT = 200
_TOO_MANY_BYTES: Final = 396
_MULTIPLE_STATEMENTS: Final = "Multi-statements are not allowed"


class _Result(Protocol):
    def bytes(self) -> bytes: ...
    def has_error(self) -> bool: ...
    def error_message(self) -> str: ...
    def storage_rows_read(self) -> int: ...
    def storage_bytes_read(self) -> int: ...
    def rows_written(self) -> int: ...
    def bytes_written(self) -> int: ...


class _Stream(Protocol):
    def has_error(self) -> bool: ...
    def error_message(self) -> str: ...


class _Connection(Protocol):
    def query(self, sql: str, output: str, *, params: Mapping[str, str] = ...) -> _Result: ...
    def send_query(self, sql: str, output: str, *, params: Mapping[str, str] = ...) -> _Stream: ...
    def streaming_fetch_result(self, stream: _Stream) -> _Result: ...
    def streaming_cancel_query(self, stream: _Stream) -> None: ...
    def send_insert(self, sql: str, data_format: str) -> object: ...
    def insert_append(self, insert: object, data: bytes) -> None: ...
    def insert_done(self, insert: object) -> _Result: ...
    def insert_cancel(self, insert: object) -> None: ...
    def classify_query(self, sql: str, database: str) -> Mapping[str, object]: ...
    def close(self) -> None: ...


@dataclass
class Engine:
    """The ClickHouse of one directory. Methods may be called from many threads; chDB releases the GIL in queries."""

    path: Path
    database: str
    limits: Limits
    _lock: DirectoryLock = field(init=False)
    _anchor: _Connection = field(init=False)
    _address: str = field(init=False)
    timezone: str = field(init=False, default="UTC")
    _vetted: set[str] = field(init=False, default_factory=set)

    def open(self, wait_seconds: float = 10.0) -> None:
        """Start the engine; raises `AlreadyInUse` when another process holds the path for longer than the wait."""
        self._lock = DirectoryLock(self.path, "owner")
        self._lock.acquire(wait_seconds)
        config = write_configuration(self.path, self.limits)
        self._address = f"{self.path / 'data'}?config-file={config}"
        try:
            self._anchor = _connect(self._address)
        except RuntimeError as error:
            self._lock.release()
            if "another server instance" in str(error).lower():
                raise AlreadyInUse(self.path) from error
            raise
        # chDB's own `default` overlays the working directory's files as tables, so nothing of ours lives there.
        self._anchor.query(f"CREATE DATABASE IF NOT EXISTS `{self.database}` ENGINE = Atomic", "Null")
        self.timezone = self._anchor.query("SELECT timezone()", "TSVRaw").bytes().decode().strip()

    def close(self) -> None:
        """Stop the engine; the caller has seen to it that no query runs any more."""
        self._anchor.close()
        self._lock.release()

    def run(self, statement: Statement, sink: Sink) -> Summary:
        """Execute one statement and hand its output to `sink`, in pieces where the format allows it.

        Raises `ClickHouseError`; after a raise from `sink` itself the query is cancelled and the raise goes on.
        """
        started = time.perf_counter()
        with self._session() as connection:
            with _engine_errors():
                self._prepare(connection, statement)
            result = self._execute(connection, statement, sink)
        return Summary(
            read_rows=result.storage_rows_read(),
            read_bytes=result.storage_bytes_read(),
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
            elapsed_seconds=time.perf_counter() - started,
        )

    @contextmanager
    def _session(self) -> Iterator[_Connection]:
        with _engine_errors():
            connection = _connect(self._address)
        try:
            yield connection
        finally:
            connection.close()

    def _prepare(self, connection: _Connection, statement: Statement) -> None:
        connection.query("USE {d:Identifier}", "Null", params={"d": statement.database or self.database})
        for table in statement.external:
            _create_external(connection, table)
        settings = dict(statement.settings)
        if not streams(statement):
            settings.setdefault("max_result_bytes", str(self.limits.result_bytes))
        if settings:
            pairs = ", ".join(f"{name} = {quoted(value)}" for name, value in settings.items())
            connection.query(f"SET {pairs}", "Null")

    def _execute(self, connection: _Connection, statement: Statement, sink: Sink) -> _Result:
        self._vet(connection, statement.sql)
        if statement.data is not None:
            return _insert(connection, *split_format(statement.sql), statement.data)
        if streams(statement):
            return _stream(connection, statement, sink)
        with _engine_errors():
            result = _checked(connection.query(statement.sql, statement.default_format, params=statement.params))
            output = result.bytes()
        if len(output) > self.limits.result_bytes:  # a constant column counts once for max_result_bytes
            raise ClickHouseError(
                _TOO_MANY_BYTES,
                "Code: 396. DB::Exception: Limit for result exceeded; stream it. (TOO_MANY_ROWS_OR_BYTES)",
            )
        sink(output)
        return result

    def _vet(self, connection: _Connection, sql: str) -> None:
        """Refuse what must not run. The same text, whose values come beside it, is looked at once: that is parsing."""
        if sql in self._vetted:
            return
        with _engine_errors():
            report = connection.classify_query(sql, "")
            _refuse_all_but_one(connection, sql, report)
            refuse_disk_access(sql, lambda: _canonical(connection, sql))
        if len(self._vetted) >= _VETTED_KEPT:
            self._vetted.clear()
        self._vetted.add(sql)


def _connect(address: str) -> _Connection:
    connection: _Connection = _chdb.connect(address)  # type: ignore[attr-defined] # an extension without stubs
    return connection


@contextmanager
def _engine_errors() -> Iterator[None]:
    """chDB raises RuntimeError with the server's text; UnicodeDecodeError where that text cuts a character."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise ClickHouseError.parse(bytes(error.object).decode(errors="replace")) from error
    except RuntimeError as error:
        raise ClickHouseError.parse(str(error)) from error


def _checked(result: _Result) -> _Result:
    if result.has_error():
        raise ClickHouseError.parse(result.error_message())
    return result


def _refuse_all_but_one(connection: _Connection, sql: str, report: Mapping[str, object]) -> None:
    """chDB would run every statement of a string, even those before a syntax error."""
    count = report["statement_count"]
    if count == 1:
        return
    if count == 0:
        _canonical(connection, sql)  # raises the parser's own message
        raise ClickHouseError(_SYNTAX_ERROR, "Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)")
    raise ClickHouseError(_SYNTAX_ERROR, f"Code: 62. DB::Exception: {_MULTIPLE_STATEMENTS}. (SYNTAX_ERROR)")


def _canonical(connection: _Connection, sql: str) -> str:
    escaped = sql.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\0", "\\0")
    formatted = connection.query("SELECT formatQuery({q:String})", "TSVRaw", params={"q": escaped})
    return _checked(formatted).bytes().decode(errors="replace")


def _create_external(connection: _Connection, table: ExternalTable) -> None:
    create = f"CREATE TEMPORARY TABLE {table.name} ({table.structure}) ENGINE = Memory"
    if connection.classify_query(create, "")["statement_count"] != 1:
        raise ClickHouseError(
            _BAD_ARGUMENTS,
            f"Code: 36. DB::Exception: Bad structure of external table {table.name}. (BAD_ARGUMENTS)",
        )
    connection.query(create, "Null")
    _insert(connection, f"INSERT INTO {table.name}", table.data_format, table.data)


def _insert(connection: _Connection, sql: str, data_format: str, data: bytes) -> _Result:
    with _engine_errors():
        insert = connection.send_insert(sql, data_format)
        view = memoryview(data)
        for start in range(0, len(data), _CHUNK):
            connection.insert_append(insert, bytes(view[start : start + _CHUNK]))
        return _checked(connection.insert_done(insert))


def _stream(connection: _Connection, statement: Statement, sink: Sink) -> _Result:
    with _engine_errors():
        stream = connection.send_query(statement.sql, statement.default_format, params=statement.params)
        if stream.has_error():
            raise ClickHouseError.parse(stream.error_message())
    finished = False
    try:
        while True:
            with _engine_errors():
                result = _checked(connection.streaming_fetch_result(stream))
                chunk = result.bytes()
            if not chunk:
                finished = True
                return result
            sink(chunk)
    finally:
        if not finished:
            with _engine_errors():
                connection.streaming_cancel_query(stream)
