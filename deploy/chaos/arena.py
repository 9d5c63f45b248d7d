"""A platform to strike at: its processors reach ClickHouse through the proxy, and fail on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.embedded.process import ProcessSpec, RestartPolicy
from deploy.platform import Platform
from deploy.ports import pick

POLICY = RestartPolicy(failures=1_000)
"""Killed on purpose, processes are never given up."""
_WATCHDOG_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Arena:
    """The platform, the port of its proxy, and where faults are asked for."""

    platform: Platform
    proxy_port: int
    faults: Path

    @property
    def worker(self) -> ProcessSpec:
        """How one more processors worker is started."""
        spec = _of(self.platform, "processors")
        log = spec.log_path.with_name("processors-2.log")
        return replace(spec, name="processors-2", log_path=log)


def arena(platform: Platform, directory: Path) -> Arena:
    """Change how the processors are started."""
    faults, port = directory / "run" / "faults", pick(())
    faults.mkdir(parents=True, exist_ok=True)
    more = {
        "CDP_CLICKHOUSE__URL": f"http://127.0.0.1:{port}",
        "CDP_FAULTS": str(faults.resolve()),
        "CDP_WATCHDOG_AFTER": str(_WATCHDOG_SECONDS),
    }
    specs = [_with(spec, more) if spec.name == "processors" else spec for spec in platform.specs]
    return Arena(replace(platform, specs=specs), port, faults)


def _with(spec: ProcessSpec, more: Mapping[str, str]) -> ProcessSpec:
    return replace(spec, env={**spec.env, **more})


def _of(platform: Platform, name: str) -> ProcessSpec:
    return next(spec for spec in platform.specs if spec.name == name)
