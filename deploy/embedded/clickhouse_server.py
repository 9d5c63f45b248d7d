"""Serve a directory's ClickHouse over HTTP on the loopback.

`python -m deploy.embedded.clickhouse_server --path DIR [--port N] [--address-file F] [--database NAME]`
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from deploy.embedded.child import die_with_parent
from deploy.embedded.clickhouse import Engine
from deploy.embedded.clickhouse_config import machine_limits
from deploy.embedded.clickhouse_http import Application
from deploy.embedded.lock import AlreadyInUse

ALREADY_IN_USE = 75  # EX_TEMPFAIL

_log = logging.getLogger("clickhouse_server")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one line."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{moment}.{int(record.msecs):03d}Z", "level": record.levelname.lower()}
        line["event"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def argv(path: Path, port: int, address_file: Path | None = None, database: str = "cdp") -> list[str]:
    """The command line that serves `path`; port 0 is any free one, told in the address file."""
    words = [sys.executable, "-m", "deploy.embedded.clickhouse_server"]
    words += ["--path", str(path), "--port", str(port), "--database", database]
    return words if address_file is None else [*words, "--address-file", str(address_file)]


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM, SIGINT or the parent's death."""
    options = _parse(arguments)
    die_with_parent(os.getppid(), signal.SIGTERM)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    options.path.mkdir(parents=True, exist_ok=True)
    engine = Engine(options.path.resolve(), options.database, machine_limits())
    try:
        engine.open(options.wait)
    except AlreadyInUse as error:
        _log.critical("%s", error)
        return ALREADY_IN_USE
    try:
        _serve(engine, options.port, options.address_file)
    finally:
        engine.close()
    _log.info("stopped")
    return 0


def _serve(engine: Engine, port: int, address_file: Path | None) -> None:
    # The protocol by name: asyncio turns Nagle's delay (40 ms a query) off only for sockets that say they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    application = Application(engine)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=120,
        timeout_graceful_shutdown=10,
        server_header=False,
        date_header=False,
    )
    if address_file is not None:
        _write_atomically(address_file, f"{address}\n")
    _log.info("serving %s at %s", engine.path, address)
    try:
        asyncio.run(_until_signalled(uvicorn.Server(config), listener))
    finally:
        application.close()


async def _until_signalled(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve without uvicorn's own handlers: those raise the signal again, and the engine would not be closed."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)  # noqa: FBT003 - setattr takes it so
    await server._serve([listener])  # noqa: SLF001 - `serve` differs only by those handlers


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.replace(path)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--address-file", type=Path)
    parser.add_argument("--database", default="cdp")
    parser.add_argument("--wait", type=float, default=10.0, help="seconds to wait for a former owner that is dying")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
