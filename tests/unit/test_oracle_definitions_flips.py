"""Why a definition holds, and when that changes by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.oracle.definitions.explain import explain
from deploy.oracle.definitions.flips import coming, flips
from deploy.oracle.definitions.population import world
from deploy.oracle.model import Json
from tests.oracle.definitions.written import ANN, ann, at, bought, known_as, opened
from tests.oracle.written import Said, said, written


def flip(node: Json, *history: Said, now: datetime | None = None, **more: Any) -> datetime | None:
    """When it changes for Ann, by default ten days after the beginning."""
    return flips(ann(*history, now=now or at(10)).world, ANN, node, **more)


@pytest.mark.parametrize(
    ("window", "moment"),
    [
        ({"last": "30d"}, at(31)),
        ({"between_ago": ["30d", "20d"]}, at(21)),
        ({"between_ago": ["30d", "8d"]}, at(31)),
        ({"from": "2026-01-01", "to": "2026-02-01"}, None),
        ({"calendar": "this_month"}, datetime(2026, 1, 31, 16, tzinfo=UTC)),
        ({"calendar": "last_month"}, datetime(2026, 1, 31, 16, tzinfo=UTC)),
        ({"calendar": "yesterday"}, None),
        ({"calendar": "this_year"}, datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_window_that_moves(window: Json, moment: datetime | None) -> None:
    """The event enters or leaves at the border itself; what has passed never comes again."""
    assert flip({"event": "app.opened", "window": window}, opened(1)) == moment


@pytest.mark.parametrize(
    ("node", "moment"),
    [
        ({"event": "app.opened", "window": {"last": "20d"}, "op": "gte", "value": 2}, at(21)),
        ({"event": "app.opened", "window": {"last": "20d"}, "op": "lt", "value": 2}, at(21)),
        ({"event": "app.opened", "window": {"last": "20d"}}, at(29)),
        ({"event": "app.opened"}, None),
        ({"not": {"event": "app.opened", "window": {"last": "20d"}}}, at(29)),
        ({"stopped": "app.opened", "earlier": {"last": "40d"}, "later": {"last": "10d"}}, at(19)),
        ({"regular": "app.opened", "times": 1, "in": 2, "of": 2, "unit": "week"}, at(15)),
        ({"metric": "interactions.last_at", "op": "within_last", "value": "5d"}, at(14)),
        (
            {
                "any": [
                    {"event": "app.opened", "window": {"last": "20d"}},
                    {"event": "app.opened", "window": {"last": "30d"}},
                ]
            },
            at(39),
        ),
    ],
)
def test_the_outcome_as_a_whole(node: Json, moment: datetime | None) -> None:
    """Only a moment at which the node itself changes counts."""
    assert flip(node, opened(1), opened(9)) == moment


def test_days_of_the_year() -> None:
    """Anniversaries begin to be near at a midnight of the zone, and ages change at one."""
    ann_says = known_as(birthday="1990-03-01")
    near: Json = {"trait": "birthday", "op": "anniversary_within", "value": "7d"}
    assert flip(near, ann_says) == datetime(2026, 2, 21, 16, tzinfo=UTC)
    assert flip({"metric": "derived.age", "op": "gte", "value": 40}, ann_says) == datetime(2030, 2, 28, 16, tzinfo=UTC)


def test_times_that_payloads_name() -> None:
    """Points end when they end."""
    points = said("points.earned", "M1", 1, points=5, expires_at=at(50).isoformat())
    assert flip({"metric": "loyalty.expired", "op": "gt", "value": 0}, points) == at(50)
    ending: Json = {
        "event": "points.earned",
        "where": [{"field": "data.expires_at", "op": "within_next", "value": "10d"}],
    }
    assert flip(ending, points) == at(40)
    assert flip(ending, points, now=at(40)) == at(50)


def test_recency() -> None:
    """Whole days since the last order."""
    node: Json = {"metric": "rfm.recency_days", "op": "gte", "value": 30}
    assert flip(node, bought("1", 5, 1)) == at(31)


def test_other_definitions_move_it() -> None:
    """Through as many of them as there are."""
    lately: Json = {"where": {"event": "app.opened", "window": {"last": "30d"}}}
    library = {"segment": {"lately": lately}, "tag": {"seen": {"where": {"segment": "lately"}}}}
    everyone = ann(opened(1), now=at(10), definitions=library).world
    assert flips(everyone, ANN, {"tag": "seen"}) == at(31)


def test_an_event_dated_ahead_is_no_passing_of_time() -> None:
    """Unless one asks for what is coming."""
    log = written(opened(1), opened(11))
    everyone = world(log, at(10))
    twice: Json = {"event": "app.opened", "op": "gte", "value": 2}
    assert flips(everyone, ANN, twice) is None
    assert flips(everyone, ANN, twice, coming(everyone, log)) == at(11)


def test_the_tree_says_what_was_found() -> None:
    """Each clause with whether it holds, the value and the events that count."""
    node: Json = {
        "all": [
            {"trait": "city", "op": "eq", "value": "上海"},
            {"not": {"event": "app.opened", "op": "gte", "value": 3}},
            {"order": "any", "measure": {"sum": "total"}, "op": "gte", "value": 10},
        ]
    }
    history = (known_as(city="Paris"), opened(1), opened(2), bought("1", "5.5", 3))
    assert explain(ann(*history, now=at(10)), node) == {
        "kind": "all",
        "holds": False,
        "clauses": [
            {"kind": "trait", "holds": False, "value": "Paris"},
            {
                "kind": "not",
                "holds": True,
                "clauses": [
                    {
                        "kind": "event",
                        "holds": False,
                        "value": 2,
                        "events": [("pos", "app.opened@1"), ("pos", "app.opened@2")],
                    }
                ],
            },
            {"kind": "order", "holds": False, "value": 5.5, "orders": [("pos", "1")]},
        ],
    }


def test_behaviours_say_which_events_they_rest_on() -> None:
    """The chain, the first event, both windows; regularity the counts of its units."""
    person = ann(opened(1), opened(2), opened(9), now=at(10))
    first, _, last = [("pos", f"app.opened@{day}") for day in (1, 2, 9)]
    chained: Json = {"sequence": [{"event": "app.opened"}, {"event": "app.opened", "without": "page.viewed"}]}
    assert explain(person, chained)["events"] == [first, ("pos", "app.opened@2")]
    assert explain(person, {"last_event": "app.opened", "has": []})["events"] == [last]
    stopped: Json = {"stopped": "app.opened", "earlier": {"between_ago": ["10d", "9d"]}, "later": {"last": "2d"}}
    assert explain(person, stopped)["events"] == [first, last]
    regular: Json = {"regular": "app.opened", "times": 1, "in": 1, "of": 3, "unit": "day"}
    assert explain(person, regular)["value"] == [0, 1, 0]
    seen: Json = {"where": {"event": "app.opened"}}
    library = {"segment": {"s": seen}, "tag": {"t": seen}}
    person = ann(opened(1), now=at(1) + timedelta(hours=1), definitions=library)
    assert explain(person, {"segment": "s"})["clauses"][0]["value"] == 1
    assert explain(person, {"tag": "t"}) == {"kind": "tag", "holds": True, "value": True}
