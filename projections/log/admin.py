"""The one door to Kafka's admin side: topics are made from the catalogue, offsets and groups are read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import Any, TypeVar

import structlog
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.errors import Unavailable
from schemas.topics import Topic

Offsets = dict[tuple[str, int], int]
"""Topic and partition to an offset."""

_RETRY_SECONDS = 0.1
_REQUEST_SECONDS = 2.0
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads for a group: the client ids of its members, and the partitions they were given together."""

    members: list[str]
    assigned: frozenset[tuple[str, int]]


class LogAdmin:
    """Asks Kafka; thread-safe. Connects when first asked and anew after a failure.

    Every method raises Unavailable when Kafka has not answered within `timeout` seconds.
    """

    def __init__(self, bootstrap: str, *, client_id: str = "cdp-admin", timeout: float = 5.0) -> None:
        self._bootstrap = bootstrap.split(",")
        self._client_id = client_id
        self._timeout = timeout
        self._client: KafkaAdminClient | None = None
        self._connecting = Lock()

    def ensure_topics(self, topics: Iterable[Topic], replication: int = 1) -> list[str]:
        """Create those that are missing, and wait until they have leaders.

        Those that exist are left as they are; gives one sentence for each way in which they differ.
        """
        wanted = {topic.name: topic for topic in topics}
        missing = {name: topic for name, topic in wanted.items() if name not in self._partitions(list(wanted))}
        if missing:
            self._ask(lambda client: _create(client, missing.values(), replication))
            log.info("topics_created", topics=sorted(missing))
        drift = self._drift([topic for name, topic in wanted.items() if name not in missing])
        for sentence in drift:
            log.warning("topic_drift", detail=sentence)
        return drift

    def end_offsets(self, topics: Sequence[str]) -> Offsets:
        """Give the offset each partition's next record will have. Topics that do not exist are left out."""
        return self._offsets(topics, OffsetSpec.LATEST)

    def begin_offsets(self, topics: Sequence[str]) -> Offsets:
        """Give the offset of each partition's first record. Topics that do not exist are left out."""
        return self._offsets(topics, OffsetSpec.EARLIEST)

    def committed(self, group: str) -> Offsets:
        """Give what a group has committed: the next offset it will read. Empty for a group that never did."""
        found = self._ask(lambda client: client.list_group_offsets(group))[group]
        return {(place.topic, place.partition): said.offset for place, said in found.items() if said.offset >= 0}

    def group_members(self, group: str) -> list[str]:
        """Give the client ids of a group's living members."""
        return self.readers(group).members

    def readers(self, group: str) -> Readers:
        """Give a group's living members, and which partitions they read."""
        described = self._ask(lambda client: client.describe_groups([group]))[group]
        members = sorted(member["client_id"] for member in described["members"])
        return Readers(members, frozenset(chain.from_iterable(map(_assigned, described["members"]))))

    def retention(self, topics: Sequence[str]) -> dict[str, float | None]:
        """Give for how many seconds each topic keeps its records; None: for ever."""
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        configs = self._ask(lambda client: client.describe_configs(asked, config_filter="all"))["topic"]
        kept = {topic: int(config["retention.ms"]["value"]) for topic, config in configs.items()}
        return {topic: None if ms < 0 else ms / 1000 for topic, ms in kept.items()}

    def complaint(self, topics: Sequence[str]) -> str:
        """Say, within some two seconds, why records of these topics could not be written or read; '' if they can."""
        described = self._ask(lambda client: client.describe_topics(list(topics)), _REQUEST_SECONDS)
        there = {topic["name"]: topic["partitions"] for topic in described if not topic["error_code"]}
        if missing := sorted(set(topics) - there.keys()):
            return f"Kafka has no topic {', '.join(missing)}."
        headless = sorted(name for name, parts in there.items() if any(part["leader_id"] < 0 for part in parts))
        return f"Partitions of {', '.join(headless)} have no leader." if headless else ""

    def close(self) -> None:
        """Disconnect."""
        with self._connecting:
            client, self._client = self._client, None
        _close(client)

    def _partitions(self, topics: Sequence[str]) -> dict[str, list[int]]:
        described = self._ask(lambda client: client.describe_topics(list(topics)))
        return {
            topic["name"]: [partition["partition_index"] for partition in topic["partitions"]]
            for topic in described
            if not topic["error_code"]
        }

    def _offsets(self, topics: Sequence[str], which: OffsetSpec) -> Offsets:
        partitions = self._partitions(topics)
        asked = {TopicPartition(topic, index): which for topic, indexes in partitions.items() for index in indexes}
        found = self._ask(lambda client: client.list_partition_offsets(asked)) if asked else {}
        return {(place.topic, place.partition): said.offset for place, said in found.items()}

    def _drift(self, topics: Sequence[Topic]) -> list[str]:
        if not topics:
            return []
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
        configs = self._ask(lambda client: client.describe_configs(asked, config_filter="all"))["topic"]
        partitions = self._partitions([topic.name for topic in topics])
        return [
            sentence
            for topic in topics
            for sentence in _differences(topic, len(partitions.get(topic.name, ())), configs[topic.name])
        ]

    def _ask(self, question: Callable[[KafkaAdminClient], T], timeout: float | None = None) -> T:
        """Ask until there is an answer or the time is up; a client that failed is replaced."""
        deadline = time.monotonic() + (timeout or self._timeout)
        while True:
            client = None
            try:
                client = self._connected(deadline - time.monotonic())
                return question(client)
            except (KafkaError, OSError) as error:
                self._drop(client)
                if time.monotonic() + _RETRY_SECONDS >= deadline:
                    raise Unavailable("kafka", f"Kafka does not answer: {type(error).__name__}.") from None
                time.sleep(_RETRY_SECONDS)

    def _connected(self, timeout: float) -> KafkaAdminClient:
        with self._connecting:
            if self._client is None:
                self._client = KafkaAdminClient(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    bootstrap_timeout_ms=max(1, int(1000 * timeout)),
                    request_timeout_ms=int(1000 * _REQUEST_SECONDS),
                    reconnect_backoff_max_ms=1000,
                )
            return self._client

    def _drop(self, client: KafkaAdminClient | None) -> None:
        with self._connecting:
            if client is None or client is not self._client:
                return
            self._client = None
        _close(client)


def _create(client: KafkaAdminClient, topics: Iterable[Topic], replication: int) -> None:
    settings: dict[str, Any] = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replication,
            "configs": dict(topic.config),
        }
        for topic in topics
    }
    with suppress(TopicAlreadyExistsError):  # another process of the platform was faster
        client.create_topics(settings)
    client.wait_for_topics(list(settings))


def _assigned(member: dict[str, Any]) -> Iterable[tuple[str, int]]:
    """The partitions of a member; none while the group is sharing them out."""
    given = member["member_assignment"]
    parts = given["assigned_partitions"] if isinstance(given, dict) else ()
    return [(part["topic"], index) for part in parts for index in part["partitions"]]


def _differences(topic: Topic, partitions: int, config: dict[str, dict[str, Any]]) -> list[str]:
    found = (
        [f"{topic.name} has {partitions} partitions, not {topic.partitions}"] if partitions != topic.partitions else []
    )
    for name, value in topic.config.items():
        actual = config.get(name, {}).get("value")
        if actual != value:
            found.append(f"{topic.name} has {name}={actual}, not {value}")
    return found


def _close(client: KafkaAdminClient | None) -> None:
    if client is not None:
        with suppress(KafkaError, OSError):
            client.close()
