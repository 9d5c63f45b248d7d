"""Apache Kafka on one machine: one KRaft node, broker and controller in one process, on the loopback only."""

import json
import os
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from deploy.embedded.java import Java

_PROPERTIES: Final = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={logs}

# The log is the truth: nothing in it expires unless a topic says so, and a topic exists only if it was created.
log.retention.ms=-1
log.retention.bytes=-1
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
message.max.bytes=4194304

# One node: internal topics have one replica and few partitions, each of which costs files and start time.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1

# Groups form at once, and a worker that died is noticed within seconds.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000

# After kill -9 the controller waits for the former session to end before it lets the broker in again (default 9 s).
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
offsets.retention.minutes=525600

# A small machine. Idle, the metadata log would grow by two empty records a second.
metadata.max.idle.interval.ms=0
num.network.threads=2
num.io.threads=4
num.replica.fetchers=1
num.recovery.threads.per.data.dir=2
background.threads=2
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=16777216
socket.send.buffer.bytes=1048576
socket.receive.buffer.bytes=1048576
"""

_LOG4J: Final = """Configuration:
  status: "off"
  Appenders:
    RollingFile:
      name: file
      fileName: "{log}"
      filePattern: "{log}.%i"
      PatternLayout: {{pattern: "%d{{ISO8601}} %p %c{{1}} %m%n"}}
      SizeBasedTriggeringPolicy: {{size: 10MB}}
      DefaultRolloverStrategy: {{max: 3}}
  Loggers:
    Root:
      level: WARN
      AppenderRef: {{ref: file}}
    Logger:
      - {{name: kafka.server.KafkaRaftServer, level: INFO}}
      - {{name: org.apache.kafka.common.utils.AppInfoParser, level: INFO}}
"""

_HEAP: Final = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_SILENT_SHARING: Final = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")


class FormatFailed(RuntimeError):
    """Kafka's storage tool refused the directory; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where clients connect, and where the node talks to itself."""

    port: int
    controller_port: int


@dataclass(frozen=True, slots=True)
class Installation:
    """A Java and Kafka's class path."""

    java: Java
    jars: Sequence[Path]

    @property
    def class_path(self) -> str:
        """As Java takes it."""
        return os.pathsep.join(str(jar) for jar in self.jars)


@dataclass(frozen=True, slots=True)
class Node:
    """A prepared data directory."""

    directory: Path
    ports: Ports

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self.ports.port}"

    @property
    def properties(self) -> Path:
        """The broker's configuration."""
        return self.directory / "server.properties"

    @property
    def log4j(self) -> Path:
        """The configuration of its logging."""
        return self.directory / "log4j2.yaml"


def prepare(directory: Path, installation: Installation, port: int, log: Path) -> Node:
    """Write the configuration and, the first time, format the storage. Port 0: any free one, the same ever after."""
    directory.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    node = Node(directory, choose_ports(directory / "ports.json", port))
    logs = directory / "logs"
    _write(node.properties, _PROPERTIES.format(logs=logs, **asdict(node.ports)))
    _write(node.log4j, _LOG4J.format(log=log))
    if not (logs / "meta.properties").exists():
        _format(node, installation)
    return node


def start_command(node: Node, installation: Installation) -> list[str]:
    """The command line that runs the node in the foreground.

    The first clean stop leaves an archive of the loaded classes, which takes 2.5 s once and 1 s off each later start.
    A half-written one has no header, and Java passes over it.
    """
    archive = _archive(node, installation)
    dump = [] if archive.exists() else [f"-XX:ArchiveClassesAtExit={archive}", *_SILENT_SHARING]
    java, *options = _java(node, installation)
    return [java, *dump, *options, "kafka.Kafka", str(node.properties)]


def choose_ports(memory: Path, port: int) -> Ports:
    """`port` if it is given, else the one remembered, else a free one; remembered either way."""
    known = Ports(**json.loads(memory.read_text())) if memory.exists() else None
    if known and port in (0, known.port):
        return known
    free, controller = _free_ports(2)
    chosen = Ports(port or free, known.controller_port if known else controller)
    _write(memory, json.dumps(asdict(chosen)))
    return chosen


def is_answering(node: Node) -> bool:
    """Whether the broker accepts connections. It opens its port when it is ready to serve, not before."""
    try:
        with socket.create_connection(("127.0.0.1", node.ports.port), timeout=1):
            return True
    except OSError:
        return False


def _java(node: Node, installation: Installation) -> list[str]:
    archive = _archive(node, installation)
    sharing = [f"-XX:SharedArchiveFile={archive}", *_SILENT_SHARING]
    return [
        str(installation.java.executable),
        *_HEAP,
        *(sharing if archive.exists() else []),
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={node.log4j}",
        "-Dlog4j2.disableJmx=true",
        "-cp",
        installation.class_path,
    ]


def _archive(node: Node, installation: Installation) -> Path:
    return node.directory / f"classes-{installation.java.version}.jsa"


def _format(node: Node, installation: Installation) -> None:
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A", 1)
    command = [*_java(node, installation), "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    command += ["--cluster-id", cluster, "--config", str(node.properties)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    if done.returncode:
        raise FormatFailed(f"{done.stdout}{done.stderr}".strip())


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.replace(path)
