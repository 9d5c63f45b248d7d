"""A message of the Segment specification, which RudderStack shares, as native events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

from ingest.channels.channel import Native
from ingest.channels.custom import custom_type
from ingest.channels.segment.commerce import commerce, commerce_data
from ingest.channels.segment.consent import purposes
from ingest.channels.segment.identity import Ids, ids_of, linked
from ingest.channels.segment.moments import occurred
from ingest.channels.values import Json, Object, blank, merged, snake_case, text, without_blanks
from schemas.errors import Rejected

_LONGEST_ID = 200
_OF_LIBRARY: Mapping[str, str] = MappingProxyType(
    {
        "analytics.js": "web",
        "analytics-ios": "app",
        "analytics-android": "app",
        "analytics-swift": "app",
        "analytics-kotlin": "app",
        "analytics-react-native": "app",
        "analytics-flutter": "app",
    }
)


@dataclass(frozen=True, slots=True)
class Sending:
    """What is said about a message from outside of it."""

    received_at: datetime
    new_id: Callable[[], str]
    context: Object
    """Of the envelope: what its messages share."""
    sent_at: Json = None
    """Of the envelope."""


class Said(NamedTuple):
    """A message, its parts read."""

    message: Object
    id: str
    properties: Object
    traits: Object
    """The customer's."""
    context: Object


class Meant(NamedTuple):
    """What a message means, but for who, when and how."""

    type: str
    data: Object
    ids: Ids | None = None
    """Only where they are not the message's usual ones."""


def meaning(message: Object, verb: Json, sending: Sending) -> Sequence[Native]:
    """The native events of a message: one, and one for each purpose its consent speaks of. Raises Rejected."""
    meant_by = _MEANT.get(verb) if isinstance(verb, str) else None
    if meant_by is None:
        code, what = ("missing_field", "is missing") if blank(verb) else ("unknown_type", "is not known")
        raise Rejected(code, "/type", f"type {what}: it should be {', '.join(_MEANT)}.")
    said = _read(message, verb, sending)
    meant = meant_by(said)
    at = occurred(message, sending.sent_at, sending.received_at)
    shared = {
        "occurred_at": at.at,
        **({"time_derived": True} if at.derived else {}),
        "ids": ids_of(message, said.traits, said.context) if meant.ids is None else meant.ids,
        **_channel(said),
    }
    event = {"event_id": said.id, "type": meant.type, **shared, "data": meant.data, "context": _kept(said)}
    return [event, *_consents(said, shared)]


def _read(message: Object, verb: str, sending: Sending) -> Said:
    """Every part that should be an object is one. Of a group, traits are not the customer's."""
    context = merged(sending.context, _object(message, "context"))
    own = {} if verb == "group" else _object(message, "traits")
    traits = merged(_object(context, "traits", "/context"), own)
    given = text(message.get("messageId"))
    return Said(message, sending.new_id() if blank(given) else given, _object(message, "properties"), traits, context)


def _object(parent: Object, name: str, within: str = "") -> Object:
    value = parent.get(name)
    if value is not None and not isinstance(value, dict):
        raise Rejected("invalid_type", f"{within}/{name}", f"{name} should be an object.")
    return value or {}


def _identified(said: Said) -> Meant:
    return Meant("customer.identified", {"traits": said.traits})


def _tracked(said: Said) -> Meant:
    name = said.message.get("event")
    if blank(name):
        raise Rejected("missing_field", "/event", "event is missing: a track says what happened.")
    if not isinstance(name, str):
        raise Rejected("invalid_type", "/event", "event should be a string.")
    known = commerce(snake_case(name))
    if known:
        return Meant(known.type, commerce_data(known, said.properties, said.id))
    return Meant(custom_type(name, "/event"), said.properties)


def _viewed(said: Said) -> Meant:
    """A page; where it is stands in its properties, else in context.page."""
    page = said.context.get("page")
    where = page.get("url") if isinstance(page, dict) else None
    return Meant("page.viewed", {**({} if blank(where) else {"url": text(where)}), **_place(said)})


def _screen(said: Said) -> Meant:
    return Meant("screen.viewed", _place(said))


def _place(said: Said) -> Object:
    """Properties, and the name and category that older clients send beside them."""
    named = {name: said.message.get(name) for name in ("name", "category")}
    tidy = without_blanks({**without_blanks(named, named), **said.properties}, ("url", "query", "coupon"))
    return {name: text(value) if name in {"url", "query", "coupon"} else value for name, value in tidy.items()}


def _grouped(said: Said) -> Meant:
    group = text(said.message.get("groupId"))
    if blank(group):
        raise Rejected("missing_field", "/groupId", "groupId is missing: it says which group was joined.")
    return Meant("group.joined", {"group_id": group, "traits": _object(said.message, "traits")})


def _aliased(said: Said) -> Meant:
    return Meant("customer.linked", {}, linked(said.message))


def _channel(said: Said) -> Object:
    """RudderStack's clients say web, mobile or server; of Segment's the library does."""
    library = said.context.get("library")
    by_library = _OF_LIBRARY.get(str(library.get("name"))) if isinstance(library, dict) else None
    for channel in (said.message.get("channel"), said.context.get("channel"), by_library):
        if isinstance(channel, str) and channel.strip():
            return {"channel": channel}
    return {}


def _kept(said: Said) -> Object:
    """The context, with what else of the message has no other place; the name of a campaign is the native one."""
    kept = {name: said.message[name] for name in ("event", "sentAt", "originalTimestamp") if said.message.get(name)}
    campaign = said.context.get("campaign")
    if isinstance(campaign, dict):
        kept |= {"utm": campaign, "campaign": campaign.get("name")}
    return {**said.context, **kept}


def _consents(said: Said, shared: Object) -> Iterator[Native]:
    """One event a purpose, known by the message and the purpose; nobody's consent is none."""
    for purpose, granted in purposes(said.context) if shared["ids"] else ():
        event_id = f"{said.id}:consent:{purpose}"
        if len(event_id) > _LONGEST_ID:
            event_id = blake2b(event_id.encode(), digest_size=16).hexdigest()
        data = {"purpose": purpose, "granted": granted}
        yield {"event_id": event_id, "type": "consent.changed", **shared, "data": data}


_MEANT: Mapping[str, Callable[[Said], Meant]] = MappingProxyType(
    {
        "identify": _identified,
        "track": _tracked,
        "page": _viewed,
        "screen": _screen,
        "group": _grouped,
        "alias": _aliased,
    }
)
