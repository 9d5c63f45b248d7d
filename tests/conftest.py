"""What holds for all tests: no deadline for property tests, no network without a marker, one Kafka, one ClickHouse.

Servers start when the first test asks for them. With `CDP_TEST_STACK=containers` they are the official images.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from typing import Protocol

import hypothesis
import pytest

from tests.stack.platforms import Platform
from tests.stack.servers import ClickHouse, Kafka, embedded_clickhouse, embedded_kafka

# It warns several times a second while a broker is away; the platform's own logs say it once.
logging.getLogger("kafka").setLevel(logging.CRITICAL)

MAY_USE_THE_NETWORK = ("clickhouse", "containers", "kafka", "platform")
# Which markers let a test have which server.
_SERVERS = {"kafka_server": ("kafka", "platform"), "clickhouse_server": ("clickhouse", "platform")}
_STACKS = ("embedded", "containers")

# No deadline: a busy machine is no bug. The blob of a failure is printed, so that it can be repeated anywhere.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.register_profile("thorough", hypothesis.settings.get_profile("house"), max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


class StartPlatform(Protocol):
    """Starts a platform; settings as `CDP_…` variables."""

    def __call__(self, workers: int = 1, **settings: str) -> Platform: ...


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that asks for a server says so by its marker; a machine without servers leaves those markers out."""
    for fixture, markers in _SERVERS.items():
        if fixture in getattr(item, "fixturenames", ()) and not any(map(item.get_closest_marker, markers)):
            pytest.fail(f"{item.nodeid} uses {fixture}: mark it {' or '.join(markers)}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_network_by_accident(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without a marker reaches nothing but itself; what it needs of the world it fakes."""
    if not any(request.node.get_closest_marker(name) for name in MAY_USE_THE_NETWORK):
        monkeypatch.setattr(socket.socket, "connect", _refuse)
        monkeypatch.setattr(socket.socket, "connect_ex", _refuse)


def _refuse(_socket: socket.socket, address: object) -> None:
    pytest.fail(f"A test without a marker connects to {address!r}; mark it, or fake what it talks to.")


@pytest.fixture(scope="session")
def stack() -> str:
    """Which servers to use: embedded or containers."""
    chosen = os.environ.get("CDP_TEST_STACK", "embedded")
    assert chosen in _STACKS, f"CDP_TEST_STACK={chosen!r}; it may be {' or '.join(_STACKS)}"
    return chosen


@pytest.fixture(scope="session")
def kafka_server(stack: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The run's one Kafka."""
    if stack == "containers":
        from tests.stack.containers import kafka_container  # noqa: PLC0415 -- its client looks for Docker

        with kafka_container() as kafka:
            yield kafka
        return
    kafka = embedded_kafka(tmp_path_factory.mktemp("kafka"))
    assert kafka.process
    kafka.process.start()
    yield kafka
    kafka.process.kill()


@pytest.fixture(scope="session")
def clickhouse_server(stack: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The run's one ClickHouse."""
    if stack == "containers":
        from tests.stack.containers import clickhouse_container  # noqa: PLC0415 -- its client looks for Docker

        with clickhouse_container() as clickhouse:
            yield clickhouse
        return
    clickhouse = embedded_clickhouse(tmp_path_factory.mktemp("clickhouse"))
    assert clickhouse.process
    clickhouse.process.start()
    yield clickhouse
    clickhouse.process.kill()


@pytest.fixture(scope="module")
def start_platform(
    kafka_server: Kafka, clickhouse_server: ClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartPlatform]:
    """Starts platforms with topics, a database and ports of their own; ends them with the module."""
    started: list[Platform] = []

    def start(workers: int = 1, **settings: str) -> Platform:
        platform = Platform(kafka_server, clickhouse_server, tmp_path_factory.mktemp("platform"), settings)
        started.append(platform)
        platform.start(workers)
        return platform

    yield start
    for platform in started:
        platform.close()


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """The module's own platform."""
    return start_platform()
