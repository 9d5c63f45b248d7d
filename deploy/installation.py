"""Finds what the embedded Kafka and ClickHouse need on this machine, and says how to get what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.java import find_java
from deploy.embedded.kafka import Installation
from deploy.embedded.kafka_jars import Progress, default_cache, resolve_jars
from deploy.errors import CannotStart
from schemas.settings import Settings

_EXTRA = "Run: pip install 'cdp[embedded]'"


def kafka_installation(settings: Settings, inherited: Mapping[str, str], progress: Progress | None) -> Installation:
    """Java and Kafka's jars, which are fetched once. Raises JavaMissing, JarsMissing or CannotStart."""
    home = inherited.get("JAVA_HOME")
    java = find_java(Path(home) if home else None, inherited.get("PATH"))
    try:
        return Installation(java, resolve_jars(jar_cache(settings, inherited), progress))
    except ModuleNotFoundError as missing:
        raise CannotStart(
            f"Kafka's jars are not cached, and {missing.name} to fetch them is not installed. {_EXTRA}, "
            "or set CDP_KAFKA__BOOTSTRAP to a Kafka cluster."
        ) from missing


def require_clickhouse() -> None:
    """Raise CannotStart when ClickHouse in a wheel is not installed."""
    if find_spec("chdb") is None:
        raise CannotStart(
            f"The embedded ClickHouse (chdb) is not installed. {_EXTRA}, "
            "or set CDP_CLICKHOUSE__URL to a ClickHouse server."
        )


def jar_cache(settings: Settings, inherited: Mapping[str, str]) -> Path:
    """Where Kafka's jars are kept, shared by all platforms of a user."""
    return settings.cache_dir or default_cache(inherited)
