"""Rebuilding while the platform works: the same answers before, during and after, nothing lost at the exchange."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from projections.database import Database
from projections.rebuilding.beside import Beside
from projections.rebuilding.catalogue import PROFILES, tables
from projections.rebuilding.state import Journal, latest
from tests.e2e.events import Json, completed, viewed
from tests.e2e.trickle import CUSTOMERS, Trickle
from tests.stack.platforms import Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform
APART = ("freshness", "rfm", "tags", "segments", "lifecycle")
"""What depends on other customers, or on how long ago something was."""
BREAKING = (
    "ALTER TABLE events DELETE WHERE event_id = 'V1:v1:completed' SETTINGS mutations_sync = 2",
    "INSERT INTO events SELECT * REPLACE (log_index + 999 AS log_index) FROM events WHERE event_id = 'V2:v2:completed'",
    """INSERT INTO profiles SELECT * REPLACE (net_amount + 1 AS net_amount, version + 1 AS version)
       FROM profiles FINAL WHERE root = 'member_id:V3'""",
)


def cdp(platform: Platform, *arguments: str, expect: int = 0) -> str:
    """A command, as an operator runs it; gives all it says."""
    env = {**platform.env, "CDP_DATA_DIR": str(platform.directory / "data")}
    done = CliRunner().invoke(build(), list(arguments), env=env, catch_exceptions=False)
    assert done.exit_code == expect, done.output
    return done.output


def rebuild(platform: Platform, *arguments: str) -> str:
    """Rebuild profiles."""
    return cdp(platform, "rebuild", "profiles", *arguments)


def verify(platform: Platform, expect: int = 0) -> str:
    """Verify, with everybody told once more."""
    return cdp(platform, "verify", "--url", platform.api_url, "--key", "all", "--customers", "200", expect=expect)


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
        assert "Exchanged" in rebuild(platform, "--yes")
        seen = trickle.count
        until(lambda: trickle.count > seen + CUSTOMERS, "more was sent")
        assert "live again" in rebuild(platform, "--rollback")
        assert "dropped" in rebuild(platform, "--drop")
        assert "Exchanged" in rebuild(platform, "--from-log", "--yes")
    check_orders(platform, trickle)
    assert database.tuples("SELECT count() FROM system.tables WHERE name LIKE 'forward_%'") == [(0,)]
    assert "dropped" in rebuild(platform, "--drop")
    check_orders(platform, trickle)


def test_what_is_broken_is_named_and_repaired(platform: Platform, database: Database) -> None:
    """Sound, nothing is found. A lost fact, one that stands twice and an edited dossier are; the log repairs them."""
    sent = [completed(f"V{number}", f"v{number}") for number in range(5)]
    bad = {**viewed("V0", "bad-1"), "occurred_at": "yesterday"}
    answer = platform.post([*sent, sent[0], bad], source="app")
    platform.ask("/v1/dead-letters", after=answer.json()["position"])
    platform.ask("/v1/profiles/member_id:V4", after=answer.json()["position"])
    told = verify(platform)
    assert [line[0] for line in told.splitlines() if line[0] in "✓✗"] == ["✓"] * 4, told

    for sql in BREAKING:
        database.execute(sql)
    told = verify(platform, expect=1)
    person = platform.ask("/v1/profiles/member_id:V3")["person_id"]
    assert "1 claims without their fact" in told
    assert "1 events that stand as several facts" in told
    assert f"the dossier of person {person} is not what the log says: orders." in told
    assert "member_id" not in told, "nothing personal is printed"

    told = rebuild(platform, "--from-log", "--yes")
    assert "events" in told
    position = platform.send(viewed("V4", "v-last"), source="app")
    platform.ask("/v1/profiles/member_id:V4", after=position)
    told = verify(platform)
    assert "✗" not in told
    rebuild(platform, "--drop")


def test_an_unknown_projection_is_told_which_there_are(platform: Platform) -> None:
    """By name and meaning; nothing is begun."""
    env = {**platform.env, "CDP_DATA_DIR": str(platform.directory / "data")}
    done = CliRunner().invoke(build(), ["rebuild", "nothing"], env=env)
    assert "profiles: the dossiers" in str(done.exception)


def test_an_interrupted_rebuild_goes_on(platform: Platform, database: Database) -> None:
    """Without a confirmation what is computed is kept; killed amid the exchange, the next run finishes it."""
    position = platform.send(completed("R1", "r1"), viewed("R1", "r2"), source="app")
    known = dossier(platform, "R1", after=position)
    env = {**platform.env, "CDP_DATA_DIR": str(platform.directory / "data")}
    unsure = CliRunner().invoke(build(), ["rebuild", "profiles"], env=env)
    assert "Nobody is there to confirm" in str(unsure.exception)

    beside, found = Beside(platform.address), latest(database)
    assert found is not None
    journal = Journal(database, found)
    names = tables(PROFILES, from_log=False)
    journal.say(state="swapping", uuids=beside.uuids(database, names.all))
    beside.forward(database, names.written)
    beside.exchange(database, names.written, journal.now.uuids)  # and here it is killed
    platform.ask("/v1/profiles/member_id:R1", after=platform.send(viewed("R1", "r3"), source="app"))

    assert "Finishing" in rebuild(platform, "--yes")
    assert beside.uuids(database, names.all).keys() == set(names.all)
    assert not beside.uuids(database, names.all).items() & journal.now.uuids.items(), "each is exchanged once"
    assert dossier(platform, "R1")["interactions"]["count"] == known["interactions"]["count"] + 1
    kept = CliRunner().invoke(build(), ["rebuild", "profiles", "--yes"], env=env)
    assert "kept still" in str(kept.exception)
    rebuild(platform, "--drop")


def test_dead_letters_are_read_from_their_topic(platform: Platform, database: Database) -> None:
    """A row that was lost is there again, once."""
    bad = {**viewed("L1", "l1"), "occurred_at": "yesterday"}
    position = platform.post([bad], source="app").json()["position"]
    platform.ask("/v1/dead-letters", after=position)
    before = database.tuples("SELECT count() FROM dead_letters FINAL")
    database.execute("ALTER TABLE dead_letters DELETE WHERE event_id = 'l1' SETTINGS mutations_sync = 2")
    told = cdp(platform, "rebuild", "dead-letters", "--yes")
    assert "Exchanged" in told
    assert database.tuples("SELECT count() FROM dead_letters FINAL") == before
    cdp(platform, "rebuild", "dead-letters", "--drop")
