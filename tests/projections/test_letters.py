"""Dead letters, what was replayed, and what the breaker remembers, in a real ClickHouse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from projections.breaker import Hold, Refused, Tally, open_holds, resumed_until, tallies, write_holds, write_refused
from projections.controls import Said, write_controls
from projections.database import Database
from projections.dead_letters import (
    NEWEST,
    OLDEST,
    Buried,
    count_letters,
    letters_to_replay,
    list_letters,
    one_letter,
    write_letters,
)
from projections.letter_groups import FROM_THE_TOP, letter_groups
from projections.letter_orders import orders_said, purge_letters, purged_before
from projections.places import Place
from projections.progress import RECORDER, Range, write_ranges
from projections.repairs import Repair, write_repairs
from schemas.control import Control
from schemas.dead_letter import DeadLetter
from schemas.letter_filter import LetterFilter
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ALL = LetterFilter()
LETTER = DeadLetter(
    "invalid_money", "/data/lines/0/amount", "data.lines[0].amount has 5 decimals.", "pos", "e0", "recorder", 0, NOW,
    b"\xff{}", "events", 1, 2,
)  # fmt: skip


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def newest(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with the newest schema."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture
def database(newest: Database) -> Database:
    """The same with nothing in it."""
    for table in ("dead_letters", "repairs", "refused", "holds", "consumed", "heads", "controls"):
        newest.execute(f"TRUNCATE TABLE {table}")
    return newest


def bury(database: Database, *letters: DeadLetter) -> list[str]:
    """Letters at places of their own; gives their ids."""
    buried = [Buried(replace(each, offset=n), 0, n, 0) for n, each in enumerate(letters)]
    write_letters(database, [*buried, *buried[:1]])  # one that comes again is the same
    return [f"log-1-{n}-0" for n in range(len(letters))]


def letter(seconds: float = 0, **more: Any) -> DeadLetter:
    return replace(LETTER, received_at=after(seconds), **more)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["letter_id"] for row in rows]


def repaired(letter_id: str) -> Repair:
    return Repair(letter_id, "r1", "pos", "e1", Place(after(9), 3, 4, 5))


FILTERS = [
    {"code": "unreadable"}, {"source": "shop"}, {"event_id": "other"}, {"origin": "ingest"}, {"topic": "else"},
    {"partition": 7}, {"offset": 1}, {"from": after(5)}, {"letter_ids": ["log-1-1-0"]},
]  # fmt: skip


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_each_filter_finds_the_one_that_is_meant(database: Database, wanted: dict[str, Any]) -> None:
    """Whatever is said of the second letter, the first is not that."""
    other = letter(
        10, code="unreadable", source="shop", event_id="other", origin="ingest", topic="else", partition=7, pointer=""
    )
    first, _ = bury(database, letter(), other)
    found = list_letters(database, LetterFilter.model_validate(wanted), "all", NEWEST, 10).rows
    assert [row["code"] for row in found] == (["unreadable"] if wanted != {"letter_ids": ["log-1-1-0"]} else [])
    assert list_letters(database, LetterFilter(letter_ids=[first]), "all", NEWEST, 10).rows[0]["event_id"] == "e0"
    assert count_letters(database, LetterFilter.model_validate({"to": after(5)})) == 1


def test_a_letter_has_its_very_bytes_and_what_became_of_it(database: Database) -> None:
    """Not UTF-8, and replayed."""
    (letter_id,) = bury(database, letter(version="0", truncated=True))
    write_repairs(database, [repaired(letter_id)])
    found = one_letter(database, letter_id)
    assert found is not None
    assert (found["original"], found["truncated"], found["version"]) == (b"\xff{}", 1, "0")
    assert (found["repair"]["event_id"], found["repair"]["log_offset"]) == ("e1", 4)
    assert one_letter(database, "log-9-9-9") is None


def test_what_was_replayed_is_open_no_more(database: Database) -> None:
    """It is not taken out again, and the lists can tell the two apart."""
    first, second = bury(database, letter(0), letter(1))
    write_repairs(database, [repaired(first)])
    assert ids(letters_to_replay(database, ALL, OLDEST, 10).rows) == [second]
    assert ids(list_letters(database, ALL, "open", NEWEST, 10).rows) == [second]
    assert ids(list_letters(database, ALL, "repaired", NEWEST, 10).rows) == [first]
    assert ids(list_letters(database, ALL, "all", NEWEST, 10).rows) == [second, first]


def test_pages_follow_each_other(database: Database) -> None:
    """Letters of one moment too, in both directions; a page says whether there are more."""
    named = bury(database, *(letter(n // 2) for n in range(5)))
    for page_of, start in ((letters_to_replay, OLDEST), (lambda d, w, p, n: list_letters(d, w, "all", p, n), NEWEST)):
        found, place = [], start
        while True:
            page = page_of(database, ALL, place, 2)
            found += ids(page.rows)
            if not page.has_more:
                break
            place = (page.rows[-1]["received_at"], page.rows[-1]["letter_id"])
        assert sorted(found) == named
        assert found == (named if page_of is letters_to_replay else named[::-1])


def test_huge_originals_make_pages_short(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer stays bounded, and none is left out for being large."""
    monkeypatch.setattr("projections.dead_letters.MOST_PAGE_BYTES", 1000)
    bury(database, *(letter(n, original=b"x" * 372) for n in range(4)))  # 496 in base64
    page = letters_to_replay(database, ALL, OLDEST, 10)
    assert (len(page.rows), page.has_more) == (3, True)
    last = page.rows[-1]
    rest = letters_to_replay(database, ALL, (last["received_at"], last["letter_id"]), 10)
    assert (len(rest.rows), rest.has_more) == (1, False)


def test_what_is_wrong_alike_is_one_group(database: Database) -> None:
    """Numbers of lines and events do not matter, nor do values; code, field, sentence and source do."""
    other = "data.lines[12].amount has 7 decimals."
    alike = [letter(n, pointer=f"/data/lines/{n}/amount", message=other) for n in range(4)]
    first, *_ = bury(database, *alike, letter(source="shop"), letter(8, pointer="/data/total"))
    write_repairs(database, [repaired(first)])
    found = letter_groups(database, ALL, "all", FROM_THE_TOP, 10)
    assert [(row["letters"], row["open"]) for row in found] == [(4, 3), (1, 1), (1, 1)]
    top = found[0]
    assert (top["code"], top["source"], top["pointer"]) == ("invalid_money", "pos", "/data/lines/#/amount")
    assert (top["first_seen"], top["last_seen"]) == (NOW, after(3))
    assert len(top["samples"]) == 3
    wanted = LetterFilter(fingerprint=top["fingerprint"], source="pos")
    assert len(list_letters(database, wanted, "all", NEWEST, 10).rows) == 4
    start = (3, 4, top["fingerprint"], "pos")
    assert len(letter_groups(database, ALL, "all", start, 10)) == 2


def test_a_fingerprint_is_the_same_for_ever(database: Database) -> None:
    """It stands in scripts and tickets: a hash of code, pointer and message without numbers."""
    bury(database, LETTER)
    said = b"invalid_money\n/data/lines/#/amount\ndata.lines[#].amount has # decimals."
    expected = hashlib.sha256(said).hexdigest()[:16]
    assert letter_groups(database, ALL, "all", FROM_THE_TOP, 1)[0]["fingerprint"] == expected


def test_a_purge_takes_only_what_is_older(database: Database) -> None:
    """And says until when, so that reading the topic again brings nothing back."""
    _, second = bury(database, letter(0), letter(1))
    purge_letters(database, after(1))
    assert ids(list_letters(database, ALL, "all", NEWEST, 10).rows) == [second]
    assert purged_before(database) < NOW
    said = Control(kind="purge", key="p1", value={"before": after(1).isoformat(), "purged": 1}, author="ops")
    write_controls(database, [Said(said, 1, after(2))])
    assert purged_before(database) == after(1)


def test_orders_are_told_with_what_came_of_them(database: Database) -> None:
    """A replay is said twice, and told once; each word to go on is one."""
    replay = [Control(kind="replay", key="r1", value={"state": state}, author="ops") for state in ("begun", "done")]
    resumes = [Control(kind="breaker", value={"seconds": n}, author="ops") for n in (0, 60)]
    write_controls(database, [Said(each, n, after(n)) for n, each in enumerate([*replay, *resumes], 1)])
    found = orders_said(database, 2**63 - 1, 10)
    assert [(each.version, each.control.kind) for each in found] == [(4, "breaker"), (3, "breaker"), (2, "replay")]
    assert found[2].control.value == {"state": "done"}
    assert [each.version for each in orders_said(database, 4, 1)] == [3]
    assert resumed_until(database) == after(64)


def test_the_breaker_sees_what_all_recorders_did(database: Database) -> None:
    """Between two moments, each record once, without those at hand."""
    write_ranges(
        database, RECORDER, [Range("events", 0, 0, 9, 50, after(2), {}), Range("events", 1, 0, 9, 0, after(2), {})]
    )
    rows = [Refused(after(1), (0, 3), 2), Refused(after(3), (1, 4), 5), Refused(after(99), (0, 8), 1)]
    write_refused(database, rows)
    write_refused(database, rows)
    found = tallies(database, "events", NOW, after(3), {(0, 3)})
    assert sorted(found, key=lambda each: each.at) == [Tally(after(2), 50, 0), Tally(after(3), 0, 5)]
    assert tallies(database, "events", after(3), after(4), set()) == []
    assert tallies(database, "elsewhere", NOW, after(2), set()) == [Tally(after(1), 0, 2)]


def test_a_hold_is_over_when_the_recorder_is_past_it(database: Database) -> None:
    """Nobody has to say so; it is known since it was said first."""
    assert open_holds(database, "events") == []
    write_holds(database, [Hold((0, 10), NOW, after(n), "run", 20, 20, {"unreadable": 20}) for n in (1, 2)])
    write_holds(database, [Hold((1, 5), NOW, after(1), "ratio", 20, 15, {})])
    write_ranges(database, RECORDER, [Range("events", 0, 0, 9, 0, NOW, {})])
    first, second = open_holds(database, "events")
    assert (first["log_partition"], first["log_offset"], first["since"], first["codes"]) == (
        0, 10, after(1), {"unreadable": 20},
    )  # fmt: skip
    assert (second["reason"], second["refused"]) == ("ratio", 15)
    write_ranges(database, RECORDER, [Range("events", 0, 10, 12, 0, NOW, {})])
    assert [row["log_partition"] for row in open_holds(database, "events")] == [1]
