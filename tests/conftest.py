"""What holds for all tests: no deadline for property tests, and no network unless a marker says so."""

from __future__ import annotations

import socket

import hypothesis
import pytest

MAY_USE_THE_NETWORK = ("clickhouse", "containers", "kafka", "network", "platform")

# No deadline: a busy machine is no bug. The blob of a failure is printed, so that it can be repeated anywhere.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _no_network_by_accident(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without a marker reaches nothing but itself; what it needs of the world it fakes."""
    if not any(request.node.get_closest_marker(name) for name in MAY_USE_THE_NETWORK):
        monkeypatch.setattr(socket.socket, "connect", _refuse)
        monkeypatch.setattr(socket.socket, "connect_ex", _refuse)


def _refuse(_socket: socket.socket, address: object) -> None:
    pytest.fail(f"A test without a marker connects to {address!r}; mark it, or fake what it talks to.")
