"""Puts a platform together from its settings and its data directory: the composition root of `cdp up`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deploy import fixed, keys, ports, processes
from deploy.addresses import Addresses, url, worker_name
from deploy.embedded.kafka import prepare
from deploy.embedded.kafka_jars import Progress
from deploy.embedded.process import ProcessSpec
from deploy.environment import environment, for_processes, plain_environment, without_ingests_secrets
from deploy.installation import kafka_installation, require_clickhouse
from deploy.keys import Keys
from deploy.ports import Listener
from deploy.prometheus import write_targets
from deploy.readiness import Probe, clickhouse_ready, kafka_ready
from projections.database import Address
from schemas.forms import UnusableForm, read_forms
from schemas.settings import Settings


@dataclass(frozen=True, slots=True)
class Platform:
    """What to run, and what to tell about it. `required` are servers run by others: each must answer before a start."""

    specs: list[ProcessSpec]
    required: Mapping[str, Probe]
    addresses: Addresses
    keys: Keys

    def description(self, pids: Mapping[str, int | None]) -> dict[str, Any]:
        """The object that `cdp up --json` prints."""
        source = self.keys.source
        answering = asdict(self.addresses)
        del answering["further_processors"]  # run/prometheus.json has them
        return {
            **answering,
            "source": source,
            "write_key": self.keys.write_keys[source],
            "write_keys": dict(self.keys.write_keys),
            "api_key": self.keys.api_key,
            "pids": dict(pids),
        }


def assemble(
    settings: Settings,
    inherited: Mapping[str, str],
    *,
    needed: Iterable[str] = (),
    progress: Progress | None = None,
) -> Platform:
    """Prepare the directory and say what to start. The caller holds its lock.

    `inherited` is the caller's environment; `needed` are sources that must have a write key. Raises CannotStart
    and what the embedded Kafka's preparation raises, each a sentence for a person.
    """
    directory = settings.data_dir
    chosen = ports.settle(directory, listeners(settings))
    settings = fixed.settle(directory, settings)
    _require_usable_forms(settings)
    known = keys.settle(directory, settings, needed)
    addresses = _addresses(settings, chosen)
    addresses.write(directory)
    write_targets(directory, addresses)
    return Platform(
        [
            *processes.together(_servers(settings, chosen, addresses, inherited, progress)),
            *processes.together(_services(settings, chosen, addresses, known, inherited)),
        ],
        _required(settings, addresses),
        addresses,
        known,
    )


def _require_usable_forms(settings: Settings) -> None:
    """Say now what is wrong with a form, rather than let ingest end again and again."""
    declared = settings.declared_sources()
    for form in read_forms(settings.forms_folder()).values():
        if form.source not in declared and form.source != keys.DEFAULT_SOURCE:
            raise UnusableForm(
                f"The form {form.key} is of the source {form.source}, which CDP_SOURCES does not declare."
            )


def clickhouse_address(settings: Settings, address: str) -> Address:
    """The projections' database."""
    said = settings.clickhouse
    return Address(address, said.database, said.user, said.password.get_secret_value())


def _servers(
    settings: Settings,
    chosen: Mapping[str, int],
    addresses: Addresses,
    inherited: Mapping[str, str],
    progress: Progress | None,
) -> list[ProcessSpec]:
    """Those of Kafka and ClickHouse that are embedded."""
    directory, logs = settings.data_dir, settings.data_dir / "logs"
    probes = _probes(settings, addresses)
    env = plain_environment(settings, inherited)
    specs = []
    if not settings.kafka.bootstrap:
        installation = kafka_installation(settings, inherited, progress)
        node = prepare(directory / "kafka", installation, chosen["kafka"], logs / "kafka.log")
        specs.append(processes.kafka(node, installation, probes["kafka"], env, logs))
    if not settings.clickhouse.url:
        require_clickhouse()
        path, database = directory / "clickhouse", settings.clickhouse.database
        specs.append(processes.clickhouse(path, chosen["clickhouse"], database, probes["clickhouse"], env, logs))
    return specs


def _services(
    settings: Settings, chosen: Mapping[str, int], addresses: Addresses, known: Keys, inherited: Mapping[str, str]
) -> list[ProcessSpec]:
    logs = settings.data_dir / "logs"
    given = for_processes(settings, known, addresses.kafka, addresses.clickhouse, chosen)
    env = environment(without_ingests_secrets(given), inherited)
    return [
        processes.ingest(addresses.ingest, environment(given, inherited), logs),
        *(processes.processors(name, url, env, logs) for name, url in addresses.workers.items()),
        processes.api(addresses.api, env, logs),
    ]


def _probes(settings: Settings, addresses: Addresses) -> dict[str, Probe]:
    return {
        "kafka": kafka_ready(addresses.kafka, settings.kafka.topic_prefix, settings.kafka.replication),
        "clickhouse": clickhouse_ready(clickhouse_address(settings, addresses.clickhouse)),
    }


def _required(settings: Settings, addresses: Addresses) -> dict[str, Probe]:
    external = {"kafka": settings.kafka.bootstrap, "clickhouse": settings.clickhouse.url}
    return {name: probe for name, probe in _probes(settings, addresses).items() if external[name]}


def listeners(settings: Settings) -> list[Listener]:
    """Who of what is to be started will listen, and where."""
    found = [
        Listener("ingest", settings.ingest.host, settings.ingest.port),
        Listener("api", settings.api.host, settings.api.port),
        *_workers(settings),
    ]
    if not settings.kafka.bootstrap:
        found.append(Listener("kafka", "127.0.0.1", settings.kafka.port))
    if not settings.clickhouse.url:
        found.append(Listener("clickhouse", "127.0.0.1", settings.clickhouse.port))
    return found


def _workers(settings: Settings) -> list[Listener]:
    """The processors; each further one listens on the port after."""
    said = settings.processors
    return [
        Listener(worker_name(number + 1), said.host, said.port and said.port + number) for number in range(said.workers)
    ]


def _addresses(settings: Settings, chosen: Mapping[str, int]) -> Addresses:
    first, *further = (url(settings.processors.host, chosen[each.name]) for each in _workers(settings))
    return Addresses(
        ingest=url(settings.ingest.host, chosen["ingest"]),
        api=url(settings.api.host, chosen["api"]),
        kafka=settings.kafka.bootstrap or f"127.0.0.1:{chosen['kafka']}",
        clickhouse=settings.clickhouse.url or url("127.0.0.1", chosen["clickhouse"]),
        processors=first,
        further_processors=tuple(further),
    )
