"""The HTTP API of Segment and RudderStack, whose client libraries send here unchanged: verbs, batches and the pixel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

from ingest.channels.channel import Answer, Call, Item, Path, list_under
from ingest.channels.presented import key_in_body, key_in_head
from ingest.channels.reading import envelope, from_base64, member_text, one_value, read_item
from ingest.channels.segment.messages import Sending, meaning
from ingest.channels.values import Object
from ingest.receipt import Receipt
from schemas.errors import CdpError, Rejected, RequestError
from schemas.sources import Source

VERBS = ("identify", "track", "page", "screen", "group", "alias")
_LISTS = ("batch", "import")
_SHORT = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
_SUCCESS = b'{"success": true}'
_POINTERS = (
    ("/data/lines", "/properties/products"),
    ("/data/amount", "/properties/total"),
    ("/data/stars", "/properties/rating"),
    ("/data/text", "/properties/review_body"),
    ("/data/traits", "/traits"),
    ("/data", "/properties"),
    ("/ids/user_id", "/userId"),
    ("/ids/anonymous_id", "/anonymousId"),
    ("/ids", "/userId"),
    ("/occurred_at", "/timestamp"),
    ("/event_id", "/messageId"),
    ("/type", "/event"),
    ("/channel", "/channel"),
    ("/context", "/context"),
)


def _one(verb: str) -> Path:
    return Path("POST", f"/v1/{verb}", verb, f"Take one {verb} message of a Segment or RudderStack client.")


def _many(name: str) -> Path:
    summary = 'Take a list of messages of Segment or RudderStack clients: {"batch": […]}.'
    return Path("POST", f"/v1/{name}", name, summary, body=list_under("batch"))


def _short(name: str, verb: str) -> Path:
    return Path("POST", f"/v1/{name}", verb)


class Segment:
    """Messages by verb, and lists of them."""

    name = "segment"
    browsers = True
    pointers: Sequence[tuple[str, str]] = _POINTERS
    answers: Mapping[int | str, dict[str, Any]] = {
        200: {
            "description": "Kafka has acknowledged all of it; messages that cannot be read are dead letters.",
            "content": {"application/json": {"schema": {"type": "object", "properties": {"success": {"const": True}}}}},
        }
    }
    paths: Sequence[Path] = (*map(_one, VERBS), *map(_many, _LISTS), *starmap(_short, _SHORT.items()))

    def key(self, call: Call) -> bytes:
        """Basic user, Bearer, X-Write-Key, or `writeKey` in the body."""
        return key_in_head(call) or key_in_body(call, "writeKey")

    def translate(self, call: Call, source: Source) -> Iterable[Item]:  # noqa: ARG002 -- all sources speak alike
        """One item a message."""
        if call.verb not in _LISTS:
            sending = Sending(call.received_at, call.new_id, {})
            return [translated(one_value(call.body), sending, call.verb)]
        return _batch(call)

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:  # noqa: ARG002 -- always the same
        """Exactly this, and 200: some clients send again after any other 2xx."""
        return Answer(200, _SUCCESS) if isinstance(outcome, Receipt) else None


class Pixel:
    """The same in the address of an image, for places that have no script, such as e-mails."""

    name = "pixel"
    browsers = True
    pointers: Sequence[tuple[str, str]] = _POINTERS
    answers: Mapping[int | str, dict[str, Any]] = {
        200: {"description": "An image of 1×1, whatever was sent.", "content": {"image/gif": {}}},
        429: {"description": "The same image: send again later.", "content": {"image/gif": {}}},
        503: {"description": "The same image: Kafka does not answer; send again later.", "content": {"image/gif": {}}},
    }
    paths: Sequence[Path] = (
        Path(
            "GET",
            "/v1/pixel/{verb}",
            summary="Take one message, as base64 of its JSON; the answer is an image.",
            parameters=(
                {"name": "verb", "in": "path", "required": True, "schema": {"enum": list(VERBS)}},
                {"name": "data", "in": "query", "schema": {"type": "string"}, "description": "base64 or base64url"},
            ),
        ),
    )

    def key(self, call: Call) -> bytes:
        """`writeKey` in the data, or as any other client."""
        return key_in_head(call) or _key_of_data(call)

    def translate(self, call: Call, source: Source) -> Iterable[Item]:  # noqa: ARG002 -- all sources speak alike
        """One item."""
        sending = Sending(call.received_at, call.new_id, {})
        return [
            translated(one_value(from_base64(call.query.get("data", ""))), sending, _SHORT.get(call.verb, call.verb))
        ]

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:  # noqa: ARG002 -- always the same
        """The image; the status says otherwise only where sending again would help."""
        again = isinstance(outcome, CdpError) and outcome.status in {429, 503}
        status = outcome.status if isinstance(outcome, CdpError) and again else 200
        return Answer(
            status, _GIF, "image/gif", {"Cache-Control": "no-store", **({"Retry-After": "1"} if again else {})}
        )


def _key_of_data(call: Call) -> bytes:
    data = from_base64(call.query.get("data", ""))
    try:
        return member_text(data, "writeKey")
    except RequestError:
        return b""


def translated(raw: bytes, sending: Sending, verb: str | None = None) -> Item:
    """One message; without `verb` its own `type` says what it is."""
    message: Object = {}
    try:
        message = read_item(raw)
        return Item(raw, meaning(message, verb or message.get("type"), sending))
    except Rejected as why:
        said = message.get("messageId")
        why.event_id = said[:200] if isinstance(said, str) and said else None
        return Item(raw, why)


def _batch(call: Call) -> Iterator[Item]:
    """The messages of a list; what the list says beside them holds for each."""
    read = envelope(call.body, "batch")
    sending = Sending(call.received_at, call.new_id, read.object("context"), read.text("sentAt"))
    return (translated(raw, sending) for raw in read.items)
