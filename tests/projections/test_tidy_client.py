"""Nothing of a consumer is left open, whatever it was doing when it was closed."""

from __future__ import annotations

import socket

import pytest
from kafka import KafkaConsumer

from projections.log.tidy import TidyClient
from tests.stack.servers import Kafka

pytestmark = pytest.mark.kafka


def test_a_request_that_was_not_written_holds_no_socket(kafka_server: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed while a request waits to be written, which never comes to it: the connection is closed all the same."""
    made: list[socket.socket] = []
    connect_ex = socket.socket.connect_ex

    def noted(sock: socket.socket, address: object) -> int:
        made.append(sock)
        return connect_ex(sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect_ex", noted)
    driver = KafkaConsumer(bootstrap_servers=[kafka_server.address], kafka_client=TidyClient, metrics_enabled=False)
    driver.topics()
    [connection, *_] = driver._client._manager._conns.values()
    connection.transport._write_buffer.append(b"a request")
    driver.close(autocommit=False)
    assert made
    assert [each.fileno() for each in made] == [-1] * len(made)
