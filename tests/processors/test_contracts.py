"""The recorder holds events against the contract of the time they were received."""

from __future__ import annotations

from typing import Any

from processors.recorder.reading import Read, read
from schemas.control import Control
from schemas.source_register import SETTLING, SourceRegister
from tests.processors.records import DOOR, SOURCES, START, event, record


def register(*said: tuple[int, dict[str, Any]]) -> SourceRegister:
    """Contracts of `pos`, each counting from so many seconds after the beginning."""
    made = SourceRegister(SOURCES)
    for offset, (seconds, value) in enumerate(said):
        control = Control(kind="contract", key=str(value["source"]), value=value)
        made.take(control, offset + 1, START.replace(second=seconds) - SETTLING)
    return made


def contract(mode: str, source: str = "pos") -> dict[str, Any]:
    return {"source": source, "mode": mode, "events": {"custom.quiz": {"required": ["data.score"]}}}


def codes(found: Read) -> list[tuple[int | None, str]]:
    return [(each.offset, each.code) for each in found.set_aside]


def test_each_event_is_judged_by_the_contract_of_its_time() -> None:
    """Whenever it is read: records 0 to 3 are a second apart, and the contract changes at 1 and at 3."""
    said = register((1, contract("quarantine")), (2, contract("block")), (3, contract("count")))
    found = read([record(event(f"e{n}"), n) for n in range(4)], DOOR, SOURCES, said)
    assert codes(found) == [(1, "contract_quarantine"), (2, "contract_violation")]
    assert [each.fact.event.event_id for each in found.candidates] == ["e0", "e3"]
    assert [(fact.event.event_id, broken.pointer) for fact, broken in found.counted] == [("e3", "/data/score")]


def test_what_breaks_a_contract_is_not_the_breakers() -> None:
    """It was readable: one source's broken promise must not hold up all others."""
    found = read([record(event(f"e{n}"), n) for n in range(3)], DOOR, SOURCES, register((0, contract("block"))))
    assert (len(found.set_aside), list(found.letters)) == (3, [])


def test_a_source_that_was_declared_later_is_unknown_before() -> None:
    """A channel that writes to Kafka itself speaks from the moment on at which its source is declared: here from 2."""
    said = register((4, contract("count", "kiosk")))
    found = read([record(event(f"e{n}", score=1), n, headers={"source": b"kiosk"}) for n in range(4)], DOOR, {}, said)
    assert [(each.offset, each.code) for each in found.letters] == [(0, "unknown_source"), (1, "unknown_source")]
    assert [each.fact.event.source for each in found.candidates] == ["kiosk", "kiosk"]
