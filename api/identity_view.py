"""Identity as the API shows it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.dossier import identifier
from projections.database import Row
from projections.identity.explaining import Edge, Explained
from schemas.identifiers import Identifier, by_priority
from schemas.identity import REFUSALS, Refusal
from schemas.times import format_time

Read = Callable[[str], Identifier]


def graph(found: Explained, person_id: str, read: Read) -> dict[str, Any]:
    """The graph around a person."""
    return {
        "person_id": person_id,
        "identifiers": [identifier(each) for each in by_priority(map(read, found.members))],
        "edges": [_edge(each) for each in found.edges],
        "former": [
            {"person_id": person, "address": address, "since": format_time(since)}
            for address, person, since in found.former
        ],
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "addresses": list(edge.pair),
        "kind": edge.kind,
        "joined": edge.rule is None,
        **_rule(edge.rule),
        "times": edge.times,
        "events": [
            {
                "event_id": event_id,
                "source": source,
                "occurred_at": format_time(occurred_at),
                "received_at": format_time(received_at),
            }
            for occurred_at, event_id, source, received_at in edge.events
        ],
    }


def _rule(rule: Refusal | None) -> dict[str, str | None]:
    return {"rule": rule, "because": REFUSALS[rule] if rule else None}


def refusal(row: Row) -> dict[str, Any]:
    """One refused pair."""
    return {
        "addresses": [row["node"], row["other"]],
        **_rule(row["rule"]),
        "event_id": row["event_id"],
        "source": row["source"],
        "occurred_at": format_time(row["occurred_at"]),
    }


def shared(row: Row) -> dict[str, Any]:
    """One value that too many people were seen with."""
    return {
        "address": row["node"],
        "identifiers_apart": row["apart"],
        "first_at": format_time(row["first_at"]),
        "last_at": format_time(row["last_at"]),
    }
