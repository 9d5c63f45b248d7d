"""Starts the processors: `python -m processors`. Reads the settings; everything else is handed on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog
import uvloop
from faust import Worker

from processors.census import Census
from processors.governor.step import Governor
from processors.metrics import Membership, ProcessorMetrics
from processors.profiler.memberships import Memberships
from processors.profiler.step import Profiler
from processors.recorder.breaker import Breaker, Limits
from processors.recorder.step import Outputs, Recorder
from processors.resolver.step import Resolver
from processors.serving import create_app, serve
from processors.suspicion import Suspicion
from processors.topology import Stage, Timer, Watch, build
from processors.undertaker.step import Undertaker
from processors.waking import Waker
from projections.database import Address, Database
from projections.log.admin import LogAdmin
from projections.log.probe import kafka_dependency
from projections.log.producer import LogProducer
from projections.probe import clickhouse_dependency
from projections.profiles import Terms
from schemas.collector import relax_collector
from schemas.door import Door
from schemas.health import Dependency, Health
from schemas.logs import configure
from schemas.settings import Settings
from schemas.topics import Role, catalogue

_FAULT = 70  # EX_SOFTWARE
_STOP_SECONDS = 10.0
_THREADS_OF_A_PASS = 4


def main() -> None:
    """Run until told to stop, or until a step fails: then die at once, acknowledging nothing."""
    relax_collector()
    settings = Settings()
    configure(settings.log_level, "processors")
    uvloop.install()
    names = {role: topic.name for role, topic in catalogue(settings.kafka.topic_prefix).items()}
    known = (names["touched"], names["dead_letters"], names["changes"])
    log = LogProducer(settings.kafka.bootstrap, "cdp-processors", topics=known)
    membership = Membership()
    metrics = ProcessorMetrics(membership)
    directory = settings.data_dir / "run" / "faust"
    directory.mkdir(parents=True, exist_ok=True)
    app = build(
        settings.kafka.bootstrap,
        f"{settings.kafka.topic_prefix}cdp-processors",
        directory,
        _stages(settings, log, names, metrics),
        _timers(settings, log, names),
        _die,
        Watch(metrics, membership),
    )
    _serve(settings, names, metrics, membership)
    _exit(_run(_Worker(app, loglevel=None, redirect_stdouts=False, override_logging=False, quiet=True)))


def _serve(settings: Settings, names: Mapping[Role, str], metrics: ProcessorMetrics, membership: Membership) -> None:
    """Let others see how this worker is."""
    admin = LogAdmin(settings.kafka.bootstrap, client_id="cdp-processors-ready")
    dependencies = [
        kafka_dependency(admin, list(names.values())),
        clickhouse_dependency(_address(settings)),
        Dependency("group", membership.complaint, "not_ready"),
    ]
    health = Health(dependencies, clock=_now, seconds=time.monotonic, told=metrics.tell_dependency)
    serve(create_app(health, metrics.registry), settings.processors.host, settings.processors.port)


def _stages(
    settings: Settings, log: LogProducer, names: Mapping[Role, str], metrics: ProcessorMetrics
) -> tuple[Stage, ...]:
    outputs = Outputs(names["touched"], names["identity"], names["dead_letters"])
    breaker = Breaker(_database(settings), names["events"], _limits(settings), _now)
    recorder = Recorder(
        _database(settings), log, door(settings), settings.declared_sources(), settings.currency, outputs, breaker
    )
    resolver = Resolver(_database(settings), log, _now, outputs.touched)
    database = _database(settings)
    memberships = Memberships(
        database,
        _database(settings, threads=_THREADS_OF_A_PASS),
        log,
        terms(settings),
        _now,
        outputs.touched,
        names["changes"],
    )
    profiler = Profiler(database, terms(settings), _now, memberships, metrics.looked_at)
    governor = Governor(_database(settings), log, outputs.identity, outputs.touched, _now)
    undertaker = Undertaker(_database(settings), metrics.buried)
    suspicion = Suspicion(settings.data_dir / "run" / "suspicion.json", recorder.give_up, recorder.database.answers)
    return (
        Stage("recorder", names["events"], 2_000, 0.1, recorder.process, suspicion),
        Stage("resolver", outputs.identity, 1_000, 0.05, resolver.process),
        Stage("profiler", outputs.touched, 2_000, 0.1, profiler.process),
        Stage("governor", names["control"], 100, 0.05, governor.process),
        Stage("undertaker", outputs.dead_letters, 500, 0.2, undertaker.process),
    )


def _limits(settings: Settings) -> Limits:
    said = settings.dead_letters
    return Limits(said.breaker_events, said.breaker_ratio, said.breaker_run, timedelta(seconds=said.breaker_seconds))


def _timers(settings: Settings, log: LogProducer, names: Mapping[Role, str]) -> tuple[Timer, ...]:
    waker = Waker(_database(settings), log, names["touched"], names["identity"], _now)
    census = Census(
        _database(settings), log, names["touched"], terms(settings), _now, hysteresis=settings.rfm_hysteresis
    )
    return Timer("clock", waker.interval, waker.process), Timer("census", census.interval, census.process)


class _Worker(Worker):
    """Faust's worker, but it ends when told to: a rebalance that hangs while the broker is away must not hold it."""

    def _on_sigterm(self) -> None:
        """Stop in good order, or else at once: what is not acknowledged is done again."""
        late = threading.Timer(_STOP_SECONDS, _exit, [_FAULT])
        late.daemon = True
        late.start()
        super()._on_sigterm()


def _run(worker: Worker) -> int:
    worker.spinner = None  # it would write to the log
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _exit(code: int) -> None:
    """Leave at once: a thread still in a step would hold the process, and what it writes is written again."""
    os._exit(code)


def door(settings: Settings) -> Door:
    """The same door as ingest's."""
    return Door(settings.region, namespaces=settings.namespaces())


def terms(settings: Settings) -> Terms:
    """In whose terms facts are folded; the same as the API's."""
    return Terms(settings.currency, settings.time_zone, settings.trait_sources)


def _database(settings: Settings, threads: int | None = None) -> Database:
    """A connection of its own for each step's thread."""
    return Database(_address(settings), brief=True, threads=threads)


def _address(settings: Settings) -> Address:
    clickhouse = settings.clickhouse
    return Address(clickhouse.url, clickhouse.database, clickhouse.user, clickhouse.password.get_secret_value())


def _now() -> datetime:
    return datetime.now(UTC)


def _die(step: str) -> None:
    structlog.get_logger().critical("ending", step=step)
    _exit(_FAULT)


if __name__ == "__main__":
    main()
