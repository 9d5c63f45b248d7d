"""Definitions asked of CDNOW as of times past: who they find is what plain loops over the file find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deploy.oracle.model import Json
from projections.compiler import compile_library
from projections.database import Database
from projections.evaluating import Asked, evaluate_all
from projections.moments import AsOf
from projections.profiles import Terms
from schemas.definitions import parse
from tests.oracle.cdnow import cdnow
from tests.projections.purchases import CURRENCY, load_purchases
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

JULY = datetime(1997, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Bought = list[tuple[datetime, Decimal]]


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with the facts of CDNOW."""
    database = load_purchases(clickhouse_server)
    yield database
    database.close()


def count(bought: Bought, since: datetime) -> int:
    return sum(since < at <= JULY for at, _ in bought)


def spent(bought: Bought) -> Decimal:
    return sum((total for _, total in bought), Decimal(0))


ASKED: dict[str, tuple[Json, Callable[[Bought], bool]]] = {
    "thrice": (
        {"order": "any", "window": {"last": "90d"}, "op": "gte", "value": 3},
        lambda bought: count(bought, JULY - 90 * DAY) >= 3,
    ),
    "thrice_by_events": (
        {"event": "order.completed", "window": {"last": "90d"}, "op": "gte", "value": 3},
        lambda bought: count(bought, JULY - 90 * DAY) >= 3,
    ),
    "rich": (
        {"metric": "orders.net_amount", "op": "gt", "value": 250},
        lambda bought: spent(bought) > 250,
    ),
    "dear": (
        {"event": "order.completed", "measure": {"max": "data.total"}, "op": "gte", "value": "99.99"},
        lambda bought: max(total for _, total in bought) >= Decimal("99.99"),
    ),
    "stopped": (
        {"stopped": "order.completed", "earlier": {"between_ago": ["180d", "60d"]}, "later": {"last": "60d"}},
        lambda bought: (
            any(JULY - 180 * DAY < at <= JULY - 60 * DAY for at, _ in bought) and not count(bought, JULY - 60 * DAY)
        ),
    ),
    "on_many_days": (
        {"event": "order.*", "measure": {"distinct_days": True}, "op": "gte", "value": 5},
        lambda bought: len({at for at, _ in bought}) >= 5,
    ),
}


def test_who_is_found_is_who_the_file_says(database: Database) -> None:
    """As of July 1997; of those with three orders within 90 days there are 933."""
    bought: dict[str, Bought] = defaultdict(list)
    for one in cdnow():
        if one.occurred_at <= JULY:
            bought[one.event["ids"]["customer_no"]].append((one.occurred_at, Decimal(one.data["total"])))
    program = compile_library(
        [parse({"kind": "segment", "key": key, "where": node}) for key, (node, _) in ASKED.items()]
    )
    found: dict[str, set[str]] = defaultdict(set)
    for part in evaluate_all(database, program, Asked(AsOf(JULY), Terms(CURRENCY), None)):
        for each in part:
            for ref, _ in each.pairs:
                found[ref.partition(":")[2]].add(each.root.partition(":")[2])
    for key, (_, holds) in ASKED.items():
        assert found[key] == {who for who, mine in bought.items() if holds(mine)}, key
    assert len(found["thrice"]) == 933
