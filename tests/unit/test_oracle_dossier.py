"""The oracle's dossier and timeline on histories written by hand, section by section."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.oracle.addresses import subject_of
from deploy.oracle.fold import profile
from deploy.oracle.model import Logged
from deploy.oracle.owners import known
from deploy.oracle.values import shown_money, shown_time
from tests.oracle.timeline import timeline
from tests.oracle.written import ARRIVAL, START, Said, dossier_of, said, written

ANN, BEN = "member_id:M1", "member_id:M2"


def completed(order_id: str, total: str, day: float = 1, **data: Any) -> Said:
    """Ann's order, completed."""
    return said("order.completed", "M1", day, order_id=order_id, total=total, **{"lines": [], **data})


@pytest.mark.parametrize(
    ("ids", "subject"),
    [
        ({"phone": "+8613800138000", "member_id": "M1"}, "member_id:M1"),
        ({"member_id": ["", "M1"], "user_id": "unknown"}, "member_id:M1"),
        ({"member_id": 0, "customer_no": "0000", "card_no": 42}, "card_no:42"),
        ({"email": "Ann@Example.com"}, "email:ann@example.com"),
        ({"wechat_openid": "o1", "anonymous_id": "a1"}, "anonymous_id:a1"),
        ({"wechat_openid": "o1"}, "wechat_openid:pos/o1"),
        ({"member_id": None}, None),
        (None, None),
    ],
)
def test_the_subject_is_the_first_identifier_by_priority(ids: dict[str, Any] | None, subject: str | None) -> None:
    """Blank and blocked values say nothing; what means something in one source only carries that source."""
    assert subject_of("pos", {"ids": ids}) == subject


def test_nobody_knows_a_customer_before_the_first_fact() -> None:
    """The dossier begins with the fact, not a microsecond earlier."""
    log = written(completed("1", "5"))
    first = log[0].occurred_at
    assert profile(log, ANN, ARRIVAL, as_of=first - timedelta(microseconds=1)) is None
    assert profile(log, ANN, ARRIVAL, as_of=first) is not None
    assert profile(log, BEN, ARRIVAL) is None


def test_an_order_event_that_names_someone_else_is_theirs_yet_the_order_is_the_owners() -> None:
    """Ben's payment of Ann's order stands in Ben's timeline and first_seen; the money is Ann's."""
    history = (completed("1", "5"), said("order.paid", "M2", 2, order_id="1", amount="5"))
    ben = dossier_of(*history, address=BEN)
    assert timeline(written(*history), BEN, ARRIVAL) == [("pos", "order.paid@2")]
    assert (ben["first_seen"], ben["orders"]["count"]) == ("2026-01-03T00:00:00Z", 0)
    assert dossier_of(*history)["orders"]["count"] == 1


def test_an_event_without_identifiers_is_pending_until_its_owner_is_known() -> None:
    """Whichever comes first, and per source; then it is in the owner's timeline, counts and last_seen."""
    opened = said("message.opened", None, 5, message_id="m", medium="sms")
    elsewhere = said("message.clicked", None, 6, source="app", message_id="m", medium="sms")
    sent = said("message.sent", "M1", 7, message_id="m", medium="sms")
    log = written(opened, elsewhere, sent)
    assert known(log[:2], ARRIVAL).pending() == {("pos", "message.opened@5"), ("app", "message.clicked@6")}
    assert known(log, ARRIVAL).pending() == {("app", "message.clicked@6")}
    assert timeline(log, ANN, ARRIVAL) == [("pos", "message.sent@7"), ("pos", "message.opened@5")]
    assert dossier_of(opened, elsewhere, sent)["interactions"]["by_type"] == {"message.opened": 1}
    assert profile(log, ANN, ARRIVAL, as_of=START + timedelta(days=6)) is None


def test_interactions_are_those_of_the_contract() -> None:
    """Sent messages, orders, feedback and points are none; without a channel it is in no channel's count."""
    seen = dossier_of(
        said("product.viewed", "M1", 1, top={"channel": "web"}, sku="a"),
        said("custom.quiz", "M1", 3, campaign="spring"),
        said("custom.quiz", "M1", 2, top={"channel": "web"}),
        said("message.sent", "M1", 8, message_id="m", medium="sms", top={"channel": "sms"}),
        said("survey.answered", "M1", 9, survey="s", answers={}),
    )["interactions"]
    first, last = "2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z"
    assert seen == {
        "count": 3,
        "by_type": {"product.viewed": 1, "custom.quiz": 2},
        "by_channel": {"web": 2},
        "by_campaign": {"spring": 1},
        "last_at": last,
        "first_touch": {"at": first, "type": "product.viewed", "source": "pos", "channel": "web", "campaign": None},
        "last_touch": {"at": last, "type": "custom.quiz", "source": "pos", "channel": None, "campaign": "spring"},
        "sessions": 3,
    }


@pytest.mark.parametrize(
    ("data", "context", "campaign"),
    [
        ({"campaign": "a"}, {"campaign": "b"}, "a"),
        ({"campaign": " "}, {"campaign": "b"}, "b"),
        ({"campaign": 5}, {"campaign": ""}, None),
        ({}, {}, None),
    ],
)
def test_a_campaign_is_words_in_the_payload_or_else_in_the_context(
    data: dict[str, Any], context: dict[str, Any], campaign: str | None
) -> None:
    """Blanks and numbers are none."""
    seen = dossier_of(said("app.opened", "M1", top={"context": context}, **data))["interactions"]
    assert (seen["by_campaign"], seen["last_touch"]["campaign"]) == ({campaign: 1} if campaign else {}, campaign)


@pytest.mark.parametrize(("minutes", "sessions"), [([], 0), ([0], 1), ([0, 30, 60], 1), ([0, 30, 60.0000001], 2)])
def test_a_session_ends_with_a_pause_of_more_than_30_minutes(minutes: list[float], sessions: int) -> None:
    """To the microsecond, and what is no interaction keeps none going."""
    visits = [said("app.opened", "M1", minute / 1440) for minute in minutes]
    paid = said("order.paid", "M1", 0.02, order_id="1", amount="5")
    assert dossier_of(*visits, paid)["interactions"]["sessions"] == sessions


def test_feedback_in_figures() -> None:
    """Each scale has its own figures, only the last nps is told, a ticket moves no feedback time."""
    told = dossier_of(
        *[said("feedback.rated", "M1", day, scale="csat", score=score) for day, score in enumerate((5, 4, 4))],
        said("feedback.rated", "M1", 4, scale="nps", score=9),
        said("feedback.rated", "M1", 3, scale="nps", score=2),
        said("feedback.rated", "M1", 3.5, scale="stars", score=1),
        said("feedback.rated", "M1", 3.6, scale="stars", score=4),
        said("feedback.reviewed", "M1", 2, text="fine", stars=5),
        said("ticket.opened", "M1", 9, ticket_id="t", kind="complaint"),
    )["feedback"]
    assert told == {
        "csat_average": 4.3333,
        "csat_count": 3,
        "nps_last": 9,
        "nps_count": 2,
        "stars_average": 2.5,
        "reviews": 1,
        "tickets": 1,
        "open_tickets": 1,
        "last_at": "2026-01-05T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("kinds", "still_open"),
    [
        (["opened"], 1),
        (["updated"], 1),
        (["resolved"], 0),
        (["opened", "resolved", "updated"], 0),
        (["opened", "resolved", "reopened"], 1),
        (["resolved", "opened"], 1),
    ],
)
def test_a_ticket_is_open_unless_last_resolved(kinds: list[str], still_open: int) -> None:
    """An update changes no state, and whoever writes, the ticket is its first known customer's."""
    events = [said(f"ticket.{kind}", None, day, ticket_id="t", kind="question") for day, kind in enumerate(kinds)]
    named = said("ticket.updated", "M1", 8, ticket_id="t", kind="question")
    other = said("ticket.updated", "M2", 9, ticket_id="t", kind="question")
    ann, ben = (dossier_of(*events, named, other, address=who)["feedback"] for who in (ANN, BEN))
    assert (ann["open_tickets"], ann["tickets"]) == (still_open, 1)
    assert (ben["open_tickets"], ben["tickets"]) == (0, 0)


def test_a_link_stands_in_the_timeline_but_is_no_sighting() -> None:
    """A customer known by links alone exists, never seen."""
    link = said("customer.linked", "M1", 5, top={"ids": {"member_id": "M1", "phone": "+8613800138000"}})
    alone = dossier_of(link)
    assert (alone["first_seen"], alone["last_seen"], alone["interactions"]["count"]) == (None, None, 0)
    both = (said("app.opened", "M1", 1), link)
    assert dossier_of(*both)["last_seen"] == "2026-01-02T00:00:00Z"
    assert timeline(written(*both), ANN, ARRIVAL)[0] == ("pos", "customer.linked@5")


def test_the_timeline_is_newest_first_with_ties_by_id_then_source() -> None:
    """All three descending, ids as text."""
    told = [("pos", "e2"), ("app", "e2"), ("pos", "e10"), ("pos", "e3")]
    log = written(*[said("app.opened", "M1", event_id=name, source=source) for source, name in told])
    assert timeline(log, ANN, ARRIVAL) == [("pos", "e3"), ("pos", "e2"), ("app", "e2"), ("pos", "e10")]


def test_an_event_dated_ahead_counts_when_its_time_comes() -> None:
    """Not a microsecond before."""
    log = written(said("app.opened", "M1", 0), said("app.opened", "M1", 1))
    at = START + timedelta(days=1)
    assert len(timeline(log, ANN, at - timedelta(microseconds=1))) == 1
    assert len(timeline(log, ANN, at)) == 2


def test_as_received_knows_only_what_had_arrived() -> None:
    """The same moment seen with today's knowledge and with that day's."""
    log = written(completed("1", "5", 1), completed("2", "7", 0))
    view: dict[str, Any] = {"as_of": log[0].received_at}
    assert [name for _, name in timeline(log, ANN, ARRIVAL, **view)] == ["order.completed@1", "order.completed@0"]
    assert timeline(log, ANN, ARRIVAL, **view, by="received_at") == [("pos", "order.completed@1")]


def test_of_conflicting_contents_the_first_in_the_log_stands() -> None:
    """First by (received_at, partition, offset, index), in whatever order they are read."""
    log = written(said("app.opened", "M1", event_id="x"), said("app.opened", "M2", event_id="x"))
    assert timeline(log[::-1], ANN, ARRIVAL) == [("pos", "x")]
    assert profile(log[::-1], BEN, ARRIVAL) is None
    same_time = [Logged("pos", log[i].event, 1 - i, 5, 0, ARRIVAL) for i in (0, 1)]
    assert profile(same_time, ANN, ARRIVAL) is None


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [("5", "CNY", "5.00"), ("5.50", "JPY", "5.5"), ("500", "JPY", "500"), ("0.1234", "USD", "0.1234"),
     ("1.2300", "BHD", "1.230"), ("0.0000", "CNY", "0.00"), ("1000000", "CNY", "1000000.00")],
)  # fmt: skip
def test_money_has_the_minor_digits_of_its_currency(value: str, currency: str, shown: str) -> None:
    """More only where they are not zero, and never an exponent."""
    assert shown_money(Decimal(value), currency) == shown


def test_times_are_utc_with_microseconds_only_where_there_are_any() -> None:
    """`Z`, never an offset."""
    assert shown_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
    assert shown_time(datetime(2026, 1, 1, 0, 0, 0, 500000, tzinfo=UTC)) == "2026-01-01T00:00:00.5Z"
