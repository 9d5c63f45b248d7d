"""Where a platform answers, and where it tells so for other commands: `<data>/run/addresses.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from deploy import files


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs of ingest, API, ClickHouse and the processors' health; `host:port,…` of Kafka."""

    ingest: str
    api: str
    kafka: str
    clickhouse: str
    processors: str = ""

    def write(self, directory: Path) -> None:
        """Tell the other commands."""
        files.write(_path(directory), asdict(self))


def read_addresses(directory: Path) -> Addresses | None:
    """Where the directory's platform answers, or did when it last ran; None if it never did."""
    known = files.read(_path(directory))
    return Addresses(**known) if known else None


def url(host: str, port: int) -> str:
    """The URL under which this machine reaches a listener; one that listens everywhere also does on the loopback."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{reached}]' if ':' in reached and not reached.startswith('[') else reached}:{port}"


def _path(directory: Path) -> Path:
    return directory / "run" / "addresses.json"
