"""Contracts: what they may say, and what an event that breaks one is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jsonschema
import orjson
import pytest
from pydantic import ValidationError

from schemas.contracts.judging import refuse, violations
from schemas.contracts.model import Contract, contract_schema
from schemas.door import Door
from schemas.errors import Rejected
from schemas.event import Event
from schemas.gates import ContractGate, TypesGate
from schemas.sources import Source

NOW = datetime(2026, 11, 22, tzinfo=UTC)
POS = Source("pos")
DOOR = Door("CN")
ORDER = {
    "event_id": "o1",
    "type": "order.completed",
    "occurred_at": "2026-11-21T08:00:00+08:00",
    "ids": {"phone": "13800138111"},
    "channel": "pos",
    "data": {"order_id": "1", "total": 12.5, "method": "cash", "lines": [{"sku": "a", "quantity": 1, "amount": 1}]},
}


def raw(**more: Any) -> bytes:
    return orjson.dumps({**ORDER, **more})


def admitted(**more: Any) -> Event:
    return DOOR.admit(raw(**more), POS, NOW)


def contract(**said: Any) -> Contract:
    return Contract.model_validate({"source": "pos", **said})


def found(said: Contract, event: Event) -> list[tuple[str, str]]:
    return [(each.mode, each.pointer) for each in violations(said, event)]


def ruled(**rule: Any) -> Contract:
    return contract(events={"order.*": rule})


@pytest.mark.parametrize(
    ("rule", "pointers"),
    [
        ({"required": ["data.total", "channel", "ids.phone", "data.lines.sku"]}, []),
        ({"required": ["store"]}, ["/store"]),
        ({"required": ["ids.member_id"]}, ["/ids/member_id"]),
        ({"required": ["data.lines.category"]}, ["/data/lines/0/category"]),
        ({"required": ["context.campaign"]}, ["/context/campaign"]),
        ({"fields": {"data.total": {"type": "decimal"}, "data.lines": {"type": "list"}}}, []),
        ({"fields": {"data.total": {"type": "integer"}}}, ["/data/total"]),
        ({"fields": {"data.method": {"enum": ["cash", "card"]}}}, []),
        ({"fields": {"data.method": {"enum": ["card", 1]}}}, ["/data/method"]),
        ({"fields": {"data.lines.quantity": {"enum": [True]}}}, ["/data/lines/0/quantity"]),
        ({"fields": {"data.absent": {"type": "string"}}}, []),
    ],
)
def test_a_rule_names_each_field_that_breaks_it(rule: dict[str, Any], pointers: list[str]) -> None:
    """Fields that are not there break only what is required; of lists each element is looked at."""
    assert [pointer for _, pointer in found(ruled(**rule), admitted())] == pointers


def test_a_type_that_is_not_listed_breaks_the_contract() -> None:
    """A family stands for its types."""
    assert found(contract(types=["order.*"]), admitted()) == []
    assert found(contract(types=["order.paid", "custom.*"]), admitted()) == [("quarantine", "/type")]


def test_what_blocks_decides_before_what_is_only_counted() -> None:
    """Whatever the order in which the contract says it."""
    said = contract(
        mode="count",
        types=["custom.quiz"],
        events={"order.completed": {"required": ["store"], "mode": "block"}, "order.*": {"required": ["batch"]}},
    )
    event = admitted()
    assert found(said, event) == [("count", "/type"), ("block", "/store"), ("count", "/batch")]
    with pytest.raises(Rejected) as refused:
        refuse(violations(said, event), event.event_id)
    assert (refused.value.code, refused.value.pointer) == ("contract_violation", "/store")


def test_a_refusal_repeats_no_value() -> None:
    """Messages go to logs of producers and to a topic: what the customer is does not."""
    secret = "13912345678"
    event = admitted(data={**ORDER["data"], "method": secret}, channel=secret)  # type: ignore[dict-item]
    said = ruled(fields={"data.method": {"enum": ["card"]}, "channel": {"enum": ["app"]}}, required=["store"])
    assert len(found(said, event)) == 3
    assert not [each for each in violations(said, event) if secret in each.message or secret in each.pointer]


@pytest.mark.parametrize(
    ("mode", "code"), [("block", "contract_violation"), ("quarantine", "contract_quarantine"), ("count", None)]
)
def test_a_gate_refuses_by_the_contract_of_the_time(mode: str, code: str | None) -> None:
    """Before the contract counts the same event passes; what is only counted passes always."""
    said = contract(mode=mode, types=["custom.*"])
    gate = ContractGate(DOOR, lambda name, at: said if name == "pos" and at == NOW else None)
    assert gate.admit(raw(), POS, datetime(2026, 11, 23, tzinfo=UTC)).event_id == "o1"
    if code is None:
        assert gate.admit(raw(), POS, NOW).event_id == "o1"
        return
    with pytest.raises(Rejected) as refused:
        gate.admit(raw(), POS, NOW)
    assert (refused.value.code, refused.value.pointer, refused.value.event_id) == (code, "/type", "o1")


def test_a_key_for_some_types_takes_no_other() -> None:
    """With the event's id, so that its channel finds it."""
    assert TypesGate(DOOR, ["order.*"]).admit(raw(), POS, NOW).type == "order.completed"
    with pytest.raises(Rejected) as refused:
        TypesGate(DOOR, ["page.viewed"]).admit(raw(), POS, NOW)
    assert (refused.value.code, refused.value.event_id) == ("type_not_allowed", "o1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "drop"},
        {"types": ["order"]},
        {"types": ["orders.*"]},
        {"events": {"order.completed": {"required": ["total"]}}},
        {"events": {"order.completed": {"required": ["ids.passport"]}}},
        {"events": {"nope": {}}},
        {"expected": {"least": 5, "most": 3}},
        {"silence_after": "soon"},
        {"silence_after": "0s"},
        {"unknown": 1},
    ],
)
def test_a_contract_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    """Rather than hold of nothing."""
    with pytest.raises(ValidationError):
        contract(**wrong)


def test_a_contract_reads_back_as_it_was_written() -> None:
    """Through the control topic it stays the same; the published schema takes it."""
    said = contract(
        description="tills", mode="block", types=["order.*"], silence_after="90m",
        events={"order.completed": {"required": ["store"], "fields": {"data.method": {"enum": ["cash", 1, True]}}}},
        expected={"least": 3, "within": "2h"},
    )  # fmt: skip
    again = orjson.loads(orjson.dumps(said.written()))
    assert Contract.model_validate(again) == said
    jsonschema.Draft202012Validator(contract_schema()).validate(again)
