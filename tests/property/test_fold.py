"""The facts say what the contract says: every answer folded in ClickHouse equals the oracle's, for any history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import get_args

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from api import views
from api.dossier import Shown, dossier
from api.rfm_view import rfm_answer
from projections.database import Database, Row
from projections.orders import LATEST_ORDER, orders_of
from projections.profiles import fold_parameters
from projections.resolution import AsOf, resolve
from projections.rfm import boundaries, grid
from projections.statements import statement
from projections.timeline import EventCursor, Selection, timeline
from schemas.rfm import Boundaries
from schemas.times import format_time
from tests.oracle.fold import profile
from tests.oracle.log import visible
from tests.oracle.model import By, Json, Logged
from tests.oracle.orders import Order, orders
from tests.oracle.rfm import rfm, scores
from tests.oracle.timeline import timeline as told
from tests.oracle.values import shown_money
from tests.property.recording import CURRENCY, record
from tests.stack.servers import ClickHouse
from tests.strategies.histories import NOW, ORDERS_OF, SUBJECTS, histories, moments, permutations

pytestmark = pytest.mark.clickhouse

_LATER = ("person_id", "identifiers", "rfm", "lifecycle", "tags", "segments")
_OF_ORDERS = ("order_id", "source", "state", "total", "refunded", "net", "currency", "counted_at", "counts", "events")
chances = st.randoms(use_true_random=False)


def examples(count: int) -> hypothesis.settings:
    """So many, or as many as the profile asks for beyond its default. One database serves all, emptied between them."""
    chosen = hypothesis.settings()
    return hypothesis.settings(
        max_examples=count if chosen.max_examples == 100 else chosen.max_examples,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for one history at a time."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


def shown(row: Row, at: datetime) -> Json:
    """The dossier, without what the oracle says elsewhere."""
    said = dossier(row, [], Shown(at, CURRENCY, None))
    return {name: value for name, value in said.items() if name not in _LATER}


def kept(database: Database) -> dict[str, Row]:
    """Everybody's row, as it is kept."""
    rows = database.rows("SELECT * FROM profiles FINAL")
    return {row["root"]: row for row in rows if row["present"]}


def folded(database: Database, moment: AsOf) -> dict[str, Row]:
    """Everybody's row as of a moment, in one fold."""
    resolution = resolve(database, dict.fromkeys(SUBJECTS, 0), moment)
    if not resolution.persons:
        return {}
    rows = database.rows(statement("fold"), fold_parameters(moment, CURRENCY), resolution.tables())
    return {row["root"]: row for row in rows if row["present"]}


def dossiers(rows: dict[str, Row], at: datetime) -> dict[str, Json]:
    """What the API makes of rows."""
    return {subject: shown(row, at) for subject, row in rows.items()}


def expected(log: list[Logged], at: datetime, by: By = "occurred_at") -> dict[str, Json]:
    """What the oracle says of everybody it knows anything of."""
    said = {subject: profile(log, subject, NOW, as_of=at, by=by, orders_of=ORDERS_OF) for subject in SUBJECTS}
    return {subject: one for subject, one in said.items() if one is not None}


def listed(order: Order) -> Json:
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
        "events": list(order.events),
    }


def in_words(row: Row) -> Json:
    """The API's order, its events by their ids."""
    said = views.order(row)
    said["events"] = [(event["source"], event["event_id"]) for event in said["events"]]
    return {name: said[name] for name in _OF_ORDERS}


def check_rfm(database: Database, log: list[Logged], at: datetime, by: By, *, from_facts: bool) -> Boundaries:
    """Boundaries, means, cells and classes are the oracle's."""
    moment = as_of(at, by)
    found = boundaries(database, moment, CURRENCY, from_facts=from_facts)
    answer = rfm_answer(found, grid(database, moment, CURRENCY, found, from_facts=from_facts), CURRENCY)
    assert answer == rfm(log, NOW, as_of=at, by=by, orders_of=ORDERS_OF), (at, by, from_facts)
    return found


def as_of(at: datetime, by: By) -> AsOf:
    """The contract's two kinds of looking back."""
    return AsOf(at) if by == "occurred_at" else AsOf(at, at)


def scored(row: Row, against: Boundaries) -> Json | None:
    """The dossier's RFM."""
    said: Json | None = dossier(row, [], Shown(NOW, CURRENCY, against))["rfm"]
    return {name: value for name, value in said.items() if name != "boundaries_at"} if said else None


@examples(24)
@given(log=histories(), chance=chances, data=st.data())
def test_any_history_is_folded_as_the_oracle_says(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """Now: profiles and RFM. As of any time, by occurrence and by knowledge: profiles, RFM, a timeline, orders.

    Half the histories are folded chunk by chunk, each time only whom the chunk touched: so whoever changes is touched.
    """
    record(database, log, chance, fold_each=data.draw(st.booleans())).fold()
    rows = kept(database)
    assert dossiers(rows, NOW) == expected(log, NOW)
    against = check_rfm(database, log, NOW, "occurred_at", from_facts=False)
    assert {s: said for s, row in rows.items() if (said := scored(row, against))} == scores(
        log, NOW, orders_of=ORDERS_OF
    )

    at, by = data.draw(moments(log)), data.draw(st.sampled_from(get_args(By)))
    moment = as_of(at, by)
    assert dossiers(folded(database, moment), at) == expected(log, at, by), (at, by)
    check_rfm(database, log, at, by, from_facts=True)
    subject = data.draw(st.sampled_from(sorted({*rows, "member_id:nobody"})))
    events = timeline(database, subject, moment, Selection(), EventCursor(), 100)
    assert [(event["source"], event["event_id"]) for event in events] == told(
        log, subject, NOW, as_of=at, by=by, orders_of=ORDERS_OF
    ), (subject, at, by)
    bought = orders_of(database, subject, moment, CURRENCY, LATEST_ORDER, 100)
    of_oracle = [one for one in orders(visible(log, at, by), CURRENCY, ORDERS_OF) if one.owner == subject]
    by_id = itemgetter("source", "order_id")
    assert sorted(map(in_words, bought), key=by_id) == sorted(map(listed, of_oracle), key=by_id), (subject, at, by)


@examples(10)
@given(data=st.data(), chance=chances)
def test_the_order_of_arrival_changes_nothing(database: Database, data: st.DataObject, chance: random.Random) -> None:
    """The same events in any order, over any partitions, in any chunks, repeated anyhow: the same profiles."""
    log = data.draw(histories())
    record(database, log, chance).fold()
    before = dossiers(kept(database), NOW)
    again = data.draw(permutations(log))
    record(database, again, chance).fold()
    assert dossiers(kept(database), NOW) == before


@examples(6)
@given(log=histories(conflicts=False, most=6), chance=chances)
def test_recording_everything_twice_changes_nothing(
    database: Database, log: list[Logged], chance: random.Random
) -> None:
    """A whole log delivered again leaves the facts, and so the profiles, what they are."""
    record(database, log, chance).fold()
    before = dossiers(kept(database), NOW)
    facts = "SELECT uniqExact(source, event_id, log_partition, log_offset, log_index) AS n FROM events"
    counted = database.rows(facts)
    record(database, log, chance, fresh=False).fold(version=2000)
    assert (database.rows(facts), dossiers(kept(database), NOW)) == (counted, before)
