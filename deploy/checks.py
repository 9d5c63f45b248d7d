"""What the platform needs of a machine, looked at one by one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from deploy import ports
from deploy.embedded.java import JavaMissing, find_java
from deploy.embedded.kafka_jars import VERSION
from deploy.installation import jar_cache
from deploy.owner import is_owned
from deploy.platform import listeners
from schemas.settings import Settings

_OLDEST_PYTHON = (3, 11)
_GIB = 1 << 30
_NEEDED_DISK, _NEEDED_MEMORY = 2 * _GIB, 2 * _GIB
_EXTRA = "pip install 'cdp[embedded]'"


class Verdict(Enum):
    """Fine; it will do; it will not do."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, what was found, and what to do about it."""

    what: str
    found: str
    verdict: Verdict = Verdict.GOOD
    remedy: str = ""


def examine(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Everything; what an external Kafka or ClickHouse makes needless is left out."""
    findings = [_python()]
    if not settings.kafka.bootstrap:
        findings += [_java(environment), _jars(settings, environment)]
    if not settings.clickhouse.url:
        findings.append(_chdb())
    return [*findings, *_ports(settings), _disk(settings.data_dir), _memory()]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= _OLDEST_PYTHON:
        return Finding("Python", found)
    return Finding("Python", found, Verdict.BAD, "install Python 3.11 or newer")


def _java(environment: Mapping[str, str]) -> Finding:
    home = environment.get("JAVA_HOME")
    try:
        java = find_java(Path(home) if home else None, environment.get("PATH"))
    except JavaMissing as missing:
        return Finding("Java", "none of version 17 or newer", Verdict.BAD, str(missing))
    return Finding("Java", f"{java.version} ({java.executable})")


def _jars(settings: Settings, environment: Mapping[str, str]) -> Finding:
    cache = jar_cache(settings, environment)
    if (cache / f"kafka-{VERSION}.json").exists():
        return Finding("Kafka", f"{VERSION}, cached in {cache}")
    jgo = _installed("jgo")
    if jgo is None:
        return Finding("Kafka", "not cached, and jgo to fetch it is not installed", Verdict.BAD, _EXTRA)
    return Finding("Kafka", "not cached yet", Verdict.WARNING, "cdp up fetches it once (45 MB from Maven Central)")


def _chdb() -> Finding:
    found = _installed("chdb")
    if found is None:
        return Finding("ClickHouse", "chdb is not installed", Verdict.BAD, f"{_EXTRA}, or set CDP_CLICKHOUSE__URL")
    return Finding("ClickHouse", f"chdb {found}")


def _ports(settings: Settings) -> list[Finding]:
    """Busy ports, unless this directory's own platform is what keeps them busy."""
    if is_owned(settings.data_dir):
        return [Finding("Ports", f"a platform runs on {settings.data_dir}")]
    fixed = [each for each in listeners(settings) if each.port]
    busy = [each for each in fixed if not ports.is_free(each.host, each.port)]
    if not busy:
        return [Finding("Ports", f"{', '.join(str(each.port) for each in fixed)} free" if fixed else "any free ones")]
    return [
        Finding("Port", f"{each.port} is in use", Verdict.BAD, f"set {each.setting} to another (0 = any free one)")
        for each in busy
    ]


def _disk(directory: Path) -> Finding:
    existing = next(parent for parent in (directory, *directory.resolve().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if free >= _NEEDED_DISK:
        return Finding("Disk", f"{free / _GIB:.0f} GiB free at {directory}")
    return Finding(
        "Disk",
        f"{free / _GIB:.1f} GiB free at {directory}",
        Verdict.WARNING,
        "2 GiB are little; --data-dir on another disk",
    )


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    if free >= _NEEDED_MEMORY:
        return Finding("Memory", f"{free / _GIB:.0f} GiB available")
    return Finding(
        "Memory",
        f"{free / _GIB:.1f} GiB available",
        Verdict.WARNING,
        "the platform takes about 1.5 GiB; end something else",
    )


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
