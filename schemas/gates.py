"""Doors that ask for more than the door does: what a write key may send, what a source's contract promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.contracts.judging import CODES, refuse, violations
from schemas.contracts.model import Contract, Mode
from schemas.errors import Rejected
from schemas.event import Event, record_key
from schemas.event_types import matches_any
from schemas.sources import Source
from schemas.upcast import CURRENT_VERSION

ContractAt = Callable[[str, datetime], Contract | None]
"""The contract of a source that counts for events received at a moment."""
REFUSING: frozenset[Mode] = frozenset(CODES)


class Gate(Protocol):
    """Bytes in, an admitted event or one rejection out; `schemas.door.Door` is one."""

    def admit(self, raw: bytes, source: Source, now: datetime, version: int = CURRENT_VERSION) -> Event:
        """Read one event. Raises nothing but Rejected."""

    def address(self, raw: bytes, source: Source, now: datetime) -> str:
        """Judge one event, and give the key of its record. Raises nothing but Rejected."""


@dataclass(frozen=True, slots=True)
class ContractGate:
    """A gate that refuses what breaks its source's contract, too, as far as the contract says one of these `modes`."""

    inner: Gate
    contract_at: ContractAt
    modes: frozenset[Mode] = REFUSING

    def admit(self, raw: bytes, source: Source, now: datetime, version: int = CURRENT_VERSION) -> Event:
        """Read one event. Raises nothing but Rejected."""
        event = self.inner.admit(raw, source, now, version)
        contract = self.contract_at(source.name, now)
        if contract is not None:
            refuse(violations(contract, event), event.event_id, self.modes)
        return event

    def address(self, raw: bytes, source: Source, now: datetime) -> str:
        """Judge one event, and give the key of its record. Raises nothing but Rejected."""
        if self.contract_at(source.name, now) is None:
            return self.inner.address(raw, source, now)
        return record_key(self.admit(raw, source, now))


@dataclass(frozen=True, slots=True)
class TypesGate:
    """A gate for events of some types only."""

    inner: Gate
    types: Sequence[str]

    def admit(self, raw: bytes, source: Source, now: datetime, version: int = CURRENT_VERSION) -> Event:
        """Read one event. Raises nothing but Rejected."""
        event = self.inner.admit(raw, source, now, version)
        if not matches_any(self.types, event.type):
            raise Rejected(
                "type_not_allowed", "/type", "This write key may not send events of this type.", event.event_id
            )
        return event

    def address(self, raw: bytes, source: Source, now: datetime) -> str:
        """Judge one event, and give the key of its record. Raises nothing but Rejected."""
        return record_key(self.admit(raw, source, now))
