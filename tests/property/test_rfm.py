"""RFM over some orders, moves between two moments and shares of net amount are the oracle's, for any history."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rfm_view import rfm_answer
from deploy.oracle import rfm as oracle
from deploy.oracle.model import By, Logged
from deploy.oracle.owners import known
from projections.database import Database
from projections.moments import AsOf
from projections.rfm import Among, boundaries, grid, population
from projections.rfm_migration import migration
from schemas.rfm import share_percent
from tests.property.answers import as_of
from tests.property.recording import CURRENCY, record
from tests.property.sizes import chances, examples
from tests.strategies.histories import NOW, ORDERS_OF, histories, moments

pytestmark = pytest.mark.clickhouse

among = st.builds(
    Among,
    st.sampled_from(("", "mall", "mall/a", "mall/a/7", "mal")),
    st.sampled_from(("", "perfume", "book")),
    st.sampled_from(("", "pos", "wechat")),
)
kinds = st.sampled_from(get_args(By))


@examples(24)
@given(log=histories(), chance=chances, data=st.data())
def test_rfm_of_any_history_is_the_oracles(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """Of a store, category or channel now and as of any time; and who moved, by occurrence and by knowledge."""
    record(database, log, chance).fold()
    some, by = data.draw(among), data.draw(kinds)
    earlier, later = sorted((data.draw(moments(log)), data.draw(moments(log))))
    only = oracle.Among(some.store, some.category, some.channel)
    for moment, at in ((AsOf(NOW, kept=True), NOW), (as_of(earlier, by), earlier)):
        kind: By = "occurred_at" if moment.kept else by
        everybody = population(database, moment, CURRENCY, from_facts=not moment.kept, among=some)
        found = boundaries(database, everybody)
        answer = rfm_answer(found, grid(database, everybody, found), CURRENCY)
        assert answer == oracle.rfm(log, NOW, as_of=at, by=kind, orders_of=ORDERS_OF, among=only)
        figures = oracle.raws(known(log, at, kind, ORDERS_OF), CURRENCY, only).values()
        stick = oracle.yardsticks(figures)["monetary"]
        assert [share_percent(one.monetary, found) for one in figures] == [
            stick.percent_before(one.monetary) for one in figures
        ]
    moves = migration(database, as_of(earlier, by), as_of(later, by), CURRENCY)
    assert {
        (move.before, move.after): (move.customers, Decimal(move.net_amount)) for move in moves
    } == oracle.migration(log, earlier, later, by=by, orders_of=ORDERS_OF)
