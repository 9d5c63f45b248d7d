"""The embedded Kafka: it starts, keeps its address and its records through kill -9, and creates no topic by itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from deploy.embedded.java import find_java
from deploy.embedded.kafka import Installation, Node, is_answering, prepare, start_command
from deploy.embedded.kafka_jars import default_cache, resolve_jars

pytestmark = pytest.mark.kafka

Until = Callable[[Callable[[], object]], None]
TOPIC = "facts"


@pytest.fixture(scope="module")
def installation() -> Installation:
    home = os.environ.get("JAVA_HOME")
    java = find_java(Path(home) if home else None, os.environ.get("PATH"))
    return Installation(java, resolve_jars(default_cache(os.environ)))


@pytest.fixture
def node(tmp_path: Path, installation: Installation) -> Node:
    return prepare(tmp_path / "kafka", installation, 0, tmp_path / "kafka.log")


@pytest.fixture
def broker(node: Node, installation: Installation, until: Until) -> "Iterator[Callable[[], subprocess.Popen[bytes]]]":
    """Starts the node, as often as it is called; the last one is killed at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(start_command(node, installation), stdout=subprocess.DEVNULL)
        running.append(process)
        until(lambda: is_answering(node) or process.poll() is not None)
        assert process.poll() is None
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def send(node: Node, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=node.address, acks="all", enable_idempotence=True)
    for value in values:
        producer.send(TOPIC, value, partition=0).get(timeout=20)
    producer.close()


def read(node: Node, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=node.address, auto_offset_reset="earliest", enable_auto_commit=False)
    consumer.assign([TopicPartition(TOPIC, 0)])
    values: list[bytes] = []
    deadline = time.monotonic() + 20
    while len(values) < count and time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=200).values():
            values += [record.value for record in records]
    consumer.close()
    return values


def test_records_survive_kill_nine(node: Node, broker: "Callable[[], subprocess.Popen[bytes]]") -> None:
    """What was acknowledged before kill -9 is there afterwards, at the same address."""
    first = broker()
    admin = KafkaAdminClient(bootstrap_servers=node.address)
    admin.create_topics([NewTopic(TOPIC, 2, 1)])
    admin.close()
    send(node, [b"one", b"two"])
    first.send_signal(signal.SIGKILL)
    first.wait()
    again = broker()
    send(node, [b"three"])
    assert read(node, 3) == [b"one", b"two", b"three"]
    again.terminate()
    again.wait(30)


def test_no_topic_by_accident(node: Node, broker: "Callable[[], subprocess.Popen[bytes]]") -> None:
    """Producing to an unknown topic does not create it."""
    broker()
    producer = KafkaProducer(bootstrap_servers=node.address, max_block_ms=1000)
    with pytest.raises(KafkaError):
        producer.send("misspelt", b"x").get(timeout=5)
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=node.address)
    assert admin.list_topics() == []
    admin.close()


def test_ports_are_kept(node: Node, tmp_path: Path, installation: Installation) -> None:
    """A directory keeps its address when any port will do, and takes a given one."""
    log = tmp_path / "kafka.log"
    assert prepare(node.directory, installation, 0, log).address == node.address
    assert prepare(node.directory, installation, 19_092, log).address == "127.0.0.1:19092"
    assert prepare(node.directory, installation, 0, log).address == "127.0.0.1:19092"
