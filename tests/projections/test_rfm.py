"""RFM of CDNOW, whose answer is known; and boundaries as versions that move only when they should."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from api.boundaries import BoundaryKeeper
from api.rfm_view import migration_answer, rfm_answer
from deploy.oracle import rfm as oracle
from projections.boundary_versions import latest_boundaries, renew_boundaries, versions
from projections.database import Database
from projections.moments import AsOf
from projections.rfm import Among, boundaries, grid, population
from projections.rfm_migration import migration
from tests.oracle.cdnow import cdnow, golden
from tests.projections.purchases import CURRENCY, load_purchases
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

OCTOBER, JULY = datetime(1997, 10, 1, tzinfo=UTC), datetime(1998, 7, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with nothing in it."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture(scope="module")
def purchases(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with the facts of CDNOW."""
    database = load_purchases(clickhouse_server)
    yield database
    database.close()


def test_cdnow_gives_the_known_answer(purchases: Database) -> None:
    """To the last cent and customer; and of what is none of its orders there is nothing."""
    everybody = population(purchases, AsOf(JULY), CURRENCY, from_facts=True)
    found = boundaries(purchases, everybody)
    assert rfm_answer(found, grid(purchases, everybody, found), CURRENCY) == golden()
    nobody = population(purchases, AsOf(JULY), CURRENCY, from_facts=True, among=Among(store="mall"))
    assert boundaries(purchases, nobody).customers == 0


def test_every_customer_of_cdnow_is_in_the_matrix(purchases: Database) -> None:
    """All 23,570 bought before October; each is of one class then and of one in July, as the oracle says."""
    moves = migration(purchases, AsOf(OCTOBER), AsOf(JULY), CURRENCY)
    answer = migration_answer(OCTOBER, JULY, moves, CURRENCY)
    assert answer["customers"] == sum(row["customers"] for row in answer["matrix"]) == 23_570
    then = {row["key"]: row["to"] for row in answer["classes"]}
    assert then == {row["key"]: row["customers"] for row in golden()["classes"]}
    told = {(move.before, move.after): (move.customers, move.net_amount) for move in moves}
    assert told == oracle.migration(cdnow(), OCTOBER, JULY, currency=CURRENCY)


def customers(database: Database, *bought: tuple[int, int, str], version: int = 1) -> None:
    """Whoever bought so many days ago, so often, for so much."""
    database.insert(
        "profiles",
        {
            "root": [f"member_id:{number}" for number in range(len(bought))],
            "person_id": [str(number) for number in range(len(bought))],
            "version": [version] * len(bought),
            "present": [1] * len(bought),
            "last_order_at": [NOW - timedelta(days=days) for days, _, _ in bought],
            "orders_count": [orders for _, orders, _ in bought],
            "net_amount": [Decimal(total) for _, _, total in bought],
        },
    )


def test_a_version_is_written_when_anything_moved(database: Database) -> None:
    """Not for the time alone. The latest holds, and at a moment the latest of then."""
    none, day = Decimal(0), timedelta(hours=1)
    assert (latest_boundaries(database), versions(database, 5)) == (None, [])
    customers(database, (1, 1, "10"), (2, 2, "30.5"))
    first = renew_boundaries(database, CURRENCY, NOW, cause="schedule", hysteresis=none)
    assert (first.version, first.cause, first.boundaries.at) == (int(NOW.timestamp() * 1000), "schedule", NOW)
    assert first.boundaries.monetary == (Decimal(10), Decimal(10), Decimal("30.5"), Decimal("30.5"))
    assert (len(first.boundaries.shares), first.boundaries.shares[0]) == (99, Decimal("30.5"))
    assert renew_boundaries(database, CURRENCY, NOW + day, cause="demand", hysteresis=none) == first
    customers(database, (1, 1, "11"), version=2)
    second = renew_boundaries(database, CURRENCY, NOW + 2 * day, cause="demand", hysteresis=none)
    assert (second.boundaries.monetary_sum, second.cause) == (Decimal("41.5"), "demand")
    assert latest_boundaries(database) == second
    assert latest_boundaries(database, AsOf(NOW + day)) == first
    assert latest_boundaries(database, AsOf(NOW + 3 * day, NOW)) == first
    assert latest_boundaries(database, AsOf(NOW - day)) is None
    assert versions(database, 5) == [second, first]
    assert versions(database, 1) == [second]
    assert versions(database, 5, second.version) == [first]


def test_a_clock_that_went_back_makes_a_later_version_all_the_same(database: Database) -> None:
    """What was written last holds."""
    customers(database, (1, 1, "10"))
    first = renew_boundaries(database, CURRENCY, NOW, cause="schedule", hysteresis=Decimal(0))
    customers(database, (1, 2, "10"), version=2)
    second = renew_boundaries(database, CURRENCY, NOW - timedelta(minutes=5), cause="schedule", hysteresis=Decimal(0))
    assert second.version == first.version + 1
    assert latest_boundaries(database) == second


def test_a_small_move_is_none_under_hysteresis(database: Database) -> None:
    """By 5 % of the kept: 10.4 after 10 stays 10, 10.6 does not."""
    share = Decimal("0.05")
    customers(database, (1, 1, "10"), (1, 1, "10"))
    first = renew_boundaries(database, CURRENCY, NOW, cause="schedule", hysteresis=share)
    customers(database, (1, 1, "10.4"), (1, 1, "10.4"), version=2)
    assert renew_boundaries(database, CURRENCY, NOW, cause="schedule", hysteresis=share) == first
    customers(database, (1, 1, "10.6"), (1, 1, "10.6"), version=3)
    moved = renew_boundaries(database, CURRENCY, NOW, cause="schedule", hysteresis=share)
    assert set(moved.boundaries.monetary) == {Decimal("10.6")}


def test_live_scores_follow_the_version_in_force(database: Database) -> None:
    """While it is young; else they are as a version of now would say. Renewed on demand they are new at once."""
    clock = [NOW]
    keeper = BoundaryKeeper(database, CURRENCY, lambda: clock[0])
    assert keeper.present().customers == 0
    customers(database, (1, 1, "10"))
    assert keeper.present().customers == 1
    kept = renew_boundaries(database, CURRENCY, NOW, cause="schedule", hysteresis=Decimal(0))
    customers(database, (1, 1, "20"), version=2)
    clock[0] = NOW + timedelta(seconds=29)
    assert keeper.present().monetary_sum == 10
    assert BoundaryKeeper(database, CURRENCY, lambda: clock[0]).present() == kept.boundaries
    clock[0] = NOW + timedelta(seconds=61)
    assert (keeper.present().monetary_sum, keeper.present().at) == (Decimal(20), clock[0])
    customers(database, (1, 1, "30"), version=3)
    assert keeper.present().monetary_sum == 20
    assert keeper.renew().boundaries == keeper.present()
    assert keeper.present().monetary_sum == 30
    assert keeper.at(AsOf(NOW)).customers == 0
