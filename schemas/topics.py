"""The topics: what each carries, under which key, for how long. Created from here, never by a broker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Literal, get_args

Role = Literal["events", "identity", "touched", "changes", "control", "dead_letters", "pulls", "rejects"]
ROLES: tuple[Role, ...] = get_args(Role)

_FOR_EVER = "-1"
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic with its explicit settings; `key`, `value` and `retention` are words for people."""

    name: str
    partitions: int
    key: str
    value: str
    retention: str
    config: Mapping[str, str] = field(default_factory=dict, hash=False)


def _config(retention_ms: str, max_message_bytes: int, **more: str) -> Mapping[str, str]:
    """Say it all: a bundle has at most 512 KiB; a dead letter up to 1 MiB of text, escaped."""
    return MappingProxyType(
        {
            "cleanup.policy": "delete",
            "retention.ms": retention_ms,
            "retention.bytes": "-1",
            "max.message.bytes": str(max_message_bytes),
            **more,
        }
    )


def _milliseconds(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))


_TOPICS: Mapping[Role, Topic] = MappingProxyType(
    {
        "events": Topic(
            name="cdp.events.v1",
            partitions=8,
            key="address of the first identifier by priority: a hint for balance, nothing relies on it",
            value="one event, or NDJSON of up to 100; headers: source, v (version of the event, 1 if absent)",
            retention="for ever: it is the truth, all else is rebuilt from it; timestamps are the broker's",
            config=_config(_FOR_EVER, _MIB, **{"message.timestamp.type": "LogAppendTime"}),
        ),
        "identity": Topic(
            name="cdp.identity.v1",
            partitions=1,
            key="none: one partition, since what is seen together anywhere may join anybody",
            value="JSON: identifiers (addresses) around which to weigh anew who is one person; which to touch",
            retention="7 days: what is older has been weighed",
            config=_config(_milliseconds(timedelta(days=7)), _MIB),
        ),
        "touched": Topic(
            name="cdp.touched.v1",
            partitions=8,
            key="the person's root: its first identifier in the log",
            value="JSON: the roots (addresses) of persons to fold anew",
            retention="7 days: what is older has been computed, or is touched anew by a rebuild",
            config=_config(_milliseconds(timedelta(days=7)), _MIB),
        ),
        "changes": Topic(
            name="cdp.changes.v1",
            partitions=8,
            key="the person, so that one person's changes stay in order",
            value="JSON: one change of a segment or tag (change_id, person_id, kind, key, from, to, at, …)",
            retention="for ever: changes are facts, a rebuild never makes new ones for what was said",
            config=_config(_FOR_EVER, _MIB),
        ),
        "control": Topic(
            name="cdp.control.v1",
            partitions=1,
            key="kind and key of what is said",
            value="JSON: one version of a definition, rules, a key (its hash), a contract, or one order of an operator",
            retention="for ever, not compacted: some as-of asks for every version; one partition, one order",
            config=_config(_FOR_EVER, _MIB, **{"message.timestamp.type": "LogAppendTime"}),
        ),
        "dead_letters": Topic(
            name="cdp.dead-letters.v1",
            partitions=4,
            key="the source",
            value="NDJSON: code, pointer, message, source, the original's place in the log and its bytes",
            retention="for ever: a rejected event is kept, never dropped",
            config=_config(_FOR_EVER, 8 * _MIB, **{"message.timestamp.type": "LogAppendTime"}),
        ),
        "pulls": Topic(
            name="cdp.pulls.v1",
            partitions=1,
            key="platform, source and shop of a pull",
            value="JSON: up to when all that changed there was pulled",
            retention="compacted: the last record of each pull, for ever",
            config=_config(_FOR_EVER, _MIB, **{"cleanup.policy": "compact"}),
        ),
        "rejects": Topic(
            name="cdp.rejects.v1",
            partitions=4,
            key="the source",
            value="JSON: what was refused or set aside of a source's events and why, without the event",
            retention="30 days: for producers to react; the dead letters are kept",
            config=_config(_milliseconds(timedelta(days=30)), _MIB),
        ),
    }
)


def catalogue(prefix: str = "") -> dict[Role, Topic]:
    """Give every topic by its role; a prefix sets a whole platform apart on a shared broker."""
    return {role: replace(topic, name=prefix + topic.name) for role, topic in _TOPICS.items()}
