"""What the API writes to the log is what ingest would have written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from api.publishing import EventWriter, ids_of
from projections.log.records import Placed, Record
from schemas.door import Door
from schemas.errors import Rejected, RequestError, Unavailable
from schemas.identifiers import Identifier
from schemas.settings import Settings, SourceSettings
from tests.ingest.fakes import NOW

SOURCES = Settings(
    _env_file=None,
    sources={"shop": SourceSettings(), "crm": SourceSettings(namespace="brand")},
).declared_sources()
LINK = {
    "event_id": "l1",
    "type": "customer.linked",
    "occurred_at": "2026-11-22T00:00:00Z",
    "ids": {"member_id": "M1", "phone": "138 0013 8000"},
    "data": {},
}


@dataclass
class Log:
    """Acknowledges at once; `away` makes Kafka not answer."""

    records: list[Record] = field(default_factory=list)
    away: bool = False

    def publish(self, records: Sequence[Record], timeout: float) -> list[Placed]:
        if self.away:
            raise Unavailable("kafka", "gone")
        self.records += records
        return [Placed(record.topic, 3, len(self.records) - 1) for record in records]


def writer(log: Log) -> EventWriter:
    door = Door("CN", namespaces={"brand"})
    return EventWriter(
        producer=log, door=door, sources=SOURCES, topic="events", ack_timeout=1.0, clock=lambda: NOW
    )  # fmt: skip


def test_an_event_lies_in_the_log_as_one_of_the_operators() -> None:
    """One record with ingest's headers, under the address of the first identifier; the position says where."""
    log = Log()
    assert writer(log).publish(LINK) == {"events": {3: 0}}
    [record] = log.records
    assert (record.topic, record.key, record.headers) == (
        "events", b"member_id:M1", (("source", b"operator"), ("v", b"1")),
    )  # fmt: skip
    assert orjson.loads(record.value) == LINK


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"ids": {}}, "no_identifier"), ({"ids": {"member_id": "M1"}}, "invalid_value"), ({"x": 1}, "unknown_field")],
)
def test_what_ingest_would_refuse_never_enters(wrong: dict[str, Any], code: str) -> None:
    """The same door, the same codes."""
    log = Log()
    with pytest.raises(Rejected) as refused:
        writer(log).publish({**LINK, **wrong})
    assert (refused.value.code, log.records) == (code, [])


def test_without_kafka_it_says_so() -> None:
    """Unavailable is answered with 503."""
    with pytest.raises(Unavailable):
        writer(Log(away=True)).publish(LINK)


PLAIN = Identifier("member_id", "M1")
OPENID = Identifier("wechat_openid", "o1", "shop")
BRAND = Identifier("member_id", "M1", "brand")


@pytest.mark.parametrize(
    ("identifiers", "source"),
    [([PLAIN], "operator"), ([PLAIN, OPENID], "shop"), ([BRAND], "crm"), ([Identifier("oaid", "x", "brand")], "crm")],
)
def test_scoped_identifiers_are_named_by_their_source(identifiers: list[Identifier], source: str) -> None:
    """Said by that source, type and value mean this very identifier again."""
    log = Log()
    found = writer(log).source_of(identifiers)
    assert found == source
    event = {**LINK, "type": "customer.identified", "ids": ids_of(identifiers), "data": {"traits": {}}}
    writer(log).publish(event, found)
    assert log.records[0].key == identifiers[0].address.encode()


@pytest.mark.parametrize(
    "identifiers", [[PLAIN, BRAND], [OPENID, BRAND], [Identifier("oaid", "x", "elsewhere")]], ids=str
)
def test_identifiers_of_two_worlds_have_no_common_source(identifiers: list[Identifier]) -> None:
    """No event could name them both."""
    with pytest.raises(RequestError) as refused:
        writer(Log()).source_of(identifiers)
    assert refused.value.code == "no_common_source"
