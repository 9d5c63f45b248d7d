"""What operators have said of sources, folded from the control topic: keys, contracts, and who is declared since when.

The same fold everywhere: at ingest for the keys and contracts of now, in the recorder for those of the time at which
an event was appended, in the API for what is shown. A source is declared by the settings, or by its first key or
contract.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from schemas.contracts.model import Contract
from schemas.control import DELETED, Control, read_control
from schemas.errors import InvalidValue
from schemas.sources import Source
from schemas.write_keys import WriteKeyVersion, read_control_key

ALWAYS = datetime.min.replace(tzinfo=UTC)
KINDS = ("write_key", "contract")
"""What of the control topic is about sources."""
SETTLING = timedelta(seconds=2)
"""How long after it was appended a contract begins to count, by the broker's times.

Whoever asked less than so long ago what was said knows the contract of every event at hand: so what is judged while it
comes in is judged the same when the log is read again, without a question to Kafka for each chunk.
"""
_PREFIXES = tuple(f"{kind}/".encode() for kind in KINDS)


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A key that operators made, as it is now."""

    source: str
    said: WriteKeyVersion
    version: int
    author: str


@dataclass(frozen=True, slots=True)
class ContractVersion:
    """A contract that was said; None: taken away."""

    at: datetime
    version: int
    author: str
    contract: Contract | None

    @property
    def counts_from(self) -> datetime:
        """From when on events are held against it."""
        return self.at + SETTLING


@dataclass(slots=True)
class SourceRegister:
    """Everything said so far. One thread writes; others may read what methods give."""

    settled: Mapping[str, Source]
    """The sources that the settings declare."""
    _declared: dict[str, tuple[Source, datetime]] = field(default_factory=dict)
    _keys: dict[str, SourceKey] = field(default_factory=dict)
    _contracts: dict[str, list[ContractVersion]] = field(default_factory=dict)

    def take(self, control: Control, version: int, at: datetime) -> bool:
        """Take in one version; gives whether it was about a source. Versions come in their order."""
        if control.kind == "write_key":
            self._take_key(control, version, at)
        elif control.kind == "contract":
            said = None if control.value == DELETED else Contract.model_validate(control.value)
            known = ContractVersion(at, version, control.author, said)
            self._contracts.setdefault(control.key, []).append(known)
            self._declare(control.key, at)
        return control.kind in KINDS

    def source_at(self, name: str, at: datetime) -> Source | None:
        """A source if it was declared at a moment."""
        if name in self.settled:
            return self.settled[name]
        source, since = self._declared.get(name, (None, at))
        return source if since <= at else None

    def knows(self, name: str) -> bool:
        """Whether a source is declared by now."""
        return name in self.settled or name in self._declared

    def contract_at(self, name: str, at: datetime) -> Contract | None:
        """The contract that counts for events received at a moment."""
        known = self._contracts.get(name)
        if not known:
            return None
        place = bisect_right(known, at, key=lambda each: each.counts_from)
        return known[place - 1].contract if place else None

    def last_contract(self, name: str) -> Contract | None:
        """The contract that was said last, whether it counts yet or not."""
        known = self._contracts.get(name)
        return known[-1].contract if known else None

    def contracts(self, name: str) -> list[ContractVersion]:
        """Every version of a source's contract, the oldest first."""
        return list(self._contracts.get(name, ()))

    def write_keys(self, source: str | None = None) -> list[SourceKey]:
        """All keys, or those of a source, the oldest first."""
        found = sorted(self._keys.values(), key=lambda each: (each.said.created_at, each.said.digest))
        return [each for each in found if source in (None, each.source)]

    def sources(self) -> dict[str, Source]:
        """Every source that is declared now, by name."""
        return {**{name: source for name, (source, _) in self._declared.items()}, **self.settled}

    def _take_key(self, control: Control, version: int, at: datetime) -> None:
        """What is disabled stays so, an end is never put off, and whose key it is never changes.

        So no old version, nor one that was said at the same time by somebody else, brings a leaked key back.
        """
        source, _ = read_control_key(control.key)
        said = WriteKeyVersion.model_validate(control.value)
        before = self._keys.get(said.digest)
        if before is not None:
            ends = [end for end in (said.expires_at, before.said.expires_at) if end]
            kept = {"disabled": said.disabled or before.said.disabled, "expires_at": min(ends, default=None)}
            said, source = said.model_copy(update=kept), before.source
        self._keys[said.digest] = SourceKey(source, said, version, control.author)
        self._declare(source, at)

    def _declare(self, name: str, at: datetime) -> None:
        if name not in self.settled:
            self._declared.setdefault(name, (Source(name), at))


@dataclass(frozen=True, slots=True)
class Followed:
    """One record of the control topic."""

    offset: int
    appended_at: datetime
    key: bytes | None
    value: bytes


def take_all(register: SourceRegister, records: Iterable[Followed]) -> bool:
    """Take in records; gives whether any was about a source. What cannot be read changes nothing."""
    taken = [register.take(control, version, at) for control, version, at in _read(records)]
    return any(taken)


def _read(records: Iterable[Followed]) -> Iterator[tuple[Control, int, datetime]]:
    for record in records:
        if record.key is None or record.key.startswith(_PREFIXES):
            try:
                yield read_control(record.value), record.offset + 1, record.appended_at
            except InvalidValue:
                continue
