"""The dossier and orders of one customer, folded by ClickHouse from facts written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.dossier import Shown, dossier
from api.views import order
from projections.database import Database, Row
from projections.facts import Fact, write_facts
from projections.places import Place
from projections.profiles import Terms, fold_parameters
from projections.resolution import AsOf, Resolution
from projections.statements import statement
from schemas.door import Door
from schemas.sources import Source
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHO = "member_id:ANN"
DOOR = Door("CN")
Said = tuple[str, datetime, dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for one customer at a time."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


def at(hours: float) -> datetime:
    """So many hours before now."""
    return NOW - timedelta(hours=hours)


def said(kind: str, moment: datetime, data: dict[str, Any], **top: Any) -> Said:
    """An event of Ann's; `source` among `top` is who sends it."""
    return kind, moment, data, top


def bought(order_id: str, moment: datetime, total: str, **data: Any) -> Said:
    """A completed order; `channel` is the event's."""
    top = {"channel": data.pop("channel")} if "channel" in data else {}
    return said("order.completed", moment, {"order_id": order_id, "total": total, "lines": [], **data}, **top)


def record(database: Database, history: list[Said]) -> list[tuple[str, str, str, int, int]]:
    """Write the facts; the keys they are folded by."""
    database.execute("TRUNCATE TABLE events")
    facts = [_fact(number, *each) for number, each in enumerate(history)]
    write_facts(database, facts, "CNY")
    things = {fact.event.thing for fact in facts if fact.event.thing}
    return [(WHO, WHO, "p", 1, 1), *((thing, WHO, "", 0, 0) for thing in sorted(things))]


def _fact(number: int, kind: str, moment: datetime, data: dict[str, Any], top: dict[str, Any]) -> Fact:
    source = top.pop("source", "pos")
    event = {
        "event_id": f"e{number}", "type": kind, "occurred_at": moment.isoformat(), "ids": {"member_id": "ANN"},
        "data": data, **top,
    }  # fmt: skip
    raw = json.dumps(event).encode()
    return Fact(DOOR.admit(raw, Source(source), NOW + timedelta(days=1)), "events", Place(NOW, 0, number, 0))


def rows(database: Database, name: str, history: list[Said], terms: Terms, **more: object) -> list[Row]:
    """What a statement answers over the facts."""
    parameters = {**fold_parameters(AsOf(NOW), terms), **more}
    resolution = Resolution({WHO: "p"}, record(database, history), [])
    return database.rows(statement(name), parameters, resolution.tables())


def shown(database: Database, history: list[Said], terms: Terms | None = None) -> dict[str, Any]:
    """Ann's dossier."""
    terms = terms or Terms("CNY")
    return dossier(rows(database, "fold", history, terms)[0], [], Shown(NOW, "CNY", None, terms.zone))


def orders(database: Database, history: list[Said]) -> list[dict[str, Any]]:
    """Ann's orders."""
    page = {"before_at": "2299-12-31 00:00:00", "before_id": "", "limit": 10}
    return [order(row) for row in rows(database, "orders", history, Terms("CNY"), **page)]


def told(source: str, moment: datetime, **traits: Any) -> Said:
    """Traits a source knows."""
    return said("customer.identified", moment, {"traits": traits}, source=source)


def test_the_newest_trait_holds(database: Database) -> None:
    """Without an order of trust; each with the event that said it."""
    history = [
        told("crm", at(9), city="北京", name="Ann"),
        told("pos", at(5), city="上海"),
        told("pos", at(4), name=None),
    ]
    answer = shown(database, history)
    assert answer["traits"] == {"city": "上海"}
    assert answer["trait_details"] == {
        "city": {
            "value": "上海", "source": "pos", "occurred_at": "2026-11-21T23:00:00Z", "event_id": "e1", "flags": [],
        }
    }  # fmt: skip


@pytest.mark.parametrize(
    ("trusted", "traits"),
    [
        ({"city": ["crm"]}, {"city": "北京", "name": "B", "level": 2}),
        ({"city": ["app", "crm"]}, {"city": "广州", "name": "B", "level": 2}),
        ({"*": ["crm", "app"]}, {"city": "北京", "name": "A"}),
        ({"*": ["crm", "app"], "level": ["pos"], "name": []}, {"city": "北京", "name": "B", "level": 2}),
        ({'it\'s \\ "odd"': ["crm"]}, {"city": "上海", "name": "B", "level": 2}),
    ],
)
def test_trusted_sources_win_whatever_the_time(database: Database, trusted: Any, traits: dict[str, Any]) -> None:
    """Earlier listed ones beat later ones, listed ones all others; within one the newest holds, a null takes away."""
    history = [
        told("crm", at(9), city="天津", name="A", level=1),
        told("crm", at(8), city="北京", level=None),
        told("app", at(7), city="广州"),
        told("pos", at(5), city="上海", name="B", level=2),
    ]
    assert shown(database, history, Terms("CNY", trait_sources=trusted))["traits"] == traits


def test_derived_values_are_of_the_platforms_day(database: Database) -> None:
    """At four in the morning of the 22nd in London it is the birthday in Shanghai and not yet in Honolulu."""
    history = [told("crm", at(9), birthday="1990-11-22", sex="?", gender="f")]
    answer = shown(database, history)
    assert answer["derived"] == {"age": 36, "birthday": "1990-11-22", "gender": "female", "address": None}
    assert answer["trait_details"]["sex"]["flags"] == ["not_a_gender"]
    assert shown(database, history, Terms("CNY", "Pacific/Honolulu"))["derived"]["age"] == 35


def test_habits_of_buying(database: Database) -> None:
    """Over counted orders: what they hold, how often they come, where and when most of them."""
    lines = [
        {"sku": "a", "brand": "Z", "category": "x", "quantity": 2, "amount": "5"},
        {"sku": "b", "brand": "A", "quantity": 0.5, "amount": "5"},
    ]
    history = [
        bought("1", at(72), "100", lines=lines, channel="pos", discount="5"),
        bought("2", at(49), "50", lines=lines[:1], channel="app", coupon=""),
        bought("3", at(24), "50", channel="app"),
        bought("4", at(2), "300", channel="pos", coupon="c", currency="USD"),
        said("order.placed", at(1), {"order_id": "5", "total": "9", "lines": lines, "discount": "9"}, channel="web"),
    ]
    answer = shown(database, history)["orders"]
    assert answer["brands"] == ["A", "Z"]
    assert answer["basket"] == {"items": 2.25, "lines": 1.5}
    assert (answer["preferred_channel"], answer["preferred_hour"], answer["preferred_weekday"]) == ("pos", 12, 7)
    assert answer["interval_days"] == 0.9722
    assert answer["price_sensitivity"] == 0.5


def test_who_never_bought_has_no_habits(database: Database) -> None:
    """Nothing is said of no orders."""
    answer = shown(database, [said("app.opened", at(1), {})])["orders"]
    habits = (
        "basket",
        "preferred_channel",
        "preferred_hour",
        "preferred_weekday",
        "interval_days",
        "price_sensitivity",
    )
    assert [answer[name] for name in habits] == [None] * 6
    assert answer["brands"] == []


def test_of_habits_as_frequent_the_latest_wins(database: Database) -> None:
    """Then the first by name; orders without a channel have no say in it."""
    tied = [
        bought("1", at(5), "1", channel="b"),
        bought("2", at(5), "1", channel="a"),
        bought("3", at(6), "1", channel="c"),
    ]
    assert shown(database, tied)["orders"]["preferred_channel"] == "a"
    silent = [bought(str(number), at(number), "1") for number in range(3)]
    assert shown(database, [*silent, bought("9", at(99), "1", channel="z")])["orders"]["preferred_channel"] == "z"


def test_interactions(database: Database) -> None:
    """By campaign of the data, else of the context, words only; the first and the last; runs with short pauses."""
    history = [
        said("page.viewed", at(5), {"campaign": " "}, channel="web", context={"campaign": "mail"}),
        said("page.viewed", at(4.5), {"campaign": 5}, context={"campaign": ["a"]}),
        said("product.viewed", at(4) + timedelta(microseconds=1), {"sku": "a", "campaign": "sale"}, source="app"),
        said("message.sent", at(1), {"message_id": "m", "medium": "sms", "campaign": "sms"}),
    ]
    answer = shown(database, history)["interactions"]
    assert answer["by_campaign"] == {"mail": 1, "sale": 1}
    assert answer["sessions"] == 2
    assert answer["first_touch"] == {
        "at": "2026-11-21T23:00:00Z", "type": "page.viewed", "source": "pos", "channel": "web", "campaign": "mail",
    }  # fmt: skip
    assert answer["last_touch"] == {
        "at": "2026-11-22T00:00:00.000001Z", "type": "product.viewed", "source": "app", "channel": None,
        "campaign": "sale",
    }  # fmt: skip


def test_points_expire_first_earned_for_the_shortest_time(database: Database) -> None:
    """What is spent, or adjusted away, uses up what expires first; points without expiry never do."""

    def earned(points: int, days: float) -> Said:
        until = (NOW + timedelta(days=days)).isoformat()
        return said("points.earned", at(9), {"points": points, "expires_at": until})

    history = [
        earned(100, -1), earned(50, 0), earned(30, 30), earned(20, 30.5), earned(7, 29),
        said("points.earned", at(9), {"points": 1000}),
        said("points.spent", at(8), {"points": 90}),
        said("points.adjusted", at(7), {"points": -40}),
        said("points.adjusted", at(7), {"points": 500}),
        said("tier.changed", at(6), {"tier": "gold", "valid_until": "9999-12-31T00:00:00Z"}),
    ]  # fmt: skip
    assert shown(database, history)["loyalty"] == {
        "points": 1577,
        "tier": "gold",
        "tier_until": "9999-12-31T00:00:00Z",
        "expiring": {"points": 37, "next_at": "2026-12-21T04:00:00Z", "within_days": 30},
        "expired": 20,
    }


def test_consent_holds_until_it_expires(database: Database) -> None:
    """Granted is what was said; effective is what follows now."""
    history = [
        said("consent.changed", at(3), {"purpose": "sms", "granted": True, "expires_at": NOW.isoformat()}),
        said("consent.changed", at(3), {"purpose": "email", "granted": True}, source="crm"),
        said("consent.changed", at(3), {"purpose": "post", "granted": False}),
    ]
    consent = shown(database, history)["consent"]
    assert {purpose: one["effective"] for purpose, one in consent.items()} == {
        "sms": False,
        "email": True,
        "post": False,
    }
    assert (consent["email"]["source"], consent["email"]["event_id"]) == ("crm", "e1")


def test_feedback(database: Database) -> None:
    """Averages with how many they are of; tickets owned, and those still open."""
    rated = [("csat", 4), ("csat", 5), ("stars", 1), ("stars", 2), ("stars", 2), ("nps", 3), ("nps", 9)]
    history = [
        *(
            said("feedback.rated", at(9 - n), {"scale": scale, "score": score})
            for n, (scale, score) in enumerate(rated)
        ),
        said("ticket.opened", at(4), {"ticket_id": "1", "kind": "question"}),
        said("ticket.opened", at(4), {"ticket_id": "2", "kind": "question"}),
        said("ticket.resolved", at(3), {"ticket_id": "2", "kind": "question"}),
    ]
    answer = shown(database, history)["feedback"]
    assert (answer["csat_average"], answer["csat_count"]) == (4.5, 2)
    assert (answer["stars_average"], answer["nps_last"], answer["nps_count"]) == (1.6667, 9, 2)
    assert (answer["tickets"], answer["open_tickets"]) == (2, 1)


def test_refunds_fill_the_lines_they_name(database: Database) -> None:
    """In order, each up to its amount; what names no line, or finds no room, stays unallocated."""

    def refunded(refund_id: str, moment: datetime, amount: str, *lines: tuple[str, str]) -> Said:
        named = [{"sku": sku, "quantity": 1, "amount": part} for sku, part in lines]
        more = {"lines": named} if named else {}
        return said("order.refunded", moment, {"order_id": "1", "refund_id": refund_id, "amount": amount, **more})

    lines = [{"sku": sku, "quantity": 1, "amount": amount} for sku, amount in (("a", "10"), ("b", "20"), ("a", "30"))]
    history = [
        bought("1", at(9), "60", lines=lines, coupon="x", discount="1.5"),
        refunded("r2", at(8), "99"),
        refunded("r1", at(7), "17", ("a", "15"), ("c", "2")),
        refunded("r2", at(6), "7"),
        said("order.updated", at(1), {"order_id": "1", "lines": None, "coupon": "", "discount": None}),
    ]
    (answer,) = orders(database, history)
    assert [(line["sku"], line["refunded"], line["net"]) for line in answer["lines"]] == [
        ("a", "10.00", "0.00"), ("b", "0.00", "20.00"), ("a", "5.00", "25.00"),
    ]  # fmt: skip
    assert [(one["refund_id"], one["amount"]) for one in answer["refunds"]] == [("r1", "17.00"), ("r2", "7.00")]
    assert (answer["refund_count"], answer["refunded"], answer["unallocated_refund"]) == (2, "24.00", "9.00")
    assert (answer["coupon"], answer["discount"], answer["flags"]) == ("x", "1.50", [])


def test_more_given_back_than_paid_is_flagged(database: Database) -> None:
    """What counts is the order's total."""
    history = [
        bought("1", at(9), "60"),
        said("order.refunded", at(8), {"order_id": "1", "refund_id": "r", "amount": "61"}),
    ]
    (answer,) = orders(database, history)
    assert (answer["flags"], answer["over_refunded"], answer["unallocated_refund"]) == (
        ["over_refunded"],
        True,
        "60.00",
    )
    assert (answer["state"], answer["net"], answer["lines"]) == ("refunded", "0.00", [])
