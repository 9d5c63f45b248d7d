"""Settings as the environment that a process reads them back from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
from pydantic import BaseModel, SecretStr

import deploy
from deploy.installation import jar_cache
from deploy.keys import Keys
from schemas.channel_settings import without_pulled, without_secrets
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
            "channels": without_pulled(settings.channels),
            "link_secret": SecretStr(keys.link_secret),
            "forms": settings.forms_folder().resolve(),
            "ingest": settings.ingest.model_copy(update={"port": ports["ingest"]}),
            "api": settings.api.model_copy(update={"port": ports["api"]}),
            "processors": settings.processors.model_copy(update={"port": ports["processors"], "workers": 1}),
            "kafka": settings.kafka.model_copy(update={"bootstrap": kafka}),
            "clickhouse": settings.clickhouse.model_copy(update={"url": clickhouse}),
        }
    )


def without_ingests_secrets(settings: Settings) -> Settings:
    """For the processes that have nothing to do with what proves a channel's requests."""
    return settings.model_copy(update={"channels": without_secrets(settings.channels), "link_secret": SecretStr("")})


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """A service's whole environment: every setting in it, so that no `.env` is asked."""
    return {**plain_environment(settings, inherited), **dict(_variables(settings, "CDP_"))}


def plain_environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """What is inherited, without its `CDP_…`, set up so that Python finds this project and starts fast."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("CDP_")}
    return {**kept, **_python_path(inherited), **_bytecode(settings, inherited), "PYTHONUNBUFFERED": "1"}


def _python_path(inherited: Mapping[str, str]) -> dict[str, str]:
    """Only this project's packages, never the working directory's: it may well have an `api/` of its own."""
    root = str(Path(deploy.__file__).parents[1])
    known = inherited.get("PYTHONPATH")
    return {"PYTHONPATH": f"{root}{os.pathsep}{known}" if known else root, "PYTHONSAFEPATH": "1"}


def _bytecode(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """Where none may be written beside the sources, it goes to the cache: else each start compiles all, for seconds."""
    if not inherited.get("PYTHONDONTWRITEBYTECODE") or inherited.get("PYTHONPYCACHEPREFIX"):
        return {}
    cache = jar_cache(settings, inherited).parent / "bytecode"
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache)}


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
    """What JSON has no word for. Of a model what was set, secrets in the clear."""
    if isinstance(value, BaseModel):
        return {name: part for name, part in value if part is not None}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(type(value).__name__)
