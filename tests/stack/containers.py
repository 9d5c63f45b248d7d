"""The same servers in containers of the official images, for `CDP_TEST_STACK=containers`. Needs Docker."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from docker.errors import DockerException
from testcontainers.community.clickhouse import ClickHouseContainer
from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.container import DockerContainer

from tests.stack.servers import ClickHouse, Kafka

C = TypeVar("C", bound=DockerContainer)
KAFKA_IMAGE = "apache/kafka:4.3.1"
CLICKHOUSE_IMAGE = "clickhouse/clickhouse-server:26.9"
_NO_DOCKER = (
    "CDP_TEST_STACK=containers, but Docker does not answer ({}). Start it, or leave CDP_TEST_STACK out: "
    "then the embedded Kafka and ClickHouse are used."
)
# What the embedded broker sets too: members may be declared dead early, no topic comes by itself.
_BROKER = {
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_MESSAGE_MAX_BYTES": "4194304",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
}


class DockerMissing(RuntimeError):
    """Docker does not answer."""


class ApacheKafka(KafkaContainer):
    """testcontainers' Kafka, started the way Apache's image wants it instead of Confluent's."""

    def __init__(self) -> None:
        super().__init__(KAFKA_IMAGE)
        self.kraft_enabled = True
        self.env.pop("KAFKA_BROKER_ID")
        for name, value in _BROKER.items():
            self.with_env(name, value)

    def tc_start(self) -> None:
        """Tell the broker its address, known only now, and let the image's own script start it."""
        outside = f"{self.listener_name}://{self.get_container_host_ip()}:{self.get_exposed_port(self.port)}"
        script = (
            "#!/bin/bash\n"
            f"export KAFKA_ADVERTISED_LISTENERS={outside},BROKER://$(hostname -i):9092\n"
            "exec /etc/kafka/docker/run\n"
        )
        self.create_file(script.encode(), KafkaContainer.TC_START_SCRIPT)


@contextmanager
def kafka_container() -> Iterator[Kafka]:
    """Apache's broker."""
    container = _running(ApacheKafka)
    yield Kafka(container.get_bootstrap_server())
    container.stop()


@contextmanager
def clickhouse_container() -> Iterator[ClickHouse]:
    """ClickHouse's server."""
    container = _running(lambda: ClickHouseContainer(CLICKHOUSE_IMAGE, username="test", password="test"))
    url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8123)}"
    yield ClickHouse(url, "test", "test")
    container.stop()


def _running(make: Callable[[], C]) -> C:
    """Docker is asked for already when a container is described. Its client leaves a socket open when it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            container = make()
            container.start()
        except DockerException as error:
            said = str(error)
        else:
            return container
        gc.collect()
    raise DockerMissing(_NO_DOCKER.format(said))
