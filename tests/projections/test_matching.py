"""What matching reads and keeps, in a real ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from projections import matching
from projections.database import Database
from projections.facts import Fact, write_facts
from projections.matching import Known, Suggestion, SuggestionStore, kept_apart, people, suggestion_id
from projections.places import Place
from schemas.door import Door
from schemas.sources import Source
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

NOW = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)
MADE = Suggestion(
    "s1", "p1", "member_id:M1", "p2", "phone:+86138", 0.1 + 0.2, [{"field": "name", "says": "香", "bits": 9.1}], NOW
)


@pytest.fixture
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with the newest schema, and nothing in it."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> SuggestionStore:
    return SuggestionStore(database)


def test_a_suggestion_comes_back_as_it_was_kept(store: SuggestionStore) -> None:
    """To the microsecond and the last bit; an unknown one is None."""
    assert store.replace_open([MADE], NOW) == 0
    assert store.find("s1") == MADE
    assert store.find("s2") is None


def test_pages_lead_through_all_of_a_state(store: SuggestionStore) -> None:
    """The likeliest first, between equals by id, none twice."""
    made = [replace(MADE, suggestion_id=f"s{n}", probability=(0.1 + 0.2, 0.95)[n % 2]) for n in range(7)]
    store.replace_open(made, NOW)
    found: list[Suggestion] = []
    before = (2.0, "")
    while page := store.page("open", before, 2):
        found += page
        before = (page[-1].probability, page[-1].suggestion_id)
    assert [each.suggestion_id for each in found] == ["s5", "s3", "s1", "s6", "s4", "s2", "s0"]


def test_a_run_replaces_what_is_open(store: SuggestionStore) -> None:
    """What it found stands, what it did not find again is withdrawn, until a later one finds it."""
    other = replace(MADE, suggestion_id="s2")
    store.replace_open([MADE, other], NOW)
    later = NOW + timedelta(hours=1)
    assert store.replace_open([replace(MADE, probability=0.5, made_at=later)], later) == 1
    assert [(each.suggestion_id, each.probability) for each in store.page("open", (2.0, ""), 9)] == [("s1", 0.5)]
    assert [each.suggestion_id for each in store.page("withdrawn", (2.0, ""), 9)] == ["s2"]
    again = later + timedelta(hours=1)
    assert store.replace_open([replace(other, made_at=again)], again) == 1
    assert [each.suggestion_id for each in store.page("open", (2.0, ""), 9)] == ["s2"]


def test_a_decision_stands_against_any_later_run(store: SuggestionStore) -> None:
    """An acceptance that has begun, too, whatever a run that knows nothing of it writes."""
    begun = replace(MADE, suggestion_id="s2", decided_at=NOW)
    store.replace_open([MADE, replace(begun, decided_at=None)], NOW)
    store.keep(replace(MADE, status="rejected", decided_at=NOW))
    store.keep(begun)
    later = NOW + timedelta(days=1)
    assert store.replace_open([replace(MADE, made_at=later)], later) == 0
    found = [store.find("s1"), store.find("s2")]
    assert [(each.status, each.decided_at) for each in found if each] == [("rejected", NOW), ("open", NOW)]
    store.keep(replace(begun, status="accepted"))
    assert [each.suggestion_id for each in store.page("accepted", (2.0, ""), 9)] == ["s2"]


def test_everybody_is_read_once_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The present version of each person with its traits; who is nobody any more is left out."""
    monkeypatch.setattr(matching, "_PAGE", 2)
    for number in range(5):
        keep_profile(database, f"member_id:M{number}", f"p{number}", 1, '"王"')
    keep_profile(database, "member_id:M1", "p1", 2, '"李"')
    keep_profile(database, "member_id:M2", "p2", 2, '"王"', present=0)
    found = [person for page in people(database) for person in page]
    assert found == [
        Known(f"p{number}", f"member_id:M{number}", [f"member_id:M{number}"], {"name": "李" if number == 1 else "王"})
        for number in (0, 1, 3, 4)
    ]


def keep_profile(database: Database, root: str, person: str, version: int, name: str, present: int = 1) -> None:
    columns = "root, person_id, version, members, present, traits"
    database.execute(
        f"INSERT INTO profiles ({columns}) SELECT {{root:String}}, {{person:String}}, {{version:UInt64}},"
        " [{root:String}], {present:UInt8}, map('name', ('', {name:String}))",
        {"root": root, "person": person, "version": version, "present": present, "name": name},
    )


def test_unlinked_and_decided_pairs_are_kept_apart(database: Database, store: SuggestionStore) -> None:
    """Standing unlinks that have come to pass, and suggestions that were decided; nothing else."""
    said: list[tuple[str, str, dict[str, str]]]
    said = [("customer.unlinked", "u1", {}), ("customer.linked", "l1", {}), ("customer.unlinked", "u2", {})]
    said.append(("event.voided", "v1", {"event_id": "u2"}))
    write_facts(database, [fact(number, *each) for number, each in enumerate(said)], "CNY")
    store.replace_open([MADE, replace(MADE, suggestion_id="s2", right_root="phone:+86139")], NOW)
    store.keep(replace(MADE, status="rejected", decided_at=NOW))
    apart = kept_apart(database, NOW + timedelta(seconds=1))
    assert sorted(map(sorted, apart)) == [["card_no:C0", "member_id:M0"], ["member_id:M1", "phone:+86138"]]


def fact(number: int, kind: str, event_id: str, data: dict[str, str]) -> Fact:
    ids = {} if kind == "event.voided" else {"member_id": f"M{number}", "card_no": f"C{number}"}
    event = {"event_id": event_id, "type": kind, "occurred_at": "2026-11-22T00:00:00Z", "ids": ids, "data": data}
    return Fact(Door("CN").admit(orjson.dumps(event), Source("pos"), NOW), "events", Place(NOW, 1, number, 0))


def test_the_id_of_a_pair_is_the_same_from_both_sides() -> None:
    """And another pair's is another."""
    assert suggestion_id("a", "b") == suggestion_id("b", "a") != suggestion_id("a", "c")
