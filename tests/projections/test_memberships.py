"""Memberships while a platform lives: each change once, with its cause, over crashes, passes, merges and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from processors.profiler import memberships
from processors.profiler import step as profiling
from projections.database import Database
from projections.membership import latest
from projections.membership.model import Cause
from projections.memberships import (
    ChangesAsked,
    building,
    changes_page,
    held_of,
    member_count,
    member_counts,
    members_page,
    value_counts,
)
from projections.passes import Pass, unfinished
from projections.profiles import Persons
from projections.resolution import AsOf, resolve_people
from tests.property.living import Killed, Living, in_short
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

DAY = timedelta(days=1)
ANN, BEN = {"member_id": "M1"}, {"member_id": "M2"}
BUYERS = {"where": {"event": "order.completed", "window": {"last": "30d"}}}


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """One database; each platform empties it."""
    database = Database(clickhouse_server.fresh_database(), brief=True)
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Living:
    """A platform without built-in tags' changes in the way: tests ask for their own keys."""
    return Living(database)


def bought(shop: Living, ids: dict[str, Any], number: str, ago: timedelta = timedelta(0)) -> str:
    return shop.event("order.completed", ids, {"order_id": number, "currency": "CNY", "total": "10", "lines": []}, ago)


def test_an_event_lets_somebody_in_and_time_lets_them_out(shop: Living) -> None:
    """Both are told, each with its cause, the second dated when the window ended."""
    shop.define("segment", "buyers", BUYERS)
    order = bought(shop, ANN, "1", ago=29 * DAY)
    assert in_short(shop.changes("buyers")) == [("buyers", False, True, "event", order)]
    shop.later(timedelta(hours=23))
    assert len(shop.changes("buyers")) == 1
    shop.later(timedelta(hours=2))
    assert in_short(shop.changes("buyers"))[1:] == [("buyers", True, False, "time", None)]
    assert shop.changes("buyers")[1]["at"] == (shop.clock() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert member_count(shop.database, "segment:buyers") == 0


def test_a_new_definition_looks_at_everybody(shop: Living) -> None:
    """Its pass is through before it answers; a changed one moves only who is concerned."""
    bought(shop, ANN, "1")
    bought(shop, BEN, "2")
    bought(shop, BEN, "3")
    version = shop.define("segment", "buyers", BUYERS)
    assert building(shop.database) == {}
    assert {cause_ref for *_, cause_ref in in_short(shop.changes("buyers"))} == {f"segment:buyers@{version}"}
    assert member_count(shop.database, "segment:buyers") == 2
    twice = {"where": {**BUYERS["where"], "op": "gte", "value": 2}}
    shop.define("segment", "buyers", twice)
    [out] = shop.changes("buyers")[2:]
    assert (out["from"], out["to"], out["cause"], out["definition_version"]) == (True, False, "definition", 2)
    assert [row["value"] for row in members_page(shop.database, "segment:buyers", 0, 10)] == ["true"]
    shop.define("segment", "buyers", {"deleted": True})
    assert member_count(shop.database, "segment:buyers") == 0


@pytest.mark.parametrize("cause", ["definition", "population"])
def test_a_pass_takes_each_step_once(cause: str) -> None:
    """From its first steps on, each leads to the next until all are taken."""
    planned = Pass(1, cause, "", (), 3, 4)
    taken = list(planned.first)
    for step in taken:
        taken += planned.after(*step)
    assert sorted(taken) == [(partition, bucket) for partition in range(3) for bucket in range(4)]


def test_a_pass_goes_on_after_a_crash_between_two_steps(shop: Living, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the worker dies before or after it says that a step is taken, all are taken in the end."""
    bought(shop, ANN, "1")
    shop.later(timedelta(minutes=1), census=True)
    bought(shop, BEN, "2")
    shop.now[0] += timedelta(minutes=1)
    shop.census.process([])
    assert [each.cause for each in unfinished(shop.database)] == ["population"]
    for module, name, is_done in (
        (memberships, "say_done", False),
        (memberships, "say_done", True),
        (profiling, "write_ranges", False),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, _killed(getattr(module, name), is_done=is_done))
            with pytest.raises(Killed):
                shop.run()
        shop.kill()
    shop.run()
    assert unfinished(shop.database) == []


def _killed(real: Callable[..., None], *, is_done: bool) -> Callable[..., None]:
    """Ends the process just after a step, or just before it."""

    def ending(*given: Any) -> None:
        if is_done:
            real(*given)
        raise Killed

    return ending


def test_a_merge_moves_what_holds_to_one_person_and_parting_gives_it_back(shop: Living) -> None:
    """The one who goes under leaves all; what both did together is told as identity."""
    shop.define("segment", "buyers", {"where": {**BUYERS["where"], "op": "gte", "value": 2}})
    bought(shop, ANN, "1")
    bought(shop, {"phone": "13800138000"}, "2")
    assert shop.changes("buyers") == []
    shop.event("customer.linked", {**ANN, "phone": "13800138000"})
    [change] = shop.changes("buyers")
    assert (change["to"], change["cause"]) == (True, "identity")
    shop.now[0] += timedelta(seconds=1)
    shop.event("customer.unlinked", {**ANN, "phone": "13800138000"})
    [_, back] = shop.changes("buyers")
    assert (back["to"], back["cause"]) == (False, "identity")
    assert member_count(shop.database, "segment:buyers") == 0


def test_what_refers_to_others_follows_them(shop: Living) -> None:
    """A tag of a segment of a tag, in one round."""
    shop.define("segment", "buyers", BUYERS)
    shop.define("tag", "kind", {"tiers": [{"value": "buyer", "where": {"segment": "buyers"}}]})
    shop.define("segment", "kindly", {"where": {"tag": "kind", "value": "buyer"}})
    bought(shop, ANN, "1")
    [entered] = shop.changes("kindly")
    assert (entered["to"], entered["cause"]) == (True, "event")
    assert value_counts(shop.database, "tag:kind") == {"buyer": 1}
    counts = member_counts(shop.database)
    assert (counts["segment:buyers"], counts["tag:kind"], counts["segment:kindly"]) == (1, 1, 1)
    assert {each.ref: each.value for each in held_of(shop.database, "member_id:M1")}["tag:kind"] == "buyer"


def test_what_is_set_by_hand_holds_until_its_end(shop: Living) -> None:
    """A manual tag by identifier; it ends by itself."""
    shop.define("tag", "sponsor", {"manual": True})
    shop.event("app.opened", ANN)
    until = (shop.clock() + DAY).isoformat()
    entries = [{"id": "member_id:M1", "value": "gold", "until": until}]
    shop.define("assignments", "tag:sponsor", {"entries": entries})
    [given] = shop.changes("sponsor")
    assert (given["from"], given["to"], given["cause"]) == (None, "gold", "manual")
    shop.later(2 * DAY)
    assert in_short(shop.changes("sponsor"))[1:] == [("sponsor", "gold", None, "time", None)]


def test_a_limit_holds_so_many_and_follows_who_is_highest(shop: Living) -> None:
    """The census finds the cut; whoever spends more gets in, and the last one out, for the population."""
    shop.define("segment", "top", {"where": BUYERS["where"], "limit": {"top": 2, "by": "orders.net_amount"}})
    for number, (who, times) in enumerate({"M1": 1, "M2": 3, "M3": 2}.items()):
        for again in range(times):
            bought(shop, {"member_id": who}, f"{number}-{again}")
    assert member_count(shop.database, "segment:top") == 0
    shop.later(timedelta(seconds=5), census=True)
    assert in_segment(shop, "top") == {"member_id:M2", "member_id:M3"}
    assert {each["cause"] for each in shop.changes("top")} == {"population"}
    for again in range(4):
        bought(shop, {"member_id": "M1"}, f"more-{again}")
    shop.later(timedelta(seconds=50), census=True)
    assert in_segment(shop, "top") == {"member_id:M1", "member_id:M2"}


def in_segment(shop: Living, key: str) -> set[str]:
    return {row["root"] for row in members_page(shop.database, f"segment:{key}", 0, 100)}


@pytest.mark.parametrize("fails", range(1, 5))
def test_a_crash_loses_no_change_and_doubles_none(shop: Living, fails: int) -> None:
    """Killed at its n-th message of a change: afterwards each was said, under one id, and states know of all."""
    shop.define("segment", "buyers", BUYERS)
    shop.define("tag", "kind", {"tiers": [{"value": "buyer", "where": {"segment": "buyers"}}]})
    bought(shop, BEN, "1", ago=2 * DAY)
    shop.log.last_changes = fails - 1
    with pytest.raises(Killed):
        bought(shop, ANN, "2")
    shop.kill()
    shop.run()
    rows = changes_page(shop.database, ChangesAsked(), 100)
    assert {each["change_id"] for each in shop.changes()} == {row["change_id"] for row in rows}
    said = [(row["person_id"], row["key"], row["after"]) for row in rows]
    assert len(said) == len(set(said))
    held = {each.ref for each in held_of(shop.database, "member_id:M1")}
    assert {"segment:buyers", "tag:kind"} <= held
    assert held == {each.ref for each in held_of(shop.database, "member_id:M2")}


def test_the_same_again_says_nothing_new(shop: Living) -> None:
    """Replayed from zero, the log finds everything as it is."""
    shop.define("segment", "buyers", BUYERS)
    bought(shop, ANN, "1")
    said = len(shop.changes())
    shop.acknowledged = dict.fromkeys(shop.acknowledged, 0)
    shop.kill()
    shop.run()
    ids = [each["change_id"] for each in shop.changes()]
    assert len(set(ids)) == said


def test_whoever_read_a_fact_before_its_touch_names_it(shop: Living, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are looked at in a round, the latest event a definition looks at is found for each of them."""
    monkeypatch.setattr(latest, "PERSONS_ASKED", 1)
    shop.define("segment", "buyers", BUYERS)
    numbers = range(4)
    people = {f"member_id:L{number}": [f"member_id:L{number}"] for number in numbers}
    orders = [bought(shop, {"member_id": f"L{number}"}, str(number)) for number in numbers]
    for number in numbers:
        shop.event("page.viewed", {"member_id": f"L{number}"})
    concerns = shop.profiler.memberships.programs.library.concerns
    persons = Persons(people, resolve_people(shop.database, people, {}, AsOf(shop.clock())))
    asked = latest.Latest(shop.database, persons, concerns, list(people))
    found = [asked(f"member_id:L{number}", "segment:buyers") for number in (3, 0, 2, 1)]
    assert found == [Cause("event", orders[number], "order.completed") for number in (3, 0, 2, 1)]
