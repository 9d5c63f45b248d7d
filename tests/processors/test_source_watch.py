"""What the recorder knows of sources when it judges: all that counts, without a question to Kafka a chunk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from processors.recorder.sources import SourceWatch
from processors.records import Record
from schemas.control import Control
from schemas.source_register import SETTLING, Followed, SourceRegister, take_all
from tests.processors.records import SOURCES, START, record


@dataclass
class Said:
    """A control topic, and how often it was asked where it ends; time passes by hand."""

    records: list[Followed] = field(default_factory=list)
    seconds: float = 0.0
    asked: int = 0
    given: int = 0

    def say(self, source: str, mode: str) -> None:
        control = Control(kind="contract", key=source, value={"source": source, "mode": mode})
        at = START + timedelta(seconds=self.seconds)
        value = control.model_dump_json().encode()
        self.records.append(Followed(len(self.records), at, f"contract/{source}".encode(), value))

    def all_news(self, seconds: float) -> Iterable[Followed]:
        assert seconds > 0
        self.asked += 1
        begin, self.given = self.given, len(self.records)
        return self.records[begin:]

    def close(self) -> None:
        """Nothing is open."""


def watch(said: Said) -> SourceWatch:
    return SourceWatch(said, SourceRegister(SOURCES), lambda: said.seconds)


def of(source: str) -> list[Record]:
    return [record(b"{}", headers={"source": source.encode()})]


def test_kafka_is_asked_once_a_second() -> None:
    """However many chunks there are."""
    said = Said()
    seen = watch(said)
    for each in range(200):
        said.seconds = each / 100
        seen.renewed(of("pos"))
    assert said.asked == 2


def test_a_source_that_nobody_knows_is_asked_for() -> None:
    """Whoever writes right after its key was made is no stranger; one who stays unknown is asked for again."""
    said = Said()
    seen = watch(said)
    seen.renewed(of("pos"))
    said.say("robot", "count")
    assert seen.renewed(of("robot")).knows("robot")
    seen.renewed(of("robot"))
    assert said.asked == 2
    seen.renewed(of("nobody"))
    assert said.asked == 3


@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(["say", "judge"])), max_size=60))
def test_what_is_judged_while_it_comes_in_is_judged_the_same_later(steps: list[tuple[int, str]]) -> None:
    """Whenever contracts were said between chunks, in any rhythm: a rebuild has the contract the live one had."""
    said, judged = Said(), []
    seen = watch(said)
    for milliseconds, what in steps:
        said.seconds += milliseconds / 1000
        if what == "say":
            said.say("pos", ("block", "quarantine", "count")[len(said.records) % 3])
        else:
            at = START + timedelta(seconds=said.seconds)
            judged.append((at, seen.renewed(of("pos")).contract_at("pos", at)))
    whole = SourceRegister(SOURCES)
    take_all(whole, said.records)
    assert [whole.contract_at("pos", at) for at, _ in judged] == [contract for _, contract in judged]


def test_the_question_is_asked_often_enough_for_clocks_that_differ() -> None:
    """Half of the time a contract takes to count is left for that."""
    said = Said()
    seen = watch(said)
    seen.renewed(of("pos"))
    said.say("pos", "block")
    said.seconds = SETTLING.total_seconds() / 2
    seen.renewed(of("pos"))
    assert said.asked == 2
