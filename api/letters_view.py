"""Dead letters, their groups, replays and the breaker as the API shows them. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from api.figures import time
from api.letter_orders import Purged
from api.mending import Failing
from api.parameters import write_cursor
from api.provenance import parts
from api.replaying import Asked, Outcome
from projections.controls import Said
from projections.database import Row
from schemas.positions import encode
from schemas.times import format_time


def dead_letter(row: Row) -> dict[str, Any]:
    """One dead event; the bytes as text, or as base64 where they are not UTF-8."""
    return {
        "letter_id": row["letter_id"],
        "event_id": row["event_id"] or None,
        "code": row["code"],
        "pointer": row["pointer"],
        "message": row["message"],
        "fingerprint": row["fingerprint"],
        "source": row["source"] or None,
        "origin": row["origin"],
        "topic": row["topic"] or None,
        "partition": row["log_partition"],
        "offset": row["log_offset"],
        "index": row["log_index"],
        "received_at": format_time(row["received_at"]),
        "repaired": repair(row["repair"]) if row["repair"] else None,
        **({"format": row["format"]} if row.get("format") else {}),
        **readable(row["original"]),
        **({"truncated": True} if row["truncated"] else {}),
    }


def repair(row: Row) -> dict[str, Any]:
    """As what a letter was replayed, and where that lies in the log."""
    return {
        "replay_id": row["replay_id"] or None,
        "at": format_time(row["received_at"]),
        "source": row["source"],
        "event_id": row["event_id"] or None,
        "partition": row["log_partition"],
        "offset": row["log_offset"],
        "index": row["log_index"],
    }


def readable(original: bytes) -> dict[str, str]:
    """Bytes as JSON has them."""
    try:
        return {"original": original.decode()}
    except UnicodeDecodeError:
        return {"original": b64encode(original).decode(), "encoding": "base64"}


def group(row: Row) -> dict[str, Any]:
    """Letters with the same thing wrong."""
    return {
        "code": row["code"],
        "source": row["source"] or None,
        "fingerprint": row["fingerprint"],
        "pointer": row["pointer"],
        "message": row["message"],
        "count": row["letters"],
        "open": row["open"],
        "first_seen": format_time(row["first_seen"]),
        "last_seen": format_time(row["last_seen"]),
        "samples": [_sample(each) for each in row["samples"]],
    }


def _sample(stored: Any) -> dict[str, Any]:
    _, letter_id, event_id = parts(stored)
    return {"letter_id": letter_id, "event_id": event_id or None}


def replayed(asked: Asked, found: Outcome) -> dict[str, Any]:
    """What became of a replay."""
    kinds = [{"code": code, "pointer": pointer, "count": n} for (code, pointer), n in found.kinds.most_common(100)]
    return {
        "replay_id": found.replay_id or None,
        "dry_run": asked.dry_run,
        "matched": found.matched,
        "passing": found.passing,
        "replayed": 0 if asked.dry_run else found.passing,
        "failed": found.failed,
        "failing": [failing(each) for each in found.failing],
        "failing_kinds": kinds,
        "position": None if asked.dry_run else encode(found.position),
        "next_cursor": write_cursor(found.last) if found.last else None,
    }


def failing(each: Failing) -> dict[str, Any]:
    """A letter that would be refused again."""
    return {
        "letter_id": each.letter_id,
        "source": each.source or None,
        "event_id": each.event_id,
        "code": each.code,
        "pointer": each.pointer,
        "message": each.message,
    }


def purged(found: Purged, *, dry_run: bool) -> dict[str, Any]:
    """What a purge takes away."""
    return {
        "dry_run": dry_run,
        "before": format_time(found.before),
        "matched": found.letters,
        "purged": found.letters if found.position else 0,
        "position": encode(found.position) if found.position else None,
    }


def order(said: Said) -> dict[str, Any]:
    """What an operator ordered: who, when, and what came of it."""
    kind = "resume" if said.control.kind == "breaker" else said.control.kind
    return {
        "order_id": said.control.key or str(said.version),
        "kind": kind,
        "by": said.control.author,
        "at": format_time(said.received_at),
        **said.control.value,
    }


def breaker(holds: Sequence[Row]) -> dict[str, Any]:
    """Whether the recorder is held, where and why."""
    since = min((each["since"] for each in holds), default=None)
    return {"state": "open" if holds else "closed", "since": time(since), "holds": [_hold(each) for each in holds]}


def _hold(row: Row) -> dict[str, Any]:
    return {
        "partition": row["log_partition"],
        "offset": row["log_offset"],
        "received_at": format_time(row["received_at"]),
        "since": format_time(row["since"]),
        "reason": row["reason"],
        "events": row["events"],
        "refused": row["refused"],
        "codes": dict(row["codes"]),
    }
