"""The embedded ClickHouse behind its HTTP interface, seen through the clients the platform uses."""

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import clickhouse_connect
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
from clickhouse_connect.driver.external import ExternalData

pytestmark = pytest.mark.clickhouse

NASTY = [
    "",
    "it's",
    '"',
    "\\",
    "\\n",
    "\t",
    "\n",
    "\r\n",
    "中文🦊",
    "a\0b",
    "\\N",
    "{x:String}",
    "%s",
    "'; SELECT 1 --",
]


@dataclass
class Server:
    """A server process of this test and its address."""

    process: "subprocess.Popen[bytes]"
    port: int

    def client(self, **options: object) -> Client:
        return clickhouse_connect.get_client(host="127.0.0.1", port=self.port, **options)  # type: ignore[arg-type]


def start(directory: Path, environment: Mapping[str, str], port: int = 0) -> Server:
    address = directory / "address"
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", "deploy.embedded.clickhouse_server", "--path", str(directory / "data")]
    command += ["--port", str(port), "--address-file", str(address)]
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
    deadline = time.monotonic() + 30
    while not address.exists():
        assert process.poll() is None, (directory / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return Server(process, int(address.read_text().rpartition(":")[2]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    server = start(tmp_path_factory.mktemp("clickhouse"), environment)
    yield server
    server.process.terminate()
    assert server.process.wait(20) == 0


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    client = server.client()
    yield client
    client.close()


def make(client: Client, name: str, columns: str = "id UInt64, text String", tail: str = "ORDER BY id") -> str:
    client.command(f"DROP TABLE IF EXISTS {name} SYNC")
    client.command(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree {tail}")
    return name


@pytest.mark.parametrize("text", NASTY)
def test_any_text_is_a_parameter(client: Client, text: str) -> None:
    """A value bound by the server comes back as it went, alone and in arrays and tuples."""
    row = client.query(
        "SELECT {s:String}, {n:Nullable(String)}, {a:Array(String)}, {t:Tuple(String, UInt8)}",
        parameters={"s": text, "n": text if text != "\\N" else None, "a": [text, text], "t": (text, 1)},
    ).first_row
    assert row == (text, text if text != "\\N" else None, [text, text], (text, 1))


def test_parameters_of_other_types(client: Client) -> None:
    """Numbers, times, identifiers and NULL bind too."""
    moment = dt.datetime(2024, 2, 29, 1, 2, 3, 456000)
    row = client.query(
        "SELECT {n:Nullable(Int64)}, {d:DateTime64(3)}, {e:Decimal(18, 4)}, {c:Identifier} FROM (SELECT 7 AS seven)",
        parameters={"n": None, "d_64": moment, "d": moment, "e": Decimal("1.2345"), "c": "seven"},
    ).first_row
    assert row == (None, moment, Decimal("1.2345"), 7)


ROW = (
    1, "x'\\\t\n中", dt.datetime(2024, 1, 2, 3, 4, 5, 678000), Decimal("-12345.6789"), None,
    ["a", ""], {"k": "v", "中": "'"}, ("z", 3), '{"a": [1, null]}',
)  # fmt: skip
COLUMNS = (
    "id UInt64, text String, at DateTime64(3, 'UTC'), money Decimal(18, 4), maybe Nullable(Int64), "
    "list Array(String), map Map(String, String), pair Tuple(String, UInt8), body String"
)


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_rows_round_trip(server: Server, compress: bool | str) -> None:
    """Rows inserted in Native come back the same, under each compression of requests and answers."""
    client = server.client(compress=compress)
    table = make(client, "round_trip", COLUMNS)
    summary = client.insert(table, [ROW] * 3000)
    assert summary.written_rows == 3000
    rows = client.query(f"SELECT * FROM {table}").result_rows
    assert len(rows) == 3000
    at = rows[0][2].replace(tzinfo=None)
    assert (*rows[0][:2], at, *rows[0][3:]) == ROW
    client.close()


def test_the_async_client(server: Server) -> None:
    """The asynchronous client inserts, reads, and is told of errors."""

    async def scenario() -> None:
        client = await clickhouse_connect.get_async_client(host="127.0.0.1", port=server.port)
        await client.command(
            "CREATE TABLE IF NOT EXISTS awaited (id UInt64, text String) ENGINE = MergeTree ORDER BY id"
        )
        await client.insert("awaited", [[1, NASTY[8]]], column_names=["id", "text"])
        found = await client.query("SELECT text FROM awaited WHERE id = {i:UInt64}", parameters={"i": 1})
        assert found.first_row == (NASTY[8],)
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            await client.query("SELECT * FROM nowhere")
        await client.close()

    asyncio.run(scenario())


def test_arrow(client: Client) -> None:
    """Arrow tables go in and come out."""
    table = make(client, "arrow")
    client.insert_arrow(table, pa.table({"id": pa.array([1, 2], pa.uint64()), "text": ["a", "中"]}))
    assert client.query_arrow(f"SELECT text FROM {table} ORDER BY id").to_pylist() == [{"text": "a"}, {"text": "中"}]


def test_ids_as_an_external_table(client: Client) -> None:
    """A long list of ids travels as a table beside the query, for readers too, and is gone afterwards."""
    ids = "\n".join(map(str, range(20_000))).encode()
    external = ExternalData(file_name="ids", data=ids, fmt="TSV", structure="id UInt64")
    query = "SELECT count(), sum(id) FROM ids WHERE id >= {low:UInt64}"
    row = client.query(query, parameters={"low": 1}, external_data=external, settings={"readonly": 1}).first_row
    assert row == (19_999, 199_990_000)
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        client.query("SELECT * FROM ids")


FAILS_HALFWAY = "SELECT throwIf(number = 900000), toString(number) FROM numbers(1000000)"


@pytest.mark.parametrize("failing", ["SELECT nonsense FROM", "SELECT * FROM nowhere", FAILS_HALFWAY])
def test_nothing_of_a_failed_query_remains(client: Client, failing: str) -> None:
    """After a query that fails, at once or with output already made, the next answer is the next query's."""
    for _ in range(3):
        with pytest.raises(ClickHouseError):
            client.query(failing)
        assert client.query("SELECT 5").result_rows == [(5,)]


def test_a_broken_stream_is_an_error(client: Client) -> None:
    """A streamed result that fails halfway raises in the client; it never looks like a short result."""
    with pytest.raises(ClickHouseError, match="throwIf"), client.query_row_block_stream(FAILS_HALFWAY) as stream:
        for _ in stream:
            pass


def test_a_large_result_streams(client: Client) -> None:
    """A streamed result larger than the bound of whole ones arrives, where the whole one is refused."""
    query = "SELECT number, repeat(toString(number), 150) FROM numbers(200000)"
    with client.query_column_block_stream(query) as stream:
        assert sum(len(block[0]) for block in stream) == 200_000
    with pytest.raises(DatabaseError, match="Limit for result exceeded"):
        client.query(query)


def test_one_statement_at_a_time(client: Client) -> None:
    """Several statements in one string are refused, and none of them runs."""
    table = make(client, "kept")
    for text in (f"SELECT 1; DROP TABLE {table}", f"DROP TABLE {table}; garbage", f"DROP TABLE {table};;SELECT 1"):
        with pytest.raises(DatabaseError, match="SYNTAX_ERROR"):
            client.command(text)
    assert client.query(f"SELECT count() FROM {table}").first_row == (0,)
    assert client.command("SELECT ';' -- ; one statement;") == ";"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT file('/etc/passwd')",
        "SELECT \"fi\\x6ce\"('/etc/passwd')",
        "SELECT `file` /* */ ('/etc/passwd')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
        "SELECT * FROM s3('http://127.0.0.1:9/bucket/key', 'LineAsString')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM sqlite('/tmp/a.db', 'a')",
        "SELECT * FROM executable('id', 'TSV', 'a String')",
        "SELECT * FROM python('server')",
        "SELECT 1 INTO OUTFILE '/tmp/outfile'",
        "INSERT INTO FUNCTION file('/tmp/outfile', 'TSV') SELECT 1",
        "CREATE TABLE k (a String) ENGINE = Kafka('127.0.0.1:9', 't', 'g', 'JSONEachRow')",
        "CREATE TABLE f (a String) ENGINE = File(TSV)",
        "CREATE DATABASE f ENGINE = Filesystem('/etc')",
        "BACKUP DATABASE cdp TO File('/tmp/backup')",
        "SYSTEM SHUTDOWN",
    ],
)
@pytest.mark.parametrize("readonly", ["0", "1"])
def test_the_machine_is_out_of_reach(client: Client, statement: str, readonly: str) -> None:
    """No statement, of a writer or a reader, reads or writes the machine's files or network or stops the server."""
    with pytest.raises(DatabaseError, match=r"ACCESS_DENIED|READONLY"):
        client.command(statement, settings={"readonly": readonly})


def test_readers_cannot_write(client: Client) -> None:
    """A request with readonly=1 changes nothing, settings included."""
    table = make(client, "read_only")
    for statement in (f"INSERT INTO {table} VALUES (1, 'a')", f"DROP TABLE {table}", "SET max_threads = 1"):
        with pytest.raises(DatabaseError, match="READONLY"):
            client.command(statement, settings={"readonly": "1"})


def test_settings_end_with_their_request(client: Client) -> None:
    """A setting of one request is not one of the next."""
    query = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    assert client.query(query, settings={"max_block_size": 123}).first_row == ("123",)
    assert client.query(query).first_row != ("123",)
    with pytest.raises(DatabaseError, match="TIMEOUT_EXCEEDED"):
        client.query("SELECT sleep(3)", settings={"max_execution_time": 0.2})


def test_queries_run_at_once(server: Server) -> None:
    """Four sleeping queries take little longer than one, and the server answers pings meanwhile."""
    started = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(server.client().query, "SELECT sleep(1)") for _ in range(4)]
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/ping", timeout=1) as answer:
            assert answer.read() == b"Ok.\n"
        for each in asked:
            each.result()
    assert time.monotonic() - started < 3


def test_errors_have_clickhouses_form(server: Server) -> None:
    """Plain HTTP: status, code in the header, text in the body."""
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", data=b"SELECT * FROM nowhere")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=5)
    assert raised.value.code == 404
    assert raised.value.headers["X-ClickHouse-Exception-Code"] == "60"
    assert raised.value.read().startswith(b"Code: 60. DB::Exception: ")


def test_what_projections_rely_on(client: Client) -> None:
    """FINAL, lightweight DELETE, EXCHANGE TABLES, ENGINE = Set and insert tokens do what they do in a server."""
    client.command("DROP TABLE IF EXISTS versions SYNC")
    client.command("DROP TABLE IF EXISTS seen SYNC")
    client.command("CREATE TABLE versions (id UInt64, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY id")
    client.insert("versions", [[1, 1], [2, 1]])
    client.insert("versions", [[1, 2]])
    assert client.query("SELECT * FROM versions FINAL ORDER BY id").result_rows == [(1, 2), (2, 1)]
    client.command("DELETE FROM versions WHERE id = 2")
    assert client.query("SELECT * FROM versions FINAL").result_rows == [(1, 2)]
    make(client, "versions_next", "id UInt64, v UInt64")
    client.command("EXCHANGE TABLES versions AND versions_next")
    assert client.query("SELECT count() FROM versions").first_row == (0,)
    client.command("CREATE TABLE seen (id UInt64) ENGINE = Set")
    client.insert("seen", [[7]])
    assert client.query("SELECT number FROM numbers(10) WHERE number IN seen").result_rows == [(7,)]
    table = make(client, "tokens", tail="ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
    for row in ([1, "a"], [1, "b"]):
        client.insert(table, [row], settings={"insert_deduplication_token": "t-1", "insert_deduplicate": 1})
    assert client.query(f"SELECT text FROM {table}").result_rows == [("a",)]


def test_acknowledged_rows_survive_kill_nine(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """Every insert that was answered is there after kill -9 and a restart on the same port."""
    server = start(tmp_path, environment)
    client = server.client()
    table = make(client, "durable")
    acknowledged = 0

    def write() -> None:
        nonlocal acknowledged
        while True:
            client.insert(table, [[acknowledged, "x"]])
            acknowledged += 1
            if acknowledged == 40:
                server.process.send_signal(signal.SIGKILL)

    with pytest.raises(ClickHouseError):
        write()
    server.process.wait()
    again = start(tmp_path, environment, server.port)
    assert again.port == server.port
    count = again.client().query(f"SELECT uniqExact(id) FROM {table}").result_rows[0][0]
    assert acknowledged <= count <= acknowledged + 1
    again.process.terminate()
    assert again.process.wait(20) == 0


def test_a_held_path_is_refused(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """A second server on a path says that it is in use, and the first goes on."""
    server = start(tmp_path, environment)
    command = [sys.executable, "-m", "deploy.embedded.clickhouse_server", "--path", str(tmp_path / "data")]
    second = subprocess.run(
        [*command, "--wait", "0.2"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 75
    assert "already in use" in second.stderr
    assert server.client().command("SELECT 1") == 1
    server.process.terminate()
    assert server.process.wait(20) == 0


def test_dies_with_its_parent(
    tmp_path: Path, environment: Mapping[str, str], until: Callable[[Callable[[], object]], None]
) -> None:
    """The server ends when the process that started it is killed."""
    address = tmp_path / "address"
    server = [
        "-m",
        "deploy.embedded.clickhouse_server",
        "--path",
        str(tmp_path / "data"),
        "--address-file",
        str(address),
    ]
    parent_program = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, *{server}]); print(p.pid, flush=True); p.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_program], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    with parent.stdout as said:
        pid = int(said.readline())
    until(address.exists)
    parent.kill()
    parent.wait()
    until(lambda: not Path(f"/proc/{pid}").exists())
