"""The facts say what the contract says: every answer folded in ClickHouse equals the oracle's, for any history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from api import views
from api.dossier import Shown, dossier
from api.rfm_view import rfm_answer
from projections.database import Database, Row
from projections.orders import LATEST_ORDER, orders_of
from projections.profiles import current_profile, fold_profile
from projections.resolution import AsOf
from projections.rfm import boundaries, grid
from projections.timeline import EventCursor, Selection, timeline
from schemas.times import format_time
from tests.oracle.fold import profile
from tests.oracle.log import visible
from tests.oracle.model import By, Logged
from tests.oracle.orders import Order, orders
from tests.oracle.rfm import rfm, scores
from tests.oracle.timeline import timeline as told
from tests.oracle.values import shown_money
from tests.property.recording import CURRENCY, record
from tests.stack.servers import ClickHouse
from tests.strategies.histories import NOW, ORDERS_OF, SUBJECTS, histories, moments, permutations

pytestmark = pytest.mark.clickhouse

_LATER = ("person_id", "identifiers", "rfm", "lifecycle", "tags", "segments")
chances = st.randoms(use_true_random=False)
# One database serves all examples, emptied between them.
against_the_oracle = hypothesis.settings(max_examples=8, suppress_health_check=list(HealthCheck))
"""Many more with HYPOTHESIS_PROFILE=thorough."""


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for one history at a time."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


def shown(row: Row | None, at: datetime) -> dict[str, Any] | None:
    """The dossier, without what the oracle says elsewhere."""
    if row is None:
        return None
    said = dossier(row, [], Shown(at, CURRENCY, None))
    return {name: value for name, value in said.items() if name not in _LATER}


def live(database: Database) -> dict[str, Any]:
    """Everybody's dossier as it is kept."""
    return {subject: shown(current_profile(database, subject), NOW) for subject in SUBJECTS}


def as_of(moment: datetime, by: By) -> AsOf:
    """The contract's two kinds of looking back."""
    return AsOf(moment) if by == "occurred_at" else AsOf(moment, moment)


def listed(order: Order) -> dict[str, Any]:
    """The oracle's order in the words of the API."""
    return {
        "order_id": order.order_id,
        "source": order.source,
        "state": order.state,
        "total": shown_money(order.total, order.currency),
        "refunded": shown_money(order.refunded, order.currency),
        "net": shown_money(order.net, order.currency),
        "currency": order.currency,
        "counted_at": format_time(order.counted_at) if order.counted_at else None,
        "counts": order.counts,
        "events": [(source, event_id) for source, event_id in order.events],
    }


def owned(log: list[Logged], subject: str, moment: datetime, by: By) -> list[dict[str, Any]]:
    """What the oracle says somebody ordered."""
    found = orders(visible(log, moment, by), CURRENCY, ORDERS_OF)
    return sorted((listed(order) for order in found if order.owner == subject), key=lambda order: order["order_id"])


def found_orders(database: Database, subject: str, moment: AsOf) -> list[dict[str, Any]]:
    """What the API says somebody ordered, in the order of ids."""
    rows = [views.order(row) for row in orders_of(database, subject, moment, CURRENCY, LATEST_ORDER, 100)]
    for row in rows:
        row["events"] = [(event["source"], event["event_id"]) for event in row["events"]]
    wanted = set(listed_names)
    return sorted(({k: v for k, v in row.items() if k in wanted} for row in rows), key=lambda row: row["order_id"])


listed_names = ("order_id", "source", "state", "total", "refunded", "net", "currency", "counted_at", "counts", "events")


@against_the_oracle
@given(log=histories(), chance=chances, data=st.data())
def test_any_history_is_folded_as_the_oracle_says(database: Database, log: list[Logged], chance: random.Random, data: st.DataObject):
    """Profiles now; profiles, timelines and orders as of any time, by occurrence and by knowledge; RFM in all three."""
    record(database, log, chance).fold()
    assert live(database) == {s: profile(log, s, NOW, orders_of=ORDERS_OF) for s in SUBJECTS}
    moment, by = data.draw(moments(log)), data.draw(st.sampled_from(get_args(By)))
    for subject in data.draw(st.lists(st.sampled_from(SUBJECTS), min_size=3, max_size=3, unique=True)):
        back = as_of(moment, by)
        expected = profile(log, subject, NOW, as_of=moment, by=by, orders_of=ORDERS_OF)
        assert shown(fold_profile(database, subject, back, CURRENCY), moment) == expected, (subject, moment, by)
        rows = timeline(database, subject, back, Selection(), EventCursor(), 100)
        events = told(log, subject, NOW, as_of=moment, by=by, orders_of=ORDERS_OF)
        assert [(row["source"], row["event_id"]) for row in rows] == events, (subject, moment, by)
        assert found_orders(database, subject, back) == owned(log, subject, moment, by), (subject, moment, by)
    check_rfm(database, log, AsOf(NOW), NOW, "occurred_at", from_facts=False)
    check_rfm(database, log, as_of(moment, by), moment, by, from_facts=True)


def check_rfm(database, log, moment, at, by, *, from_facts):
    """Boundaries, means, cells and classes are the oracle's."""
    found = boundaries(database, moment, CURRENCY, from_facts=from_facts)
    answer = rfm_answer(found, grid(database, moment, CURRENCY, found, from_facts=from_facts), CURRENCY)
    assert answer == rfm(log, NOW, as_of=at, by=by, orders_of=ORDERS_OF), (at, by, from_facts)
    if not from_facts:
        scored = scores(log, NOW, orders_of=ORDERS_OF)
        for subject in SUBJECTS:
            row = current_profile(database, subject)
            rfm_part = dossier(row, [], Shown(NOW, CURRENCY, found))["rfm"] if row else None
            if rfm_part:
                rfm_part.pop("boundaries_at")
            assert rfm_part == scored.get(subject), subject
