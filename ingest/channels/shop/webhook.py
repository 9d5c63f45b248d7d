"""A shop platform's webhooks as a channel: each source has an address, and requests are known by their signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.channels.channel import Answer, Call, Item, Path
from ingest.channels.reading import one_value
from ingest.channels.shop.platform import Account, ShopPlatform
from ingest.channels.values import Object
from ingest.receipt import Receipt
from schemas.decoding import decode_event, is_deeper_than
from schemas.door import MAX_DEPTH
from schemas.errors import CdpError, Rejected, RequestError
from schemas.sources import SOURCE_PATTERN, Source

_REFUSED = "The signature is not this source's: see that the address names the source whose secret the platform has."
_SOURCE = {"name": "source", "in": "path", "required": True, "schema": {"type": "string", "pattern": SOURCE_PATTERN}}


@dataclass(frozen=True, slots=True)
class Webhook:
    """One platform, and the shops on it by their source."""

    platform: ShopPlatform
    accounts: Mapping[str, Account]

    browsers = False

    @property
    def name(self) -> str:
        """The platform's."""
        return self.platform.name

    @property
    def paths(self) -> Sequence[Path]:
        """One for all topics: the platform's headers or its message say which it is."""
        summary = f"Take a webhook of {self.name}; its signature is the key."
        address = f"/v1/webhooks/{self.name}/{{source}}"
        return (Path("POST", address, self.name, summary, parameters=(_SOURCE,)),)

    @property
    def pointers(self) -> Sequence[tuple[str, str]]:
        """The platform's."""
        return self.platform.pointers

    @property
    def answers(self) -> Mapping[int | str, dict[str, Any]]:
        """Success, as the platform waits for it."""
        said = "Kafka has acknowledged it; a message that cannot be translated is a dead letter."
        return {200: {"description": said, "content": {"application/json": {"schema": {"type": "object"}}}}}

    def key(self, call: Call) -> Source:
        """The source the address names. A stranger learns nothing of which there are: the answer is the same."""
        return self._account(call).source

    def translate(self, call: Call, source: Source) -> Iterable[Item]:
        """One item: the whole body. Raises RequestError where nobody who knows the secret has sent it."""
        if self.platform.greets(call):
            return []
        if not self.platform.genuine(call, self._account(call)):
            raise RequestError("unauthorized", _REFUSED)
        return [self._item(call, source)]

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:  # noqa: ARG002 -- always the same
        """The same for what became a dead letter: sending it again would not help."""
        return Answer(200, self.platform.answer) if isinstance(outcome, Receipt) else None

    def _account(self, call: Call) -> Account:
        account = self.accounts.get(call.path.get("source", ""))
        if account is None:
            raise RequestError("unauthorized", _REFUSED)
        return account

    def _item(self, call: Call, source: Source) -> Item:
        try:
            return Item(call.body, self.platform.meaning(read_message(call.body), call, source))
        except Rejected as why:
            return Item(call.body, why)


def read_message(body: bytes) -> Object:
    """Decode a message, which may be larger than the events it means. Raises Rejected."""
    try:
        raw = one_value(body)
    except RequestError as why:
        raise Rejected("unreadable", "", why.message) from None
    message = decode_event(raw)
    if is_deeper_than(MAX_DEPTH, message, raw):
        raise Rejected("too_deep", "", f"It is nested deeper than {MAX_DEPTH} levels.")
    return message
