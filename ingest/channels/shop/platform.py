"""What a shop platform is, for the channel that takes its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.channels.channel import Call, Native
from ingest.channels.values import Object
from schemas.sources import Source


@dataclass(frozen=True, slots=True)
class Account:
    """One shop: the source it is, and what proves that a request is its own."""

    source: Source
    secrets: tuple[bytes, ...]
    """Any of them may have signed."""
    client_id: bytes = b""


class ShopPlatform(Protocol):
    """A platform's webhooks: how they are signed, and what they mean. Pure."""

    @property
    def name(self) -> str:
        """Its place in the address, and what its dead letters are called."""

    @property
    def pointers(self) -> Sequence[tuple[str, str]]:
        """Where, in a message, things of the native event come from."""

    @property
    def answer(self) -> bytes:
        """The JSON it waits for."""

    def genuine(self, call: Call, account: Account) -> bool:
        """Whether the body was signed with one of the account's secrets."""

    def greets(self, call: Call) -> bool:
        """Whether this is but a try, unsigned, whether somebody is there."""

    def meaning(self, message: Object, call: Call, source: Source) -> Sequence[Native]:
        """The native events of a genuine message. Raises Rejected."""
