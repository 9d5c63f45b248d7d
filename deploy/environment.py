"""Settings as the environment that a process reads them back from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
from pydantic import BaseModel, SecretStr

import deploy
from deploy.keys import Keys
from schemas.settings import Settings


def for_processes(settings: Settings, keys: Keys, kafka: str, clickhouse: str, ports: Mapping[str, int]) -> Settings:
    """The settings the platform's processes get: addresses filled in, of keys the hashes only."""
    return settings.model_copy(
        update={
            "data_dir": settings.data_dir.resolve(),
            "write_keys": {},
            "api_keys": {},
            "write_key_hashes": keys.write_key_hashes(),
            "api_key_hashes": keys.api_key_hashes(),
            "ingest": settings.ingest.model_copy(update={"port": ports["ingest"]}),
            "api": settings.api.model_copy(update={"port": ports["api"]}),
            "kafka": settings.kafka.model_copy(update={"bootstrap": kafka}),
            "clickhouse": settings.clickhouse.model_copy(update={"url": clickhouse}),
        }
    )


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """A whole environment: what is inherited without its `CDP_…`, and every setting, so that no `.env` is asked."""
    return {
        **{name: value for name, value in inherited.items() if not name.startswith("CDP_")},
        **dict(_variables(settings, "CDP_")),
        **python_path(inherited),
    }


def python_path(inherited: Mapping[str, str]) -> dict[str, str]:
    """This project's packages, and never the working directory's: it may well have an `api/` of its own."""
    root = Path(deploy.__file__).parents[1]
    known = inherited.get("PYTHONPATH", "")
    return {"PYTHONPATH": f"{root}:{known}" if known else str(root), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}


def _variables(settings: BaseModel, prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in settings:
        if isinstance(value, BaseModel):
            yield from _variables(value, f"{prefix}{name.upper()}__")
        elif value is not None:
            yield f"{prefix}{name.upper()}", _text(value)


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return orjson.dumps(value, default=_plain).decode()
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)
