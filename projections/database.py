"""The one door to ClickHouse: statements with named parameters in, rows as dicts out.

Values travel as server-side parameters, never inside the text; lists as tables a statement is given (`Given`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import clickhouse_connect
import clickhouse_connect.driver.options
import orjson
import urllib3
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from clickhouse_connect.driver.external import ExternalData
from clickhouse_connect.driver.query import QueryResult

from schemas.errors import CdpError, Unavailable

Row = dict[str, Any]

# The driver would import pandas at its first insert if it is installed, which takes seconds and is used for nothing.
vars(clickhouse_connect.driver.options).update(pd=None, pd_time_test=None)
# Timeouts, memory, too many queries or parts, cancelled, aborted, network, replicas, overload.
_PASSING = frozenset({159, 202, 209, 210, 236, 241, 242, 252, 279, 319, 394, 425, 439, 519, 745, 999})
# Definitions are many conditions in one statement; what would compare each with each costs more than all the rest.
_LARGE = {
    "optimize_and_compare_chain": 0,
    "max_query_size": 16 * 2**20,
    "max_ast_elements": 5_000_000,
    "max_expanded_ast_elements": 5_000_000,
}
READ_LIMITS = {
    "readonly": 1,
    "max_execution_time": 55,
    "max_memory_usage": 4 * 2**30,
    "max_rows_to_read": 4_000_000_000,
    "max_result_bytes": 2**30,
}
"""What one question may cost at most, whoever's definition it is made of: seconds, bytes, rows."""
_BRIEF = {
    "max_threads": 1,
    "compile_expressions": 0,
    "compile_aggregate_expressions": 0,
    "compile_sort_description": 0,
}
_ERROR_CODE = re.compile(r"[Cc]ode: (\d+)")
_ERROR_NAME = re.compile(r"\(([A-Z][A-Z_]{3,})\)")


class StatementFailed(CdpError):
    """ClickHouse refused a statement: a fault of ours, or of its state."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where ClickHouse answers, and as whom."""

    url: str
    database: str
    user: str = "default"
    password: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A table a statement is given: its columns with their types, and its rows. It lives as long as the statement.

    Long lists travel this way: inside the text or a parameter each mention of them would be analysed again.
    """

    structure: str
    rows: Sequence[Sequence[object]]


def names(values: Iterable[str]) -> dict[str, Given]:
    """The table `names`, with one column `name`."""
    return {"names": Given("name String", [(value,) for value in values])}


def time_parameter(moment: datetime) -> str:
    """A moment for a DateTime64 parameter; the driver itself would drop what is below a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


Parameters = Mapping[str, object]
Tables = Mapping[str, Given]


def _external(tables: Tables | None) -> ExternalData | None:
    if not tables:
        return None
    external = ExternalData()
    for name, table in tables.items():
        rows = b"\n".join(map(orjson.dumps, table.rows))
        external.add_file(file_name=name, data=rows, fmt="JSONCompactEachRow", structure=table.structure)
    return external


@contextmanager
def _mapped() -> Iterator[None]:
    """Say `Unavailable` when the server does not answer, `StatementFailed` when it answers with an error.

    What the server says may quote values: only the error's number and name go on.
    """
    try:
        yield
    except (OperationalError, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError) as error:
        raise Unavailable("clickhouse", type(error).__name__) from error
    except ClickHouseError as error:
        raise _refusal(str(error)) from None


def _refusal(said: str) -> StatementFailed | Unavailable:
    """What an error of the server means: it cannot now (as when it is full or going down), or it will never."""
    found = _ERROR_CODE.search(said)
    code = int(found[1]) if found else 0
    name = (_ERROR_NAME.findall(said) or [""])[-1]
    return Unavailable("clickhouse", name) if code in _PASSING else StatementFailed(f"code {code} {name}".strip())


class Database:
    """Statements against one database. Safe to share between threads."""

    def __init__(
        self,
        address: Address,
        *,
        readonly: bool = False,
        brief: bool = False,
        threads: int | None = None,
        timeout: float = 120.0,
        answered: Callable[[], None] = lambda: None,
    ) -> None:
        """Say where; nothing is asked yet. With `readonly` the server refuses writes whatever a statement says.

        `brief`: statements are many, each over little data, so the server neither compiles them nor spreads them
        over threads (a round of the stages takes a quarter less). `threads`: so many all the same. `answered` is
        called after each statement.
        """
        self._address = address
        self._settings: dict[str, Any] = {**_LARGE, **(READ_LIMITS if readonly else {"async_insert": 0})}
        if brief:
            self._settings |= _BRIEF if threads is None else {**_BRIEF, "max_threads": threads}
        self._timeout = timeout
        self._answered = answered
        self._connecting = threading.Lock()
        self._connected: Client | None = None

    @property
    def _client(self) -> Client:
        """The driver's client, made when first needed: it asks the server for its version."""
        with self._connecting:
            if self._connected is None:
                self._connected = clickhouse_connect.get_client(
                    dsn=self._address.url,
                    username=self._address.user,
                    password=self._address.password,
                    database=self._address.database,
                    settings=self._settings,
                    autogenerate_session_id=False,
                    form_encode_query_params=True,
                    send_receive_timeout=self._timeout,
                    query_retries=0,
                    tz_mode="aware",
                    pool_mgr=urllib3.PoolManager(maxsize=16, block=False, retries=False),
                )
            return self._connected

    @contextmanager
    def _asked(self) -> Iterator[None]:
        with _mapped():
            yield
        self._answered()

    def rows(self, sql: str, parameters: Parameters | None = None, tables: Tables | None = None) -> list[Row]:
        """The answer's rows, each a dict by column name."""
        return list(self._ask(sql, parameters, tables).named_results())

    def tuples(
        self, sql: str, parameters: Parameters | None = None, tables: Tables | None = None
    ) -> list[tuple[Any, ...]]:
        """The answer's rows as tuples, where dicts would only cost."""
        return [tuple(row) for row in self._ask(sql, parameters, tables).result_rows]

    def _ask(self, sql: str, parameters: Parameters | None, tables: Tables | None) -> QueryResult:
        with self._asked():
            return self._client.query(sql, parameters=dict(parameters or {}), external_data=_external(tables))

    def one(self, sql: str, parameters: Parameters | None = None, tables: Tables | None = None) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, parameters, tables)
        return found[0] if found else None

    def execute(self, sql: str, parameters: Parameters | None = None, tables: Tables | None = None) -> None:
        """A statement whose answer does not matter."""
        with self._asked():  # `command` would put long parameters into the URL
            self._client.raw_query(sql, parameters=dict(parameters or {}), external_data=_external(tables))

    def insert(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Append rows given column by column; nothing when they are empty."""
        if not columns or not next(iter(columns.values())):
            return
        with self._asked():
            self._client.insert(table, list(columns.values()), column_names=list(columns), column_oriented=True)

    def answers(self) -> bool:
        """Whether the server answers at all."""
        try:
            return self.tuples("SELECT 1") == [(1,)]
        except Unavailable:
            return False

    def close(self) -> None:
        """Give the connections back."""
        with self._connecting:
            if self._connected is not None:
                self._connected.close()
                self._connected = None
