"""Rebuilding while the platform works: the same answers before, during and after, nothing lost at the exchange."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from projections.database import Database
from tests.e2e.events import Json, completed, viewed
from tests.e2e.trickle import CUSTOMERS, Trickle
from tests.stack.platforms import Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform
APART = ("freshness", "rfm", "tags", "segments", "lifecycle")
"""What depends on other customers, or on how long ago something was."""


def rebuild(platform: Platform, *arguments: str, expect: int = 0) -> str:
    """The command, as an operator runs it; gives all it says."""
    env = {**platform.env, "CDP_DATA_DIR": str(platform.directory / "data"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "deploy.cli", "rebuild", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def database(platform: Platform) -> Iterator[Database]:
    """The platform's own."""
    with closing(platform.database()) as database:
        yield database


def dossier(platform: Platform, who: str, **more: str) -> Json:
    """What a dossier says of the customer alone."""
    found = platform.ask(f"/v1/profiles/member_id:{who}", **more)
    return {name: value for name, value in found.items() if name not in APART}


@contextmanager
def reading(check: Callable[[], None]) -> Iterator[None]:
    """Somebody asks all the time, and finds it right each time."""
    ended, faults = threading.Event(), list[BaseException]()

    def ask() -> None:
        try:
            while not ended.wait(0.02):
                check()
        except BaseException as error:  # noqa: BLE001 -- handed over to the test's own thread
            faults.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    yield
    ended.set()
    thread.join()
    assert not faults, faults


def check_orders(platform: Platform, trickle: Trickle) -> None:
    """Everybody has as many orders as were sent."""
    for who, count in trickle.orders.items():
        assert platform.ask(f"/v1/profiles/member_id:{who}", after=trickle.position)["orders"]["count"] == count, who


def test_nothing_is_noticed_and_nothing_lost(platform: Platform, database: Database) -> None:
    """While somebody sends and somebody reads, all is computed anew, exchanged, and back; so from the log."""
    before = platform.send(completed("steady", "s1", "70.00"), viewed("steady", "s2"), source="shop")
    known = dossier(platform, "steady", after=before)

    def same() -> None:
        assert dossier(platform, "steady") == known

    with Trickle(platform, "pos") as trickle, reading(same):
        until(lambda: trickle.count > CUSTOMERS, "something was sent")
        assert "Exchanged" in rebuild(platform, "profiles", "--yes")
        seen = trickle.count
        until(lambda: trickle.count > seen + CUSTOMERS, "more was sent")
        assert "live again" in rebuild(platform, "profiles", "--rollback")
        assert "dropped" in rebuild(platform, "profiles", "--drop")
        assert "Exchanged" in rebuild(platform, "profiles", "--from-log", "--yes")
    check_orders(platform, trickle)
    assert database.tuples("SELECT count() FROM system.tables WHERE name LIKE 'forward_%'") == [(0,)]
    assert "dropped" in rebuild(platform, "profiles", "--drop")
    check_orders(platform, trickle)
