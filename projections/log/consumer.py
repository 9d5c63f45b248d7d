"""The one door to Kafka's consumer: what is written to a topic from now on, for one who only looks on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.errors import Unavailable

_CONNECT_MS = 5000


class LogTail:
    """All partitions of one topic, from where they ended when it was made. For one thread.

    Every method raises Unavailable when Kafka does not answer.
    """

    def __init__(self, bootstrap: str, topic: str) -> None:
        """Connect, and note where the topic ends."""
        with _mapped():
            self._driver = KafkaConsumer(
                bootstrap_servers=bootstrap.split(","),
                client_id="cdp-tail",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=_CONNECT_MS,
                metrics_enabled=False,
            )
            places = [TopicPartition(topic, index) for index in self._driver.partitions_for_topic(topic) or ()]
            self._driver.assign(places)
            for place, end in self._driver.end_offsets(places).items():
                self._driver.seek(place, end)

    def values(self, timeout: float) -> list[bytes]:
        """The values of the next records, in each partition's order; none when `timeout` seconds brought none."""
        with _mapped():
            found = self._driver.poll(timeout_ms=int(1000 * timeout), max_records=5000)
        return [record.value for records in found.values() for record in records]

    def close(self) -> None:
        """Disconnect."""
        with _mapped():
            self._driver.close(autocommit=False)


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable("kafka", f"Kafka does not answer: {type(error).__name__}.") from error
