"""The one door to ClickHouse: statements with named parameters in, rows as dicts out.

Values travel as server-side parameters, never inside the text. Lists travel as JSON in one string parameter
(`json_parameter`), which the server parses much faster than an array literal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import clickhouse_connect
import orjson
import urllib3
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from schemas.errors import Unavailable

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where ClickHouse answers, and as whom."""

    url: str
    database: str
    user: str = "default"
    password: str = ""


class _Escaped:
    """A String parameter that is escaped already; the driver would look at each character in Python."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\\", "\\\\").replace("'", "\\'")

    def __str__(self) -> str:
        return self._text


def json_parameter(values: Sequence[object]) -> object:
    """A list as the text of one String parameter; read it with `JSONExtract({name:String}, 'Array(…)')`."""
    return _Escaped(orjson.dumps(values).decode())


@contextmanager
def _mapped() -> Iterator[None]:
    """Say `Unavailable` when the server does not answer; let what it answers pass."""
    try:
        yield
    except (OperationalError, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError) as error:
        raise Unavailable("clickhouse", type(error).__name__) from error
    except DatabaseError:
        raise
    except ClickHouseError as error:
        raise Unavailable("clickhouse", type(error).__name__) from error


class Database:
    """Statements against one database. Safe to share between threads."""

    def __init__(self, address: Address, *, readonly: bool = False, timeout: float = 120.0) -> None:
        """Connect. With `readonly` the server refuses writes and table functions whatever the statement says."""
        settings: dict[str, Any] = {"readonly": 1} if readonly else {"async_insert": 0}
        with _mapped():
            self._client: Client = clickhouse_connect.get_client(
                dsn=address.url,
                username=address.user,
                password=address.password,
                database=address.database,
                settings=settings,
                autogenerate_session_id=False,
                form_encode_query_params=True,
                send_receive_timeout=timeout,
                query_retries=0,
                tz_mode="aware",
                pool_mgr=urllib3.PoolManager(maxsize=16, block=False, retries=False),
            )
        self._client.client_name = "cdp"

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """The answer's rows, each a dict by column name."""
        with _mapped():
            return list(self._client.query(sql, parameters=dict(parameters or {})).named_results())

    def tuples(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """The answer's rows as tuples, where dicts would only cost."""
        with _mapped():
            return list(self._client.query(sql, parameters=dict(parameters or {})).result_rows)

    def one(self, sql: str, parameters: Mapping[str, object] | None = None) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def execute(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """A statement whose answer does not matter. (`command` would put long parameters into the URL.)"""
        with _mapped():
            self._client.raw_query(sql, parameters=dict(parameters or {}))

    def insert(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Append rows given column by column; nothing when they are empty."""
        if not columns or not next(iter(columns.values())):
            return
        with _mapped():
            self._client.insert(table, list(columns.values()), column_names=list(columns), column_oriented=True)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()
