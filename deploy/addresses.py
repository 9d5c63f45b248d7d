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
    further_processors: tuple[str, ...] = ()
    """Of the second worker and those after it."""

    @property
    def workers(self) -> dict[str, str]:
        """Each processors worker's URL, by the name of its process."""
        return {worker_name(number): each for number, each in enumerate((self.processors, *self.further_processors), 1)}

    def of(self, process: str) -> str:
        """Where a process answers; '' when nowhere."""
        return {**self._others, **self.workers}.get(process, "")

    @property
    def _others(self) -> dict[str, str]:
        return {"ingest": self.ingest, "api": self.api, "kafka": self.kafka, "clickhouse": self.clickhouse}

    def write(self, directory: Path) -> None:
        """Tell the other commands."""
        files.write(_path(directory), asdict(self))


def read_addresses(directory: Path) -> Addresses | None:
    """Where the directory's platform answers, or did when it last ran; None if it never did."""
    known = files.read(_path(directory))
    if not known:
        return None
    return Addresses(**{**known, "further_processors": tuple(known.get("further_processors", ()))})


def worker_name(number: int) -> str:
    """What the process of a processors worker is called; they are numbered from 1."""
    return "processors" if number == 1 else f"processors-{number}"


def url(host: str, port: int) -> str:
    """The URL under which this machine reaches a listener; one that listens everywhere also does on the loopback."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{reached}]' if ':' in reached and not reached.startswith('[') else reached}:{port}"


def _path(directory: Path) -> Path:
    return directory / "run" / "addresses.json"
