"""Sources as answers show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from api.source_desk import SettledKey
from projections import source_quality
from projections.database import Database, Row
from schemas.contracts.model import Contract
from schemas.positions import Position, encode
from schemas.source_register import ContractVersion, SourceKey, SourceRegister
from schemas.times import format_time
from schemas.write_keys import Minted

_CODES_OF_CONTRACTS = ("contract_violation", "contract_quarantine")
_MOST_NEW = 200


def scorecards(
    database: Database, register: SourceRegister, names: Sequence[str], now: datetime, hours: int
) -> list[dict[str, Any]]:
    """Some sources with their figures of some hours."""
    since = now - timedelta(hours=hours)
    contracts = {name: register.contract_at(name, now) for name in names}
    spans = {n: now - c.expected.within for n, c in contracts.items() if c and c.expected}
    facts, letters = source_quality.facts(database, since), source_quality.letters(database, since)
    last, recent = source_quality.last_received(database), source_quality.recent(database, spans)
    counts = {
        "newly_seen": source_quality.newly_seen(database, since),
        "duplicates": source_quality.duplicates(database, since),
        "contract_counted": source_quality.counted(database, since),
        "personal_data_in_text": source_quality.with_personal_data(database, since),
    }
    return [
        {
            "source": name,
            **_volume(facts.get(name), letters.get(name, ())),
            **{figure: found.get(name, 0) for figure, found in counts.items()},
            **_silence(contracts[name], _latest(last.get(name), facts.get(name)), now),
            "expected": _expected(contracts[name], recent.get(name, 0)),
            "write_keys": sum(each.said.is_usable(now) for each in register.write_keys(name)),
        }
        for name in contracts
    ]


def details(database: Database, register: SourceRegister, source: str, now: datetime, hours: int) -> dict[str, Any]:
    """One source: beside its scorecard its types with their fields, what is new, what is refused and what is broken."""
    since = now - timedelta(hours=hours)
    [card] = scorecards(database, register, [source], now, hours)
    firsts = source_quality.first_seen(database, source)
    said = register.contract_at(source, now)
    return {
        **card,
        "types": _types(source_quality.fields(database, source, since), firsts),
        "new": [_new(place, at) for place, at in firsts.items() if at >= since][:_MOST_NEW],
        "refused_by_code": {
            row["code"]: row["letters"] for row in source_quality.letters(database, since).get(source, ())
        },
        "broken": source_quality.broken(database, source, since),
        "contract": said.written() if said else None,
    }


def _volume(facts: Row | None, letters: Sequence[Row]) -> dict[str, Any]:
    taken = facts["events"] if facts else 0
    refused = {row["code"]: row["letters"] for row in letters}
    sent = taken + sum(refused.values())
    late = facts["late"] if facts else None
    return {
        "events": taken,
        "refused": sum(refused.values()),
        "pass_rate": round(taken / sent, 4) if sent else None,
        "late_seconds": {"median": round(late[0], 3), "p95": round(late[1], 3)} if late else None,
        "conflicts": refused.get("id_conflict", 0),
        "unknown_identifiers": sum(row["unknown_identifiers"] for row in letters),
        "without_customer": facts["without_customer"] if facts else 0,
        "contract_refused": sum(refused.get(code, 0) for code in _CODES_OF_CONTRACTS),
    }


def _latest(kept: datetime | None, counted: Row | None) -> datetime | None:
    """What is counted is exact; what is kept reaches further back."""
    times = [at for at in (kept, counted and counted["last"]) if at]
    return max(times, default=None)


def _silence(contract: Contract | None, last: datetime | None, now: datetime) -> dict[str, Any]:
    """`silent` is null where nothing says after how long."""
    quiet = (now - last).total_seconds() if last else None
    after = contract.silence_after.total_seconds() if contract and contract.silence_after else None
    return {
        "last_received_at": format_time(last) if last else None,
        "quiet_seconds": max(0.0, round(quiet, 3)) if quiet is not None else None,
        "silent": None if after is None else quiet is None or quiet > after,
    }


def _expected(contract: Contract | None, found: int) -> dict[str, Any] | None:
    """Whether as much came as the contract expects; null where it says nothing."""
    if contract is None or contract.expected is None:
        return None
    said = contract.expected
    few, many = said.least is not None and found < said.least, said.most is not None and found > said.most
    state = "too_few" if few else "too_many" if many else "ok"
    return {**said.model_dump(mode="json"), "events": found, "state": state}


def _types(rows: Sequence[Row], firsts: Mapping[tuple[str, str], datetime]) -> list[dict[str, Any]]:
    totals = {row["type"]: row["events"] for row in rows if not row["field"]}
    return [
        {
            "type": name,
            "events": total,
            "first_seen": _first(firsts, name, ""),
            "fields": [
                {
                    "field": row["field"],
                    "events": row["events"],
                    "coverage": round(min(1.0, row["events"] / total), 4),
                    "first_seen": _first(firsts, name, row["field"]),
                }
                for row in rows
                if row["type"] == name and row["field"]
            ],
        }
        for name, total in totals.items()
    ]


def _first(firsts: Mapping[tuple[str, str], datetime], name: str, field: str) -> str | None:
    at = firsts.get((name, field))
    return format_time(at) if at else None


def _new(place: tuple[str, str], at: datetime) -> dict[str, Any]:
    """A type, or a field of one, that was seen for the first time; `field` null: the type itself."""
    return {"type": place[0], "field": place[1] or None, "first_seen": format_time(at)}


def settled_key(key: SettledKey) -> dict[str, Any]:
    """A key of the settings."""
    return {"key_id": key.key_id, "source": key.source, "state": "active", "from": "settings"}


def key(found: SourceKey, now: datetime) -> dict[str, Any]:
    """A key that operators made; never its text, which nobody has but who uses it."""
    said = found.said
    state = "disabled" if said.disabled else "expired" if not said.is_usable(now) else _living(said.expires_at)
    return {
        "key_id": said.key_id,
        "source": found.source,
        "state": state,
        "from": "operators",
        **said.model_dump(mode="json", include={"label", "rate", "types", "origins"}),
        "created_at": format_time(said.created_at),
        "expires_at": format_time(said.expires_at) if said.expires_at else None,
        "author": found.author,
    }


def _living(expires_at: datetime | None) -> str:
    return "expiring" if expires_at else "active"


def minted(source: str, new: Minted, position: Position) -> dict[str, Any]:
    """A new key: the one time its text is shown."""
    return {"source": source, "key_id": new.version.key_id, "key": new.text, "position": encode(position)}


def contract(found: ContractVersion, versions: Sequence[ContractVersion]) -> dict[str, Any]:
    """A contract as it was said, and which versions there are, the latest first."""
    return {
        **_version(found),
        "contract": found.contract.written() if found.contract else None,
        "versions": [_version(each) for each in reversed(versions[-200:])],
    }


def _version(said: ContractVersion) -> dict[str, Any]:
    return {"version": said.version, "author": said.author, "since": format_time(said.counts_from)}
