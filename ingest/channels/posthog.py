"""PostHog's /batch/, which its server libraries use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ingest.channels.channel import Answer, Call, Item, Native, Path, list_under
from ingest.channels.custom import custom_type
from ingest.channels.presented import key_in_body, key_in_head
from ingest.channels.reading import envelope, read_item
from ingest.channels.segment.commerce import commerce, commerce_data
from ingest.channels.segment.identity import ids_of, linked
from ingest.channels.segment.moments import occurred
from ingest.channels.values import Object, blank, first, snake_case, text, without_blanks
from ingest.receipt import Receipt
from schemas.errors import CdpError, Rejected
from schemas.sources import Source

_BATCH = list_under("batch")


class PostHog:
    """Captured events, in batches."""

    name = "posthog"
    browsers = True
    paths: Sequence[Path] = (
        Path(
            "POST",
            "/batch/",
            "batch",
            'Take a batch of a PostHog library: {"api_key": KEY, "batch": […]}.',
            body=_BATCH,
        ),
        Path("POST", "/batch", "batch"),
    )
    pointers: Sequence[tuple[str, str]] = (
        ("/data/lines", "/properties/products"),
        ("/data", "/properties"),
        ("/ids", "/distinct_id"),
        ("/occurred_at", "/timestamp"),
        ("/event_id", "/uuid"),
        ("/type", "/event"),
    )
    answers: Mapping[int | str, dict[str, Any]] = {
        200: {
            "description": "Kafka has acknowledged all of it; events that cannot be read are dead letters.",
            "content": {"application/json": {"schema": {"type": "object", "properties": {"status": {"const": 1}}}}},
        }
    }

    def key(self, call: Call) -> bytes:
        """`api_key` in the body, or as any other client."""
        return key_in_head(call) or key_in_body(call, "api_key")

    def translate(self, call: Call, source: Source) -> Iterator[Item]:  # noqa: ARG002 -- all sources speak alike
        """One item a captured event."""
        read = envelope(call.body, "batch")
        sent_at = read.text("sentAt") or read.text("sent_at")
        return (_item(raw, call, sent_at) for raw in read.items)

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:  # noqa: ARG002 -- always the same
        """As PostHog does."""
        return Answer(200, b'{"status": 1}') if isinstance(outcome, Receipt) else None


def _item(raw: bytes, call: Call, sent_at: object) -> Item:
    try:
        return Item(raw, list(_meaning(read_item(raw), call, sent_at)))
    except Rejected as why:
        return Item(raw, why)


def _meaning(event: Object, call: Call, sent_at: object) -> Iterable[Native]:
    """The event, and what it tells of the person beside (`$set`). Raises Rejected."""
    name, properties = event.get("event"), event.get("properties") or {}
    if not isinstance(name, str) or blank(name):
        raise Rejected("missing_field", "/event", "event is missing: it says what happened.")
    if not isinstance(properties, dict):
        raise Rejected("invalid_type", "/properties", "properties should be an object.")
    at = occurred(event, sent_at, call.received_at)
    event_id = text(first(event, "uuid", "messageId")) or call.new_id()
    traits = _traits(event, properties)
    shared = {
        "occurred_at": at.at,
        **({"time_derived": True} if at.derived else {}),
        "ids": _ids(name, event, properties, traits),
    }
    kind, data = _said(name, properties, traits, event_id)
    yield {"event_id": event_id, "type": kind, **shared, "data": data, "context": {"event": name}}
    if traits and kind not in {"customer.identified", "customer.linked"}:
        yield {"event_id": f"{event_id}:set", "type": "customer.identified", **shared, "data": {"traits": traits}}


def _said(name: str, properties: Object, traits: Object, event_id: str) -> tuple[str, Object]:
    """Native type and data."""
    if name in {"$identify", "$set"}:
        return "customer.identified", {"traits": traits}
    if name == "$create_alias":
        return "customer.linked", {}
    if name == "$pageview":
        return "page.viewed", _renamed(properties, "$current_url", "url")
    if name == "$screen":
        return "screen.viewed", _renamed(properties, "$screen_name", "name")
    known = commerce(snake_case(name))
    if known:
        return known.type, commerce_data(known, properties, event_id)
    return custom_type(name, "/event"), properties


def _renamed(properties: Object, theirs: str, ours: str) -> Object:
    value = text(properties.get(theirs))
    return without_blanks({ours: value, **properties}, (ours,))


def _traits(event: Object, properties: Object) -> Object:
    """What is set on the person, in the event or in its properties; `$set` wins over `$set_once`."""
    said = [where.get(name) for name in ("$set_once", "$set") for where in (event, properties)]
    return {name: value for each in said if isinstance(each, dict) for name, value in each.items()}


def _ids(name: str, event: Object, properties: Object, traits: Object) -> Mapping[str, object]:
    """A distinct_id is a user's, unless the library says that it is only a device's."""
    distinct = first(event, "distinct_id") or first(properties, "distinct_id")
    if name == "$create_alias":
        return linked({"userId": distinct, "previousId": properties.get("alias")})
    if name == "$identify":
        return ids_of({"userId": distinct, "anonymousId": properties.get("$anon_distinct_id")}, traits, {})
    anonymous = properties.get("$is_identified") is False or distinct == properties.get("$device_id")
    return ids_of({"anonymousId" if anonymous else "userId": distinct}, traits, {})
