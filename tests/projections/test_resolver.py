"""The resolver's own promises: nothing is forgotten after a crash, and what is large or shared harms nobody else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from deploy.oracle.model import Logged
from processors.recorder.reading import Read
from processors.recorder.step import Recorder
from processors.resolver import step as resolver_step
from processors.resolver.step import Resolver
from processors.touched import Weighing
from projections.controls import Said, write_controls
from projections.database import Database
from projections.identity.explaining import explain
from projections.identity.keeping import Step, kept_refusals, lately, write_step
from projections.identity.reading import all_sightings, identities_of
from projections.log.records import Placed, Record
from projections.moments import AsOf
from projections.profiles import fold_profile, root_of_person, write_profiles
from schemas.control import Control
from schemas.errors import Unavailable
from tests.property.answers import kept
from tests.property.recording import CURRENCY, DOOR, SOURCES, TABLES, TERMS, TOPICS, Kept, Recording, as_read, record
from tests.stack.servers import ClickHouse
from tests.strategies.histories import NOW

pytestmark = pytest.mark.clickhouse


@pytest.fixture(scope="module")
def shared_database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture
def database(shared_database: Database) -> Database:
    """An empty database."""
    for table in TABLES:
        shared_database.execute(f"TRUNCATE TABLE {table}")
    return shared_database


def seen(*groups: dict[str, Any], kind: str = "app.opened", start: int = 0) -> list[Logged]:
    """Events that name these identifiers, a second apart."""
    began = NOW - timedelta(days=1)
    return [
        Logged(
            "pos",
            {
                "event_id": f"{kind}-{number}",
                "type": kind,
                "occurred_at": (began + timedelta(seconds=number)).isoformat(),
                "ids": ids,
                "data": {},
            },
            0,
            number,
            0,
            began + timedelta(seconds=number),
        )
        for number, ids in enumerate(groups, start)
    ]


def record_all(database: Database, log: list[Logged]) -> Recording:
    return record(database, log, random.Random(1), fresh=False)


class Broken(Kept):
    """A log that does not answer."""

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        raise Unavailable("kafka", "gone")


def test_a_step_that_was_not_finished_is_finished_by_the_next(database: Database) -> None:
    """The roots were written, then the process died before anybody was touched: the next one touches them."""
    record_all(database, seen({"member_id": "M1"}, {"phone": "13800138001"}))
    pair = {"member_id": "M1", "phone": "13800138001"}
    record_all(database, seen(pair, start=9)).resolve()
    together = {"member_id:M1", "phone:+8613800138001"}
    record_all(database, seen(pair, kind="customer.unlinked", start=20))
    with pytest.raises(Unavailable):
        Resolver(database, Broken(), lambda: NOW, TOPICS.touched).resolve(Weighing(frozenset(together)), 5, 5)
    assert touched(database, 5) == together | {"member_id:M9"}
    assert touched(database, 6) == {"member_id:M9"}


def touched(database: Database, offset: int) -> set[str]:
    """Whom a new resolver touches for a record at this offset, which names somebody else."""
    log = Kept()
    asked = Weighing(frozenset({"member_id:M9"}), {"member_id:M9": ()})
    Resolver(database, log, lambda: NOW, TOPICS.touched).resolve(asked, offset, offset)
    return {root for line in log.lines(TOPICS.touched) for root, _ in orjson.loads(line)["touch"]}


def test_versions_only_grow(database: Database) -> None:
    """Each step has a greater version than all before it, whoever takes it."""
    versions = []
    for number in range(3):
        pair = {"member_id": f"M{number}", "phone": f"1380013800{number}"}
        record_all(database, seen(pair, start=10 * number)).resolve()
        versions.append(lately(database, 0)[0])
    assert versions == sorted(set(versions))


def test_ten_thousand_identifiers_harm_nobody(database: Database) -> None:
    """A device seen with thousands joins nobody; one customer with thousands of browsers keeps what the rules allow."""
    tablet = [{"member_id": f"T{number}", "device_id": "tablet"} for number in range(3_000)]
    browsers = [{"user_id": "U1", "anonymous_id": f"b{number}"} for number in range(3_000)]
    chain = [{"phone": [f"{13900000000 + number}", f"{13900000001 + number}"]} for number in range(2_000)]
    other = [{"member_id": "M1", "phone": "13800138001"}]
    record_all(database, seen(*tablet, *browsers, *chain, *other)).resolve()
    _, members = identities_of(database, ["member_id:T7", "user_id:U1", "member_id:M1", "phone:+8613900000500"])
    sizes = {root.partition(":")[0]: len(those) for root, those in members.items()}
    assert sizes["member_id"] in {1, 2}
    assert {len(those) for root, those in members.items() if root.startswith("user_id")} == {21}
    assert all(len(those) <= 5 for root, those in members.items() if root.startswith("phone"))
    late = record_all(database, seen({"member_id": "T1", "device_id": "tablet", "email": "t@example.com"}, start=9_000))
    late.resolve()
    roots, members = identities_of(database, ["email:t@example.com"])
    assert sorted(members[roots["email:t@example.com"]]) == ["email:t@example.com", "member_id:T1"]


def test_a_blocked_value_joins_nobody_even_by_link(database: Database) -> None:
    """Rules from the control topic are those everybody is weighed by; the last version known holds."""
    control = Control(kind="identity_rules", value={"blocked": ["phone:+86138*"]}, author="ops")
    write_controls(database, [Said(control, 1, NOW - timedelta(hours=1))])
    pair = {"member_id": "M1", "phone": "13800138001"}
    record_all(database, [*seen(pair), *seen(pair, kind="customer.linked", start=5)]).resolve()
    assert identities_of(database, ["member_id:M1"])[1] == {"member_id:M1": ["member_id:M1"]}
    found = explain(database, "member_id:M1", AsOf(NOW, kept=True), 100)
    assert {(edge.kind, edge.rule) for edge in found.edges} == {("seen", "blocked_value"), ("linked", "blocked_value")}
    before = AsOf(NOW, NOW - timedelta(hours=2))
    assert {edge.rule for edge in explain(database, "member_id:M1", before, 100).edges} == {None}


def test_a_fact_that_was_taken_back_makes_nobody_first(database: Database) -> None:
    """The loser of an id conflict was recorded before its winner: the person is whose it is in the other order."""

    def said(ids: dict[str, str], event_id: str, partition: int, offset: int, minute: int) -> Logged:
        moment = NOW - timedelta(minutes=60 - minute)
        event = {"event_id": event_id, "type": "app.opened", "occurred_at": NOW.isoformat(), "ids": ids, "data": {}}
        return Logged("pos", event, partition, offset, 0, moment)

    loser = said({"phone": "13800138001"}, "twice", 1, 0, 2)
    winner = said({"member_id": "M9"}, "twice", 0, 0, 1)
    member, both = (
        said({"member_id": "M1"}, "m", 0, 1, 3),
        said({"member_id": "M1", "phone": "13800138001"}, "b", 0, 2, 4),
    )
    roots = []
    for order in ([loser, member, both, winner], [winner, loser, member, both]):
        for table in TABLES:
            database.execute(f"TRUNCATE TABLE {table}")
        recording = Recording(database, Kept())
        recorder = Recorder(database, recording.log, DOOR, SOURCES, CURRENCY, TOPICS)
        for each in order:
            recorder.record(Read([as_read(each)], []))
            recording.resolve()
        roots.append(identities_of(database, ["phone:+8613800138001"])[0])
    assert roots == [{"phone:+8613800138001": "member_id:M1"}] * 2


def claim(ids: dict[str, str], partition: int, kind: str = "app.opened", event_id: str = "twice") -> Logged:
    """An event that says an id; of those received at the same time that of the lowest partition stands."""
    moment = NOW - timedelta(hours=1)
    event = {"event_id": event_id, "type": kind, "occurred_at": moment.isoformat(), "ids": ids, "data": {}}
    return Logged("pos", event, partition, 0, 0, moment)


def test_whose_only_fact_was_taken_back_is_nobody(database: Database) -> None:
    """The dossier was folded before an earlier claim of the same id came: it goes, and its id still leads there."""
    record_all(database, [claim({"member_id": "M1", "phone": "13800138001"}, 1, "customer.linked")]).fold(1)
    former = kept(database)["member_id:M1"]["person_id"]
    recording = record_all(database, [claim({"member_id": "M9"}, 0)])
    recording.resolve()
    for root in recording.touched:
        write_profiles(database, {root: 2}, AsOf(NOW), TERMS)
    assert kept(database).keys() == {"member_id:M9"}
    assert root_of_person(database, former) == "member_id:M1"


def test_a_fact_that_was_taken_back_counts_for_nobody_it_was_joined_to(database: Database) -> None:
    """A member whose own fact was beaten brings nothing to the person it is one of."""
    both = claim({"user_id": "U1", "member_id": "M1"}, 2, event_id="both")
    for each in (claim({"member_id": "M1"}, 1), both, claim({"member_id": "M9"}, 0)):
        record_all(database, [each]).resolve()
    found = fold_profile(database, "member_id:M1", AsOf(NOW, kept=True), TERMS)
    assert found is not None
    assert (found["members"], found["type_counts"]) == (["member_id:M1", "user_id:U1"], {"app.opened": 1})


def test_whose_only_fact_was_taken_back_and_who_is_another_now_has_no_dossier(database: Database) -> None:
    """A root went under another when it had no standing fact any more: its dossier goes all the same."""
    both = claim({"user_id": "U1", "member_id": "M1"}, 2, event_id="both")
    record_all(database, [claim({"member_id": "M1"}, 1)]).fold(1)
    former = kept(database)["member_id:M1"]["person_id"]
    record_all(database, [both, claim({"member_id": "M9"}, 0)]).fold(2)
    assert kept(database).keys() == {"user_id:U1", "member_id:M9"}
    assert root_of_person(database, former) == "member_id:M1"


def test_an_earlier_event_takes_over_a_refusal(database: Database) -> None:
    """A refused pair is kept with the earliest event that was refused, whenever it arrived."""
    pair = {"member_id": "M1", "oaid": "x"}
    record_all(database, seen(pair, start=50)).resolve()
    record_all(database, seen(pair, start=10)).resolve()
    kept = kept_refusals(database, ["member_id:M1"])
    assert {pair: said[:3] for pair, said in kept.items()} == {
        ("member_id:M1", "oaid:pos/x"): ("never_joins", "app.opened-10", "pos")
    }


def test_a_merge_that_was_not_touched_is_touched_by_the_next(database: Database) -> None:
    """Two people became one, then the process died: the former root, too, is folded anew."""
    record_all(database, seen({"member_id": "M1"}, {"phone": "13800138001"})).resolve()
    record_all(database, seen({"member_id": "M1", "phone": "13800138001"}, start=9))
    together = {"member_id:M1", "phone:+8613800138001"}
    with pytest.raises(Unavailable):
        Resolver(database, Broken(), lambda: NOW, TOPICS.touched).resolve(Weighing(frozenset(together)), 3, 3)
    assert touched(database, 3) >= together


def test_what_fell_and_is_said_again_is_weighed_again(database: Database) -> None:
    """A sighting was voided; the same identifiers, named by a later event, are joined for it."""
    pair = {"member_id": "M1", "phone": "13800138001"}
    for log in (seen(pair, start=1), [voiding("app.opened-1")], seen(pair, start=30)):
        record_all(database, log).resolve()
    assert len(identities_of(database, ["member_id:M1"])[1]["member_id:M1"]) == 2


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Has something happen once, after the resolver has read and before it says what is about to change."""

    def happens(what: Callable[[], object]) -> None:
        left = [what]

        def write(database: Database, step: Step, until: int) -> None:
            if step.moved and left:
                left.pop()()
            write_step(database, step, until)

        monkeypatch.setattr(resolver_step, "write_step", write)

    return happens


Happening = Callable[[Callable[[], object]], None]


@pytest.mark.parametrize("everything", [False, True])
def test_what_is_said_again_while_it_is_weighed_joins(
    database: Database, meanwhile: Happening, everything: bool
) -> None:
    """A void is weighed; before that was noted the same identifiers are named again, which looked as if weighed."""
    pair = {"member_id": "M1", "phone": "13800138001"}
    record_all(database, seen({"member_id": "M1"}, pair, start=1)).resolve()
    recording = record_all(database, [voiding("app.opened-2")])
    meanwhile(lambda: recording.log.publish(record_all(database, seen(pair, start=30)).log.records, 1.0))
    weighed(recording, everything)
    assert len(database.tuples("SELECT DISTINCT event_id FROM events")) == 3 + 1
    assert len(identities_of(database, ["member_id:M1"])[1]["member_id:M1"]) == 2


@pytest.mark.parametrize("everything", [False, True])
def test_who_comes_first_while_it_is_weighed_is_the_root(
    database: Database, meanwhile: Happening, everything: bool
) -> None:
    """An event earlier in the log is recorded when its customer is joined, but not yet written as joined."""
    phone = {"phone": "13800138001"}
    recording = record_all(database, seen(phone, {"member_id": "M1", **phone}, start=5))
    meanwhile(lambda: recording.log.publish(record_all(database, seen({"member_id": "M1"}, start=1)).log.records, 1.0))
    weighed(recording, everything)
    assert identities_of(database, ["phone:+8613800138001"])[0] == {"phone:+8613800138001": "member_id:M1"}


def weighed(recording: Recording, everything: bool) -> None:
    """All the resolver was asked is done, at first for everything there is if so said."""
    if everything:
        recording.log.records = []
        recording.steps += 1
        recording.resolver.resolve(Weighing(None), recording.steps, recording.steps)
    recording.resolve()
    recording.resolve()


def voiding(event_id: str) -> Logged:
    """An event that has another one not stand."""
    [void] = seen({}, kind="event.voided", start=20)
    void.event["data"] = {"event_id": event_id}
    del void.event["ids"]
    return void


def test_whoever_shares_a_root_with_a_seed_is_touched(database: Database) -> None:
    """The root of a person is weighed, for another's sake; a new event of another member of it is still folded."""
    phone = "13800138001"
    record_all(database, seen({"phone": phone}, {"member_id": "M1", "phone": phone})).resolve()
    log = seen({"member_id": "M1"}, {"member_id": "M2", "phone": phone}, start=9)
    recording = Recording(database, Kept())
    recorder = Recorder(database, recording.log, DOOR, SOURCES, CURRENCY, TOPICS)
    recorder.record(Read([as_read(each) for each in log], []))
    assert "phone:+8613800138001" in recording.touched


def test_versions_go_on_after_steps_that_move_nobody(database: Database) -> None:
    """What a restarted resolver writes is newer than all that was written before."""
    for number in range(3):
        record_all(database, seen({"member_id": f"M{number}", "oaid": "x"}, start=10 * number)).resolve()
    [(refusals, journal)] = database.tuples(
        "SELECT (SELECT max(version) FROM refusals), (SELECT max(version) FROM resolutions)"
    )
    assert 0 < refusals <= journal == lately(database, 0)[0]


def test_whoever_was_paused_cannot_write_over_whoever_went_on(database: Database) -> None:
    """A resolver that was away keeps nothing once another has begun."""
    record_all(database, seen({"member_id": "M1", "phone": "13800138001"}))
    both = frozenset({"member_id:M1", "phone:+8613800138001"})
    paused = Resolver(database, Kept(), lambda: NOW, TOPICS.touched)
    paused.resolve(Weighing(frozenset({"member_id:M9"})), 0, 0)
    Resolver(database, Kept(), lambda: NOW, TOPICS.touched).resolve(Weighing(frozenset({"member_id:M9"})), 1, 1)
    before = identities_of(database, both)[0]
    write_step(database, Step(1, {"member_id:M1": ("member_id:M1", "phone:+8613800138001")}), 1)
    assert identities_of(database, both)[0] == before


def test_refusals_of_a_value_that_becomes_shared_say_so(database: Database) -> None:
    """Kept apart by the limit on members at first; by the number of people when there are too many."""
    for number in range(5):
        record_all(database, seen({"member_id": f"M{number}", "phone": "13800138001"}, start=10 * number)).resolve()
    kept = kept_refusals(database, ["phone:+8613800138001"])
    assert {said[0] for said in kept.values()} == {"shared_value"}
    assert len(kept) == 5


def test_all_there_is_read_at_once_is_as_of_the_earliest_events(database: Database) -> None:
    """Later events that say the same were recorded first, and nothing was merged in the table yet."""
    database.execute("SYSTEM STOP MERGES sightings")
    for second in (20, 30, 10):
        database.execute(
            "INSERT INTO sightings SELECT cityHash64('member_id:M1'), 'member_id:M1', 'seen', 1, "
            "['member_id:M1', 'phone:+8613800138001'], (toDateTime64({second:UInt32}, 6, 'UTC'), "
            "concat('e', toString({second:UInt32})), 'pos', '', toDateTime64({second:UInt32}, 3, 'UTC'), 0, 0, 0)",
            {"second": second},
        )
    found = all_sightings(database, AsOf(NOW))
    database.execute("SYSTEM START MERGES sightings")
    assert [each.at[1] for each in found] == ["e10"]
