"""The facts say what the contract says: every answer folded in ClickHouse equals the oracle's, for any history."""

from __future__ import annotations

import random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.oracle.model import By, Logged
from deploy.oracle.rfm import scores
from projections.database import Database
from projections.profiles import Terms
from tests.oracle.timeline import timeline
from tests.property.answers import (
    as_of,
    bought,
    check_rfm,
    dossiers,
    events_of,
    expected,
    folded,
    kept,
    scored,
    told_orders,
)
from tests.property.recording import CURRENCY, record
from tests.property.sizes import chances, examples
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF, histories, moments

pytestmark = pytest.mark.clickhouse

# In whose terms: another zone's clocks and calendar, and sources that are believed more than others.
terms = st.builds(
    Terms,
    st.just(CURRENCY),
    st.sampled_from(("Asia/Shanghai", "America/New_York", "UTC")),
    st.sampled_from(({}, {"*": ["shop"]}, {"*": ["pos", "app"], "birthday": ["shop"], "name": []})),
)


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

    at, by, how = data.draw(moments(log)), data.draw(st.sampled_from(get_args(By))), data.draw(terms)
    moment = as_of(at, by)
    assert dossiers(folded(database, moment, how), at, how) == expected(log, at, by, how), (at, by)
    check_rfm(database, log, at, by, from_facts=True)
    address = data.draw(st.sampled_from(sorted(rows) or ADDRESSES) | st.sampled_from(ADDRESSES))
    told = timeline(log, address, NOW, as_of=at, by=by, orders_of=ORDERS_OF)
    assert events_of(database, address, moment) == told, (address, at, by)
    assert bought(database, address, moment) == told_orders(log, address, at, by), (address, at, by)


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
