"""Starts the processors: `python -m processors`. Reads the settings; everything else is handed on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
import uvloop
from faust import App, Worker

from processors.census import Census
from processors.faults import Faults
from processors.governor.step import Governor
from processors.metrics import Membership, ProcessorMetrics
from processors.profiler.memberships import Memberships
from processors.profiler.step import Profiler
from processors.pulse import Pulse
from processors.recorder.breaker import Breaker, Limits
from processors.recorder.sources import SourceWatch
from processors.recorder.step import Outputs, Recorder
from processors.resolver.step import Resolver
from processors.serving import create_app, serve
from processors.suspicion import Suspicion
from processors.topology import Stage, Timer, Watch, assigned, build
from processors.undertaker.rejects import Rejects
from processors.undertaker.step import Undertaker
from processors.waking import Waker
from processors.watchdog import Watchdog, write_stacks
from projections.database import Address, Database
from projections.log.admin import LogAdmin
from projections.log.follow import LogFollower
from projections.log.probe import kafka_dependency
from projections.log.producer import LogProducer
from projections.probe import clickhouse_dependency
from projections.profiles import Terms
from schemas.collector import relax_collector
from schemas.door import Door
from schemas.health import Dependency, Health
from schemas.logs import configure
from schemas.settings import Settings
from schemas.source_register import SourceRegister
from schemas.topics import Role, catalogue

_FAULT = 70  # EX_SOFTWARE
_STOP_SECONDS = 10.0
_THREADS_OF_A_PASS = 4
_STATEMENT_SECONDS, _PROBE_SECONDS = 120.0, 5.0


def main() -> None:
    """Run until told to stop, or until a step fails: then die at once, acknowledging nothing."""
    relax_collector()
    settings = Settings()
    configure(settings.log_level, "processors")
    uvloop.install()
    names = {role: topic.name for role, topic in catalogue(settings.kafka.topic_prefix).items()}
    known = (names["touched"], names["dead_letters"], names["changes"], names["rejects"])
    log = LogProducer(settings.kafka.bootstrap, "cdp-processors", topics=known)
    membership = Membership()
    metrics = ProcessorMetrics(membership)
    directory = settings.data_dir / "run" / "faust"
    directory.mkdir(parents=True, exist_ok=True)
    stages, timers = _stages(settings, log, names, metrics), _timers(settings, log, names)
    if settings.faults is not None:
        structlog.get_logger().warning("steps fail on demand", directory=str(settings.faults))
        stages = tuple(map(Faults(settings.faults).within, stages))
    group = f"{settings.kafka.topic_prefix}cdp-processors"
    app = build(settings.kafka.bootstrap, group, directory, stages, timers, _die, Watch(metrics, membership))
    _watchdog(settings, group, app, stages, timers).start()
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
    pulses = {name: Pulse(name) for name in ("recorder", "resolver", "profiler", "governor", "undertaker")}
    databases = {name: _database(settings, pulse) for name, pulse in pulses.items()}
    breaker = Breaker(_database(settings, pulses["recorder"]), names["events"], _limits(settings), _now)
    sources = settings.declared_sources()
    watch = SourceWatch(
        LogFollower(settings.kafka.bootstrap, names["control"], "cdp-recorder-sources"), SourceRegister(sources)
    )
    recorder = Recorder(databases["recorder"], log, door(settings), sources, settings.currency, outputs, breaker, watch)
    resolver = Resolver(databases["resolver"], log, _now, outputs.touched)
    memberships = Memberships(
        databases["profiler"],
        _database(settings, pulses["profiler"], threads=_THREADS_OF_A_PASS),
        log,
        terms(settings),
        _now,
        outputs.touched,
        names["changes"],
    )
    profiler = Profiler(databases["profiler"], terms(settings), _now, memberships, metrics.looked_at)
    governor = Governor(databases["governor"], log, outputs.identity, outputs.touched, _now)
    undertaker = Undertaker(databases["undertaker"], metrics.buried, Rejects(log, names["rejects"]).tell)
    suspicion = Suspicion(settings.data_dir / "run" / "suspicion.json", recorder.give_up, recorder.database.answers)
    return (
        Stage(
            "recorder", names["events"], 2_000, 0.25, recorder.process, pulses["recorder"], recorder.forget, suspicion
        ),
        Stage("resolver", outputs.identity, 1_000, 0.05, resolver.process, pulses["resolver"], resolver.forget),
        Stage("profiler", outputs.touched, 2_000, 0.1, profiler.process, pulses["profiler"], profiler.forget),
        Stage("governor", names["control"], 100, 0.05, governor.process, pulses["governor"], governor.forget),
        Stage("undertaker", outputs.dead_letters, 500, 0.2, undertaker.process, pulses["undertaker"]),
    )


def _limits(settings: Settings) -> Limits:
    said = settings.dead_letters
    return Limits(said.breaker_events, said.breaker_ratio, said.breaker_run, timedelta(seconds=said.breaker_seconds))


def _timers(settings: Settings, log: LogProducer, names: Mapping[Role, str]) -> tuple[Timer, ...]:
    clocks, counts = Pulse("clock"), Pulse("census")
    waker = Waker(_database(settings, clocks), log, names["touched"], names["identity"], _now)
    census = Census(
        _database(settings, counts), log, names["touched"], terms(settings), _now, hysteresis=settings.rfm_hysteresis
    )
    return (
        Timer("clock", waker.interval, waker.process, clocks),
        Timer("census", census.interval, census.process, counts),
    )


def _watchdog(settings: Settings, group: str, app: App, stages: Sequence[Stage], timers: Sequence[Timer]) -> Watchdog:
    """It asks both servers for itself."""
    return Watchdog(
        LogAdmin(settings.kafka.bootstrap, client_id="cdp-watchdog"),
        group,
        [stage.topic for stage in stages],
        [*(stage.pulse for stage in stages), *(timer.pulse for timer in timers)],
        lambda: assigned(app),
        _database(settings, timeout=_PROBE_SECONDS).answers,
        lambda: _end_hanging(app),
        settings.watchdog_after,
    )


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


def _database(
    settings: Settings, pulse: Pulse | None = None, *, threads: int | None = None, timeout: float = _STATEMENT_SECONDS
) -> Database:
    """A connection of its own for each step's thread; each answer is a sign of the stage's life."""
    return Database(
        _address(settings),
        brief=True,
        threads=threads,
        timeout=timeout,
        answered=(pulse or Pulse("")).beat,
    )


def _address(settings: Settings) -> Address:
    clickhouse = settings.clickhouse
    return Address(clickhouse.url, clickhouse.database, clickhouse.user, clickhouse.password.get_secret_value())


def _now() -> datetime:
    return datetime.now(UTC)


def _die(step: str) -> None:
    structlog.get_logger().critical("ending", step=step)
    _exit(_FAULT)


def _end_hanging(app: App) -> None:
    write_stacks(app.loop)
    _exit(_FAULT)


if __name__ == "__main__":
    main()
