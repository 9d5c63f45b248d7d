"""A partition that goes to another worker and comes back: what that one left undone is done."""

from __future__ import annotations

import pytest

from deploy.oracle.model import Json
from processors.profiler.memberships import Memberships
from processors.profiler.step import Profiler
from processors.records import Record
from processors.resolver.step import Resolver
from projections.database import Database
from projections.log.records import Placed
from projections.log.records import Record as Outgoing
from tests.property.living import Killed, Living, Log
from tests.property.recording import TERMS

pytestmark = pytest.mark.clickhouse
BUYERS: Json = {"where": {"event": "order.completed"}}


class Dying(Log):
    """A log at whose first record the process ends."""

    def publish(self, records: list[Outgoing], timeout: float) -> list[Placed]:
        raise Killed


def waiting(living: Living, topic: str) -> list[Record]:
    """The records of a topic that nobody has acknowledged."""
    return [
        record
        for (name, partition), records in living.log.topics.items()
        if name == topic
        for record in records[living.acknowledged.get((name, partition), 0) :]
    ]


def test_changes_another_worker_wrote_and_did_not_say_are_said(database: Database) -> None:
    """It took over the partition, wrote changes and states, and died before a message; the first one has it again."""
    living = Living(database)
    living.define("segment", "buyers", BUYERS)
    living.event("product.viewed", {"member_id": "A"}, {"sku": "P-1"})
    living.stages.pop("touched")  # the first worker rests while the other has its partitions
    living.event("order.completed", {"member_id": "A"}, {"order_id": "1", "currency": "CNY", "total": "5", "lines": []})
    other = Memberships(database, database, living.log, TERMS, living.clock, "touched", "changes")
    records = waiting(living, "touched")
    living.log.last_changes = 0
    with pytest.raises(Killed):
        Profiler(database, TERMS, living.clock, other).process(records)
    living.log.last_changes = 2**63
    assert living.changes("buyers") == []
    living.profiler.memberships.forget()
    living.profiler.process(records)
    assert [each["to"] for each in living.changes("buyers")] == [True]


def test_whom_another_resolver_moved_and_did_not_touch_is_touched(database: Database) -> None:
    """It journalled a step and died before the touches; the first resolver, who has the partition again, does."""
    living = Living(database)
    first = living.stages["identity"]
    assert isinstance(first, Resolver)
    living.event("product.viewed", {"member_id": "A"}, {"sku": "P-1"})
    living.event("product.viewed", {"anonymous_id": "b"}, {"sku": "P-1"})
    living.event("product.viewed", {"member_id": "B", "anonymous_id": "c"}, {"sku": "P-1"})
    living.stages.pop("identity")
    living.event("product.viewed", {"member_id": "A", "anonymous_id": "b"}, {"sku": "P-1"})
    records = waiting(living, "identity")
    before = len(living.log.values("touched"))
    other = Resolver(database, Dying(living.log.clock), living.clock, "touched")
    with pytest.raises(Killed):
        other.process(records)
    first.forget()
    first.process(records)
    touched = {root for said in living.log.values("touched")[before:] for root, _ in said.get("touch", ())}
    assert {"member_id:A", "anonymous_id:b"} <= touched
